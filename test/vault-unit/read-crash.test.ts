/**
 * Restricted reads that die anywhere: between any two calls to a store, a bucket or a log everything
 * stops, for good, and the log's object loses what was not on its disk. What was handed out before
 * stands in the log all the same.
 */
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseEntry } from "../../domain/audit.ts";
import type { MemberId } from "../../domain/identity.ts";
import {
  isRefusal,
  type ReadAnswer,
  type ReadRequest,
  type ShownEntry,
} from "../../domain/ports.ts";
import { shardAt } from "../../workers/vault/env.ts";
import { pageOf } from "../../workers/vault/log-query.ts";
import type { Actor } from "../../workers/vault/principal.ts";
import { pseudonymOf } from "../../workers/vault/pseudonym.ts";
import { read } from "../../workers/vault/readings.ts";
import { sealRows } from "../../workers/vault/sealed-store.ts";
import { tries } from "../long.ts";
import { closeWorld } from "./erasures.ts";
import { deedsIn } from "./log-entries.ts";
import { connectionNamed, logNames, makeWorld, type World } from "./world.ts";

const kills = tries(1_000, 200);
const readsAtOnceMax = 4;
/** Of one life: four reads take about a hundred, so that some of it is handed out in many. */
const callsMax = 110;
const nowMs = 1_790_000_000_000;
const forEver = () => new Promise<never>(() => undefined);

/** A seeded generator (mulberry32): every run kills at the same places. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}

/** What is alive now: each life has so many calls, and the call that is one too many ends it. */
let life = { left: Number.POSITIVE_INFINITY, dead: false, died: () => {} };
async function gate(): Promise<void> {
  const mine = life;
  if (mine.dead || --mine.left < 0) {
    mine.dead = true;
    mine.died();
    await forEver();
  }
  await new Promise(setImmediate);
  if (mine.dead) await forEver();
}

let world: World;
let member: MemberId;
const readers = (): readonly Actor[] => [
  { id: member, member, roles: ["member"] },
  { id: "m_carla", member: "m_carla" as MemberId, roles: ["coach"] },
  { id: "m_dan", member: "m_dan" as MemberId, roles: ["coach"] },
];
const request = (column: string): ReadRequest => ({
  ...{ member, column, purpose: "coaching", rows: ["r1", "r2"], ownRows: [], take: "all" },
  ...{ span: null, after: null, limit: 100 },
});

beforeAll(async () => {
  world = makeWorld({ shards: 1, gate, logGate: gate });
  const { vault, ...enrolled } = await world.enrol("ada", nowMs);
  member = enrolled.member;
  const long = JSON.stringify("n".repeat(200_000));
  const rows = ["r1", "r2"].map((row) => ({
    ...{ row, revision: 1, columns: { notes: '"easy"', title: '"ride"', raw_details: long } },
  }));
  await sealRows(vault, member, connectionNamed("watch"), rows, nowMs);
  world.stores.phi[0]?.raw.exec(
    `INSERT INTO consent (id, member, version, effect, grantee_kind, grantee, columns, purpose,
       granted_at) VALUES ('c', '${member}', 1, 'permit', 'member', 'm_carla', '["notes"]',
       'coaching', 1)`,
  );
});
afterAll(() => closeWorld(world));

/** Some reads at once in a new life, until all are done or it ends; what was handed out. */
async function live(random: (below: number) => number): Promise<ReadAnswer[]> {
  const died = new Promise<void>((resolve) => {
    life = { left: random(callsMax), dead: false, died: resolve };
  });
  const mine = life;
  const vault = shardAt(world.restarted(), 0);
  const given: ReadAnswer[] = [];
  const reads = Array.from({ length: 1 + random(readsAtOnceMax) }, async () => {
    const actor = readers()[random(3)] as Actor;
    const column = ["notes", "title", "raw"][random(3)] as string;
    const answer = await read(vault, actor, request(column), () => nowMs);
    if (!mine.dead && !isRefusal(answer)) given.push(answer);
  });
  await Promise.race([Promise.all(reads), died]);
  mine.dead = true;
  world.stores.log.crash();
  return given;
}

const reborn = () => {
  life = { left: Number.POSITIVE_INFINITY, dead: false, died: () => {} };
};

/** The entry of something handed out, its closing, and that no index is left out in its log. */
function standsInTheLog({ entry: { log, index }, readings }: ReadAnswer, member: string): void {
  const ask = (query: string) => world.stores.log.rows(String(log), query);
  const [deed, closing, ...more] = ask(
    `SELECT text FROM entry WHERE idx = ${index} OR closes = ${index} ORDER BY idx`,
  ).map(({ text }) => parseEntry(String(text)));
  expect(deed).toMatchObject({ deed: "read-readings", member, outcome: "intended" });
  expect(closing).toMatchObject({ closes: index, outcome: "permitted", rows: readings.length });
  expect(more).toEqual([]);
}

/** The member's own log, page after page, as it is shown once everything is over. */
async function shownTo(pseudonym: string): Promise<ShownEntry[]> {
  const { logs } = shardAt(world.restarted(), 0);
  const query = { member: pseudonym, actor: null, action: null, fromMs: null, toMs: null };
  const shown: ShownEntry[] = [];
  for (let cursor: string | null = null, pages = 0; pages < 1_000; pages++) {
    const page: Awaited<ReturnType<typeof pageOf>> = await pageOf(
      logs,
      query,
      { cursor, limit: 200 },
      Number.MAX_SAFE_INTEGER,
    );
    if (isRefusal(page)) throw new Error(page.refused);
    shown.push(...page.items);
    cursor = page.next;
    if (cursor === null) return shown;
  }
  throw new Error("the pages do not end");
}

test(`no reading without its entry, wherever ${kills} reads were killed`, async () => {
  const random = seeded(20_261_121);
  const pseudonym = await pseudonymOf(shardAt(world.shards, 0), member, nowMs);
  let [killed, handedOut, lives] = [0, 0, 0];
  const sizes = logNames.map(() => 0);
  for (; killed < kills; lives++) {
    expect(lives).toBeLessThan(10 * kills);
    const given = await live(random);
    killed += life.left < 0 ? 1 : 0;
    handedOut += given.length;
    for (const answer of given) standsInTheLog(answer, pseudonym);
    for (const [i, name] of logNames.entries()) {
      const counts = "SELECT count(*) AS n, coalesce(max(idx) + 1, 0) AS next FROM entry";
      const [log] = world.stores.log.rows(name, counts);
      expect(log?.n, "no index is left out").toBe(log?.next);
      expect(Number(log?.n), "nothing is lost").toBeGreaterThanOrEqual(sizes[i] ?? 0);
      sizes[i] = Number(log?.n);
    }
  }
  reborn();
  const deeds = deedsIn(world);
  const open = deeds.filter(({ closings }) => closings === 0);
  expect(open.length).toBeGreaterThan(kills / 10);
  expect(deeds.every(({ closings }) => closings <= 1)).toBe(true);
  expect(handedOut).toBeGreaterThan(kills / 10);
  const shown = await shownTo(pseudonym);
  expect(shown).toHaveLength(deeds.length);
  const unknown = shown.filter(({ outcome }) => outcome === "unknown");
  expect(unknown.map(({ place }) => place.index).sort()).toEqual(
    open.map(({ index }) => index).sort(),
  );
});
