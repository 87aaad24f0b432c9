/**
 * Apple Health has no server: a member's own app reads HealthKit on the phone and posts what it
 * finds to /v1/sync under the member's token, so there is no signature and one account only.
 * Known lies, as read on 2026-11-21: an offset is the phone's at the time of sending unless
 * HKTimeZone says where the workout was; `duration` leaves pauses out; units follow the phone's
 * settings; HealthKit holds what other apps wrote, named by bundle, and Apple's own bundle carries
 * an id of the device, which is cut off. A workout never changes: an edit is a new uuid and a
 * deletion of the old one, and a deleted uuid never comes back, so a deletion outranks everything.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { neverReturns } from "../domain/stream.ts";
import {
  type Instant,
  isZone,
  type Moment,
  msPerDay,
  offsetIn,
  offsetMinutesMax,
  parseMoment,
} from "../domain/time.ts";
import { energyToMcal, lengthToMm, secondsToMs } from "../domain/units.ts";
import type { ActivityType } from "../domain/workouts/activity.ts";
import type {
  HeartRateSample,
  HeartRateSensor,
  Method,
  TrackPoint,
} from "../domain/workouts/schema.ts";
import type {
  Delivery,
  Draft,
  Item,
  ItemFault,
  OpenFields,
  ParseFault,
  Provider,
} from "./provider.ts";
import {
  amountOf,
  beatAt,
  type Fields,
  fieldsOf,
  isFields,
  movingOf,
  nameCharsMax,
  pointAt,
  rawOf,
  readingsOf,
  samplesMax,
  speedOf,
  textCharsMax,
  textOf,
} from "./untrusted.ts";

/** The account of whoever's token it is; HealthKit names none. */
export const selfAccount = "self";
/** More workouts, or more deletions, than this in one body are refused as a whole. */
export const workoutsABodyMax = 500;

function parse(body: string): Result<Delivery, ParseFault> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return err("not-json");
  }
  if (!isFields(json)) return err("not-understood");
  const { device = null, workouts, deleted, samples } = json;
  if (!Array.isArray(workouts) && !Array.isArray(deleted)) return err("not-understood");
  const created: unknown[] = Array.isArray(workouts) ? workouts : [];
  const gone: unknown[] = Array.isArray(deleted) ? deleted : [];
  if (created.length > workoutsABodyMax || gone.length > workoutsABodyMax)
    return err("not-understood");
  const account = selfAccount;
  const items: Item[] = [
    ...created.map((workout) => ({ account, kind: "workout", body: { device, workout } })),
    ...gone.map((uuid) => ({ account, kind: "deleted", body: uuid })),
  ];
  // Samples are read by a door of their own (sync/body.ts).
  return ok({
    items,
    notices: [],
    claims: [],
    unknown: Array.isArray(samples) ? samples.length : 0,
  });
}

const uuidPattern = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i;

const uuidOf = (v: unknown): string | null =>
  typeof v === "string" && uuidPattern.test(v) ? v.toUpperCase() : null;

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind === "deleted") {
    const sourceId = uuidOf(item);
    if (sourceId === null) return err("bad-uuid");
    return ok({ sourceId, revision: neverReturns, retracted: true });
  }
  if (kind !== "workout") return err("unknown-kind");
  const { workout, device } = fieldsOf(item);
  if (!isFields(workout)) return err("not-an-object");
  const sourceId = uuidOf(workout.uuid);
  if (sourceId === null) return err("bad-uuid");
  const start = momentOf(workout.startDate);
  if (start === null || start.atMs <= 0) return err("no-start");
  if (start.atMs > receivedMs + msPerDay) return err("start-in-future");
  const elapsedMs = (momentOf(workout.endDate)?.atMs ?? start.atMs) - start.atMs;
  if (elapsedMs <= 0) return err("no-duration");
  const route = Array.isArray(workout.route) ? workout.route : [];
  const beats = Array.isArray(workout.heartRate) ? workout.heartRate : [];
  if (route.length > samplesMax || beats.length > samplesMax) return err("too-many-samples");
  const text = rawOf(workout);
  if (text === null) return err("too-deep");
  const metadata = fieldsOf(workout.metadata);
  const latestMs = receivedMs + msPerDay;
  const heartRate = readingsOf(beats, latestMs, timeOf, beatOf);
  const track = readingsOf(route, latestMs, timeOf, pointOf);
  const source = sourceOf(workout, fieldsOf(device), metadata);
  const fields = {
    at: start.atMs,
    elapsedMs,
    movingMs: movingOf(workout.duration, elapsedMs),
    ...typeOf(workout.workoutActivityType, metadata),
    distanceMm: quantity(workout.totalDistance, "m", lengthToMm),
    energyMcal: quantity(workout.totalEnergyBurned, "kcal", energyToMcal),
    elevationGainMm: quantity(metadata.HKElevationAscended, null, lengthToMm),
    offsetMin: offsetOf(start, metadata.HKTimeZone),
    ...source,
    title: null,
    notes: null,
    speedMmps: statedSpeed(metadata.HKAverageSpeed),
    hasTrack: track !== null,
    heartRateBy: heartRate === null ? null : sensorOf(source.deviceModel),
    heartRate,
    track,
  };
  return ok({ sourceId, revision: null, fields, copyOf: null, raw: { column: "raw", text } });
}

