/** What WHOOP has to show. Bodies are of our own making, in its form. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const [current, old] = ["whoop-client-secret-2", "whoop-client-secret-1"];
const id = "5b1f8f0e-3c0d-4a7e-9a55-2f6f0f7e1c11";
const notice = (type: string) =>
  JSON.stringify({
    user_id: 48_151,
    id,
    type,
    trace_id: "0d6a1f2b-77aa-4b1c-8f00-9c9d9e9f0a0b",
  });
const body = notice("workout.updated");

const mac = (secret: string, timeMs: number | string, bytes: string | Uint8Array = body) =>
  createHmac("sha256", secret).update(String(timeMs)).update(bytes);
const proof = (timeMs: number | string, signature: string) => ({
  "X-WHOOP-Signature": signature,
  "X-WHOOP-Signature-Timestamp": String(timeMs),
});
const signed = (
  name: string,
  secret: string,
  timeMs: number | string = nowMs,
  over: Partial<SignedCase> = {},
): SignedCase => {
  const signature = mac(secret, timeMs, over.body ?? body).digest("base64");
  return { name, headers: proof(timeMs, signature), body, nowMs, ...over };
};
const withHeaders = (name: string, headers: Readonly<Record<string, string>>): SignedCase => ({
  name,
  headers,
  body,
  nowMs,
});

const good = mac(current, nowMs).digest("base64");
/** A time at which the signature has characters that the other base64 writes otherwise. */
const slashedMs = Array.from({ length: 200 }, (_, i) => nowMs + i).find((timeMs) =>
  mac(current, timeMs).digest("base64").includes("/"),
) as number;
const bytes = new Uint8Array([...new TextEncoder().encode(body), 0xfe]);
const workout = {
  id,
  user_id: 48_151,
  created_at: "2026-11-14T08:10:00.000Z",
  updated_at: "2026-11-14T08:20:00.000Z",
  start: "2026-11-14T07:00:00.000Z",
  end: "2026-11-14T08:05:30.250Z",
  timezone_offset: "+01:00",
  sport_name: "running",
  score_state: "PENDING_SCORE",
};
const elapsedMs = 3_930_250;

