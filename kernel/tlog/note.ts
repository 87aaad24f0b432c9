/**
 * Signed notes (c2sp.org/signed-note) with Ed25519: signatures of a note's text (type 1), and a
 * witness's co-signatures with their time (type 4, c2sp.org/tlog-cosignature). Opening follows
 * Go's sumdb/note: an unknown key's signature is passed over, a known key's wrong one spoils all.
 */
export interface Verifier {
  readonly name: string;
  readonly keyId: number;
  readonly type: 1 | 4;
  readonly publicKey: Uint8Array<ArrayBuffer>;
}
/** Name and number of a key, as a signature line has them. */
export interface KeyName {
  readonly name: string;
  readonly keyId: number;
}
export interface Signer extends KeyName {
  readonly sign: (text: string) => Promise<Uint8Array<ArrayBuffer>>;
}
export interface OpenedNote {
  readonly text: string;
  readonly verified: readonly KeyName[];
  readonly unverified: readonly KeyName[];
}

const signatureType = 1;
const cosignatureType = 4;
const keyIdBytes = 4;
const timeBytes = 8;
const publicKeyBytes = 32;
const signaturesMax = 100;
const linePrefix = "— ";
const timeMax = 2n ** 63n - 1n;
/** RFC 8410: what stands before the 32 bytes of a private key. */
const pkcs8Head = [0x30, 0x2e, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 0x22, 4, 0x20];

const utf8 = (text: string) => new TextEncoder().encode(text);

export const base64Of = (bytes: Uint8Array): string => btoa(String.fromCharCode(...bytes));

/** Standard alphabet, padded; null for anything else. Bits that nothing uses are not looked at. */
export function bytesOf(base64: string): Uint8Array<ArrayBuffer> | null {
  const [alphabet, four] = ["[A-Za-z0-9+/]", /^(?:.{4})*$/];
  if (!four.test(base64) || !new RegExp(`^${alphabet}*={0,2}$`).test(base64)) return null;
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}

const isName = (name: string): boolean => /^[^\p{White_Space}+\p{Surrogate}]+$/u.test(name);

/** The first four bytes of SHA-256 over name, newline, type and key. */
async function keyIdOf(name: string, type: number, publicKey: Uint8Array): Promise<number> {
  const input = Uint8Array.from([...utf8(`${name}\n`), type, ...publicKey]);
  return new DataView(await crypto.subtle.digest("SHA-256", input)).getUint32(0);
}

const hexOf = (keyId: number): string => keyId.toString(16).padStart(keyIdBytes * 2, "0");

/** Null unless it is `<name>+<key id>+<type and key>` of a type known here, with its own key id. */
export async function parseVerifierKey(vkey: string): Promise<Verifier | null> {
  const found = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey);
  if (!found) return null;
  const [, name = "", hex = "", base64 = ""] = found;
  const [type, ...key] = bytesOf(base64) ?? [];
  if (!isName(name) || key.length !== publicKeyBytes) return null;
  if (type !== signatureType && type !== cosignatureType) return null;
  const publicKey = Uint8Array.from(key);
  const keyId = await keyIdOf(name, type, publicKey);
  return hexOf(keyId) === hex ? { name, keyId, type, publicKey } : null;
}

export async function verifierKey(
  name: string,
  publicKey: Uint8Array,
  type: Verifier["type"],
): Promise<string> {
  const keyId = await keyIdOf(name, type, publicKey);
  return `${name}+${hexOf(keyId)}+${base64Of(Uint8Array.of(type, ...publicKey))}`;
}

async function keyPair(name: string, seed: Uint8Array) {
  if (!isName(name) || seed.length !== publicKeyBytes)
    throw new Error("a key needs a name without spaces or plus, and 32 bytes");
  const pkcs8 = Uint8Array.from([...pkcs8Head, ...seed]);
  const key = await crypto.subtle.importKey("pkcs8", pkcs8, "Ed25519", true, ["sign"]);
  const { x = "" } = (await crypto.subtle.exportKey("jwk", key)) as JsonWebKey;
  const publicKey = bytesOf(`${x.replaceAll("-", "+").replaceAll("_", "/")}=`);
  if (publicKey?.length !== publicKeyBytes) throw new Error("the platform gave no public key");
  const sign = async (message: string) =>
    new Uint8Array(await crypto.subtle.sign("Ed25519", key, utf8(message)));
  return { publicKey, sign };
}

export async function noteSigner(
  name: string,
  seed: Uint8Array,
): Promise<Signer & { readonly verifierKey: string }> {
  const { publicKey, sign } = await keyPair(name, seed);
  const keyId = await keyIdOf(name, signatureType, publicKey);
  return { name, keyId, sign, verifierKey: await verifierKey(name, publicKey, signatureType) };
}

