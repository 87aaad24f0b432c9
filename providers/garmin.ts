/**
 * Garmin Connect pushes bodies that hold the data: an object keyed by summary type, each an array of
 * entries of several accounts. There is no signature of any kind; an unguessable part of the path is
 * all the proof there is, so a deregistration is a claim here and never an order.
 * Known lies, as read on 2026-11-21: nothing orders two statements of one activity; no notice says
 * that one was deleted; `durationInSeconds` may be timer or elapsed time, so it stands for the
 * elapsed time for lack of better;
 * `deviceName` is the product; `summaryId` of details ends in "-detail"; the names of fields drift.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay, offsetMinutesMax } from "../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../domain/units.ts";
import type { ActivityType } from "../domain/workouts/activity.ts";
import type { HeartRateSample, Method, TrackPoint } from "../domain/workouts/schema.ts";
import type {
  AccountClaim,
  Delivery,
  Draft,
  Item,
  ItemFault,
  ParseFault,
  Provider,
} from "./provider.ts";
import {
  amountOf,
  type Fields,
  highestHeartRate,
  inOrder,
  isFields,
  nameCharsMax,
  pointAt,
  rawOf,
  samplesMax,
  speedOf,
  textCharsMax,
  textOf,
  typesByWord,
  type Words,
} from "./untrusted.ts";

const idCharsMax = 128;
const offsetStepMin = 15;

/** Types of streams to come: known, counted, not read. */
const others = new Set(
  "activityFiles moveIQActivities dailies epochs sleeps bodyComps stressDetails userMetrics pulseox allDayRespiration healthSnapshot hrv bloodPressures skinTemp mct".split(
    " ",
  ),
);
/** The summary types read here. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["activities", "activities"],
  ["manuallyUpdatedActivities", "activities"],
  ["activityDetails", "activityDetails"],
]);
const claims: ReadonlyMap<string, string> = new Map([
  ["deregistrations", "deregistered"],
  ["userPermissionsChange", "permissions-changed"],
]);

function parse(body: string): Result<Delivery, ParseFault> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return err("not-json");
  }
  if (!isFields(json) || !Object.values(json).some(Array.isArray)) return err("not-understood");
  const items: Item[] = [];
  const claimed: AccountClaim[] = [];
  let unknown = 0;
  let understood = Object.values(json).every((v) => Array.isArray(v) && v.length === 0);
  for (const [type, entries] of Object.entries(json)) {
    const kind = kinds.get(type);
    const claim = claims.get(type);
    for (const entry of Array.isArray(entries) ? entries : [entries]) {
      const account = isFields(entry) ? textOf(entry.userId, idCharsMax + 1) : null;
      const isKnown = claim !== undefined || kind !== undefined || others.has(type);
      if (account !== null && isKnown) understood = true;
      if (account === null || account.length > idCharsMax) unknown++;
      else if (claim !== undefined) claimed.push({ account, claim });
      else if (kind !== undefined && !isPing(entry)) items.push({ account, kind, body: entry });
      else unknown++;
    }
  }
  if (!understood) return err("not-understood");
  return ok({ items, notices: [], claims: claimed, unknown });
}

/** An entry that only says where data could be fetched. */
const isPing = (entry: Fields): boolean =>
  entry.callbackURL !== undefined &&
  entry.startTimeInSeconds === undefined &&
  entry.summary === undefined;

const detailSuffix = "-detail";

