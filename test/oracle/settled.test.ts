/**
 * Oracle = DuckDB = settled = live, from the generator's raw facts to every number that anyone is
 * shown. In memory but for the archive, which is real files; `ORACLE_FACTS` and `ORACLE_SEED` make
 * it larger or other. `npm run sim -- archive` does the same over the running system.
 */
import { createHash } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { workouts } from "../../domain/workouts/stream.ts";
import { chanceOf } from "./chance.ts";
import { type Counts, differences } from "./counts.ts";
import { coveredBy } from "./covered.ts";
import { type Duck, duckCounts, duckOver } from "./duck.ts";
import { fileArchive } from "./file-archive.ts";
import { type Live, liveOf } from "./live.ts";
import { landAndSettle } from "./settling.ts";
import { type Truth, truthOf } from "./truth.ts";
import { type World, worldOf } from "./world.ts";

const seed = Number(process.env.ORACLE_SEED ?? 1);
const facts = Number(process.env.ORACLE_FACTS ?? 4000);
/** Small worlds lie in few buckets: fewer and fuller partitions. */
const buckets = facts < 50_000 ? 2 : 16;
const rounds = 3;

let folder: string;
let world: World;
let truth: Truth;
let live: Live;
let settledTotals: Counts;
let duck: Duck;
let duckSays: Counts;
const page = resolve(import.meta.dirname, "../../docs/scale.md");

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "singlet-oracle-"));
  world = worldOf({ seed, facts, buckets });
  truth = truthOf(world);
  live = liveOf(world, chanceOf(seed + 1));
  const archive = fileArchive(folder, new Map(world.members.map((m) => [m.id, m.zones])));
  await landAndSettle(archive, workouts, live.changes, chanceOf(seed + 2), rounds);
  settledTotals = archive.index.totals();
  duck = await duckOver(folder, workouts);
  duckSays = await duckCounts(duck, workouts);
});
afterAll(() => {
  duck?.end();
  rmSync(folder, { recursive: true, force: true });
});

/** Fails with the first differences by name, and the seed to see them again. */
function expectSame(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
  least = 100,
): void {
  expect(expected.size).toBeGreaterThan(least);
  const { count, shown } = differences(expected, found);
  expect({ count, shown, seed }).toEqual({ count: 0, shown: [], seed });
}

describe("the world", () => {
  it("holds some of everything that can go wrong, up to ninety days late", () => {
    const least = Object.entries(coveredBy(world)).filter(([, n]) => n < 5);
    expect(world.deliveries).toHaveLength(facts);
    expect({ least, seed }).toEqual({ least: [], seed });
  });
});

describe("what should count, from the raw facts", () => {
  it("is what every member's live boards show", () => expectSame(truth.scores, live.counts.scores));

  it("is every member's score that DuckDB finds in the archive", () =>
    expectSame(truth.scores, duckSays.scores));

  it("is every total of the live boards", () => expectSame(truth.totals, live.counts.totals));

  it("is every total that DuckDB computes by the measures' SQL", () =>
    expectSame(truth.totals, duckSays.totals));

  it("is every settled total", () => expectSame(truth.totals, settledTotals.totals));
});

describe("the archive", () => {
  it("holds each statement that stands in exactly one partition, and nothing else", async () => {
    const rows = await duck.ask(
      "SELECT id, count(*)::INTEGER AS n, max(revision) AS revision FROM facts WHERE kind = 'fact' GROUP BY id",
    );
    const held = new Map(rows.map((r) => [String(r.id), [Number(r.n), Number(r.revision)]]));
    const expected = [...truth.standing].filter(([, s]) => "elapsedMs" in s);
    expect(held).toEqual(new Map(expected.map(([id, s]) => [id, [1, s.revision]])));
  });

  it("has manifests that agree with its files in rows, bytes and digests, and no other file", async () => {
    const named = await duck.ask(`
      SELECT o.object, o.rows, o.bytes, o.sha256 FROM (
        SELECT struct_extract(facts, 'object') AS object, facts.rows, facts.bytes, facts.sha256
        FROM manifests
        UNION ALL
        SELECT resolved.object, resolved.rows, resolved.bytes, resolved.sha256
        FROM manifests WHERE resolved IS NOT NULL) o`);
    const counted = await duck.ask(`
      SELECT filename, count(*)::INTEGER AS n FROM read_parquet(
        list_concat(getvariable('facts_files'), getvariable('resolved_files')),
        filename = true, union_by_name = true) GROUP BY filename`);
    const rowsIn = new Map(counted.map((r) => [String(r.filename), Number(r.n)]));
    for (const { object, rows, bytes, sha256 } of named) {
      const path = join(folder, String(object));
      expect(rowsIn.get(path) ?? 0, path).toBe(Number(rows));
      expect(statSync(path).size, path).toBe(Number(bytes));
      expect(createHash("sha256").update(readFileSync(path)).digest("hex")).toBe(sha256);
    }
    const files = readdirSync(folder, { recursive: true }).map(String);
    expect(files.filter((f) => f.endsWith(".parquet")).sort()).toEqual(
      named.map((r) => String(r.object)).sort(),
    );
    expect(files.filter((f) => f.endsWith(".ndjson"))).toEqual([]);
  });
});

describe("the commands of docs/scale.md", () => {
  it("run in DuckDB as they stand there, and come to the same totals", async () => {
    const bare = await duckOver(null, workouts);
    const blocks = [...readFileSync(page, "utf8").matchAll(/```sql\n(.*?)```/gs)];
    const [views = "", faults = "", totals = ""] = blocks.map(([, sql = ""]) =>
      sql
        .replaceAll("'manifest/", `'${folder}/manifest/`)
        .replaceAll(/list\((\w+\.object)\)/g, `list('${folder}/' || $1)`),
    );
    for (const statement of views.split(";\n").filter((text) => text.trim() !== ""))
      await bare.ask(statement);
    expect(await bare.ask(faults)).toEqual([]);
    const said = (await bare.ask(totals)).map((r) => [
      `${r.period} ${r.key} distance`,
      Number(r.n),
    ]);
    bare.end();
    const expected = [...truth.totals].filter(([name]) => name.endsWith(" distance"));
    expect(blocks).toHaveLength(3);
    expectSame(new Map(expected), new Map(said as [string, number][]), 20);
  });
});
