/**
 * Which sealed values, and how much of each, a page of samples is made of. Pure, from what the rows
 * say of themselves: of a large series only the page's bytes are fetched, unless the whole of it is
 * needed to tell what may be shown.
 */
import type { SamplePlace } from "../../domain/ports.ts";
import { isSeries, sampleBytes, samplesIn } from "../../domain/workouts/series.ts";
import { openedLength } from "./chunked.ts";

/** Sealed bytes that one answer is made of, but for a single value that is larger. */
const bytesOpenedMax = 16 * 1_048_576;

/** A group of a row as the database tells of it. */
export interface Pointer {
  readonly row_id: string;
  readonly group_name: string;
  readonly version: number;
  readonly key_id: string;
  readonly bytes: number;
  readonly object: string | null;
}
export interface PageAsked {
  readonly after: SamplePlace | null;
  readonly limit: number;
  /** Nothing is shown before the whole value is open. */
  readonly whole: boolean;
  /** Sealed bytes that it is made of, but for a single value that is larger; absent: 16 MiB. */
  readonly bytes?: number;
}
/** What is opened of a value: samples `[from, to)` of it, or all of it. */
export interface Portion {
  readonly pointer: Pointer;
  readonly range: SampleRange | null;
}
export interface SampleRange {
  readonly from: number;
  readonly to: number;
  /** How many there are. */
  readonly of: number;
}
export interface Portions {
  readonly portions: readonly Portion[];
  /** Where the next page begins once these are used up; null: there is no more. */
  readonly rest: SamplePlace | null;
}

/** How many samples a sealed value holds; what is no series is one. */
const samplesOf = ({ group_name, bytes }: Pointer): number =>
  isSeries(group_name) ? samplesIn(group_name, openedLength(bytes)) : 1;

/**
 * Whole rows in their order until the page is full, or holds as many bytes as it may. Where what is
 * shown is known only once it is open, the page is not full before that: where it ended would tell
 * how much was cut.
 */
export function portionsOf(pointers: readonly Pointer[], asked: PageAsked): Portions {
  const { after, limit, whole, bytes: bytesMax = bytesOpenedMax } = asked;
  const portions: Portion[] = [];
  let [left, bytes, position] = [limit, 0, 0];
  let before: Pointer | null = null;
  for (const pointer of pointers) {
    const row = pointer.row_id;
    position = before?.row_id === row ? position : 0;
    const isFull = !whole && left <= 0;
    if (portions.length > 0 && (isFull || bytes + pointer.bytes > bytesMax))
      return { portions, rest: { row, sample: position } };
    const samples = samplesOf(pointer);
    const first = row === after?.row ? Math.max(0, after.sample - position) : 0;
    const from = Math.min(samples, first);
    const to = Math.min(samples, from + Math.max(0, left));
    const isPart = !whole && isSeries(pointer.group_name) && pointer.object !== null && from < to;
    portions.push({ pointer, range: isPart ? { from, to, of: samples } : null });
    left -= samples - from;
    bytes += isPart ? bytesIn(pointer, to - from) : pointer.bytes;
    position += samples;
    before = pointer;
  }
  return { portions, rest: null };
}

const bytesIn = ({ group_name }: Pointer, samples: number): number =>
  isSeries(group_name) ? samples * sampleBytes(group_name) : 0;

/** A value that was opened: its samples, or itself, and which of them these are. */
export interface Shown {
  readonly row: string;
  readonly column: string;
  readonly version: number;
  readonly samples: readonly unknown[];
  /** Null: all of them. */
  readonly range: SampleRange | null;
}

/**
 * The page itself, of what may be shown: `after` counts only that, so that a place tells nothing of
 * what was cut. A value is left out when nothing of it lies in the page, unless it is empty itself.
 */
export function pageOf(
  shown: readonly Shown[],
  { after, limit }: PageAsked,
  rest: SamplePlace | null,
): { readonly shown: readonly Shown[]; readonly next: SamplePlace | null } {
  const page: Shown[] = [];
  let [left, position] = [limit, 0];
  let before: Shown | null = null;
  for (const one of shown) {
    const { row, samples, range } = one;
    position = before?.row === row ? position : 0;
    if (left <= 0) return { shown: page, next: { row, sample: position } };
    const wanted = row === after?.row ? Math.max(0, after.sample - position) : 0;
    const start = wanted - (range?.from ?? 0);
    const taken = samples.slice(start, start + left);
    const [end, of] = [wanted + taken.length, range?.of ?? samples.length];
    if (taken.length > 0 || of === 0) page.push({ ...one, samples: taken });
    left -= taken.length;
    if (end < of) return { shown: page, next: { row, sample: position + end } };
    position += of;
    before = one;
  }
  return { shown: page, next: rest };
}
