/**
 * The runtime is killed without a warning while a coach reads, over and over, at any moment: no
 * reading that was handed out lacks its earlier entry, and the log has no gap. As often as
 * READ_KILLS says; test/vault-unit/read-crash.test.ts does it in one process, many times more often.
 */
import { execFileSync } from "node:child_process";
import { afterAll, beforeAll, expect, it, vi } from "vitest";
import { entriesIn } from "../../kernel/tlog/tile.ts";
import { eventually, pushActivities, until } from "../../local/deliveries.ts";
import { call, enrol, type Person } from "../../local/people.ts";
import { runWitness } from "../../local/system.ts";
import { garminActivity, garminDetails } from "../fakes/rides.ts";
import { tries } from "../long.ts";
import { type Athlete, athlete, type OwnSystem, ownSystem, workoutsOf } from "../system/support.ts";

const kills = Number(process.env.READ_KILLS ?? tries(12, 4));
const lanes = 6;
const killedWithinMs = 120;
const perBundle = 256;
const msPerKill = 15_000;
vi.setConfig({ testTimeout: 120_000 + kills * msPerKill });

let own: OwnSystem;
let member: Athlete;
let coach: Person;
let auditor: Person;
let path: string;

beforeAll(async () => {
  own = await ownSystem();
  const { system } = own;
  member = await athlete(system, "member");
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
  path = `/v1/members/${member.id}/readings/heart_rate?workout=${found?.[0].id}&purpose=coaching`;
  const body = { grantee: { member: coach.id }, columns: ["heart_rate"] };
  const granted = await call(system.url, "POST", "/v1/consents", { token: member.token, body });
  expect(granted.status).toBe(201);
});
afterAll(() => own.end());

/** Reads on and on until the runtime is gone; where the log says that each was read. */
async function readUntilKilled(url: string): Promise<string[]> {
  const places: string[] = [];
  for (;;) {
    const answer = await call(url, "GET", path, { token: coach.token }).catch(() => null);
    if (answer === null) return places;
    if (answer.status !== 200) continue;
    expect(answer.body.readings.length).toBeGreaterThan(0);
    places.push(answer.headers.get("audit-entry") ?? "");
  }
}

/** Of this process's runtimes; there is one. */
const runtimePid = (): number => {
  const pids = execFileSync("ps", ["-eo", "pid=,ppid=,comm="], { encoding: "utf8" })
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .filter(([, parent, name]) => parent === String(process.pid) && name === "workerd");
  expect(pids).toHaveLength(1);
  return Number(pids[0]?.[0]);
};

/** Every entry of every log, by place, as an auditor downloads them. */
async function allEntries(): Promise<Map<string, Record<string, unknown>>> {
  const { url } = own.system;
  const entries = new Map<string, Record<string, unknown>>();
  await runWitness(own.system);
  const { body } = await call(url, "GET", "/v1/logs");
  for (const { log, published: size } of body.items as { log: number; published: number }[]) {
    for (let n = 0; n * perBundle < size; n++) {
      const headers = { authorization: `Bearer ${auditor.token}` };
      const answer = await fetch(`${url}/v1/audit/logs/${log}/entries/${n}`, { headers });
      expect(answer.status).toBe(200);
      const texts = entriesIn(new Uint8Array(await answer.arrayBuffer()));
      texts?.forEach((text, i) => {
        const place = `${log}/${n * perBundle + i}`;
        entries.set(place, JSON.parse(new TextDecoder().decode(text)));
      });
    }
    for (let index = 0; index < size; index++) expect(entries.has(`${log}/${index}`)).toBe(true);
  }
  return entries;
}

it.runIf(process.platform === "linux")(
  `${kills} kills during reads leave no reading without its earlier entry, and no gap`,
  async () => {
    const read: string[] = [];
    for (let kill = 0; kill < kills; kill++) {
      const { url } = own.system;
      const reading = Array.from({ length: lanes }, () => readUntilKilled(url));
      const afterMs = ((kill * 7919) % 997) * (killedWithinMs / 997);
      await new Promise((wake) => setTimeout(wake, afterMs));
      process.kill(runtimePid(), "SIGKILL");
      read.push(...(await Promise.all(reading)).flat());
      await own.system.restart();
    }
    const warm = await eventually(
      () => call(own.system.url, "GET", path, { token: coach.token }),
      ({ status }) => status === 200,
    );
    expect(warm.status).toBe(200);
    read.push(warm.headers.get("audit-entry") ?? "");
    const entries = await allEntries();
    for (const place of read)
      expect(entries.get(place)).toMatchObject({ deed: "read-readings", actor: coach.id });
    expect(new Set(read).size).toBe(read.length);
    const closed = [...entries.values()].filter((entry) => "closes" in entry).length;
    const deeds = entries.size - closed;
    expect(deeds).toBeGreaterThanOrEqual(read.length);
    process.stdout.write(`${kills} kills: ${read.length} readings, ${entries.size} entries\n`);
  },
);
