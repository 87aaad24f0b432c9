/**
 * Oura sends a notice for each record that was made, changed or deleted, signed with HMAC-SHA256 over
 * a time and the raw body, one after the other, in hexadecimal under the client secret. It greets an
 * address with a word of ours and a challenge; the record is fetched by its id.
 * Known lies, as read on 2026-11-21: its sample code signs the body as written anew, which is the raw
 * one only while that is compact; the hexadecimal is upper-case; the unit of the time is not said; a
 * workout has no time of change; its own example ends before it begins; a subscription ends after
 * some ninety days; workouts may be what it took over from a phone, and do not say so.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm } from "../domain/units.ts";
import type { HeartRateSample, Method } from "../domain/workouts/schema.ts";
import { idOf, parse, workout } from "./oura/notices.ts";
import { pull, spanOf } from "./oura/pull.ts";
import { samples } from "./oura/samples.ts";
import { activityType } from "./oura/sports.ts";
import { subscription } from "./oura/subscription.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  beatAt,
  type Fields,
  fieldsOf,
  instantOf,
  isFields,
  positiveOf,
  rawOf,
  readingsOf,
  samplesMax,
  textCharsMax,
  textOf,
} from "./untrusted.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== workout) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const span = spanOf(item);
  if (!span.ok) return span;
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const { at, endMs, offsetMin } = span.value;
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const samples = Array.isArray(item.heartRateSamples) ? item.heartRateSamples : [];
  if (samples.length > samplesMax) return err("too-many-samples");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const beats = heartRateOf(samples, receivedMs + msPerDay);
  const fields = {
    at,
    elapsedMs: endMs - at,
    movingMs: null,
    ...activityType(item.activity),
    ...amountsOf(item),
    elevationGainMm: null,
    offsetMin,
    method: methodOf(item.source),
    deviceModel: null,
    app: "Oura",
    speedMmps: null,
    hasTrack: null,
    heartRateBy: null,
    title: textOf(item.label, textCharsMax),
    notes: null,
    deviceName: null,
    track: null,
    // None that were had says nothing: they may not have been granted, or may come later.
    ...(beats === null ? {} : { heartRate: beats }),
  };
  return ok({ sourceId, revision: null, fields, copyOf: null, raw: { column: "raw", text } });
}

function amountsOf({ distance, calories }: Fields) {
  const metres = positiveOf(distance);
  const kcal = positiveOf(calories);
  return {
    distanceMm: metres === null ? null : metresToMm(metres),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
  };
}

/** By the ring itself: found, found and confirmed, or known by the heart rate. */
const byRing: readonly unknown[] = ["autodetected", "confirmed", "workout_heart_rate"];

function methodOf(source: unknown): Method {
  if (source === "manual") return "manual";
  return byRing.includes(source) ? "device" : "unknown";
}

const heartRateOf = (samples: readonly unknown[], latestMs: Instant): HeartRateSample[] | null =>
  readingsOf(
    samples,
    latestMs,
    ({ timestamp }) => instantOf(timestamp),
    (t, { bpm }) => beatAt(t, bpm),
  );

export const oura = {
  name: "oura",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Oura",
    delivery: "notice",
    bodyBytesMax: 64 * 1024,
    received: 200,
    answerWithinMs: 10_000,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the workout's id, which notices call object_id",
    revision: "none in a workout; the ledger numbers each content by its receipt",
    deletion: "a notice of event_type delete, believed once the workout is not found",
    deauthorisation: "never said; a refused refresh shows it",
    timeZone: "an offset in start_datetime and end_datetime; day is not looked at",
    doubts: [
      "whether the signed time is in seconds or milliseconds is not said; 10 digits are read as seconds, 13 as milliseconds",
      "how old a signature may be is not said; 300 seconds either way are taken",
      "which characters a challenge may have is not said; letters, digits, dot, underscore, tilde and hyphen are said back, others refused",
      "a notice's event_time orders statements, but does not stand in the workout that is fetched: what was read last counts",
      "whether the last day of a list is included is said in both ways; a day more is asked for",
      "how often a delivery is repeated is not said",
      "it publishes no list of activities; those that were seen are read, others keep their word",
      "which workouts were taken over from a phone is not marked; only those that name the ring's own detection count as a device's",
      "the limit of calls is said to be the app's, by a third party each account's; it is taken for the app's",
      "whether an ended access could be told to Oura is said with the token in the address only; it is not told",
      "it states no resting heart rate; the lowest of a night is not taken for it",
      "heart rate stands in a night too, every five minutes: only the collection of its own is read",
      "equivalent_walking_distance is what all moving would be on foot, and not taken for a distance",
      "a day of activity begins at four in the morning by its timestamp, whatever its day is called, and lasts a day",
      "a night's oxygen has a day and no time: it stands for all of that day",
      "the scope of oxygen is called spo2Daily on its page of scopes, and spo2 by others; the former is asked for",
      "an energy or steps of zero is left out, as of a ring that was not worn",
    ],
    documentation: "https://cloud.ouraring.com/v2/docs",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-256",
    key: "text",
    signed: ["time", "body"],
    headers: [{ signature: "x-oura-signature", time: "x-oura-timestamp" }],
    form: "hex",
    time: "either",
  },
  greeting: {
    kind: "challenge",
    word: "verification_token",
    challenge: "challenge",
    answer: "challenge",
    wrong: 401,
  },
  parse,
  pull,
  habit: { silentMs: 2 * msPerDay, pollMs: null, rereadMs: 3 * msPerDay },
  // Ours: it gives all that there is.
  backfill: { days: 90, stepDays: 30 },
  // No header tells what is left; a member's own are a choice of ours.
  budget: {
    app: [{ name: "5 minutes", calls: 5_000, windowMs: 5 * 60_000 }],
    member: [{ name: "5 minutes", calls: 300, windowMs: 5 * 60_000 }],
    reserve: 0.3,
    throttles: "app",
    headers: [],
  },
  subscription,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: workout, body: slice } : null),
  samples,
  appHeaders: { "x-client-id": "clientId", "x-client-secret": "clientSecret" },
  link: {
    tokenPath: "/oauth/token",
    authorise: {},
    scopes: [
      {
        scope: "workout",
        why: "Your workouts: what you did, when, how long and how far.",
        needed: true,
      },
      {
        scope: "personal",
        why: "Which account is yours. Your age, weight and height are not kept.",
        needed: true,
      },
      {
        scope: "heartrate",
        why: "Your heart rate, during your workouts and between them.",
        needed: false,
      },
      {
        scope: "daily",
        why: "Your nights, and your days of steps and energy. The scores are not kept.",
        needed: false,
      },
      { scope: "spo2Daily", why: "The oxygen in your blood at night.", needed: false },
    ],
    client: "form",
    paths: ["/v2/usercollection/"],
    identity: { path: "/v2/usercollection/personal_info", query: {} },
    accountOf: (identity) => textOf(fieldsOf(identity).id),
  },
} satisfies Provider;