/** `cosign` gives one signature line, newline included, to be put after the note's others. */
export async function cosigner(
  name: string,
  seed: Uint8Array,
): Promise<{
  readonly verifierKey: string;
  readonly cosign: (text: string, timeS: number) => Promise<string>;
}> {
  const { publicKey, sign } = await keyPair(name, seed);
  const keyId = await keyIdOf(name, cosignatureType, publicKey);
  return {
    verifierKey: await verifierKey(name, publicKey, cosignatureType),
    cosign: async (text, timeS) => {
      const time = new Uint8Array(timeBytes);
      new DataView(time.buffer).setBigUint64(0, BigInt(timeS));
      const signature = await sign(cosignedText(text, BigInt(timeS)));
      return signatureLine({ name, keyId }, Uint8Array.of(...time, ...signature));
    },
  };
}

const cosignedText = (text: string, timeS: bigint): string =>
  `cosignature/v1\ntime ${timeS}\n${text}`;

function signatureLine({ name, keyId }: KeyName, signature: Uint8Array): string {
  const bytes = new Uint8Array(keyIdBytes + signature.length);
  new DataView(bytes.buffer).setUint32(0, keyId);
  bytes.set(signature, keyIdBytes);
  return `${linePrefix}${name} ${base64Of(bytes)}\n`;
}

/** The text ends with a newline. */
export const signNote = async (text: string, signer: Signer): Promise<string> =>
  `${text}\n${signatureLine(signer, await signer.sign(text))}`;

interface Line extends KeyName {
  readonly line: string;
  readonly signature: Uint8Array<ArrayBuffer>;
}

function parseLine(line: string): Line | null {
  const found = /^— ([^ ]+) (.+)$/u.exec(line);
  if (!found) return null;
  const [, name = "", base64 = ""] = found;
  const bytes = bytesOf(base64);
  if (!isName(name) || bytes === null || bytes.length <= keyIdBytes) return null;
  const keyId = new DataView(bytes.buffer).getUint32(0);
  return { line, name, keyId, signature: bytes.slice(keyIdBytes) };
}

/** Text and signature lines, told apart by the last empty line; null for what is no note. */
function parseNote(note: string): { text: string; lines: readonly Line[] } | null {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what a note may not have
  if (/[\u0000-\u0009\u000b-\u001f\p{Surrogate}]/u.test(note) || !note.endsWith("\n")) return null;
  const split = note.lastIndexOf("\n\n");
  if (split < 0) return null;
  const lines = note
    .slice(split + 2, -1)
    .split("\n")
    .map(parseLine);
  if (lines.length > signaturesMax || lines.includes(null)) return null;
  return { text: note.slice(0, split + 1), lines: lines as Line[] };
}

async function isGenuine(verifier: Verifier, text: string, bytes: Uint8Array<ArrayBuffer>) {
  let [message, signature] = [text, bytes];
  if (verifier.type === cosignatureType) {
    if (bytes.length <= timeBytes) return false;
    const timeS = new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0);
    if (timeS > timeMax) return false;
    [message, signature] = [cosignedText(text, timeS), bytes.slice(timeBytes)];
  }
  const usages = ["verify"] as const;
  try {
    const raw = verifier.publicKey;
    const key = await crypto.subtle.importKey("raw", raw, "Ed25519", false, [...usages]);
    return await crypto.subtle.verify("Ed25519", key, signature, utf8(message));
  } catch (error) {
    // Bytes that are no point of the curve, or no signature's length: what they sign is not signed.
    if (error instanceof DOMException) return false;
    throw error;
  }
}

/** Empty, which is no note, for bytes that are no text. */
function textOf(note: string | Uint8Array): string {
  if (typeof note === "string") return note;
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(note);
  } catch {
    return "";
  }
}

/**
 * Null if it is no note, if none of these keys signed it, if a signature of one of them is wrong,
 * or if a signature may be of two of them.
 */
export async function openNote(
  note: string | Uint8Array,
  verifiers: readonly Verifier[],
): Promise<OpenedNote | null> {
  const parsed = parseNote(textOf(note));
  if (!parsed) return null;
  const verified: KeyName[] = [];
  const unverified: KeyName[] = [];
  const seen = new Set<string>();
  for (const { line, name, keyId, signature } of parsed.lines) {
    const [verifier, ...more] = verifiers.filter((v) => v.name === name && v.keyId === keyId);
    if (more.length > 0) return null;
    // Of a known key only its first signature counts; of unknown ones equal lines count once.
    const id = verifier ? `${name} ${keyId}` : line;
    if (seen.has(id)) continue;
    seen.add(id);
    if (verifier && !(await isGenuine(verifier, parsed.text, signature))) return null;
    (verifier ? verified : unverified).push({ name, keyId });
  }
  return verified.length > 0 ? { text: parsed.text, verified, unverified } : null;
}
