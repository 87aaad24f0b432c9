/**
 * Fitbit's own Web API, switched off on 2026-11-02: what was recorded from it before can still be
 * read, and its signature is a family of its own. A notice names a member and a calendar day; the log
 * is read afterwards. It is signed by HMAC-SHA1 over the raw body alone, without a time: anybody who
 * saw one can send it again for ever. Said again, a notice only means one more reading, and a
 * withdrawal is believed only once Fitbit itself says so.
 * Known lies, as read on 2026-11-21: `logType` "manual" may be another app's recording; the start may
 * be in UTC without saying where; `hasGps` is false where the phone found the way; entries of the old
 * day summary have no zone at all, so they name no instant.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, lengthToMm } from "../domain/units.ts";
import type { HeartRateSample, Method } from "../domain/workouts/schema.ts";
import { parse } from "./fitbit/notices.ts";
import { budget, clockOf, fitbitNightPaths, fitbitPaths, pull } from "./fitbit/pull.ts";
import { samples } from "./fitbit/samples.ts";
import { activityType } from "./fitbit/sports.ts";
import { activities, civilMsOn, logIdOf } from "./fitbit/values.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  amountOf,
  beatAt,
  type Fields,
  fieldsOf,
  inOrder,
  instantOf,
  isFields,
  momentOf,
  positiveOf,
  rawOf,
  samplesMax,
  speedOf,
  textOf,
  wordOf,
} from "./untrusted.ts";

const minuteMs = 60_000;

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== activities) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  // One public copy of the log names the number `id`.
  const sourceId = logIdOf(item.logId ?? item.id);
  if (sourceId === null) return err("no-id");
  const start = startOf(item);
  if (typeof start === "string") return err(start);
  if (start.atMs > receivedMs + msPerDay) return err("start-in-future");
  const elapsedMs = Math.round(amountOf(item.duration) ?? 0);
  if (elapsedMs === 0) return err("no-duration");
  const beats = Array.isArray(item.heartRateReadings) ? item.heartRateReadings : [];
  if (beats.length > samplesMax) return err("too-many-samples");
  const heartRate = heartRateOf(item, beats, receivedMs + msPerDay);
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const fields = {
    at: start.atMs,
    elapsedMs,
    movingMs: movingOf(item.activeDuration, elapsedMs),
    ...activityType(item),
    ...amountsOf(item),
    offsetMin: start.offsetMin,
    ...sourceOf(item),
    hasTrack: item.hasGps === true ? true : null,
    title: null,
    notes: null,
    deviceName: null,
    // None that were had says nothing: they may not have been granted, or come later.
    ...(heartRate === null ? {} : { heartRate }),
  };
  return ok({
    sourceId,
    revision: instantOf(item.lastModified),
    fields,
    copyOf: null,
    raw: { column: "raw", text },
  });
}

/** Old entries state a day and a time of it in fields of their own, in no zone, or no time at all. */
function startOf(entry: Fields) {
  const said = momentOf(entry.startTime);
  if (said !== null) return said;
  const isOld = textOf(entry.startDate) !== null && textOf(entry.startTime) !== null;
  return isOld && entry.hasStartTime !== false ? "no-zone" : "no-start";
}

function movingOf(activeDuration: unknown, elapsedMs: number): number | null {
  const movingMs = Math.round(positiveOf(activeDuration) ?? 0);
  return movingMs > 0 && movingMs <= elapsedMs ? movingMs : null;
}

/** What is said of lengths says in which of two systems the whole entry is. */
const units: ReadonlyMap<unknown, readonly [unit: string, isMetric: boolean]> = new Map([
  // We ask in no language, for which Fitbit answers in metres.
  [undefined, ["km", true]],
  ["Kilometer", ["km", true]],
  ["Kilometers", ["km", true]],
  ["Meter", ["m", true]],
  ["Meters", ["m", true]],
  ["Mile", ["mi", false]],
  ["Miles", ["mi", false]],
  ["Yard", ["yd", false]],
  ["Yards", ["yd", false]],
  ["Foot", ["ft", false]],
  ["Feet", ["ft", false]],
]);
const metresAKilometre = 1000;
const metresAMile = 1609.344;
const secondsAnHour = 3600;

function amountsOf(entry: Fields) {
  const [unit, isMetric] = units.get(entry.distanceUnit) ?? [null, null];
  const distance = positiveOf(entry.distance);
  const climbed = amountOf(entry.elevationGain);
  const kcal = positiveOf(entry.calories);
  const perHour = isMetric ? metresAKilometre : metresAMile;
  return {
    distanceMm: distance === null || unit === null ? null : lengthToMm(distance, unit),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
    elevationGainMm:
      climbed === null || isMetric === null ? null : lengthToMm(climbed, isMetric ? "m" : "ft"),
    speedMmps:
      isMetric === null ? null : speedOf(((amountOf(entry.speed) ?? 0) * perHour) / secondsAnHour),
  };
}

/** What Fitbit itself put into the log, by device or app; what others did bears their own name. */
const ownApp = /^fitbit\b(?! \+)/i;
const byDevice = ["tracker", "auto_detected"];

/**
 * Another app's recording is marked manual too ("Fitbit + Strava"): nobody typed it, and the app is
 * named so that the copy is seen as one. Fitbit's own app is not named: that would look like a copy
 * of what Google Health has of it.
 */
