/**
 * What operators ask of the archive, over the real tables: runs are written before anybody is woken,
 * lists page without gaps, the balance says what does not add up, and a dead letter goes only once
 * its ledger has taken it.
 */
import { describe, expect, it } from "vitest";
import type { Change, LedgerReport, RunMessage } from "../../domain/ports.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
type AnyRoute = any;
const routes: AnyRoute[] = [
  ...(await load("routes/ops-archive.ts")).opsArchiveRoutes,
  ...(await load("routes/dead-letters.ts")).deadLetterRoutes,
];
const { sweep } = await load("sweep.ts");

const nowMs = Date.UTC(2026, 10, 21);
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

const partitionColumns = `stream, day, bucket, version, facts_rows, facts_bytes, resolved_rows,
  resolved_bytes, rule, rules, settled_at, checked_at, damaged`;

function world() {
  const db = sqliteD1(warehouse);
  const woken: RunMessage[] = [];
  const replayed: (readonly [stream: string, shard: string, change: Change])[] = [];
  const state = { wakes: true, holds: true, replayFails: false, parked: 0 };
  const ports = {
    sql: (run: (database: typeof db) => unknown) => run(db),
    runs: {
      send: async (message: RunMessage) => {
        if (!state.wakes) throw new Error("the queue is down");
        woken.push(message);
      },
    },
    work: { parkedCount: async () => ({ count: state.parked }) },
    ledger: ({ name }: { name: string }, shard: string) => ({
      replay: async (change: Change) => {
        if (state.replayFails) throw new Error("the ledger is down");
        replayed.push([name, shard, change]);
        return state.holds;
      },
    }),
  };
  /** The status, and the answer: a success must be what the route says that it answers. */
  async function ask(method: string, path: string, given: Record<string, unknown> = {}) {
    const route = routes.find((r) => r.method === method && r.path === path);
    const parsed: Record<string, unknown> = {};
    for (const part of ["params", "query", "body"] as const) {
      const shaped = route[part]?.safeParse(given[part] ?? {});
      if (shaped?.success === false) return [400, "invalid-request"] as const;
      parsed[part] = shaped?.data;
    }
    const fail = (name: string) => new Response(JSON.stringify(name), { status: 400 });
    const call = { ports, nowMs, token: "token", requestId: "r", fail, ...parsed };
    const answer: Response = await route.handle(call);
    // biome-ignore lint/suspicious/noExplicitAny: the schema below says what it is.
    const body = (await answer.json()) as any;
    const said = route.answers[answer.status]?.schema;
    if (said !== undefined) expect(said.safeParse(body).error).toBeUndefined();
    return [answer.status, body] as const;
  }
  const put = (sql: string, ...values: unknown[]) =>
    db
      .prepare(sql)
      .bind(...values)
      .run();
  return { db, woken, replayed, state, ask, put };
}

/** Everything that a list holds, a page at a time. */
async function everything(
  ask: ReturnType<typeof world>["ask"],
  path: string,
  query: Record<string, unknown> = {},
): Promise<unknown[]> {
  const items: unknown[] = [];
  for (let cursor: string | undefined, pages = 0; pages < 50; pages++) {
    const [status, page] = await ask("get", path, { query: { ...query, limit: 2, cursor } });
    expect(status).toBe(200);
    items.push(...page.items);
    if (page.next === null) return items;
    cursor = page.next;
  }
  throw new Error("the list has no end");
}

