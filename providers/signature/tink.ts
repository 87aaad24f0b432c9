/**
 * ECDSA P-256 in Tink's framing, as Google Health signs: the keys are published, and each signature
 * names the one it was made with. Keys and signatures that are malformed count as not there.
 */
import type { Keyset, Verdict } from "../recipe.ts";
import { fromBase64 } from "./encoding.ts";

/** Of a signature's base64: a frame of 5 bytes and 72 of DER need 104. */
const signatureCharsMax = 256;

/** One name or the other, or both: one good signature is enough. */
export async function provenByTink(
  headers: readonly string[],
  body: Uint8Array<ArrayBuffer>,
  keyset: Keyset,
): Promise<Verdict> {
  let verdict: Verdict = { is: "refused" };
  for (const header of headers) {
    const one = await verifyTink(header, body, keyset);
    if (one.is === "genuine") return one;
    if (one.is === "unavailable") verdict = one;
  }
  return verdict;
}

const refused: Verdict = { is: "refused" };

/**
 * Tink's framing (developers.google.com/tink/wire-format): 0x01, the key id as a big-endian uint32,
 * then the ASN.1 DER signature. An unknown key id asks once for fresh keys.
 */
async function verifyTink(
  header: string,
  body: Uint8Array<ArrayBuffer>,
  keyset: Keyset,
): Promise<Verdict> {
  const framed = header.length > signatureCharsMax ? null : fromBase64(header);
  if (framed === null || framed.length < 5 + 8 || framed[0] !== 1) return refused;
  const keyId = new DataView(framed.buffer).getUint32(1);
  const signature = derToP1363(framed.subarray(5));
  if (signature === null) return refused;
  let keys = await keyset(false);
  if (keys !== "unavailable" && !keys.has(keyId)) keys = await keyset(true);
  if (keys === "unavailable") return { is: "unavailable" };
  const key = keys.get(keyId);
  if (key === undefined) return refused;
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const isGenuine = await crypto.subtle.verify(algorithm, key, signature, body);
  return isGenuine ? { is: "genuine", kid: String(keyId) } : refused;
}

const coordinateBytes = 32;

/** SEQUENCE { INTEGER r, INTEGER s } to r‖s of 32 bytes each; null when it is not exactly that. */
export function derToP1363(der: Uint8Array): Uint8Array<ArrayBuffer> | null {
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || der.length > 127 + 2) return null;
  const out = new Uint8Array(2 * coordinateBytes);
  let at = 2;
  for (let i = 0; i < 2; i++) {
    const length = der[at + 1] ?? 0;
    const value = der.subarray(at + 2, at + 2 + length);
    if (der[at] !== 0x02 || length === 0 || value.length !== length) return null;
    if ((value[0] ?? 0) & 0x80) return null;
    if (value[0] === 0 && length > 1 && ((value[1] ?? 0) & 0x80) === 0) return null;
    const digits = value[0] === 0 ? value.subarray(1) : value;
    if (digits.length > coordinateBytes) return null;
    out.set(digits, (i + 1) * coordinateBytes - digits.length);
    at += 2 + length;
  }
  return at === der.length ? out : null;
}

const tinkEcdsa = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey";

/**
 * A Tink JSON key set to P-256 keys by id. Keys that are disabled, malformed or of another kind are left out;
 * throws when the text is not a key set at all.
 */
export async function parseTinkKeyset(text: string): Promise<Map<number, CryptoKey>> {
  const { key } = JSON.parse(text) as {
    key: { keyId: number; status: string; keyData: { typeUrl: string; value: string } }[];
  };
  const keys = new Map<number, CryptoKey>();
  for (const { keyId, status, keyData } of key) {
    if (status !== "ENABLED" || keyData.typeUrl !== tinkEcdsa) continue;
    const verifyingKey = await keyOf(keyData.value);
    if (verifyingKey !== null) keys.set(keyId, verifyingKey);
  }
  return keys;
}

/** Null for one that is malformed or not on the curve: the others still count. */
async function keyOf(value: string): Promise<CryptoKey | null> {
  try {
    const point = pointOf(Uint8Array.from(atob(value), (c) => c.charCodeAt(0)));
    if (point === null) return null;
    const algorithm = { name: "ECDSA", namedCurve: "P-256" };
    return await crypto.subtle.importKey("raw", point, algorithm, false, ["verify"]);
  } catch {
    return null;
  }
}

/** Fields 3 (x) and 4 (y) of the EcdsaPublicKey message, as an uncompressed point. */
function pointOf(message: Uint8Array): Uint8Array<ArrayBuffer> | null {
  const point = new Uint8Array(1 + 2 * coordinateBytes);
  point[0] = 4;
  let found = 0;
  for (let at = 0; at < message.length; ) {
    const tag = message[at] ?? 0;
    const length = message[at + 1] ?? 0;
    if ((tag & 7) === 0) {
      at += 2;
      continue;
    }
    if ((tag & 7) !== 2 || length > 127) return null;
    const field = tag >> 3;
    const value = message.subarray(at + 2, at + 2 + length);
    if (field === 3 || field === 4) {
      const digits = value.subarray(Math.max(0, value.length - coordinateBytes));
      point.set(digits, 1 + (field - 2) * coordinateBytes - digits.length);
      found++;
    }
    at += 2 + length;
  }
  return found === 2 ? point : null;
}
