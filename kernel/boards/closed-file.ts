/**
 * One closed ranking's object, by ranges. Ranges that lie near each other are read as one, so that
 * to look for many members takes few reads; only the blocks that are meant are checked and decoded.
 */
import type { Ranked, Score } from "../../domain/board-ports.ts";
import { byRank } from "../../domain/boards.ts";
import { ClosedFault, type ClosedObjects, type ClosedRanking } from "./closed.ts";
import {
  crcBytes,
  entriesPerBlock,
  entryAt,
  isWhole,
  type Layout,
  layoutOf,
  type Part,
  pairBytes,
  uint32At,
} from "./closed-code.ts";

/** What is no longer is read whole, and kept as long as the reader. */
const wholeBytesMax = 64 * 1024;
/** What lies no further apart is read as one, up to so much. */
const gapBytesMax = 256 * 1024;
const readBytesMax = 1024 * 1024;
const readsAtOnceMax = 4;

/** Bytes of the object that begin at `at`. */
interface Bytes {
  readonly bytes: Uint8Array;
  readonly at: number;
}

export class ClosedFile {
  readonly count: number;
  readonly #objects: ClosedObjects;
  readonly #ranking: ClosedRanking;
  readonly #layout: Layout;
  #whole: Promise<Bytes> | null = null;
  /** The lists of firsts, by where they begin. */
  readonly #firsts = new Map<number, Promise<Bytes>>();

  constructor(objects: ClosedObjects, ranking: ClosedRanking) {
    this.#objects = objects;
    this.#ranking = ranking;
    this.count = ranking.count;
    this.#layout = layoutOf(ranking);
  }

