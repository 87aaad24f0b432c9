/**
 * The log as its people use it: a member reads who looked and checks a proof without the system; an
 * auditor takes the whole log home and checks that; after an erasure it still checks, and leads to
 * nobody.
 */
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchLog } from "../../local/audit-fetch.ts";
import { folderSource } from "../../local/audit-source.ts";
import { checkProof, readKeys, verifyLog } from "../../local/audit-verify.ts";
import { pushActivities, until } from "../../local/deliveries.ts";
import { keyFile } from "../../local/log-keys.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import { runWitness } from "../../local/system.ts";
import { garminActivity, garminDetails } from "../fakes/rides.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, workoutsOf } from "./support.ts";

/** With half of them in each log, one of 2^64 runs would need more. */
const enrolledMax = 64;

let own: OwnSystem;
let member: Athlete;
let coach: Person;
let auditor: Person;
let folder: string;
let reading: string;

interface Shown {
  readonly entry: string;
  readonly sentence: string;
  readonly deed: string;
  readonly outcome: string;
  readonly proof: string;
  readonly outcomeProof: string | null;
}

const get = (path: string, who: Person) => call(own.system.url, "GET", path, { token: who.token });
const textOf = async (path: string, who: Person): Promise<string> => {
  const headers = { authorization: `Bearer ${who.token}` };
  return (await fetch(`${own.system.url}${path}`, { headers })).text();
};
const entriesOf = async (): Promise<Shown[]> =>
  (await get("/v1/access-log?limit=100", member)).body.items;

/** As an auditor would be given them, over another way than the logs. */
async function keysOf() {
  const logs = await logsNow();
  const keys = logs.map(({ key }) => key);
  return readKeys(keyFile(keys, logs[0]?.witnesses ?? []));
}

const logsNow = async (): Promise<{ size: number; key: string; witnesses: string[] }[]> =>
  (await call(own.system.url, "GET", "/v1/logs")).body.items;

/**
 * Whose entries lie in which log follows from names that are drawn by chance, and no witness signs
 * a log that is empty: people enrol until none is.
 */
async function everyLogBegins(): Promise<void> {
  for (let n = 0; (await logsNow()).some(({ size }) => size === 0); n++) {
    expect(n).toBeLessThan(enrolledMax);
    await enrol(own.system, `another-${n}`, `Another ${n}`, ["coach"]);
  }
}

beforeAll(async () => {
  own = await ownSystem();
  folder = await mkdtemp(join(tmpdir(), "singlet-logs-"));
  const { system } = own;
  member = await athlete(system, "watched");
  coach = await enrol(system, "the-coach", "Coach Carla", ["coach"]);
  auditor = await enrol(system, "the-auditor", "Auditor Ann", ["auditor"]);
  const ride = {
    account: member.garmin,
    id: "7100",
    startMs: Date.UTC(2026, 9, 14, 7),
    elapsedSeconds: 1800,
    distanceM: 15_000,
  };
  await pushActivities(system, garminActivity(ride), garminDetails(ride));
  const found = await until(
    () => workoutsOf(system, member),
    (w) => w.length === 1,
  );
  reading = `/v1/members/${member.id}/readings/heart_rate?workout=${found?.[0].id}`;
  await everyLogBegins();
});
afterAll(async () => {
  await own.end();
  await rm(folder, { recursive: true, force: true });
});

describe("the log of who looked", () => {
  it("names where a reading stands in it, and says it in a sentence", async () => {
    const body = { grantee: { member: coach.id }, columns: ["heart_rate"] };
    await call(own.system.url, "POST", "/v1/consents", { token: member.token, body });
    const answer = await get(reading, coach);
    expect(answer.status).toBe(200);
    const place = answer.headers.get("audit-entry");
    const entry = (await entriesOf()).find((one) => one.entry === place);
    expect(entry).toMatchObject({ deed: "read-readings", outcome: "permitted" });
    expect(entry?.sentence).toMatch(/^Coach Carla \(coach\) .*heart rate/);
  });

  it("shows a coach open workouts with consent only, and the member sees both looks", async () => {
    const path = `/v1/members/${member.id}/workouts`;
    expect((await get(path, auditor)).status).toBe(403);
    const shown = await get(path, coach);
    expect(shown.status).toBe(200);
    expect(shown.body.items).toHaveLength(1);
    const looks = (await entriesOf()).filter(({ deed }) => deed === "list-workouts");
    expect(looks.map(({ outcome }) => outcome).sort()).toEqual(["permitted", "refused"]);
  });

  it("gives a proof of each entry that is checked without the system, once it is witnessed", async () => {
    const [newest] = await entriesOf();
    const early = await get(newest?.proof ?? "", member);
    expect([200, 409]).toContain(early.status);
    const shown = await entriesOf();
    await runWitness(own.system);
    const keys = await keysOf();
    for (const { proof, outcomeProof } of shown)
      for (const path of [proof, ...(outcomeProof === null ? [] : [outcomeProof])]) {
        const text = await textOf(path, member);
        expect(() => checkProof(text, keys), path).not.toThrow();
        expect((await get(path, coach)).status).toBe(404);
      }
  });

  it("can be taken home and checked, and after an erasure still can, leading to nobody", async () => {
    const before = await entriesOf();
    expect(before.length).toBeGreaterThan(3);
    const erased = await call(own.system.url, "DELETE", "/v1/me", { token: member.token });
    expect(erased.status).toBe(200);
    const asked = await get(`/v1/audit/entries?member=${member.id}`, auditor);
    expect(asked.body.items ?? []).toEqual([]);
    await runWitness(own.system);
    const keys = await keysOf();
    for (const log of (await logsNow()).keys()) {
      const into = join(folder, String(log));
      await fetchLog({ url: own.system.url, log, into, token: auditor.token, say: () => {} });
      await expect(verifyLog(folderSource(into), keys), `log ${log}`).resolves.toBeDefined();
      for (const name of await readdir(into, { recursive: true })) {
        const text = await readFile(join(into, name), "latin1").catch(() => "");
        expect(text.includes(member.id), name).toBe(false);
      }
    }
    expect((await get("/v1/access-log", member)).status).toBe(401);
  });
});
