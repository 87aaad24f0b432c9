/**
 * C2SP chunked encryption (https://c2sp.org/chunked-encryption) with HKDF-Expand-SHA-512 and
 * AES-256-GCM: key commitment, truncation shows, any range opens without the rest.
 *
 *   24-byte salt | 32-byte commitment | chunks of 16 KiB and a 16-byte tag, the last one shorter
 *
 * Nothing here knows what is sealed. Every failure is one error, and no plaintext comes with it.
 */
export type Bytes = Uint8Array<ArrayBuffer>;

/** Chance, as an argument. */
export type Random = (bytes: number) => Bytes;

export class Unopenable extends Error {
  override readonly name = "Unopenable";
}

export const keyBytes = 32;
export const chunkBytes = 16_384;
const saltBytes = 24;
const commitmentBytes = 32;
const nonceBytes = 12;
const tagBytes = 16;
/** 255 blocks of SHA-512: a block's number is one byte, and would begin again. */
const expandBytesMax = 255 * 64;
const chunksMax = 2 ** 38;
export const headBytes = saltBytes + commitmentBytes;
const sealedChunkBytes = chunkBytes + tagBytes;

const label = new Uint8Array(
  new TextEncoder().encode("c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM\0"),
);

/** A key that others are derived from; its bytes cannot be read back. Throws `Unopenable`. */
export async function importKey(raw: Bytes): Promise<CryptoKey> {
  if (raw.length !== keyBytes) throw new Unopenable();
  return crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-512" }, false, ["sign"]);
}

/** HKDF-Expand (RFC 5869, section 2.3) with SHA-512; more than it may give is a bug that throws. */
export async function expand(key: CryptoKey, info: Bytes, bytes: number): Promise<Bytes> {
  if (bytes > expandBytesMax) throw new RangeError("HKDF-Expand gives no more than 255 blocks");
  const out = new Uint8Array(bytes);
  let block: Bytes = new Uint8Array(0);
  for (let at = 0, n = 1; at < bytes; at += block.length, n++) {
    block = new Uint8Array(
      await crypto.subtle.sign("HMAC", key, joined(block, info, Uint8Array.of(n))),
    );
    out.set(block.subarray(0, bytes - at), at);
  }
  return out;
}

/** A message's length once sealed. */
export const sealedLength = (bytes: number): number =>
  headBytes + bytes + (Math.floor(bytes / chunkBytes) + 1) * tagBytes;

/** The length of what was sealed; throws `Unopenable` when no message has this sealed length. */
export function openedLength(sealed: number): number {
  const body = sealed - headBytes;
  const last = body % sealedChunkBytes;
  if (!Number.isSafeInteger(sealed) || body < tagBytes || last < tagBytes) throw new Unopenable();
  return Math.floor(body / sealedChunkBytes) * chunkBytes + last - tagBytes;
}

export async function sealMessage(
  key: CryptoKey,
  context: Bytes,
  plaintext: Bytes,
  random: Random,
): Promise<Bytes> {
  const salt = random(saltBytes);
  const secret = await messageSecret(key, salt, context);
  const out = new Uint8Array(sealedLength(plaintext.length));
  out.set(salt);
  out.set(secret.commitment, saltBytes);
  const chunks = Math.floor(plaintext.length / chunkBytes) + 1;
  const seals = Array.from({ length: chunks }, async (_, n) => {
    const algorithm = { name: "AES-GCM", iv: nonceOf(secret.baseNonce, n) };
    const chunk = plaintext.subarray(n * chunkBytes, (n + 1) * chunkBytes);
    const sealed = await crypto.subtle.encrypt(algorithm, secret.key, chunk);
    out.set(new Uint8Array(sealed), headBytes + n * sealedChunkBytes);
  });
  await Promise.all(seals);
  return out;
}

/** The commitment is compared before anything is decrypted. Throws `Unopenable`. */
export async function openMessage(key: CryptoKey, context: Bytes, sealed: Bytes): Promise<Bytes> {
  openedLength(sealed.length);
  return openChunks(key, context, sealed.subarray(0, headBytes), 0, sealed.subarray(headBytes));
}

