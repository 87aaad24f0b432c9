/** Snapshots: copied once, frozen whatever is corrected, redacted of whom was forgotten, at any crash. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Redaction, SnapshotObject } from "../../domain/finance/snapshot.ts";
import type { ConnectionId, FactId, MemberId, PersonId } from "../../domain/identity.ts";
import type { OpenFact } from "../../domain/ports.ts";
import type { SaleFact } from "../../domain/sales/schema.ts";
import { sales } from "../../domain/sales/stream.ts";
import { shardOf } from "../../domain/shards.ts";
import { redactionStatements } from "../../durable-objects/redacting.ts";
import { rowGroups, sha256Of } from "../../kernel/settle/parquet.ts";
import { zstd } from "../../workers/archive/zstd.ts";
import { archiveWorld, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const merchant = "m_shop" as MemberId;
const other = "m_other" as MemberId;
const [ada, ben] = ["ada" as PersonId, "ben" as PersonId];
const [first, second] = ["2026-11-13", "2026-11-14"];

const sale = (id: string, day: string, amountMinor: number, more: Partial<SaleFact> = {}) =>
  ({
    ...{ id: id as FactId, revision: 1, at: Date.parse(`${day}T12:00:00Z`), member: merchant },
    ...{ connection: "c_1" as ConnectionId, provider: "shopify", originId: id, store: "web" },
    ...{ region: null, businessDay: day, currency: "EUR", references: [id], cards: [] },
    ...{ person: null, lines: [{ kind: "item", sku: "tea", quantity: 1, amountMinor }] },
    ...more,
  }) as unknown as SaleFact & OpenFact;

async function sold(world: World, ...facts: readonly (SaleFact & OpenFact)[]): Promise<void> {
  for (const fact of facts) {
    const ledger = world.ledgerAt(`sales/${shardOf(sales, fact.member, fact.id)}`);
    await world.arrive([ledger.publish(fact.businessDay, fact)]);
  }
}
let runs = 0;
async function settled(world: World): Promise<void> {
  await world.begin(`settle-${++runs}`, "settle", {});
  await world.goOn();
}

/** As the edge writes it down. */
async function asked(world: World, name: string, from = first, to = second): Promise<string> {
  const run = `copy-${name}`;
  world.warehouse.raw
    .prepare(`INSERT INTO snapshot (merchant, name, from_day, to_day, objects, run, asked_at)
       VALUES (?, ?, ?, ?, '[]', ?, ?)`)
    .run(merchant, name, from, to, run, world.now());
  await world.begin(run, "snapshot", { merchant, name, from, to });
  return run;
}
async function redact(world: World, scope: Redaction["scope"], receipt?: string): Promise<string> {
  const run = `redact-${++runs}`;
  const redaction = { merchant, scope, ...(receipt === undefined ? {} : { receipt }) };
  await world.env.WAREHOUSE.batch(
    redactionStatements(world.env.WAREHOUSE, run, redaction, world.now()),
  );
  return run;
}

const listOf = (world: World, name: string): SnapshotObject[] => {
  const [row] = world.rows(`SELECT objects FROM snapshot WHERE name = '${name}'`);
  return row === undefined ? [] : JSON.parse(String(row.objects));
};
/** Every row of a snapshot; what is stored is what the list says of it. */
async function rowsOf(world: World, name: string) {
  const rows: Record<string, unknown>[] = [];
  for (const named of listOf(world, name)) {
    const bytes = world.snapshots.objects.get(named.object)?.bytes ?? new Uint8Array();
    expect([bytes.length, await sha256Of(bytes)]).toEqual([named.bytes, named.sha256]);
    for await (const group of rowGroups<Record<string, unknown>>(bytes, named, zstd))
      rows.push(...group);
  }
  return rows;
}
const redactions = (world: World) =>
  world.rows(
    "SELECT name, object, why, rows, sha256_before, sha256_after FROM snapshot_redaction ORDER BY at, name, object",
  );

/** Two days of two customers and another merchant, settled. */
async function someDays(): Promise<World> {
  const world = archiveWorld();
  await sold(
    world,
    sale("a1", first, 500, { person: ada }),
    sale("a2", second, 300, { person: ada, connection: "c_2" as ConnectionId }),
    sale("b1", second, 200, { person: ben }),
    sale("x1", second, 900, { member: other, person: ada }),
  );
  await settled(world);
  return world;
}

