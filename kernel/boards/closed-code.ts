/**
 * A closed ranking as the bytes of one object. Everything is found by reckoning, so a page is one
 * range, and a member's place three: where their id's hash may be, the rank that stands there, the
 * entries around it.
 *
 *   head               what this is, how many, how ids are written                 32 bytes
 *   entries            in rank order, in blocks: score 7 bytes, time 6, id
 *   first entries      of each block, to find where a score would stand
 *   directory          (hash of the id, rank) by hash, in blocks
 *   first hashes       of each of its blocks
 *
 * The head, each block and each list of firsts end with their CRC-32 (ISO 3309). Numbers are
 * big-endian. The same entries are the same bytes.
 */
import type { Score } from "../../domain/board-ports.ts";
import { type IdCode, idAt, putId } from "./closed-ids.ts";

export const entriesPerBlock = 512;
export const pairsPerBlock = 512;
export const pairBytes = 8;
const hashBytes = 4;
const headBytes = 32;
export const crcBytes = 4;
const markBytes = 13;
const prefixBytesMax = 16;

/** How many, and how their ids are written: with these every place in the object is known. */
export interface ClosedShape {
  readonly count: number;
  readonly ids: IdCode;
}

/** Of one part: where it begins and how long it is, its CRC-32 included. */
export interface Part {
  readonly offset: number;
  readonly length: number;
}
export interface Layout {
  readonly entryBytes: number;
  readonly blocks: number;
  readonly pairBlocks: number;
  readonly firsts: Part;
  readonly firstHashes: Part;
  readonly length: number;
  /** Where these blocks lie, one after the other. */
  entries(from: number, blocks: number): Part;
  pairs(from: number, blocks: number): Part;
}

export const entryBytesOf = (ids: IdCode): number => markBytes + ids.bytes;

export function layoutOf({ count, ids }: ClosedShape): Layout {
  const entryBytes = entryBytesOf(ids);
  const entries = blocksOf(headBytes, count, entriesPerBlock, entryBytes);
  const firsts = { offset: entries.end, length: entries.blocks * entryBytes + crcBytes };
  const pairs = blocksOf(firsts.offset + firsts.length, count, pairsPerBlock, pairBytes);
  const firstHashes = { offset: pairs.end, length: pairs.blocks * hashBytes + crcBytes };
  return {
    entryBytes,
    blocks: entries.blocks,
    pairBlocks: pairs.blocks,
    firsts,
    firstHashes,
    length: firstHashes.offset + firstHashes.length,
    entries: entries.part,
    pairs: pairs.part,
  };
}

function blocksOf(offset: number, count: number, perBlock: number, itemBytes: number) {
  const blocks = Math.ceil(count / perBlock);
  const blockBytes = perBlock * itemBytes + crcBytes;
  const end = offset + count * itemBytes + blocks * crcBytes;
  const part = (from: number, wanted: number): Part => {
    const start = offset + from * blockBytes;
    return { offset: start, length: Math.min(end, start + wanted * blockBytes) - start };
  };
  return { blocks, end, part };
}

const magic = [0x53, 0x67, 0x42, 0x64] as const;
const format = 1;

export function headOf({ count, ids }: ClosedShape): Uint8Array {
  const head = new Uint8Array(headBytes);
  head.set([...magic, format, ids.isHex ? 1 : 0, ids.bytes, ids.prefix.length]);
  putUint32(head, 8, count);
  if (ids.prefix.length > prefixBytesMax) throw new RangeError("ids begin with too much");
  for (let i = 0; i < ids.prefix.length; i++) head[12 + i] = ids.prefix.charCodeAt(i);
  return sealed(head);
}

// -- entries --------------------------------------------------------------------------------

const high = 2 ** 32;
/** Times before 1970 are above zero too. */
const atBias = 2 ** 47;

/** Throws `RangeError` for what no board holds: no whole score, an id that the code is not for. */
export function putEntry(
  bytes: Uint8Array,
  at: number,
  { score, atMs, member }: Score,
  ids: IdCode,
): void {
  const time = atMs + atBias;
  if (!Number.isSafeInteger(score) || score < 0) throw new RangeError("no score");
  if (!Number.isSafeInteger(time) || time < 0 || time >= 2 * atBias)
    throw new RangeError("no time");
  const top = Math.floor(score / high);
  bytes[at] = top >>> 16;
  bytes[at + 1] = top >>> 8;
  bytes[at + 2] = top;
  putUint32(bytes, at + 3, score % high);
  const timeTop = Math.floor(time / high);
  bytes[at + 7] = timeTop >>> 8;
  bytes[at + 8] = timeTop;
  putUint32(bytes, at + 9, time % high);
  putId(bytes, at + markBytes, member, ids);
}

export function entryAt(bytes: Uint8Array, at: number, ids: IdCode): Score {
  const top = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
  const timeTop = ((bytes[at + 7] ?? 0) << 8) | (bytes[at + 8] ?? 0);
  return {
    member: idAt(bytes, at + markBytes, ids),
    score: top * high + uint32At(bytes, at + 3),
    atMs: timeTop * high + uint32At(bytes, at + 9) - atBias,
  };
}

export function putUint32(bytes: Uint8Array, at: number, n: number): void {
  bytes[at] = n >>> 24;
  bytes[at + 1] = n >>> 16;
  bytes[at + 2] = n >>> 8;
  bytes[at + 3] = n;
}

export const uint32At = (bytes: Uint8Array, at: number): number =>
  (((bytes[at] ?? 0) << 24) |
    ((bytes[at + 1] ?? 0) << 16) |
    ((bytes[at + 2] ?? 0) << 8) |
    (bytes[at + 3] ?? 0)) >>>
  0;

// -- checksums ------------------------------------------------------------------------------

const polynomial = 0xedb88320;
const crcTable = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte;
  for (let bit = 0; bit < 8; bit++) rest = rest & 1 ? (rest >>> 1) ^ polynomial : rest >>> 1;
  return rest >>> 0;
});

/** CRC-32 of some of the bytes. */
function crc32(bytes: Uint8Array, from: number, to: number): number {
  let crc = 0xffffffff;
  for (let i = from; i < to; i++)
    crc = (crcTable[(crc ^ (bytes[i] ?? 0)) & 0xff] ?? 0) ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

/** Its last bytes become the CRC-32 of the others. */
export function sealed(bytes: Uint8Array): Uint8Array {
  const to = bytes.length - crcBytes;
  putUint32(bytes, to, crc32(bytes, 0, to));
  return bytes;
}

/** Whether these bytes, of a longer array, are as they were sealed. */
export const isWhole = (bytes: Uint8Array, from: number, length: number): boolean =>
  length > crcBytes &&
  from + length <= bytes.length &&
  uint32At(bytes, from + length - crcBytes) === crc32(bytes, from, from + length - crcBytes);
