/**
 * Members' own apps, over the real runtime: each posts with its member's key, which is shown once,
 * replaced at once, and kept nowhere; and one workout that came twice is one.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliverByKey, type KeyedProvider, keyed } from "../../local/deliveries.ts";
import type { Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { as, heartRateOf, workoutsOf } from "../system/support.ts";
import { shownOf } from "./connection-drill.ts";
import { withinAMinute } from "./drill.ts";
import { member } from "./signed-drill.ts";
import { expectLengths, keptIn, type LoggedSystem, unsignedSystem } from "./unsigned-drill.ts";

let own: LoggedSystem;
let system: System;
const given: string[] = [];
beforeAll(async () => {
  own = await unsignedSystem();
  system = own.system;
});
afterAll(() => own.end());

async function keyOf(who: Person, provider: KeyedProvider) {
  const answer = await as(system, who).post(`/v1/connections/${provider}`, {});
  if (answer.status === 201) given.push(answer.body.key);
  return answer;
}

/** The minute between two keys of a member is over. */
async function minuteLater(who: Person): Promise<void> {
  const warehouse = await system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  await warehouse
    .prepare("UPDATE connection SET key_at = key_at - 60000 WHERE member = ?")
    .bind(who.id)
    .run();
}

const times = { start: "2026-10-14 09:00:00 +0200", end: "2026-10-14 10:00:00 +0200" };
const kilometres = (qty: number) => ({ qty, units: "km" });
const run = { name: "Outdoor Run", ...times, duration: 3600 };
const ids = ["6B0E2C1A-5C7D-4F0B-9A4E-0D8E5B7C3A21", "A1B2C3D4-0000-4111-8222-333344445555"];
const origins = ["com.example.watch", "com.example.bridge"];
const session = (i: number) => ({
  startTime: `2026-10-14T07:00:0${i}.000Z`,
  endTime: `2026-10-14T08:00:0${i}.000Z`,
  startZoneOffset: { id: "+02:00", totalSeconds: 7200 },
  exerciseType: 8,
  metadata: {
    id: `3b8f0a52-5f0d-4d57-9a2e-6f1e2d3c4b5${i}`,
    dataOrigin: origins[i],
    recordingMethod: 1,
  },
});
const bodies = {
  "health-auto-export": (km: number) => ({
    data: { workouts: [{ ...run, id: ids[0], distance: kilometres(km) }] },
  }),
  "health-connect": () => ({ records: [session(0)] }),
} satisfies Record<KeyedProvider, (km: number) => object>;

describe.each(keyed)("a key for %s", (provider) => {
  const push = async (key: string, by: "path" | "bearer" = "path") =>
    (await deliverByKey(system, provider, key, bodies[provider](10), by)).status;
  let who: Person;
  let first: string;
  beforeAll(async () => {
    who = await member(system, `key-of-${provider}`);
  });

  it("opens its member's connection, from the path and as the bearer, and no other does", async () => {
    const { status, body } = await keyOf(who, provider);
    expect(status).toBe(201);
    first = body.key;
    expect(body.url).toBe(`${system.url}/webhooks/${provider}/${first}`);
    expect(body.how).toMatch(/key/);
    const unknown = `${first.slice(0, -4)}AAAA`;
    for (const by of ["path", "bearer"] as const) expect(await push(unknown, by)).toBe(401);
    expect(await push("", "bearer")).toBe(401);
    expect(await workoutsOf(system, who)).toEqual([]);
    expect([await push(first), await push(first, "bearer")]).toEqual([200, 200]);
    const found = await withinAMinute(
      () => workoutsOf(system, who),
      (all) => all.length > 0,
    );
    expect(found).toHaveLength(1);
  });

  it("ends once another took its place, or its connection ended", async () => {
    expect((await keyOf(who, provider)).status).toBe(429);
    expect(await push(first)).toBe(200);
    await minuteLater(who);
    const { status, body } = await keyOf(who, provider);
    expect(status).toBe(201);
    expect([await push(first), await push(body.key)]).toEqual([401, 200]);
    const { id } = (await shownOf(system, who, provider)) ?? { id: "" };
    expect(id).toBe(body.id);
    expect((await as(system, who).remove(`/v1/connections/${id}`)).status).toBe(200);
    expect([await push(first), await push(body.key)]).toEqual([401, 401]);
  });
});

describe("what came twice", () => {
  it("under two ids of Health Auto Export is one workout with what either says", async () => {
    const who = await member(system, "twins-of-hae");
    const { key } = (await keyOf(who, "health-auto-export")).body;
    const heartRateData = [
      { date: "2026-10-14 09:01:00 +0200", Min: 120, Avg: 124, Max: 130, units: "bpm" },
    ];
    const zero = (units: string) => ({ qty: 0, units });
    const workouts = [
      { ...run, id: ids[0], distance: kilometres(10.2), activeEnergyBurned: zero("kcal") },
      { ...run, id: ids[1], activeEnergyBurned: { qty: 640, units: "kcal" }, heartRateData },
    ];
    for (const workout of [...workouts, ...workouts]) {
      const body = { data: { workouts: [workout] } };
      expect((await deliverByKey(system, "health-auto-export", key, body)).status).toBe(200);
    }
    const isWhole = ([one, ...rest]: { sources: unknown[] }[]) =>
      rest.length === 0 && one?.sources.length === 2;
    const [workout] = await withinAMinute(() => workoutsOf(system, who), isWhole);
    expect(workout).toMatchObject({
      distanceMm: { value: 10_200_000 },
      energyMcal: { value: 640_000_000 },
      type: "running",
    });
    expect((await heartRateOf(system, who, workout.id))?.map(({ bpm }) => bpm)).toEqual([124]);
    await expectLengths(system, who, [10_200]);
  });

  it("by two origins of Health Connect is one workout", async () => {
    const who = await member(system, "origins-of-hc");
    const { key } = (await keyOf(who, "health-connect")).body;
    const body = { records: [session(0), session(1)] };
    for (let twice = 0; twice < 2; twice++)
      expect((await deliverByKey(system, "health-connect", key, body, "bearer")).status).toBe(200);
    const [workout, ...rest] = await withinAMinute(
      () => workoutsOf(system, who),
      ([one]) => one?.sources.length === 2,
    );
    expect(rest).toEqual([]);
    const apps = workout.sources.map(({ app }: { app: string }) => app);
    expect(apps.sort()).toEqual([...origins].sort());
  });
});

it("keys are kept nowhere, and stand in no log", async () => {
  expect(given.length).toBeGreaterThan(5);
  // Whatever is cut in two by the page of a database still shows one half.
  const halves = given.flatMap((key) => [key.slice(3, 24), key.slice(-20)]);
  expect(own.log.length).toBeGreaterThan(0);
  expect(own.log.filter((line) => halves.some((half) => line.includes(half)))).toEqual([]);
  expect(await keptIn(own.state, ["health-connect"])).not.toEqual([]);
  expect(await keptIn(own.state, halves)).toEqual([]);
});
