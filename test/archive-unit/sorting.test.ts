/** Batches are told apart by partition: once, whoever is at it and whatever call is the last one. */
import { readdirSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { landingBytesMax } from "../../kernel/settle/lines.ts";
import { encodeChanges, objectName, streamOfBatch } from "../../workers/archive/partition.ts";
import { sortChunk } from "../../workers/archive/sorting.ts";
import { nextBatches } from "../../workers/archive/sorting-store.ts";
import { archiveWorld, ride, rides, together, totalsOf, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = "", cas = ""] = together;
const all = { stream: null, holding: null };
const sort = (world: World) => sortChunk(world.env, all, null, world.now());
const landing = (world: World) =>
  [...world.bucket.objects.keys()].filter((name) => name.startsWith("land/"));
const batches = (world: World) => landing(world).filter((name) => streamOfBatch(name) !== null);
const indexed = (world: World) =>
  world.rows("SELECT object FROM landed ORDER BY object").map(({ object }) => object);
const settle = async (world: World, id = "r1") => {
  await world.begin(id, "settle", {});
  await world.goOn();
};

/** Of nobody on boards: so nothing is published again because they differ. */
const comes = (world: World, member: string, facts: Parameters<typeof rides>[2]) =>
  rides(world, member, facts, false);

/** Three batches of two members and two days. */
async function landedWorld(): Promise<World> {
  const world = archiveWorld();
  await comes(world, ada, [
    ["a1", "2026-10-31", 1000],
    ["a2", "2026-11-01", 2000],
  ]);
  await comes(world, ben, [["b1", "2026-11-01", 4000]]);
  world.pass(1000);
  await comes(world, ben, [["b2", "2026-10-31", 8000]]);
  return world;
}
const isWhole = (world: World): void => {
  expect(totalsOf(world)["distance all all"]).toBe(15_000);
  expect(landing(world)).toEqual([]);
  expect(indexed(world)).toEqual([]);
  expect(world.rows("SELECT * FROM dirty")).toEqual([]);
};

describe("sorting", () => {
  test("makes one object a partition of all batches, and nothing else is left", async () => {
    const world = await landedWorld();
    expect(batches(world).length).toBe(3);
    expect(await sort(world)).toMatchObject({ sorted: 3, faults: [], isOvertaken: false });
    expect(batches(world)).toEqual([]);
    expect(
      landing(world)
        .map((name) => name.slice(0, 28))
        .sort(),
    ).toEqual(["land/workouts/2026-10-31/03/", "land/workouts/2026-11-01/03/"]);
    expect(indexed(world)).toEqual(landing(world).sort());
    expect(world.rows("SELECT sum(facts) AS n FROM landed")).toEqual([{ n: 4 }]);
    expect(await sort(world)).toMatchObject({ sorted: 0, last: null });
    await settle(world);
    isWhole(world);
  });

  test("killed at any call comes to the same end", async () => {
    for (let nth = 1; ; nth++) {
      let isOver = false;
      for (const when of ["before", "after"] as const) {
        const world = await landedWorld();
        world.crashAt({ nth, when });
        await sort(world).catch(() => {});
        isOver = world.calls.made < nth;
        world.crashAt(null);
        world.pass(11 * 60_000);
        await settle(world);
        isWhole(world);
        world.warehouse.raw.close();
      }
      if (isOver) break;
    }
  });

  test.each(["get", "put", "delete"] as const)(
    "by two, the other one at a %s, is done once",
    async (at) => {
      const world = await landedWorld();
      const { bucket } = world;
      const call = bucket[at].bind(bucket) as (...args: unknown[]) => Promise<unknown>;
      const spy = vi.spyOn(bucket, at) as ReturnType<typeof vi.spyOn>;
      spy.mockImplementation(async (...args: unknown[]) => {
        spy.mockRestore();
        await sort(world);
        return call(...args);
      });
      expect(await sort(world)).toMatchObject({ faults: [] });
      expect(batches(world)).toEqual([]);
      expect(indexed(world), "what is there is named, and nothing else").toEqual(
        landing(world).sort(),
      );
      await settle(world);
      isWhole(world);
    },
  );

  test("takes what of a batch was merged before for nothing new", async () => {
    const world = await landedWorld();
    await settle(world);
    const totals = totalsOf(world);
    for (const name of [ada, ben]) {
      const { published } = world.ledgerAt(`workouts/${name}`);
      for (const { day, statement } of published.values())
        await world.arrive([world.ledgerAt(`workouts/${name}`).publish(day, statement)]);
    }
    await settle(world, "r2");
    expect(totalsOf(world)).toEqual(totals);
    isWhole(world);
  });

  test("of what lands while a partition is merged is for the next run, and the mark stays", async () => {
    const world = await landedWorld();
    const { bucket } = world;
    const list = bucket.list.bind(bucket);
    let came = false;
    vi.spyOn(bucket, "list").mockImplementation(async (asked) => {
      if (!came && asked?.prefix?.startsWith("facts/workouts/2026-11-01/")) {
        came = true;
        await comes(world, cas, [["c1", "2026-11-01", 100]]);
      }
      return list(asked);
    });
    await settle(world);
    expect(came).toBe(true);
    expect(world.rows("SELECT day FROM dirty")).toEqual([{ day: "2026-11-01" }]);
    expect(totalsOf(world)["distance all all"]).toBe(15_000);
    await settle(world, "r2");
    expect(totalsOf(world)["distance all all"]).toBe(15_100);
    expect(world.rows("SELECT * FROM dirty")).toEqual([]);
  });
});

describe("a batch that cannot be read", () => {
  const spoilt: readonly (readonly [string, (world: World, name: string) => unknown])[] = [
    ["missing-landing", (world, name) => world.bucket.delete(name)],
    ["malformed-landing", (world, name) => world.bucket.put(name, "{}\n")],
    [
      "oversized-landing",
      (world, name) =>
        world.warehouse.raw
          .prepare("UPDATE landed SET bytes = ? WHERE object = ?")
          .run(landingBytesMax + 1, name),
    ],
  ];
  test.each(spoilt)("is named as %s, and what it held is made anew", async (fault, spoil) => {
    const world = await landedWorld();
    const [object = ""] = batches(world).sort();
    await spoil(world, object);
    await settle(world);
    const named = world.rows("SELECT object, fault FROM run_fault WHERE run = 'r1'");
    expect(named).toEqual([{ object, fault }]);
    expect(world.rows("SELECT outcome FROM run WHERE kind = 'rebuild'")).toEqual([
      { outcome: "done" },
      { outcome: "done" },
    ]);
    world.pass(86_400_000);
    await settle(world, "r2");
    expect(world.rows("SELECT outcome FROM run WHERE id = 'r2'")).toEqual([{ outcome: "done" }]);
    isWhole(world);
  });
});

describe("what an older Singlet landed", () => {
  test("is kept by the migration, and settles beside batches", async () => {
    const folder = "migrations/warehouse";
    const files = readdirSync(folder)
      .filter((file) => file.endsWith(".sql"))
      .sort();
    const database = new DatabaseSync(":memory:");
    const run = (some: readonly string[]) => {
      for (const file of some) database.exec(readFileSync(`${folder}/${file}`, "utf8"));
    };
    const at = files.indexOf("0008_landing.sql");
    run(files.slice(0, at));
    database.exec("INSERT INTO landed VALUES ('x', 'workouts', '2026-11-01', 3, 1, 99, 5)");
    run(files.slice(at));
    expect({ ...database.prepare("SELECT * FROM landed").get() }).toEqual({
      ...{ object: "x", stream: "workouts", day: "2026-11-01", bucket: 3 },
      ...{ facts: 1, bytes: 99, landed_at: 5, holds: null },
    });
    database.close();

    const world = await landedWorld();
    const late = world
      .ledgerAt(`workouts/${ada}`)
      .publish("2026-11-02", ride(ada, "a3", "2026-11-02", 300));
    const { bytes } = encodeChanges([late]);
    const object = await objectName(late, bytes);
    await world.bucket.put(object, bytes);
    world.warehouse.raw
      .prepare(
        `INSERT INTO landed (object, stream, day, bucket, facts, bytes, landed_at)
         VALUES (?, 'workouts', '2026-11-02', 3, 1, ?, 0)`,
      )
      .run(object, bytes.length);
    world.warehouse.raw.exec("INSERT INTO dirty VALUES ('workouts', '2026-11-02', 3, 0)");
    await settle(world);
    expect(totalsOf(world)["distance all all"]).toBe(15_300);
    expect(landing(world)).toEqual([]);
  });
});

describe("ten thousand batches", () => {
  test("are found by their names and by their partition, not by reading all that landed", () => {
    const { warehouse } = archiveWorld();
    const planOf = (sql: string) =>
      warehouse.raw
        .prepare(`EXPLAIN QUERY PLAN ${sql}`)
        .all()
        .map(({ detail }) => detail);
    const asked: string[] = [];
    const prepare = warehouse.prepare.bind(warehouse);
    vi.spyOn(warehouse, "prepare").mockImplementation((sql) => {
      asked.push(sql);
      return prepare(sql);
    });
    void nextBatches({ WAREHOUSE: warehouse }, { ...all, stream: "workouts" }, null, 1);
    expect(planOf(asked[0] ?? "")).toEqual([
      "SEARCH landed USING PRIMARY KEY (object>? AND object<?)",
    ]);
    const ofPartition = "SELECT object FROM landed WHERE stream = ? AND day = ? AND bucket = ?";
    expect(planOf(ofPartition)[0]).toContain(
      "INDEX landed_partition (stream=? AND day=? AND bucket=?)",
    );
    warehouse.raw.exec(
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
       INSERT INTO landed SELECT 'land/workouts/batch/2026-11-20/' || printf('%015d', i), 'workouts',
         NULL, NULL, 100, 40000, i, '["2026-11-01/03"]' FROM n`,
    );
    const entries = warehouse.raw
      .prepare("SELECT count(*) AS n FROM landed INDEXED BY landed_partition WHERE day IS NOT NULL")
      .get();
    expect(entries?.n, "a batch costs no entry of the index").toBe(0);
  });
});