describe("a run", () => {
  const rebuild = { kind: "rebuild", stream: "workouts", day: "2026-11-14", bucket: 3 };
  const range = { kind: "settle", from: "2026-11-01", to: "2026-11-30" };

  it("stands in the warehouse as the archive takes it, and the archive is woken", async () => {
    const { ask, db, woken } = world();
    const [status, run] = await ask("post", "/v1/ops/runs", { body: rebuild });
    expect([status, run.kind, run.outcome]).toEqual([202, "rebuild", null]);
    await ask("post", "/v1/ops/runs", { body: range });
    const { results } = await db.prepare("SELECT kind, args FROM run ORDER BY kind").all();
    const { kind: _, ...partition } = rebuild;
    const said = results.map((r) => [r.kind, JSON.parse(String(r.args))]);
    expect(said).toEqual([
      ["rebuild", { partition }],
      ["settle", { from: range.from, to: range.to }],
    ]);
    expect(woken).toHaveLength(2);
    expect(woken[0]).toEqual({ run: run.id });
    expect((await ask("get", "/v1/ops/runs/:id", { params: { id: run.id } }))[1].faults).toEqual(
      [],
    );
  });

  it("that nobody could be woken for is there all the same", async () => {
    const { ask, state, db } = world();
    state.wakes = false;
    expect((await ask("post", "/v1/ops/runs", { body: { kind: "settle" } }))[0]).toBe(202);
    expect((await db.prepare("SELECT id FROM run").all()).results).toHaveLength(1);
  });

  it.each([
    {},
    { kind: "erase" },
    { kind: "settle", from: "2026-11-31" },
    { kind: "settle", from: "2026-11-02", to: "2026-11-01" },
    { kind: "settle", stream: "workouts" },
    { ...rebuild, stream: "constructor" },
    { ...rebuild, bucket: 99 },
    { ...rebuild, bucket: -1 },
    { ...rebuild, day: undefined },
  ])("of another form is refused and written nowhere: %j", async (body) => {
    const { ask, db } = world();
    expect((await ask("post", "/v1/ops/runs", { body }))[0]).toBe(400);
    expect((await db.prepare("SELECT id FROM run").all()).results).toEqual([]);
  });

  it("is listed with the newest first, and shows its faults but never an erasure's arguments", async () => {
    const { ask, put } = world();
    for (const n of [1, 2, 3, 4, 5])
      await put(
        "INSERT INTO run (id, kind, args, asked_at, stage, state) VALUES (?, 'erase', ?, ?, 'x', '{}')",
        `run_${n}`,
        '{"ledger":"workouts/secret"}',
        nowMs + (n === 4 ? 3 : n),
      );
    const runs = await everything(ask, "/v1/ops/runs");
    expect(runs.map((r) => (r as { id: string }).id)).toEqual(
      [5, 4, 3, 2, 1].map((n) => `run_${n}`),
    );
    expect(JSON.stringify(runs)).not.toContain("secret");
    await put("INSERT INTO run_fault VALUES ('run_2', 'facts/x.parquet', 'damaged-version', 7)");
    const [, run] = await ask("get", "/v1/ops/runs/:id", { params: { id: "run_2" } });
    expect(run.faults).toEqual([
      { object: "facts/x.parquet", fault: "damaged-version", at: "1970-01-01T00:00:00.007Z" },
    ]);
    const none = await ask("get", "/v1/ops/runs/:id", { params: { id: "run_9" } });
    expect(none).toEqual([400, "not-found"]);
  });
});

describe("lists of the archive", () => {
  it("hold every total, drift and partition that was asked for, once", async () => {
    const { ask, put } = world();
    for (const key of ["all", "ride", "run"])
      for (const rules of [1, 2]) {
        await put(
          "INSERT INTO total VALUES ('workouts', ?, 'count', ?, 'all', ?, 5)",
          rules,
          key,
          rules,
        );
        await put(
          "INSERT INTO drift VALUES ('workouts', 'all', 'count', ?, ?, 5, 6, 1, 7)",
          key,
          rules,
        );
        await put(
          `INSERT INTO partition (${partitionColumns})
           VALUES ('workouts', ?, ?, 1, 10, 100, 9, 90, 3, 1, 5, 6, ?)`,
          `2026-11-0${rules}`,
          ["all", "ride", "run"].indexOf(key),
          key === "run" ? "facts/x" : null,
        );
      }
    const totals = await everything(ask, "/v1/ops/totals", { rules: "2" });
    expect(totals).toEqual(["all", "ride", "run"].map((key) => ({ measure: "count", key, n: 2 })));
    const drifts = await everything(ask, "/v1/ops/drift");
    expect(drifts).toMatchObject(
      ["all", "ride", "run"].map((key) => ({ key, live: 10, exact: 12, differing: 2 })),
    );
    const all = await everything(ask, "/v1/ops/partitions");
    expect(new Set(all.map((p) => JSON.stringify(p))).size).toBe(6);
    const few = await everything(ask, "/v1/ops/partitions", { from: "2026-11-02" });
    expect(few).toHaveLength(3);
    const whole = { damaged: "false", to: "2026-11-01" };
    expect(await everything(ask, "/v1/ops/partitions", whole)).toMatchObject([
      { day: "2026-11-01", bucket: 0, dirty: false, damaged: null },
      { day: "2026-11-01", bucket: 1, dirty: false, damaged: null },
    ]);
  });

  it.each(["totals", "drift", "partitions", "runs", "dead-letters"])(
    "take no cursor that no page gave out: %s",
    async (name) => {
      const { ask } = world();
      for (const cursor of ["x", "[]", "{}", "null", '["a"]', "[1,2,3,4,5,6]", '[null,"x"]']) {
        const [status, said] = await ask("get", `/v1/ops/${name}`, { query: { cursor } });
        expect([status, said], cursor).toEqual([400, "invalid-request"]);
      }
    },
  );

  it("take no period, day or stream that does not exist", async () => {
    const { ask } = world();
    for (const query of [{ period: "2026-13" }, { period: "" }, { stream: "toString" }])
      expect((await ask("get", "/v1/ops/totals", { query }))[0]).toBe(400);
    const backwards = { from: "2026-11-02", to: "2026-11-01" };
    for (const query of [{ from: "2026-02-30" }, { damaged: "maybe" }, backwards])
      expect((await ask("get", "/v1/ops/partitions", { query }))[0]).toBe(400);
  });
});

