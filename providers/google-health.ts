/**
 * Google Health (also what Fitbit became) sends notices that say which kind of data changed for whom
 * and when; the data is fetched afterwards. Each carries the agreed Authorization value and an ECDSA
 * P-256 signature over the raw body in Tink's framing; the greeting at subscription carries the
 * Authorization value alone.
 * Known lies, as read on 2026-11-21: the signature header has two documented names; `operation` has
 * said "UPDATE"; a window may be civil time without any zone, so it is read a day wider on both
 * sides; int64 comes as text and an empty list is left out; 25 exercises a page whatever is asked;
 * it passes on what other apps recorded. Heart rate may arrive after the exercise it belongs to.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal } from "../domain/units.ts";
import type { HeartRateSample, HeartRateSensor, Method } from "../domain/workouts/schema.ts";
import { legacyOf, legacyUserOf } from "./google-health/legacy.ts";
import { parse } from "./google-health/notices.ts";
import { pull } from "./google-health/pull.ts";
import { samples } from "./google-health/samples.ts";
import { exerciseType } from "./google-health/sports.ts";
import { subscription } from "./google-health/subscription.ts";
import { amountOf, exercise, idOf, secondsOf, spanOf } from "./google-health/values.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  beatAt,
  type Fields,
  fieldsOf,
  inOrder,
  instantOf,
  isFields,
  movingOf,
  offsetOf,
  rawOf,
  samplesMax,
  speedOf,
  textCharsMax,
  textOf,
} from "./untrusted.ts";

const minuteMs = 60_000;

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
  const heartRate = heartRateOf(samples, receivedMs + msPerDay);
  const fields = {
    at,
    elapsedMs,
    movingMs: movingOf(secondsOf(session.activeDuration), elapsedMs),
    ...exerciseType(session.exerciseType),
    ...amountsOf(fieldsOf(session.metricsSummary)),
    offsetMin: offsetOf((secondsOf(interval.startUtcOffset) ?? Number.NaN) / 60),
    ...sourceOf(fieldsOf(item.dataSource)),
    ...measuredOf(session, fieldsOf(item.dataSource)),
    title: textOf(session.displayName, textCharsMax),
    notes: textOf(session.notes, textCharsMax),
    // None that were had says nothing: they may not have been granted, or come later.
    ...(heartRate === null ? {} : { heartRate }),
  };
  return ok({
    sourceId,
    revision,
    fields,
    copyOf: legacyOf(sourceId, at, fieldsOf(item.dataSource)),
    raw: { column: "raw", text },
  });
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
    const beat = t === null || t > latestMs ? null : beatAt(t, amountOf(beatsPerMinute));
    if (beat !== null) found.set(beat.t, beat);
  }
  return inOrder(found);
}

const scopes = "https://www.googleapis.com/auth/googlehealth";

export const googleHealth = {
  name: "google-health",
  stream: "workouts",
  // 2: a point names the number that it may have had at Fitbit.
  edition: 2,
  facts: {
    title: "Google Health",
    delivery: "notice",
    bodyBytesMax: 1024 * 1024,
    received: 204,
    answerWithinMs: null,
    othersMaySee: true,
    // Its policy of 2026-03-24 asks that a user's request to delete be honoured, and no more.
    onDeauthorised: "keep",
    identity: "the last part of the data point's name",
    revision: "updateTime of the exercise, in milliseconds",
    deletion: "a DELETE notice with recordId, believed once the record is not found",
    deauthorisation: "never said; a refused refresh shows it",
    timeZone: "startUtcOffset of the interval",
    doubts: [
      "the signature header is documented under two names; either is taken",
      "whether exercises' deletions carry recordId is not said; a re-reading finds them too",
      "which types notices are sent for grew over the year; those of the page of 2026-09 are subscribed to, and active energy, which is not among them, is read again with the steps",
      "each source's points are listed side by side, where Google's own app shows them merged: what measured a point is told by its platform, app and device, and the member's order of devices decides",
      "oxygen and breaths stand in readings and in values of a day: only the day's are read; and of the heart's variability only the readings, whose statistics are both named",
      "a day's value has a date and no zone: it is one of the member's, and stands for all of that day",
      "a sleep's deletion names it, and samples are not withdrawn by it yet: it stays until it is deleted here",
    ],
    documentation: "https://developers.google.com/health/data-types/workouts",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "authorization-and-tink",
    headers: ["google-health-api-signature", "x-healthapi-signature"],
  },
  greeting: { kind: "authorised", body: '{"type":"verification"}', status: 201 },
  parse,
  pull,
  habit: { silentMs: msPerDay, pollMs: null, rereadMs: 2 * msPerDay },
  backfill: { days: 90, stepDays: 7 },
  // developers.google.com/health/rate-limits; no header tells what is left.
  budget: {
    app: [
      { name: "minute", calls: 120_000, windowMs: minuteMs },
      { name: "day", calls: 86_400_000, windowMs: msPerDay },
    ],
    member: [{ name: "minute", calls: 300, windowMs: minuteMs }],
    reserve: 0.3,
    throttles: "member",
    headers: [],
  },
  subscription,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: exercise, body: slice } : null),
  samples,
  link: {
    tokenPath: "/token",
    // A refresh token is given only offline, and after the first time only to who consents anew;
    // what was granted to this app before stays out of this grant.
    authorise: { access_type: "offline", prompt: "consent", include_granted_scopes: "false" },
    scopes: [
      {
        scope: `${scopes}.activity_and_fitness.readonly`,
        why: "Your workouts: what you did, when, how long and how far; your steps, distance and energy.",
        needed: true,
      },
      {
        scope: `${scopes}.health_metrics_and_measurements.readonly`,
        why: "Your heart rate, its variability, oxygen, breaths, weight, body fat, glucose and temperature.",
        needed: false,
      },
      { scope: `${scopes}.sleep.readonly`, why: "Your nights and their stages.", needed: false },
    ],
    client: "form",
    paths: ["/v4/users/me/"],
    identity: { path: "/v4/users/me/identity", query: {} },
    accountOf: (identity) => textOf(fieldsOf(identity).healthUserId),
    formerly: legacyUserOf,
    revoke: { method: "POST", path: "/revoke", form: "token" },
  },
} satisfies Provider;
