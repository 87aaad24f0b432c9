/**
 * One sample of a phone's batch, as it travels inside: `{ type, value, unit, stage?, startDate,
 * endDate?, sourceDevice: { id, kind?, model? }, sourceApp?, uuid?, metadata?, deleted? }`. The first thing that
 * is wrong with it is its fault. What has `deleted: true` needs only type, times and what it is known
 * by: its id, or without one its device.
 */
import { err, ok, type Result } from "../../domain/result.ts";
import type { Metric, SleepStage } from "../../domain/samples/metrics.ts";
import {
  type DeviceKind,
  type DeviceStated,
  deviceKinds,
  futureMsMax,
  type SampleRecord,
  type SampleValue,
  sampleMsMax,
} from "../../domain/samples/sample.ts";
import { toScaled } from "../../domain/samples/units.ts";
import { isFinal, neverReturns, type Revision } from "../../domain/stream.ts";
import type { Instant } from "../../domain/time.ts";
import { type Fields, fieldsOf, halves, isFields, momentOf, textOf, wordOf } from "../untrusted.ts";
import {
  deviceIdCharsMax,
  recordIdCharsMax,
  type SampleFault,
  syncIdentifierCharsMax,
} from "./faults.ts";
import { isHealthKits, metricNamed } from "./names.ts";
import { stageNamed } from "./sleep.ts";

/** Who deletes by an id may not know what measured it. No source's own id is empty. */
export const noDevice: DeviceStated = { id: "", kind: "unknown", model: null };

export function readSample(
  json: unknown,
  isTwofold: boolean,
  nowMs: Instant,
): Result<SampleRecord, SampleFault> {
  if (!isFields(json)) return err("not-an-object");
  if (isTwofold) return err("duplicate-key");
  const metric = metricNamed(json.type);
  if (metric === null) return err("unknown-type");
  const times = timesOf(json, nowMs);
  if (!times.ok) return times;
  const gone = json.deleted ?? false;
  if (typeof gone !== "boolean") return err("bad-deleted");
  const app = nameOf(json.sourceApp);
  const known = identityOf(json, app, gone);
  if (!known.ok) return known;
  const { id, revision } = known.value;
  const device = deviceOf(json.sourceDevice, gone && id !== null);
  if (!device.ok) return device;
  const record = { metric, id, revision, device: device.value, app };
  if (gone)
    return ok({ ...record, samples: [{ ...times.value, value: 0, stage: null }], gone: true });
  if (metric === "sleep") {
    const samples = sleepOf(json, times.value);
    return samples.ok ? ok({ ...record, samples: samples.value }) : samples;
  }
  const measured = quantityOf(metric, json);
  if (!measured.ok) return measured;
  return ok({ ...record, samples: [{ ...times.value, ...measured.value }] });
}

type Times = Pick<SampleValue, "fromMs" | "toMs">;
type Measured = Pick<SampleValue, "value" | "stage">;

const isStated = (v: unknown): boolean => v !== undefined && v !== null;

function timesOf({ startDate, endDate }: Fields, nowMs: Instant): Result<Times, SampleFault> {
  const start = momentOf(startDate);
  const end = isStated(endDate) ? momentOf(endDate) : start;
  if (start === "no-zone" || end === "no-zone") return err("no-zone");
  if (start === null) return err("no-start");
  if (end === null) return err("no-end");
  const [fromMs, toMs] = [start.atMs, end.atMs];
  if (toMs < fromMs) return err("end-before-start");
  if (toMs > nowMs + futureMsMax) return err("in-future");
  return toMs - fromMs > sampleMsMax ? err("too-long") : ok({ fromMs, toMs });
}

const nameOf = (v: unknown): string | null => textOf(v)?.replace(halves, "\ufffd") ?? null;

function idOf(v: unknown, charsMax: number): string | null {
  const id = wordOf(v, charsMax);
  return id !== null && id.search(halves) < 0 ? id : null;
}

interface Identity {
  readonly id: string | null;
  readonly revision: Revision | null;
}

const uuidWord = /^[A-Za-z0-9._-]+$/;
const uuidPattern = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i;

/**
 * A sync identifier is what HealthKit itself replaces by, and each app has its own; it begins with a
 * bracket, so that no uuid is one. A uuid that was deleted never comes back, so its deletion outranks
 * every statement of it; what has a sync identifier may, with a greater version.
 */