function sourceIdOf(...candidates: unknown[]): string | null {
  for (const candidate of candidates) {
    const id = Number.isSafeInteger(candidate) ? String(candidate) : candidate;
    if (typeof id !== "string") continue;
    const bare = id.endsWith(detailSuffix) ? id.slice(0, -detailSuffix.length) : id;
    if (bare.length > 0 && bare.length <= idCharsMax) return bare;
  }
  return null;
}

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== "activities" && kind !== "activityDetails") return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const detailed = kind === "activityDetails";
  const summary = detailed ? item.summary : item;
  if (!isFields(summary)) return err("no-summary");
  const sourceId = sourceIdOf(
    item.summaryId,
    summary.summaryId,
    item.activityId,
    summary.activityId,
  );
  if (sourceId === null) return err("no-id");
  const started = amountOf(summary.startTimeInSeconds);
  if (started === null || started === 0) return err("no-start");
  const at = secondsToMs(started);
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const samples = detailed && Array.isArray(item.samples) ? item.samples : [];
  if (samples.length > samplesMax) return err("too-many-samples");
  const spent = timesOf(summary);
  if (spent === null) return err("no-duration");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const fields = {
    at,
    ...spent,
    ...openFieldsOf(summary),
    title: textOf(summary.activityName, textCharsMax),
    notes: textOf(summary.activityDescription, textCharsMax),
    deviceName: null,
    // A summary does not speak of readings: only the details can say that there are none.
    ...(detailed ? readingsOf(samples, receivedMs + msPerDay) : {}),
  };
  const raw = { column: detailed ? "raw_details" : "raw_summary", text };
  return ok({ sourceId, revision: null, fields, copyOf: null, raw });
}

function again(column: string, slice: unknown) {
  if (column === "raw_summary") return { kind: "activities", body: slice };
  return column === "raw_details" ? { kind: "activityDetails", body: slice } : null;
}

/** What a summary states alike wherever it stands, so that the later of two changes nothing. */
function openFieldsOf(summary: Fields) {
  const distance = amountOf(summary.distanceInMeters);
  const energy = amountOf(summary.activeKilocalories);
  const climbed = amountOf(summary.totalElevationGainInMeters);
  const byHand = summary.manual === true || summary.isWebUpload === true;
  const method: Method = byHand ? "manual" : "device";
  const start = pointAt(0, summary.startingLatitudeInDegree, summary.startingLongitudeInDegree, 0);
  const beats = amountOf(summary.averageHeartRateInBeatsPerMinute) ?? 0;
  return {
    ...typeOf(summary.activityType),
    distanceMm: distance === null ? null : metresToMm(distance),
    energyMcal: energy === null ? null : kcalToMcal(energy),
    elevationGainMm: climbed === null ? null : metresToMm(climbed),
    offsetMin: offsetOf(summary.startTimeOffsetInSeconds),
    method,
    deviceModel: textOf(summary.deviceName, nameCharsMax),
    app: "Garmin Connect",
    speedMmps: speedOf(summary.averageSpeedInMetersPerSecond),
    // Of the readings a summary shows their traces: a place to start at, an average heart rate.
    hasTrack: start === null ? null : true,
    heartRateBy: beats > 0 ? ("unknown" as const) : null,
  };
}

function offsetOf(seconds: unknown): number | null {
  if (typeof seconds !== "number" || !Number.isInteger(seconds)) return null;
  const minutes = seconds / 60;
  if (minutes % offsetStepMin !== 0 || Math.abs(minutes) > offsetMinutesMax) return null;
  return minutes === 0 ? 0 : minutes;
}

/**
 * From the summary alone, also for details: the two are statements of one activity that nothing
 * orders, so they must say the same of it. What the samples' clocks show is left out for that.
 */
function timesOf(summary: Fields): { elapsedMs: number; movingMs: number | null } | null {
  const elapsedMs = secondsToMs(amountOf(summary.durationInSeconds) ?? 0);
  if (elapsedMs <= 0) return null;
  const moving = secondsToMs(amountOf(summary.movingDurationInSeconds) ?? 0);
  return { elapsedMs, movingMs: moving > 0 && moving <= elapsedMs ? moving : null };
}

function readingsOf(
  samples: readonly unknown[],
  latestMs: Instant,
): { heartRate: HeartRateSample[] | null; track: TrackPoint[] | null } {
  const heartRate = new Map<Instant, HeartRateSample>();
  const track = new Map<Instant, TrackPoint>();
  for (const sample of samples) {
    if (!isFields(sample)) continue;
    const t = secondsToMs(amountOf(sample.startTimeInSeconds) ?? 0);
    if (t <= 0 || t > latestMs) continue;
    const bpm = Math.round(amountOf(sample.heartRate ?? sample.heartrate) ?? 0);
    if (bpm > 0 && bpm <= highestHeartRate) heartRate.set(t, { t, bpm });
    const { latitudeInDegree: lat, longitudeInDegree: lon, elevationInMeters: alt } = sample;
    const point = pointAt(t, lat, lon, alt);
    if (point !== null) track.set(t, point);
  }
  return { heartRate: inOrder(heartRate), track: inOrder(track) };
}

