/**
 * Truth = settled totals = DuckDB over the archive, for weeks of listening around one March: several
 * sources of one play, everything twice, late, taken back, forgotten. `ORACLE_PLAYS` and
 * `ORACLE_SEED` make it larger or other; `npm run sim -- listens` does a year.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listens } from "../../domain/listens/stream.ts";
import { chanceOf } from "./chance.ts";
import { differences } from "./counts.ts";
import { type Duck, duckCounts, duckOver } from "./duck.ts";
import { settledOf, toldOf } from "./listens.ts";
import { named, type Totals, truthOf } from "./listens-truth.ts";
import { type ListensWorld, listensWorld } from "./listens-world.ts";
import type { StreamLedgers } from "./stream-ledgers.ts";

const seed = Number(process.env.ORACLE_SEED ?? 1);
const plays = Number(process.env.ORACLE_PLAYS ?? 1500);
const buckets = 1;

let folder: string;
let world: ListensWorld;
let ledgers: StreamLedgers;
let duck: Duck;
let truth: Totals;
let settled: Totals;
let archived: Totals;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "singlet-listens-"));
  world = listensWorld({ seed, plays, buckets });
  ledgers = await toldOf(world, chanceOf(seed + 1));
  const archive = await settledOf(folder, world, ledgers, chanceOf(seed + 2), 3);
  settled = named(archive.index.totals().totals);
  duck = await duckOver(folder, listens);
  archived = named((await duckCounts(duck, listens)).totals);
  truth = await truthOf(duck, folder, world);
});
afterAll(() => {
  duck?.end();
  rmSync(folder, { recursive: true, force: true });
});

const expectSame = (found: Totals) => {
  expect(truth.size).toBeGreaterThan(500);
  expect({ ...differences(truth, found), seed }).toEqual({ count: 0, shown: [], seed });
};

describe("the world", () => {
  it("holds some of everything that can go wrong", () => {
    expect(Object.keys(world.made).sort()).toEqual([
      "deliveries",
      "forgotten listeners",
      "statements with less in them",
      "taken back",
      "tracks on repeat",
      "within seconds of midnight",
    ]);
    expect(ledgers.parked).toEqual([]);
    expect([...truth.keys()].some((name) => name.startsWith("2026-03 "))).toBe(true);
  });
});

describe("what was played", () => {
  it("is every settled total, by period, track and territory", () => expectSame(settled));
  it("is what DuckDB finds in the archive by the measures' SQL", () => expectSame(archived));

  it("is the same bytes for whatever order and repetition it is told in", async () => {
    const few = listensWorld({ seed: seed + 7, plays: 300, buckets });
    const told = await toldOf(few, chanceOf(1));
    for (const other of [2, 3, 4]) {
      const chance = chanceOf(other);
      const again = few.deliveries.filter(() => chance.in100(50));
      const deliveries = chance.shuffled([...few.deliveries, ...again]);
      const bytes = (await toldOf({ ...few, deliveries }, chance)).resolvedBytes();
      expect(bytes, `seed ${other}`).toEqual(told.resolvedBytes());
    }
  });
});
