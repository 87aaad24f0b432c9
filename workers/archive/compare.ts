/**
 * Live boards of open periods beside what the archive comes to, per member. Differences are published
 * as drift; a member whose live numbers differ has its ledger publish the period's days again, ever
 * more rarely while that does not help: the archive never writes a score. Members are taken a slice
 * at a time and days a few at a time, so that a long period goes on over steps and memory stays
 * bounded. A period that closed is no longer compared: its board is made anew (run-boards.ts).
 */
import { isOpen } from "../../domain/boards.ts";
import { spread } from "../../domain/identity.ts";
import { ledgerName, type Numbers } from "../../domain/ports.ts";
import { type AnyStream, streamNamed } from "../../domain/streams.ts";
import { daysOfPeriod, type LocalDate } from "../../domain/time.ts";
import { ArchiveFault } from "../../kernel/settle/manifest.ts";
import { addDay, type DriftRow, differences, type Sums, together } from "./drift.ts";
import { type Asked, DriftStore, type Due } from "./drift-store.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";
import { readLive } from "./live-rows.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { mayBeReplaced, noteFault } from "./run-fault.ts";
import { nightOf, reachOf } from "./settle-args.ts";

/**
 * Days of one bucket that one unit reads, and units of one step. A unit asks D1 a dozen times, and
 * for each day once and once more a slice of the rows around it: four of them some 100 times. Where
 * every day is as full as it may be one asks 550 times, and takes all the time that a step has.
 */
const daysPerUnitMax = 7;
const unitsPerStepMax = 4;
/** Members whose sums are held at once. */
const membersPerSliceMax = 5000;
const repairsPerSliceMax = 50;

/** Which comparison the run is at. */
interface Place extends Omit<Due, "mark"> {
  /** It is done: the next one lies behind it. */
  readonly isPast: boolean;
  /** Which slice of the members, of how many. */
  readonly slice: number;
  readonly of: number;
  /** What the slices before came to, and whether nobody differed. */
  readonly rows: readonly DriftRow[];
  readonly isSettled: boolean;
}
/** Sums of the days before, kept beside the archive: too much for the run's row. */
interface Halfway {
  readonly of: string;
  readonly day: LocalDate;
  readonly sums: Sums;
}

export const halfwayFolder = "comparing/";
const halfwayName = (run: string): string => `${halfwayFolder}${run}.json`;

const askedOf = (step: Step): Asked => ({ stream: reachOf(step).stream, night: nightOf(step) });

/** It names members, so it goes with the run, however that ends. */
export const dropHalfway = (env: ArchiveEnv, run: string): Promise<void> =>
  env.ARCHIVE.delete(halfwayName(run));

export const compareStage: Stage = {
  name: "compare",
  unitsPerStepMax,
  size: (step) => new DriftStore(step.env.WAREHOUSE).count(askedOf(step)),
  unit: compareUnit,
};

/**
 *   1. the members' exact sums are made from the facts of some days; if days are left, they are put
 *      aside                              a crash before: these days are read again
 *   2. the boards are read and compared; while they are being spread further, later
 *   3. ledgers that differ publish again  a crash here: compared again, most likely mended by then
 *   4. drift is written down; the mark goes, unless something was settled meanwhile, or anybody
 *      differed: the next night sees whether it was mended
 *                                         a crash before: compared again
 */
async function compareUnit(step: Step): Promise<Progress> {
  const { env, run } = step;
  const store = new DriftStore(env.WAREHOUSE);
  const at: Place | null = run.state.cursor === null ? null : JSON.parse(run.state.cursor);
  const due = await store.next(askedOf(step), at, at?.isPast ?? false);
  if (due === null) {
    await dropHalfway(env, run.id);
    return { go: "next" };
  }
  const isHere = at !== null && !at.isPast && at.period === due.period && at.bucket === due.bucket;
  const place = isHere && at.stream === due.stream ? at : await placeOf(store, due);
  const past: Progress = { go: "more", done: 1, cursor: cursorAt({ ...place, isPast: true }) };
  const stream = streamNamed(due.stream);
  if (stream === undefined) return { ...past, counts: { unknownStreams: 1 } };
  if (!stream.ranked || !isOpen(due.period, step.now())) return past;
  try {
    const sums = await exactSums(step, stream, due, place);
    if (sums === null) return { go: "more", cursor: cursorAt(place) };
    const live = await liveNumbers(step, stream, due, place);
    if (live === null) return { go: "wait" };
    const { next, counts } = await compareSlice(step, stream, due, place, { exact: sums, live });
    if (next.slice < next.of) return { go: "more", cursor: cursorAt(next), counts };
    await store.put(due, next.rows, next.isSettled, step.now());
    return { ...past, counts: { ...counts, compared: 1 } };
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    if (mayBeReplaced(step, error)) return { go: "wait" };
    await noteFault(step, error);
    return { ...past, counts: { faults: 1 } };
  }
}