describe("a snapshot", () => {
  test("is the merchant's lines of those days, with no card and no reference in them", async () => {
    const world = await someDays();
    await sold(world, sale("late", "2026-11-15", 1));
    await settled(world);
    await asked(world, "one");
    await world.goOn();
    const rows = await rowsOf(world, "one");
    expect(rows.map((r) => [r.sale, r.day, r.amount_minor, r.person]).sort()).toEqual([
      ["a1", first, 500, ada],
      ["a2", second, 300, ada],
      ["b1", second, 200, ben],
    ]);
    expect(Object.keys(rows[0] ?? {})).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/card|reference|merchant/)]),
    );
    expect(world.rows("SELECT made_at IS NULL AS open FROM snapshot")).toEqual([{ open: 0 }]);
  });

  test("stays as it is when a sale is corrected or taken back, and of a day it has nothing of", async () => {
    const world = await someDays();
    await asked(world, "one", "2026-11-01", "2026-11-30");
    await world.goOn();
    const before = [listOf(world, "one"), await rowsOf(world, "one")];
    await sold(world, sale("a1", first, 0, { revision: 2, person: ada }), sale("n", first, 7));
    await settled(world);
    await asked(world, "two");
    await world.goOn();
    expect([listOf(world, "one"), await rowsOf(world, "one")]).toEqual(before);
    const amounts = (await rowsOf(world, "two")).map((r) => r.amount_minor);
    expect(amounts.sort()).toEqual([0, 200, 300, 7].sort());
    expect(redactions(world)).toEqual([]);
  });

  test("is whole whatever call of its making is the last one", async () => {
    const world = await someDays();
    await asked(world, "one");
    await eachCrash(world, async () => [listOf(world, "one"), await rowsOf(world, "one")]);
  });

  test("keeps a day that was copied before a crash, whatever that day comes to meanwhile", async () => {
    const world = await someDays();
    await asked(world, "one");
    for (let nth = 1; world.snapshots.objects.size === 0; nth++) {
      world.crashAt({ nth, when: "after" });
      await world.goOn().catch(() => {});
      world.crashAt(null);
    }
    expect(listOf(world, "one")).toEqual([]);
    await sold(world, sale("a1", first, 9, { revision: 2, person: ada }));
    await settled(world);
    await world.goOn();
    const amounts = (await rowsOf(world, "one")).map((r) => [r.day, r.amount_minor]);
    expect(amounts).toContainEqual([first, 500]);
  });
});

/**
 * What stands where nothing went wrong; then what stands, for each call, where that one was the last
 * before everything was started again.
 */
async function eachCrash<T>(world: World, stands: () => Promise<T>): Promise<void> {
  const stores = [world.bucket, world.snapshots] as const;
  const kept = stores.map((store) => store.snapshot());
  const warehouse = world.warehouse.snapshot();
  world.crashAt(null);
  await world.goOn();
  const { made } = world.calls;
  const calm = await stands();
  expect(made).toBeGreaterThan(10);
  for (const when of ["before", "after"] as const)
    for (let nth = 1; nth <= made; nth++) {
      stores.forEach((store, i) => void store.restore(kept[i] ?? new Map()));
      world.warehouse.restore(warehouse);
      world.queue.length = 0;
      world.crashAt({ nth, when });
      await world.goOn().catch(() => {});
      world.crashAt(null);
      await world.goOn();
      expect(await stands(), `${when} ${nth}`).toEqual(calm);
    }
}

