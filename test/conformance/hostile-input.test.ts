/**
 * Bodies and addresses made to break parsers, through every door and as items of a known account:
 * never a fault of ours, never said back, and the next honest request works.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { enrol } from "../../local/people.ts";
import { garminActivity, garminBody } from "../fakes/rides.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, workoutsOf } from "../system/support.ts";
import { ask, type Door, doorNames, doorsOf, formRoutes, marker, through } from "./support.ts";

let own: OwnSystem;
let who: Athlete;
let operator: string;
let auditor: string;
let doors: readonly Door[];
const startMs = Date.UTC(2026, 9, 14, 6);
const depthMax = 100_000;
const arrays = (depth: number) => `${"[".repeat(depth)}"${marker}"${"]".repeat(depth)}`;
const objects = (depth: number) => `${'{"a":'.repeat(depth)}1${"}".repeat(depth)}`;

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "hostile");
  operator = (await enrol(own.system, "operator", "The operator", ["operator"])).token;
  auditor = (await enrol(own.system, "auditor", "The auditor", ["auditor"])).token;
  doors = doorsOf(own.system, who.token);
});
afterAll(() => own?.end());

/** As deep as still fits through the door, and no deeper than 100,000. */
const deepest = (bytesMax: number, places: number) =>
  Math.min(depthMax, Math.floor(bytesMax / (8 * places)));

const values: [string, (depth: number) => string][] = [
  ["deep arrays", arrays],
  ["deep objects", objects],
  ["a lone surrogate", () => `"\\ud800${marker}\\udfff"`],
  ["a NUL", () => `"\\u0000${marker}\\u0000"`],
  ["a huge number", () => "1e400"],
  ["a number beyond every integer", () => "-123456789012345678901234567890.5"],
  ["__proto__", () => `{"__proto__":{"${marker}":true},"constructor":"${marker}"}`],
  ["a long text", () => `"${marker.repeat(1000)}"`],
];

/** One text with the value in every field that some door looks at, and each strict form alone. */
const everywhere = (v: string, account: string): string =>
  `{"activities":[{"userId":"${account}","summaryId":${v},"startTimeInSeconds":${v},"x":${v}},
   {"userId":${v}},${v}],"activityDetails":[{"userId":"${account}","summary":{"activityType":${v}},
   "samples":${v}}],"deregistrations":${v},
   "data":{"healthUserId":${v},"dataType":"exercise","operation":${v},"recordId":${v},
   "intervals":[{"physicalTimeInterval":{"startTime":${v}},
   "civilDateTimeInterval":{"startDateTime":{"date":{"year":${v}}}}}]},
   "device":{"model":${v}},"workouts":[{"uuid":${v},"metadata":${v}},${v}],"deleted":[${v}]}`;
const places = 20;
const forms = (v: string): string[] => [
  `{"displayName":${v}}`,
  `{"zone":${v}}`,
  `{"zone":"UTC","zoneFrom":${v}}`,
  `{"code":${v}}`,
  `{"grantee":{"member":${v}},"columns":["heart_rate"]}`,
  `{"grantee":{"role":"coach"},"columns":[${v}],"purpose":${v},"until":${v}}`,
  `{"workouts":[${v},${v}]}`,
  `{"records":[${v}]}`,
];

describe.each(doorNames)("%s", (name) => {
  const door = () => doors.find((d) => d.name === name) as Door;
  const send = (body: string | Uint8Array) => through(own.system, door(), body);

  it.each(values)("survives %s, alone and in every field", async (_, value) => {
    const { bytesMax } = door();
    await send(value(deepest(bytesMax, 1)));
    await send(everywhere(value(deepest(bytesMax, places)), who.garmin));
    if (formRoutes.some((f) => f.name === name))
      for (const form of forms(value(deepest(bytesMax, 4)))) await send(form);
  });

  it("survives invalid UTF-8, a byte-order mark and a key said twice", async () => {
    const text = everywhere(`"${marker}"`, who.garmin);
    await send(Buffer.concat([Buffer.from(text), Buffer.from([0xc3])]));
    await send(Buffer.from(text.replaceAll(marker, `\u00ff${marker}`), "latin1"));
    await send(`\ufeff${text}`);
    await send(`{"userId":1,${text.slice(1, -1)},${text.slice(1)}`);
    await send(Buffer.from(`\ufeff${text}`, "utf16le"));
  });
});

it.each(["\0", "a\u0007b", "\ud800", "line\nline"])(
  "%j is no display name",
  async (displayName) => {
    const body = JSON.stringify({ displayName });
    const answer = await ask(own.system, "PUT", "/v1/me", { token: who.token, body });
    expect(answer.body.fields).toEqual([{ field: "body.displayName", rule: "invalid_format" }]);
  },
);

