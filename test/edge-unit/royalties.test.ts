/**
 * Royalties over the real tables: a pool is put, months are stated out of their totals, and each
 * reader is shown the lines of their own artists and of nobody else.
 */
import { describe, expect, it } from "vitest";
import { totalKey } from "../../domain/total-key.ts";
import { judgeDsr } from "../corpus/dsr-judge.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
type AnyRoute = any;
const routes: AnyRoute[] = [
  ...(await load("routes/ops-royalties.ts")).opsRoyaltyRoutes,
  ...(await load("routes/ops-readers.ts")).opsReaderRoutes,
  ...(await load("routes/royalties.ts")).royaltyRoutes,
];
const { monthsTo } = await load("royalty-totals.ts");

const nowMs = Date.UTC(2026, 3, 5);
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;
const memberOf = (n: number) => `m_${String(n).repeat(32)}`;
const [ada, ben, cleo] = [1, 2, 3].map(memberOf) as [string, string, string];
const sender = JSON.stringify({ id: "PADPIDA2026000001A", name: "A service" });

function world({ DSR_SENDER = sender } = {}) {
  const db = sqliteD1(warehouse);
  const entries: unknown[] = [];
  const log = {
    begin: async (_token: string, { deed, member, purpose }: Record<string, unknown>) => {
      entries.push([deed, member, purpose]);
      return { log: 0, index: entries.length };
    },
    end: async () => {},
  };
  const ports = { sql: (run: (database: typeof db) => unknown) => run(db), log };
  const clock = { nowMs };
  interface Given {
    readonly by?: { readonly member?: string; readonly roles: readonly string[] };
    readonly [part: string]: unknown;
  }
  async function answer(method: string, path: string, { by, ...given }: Given = {}) {
    const route = routes.find((r) => r.method === method && r.path === path);
    const parsed: Record<string, unknown> = {};
    for (const part of ["params", "query", "body"] as const) {
      const shaped = route[part]?.safeParse(given[part] ?? {});
      if (shaped?.success === false) return Response.json("invalid-request", { status: 400 });
      parsed[part] = shaped?.data;
    }
    const fail = (name: string) => {
      expect(route.problems).toContain(name);
      return Response.json(name, { status: 400 });
    };
    const { member = ada, roles = ["label"] } = by ?? {};
    const call = {
      ports,
      nowMs: clock.nowMs,
      fail,
      env: { DSR_SENDER },
      member,
      caller: { roles },
    };
    return (await route.handle({ ...call, ...parsed })) as Response;
  }
  /** The status, and the answer: a success must be what the route says that it answers. */
  async function ask(method: string, path: string, given: Given = {}) {
    const said = await answer(method, path, given);
    // biome-ignore lint/suspicious/noExplicitAny: the schema below says what it is.
    const body = said.status === 204 ? null : ((await said.json()) as any);
    const route = routes.find((r) => r.method === method && r.path === path);
    const shape = route.answers[said.status]?.schema;
    if (shape !== undefined) expect(shape.safeParse(body).error).toBeUndefined();
    return [said.status, body] as const;
  }
  /** As settlement writes it. */
  const total = (period: string, artist: string, track: string, territory: string, n: number) => {
    for (const measure of ["listens", "qualified"])
      db.raw
        .prepare("INSERT OR REPLACE INTO total VALUES ('listens', 1, ?, ?, ?, ?, 0)")
        .run(measure, totalKey([artist, track, territory]), period, n);
  };
  const member = (id: string) =>
    db.raw
      .prepare(
        "INSERT INTO member (id, made_at, settings_version, zones, on_boards) VALUES (?, 0, 1, '[]', 0)",
      )
      .run(id);
  for (const id of [ada, ben, cleo]) member(id);
  const pool = (period: string, amountMinor = 1000) =>
    ask("put", "/v1/ops/royalties/:period/pool", {
      params: { period },
      body: { currency: "EUR", amountMinor },
    });
  const state = async (from: string, to = from) =>
    (await ask("post", "/v1/ops/royalties", { body: { from, to } }))[1].items;
  const reads = (who: string, role: string, of: string) =>
    ask("put", "/v1/ops/readers", { body: { member: who, role, of } });
  const shown = async (who: string, role: string, query: object = {}, period = "2026-03") =>
    ask("get", "/v1/royalties/:period", {
      ...{ by: { member: who, roles: [role] }, params: { period }, query },
    });
  return { db, clock, entries, answer, ask, total, pool, state, reads, shown };
}

/** Two artists in March, one of whose tracks had its thousand listens the year before. */
async function stated() {
  const w = world();
  w.total("2026-03", "alfa", "one", "NL", 1200);
  w.total("2026-03", "alfa", "one", "DE", 300);
  w.total("2026-03", "alfa", "two", "NL", 500);
  w.total("2025-04", "alfa", "two", "BE", 500);
  w.total("2026-03", "beta", "three", "NL", 900);
  w.total("2025-03", "beta", "three", "NL", 9999);
  w.total("2026-02", "beta", "gone", "NL", 5000);
  w.total("2026-W11", "beta", "three", "NL", 900);
  await w.pool("2026-03");
  const [made] = await w.state("2026-03");
  await w.reads(ada, "label", "  ALFA ");
  await w.reads(ben, "artist", "Beta");
  return { ...w, made };
}
const linesOf = (body: { items: Record<string, unknown>[] }) =>
  body.items.map((l) => [l.track, l.territory, l.twelveMonths, l.why, l.amountMinor]);

