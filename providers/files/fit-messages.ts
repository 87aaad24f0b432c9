/**
 * The frame of a FIT file: headers, definitions, messages, checksums, as a walk that hands over one
 * message at a time and keeps none. A reader that returns lists of objects needs a hundred times
 * the file's size and gives up whole on a file that breaks off; this one says where it had to stop
 * and leaves everything before that standing. Source: the FIT protocol,
 * https://developer.garmin.com/fit/protocol/, read on 2026-11-21.
 */
import { chainedMax } from "./session.ts";

/** FIT counts seconds from 1989-12-31T00:00:00Z. */
export const fitEpochSeconds = 631_065_600;
/** Times below count from when the device was switched on. */
export const fitAbsoluteMin = 0x10000000;
export const timestampField = 253;

const headerBytesMin = 12;
const crcBytes = 2;
const signature = [0x2e, 0x46, 0x49, 0x54];

export const isFit = (bytes: Uint8Array, at = 0): boolean =>
  signature.every((byte, i) => bytes[at + 8 + i] === byte);

/** Where a walk ended: at the end, where the bytes did, or at something that is no message. */
export type FitEnd = "complete" | "truncated" | "damaged";

/** One message, valid only while the visitor runs. */
export interface FitMessage {
  readonly number: number;
  /** FIT seconds, also when they came packed into the message's header. */
  readonly time: number | null;
  /** The number in this field, the first of several; null when absent or marked invalid. */
  value(field: number): number | null;
  text(field: number): string | null;
  /** Every field that says something, by its number. */
  all(): Record<string, number | string>;
}

export interface FitPart {
  readonly from: number;
  readonly to: number;
  readonly end: FitEnd;
  readonly checksum: "right" | "wrong" | "absent";
}

interface Field {
  readonly number: number;
  readonly offset: number;
  readonly size: number;
  readonly base: number;
}
interface Definition {
  readonly number: number;
  readonly little: boolean;
  readonly bytes: number;
  readonly fields: readonly Field[];
  readonly byNumber: ReadonlyMap<number, Field>;
}

/** What stands behind the last file that was walked. */
export type FitRest = "nothing" | "another-file" | "other-bytes";

/** Walks the FIT files chained in these bytes, at most `chainedMax`; says what follows them. */
export function walkFit(
  bytes: Uint8Array,
  begin: (part: number) => (message: FitMessage) => void,
  done: (part: number, found: FitPart) => void,
): FitRest {
  let from = 0;
  for (let part = 0; part < chainedMax && isFit(bytes, from); part++) {
    const header = bytes[from] ?? 0;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const declared = view.getUint32(from + 4, true);
    const whole = declared > 0 && from + header + declared + crcBytes <= bytes.length;
    // A device that lost power wrote no length: everything that follows is its data.
    const to = whole ? from + header + declared : bytes.length;
    const visit = begin(part);
    const walked =
      header < headerBytesMin ? "damaged" : walkMessages(view, from + header, to, visit);
    const checksum = whole ? checked(bytes, view, from, to) : "absent";
    done(part, { from, to, end: walked === "complete" && !whole ? "truncated" : walked, checksum });
    if (!whole) return "nothing";
    from = to + crcBytes;
  }
  if (from >= bytes.length) return "nothing";
  return isFit(bytes, from) ? "another-file" : "other-bytes";
}

function checked(bytes: Uint8Array, view: DataView, from: number, to: number): "right" | "wrong" {
  return crcOf(bytes, from, to) === view.getUint16(to, true) ? "right" : "wrong";
}

const crcTable = [
  0x0000, 0xcc01, 0xd801, 0x1400, 0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401,
  0x5000, 0x9c01, 0x8801, 0x4400,
];

/** FIT's CRC-16, four bits at a time. */
export function crcOf(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0;
  for (let i = from; i < to; i++) {
    const byte = bytes[i] ?? 0;
    crc = (crc >> 4) ^ (crcTable[crc & 15] ?? 0) ^ (crcTable[byte & 15] ?? 0);
    crc = (crc >> 4) ^ (crcTable[crc & 15] ?? 0) ^ (crcTable[byte >> 4] ?? 0);
  }
  return crc;
}

