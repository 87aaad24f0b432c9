/**
 * The members of one ranking in order, by `byRank` to the letter: who is at a place, and which place
 * a score has or would have, in logarithmic time. Entries stand in blocks, and a tree of sums knows
 * how many stand before each block. An entry takes about 24 bytes; ids stand in a table that all
 * rankings share.
 */
import type { Score } from "../board-ports.ts";
import { Block, blockMax } from "./block.ts";
import { Counted } from "./counted.ts";
import type { IdTable } from "./id-table.ts";
import { type Entry, inOrder } from "./in-order.ts";

/** Blocks begin with so many, to take in some before they split. */
const filled = 224;
/** A block that holds fewer joins a neighbour, if both together hold no more than `filled`. */
const fewest = 64;

export class RankedList {
  readonly #ids: IdTable;
  #blocks: Block[] = [];
  /** Score and time of each block's first entry: what is sought is nearly always found by these alone. */
  #firsts = new Float64Array(0);
  readonly #counted = new Counted();

  /** In any order; a member once at most. */
  constructor(ids: IdTable, entries: readonly Entry[] = []) {
    this.#ids = ids;
    const best = inOrder(entries, ids);
    for (let from = 0; from < best.length; from += filled) {
      const some = best.slice(from, from + filled);
      const block = new Block(some.length);
      for (const { score, atMs, number } of some) block.push(score, atMs, number);
      this.#blocks.push(block);
    }
    this.#recount();
  }

  get size(): number {
    return this.#counted.total;
  }

  /** The member is not in the list yet. */
  add(score: Score): void {
    const number = this.#ids.numberOf(score.member);
    if (this.#blocks.length === 0) {
      this.#blocks.push(new Block(0));
      this.#recount();
    }
    let at = this.#blockOf(score);
    if (this.#block(at).count === blockMax) {
      this.#blocks.splice(at + 1, 0, this.#block(at).split());
      this.#recount();
      at = this.#blockOf(score);
    }
    const block = this.#block(at);
    const place = this.#placeIn(block, score);
    block.insert(place, score.score, score.atMs, number);
    if (place === 0) this.#setFirst(at, block);
    this.#counted.change(at, 1);
  }

  /** The member is in the list, with that score and time. */
  remove(score: Score): void {
    const at = this.#blockOf(score);
    const block = this.#block(at);
    const place = this.#placeIn(block, score);
    if (!this.#isAt(block, place, score)) throw new Error("a ranking out of step with its rows");
    block.remove(place);
    if (place === 0) this.#setFirst(at, block);
    this.#counted.change(at, -1);
    if (block.count < fewest) this.#join(at);
  }

  /** How many rank above this score, which need not be in the list itself. */
  above(score: Score): number {
    const at = this.#blockOf(score);
    const block = this.#blocks[at];
    return block === undefined ? 0 : this.#counted.before(at) + this.#placeIn(block, score);
  }

  /** How many rank above it or are it. */
  through(score: Score): number {
    const at = this.#blockOf(score);
    const block = this.#blocks[at];
    if (block === undefined) return 0;
    const place = this.#placeIn(block, score);
    return this.#counted.before(at) + place + (this.#isAt(block, place, score) ? 1 : 0);
  }

  /** Those with at least `from` and fewer than `to` others above them, best first. */
  slice(from: number, to: number): Score[] {
    const scores: Score[] = [];
    const end = Math.min(to, this.size);
    if (from >= end) return scores;
    let { heap, rest } = this.#counted.find(from);
    for (let left = end - from; left > 0; left--, rest++) {
      let block = this.#block(heap);
      for (; rest === block.count; rest = 0) block = this.#block(++heap);
      const member = this.#ids.idOf(block.numberAt(rest));
      scores.push({ member, score: block.scoreAt(rest), atMs: block.atMsAt(rest) });
    }
    return scores;
  }

  /** A block too small for itself; an empty one goes whatever its neighbours hold. */
  #join(at: number): void {
    const block = this.#block(at);
    const next = this.#blocks[at + 1];
    const before = this.#blocks[at - 1];
    if (block.count === 0) this.#blocks.splice(at, 1);
    else if (next !== undefined && block.count + next.count <= filled) {
      block.append(next);
      this.#blocks.splice(at + 1, 1);
    } else if (before !== undefined && before.count + block.count <= filled) {
      before.append(block);
      this.#blocks.splice(at, 1);
    } else return;
    this.#recount();
  }

  #recount(): void {
    this.#counted.reset(this.#blocks.map((block) => block.count));
    this.#firsts = new Float64Array(2 * this.#blocks.length);
    for (const [at, block] of this.#blocks.entries()) this.#setFirst(at, block);
  }

  /** Of a block without any it does not matter: it is filled or goes at once. */
  #setFirst(at: number, block: Block): void {
    this.#firsts[2 * at] = block.scoreAt(0);
    this.#firsts[2 * at + 1] = block.atMsAt(0);
  }

  #block(at: number): Block {
    const block = this.#blocks[at];
    if (block === undefined) throw new Error("a block that is not there");
    return block;
  }

  /** The last block whose first entry does not come after the score; the first, if all do. */
  #blockOf(score: Score): number {
    let [low, high] = [0, this.#blocks.length - 1];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.#firstOrder(middle, score) <= 0) low = middle;
      else high = middle - 1;
    }
    return low;
  }

  /** How many in the block rank above the score. */
  #placeIn(block: Block, score: Score): number {
    let [low, high] = [0, block.count];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#order(block, middle, score) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #firstOrder(at: number, score: Score): number {
    return (
      score.score - (this.#firsts[2 * at] as number) ||
      (this.#firsts[2 * at + 1] as number) - score.atMs ||
      this.#order(this.#block(at), 0, score)
    );
  }

  #isAt(block: Block, place: number, score: Score): boolean {
    return place < block.count && this.#order(block, place, score) === 0;
  }

  /** Less than 0: entry `i` ranks above the score. */
  #order(block: Block, i: number, { score, atMs, member }: Score): number {
    return (
      score - block.scoreAt(i) ||
      block.atMsAt(i) - atMs ||
      this.#ids.orderBeside(block.numberAt(i), member)
    );
  }
}
