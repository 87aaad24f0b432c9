/** The warehouse's side of settling: totals are what all parts come to, whatever was there before. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { periodsOf } from "../../domain/time.ts";
import { type Manifest, manifestFormat } from "../../kernel/settle/manifest.ts";
import type { Counted, PartRow } from "../../kernel/settle/ports.ts";
import { indexOf } from "../../workers/archive/index-store.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

const world = () => {
  const warehouse = sqliteD1("migrations/warehouse");
  return { warehouse, index: indexOf(warehouse as unknown as D1Database) };
};
const digest = "0".repeat(64);
const object = { object: "x", rows: 1, bytes: 1, sha256: digest };
const manifest = (day: string, bucket: number, version: number): Manifest => ({
  format: manifestFormat,
  ...{ stream: "workouts", day, bucket, version },
  facts: { ...object, covers: null },
  resolved: { ...object, rule: 2 },
  merged: [],
});
const folds = { total: "sum", least: "min", most: "max", last: "latest" } as const;
const days = ["2026-10-31", "2026-11-01", "2026-11-02", "2026-12-31"];

const parts = fc.uniqueArray(
  fc.record({
    measure: fc.constantFrom("total", "least", "most", "last"),
    key: fc.constantFrom("all", "ride"),
    n: fc.integer({ min: -50, max: 50 }),
    /** Each its own time, before 1970 too, so that the latest is one. */
    atMs: fc.integer({ min: -1e12, max: 1e12 }),
  }),
  { selector: ({ measure, key }) => `${measure} ${key}`, maxLength: 8 },
);
const countings = fc.array(
  fc.record({
    day: fc.constantFrom(...days),
    bucket: fc.nat(1),
    rules: fc.constantFrom(1, 2),
    parts,
  }),
  { minLength: 1, maxLength: 12 },
);
const dailies = fc.subarray(["total", "least", "most", "last"]);
type Counting = Pick<Counted, "rules"> & {
  readonly day: string;
  readonly bucket: number;
  readonly parts: readonly PartRow[];
};

const foldAll = (rows: readonly PartRow[]): number | undefined => {
  const numbers = rows.map(({ n }) => n);
  switch (rows[0]?.fold) {
    case "sum":
      return numbers.reduce((a, b) => a + b, 0);
    case "min":
      return Math.min(...numbers);
    case "max":
      return Math.max(...numbers);
    default:
      return rows.toSorted((a, b) => b.atMs - a.atMs)[0]?.n;
  }
};

/** From all that stands, without memory of what came before; nothing of what is daily. */
function expected(
  countings: readonly Counting[],
  daily: readonly string[],
): Record<string, number | undefined> {
  const standing = new Map(countings.map((c) => [`${c.day} ${c.bucket} ${c.rules}`, c]));
  const groups = new Map<string, PartRow[]>();
  for (const { day, rules, parts } of standing.values())
    for (const part of parts.filter(({ measure }) => !daily.includes(measure)))
      for (const period of periodsOf(day)) {
        const name = `${rules} ${part.measure} ${part.key} ${period}`;
        groups.set(name, [...(groups.get(name) ?? []), part]);
      }
  return Object.fromEntries([...groups].map(([name, rows]) => [name, foldAll(rows)]));
}

