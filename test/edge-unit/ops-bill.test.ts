/** The bill over the real tables: what ledgers reported, gates counted and the archive keeps. */
import { describe, expect, it } from "vitest";
import { aMillionOf, billMeasured, clockADay, samplesAStatement } from "../../domain/bill.ts";
import type { LedgerReport } from "../../domain/ports.ts";
import { calmGate, gates } from "../fakes/gates.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
const [route]: any[] = (await load("routes/ops-bill.ts")).opsBillRoutes;
const { operated } = await load("provider-figures.ts");

const dayMs = 86_400_000;
const nowMs = Date.UTC(2026, 10, 22);
const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;
const none = { received: 0, applied: 0, duplicate: 0, rejected: 0, parked: 0, pending: 0, held: 0 };
/** Counts nothing, so that what the tables say stands alone. */
const idle = {
  calls: { ...calmGate("").calls, ok: 0, failed: 0 },
  door: { deliveries: 0, notices: 0, items: 0, refused: 0 },
};

function world() {
  const db = sqliteD1(warehouse);
  const { said, GATE } = gates();
  for (const { name } of operated) said.set(name, idle);
  const ports = { sql: (run: (database: typeof db) => unknown) => run(db) };
  const put = (sql: string, ...values: (string | number | null)[]) =>
    db
      .prepare(sql)
      .bind(...values)
      .run();
  const member = (id: string, madeMs: number, erasedMs: number | null = null) =>
    put("INSERT INTO member VALUES (?, ?, 1, '[]', 0, ?, NULL)", id, madeMs, erasedMs);
  const ledger = (name: string, report: Partial<LedgerReport> | null) =>
    put(
      "INSERT INTO ledger (name, swept_at, report) VALUES (?, 0, ?)",
      name,
      report && JSON.stringify({ ...none, atMs: nowMs, ...report }),
    );
  async function ask() {
    expect(route.access).toEqual({ role: "operator" });
    const call = { env: { GATE }, ports, nowMs, token: "t", requestId: "r" };
    const answer: Response = await route.handle(call);
    // biome-ignore lint/suspicious/noExplicitAny: the schema below says what it is.
    const body = (await answer.json()) as any;
    expect(route.answers[200].schema.safeParse(body).error).toBeUndefined();
    return body;
  }
  const causeOf = (body: { causes: { of: string; n: number; dollars: number }[] }, of: string) =>
    body.causes.find((cause) => cause.of === of);
  return { said, put, member, ledger, ask, causeOf };
}

describe("the bill", () => {
  it("of a deployment that nobody uses is nothing, and still says what a million costs", async () => {
    const body = await world().ask();
    expect(body).toMatchObject({ from: null, items: [], causes: [], dollars: 0, reckoned: true });
    expect(body.aMillion.facts).toBe(aMillionOf(billMeasured.facts));
    expect(body.aDay).toBe(clockADay(0));
  });

  it("counts what took effect, however far it came, and no repetition", async () => {
    const { ask, member, ledger, causeOf } = world();
    await member("m1", nowMs - 20 * dayMs);
    await member("m2", nowMs - 10 * dayMs, nowMs);
    await ledger("workouts/m1", {
      received: 99,
      applied: 70,
      pending: 4,
      parked: 1,
      duplicate: 24,
    });
    await ledger("samples/m1", { received: 30, applied: 20, duplicate: 10, atMs: nowMs - dayMs });
    await ledger("workouts/m3", null);
    const body = await ask();
    expect(body).toMatchObject({
      ...{ from: "2026-11-02T00:00:00.000Z", to: "2026-11-22T00:00:00.000Z" },
      ...{ members: 1, ledgers: 3, reported: 2, oldestReport: "2026-11-21T00:00:00.000Z" },
    });
    expect(causeOf(body, "facts")?.n).toBe(75);
    expect(causeOf(body, "samples")?.n).toBe(20 * samplesAStatement);
    expect(causeOf(body, "days")?.n).toBe(20);
    expect(causeOf(body, "days")?.dollars).toBeCloseTo(20 * clockADay(0), 4);
    expect(causeOf(body, "ledgers asked")?.n).toBe(20 * 1.5 * 289);
    expect(body.aDay).toBe(clockADay(3));
  });

  it("leaves out the ledgers of the erased, like the balance", async () => {
    const { ask, ledger, put, causeOf } = world();
    await ledger("workouts/m1", { applied: 5 });
    await ledger("workouts/m2", { applied: 50 });
    await put("INSERT INTO forgotten_ledger VALUES ('workouts/m2', 0)");
    const body = await ask();
    expect([body.ledgers, causeOf(body, "facts")?.n]).toEqual([1, 5]);
    expect(body.notCounted.join(" ")).toContain("who was erased");
  });

  it("pays for calls, for doors that were knocked at, and for what the archive keeps", async () => {
    const { ask, said, put, member, causeOf } = world();
    await member("m1", nowMs - 304 * dayMs);
    said.set("garmin", { ...idle, door: { deliveries: 40, notices: 3, items: 37, refused: 2 } });
    said.set("strava", {
      calls: { ...idle.calls, ok: 9, throttled: 1 },
      door: { deliveries: 6, notices: 6, items: 0, refused: 1 },
    });
    await put(
      "INSERT INTO partition VALUES ('workouts', '2026-11-01', 3, 2, 9, 600, 9, 300, 1, 1, 0, 0, NULL)",
    );
    await put(
      `INSERT INTO landed (object, stream, day, bucket, facts, bytes, landed_at)
       VALUES ('o', 'workouts', '2026-11-01', 3, 1, 100, 0)`,
    );
    const body = await ask();
    expect(causeOf(body, "calls")?.n).toBe(10);
    expect(causeOf(body, "bare deliveries")?.n).toBe(2 + 1 + 6);
    expect(causeOf(body, "archive")?.n).toBe(1_000);
  });

  it("says which gate could not be asked, and counts the others", async () => {
    const { ask, said, causeOf } = world();
    said.set("garmin", null);
    said.set("strava", { ...idle, calls: { ...idle.calls, ok: 7 } });
    const body = await ask();
    expect(causeOf(body, "calls")?.n).toBe(7);
    expect(body.notCounted.at(-1)).toMatch(/^The gate of Garmin.*: could not be asked just now\.$/);
  });
});
