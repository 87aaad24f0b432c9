/** What Concept2 has to show. Bodies are of our own making, in its form. */
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const current = "c2-9f1b7d3e5a0c2846";
const old = "c2-27ab64d8e0f1935c";

const result = {
  id: 91_133_774,
  user_id: 1_553_112,
  type: "rower",
  date: "2026-11-14 08:30:00",
  timezone: "Europe/Berlin",
  date_utc: "2026-11-14 07:30:00",
  distance: 2_000,
  time: 4_325,
  workout_type: "FixedDistanceSplits",
  source: "ErgData iOS",
  verified: true,
};
const event = { type: "result-added", result };
const body = JSON.stringify(event);
const to = (name: string, pathKey: string, over: Partial<SignedCase> = {}): SignedCase => ({
  name,
  pathKey,
  body,
  nowMs,
  ...over,
});
const none = { items: [], claims: [] };
const notice = { account: "1553112", collection: "results", fromMs: 0, toMs: 0 };

const at = (name: string, over: object, utc: string, offsetMin: number | null) => ({
  name,
  kind: "results",
  item: { ...result, date_utc: null, timezone: null, ...over },
  at: utc,
  elapsedMs: 432_500,
  offsetMin,
});

export const cases: ProviderCases = {
  secrets: { pathKeys: [current, { kid: "before", secret: old }] },
  signatures: {
    genuine: [
      to("a result", current),
      to("at the address before, during a rotation", old),
      to("long after, since no time is signed", current, { nowMs: nowMs + 1e10 }),
      to("of whatever body", current, { body: "{}" }),
    ],
    forged: [
      to("at another address", "c2-9f1b7d3e5a0c2847"),
      to("at an address that was cut short", current.slice(0, -1)),
      to("at one with more behind it", `${current}0`),
      to("at one in upper case", current.toUpperCase()),
      to("at an empty one", ""),
      { name: "at none", body, nowMs },
      {
        name: "with the key in a header",
        headers: { Authorization: `Bearer ${current}` },
        body,
        nowMs,
      },
    ],
  },
  greetings: { none: "Concept2 greets no address" },
  deletions: [
    {
      name: "without a word of whose it was, nothing can be asked",
      body: '{"type":"result-deleted","result_id":91133774}',
      says: { ...none, notices: [], unknown: 1 },
    },
    {
      name: "the same within data",
      body: '{"data":{"type":"result-deleted","result_id":91133774}}',
      says: { ...none, notices: [], unknown: 1 },
    },
    {
      name: "with whose it was it is believed once it is not found",
      body: '{"type":"result-deleted","result_id":91133774,"user_id":1553112}',
      says: { ...none, notices: [{ ...notice, gone: "91133774" }], unknown: 0 },
    },
    {
      name: "one that is not found",
      reply: { status: 404, body: '{"message":"Result not found","status_code":404}' },
      fault: "gone",
    },
    {
      name: "a page for people is no answer of Concept2's",
      reply: { status: 404, body: "<html>not here</html>" },
      fault: "broken",
    },
  ],
  deauthorisations: [
    {
      name: "a token that is refused",
      reply: { status: 401, body: '{"message":"Unauthenticated."}' },
      fault: "reconnect",
    },
    { name: "a thing that is refused", reply: { status: 403, body: "" }, fault: "refused" },
  ],
  timeZones: [
    at("by UTC", { date_utc: "2026-11-14 07:30:00" }, "2026-11-14T07:22:47.500Z", 60),
    at("by UTC, said so", { date_utc: "2026-11-14 07:30:00Z" }, "2026-11-14T07:22:47.500Z", 60),
    at(
      "by UTC, whatever zone is said beside it",
      { date_utc: "2026-11-14 13:30:00", timezone: "Europe/Berlin" },
      "2026-11-14T13:22:47.500Z",
      -300,
    ),
    at("by the zone alone", { timezone: "Europe/Berlin" }, "2026-11-14T07:22:47.500Z", 60),
    at(
      "by a zone of quarter hours",
      { timezone: "Asia/Kathmandu" },
      "2026-11-14T02:37:47.500Z",
      345,
    ),
    at("behind UTC", { timezone: "America/St_Johns" }, "2026-11-14T11:52:47.500Z", -210),
    at(
      "in summer",
      { date: "2026-07-14 08:30:00", timezone: "Europe/Berlin" },
      "2026-07-14T06:22:47.500Z",
      120,
    ),
    at(
      "just before a clock is put forward",
      { date: "2026-03-29 01:59:59", timezone: "Europe/Berlin" },
      "2026-03-29T00:52:46.500Z",
      60,
    ),
    at(
      "just after it",
      { date: "2026-03-29 03:00:00", timezone: "Europe/Berlin" },
      "2026-03-29T00:52:47.500Z",
      120,
    ),
    at(
      "an offset that no place has",
      { date_utc: "2026-11-12 07:30:00" },
      "2026-11-12T07:22:47.500Z",
      null,
    ),
  ],
  unknownType: { kind: "results", item: { ...result, type: "kayakerg" }, word: "kayakerg" },
  malformed: [
    { name: "no JSON", body: "result-added", fault: "not-json" },
    { name: "half a JSON", body: body.slice(0, 40), fault: "not-json" },
    { name: "an array", body: `[${body}]`, fault: "not-understood" },
    { name: "of no type", body: JSON.stringify({ result }), fault: "not-understood" },
    {
      name: "of nobody",
      body: JSON.stringify({ ...event, result: { ...result, user_id: null } }),
      fault: "not-understood",
    },
    {
      name: "of a path",
      body: JSON.stringify({ ...event, result: { ...result, id: "../../users/2" } }),
      fault: "not-understood",
    },
    {
      name: "a clock without a zone",
      kind: "results",
      item: { ...result, timezone: null, date_utc: null },
      fault: "no-zone",
    },
    {
      name: "a zone that does not exist",
      kind: "results",
      item: { ...result, timezone: "Europe/Atlantis", date_utc: null },
      fault: "no-zone",
    },
    {
      name: "no id",
      kind: "results",
      item: { ...result, id: undefined },
      fault: "no-id",
    },
    { name: "no result", kind: "results", item: [], fault: "not-an-object" },
    {
      name: "no day",
      kind: "results",
      item: { ...result, date: "2026-02-30 08:00:00", date_utc: null },
      fault: "no-start",
    },
    { name: "no length", kind: "results", item: { ...result, time: 0 }, fault: "no-duration" },
    {
      name: "of next year",
      kind: "results",
      item: { ...result, date_utc: "2027-11-14 07:30:00" },
      fault: "start-in-future",
    },
  ],
};
