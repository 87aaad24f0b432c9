/** Who was let in and who was not, and that the member can see it. */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushActivities, until } from "../../local/deliveries.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import {
  type Athlete,
  as,
  athlete,
  type OwnSystem,
  ownSystem,
  phiOf,
  workoutsOf,
} from "./support.ts";

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
const audited = async (): Promise<number> => {
  const { body } = await call(own.system.url, "GET", "/v1/logs");
  return body.items.reduce((n: number, log: { size: number }) => n + log.size, 0);
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
    expect(await newestEntry()).toMatchObject({
      who: { id: coach.id, role: "coach" },
      columns: ["track"],
      records: 0,
      outcome: "refused",
      ground: "no-consent",
    });
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

  it("is consented to for an id in the same words whether anybody has it or not", async () => {
    const granted = async (to: string) => {
      const { status, body } = await grant(["title"], { grantee: { member: to } });
      expect((await revoke(body.id)).status).toBe(200);
      // How many a grantee was given before counts on, for whoever that is.
      const { id, granted: at, version, ...said } = body;
      const types = [id, at, version].map((value) => typeof value);
      return [status, ...types, JSON.stringify(said).replace(to, "")];
    };
    const real = await granted(coach.id);
    expect(real[0]).toBe(201);
    expect(await granted(`m_${"f".repeat(32)}`)).toEqual(real);
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
    const { items } = (await get(`/v1/access-log?limit=${reads}`, member.token)).body;
    const closings = items.map((item: { outcomeProof: string }) => item.outcomeProof);
    expect(new Set(closings).size).toBe(reads);
    expect(closings).not.toContain(null);
  });

  it("cannot be had with a role alone, an operator's or an auditor's", async () => {
    for (const role of ["operator", "auditor"] as const) {
      const staff = await enrol(own.system, `the-${role}`, `The ${role}`, [role]);
      expect((await readAs(staff, "heart_rate")).status).toBe(403);
    }
  });
});

const revoke = (id: string) => as(own.system, member).remove(`/v1/consents/${id}`);

describe("a consent", () => {
  it("to a role is beaten by a forbid for one who holds it, until that is revoked", async () => {
    const another = await enrol(own.system, "another-coach", "Coach Dan", ["coach"]);
    const everyCoach = { grantee: { role: "coach" } };
    const permit = await grant(["heart_rate", "track"], everyCoach);
    const forbid = await grant(["heart_rate"], { effect: "forbid" });
    expect(forbid.body).toMatchObject({ effect: "forbid", grantee: { member: coach.id } });
    expect((await readAs(coach, "heart_rate")).status).toBe(403);
    expect(await newestEntry()).toMatchObject({ outcome: "refused", ground: forbid.body.id });
    expect((await readAs(coach, "track")).status).toBe(200);
    expect((await readAs(another, "heart_rate")).status).toBe(200);
    await revoke(forbid.body.id);
    expect((await readAs(coach, "heart_rate")).status).toBe(200);
    await revoke(permit.body.id);
    expect((await readAs(another, "heart_rate")).status).toBe(403);
  });

  it("opens nothing before its period, and shows it", async () => {
    const [from, until] = ["2099-01-01T00:00:00Z", "2099-02-01T00:00:00Z"];
    const later = await grant(["heart_rate"], { from, until });
    expect(later.body).toMatchObject({ effect: "permit" });
    expect([later.body.from, later.body.until].map(Date.parse)).toEqual(
      [from, until].map(Date.parse),
    );
    expect((await readAs(coach, "heart_rate")).status).toBe(403);
    await revoke(later.body.id);
  });
});

describe("a roster", () => {
  it("shows a coach who lets them read what, and drops a member who revokes", async () => {
    const entry = async () =>
      (await get("/v1/roster", coach.token)).body.items.find(
        (item: { member: string }) => item.member === member.id,
      );
    expect(await entry()).toBeUndefined();
    const permit = await grant(["heart_rate", "notes"], { grantee: { role: "coach" } });
    const forbid = await grant(["notes"], { effect: "forbid" });
    expect(await entry()).toEqual({
      member: member.id,
      name: "Name member",
      consents: [{ ...permit.body, columns: ["heart_rate"] }],
    });
    expect((await get("/v1/roster", member.token)).body).toEqual({ items: [], next: null });
    await Promise.all([revoke(permit.body.id), revoke(forbid.body.id)]);
    expect(await entry()).toBeUndefined();
  });
});