function identityOf(
  { uuid, metadata }: Fields,
  app: string | null,
  gone: boolean,
): Result<Identity, SampleFault> {
  if (isStated(metadata) && !isFields(metadata)) return err("bad-metadata");
  const { HKMetadataKeySyncIdentifier, HKMetadataKeySyncVersion, version } = fieldsOf(metadata);
  const revision = versionOf(HKMetadataKeySyncVersion ?? version);
  if (revision === undefined) return err("bad-metadata");
  if (isStated(HKMetadataKeySyncIdentifier)) {
    const identifier = idOf(HKMetadataKeySyncIdentifier, syncIdentifierCharsMax);
    if (identifier === null) return err("bad-metadata");
    return ok({ id: JSON.stringify(["sync", app, identifier]), revision });
  }
  if (!isStated(uuid)) return ok({ id: null, revision });
  const word = idOf(uuid, recordIdCharsMax);
  if (word === null || !uuidWord.test(word)) return err("bad-uuid");
  const id = uuidPattern.test(word) ? word.toUpperCase() : word;
  return ok({ id, revision: gone ? neverReturns : revision });
}

/** HealthKit's export, and some apps, write a version as text; so many digits are always exact. */
const versionPattern = /^\d{1,15}$/;

/** Null: none is stated, and nothing is ordered. Undefined: what is stated is none. */
function versionOf(stated: unknown): Revision | null | undefined {
  if (!isStated(stated)) return null;
  const v = typeof stated === "string" && versionPattern.test(stated) ? Number(stated) : stated;
  const isVersion = typeof v === "number" && Number.isSafeInteger(v) && v >= 0 && !isFinal(v);
  return isVersion ? v + 0 : undefined;
}

const isKind = (v: unknown): v is DeviceKind => deviceKinds.some((kind) => kind === v);

function deviceOf(stated: unknown, isNeedless: boolean): Result<DeviceStated, SampleFault> {
  if (!isStated(stated)) return isNeedless ? ok(noDevice) : err("no-device");
  if (!isFields(stated)) return err("bad-device");
  const id = idOf(stated.id, deviceIdCharsMax);
  const kind = stated.kind ?? "unknown";
  const model = stated.model ?? null;
  if (id === null || typeof kind !== "string") return err("bad-device");
  if (model !== null && typeof model !== "string") return err("bad-device");
  return isKind(kind) ? ok({ id, kind, model: nameOf(model) }) : err("unknown-device-kind");
}

function quantityOf(metric: Metric, { type, value, unit }: Fields): Result<Measured, SampleFault> {
  if (typeof value !== "number") return err("not-a-number");
  if (typeof unit !== "string") return err("unknown-unit");
  // Under HealthKit's own name "%" is of one, and no metric has so little of a hundred.
  const ofOne = unit === "%" && isHealthKits(type) && value <= 1;
  const scaled = toScaled(metric, value, ofOne ? "fraction" : unit);
  return scaled.ok ? ok({ value: scaled.value, stage: null }) : scaled;
}

/** Hours with two digits, and minutes, are rounded. */
const statedSlackMs = 60_000;

/**
 * Either says a stage alone, which lasts as long as its times; or how long it was, as a number. What is
 * left of its times is then time in bed, or nothing that is known where a stage is said of that number.
 * Nobody says when: the sleep is put first.
 */
function sleepOf(
  { value, unit, stage: beside }: Fields,
  { fromMs, toMs }: Times,
): Result<readonly SampleValue[], SampleFault> {
  const part = (stage: SleepStage, startMs: Instant, endMs: Instant): SampleValue => ({
    ...{ fromMs: startMs, toMs: endMs, value: endMs - startMs, stage },
  });
  const lengthMs = toMs - fromMs;
  const said = stageOf(value, beside);
  if (!said.ok) return said;
  const stage = said.value;
  if (stage !== null && (typeof value === "string" || !isStated(value)))
    return lengthMs === 0 ? err("not-measured") : ok([part(stage, fromMs, toMs)]);
  const stated = quantityOf("sleep", { value, unit });
  if (!stated.ok) return stated;
  const statedMs = stated.value.value;
  if (statedMs > lengthMs + statedSlackMs) return err("impossible-value");
  if (statedMs === 0 || lengthMs === 0) return err("not-measured");
  if (statedMs + statedSlackMs >= lengthMs) return ok([part(stage ?? "asleep", fromMs, toMs)]);
  const endedMs = fromMs + statedMs;
  if (stage !== null) return ok([part(stage, fromMs, endedMs)]);
  return ok([part("asleep", fromMs, endedMs), part("awake", endedMs, toMs)]);
}

/** The stage that stands beside the value, or as the value. Null: neither does. */
function stageOf(value: unknown, beside: unknown): Result<SleepStage | null, SampleFault> {
  const words = [value, beside].filter((v, i) => (i === 0 ? typeof v === "string" : isStated(v)));
  const stages = words.map((word) => (typeof word === "string" ? stageNamed(word) : null));
  if (stages.includes(null)) return err("unknown-stage");
  const stage = stages.at(-1) ?? null;
  return stage === "none" ? err("not-measured") : ok(stage);
}