/** Every step takes at least one byte, so the walk ends. */
function walkMessages(
  view: DataView,
  from: number,
  to: number,
  visit: (message: FitMessage) => void,
): FitEnd {
  const definitions = new Map<number, Definition>();
  const cursor = messageIn(view);
  let at = from;
  let lastTime: number | null = null;
  while (at < to) {
    const header = view.getUint8(at++);
    const compressed = (header & 0x80) !== 0;
    if (!compressed && (header & 0x40) !== 0) {
      const defined = readDefinition(view, at, to, (header & 0x20) !== 0);
      if (typeof defined === "string") return defined;
      definitions.set(header & 15, defined.definition);
      at = defined.next;
      continue;
    }
    const definition = definitions.get(compressed ? (header >> 5) & 3 : header & 15);
    if (definition === undefined) return "damaged";
    if (at + definition.bytes > to) return "truncated";
    const own: number | null = cursor.point(definition, at);
    if (own !== null) lastTime = own;
    else if (compressed && lastTime !== null) {
      // Five bits of seconds since the last full time; they wrap every 32 seconds.
      lastTime += ((header & 31) - (lastTime & 31) + 32) & 31;
      cursor.message.time = lastTime;
    }
    at += definition.bytes;
    visit(cursor.message);
  }
  return "complete";
}

function readDefinition(
  view: DataView,
  from: number,
  to: number,
  developer: boolean,
): { readonly definition: Definition; readonly next: number } | "truncated" | "damaged" {
  if (from + 5 > to) return "truncated";
  const architecture = view.getUint8(from + 1);
  if (architecture > 1) return "damaged";
  const little = architecture === 0;
  const number = view.getUint16(from + 2, little);
  const count = view.getUint8(from + 4);
  let at = from + 5;
  if (at + count * 3 > to) return "truncated";
  const fields: Field[] = [];
  let bytes = 0;
  for (let i = 0; i < count; i++, at += 3) {
    const size = view.getUint8(at + 1);
    const base = view.getUint8(at + 2) & 0x1f;
    fields.push({ number: view.getUint8(at), offset: bytes, size, base });
    bytes += size;
  }
  if (developer) {
    if (at >= to) return "truncated";
    const own = view.getUint8(at++);
    if (at + own * 3 > to) return "truncated";
    for (let i = 0; i < own; i++, at += 3) bytes += view.getUint8(at + 1);
  }
  const byNumber = new Map(fields.map((field) => [field.number, field]));
  return { definition: { number, little, bytes, fields, byNumber }, next: at };
}

/** One message object for the whole walk: a recording has hundreds of thousands. */
function messageIn(view: DataView) {
  let current: Definition = {
    number: 0,
    little: true,
    bytes: 0,
    fields: [],
    byNumber: new Map(),
  };
  let start = 0;
  const read = (field: Field) => numberAt(view, start + field.offset, field, current.little);
  const write = ({ offset, size }: Field) => textAt(view, start + offset, size);
  const message = {
    number: 0,
    time: null as number | null,
    value(number: number): number | null {
      const field = current.byNumber.get(number);
      return field === undefined ? null : read(field);
    },
    text(number: number): string | null {
      const field = current.byNumber.get(number);
      return field?.base === stringBase ? write(field) : null;
    },
    all(): Record<string, number | string> {
      const said: Record<string, number | string> = {};
      for (const field of current.fields) {
        const value = field.base === stringBase ? write(field) : read(field);
        if (value !== null) said[field.number] = value;
      }
      return said;
    },
  };
  const point = (definition: Definition, at: number): number | null => {
    current = definition;
    start = at;
    message.number = definition.number;
    message.time = message.value(timestampField);
    return message.time;
  };
  return { message, point };
}

const stringBase = 7;
const widths = [1, 1, 1, 2, 2, 4, 4, 0, 4, 8, 1, 2, 4, 1];

/** By its declared base type; each has one value that means "nothing". */
function numberAt(view: DataView, at: number, field: Field, little: boolean): number | null {
  const width = widths[field.base] ?? 0;
  if (width === 0 || field.size < width || field.size % width !== 0) return null;
  const unless = (value: number, invalid: number) => (value === invalid ? null : value);
  switch (field.base) {
    case 1:
      return unless(view.getInt8(at), 0x7f);
    case 3:
      return unless(view.getInt16(at, little), 0x7fff);
    case 4:
      return unless(view.getUint16(at, little), 0xffff);
    case 5:
      return unless(view.getInt32(at, little), 0x7fffffff);
    case 6:
      return unless(view.getUint32(at, little), 0xffffffff);
    case 8:
    case 9: {
      const value = field.base === 8 ? view.getFloat32(at, little) : view.getFloat64(at, little);
      return Number.isFinite(value) ? value : null;
    }
    case 10:
      return unless(view.getUint8(at), 0);
    case 11:
      return unless(view.getUint16(at, little), 0);
    case 12:
      return unless(view.getUint32(at, little), 0);
    default:
      return unless(view.getUint8(at), 0xff);
  }
}

/** UTF-8 up to its first NUL. */
function textAt(view: DataView, at: number, size: number): string | null {
  const bytes = new Uint8Array(view.buffer, view.byteOffset + at, size);
  const end = bytes.indexOf(0);
  const text = new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  return text === "" ? null : text;
}
