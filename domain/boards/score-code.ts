/**
 * What a member has on boards as bytes: the same content is the same bytes, so whether a row changed
 * is seen by comparing them. Nothing at all is no bytes.
 *
 *   version 1 · shown periods · unshown periods
 *   periods: how many, then of each its text, the bytes that follow, its keys
 *   keys: how many, then of each its text, how many numbers, the numbers
 *
 * A number is one more than its zigzag, or 0 and a float. Periods carry their length so that one
 * score is found by stepping over the others. Bytes that are none of this are `Unreadable`: only a
 * bug can have written them.
 */
import type { Numbers, Ranking, ScoreRow } from "../board-ports.ts";
import { signedMax, Unreadable, VarintReader, VarintWriter } from "../varints.ts";

const version = 1;
const isFloat = 0;

export type Content = Pick<ScoreRow, "periods" | "unshown">;
type Periods = Content["periods"];

/** What is ranked: by what, and when it was reached. */
export interface Mark {
  readonly score: number;
  readonly atMs: number;
}

/** What counts for a member's teams in one period. */
export interface PeriodNumbers {
  readonly isShown: boolean;
  readonly numbers: Numbers;
}

export const nothing: Uint8Array = new Uint8Array(0);

/** Used for one row after another: a new one for each would take longer than the writing. */
const out = new VarintWriter();

/** Throws `RangeError` for a number that is not finite. */
export function encodeScores({ periods, unshown }: Content): Uint8Array {
  const [shown, hidden] = [periodsIn(periods), periodsIn(unshown)];
  if (shown.length + hidden.length === 0) return nothing;
  out.clear();
  out.byte(version);
  writePeriods(shown);
  writePeriods(hidden);
  return out.written();
}

/** Throws `Unreadable`. */
export function decodeScores(body: Uint8Array): Content {
  const input = opened(body);
  if (input === null) return { periods: {}, unshown: {} };
  const content = { periods: readPeriods(input), unshown: readPeriods(input) };
  if (!input.isAtEnd) throw new Unreadable("a score row goes on after its end");
  return content;
}

/**
 * Looks up one ranking's score in one body after another; null: not ranked there. Only what is
 * greater than nothing is ranked. Throws `Unreadable`.
 */
export function markFinder({ period, key, measure }: Ranking): (body: Uint8Array) => Mark | null {
  const [periodBytes, keyBytes] = [textBytes(period), textBytes(key)];
  return (body) => {
    const input = opened(body);
    if (input === null || !isAtPeriod(input, periodBytes)) return null;
    for (let left = input.count(); left > 0; left--) {
      if (input.isNext(keyBytes)) return markIn(input, measure);
      input.skipText();
      for (let numbers = input.count(); numbers > 0; numbers--) readNumber(input);
    }
    return null;
  };
}

/** What everybody sees of a period, or else what counts for teams only. Throws `Unreadable`. */
export function periodFinder(period: string): (body: Uint8Array) => PeriodNumbers | null {
  const bytes = textBytes(period);
  return (body) => {
    const input = opened(body);
    if (input === null) return null;
    for (const isShown of [true, false])
      if (isAtPeriod(input, bytes)) return { isShown, numbers: readKeys(input) };
    return null;
  };
}

export function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** In order, without those that hold nothing. */
const periodsIn = (periods: Periods): [string, Numbers][] =>
  Object.entries(periods)
    .filter(([, numbers]) => Object.keys(numbers).length > 0)
    .sort(byText);

function writePeriods(periods: readonly [string, Numbers][]): void {
  out.unsigned(periods.length);
  for (const [period, numbers] of periods) {
    out.text(period);
    out.sized(() => writeKeys(numbers));
  }
}

function writeKeys(numbers: Numbers): void {
  const entries = Object.entries(numbers).sort(byText);
  out.unsigned(entries.length);
  for (const [key, values] of entries) {
    out.text(key);
    out.unsigned(values.length);
    for (const n of values) writeNumber(n);
  }
}

function writeNumber(n: number): void {
  if (!Number.isFinite(n)) throw new RangeError("no finite number");
  if (Number.isInteger(n) && Math.abs(n) < signedMax) {
    out.unsigned(n < 0 ? -2 * n : 2 * n + 1);
    return;
  }
  out.unsigned(isFloat);
  out.float64(n);
}

function readNumber(input: VarintReader): number {
  const n = input.unsigned();
  if (n === isFloat) return input.float64();
  return n % 2 === 0 ? -n / 2 : (n - 1) / 2;
}

function opened(body: Uint8Array): VarintReader | null {
  if (body.length === 0) return null;
  const input = new VarintReader(body);
  if (input.byte() !== version) throw new Unreadable("a score row of an unknown version");
  return input;
}

/** Before the period's keys if it is there; otherwise before what follows all periods. */
function isAtPeriod(input: VarintReader, period: Uint8Array): boolean {
  for (let left = input.count(); left > 0; left--) {
    if (input.isNext(period)) {
      input.count();
      return true;
    }
    input.skipText();
    input.skip(input.count());
  }
  return false;
}

/** The last number is when the last thing was counted. */
function markIn(input: VarintReader, measure: number): Mark | null {
  const count = input.count();
  let [score, atMs] = [0, 0];
  for (let i = 0; i < count; i++) {
    const n = readNumber(input);
    if (i === measure && i < count - 1) score = n;
    atMs = n;
  }
  return score > 0 ? { score, atMs } : null;
}

/** From entries, which make a property of any text, whatever objects have by nature. */
function readPeriods(input: VarintReader): Periods {
  const periods: [string, Numbers][] = [];
  for (let left = input.count(); left > 0; left--) {
    const period = input.text();
    input.count();
    periods.push([period, readKeys(input)]);
  }
  return Object.fromEntries(periods);
}

function readKeys(input: VarintReader): Numbers {
  const keys: [string, number[]][] = [];
  for (let left = input.count(); left > 0; left--) {
    const key = input.text();
    keys.push([key, Array.from({ length: input.count() }, () => readNumber(input))]);
  }
  return Object.fromEntries(keys);
}

function textBytes(text: string): Uint8Array {
  const writer = new VarintWriter();
  writer.text(text);
  return writer.written();
}

const byText = ([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number =>
  a < b ? -1 : a > b ? 1 : 0;
