/**
 * Nights, as a notice carries them: how long each stage was, over the time in bed; when each was is not
 * said. Averages and extremes of a night are no measurements and are left out.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { ItemFault } from "../provider.ts";
import type { SampleDraft, SleepStage } from "../samples.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  momentOf,
  numberNameOf,
  positiveOf,
} from "../untrusted.ts";
import { sleep } from "./values.ts";

const stages: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["DeepSleepDuration", "deep"],
  ["LightSleepDuration", "light"],
  ["REMSleepDuration", "rem"],
];

function nightOf(entry: Fields): SampleDraft[] {
  const start = momentOf(entry.BedtimeStart);
  const end = momentOf(entry.BedtimeEnd);
  if (start === null || start === "no-zone" || end === null || end === "no-zone") return [];
  if (end.atMs <= start.atMs) return [];
  const night = (stage: SleepStage, seconds: number): SampleDraft => ({
    metric: "sleep",
    sourceId: numberNameOf(entry.SleepId),
    fromMs: start.atMs,
    toMs: end.atMs,
    offsetMin: start.offsetMin,
    value: seconds,
    unit: "s",
    stage,
  });
  const staged = stages.flatMap(([field, stage]) => {
    const seconds = positiveOf(entry[field]);
    return seconds === null ? [] : [night(stage, seconds)];
  });
  const whole = positiveOf(entry.Duration);
  return staged.length > 0 || whole === null ? staged : [night("asleep", whole)];
}

function read(kind: string, item: unknown): Result<readonly SampleDraft[], ItemFault> {
  if (kind !== sleep) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  if (!Array.isArray(item.samples)) return err("not-understood");
  return ok(item.samples.flatMap((sample) => nightOf(fieldsOf(fieldsOf(sample).entryData))));
}

export const samples = { kinds: [sleep], read };
