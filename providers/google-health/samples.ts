/**
 * What Google Health measures between workouts, one data point an item: sums of a minute or so,
 * readings of a moment, values of a day, nights. The points of every source are listed side by side,
 * so each says what measured it, and nothing counts twice.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceKind, DeviceStated } from "../../domain/samples/sample.ts";
import { type Instant, isLocalDate, msPerDay } from "../../domain/time.ts";
import type { ItemFault } from "../provider.ts";
import { nightOf, type SampleDraft, type SleepStage, type Span } from "../samples.ts";
import {
  type Fields,
  fieldsOf,
  instantOf,
  isFields,
  offsetOf as minutesOf,
  samplesMax,
  textCharsMax,
  textOf,
} from "../untrusted.ts";
import { type DataType, dataTypes, sampleCollections, sleep } from "./types.ts";
import { amountOf, digitsOf, idOf, secondsOf } from "./values.ts";

// -- what measured it -----------------------------------------------------------------------

const kindByForm: ReadonlyMap<unknown, DeviceKind> = new Map([
  ["WATCH", "watch"],
  ["FITNESS_BAND", "band"],
  ["RING", "ring"],
  ["CHEST_STRAP", "chest-strap"],
  ["SCALE", "scale"],
  ["PHONE", "phone"],
  ["TABLET", "phone"],
]);

/** A device has no id there: it is what it is called, by the way it came. */
function sourceOf({ recordingMethod, platform, device, application }: Fields) {
  const { formFactor, displayName, model, manufacturer } = fieldsOf(device);
  const app = textOf(fieldsOf(application).packageName);
  const way = textOf(platform);
  const names = [way, app, textOf(manufacturer), textOf(model), textOf(displayName)];
  const isTyped = recordingMethod === "MANUAL" && formFactor === undefined;
  const kind = isTyped ? "manual" : (kindByForm.get(formFactor) ?? "unknown");
  const stated: DeviceStated = {
    id: JSON.stringify([...names, kind]),
    kind,
    // A name may be one that a person gave; Fitbit's own devices show their product's.
    model: textOf(model) ?? (platform === "FITBIT" ? textOf(displayName) : null),
  };
  const isStated = names.some((name) => name !== null) || kind !== "unknown";
  return {
    ...(isStated ? { device: stated } : {}),
    ...((app ?? way) === null ? {} : { app: app ?? way ?? "" }),
  };
}

// -- when it was ----------------------------------------------------------------------------

const offsetOf = (seconds: unknown): number | null =>
  minutesOf((secondsOf(seconds) ?? Number.NaN) / 60);

function stretchIn(interval: unknown): Pick<Span, "fromMs" | "toMs" | "offsetMin"> | null {
  const { startTime, endTime, startUtcOffset } = fieldsOf(interval);
  const [fromMs, toMs] = [instantOf(startTime), instantOf(endTime)];
  if (fromMs === null || toMs === null || toMs <= fromMs) return null;
  return { fromMs, toMs, offsetMin: offsetOf(startUtcOffset) };
}

function momentIn(sampleTime: unknown): Pick<Span, "fromMs" | "toMs" | "offsetMin"> | null {
  const { physicalTime, utcOffset } = fieldsOf(sampleTime);
  const atMs = instantOf(physicalTime);
  return atMs === null ? null : { fromMs: atMs, toMs: atMs, offsetMin: offsetOf(utcOffset) };
}

/** A calendar day of the member's, in no zone. */
function dayIn(date: unknown): (Omit<Span, "sourceId"> & { readonly day: string }) | null {
  const { year, month, day } = fieldsOf(date);
  const text = `${digitsOf(year, 4)}-${digitsOf(month, 2)}-${digitsOf(day, 2)}`;
  const fromMs = isLocalDate(text) ? instantOf(`${text}T00:00:00Z`) : null;
  if (fromMs === null) return null;
  const whole = { civil: true, whole: "day" } as const;
  return { fromMs, toMs: fromMs + msPerDay, offsetMin: null, ...whole, day: text };
}

