/**
 * Forgetting somebody, to the end: nothing that is kept names them any more, the one who rode with
 * them keeps exactly their own, and what an old phone says again adds nothing until they allow it.
 */
import { execFile } from "node:child_process";
import { randomUUID } from "node:crypto";
import { writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { artistWatch } from "../../domain/listens/stream.ts";
import { liveName } from "../../domain/ports.ts";
import { addDays, localDate } from "../../domain/time.ts";
import type { LiveObject } from "../../durable-objects/live-port.ts";
import {
  eventually,
  pushActivities,
  pushGarmin,
  syncPhone,
  until,
} from "../../local/deliveries.ts";
import { call, enrol, link, operatorToken } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { appleWorkout, garminActivity, garminDetails } from "../fakes/rides.ts";
import { deliverTo, keyAt } from "./streams.ts";
import {
  type Athlete,
  as,
  athlete,
  type OwnSystem,
  ownSystem,
  scoreOn,
  workoutsOf,
} from "./support.ts";
import { posLog } from "./tills.ts";

const startMs = Date.UTC(2026, 9, 12, 7);
/** It never closes. */
const period = "all";
const phoneId = "7F3C1E52-4B0C-4C39-9E55-0B0C4F0FAA01";
const command = resolve(import.meta.dirname, "../../local/erase.ts");

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await ownSystem();
  system = own.system;
});
afterAll(() => own.end());

const erase = (...words: string[]): Promise<{ code: number; out: string }> =>
  new Promise((done) => {
    execFile(process.execPath, [command, ...words], (error, out, err) =>
      done({ code: typeof error?.code === "number" ? error.code : 0, out: out + err }),
    );
  });

const rideOf = (who: Athlete, id: string) => ({
  account: who.garmin,
  id,
  startMs,
  elapsedSeconds: 3600,
  distanceM: 20_000,
});
const pushRide = (who: Athlete, id: string) => {
  const ride = rideOf(who, id);
  return pushActivities(system, garminActivity(ride), garminDetails(ride));
};
const phoneBatch = [
  appleWorkout({
    account: "self",
    id: phoneId,
    startMs: startMs + 86_400_000,
    elapsedSeconds: 1800,
    distanceM: 10_000,
  }),
];
const scored = (who: Athlete, expected: number | null) =>
  eventually(
    () => scoreOn(system, "distance", period, who.id),
    (score) => score === expected,
  );
const receiptOf = async (id: string) => (await call(system.url, "GET", `/v1/receipts/${id}`)).body;

/** The archive's minute: no cron fires by itself here. */
async function minute(): Promise<void> {
  const archive = await system.runtime.mf.getWorker("singlet-archive");
  await archive.scheduled({ cron: "* * * * *" });
}
const finished = (id: string) =>
  eventually(
    async () => {
      await minute();
      return receiptOf(id);
    },
    ({ pending }) => pending.length === 0,
    { tries: 240, everyMs: 250 },
  );
const connectionOf = async (who: { token: string }, provider: string) => {
  const { body } = await call(system.url, "GET", "/v1/connections", { token: who.token });
  const found = body.items.find((one: { provider: string }) => one.provider === provider);
  return found as { id: string; forgottenTo: string | null };
};

/** Into every ledger that merchants share. Gives the key of their till. */
async function sell(who: Athlete, store: string): Promise<string> {
  const key = await keyAt(system, who, "poslog");
  const day = localDate(Date.now() - 86_400_000, 0);
  const sales = Array.from({ length: 60 }, (_, n) => ({
    ...{ store, sequence: n + 1, day, pieces: 1, cents: 250, customer: "customer-1" },
    ...(n === 0 ? { card: "4111111111111111" } : {}),
  }));
  expect((await deliverTo(system, "poslog", key, posLog(sales))).status).toBe(200);
  return key;
}

let listened = 0;
/** Some minutes ago, so that whoever watches the artist sees it. Gives the key of their client. */
async function listen(who: Athlete): Promise<string> {
  const key = await keyAt(system, who, "listenbrainz");
  listened += 60;
  const listened_at = Math.floor(Date.now() / 1000) - listened;
  const track_metadata = { artist_name: "Nobody's Band", track_name: "One" };
  const body = { listen_type: "single", payload: [{ listened_at, track_metadata }] };
  expect((await deliverTo(system, "listenbrainz", key, body)).status).toBe(200);
  return key;
}
/** How many listens of the last hour those who watch that artist are shown, once it is so many. */
const watched = async (expected: number): Promise<number> => {
  const objects = await system.runtime.mf.getDurableObjectNamespace("LIVE", "singlet-edge");
  const live = objects.getByName(liveName("listens", artistWatch("nobody's band")));
  const minute = Math.floor(Date.now() / 60_000);
  const asked = { fromMinute: minute - 60, toMinute: minute, byKey: false };
  const counts = () => (live as unknown as LiveObject).counts(asked, null);
  const seen = await eventually(counts, (now) => now?.total[0] === expected);
  return seen?.total[0] ?? 0;
};

