import { err, ok } from "../../domain/result.ts";
import type { DeviceStated } from "../../domain/samples/sample.ts";
import { type Moment, msPerDay } from "../../domain/time.ts";
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
  highestHeartRate,
  instantOf,
  momentOf,
  positiveOf,
  samplesMax,
} from "../untrusted.ts";
import { dailyActivity, dailyOxygen, heartRate, idOf, sampleTypes, sleep } from "./notices.ts";

const ring: DeviceStated = { id: "oura", kind: "ring", model: null };
const phaseMs = 5 * 60_000;

// -- heart rate -----------------------------------------------------------------------------

/** Of the ring or typed in, whichever: `source` says what was done meanwhile. */
function beatOf(item: Fields): ReadDrafts {
  const at = whenIn(item.timestamp);
  if (typeof at === "string") return err(at);
  const value = positiveOf(item.bpm);
  if (value === null || value > highestHeartRate) return err("no-value");
  const span: Span = { sourceId: null, ...momentAt(at), device: ring };
  return ok([{ ...span, metric: "heart_rate", value, unit: "/min" }]);
}

const momentAt = ({ atMs, offsetMin }: Moment) => ({ fromMs: atMs, toMs: atMs, offsetMin });

function whenIn(v: unknown): Moment | "no-zone" | "no-start" {
  return momentOf(v) ?? "no-start";
}

// -- nights ---------------------------------------------------------------------------------

/** Five minutes each, from when the night began. */
const phases: Readonly<Record<string, SleepStage>> = {
  1: "deep",
  2: "light",
  3: "rem",
  4: "awake",
};
const durations: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["deep_sleep_duration", "deep"],
  ["light_sleep_duration", "light"],
  ["rem_sleep_duration", "rem"],
  ["awake_time", "awake"],
];

function nightIn(item: Fields): ReadDrafts {
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const start = whenIn(item.bedtime_start);
  if (typeof start === "string") return err(start);
  const toMs = instantOf(item.bedtime_end);
  if (toMs === null || toMs <= start.atMs) return err("no-duration");
  const { atMs: fromMs, offsetMin } = start;
  const span: Span = { sourceId, fromMs, toMs, offsetMin, device: ring };
  // What a member took back stays listed, under this type.
  if (item.type === "deleted")
    return ok([{ ...span, metric: "sleep", value: 0, unit: "s", gone: true }]);
  return ok([
    ...stagesIn(item, span),
    ...seriesIn(item.hrv, "hrv_rmssd", "ms"),
    ...measured(span, "respiratory_rate", item.average_breath, "/min"),
  ]);
}

function stagesIn(item: Fields, span: Span): readonly SampleDraft[] {
  const text = typeof item.sleep_phase_5_min === "string" ? item.sleep_phase_5_min : "";
  const drafts: SampleDraft[] = [];
  for (const run of text.slice(0, samplesMax).matchAll(/([1-4])\1*/g)) {
    const fromMs = span.fromMs + run.index * phaseMs;
    const toMs = Math.min(span.toMs, fromMs + run[0].length * phaseMs);
    const stage = phases[run[1] ?? ""];
    if (toMs <= fromMs || stage === undefined) continue;
    const value = (toMs - fromMs) / 1000;
    drafts.push({ ...span, metric: "sleep", fromMs, toMs, value, unit: "s", stage });
  }
  if (drafts.length > 0) return drafts;
  const parts = durations.map(([field, stage]) => [stage, positiveOf(item[field]) ?? 0] as const);
  const isStaged = parts.some(([stage, seconds]) => stage !== "awake" && seconds > 0);
  const whole = positiveOf(item.total_sleep_duration) ?? 0;
  return nightOf(span, isStaged ? parts : [["asleep", whole]]);
}

/** One value each so many seconds; nothing was measured where it is null. */
function seriesIn(series: unknown, metric: Metric, unit: string): SampleDraft[] {
  const { interval, items, timestamp } = fieldsOf(series);
  const start = whenIn(timestamp);
  const everyMs = Math.round((positiveOf(interval) ?? 0) * 1000);
  if (typeof start === "string" || everyMs <= 0 || !Array.isArray(items)) return [];
  return items.slice(0, samplesMax).flatMap((v, i) => {
    const at = { ...start, atMs: start.atMs + i * everyMs };
    return measured({ sourceId: null, ...momentAt(at), device: ring }, metric, v, unit);
  });
}

// -- days -----------------------------------------------------------------------------------

/** From its own beginning on, where it says when that was. */
function activityIn(item: Fields): ReadDrafts {
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const start = whenIn(item.timestamp);
  if (typeof start === "string") return err(start);
  const { atMs: fromMs, offsetMin } = start;
  const day = { fromMs, toMs: fromMs + msPerDay, offsetMin, whole: "day" } as const;
  const span: Span = { sourceId, ...day, device: ring };
  return ok([
    ...measured(span, "steps", item.steps, "1"),
    ...measured(span, "active_energy", item.active_calories, "kcal"),
  ]);
}

/** Which night it is of is said by its day alone, and stands for all of that day. */
function oxygenIn(item: Fields): ReadDrafts {
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const fromMs = typeof item.day === "string" ? instantOf(`${item.day}T00:00:00Z`) : null;
  if (fromMs === null) return err("no-start");
  const day = { civil: true, whole: "day" } as const;
  const span: Span = { sourceId, fromMs, toMs: fromMs + msPerDay, offsetMin: null, ...day };
  const { average } = fieldsOf(item.spo2_percentage);
  return ok(measured({ ...span, device: ring }, "oxygen_saturation", average, "%"));
}

const read = readBy(
  new Map([
    [heartRate, beatOf],
    [sleep, nightIn],
    [dailyActivity, activityIn],
    [dailyOxygen, oxygenIn],
  ]),
);

export const samples = { kinds: sampleTypes, collections: sampleTypes, read };
