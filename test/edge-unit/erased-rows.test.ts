/**
 * What was asked just before an erasure and is written just after it: no row of it stays, since nothing
 * would ever take it away, and nobody is bound for good to a member that is no more.
 */
import { describe, expect, it } from "vitest";
import { hmacDigest } from "../../kernel/hmac.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";
import { memberId, world } from "./social-world.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
const { putFile } = await load("book-settlements.ts");
const { claimAccount } = await load("accounts.ts");
const { snapshotRoutes } = await load("routes/snapshots.ts");
const { storeRoutes } = await load("routes/stores.ts");
const { opsReaderRoutes } = await load("routes/ops-readers.ts");
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

const nowMs = Date.UTC(2026, 10, 18, 12);
const [living, erased] = [memberId(1), memberId(2)];

function withErased() {
  const db = sqliteD1(warehouse);
  db.raw.exec(`INSERT INTO member (id, made_at, settings_version, zones, on_boards, erased_at)
    VALUES ('${living}', 0, 1, '[]', 0, NULL), ('${erased}', 0, 0, '[]', 0, 1)`);
  const digest = hmacDigest(btoa("d".repeat(32)));
  const ports = {
    ...{ digest, forgotten: digest },
    sql: (run: (database: typeof db) => unknown) => run(db),
    live: () => ({ count: async () => null }),
    log: { begin: async () => ({ log: 0, index: 0 }), end: async () => {} },
  };
  const rows = (table: string) => db.raw.prepare(`SELECT * FROM ${table}`).all();
  return { db, ports, rows };
}

it("a person who changes their settings as they are erased is bound to nobody", async () => {
  const here = world();
  const member = await here.enrol(1);
  expect(await here.rows("SELECT member FROM person")).toEqual([{ member }]);
  // As the erasure leaves them, between the vault's word and the warehouse's rows.
  here.ports.open.enrol = async (token: string) => {
    here.db.raw.exec("UPDATE member SET erased_at = 1; DELETE FROM person");
    return { member: token };
  };
  const changed = here.ask("put", "/v1/me", { member, body: { onBoards: true } });
  await expect(changed).rejects.toThrow("settings");
  expect(await here.rows("SELECT member FROM person")).toEqual([]);
});

describe("to an erased member comes, however late, no", () => {
  const row = { line: 1, references: ["r"], kind: "sale", currency: "EUR" };
  const rows = [{ ...row, amountMinor: 1, feeMinor: 0, day: "2026-11-18" }];

  it("line of a settlement", async () => {
    const of = withErased();
    for (const merchant of [living, erased]) await putFile(of.ports, { merchant, file: "f", rows });
    expect(of.rows("settlement_row")).toMatchObject([{ merchant: living }]);
  });

  it("word of an account that somebody else holds", async () => {
    const of = withErased();
    const claim = { provider: "garmin", account: "a", formerly: null };
    await claimAccount(of.ports, { ...claim, id: "c_1", member: living }, nowMs);
    const late = await claimAccount(of.ports, { ...claim, id: "c_2", member: erased }, nowMs);
    expect(late).toBe("held-by-another");
    expect(of.rows("refused_link")).toMatchObject([{ member: living, side: "holder" }]);
  });

  it("store that is counted", async () => {
    const of = withErased();
    const { handle } = storeRoutes.find((r: { method: string }) => r.method === "put");
    for (const merchant of [living, erased]) {
      of.db.raw.exec(`INSERT INTO reader (member, role, of, made_at)
        VALUES ('${living}', 'merchandiser', '${merchant}', 0)`);
      const countedAt = new Date(nowMs).toISOString();
      await handle({
        ...{ ports: of.ports, member: living, nowMs, fail: () => new Response(null) },
        ...{ params: { merchant, store: "s", sku: "k" }, body: { counted: 1, countedAt } },
      });
    }
    expect(of.rows("counted_store")).toEqual([{ merchant: living, store: "s" }]);
  });

  it("snapshot, nor the run that would copy it", async () => {
    const of = withErased();
    const sent: string[] = [];
    const runs = { send: async ({ run }: { run: string }) => sent.push(run) };
    const { handle } = snapshotRoutes.find((r: { method: string }) => r.method === "post");
    const asked = async (merchant: string): Promise<number> => {
      of.db.raw.exec(`INSERT OR IGNORE INTO reader (member, role, of, made_at)
        VALUES ('${living}', 'scientist', '${merchant}', 0)`);
      const fail = () => new Response(null, { status: 404 });
      const call = { ports: { ...of.ports, runs }, member: living, nowMs, requestId: "r", fail };
      const body = { name: "spring", from: "2026-03-01", to: "2026-03-02" };
      return (await handle({ ...call, params: { merchant }, body })).status;
    };
    expect([await asked(living), await asked(erased), await asked(living)]).toEqual([
      202, 404, 200,
    ]);
    expect(of.rows("snapshot")).toMatchObject([{ merchant: living }]);
    expect(of.rows("run")).toMatchObject([{ id: sent[0], kind: "snapshot" }]);
    expect(sent).toHaveLength(1);
  });

  it("merchant's reader", async () => {
    const of = withErased();
    const { handle } = opsReaderRoutes.find((r: { method: string }) => r.method === "put");
    const put = async (merchant: string): Promise<number> => {
      const fail = () => new Response(null, { status: 404 });
      const call = { ports: of.ports, nowMs, token: "t", requestId: "r", fail };
      const body = { member: living, role: "finance", of: merchant };
      return (await handle({ ...call, body })).status;
    };
    expect([await put(living), await put(erased), await put(living)]).toEqual([200, 404, 200]);
    expect(of.rows("reader")).toMatchObject([{ member: living, of: living }]);
  });
});
