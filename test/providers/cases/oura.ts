/** What Oura has to show. Bodies are of our own making, in its form. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const nowS = nowMs / 1000;
const [current, old] = ["oura-client-secret-2", "oura-client-secret-1"];
const word = "the-word-that-was-agreed";
const notice = (event_type: string) =>
  JSON.stringify({
    event_type,
    data_type: "workout",
    object_id: "c0ffee00-1d2e-4f30-8a41-5b6c7d8e9f00",
    event_time: "2026-11-14T08:59:00+00:00",
    user_id: "0a1b2c3d-4e5f-4607-8899-aabbccddeeff",
  });
const body = notice("update");

const mac = (secret: string, time: number | string, bytes: string | Uint8Array = body) =>
  createHmac("sha256", secret).update(String(time)).update(bytes);
const proof = (time: number | string, signature: string) => ({
  "x-oura-signature": signature,
  "x-oura-timestamp": String(time),
});
const signed = (
  name: string,
  secret: string,
  time: number | string = nowS,
  over: Partial<SignedCase> = {},
): SignedCase => {
  const signature = mac(secret, time, over.body ?? body)
    .digest("hex")
    .toUpperCase();
  return { name, headers: proof(time, signature), body, nowMs, ...over };
};
const withHeaders = (name: string, headers: Readonly<Record<string, string>>): SignedCase => ({
  name,
  headers,
  body,
  nowMs,
});

const good = mac(current, nowS).digest("hex").toUpperCase();
const spaced = JSON.stringify(JSON.parse(body), null, 2);
const workout = {
  id: "c0ffee00-1d2e-4f30-8a41-5b6c7d8e9f00",
  activity: "running",
  calories: 301.5,
  day: "2026-11-14",
  distance: 5_012.3,
  start_datetime: "2026-11-14T08:00:00+01:00",
  end_datetime: "2026-11-14T08:31:15+01:00",
  intensity: "moderate",
  label: null,
  source: "confirmed",
};
const elapsedMs = 1_875_000;

export const cases: ProviderCases = {
  secrets: { signing: [current, { kid: "before", secret: old }], verification: [word] },
  signatures: {
    genuine: [
      signed("in upper case, as it comes", current),
      withHeaders("in lower case", proof(nowS, good.toLowerCase())),
      signed("by the secret before, during a rotation", old),
      signed("at a time in milliseconds", current, nowMs),
      signed("300 seconds ago", current, nowS - 300),
      signed("300 seconds ahead, in milliseconds", current, nowMs + 300_000),
      signed("over a body that is not compact", current, nowS, { body: spaced }),
      signed("over a body with a dollar", current, nowS, { body: '{"data_type":"$&$1"}' }),
    ],
    forged: [
      signed("by another secret", "another"),
      signed("301 seconds ago", current, nowS - 301),
      signed("301 seconds ahead", current, nowS + 301),
      signed("301 seconds ago, in milliseconds", current, nowMs - 301_000),
      signed("at a time in microseconds", current, nowMs * 1000),
      signed("at a time with a fraction", current, `${nowS}.0`),
      signed("at a time in words", current, "2026-11-14T09:00:00Z"),
      { ...signed("another event", current), body: notice("delete") },
      { ...signed("the same, written anew", current), body: spaced },
      withHeaders("at another time than was signed", proof(nowS + 1, good)),
      withHeaders("in base64", proof(nowS, mac(current, nowS).digest("base64"))),
      withHeaders("cut short", proof(nowS, good.slice(0, 32))),
      withHeaders("said twice", proof(nowS, `${good}, ${good}`)),
      withHeaders("over the body alone", {
        ...proof(nowS, createHmac("sha256", current).update(body).digest("hex")),
      }),
      withHeaders("without a time", { "x-oura-signature": good }),
      withHeaders("without a signature", { "x-oura-timestamp": String(nowS) }),
      withHeaders("with an empty signature", proof(nowS, "")),
      { name: "without headers", body, nowMs },
    ],
  },
  greetings: [
    {
      name: "our word and a challenge",
      method: "GET",
      query: `verification_token=${word}&challenge=Zq8-h_T2`,
      nowMs,
      answer: { status: 200, json: { challenge: "Zq8-h_T2" } },
    },
    {
      name: "another word",
      method: "GET",
      query: "verification_token=another&challenge=Zq8-h_T2",
      nowMs,
      answer: { status: 401 },
    },
    {
      name: "our word with something behind it",
      method: "GET",
      query: `verification_token=${word}x&challenge=Zq8-h_T2`,
      nowMs,
      answer: { status: 401 },
    },
  ],
  deletions: [
    {
      name: "a notice that one was deleted",
      body: notice("delete"),
      says: {
        notices: [
          {
            account: "0a1b2c3d-4e5f-4607-8899-aabbccddeeff",
            collection: "workout",
            fromMs: 0,
            toMs: 0,
            gone: workout.id,
          },
        ],
        unknown: 0,
      },
    },
    {
      name: "a workout that is not there",
      reply: { status: 404, body: '{"detail":"Not Found"}' },
      fault: "gone",
    },
    {
      name: "not a page of some machine on the way",
      reply: { status: 404, body: "<html></html>" },
      fault: "broken",
    },
  ],
  deauthorisations: [
    { name: "a token that opens nothing any more", reply: { status: 401 }, fault: "reconnect" },
  ],
  timeZones: [
    {
      name: "east of UTC",
      kind: "workout",
      item: workout,
      at: "2026-11-14T07:00:00.000Z",
      elapsedMs,
      offsetMin: 60,
    },
    {
      name: "west of UTC, whatever day it is called",
      kind: "workout",
      item: {
        ...workout,
        day: "2001-01-01",
        start_datetime: "2026-11-13T23:00:00.000000-08:00",
        end_datetime: "2026-11-13T23:31:15.000000-08:00",
      },
      at: "2026-11-14T07:00:00.000Z",
      elapsedMs,
      offsetMin: -480,
    },
    {
      name: "three quarters of an hour",
      kind: "workout",
      item: {
        ...workout,
        start_datetime: "2026-11-14T12:45:00+05:45",
        end_datetime: "2026-11-14T13:16:15+05:45",
      },
      at: "2026-11-14T07:00:00.000Z",
      elapsedMs,
      offsetMin: 345,
    },
    {
      name: "over a change of the clocks: the instants count",
      kind: "workout",
      item: {
        ...workout,
        start_datetime: "2026-10-25T02:50:00+02:00",
        end_datetime: "2026-10-25T02:21:15+01:00",
      },
      at: "2026-10-25T00:50:00.000Z",
      elapsedMs,
      offsetMin: 120,
    },
  ],
  unknownType: {
    kind: "workout",
    item: { ...workout, activity: "something_nobody_has_heard_of" },
    word: "something_nobody_has_heard_of",
  },
  malformed: [
    { name: "no JSON", body: "", fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no type", body: '{"user_id":"u"}', fault: "not-understood" },
    { name: "no account", body: '{"data_type":"workout"}', fault: "not-understood" },
    { name: "no object", kind: "workout", item: "x", fault: "not-an-object" },
    { name: "no id", kind: "workout", item: { ...workout, id: "a/b" }, fault: "no-id" },
    {
      name: "an end before the start",
      kind: "workout",
      item: { ...workout, end_datetime: "2026-11-14T07:59:59+01:00" },
      fault: "end-before-start",
    },
    {
      name: "an end at the start",
      kind: "workout",
      item: { ...workout, end_datetime: workout.start_datetime },
      fault: "no-duration",
    },
    {
      name: "a start without a zone",
      kind: "workout",
      item: { ...workout, start_datetime: "2026-11-14T08:00:00" },
      fault: "no-zone",
    },
    {
      name: "a start that is no time",
      kind: "workout",
      item: { ...workout, start_datetime: 1_763_100_000 },
      fault: "no-start",
    },
  ],
  samples: [
    {
      name: "a heart rate",
      kind: "heartrate",
      item: { bpm: 61, source: "rest", timestamp: "2026-11-13T06:00:00+01:00" },
      comes: [["heart_rate", "2026-11-13T05:00:00Z", "2026-11-13T05:00:00Z", 61_000]],
    },
    {
      name: "a night, by phases of five minutes, with variability and breaths",
      kind: "sleep",
      item: {
        id: "night-1",
        type: "long_sleep",
        day: "2026-11-13",
        bedtime_start: "2026-11-12T23:00:00+01:00",
        bedtime_end: "2026-11-12T23:22:00+01:00",
        sleep_phase_5_min: "44221",
        deep_sleep_duration: 9_999,
        average_breath: 14.5,
        hrv: { interval: 300, items: [null, 48], timestamp: "2026-11-12T23:00:00+01:00" },
        heart_rate: { interval: 300, items: [60], timestamp: "2026-11-12T23:00:00+01:00" },
      },
      comes: [
        ["sleep", "2026-11-12T22:00:00Z", "2026-11-12T22:10:00Z", 600_000, "awake"],
        ["sleep", "2026-11-12T22:10:00Z", "2026-11-12T22:20:00Z", 600_000, "light"],
        ["sleep", "2026-11-12T22:20:00Z", "2026-11-12T22:22:00Z", 120_000, "deep"],
        ["respiratory_rate", "2026-11-12T22:00:00Z", "2026-11-12T22:22:00Z", 14_500],
        ["hrv_rmssd", "2026-11-12T22:05:00Z", "2026-11-12T22:05:00Z", 48_000],
      ],
    },
    {
      name: "a day of activity, from four in the morning on",
      kind: "daily_activity",
      item: {
        id: "day-1",
        day: "2026-11-13",
        timestamp: "2026-11-13T04:00:00.000+01:00",
        steps: 9_412,
        active_calories: 512,
        total_calories: 2_600,
        equivalent_walking_distance: 8_000,
      },
      comes: [
        ["steps", "2026-11-13T03:00:00Z", "2026-11-14T03:00:00Z", 9_412],
        ["active_energy", "2026-11-13T03:00:00Z", "2026-11-14T03:00:00Z", 512_000_000],
      ],
    },
    {
      name: "a night's oxygen, for its day",
      kind: "daily_spo2",
      item: { id: "o-1", day: "2026-11-13", spo2_percentage: { average: 97.5 } },
      comes: [["oxygen_saturation", "2026-11-12T23:00:00Z", "2026-11-13T23:00:00Z", 97_500]],
    },
  ],
};
