/** What Wahoo has to show. Bodies are of our own making, in its form. */
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const [current, old] = ["whk-93ab11c0de77", "whk-2f00aa4e91b6"];
const pathKey = "wp-5c6d7e8f90a1b2c3d4e5";
const workout = {
  id: 771_234_567,
  starts: "2026-11-13T06:30:00.000Z",
  minutes: 76,
  name: "Over the hills",
  plan_id: null,
  workout_token: "ELEMNT ROAM 1F2E:0A",
  workout_type_id: 0,
  fitness_app_id: 1,
  created_at: "2026-11-13T07:50:00.000Z",
  updated_at: "2026-11-13T07:50:00.000Z",
};
const summary = {
  id: 8_812_345,
  started_at: "2026-11-13T06:30:12.000Z",
  time_zone: "Europe/Helsinki",
  duration_total_accum: "4521.0",
  duration_active_accum: "4184.0",
  distance_accum: "27441.58",
  created_at: "2026-11-13T07:50:00.000Z",
  updated_at: "2026-11-13T07:50:01.000Z",
};
const delivery = (webhook_token: unknown, over: object = {}) =>
  JSON.stringify({
    event_type: "workout_summary",
    webhook_token,
    user: { id: 9_812_345 },
    workout_summary: { ...summary, workout },
    ...over,
  });
const sent = (name: string, token: unknown, over: Partial<SignedCase> = {}): SignedCase => ({
  name,
  pathKey,
  body: delivery(token),
  nowMs,
  ...over,
});

const item = { ...workout, workout_summary: summary };
const changed = (over: object) => ({ ...item, workout_summary: { ...summary, ...over } });
const elapsedMs = 4_521_000;
const inZone = (name: string, time_zone: unknown, utc: string, offsetMin: number | null) => ({
  name,
  kind: "workouts",
  item: changed({ time_zone, started_at: utc }),
  at: utc,
  elapsedMs,
  offsetMin,
});

export const cases: ProviderCases = {
  secrets: { shared: [current, { kid: "before", secret: old }], pathKeys: [pathKey] },
  signatures: {
    genuine: [
      sent("with the token", current),
      sent("with the token before, during a rotation", old),
      sent("long after, since no time is signed", current, { nowMs: nowMs + 90 * 86_400_000 }),
      sent("of another event", current, { body: delivery(current, { event_type: "other" }) }),
    ],
    forged: [
      sent("with another token", "whk-000000000000"),
      sent("without a token", undefined),
      sent("with an empty token", ""),
      sent("with no token", null),
      sent("with a token in a list", [current]),
      sent("with a token in an object", { 0: current }),
      sent("with a token cut short", current.slice(0, -1)),
      sent("with a token that goes on", `${current} `),
      sent("with the token in another field", undefined, {
        body: delivery(undefined, { token: current }),
      }),
      sent("with the token deeper in the body", undefined, {
        body: delivery(undefined, { user: { id: 1, webhook_token: current } }),
      }),
      sent("with a token that is said twice", current, {
        body: delivery("x").replace("{", `{"webhook_token":"${current}",`),
      }),
      sent("with the token in a header", undefined, { headers: { "X-Webhook-Token": current } }),
      sent("with the token at another address", current, { pathKey: "wp-another" }),
      { name: "with the token at no address of ours", body: delivery(current), nowMs },
      sent("no JSON", current, { body: `webhook_token=${current}` }),
    ],
  },
  greetings: { none: "an address is set in the developer portal, and is not greeted" },
  deletions: [
    { name: "a workout that is not there", reply: { status: 404, body: "" }, fault: "gone" },
    {
      name: "not a page of some machine on the way",
      reply: { status: 404, body: "<html>nothing here</html>" },
      fault: "broken",
    },
  ],
  deauthorisations: [
    { name: "a token that opens nothing any more", reply: { status: 401 }, fault: "reconnect" },
  ],
  timeZones: [
    inZone("winter in Europe", "Europe/Helsinki", "2026-11-13T06:30:12.000Z", 120),
    inZone("summer in Europe", "Europe/Helsinki", "2026-07-13T06:30:12.000Z", 180),
    inZone(
      "the second before the clock goes back",
      "Europe/Helsinki",
      "2026-10-25T00:59:59.000Z",
      180,
    ),
    inZone("the second after", "Europe/Helsinki", "2026-10-25T01:00:00.000Z", 120),
    inZone(
      "west, before the clock goes forward",
      "America/Denver",
      "2026-03-08T08:59:59.000Z",
      -420,
    ),
    inZone("west, after it did", "America/Denver", "2026-03-08T09:00:00.000Z", -360),
    inZone("three quarters of an hour", "Asia/Kathmandu", "2026-11-13T06:30:12.000Z", 345),
    inZone(
      "three quarters, west of them all in winter",
      "Pacific/Chatham",
      "2026-06-13T06:30:12.000Z",
      765,
    ),
    inZone(
      "half an hour that moves by half of one",
      "Australia/Lord_Howe",
      "2026-11-13T06:30:12.000Z",
      660,
    ),
    inZone("a zone that nobody knows", "Moon/Tycho", "2026-11-13T06:30:12.000Z", null),
    inZone("no zone", null, "2026-11-13T06:30:12.000Z", null),
    {
      name: "an offset in the time itself, and no zone",
      kind: "workouts",
      item: changed({ time_zone: undefined, started_at: "2026-11-13T08:30:12.000+02:00" }),
      at: "2026-11-13T06:30:12.000Z",
      elapsedMs,
      offsetMin: 120,
    },
    {
      name: "only what the workout says of its start",
      kind: "workouts",
      item: changed({ started_at: undefined }),
      at: "2026-11-13T06:30:00.000Z",
      elapsedMs,
      offsetMin: 120,
    },
  ],
  unknownType: { kind: "workouts", item: { ...item, workout_type_id: 173 }, word: "173" },
  malformed: [
    { name: "no JSON", body: "webhook_token=a", fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no account", body: delivery(current, { user: {} }), fault: "not-understood" },
    {
      name: "another description's key",
      body: delivery(current, { event_type: undefined, event: "workout_summary" }),
      fault: "not-understood",
    },
    { name: "no object", kind: "workouts", item: "x", fault: "not-an-object" },
    { name: "no id", kind: "workouts", item: { ...item, id: 1.5 }, fault: "no-id" },
    { name: "another name of 7", kind: "workouts", item: { ...item, id: "007" }, fault: "no-id" },
    {
      name: "only planned",
      kind: "workouts",
      item: { ...item, workout_summary: null },
      fault: "no-summary",
    },
    {
      name: "a start without a zone",
      kind: "workouts",
      item: changed({ started_at: "2026-11-13T06:30:12.000" }),
      fault: "no-zone",
    },
    {
      name: "a start that is none",
      kind: "workouts",
      item: changed({ started_at: "yesterday" }),
      fault: "no-start",
    },
    {
      name: "a start to come",
      kind: "workouts",
      item: changed({ started_at: "2027-11-13T06:30:12.000Z" }),
      fault: "start-in-future",
    },
    {
      name: "a length that is no plain number",
      kind: "workouts",
      item: changed({ duration_total_accum: "4.5e3", duration_active_accum: "0x10" }),
      fault: "no-duration",
    },
    {
      name: "no time of change",
      kind: "workouts",
      item: { ...changed({ updated_at: null }), updated_at: "just now" },
      fault: "no-revision",
    },
    { name: "another kind", kind: "plans", item, fault: "unknown-kind" },
  ],
};
