/**
 * The elements of a list in a file of JSON, one at a time, so that a file of any length is never
 * read as a whole: its bytes are scanned for where an element ends, and that element alone is read.
 */

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const opening = new Set([0x5b, 0x7b]);
const closing = new Set([0x5d, 0x7d]);
const blank = new Set([0x20, 0x09, 0x0a, 0x0d]);
const byteOrderMark = [0xef, 0xbb, 0xbf];

/** Of one element: none that is meant is longer. */
export const elementBytesMax = 64 * 1024;

/** What was read of one place in the list; undefined: it is no JSON, or too long. */
interface Element {
  readonly value: unknown;
}
/** not-a-list: it is something else. cut-short: the list ends before its end. */
type ListEnd = "end" | "not-a-list" | "cut-short";

/** Every element, in order; returns how the list ended. */
export function* elementsOf(bytes: Uint8Array): Generator<Element, ListEnd> {
  let at = byteOrderMark.every((byte, i) => bytes[i] === byte) ? byteOrderMark.length : 0;
  at = afterBlanks(bytes, at);
  if (bytes[at] !== 0x5b) return "not-a-list";
  at = afterBlanks(bytes, at + 1);
  if (bytes[at] === 0x5d) return "end";
  while (at < bytes.length) {
    const end = endOf(bytes, at);
    if (end === null) return "cut-short";
    yield { value: readOf(bytes.subarray(at, end)) };
    if (bytes[end] !== comma) return "end";
    at = end + 1;
  }
  return "cut-short";
}

function afterBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (blank.has(bytes[at] ?? 0)) at++;
  return at;
}

/** Where the comma or the bracket behind an element stands; null: there is none. */
function endOf(bytes: Uint8Array, from: number): number | null {
  let depth = 0;
  for (let at = from; at < bytes.length; at++) {
    const byte = bytes[at] as number;
    if (byte === quote) {
      at = endOfText(bytes, at);
    } else if (opening.has(byte)) depth++;
    else if (depth === 0 && (byte === comma || closing.has(byte))) return at;
    else if (closing.has(byte)) depth--;
  }
  return null;
}

/** Where the quote that ends a text stands. */
function endOfText(bytes: Uint8Array, from: number): number {
  let at = from + 1;
  while (at < bytes.length && bytes[at] !== quote) at += bytes[at] === backslash ? 2 : 1;
  return at;
}

function readOf(bytes: Uint8Array): unknown {
  if (bytes.length > elementBytesMax) return undefined;
  try {
    return JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
}