const report = (more: Partial<LedgerReport> = {}): LedgerReport => ({
  ...{ received: 10, applied: 7, duplicate: 2, rejected: 1, parked: 0, pending: 0 },
  ...{ held: 8, atMs: nowMs, ...more },
});

describe("the balance", () => {
  const ledgers = async (
    put: ReturnType<typeof world>["put"],
    reports: (LedgerReport | null)[],
  ) => {
    for (const [i, said] of reports.entries())
      await put(
        "INSERT INTO ledger (name, swept_at, bucket, report) VALUES (?, 0, 0, ?)",
        `workouts/m_${i}`,
        said === null ? null : JSON.stringify(said),
      );
  };
  const partition = (put: ReturnType<typeof world>["put"], rows: number) =>
    put(
      `INSERT INTO partition (${partitionColumns})
       VALUES ('workouts', '2026-11-01', 0, 1, ?, 1, 0, 0, 3, 1, ?, 0, NULL)`,
      rows,
      nowMs,
    );
  const balanceOf = async ({ ask }: ReturnType<typeof world>) =>
    (await ask("get", "/v1/ops/balance"))[1];

  it("adds up over ledgers and the vault, as of the oldest report", async () => {
    const here = world();
    await ledgers(here.put, [report(), report({ atMs: nowMs + 5 })]);
    await partition(here.put, 16);
    here.state.parked = 3;
    expect(await balanceOf(here)).toMatchObject({
      ...{ ledgers: 2, reported: 2, received: 23, applied: 14, duplicate: 4, rejected: 2 },
      ...{ parked: 3, pending: 0, holds: true, archiveHolds: true },
      ...{ from: "2026-11-21T00:00:00.000Z", to: "2026-11-21T00:00:00.005Z" },
    });
  });

  it("leaves out who was erased, of whom nobody reports any more", async () => {
    const here = world();
    await ledgers(here.put, [report(), null]);
    await here.put("INSERT INTO forgotten_ledger VALUES ('workouts/m_1', 1)");
    await partition(here.put, 8);
    expect(await balanceOf(here)).toMatchObject({ ledgers: 1, reported: 1, archiveHolds: true });
  });

  it("of nothing holds", async () => {
    expect(await balanceOf(world())).toMatchObject({ holds: true, archiveHolds: true, from: null });
  });

  it("says so when a statement is missing, or a row of the archive", async () => {
    const here = world();
    await ledgers(here.put, [report({ received: 11 })]);
    await partition(here.put, 7);
    expect(await balanceOf(here)).toMatchObject({ holds: false, archiveHolds: false });
  });

  it("says nothing of the archive while something moves, or a report is older than it", async () => {
    const moving: ((put: ReturnType<typeof world>["put"]) => Promise<unknown>)[] = [
      (put) => ledgers(put, [report({ pending: 1, received: 11 })]),
      (put) => ledgers(put, [report({ parked: 1, received: 11 })]),
      (put) => ledgers(put, [report(), null]),
      (put) => ledgers(put, [report({ atMs: nowMs - 1 })]),
      async (put) => {
        await ledgers(put, [report()]);
        await put("INSERT INTO dirty VALUES ('workouts', '2026-11-01', 0, 1)");
      },
    ];
    for (const move of moving) {
      const here = world();
      await move(here.put);
      await partition(here.put, 7);
      expect(await balanceOf(here)).toMatchObject({ holds: true, archiveHolds: null });
    }
  });

  it("is of what the sweep was told, and a ledger that does not answer keeps its last word", async () => {
    const here = world();
    await ledgers(here.put, [null, report({ held: 1 })]);
    const getByName = (name: string) => ({
      nudge: async () => {
        if (name.endsWith("1")) throw new Error("the ledger is down");
        return { last: 0, least: null };
      },
      report: async () => report({ atMs: nowMs + 9 }),
    });
    await sweep({ WAREHOUSE: here.db, LEDGER: { getByName } }, nowMs);
    const { results } = await here.db.prepare("SELECT swept_at, report FROM ledger").all();
    expect(results).toEqual([
      { swept_at: nowMs, report: JSON.stringify(report({ atMs: nowMs + 9 })) },
      { swept_at: 0, report: JSON.stringify(report({ held: 1 })) },
    ]);
  });
});