/** The slice is the workout alone: of the phone that sent it, its model stands in the open. */
function again(column: string, slice: unknown, { deviceModel = null }: OpenFields) {
  if (column !== "raw") return null;
  const device = deviceModel === null ? null : { model: deviceModel };
  return { kind: "workout", body: { device, workout: slice } };
}

function momentOf(v: unknown): Moment | null {
  const moment = typeof v === "string" ? parseMoment(v) : null;
  return moment?.ok ? moment.value : null;
}

/** `{ value, unit }`, or a bare number in `bareUnit`; null when the unit is none we know. */
function quantity(
  v: unknown,
  bareUnit: string | null,
  convert: (value: number, unit: string) => number | null,
): number | null {
  const { value, unit } = isFields(v) ? v : { value: v, unit: bareUnit };
  const amount = amountOf(value);
  // The units' table is a plain object: only a word of letters may be looked up in it.
  const known = typeof unit === "string" && /^[A-Za-z]{1,4}$/.test(unit);
  return amount === null || !known ? null : convert(amount, unit);
}

/** Only in HealthKit's own unit: what phones write for others has been wrong by a thousand. */
function statedSpeed(v: unknown): number | null {
  const { value, unit } = fieldsOf(v);
  return unit === "m/s" ? speedOf(value) : null;
}

function offsetOf(start: Moment, zone: unknown): number | null {
  if (start.offsetMin !== null) return start.offsetMin;
  if (typeof zone !== "string" || !isZone(zone)) return null;
  const offsetMin = offsetIn(zone, start.atMs);
  return Math.abs(offsetMin) <= offsetMinutesMax ? offsetMin : null;
}

const isTrue = (v: unknown): boolean => v === true || v === 1 || v === "1";
const bundlePattern = /^[A-Za-z0-9._-]{1,155}$/;
const appleDevice = "com.apple.health";
const typedByHand = "com.apple.Health";

/** Apple's own recordings come under "com.apple.health." and an id of the device: only the first. */
function appOf(bundle: unknown): string | null {
  if (typeof bundle !== "string" || !bundlePattern.test(bundle)) return null;
  return bundle.toLowerCase().startsWith(`${appleDevice}.`) ? appleDevice : bundle;
}

function sourceOf(workout: Fields, device: Fields, metadata: Fields) {
  const app = appOf(workout.sourceBundle);
  const deviceModel = textOf(device.model, nameCharsMax);
  let method: Method = "unknown";
  if (app === typedByHand || isTrue(metadata.HKWasUserEntered)) method = "manual";
  else if (app === appleDevice || deviceModel?.startsWith("Watch")) method = "device";
  else if (deviceModel?.startsWith("iPhone") || deviceModel?.startsWith("iPad")) method = "phone";
  return { method, deviceModel, app, deviceName: textOf(workout.sourceName, textCharsMax) };
}

/** A sample does not say where it came from; a watch measures at the wrist unless a strap is worn. */
const sensorOf = (deviceModel: string | null): HeartRateSensor =>
  deviceModel?.startsWith("Watch") ? "wrist" : "unknown";

