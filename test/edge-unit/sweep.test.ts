/** What the edge makes good by itself: a link that a crash left claimed and not opened. */
import { expect, it, vi } from "vitest";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

const path = "../../workers/edge/sweep.ts";
const { openClaimed } = await import(/* @vite-ignore */ path);
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;
const nowMs = Date.UTC(2026, 10, 21, 12);
const minute = 60_000;

interface Known {
  nextMs: number | null;
  state: string;
  scopes: string[] | null;
  have: object | null;
  ending: boolean;
}
const blank: Known = { nextMs: null, state: "connected", scopes: null, have: null, ending: false };

/** Connections that say this of themselves; null: it does not answer. */
function objects(known: Record<string, Partial<Known> | null> = {}) {
  const opened: Record<string, unknown>[] = [];
  const forgotten: string[] = [];
  const getByName = (name: string) => ({
    status: async () => {
      if (known[name] === null) throw new Error("it does not answer");
      return { ...blank, ...known[name] };
    },
    open: async (link: object, handed: readonly string[]) =>
      void opened.push({ name, ...link, handed }),
    handOver: async () => `left by ${name}`,
    forget: async () => void forgotten.push(name),
  });
  return { opened, forgotten, CONNECTION: { getByName } };
}

const insert = (db: ReturnType<typeof sqliteD1>, id: string, agoMs: number) =>
  db
    .prepare(
      "INSERT INTO connection (id, member, provider, account, made_at) VALUES (?, 'm1', 'garmin', ?, ?)",
    )
    .bind(id, `account-of-${id}`, nowMs - agoMs)
    .run();

it("opens nothing anew that was opened and could not show it, and leaves it what it knows", async () => {
  const db = sqliteD1(warehouse);
  const [scopes, have] = [["a"], { fromMs: 1, toMs: 2 }];
  for (const [i, id] of ["c-alarm", "c-member", "c-known"].entries())
    await insert(db, id, (20 - i) * minute);
  const { opened, CONNECTION } = objects({
    "c-alarm": { nextMs: nowMs },
    "c-member": { state: "needs-reconnecting", scopes },
    "c-known": { scopes, have },
  });
  await openClaimed({ WAREHOUSE: db, CONNECTION }, nowMs);
  expect(opened).toMatchObject([{ name: "c-known", scopes, have }]);
});

it("opens the oldest first, and goes on past one that does not answer", async () => {
  vi.spyOn(console, "log").mockImplementation(() => undefined);
  const db = sqliteD1(warehouse);
  for (const [id, ago] of [
    ["c-2", 20],
    ["c-3", 10],
    ["c-1", 30],
  ] as const)
    await insert(db, id, ago * minute);
  const { opened, CONNECTION } = objects({ "c-1": null });
  await openClaimed({ WAREHOUSE: db, CONNECTION }, nowMs);
  expect(opened.map(({ name }) => name)).toEqual(["c-2", "c-3"]);
});

it("opens what took another's place with what that one leaves, which stops then", async () => {
  const db = sqliteD1(warehouse);
  await insert(db, "c-old", 60 * minute);
  await db
    .prepare("UPDATE connection SET ended_at = ?")
    .bind(nowMs - 10 * minute)
    .run();
  await insert(db, "c-new", 10 * minute);
  await db.prepare("UPDATE connection SET account = 'same'").run();
  const have = { fromMs: 1, toMs: 2 };
  const { opened, forgotten, CONNECTION } = objects({ "c-old": { have } });
  await openClaimed({ WAREHOUSE: db, CONNECTION }, nowMs);
  expect(opened).toMatchObject([{ name: "c-new", have, handed: ["left by c-old"] }]);
  expect(forgotten).toEqual(["c-old"]);
});

it("finds what was claimed lately without reading every connection there is", async () => {
  const db = sqliteD1(warehouse);
  const asked: string[] = [];
  const WAREHOUSE = {
    prepare: (sql: string) => {
      asked.push(sql);
      return db.prepare(sql);
    },
  };
  await openClaimed({ WAREHOUSE, CONNECTION: objects().CONNECTION }, nowMs);
  const { results } = await db
    .prepare(`EXPLAIN QUERY PLAN ${asked[0]}`)
    .bind(1, 2, "[]", 50)
    .all<{ detail: string }>();
  const plan = results.map(({ detail }) => detail).join("\n");
  expect(plan).toMatch(
    /SEARCH connection USING INDEX connection_made \(made_at>\? AND made_at<\?\)/,
  );
  expect(plan).not.toContain("SCAN connection");
});

it("opens what was claimed and never opened: not what is shown, ended, just begun or uploads", async () => {
  const db = sqliteD1(warehouse);
  const claim = (id: string, provider: string, agoMin: number, endedAt: number | null = null) =>
    db
      .prepare(
        `INSERT INTO connection (id, member, provider, account, made_at, ended_at, forgotten_to)
         VALUES (?, 'm1', ?, ?, ?, ?, 7)`,
      )
      .bind(id, provider, `account-of-${id}`, nowMs - agoMin * minute, endedAt)
      .run();
  await claim("c-left", "garmin", 10);
  await claim("c-young", "google-health", 1);
  await claim("c-ended", "garmin", 10, nowMs);
  await claim("c-upload", "files", 10);
  await claim("c-shown", "garmin", 10);
  await claim("c-by-word", "terra", 9);
  await db
    .prepare(
      `INSERT INTO connection_status (connection, member, provider, state, body, changed_at)
       VALUES ('c-shown', 'm1', 'garmin', 'connected', '{}', 1)`,
    )
    .run();
  const { opened, CONNECTION } = objects();
  await openClaimed({ WAREHOUSE: db, CONNECTION }, nowMs);
  const as = (id: string, provider: string) => ({
    name: id,
    connection: id,
    member: "m1",
    provider,
    account: `account-of-${id}`,
    forgottenToMs: 7,
    scopes: null,
    have: null,
    handed: [],
  });
  expect(opened).toEqual([as("c-left", "garmin"), as("c-by-word", "terra")]);
});