/** Where the sealed bytes lie that `[from, to)` of what was sealed is opened from, head aside. */
export function sealedRange(
  sealedBytes: number,
  from: number,
  to: number,
): { readonly offset: number; readonly length: number } {
  const first = Math.floor(from / chunkBytes);
  const last = lastChunkOf(from, to);
  const offset = headBytes + first * sealedChunkBytes;
  const end = Math.min(sealedBytes, headBytes + (last + 1) * sealedChunkBytes);
  return { offset, length: end - offset };
}

export interface SealedPart {
  /** Length of the whole sealed message. */
  readonly sealedBytes: number;
  readonly from: number;
  readonly to: number;
  /** Its first `headBytes`. */
  readonly head: Bytes;
  /** The bytes of `sealedRange`. */
  readonly body: Bytes;
}

/**
 * Opens `[from, to)` without the rest. That the message is whole shows only in its last chunk: what
 * a part says is authentic, how long the message was is the caller's to know.
 */
export async function openPart(
  key: CryptoKey,
  context: Bytes,
  { sealedBytes, from, to, head, body }: SealedPart,
): Promise<Bytes> {
  const length = openedLength(sealedBytes);
  const { offset, length: expected } = sealedRange(sealedBytes, from, to);
  if (head.length !== headBytes || from < 0 || from > to || to > length) throw new Unopenable();
  if (body.length !== expected) throw new Unopenable();
  const first = (offset - headBytes) / sealedChunkBytes;
  const opened = await openChunks(key, context, head, first, body);
  return opened.slice(from - first * chunkBytes, to - first * chunkBytes);
}

async function openChunks(
  key: CryptoKey,
  context: Bytes,
  head: Bytes,
  first: number,
  body: Bytes,
): Promise<Bytes> {
  const secret = await messageSecret(key, head.subarray(0, saltBytes), context);
  if (!isSame(secret.commitment, head.subarray(saltBytes))) throw new Unopenable();
  try {
    const opened = await Promise.all(
      Array.from({ length: Math.ceil(body.length / sealedChunkBytes) }, async (_, n) => {
        const algorithm = { name: "AES-GCM", iv: nonceOf(secret.baseNonce, first + n) };
        const chunk = body.subarray(n * sealedChunkBytes, (n + 1) * sealedChunkBytes);
        return new Uint8Array(await crypto.subtle.decrypt(algorithm, secret.key, chunk));
      }),
    );
    return joined(...opened);
  } catch {
    throw new Unopenable();
  }
}

/** The chunk that the last byte lies in; of nothing, the one where it would begin. */
const lastChunkOf = (from: number, to: number): number =>
  Math.floor(Math.max(from, to - 1) / chunkBytes);

async function messageSecret(key: CryptoKey, salt: Bytes, context: Bytes) {
  const info = joined(label, salt, context);
  const secret = await expand(key, info, keyBytes + nonceBytes + commitmentBytes);
  return {
    key: await crypto.subtle.importKey("raw", secret.slice(0, keyBytes), "AES-GCM", false, [
      "encrypt",
      "decrypt",
    ]),
    baseNonce: secret.slice(keyBytes, keyBytes + nonceBytes),
    commitment: secret.slice(keyBytes + nonceBytes),
  };
}

/** The base nonce XOR the chunk's number as a big-endian integer of its width. */
function nonceOf(baseNonce: Bytes, chunk: number): Bytes {
  if (chunk >= chunksMax) throw new Unopenable();
  const nonce = baseNonce.slice();
  for (let at = nonceBytes - 1, rest = chunk; rest > 0; at--, rest = Math.floor(rest / 256))
    nonce[at] = (nonce[at] ?? 0) ^ (rest % 256);
  return nonce;
}

/** In constant time for equal lengths. */
function isSame(a: Bytes, b: Bytes): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return difference === 0;
}

function joined(...parts: readonly Bytes[]): Bytes {
  const out = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}
