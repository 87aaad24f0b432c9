/**
 * What a watch measures between workouts, as a notice carries it or a list gives it: nights, of which
 * is said how long each stage was and not when; readings of the heart and of oxygen; and from lists
 * alone a day's steps. Averages and extremes of a night are no measurements and are left out.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { nightOf, type SampleDraft, type SleepStage } from "../samples.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  momentOf,
  numberNameOf,
  positiveOf,
  samplesMax,
  textOf,
} from "../untrusted.ts";
import { activity, days, sampleCollections, sleep } from "./values.ts";

const watch: DeviceStated = { id: "suunto", kind: "watch", model: null };

const stages: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["DeepSleepDuration", "deep"],
  ["LightSleepDuration", "light"],
  ["REMSleepDuration", "rem"],
];

const momentIn = (v: unknown) => {
  const moment = momentOf(v);
  return moment === "no-zone" ? null : moment;
};

function nightIn(sample: Fields): readonly SampleDraft[] {
  const entry = fieldsOf(sample.entryData);
  const [start, end] = [momentIn(entry.BedtimeStart), momentIn(entry.BedtimeEnd)];
  if (start === null || end === null || end.atMs <= start.atMs) return [];
  const parts = stages.map(([field, stage]) => [stage, positiveOf(entry[field]) ?? 0] as const);
  const isStaged = parts.some(([, seconds]) => seconds > 0);
  const whole = positiveOf(entry.Duration) ?? 0;
  const night = {
    sourceId: numberNameOf(entry.SleepId) ?? String(start.atMs),
    ...{ fromMs: start.atMs, offsetMin: start.offsetMin, device: watch },
  };
  return nightOf(night, isStaged ? parts : [["asleep", whole]]);
}

/** No heart beats five times a second, and none five times a minute: either unit is told by itself. */
const hertzMax = 5;
const perMinuteOf = (v: unknown): number | null => {
  const value = positiveOf(v);
  return value === null || value > hertzMax ? value : value * 60;
};
/** As a part of one in its examples, and as a percentage by others. */
const percentOf = (v: unknown): number | null => {
  const value = positiveOf(v);
  return value === null || value > 1 ? value : value * 100;
};

function readingIn(sample: Fields): SampleDraft[] {
  const at = momentIn(sample.timestamp);
  if (at === null) return [];
  const entry = fieldsOf(sample.entryData);
  const moment = { fromMs: at.atMs, toMs: at.atMs, offsetMin: at.offsetMin };
  const of = { sourceId: null, ...moment, device: watch };
  const [beats, oxygen] = [perMinuteOf(entry.HR), percentOf(entry.SpO2)];
  return [
    ...(beats === null
      ? []
      : [{ ...of, metric: "heart_rate" as const, value: beats, unit: "/min" }]),
    ...(oxygen === null
      ? []
      : [{ ...of, metric: "oxygen_saturation" as const, value: oxygen, unit: "%" }]),
  ];
}

/** One list a source of the account's, each of days. */
function daysIn({ Name, Sources }: Fields): SampleDraft[] {
  if (Name !== "stepcount" || !Array.isArray(Sources)) return [];
  return Sources.map(fieldsOf).flatMap((source) => {
    const name = textOf(source.Name);
    const device = name === null ? watch : { ...watch, id: JSON.stringify(["suunto", name]) };
    const list: readonly unknown[] = Array.isArray(source.Samples) ? source.Samples : [];
    return list.map(fieldsOf).flatMap(({ TimeISO8601, Value }): SampleDraft[] => {
      const start = momentIn(TimeISO8601);
      const steps = positiveOf(Value);
      if (start === null || steps === null) return [];
      const sourceId = JSON.stringify([start.atMs, name]);
      const day = { fromMs: start.atMs, toMs: start.atMs + msPerDay, whole: "day" } as const;
      const of = { sourceId, ...day, offsetMin: start.offsetMin, device };
      return [{ ...of, metric: "steps", value: steps, unit: "1" }];
    });
  });
}

const readers: ReadonlyMap<string, (sample: Fields) => readonly SampleDraft[]> = new Map([
  [sleep, nightIn],
  [activity, readingIn],
]);

function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  if (!sampleCollections.includes(kind)) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  if (kind !== days && !Array.isArray(item.samples)) return err("not-understood");
  const samples = Array.isArray(item.samples) ? item.samples.map(fieldsOf) : [];
  if (samples.length > samplesMax) return err("too-many-samples");
  const drafts = kind === days ? daysIn(item) : samples.flatMap(readers.get(kind) ?? nightIn);
  return ok(drafts.filter(({ fromMs }) => fromMs <= receivedMs + msPerDay));
}

export const samples = { kinds: sampleCollections, collections: sampleCollections, read };
