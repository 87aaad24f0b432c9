/**
 * Polar AccessLink v3 sends a notice for each exercise that reaches Polar Flow, signed with HMAC-SHA256
 * over the raw body, in hexadecimal; no time is signed, so only identity and revision keep a replay
 * from doing anything. A new address is greeted by a PING that comes before there is a key. The
 * exercise is fetched by its id; the address in the notice never is.
 * Known lies, as read on 2026-11-21: the start is local and its offset is to be taken away from it
 * (a public client adds it, and is wrong by twice the offset); keys are parted by "_" and "-" in one
 * body; seconds may lack their leading zero; the older API has other ids for the same exercises; an
 * edited exercise is not announced again; a webhook that failed for seven days is switched off.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm } from "../domain/units.ts";
import type { HeartRateSample, Method, TrackPoint } from "../domain/workouts/schema.ts";
import { parse } from "./polar/notices.ts";
import { budget, pull } from "./polar/pull.ts";
import { samples } from "./polar/samples.ts";
import { sportType } from "./polar/sports.ts";
import { subscription } from "./polar/subscription.ts";
import { durationMsOf, exercises, idOf, said, startOf, uploadedOf } from "./polar/values.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  highestHeartRate,
  inOrder,
  isFields,
  numberNameOf,
  pointAt,
  positiveOf,
  rawOf,
  readingsOf,
  samplesMax,
  textOf,
} from "./untrusted.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== exercises) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const start = startOf(item);
  if (start === "no-zone") return err("no-zone");
  if (start === null || start.at <= 0) return err("no-start");
  const { at, offsetMin } = start;
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const elapsedMs = durationMsOf(item.duration) ?? 0;
  if (elapsedMs <= 0) return err("no-duration");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const beats = beatsIn(item.samples);
  const route = Array.isArray(item.route) ? item.route : null;
  if (beats === "too-many" || (route?.length ?? 0) > samplesMax) return err("too-many-samples");
  const latestMs = receivedMs + msPerDay;
  const open = openFieldsOf(item);
  const heartRate = beats === null ? null : heartRateOf(beats, at, latestMs);
  const track = route === null ? null : trackOf(route, at, latestMs);
  const fields = {
    at,
    elapsedMs,
    movingMs: null,
    offsetMin,
    ...open,
    title: null,
    notes: null,
    deviceName: null,
    // Only a whole exercise can say that it has no readings, and only if it tells of none either.
    ...(heartRate === null && (beats === null || open.heartRateBy !== null) ? {} : { heartRate }),
    ...(track === null && (route === null || open.hasTrack === true) ? {} : { track }),
  };
  const revision = uploadedOf(said(item, "upload_time"));
  return ok({ sourceId, revision, fields, copyOf: null, raw: { column: "raw", text } });
}

/** By the exercise alone: with its samples and without, it must say the same. */
function openFieldsOf(item: Fields) {
  const distance = positiveOf(item.distance);
  const energy = positiveOf(item.calories);
  const deviceModel = textOf(item.device);
  const isFromDevice = deviceModel !== null || textOf(said(item, "device_id")) !== null;
  const method: Method = isFromDevice ? "device" : "unknown";
  const hasRoute = said(item, "has_route");
  const beats = positiveOf(fieldsOf(said(item, "heart_rate")).average);
  return {
    ...sportType(item.sport, said(item, "detailed_sport_info")),
    distanceMm: distance === null ? null : metresToMm(distance),
    energyMcal: energy === null ? null : kcalToMcal(energy),
    elevationGainMm: null,
    method,
    deviceModel,
    app: "Polar Flow",
    speedMmps: null,
    hasTrack: typeof hasRoute === "boolean" ? hasRoute : null,
    heartRateBy: beats === null ? null : ("unknown" as const),
  };
}

/** Of the kinds of samples, by number, the one that is a heart rate. */
const heartRateSamples = "0";

interface Beats {
  readonly everyMs: number;
  readonly data: readonly string[];
}

/** Null: nothing is said of samples. */
function beatsIn(samples: unknown): readonly Beats[] | "too-many" | null {
  if (!Array.isArray(samples)) return null;
  const found: Beats[] = [];
  let count = 0;
  for (const series of samples.map(fieldsOf)) {
    const everyMs = Math.round((positiveOf(said(series, "recording_rate")) ?? 0) * 1000);
    const isBeats = String(said(series, "sample_type")) === heartRateSamples;
    if (!isBeats || everyMs <= 0 || typeof series.data !== "string") continue;
    const data = series.data.split(",", samplesMax + 1);
    count += data.length;
    if (count > samplesMax) return "too-many";
    found.push({ everyMs, data });
  }
  return found;
}

