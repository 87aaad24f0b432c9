/**
 * Measurements between workouts, in groups of one moment, as integers with a power of ten. What may be
 * another person's (two of one weight on one scale), a goal, or of a part of the body is left out.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import type { Metric, SampleDraft } from "../samples.ts";
import { fieldsOf, isFields, numberNameOf } from "../untrusted.ts";
import { measures, secondsOf } from "./values.ts";

const metricByType: Readonly<Record<number, readonly [metric: Metric, unit: string]>> = {
  1: ["weight", "kg"],
  6: ["body_fat", "%"],
  9: ["blood_pressure_diastolic", "mm[Hg]"],
  10: ["blood_pressure_systolic", "mm[Hg]"],
  11: ["heart_rate", "/min"],
  54: ["oxygen_saturation", "%"],
  71: ["body_temperature", "Cel"],
};
const wholeBody = 7;
const goals = 2;
const perhapsAnothers = 1;
/** Of one moment there are some dozens. */
const measuresMax = 200;

/** `value` · 10^`unit`, as it would be written, so that nothing is rounded. */
function scaledOf(value: unknown, unit: unknown): number | null {
  if (!Number.isSafeInteger(value) || !Number.isInteger(unit)) return null;
  if (Math.abs(Number(unit)) > 12) return null;
  const amount = Number(`${value}e${unit}`);
  return amount > 0 ? amount : null;
}

function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  if (kind !== measures) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const at = secondsOf(item.date);
  if (at === null) return err("no-start");
  if (at > receivedMs + msPerDay) return err("start-in-future");
  if (!Array.isArray(item.measures)) return err("not-understood");
  if (item.measures.length > measuresMax) return err("too-many-samples");
  if (item.category === goals || item.attrib === perhapsAnothers) return ok([]);
  const sourceId = numberNameOf(item.grpid);
  return ok(
    item.measures.map(fieldsOf).flatMap(({ type, value, unit, position }): SampleDraft[] => {
      const known =
        typeof type === "number" && Object.hasOwn(metricByType, type) ? metricByType[type] : null;
      const amount = scaledOf(value, unit);
      const isPart = position !== undefined && position !== null && position !== wholeBody;
      if (known == null || amount === null || isPart) return [];
      const [metric, ucum] = known;
      const of = { sourceId, fromMs: at, toMs: at, offsetMin: null };
      return [{ metric, ...of, value: amount, unit: ucum }];
    }),
  );
}

export const samples = { kinds: [measures], read };