describe("stating a month", () => {
  it("looks at twelve months that end with it, and at this month's tracks alone", async () => {
    const { made, shown } = await stated();
    expect(made).toMatchObject({ outcome: "changed", version: 1001, lines: 4 });
    expect(made).toMatchObject({ paidMinor: 1000, unpaidMinor: 0, waiting: 0 });
    expect(linesOf((await shown(ada, "label"))[1])).toEqual([
      ["one", "DE", 1500, "paid", 150],
      ["one", "NL", 1500, "paid", 600],
      ["two", "NL", 1000, "paid", 250],
    ]);
    expect(linesOf((await shown(ben, "artist"))[1])).toEqual([
      ["three", "NL", 900, "below-minimum", 0],
    ]);
  });

  it("again is the same, and writes nothing", async () => {
    const { clock, state, made, db } = await stated();
    clock.nowMs += 60_000;
    expect(await state("2026-03")).toEqual([{ ...made, outcome: "same" }]);
    expect(db.raw.prepare("SELECT made_at FROM royalty_statement").all()).toEqual([
      { made_at: nowMs },
    ]);
  });

  it("overwrites what stood under its version when totals or the pool have changed", async () => {
    const { total, state, pool, shown, made } = await stated();
    total("2026-03", "beta", "three", "NL", 1500);
    const [next] = await state("2026-03");
    expect(next.outcome).toBe("changed");
    expect(next.sha256).not.toBe(made.sha256);
    expect(linesOf((await shown(ben, "artist"))[1])).toEqual([["three", "NL", 1500, "paid", 428]]);
    await pool("2026-03", 0);
    const [none] = await state("2026-03");
    expect(none).toMatchObject({ outcome: "changed", paidMinor: 0, unpaidMinor: 0 });
  });

  it("says which months have no pool, and how much still waits to be settled", async () => {
    const { state, db } = await stated();
    db.raw.exec(
      "INSERT INTO dirty (stream, day, bucket, since) VALUES ('listens', '2025-04-01', 3, 0)",
    );
    db.raw.exec(
      "INSERT INTO dirty (stream, day, bucket, since) VALUES ('listens', '2025-03-31', 3, 0)",
    );
    const made = await state("2026-02", "2026-04");
    expect(made.map((m: { outcome: string }) => m.outcome)).toEqual(["no-pool", "same", "no-pool"]);
    expect(made[1].waiting).toBe(1);
  });

  it("takes a range of two years at most, and none that ends before it begins", async () => {
    const { ask } = world();
    for (const [from, to, status] of [
      ["2024-05", "2026-04", 200],
      ["2024-04", "2026-04", 400],
      ["2026-05", "2026-04", 400],
      ["2026-13", "2026-13", 400],
    ] as const)
      expect((await ask("post", "/v1/ops/royalties", { body: { from, to } }))[0]).toBe(status);
    expect(monthsTo("2026-02", 3)).toEqual(["2026-02", "2026-01", "2025-12"]);
  });

  it("keeps thousands of lines in more than one piece", async () => {
    const w = world();
    const insert = w.db.raw.prepare(
      "INSERT INTO total VALUES ('listens', 1, ?, ?, '2026-03', 7, 0)",
    );
    w.db.raw.exec("BEGIN");
    for (let n = 0; n < 9000; n++)
      for (const measure of ["listens", "qualified"])
        insert.run(measure, totalKey(["alfa", `${"long name ".repeat(8)}${n}`, "NL"]));
    w.db.raw.exec("COMMIT");
    await w.pool("2026-03");
    expect((await w.state("2026-03"))[0]).toMatchObject({ lines: 9000, unpaidMinor: 1000 });
    await w.reads(ada, "label", "alfa");
    const seen = new Set<string>();
    for (let cursor: string | undefined; ; ) {
      const [, body] = await w.shown(ada, "label", { limit: 1000, ...(cursor ? { cursor } : {}) });
      for (const { track } of body.items) seen.add(track);
      if (body.next === null) break;
      cursor = body.next;
    }
    expect(seen.size).toBe(9000);
  });
});

