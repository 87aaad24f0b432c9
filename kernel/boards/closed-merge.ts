/** Many sorted lists as one, each read a piece at a time: never more than a piece of each is held. */

/** What comes next; empty: that was all. */
export type Source<T> = () => Promise<readonly T[]>;

interface Reading<T> {
  readonly read: Source<T>;
  /** Of two that are the same, the one of the earlier list comes first. */
  readonly list: number;
  items: readonly T[];
  nth: number;
}

const batchItems = 512;

/** In order, in batches. */
export async function* merged<T>(
  sources: readonly Source<T>[],
  order: (a: T, b: T) => number,
): AsyncGenerator<readonly T[]> {
  const heap: Reading<T>[] = [];
  for (const [list, read] of sources.entries()) {
    const items = await read();
    if (items.length > 0) heap.push({ read, list, items, nth: 0 });
  }
  const isBefore = (a: Reading<T>, b: Reading<T>): boolean => {
    const [mine, other] = [a.items[a.nth], b.items[b.nth]] as [T, T];
    return (order(mine, other) || a.list - b.list) < 0;
  };
  for (let at = (heap.length >>> 1) - 1; at >= 0; at--) sink(heap, at, isBefore);
  let batch: T[] = [];
  for (let first = heap[0]; first !== undefined; first = heap[0]) {
    batch.push(first.items[first.nth++] as T);
    if (first.nth === first.items.length) {
      first.items = await first.read();
      first.nth = 0;
      if (first.items.length === 0) dropFirst(heap);
    }
    sink(heap, 0, isBefore);
    if (batch.length < batchItems) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

function dropFirst<T>(heap: T[]): void {
  const last = heap.pop();
  if (last !== undefined && heap.length > 0) heap[0] = last;
}

function sink<T>(heap: T[], from: number, isBefore: (a: T, b: T) => boolean): void {
  for (let at = from; ; ) {
    const [left, right] = [2 * at + 1, 2 * at + 2];
    let least = at;
    if (left < heap.length && isBefore(heap[left] as T, heap[least] as T)) least = left;
    if (right < heap.length && isBefore(heap[right] as T, heap[least] as T)) least = right;
    if (least === at) return;
    [heap[at], heap[least]] = [heap[least] as T, heap[at] as T];
    at = least;
  }
}