describe("totals", () => {
  test("are what all standing parts come to, in whatever order partitions were counted, and go of what is daily from now on", () =>
    fc.assert(
      fc.asyncProperty(countings, dailies, async (drawn, dailyNow) => {
        const { warehouse, index } = world();
        const all = drawn.map((c) => ({
          ...c,
          parts: c.parts.map((p) => ({ ...p, fold: folds[p.measure] })),
        }));
        for (const [round, daily] of [[], dailyNow].entries()) {
          for (const [i, { day, bucket, rules, parts }] of all.entries()) {
            const version = round * all.length + i + 1;
            const at = { manifest: manifest(day, bucket, version), ranked: true, nowMs: i };
            const counted = { ...at, rules, parts, daily };
            await index.counted({ ...counted, mark: null });
            if (i % 3 === 0) await index.counted({ ...counted, mark: null });
          }
          const rows = warehouse.raw.prepare("SELECT * FROM total").all();
          const found = rows.map((t) => [`${t.rules} ${t.measure} ${t.key} ${t.period}`, t.n]);
          expect(Object.fromEntries(found)).toEqual(expected(all, daily));
        }
        warehouse.raw.close();
      }),
      { numRuns: 60 },
    ));

  test("of more keys than one text may hold are whole, and what is contributed no more goes", async () => {
    const { warehouse, index } = world();
    const partsOf = (keys: number, n: number): PartRow[] =>
      Array.from({ length: keys }, (_, i) => ({
        ...{ measure: "total", fold: "sum", key: `${i} `.padEnd(120, "key "), n, atMs: 1 },
      }));
    const counted = { rules: 1, ranked: false, daily: [], mark: null, nowMs: 5 };
    for (const [version, keys, n] of [
      [1, 12_000, 2],
      [2, 11_000, 3],
    ] as const) {
      const at = manifest("2026-11-01", 1, version);
      await index.counted({ ...counted, manifest: at, parts: partsOf(keys, n) });
      for (const table of [
        "part",
        "total WHERE period = 'all'",
        "total WHERE period = '2026-11'",
      ]) {
        const [row] = warehouse.raw
          .prepare(`SELECT count(*) AS keys, sum(n) AS n FROM ${table}`)
          .all();
        expect({ ...row }, table).toEqual({ keys, n: keys * n });
      }
    }
  });

  test("of an older version change nothing that a newer one came to", async () => {
    const { warehouse, index } = world();
    const part = (n: number) => ({
      ...({ measure: "total", fold: "sum", key: "all", atMs: 1 } as const),
      n,
    });
    const counted = { rules: 1, ranked: true, daily: [], mark: null, nowMs: 5 };
    const [newer, older] = [manifest("2026-11-01", 1, 7), manifest("2026-11-01", 1, 6)];
    await index.counted({ ...counted, manifest: newer, parts: [part(70)] });
    await index.counted({ ...counted, manifest: older, parts: [part(60)] });
    const totals = warehouse.raw.prepare("SELECT DISTINCT n FROM total").all();
    expect(totals.map(({ n }) => n)).toEqual([70]);
    const versions = warehouse.raw.prepare("SELECT version FROM partition").all();
    expect(versions.map(({ version }) => version)).toEqual([7]);
  });
});

describe("marks", () => {
  const partition = { stream: "workouts", day: "2026-11-01", bucket: 1 };

  test("go only as the ones that were read, also when they were cleared and set again", async () => {
    const { index } = world();
    await index.markUnresolved("workouts", 1, [partition.day], 100);
    const mark = await index.unresolvedMark(partition);
    await index.markUnresolved("workouts", 1, [partition.day], 100);
    const at = { manifest: manifest(partition.day, 1, 1), ranked: true, nowMs: 200 };
    const counted = { ...at, rules: 1, parts: [], daily: [] };
    await index.counted({ ...counted, mark });
    const again = await index.unresolvedMark(partition);
    expect(again).not.toBeNull();
    await index.counted({ ...counted, mark: again });
    expect(await index.unresolvedMark(partition)).toBeNull();
    await index.markUnresolved("workouts", 1, [partition.day], 300);
    await index.counted({ ...counted, mark: again });
    expect(await index.unresolvedMark(partition)).not.toBeNull();
  });

  test("of dirt stay while something landed that was not merged", async () => {
    const { warehouse, index } = world();
    warehouse.raw.exec(
      `INSERT INTO landed VALUES ('a', 'workouts', '2026-11-01', 1, 1, 1, 1, NULL),
         ('b', 'workouts', '2026-11-01', 1, 1, 1, 2, NULL);
       INSERT INTO dirty VALUES ('workouts', '2026-11-01', 1, 1)`,
    );
    expect(await index.landed(partition, 1)).toEqual([{ object: "a", bytes: 1 }]);
    await index.merged(partition, ["a"]);
    expect(warehouse.raw.prepare("SELECT * FROM dirty").all()).toHaveLength(1);
    await index.merged(partition, ["b"]);
    expect(warehouse.raw.prepare("SELECT * FROM dirty").all()).toEqual([]);
    expect(await index.settledDays("workouts", 1, "2026-10-01", "2026-12-01")).toEqual([
      "2026-11-01",
    ]);
  });

  test("of dirt stay while a batch holds something of the partition, and no longer", async () => {
    const { warehouse, index } = world();
    const batch = (nth: number) => `land/workouts/batch/2026-11-20/00000000000000${nth}-x.ndjson`;
    warehouse.raw.exec(
      `INSERT INTO landed VALUES
         ('${batch(1)}', 'workouts', NULL, NULL, 1, 1, 1, '["2026-11-01/01","2026-11-01/02"]'),
         ('${batch(2)}', 'workouts', NULL, NULL, 1, 1, 1, '["2026-11-01/10","2026-10-01/01"]');
       INSERT INTO dirty VALUES ('workouts', '2026-11-01', 1, 1)`,
    );
    expect(await index.landed(partition, 1)).toEqual([]);
    await index.merged(partition, []);
    expect(warehouse.raw.prepare("SELECT * FROM dirty").all()).toHaveLength(1);
    warehouse.raw.exec(`DELETE FROM landed WHERE object = '${batch(1)}'`);
    await index.merged(partition, []);
    expect(warehouse.raw.prepare("SELECT * FROM dirty").all()).toEqual([]);
  });
});
