/** What Withings has to show. Bodies are of our own making, in its form. */
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const [current, old] = ["wk-7f3a9c1e5b2d48e6a0c4", "wk-1d2c3b4a59687786a5b4"];
const body = "userid=3140159&appli=16&date=2026-11-13";
const posted = (name: string, pathKey?: string, over: Partial<SignedCase> = {}): SignedCase => ({
  name,
  headers: { "Content-Type": "application/x-www-form-urlencoded" },
  body,
  nowMs,
  ...(pathKey === undefined ? {} : { pathKey }),
  ...over,
});

const startSeconds = Date.UTC(2026, 10, 13, 6, 30) / 1000;
const workout = {
  id: 5_912_300_277,
  category: 2,
  timezone: "Europe/Amsterdam",
  model: 93,
  attrib: 0,
  startdate: startSeconds,
  enddate: startSeconds + 2_715,
  date: "2026-11-13",
  deviceid: "51e8d0e7d16da9ff673accf10958ca94fea55d6e",
  data: { calories: 312, distance: 7_420, pause_duration: 60 },
  modified: startSeconds + 3_600,
};
const elapsedMs = 2_715_000;
const inZone = (name: string, timezone: unknown, utc: string, offsetMin: number | null) => {
  const startdate = Date.parse(utc) / 1000;
  return {
    name,
    kind: "workouts",
    item: { ...workout, timezone, startdate, enddate: startdate + 2_715 },
    at: utc,
    elapsedMs,
    offsetMin,
  };
};
const answer = (status: number) => ({ body: JSON.stringify({ status, body: {}, error: "x" }) });