/** A value each `everyMs` from the start; nothing was read where it is 0 or "null". */
function heartRateOf(
  series: readonly Beats[],
  at: Instant,
  latestMs: Instant,
): HeartRateSample[] | null {
  const found = new Map<Instant, HeartRateSample>();
  for (const { everyMs, data } of series)
    data.forEach((text, i) => {
      const t = at + i * everyMs;
      const bpm = /^\s*\d{1,3}(\.\d+)?\s*$/.test(text) ? Math.round(Number(text)) : 0;
      if (bpm > 0 && bpm <= highestHeartRate && t <= latestMs) found.set(t, { t, bpm });
    });
  return inOrder(found);
}

const trackOf = (route: readonly unknown[], at: Instant, latestMs: Instant): TrackPoint[] | null =>
  readingsOf(
    route,
    latestMs,
    ({ time }) => {
      const sinceMs = durationMsOf(time);
      return sinceMs === null ? null : at + sinceMs;
    },
    (t, { latitude, longitude, altitude }) => pointAt(t, latitude, longitude, altitude),
  );

export const polar = {
  name: "polar",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Polar",
    delivery: "notice",
    bodyBytesMax: 64 * 1024,
    received: 200,
    answerWithinMs: null,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the exercise's id, a short hash",
    revision:
      "upload_time, in milliseconds; where it is absent the ledger numbers each content by its receipt",
    deletion:
      "never said; a re-reading misses it, and it is gone once it is asked for and not found",
    deauthorisation: "never said; a refused call shows it",
    timeZone: "start_time is local, start_time_utc_offset the minutes to be taken away from it",
    doubts: [
      "the signature's encoding is not named; hexadecimal is taken, in either case",
      "whether a PING is signed is said in both ways; it is answered without a signature, and does nothing",
      "how soon a delivery must be answered is not said",
      "whether duration counts pauses is not said; it stands for the elapsed time",
      "the older, transactional API numbers exercises that the newer names by a hash; both are read, and one exercise from both would be two records here: only the newer is asked",
      "samples of type 0 are heart rates and of type 1 speeds by its list of types; an example shows what look like heart rates under 1: only 0 is read",
      "an edited exercise is not announced again, and may keep its upload_time; then the edit goes unseen",
      "a not-found is taken for a deletion; whether exercises from before an account was registered anew are answered alike is not said",
      "whether exercises that Flow imported from elsewhere are given is not said; one without a device is trusted less",
      "a day's start and end are said to be in UTC, and end at 23:59:59 in the example: they are read by the clock of the watch",
      "a day has a sum and, if asked for, samples of its steps, of which repeated ones are left out: only the sum is read",
      "a day says nothing of which device counted it, and may leave out what was trained; a sum of zero is left out",
      "times of a night's series have no date and no zone: what is later than noon is taken for the evening before, by the member's own zone",
      "heart rate stands in a night too, every five minutes: only the continuous one is read",
      "the answer to a range of continuous heart rate is documented as one day; a list of days is taken too",
      "the average of a night's variability is over four hours that are not named, so only its samples are read",
    ],
    documentation: "https://www.polar.com/accesslink-api/",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-256",
    key: "text",
    signed: ["body"],
    headers: [{ signature: "polar-webhook-signature" }],
    form: "hex",
  },
  greeting: { kind: "ping", fields: { event: "PING" }, status: 200 },
  parse,
  pull,
  // A list and the exercises in it: read again only when nothing came for days.
  habit: { silentMs: 3 * msPerDay, pollMs: null, rereadMs: 4 * msPerDay },
  // No more is given, and all of it at once.
  backfill: { days: 30, stepDays: 30 },
  budget,
  subscription,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: exercises, body: slice } : null),
  samples,
  link: {
    tokenPath: "/v2/oauth2/token",
    authorise: {},
    scopes: [
      {
        scope: "accesslink.read_all",
        why: "Your exercises in Polar Flow with heart rate and route; your nights, days and heart rate between them.",
        needed: true,
      },
    ],
    client: "basic",
    paths: ["/v3/exercises", "/v3/users"],
    identity: { path: "/v3/exercises", query: {} },
    accountOf: () => null,
    accountIn: (given) => numberNameOf(fieldsOf(given).x_user_id),
    enrol: {
      path: "/v3/users",
      json: (word) => ({ "member-id": word }),
      already: [409],
    },
    revoke: { method: "DELETE", path: "/v3/users/{account}" },
  },
} satisfies Provider;
