/**
 * Accounts that took the place of others, what is shown of a connection, and what its end leaves:
 * held with the old account, and forgotten with it.
 */
import { describe, expect, it } from "vitest";
import { ada, ben, hashed, provider, remembered, saidOf, world } from "./link-world.ts";

const scopes = ["activity.readonly"];
const have = { fromMs: Date.UTC(2026, 8, 1), toMs: Date.UTC(2026, 10, 20) };

describe("an account that took the place of another", () => {
  const formerly = { provider: "fitbit", account: "legacy" };
  /** A connection of before, as it stands in the warehouse. */
  const fitbit = async (
    of: ReturnType<typeof world>,
    member: string,
    forgottenTo: number | null,
  ) => {
    await of.db
      .prepare(
        `INSERT INTO connection (id, member, provider, account, made_at, forgotten_to)
         VALUES ('c_fitbit', ?, 'fitbit', ?, 1, ?)`,
      )
      .bind(member, await hashed("fitbit", "legacy"), forgottenTo)
      .run();
  };
  const forget = async ({ db }: ReturnType<typeof world>, atMs: number) =>
    db
      .prepare("INSERT INTO forgotten (hash, kind, at) VALUES (?, 'account', ?)")
      .bind(await remembered(await hashed("fitbit", "legacy")), atMs)
      .run();

  it("ends the member's own connection to it, keeps its data, and reads on from there", async () => {
    const of = world();
    await fitbit(of, ada, null);
    of.statuses.set("c_fitbit", { have });
    const id = await of.linked(ada, { formerly });
    expect(of.opened.get(id)).toMatchObject([{ have, forgottenToMs: null }]);
    expect(of.opened.has("c_fitbit")).toBe(false);
    expect([of.forgotten, of.revoked, of.retracted]).toEqual([
      ["c_fitbit"],
      ["c_fitbit"],
      ["c_fitbit"],
    ]);
    const [old] = await of.rows("SELECT ended_at FROM connection WHERE id = 'c_fitbit'");
    expect(old?.ended_at).not.toBeNull();
    expect(await of.rows("SELECT provider, account, connection FROM former_account")).toEqual([
      { provider: "fitbit", account: await hashed("fitbit", "legacy"), connection: id },
    ]);
  });

  it("is refused while another member holds that one, and the claimant's own link stays", async () => {
    const of = world();
    const own = await of.linked(ben, { account: "bens" });
    await fitbit(of, ada, null);
    const { code, state } = await of.begun(ben, { account: "bens", formerly });
    expect(saidOf(await of.post(ben, { code, state }))).toBe("conflict");
    const living = (await of.connections()).filter((c) => c.ended_at === null);
    expect(living.map((c) => c.id).sort()).toEqual([own, "c_fitbit"].sort());
    expect(await of.rows("SELECT member, side FROM refused_link ORDER BY side")).toEqual([
      { member: ben, side: "claimant" },
      { member: ada, side: "holder" },
    ]);
    expect(await of.rows("SELECT * FROM former_account")).toEqual([]);
  });

  it("is refused while another member's account took the same one's place", async () => {
    const of = world();
    const held = await of.linked(ada, { account: "one", formerly });
    const { code, state } = await of.begun(ben, { account: "two", formerly });
    expect(saidOf(await of.post(ben, { code, state }))).toBe("conflict");
    await of.db.prepare("UPDATE connection SET ended_at = 1 WHERE id = ?").bind(held).run();
    await of.linked(ben, { account: "two", formerly });
  });

  it.each([
    ["what was forgotten of either", 500, 900, 900],
    ["what was forgotten of either, the other way round", 900, 500, 900],
    ["what was forgotten of the former alone", null, 700, 700],
    ["what was forgotten of itself alone", 700, null, 700],
  ])("stays forgotten: %s", async (_, itself, former, expected) => {
    const of = world();
    if (itself !== null)
      await of.db
        .prepare("INSERT INTO forgotten (hash, kind, at) VALUES (?, 'account', ?)")
        .bind(await remembered(await hashed(provider, "account")), itself)
        .run();
    if (former !== null) await forget(of, former);
    const id = await of.linked(ada, { formerly });
    expect(of.opened.get(id)).toMatchObject([{ forgottenToMs: expected }]);
  });

  it("knows what its member lifted at the former's own connection", async () => {
    const of = world();
    await forget(of, 700);
    await fitbit(of, ada, null);
    const id = await of.linked(ada, { formerly });
    expect(of.opened.get(id)).toMatchObject([{ forgottenToMs: null }]);
  });

  it("keeps what its member lifted when it is linked again", async () => {
    const of = world();
    await forget(of, 700);
    const first = await of.linked(ada, { formerly });
    await of.db.prepare("UPDATE connection SET forgotten_to = NULL WHERE id = ?").bind(first).run();
    const second = await of.linked(ada, { formerly });
    expect(of.opened.get(second)).toMatchObject([{ forgottenToMs: null }]);
  });
});

