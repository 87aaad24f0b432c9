/** What Polar has to show. Bodies are of our own making, in its form. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const old = "0c2f7a51-6d0e-4f5b-9c0a-71d2f3a4b5c6";
const current = "9a8b7c6d-1111-4222-8333-abcdefabcdef";
const body = JSON.stringify({
  event: "EXERCISE",
  user_id: 71_234,
  entity_id: "y6Wq9Kd",
  timestamp: "2026-11-14T08:59:58Z",
  url: "https://www.polaraccesslink.com/v3/exercises/y6Wq9Kd",
});
const hmac = (secret: string, bytes: string | Uint8Array) =>
  createHmac("sha256", secret).update(bytes);
const hex = (secret: string, bytes: string | Uint8Array = body) =>
  hmac(secret, bytes).digest("hex");

const header = "Polar-Webhook-Signature";
const signed = (name: string, signature: string, over: Partial<SignedCase> = {}): SignedCase => ({
  name,
  headers: { [header]: signature },
  body,
  nowMs,
  ...over,
});

const exercise = {
  id: "y6Wq9Kd",
  upload_time: "2026-11-14T08:59:50.000Z",
  device: "Polar Vantage V3",
  start_time: "2026-11-14T09:30:00",
  start_time_utc_offset: 60,
  duration: "PT25M30S",
  sport: "RUNNING",
};
const bytes = new Uint8Array([...new TextEncoder().encode(body), 0xff]);

export const cases: ProviderCases = {
  secrets: { signing: [current, { kid: "before", secret: old }] },
  signatures: {
    genuine: [
      signed("in lower case", hex(current)),
      signed("in upper case", hex(current).toUpperCase()),
      signed("by the key before, during a rotation", hex(old)),
      signed("long after it was signed, since no time is", hex(current), {
        nowMs: nowMs + 30 * 86_400_000,
      }),
      signed("over bytes that are no text", hex(current, bytes), { body: bytes }),
      signed("over a body with a dollar and a line break", hex(current, '{"a":"$&"}\n'), {
        body: '{"a":"$&"}\n',
      }),
    ],
    forged: [
      signed("by another key", hex("another")),
      signed("of a body in which a byte was changed", hex(current), {
        body: body.replace("y6Wq9Kd", "y6Wq9Ke"),
      }),
      signed("of a body with a blank more", hex(current), { body: `${body} ` }),
      signed("in base64", hmac(current, body).digest("base64")),
      signed("cut short", hex(current).slice(0, 62)),
      signed("with something behind it", `${hex(current)}00`),
      signed("said twice", `${hex(current)}, ${hex(current)}`),
      signed("under a prefix that is not Polar's", `sha256=${hex(current)}`),
      signed("empty", ""),
      signed("by SHA-1", createHmac("sha1", current).update(body).digest("hex")),
      { name: "without a header", body, nowMs },
      { name: "under another header", headers: { "X-Signature": hex(current) }, body, nowMs },
    ],
  },
  greetings: [
    {
      name: "a PING, unsigned",
      method: "POST",
      body: '{"timestamp":"2026-11-14T09:00:00Z","event":"PING"}',
      nowMs,
      answer: { status: 200 },
    },
    {
      name: "a PING, signed by a key that nobody has yet",
      method: "POST",
      headers: { [header]: hex("not known yet", '{"event":"PING"}') },
      body: '{"event":"PING"}',
      nowMs,
      answer: { status: 200 },
    },
    {
      name: "a notice, unsigned",
      method: "POST",
      body: '{"timestamp":"2026-11-14T09:00:00Z","event":"EXERCISE","user_id":1,"entity_id":"a"}',
      nowMs,
      answer: "refused",
    },
    { name: "by GET", method: "GET", query: "event=PING", nowMs, answer: "refused" },
  ],
  deletions: [
    {
      name: "an exercise that is asked for and not there",
      reply: { status: 404, body: "" },
      fault: "gone",
    },
    {
      name: "not a page of some machine on the way",
      reply: { status: 404, body: "<html>nothing here</html>" },
      fault: "broken",
    },
  ],
  deauthorisations: [
    { name: "a token that opens nothing any more", reply: { status: 401 }, fault: "reconnect" },
    { name: "consents that are missing at Polar", reply: { status: 403 }, fault: "reconnect" },
  ],
  timeZones: [
    {
      name: "east of UTC: the offset is taken away",
      kind: "exercises",
      item: { ...exercise, start_time_utc_offset: 120 },
      at: "2026-11-14T07:30:00.000Z",
      elapsedMs: 1_530_000,
      offsetMin: 120,
    },
    {
      name: "west of UTC, over midnight",
      kind: "exercises",
      item: { ...exercise, start_time: "2026-11-13T22:10:05", start_time_utc_offset: -480 },
      at: "2026-11-14T06:10:05.000Z",
      elapsedMs: 1_530_000,
      offsetMin: -480,
    },
    {
      name: "three quarters of an hour",
      kind: "exercises",
      item: { ...exercise, start_time_utc_offset: 345, duration: "PT1H0.5S" },
      at: "2026-11-14T03:45:00.000Z",
      elapsedMs: 3_600_500,
      offsetMin: 345,
    },
    {
      name: "UTC itself, in the older API's spelling",
      kind: "exercises",
      item: {
        id: 48_151_623,
        "start-time": "2026-11-14T09:30:00.000",
        "start-time-utc-offset": 0,
        duration: "P1DT2M",
      },
      at: "2026-11-14T09:30:00.000Z",
      elapsedMs: 86_520_000,
      offsetMin: 0,
    },
  ],
  unknownType: {
    kind: "exercises",
    item: { ...exercise, sport: "OTHER", detailed_sport_info: "SOMETHING_NOBODY_HAS_HEARD_OF" },
    word: "SOMETHING_NOBODY_HAS_HEARD_OF",
  },
  malformed: [
    { name: "no JSON", body: "{", fault: "not-json" },
    { name: "empty", body: "", fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no event", body: '{"user_id":1}', fault: "not-understood" },
    { name: "no account", body: '{"event":"EXERCISE"}', fault: "not-understood" },
    { name: "no object", kind: "exercises", item: [], fault: "not-an-object" },
    { name: "no id", kind: "exercises", item: { ...exercise, id: "../1" }, fault: "no-id" },
    {
      name: "a local start and no offset",
      kind: "exercises",
      item: { ...exercise, start_time_utc_offset: undefined },
      fault: "no-zone",
    },
    {
      name: "an offset of no place on Earth",
      kind: "exercises",
      item: { ...exercise, start_time_utc_offset: 900 },
      fault: "no-zone",
    },
    {
      name: "a start that is no time",
      kind: "exercises",
      item: { ...exercise, start_time: "yesterday" },
      fault: "no-start",
    },
    {
      name: "a length that is none",
      kind: "exercises",
      item: { ...exercise, duration: "PT" },
      fault: "no-duration",
    },
  ],
  samples: [
    {
      name: "a night by its hypnogram, over midnight",
      kind: "sleep",
      item: {
        date: "2026-11-13",
        sleep_start_time: "2026-11-12T23:30:20+01:00",
        sleep_end_time: "2026-11-13T01:00:20+01:00",
        device_id: "1111AAAA",
        light_sleep: 1,
        hypnogram: { "23:30": 2, "00:00": 4, "00:40": 5, "00:50": 0 },
      },
      comes: [
        ["sleep", "2026-11-12T22:30:20Z", "2026-11-12T23:00:00Z", 1_780_000, "light"],
        ["sleep", "2026-11-12T23:00:00Z", "2026-11-12T23:40:00Z", 2_400_000, "deep"],
        ["sleep", "2026-11-12T23:50:00Z", "2026-11-13T00:00:20Z", 620_000, "awake"],
      ],
    },
    {
      name: "the variability and breaths of a night, of the evening before and of its day",
      kind: "nightly-recharge",
      item: {
        date: "2026-11-13",
        heart_rate_variability_avg: 28,
        hrv_samples: { "23:41": 14, "00:46": 15 },
        breathing_samples: { "00:49": 13.5 },
      },
      comes: [
        ["hrv_rmssd", "2026-11-12T22:41:00Z", "2026-11-12T22:41:00Z", 14_000],
        ["hrv_rmssd", "2026-11-12T23:46:00Z", "2026-11-12T23:46:00Z", 15_000],
        ["respiratory_rate", "2026-11-12T23:49:00Z", "2026-11-12T23:49:00Z", 13_500],
      ],
    },
    {
      name: "a day's sums by the clock",
      kind: "activities",
      item: {
        start_time: "2026-11-13T08:15:30",
        end_time: "2026-11-13T23:59:59",
        active_calories: 450,
        calories: 2_500,
        steps: 8_823,
        distance_from_steps: 4_590.53,
      },
      comes: [
        ["steps", "2026-11-13T07:15:30Z", "2026-11-13T22:59:59Z", 8_823],
        ["distance", "2026-11-13T07:15:30Z", "2026-11-13T22:59:59Z", 4_590_530],
        ["active_energy", "2026-11-13T07:15:30Z", "2026-11-13T22:59:59Z", 450_000_000],
      ],
    },
    {
      name: "the heart, every five minutes",
      kind: "continuous-heart-rate",
      item: {
        date: "2026-11-13",
        heart_rate_samples: [{ heart_rate: 63, sample_time: "00:02:08" }],
      },
      comes: [["heart_rate", "2026-11-12T23:02:08Z", "2026-11-12T23:02:08Z", 63_000]],
    },
  ],
};
