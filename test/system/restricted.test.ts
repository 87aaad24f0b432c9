/** Who was let in and who was not, and that the member can see it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushActivities, until } from "../../local/deliveries.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, workoutsOf } from "./support.ts";

let own: OwnSystem;
let member: Athlete;
let coach: Person;
let workout: string;

const get = (path: string, token: string) => call(own.system.url, "GET", path, { token });
const readAs = (who: Person, column: string, purpose = "coaching") =>
  get(
    `/v1/members/${member.id}/readings/${column}?workout=${workout}&purpose=${purpose}`,
    who.token,
  );
const grant = (columns: string[], extra: object = {}) =>
  call(own.system.url, "POST", "/v1/consents", {
    token: member.token,
    body: { grantee: { member: coach.id }, columns, ...extra },
  });
const newestEntry = async () => (await get("/v1/access-log?limit=1", member.token)).body.items[0];
const audited = async () => {
  const db = await own.system.runtime.mf.getD1Database("PHI_0", "singlet-vault");
  return (await db.prepare("SELECT count(*) AS n FROM audit").first<{ n: number }>())?.n ?? 0;
};

beforeAll(async () => {
  own = await ownSystem();
  member = await athlete(own.system, "member");
  coach = await enrol(own.system, "the-coach", "Coach Carla", ["coach"]);
  const ride: Ride = {
    account: member.garmin,
    id: "7100",
    startMs: Date.UTC(2026, 9, 14, 7),
    elapsedSeconds: 1800,
    distanceM: 15_000,
  };
  await pushActivities(own.system, garminActivity(ride), garminDetails(ride));
  const found = await until(
    () => workoutsOf(own.system, member),
    (w) => w.length === 1,
  );
  workout = found?.[0].id;
});
afterAll(() => own.end());

describe("a restricted reading", () => {
  it("is refused without consent, and the refusal is in the member's log", async () => {
    const answer = await readAs(coach, "heart_rate");
    expect(answer.status).toBe(403);
    expect(await newestEntry()).toMatchObject({
      who: { id: coach.id, name: "Coach Carla", role: "coach" },
      action: "view",
      columns: ["heart_rate"],
      outcome: "refused",
      ground: "no-consent",
    });
  });

  it("is opened for what was consented to and nothing else, until it is revoked", async () => {
    const consent = await grant(["heart_rate"]);
    expect(consent.status).toBe(201);
    const heart = await readAs(coach, "heart_rate");
    expect(heart.status).toBe(200);
    expect(heart.headers.get("cache-control")).toBe("no-store");
    expect(heart.body.readings[0].value[0]).toMatchObject({
      bpm: expect.any(Number),
      t: expect.stringMatching(/^2026-10-14T07:/),
    });
    expect(await newestEntry()).toMatchObject({ outcome: "permitted", ground: consent.body.id });
    expect((await readAs(coach, "track")).status).toBe(403);
    expect((await readAs(coach, "heart_rate", "research")).status).toBe(403);
    const revoked = await call(own.system.url, "DELETE", `/v1/consents/${consent.body.id}`, {
      token: member.token,
    });
    expect(revoked.status).toBe(200);
    expect((await readAs(coach, "heart_rate")).status).toBe(403);
    const listed = (await get("/v1/consents", member.token)).body.items;
    expect(listed.find((c: { id: string }) => c.id === consent.body.id).revoked).not.toBeNull();
  });

  it("is not opened on a consent that has run out", async () => {
    expect((await grant(["track"], { until: "2026-01-01T00:00:00Z" })).status).toBe(400);
    const soon = new Date(Date.now() + 2000).toISOString();
    expect((await grant(["track"], { until: soon })).status).toBe(201);
    const refused = await until(
      () => readAs(coach, "track"),
      (r) => r.status === 403,
    );
    expect(refused?.status).toBe(403);
  });

  it("cannot be consented to for nobody", async () => {
    const nobody = { member: `m_${"f".repeat(32)}` };
    expect((await grant(["track"], { grantee: nobody })).status).toBe(400);
  });

  it("is the member's own, which is logged too, for a workout and for a range of time", async () => {
    expect((await readAs(member, "track")).body.readings[0].value.length).toBeGreaterThan(10);
    expect(await newestEntry()).toMatchObject({ who: { id: member.id }, ground: "own" });
    const range = await get(
      `/v1/members/${member.id}/readings/heart_rate?from=2026-10-14T00:00:00Z&to=2026-10-15T00:00:00Z`,
      member.token,
    );
    expect(range.body.readings).toHaveLength(1);
  });

  it("is told apart from nothing only to those who may know", async () => {
    const [real, unreal] = [
      await readAs(coach, "notes"),
      await get(`/v1/members/${member.id}/readings/notes?workout=w_nothing`, coach.token),
    ];
    expect(real.status).toBe(403);
    expect(unreal.status).toBe(403);
    const stranger = await get(
      `/v1/members/m_${"0".repeat(32)}/readings/notes?workout=w_x`,
      coach.token,
    );
    expect(stranger.status).toBe(403);
    const { requestId: _a, ...one } = real.body;
    const { requestId: _b, ...other } = stranger.body;
    expect(other).toEqual(one);
  });

  it("always has its intent in the log, and no two outcomes for one", async () => {
    const before = await audited();
    const reads = 12;
    await Promise.all(
      Array.from({ length: reads }, (_, i) => readAs(i % 2 === 0 ? member : coach, "heart_rate")),
    );
    expect(await audited()).toBe(before + 2 * reads);
    const db = await own.system.runtime.mf.getD1Database("PHI_0", "singlet-vault");
    await expect(db.prepare("UPDATE audit SET actor = 'x'").run()).rejects.toThrow();
    await expect(db.prepare("DELETE FROM audit").run()).rejects.toThrow();
  });

  it("cannot be had with a role alone, an operator's or an auditor's", async () => {
    for (const role of ["operator", "auditor"] as const) {
      const staff = await enrol(own.system, `the-${role}`, `The ${role}`, [role]);
      expect((await readAs(staff, "heart_rate")).status).toBe(403);
    }
  });
});

describe("the vault's own store", () => {
  it("keeps long streams as objects and opens them all the same", async () => {
    const long: Ride = {
      account: member.garmin,
      id: "7200",
      startMs: Date.UTC(2026, 9, 16, 7),
      elapsedSeconds: 14_400,
      distanceM: 120_000,
      everySeconds: 2,
    };
    await pushActivities(own.system, garminDetails(long));
    const found = await until(
      () => workoutsOf(own.system, member),
      (w) => w.length === 2,
    );
    const db = await own.system.runtime.mf.getD1Database("PHI_0", "singlet-vault");
    const objects = await db
      .prepare("SELECT count(*) AS n FROM sealed WHERE object IS NOT NULL")
      .first<{ n: number }>();
    expect(objects?.n).toBeGreaterThan(0);
    const track = await get(
      `/v1/members/${member.id}/readings/track?workout=${found?.[0].id}`,
      member.token,
    );
    expect(track.body.readings[0].value.length).toBeGreaterThan(7000);
  });
});
