/**
 * What a file should come to, as somebody read it: `test/corpus/providers-expected.json`, an entry
 * for a file of that name and these bytes. What an entry does not say is not compared.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseMoment } from "../../../domain/time.ts";
import type { Judged } from "./judge.ts";
import type { Read } from "./understand.ts";

export interface ExpectedWorkout {
  readonly type?: string;
  /** RFC 3339 in UTC. */
  readonly start: string;
  readonly offset?: number | null;
  readonly seconds: number;
  readonly metres?: number | null;
}

export interface Expected {
  /** Below the folder, with slashes. */
  readonly file: string;
  readonly sha256: string;
  readonly verdict: Judged["verdict"];
  /** For whoever reads it; not compared. */
  readonly why: string;
  readonly workouts?: readonly ExpectedWorkout[];
  readonly faults?: readonly string[];
  readonly says?: Partial<Judged["says"]>;
  readonly metrics?: readonly string[];
  /** "<metric> <from> <to> <integer in its scale> [<stage>]", in any order. */
  readonly readings?: readonly string[];
}

const withinS = 1;
const withinM = 1;
const withinPart = 0.005;

export const expectations = (): Expected[] =>
  JSON.parse(readFileSync(join(import.meta.dirname, "../providers-expected.json"), "utf8"));

/** What differs, in words; none: the expectation is met. */
export function differences(judged: Judged, expected: Expected): string[] {
  const wrong: string[] = [];
  const compare = (what: string, is: unknown, should: unknown): void => {
    if (should !== undefined && JSON.stringify(is) !== JSON.stringify(should))
      wrong.push(`${what} ${JSON.stringify(is)}, not ${JSON.stringify(should)}`);
  };
  compare("verdict", judged.verdict, expected.verdict);
  compare("faults", [...judged.faults].sort(), expected.faults && [...expected.faults].sort());
  for (const [what, n] of Object.entries(expected.says ?? {}))
    compare(what, judged.says[what as keyof Judged["says"]], n);
  for (const metric of expected.metrics ?? [])
    if (!judged.metrics.includes(metric)) wrong.push(`no ${metric}`);
  wrong.push(...readingDifferences(judged.readings ?? [], expected.readings));
  if (expected.verdict === "accepted" && judged.verdict === "accepted")
    wrong.push(...workoutDifferences(judged.workouts, expected.workouts ?? []));
  return wrong;
}

/** What was found stays unsaid: it may be somebody's. */
function readingDifferences(
  found: readonly string[],
  expected: readonly string[] | undefined,
): string[] {
  if (expected === undefined) return [];
  const rest = [...found];
  const missing = expected.filter((reading) => {
    const at = rest.indexOf(reading);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  const more = rest.length > 0 ? [`${rest.length} readings that are not expected`] : [];
  return [...missing.map((reading) => `no reading ${JSON.stringify(reading)}`), ...more];
}

function workoutDifferences(
  found: readonly Read[],
  expected: readonly ExpectedWorkout[],
): string[] {
  if (found.length !== expected.length) return [`${found.length} workouts, not ${expected.length}`];
  const order = [...found].sort((a, b) => a.startMs - b.startMs || a.elapsedMs - b.elapsedMs);
  const should = expected
    .map((its) => ({ ...its, startMs: msOf(its.start) }))
    .sort((a, b) => a.startMs - b.startMs || a.seconds - b.seconds);
  return order.flatMap((is, i) => oneDifference(is, should[i] as ExpectedWorkout, i + 1));
}

function msOf(text: string): number {
  const moment = parseMoment(text);
  return moment.ok ? moment.value.atMs : Number.NaN;
}

function oneDifference(is: Read, should: ExpectedWorkout, nth: number): string[] {
  const wrong: string[] = [];
  const say = (what: string, found: unknown, expected: unknown) =>
    wrong.push(`workout ${nth}: ${what} ${found}, not ${expected}`);
  if (should.type !== undefined && is.type !== should.type) say("type", is.type, should.type);
  if (should.offset !== undefined && is.offsetMin !== should.offset)
    say("offset", is.offsetMin, should.offset);
  const lateS = (is.startMs - msOf(should.start)) / 1000;
  if (!(Math.abs(lateS) <= withinS)) say("start", `${lateS} s late`, should.start);
  const seconds = is.elapsedMs / 1000;
  if (!(Math.abs(seconds - should.seconds) <= withinS)) say("seconds", seconds, should.seconds);
  const metres = is.distanceMm === null ? null : is.distanceMm / 1000;
  if (should.metres !== undefined && !isNear(metres, should.metres))
    say("metres", metres, should.metres);
  return wrong;
}

const isNear = (is: number | null, should: number | null): boolean =>
  is === null || should === null
    ? is === should
    : Math.abs(is - should) <= Math.max(withinM, should * withinPart);
