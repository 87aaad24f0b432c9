/**
 * What feeds the samples, by the answers that hold it: nights, weights, heart rate and steps. None
 * names a zone: every time is that of the member's clock. Of the steps of a day there is a sum and a
 * series; where both are there, the series is taken, so that nothing is counted twice. Short
 * awakenings that Fitbit lays over the stages of a night (`shortData`) are left out for the same reason.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, localDate, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { nightOf as laidOut, type Metric, type SampleDraft, type SleepStage } from "../samples.ts";
import { amountOf, type Fields, fieldsOf, isFields, samplesMax } from "../untrusted.ts";
import {
  civilMsOf,
  civilMsOn,
  dayMsOf,
  heart,
  heartDays,
  logIdOf,
  nights,
  sampleCollections,
  scales,
  steps,
} from "./values.ts";

const minuteMs = 60_000;

const entriesOf = (v: unknown): readonly Fields[] => (Array.isArray(v) ? v.map(fieldsOf) : []);
const draft = (
  metric: Metric,
  [fromMs, toMs]: readonly [Instant, Instant],
  [value, unit]: readonly [number, string],
  sourceId: string | null = null,
): SampleDraft => ({ metric, sourceId, fromMs, toMs, offsetMin: null, civil: true, value, unit });

/** A calendar day's; it is known by its day. */
const wholeDay = (metric: Metric, fromMs: Instant, amount: readonly [number, string]) => ({
  ...draft(metric, [fromMs, fromMs + msPerDay], amount, localDate(fromMs, 0)),
  whole: "day" as const,
});

// -- sleep ----------------------------------------------------------------------------------

/** In the older kind of night, restless time counts as awake in Fitbit's own sums. */
const stages: ReadonlyMap<unknown, SleepStage> = new Map([
  ["asleep", "asleep"],
  ["restless", "awake"],
  ["awake", "awake"],
  ["wake", "awake"],
  ["light", "light"],
  ["deep", "deep"],
  ["rem", "rem"],
]);

function nightOf(night: Fields): readonly SampleDraft[] {
  const sourceId = logIdOf(night.logId);
  const staged = entriesOf(fieldsOf(night.levels).data).flatMap((level) => {
    const fromMs = civilMsOf(level.dateTime);
    const seconds = amountOf(level.seconds) ?? 0;
    const stage = stages.get(level.level);
    if (fromMs === null || seconds === 0 || stage === undefined) return [];
    const asleep = draft("sleep", [fromMs, fromMs + seconds * 1000], [seconds, "s"], sourceId);
    return [{ ...asleep, stage }];
  });
  if (staged.length > 0) return staged;
  const fromMs = civilMsOf(night.startTime);
  const minutes = amountOf(night.minutesAsleep) ?? 0;
  const toMs = civilMsOf(night.endTime) ?? 0;
  if (fromMs === null || minutes === 0 || toMs <= fromMs) return [];
  return laidOut({ sourceId, fromMs, offsetMin: null, civil: true }, [["asleep", minutes * 60]]);
}

// -- the scales -----------------------------------------------------------------------------

function weighingOf(log: Fields): SampleDraft[] {
  const atMs = civilMsOn(log.date, log.time);
  const [kg, percent] = [amountOf(log.weight) ?? 0, amountOf(log.fat) ?? 0];
  if (atMs === null) return [];
  const at = [atMs, atMs] as const;
  const sourceId = logIdOf(log.logId);
  return [
    ...(kg > 0 ? [draft("weight", at, [kg, "kg"], sourceId)] : []),
    ...(percent > 0 ? [draft("body_fat", at, [percent, "%"], sourceId)] : []),
  ];
}

// -- series of a day ------------------------------------------------------------------------

const stepMsOf = ({ datasetInterval, datasetType }: Fields): number =>
  (amountOf(datasetInterval) || 1) * (datasetType === "second" ? 1000 : minuteMs);

/** Each as an instant of the day's clock, and its number. */
function seriesOf(body: Fields, name: string): (readonly [Instant, number])[] {
  const [day] = entriesOf(body[`activities-${name}`]);
  const date = day?.dateTime;
  return entriesOf(fieldsOf(body[`activities-${name}-intraday`]).dataset).flatMap((entry) => {
    const atMs = civilMsOn(date, entry.time);
    const value = amountOf(entry.value) ?? 0;
    return atMs === null || value === 0 ? [] : [[atMs, value] as const];
  });
}

function heartOf(body: Fields): SampleDraft[] {
  const resting = entriesOf(body["activities-heart"]).flatMap((day) => {
    const fromMs = dayMsOf(day.dateTime);
    const bpm = amountOf(fieldsOf(day.value).restingHeartRate) ?? 0;
    if (fromMs === null || bpm === 0) return [];
    return [wholeDay("resting_heart_rate", fromMs, [bpm, "/min"])];
  });
  const beats = seriesOf(body, "heart").map(([atMs, bpm]) =>
    draft("heart_rate", [atMs, atMs], [bpm, "/min"]),
  );
  return [...resting, ...beats];
}

function stepsOf(body: Fields): SampleDraft[] {
  const stepMs = stepMsOf(fieldsOf(body["activities-steps-intraday"]));
  const series = seriesOf(body, "steps").map(([fromMs, count]) =>
    draft("steps", [fromMs, fromMs + stepMs], [count, "1"]),
  );
  if (series.length > 0) return series;
  return entriesOf(body["activities-steps"]).flatMap((day) => {
    const fromMs = dayMsOf(day.dateTime);
    const count =
      typeof day.value === "string" && /^\d{1,9}$/.test(day.value) ? Number(day.value) : 0;
    if (fromMs === null || count === 0) return [];
    return [wholeDay("steps", fromMs, [count, "1"])];
  });
}

/** The kinds, the list that an answer of each has to hold, and how it is read. */
const kinds: Readonly<
  Record<string, readonly [list: string, read: (body: Fields) => readonly SampleDraft[]]>
> = {
  [nights]: ["sleep", (body) => entriesOf(body.sleep).flatMap(nightOf)],
  [scales]: ["weight", (body) => entriesOf(body.weight).flatMap(weighingOf)],
  [heart]: ["activities-heart", heartOf],
  [heartDays]: ["activities-heart", heartOf],
  [steps]: ["activities-steps", stepsOf],
};

function read(kind: string, item: unknown): Result<readonly SampleDraft[], ItemFault> {
  const known = Object.hasOwn(kinds, kind) ? kinds[kind] : undefined;
  if (known === undefined) return err("unknown-kind");
  const [list, drafts] = known;
  if (!isFields(item)) return err("not-an-object");
  if (!Array.isArray(item[list])) return err("not-understood");
  const found = drafts(item);
  return found.length > samplesMax ? err("too-many-samples") : ok(found);
}

export const samples = { kinds: Object.keys(kinds), collections: sampleCollections, read };