const words: Words = {
  running: "RUNNING STREET_RUNNING TRACK_RUNNING ROAD_RUNNING INDOOR_TRACK_RUNNING",
  trail_running: "TRAIL_RUNNING ULTRA_RUN OBSTACLE_RUN SKY_RUNNING",
  treadmill_running: "TREADMILL_RUNNING INDOOR_RUNNING VIRTUAL_RUN",
  walking: "WALKING CASUAL_WALKING SPEED_WALKING INDOOR_WALKING RACE_WALKING NORDIC_WALKING",
  hiking: "HIKING RUCKING MOUNTAINEERING SNOW_SHOE",
  cycling: "CYCLING ROAD_BIKING ROAD_CYCLING TRACK_CYCLING RECUMBENT_CYCLING BIKE_COMMUTING",
  mountain_biking: "MOUNTAIN_BIKING DOWNHILL_BIKING ENDURO_MTB BMX",
  gravel_cycling: "GRAVEL_CYCLING CYCLOCROSS MIXED_SURFACE_CYCLING",
  indoor_cycling: "INDOOR_CYCLING INDOOR_BIKING SPINNING",
  virtual_cycling: "VIRTUAL_RIDE",
  e_biking: "E_BIKE_FITNESS E_BIKE_MOUNTAIN E_ENDURO_MTB E_BIKE",
  swimming: "SWIMMING LAP_SWIMMING POOL_SWIMMING",
  open_water_swimming: "OPEN_WATER_SWIMMING",
  rowing: "ROWING",
  indoor_rowing: "INDOOR_ROWING",
  skiing:
    "RESORT_SKIING RESORT_SKIING_SNOWBOARDING SKIING ALPINE_SKIING BACKCOUNTRY_SKIING BACKCOUNTRY_SKIING_SNOWBOARDING SKI_TOURING",
  cross_country_skiing:
    "CROSS_COUNTRY_SKIING CROSS_COUNTRY_CLASSIC_SKIING SKATE_SKIING BIATHLON ROLLER_SKIING",
  strength_training: "STRENGTH_TRAINING FUNCTIONAL_STRENGTH_TRAINING WEIGHT_TRAINING",
  yoga: "YOGA PILATES MOBILITY",
  cardio:
    "CARDIO CARDIO_TRAINING INDOOR_CARDIO FITNESS_EQUIPMENT ELLIPTICAL STAIR_CLIMBING FLOOR_CLIMBING HIIT JUMP_ROPE AEROBICS BOOTCAMP",
  other: "OTHER UNCATEGORIZED",
};
const typeByWord = typesByWord(words);

/** The canonical type; "_V2" and "_WS" only name a newer or a winter form of the same word. */
function typeOf(word: unknown): { type: ActivityType; originalType: string | null } {
  const text = textOf(word, textCharsMax);
  const bare = text?.toUpperCase().replace(/(_V2|_WS)+$/, "") ?? "OTHER";
  const type = typeByWord.get(bare);
  return { type: type ?? "other", originalType: type === undefined ? text : null };
}

export const garmin = {
  name: "garmin",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Garmin Connect",
    delivery: "push",
    bodyBytesMax: 10 * 1024 * 1024,
    received: 200,
    othersMaySee: true,
    // Garmin verifies a partner by how it handles deregistrations before it gives production keys.
    onDeauthorised: "erase",
    revision: "none; the ledger numbers each content by its receipt",
    documentation: "https://developer.garmin.com/gc-developer-program/activity-api/",
    readOn: "2026-11-21",
  },
  signature: { kind: "path-secret" },
  parse,
  normalise,
  again,
  link: {
    tokenPath: "/di-oauth2-service/oauth/token",
    paths: ["/wellness-api/rest/"],
    identity: { path: "/wellness-api/rest/user/id", query: {} },
    accountOf: (identity) => (isFields(identity) ? textOf(identity.userId, idCharsMax) : null),
    revoke: { method: "DELETE", path: "/wellness-api/rest/user/registration" },
  },
} satisfies Provider;
