/**
 * Writes FIT files: header, definitions, messages, checksum, in either byte order, with compressed
 * time headers if asked. Of a file's own design, so that what reads it is not what wrote it.
 */

/** FIT's base types: their byte in a definition and their width. */
const bases = {
  enum: [0x00, 1],
  sint8: [0x01, 1],
  uint8: [0x02, 1],
  sint16: [0x83, 2],
  uint16: [0x84, 2],
  sint32: [0x85, 4],
  uint32: [0x86, 4],
  string: [0x07, 0],
  float32: [0x88, 4],
  uint32z: [0x8c, 4],
} as const;
type Base = keyof typeof bases;

/** [field number, base type, value]; null writes the type's "nothing". */
export type FitField = readonly [number: number, base: Base, value: number | string | null];

export interface FitMessageSpec {
  readonly number: number;
  readonly fields: readonly FitField[];
  /** Written into the message's header instead of a field; seconds of FIT's clock. */
  readonly compressedTime?: number;
  /** Bytes of a developer's own field after the others. */
  readonly developerBytes?: number;
}

export interface FitOptions {
  readonly bigEndian?: boolean;
  /** 14 carries a checksum of its own, 12 none. */
  readonly headerBytes?: 12 | 14;
}

const epochSeconds = 631_065_600;
export const fitTime = (ms: number): number => Math.floor(ms / 1000) - epochSeconds;

const nothing: Record<Base, number> = {
  enum: 0xff,
  sint8: 0x7f,
  uint8: 0xff,
  sint16: 0x7fff,
  uint16: 0xffff,
  sint32: 0x7fffffff,
  uint32: 0xffffffff,
  string: 0,
  float32: Number.NaN,
  uint32z: 0,
};

/** CRC-16/ARC, bit by bit: the same polynomial, another way than the reader's. */
export function fitCrc(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >> 1) ^ 0xa001 : crc >> 1;
  }
  return crc;
}

export function fitFile(messages: readonly FitMessageSpec[], options: FitOptions = {}): Uint8Array {
  const { bigEndian = false, headerBytes = 14 } = options;
  const data = messages.flatMap((message) => messageBytes(message, bigEndian));
  const file = new Uint8Array(headerBytes + data.length + 2);
  const view = new DataView(file.buffer);
  file.set([headerBytes, 0x20]);
  view.setUint16(2, 2132, true);
  view.setUint32(4, data.length, true);
  file.set([0x2e, 0x46, 0x49, 0x54], 8);
  if (headerBytes === 14) view.setUint16(12, fitCrc(file.subarray(0, 12)), true);
  file.set(data, headerBytes);
  view.setUint16(file.length - 2, fitCrc(file.subarray(0, -2)), true);
  return file;
}

/** The same bytes with their last two made wrong. */
export function withBadCrc(file: Uint8Array): Uint8Array {
  const changed = file.slice();
  changed[changed.length - 1] = (changed[changed.length - 1] ?? 0) ^ 0xff;
  return changed;
}

export function joined(...files: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(files.reduce((sum, file) => sum + file.length, 0));
  let at = 0;
  for (const file of files) {
    whole.set(file, at);
    at += file.length;
  }
  return whole;
}

/** A definition and its message; every message defines itself anew, which the format allows. */
function messageBytes(message: FitMessageSpec, bigEndian: boolean): number[] {
  const { number, fields, compressedTime, developerBytes = 0 } = message;
  const wide = (value: number) => bytesOf(value, 2, bigEndian);
  const definition = [
    0x40 | (developerBytes > 0 ? 0x20 : 0),
    0,
    bigEndian ? 1 : 0,
    ...wide(number),
    fields.length,
    ...fields.flatMap((field) => [field[0], sizeOf(field), bases[field[1]][0]]),
    ...(developerBytes > 0 ? [1, 0, developerBytes, 0] : []),
  ];
  const header = compressedTime === undefined ? 0x00 : 0x80 | (compressedTime & 31);
  const own = Array<number>(developerBytes).fill(0x55);
  return [...definition, header, ...fields.flatMap((f) => valueBytes(f, bigEndian)), ...own];
}

const sizeOf = ([, base, value]: FitField): number =>
  base === "string" ? Buffer.byteLength(String(value ?? "")) + 1 : bases[base][1];

function valueBytes(field: FitField, bigEndian: boolean): number[] {
  const [, base, value] = field;
  if (base === "string") return [...Buffer.from(String(value ?? "")), 0];
  const number = typeof value === "number" ? value : nothing[base];
  if (base !== "float32") return bytesOf(number, bases[base][1], bigEndian);
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, number, !bigEndian);
  return [...new Uint8Array(view.buffer)];
}

function bytesOf(value: number, width: number, bigEndian: boolean): number[] {
  const bytes = Array.from({ length: width }, (_, i) => Math.floor(value / 2 ** (8 * i)) & 0xff);
  return bigEndian ? bytes.reverse() : bytes;
}
