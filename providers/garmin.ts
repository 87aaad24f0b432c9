/**
 * Garmin Connect sends bodies that hold the data, or only say where it lies (a ping), as the app is
 * set to at Garmin; files are always pinged. Either is an object keyed by summary type, each an
 * array of entries of several accounts. There is no signature of any kind; an unguessable part of
 * the path is all the proof there is, so a deregistration is a claim here and never an order, and an
 * address is fetched only when it is Garmin's own (garmin/pings.ts).
 * Known lies, as read on 2026-11-21: nothing orders two statements of one activity; no notice says
 * that one was deleted; `durationInSeconds` may be timer or elapsed time, so it stands for the
 * elapsed time for lack of better; `deviceName` is the product; `summaryId` of details ends in
 * "-detail"; the names of fields drift; `fileType` may not be the file's.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../domain/units.ts";
import type { HeartRateSample, Method, TrackPoint } from "../domain/workouts/schema.ts";
import { normaliseFile } from "./garmin/activity-file.ts";
import { callbacksWith } from "./garmin/callbacks.ts";
import { garminBackfill, garminPermissions } from "./garmin/history.ts";
import { idCharsMax, sourceIdOf } from "./garmin/ids.ts";
import { activityFiles, garminPaths, isPing, pingOf } from "./garmin/pings.ts";
import { sampleKinds, samples } from "./garmin/samples.ts";
import { activityType } from "./garmin/sports.ts";
import { offsetOf } from "./garmin/values.ts";
import type {
  AccountClaim,
  AccountNotice,
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
} from "./untrusted.ts";

/** Known, counted, not read: why not, the doubts say. */
const others = new Set(
  "moveIQActivities epochs stressDetails userMetrics healthSnapshot skinTemp mct".split(" "),
);
/** The types read here, and what an entry of each is. */
const kinds: ReadonlyMap<string, string> = new Map([
  ["activities", "activities"],
  ["manuallyUpdatedActivities", "activities"],
  ["activityDetails", "activityDetails"],
  [activityFiles, activityFiles],
]);
const claims: ReadonlyMap<string, string> = new Map([
  ["deregistrations", "deregistered"],
  ["userPermissionsChange", "permissions-changed"],
]);

/** What one entry is, if anything. */
type Entry =
  | { item: Item; isSample: boolean }
  | { notice: AccountNotice; isSample: boolean }
  | { claim: AccountClaim }
  | "unknown";

function parse(body: string): Result<Delivery, ParseFault> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return err("not-json");
  }
  if (!isFields(json) || !Object.values(json).some(Array.isArray)) return err("not-understood");
  const found: Entry[] = [];
  let understood = Object.values(json).every((v) => Array.isArray(v) && v.length === 0);
  for (const [type, entries] of Object.entries(json)) {
    for (const said of Array.isArray(entries) ? entries : [entries]) {
      understood ||= isKnown(type) && accountOf(said) !== null;
      found.push(entryOf(type, said));
    }
  }
  return understood ? ok(deliveryOf(found)) : err("not-understood");
}

const isKnown = (type: string): boolean =>
  kinds.has(type) || claims.has(type) || sampleKinds.includes(type) || others.has(type);

function deliveryOf(found: readonly Entry[]): Delivery {
  const items: Item[] = [];
  const notices: AccountNotice[] = [];
  const claimed: AccountClaim[] = [];
  const later: { items: Item[]; notices: AccountNotice[] } = { items: [], notices: [] };
  let unknown = 0;
  for (const entry of found) {
    if (entry === "unknown") unknown++;
    else if ("item" in entry) (entry.isSample ? later.items : items).push(entry.item);
    else if ("notice" in entry) (entry.isSample ? later.notices : notices).push(entry.notice);
    else claimed.push(entry.claim);
  }
  const isLater = later.items.length + later.notices.length > 0;
  return { items, notices, claims: claimed, ...(isLater ? { later } : {}), unknown };
}

const accountOf = (said: unknown): string | null =>
  isFields(said) ? textOf(said.userId, idCharsMax + 1) : null;