describe("break-glass", () => {
  const reason = "no pulse in the finish area, the doctor asks for the last hour";
  const breakGlass = (who: Person, whom = member.id) =>
    as(own.system, who).post("/v1/ops/break-glass", { member: whom, reason });

  it("lets its operator read for a quarter of an hour, and the member is told why", async () => {
    const [operator, another] = await Promise.all(
      ["breaker", "bystander"].map((name) => enrol(own.system, name, name, ["operator"])),
    );
    if (operator === undefined || another === undefined) throw new Error("nobody enrolled");
    expect((await readAs(operator, "track", "emergency")).status).toBe(403);
    const askedMs = Date.now();
    const glass = await breakGlass(operator);
    expect(glass.status).toBe(201);
    const lastsMs = Date.parse(glass.body.until) - askedMs;
    expect(lastsMs).toBeLessThan(16 * 60_000);
    expect(lastsMs).toBeGreaterThan(14 * 60_000);
    expect(await newestEntry()).toMatchObject({
      who: { id: operator.id, role: "operator" },
      action: "admin",
      purpose: "emergency",
      ground: `break-glass:${glass.body.id}`,
    });
    expect((await readAs(operator, "track", "emergency")).status).toBe(200);
    expect(await newestEntry()).toMatchObject({
      action: "view",
      outcome: "permitted",
      ground: `break-glass:${glass.body.id}`,
    });
    expect((await readAs(operator, "track")).status).toBe(403);
    expect((await readAs(another, "track", "emergency")).status).toBe(403);
    expect((await readAs(coach, "track", "emergency")).status).toBe(403);
    expect((await get("/v1/consents", member.token)).body.breakGlass).toEqual([
      {
        id: glass.body.id,
        operator: operator.id,
        reason,
        at: expect.any(String),
        until: glass.body.until,
      },
    ]);
  });

  it("ends by itself, and does not outlive the operator's role", async () => {
    const operator = await enrol(own.system, "late", "Late", ["operator"]);
    const glass = await breakGlass(operator);
    const demoted = await enrol(own.system, "late", "Late", ["coach"]);
    expect((await readAs(demoted, "track", "emergency")).status).toBe(403);
    expect((await readAs(operator, "track", "emergency")).status).toBe(200);
    const db = await phiOf(own.system, member);
    await db
      .prepare("UPDATE break_glass SET until = ? WHERE id = ?")
      .bind(Date.now() - 1, glass.body.id)
      .run();
    expect((await readAs(operator, "track", "emergency")).status).toBe(403);
    expect(await newestEntry()).toMatchObject({ outcome: "refused", ground: "no-consent" });
  });

  it("keeps its reason under the member's key: no database has it in the clear", async () => {
    const db = await phiOf(own.system, member);
    const { results } = await db.prepare("SELECT * FROM break_glass").all();
    expect(results.length).toBeGreaterThan(0);
    expect(JSON.stringify(results)).not.toContain("pulse");
  });
});

describe("a track", () => {
  it("is cut at its ends and at the places a member named, for everybody but them", async () => {
    const permit = await grant(["track"]);
    const points = async (who: Person) =>
      (await readAs(who, "track")).body.readings[0].value as { lat: number; lon: number }[];
    const whole = await points(member);
    const cut = await points(coach);
    expect(cut.length).toBeGreaterThan(0);
    expect(cut.length).toBeLessThan(whole.length);
    expect(cut).not.toContainEqual(whole[0]);
    expect(cut).not.toContainEqual(whole.at(-1));
    const middle = whole[Math.floor(whole.length / 2)];
    const zones = { endsM: 0, places: [{ lat: middle?.lat, lon: middle?.lon, radiusM: 100 }] };
    const path = "/v1/privacy-zones";
    const options = { token: member.token, body: zones };
    expect((await get(path, member.token)).body).toEqual({ endsM: 200, places: [] });
    expect((await call(own.system.url, "PUT", path, options)).body).toEqual(zones);
    expect((await get(path, member.token)).body).toEqual(zones);
    const around = await points(coach);
    expect(around).toContainEqual(whole[0]);
    expect(around).not.toContainEqual(middle);
    expect(await points(member)).toEqual(whole);
    await revoke(permit.body.id);
  });

  it("comes as GPX and CSV too, and heart rate as CSV", async () => {
    const readings = (column: string, format: string) =>
      get(
        `/v1/members/${member.id}/readings/${column}?workout=${workout}&format=${format}`,
        member.token,
      );
    const { length } = (await readAs(member, "track")).body.readings[0].value;
    const gpx = await readings("track", "gpx");
    expect(gpx.headers.get("content-type")).toContain("application/gpx+xml");
    expect(gpx.headers.get("cache-control")).toBe("no-store");
    expect(gpx.body.match(/<trkpt /g)).toHaveLength(length);
    for (const column of ["track", "heart_rate"]) {
      const csv = await readings(column, "csv");
      expect(csv.headers.get("content-type")).toContain("text/csv");
      expect(csv.body.trim().split("\r\n").length).toBeGreaterThan(10);
    }
    expect((await readings("heart_rate", "gpx")).status).toBe(400);
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
    const db = await phiOf(own.system, member);
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
