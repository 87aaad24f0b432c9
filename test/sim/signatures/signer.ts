/**
 * Signs as a provider does, with node:crypto and nothing of ours. Keys come from numbers, so the
 * same seed signs the same bytes; ECDSA's nonces too, which nobody but a simulation may do.
 */
import {
  createECDH,
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  sign,
} from "node:crypto";
import type { HmacRecipe } from "../../../providers/recipe.ts";

export interface Key {
  /** As a deployment states it. */
  readonly text: string;
  readonly version: "v1" | "v1a";
  sign(message: Buffer): Buffer;
  /** With what is not the key, or not the hash: each a mistake that somebody's code once made. */
  readonly mistaken: readonly ((message: Buffer) => Buffer)[];
}

export const sha256 = (data: string | Buffer) => createHash("sha256").update(data).digest();
/** What a secret without a name is called. */
export const fingerprint = (text: string) => sha256(text).toString("hex").slice(0, 8);

const mac = (hash: string, key: string | Buffer) => (message: Buffer) =>
  createHmac(hash, key).update(message).digest();

function textKey({ hash, key }: HmacRecipe, number: number): Key {
  const text = sha256(`text ${number}`)
    .toString("hex")
    .slice(number % 24);
  const [algorithm, other] = hash === "SHA-1" ? ["sha1", "sha256"] : ["sha256", "sha1"];
  const isWithAmpersand = key === "text-and-ampersand";
  const [right, wrong] = isWithAmpersand ? [`${text}&`, text] : [text, `${text}&`];
  const mistaken = [mac(algorithm, wrong), mac(other, right), mac(algorithm, sha256(text))];
  return { text, version: "v1", sign: mac(algorithm, right), mistaken };
}

function symmetricKey(number: number): Key {
  const bytes = Buffer.concat([sha256(`a ${number}`), sha256(`b ${number}`)]).subarray(
    0,
    24 + (number % 41),
  );
  const text = `whsec_${bytes.toString("base64")}`;
  const mistaken = [mac("sha256", text), mac("sha256", text.slice(6)), mac("sha1", bytes)];
  return { text, version: "v1", sign: mac("sha256", bytes), mistaken };
}

const pkcs8Ed25519 = Buffer.from("302e020100300506032b657004220420", "hex");
const spkiEd25519Bytes = 12;

function pairKey(number: number): Key {
  const der = Buffer.concat([pkcs8Ed25519, sha256(`pair ${number}`)]);
  const privateKey = createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  const spki = createPublicKey(privateKey).export({ format: "der", type: "spki" });
  const published = spki.subarray(spkiEd25519Bytes);
  return {
    text: `whpk_${published.toString("base64")}`,
    version: "v1a",
    sign: (message) => sign(null, message, privateKey),
    mistaken: [(message) => sign(null, sha256(message), privateKey)],
  };
}

/** Each is made once. */
const keys = new Map<string, Key>();
export function keyOf(recipe: HmacRecipe, version: Key["version"], number: number): Key {
  const name = `${recipe.key} ${recipe.hash} ${version} ${number}`;
  const held = keys.get(name);
  if (held !== undefined) return held;
  const isStandard = recipe.key === "standard-webhooks";
  const made = !isStandard
    ? textKey(recipe, number)
    : version === "v1"
      ? symmetricKey(number)
      : pairKey(number);
  keys.set(name, made);
  return made;
}

// The order of P-256's base point (SEC 2, section 2.4.2).
const order = 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n;
const bigOf = (bytes: Buffer) => BigInt(`0x${bytes.toString("hex")}`);
const modulo = (n: bigint) => ((n % order) + order) % order;

function pointOf(scalar: Buffer): Buffer {
  const curve = createECDH("prime256v1");
  curve.setPrivateKey(scalar);
  return curve.getPublicKey();
}

/** By Fermat: the order is a prime. */
function inverse(n: bigint): bigint {
  let [result, base, power] = [1n, modulo(n), order - 2n];
  for (; power > 0n; power >>= 1n) {
    if (power & 1n) result = modulo(result * base);
    base = modulo(base * base);
  }
  return result;
}

const nonces = Array.from({ length: 64 }, (_, i) => {
  const k = sha256(`nonce ${i}`);
  return { r: modulo(bigOf(pointOf(k).subarray(1, 33))), inverse: inverse(bigOf(k)) };
});

export interface CurveKey {
  readonly id: number;
  /** The uncompressed point. */
  readonly point: Buffer;
  /** 32 bytes of r and 32 of s. */
  sign(message: Buffer, nonce: number): Buffer;
}

export function curveKey(id: number): CurveKey {
  const scalar = sha256(`curve ${id}`);
  const d = bigOf(scalar);
  return {
    id,
    point: pointOf(scalar),
    sign(message, nonce) {
      const { r, inverse: k } = nonces[nonce % nonces.length] as (typeof nonces)[number];
      const s = modulo(k * (bigOf(sha256(message)) + r * d));
      return Buffer.from(
        r.toString(16).padStart(64, "0") + s.toString(16).padStart(64, "0"),
        "hex",
      );
    },
  };
}

/** The shortest form of a positive integer in DER. */
function integer(coordinate: Buffer): Buffer {
  const first = coordinate.findIndex((b) => b !== 0);
  const digits = coordinate.subarray(first === -1 ? coordinate.length - 1 : first);
  const lead = (digits[0] ?? 0) & 0x80 ? [0] : [];
  return Buffer.from([2, digits.length + lead.length, ...lead, ...digits]);
}

export function der(p1363: Buffer): Buffer {
  const both = Buffer.concat([integer(p1363.subarray(0, 32)), integer(p1363.subarray(32))]);
  return Buffer.concat([Buffer.from([0x30, both.length]), both]);
}

/** Tink's frame: 1, the key's id as a big-endian uint32, the signature. */
export function framed(id: number, signature: Buffer): Buffer {
  const head = Buffer.alloc(5, 1);
  head.writeUInt32BE(id, 1);
  return Buffer.concat([head, signature]);
}

/** A key set as Google publishes it: EcdsaPublicKey { 2 params, 3 x, 4 y }. */
export function keysetOf(published: readonly CurveKey[], status = "ENABLED"): string {
  const typeUrl = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey";
  const key = published.map(({ id, point }) => {
    const x = [0x1a, 33, 0, ...point.subarray(1, 33)];
    const y = [0x22, 33, 0, ...point.subarray(33)];
    const message = Buffer.from([0x12, 6, 8, 3, 0x10, 2, 0x18, 2, ...x, ...y]);
    const value = message.toString("base64");
    const keyData = { typeUrl, value, keyMaterialType: "ASYMMETRIC_PUBLIC" };
    return { keyId: id, status, outputPrefixType: "TINK", keyData };
  });
  return JSON.stringify({ primaryKeyId: published[0]?.id ?? 0, key });
}
