/**
 * A member takes everything with them: asked for, polled, fetched in cuts anywhere, read by others'
 * software, shown to nobody else, in the log, and gone with the member.
 */
import { createHash } from "node:crypto";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DuckDBInstance } from "@duckdb/node-api";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { pushActivities, pushGarmin, until } from "../../local/deliveries.ts";
import { call, enrol, link } from "../../local/people.ts";
import { garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { deliverTo, keyAt } from "./streams.ts";
import {
  type Athlete,
  as,
  athlete,
  heartRateOf,
  type OwnSystem,
  ownSystem,
  workoutsOf,
} from "./support.ts";

let own: OwnSystem;
let member: Athlete;
let folder: string;
/** As the API shows it once it is ready. */
let taken: {
  readonly id: string;
  readonly workouts: number;
  readonly files: readonly {
    readonly name: string;
    readonly type: string;
    readonly bytes: number;
    readonly sha256: string;
    readonly href: string;
  }[];
};
const pollsMax = 50;

beforeAll(async () => {
  own = await ownSystem();
  member = await athlete(own.system, "leaver");
  folder = await mkdtemp(join(tmpdir(), "singlet-export-"));
  const ride: Ride = {
    ...{ account: member.garmin, id: "7300", startMs: Date.UTC(2026, 9, 14, 7) },
    ...{ elapsedSeconds: 7_200, distanceM: 60_000, everySeconds: 2 },
  };
  await pushActivities(own.system, garminActivity(ride), garminDetails(ride));
  await until(
    () => workoutsOf(own.system, member),
    (workouts) => workouts.length === 1,
  );
  await decideAndLeave(ride);
  const asked = await as(own.system, member).post("/v1/exports", {});
  expect(asked.status).toBe(202);
  expect(asked.body).toMatchObject({ state: "staging", files: [], workouts: 0 });
  const path = asked.headers.get("location") ?? "";
  for (let n = 0; n < pollsMax; n++) {
    const { status, body } = await as(own.system, member).get(path);
    expect(status).toBe(200);
    taken = body;
    if (body.state === "ready") return;
  }
  throw new Error("it is never ready");
});
afterAll(async () => {
  await own.end();
  await rm(folder, { recursive: true, force: true });
});

/** What no reading tells: a parked item, a join, a claim refused, a connection that ended. */
async function decideAndLeave(ride: Ride): Promise<void> {
  const { system } = own;
  const unread = { userId: member.garmin, activityName: "nobody reads me" };
  expect((await pushGarmin(system, { activities: [unread] })).status).toBe(200);
  const second = { ...ride, id: "7301", startMs: ride.startMs + 3 * 3_600_000, distanceM: 9_000 };
  await pushActivities(system, garminActivity(second));
  const two = await until(
    () => workoutsOf(system, member),
    (workouts) => workouts.length === 2,
  );
  const workouts = two?.map(({ id }) => id);
  expect((await as(system, member).post("/v1/workouts/join", { workouts })).status).toBe(200);
  const claimant = await athlete(system, "claimant");
  expect((await link(system, claimant, "garmin", member.garmin)).status).toBe(409);
  const { body } = await as(system, member).get("/v1/connections");
  const google = body.items.find((one: { provider: string }) => one.provider === "google-health");
  expect((await as(system, member).remove(`/v1/connections/${google.id}`)).status).toBe(200);
}

const hrefOf = (name: string) => taken.files.find((file) => file.name === name)?.href ?? "";
const get = (path: string, headers: Record<string, string> = {}, token = member.token) =>
  fetch(`${own.system.url}${path}`, {
    headers: { authorization: `Bearer ${token}`, "accept-encoding": "identity", ...headers },
  });
async function fetched(name: string): Promise<Buffer> {
  const answer = await get(hrefOf(name));
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}
const shaOf = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("an export of everything", () => {
  it("has a file of every format, each with the size and the digest that it promised", async () => {
    expect(taken.workouts).toBe(1);
    expect(taken.files.map(({ name }) => name).sort()).toEqual([
      "fhir-0001.ndjson",
      "parked-0001.ndjson",
      "profile-0001.json",
      "readings-0001.ndjson",
      "readings-0001.parquet",
      "tracks-0001.gpx",
      "workouts-0001.ndjson",
      "workouts-0001.parquet",
    ]);
    for (const { href, name, bytes, sha256, type } of taken.files) {
      const answer = await get(href);
      expect(answer.headers.get("etag")).toBe(`"${sha256}"`);
      expect(answer.headers.get("cache-control")).toBe("no-store, no-transform");
      expect(answer.headers.get("content-type")).toBe(type);
      expect(answer.headers.get("content-length")).toBe(String(bytes));
      expect(answer.headers.get("content-disposition")).toContain(name);
      const content = Buffer.from(await answer.arrayBuffer());
      expect([content.length, shaOf(content)]).toEqual([bytes, sha256]);
    }
    expect(JSON.parse((await fetched("profile-0001.json")).toString())).toMatchObject({
      ...{ member: member.id, displayName: "Name leaver", consents: [] },
    });
  });

  it("has what is elsewhere: settings, connections, claims, decisions, parked items", async () => {
    const profile = JSON.parse((await fetched("profile-0001.json")).toString());
    const said = async (at: string) => (await as(own.system, member).get(`/v1/${at}`)).body;
    const { zones, onBoards } = await said("me");
    const { items, refusedClaims } = await said("connections");
    expect(profile).toMatchObject({ zones, onBoards, breakGlass: [] });
    expect([zones[0].zone, onBoards]).toEqual(["Europe/Amsterdam", true]);
    expect(profile.decisions).toEqual((await said("decisions")).items);
    expect(profile.decisions).toMatchObject([{ decision: "join" }]);
    expect(profile.refusedClaims).toEqual(refusedClaims);
    expect(profile.refusedClaims).toMatchObject([{ provider: "garmin", side: "holder" }]);
    const [garmin] = items;
    const held = profile.connections as { provider: string; ended: string | null }[];
    const by = new Map(held.map((one) => [one.provider, one]));
    expect(by.size).toBe(2);
    expect(by.get("garmin")).toMatchObject({ id: garmin.id, since: garmin.since, ended: null });
    expect(Date.parse(by.get("google-health")?.ended ?? "")).toBeGreaterThan(0);
    expect(JSON.stringify(held)).not.toContain("account");
    const parked = JSON.parse((await fetched("parked-0001.ndjson")).toString());
    expect(parked).toMatchObject({ provider: "garmin", connection: garmin.id, reason: "no-id" });
    expect(parked.body).toContain("nobody reads me");
    expect(Date.parse(parked.at)).toBeGreaterThan(0);
  });

  it("comes in ranges cut anywhere, and together they are the same bytes", async () => {
    const { href, bytes, sha256 } = taken.files.find(
      ({ name }) => name === "readings-0001.ndjson",
    ) as (typeof taken.files)[number];
    expect(bytes).toBeGreaterThan(100_000);
    const cuts = [0, 1, 16_383, 16_384, 16_385, 40_001, Math.floor(bytes / 2), bytes - 1, bytes];
    const parts: Buffer[] = [];
    for (const [i, from] of cuts.slice(0, -1).entries()) {
      const last = (cuts[i + 1] ?? 0) - 1;
      const answer = await get(href, { range: `bytes=${from}-${last}`, "if-range": `"${sha256}"` });
      expect(answer.status).toBe(206);
      expect(answer.headers.get("content-range")).toBe(`bytes ${from}-${last}/${bytes}`);
      parts.push(Buffer.from(await answer.arrayBuffer()));
    }
    expect(shaOf(Buffer.concat(parts))).toBe(sha256);
    const rest = await get(href, { range: `bytes=${bytes - 10}-` });
    expect((await rest.text()).length).toBe(10);
    const beyond = await get(href, { range: `bytes=${bytes}-` });
    expect([beyond.status, beyond.headers.get("content-range")]).toEqual([416, `bytes */${bytes}`]);
    const another = await get(href, { range: "bytes=0-9", "if-range": '"another"' });
    expect(another.status).toBe(200);
    expect((await another.arrayBuffer()).byteLength).toBe(bytes);
  });

  it("is read as Parquet by DuckDB: every reading, as the API says it", async () => {
    for (const name of ["readings-0001.parquet", "workouts-0001.parquet"])
      await writeFile(join(folder, name), await fetched(name));
    const db = await (await DuckDBInstance.create()).connect();
    const rows = async (sql: string) =>
      (await db.runAndReadAll(sql.replace("FROM ", `FROM read_parquet('${folder}/`))).getRows();
    const beats = await rows(
      `SELECT t_ms, bpm FROM readings-0001.parquet') WHERE "column" = 'heart_rate' ORDER BY t_ms`,
    );
    const [workout] = await workoutsOf(own.system, member);
    const said = await heartRateOf(own.system, member, workout.id);
    expect(beats.map(([t, bpm]) => [Number(t), Number(bpm)])).toEqual(
      said?.map(({ t, bpm }) => [Date.parse(t), bpm]),
    );
    const [track] = await rows(
      `SELECT count(*), min(lat), count(alt_m) FROM readings-0001.parquet')
       WHERE "column" = 'track' AND workout = '${workout.id}'`,
    );
    expect(Number(track?.[0])).toBe(beats.length);
    expect(Number(track?.[1])).toBeGreaterThan(0);
    const [listed] = await rows("SELECT id, distance_mm, type FROM workouts-0001.parquet')");
    expect(listed?.map(String)).toEqual([
      workout.id,
      String(workout.distanceMm.value),
      workout.type,
    ]);
    const gpx = (await fetched("tracks-0001.gpx")).toString();
    expect(gpx.match(/<trkpt /g)).toHaveLength(beats.length);
    db.closeSync();
  });

  it("is nobody else's, and in the member's access log, in words", async () => {
    const other = await athlete(own.system, "stranger");
    for (const path of [`/v1/exports/${taken.id}`, hrefOf("tracks-0001.gpx")])
      expect((await get(path, {}, other.token)).status).toBe(404);
    const drop = await as(own.system, other).remove(`/v1/exports/${taken.id}`);
    expect(drop.status).toBe(404);
    expect((await as(own.system, other).get("/v1/exports")).body.items).toEqual([]);
    const mine = await as(own.system, member).get("/v1/exports");
    expect(mine.body.items).toEqual([taken]);
    const { body } = await as(own.system, member).get("/v1/access-log?limit=200");
    const said = body.items.map(({ sentence }: { sentence: string }) => sentence).join("\n");
    expect(said).toContain("put everything of yours together");
    expect(said).toContain("took away what was put together of yours");
    expect(said).not.toContain("what came of it is not known");
  });

  it("is refused beyond five, and dropped when its member says so", async () => {
    const path = "/v1/exports";
    const ask = () => as(own.system, member).post(path, { formats: ["gpx"] });
    const more = [await ask(), await ask(), await ask(), await ask()];
    expect(more.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    const refused = await ask();
    expect([refused.status, refused.body.type]).toEqual([
      409,
      "urn:singlet:problem:too-many-exports",
    ]);
    for (const { body } of more) {
      expect((await as(own.system, member).remove(`${path}/${body.id}`)).status).toBe(200);
      expect((await get(`${path}/${body.id}`)).status).toBe(404);
    }
    for (const wrong of [{ formats: ["pdf"] }, { format: ["gpx"] }, { formats: ["gpx"], to: "x" }])
      expect((await as(own.system, member).post(path, wrong)).status).toBe(400);
  });

  it("has every listen, more than a page of them, as lines and as Parquet", async () => {
    const listener = await enrol(own.system, "subject-listener", "A name", ["member"], {});
    const key = await keyAt(own.system, listener, "listenbrainz");
    const beganS = Math.floor(Date.now() / 1000) - 3 * 86_400;
    for (const from of [0, 1_000]) {
      const payload = Array.from({ length: 600 }, (_, n) => ({
        listened_at: beganS + (from + n) * 60,
        track_metadata: { artist_name: "Nobody's Band", track_name: `Track ${from + n}` },
      }));
      const said = { listen_type: "import", payload };
      expect((await deliverTo(own.system, "listenbrainz", key, said)).status).toBe(200);
    }
    const asked = await as(own.system, listener).post("/v1/exports", {
      formats: ["ndjson", "parquet"],
    });
    const ready = await until(
      async () => (await as(own.system, listener).get(`/v1/exports/${asked.body.id}`)).body,
      ({ state }) => state === "ready",
      { everyMs: 0 },
    );
    expect(ready).toMatchObject({ workouts: 0, listens: 1_200, sales: 0 });
    const names = ready.files.map(({ name }: { name: string }) => name);
    expect(names).toEqual([
      "profile-0001.json",
      ...["listens-0001.ndjson", "listens-0001.parquet"],
      ...["listens-0002.ndjson", "listens-0002.parquet"],
    ]);
    const ids = new Set<string>();
    for (const { name, href } of ready.files) {
      const bytes = Buffer.from(await (await get(href, {}, listener.token)).arrayBuffer());
      if (name.endsWith(".parquet")) await writeFile(join(folder, name), bytes);
      if (!name.endsWith(".ndjson")) continue;
      for (const line of bytes.toString().trimEnd().split("\n")) ids.add(JSON.parse(line).id);
    }
    expect(ids.size).toBe(1_200);
    const db = await (await DuckDBInstance.create()).connect();
    const counted = await db.runAndReadAll(
      `SELECT count(DISTINCT id), min(at_ms) FROM read_parquet('${folder}/listens-*.parquet')`,
    );
    expect(counted.getRows().flat().map(Number)).toEqual([1_200, beganS * 1000]);
    db.closeSync();
    await as(own.system, listener).remove(`/v1/exports/${asked.body.id}`);
  });

  it("goes with its member: nobody finds it, and no object of it is left", async () => {
    const sealed = await own.system.runtime.mf.getR2Bucket("SEALED", "singlet-vault");
    expect((await sealed.list()).objects.length).toBeGreaterThanOrEqual(taken.files.length);
    const erased = await call(own.system.url, "DELETE", "/v1/me", { token: member.token });
    expect(erased.status).toBe(200);
    for (const path of [`/v1/exports/${taken.id}`, hrefOf("tracks-0001.gpx")])
      expect([401, 403, 404]).toContain((await get(path)).status);
    expect((await sealed.list()).objects).toEqual([]);
  });
});
