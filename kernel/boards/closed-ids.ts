/**
 * Ids of members in bytes of one length, so that an entry is found by reckoning. Random ids are a
 * prefix and hexadecimal digits: the prefix is said once, and two digits are a byte. Others are their
 * ASCII characters, and zeros behind. Either way the order of the bytes is that of the ids.
 */

export interface IdCode {
  /** Of every id; empty where they are written as they are. */
  readonly prefix: string;
  /** Of each, without the prefix. */
  readonly bytes: number;
  readonly isHex: boolean;
}

const randomId = /^((?:[\x21-\x7e]{0,15}_)?)((?:[0-9a-f]{2})+)$/;
const idBytesMax = 255;

/** Throws `RangeError`: there are no such ids. */
export function idCodeOf(id: string): IdCode {
  const [, prefix = "", digits = ""] = randomId.exec(id) ?? [];
  const isHex = digits !== "";
  const bytes = isHex ? digits.length / 2 : id.length;
  if (bytes === 0 || bytes > idBytesMax) throw new RangeError("no id of a member");
  return { prefix, bytes, isHex };
}

const lengthOf = ({ prefix, bytes, isHex }: IdCode): number =>
  prefix.length + (isHex ? 2 * bytes : bytes);

/** The one that is for the ids of both. */
export function idCodeFor(a: IdCode, b: IdCode): IdCode {
  const isSame = a.isHex && b.isHex && a.prefix === b.prefix && a.bytes === b.bytes;
  return isSame ? a : { prefix: "", bytes: Math.max(lengthOf(a), lengthOf(b)), isHex: false };
}

export function idCodeOfAll(ids: Iterable<string>): IdCode | null {
  let code: IdCode | null = null;
  for (const id of ids) code = code === null ? idCodeOf(id) : idCodeFor(code, idCodeOf(id));
  return code;
}

const hexOf = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
/** Of a character: what it stands for as a digit; 255: it is none. */
const digitOf = Uint8Array.from({ length: 128 }, (_, code) => {
  const digit = "0123456789abcdef".indexOf(String.fromCharCode(code));
  return digit < 0 ? 255 : digit;
});

export function putId(bytes: Uint8Array, at: number, id: string, code: IdCode): void {
  if (code.isHex) putDigits(bytes, at, id, code);
  else putCharacters(bytes, at, id, code);
}

function putDigits(bytes: Uint8Array, at: number, id: string, code: IdCode): void {
  const from = code.prefix.length;
  if (id.length !== lengthOf(code) || !id.startsWith(code.prefix)) throw notOfTheCode();
  for (let i = 0; i < code.bytes; i++) {
    const above = digitOf[id.charCodeAt(from + 2 * i)] ?? 255;
    const below = digitOf[id.charCodeAt(from + 2 * i + 1)] ?? 255;
    if (above > 15 || below > 15) throw notOfTheCode();
    bytes[at + i] = above * 16 + below;
  }
}

function putCharacters(bytes: Uint8Array, at: number, id: string, code: IdCode): void {
  if (id.length > code.bytes) throw notOfTheCode();
  for (let i = 0; i < code.bytes; i++) {
    const character = i < id.length ? id.charCodeAt(i) : 0;
    if (character > 0x7e || (i < id.length && character <= 0x20)) throw notOfTheCode();
    bytes[at + i] = character;
  }
}

const notOfTheCode = () => new RangeError("an id that is written otherwise");

export function idAt(bytes: Uint8Array, at: number, { prefix, bytes: length, isHex }: IdCode) {
  let id = prefix;
  for (let i = 0; i < length; i++) {
    const byte = bytes[at + i] ?? 0;
    if (isHex) id += hexOf[byte];
    else if (byte === 0) break;
    else id += String.fromCharCode(byte);
  }
  return id;
}