describe("an item of a known account", () => {
  const summary = () => garminActivity({ ...fixed, account: who.garmin });
  const fixed = { id: "6000001", startMs, elapsedSeconds: 1800, distanceM: 9000, everySeconds: 60 };
  const said = (item: string, good: string) =>
    through(own.system, doors[0] as Door, `{"activities":[${item},${good}]}`);

  it.each([
    ["nested past writing it down", (s: string) => s.replace("{", `{"x":${arrays(depthMax)},`)],
    ["nested and without an id", () => `{"userId":"hostile-account","x":${objects(depthMax)}}`],
    [
      "lasting for ever",
      (s: string) => s.replace(/"durationInSeconds":\d+/, '"durationInSeconds":1e300'),
    ],
    [
      "going for ever",
      (s: string) => s.replace(/"distanceInMeters":\d+/, '"distanceInMeters":1e300'),
    ],
    ["of a name of surrogates", (s: string) => s.replace("Morning ride", "\\ud800\\udbff")],
    ["of a name of NULs", (s: string) => s.replace("Morning ride", "\\u0000")],
    [
      "of an id of surrogates",
      (s: string) => s.replace('"summaryId":"6000001"', '"summaryId":"\\udc00"'),
    ],
  ])("%s does not sink its neighbour", async (what, change) => {
    const n = 10 + JSON.stringify(what).length;
    const neighbour = {
      ...fixed,
      account: who.garmin,
      id: `61${n}`,
      startMs: startMs + n * 7_200_000,
    };
    const before = (await workoutsOf(own.system, who)).length;
    const bad = change(JSON.stringify(summary())).replace("hostile-account", who.garmin);
    expect((await said(bad, JSON.stringify(garminActivity(neighbour)))).status).toBe(200);
    expect((await workoutsOf(own.system, who)).length).toBeGreaterThan(before);
  });

  it("in a phone's batch is answered for, however deep it and its device are nested", async () => {
    const sync = doors.find((d) => d.name === "POST /v1/sync") as Door;
    const uuid = "6F3C1E52-4B0C-4C39-9E55-0B0C4F0F000";
    const times = '"startDate":"2026-10-01T06:00:00Z","endDate":"2026-10-01T07:00:00Z"';
    const deep = objects(depthMax);
    const batch = `{"device":${deep},"workouts":[{"uuid":"${uuid}1",${times},"x":${deep}},
      {"uuid":"${marker}","x":${deep}}],"deleted":[${deep},"${uuid}2"]}`;
    const { body } = await through(own.system, sync, batch);
    expect(body).toMatchObject({ synced: 1, deleted: 1, errors: 2 });
  });
});

describe("an address", () => {
  const odd = ["%00", "%ff", "%", "..%2f..", "%F0%9F%9A%B4", "a".repeat(4000), `'${marker}--`];
  const paths = (part: string) => [
    `/v1/workouts/${part}`,
    `/v1/workouts?cursor=${part}`,
    `/v1/workouts?cursor=${btoa(JSON.stringify([1, part]))}`,
    `/v1/workouts?limit=${part}`,
    `/v1/access-log?cursor=${part}`,
    `/v1/access-log?action=${part}&from=${part}`,
    `/v1/access-log/${part}/${part}/proof`,
    `/v1/access-log/0/${part}/proof`,
    `/v1/members/${part}/workouts`,
    `/v1/members/${who.id}/workouts?cursor=${part}`,
    `/log/${part}/checkpoint`,
    `/log/0/tile/${part}`,
    `/log/0/tile/0/${part}`,
    `/log/0/witnessed/${part}`,
    `/v1/members/${part}/readings/heart_rate?workout=${part}`,
    `/v1/members/${who.id}/readings/${part}?workout=x`,
    `/v1/members/${who.id}/readings/heart_rate?workout=${part}`,
    `/v1/members/${who.id}/readings/heart_rate?from=${part}&to=${part}`,
    `/v1/leaderboards/${part}/me`,
    `/v1/leaderboards/distance?period=${part}`,
    `/v1/leaderboards/distance?cursor=${btoa(JSON.stringify([1, 1, part]))}`,
    `/v1/leaderboards/distance?cursor=${encodeURIComponent(JSON.stringify([1, 1, part]))}`,
    `/v1/leaderboards/distance/teams/${part}`,
  ];

  it.each(odd.map((part) => [part.slice(0, 12), part]))("of %s is answered", async (_, part) => {
    for (const path of paths(part)) await ask(own.system, "GET", path, { token: who.token });
    for (const list of ["consents", "decisions"])
      await ask(own.system, "DELETE", `/v1/${list}/${part}`, { token: who.token });
    const body = JSON.stringify({ records: [marker] });
    await ask(own.system, "POST", `/v1/workouts/${part}/split`, { token: who.token, body });
    await ask(own.system, "GET", `/v1/ops/holds/${part}`, { token: operator });
    for (const asked of ["member", "actor", "action", "from", "cursor", "format"])
      await ask(own.system, "GET", `/v1/audit/entries?${asked}=${part}`, { token: auditor });
    await ask(own.system, "GET", `/v1/audit/logs/${part}/entries/${part}`, { token: auditor });
    await ask(own.system, "GET", `/v1/ops/holds/${who.id}?cursor=${part}`, { token: operator });
    await ask(own.system, "POST", `/v1/ops/holds/${who.id}/${part}/clear`, { token: operator });
    await ask(own.system, "DELETE", `/v1/ops/holds/${who.id}/${part}`, { token: operator });
  });

  it("with a cursor of surrogates or of another shape is answered", async () => {
    for (const cursor of ['[1,1,"\\ud800"]', "[1]", "null", "{}", '[1,"\\u0000"]', "[1e400,1,1]"])
      for (const list of ["/v1/leaderboards/distance", "/v1/workouts"])
        for (const said of [btoa(cursor), cursor])
          await ask(own.system, "GET", `${list}?cursor=${encodeURIComponent(said)}`, {
            token: who.token,
          });
  });
});

it("leaves the system fit for an honest request", async () => {
  const before = (await workoutsOf(own.system, who)).length;
  const honest = { account: who.garmin, id: "6999999", startMs: startMs - 86_400_000 };
  const body = garminBody(garminActivity({ ...honest, elapsedSeconds: 1800, distanceM: 9000 }));
  expect((await through(own.system, doors[0] as Door, JSON.stringify(body))).status).toBe(200);
  expect(await workoutsOf(own.system, who)).toHaveLength(before + 1);
});
