/**
 * A challenge through the running system: an operator makes it, two members join and a third does
 * not; what they did counts by its rules within seconds, and who leaves is gone from it.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addDays, localDate } from "../../domain/time.ts";
import { eventually, syncPhone } from "../../local/deliveries.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import { appleWorkout } from "../fakes/rides.ts";
import { as, type OwnSystem, ownSystem } from "./support.ts";

const hour = 3_600_000;
const day = 24 * hour;
/** Noon in UTC of a day that is over everywhere. */
const noon = Math.floor(Date.now() / day) * day - 2 * day + 12 * hour;
const today = localDate(Date.now(), 0);

let own: OwnSystem;
let operator: Person;
let ada: Person;
let ben: Person;
let cleo: Person;
let challenge: string;

const member = (name: string, onBoards: boolean) =>
  enrol(own.system, `subject-${name}`, `Name ${name}`, ["member"], { zone: "UTC", onBoards });

beforeAll(async () => {
  own = await ownSystem();
  operator = await enrol(own.system, "subject-operator", "The operator", ["operator"]);
  [ada, ben, cleo] = [
    await member("ada", true),
    await member("ben", false),
    await member("cleo", true),
  ];
});
afterAll(() => own?.end());

let rides = 0;
/** So many kilometres, `hours` after noon. */
function ride(person: Person, km: number, hours: number, more: object = {}) {
  const id = `3F7C1E52-4B0C-4C39-9E55-0B0C4F0F${String(++rides).padStart(4, "0")}`;
  const workout = appleWorkout({
    ...{ account: "", id, startMs: noon + hours * hour, zone: "UTC" },
    ...{ elapsedSeconds: 3600, distanceM: km * 1000, ...more },
  });
  return syncPhone(own.system, person, `ride-${rides}`, [workout]);
}

const put = (person: Person, path: string, body: object = {}) =>
  call(own.system.url, "PUT", path, { token: person.token, body });
const standings = async (): Promise<[string, number][]> => {
  const { body } = await call(own.system.url, "GET", `/v1/challenges/${challenge}/standings`);
  return body.items.map((of: { member: string; score: number }) => [of.member, of.score]);
};
const stands = (expected: [Person, number][]) => {
  const wanted = expected.map(([person, km]) => [person.id, km * 1_000_000]);
  return eventually(standings, (found) => JSON.stringify(found) === JSON.stringify(wanted));
};
const shown = (expected: [Person, number][]) =>
  expected.map(([person, km]) => [person.id, km * 1_000_000]);

describe("a challenge", () => {
  it("is made by an operator, joined by two, and shows these two by its rules", async () => {
    const rules = {
      ...{ measure: "distance", families: ["ride"], dayMax: 30_000_000, least: 5_000_000 },
      ...{ from: addDays(today, -3), to: addDays(today, 3), verifiedOnly: true },
    };
    const draft = { name: "Ride on", joining: "everybody", ...rules };
    expect((await as(own.system, ada).post("/v1/challenges", draft)).status).toBe(403);
    const made = await as(own.system, operator).post("/v1/challenges", draft);
    expect([made.status, made.body.state]).toEqual([201, "running"]);
    challenge = made.body.id;
    for (const person of [ada, ben, cleo]) await ride(person, 20, 0);
    // Both, also what they did before.
    for (const person of [ada, ben])
      expect((await put(person, `/v1/challenges/${challenge}/me`)).status).toBe(200);
    const both: [Person, number][] = [
      [ada, 20],
      [ben, 20],
    ];
    const either = await eventually(standings, (found) => found.length === 2);
    expect([...either].sort()).toEqual(shown(both).sort());
  });

  it("counts a day up to its most, nothing below the least, and nothing typed in by hand", async () => {
    await ride(ada, 20, 2);
    await ride(ada, 4, -24);
    await ride(ben, 40, -24, { manual: true });
    await ride(ben, 15, -22);
    const expected: [Person, number][] = [
      [ben, 35],
      [ada, 30],
    ];
    expect(await stands(expected)).toEqual(shown(expected));
    const place = await as(own.system, ada).get(
      `/v1/challenges/${challenge}/standings/me?around=0`,
    );
    expect(place.body.items).toMatchObject([{ rank: 2, member: ada.id, name: "Name ada" }]);
  });

  it("stays as it is for boards: who is on none is in the challenge, and only there", async () => {
    const { body } = await call(own.system.url, "GET", "/v1/leaderboards/distance?period=all");
    const members = body.items.map((of: { member: string }) => of.member);
    expect(members).toContain(ada.id);
    expect(members).not.toContain(ben.id);
  });

  it("is left at once", async () => {
    const left = await as(own.system, ben).remove(`/v1/challenges/${challenge}/me`);
    expect(left.status).toBe(200);
    const expected: [Person, number][] = [[ada, 30]];
    expect(await stands(expected)).toEqual(shown(expected));
    const me = await as(own.system, ben).get(`/v1/challenges/${challenge}/standings/me`);
    expect(me.body.items).toEqual([]);
  });

  it("by invitation is there for who was told its code, and for nobody else", async () => {
    const draft = { name: "Ours", joining: "code", measure: "count", from: today, to: today };
    const made = (await as(own.system, operator).post("/v1/challenges", draft)).body;
    const path = `/v1/challenges/${made.id}`;
    expect((await put(cleo, `${path}/me`, { code: "WRONG" })).status).toBe(404);
    expect((await put(cleo, `${path}/me`, { code: made.code })).status).toBe(200);
    expect((await as(own.system, cleo).get(`${path}/standings`)).status).toBe(200);
    expect((await as(own.system, operator).get(`${path}/standings`)).status).toBe(200);
    expect((await as(own.system, ada).get(`${path}/standings`)).status).toBe(404);
    expect((await call(own.system.url, "GET", `${path}/standings`)).status).toBe(404);
    const listed = (await as(own.system, ada).get("/v1/challenges")).body.items;
    expect(listed.map((of: { id: string }) => of.id)).toEqual([challenge]);
    const toVisitors = await call(own.system.url, "GET", "/v1/challenges");
    expect(toVisitors.body.items).toMatchObject([{ id: challenge, joined: false }]);
    expect((await call(own.system.url, "GET", path)).status).toBe(404);
    const spoilt = { token: `${ada.token}x` };
    expect((await call(own.system.url, "GET", "/v1/challenges", spoilt)).status).toBe(401);
  });

  it("that an operator ends is gone for everybody", async () => {
    const ended = await as(own.system, operator).remove(`/v1/challenges/${challenge}`);
    expect([ended.status, ended.body.state]).toEqual([200, "ended"]);
    const gone = async () =>
      (await call(own.system.url, "GET", `/v1/challenges/${challenge}/standings`)).status;
    expect(await eventually(gone, (status) => status === 404)).toBe(404);
    expect((await put(cleo, `/v1/challenges/${challenge}/me`)).status).toBe(409);
  });
});