/** They follow each other, and are in a team and a challenge together. */
async function compete(one: Athlete, other: Athlete) {
  const [asOne, asOther] = [as(system, one), as(system, other)];
  const { body: team } = await asOne.post("/v1/teams", { name: "Both" });
  const joined = await asOther.post(`/v1/teams/${team.id}/members`, { code: team.code });
  expect(joined.body.members).toBe(2);
  const today = localDate(Date.now(), 0);
  const rules = { measure: "distance", from: today, to: addDays(today, 1) };
  const made = await call(system.url, "POST", "/v1/challenges", {
    token: await operatorToken(system),
    body: { name: "All", joining: "everybody", ...rules },
  });
  const path = `/v1/challenges/${made.body.id}`;
  const put = (who: Athlete, to: string) =>
    call(system.url, "PUT", to, { token: who.token, body: {} });
  for (const who of [one, other]) expect((await put(who, `${path}/me`)).status).toBe(200);
  for (const [who, whom] of [
    [one, other],
    [other, one],
  ] as const)
    expect((await put(who, `/v1/friends/${whom.id}`)).status).toBe(200);
  return { team: `/v1/teams/${team.id}`, challenge: path };
}

it("forgets one of two who rode together, whole, and takes nothing back until they say so", async () => {
  const leaver = await athlete(system, "leaver");
  const stayer = await athlete(system, "stayer");
  await pushRide(leaver, "9001");
  await pushRide(stayer, "9002");
  expect((await syncPhone(system, leaver, randomUUID(), phoneBatch)).body.synced).toBe(1);
  expect(await scored(leaver, 30_000_000)).toBe(30_000_000);
  expect(await scored(stayer, 20_000_000)).toBe(20_000_000);

  const { team, challenge } = await compete(leaver, stayer);
  const key = await listen(leaver);
  await listen(stayer);
  expect(await watched(2)).toBe(2);
  const tillKey = await sell(leaver, "leaver-store");
  await sell(stayer, "stayer-store");

  const trace = join(own.state, "trace.json");
  const known = [leaver.garmin, leaver.google, phoneId, key, tillKey];
  const also = known.flatMap((needle) => ["--also", needle]);
  const state = ["--state", own.state];
  const traced = await erase("trace", leaver.id, "--out", trace, ...also, ...state);
  expect(traced, traced.out).toMatchObject({ code: 0 });
  const before = await erase("verify", leaver.id, "--trace", trace, ...state);
  expect([before.code, before.out]).toEqual([1, expect.stringContaining("FOUND")]);

  const left = await as(system, leaver).remove("/v1/me");
  expect(left.status).toBe(200);
  expect(left.body.id).toMatch(/^r_[0-9a-f]{32}$/);
  expect(left.body.pending).toEqual(["archive", "snapshots"]);
  const said = left.body.steps.map(({ step }: { step: string }) => step);
  expect(said).toEqual(
    expect.arrayContaining(["revoked", "tombstone", "keys", "ledger", "social"]),
  );
  expect(system.provider.hasGrant("garmin", leaver.garmin)).toBe(false);
  expect(system.provider.hasGrant("google-health", leaver.google)).toBe(false);
  expect(system.provider.hasGrant("garmin", stayer.garmin)).toBe(true);
  expect(await scored(leaver, null)).toBeNull();
  expect(await watched(1)).toBe(1);
  expect((await as(system, stayer).get(team)).body.members).toBe(1);
  expect((await as(system, stayer).get(challenge)).body.joined).toBe(true);
  expect((await as(system, stayer).get("/v1/friends")).body.items).toEqual([]);

  const whole = await finished(left.body.id);
  expect(whole).toMatchObject({ scope: "member", pending: [] });
  expect(whole.finished).not.toBeNull();
  expect(JSON.stringify(whole)).not.toContain(leaver.id);
  expect((await call(system.url, "GET", "/v1/receipts/r_unknown")).status).toBe(404);

  const after = await eventually(
    () => erase("verify", leaver.id, "--trace", trace, ...state),
    ({ code }) => code === 0,
    { tries: 60, everyMs: 500 },
  );
  expect(after, after.out).toMatchObject({ code: 0 });
  const planted = join(own.state, "storage", "left-behind.ndjson");
  await writeFile(planted, JSON.stringify({ account: leaver.garmin }));
  const found = await erase("verify", leaver.id, "--trace", trace, ...state);
  expect([found.code, found.out]).toEqual([1, expect.stringContaining("left-behind.ndjson")]);

  expect(await scoreOn(system, "distance", period, stayer.id)).toBe(20_000_000);
  expect(await workoutsOf(system, stayer)).toHaveLength(1);

  expect((await syncPhone(system, leaver, randomUUID(), phoneBatch)).status).toBe(401);
  const settings = { zone: "Europe/Amsterdam", onBoards: true };
  const anew = await enrol(system, "subject-leaver", "Name anew", ["member"], settings);
  expect(anew.id).not.toBe(leaver.id);
  expect((await link(system, anew, "garmin", leaver.garmin)).status).toBe(201);
  expect((await pushRide(leaver, "9001")).status).toBe(200);
  const replayed = await syncPhone(system, anew, randomUUID(), phoneBatch);
  expect([replayed.status, replayed.body.synced]).toEqual([200, 0]);
  expect(replayed.body.errorDetails[0].code).toBe("forgotten");
  expect(await workoutsOf(system, anew)).toHaveLength(0);

  for (const provider of ["garmin", "apple-health"]) {
    const { id, forgottenTo } = await connectionOf(anew, provider);
    expect(forgottenTo).not.toBeNull();
    expect((await as(system, stayer).post(`/v1/connections/${id}/lift`)).status).toBe(404);
    expect((await as(system, anew).post(`/v1/connections/${id}/lift`)).status).toBe(200);
  }
  await pushRide(leaver, "9001");
  expect((await syncPhone(system, anew, randomUUID(), phoneBatch)).body.synced).toBe(1);
  expect(await workoutsOf(system, anew)).toHaveLength(2);
});

