/**
 * Google Health (also what Fitbit became) sends notices, one or an array of at most 99, that say
 * which kind of data changed for whom and when; the data is fetched afterwards. Each carries the
 * agreed Authorization value and an ECDSA P-256 signature over the raw body in Tink's framing; the
 * greeting at subscription carries the Authorization value alone.
 * Known lies, as read on 2026-11-21: the signature header has two documented names; `operation` has
 * said "UPDATE"; a window may be civil time without any zone, so it is read a day wider on both
 * sides; int64 comes as text and an empty list is left out; 25 exercises a page whatever is asked;
 * it passes on what other apps recorded. Heart rate may arrive after the exercise it belongs to.
 */
import type { ProviderReply, ProviderRequest } from "../domain/ports.ts";
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import {
  formatMoment,
  type Instant,
  msPerDay,
  offsetMinutesMax,
  parseMoment,
} from "../domain/time.ts";
import { kcalToMcal, secondsToMs } from "../domain/units.ts";
import {
  elapsedMsMax,
  type HeartRateSample,
  type HeartRateSensor,
  type Method,
} from "../domain/workouts/schema.ts";
import { exerciseType } from "./google-health/sports.ts";
import type {
  AccountNotice,
  Delivery,
  Draft,
  ItemFault,
  PageFault,
  ParseFault,
  Provider,
  PulledPage,
  PullStep,
} from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  highestHeartRate,
  inOrder,
  isFields,
  nameCharsMax,
  rawOf,
  samplesMax,
  speedOf,
  textCharsMax,
  textOf,
} from "./untrusted.ts";

const batchMax = 99;
const exercisesAPage = "25";
const samplesAPage = "1000";
const roundingMs = 1000;

const exercise = "exercise";
const heartRate = "heart-rate";

/** A double, or an int64 as the text that JSON needs for it. */
function amountOf(v: unknown): number | null {
  const n = typeof v === "string" && /^\d{1,15}$/.test(v) ? Number(v) : v;
  return typeof n === "number" && Number.isFinite(n) && n >= 0 ? n : null;
}

function instantOf(v: unknown): Instant | null {
  const moment = typeof v === "string" ? parseMoment(v) : null;
  return moment?.ok && moment.value.atMs > 0 ? moment.value.atMs : null;
}

/** "3065.400s" in seconds. */
function secondsOf(v: unknown): number | null {
  if (typeof v !== "string" || !/^-?\d{1,9}(\.\d{1,9})?s$/.test(v)) return null;
  return Number(v.slice(0, -1));
}

// -- notices --------------------------------------------------------------------------------

function parse(body: string): Result<Delivery, ParseFault> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return err("not-json");
  }
  const entries: unknown[] = Array.isArray(json) ? json : [json];
  const data = entries.map((entry) => fieldsOf(entry).data);
  const isNamed = (said: unknown) => textOf(fieldsOf(said).healthUserId) !== null;
  if (entries.length > batchMax || (data.length > 0 && !data.some(isNamed)))
    return err("not-understood");
  const notices = data.flatMap((said) => noticeOf(fieldsOf(said)) ?? []);
  return ok({ items: [], notices, claims: [], unknown: entries.length - notices.length });
}

/** Heart rate belongs to whatever exercise it was measured in, so that is read again. */
function noticeOf(data: Fields): AccountNotice | null {
  const { dataType, healthUserId: account } = data;
  if (typeof account !== "string" || account.length === 0 || account.length > nameCharsMax)
    return null;
  if (dataType !== exercise && dataType !== heartRate) return null;
  const deleted = dataType === exercise && data.operation === "DELETE";
  const gone = deleted ? idOf(data.recordId) : null;
  const window = hullOf(Array.isArray(data.intervals) ? data.intervals : []);
  if (window === null && gone === null) return null;
  return { account, collection: exercise, ...(window ?? { fromMs: 0, toMs: 0 }), gone };
}