function sourceOf(entry: Fields) {
  const { name, type } = fieldsOf(entry.source);
  const { distance: isTyped } = fieldsOf(entry.manualValuesSpecified);
  const said = textOf(name);
  const others = type === "app" && said !== null && !ownApp.test(said);
  const isDevice = typeof entry.logType === "string" && byDevice.includes(entry.logType);
  let method: Method = "unknown";
  if (others) method = "unknown";
  else if (entry.logType === "manual" || isTyped === true) method = "manual";
  else if (isDevice || type === "tracker") method = "device";
  else if (entry.logType === "mobile_run") method = "phone";
  const isMeasured = positiveOf(entry.averageHeartRate) !== null;
  const sensor = method === "device" ? ("wrist" as const) : ("unknown" as const);
  return {
    method,
    deviceModel: type === "tracker" ? said : null,
    app: others ? said.replace(/^fitbit \+ /i, "") : null,
    heartRateBy: isMeasured ? sensor : null,
  };
}

/**
 * Readings stand by the time of the member's clock alone. A workout is shorter than its round, so a
 * time before the minute it began in is of the next day.
 */
function heartRateOf(
  entry: Fields,
  beats: readonly unknown[],
  latestMs: Instant,
): HeartRateSample[] | null {
  const clock = clockOf(entry);
  if (clock === null) return null;
  const { at, endMs, offsetMin } = clock;
  const civilAt = at + offsetMin * minuteMs;
  const dayMs = Math.floor(civilAt / msPerDay) * msPerDay;
  const found = new Map<Instant, HeartRateSample>();
  for (const beat of beats) {
    const { time, value } = fieldsOf(beat);
    const clockMs = civilMsOn("1970-01-02", time);
    if (clockMs === null) continue;
    const onDay = dayMs + (clockMs % msPerDay);
    const civil = onDay < civilAt - minuteMs ? onDay + msPerDay : onDay;
    const t = civil - offsetMin * minuteMs;
    const reading = t < at || t > endMs || t > latestMs ? null : beatAt(t, value);
    if (reading !== null) found.set(t, reading);
  }
  return inOrder(found);
}

export const fitbit = {
  name: "fitbit",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Fitbit",
    delivery: "notice",
    bodyBytesMax: 1024 * 1024,
    received: 204,
    answerWithinMs: 5000,
    othersMaySee: true,
    // Strava's agreement shows what came through its API to the athlete alone, whoever passes it on.
    ownerOnlyFrom: ["strava"],
    onDeauthorised: "keep",
    identity: "logId",
    revision: "lastModified, in milliseconds",
    deletion:
      "a notice like any other; believed once a whole reading lacks it and Fitbit has no TCX of it",
    deauthorisation:
      "userRevokedAccess, signed without a time; believed once Fitbit refuses the token",
    timeZone: "the offset of startTime; entries of the old day summary have none and are refused",
    doubts: [
      "no time is signed, so a notice can be sent again for ever: it only has the log read once more, and a withdrawal is asked about at most every ten minutes",
      "the day of its end is 2026-11-02 by the newest page, 2026-10-30 by older ones",
      "the answer's deadline of 5 seconds is from hearsay",
      "the day of a notice is in a zone that is not named; a day more is read on both sides",
      "whether afterDate includes its own day is not said; a day more is asked for",
      "an entry can be asked for as TCX only; whether each has one is not said, so both proofs are needed for a deletion",
      "a path of heart rate over midnight is not documented; its readings are placed by their time within the workout",
      "Fitbit-Rate-Limit-Reset: seconds by Fitbit, a time by others; whichever lies within the hour is taken",
      "90024 is indoor cycling in one table and Swimming in recorded bodies; the name decides",
      "distance is taken for kilometres where no unit is said, as Fitbit answers who asks in no language",
      "distance typed in by hand makes the workout one typed by hand, whatever recorded it",
      "the multipart form of old is taken as signed over the whole body",
      "subscriptions, one for each member, are not made any more: there is nothing to subscribe to",
      "steps come as a day's sum and as a series: where an answer holds both, only the series is read",
      "days and nights stand by the clock of the member, and no zone is named: they are read in the one that they lived in then",
      "a change of a day's steps is not announced by itself; they are read with the nights and weights",
    ],
    ended: "2026-11-02",
    documentation:
      "https://dev.fitbit.com/build/reference/web-api/developer-guide/using-subscriptions/",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-1",
    key: "text-and-ampersand",
    signed: ["body"],
    headers: [{ signature: "x-fitbit-signature" }],
    form: "base64",
  },
  greeting: { kind: "word", parameter: "verify", right: 204, wrong: 404 },
  parse,
  pull,
  // It writes every day, worn or not.
  habit: { silentMs: 2 * msPerDay, pollMs: null, rereadMs: 7 * msPerDay },
  // In one step: however short, a step would be read up to the newest entry.
  backfill: { days: 365, stepDays: 365 },
  budget,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: activities, body: slice } : null),
  samples,
  link: {
    tokenPath: "/oauth2/token",
    authorise: {},
    scopes: [
      {
        scope: "activity",
        why: "Your workouts: what you did, when, how long and how far; your steps.",
        needed: true,
      },
      { scope: "heartrate", why: "Your heart rate, during them and at rest.", needed: false },
      { scope: "sleep", why: "Your nights and their stages.", needed: false },
      { scope: "weight", why: "Your weight and body fat.", needed: false },
      {
        scope: "location",
        why: "To learn that a workout was deleted: Fitbit shows a single one only with its way.",
        needed: false,
      },
    ],
    client: "basic",
    paths: [fitbitPaths, fitbitNightPaths],
    // The tokens come with the account's name, so nobody's profile is read: sums show that they open.
    identity: { path: `${fitbitPaths}activities.json`, query: {} },
    accountOf: () => null,
    accountIn: (given) => wordOf(fieldsOf(given).user_id),
    revoke: { method: "POST", path: "/oauth2/revoke", form: "token" },
  },
} satisfies Provider;