function entryOf(type: string, said: unknown): Entry {
  const account = accountOf(said);
  const isSample = sampleKinds.includes(type);
  const kind = isSample ? type : kinds.get(type);
  const claim = claims.get(type);
  if (account === null || account.length > idCharsMax || !isFields(said)) return "unknown";
  if (claim !== undefined) return { claim: { account, claim } };
  if (kind === undefined) return "unknown";
  if (!isPing(type, said)) return { item: { account, kind, body: said }, isSample };
  const notice = pingOf(type, account, said);
  return notice === null ? "unknown" : { notice, isSample };
}

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  const read = kinds.get(kind);
  if (read === undefined) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  if (read === activityFiles) return normaliseFile(item, receivedMs);
  const detailed = read === "activityDetails";
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
  if (column === "raw_file") return { kind: activityFiles, body: slice };
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
    ...activityType(summary.activityType),
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

export const garmin = {
  name: "garmin",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Garmin Connect",
    delivery: "push",
    bodyBytesMax: 10 * 1024 * 1024,
    received: 200,
    answerWithinMs: 30_000,
    othersMaySee: true,
    // Garmin verifies a partner by how it handles deregistrations before it gives production keys.
    onDeauthorised: "erase",
    identity: "summaryId, or activityId of what an upload made",
    revision: "none; the ledger numbers each content by its receipt",
    deletion: "never said",
    deauthorisation:
      "deregistrations, unsigned; believed once Garmin confirms it to the member's token",
    timeZone: "startTimeOffsetInSeconds, quarter hours",
    doubts: [
      "durationInSeconds may be timer or elapsed time; taken for elapsed",
      "how large a body may be is not said; 10 MiB are taken",
      "a day is said as one sum and again in quarters of an hour (epochs), of which those without a step may be missing and several of one start may be parts of it: only the sum is read, so that nothing counts twice, and an hour has its part of the day's",
      "a day's sum covers the whole of it, also while nothing was worn; a sum of zero is left out, as nothing that was measured",
      "the same summaryId is sent again as its day grows, and nothing orders the statements: what came last stands",
      "breaths and oxygen of a night stand in the sleep and in summaries of their own: only these are read",
      "a sleep without sleepLevelsMap says how long each stage was and not when; they are laid one after another, and it is said by third parties that durationInSeconds leaves out what was awake",
      "which statistic its heart rate variability is, is not said in what could be read; taken for RMSSD, as Garmin describes it to members",
      "naps, stress, the health snapshot and the deviation of the skin's temperature are not read: what their forms are is not said, or they are no measurement of ours",
      "what measured is not named; a day, a sleep and what belongs to them is taken for a watch's",
      "history of measurements is not asked for, so that a link's calls stay as few as they were",
    ],
    documentation: "https://developer.garmin.com/gc-developer-program/activity-api/",
    readOn: "2026-11-21",
  },
  signature: { kind: "path-secret" },
  parse,
  callbacks: callbacksWith(normalise),
  // Its terms forbid polling: silence is ended by asking for the last days as for history.
  habit: { silentMs: 7 * msPerDay, pollMs: null, rereadMs: 7 * msPerDay },
  backfill: garminBackfill,
  // Of an evaluation key, as third parties report it; a production key allows more, and says so in
  // the agreement only. No header tells what is left.
  budget: {
    app: [
      { name: "minute", calls: 100, windowMs: 60_000 },
      { name: "day", calls: 5_000, windowMs: msPerDay },
    ],
    member: [{ name: "minute", calls: 20, windowMs: 60_000 }],
    reserve: 0.5,
    throttles: "app",
    headers: [],
  },
  normalise,
  again,
  samples,
  link: {
    tokenPath: "/di-oauth2-service/oauth/token",
    authorise: {},
    // It has none: a member ticks permissions on Garmin's own page, and it is asked which are in force.
    scopes: [],
    client: "form",
    paths: [garminPaths],
    identity: { path: `${garminPaths}user/id`, query: {} },
    accountOf: (identity) => (isFields(identity) ? textOf(identity.userId, idCharsMax) : null),
    permissions: garminPermissions,
    revoke: { method: "DELETE", path: `${garminPaths}user/registration` },
  },
} satisfies Provider;