const secondsBelow = 1e11;

/** RFC 3339 text, or a number: seconds below 1e11 (the year 5138), milliseconds from there on. */
function instantOf(v: unknown): Instant | null {
  const n = amountOf(v);
  if (n === null) return momentOf(v)?.atMs ?? null;
  return n < secondsBelow ? secondsToMs(n) : Math.round(n);
}

const timeOf = ({ t }: Fields): Instant | null => instantOf(t);

const beatOf = (t: Instant, { bpm }: Fields): HeartRateSample | null => beatAt(t, bpm);

const pointOf = (t: Instant, { lat, lon, alt }: Fields): TrackPoint | null =>
  pointAt(t, lat, lon, alt);

/** HKWorkoutActivityType: its word, its raw value, and what it is here. */
const activities: readonly (readonly [string, number, ActivityType])[] = [
  ["CrossTraining", 11, "cardio"],
  ["Cycling", 13, "cycling"],
  ["Elliptical", 16, "cardio"],
  ["FunctionalStrengthTraining", 20, "strength_training"],
  ["Hiking", 24, "hiking"],
  ["MixedMetabolicCardioTraining", 30, "cardio"],
  ["Rowing", 35, "rowing"],
  ["Running", 37, "running"],
  ["StairClimbing", 44, "cardio"],
  ["Swimming", 46, "swimming"],
  ["TraditionalStrengthTraining", 50, "strength_training"],
  ["Walking", 52, "walking"],
  ["Yoga", 57, "yoga"],
  ["CoreTraining", 59, "strength_training"],
  ["CrossCountrySkiing", 60, "cross_country_skiing"],
  ["DownhillSkiing", 61, "skiing"],
  ["Flexibility", 62, "yoga"],
  ["HighIntensityIntervalTraining", 63, "cardio"],
  ["JumpRope", 64, "cardio"],
  ["Kickboxing", 65, "cardio"],
  ["Pilates", 66, "yoga"],
  ["Stairs", 68, "cardio"],
  ["StepTraining", 69, "cardio"],
  ["MixedCardio", 73, "cardio"],
  ["HandCycling", 74, "cycling"],
  ["CardioDance", 77, "cardio"],
  ["Other", 3000, "other"],
];
const typeByWord: ReadonlyMap<string, ActivityType> = new Map(
  activities.flatMap(([word, value, type]) => [
    [word.toLowerCase(), type],
    [String(value), type],
  ]),
);
const prefix = /^HKWorkoutActivityType/i;

const indoors: Readonly<Partial<Record<ActivityType, ActivityType>>> = {
  running: "treadmill_running",
  cycling: "indoor_cycling",
  rowing: "indoor_rowing",
};
/** HKWorkoutSwimmingLocationType.openWater */
const openWater = 2;

function typeOf(v: unknown, metadata: Fields): { type: ActivityType; originalType: string | null } {
  const word = Number.isSafeInteger(v) ? String(v) : textOf(v, textCharsMax);
  const plain = word === null ? "other" : typeByWord.get(word.replace(prefix, "").toLowerCase());
  if (plain === undefined) return { type: "other", originalType: word };
  if (plain === "swimming" && metadata.HKSwimmingLocationType === openWater)
    return { type: "open_water_swimming", originalType: null };
  const inside = isTrue(metadata.HKIndoorWorkout) ? indoors[plain] : undefined;
  return { type: inside ?? plain, originalType: null };
}

export const appleHealth = {
  name: "apple-health",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Apple Health",
    delivery: "device",
    bodyBytesMax: 10 * 1024 * 1024,
    received: 200,
    answerWithinMs: null,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the workout's uuid",
    revision: "none; a workout never changes, and its deletion is final",
    deletion: "the uuid in `deleted`",
    deauthorisation: "never said: the app stops sending",
    timeZone: "HKTimeZone, or the offset of the dates",
    doubts: ["an offset may be the phone's at the time of sending; HKTimeZone goes before it"],
    documentation: "https://developer.apple.com/documentation/healthkit/hkworkout",
    readOn: "2026-11-21",
  },
  signature: { kind: "member-token" },
  parse,
  normalise,
  again,
} satisfies Provider;