describe("a redaction", () => {
  test("names a customer no more in any snapshot, leaves what they bought, and is listed", async () => {
    const world = await someDays();
    for (const name of ["one", "two"]) await asked(world, name);
    await world.goOn();
    const before = listOf(world, "one");
    await redact(world, { kind: "person", person: ada });
    await world.goOn();
    for (const name of ["one", "two"])
      expect(
        (await rowsOf(world, name)).map((r) => [r.sale, r.amount_minor, r.person]).sort(),
      ).toEqual([
        ["a1", 500, null],
        ["a2", 300, null],
        ["b1", 200, ben],
      ]);
    const after = listOf(world, "one");
    expect(redactions(world).filter(({ name }) => name === "one")).toEqual(
      before.map(({ object, sha256 }, nth) => ({
        ...{ name: "one", object, why: "person", rows: 1 },
        ...{ sha256_before: sha256, sha256_after: after[nth]?.sha256 },
      })),
    );
    const all = [...world.snapshots.objects.values()].map(({ bytes }) => Buffer.from(bytes));
    expect(all.some((bytes) => bytes.includes("ada"))).toBe(false);
  });

  test("changes nothing a second time, nor where there is nobody to take out", async () => {
    const world = await someDays();
    await asked(world, "one");
    await world.goOn();
    await redact(world, { kind: "person", person: ada });
    await world.goOn();
    const before = [listOf(world, "one"), redactions(world)];
    await redact(world, { kind: "person", person: ada });
    await redact(world, { kind: "person", person: "nobody" as PersonId });
    await world.goOn();
    expect([listOf(world, "one"), redactions(world)]).toEqual(before);
  });

  test("holds for snapshots that are made later, and says nothing of whom in its run", async () => {
    const world = await someDays();
    const run = await redact(world, { kind: "person", person: ada });
    await world.goOn();
    await asked(world, "one");
    await world.goOn();
    expect((await rowsOf(world, "one")).map(({ person }) => person).sort()).toEqual([
      ben,
      null,
      null,
    ]);
    expect(world.rows(`SELECT args FROM run WHERE id = '${run}'`)).toEqual([{ args: "{}" }]);
  });

  test("of a connection takes its rows out of each, if none is left too", async () => {
    const world = await someDays();
    await asked(world, "one");
    await asked(world, "two", first, first);
    await world.goOn();
    const connections = ["c_1" as ConnectionId];
    await redact(world, { kind: "connection", connections });
    await world.goOn();
    expect((await rowsOf(world, "one")).map((r) => r.sale)).toEqual(["a2"]);
    expect(await rowsOf(world, "two")).toEqual([]);
  });

  test("of a merchant who is gone leaves nothing, a copy under way included", async () => {
    const world = await someDays();
    await asked(world, "one");
    await world.goOn();
    await asked(world, "two");
    await redact(world, { kind: "all" });
    await world.goOn();
    expect([...world.snapshots.objects.keys()]).toEqual([]);
    expect(world.rows("SELECT 1 FROM snapshot")).toEqual([]);
  });

  test("that an erasure waits for comes after the archive's part, and is said on the receipt", async () => {
    const world = await someDays();
    await asked(world, "one");
    await world.goOn();
    world.warehouse.raw
      .prepare(`INSERT INTO receipt (id, scope, asked_at, steps, pending)
         VALUES ('r', 'connection', 0, '[]', '["archive","snapshots"]')`)
      .run();
    await redact(world, { kind: "connection", connections: ["c_1" as ConnectionId] }, "r");
    await expect(world.goOn()).rejects.toThrow("the runs do not end");
    expect(redactions(world)).toEqual([]);
    world.warehouse.raw.prepare(`UPDATE receipt SET pending = '["snapshots"]'`).run();
    await world.goOn();
    const [receipt] = world.rows("SELECT steps, pending, finished_at FROM receipt");
    expect(receipt).toMatchObject({ pending: "[]", finished_at: expect.any(Number) });
    expect(JSON.parse(String(receipt?.steps))).toMatchObject([{ step: "snapshots", count: 2 }]);
  });

  test("is whole and listed once whatever call of it is the last one", async () => {
    const world = await someDays();
    await asked(world, "one");
    await world.goOn();
    await redact(world, { kind: "person", person: ada });
    await eachCrash(world, async () => [await rowsOf(world, "one"), redactions(world)]);
  });

  test("and another one at the same time are both listed, each over what the other left", async () => {
    const world = await someDays();
    await asked(world, "one");
    await world.goOn();
    const before = listOf(world, "one");
    await redact(world, { kind: "person", person: ada });
    await redact(world, { kind: "person", person: ben });
    await world.goOn();
    expect((await rowsOf(world, "one")).map(({ person }) => person)).toEqual([null, null, null]);
    for (const { object, sha256 } of listOf(world, "one")) {
      const chain = redactions(world).filter((r) => r.object === object);
      const start = before.find((one) => one.object === object)?.sha256;
      expect(chain.map((r) => r.sha256_before)).toEqual([
        start,
        ...chain.slice(0, -1).map((r) => r.sha256_after),
      ]);
      expect(chain.at(-1)?.sha256_after).toBe(sha256);
    }
  });
});
