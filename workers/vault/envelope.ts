/**
 * What is sealed is bound to its place: the column key is derived from the data key, the whole
 * context goes into the message's key (chunked.ts), so that a value moved anywhere else never opens.
 *
 *   column key = HKDF-Expand-SHA-512(data key, lp("singlet/column/v2", table, column))
 *   message    = C2SP chunked encryption under the column key, with the context below
 */
import { base64Url } from "../../kernel/hmac.ts";
import {
  type Bytes,
  expand,
  importKey,
  keyBytes,
  openMessage,
  openPart,
  type Random,
  type SealedPart,
  sealMessage,
} from "./chunked.ts";

/** Where a sealed value lives; it opens nowhere else. */
export interface Context {
  readonly environment: string;
  readonly member: string;
  readonly table: string;
  /** The column, or the group of columns that are sealed together. */
  readonly column: string;
  readonly row: string;
  readonly schema: number;
  readonly keyId: string;
}

const utf8 = new TextEncoder();

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

const contextBytes = ({ environment, member, table, column, row, schema, keyId }: Context): Bytes =>
  lengthPrefixed(environment, member, table, column, row, String(schema), keyId);

/** Few for each data key, and gone with it: as long as that one is held, they give nothing more away. */
const columnKeys = new WeakMap<CryptoKey, Map<string, CryptoKey>>();

async function columnKey(dataKey: CryptoKey, { table, column }: Context): Promise<CryptoKey> {
  const derived = columnKeys.get(dataKey) ?? new Map<string, CryptoKey>();
  columnKeys.set(dataKey, derived);
  const name = JSON.stringify([table, column]);
  const known = derived.get(name);
  if (known !== undefined) return known;
  const info = lengthPrefixed("singlet/column/v2", table, column);
  const key = await importKey(await expand(dataKey, info, keyBytes));
  derived.set(name, key);
  return key;
}

export const seal = async (
  dataKey: CryptoKey,
  context: Context,
  plaintext: Bytes,
  random: Random,
): Promise<Bytes> =>
  sealMessage(await columnKey(dataKey, context), contextBytes(context), plaintext, random);

/** Throws `Unopenable`, whatever the reason. */
export const open = async (dataKey: CryptoKey, context: Context, sealed: Bytes): Promise<Bytes> =>
  openMessage(await columnKey(dataKey, context), contextBytes(context), sealed);

/** A part of it without the rest. Throws `Unopenable`, whatever the reason. */
export const openRange = async (
  dataKey: CryptoKey,
  context: Context,
  part: SealedPart,
): Promise<Bytes> => openPart(await columnKey(dataKey, context), contextBytes(context), part);

/**
 * A keyed digest (HMAC-SHA-512, its first half) of a value in its row and column: tells that the
 * same value came again, and dies with the data key. The row is in it, so equal values of two rows
 * do not show.
 */
export async function digestOf(
  dataKey: CryptoKey,
  context: Context,
  plaintext: string,
): Promise<string> {
  const key = await columnKey(dataKey, context);
  const secret = await expand(key, lengthPrefixed("singlet/digest/v2"), keyBytes);
  const hmac = await importKey(secret);
  const { environment, member, row, keyId } = context;
  const message = lengthPrefixed(environment, member, row, keyId, plaintext);
  const digest = new Uint8Array(await crypto.subtle.sign("HMAC", hmac, message));
  return base64Url(digest.slice(0, keyBytes));
}
