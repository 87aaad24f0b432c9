/**
 * One verifier for every recipe. It looks at raw bytes and headers, never at parsed text; it checks
 * the form of every header before any cryptography; and it says nothing about why it refuses.
 */

export type SignatureRecipe =
  /** No signature exists: an unguessable part of the path is the only proof there is. */
  | { readonly kind: "path-secret" }
  /** A shared Authorization value *and* ECDSA P-256 over the body in Tink's framing. */
  | {
      readonly kind: "authorization-and-tink";
      readonly headers: readonly string[];
      /** The unsigned greeting that proves only the Authorization value. */
      readonly handshake: { readonly body: string; readonly status: 200 | 201 };
    }
  /** The member's own token, checked by the route. */
  | { readonly kind: "member-token" };

export interface SignedInput {
  readonly headers: { get(name: string): string | null };
  readonly pathKey: string | null;
  readonly body: Uint8Array<ArrayBuffer>;
}

/** Live secrets, current and previous during a rotation; at most `secretsMax` are tried. */
export interface ProviderSecrets {
  readonly pathKeys?: readonly string[];
  readonly authorization?: readonly string[];
}
export const secretsMax = 2;
const signatureCharsMax = 256;

/** A provider's published keys by key id; `refresh` asks for a fetch newer than the cached one. */
export type Keyset = (refresh: boolean) => Promise<ReadonlyMap<number, CryptoKey> | "unavailable">;

export type Verdict = "genuine" | "handshake" | "refused" | "unavailable";

/** Is this delivery from the provider? `unavailable` when its keys cannot be had just now. */
export async function verify(
  recipe: SignatureRecipe,
  input: SignedInput,
  secrets: ProviderSecrets,
  keyset: Keyset,
): Promise<Verdict> {
  switch (recipe.kind) {
    case "path-secret":
      return (await oneOf(input.pathKey, secrets.pathKeys)) ? "genuine" : "refused";
    case "authorization-and-tink": {
      if (!(await oneOf(input.headers.get("authorization"), secrets.authorization)))
        return "refused";
      if (isHandshake(recipe.handshake.body, input.body)) return "handshake";
      const said = recipe.headers.flatMap((name) => input.headers.get(name) ?? []);
      return anyTink([...new Set(said)], input.body, keyset);
    }
    case "member-token":
      return "refused";
  }
}

/** Compares digests, so that neither length nor content shows in the time it takes. */
async function oneOf(given: string | null, secrets: readonly string[] = []): Promise<boolean> {
  if (given === null) return false;
  const mine = await sha256(given);
  let found = false;
  for (const secret of secrets.slice(0, secretsMax)) {
    if (secret.length === 0) continue;
    const theirs = await sha256(secret);
    let difference = 0;
    for (let i = 0; i < mine.length; i++) difference |= (mine[i] ?? 0) ^ (theirs[i] ?? 1);
    found = difference === 0 || found;
  }
  return found;
}

const sha256 = async (text: string) =>
  new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)));

const handshakeBytesMax = 256;

function isHandshake(expected: string, body: Uint8Array): boolean {
  if (body.length > handshakeBytesMax) return false;
  try {
    return JSON.stringify(JSON.parse(new TextDecoder().decode(body))) === expected;
  } catch {
    return false;
  }
}

/** One name or the other, or both: one good signature is enough. */
async function anyTink(
  headers: readonly string[],
  body: Uint8Array<ArrayBuffer>,
  keyset: Keyset,
): Promise<Verdict> {
  let verdict: Verdict = "refused";
  for (const header of headers) {
    const one = await verifyTink(header, body, keyset);
    if (one === "genuine") return one;
    if (one === "unavailable") verdict = one;
  }
  return verdict;
}

/**
 * Tink's framing (developers.google.com/tink/wire-format): 0x01, the key id as a big-endian uint32,
 * then the ASN.1 DER signature. An unknown key id asks once for fresh keys.
 */
async function verifyTink(
  header: string,
  body: Uint8Array<ArrayBuffer>,
  keyset: Keyset,
): Promise<Verdict> {
  const framed = fromBase64(header);
  if (framed === null || framed.length < 5 + 8 || framed[0] !== 1) return "refused";
  const keyId = new DataView(framed.buffer).getUint32(1);
  const signature = derToP1363(framed.subarray(5));
  if (signature === null) return "refused";
  let keys = await keyset(false);
  if (keys !== "unavailable" && !keys.has(keyId)) keys = await keyset(true);
  if (keys === "unavailable") return "unavailable";
  const key = keys.get(keyId);
  if (key === undefined) return "refused";
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  return (await crypto.subtle.verify(algorithm, key, signature, body)) ? "genuine" : "refused";
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> | null {
  if (text.length === 0 || text.length > signatureCharsMax) return null;
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0) return null;
  const bytes = Uint8Array.from(atob(text), (c) => c.charCodeAt(0));
  return btoa(String.fromCharCode(...bytes)) === text ? bytes : null;
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
