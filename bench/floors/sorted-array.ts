/**
 * The plain way to rank: an array in order. A rank is counted out from the top, and a change finds
 * its place by halving and moves everything behind it. It is no least: it is what somebody writes who
 * keeps ranks without a structure for them, and what ranks are checked by. Nothing here is shared with
 * what is measured.
 */
export interface Placed {
  readonly id: string;
  readonly score: number;
  readonly time: number;
}

const order = (a: Placed, b: Placed): number => {
  if (a.score !== b.score) return b.score - a.score;
  if (a.time !== b.time) return a.time - b.time;
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
};

export class SortedArray {
  readonly #all: Placed[];

  constructor(all: readonly Placed[]) {
    this.#all = [...all].sort(order);
  }

  rank(one: Placed): number {
    let above = 0;
    for (const other of this.#all) if (order(other, one) < 0) above++;
    return above + 1;
  }

  change(before: Placed, after: Placed): void {
    this.#all.splice(this.#find(before), 1);
    this.#all.splice(this.#find(after), 0, after);
  }

  #find(one: Placed): number {
    let low = 0;
    let high = this.#all.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.#all[middle];
      if (other !== undefined && order(other, one) < 0) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