function hullOf(intervals: readonly unknown[]): { fromMs: Instant; toMs: Instant } | null {
  let from: Instant | null = null;
  let to: Instant | null = null;
  for (const interval of intervals) {
    for (const t of endsOf(fieldsOf(interval))) {
      if (from === null || t < from) from = t;
      if (to === null || t > to) to = t;
    }
  }
  if (from === null || to === null) return null;
  return { fromMs: Math.max(0, from - msPerDay), toMs: to + msPerDay };
}

/** Every end that any of the three forms states; civil ones as if they were UTC. */
function endsOf(interval: Fields): Instant[] {
  const physical = fieldsOf(interval.physicalTimeInterval);
  const iso = fieldsOf(interval.civilIso8601TimeInterval);
  const civil = fieldsOf(interval.civilDateTimeInterval);
  const asUtc = (v: unknown) => (typeof v === "string" ? instantOf(`${v}Z`) : null);
  return [
    instantOf(physical.startTime),
    instantOf(physical.endTime),
    asUtc(iso.startTime),
    asUtc(iso.endTime),
    asUtc(civilText(fieldsOf(civil.startDateTime))),
    asUtc(civilText(fieldsOf(civil.endDateTime))),
  ].filter((t) => t !== null);
}

/** Parts of a clock that are zero are left out: `time: {}` is midnight. */
function civilText({ date, time }: Fields): string {
  const { year, month, day } = fieldsOf(date);
  const { hours = 0, minutes = 0, seconds = 0 } = fieldsOf(time);
  const [y, mo, d, h, mi, s] = [year, month, day, hours, minutes, seconds].map((part, i) =>
    String(part).padStart(i === 0 ? 4 : 2, "0"),
  );
  return `${y}-${mo}-${d}T${h}:${mi}:${s}`;
}

const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

function idOf(v: unknown): string | null {
  const id = Number.isSafeInteger(v) ? String(v) : v;
  return typeof id === "string" && idPattern.test(id) ? id : null;
}

// -- fetching -------------------------------------------------------------------------------

const pointsPath = (collection: string) => `/v4/users/me/dataTypes/${collection}/dataPoints`;

function list(step: PullStep, cursor: string | null): ProviderRequest {
  const query = step.collection === heartRate ? samplesOf(step) : exercisesOf(step);
  return {
    path: pointsPath(step.collection === heartRate ? heartRate : exercise),
    query: cursor === null ? query : { ...query, pageToken: cursor },
  };
}

const between = (field: string, from: string, to: string) =>
  `${field} >= "${from}" AND ${field} < "${to}"`;

function samplesOf({ fromMs, toMs }: PullStep) {
  const field = "heart_rate.sample_time.physical_time";
  const filter = between(field, formatMoment(fromMs), formatMoment(toMs));
  return { filter, pageSize: samplesAPage };
}

/** Exercises are found by civil start only; the caller's window allows for any zone. */
function exercisesOf({ fromMs, toMs }: PullStep) {
  const field = "exercise.interval.civil_start_time";
  const filter = between(field, civilOf(fromMs), civilOf(toMs + 999));
  return { filter, pageSize: exercisesAPage };
}

const civilOf = (ms: Instant): string => formatMoment(ms).slice(0, 19);

/** An id that Google cannot have made becomes one that names no record and no other path. */
const inPath = (id: string): string =>
  idPattern.test(id) ? id : `~${id.slice(0, 64).replaceAll(/[^A-Za-z0-9_-]/g, "~")}`;

const one = (_collection: string, sourceId: string): ProviderRequest => ({
  path: `${pointsPath(exercise)}/${inPath(sourceId)}`,
  query: {},
});

