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
};