describe("what is shown of a connection", () => {
  it("says how it is doing, and is read at once when asked", async () => {
    const of = world();
    const id = await of.linked(ada);
    const atMs = Date.UTC(2026, 10, 20);
    of.statuses.set(id, {
      state: "backfilling",
      backfill: {
        state: "running",
        percent: 40,
        fromMs: atMs - 1_000,
        doneToMs: atMs,
        hasGaps: true,
      },
      lastCheckedMs: atMs,
      scopes,
    });
    const { body } = await of.ask("get", "/v1/connections", { member: ada, params: {} });
    expect(body.items).toEqual([
      {
        id,
        provider,
        since: "2026-11-21T00:00:00.000Z",
        status: "backfilling",
        why: null,
        backfill: {
          state: "running",
          percent: 40,
          from: "2026-11-19T23:59:59.000Z",
          doneTo: "2026-11-20T00:00:00.000Z",
          hasGaps: true,
        },
        lastReceived: null,
        lastChecked: "2026-11-20T00:00:00.000Z",
        behindSince: null,
        next: null,
        scopes,
        forgottenTo: null,
        unconfirmed: [],
      },
    ]);
    const sync = (member: string, connection: string) =>
      of.ask("post", "/v1/connections/:connection/sync", { member, params: { connection } });
    const now = await sync(ada, id);
    expect([now.status, now.body.next]).toEqual([202, "2026-11-21T00:00:31.000Z"]);
    expect(saidOf(await sync(ben, id))).toBe("not-found");
    expect(saidOf(await sync(ada, "c_none"))).toBe("not-found");
  });
});

describe("a connection that does not answer", () => {
  it("is listed as it showed itself last, or as our fault, and the others with it", async () => {
    const of = world();
    const [shown, never] = [await of.linked(ada), await of.linked(ada, { account: "another" })];
    const body = { state: "backfilling", why: null, scopes, pending: 0, unconfirmed: [] };
    await of.db
      .prepare("INSERT INTO connection_status VALUES (?, ?, ?, 'backfilling', NULL, ?, 0)")
      .bind(shown, ada, provider, JSON.stringify(body))
      .run();
    of.faults.status = true;
    const said = await of.ask("get", "/v1/connections", { member: ada, params: {} });
    expect(said.body.items).toMatchObject([
      { id: shown, status: "backfilling", why: null, scopes },
      { id: never, status: "behind", why: "ours" },
    ]);
  });
});

describe("what was forgotten of a connection", () => {
  it("is lifted, and it knows what it was granted and has read all the same", async () => {
    const of = world();
    const id = await of.linked(ada);
    of.statuses.set(id, { scopes, have });
    const lift = () =>
      of.ask("post", "/v1/connections/:connection/lift", {
        member: ada,
        params: { connection: id },
      });
    expect((await lift()).status).toBe(200);
    expect(of.opened.get(id)?.at(-1)).toMatchObject({ scopes, have, forgottenToMs: null });
    of.statuses.set(id, { ending: true });
    expect(saidOf(await lift())).toBe("unavailable");
    expect(of.opened.get(id)).toHaveLength(2);
  });
});