  /** From the nth on, best first. */
  async entries(nth: number, limit: number): Promise<Score[]> {
    const to = Math.min(this.count, nth + limit);
    if (nth >= to) return [];
    const from = Math.floor(nth / entriesPerBlock);
    const blocks = Math.ceil(to / entriesPerBlock) - from;
    const part = this.#layout.entries(from, blocks);
    const read = await this.#read(part);
    return this.#decoded(read, from, blocks).slice(
      nth - from * entriesPerBlock,
      to - from * entriesPerBlock,
    );
  }

  /** The block in which somebody of this score would stand, or whose last they would be behind. */
  async blockBefore(than: Score): Promise<number> {
    const { blocks, entryBytes, firsts } = this.#layout;
    if (blocks === 1) return 0;
    const list = await this.#first(firsts);
    let [from, to] = [0, blocks];
    while (to - from > 1) {
      const middle = (from + to) >>> 1;
      const first = entryAt(list.bytes, firsts.offset - list.at + middle * entryBytes, this.#ids);
      if (byRank(first, than) <= 0) from = middle;
      else to = middle;
    }
    return from;
  }

  /** The entries of a block and so many of those behind it. */
  async blockAnd(block: number, more: number): Promise<{ begun: number; entries: Score[] }> {
    const begun = block * entriesPerBlock;
    return { begun, entries: await this.entries(begun, entriesPerBlock + more) };
  }

  /** Where whoever has one of these hashes stands, in the order of the hashes. */
  async ranksOf(hashes: readonly number[]): Promise<(readonly [hash: number, nth: number])[]> {
    const { pairBlocks, firstHashes } = this.#layout;
    const list = await this.#first(firstHashes);
    const firstOf = (block: number) =>
      uint32At(list.bytes, firstHashes.offset - list.at + block * 4);
    const asked = new Set(hashes);
    const wanted = new Set<number>();
    for (const hash of asked) {
      let [from, to] = [0, pairBlocks];
      while (from < to) {
        const middle = (from + to) >>> 1;
        if (firstOf(middle) < hash) from = middle + 1;
        else to = middle;
      }
      // The one before may end with it; it may go on over the ones that begin with it.
      for (let n = Math.max(0, from - 1); n < pairBlocks && (n < from || firstOf(n) === hash); n++)
        wanted.add(n);
    }
    const found: (readonly [number, number])[] = [];
    await this.#eachBlock(wanted, this.#layout.pairs, (bytes, at, length) => {
      for (let i = at; i + pairBytes <= at + length - crcBytes; i += pairBytes) {
        const hash = uint32At(bytes, i);
        if (asked.has(hash)) found.push([hash, uint32At(bytes, i + 4)]);
      }
    });
    return found.sort(([a, m], [b, n]) => a - b || m - n);
  }

  /** The entries at these places, best first. */
  async entriesAt(places: readonly number[]): Promise<Ranked[]> {
    const byBlock = new Map<number, number[]>();
    for (const nth of places) {
      const block = Math.floor(nth / entriesPerBlock);
      byBlock.set(block, [...(byBlock.get(block) ?? []), nth]);
    }
    const found: Ranked[] = [];
    await this.#eachBlock(byBlock.keys(), this.#layout.entries, (bytes, at, _, block) => {
      for (const nth of byBlock.get(block) ?? []) {
        const place = at + (nth - block * entriesPerBlock) * this.#layout.entryBytes;
        found.push({ ...entryAt(bytes, place, this.#ids), rank: nth + 1 });
      }
    });
    return found.sort((a, b) => a.rank - b.rank);
  }

  get #ids() {
    return this.#ranking.ids;
  }

  #decoded(read: Bytes, from: number, blocks: number): Score[] {
    const { entryBytes } = this.#layout;
    const scores: Score[] = [];
    for (let block = from; block < from + blocks; block++) {
      const { offset, length } = this.#layout.entries(block, 1);
      this.#assertWhole(read, offset, length);
      const at = offset - read.at;
      for (let i = at; i < at + length - crcBytes; i += entryBytes)
        scores.push(entryAt(read.bytes, i, this.#ids));
    }
    return scores;
  }

  /** In groups of what lies near each other, few at once; whole blocks, in any order. */
  async #eachBlock(
    wanted: Iterable<number>,
    partOf: Layout["entries"],
    take: (bytes: Uint8Array, at: number, length: number, block: number) => void,
  ): Promise<void> {
    const groups = near(
      [...wanted].sort((a, b) => a - b),
      partOf,
    ).values();
    const lane = async () => {
      for (const { blocks, part } of groups) {
        const read = await this.#read(part);
        for (const block of blocks) {
          const { offset, length } = partOf(block, 1);
          this.#assertWhole(read, offset, length);
          take(read.bytes, offset - read.at, length, block);
        }
      }
    };
    await Promise.all(Array.from({ length: readsAtOnceMax }, lane));
  }

  #assertWhole({ bytes, at }: Bytes, offset: number, length: number): void {
    if (!isWhole(bytes, offset - at, length))
      throw new ClosedFault("damaged", this.#ranking.object);
  }

  #first(part: Part): Promise<Bytes> {
    const held = this.#firsts.get(part.offset);
    if (held !== undefined) return held;
    const read = this.#read(part).then((bytes) => {
      this.#assertWhole(bytes, part.offset, part.length);
      return bytes;
    });
    this.#firsts.set(part.offset, read);
    read.catch(() => this.#firsts.delete(part.offset));
    return read;
  }

  #read(part: Part): Promise<Bytes> {
    const { length } = this.#layout;
    if (length > wholeBytesMax) return this.#range(part);
    if (this.#whole !== null) return this.#whole;
    const read = this.#range({ offset: 0, length });
    this.#whole = read;
    read.catch(() => {
      this.#whole = null;
    });
    return read;
  }

  async #range({ offset, length }: Part): Promise<Bytes> {
    const bytes = await this.#objects.read(this.#ranking.object, offset, length);
    if (bytes === null) throw new ClosedFault("gone", this.#ranking.object);
    return { bytes, at: offset };
  }
}

interface Group {
  readonly blocks: number[];
  part: Part;
}

/** Blocks in order, as ranges to be read. */
function near(blocks: readonly number[], partOf: Layout["entries"]): Group[] {
  const groups: Group[] = [];
  for (const block of blocks) {
    const part = partOf(block, 1);
    const last = groups.at(-1);
    const end = part.offset + part.length;
    const isNear =
      last !== undefined &&
      part.offset - (last.part.offset + last.part.length) <= gapBytesMax &&
      end - last.part.offset <= readBytesMax;
    if (!isNear) groups.push({ blocks: [block], part });
    else {
      last.blocks.push(block);
      last.part = { offset: last.part.offset, length: end - last.part.offset };
    }
  }
  return groups;
}