/** At its first slice. */
async function placeOf(store: DriftStore, due: Due): Promise<Place> {
  const { stream, period, bucket } = due;
  const of = Math.max(1, Math.ceil((await store.membersIn(due)) / membersPerSliceMax));
  return { stream, period, bucket, isPast: false, slice: 0, of, rows: [], isSettled: true };
}
const cursorAt = (place: Place): string =>
  JSON.stringify(place.isPast ? { ...place, rows: [] } : place);

/** Not by the bucket's own spreading, which all of its members share. */
const isIn =
  ({ slice, of }: Place) =>
  (member: string): boolean =>
    of === 1 || spread(`${member}#`) % of === slice;

/** Step 1. Null: more days are left. */
async function exactSums(
  { env, ports, run }: Step,
  stream: AnyStream,
  due: Due,
  place: Place,
): Promise<Sums | null> {
  const { period, bucket, mark } = due;
  const of = JSON.stringify([due.stream, period, bucket, mark, place.slice, place.of]);
  const held = await env.ARCHIVE.get(halfwayName(run.id));
  const kept = held === null ? null : ((await held.json()) as Halfway);
  const halfway = kept?.of === of ? kept : null;
  const { from, to } = daysOfPeriod(period);
  const days = (await ports.index.settledDays(due.stream, bucket, from, to)).filter(
    (day) => halfway === null || day > halfway.day,
  );
  const sums: Sums = halfway?.sums ?? {};
  const now = days.slice(0, daysPerUnitMax);
  for (const day of now) await addDay(ports, stream, bucket, day, isIn(place), sums);
  const last = now.at(-1);
  if (last === undefined || days.length === now.length) return sums;
  const next: Halfway = { of, day: last, sums };
  await env.ARCHIVE.put(halfwayName(run.id), JSON.stringify(next));
  return null;
}

/**
 * Of one slice of the members, those who are on the board; null: not now. What counts for teams only,
 * and what is no period's, is nobody's drift.
 */
async function liveNumbers(
  { env }: Step,
  stream: AnyStream,
  { period, bucket }: Due,
  place: Place,
): Promise<ReadonlyMap<string, Numbers> | null> {
  const found = new Map<string, Numbers>();
  const isHere = isIn(place);
  const isWhole = await readLive(env, stream, bucket, ({ member, periods }) => {
    const numbers = periods[period];
    if (numbers !== undefined && isHere(member)) found.set(member, numbers);
  });
  return isWhole ? found : null;
}

/** Steps 2 and 3, for one slice of the members. */
async function compareSlice(
  step: Step,
  stream: AnyStream,
  due: Due,
  place: Place,
  { exact, live }: { readonly exact: Sums; readonly live: ReadonlyMap<string, Numbers> },
): Promise<{ next: Place; counts: Readonly<Record<string, number>> }> {
  const store = new DriftStore(step.env.WAREHOUSE);
  const counting = await store.onBoards([...new Set([...Object.keys(exact), ...live.keys()])]);
  const { rows, members } = differences(stream, exact, live, counting);
  const isMoving = members.length > 0 && (await store.isMoving(due));
  const repaired = isMoving ? 0 : await repair(step, stream, due, members);
  const next: Place = {
    ...place,
    slice: place.slice + 1,
    rows: together(place.rows, rows),
    isSettled: place.isSettled && members.length === 0,
  };
  const notRepaired = members.length - repaired;
  return { next, counts: { differing: members.length, repaired, notRepaired } };
}

/**
 * One that still has something under way is not wrong, only ahead: it is compared next time. One
 * whose asking did not help last time is asked again later.
 */
async function repair(
  { env, ports, now }: Step,
  stream: AnyStream,
  { period, bucket }: Due,
  members: readonly string[],
): Promise<number> {
  const store = new DriftStore(env.WAREHOUSE);
  const names = members.map((member) => ledgerName(stream.name, member));
  const due = (await store.mayRepair(names, now())).slice(0, repairsPerSliceMax);
  if (due.length === 0) return 0;
  const { from, to } = daysOfPeriod(period);
  const days =
    period === "all" ? null : await ports.index.settledDays(stream.name, bucket, from, to);
  const asked: string[] = [];
  try {
    for (const name of due) {
      const ledger = ledgerOf(env, name);
      if ((await ledger.report()).pending > 0) continue;
      await ledger.publishAgain(days);
      asked.push(name);
    }
  } finally {
    await store.repaired(asked, now());
  }
  return asked.length;
}
