/**
 * Writes a closed ranking, a block at a time, out of its entries in rank order. Held are the
 * directory's pairs: eight bytes for each who is ranked; where they are more than may be held at
 * once, the entries are read again for every further range of hashes.
 */
import type { Score } from "../../domain/board-ports.ts";
import { byRank } from "../../domain/boards.ts";
import { spread } from "../../domain/identity.ts";
import {
  type ClosedShape,
  crcBytes,
  entriesPerBlock,
  entryBytesOf,
  headOf,
  pairBytes,
  pairsPerBlock,
  putEntry,
  putUint32,
  sealed,
} from "./closed-code.ts";

/** 16 MB; two million members are written in one go. */
const pairsHeldMax = 2_000_000;
const hashes = 2 ** 32;
/** As a platform writes two words into eight bytes, the one of more weight is the second one. */
const [rankWord, hashWord] = [0, 1] as const;

export type Entries = () => AsyncIterable<readonly Score[]>;

/** The object's bytes, in order. Throws if the entries are not so many, or not in rank order. */
export async function* closedChunks(
  shape: ClosedShape,
  entries: Entries,
  heldMax = pairsHeldMax,
): AsyncGenerator<Uint8Array> {
  const rounds = Math.max(1, Math.ceil(shape.count / heldMax));
  const pairs = new Pairs(Math.ceil(shape.count / rounds));
  yield headOf(shape);
  yield* entryBlocks(shape, entries(), (member, nth) => {
    const hash = spread(member);
    if (isInRound(hash, 0, rounds)) pairs.add(hash, nth);
  });
  const directory = new Directory();
  yield* directory.blocks(pairs.sorted());
  for (let round = 1; round < rounds; round++) {
    let nth = 0;
    for await (const batch of entries())
      for (const { member } of batch) {
        const hash = spread(member);
        if (isInRound(hash, round, rounds)) pairs.add(hash, nth);
        nth++;
      }
    yield* directory.blocks(pairs.sorted());
  }
  yield* directory.end();
}

const isInRound = (hash: number, round: number, rounds: number): boolean =>
  Math.floor((hash * rounds) / hashes) === round;

async function* entryBlocks(
  { count, ids }: ClosedShape,
  entries: AsyncIterable<readonly Score[]>,
  see: (member: string, nth: number) => void,
): AsyncGenerator<Uint8Array> {
  const entryBytes = entryBytesOf(ids);
  const blocks = Math.ceil(count / entriesPerBlock);
  const firsts = new Uint8Array(blocks * entryBytes + crcBytes);
  let block = new Uint8Array(0);
  let nth = 0;
  let before: Score | null = null;
  for await (const batch of entries)
    for (const entry of batch) {
      if (nth === count) throw new Error("more entries than were counted");
      if (before !== null && byRank(before, entry) >= 0) throw new Error("entries out of order");
      const inBlock = nth % entriesPerBlock;
      if (inBlock === 0) {
        block = new Uint8Array(Math.min(entriesPerBlock, count - nth) * entryBytes + crcBytes);
        putEntry(firsts, (nth / entriesPerBlock) * entryBytes, entry, ids);
      }
      putEntry(block, inBlock * entryBytes, entry, ids);
      see(entry.member, nth);
      before = entry;
      nth++;
      if (nth % entriesPerBlock === 0 || nth === count) yield sealed(block);
    }
  if (nth < count) throw new Error("fewer entries than were counted");
  yield sealed(firsts);
}

/** (hash, rank) as eight bytes each, put in order by the platform's own sort of integers. */
class Pairs {
  #words: Uint32Array<ArrayBuffer>;
  #count = 0;

  constructor(expected: number) {
    this.#words = new Uint32Array(2 * Math.ceil(expected * 1.1) + 2 * pairsPerBlock);
  }

  add(hash: number, nth: number): void {
    if (2 * this.#count === this.#words.length) {
      const more = new Uint32Array(2 * this.#words.length);
      more.set(this.#words);
      this.#words = more;
    }
    this.#words[2 * this.#count + hashWord] = hash;
    this.#words[2 * this.#count + rankWord] = nth;
    this.#count++;
  }

  /** By hash, then rank; none is left. */
  *sorted(): Generator<readonly [hash: number, nth: number]> {
    const count = this.#count;
    new BigUint64Array(this.#words.buffer, 0, count).sort();
    this.#count = 0;
    for (let i = 0; i < count; i++)
      yield [this.#words[2 * i + hashWord] ?? 0, this.#words[2 * i + rankWord] ?? 0];
  }
}

class Directory {
  readonly #firsts: number[] = [];
  #pairs: (readonly [number, number])[] = [];

  *blocks(pairs: Iterable<readonly [number, number]>): Generator<Uint8Array> {
    for (const pair of pairs) {
      this.#pairs.push(pair);
      if (this.#pairs.length === pairsPerBlock) yield this.#block();
    }
  }

  *end(): Generator<Uint8Array> {
    if (this.#pairs.length > 0) yield this.#block();
    const list = new Uint8Array(this.#firsts.length * 4 + crcBytes);
    this.#firsts.forEach((hash, i) => {
      putUint32(list, i * 4, hash);
    });
    yield sealed(list);
  }

  #block(): Uint8Array {
    const block = new Uint8Array(this.#pairs.length * pairBytes + crcBytes);
    this.#pairs.forEach(([hash, nth], i) => {
      putUint32(block, i * pairBytes, hash);
      putUint32(block, i * pairBytes + 4, nth);
    });
    this.#firsts.push(this.#pairs[0]?.[0] ?? 0);
    this.#pairs = [];
    return sealed(block);
  }
}
