/**
 * What nobody thought of: random bodies to every door and random questions to every list. Each
 * answer is held to the promises of support.ts: below 500, described, and nothing said back. A
 * failure prints its seed and the smallest input that still fails.
 */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Athlete, athlete, type OwnSystem, ownSystem } from "../system/support.ts";
import { ask, type Door, doorNames, doorsOf, marker, through } from "./support.ts";

/** Shared by the doors, the replay and two rounds of lists, when nothing fails. */
const requestsMax = 300;
const runs = Math.floor(requestsMax / (doorNames.length + 3));

let own: OwnSystem;
let who: Athlete;
let doors: readonly Door[];

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "fuzz");
  doors = doorsOf(own.system, who.token);
});
afterAll(() => own?.end());

/** Words that the doors look for, and values that fit them now and then. */
const words = [
  ...["activities", "activityDetails", "manuallyUpdatedActivities", "deregistrations", "userId"],
  ...["summaryId", "activityId", "summary", "samples", "startTimeInSeconds", "durationInSeconds"],
  ...["data", "healthUserId", "dataType", "intervals", "physicalTimeInterval", "startTime"],
  ...["device", "model", "workouts", "deleted", "uuid", "startDate", "endDate", "metadata"],
  ...["displayName", "zone", "zoneFrom", "onBoards", "code", "grantee", "columns", "until"],
];
const fitting = fc.constantFrom<unknown>(
  ...["garmin-account-fuzz", "google-account-fuzz", "exercise", "UTC", "heart_rate", "coach"],
  ...["8F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001", "2026-10-14T06:00:00Z", "9999-12-31T23:59:60Z"],
  ...[1_790_000_000, 0, -1, 0.5, 1e21, 1e308, true, null, marker, `\ud800${marker}`, "\0"],
);
const { tree: anything } = fc.letrec((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4, withCrossShrink: true },
    fitting,
    fc.string({ unit: "binary", maxLength: 40 }).map((text) => text + marker),
    fc.double(),
    fc.array(tie("tree"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...words), fc.string({ maxLength: 12 })), tie("tree"), {
      maxKeys: 6,
    }),
  ),
}));

const entry = (fields: string[]) =>
  fc.record(Object.fromEntries(fields.map((f) => [f, anything])), { requiredKeys: [] });
const account = fc.constantFrom("garmin-account-fuzz", marker);
const activity = fc
  .tuple(account, entry(words.slice(4, 11)))
  .map(([userId, fields]) => ({ activityId: 8_000_001, ...fields, userId }));
const notice = entry(["intervals", "operation", "recordId"]).map((fields) => ({
  data: { healthUserId: "google-account-fuzz", dataType: "exercise", ...fields },
}));
const workout = entry(["uuid", "startDate", "endDate", "duration", "totalDistance", "metadata"]);
const grantee = fc.oneof(entry(["member"]), entry(["role"]));

/** Half of each door's bodies have its form, so that what lies behind parsing is reached too. */
const shaped: Record<string, fc.Arbitrary<unknown>> = {
  garmin: fc.record({ activities: fc.array(activity, { maxLength: 3 }) }),
  "google-health": fc.oneof(notice, fc.array(notice, { maxLength: 3 })),
  "POST /v1/sync": fc.record({
    device: anything,
    workouts: fc.array(workout, { maxLength: 3 }),
    deleted: fc.array(anything, { maxLength: 2 }),
  }),
  "PUT /v1/me": entry(["displayName", "zone", "zoneFrom", "onBoards"]),
  "POST /v1/connections/garmin": entry(["code", "state", "returnTo"]),
  "POST /v1/workouts/join": fc.record({ workouts: fc.array(fitting) }),
  "POST /v1/workouts/none/split": fc.record({ records: fc.array(fitting) }),
  "POST /v1/consents": fc.record({
    grantee,
    columns: anything,
    effect: anything,
    from: anything,
    until: anything,
  }),
  "PUT /v1/privacy-zones": fc.record({
    endsM: anything,
    places: fc.array(entry(["lat", "lon", "radiusM"]), { maxLength: 2 }),
  }),
};

describe.each(doorNames)("%s", (name) => {
  it("answers whatever is said", async () => {
    const door = doors.find((d) => d.name === name) as Door;
    await fc.assert(
      fc.asyncProperty(fc.oneof(shaped[name] ?? anything, anything), async (body) => {
        await through(own.system, door, JSON.stringify(body) ?? "");
      }),
      { numRuns: runs },
    );
  });
});

it("POST /v1/ops/parked/:id/replay answers whatever id is meant", async () => {
  const token = await own.system.issuer.token("fuzz-operator", ["operator"], {
    issuedAtMs: Date.now(),
    expiresInSeconds: 600,
  });
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: "grapheme", minLength: 1, maxLength: 200 }),
      async (text) => {
        const id = encodeURIComponent(text.replaceAll("/", "."));
        if (/^(\.|%2e){1,2}$/i.test(id)) return;
        await ask(own.system, "POST", `/v1/ops/parked/${id}/replay`, { token, body: marker });
      },
    ),
    { numRuns: runs },
  );
});

const names = [
  "limit",
  "cursor",
  "period",
  "around",
  "workout",
  "from",
  "to",
  "purpose",
  "action",
  marker,
];
const value = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.integer().map(String),
  fc.constantFrom("week", "9999-W53", "0000-01", "all", "2026-10-14T06:00:00Z", "1e9", marker, ""),
  fc.json({ maxDepth: 1 }).map((text) => Buffer.from(text).toString("base64")),
);
const query = fc
  .array(fc.tuple(fc.constantFrom(...names), value), { maxLength: 5 })
  .map((pairs) => new URLSearchParams(pairs).toString());

/** Someone whose own name holds no marker. */
let asker: Athlete;
beforeAll(async () => {
  asker = await athlete(own.system, "fuzz-lists");
});

it.each([0, 1])("a list answers whatever is asked (%i)", async () => {
  const lists = [
    "/v1/workouts",
    "/v1/access-log",
    `/v1/members/${asker.id}/workouts`,
    "/v1/leaderboards/distance",
    "/v1/leaderboards/count-ride/me",
    "/v1/leaderboards/distance/friends",
    `/v1/members/${asker.id}/readings/heart_rate`,
  ];
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...lists), query, async (path, asked) => {
      const { status } = await ask(own.system, "GET", `${path}?${asked}`, { token: asker.token });
      expect([200, 400, 403, 404]).toContain(status);
    }),
    { numRuns: runs },
  );
});