describe("a connection that its member ends", () => {
  const end = async (of: ReturnType<typeof world>, connection: string) => {
    const asked = { member: ada, params: { connection }, query: { data: "keep" } };
    const { body } = await of.ask("delete", "/v1/connections/:connection", asked);
    return body.steps.map(({ step, count }: { step: string; count: number }) => [step, count]);
  };

  it.each([
    ["revoked", [["ok"]]],
    ["gone", [["ok"]]],
    ["nothing", [[]]],
    ["failed", []],
  ] as const)("is told to its provider by a call of the budget: %s", async (outcome, calls) => {
    const of = world();
    const id = await of.linked(ada);
    of.gate.reports.length = 0;
    of.revokesAs(outcome);
    await end(of, id);
    expect(of.revoked).toEqual([id]);
    expect(of.gate.asks.at(-1)).toEqual({ kind: "live", want: 1 });
    expect(of.gate.reports.map((said) => said.calls.map((call) => call.class))).toEqual(calls);
  });

  it("is not told to a provider that may not be called in time; it ends all the same", async () => {
    const of = world();
    const id = await of.linked(ada);
    of.gate.says = () => ({ waitMs: 3_600_000, why: "budget" });
    expect(await end(of, id)).toContainEqual(["revoke-failed", 1]);
    expect([of.revoked, of.forgotten]).toEqual([[], [id]]);
    expect(await of.connections()).toMatchObject([{ ended_at: of.clock.nowMs }]);
  });

  it("and was linked often is told of as many at once as may be called", async () => {
    const of = world();
    const ids = [await of.linked(ada), await of.linked(ada), await of.linked(ada)];
    of.revoked.length = 0;
    of.gate.asks.length = 0;
    of.gate.says = () => ({ lease: `l${of.gate.asks.length}`, granted: 2, untilMs: 0 });
    await end(of, ids[2] ?? "");
    expect([of.revoked.toSorted(), of.gate.asks.map(({ want }) => want)]).toEqual([
      ids.toSorted(),
      [3, 1],
    ]);
  });

  const formerly = { provider: "fitbit", account: "legacy" };
  const ended = async (data: "keep" | "erase") => {
    const of = world();
    const id = await of.linked(ada, { formerly });
    await of.db
      .prepare("INSERT INTO connection_status VALUES (?, ?, ?, 'connected', NULL, '{}', 0)")
      .bind(id, ada, provider)
      .run();
    const asked = { member: ada, params: { connection: id }, query: { data } };
    expect((await of.ask("delete", "/v1/connections/:connection", asked)).status).toBe(200);
    expect([of.forgotten, of.revoked]).toEqual([[id], [id]]);
    expect(await of.rows("SELECT * FROM connection_status")).toEqual([]);
    return of;
  };

  it("with its data kept is revoked at the provider, and nothing of it is forgotten", async () => {
    const of = await ended("keep");
    expect(of.retracted).toHaveLength(1);
    expect(await of.rows("SELECT * FROM forgotten")).toEqual([]);
    const again = await of.linked(ada, { formerly });
    expect(of.opened.get(again)).toMatchObject([{ forgottenToMs: null }]);
  });

  it("with its data erased is forgotten with the one whose place it took", async () => {
    const of = await ended("erase");
    const names = [
      await remembered(await hashed(provider, "account")),
      await remembered(await hashed("fitbit", "legacy")),
    ];
    const rows = await of.rows("SELECT hash FROM forgotten WHERE kind = 'account'");
    expect(rows.map(({ hash }) => hash).sort()).toEqual(names.sort());
    expect(await of.rows("SELECT * FROM former_account")).toEqual([]);
  });
});
