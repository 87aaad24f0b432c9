/** Bodies signed as Tink signs them, and keys as it publishes them. */

export type Bytes = Uint8Array<ArrayBuffer>;
export const bytes = (text: string): Bytes => new Uint8Array(new TextEncoder().encode(text));
export const base64 = (b: Uint8Array) => btoa(String.fromCharCode(...b));

const ecdsa = { name: "ECDSA", namedCurve: "P-256" };
const typeUrl = "type.googleapis.com/google.crypto.tink.EcdsaPublicKey";

export const newKeys = () =>
  crypto.subtle.generateKey(ecdsa, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;

/** The shortest form of a positive integer in DER. */
function integer(coordinate: Uint8Array): number[] {
  const first = coordinate.findIndex((b) => b !== 0);
  const digits = [...coordinate.subarray(first === -1 ? coordinate.length - 1 : first)];
  if ((digits[0] ?? 0) & 0x80) digits.unshift(0);
  return [0x02, digits.length, ...digits];
}
export function der(p1363: Uint8Array): Bytes {
  const both = [...integer(p1363.subarray(0, 32)), ...integer(p1363.subarray(32))];
  return Uint8Array.from([0x30, both.length, ...both]);
}
export function framed(id: number, signature: Uint8Array): string {
  const frame = new Uint8Array(5 + signature.length);
  frame[0] = 1;
  new DataView(frame.buffer).setUint32(1, id);
  frame.set(signature, 5);
  return base64(frame);
}
export async function sign(keys: CryptoKeyPair, body: Bytes, id: number): Promise<string> {
  const algorithm = { name: "ECDSA", hash: "SHA-256" };
  const raw = new Uint8Array(await crypto.subtle.sign(algorithm, keys.privateKey, body));
  return framed(id, der(raw));
}

/** A field of a message: its number, and as many bytes as follow. */
export const field = (number: number, content: ArrayLike<number>): number[] => [
  (number << 3) | 2,
  content.length,
  ...Array.from(content),
];
/** EcdsaParams { hash SHA256, curve P256, encoding DER }. */
export const params = field(2, [8, 3, 0x10, 2, 0x18, 2]);

/** An entry of a key set, over an EcdsaPublicKey message. */
export const entryOf = (message: readonly number[], id: number, status = "ENABLED") => ({
  keyId: id,
  status,
  outputPrefixType: "TINK",
  keyData: { typeUrl, value: base64(Uint8Array.from(message)), keyMaterialType: "X" },
});

/** x and y, 32 bytes each. */
export async function pointOf(keys: CryptoKeyPair): Promise<readonly [Uint8Array, Uint8Array]> {
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", keys.publicKey));
  return [point.subarray(1, 33), point.subarray(33)];
}

/** 2 params, 3 x, 4 y, each number with a zero before it. */
export async function tinkEntry(keys: CryptoKeyPair, id: number, status = "ENABLED") {
  const [x, y] = await pointOf(keys);
  return entryOf([...params, ...field(3, [0, ...x]), ...field(4, [0, ...y])], id, status);
}