function page(reply: ProviderReply): Result<PulledPage, PageFault> {
  if (reply.status === 401 || reply.status === 403) return err("reconnect");
  if (reply.status === 404) return err("gone");
  if (reply.status === 429 || reply.status >= 500) return err("again");
  if (reply.status !== 200 || !reply.complete) return err("broken");
  let json: unknown;
  try {
    json = JSON.parse(reply.body);
  } catch {
    return err("broken");
  }
  if (!isFields(json)) return err("broken");
  if (typeof json.name === "string") return ok({ items: [json], next: null });
  const { dataPoints = [], nextPageToken = "", ...rest } = json;
  // An empty list is left out of the reply, but then there is nothing else in it either.
  if (json.dataPoints === undefined && Object.keys(rest).length > 0) return err("broken");
  if (!Array.isArray(dataPoints) || typeof nextPageToken !== "string") return err("broken");
  return ok({ items: dataPoints, next: nextPageToken === "" ? null : nextPageToken });
}

function spanOf(item: unknown): { at: Instant; endMs: Instant } | null {
  const interval = fieldsOf(fieldsOf(fieldsOf(item).exercise).interval);
  const at = instantOf(interval.startTime);
  const endMs = instantOf(interval.endTime);
  return at === null || endMs === null || endMs <= at ? null : { at, endMs };
}

function readings(item: unknown): PullStep | null {
  const span = spanOf(item);
  if (span === null || span.endMs - span.at > elapsedMsMax) return null;
  return { collection: heartRate, fromMs: span.at, toMs: span.endMs };
}

const join = (item: unknown, samples: readonly unknown[]): unknown =>
  isFields(item) ? { ...item, heartRateSamples: samples } : item;

// -- reading --------------------------------------------------------------------------------

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== exercise) return err("unknown-kind");
  if (!isFields(item) || !isFields(item.exercise)) return err("not-an-object");
  const session = item.exercise;
  const sourceId = idOf(textOf(item.name, textCharsMax)?.split("/").at(-1));
  if (sourceId === null) return err("no-id");
  const revision = instantOf(session.updateTime) ?? instantOf(session.createTime);
  if (revision === null) return err("no-revision");
  const interval = fieldsOf(session.interval);
  const at = instantOf(interval.startTime);
  if (at === null) return err("no-start");
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const span = spanOf(item);
  if (span === null) return err("no-duration");
  const samples = Array.isArray(item.heartRateSamples) ? item.heartRateSamples : [];
  if (samples.length > samplesMax) return err("too-many-samples");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const elapsedMs = span.endMs - at;
  const fields = {
    at,
    elapsedMs,
    movingMs: movingOf(session.activeDuration, elapsedMs),
    ...exerciseType(session.exerciseType),
    ...amountsOf(fieldsOf(session.metricsSummary)),
    offsetMin: offsetOf(interval.startUtcOffset),
    ...sourceOf(fieldsOf(item.dataSource)),
    ...measuredOf(session, fieldsOf(item.dataSource)),
    title: textOf(session.displayName, textCharsMax),
    notes: textOf(session.notes, textCharsMax),
    heartRate: heartRateOf(samples, receivedMs + msPerDay),
  };
  return ok({ sourceId, revision, fields, copyOf: null, raw: { column: "raw", text } });
}

function movingOf(duration: unknown, elapsedMs: number): number | null {
  const movingMs = secondsToMs(secondsOf(duration) ?? 0);
  return movingMs <= 0 || movingMs > elapsedMs + roundingMs ? null : Math.min(movingMs, elapsedMs);
}

function amountsOf(summary: Fields) {
  const whole = (v: unknown) => {
    const mm = amountOf(v);
    return mm === null ? null : Math.round(mm);
  };
  const kcal = amountOf(summary.caloriesKcal);
  return {
    distanceMm: whole(summary.distanceMillimeters),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
    elevationGainMm: whole(summary.elevationGainMillimeters),
  };
}

function offsetOf(v: unknown): number | null {
  const minutes = (secondsOf(v) ?? Number.NaN) / 60;
  if (!Number.isInteger(minutes) || Math.abs(minutes) > offsetMinutesMax) return null;
  return minutes === 0 ? 0 : minutes;
}

