/**
 * Tiles of a log that grows: those that are new are made from the entries' texts and from what
 * stands in the tiles before them; nothing is believed to be in the bucket beyond what was noted as
 * published, and that only once it comes to the root that was. Only the right edge is remembered.
 */
import {
  consistencyProof,
  emptyRoot,
  type Hash,
  hashBytes,
  isSameHash,
  leafHash,
  nodeHash,
  rootAt,
  verifyConsistency,
} from "../kernel/tlog/merkle.ts";
import { hashReader, tilePath, tilesBetween, tileWidth } from "../kernel/tlog/tile.ts";

export interface GrownTile {
  readonly level: number;
  readonly n: number;
  readonly width: number;
  readonly bytes: Uint8Array;
}
export interface Grown {
  readonly size: number;
  readonly root: Hash;
  readonly tiles: readonly GrownTile[];
}
/** What was noted as published. */
export interface Published {
  readonly size: number;
  readonly root: Hash;
}
export type TextsOf = (from: number, to: number) => readonly string[];

const putsAtOnce = 6;

export class LogTiles {
  readonly #bucket: R2Bucket;
  readonly #log: string;
  /** By level, the last tile that was made. */
  readonly #edge = new Map<number, GrownTile>();
  /** The size whose right edge is known to be what was published. */
  #sound = 0;

  constructor(bucket: R2Bucket, log: string) {
    this.#bucket = bucket;
    this.#log = log;
  }

  /**
   * What growing from what is published makes; writes nothing. Rejects when the tiles it would grow
   * from are no longer those: a signature over them would contradict every one before.
   */
  async grow({ size: from, root }: Published, to: number, textsOf: TextsOf): Promise<Grown> {
    await this.#assertSound(from, root);
    const made = new Map<string, GrownTile>();
    for (const { level, n, width } of tilesBetween(from, to)) {
      const had = Math.min(
        Math.max(Math.floor(from / tileWidth ** level) - n * tileWidth, 0),
        width,
      );
      const before = had === 0 ? new Uint8Array() : await this.#read(level, n, had);
      const first = n * tileWidth;
      const added =
        level === 0
          ? await leaves(textsOf(first + had, first + width), width - had)
          : await this.#parents(level, first + had, first + width, made);
      const bytes = joined([before, ...added]);
      made.set(tilePath(level, n, width), { level, n, width, bytes });
    }
    const read = hashReader(to, async (level, n, width) => {
      const own = made.get(tilePath(level, n, width));
      return own?.bytes ?? (await this.#read(level, n, width));
    });
    return { size: to, root: await rootAt(to, read), tiles: [...made.values()] };
  }

  /** Once an object's life; the hashes of the right edge are all that the root is made of. */
  async #assertSound(size: number, root: Hash): Promise<void> {
    if (this.#sound === size) return;
    const edge: GrownTile[] = [];
    const read = hashReader(size, async (level, n, width) => {
      const bytes = await this.#read(level, n, width);
      edge.push({ level, n, width, bytes });
      return bytes;
    });
    if (!isSameHash(await rootAt(size, read), root))
      throw new Error(`the tiles in the bucket are not those of the ${size} published entries`);
    for (const tile of edge) this.#edge.set(tile.level, tile);
    this.#sound = size;
  }

  /** At most `putsAtOnce` at a time; rejects unless all of them are written. */
  async write({ size, tiles }: Grown): Promise<void> {
    for (let i = 0; i < tiles.length; i += putsAtOnce)
      await Promise.all(
        tiles.slice(i, i + putsAtOnce).map((tile) =>
          this.#bucket.put(this.#key(tile.level, tile.n, tile.width), tile.bytes, {
            httpMetadata: {
              contentType: "application/octet-stream",
              cacheControl: "public, max-age=31536000, immutable",
            },
          }),
        ),
      );
    for (const tile of tiles) this.#edge.set(tile.level, tile);
    this.#sound = size;
  }

  /** Whether the published tree, whose root we know ourselves, began with that other one. */
  async beganWith(part: number, root: Hash, published: number, own: Hash): Promise<boolean> {
    if (part === 0) return isSameHash(root, await emptyRoot());
    const read = hashReader(published, (level, n, width) => this.#read(level, n, width));
    const proof = await consistencyProof(part, published, read);
    return verifyConsistency(BigInt(part), BigInt(published), proof, root, own);
  }

  /** Full tiles of the level below, one hash each; all of them have just been made. */
  async #parents(
    level: number,
    from: number,
    to: number,
    made: ReadonlyMap<string, GrownTile>,
  ): Promise<Hash[]> {
    const hashes: Hash[] = [];
    for (let n = from; n < to; n++) {
      const below = made.get(tilePath(level - 1, n, tileWidth));
      if (below === undefined) throw new Error(`tile ${level - 1}/${n} was not made`);
      hashes.push(await tileRoot(below.bytes));
    }
    return hashes;
  }

  async #read(level: number, n: number, width: number): Promise<Uint8Array> {
    const edge = this.#edge.get(level);
    if (edge?.n === n && edge.width === width) return edge.bytes;
    const key = this.#key(level, n, width);
    const object = await this.#bucket.get(key);
    const bytes = object === null ? null : new Uint8Array(await object.arrayBuffer());
    if (bytes?.length !== width * hashBytes) throw new Error(`${key} is not in the bucket`);
    return bytes;
  }

  #key(level: number, n: number, width: number): string {
    return `${this.#log}/${tilePath(level, n, width)}`;
  }
}

async function leaves(texts: readonly string[], count: number): Promise<Hash[]> {
  if (texts.length !== count)
    throw new Error(`${count} entries were asked for, ${texts.length} are`);
  const encoder = new TextEncoder();
  return Promise.all(texts.map((text) => leafHash(encoder.encode(text))));
}

async function tileRoot(bytes: Uint8Array): Promise<Hash> {
  let row: Hash[] = [];
  for (let i = 0; i < bytes.length; i += hashBytes) row.push(bytes.slice(i, i + hashBytes));
  while (row.length > 1) {
    const pairs = Array.from({ length: row.length / 2 }, (_, i) => i * 2);
    row = await Promise.all(pairs.map((i) => nodeHash(row[i] as Hash, row[i + 1] as Hash)));
  }
  return row[0] as Hash;
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
