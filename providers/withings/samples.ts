import { err, ok } from "../../domain/result.ts";
import type { DeviceKind, DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, isZone, msPerDay } from "../../domain/time.ts";
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
  amountOf,
  type Fields,
  fieldsOf,
  instantOf,
  numberNameOf,
  offsetInZone,
  positiveOf,
  textOf,
  wordOf,
} from "../untrusted.ts";
import { wallClockOf } from "../wall-clock.ts";
import { sourceOf } from "./models.ts";
import { days, measures, nights, sampleCollections, secondsOf } from "./values.ts";

// -- what measured it -----------------------------------------------------------------------

const scales = /body|scale|ws-?\d|wbs/i;
const meters = /bpm|blood|thermo/i;
const watches = /watch|steel|pulse|move|activit|go\b/i;

/** By the device's id; without one, what gave it, or the member's own hand. */
function deviceOf(item: Fields): DeviceStated {
  const { method, app } = madeBy(item);
  const model = textOf(item.model);
  const id = wordOf(item.deviceid);
  const made = model ?? "";
  let kind: DeviceKind = "unknown";
  if (method === "manual") kind = "manual";
  else if (method === "phone") kind = "phone";
  else if (id !== null && meters.test(made)) kind = "meter";
  else if (id !== null && scales.test(made)) kind = "scale";
  else if (id !== null && watches.test(made)) kind = "watch";
  return {
    id: JSON.stringify(["withings", id ?? app, kind]),
    kind,
    model: id === null ? null : model,
  };
}

/** Here a model's number has a field of its own, and `model` is its name. */
const madeBy = (item: Fields) => sourceOf({ ...item, model: item.modelid ?? item.model });
const appOf = (item: Fields): string => madeBy(item).app;
/** Later statements of one say so. */
const revisionOf = ({ modified }: Fields): { revision?: number } => {
  const revision = secondsOf(modified);
  return revision === null ? {} : { revision };
};

// -- groups of one moment -------------------------------------------------------------------

const metricByType: Readonly<Record<number, readonly [metric: Metric, unit: string]>> = {
  1: ["weight", "kg"],
  6: ["body_fat", "%"],
  9: ["blood_pressure_diastolic", "mm[Hg]"],
  10: ["blood_pressure_systolic", "mm[Hg]"],
  11: ["heart_rate", "/min"],
  54: ["oxygen_saturation", "%"],
  71: ["body_temperature", "Cel"],
};
export const measureTypes: readonly string[] = Object.keys(metricByType);
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

function groupIn(item: Fields): ReadDrafts {
  const at = secondsOf(item.date);
  if (at === null) return err("no-start");
  if (!Array.isArray(item.measures)) return err("not-understood");
  if (item.measures.length > measuresMax) return err("too-many-samples");
  if (item.category === goals || item.attrib === perhapsAnothers) return ok([]);
  const span: Span = {
    sourceId: numberNameOf(item.grpid),
    ...{ fromMs: at, toMs: at, offsetMin: null, device: deviceOf(item), app: appOf(item) },
    ...revisionOf(item),
  };
  return ok(
    item.measures.map(fieldsOf).flatMap(({ type, value, unit, position }): SampleDraft[] => {
      const known =
        typeof type === "number" && Object.hasOwn(metricByType, type) ? metricByType[type] : null;
      const amount = scaledOf(value, unit);
      const isPart = position !== undefined && position !== null && position !== wholeBody;
      if (known == null || amount === null || isPart) return [];
      const [metric, ucum] = known;
      return [{ ...span, metric, value: amount, unit: ucum }];
    }),
  );
}

// -- days and nights ------------------------------------------------------------------------

/** From midnight to midnight in the zone that is named; in the member's own, where none is. */
function dayIn(item: Fields): ReadDrafts {
  const date = wordOf(item.date) ?? "";
  const civilMs = date.length === 10 ? instantOf(`${date}T00:00:00Z`) : null;
  if (civilMs === null) return err("no-start");
  const device = deviceOf({ ...item, attrib: null });
  const span: Span = {
    sourceId: JSON.stringify([date, device.id]),
    ...dayOf(civilMs, item.timezone),
    ...{ offsetMin: null, whole: "day", device, app: appOf(item) },
    ...revisionOf(item),
  };
  return ok([
    ...measured(span, "steps", item.steps, "1"),
    ...measured(span, "distance", item.distance, "m"),
    ...measured(span, "active_energy", item.calories, "kcal"),
  ]);
}

/** Longer than the longest name of a zone. */
const zoneCharsMax = 64;

function dayOf(civilMs: Instant, timezone: unknown): Pick<Span, "fromMs" | "toMs" | "civil"> {
  const zone = wordOf(timezone, zoneCharsMax);
  if (zone === null || !isZone(zone))
    return { fromMs: civilMs, toMs: civilMs + msPerDay, civil: true };
  const clock = wallClockOf([{ zone, fromMs: 0 }]);
  return { fromMs: clock(civilMs), toMs: clock(civilMs + msPerDay) };
}

const stages: readonly (readonly [field: string, stage: SleepStage])[] = [
  ["deepsleepduration", "deep"],
  ["lightsleepduration", "light"],
  ["remsleepduration", "rem"],
  ["wakeupduration", "awake"],
];

function nightIn(item: Fields): ReadDrafts {
  const [fromMs, toMs] = [secondsOf(item.startdate), secondsOf(item.enddate)];
  if (fromMs === null) return err("no-start");
  if (toMs === null || toMs <= fromMs) return err("no-duration");
  const data = fieldsOf(item.data);
  const span: Span = {
    sourceId: numberNameOf(item.id) ?? String(fromMs),
    ...{ fromMs, toMs, offsetMin: offsetInZone(item.timezone, fromMs) },
    ...{ device: sleptOn(item), app: appOf(item) },
    ...revisionOf(item),
  };
  const parts = stages.map(([field, stage]) => [stage, amountOf(data[field]) ?? 0] as const);
  const isStaged = parts.some(([stage, seconds]) => stage !== "awake" && seconds > 0);
  const whole = positiveOf(data.total_sleep_time) ?? 0;
  return ok([
    ...nightOf(span, isStaged ? parts : [["asleep", whole]]),
    ...measured(span, "respiratory_rate", data.rr_average, "/min"),
  ]);
}

const mat = 32;
const tracker = 16;

/** The kind stands in numbers of its own there. */
function sleptOn({ model, hash_deviceid }: Fields): DeviceStated {
  const kind: DeviceKind = model === tracker ? "watch" : model === mat ? "meter" : "unknown";
  const id = JSON.stringify(["withings", wordOf(hash_deviceid) ?? "sleep", kind]);
  return { id, kind, model: null };
}

const read = readBy(
  new Map([
    [measures, groupIn],
    [days, dayIn],
    [nights, nightIn],
  ]),
);

export const samples = { kinds: sampleCollections, collections: sampleCollections, read };