/** Only some points have a name; a day's value is its day's and its source's. */
function spanOf({ shape }: DataType, of: Fields, point: Fields): Span | null {
  const source = sourceOf(fieldsOf(point.dataSource));
  const named = idOf(textOf(point.name, textCharsMax)?.split("/").at(-1));
  if (shape === "daily") {
    const found = dayIn(of.date);
    if (found === null) return null;
    const { day, ...span } = found;
    const sourceId = named ?? JSON.stringify([day, source.device?.id ?? null]);
    return { sourceId, ...span, ...source };
  }
  const span = shape === "interval" ? stretchIn(of.interval) : momentIn(of.sampleTime);
  return span === null ? null : { sourceId: named, ...span, ...source };
}

// -- nights ---------------------------------------------------------------------------------

/** What is restless is no sleep in Google's own sums. */
const stages: ReadonlyMap<unknown, SleepStage> = new Map([
  ["AWAKE", "awake"],
  ["RESTLESS", "awake"],
  ["ASLEEP", "asleep"],
  ["LIGHT", "light"],
  ["DEEP", "deep"],
  ["REM", "rem"],
]);

function sleepOf(point: Fields): Result<readonly SampleDraft[], ItemFault> {
  const night = fieldsOf(point.sleep);
  const stretch = stretchIn(night.interval);
  if (stretch === null) return err("no-start");
  const sourceId = idOf(textOf(point.name, textCharsMax)?.split("/").at(-1));
  if (sourceId === null) return err("no-id");
  const revision = instantOf(night.updateTime) ?? instantOf(night.createTime);
  if (revision === null) return err("no-revision");
  const span: Span = { sourceId, ...stretch, revision, ...sourceOf(fieldsOf(point.dataSource)) };
  const stated: readonly unknown[] = Array.isArray(night.stages) ? night.stages : [];
  if (stated.length > samplesMax) return err("too-many-samples");
  const staged = stated.map(fieldsOf).flatMap((said): SampleDraft[] => {
    const [fromMs, toMs] = [instantOf(said.startTime), instantOf(said.endTime)];
    const stage = stages.get(said.type);
    if (fromMs === null || toMs === null || toMs <= fromMs || stage === undefined) return [];
    const value = (toMs - fromMs) / 1000;
    return [{ ...span, metric: "sleep", fromMs, toMs, value, unit: "s", stage }];
  });
  if (staged.length > 0) return ok(staged);
  const minutes = amountOf(fieldsOf(night.summary).minutesAsleep);
  const wholeS = (stretch.toMs - stretch.fromMs) / 1000;
  return ok(nightOf(span, [["asleep", minutes === null ? wholeS : minutes * 60]]));
}

// -------------------------------------------------------------------------------------------

function read(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<readonly SampleDraft[], ItemFault> {
  const type = dataTypes.get(kind);
  if (type === undefined && kind !== sleep) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const of = item[type?.field ?? sleep];
  if (!isFields(of)) return err("not-an-object");
  const drafts = type === undefined ? sleepOf(item) : readingsIn(type, of, item);
  if (!drafts.ok) return drafts;
  const isAhead = drafts.value.some(({ fromMs }) => fromMs > receivedMs + msPerDay);
  return isAhead ? err("start-in-future") : drafts;
}

/** Zero stands where a device does not measure. */
function readingsIn(
  type: DataType,
  of: Fields,
  point: Fields,
): Result<readonly SampleDraft[], ItemFault> {
  const span = spanOf(type, of, point);
  if (span === null) return err("no-start");
  return ok(
    type.readings.flatMap(([metric, unit, field]): SampleDraft[] => {
      const value = amountOf(of[field]);
      return value === null || value === 0 ? [] : [{ ...span, metric, value, unit }];
    }),
  );
}

export const samples = { kinds: sampleCollections, collections: sampleCollections, read };