describe("whoever reads", () => {
  it("needs a role and a row: neither alone shows a line", async () => {
    const { shown } = await stated();
    expect(await shown(ada, "merchandiser")).toEqual([400, "forbidden"]);
    expect((await shown(cleo, "label"))[1]).toMatchObject({
      items: [],
      listens: 0,
      amountMinor: 0,
    });
    // Ada's row is a label's.
    expect((await shown(ada, "artist"))[1].items).toEqual([]);
  });

  it("finds statements listed with their own sums, the latest first", async () => {
    const w = await stated();
    w.total("2026-02", "alfa", "one", "NL", 1000);
    await w.pool("2026-02");
    await w.state("2026-02");
    const by = { member: ada, roles: ["label"] };
    const [, first] = await w.ask("get", "/v1/royalties", { by, query: { limit: 1 } });
    const [, rest] = await w.ask("get", "/v1/royalties", { by, query: { cursor: first.next } });
    const all = [...first.items, ...rest.items];
    expect(all.map((s) => [s.period, s.version, s.listens, s.amountMinor])).toEqual([
      ["2026-03", 1001, 2000, 1000],
      ["2026-02", 1001, 1000, 167],
    ]);
    // Of another's listens and of the whole pool nothing is said, in sums neither.
    const [, theirs] = await w.shown(ben, "artist");
    expect(JSON.stringify([theirs, all])).not.toMatch(/2900|"alfa".*"beta"/);
    expect(theirs).toMatchObject({ listens: 900, eligible: 0, amountMinor: 0 });
    expect(rest.next).toBeNull();
  });

  it("is let read in an entry about the merchant whose sales it is, or about themselves", async () => {
    const { ask, entries } = world();
    const of = { member: ada, role: "label", of: "Alfa" };
    await ask("delete", "/v1/ops/readers", { query: of });
    await ask("delete", "/v1/ops/readers", { query: { ...of, role: "finance", of: ben } });
    expect(entries).toEqual([
      ["set-readers", ada, "label"],
      ["set-readers", ben, "finance"],
    ]);
  });

  it("loses sight of it once the row is taken away", async () => {
    const { ask, shown } = await stated();
    const query = { member: ada, role: "label", of: "Alfa" };
    const [, before] = await ask("get", "/v1/ops/readers", { query: { limit: 1 } });
    expect(before.items).toMatchObject([{ member: ada, role: "label", of: "alfa" }]);
    expect(await ask("delete", "/v1/ops/readers", { query })).toEqual([204, null]);
    const [, after] = await ask("get", "/v1/ops/readers", { query: {} });
    expect(after.items).toMatchObject([{ member: ben, role: "artist", of: "beta" }]);
    expect((await shown(ada, "label"))[1].items).toEqual([]);
  });

  it("is a member, of an artist by name or of a merchant by their id", async () => {
    const { reads, ask } = world();
    expect(await reads(memberOf(9), "label", "alfa")).toEqual([400, "not-found"]);
    expect(await reads(ada, "finance", "alfa")).toEqual([400, "invalid-request"]);
    expect(await reads(ada, "label", " \u0000 ")).toEqual([400, "invalid-request"]);
    expect(await reads(ada, "operator", "alfa")).toEqual([400, "invalid-request"]);
    expect((await reads(ada, "finance", ben))[0]).toBe(200);
    const first = await reads(ada, "label", "The  Alfas");
    expect(await reads(ada, "label", "the alfas")).toEqual(first);
    expect((await ask("get", "/v1/ops/readers", { query: { member: ada } }))[1].items).toHaveLength(
      2,
    );
  });
});

describe("the report", () => {
  const path = "/v1/royalties/:period/dsr";
  const by = { member: ada, roles: ["label"] };
  const asked = { by, params: { period: "2026-03" } };

  it("holds the caller's lines and their sums, and is the same bytes when it is fetched again", async () => {
    const { answer } = await stated();
    const query = { recipient: "PADPIDA2026000002B", recipientName: "A label" };
    const [one, other] = await Promise.all(
      [1, 2].map(() => answer("get", path, { ...asked, query })),
    );
    const text = (await one?.text()) ?? "";
    expect(await other?.text()).toBe(text);
    expect(one?.headers.get("content-disposition")).toContain(
      "DSR_PADPIDA2026000002B_PADPIDA2026000001A_Singlet_2026-03_Worldwide_1of1_20260405T000000.tsv",
    );
    expect(text).not.toContain("beta");
    const { lines } = judgeDsr(text, { order: /./, records: new Map() });
    expect(lines).toBe(9);
    expect(text).toContain("\tEUR\t8.50\t");
    expect(text.endsWith("FOOT\t9\t9\t2\t2\t2\n")).toBe(true);
  });

  it("is not there for who has no lines, nor where nobody is named who sends it", async () => {
    const { ask, db } = await stated();
    expect(await ask("get", path, { ...asked, by: { member: cleo, roles: ["label"] } })).toEqual([
      400,
      "not-found",
    ]);
    expect(await ask("get", path, { by, params: { period: "2026-01" } })).toEqual([
      400,
      "not-found",
    ]);
    expect(await ask("get", path, { ...asked, query: { recipient: "PADPIDAX" } })).toEqual([
      400,
      "invalid-request",
    ]);
    const silent = world({ DSR_SENDER: "" });
    silent.db.restore(db.snapshot());
    expect(await silent.ask("get", path, asked)).toEqual([400, "not-found"]);
  });
});
