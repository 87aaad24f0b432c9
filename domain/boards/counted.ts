/** How many things stand before each of a row of heaps: sums in a Fenwick tree. */
export class Counted {
  #tree = new Uint32Array(1);
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** From the beginning: so many in each. Linear in how many heaps there are. */
  reset(counts: readonly number[]): void {
    const tree = new Uint32Array(counts.length + 1);
    this.#total = 0;
    for (let i = 1; i < tree.length; i++) {
      const count = counts[i - 1] ?? 0;
      this.#total += count;
      tree[i] = (tree[i] as number) + count;
      const next = i + (i & -i);
      if (next < tree.length) tree[next] = (tree[next] as number) + (tree[i] as number);
    }
    this.#tree = tree;
  }

  /** One more in heap `i`, or one less. */
  change(i: number, by: 1 | -1): void {
    this.#total += by;
    const tree = this.#tree;
    for (let n = i + 1; n < tree.length; n += n & -n) tree[n] = (tree[n] as number) + by;
  }

  /** How many stand in the heaps before `i`. */
  before(i: number): number {
    let sum = 0;
    for (let n = i; n > 0; n &= n - 1) sum += this.#tree[n] as number;
    return sum;
  }

  /** In which heap the thing stands that has `place` others before it, and which it is there. */
  find(place: number): { readonly heap: number; readonly rest: number } {
    const tree = this.#tree;
    let [heap, rest] = [0, place];
    let stride = 1;
    while (2 * stride < tree.length) stride *= 2;
    for (; stride > 0; stride >>= 1) {
      const next = heap + stride;
      const count = tree[next] ?? Number.POSITIVE_INFINITY;
      if (count > rest) continue;
      heap = next;
      rest -= count;
    }
    return { heap, rest };
  }
}
