/**
 * What follows when a provider confirmed that an account withdrew: it concerns the connection that
 * ended and those before it, and none that was made since by a grant of its own.
 */
import { expect, test } from "vitest";
import type { ConnectionLink } from "../../domain/ports.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: it is checked against the platform's types, these tests against Node's.
const path = "../../durable-objects/connection-end.ts";
const { eraseEnded } = await import(/* @vite-ignore */ path);
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;
const nowMs = 1_000;

function world() {
  const db = sqliteD1(warehouse);
  /** By id: the connection that a fact came by. */
  const facts = new Map<string, string>();
  const refused = new Set<string>();
  /** Days of UTC that anything was erased of, and what days are told to be since. */
  const erasedOn: string[] = [];
  const recorded: { readonly id: string }[] = [];
  const ledger = {
    erase: async (ids: readonly string[], _by: string, ended: readonly string[] = []) => {
      for (const id of ids) facts.delete(id);
      for (const id of ended) refused.add(id);
      return ids.length === 0 ? erasedOn : [];
    },
    record: async (facts: readonly { readonly id: string }[]) => void recorded.push(...facts),
    ofConnections: async (ids: readonly string[]) =>
      [...facts].filter(([, by]) => ids.includes(by)).map(([id]) => id),
  };
  const env = {
    WAREHOUSE: db,
    LEDGER: { getByName: () => ledger },
    VAULT_WORK: {
      resolveSamples: async (asks: readonly { readonly days: readonly string[] }[]) =>
        asks.map(({ days }) => ({ facts: days.map((day) => ({ id: `day/${day}` })) })),
    },
    RUNS: { send: async () => {} },
    FORGOTTEN_KEY: btoa("f".repeat(32)),
  };
  const made = (id: string, madeAt: number, endedAt: number | null) => {
    facts.set(`fact-of-${id}`, id);
    return db
      .prepare(
        `INSERT INTO connection (id, member, provider, account, made_at, ended_at)
         VALUES (?, 'm', 'garmin', 'account', ?, ?)`,
      )
      .bind(id, madeAt, endedAt)
      .run();
  };
  const end = (connection: string) => {
    const link = { connection, member: "m", provider: "garmin", account: "account" };
    return eraseEnded(env, link as unknown as ConnectionLink, [], nowMs);
  };
  const rows = async (sql: string) => (await db.prepare(sql).all()).results;
  return { db, facts, refused, erasedOn, recorded, made, end, rows };
}

test("what ended goes with those whose place it took, and is remembered as of now", async () => {
  const { facts, refused, made, end, rows } = world();
  await made("c-1", 10, 20);
  await made("c-2", 20, null);
  await end("c-2");
  expect([[...facts], [...refused].sort()]).toEqual([[], ["c-1", "c-2"]]);
  expect(await rows("SELECT ended_at FROM connection WHERE id = 'c-2'")).toEqual([
    { ended_at: nowMs },
  ]);
  expect(await rows("SELECT kind, at FROM forgotten")).toEqual([{ kind: "account", at: nowMs }]);
});

test("what was linked since goes on with its facts, and nothing of its time is forgotten", async () => {
  const { facts, refused, made, end, rows } = world();
  await made("c-0", 5, 10);
  await made("c-1", 10, 20);
  await made("c-2", 20, 30);
  await made("c-3", 30, null);
  await end("c-1");
  await end("c-1");
  expect([...facts.values()].sort()).toEqual(["c-2", "c-3"]);
  expect([...refused].sort()).toEqual(["c-0", "c-1"]);
  expect(await rows("SELECT id, ended_at, forgotten_to FROM connection WHERE id = 'c-3'")).toEqual([
    { id: "c-3", ended_at: null, forgotten_to: null },
  ]);
  expect(await rows("SELECT at FROM forgotten")).toEqual([{ at: 20 }]);
});

test("what ended is erased though its member was erased meanwhile", async () => {
  const { facts, refused, end } = world();
  facts.set("fact", "c-1");
  await end("c-1");
  expect([[...facts], [...refused]]).toEqual([[], ["c-1"]]);
});

test("days that its samples counted on are told anew, and the receipt says so", async () => {
  const { db, erasedOn, recorded, made, end, rows } = world();
  await made("c-1", 10, null);
  erasedOn.push("2026-11-20");
  await db
    .prepare(
      "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES ('m', 0, 1, '[]', 0)",
    )
    .run();
  await end("c-1");
  expect(recorded.map(({ id }) => id)).toEqual([
    ...["day/2026-11-19", "day/2026-11-20", "day/2026-11-21", "day/2026-11-22"],
  ]);
  const [receipt] = await rows("SELECT steps FROM receipt");
  expect(JSON.parse(String(receipt?.steps)).at(-1)).toMatchObject({ step: "days", count: 4 });
});
