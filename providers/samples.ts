/**
 * A provider's measurements between workouts, in its own words and units (`SampleDraft`), and what
 * they come to in the stream's: integers, by the instant, and what was stated as one as one record.
 * What is wrong with one draft is that draft's alone.
 */
import type { ProviderReply } from "../domain/ports.ts";
import { err, ok, type Result } from "../domain/result.ts";
import { grouped } from "../domain/samples/grouped.ts";
import { type Metric, metrics, type SleepStage, sleepStages } from "../domain/samples/metrics.ts";
import {
  type DeviceStated,
  futureMsMax,
  recordSamplesMax,
  type SampleRecord,
  type SampleValue,
  sampleMsMax,
} from "../domain/samples/sample.ts";
import { toScaled } from "../domain/samples/units.ts";
import type { Settings } from "../domain/stream.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { secondsToMs } from "../domain/units.ts";
import type { ItemFault, PageFault } from "./provider.ts";
import { type Fields, halves, isFields, positiveOf } from "./untrusted.ts";
import { type WallClock, wallClockOf } from "./wall-clock.ts";

export { type Metric, metrics, type SleepStage, sleepStages };

/** One measurement, or a sum over a stretch. */
export interface SampleDraft {
  readonly metric: Metric;
  /** The source's own id of what it stands in; null: it has none. */
  readonly sourceId: string | null;
  readonly fromMs: Instant;
  /** As `fromMs` for a single moment. */
  readonly toMs: Instant;
  /** Minutes east of UTC as stated; null: not stated. */
  readonly offsetMin: number | null;
  /** The times are those of a clock on the wall, read as if it stood in UTC: no zone is named. */
  readonly civil?: true;
  /** It is of a whole day, also of one that is not over: it says nothing of what is to come. */
  readonly whole?: "day";
  readonly value: number;
  /** UCUM, as `toScaled` knows it: "1", "m", "kcal", "/min", "ms", "%", "mg/dL", "kg", "s" … */
  readonly unit: string;
  /** Of sleep: what part of it. */
  readonly stage?: SleepStage;
  /** Orders the statements of what has that `sourceId`; absent: the source orders nothing. */
  readonly revision?: number;
  /** What measured it; absent: nothing is said, and the provider stands for it. */
  readonly device?: DeviceStated;
  readonly app?: string;
  /** The source says that what has that `sourceId` is no more; its value means nothing. */
  readonly gone?: true;
}

/** What of a provider feeds the samples, and how it is read. */
export interface SampleSource {
  /** What an item may be: one of a body that carries data, or one that was pulled. */
  readonly kinds: readonly string[];
  /**
   * Those of them that can be pulled, by `pull.list` and `pull.page` with this as the step's
   * collection; each item of a page is one that `read` takes under that name. Beside
   * `pull.collections`, which are the workouts'. Absent: nothing is to be pulled.
   */
  readonly collections?: readonly string[];
  read(kind: string, item: unknown, receivedMs: Instant): Result<readonly SampleDraft[], ItemFault>;
  /**
   * Of a provider with `callbacks`: what lies at the address that a notice in `later` names, as
   * items that `read` takes under the notice's collection.
   */
  entries?(collection: string, reply: ProviderReply): Result<readonly unknown[], PageFault>;
}

/** When it was and by what: all but what was measured. */
export type Span = Omit<SampleDraft, "metric" | "value" | "unit">;

/** Nothing, where a zero or no number stands: it says that nothing was measured. */
export const measured = (span: Span, metric: Metric, v: unknown, unit: string): SampleDraft[] => {
  const value = positiveOf(v);
  return value === null ? [] : [{ ...span, metric, value, unit }];
};

export type ReadDrafts = Result<readonly SampleDraft[], ItemFault>;

/** A source whose kinds have a reader each; what begins ahead of us by more than a day is refused. */
export const readBy =
  (readers: ReadonlyMap<string, (item: Fields) => ReadDrafts>): SampleSource["read"] =>
  (kind, item, receivedMs) => {
    const reader = readers.get(kind);
    if (reader === undefined) return err("unknown-kind");
    if (!isFields(item)) return err("not-an-object");
    const drafts = reader(item);
    if (!drafts.ok) return drafts;
    const isAhead = drafts.value.some(({ fromMs }) => fromMs > receivedMs + msPerDay);
    return isAhead ? err("start-in-future") : drafts;
  };

/** How long each part of a night was, where its source does not say when it was. */
export type NightParts = readonly (readonly [stage: SleepStage, seconds: number])[];

/**
 * Laid one after another from when the night began: how long each was is then as stated, and only
 * when it was is not.
 */
export function nightOf(
  night: Omit<SampleDraft, "metric" | "toMs" | "value" | "unit" | "stage">,
  parts: NightParts,
): readonly SampleDraft[] {
  let fromMs = night.fromMs;
  return parts.flatMap(([stage, seconds]): SampleDraft[] => {
    const toMs = fromMs + secondsToMs(seconds);
    if (!(toMs > fromMs)) return [];
    const part = {
      ...night,
      metric: "sleep" as const,
      fromMs,
      toMs,
      value: seconds,
      unit: "s",
      stage,
    };
    fromMs = toMs;
    return [part];
  });
}

/**
 * The records that drafts of one provider come to, by metric and source id, each in order of time; and
 * what is wrong with those that come to none. `zones` are the member's: a wall clock's time is read
 * where they lived then.
 */
