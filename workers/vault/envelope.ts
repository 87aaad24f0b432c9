/**
 * The sealed format: AES-256-GCM with key commitment, bound to its context.
 *
 *   0x01 | 32-byte random salt | 32-byte commitment | ciphertext and 16-byte tag
 *
 *   column key     = HKDF-SHA-256(data key, info = lp("singlet/column/v1", table, column))
 *   message secret = HKDF-SHA-256(column key, salt, info = lp("singlet/message/v1", the context))
 *                  = 32-byte key | 12-byte iv | 32-byte commitment
 *
 * The whole context goes into the key, so a value moved to another place never opens. Every message
 * has a key of its own, so an iv never repeats under one. All failures are one error.
 */
import { base64Url } from "../../kernel/hmac.ts";

type Bytes = Uint8Array<ArrayBuffer>;

/** Chance, as an argument. */
export type Random = (bytes: number) => Bytes;

/** Where a sealed value lives; it opens nowhere else. */
export interface Context {
  readonly environment: string;
  readonly member: string;
  readonly table: string;
  readonly column: string;
  readonly row: string;
  readonly schema: number;
  readonly keyId: string;
}

export class Unopenable extends Error {
  override readonly name = "Unopenable";
}

const version = 1;
const keyBytes = 32;
const ivBytes = 12;
const saltBytes = 32;
const commitmentBytes = 32;
const tagBytes = 16;
const headBytes = 1 + saltBytes + commitmentBytes;

/** How much longer a sealed value is than the value. */
export const sealedOverheadBytes = headBytes + tagBytes;

const utf8 = new TextEncoder();
const noSalt = new Uint8Array(0);

/** Length-prefixed parts (32 bit, big endian): two lists never encode alike. */
export function lengthPrefixed(...parts: readonly string[]): Bytes {
  const encoded = parts.map((part) => utf8.encode(part));
  const out = new Uint8Array(encoded.reduce((n, part) => n + 4 + part.length, 0));
  let at = 0;
  for (const part of encoded) {
    new DataView(out.buffer).setUint32(at, part.length);
    out.set(part, at + 4);
    at += 4 + part.length;
  }
  return out;
}

/** A key that others are derived from; its bytes cannot be read back. */
export const importKey = (raw: Bytes): Promise<CryptoKey> =>
  crypto.subtle.importKey("raw", raw, "HKDF", false, ["deriveBits"]);

export const derive = async (
  key: CryptoKey,
  salt: Bytes,
  info: Bytes,
  bytes: number,
): Promise<Bytes> =>
  new Uint8Array(
    await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, bytes * 8),
  );

const columnKey = async (dataKey: CryptoKey, table: string, column: string): Promise<CryptoKey> =>
  importKey(
    await derive(dataKey, noSalt, lengthPrefixed("singlet/column/v1", table, column), keyBytes),
  );

async function messageSecret(dataKey: CryptoKey, context: Context, salt: Bytes) {
  const { environment, member, table, column, row, schema, keyId } = context;
  const info = lengthPrefixed(
    "singlet/message/v1",
    environment,
    member,
    table,
    column,
    row,
    String(schema),
    keyId,
  );
  const key = await columnKey(dataKey, table, column);
  const secret = await derive(key, salt, info, keyBytes + ivBytes + commitmentBytes);
  return {
    key: await crypto.subtle.importKey("raw", secret.slice(0, keyBytes), "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]),
    iv: secret.slice(keyBytes, keyBytes + ivBytes),
    commitment: secret.slice(keyBytes + ivBytes),
  };
}

export async function seal(
  dataKey: CryptoKey,
  context: Context,
  plaintext: Bytes,
  random: Random,
): Promise<Bytes> {
  const salt = random(saltBytes);
  const { key, iv, commitment } = await messageSecret(dataKey, context, salt);
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plaintext);
  const out = new Uint8Array(headBytes + body.byteLength);
  out[0] = version;
  out.set(salt, 1);
  out.set(commitment, 1 + saltBytes);
  out.set(new Uint8Array(body), headBytes);
  return out;
}

/** Throws `Unopenable`, whatever the reason. The commitment is compared before decrypting. */
export async function open(dataKey: CryptoKey, context: Context, sealed: Bytes): Promise<Bytes> {
  if (sealed.length < sealedOverheadBytes || sealed[0] !== version) throw new Unopenable();
  const salt = sealed.slice(1, 1 + saltBytes);
  const { key, iv, commitment } = await messageSecret(dataKey, context, salt);
  if (!isSame(commitment, sealed.slice(1 + saltBytes, headBytes))) throw new Unopenable();
  try {
    const body = sealed.slice(headBytes);
    return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv }, key, body));
  } catch {
    throw new Unopenable();
  }
}

/** In constant time: both have the commitment's length. */
function isSame(a: Bytes, b: Bytes): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

/**
 * A keyed digest (HMAC-SHA-256) of a value in its row and column: tells that the same value came
 * again, and dies with the data key. The row is in it, so equal values of two rows do not show.
 */
export async function digestOf(
  dataKey: CryptoKey,
  context: Omit<Context, "schema">,
  plaintext: string,
): Promise<string> {
  const { environment, member, table, column, row, keyId } = context;
  const key = await columnKey(dataKey, table, column);
  const secret = await derive(key, noSalt, lengthPrefixed("singlet/digest/v1"), keyBytes);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  const hmac = await crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
  const message = lengthPrefixed(environment, member, row, keyId, plaintext);
  return base64Url(new Uint8Array(await crypto.subtle.sign("HMAC", hmac, message)));
}