it("takes again what was erased with a connection, readings too, once its member lifts it", async () => {
  const who = await athlete(system, "lifter");
  await pushRide(who, "9101");
  const { id } = await connectionOf(who, "garmin");
  const gone = await as(system, who).remove(`/v1/connections/${id}?data=erase`);
  expect(gone.body.scope).toBe("connection");
  await link(system, who, "garmin", who.garmin);
  await pushRide(who, "9101");
  expect(await workoutsOf(system, who)).toHaveLength(0);
  const again = await connectionOf(who, "garmin");
  const lifted = await as(system, who).post(`/v1/connections/${again.id}/lift`);
  expect([lifted.status, lifted.body.lifted]).toEqual([200, 1]);
  await pushRide(who, "9101");
  const [back] = await workoutsOf(system, who);
  const path = `/v1/members/${who.id}/readings/heart_rate?workout=${back.id}`;
  expect((await as(system, who).get(path)).body.readings).not.toHaveLength(0);
});

it("erases by a provider's claim only once the provider itself refuses the member's token", async () => {
  const who = await athlete(system, "withdrawn");
  await pushRide(who, "9201");
  const claim = { deregistrations: [{ userId: who.garmin }] };
  const asked = () =>
    system.provider.requests.filter(({ path }) => path.endsWith("/user/id")).length;
  const before = asked();
  await pushGarmin(system, claim);
  expect(await until(async () => asked() > before, Boolean)).toBe(true);
  expect(await workoutsOf(system, who)).toHaveLength(1);

  const other = await athlete(system, "withdrawn-too");
  await pushRide(other, "9301");
  system.provider.endGrant("garmin", other.garmin);
  await pushGarmin(system, { deregistrations: [{ userId: other.garmin }] });
  const held = async () => ({
    workouts: await workoutsOf(system, other),
    connection: await connectionOf(other, "garmin"),
  });
  expect(
    await eventually(held, ({ workouts, connection }) => workouts.length === 0 && !connection),
  ).toEqual({ workouts: [], connection: undefined });
  expect(await workoutsOf(system, who)).toHaveLength(1);
});

it("erases for an operator, by name and reason, and for nobody else", async () => {
  const who = await athlete(system, "by-operator");
  await pushRide(who, "9401");
  const body = { member: who.id, scope: { kind: "member" }, reason: "asked by letter" };
  expect((await as(system, who).post("/v1/ops/erasures", body)).status).toBe(403);
  const token = await operatorToken(system);
  const ask = (asked: unknown) =>
    call(system.url, "POST", "/v1/ops/erasures", { token, body: asked });
  const window = { kind: "workouts", from: "2026-10-12T00:00:00Z", to: "2026-10-13T00:00:00Z" };
  const part = await ask({ ...body, scope: window });
  expect([part.status, part.body.scope]).toEqual([200, "workouts"]);
  expect(await workoutsOf(system, who)).toHaveLength(0);
  expect((await ask({ ...body, reason: " " })).status).toBe(400);
  expect((await ask({ ...body, member: `m_${"0".repeat(32)}` })).status).toBe(404);
  expect((await ask(body)).status).toBe(200);
  expect((await as(system, who).get("/v1/me")).status).toBe(401);
});