export const cases: ProviderCases = {
  secrets: { pathKeys: [current, { kid: "before", secret: old }] },
  signatures: {
    genuine: [
      posted("at the address", current),
      posted("at the address before, during a rotation", old),
      posted("long after, since no time is signed", current, { nowMs: nowMs + 90 * 86_400_000 }),
      posted("whatever the body says", current, { body: "anything" }),
    ],
    forged: [
      posted("without the secret part"),
      posted("with an empty one", ""),
      posted("with another", "wk-ffffffffffffffffffff"),
      posted("with one cut short", current.slice(0, -1)),
      posted("with one that goes on", `${current}0`),
      posted("with both, one behind the other", `${current}${old}`),
      posted("in another case", current.toUpperCase()),
      posted("with the secret in a header", undefined, {
        headers: { Authorization: `Bearer ${current}` },
      }),
      posted("with the secret in the body", undefined, { body: `${body}&key=${current}` }),
    ],
  },
  greetings: {
    none: "an address is only asked for by HEAD, which every address here answers, and nothing follows from it",
  },
  deletions: {
    none: "a deletion is never said, and since no workout can be asked for by its id none is ever found to be gone",
  },
  deauthorisations: [
    {
      name: "a notice that the member unlinked us",
      body: "userid=3140159&appli=46&action=unlink",
      says: { claims: [{ account: "3140159", claim: "deregistered" }], notices: [], unknown: 0 },
    },
    {
      name: "a notice that the account was deleted",
      body: "userid=3140159&appli=46&action=delete",
      says: { claims: [{ account: "3140159", claim: "deregistered" }], notices: [], unknown: 0 },
    },
    {
      name: "not a change of what the member says of themselves",
      body: "userid=3140159&appli=46&action=update",
      says: { claims: [], notices: [], unknown: 0 },
    },
    { name: "a token that opens nothing, said in a 200", reply: answer(401), fault: "reconnect" },
    { name: "the same by another number", reply: answer(101), fault: "reconnect" },
    { name: "the same by HTTP", reply: { status: 401 }, fault: "reconnect" },
  ],
  timeZones: [
    inZone("winter in Europe", "Europe/Amsterdam", "2026-11-13T06:30:00.000Z", 60),
    inZone("summer in Europe", "Europe/Amsterdam", "2026-07-13T06:30:00.000Z", 120),
    inZone(
      "the minute before the clock goes back",
      "Europe/Amsterdam",
      "2026-10-25T00:59:00.000Z",
      120,
    ),
    inZone("the minute after", "Europe/Amsterdam", "2026-10-25T01:00:00.000Z", 60),
    inZone(
      "the night before the clock goes forward",
      "America/New_York",
      "2026-03-08T06:59:00.000Z",
      -300,
    ),
    inZone("and the minute after", "America/New_York", "2026-03-08T07:00:00.000Z", -240),
    inZone("three quarters of an hour", "Asia/Kathmandu", "2026-11-13T06:30:00.000Z", 345),
    inZone("three quarters and summer", "Pacific/Chatham", "2026-11-13T06:30:00.000Z", 825),
    inZone("half an hour, west", "America/St_Johns", "2026-11-13T06:30:00.000Z", -210),
    inZone("a zone that nobody knows", "Mars/Olympus_Mons", "2026-11-13T06:30:00.000Z", null),
    inZone("no zone", undefined, "2026-11-13T06:30:00.000Z", null),
  ],
  unknownType: { kind: "workouts", item: { ...workout, category: 9_731 }, word: "9731" },
  malformed: [
    { name: "empty", body: "", fault: "not-understood" },
    { name: "JSON", body: '{"userid":3140159,"appli":16}', fault: "not-understood" },
    { name: "no account", body: "appli=16&date=2026-11-13", fault: "not-understood" },
    { name: "no category", body: "userid=3140159", fault: "not-understood" },
    { name: "an account that is none", body: "userid=-1&appli=16", fault: "not-understood" },
    { name: "a category in words", body: "userid=1&appli=workouts", fault: "not-understood" },
    { name: "two accounts", body: `${body}&userid=2`, fault: "not-understood" },
    { name: "two days", body: `${body}&date=2026-11-14`, fault: "not-understood" },
    { name: "a line break", body: `${body}\n`, fault: "not-understood" },
    { name: "no object", kind: "workouts", item: [workout], fault: "not-an-object" },
    { name: "no id", kind: "workouts", item: { ...workout, id: "a" }, fault: "no-id" },
    {
      name: "an id that numbers cannot hold",
      kind: "workouts",
      item: { ...workout, id: 2 ** 53 },
      fault: "no-id",
    },
    {
      name: "no time of change",
      kind: "workouts",
      item: { ...workout, modified: null },
      fault: "no-revision",
    },
    {
      name: "a start that is text",
      kind: "workouts",
      item: { ...workout, startdate: "2026-11-13" },
      fault: "no-start",
    },
    {
      name: "a start in milliseconds",
      kind: "workouts",
      item: { ...workout, startdate: startSeconds * 1000 },
      fault: "no-start",
    },
    {
      name: "an end before the start",
      kind: "workouts",
      item: { ...workout, enddate: startSeconds - 1 },
      fault: "end-before-start",
    },
    {
      name: "no length",
      kind: "workouts",
      item: { ...workout, enddate: startSeconds },
      fault: "no-duration",
    },
    { name: "no end", kind: "workouts", item: { ...workout, enddate: null }, fault: "no-duration" },
    { name: "another kind", kind: "sleep", item: workout, fault: "unknown-kind" },
  ],
  samples: [
    {
      name: "a group of one moment",
      kind: "measures",
      item: {
        grpid: 4_815_757_309,
        attrib: 0,
        date: Date.UTC(2026, 10, 13, 6) / 1000,
        modified: Date.UTC(2026, 10, 13, 6, 1) / 1000,
        category: 1,
        deviceid: "f998",
        modelid: 5,
        model: "Body+",
        measures: [{ value: 81_337, type: 1, unit: -3 }],
      },
      comes: [["weight", "2026-11-13T06:00:00Z", "2026-11-13T06:00:00Z", 81_337]],
    },
    {
      name: "a day in the zone that it names",
      kind: "activity",
      item: {
        date: "2026-11-13",
        timezone: "America/New_York",
        deviceid: null,
        modelid: 1055,
        model: "GoogleFit tracker",
        steps: 1_209,
        distance: 1_028.559,
        calories: 85.497,
        totalcalories: 2_303.788,
        modified: Date.UTC(2026, 10, 14) / 1000,
      },
      comes: [
        ["steps", "2026-11-13T05:00:00Z", "2026-11-14T05:00:00Z", 1_209],
        ["distance", "2026-11-13T05:00:00Z", "2026-11-14T05:00:00Z", 1_028_559],
        ["active_energy", "2026-11-13T05:00:00Z", "2026-11-14T05:00:00Z", 85_497_000],
      ],
    },
    {
      name: "a night's stages, one after another, and its breaths",
      kind: "sleep",
      item: {
        id: 2_081_804_182,
        timezone: "Europe/Paris",
        model: 32,
        startdate: Date.UTC(2026, 10, 12, 22) / 1000,
        enddate: Date.UTC(2026, 10, 13, 6) / 1000,
        modified: Date.UTC(2026, 10, 13, 7) / 1000,
        data: {
          wakeupduration: 1_800,
          lightsleepduration: 18_000,
          deepsleepduration: 5_400,
          remsleepduration: 3_600,
          rr_average: 15,
        },
      },
      comes: [
        ["sleep", "2026-11-12T22:00:00Z", "2026-11-12T23:30:00Z", 5_400_000, "deep"],
        ["sleep", "2026-11-12T23:30:00Z", "2026-11-13T04:30:00Z", 18_000_000, "light"],
        ["sleep", "2026-11-13T04:30:00Z", "2026-11-13T05:30:00Z", 3_600_000, "rem"],
        ["sleep", "2026-11-13T05:30:00Z", "2026-11-13T06:00:00Z", 1_800_000, "awake"],
        ["respiratory_rate", "2026-11-12T22:00:00Z", "2026-11-13T06:00:00Z", 15_000],
      ],
    },
  ],
};
