/** What Suunto has to show. Bodies are of our own making, in its form. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const current = "suunto-notifications-9d1f";
const old = "suunto-notifications-27ab";
const workout = {
  workoutKey: "6917b0c4e1f2a80012cd34ab",
  activityId: 22,
  startTime: Date.UTC(2026, 10, 14, 6, 30),
  totalTime: 4211.5,
  totalDistance: 11_874,
  timeOffsetInMinutes: 120,
};
const gear = { manufacturer: "Suunto", name: "Suunto Race", productType: "SPORT_WATCH" };
const event = { type: "WORKOUT_CREATED", username: "trailfox", workout, gear };
const body = JSON.stringify(event);
const hmac = (secret: string, bytes: string | Uint8Array = body, hash = "sha256") =>
  createHmac(hash, secret).update(bytes);
const hex = (secret: string, bytes: string | Uint8Array = body) =>
  hmac(secret, bytes).digest("hex");

const header = "X-HMAC-SHA256-Signature";
const signed = (name: string, signature: string, over: Partial<SignedCase> = {}): SignedCase => ({
  name,
  headers: { [header]: signature },
  body,
  nowMs,
  ...over,
});
const form = "username=trailfox&workoutid=6917b0c4e1f2a80012cd34ab";
const bytes = new Uint8Array([0xef, 0xbb, 0xbf, ...new TextEncoder().encode(body)]);

export const cases: ProviderCases = {
  secrets: { signing: [current, { kid: "before", secret: old }] },
  signatures: {
    genuine: [
      signed("a workout", hex(current)),
      signed("in upper case", hex(current).toUpperCase()),
      signed("by the key before, during a rotation", hex(old)),
      signed("long after it was signed, since no time is", hex(current), { nowMs: nowMs + 1e10 }),
      signed("a notice of the old form", hex(current, form), { body: form }),
      signed("over bytes with a mark before them", hex(current, bytes), { body: bytes }),
    ],
    forged: [
      signed("by another key", hex("another")),
      signed("of a body in which a byte was changed", hex(current), {
        body: body.replace("11874", "11875"),
      }),
      signed("of a body with a blank more", hex(current), { body: `${body} ` }),
      signed("in base64", hmac(current).digest("base64")),
      signed("by SHA-1", hmac(current, body, "sha1").digest("hex")),
      signed("by the key with an ampersand", hex(`${current}&`)),
      signed("cut short", hex(current).slice(0, 40)),
      signed("with something behind it", `${hex(current)}00`),
      signed("said twice", `${hex(current)}, ${hex(current)}`),
      signed("under a prefix", `sha256=${hex(current)}`),
      signed("empty", ""),
      { name: "without a header", body, nowMs },
      { name: "under another header", headers: { "X-Signature": hex(current) }, body, nowMs },
    ],
  },
  greetings: { none: "Suunto greets no address" },
  deletions: [
    {
      name: "a workout that Suunto does not find",
      reply: { status: 404, body: '{"error":{"code":"404"},"payload":null}' },
      fault: "gone",
    },
    {
      name: "a page for people is no answer of Suunto's",
      reply: { status: 404, body: "<html>not here</html>" },
      fault: "broken",
    },
  ],
  deauthorisations: [
    { name: "a token that is refused", reply: { status: 401, body: "" }, fault: "reconnect" },
    {
      name: "the app's own key is refused: nothing of the member's",
      reply: {
        status: 401,
        body: '{"statusCode":401,"message":"Access denied due to invalid subscription key."}',
      },
      fault: "again",
    },
  ],
  timeZones: [
    {
      name: "ahead of UTC",
      kind: "workouts",
      item: { workout, gear },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 4_211_500,
      offsetMin: 120,
    },
    {
      name: "by quarter hours",
      kind: "workouts",
      item: { ...workout, timeOffsetInMinutes: 345 },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 4_211_500,
      offsetMin: 345,
    },
    {
      name: "behind UTC",
      kind: "workouts",
      item: { ...workout, timeOffsetInMinutes: -210 },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 4_211_500,
      offsetMin: -210,
    },
    {
      name: "in UTC's own zone, which is one",
      kind: "workouts",
      item: { ...workout, timeOffsetInMinutes: 0 },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 4_211_500,
      offsetMin: 0,
    },
    {
      name: "without a word of it",
      kind: "workouts",
      item: { ...workout, timeOffsetInMinutes: undefined },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 4_211_500,
      offsetMin: null,
    },
    {
      name: "an offset that no place has",
      kind: "workouts",
      item: { ...workout, timeOffsetInMinutes: 900 },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 4_211_500,
      offsetMin: null,
    },
  ],
  unknownType: { kind: "workouts", item: { ...workout, activityId: 4711 }, word: "4711" },
  malformed: [
    { name: "no JSON", body: "WORKOUT_CREATED", fault: "not-json" },
    { name: "half a JSON", body: body.slice(0, 40), fault: "not-json" },
    { name: "an array", body: `[${body}]`, fault: "not-understood" },
    {
      name: "of nobody",
      body: JSON.stringify({ ...event, username: "" }),
      fault: "not-understood",
    },
    { name: "a form with a word more", body: `${form}&more=1`, fault: "not-understood" },
    {
      name: "a form of no workout",
      body: "username=trailfox&workoutid=..%2F",
      fault: "not-understood",
    },
    {
      name: "a workout by its other number",
      kind: "workouts",
      item: { ...workout, workoutKey: undefined, workoutId: 8_123_456 },
      fault: "no-id",
    },
    { name: "no workout", kind: "workouts", item: { workout: null, gear }, fault: "not-an-object" },
    { name: "no start", kind: "workouts", item: { ...workout, startTime: 0 }, fault: "no-start" },
    {
      name: "no length",
      kind: "workouts",
      item: { ...workout, totalTime: 0 },
      fault: "no-duration",
    },
    {
      name: "a start to come",
      kind: "workouts",
      item: { ...workout, startTime: Date.UTC(2031, 0, 1) },
      fault: "start-in-future",
    },
  ],
  samples: [
    {
      name: "a night's stages, one after another",
      kind: "sleep",
      item: {
        samples: [
          {
            timestamp: "2026-11-12T22:00:00.000Z",
            entryData: {
              BedtimeStart: "2026-11-12T22:00:00.000Z",
              BedtimeEnd: "2026-11-13T06:00:00.000Z",
              DeepSleepDuration: 3_600,
              LightSleepDuration: 7_200,
              HRAvg: 53,
              SleepId: 10_001,
            },
          },
        ],
      },
      comes: [
        ["sleep", "2026-11-12T22:00:00Z", "2026-11-12T23:00:00Z", 3_600_000, "deep"],
        ["sleep", "2026-11-12T23:00:00Z", "2026-11-13T01:00:00Z", 7_200_000, "light"],
      ],
    },
    {
      name: "heart rate in either unit, oxygen in either, and no steps of a stretch unsaid",
      kind: "activity",
      item: {
        samples: [
          {
            timestamp: "2026-11-13T07:00:00.000+02:00",
            entryData: { HR: 1.25, SpO2: 0.97, StepCount: 80, EnergyConsumption: 9_000, HRV: 40 },
          },
          { timestamp: "2026-11-13T05:10:00.000Z", entryData: { HR: 76, SpO2: 98 } },
        ],
      },
      comes: [
        ["heart_rate", "2026-11-13T05:00:00Z", "2026-11-13T05:00:00Z", 75_000],
        ["oxygen_saturation", "2026-11-13T05:00:00Z", "2026-11-13T05:00:00Z", 97_000],
        ["heart_rate", "2026-11-13T05:10:00Z", "2026-11-13T05:10:00Z", 76_000],
        ["oxygen_saturation", "2026-11-13T05:10:00Z", "2026-11-13T05:10:00Z", 98_000],
      ],
    },
    {
      name: "a day's steps",
      kind: "daily-activity-statistics",
      item: {
        Name: "stepcount",
        Sources: [
          {
            Name: "Suunto Vertical",
            Samples: [{ TimeISO8601: "2026-11-13T00:00:00.000+01:00", Value: 8_500 }],
          },
        ],
      },
      comes: [["steps", "2026-11-12T23:00:00Z", "2026-11-13T23:00:00Z", 8_500]],
    },
  ],
};