export const cases: ProviderCases = {
  secrets: { signing: [current, { kid: "before", secret: old }] },
  signatures: {
    genuine: [
      signed("just now", current),
      signed("by the secret before, during a rotation", old),
      signed("300 seconds ago", current, nowMs - 300_000),
      signed("300 seconds ahead", current, nowMs + 300_000),
      signed("over bytes that are no text", current, nowMs, { body: bytes }),
      signed("over a body with a dollar", current, nowMs, { body: '{"type":"$1$&"}' }),
    ],
    forged: [
      signed("by another secret", "another"),
      signed("301 seconds ago", current, nowMs - 301_000),
      signed("301 seconds ahead", current, nowMs + 301_000),
      signed("at a time in seconds", current, nowMs / 1000),
      signed("at a time with a sign", current, `+${nowMs}`),
      signed("at a time with a blank", current, ` ${nowMs}`),
      { ...signed("a byte was changed", current), body: notice("workout.deleted") },
      withHeaders("at another time than was signed", proof(nowMs + 1, good)),
      withHeaders("in hexadecimal", proof(nowMs, mac(current, nowMs).digest("hex"))),
      withHeaders(
        "in base64 for addresses",
        proof(slashedMs, mac(current, slashedMs).digest("base64url")),
      ),
      withHeaders("in base64 without its end", proof(nowMs, good.replace(/=+$/, ""))),
      withHeaders("said twice", proof(nowMs, `${good}, ${good}`)),
      withHeaders("with a dot between time and body", {
        ...proof(nowMs, createHmac("sha256", current).update(`${nowMs}.${body}`).digest("base64")),
      }),
      withHeaders("over the body alone", {
        ...proof(nowMs, createHmac("sha256", current).update(body).digest("base64")),
      }),
      withHeaders("without a time", { "X-WHOOP-Signature": good }),
      withHeaders("without a signature", { "X-WHOOP-Signature-Timestamp": String(nowMs) }),
      withHeaders("with an empty signature", proof(nowMs, "")),
      { name: "without headers", body, nowMs },
      // The boundary between time and body is not marked: a digit of the one must not pass for the other.
      {
        name: "with the time's last digit moved into the body",
        headers: proof(String(nowMs).slice(0, -1), good),
        body: `${String(nowMs).at(-1)}${body}`,
        nowMs,
      },
    ],
  },
  greetings: { none: "an address is set on WHOOP's dashboard, and is not greeted" },
  deletions: [
    {
      name: "a notice that one was deleted",
      body: notice("workout.deleted"),
      says: {
        notices: [{ account: "48151", collection: "workout", fromMs: 0, toMs: 0, gone: id }],
        unknown: 0,
      },
    },
    { name: "a workout that is not there", reply: { status: 404, body: "" }, fault: "gone" },
    {
      name: "not a page of some machine on the way",
      reply: { status: 404, body: "not found" },
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
      name: "west of UTC",
      kind: "workout",
      item: { ...workout, timezone_offset: "-05:00" },
      at: "2026-11-14T07:00:00.000Z",
      elapsedMs,
      offsetMin: -300,
    },
    {
      name: "half an hour, in western spelling",
      kind: "workout",
      item: { ...workout, timezone_offset: "-03:30" },
      at: "2026-11-14T07:00:00.000Z",
      elapsedMs,
      offsetMin: -210,
    },
    {
      name: "three quarters of an hour, without a colon",
      kind: "workout",
      item: { ...workout, timezone_offset: "+0545" },
      at: "2026-11-14T07:00:00.000Z",
      elapsedMs,
      offsetMin: 345,
    },
    {
      name: "no offset, or none on Earth",
      kind: "workout",
      item: { ...workout, timezone_offset: "+23:00" },
      at: "2026-11-14T07:00:00.000Z",
      elapsedMs,
      offsetMin: null,
    },
  ],
  unknownType: {
    kind: "workout",
    item: { ...workout, sport_name: "something nobody has heard of" },
    word: "something nobody has heard of",
  },
  malformed: [
    { name: "no JSON", body: "user_id=1", fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no type", body: '{"user_id":1}', fault: "not-understood" },
    { name: "no account", body: '{"type":"workout.updated"}', fault: "not-understood" },
    { name: "no object", kind: "workout", item: null, fault: "not-an-object" },
    { name: "no id", kind: "workout", item: { ...workout, id: "../x" }, fault: "no-id" },
    {
      name: "no time of change",
      kind: "workout",
      item: { ...workout, updated_at: null, created_at: null },
      fault: "no-revision",
    },
    {
      name: "a start without a zone",
      kind: "workout",
      item: { ...workout, start: "2026-11-14T07:00:00.000" },
      fault: "no-zone",
    },
    {
      name: "an end before the start",
      kind: "workout",
      item: { ...workout, end: "2026-11-14T06:59:59.999Z" },
      fault: "end-before-start",
    },
    {
      name: "no end",
      kind: "workout",
      item: { ...workout, end: undefined },
      fault: "no-duration",
    },
  ],
  samples: [
    {
      name: "a night's stages, one after another, and its breaths",
      kind: "sleep",
      item: {
        id: "ecfc6a15-4661-442f-a9a4-f160dd7afae8",
        created_at: "2026-11-13T06:30:00.000Z",
        updated_at: "2026-11-13T06:40:00.000Z",
        start: "2026-11-12T22:00:00.000Z",
        end: "2026-11-13T06:00:00.000Z",
        timezone_offset: "+01:00",
        nap: false,
        score_state: "SCORED",
        score: {
          stage_summary: {
            total_in_bed_time_milli: 28_800_000,
            total_awake_time_milli: 1_800_000,
            total_light_sleep_time_milli: 14_400_000,
            total_slow_wave_sleep_time_milli: 5_400_000,
            total_rem_sleep_time_milli: 7_200_000,
          },
          respiratory_rate: 16.25,
        },
      },
      comes: [
        ["sleep", "2026-11-12T22:00:00Z", "2026-11-12T23:30:00Z", 5_400_000, "deep"],
        ["sleep", "2026-11-12T23:30:00Z", "2026-11-13T03:30:00Z", 14_400_000, "light"],
        ["sleep", "2026-11-13T03:30:00Z", "2026-11-13T05:30:00Z", 7_200_000, "rem"],
        ["sleep", "2026-11-13T05:30:00Z", "2026-11-13T06:00:00Z", 1_800_000, "awake"],
        ["respiratory_rate", "2026-11-12T22:00:00Z", "2026-11-13T06:00:00Z", 16_250],
      ],
    },
    {
      name: "a recovery, when it was made",
      kind: "recovery",
      item: {
        cycle_id: 93_845,
        sleep_id: "ecfc6a15-4661-442f-a9a4-f160dd7afae8",
        created_at: "2026-11-13T06:41:00.000Z",
        updated_at: "2026-11-13T06:41:00.000Z",
        score_state: "SCORED",
        score: {
          recovery_score: 44,
          resting_heart_rate: 54,
          hrv_rmssd_milli: 31.813_562,
          spo2_percentage: 95.6875,
          skin_temp_celsius: 33.7,
        },
      },
      comes: [
        ["resting_heart_rate", "2026-11-13T06:41:00Z", "2026-11-13T06:41:00Z", 54_000],
        ["hrv_rmssd", "2026-11-13T06:41:00Z", "2026-11-13T06:41:00Z", 31_814],
        ["oxygen_saturation", "2026-11-13T06:41:00Z", "2026-11-13T06:41:00Z", 95_688],
      ],
    },
  ],
};
