/**
 * Tiles (c2sp.org/tlog-tiles): 256 hashes of every eighth level of the tree to a file, and bundles
 * of entries beside them. Only the last tile of a level is partial; its name says how wide it is,
 * so what a name once held never changes.
 */
import { type Hash, hashBytes, nodeHash, type ReadHash } from "./merkle.ts";

export const tileHeight = 8;
export const tileWidth = 256;
const levelMax = 63;
const entryBytesMax = 0xffff;
const lengthBytes = 2;

export interface TilePlace {
  readonly level: number;
  readonly n: number;
  readonly width: number;
}

/** Three digits an element, all but the last marked: 1234067 is x001/x234/067. */
export function numberPath(n: number): string {
  const digits = String(n);
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/\d{3}/g) ?? [];
  return groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
}

const filePath = (folder: number | "entries", n: number, width: number): string =>
  `tile/${folder}/${numberPath(n)}${width === tileWidth ? "" : `.p/${width}`}`;

export const tilePath = (level: number, n: number, width: number): string =>
  filePath(level, n, width);
export const entriesPath = (n: number, width: number): string => filePath("entries", n, width);

/** Null for every path but the one that `tilePath` or `entriesPath` writes. */
export function parseTilePath(
  path: string,
): { readonly level: number | "entries"; readonly n: number; readonly width: number } | null {
  const found = /^tile\/(entries|\d{1,2})\/((?:x\d{3}\/)*\d{3})(?:\.p\/(\d{1,3}))?$/.exec(path);
  if (!found) return null;
  const [, folder = "", number = "", partial] = found;
  const level = folder === "entries" ? folder : Number(folder);
  const n = Number(number.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? tileWidth : Number(partial);
  if (!Number.isSafeInteger(n) || width < 1 || width > tileWidth) return null;
  // No number, as for the entries, is beyond none.
  if (Number(folder) > levelMax) return null;
  return filePath(level, n, width) === path ? { level, n, width } : null;
}

/**
 * The tiles that growing from one size to another makes or widens; of a partial one only its last
 * width. `height`: hashes of how many levels a tile spans.
 */
export function tilesBetween(from: number, to: number, height = tileHeight): TilePlace[] {
  const wide = 2 ** height;
  const tiles: TilePlace[] = [];
  let [before, after] = [from, to];
  for (let level = 0; after > before; level++) {
    const full = Math.floor(after / wide);
    for (let n = Math.floor(before / wide); n < full; n++) tiles.push({ level, n, width: wide });
    if (after > full * wide) tiles.push({ level, n: full, width: after - full * wide });
    [before, after] = [Math.floor(before / wide), full];
  }
  return tiles;
}

/** Hashes of `2^levels` neighbours, joined two and two. */
async function joined(hashes: readonly Hash[]): Promise<Hash> {
  let row = hashes;
  while (row.length > 1) {
    const pairs = Array.from({ length: row.length / 2 }, (_, i) => i * 2);
    row = await Promise.all(pairs.map((i) => nodeHash(row[i] as Hash, row[i + 1] as Hash)));
  }
  return row[0] as Hash;
}

/**
 * Hashes of a log of this size, out of its tiles. Every tile is read once and kept as long as the
 * reader: a proof touches a few, so make one reader for a proof. Rejects if a tile is not as long
 * as its width says.
 */
export function hashReader(
  size: number,
  readTile: (level: number, n: number, width: number) => Promise<Uint8Array>,
): ReadHash {
  const tiles = new Map<string, Promise<Uint8Array>>();
  const tile = (level: number, n: number, width: number): Promise<Uint8Array> => {
    const path = tilePath(level, n, width);
    const known = tiles.get(path);
    if (known) return known;
    const reading = readTile(level, n, width).then((bytes) => {
      if (bytes.length !== width * hashBytes) throw new RangeError("a tile of another width");
      return bytes;
    });
    tiles.set(path, reading);
    return reading;
  };
  return async (level, n) => {
    const above = Math.floor(level / tileHeight);
    const count = 2 ** (level % tileHeight);
    const rowLength = Math.floor(size / tileWidth ** above);
    const first = n * count;
    if (first + count > rowLength) throw new RangeError("beyond the log");
    const at = Math.floor(first / tileWidth);
    const bytes = await tile(above, at, Math.min(tileWidth, rowLength - at * tileWidth));
    const offset = first - at * tileWidth;
    return joined(
      Array.from({ length: count }, (_, i) =>
        bytes.slice((offset + i) * hashBytes, (offset + i + 1) * hashBytes),
      ),
    );
  };
}

/** Each entry behind its length, two bytes, big-endian. */
export function bundleOf(entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const total = entries.reduce((sum, entry) => sum + lengthBytes + entry.length, 0);
  const bundle = new Uint8Array(total);
  let at = 0;
  for (const entry of entries) {
    if (entry.length > entryBytesMax) throw new RangeError("an entry too long for a bundle");
    new DataView(bundle.buffer).setUint16(at, entry.length);
    bundle.set(entry, at + lengthBytes);
    at += lengthBytes + entry.length;
  }
  return bundle;
}

/** Null if the last length promises more than there is. */
export function entriesIn(bundle: Uint8Array): Uint8Array[] | null {
  const view = new DataView(bundle.buffer, bundle.byteOffset, bundle.byteLength);
  const entries: Uint8Array[] = [];
  let at = 0;
  while (at < bundle.length) {
    if (at + lengthBytes > bundle.length) return null;
    const end = at + lengthBytes + view.getUint16(at);
    if (end > bundle.length) return null;
    entries.push(bundle.slice(at + lengthBytes, end));
    at = end;
  }
  return entries;
}
