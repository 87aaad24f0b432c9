/** What Junction has to show. Bodies are of our own making, in its form. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const keyOf = (text: string) => Buffer.from(text.padEnd(32, "-")).toString("base64");
const current = keyOf("junction now");
const old = keyOf("junction before");
const workout = {
  id: "b2a7c1de-94c3-4f1e-9c55-0e6c2d1f7a01",
  user_id: "5d0f9c52-0c1b-4b7e-8f7a-2f5f0a9d3c11",
  time_start: "2026-11-14T06:30:00+00:00",
  time_end: "2026-11-14T07:12:30+00:00",
  timezone_offset: 3600,
  sport: { id: 17, name: "Trail running", slug: "trail_running" },
  source: { provider: "garmin", type: "watch" },
};
const event = {
  event_type: "daily.data.workouts.created",
  user_id: workout.user_id,
  client_user_id: "ref-0f6a",
  team_id: "7a40c1f2-77a1-4d1b-8a51-9f2f6f0b8f10",
  data: workout,
};
const body = JSON.stringify(event);
const id = "msg_2pXkT0aVbR7";
const nowSeconds = nowMs / 1000;

interface Sealed {
  readonly id?: string;
  readonly time?: string;
  readonly body?: string | Uint8Array;
  readonly hash?: string;
}
const mac = (secret: string, of: Sealed = {}) =>
  createHmac(of.hash ?? "sha256", Buffer.from(secret, "base64"))
    .update(`${of.id ?? id}.${of.time ?? nowSeconds}.`)
    .update(of.body ?? body);
const v1 = (secret: string, of: Sealed = {}) => `v1,${mac(secret, of).digest("base64")}`;

const sent = (
  name: string,
  signature: string,
  { time = String(nowSeconds), id: by = id, ...over }: Partial<SignedCase> & Sealed = {},
  names = "svix",
): SignedCase => ({
  name,
  headers: { [`${names}-id`]: by, [`${names}-timestamp`]: time, [`${names}-signature`]: signature },
  body,
  nowMs,
  ...over,
});
const at = (secondsAway: number) => String(nowSeconds + secondsAway);
const dollar = '{"event_type":"$&","user_id":"u"}';

export const cases: ProviderCases = {
  secrets: { signing: [`whsec_${current}`, { kid: "before", secret: `whsec_${old}` }] },
  signatures: {
    genuine: [
      sent("a workout", v1(current)),
      sent("under the headers of Standard Webhooks", v1(current), {}, "webhook"),
      sent("by the key before, during a rotation", v1(old)),
      sent("by both keys, the old one first", `${v1(old)} ${v1(current)}`),
      sent(
        "among signatures of other kinds",
        `v1a,${Buffer.alloc(64, 7).toString("base64")} v2,YQ== ${v1(keyOf("x"))} ${v1(current)}`,
      ),
      sent("300 s ago", v1(current, { time: at(-300) }), { time: at(-300) }),
      sent("300 s ahead", v1(current, { time: at(300) }), { time: at(300) }),
      sent("over a body with a dollar", v1(current, { body: dollar }), { body: dollar }),
    ],
    forged: [
      sent("by another key", v1(keyOf("another"))),
      sent("301 s ago", v1(current, { time: at(-301) }), { time: at(-301) }),
      sent("301 s ahead", v1(current, { time: at(301) }), { time: at(301) }),
      sent("a time in milliseconds", v1(current, { time: String(nowMs) }), { time: String(nowMs) }),
      sent("of another id", v1(current, { id: "msg_another" })),
      sent("of another time within the stretch", v1(current, { time: at(-5) })),
      sent("with the point between id and time moved", v1(current, { id: `${id}.1`, time: "" })),
      sent("of a body in which a byte was changed", v1(current), {
        body: body.replace("trail_running", "trail-running"),
      }),
      sent("of a body with a line break more", v1(current), { body: `${body}\n` }),
      sent("without its version", mac(current).digest("base64")),
      sent("of version 2", v1(current).replace("v1,", "v2,")),
      sent("in hex", `v1,${mac(current).digest("hex")}`),
      sent("by SHA-1", v1(current, { hash: "sha1" })),
      sent("of nothing", "v1,"),
      sent("empty", ""),
      {
        name: "by the text of the key, not what it stands for",
        headers: {
          "svix-id": id,
          "svix-timestamp": String(nowSeconds),
          "svix-signature": `v1,${createHmac("sha256", current)
            .update(`${id}.${nowSeconds}.${body}`)
            .digest("base64")}`,
        },
        body,
        nowMs,
      },
      {
        name: "without a time",
        headers: { "svix-id": id, "svix-signature": v1(current) },
        body,
        nowMs,
      },
      {
        name: "without an id",
        headers: { "svix-timestamp": String(nowSeconds), "svix-signature": v1(current) },
        body,
        nowMs,
      },
      { name: "without headers", body, nowMs },
    ],
  },
  greetings: { none: "Svix greets no address" },
  deletions: { none: "Junction never says that a workout is gone, and is not read" },
  deauthorisations: [
    {
      name: "one source of an account that fails ends nothing",
      body: JSON.stringify({
        ...event,
        event_type: "provider.connection.error",
        data: { provider: { slug: "garmin" } },
      }),
      says: { claims: [{ account: workout.user_id, claim: "source-failed" }], items: [] },
    },
  ],
  timeZones: [
    {
      name: "by its offset in seconds, the times being UTC's",
      kind: "workout",
      item: workout,
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 2_550_000,
      offsetMin: 60,
    },
    {
      name: "behind UTC, by three quarters",
      kind: "workout",
      item: { ...workout, timezone_offset: -34_200 },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 2_550_000,
      offsetMin: -570,
    },
    {
      name: "by the offset of the time itself",
      kind: "workout",
      item: {
        ...workout,
        timezone_offset: null,
        time_start: "2026-11-14T12:15:00+05:45",
        time_end: "2026-11-14T12:57:30+05:45",
      },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 2_550_000,
      offsetMin: 345,
    },
    {
      name: "+00:00 alone is no place",
      kind: "workout",
      item: { ...workout, timezone_offset: null },
      at: "2026-11-14T06:30:00.000Z",
      elapsedMs: 2_550_000,
      offsetMin: null,
    },
  ],
  unknownType: {
    kind: "workout",
    item: { ...workout, sport: { id: 900, name: "Wife carrying", slug: "wife_carrying" } },
    word: "wife_carrying",
  },
  malformed: [
    { name: "no JSON", body: "daily.data", fault: "not-json" },
    { name: "an array", body: `[${body}]`, fault: "not-understood" },
    {
      name: "of nobody",
      body: JSON.stringify({ ...event, user_id: null }),
      fault: "not-understood",
    },
    {
      name: "of no event",
      body: JSON.stringify({ ...event, event_type: 3 }),
      fault: "not-understood",
    },
    { name: "no id", kind: "workout", item: { ...workout, id: "" }, fault: "no-id" },
    {
      name: "no start",
      kind: "workout",
      item: { ...workout, time_start: null },
      fault: "no-start",
    },
    {
      name: "a time on no clock",
      kind: "workout",
      item: { ...workout, time_start: "2026-11-14T06:30:00" },
      fault: "no-zone",
    },
    { name: "no end", kind: "workout", item: { ...workout, time_end: null }, fault: "no-duration" },
    {
      name: "an end before its start",
      kind: "workout",
      item: { ...workout, time_end: "2026-11-14T06:29:59+00:00" },
      fault: "no-duration",
    },
    { name: "no object", kind: "workout", item: "running", fault: "not-an-object" },
  ],
  samples: [
    {
      name: "a day by the offset that it states",
      kind: "activity",
      item: {
        id: "a1",
        calendar_date: "2026-11-13",
        timezone_offset: -18_000,
        steps: 6_400,
        distance: 4_200,
        calories_active: 310.5,
        source: { slug: "fitbit", type: "watch" },
      },
      comes: [
        ["steps", "2026-11-13T05:00:00Z", "2026-11-14T05:00:00Z", 6_400],
        ["distance", "2026-11-13T05:00:00Z", "2026-11-14T05:00:00Z", 4_200_000],
        ["active_energy", "2026-11-13T05:00:00Z", "2026-11-14T05:00:00Z", 310_500_000],
      ],
    },
    {
      name: "a glucose, in millimoles",
      kind: "glucose",
      item: {
        data: [{ timestamp: "2026-11-13T06:00:00+00:00", value: 5, unit: "mmol/L" }],
      },
      comes: [["blood_glucose", "2026-11-13T06:00:00Z", "2026-11-13T06:00:00Z", 90_078]],
    },
  ],
};