describe("a dead letter", () => {
  const change = {
    ...{ ledger: "workouts/m_ü", seq: 41, stream: "workouts", day: "2026-11-14", bucket: 2 },
    statement: { id: "a", revision: 1, retracted: true },
  };
  const letters = async () => {
    const here = world();
    const put = (ledger: string, seq: number, body: unknown) =>
      here.put(
        "INSERT INTO parked_change VALUES (?, ?, NULL, NULL, NULL, ?, 'malformed', 5)",
        ledger,
        seq,
        JSON.stringify(body),
      );
    await put("?", 7, { not: "a change" });
    await put(change.ledger, change.seq, change);
    await put(change.ledger, 42, { ...change, seq: 42, day: "yesterday" });
    const items = (await everything(here.ask, "/v1/ops/dead-letters")) as { id: string }[];
    const [bad = "", good = "", broken = ""] = items.map((item) => item.id);
    const replay = (id: string) =>
      here.ask("post", "/v1/ops/dead-letters/:id/replay", { params: { id } });
    const left = async () => (await everything(here.ask, "/v1/ops/dead-letters")).length;
    return { ...here, items, bad, good, broken, replay, left };
  };

  it("is listed without what it says, and shown whole under an id fit for a path", async () => {
    const { items, ask, good } = await letters();
    expect(items).toHaveLength(3);
    for (const { id } of items) expect(encodeURIComponent(id)).toBe(id);
    expect(JSON.stringify(items)).not.toContain("retracted");
    const [, letter] = await ask("get", "/v1/ops/dead-letters/:id", { params: { id: good } });
    expect(letter).toMatchObject({ ledger: change.ledger, seq: 41, message: change });
  });

  it("goes once its ledger has taken it", async () => {
    const { replay, good, replayed, left } = await letters();
    expect(await replay(good)).toEqual([200, { replayed: true, still: null }]);
    expect(replayed).toEqual([["workouts", "m_ü", change]]);
    expect(await left()).toBe(2);
    expect(await replay(good)).toEqual([400, "not-found"]);
  });

  it("stays when its ledger fails, when it holds nothing of it, and when it is no change", async () => {
    const { replay, good, bad, broken, state, replayed, left } = await letters();
    state.replayFails = true;
    await expect(replay(good)).rejects.toThrow("down");
    state.replayFails = false;
    state.holds = false;
    expect(await replay(good)).toEqual([200, { replayed: false, still: "not-held" }]);
    for (const id of [bad, broken])
      expect(await replay(id)).toEqual([200, { replayed: false, still: "malformed" }]);
    expect(replayed).toHaveLength(1);
    expect(await left()).toBe(3);
  });

  it("that is no JSON is shown without a message, and stays", async () => {
    const { put, ask, replay } = await letters();
    const sql =
      "INSERT INTO parked_change VALUES ('workouts/m_z', 1, NULL, NULL, NULL, ?, 'malformed', 5)";
    await put(sql, "{ cut sho");
    const id = `1.${btoa("workouts/m_z").replace(/=+$/, "")}`;
    const [status, letter] = await ask("get", "/v1/ops/dead-letters/:id", { params: { id } });
    expect([status, letter.message, letter.reason]).toEqual([200, null, "malformed"]);
    expect(await replay(id)).toEqual([200, { replayed: false, still: "malformed" }]);
  });

  it.each(["", "41", "41.", ".x", "x.y", "41.*", "99999999999999999.eA", "41.A", "42.eA"])(
    "under an id that is none is not there: %j",
    async (id) => {
      const { ask } = await letters();
      const params = { id };
      expect(await ask("get", "/v1/ops/dead-letters/:id", { params })).toEqual([400, "not-found"]);
    },
  );
});