const worn = ["WATCH", "FITNESS_BAND", "RING", "CHEST_STRAP", "HEAD_MOUNTED"];
const carried = ["PHONE", "TABLET"];
/** What an app wrote through an API is marked manual too: Strava's runs were, nobody typed them. */
const written = ["FITBIT_WEB_API", "GOOGLE_WEB_API"];

/**
 * What recorded it. Fitbit's own devices show their product name; a name that came through another
 * platform may be one a person gave, and is restricted.
 */
function sourceOf({ recordingMethod, platform, device, application }: Fields) {
  const { formFactor, displayName, model } = fieldsOf(device);
  const { packageName, name } = fieldsOf(application);
  const own = platform === "FITBIT";
  const shape = typeof formFactor === "string" ? formFactor : "";
  const imported = typeof platform === "string" && written.includes(platform);
  let method: Method = "unknown";
  if (recordingMethod === "MANUAL") method = imported ? "unknown" : "manual";
  else if (carried.includes(shape)) method = "phone";
  else if (worn.includes(shape) || (own && shape === "" && recordingMethod !== "DERIVED"))
    method = "device";
  return {
    method,
    deviceModel: textOf(model) ?? (own ? textOf(displayName) : null),
    deviceName: own ? null : textOf(displayName),
    app: textOf(packageName) ?? textOf(name) ?? textOf(platform),
  };
}

/**
 * How it was measured, by the exercise alone: its heart rate may come later under the same revision,
 * and two statements of one revision must say the same.
 */
function measuredOf(session: Fields, { device }: Fields) {
  const { averageHeartRateBeatsPerMinute: beats, averageSpeedMillimetersPerSecond: mmps } =
    fieldsOf(session.metricsSummary);
  const { hasGps } = fieldsOf(session.exerciseMetadata);
  const { formFactor } = fieldsOf(device);
  let sensor: HeartRateSensor = "unknown";
  if (formFactor === "CHEST_STRAP") sensor = "strap";
  else if (formFactor === "WATCH" || formFactor === "FITNESS_BAND") sensor = "wrist";
  return {
    speedMmps: speedOf((amountOf(mmps) ?? 0) / 1000),
    hasTrack: typeof hasGps === "boolean" ? hasGps : null,
    heartRateBy: (amountOf(beats) ?? 0) > 0 ? sensor : null,
  };
}

/** In order of time, one reading an instant; null when there are none. */
function heartRateOf(samples: readonly unknown[], latestMs: Instant): HeartRateSample[] | null {
  const found = new Map<Instant, HeartRateSample>();
  for (const sample of samples) {
    const { sampleTime, beatsPerMinute } = fieldsOf(fieldsOf(sample).heartRate);
    const t = instantOf(fieldsOf(sampleTime).physicalTime);
    const bpm = Math.round(amountOf(beatsPerMinute) ?? 0);
    if (t !== null && t <= latestMs && bpm > 0 && bpm <= highestHeartRate) found.set(t, { t, bpm });
  }
  return inOrder(found);
}

export const googleHealth = {
  name: "google-health",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Google Health",
    delivery: "notice",
    bodyBytesMax: 1024 * 1024,
    received: 204,
    othersMaySee: true,
    // Its policy of 2026-03-24 asks that a user's request to delete be honoured, and no more.
    onDeauthorised: "keep",
    revision: "updateTime of the exercise, in milliseconds",
    documentation: "https://developers.google.com/health/data-types/workouts",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "authorization-and-tink",
    headers: ["google-health-api-signature", "x-healthapi-signature"],
    handshake: { body: '{"type":"verification"}', status: 201 },
  },
  parse,
  pull: { list, one, page, readings, join },
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: exercise, body: slice } : null),
  link: {
    tokenPath: "/token",
    paths: ["/v4/users/me/"],
    identity: { path: "/v4/users/me/identity", query: {} },
    accountOf: (identity) => textOf(fieldsOf(identity).healthUserId),
    revoke: { method: "POST", path: "/revoke", form: "token" },
  },
} satisfies Provider;