export function recordsOf(
  drafts: readonly SampleDraft[],
  provider: string,
  zones: Settings["zones"],
  receivedMs: Instant,
): readonly Result<SampleRecord, ItemFault>[] {
  const clock = wallClockOf(zones);
  const alone = drafts.filter(({ sourceId }) => sourceId === null);
  const named = drafts.filter(({ sourceId }) => sourceId !== null);
  const groups = grouped(named, (draft) => JSON.stringify([draft.metric, draft.sourceId]));
  const read = (group: readonly SampleDraft[]) => recordOf(group, provider, clock, receivedMs);
  return [...[...groups.values()].flatMap(read), ...alone.flatMap((draft) => read([draft]))];
}

/** One record of what could be read, and a fault for each draft that could not. */
function recordOf(
  group: readonly SampleDraft[],
  provider: string,
  clock: WallClock,
  receivedMs: Instant,
): readonly Result<SampleRecord, ItemFault>[] {
  const [first] = group;
  if (first === undefined) return [];
  if (group.length > recordSamplesMax) return [err("too-many-samples")];
  const gone = group.some((draft) => draft.gone);
  const values = group.map((draft) => measuredIn(draft, gone, clock, receivedMs));
  const faults = values.filter((value) => !value.ok);
  const samples = values.flatMap((value) => (value.ok ? [value.value] : []));
  if (samples.length === 0) return faults;
  if (!gone && spanMsOf(samples) > sampleMsMax) return [...faults, err("too-long")];
  const { metric, sourceId, app, device = { id: provider, kind: "unknown", model: null } } = first;
  const record: SampleRecord = {
    metric,
    id: wholeOf(sourceId),
    revision: revisionOf(group),
    device: { ...device, id: wholeOf(device.id), model: wholeOf(device.model) },
    app: wholeOf(app ?? null),
    samples: gone ? samples.slice(0, 1) : inOrder(samples),
    ...(gone ? { gone } : {}),
  };
  return [ok(record), ...faults];
}

function wholeOf(text: string): string;
function wholeOf(text: string | null): string | null;
function wholeOf(text: string | null): string | null {
  return text?.replace(halves, "\ufffd") ?? null;
}

/** The greatest that any of it states. */
const revisionOf = (group: readonly SampleDraft[]): number | null => {
  const stated = group.flatMap(({ revision }) => (revision === undefined ? [] : [revision]));
  return stated.length === 0 ? null : stated.reduce((most, n) => Math.max(most, n));
};

/** From the first moment of it to the last: what lasts longer is no record of one day. */
const spanMsOf = (samples: readonly SampleValue[]): number =>
  samples.reduce((ms, { toMs }) => Math.max(ms, toMs), 0) -
  samples.reduce((ms, { fromMs }) => Math.min(ms, fromMs), Number.POSITIVE_INFINITY);

const inOrder = (samples: readonly SampleValue[]): readonly SampleValue[] =>
  samples.toSorted((a, b) => a.fromMs - b.fromMs || a.toMs - b.toMs);

/** From the second day of 1970 on, so that no offset makes it less than nothing, until 2100. */
const isTime = (ms: Instant): boolean =>
  Number.isSafeInteger(ms) && ms >= msPerDay && ms < 4_102_444_800_000;

function measuredIn(
  draft: SampleDraft,
  gone: boolean,
  clock: WallClock,
  receivedMs: Instant,
): Result<SampleValue, ItemFault> {
  if (!isTime(draft.fromMs)) return err("no-start");
  if (!isTime(draft.toMs)) return err("no-end");
  const [fromMs, saidToMs] = instantsOf(draft, clock);
  const isOngoing = draft.whole !== undefined && fromMs <= receivedMs;
  const toMs = isOngoing ? Math.min(saidToMs, receivedMs) : saidToMs;
  if (toMs < fromMs) return err("end-before-start");
  if (toMs - fromMs > sampleMsMax) return err("too-long");
  if (toMs > receivedMs + futureMsMax) return err("in-future");
  if (gone) return ok({ fromMs, toMs, value: 0, stage: null });
  const value = toScaled(draft.metric, draft.value, draft.unit);
  if (!value.ok) return value;
  if (draft.metric === "sleep") return sleepOf(draft.stage ?? "asleep", fromMs, toMs, value.value);
  return ok({ fromMs, toMs, value: value.value, stage: null });
}

/** What is stated in minutes, or between times that were rounded. */
const roundingMs = 60_000;

/** Its times are what counts; of what was less than they are apart, from when it began. */
function sleepOf(
  stage: SleepStage,
  fromMs: Instant,
  toMs: Instant,
  lengthMs: number,
): Result<SampleValue, ItemFault> {
  if (lengthMs > toMs - fromMs + roundingMs) return err("impossible-value");
  const endMs = Math.min(toMs, fromMs + lengthMs);
  if (endMs === fromMs) return err("no-duration");
  return ok({ fromMs, toMs: endMs, value: endMs - fromMs, stage });
}

const minuteMs = 60_000;

function instantsOf(
  { fromMs, toMs, civil, offsetMin }: SampleDraft,
  clock: WallClock,
): readonly [Instant, Instant] {
  if (civil === undefined) return [fromMs, toMs];
  if (offsetMin !== null) return [fromMs - offsetMin * minuteMs, toMs - offsetMin * minuteMs];
  return [clock(fromMs), clock(toMs)];
}
