import { err, ok } from "../../domain/result.ts";
import type { DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import {
  type Metric,
  measured,
  nightOf,
  type ReadDrafts,
  readBy,
  type SampleDraft,
  type SleepStage,
  type Span,
} from "../samples.ts";
import {
  type Fields,
  fieldsOf,
  instantOf,
  momentOf,
  numberNameOf,
  positiveOf,
  samplesMax,
  wordOf,
} from "../untrusted.ts";
import { beats, days, nights, recharges, sampleCollections } from "./values.ts";

const minuteMs = 60_000;
/** What is worn; which, only a night says. */
const watchOf = (id: unknown): DeviceStated => ({
  id: JSON.stringify(["polar", wordOf(id)]),
  kind: "watch",
  model: null,
});
const worn = watchOf(null);

/** "00:39" or "00:39:30", in milliseconds since midnight. */
function clockMsOf(text: unknown): number | null {
  if (typeof text !== "string") return null;
  const atMs = instantOf(`1970-01-02T${text.length === 5 ? `${text}:00` : text}Z`);
  return atMs === null ? null : atMs - msPerDay;
}

/** A calendar day's midnight, as if it stood in UTC. */
const dateMsOf = (date: unknown): Instant | null =>
  typeof date === "string" && date.length === 10 ? instantOf(`${date}T00:00:00Z`) : null;

// -- nights ---------------------------------------------------------------------------------

/** What it could not tell (5) is no stage. */
const stages: Readonly<Record<string, SleepStage>> = {
  0: "awake",
  1: "rem",
  2: "light",
  3: "light",
  4: "deep",
};

const parts: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["light_sleep", "light"],
  ["deep_sleep", "deep"],
  ["rem_sleep", "rem"],
  ["unrecognized_sleep_stage", "asleep"],
  ["total_interruption_duration", "awake"],
];

function nightIn(item: Fields): ReadDrafts {
  const sourceId = wordOf(item.date);
  if (sourceId === null) return err("no-id");
  const [start, end] = [momentOf(item.sleep_start_time), momentOf(item.sleep_end_time)];
  if (start === "no-zone" || end === "no-zone") return err("no-zone");
  if (start === null) return err("no-start");
  if (end === null || end.atMs <= start.atMs) return err("no-duration");
  const [fromMs, toMs, { offsetMin }] = [start.atMs, end.atMs, start];
  const span: Span = { sourceId, fromMs, toMs, offsetMin, device: watchOf(item.device_id) };
  const staged = hypnogramIn(item.hypnogram, span);
  const lengths = parts.map(([field, stage]) => [stage, positiveOf(item[field]) ?? 0] as const);
  return ok(staged.length > 0 ? staged : nightOf(span, lengths));
}

/** By the clock when each stage began; it lasts until the next, or the end. */
function hypnogramIn(hypnogram: unknown, span: Span): readonly SampleDraft[] {
  const offsetMs = (span.offsetMin ?? 0) * minuteMs;
  const midnightMs = Math.floor((span.fromMs + offsetMs) / msPerDay) * msPerDay - offsetMs;
  const begun = Object.entries(fieldsOf(hypnogram)).flatMap(([clock, stage]) => {
    const clockMs = clockMsOf(clock);
    if (clockMs === null) return [];
    const onDay = midnightMs + clockMs;
    // The seconds are cut off, so the first may seem to begin before the night.
    const atMs = onDay < span.fromMs - minuteMs ? onDay + msPerDay : Math.max(onDay, span.fromMs);
    return [{ atMs, stage: stages[numberNameOf(stage) ?? ""] }];
  });
  begun.sort((a, b) => a.atMs - b.atMs);
  return begun.flatMap(({ atMs: fromMs, stage }, i): SampleDraft[] => {
    const toMs = Math.min(span.toMs, begun[i + 1]?.atMs ?? span.toMs);
    if (stage === undefined || toMs <= fromMs) return [];
    const value = (toMs - fromMs) / 1000;
    return [{ ...span, metric: "sleep", fromMs, toMs, value, unit: "s", stage }];
  });
}

/** The night ends on its date: what is later than noon was on the evening before. */
function rechargeIn(item: Fields): ReadDrafts {
  const dayMs = dateMsOf(item.date);
  if (dayMs === null) return err("no-start");
  const series = (readings: unknown, metric: Metric, unit: string) =>
    Object.entries(fieldsOf(readings)).flatMap(([clock, v]) => {
      const clockMs = clockMsOf(clock);
      if (clockMs === null) return [];
      const atMs = dayMs + clockMs - (clockMs > msPerDay / 2 ? msPerDay : 0);
      return measured(civilAt(atMs), metric, v, unit);
    });
  return ok([
    ...series(item.hrv_samples, "hrv_rmssd", "ms"),
    ...series(item.breathing_samples, "respiratory_rate", "/min"),
  ]);
}

const civilAt = (atMs: Instant): Span => ({
  ...{ sourceId: null, fromMs: atMs, toMs: atMs, offsetMin: null, civil: true, device: worn },
});

// -- days -----------------------------------------------------------------------------------

/** Of one date, from when it was first counted; whatever is said of UTC, it ends at midnight. */
function dayIn(item: Fields): ReadDrafts {
  const fromMs = civilMsOf(item.start_time);
  const toMs = civilMsOf(item.end_time);
  if (fromMs === null) return err("no-start");
  if (toMs === null || toMs <= fromMs) return err("no-duration");
  const sourceId = String(item.start_time).slice(0, 10);
  const day = { offsetMin: null, civil: true, whole: "day" } as const;
  const span: Span = { sourceId, fromMs, toMs, ...day, device: worn };
  return ok([
    ...measured(span, "steps", item.steps, "1"),
    ...measured(span, "distance", item.distance_from_steps, "m"),
    ...measured(span, "active_energy", item.active_calories, "kcal"),
  ]);
}

/** With or without a zone, which is not believed. */
function civilMsOf(v: unknown): Instant | null {
  const text = typeof v === "string" ? v.slice(0, 19) : "";
  return instantOf(`${text}Z`);
}

function beatsIn(item: Fields): ReadDrafts {
  const dayMs = dateMsOf(item.date);
  if (dayMs === null) return err("no-start");
  const list: readonly unknown[] = Array.isArray(item.heart_rate_samples)
    ? item.heart_rate_samples
    : [];
  if (list.length > samplesMax) return err("too-many-samples");
  return ok(
    list.map(fieldsOf).flatMap(({ heart_rate, sample_time }) => {
      const clockMs = clockMsOf(sample_time);
      if (clockMs === null) return [];
      return measured(civilAt(dayMs + clockMs), "heart_rate", heart_rate, "/min");
    }),
  );
}

const read = readBy(
  new Map([
    [nights, nightIn],
    [recharges, rechargeIn],
    [days, dayIn],
    [beats, beatsIn],
  ]),
);

export const samples = { kinds: sampleCollections, collections: sampleCollections, read };
