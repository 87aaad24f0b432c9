/** docs/performance.md and docs/capacity.md hold what was measured and what is reckoned from it. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { readBaseline } from "../../bench/bill/check.ts";
import {
  boardShardsOf,
  freshMs,
  loadOf,
  type Measured,
  measuredFrom,
} from "../../bench/capacity.ts";
import { changedDollarsFor, dollarsFor, sumOf } from "../../bench/capacity-dollars.ts";
import { limits, limitsInOrder, metAt } from "../../bench/capacity-limits.ts";
import { short } from "../../bench/capacity-tables.ts";
import { benches } from "../../bench/catalogue.ts";
import { between, pageParts } from "../../bench/pages.ts";
import { type Kept, readResults, withResult } from "../../bench/results.ts";
import { reachedBy, targets } from "../../bench/targets.ts";

const root = resolve(import.meta.dirname, "../..");
const text = (file: string) => readFileSync(join(root, file), "utf8");
const result = (name: string, value: number, details = {}): Kept => ({
  ...{ name, value, unit: "ms", floor: 2, ratio: value / 2, spread: 1.1, level: "emulator" },
  ...{ details, date: "2026-11-01" },
});

describe("the pages", () => {
  it("hold what is made of the results; `npm run bench -- capacity --write` makes it", async () => {
    for (const [file, parts] of Object.entries(await pageParts()))
      for (const [name, part] of Object.entries(parts))
        expect(text(`docs/${file}`), `${file}: ${name}`).toContain(
          `<!-- ${name} -->\n\n${part}\n\n<!-- end of ${name} -->`,
        );
  });

  it("keep what stands around a part", () => {
    const page = "before\n<!-- x -->\n\nold\n\n<!-- end of x -->\nafter";
    expect(between(page, "x", "new")).toBe("before\n<!-- x -->\n\nnew\n\n<!-- end of x -->\nafter");
    expect(() => between(page, "y", "new")).toThrow("no place for y");
  });
});

describe("the results", () => {
  it("are of benches that there are, each under its name, with a level and a date", async () => {
    for (const [name, one] of Object.entries(await readResults())) {
      expect(Object.keys(benches)).toContain(name);
      expect(one.name).toBe(name);
      expect(one.date).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(["in-process", "emulator", "extrapolated"]).toContain(one.level);
      for (const n of [one.value, one.floor, one.ratio, one.spread]) expect(n).toBeTypeOf("number");
    }
  });

  it("stand in order, and what was not measured again stays as it is", () => {
    const held = withResult(withResult({}, result("vault", 3)), result("audit", 4));
    expect(Object.keys(held)).toEqual(["audit", "vault"]);
    const now = withResult(held, { ...result("vault", 5), date: "2026-11-02" });
    expect(now.audit).toBe(held.audit);
    expect(now.vault).toMatchObject({ value: 5, date: "2026-11-02" });
  });

  it("reach a target up to what was asked, and none that nobody measured", () => {
    const [target] = targets.filter(
      ({ bench, figure }) => bench === "ingest" && figure === "ratio",
    );
    if (target === undefined) throw new Error("nothing was asked of ingest");
    expect(reachedBy({}, target)).toBeNull();
    expect(reachedBy({ ingest: result("ingest", 4) }, target)).toEqual({
      value: 2,
      isReached: true,
    });
    expect(reachedBy({ ingest: result("ingest", 5) }, target)?.isReached).toBe(false);
  });

  it("has every bench that a target is held against", () => {
    for (const { bench } of targets) expect(Object.keys(benches)).toContain(bench);
  });
});

describe("capacity", () => {
  const measured = async (): Promise<Measured> =>
    measuredFrom(
      {
        settle: result("settle", 8_000),
        bill: result("bill", 6, { large: 11, samples: 0.03, polls: 0.35, clock: 1 }),
      },
      (await readBaseline()).facts,
    );

  it("cannot be reckoned from nothing", async () => {
    expect(() => measuredFrom({}, {})).toThrow("measure them");
    const of = await measured();
    expect(of.aFact.messages).toBeGreaterThan(0);
    for (const n of Object.values(of.aFact)) expect(n).toBeGreaterThanOrEqual(0);
    expect(of.dollars.clock).toBeCloseTo(0.1);
  });

  it("knows how long a page is shared", () => {
    expect(text("workers/edge/shared-answers.ts")).toContain(`export const freshMs = ${freshMs};`);
  });

  it("has boards of one shard up to what one holds, then twice as many", () => {
    expect([1, 65_536, 65_537, 131_073, 1_000_000].map(boardShardsOf)).toEqual([1, 1, 2, 4, 16]);
  });

  it("finds where a limit is met: not before, and from there on", async () => {
    const of = await measured();
    for (const limit of limits) {
      const at = metAt(limit, of);
      if (!Number.isFinite(at)) continue;
      expect(limit.use(loadOf(at * 0.99, of)), limit.name).toBeLessThanOrEqual(limit.most);
      expect(limit.use(loadOf(at * 1.01, of)), limit.name).toBeGreaterThan(limit.most);
    }
    const all = limitsInOrder(of).map(({ at }) => at);
    expect(all).toEqual([...all].sort((a, b) => a - b));
  });

  it("costs more with more members, and less with what is said to be changed", async () => {
    const of = await measured();
    const sums = [1e4, 1e5, 1e6, 1e7, 1e8].map((members) => {
      const load = loadOf(members, of);
      const [now, changed] = [dollarsFor(load, of), changedDollarsFor(load, of)].map(sumOf);
      expect(changed).toBeLessThan(now ?? 0);
      return now ?? 0;
    });
    expect(sums).toEqual([...sums].sort((a, b) => a - b));
  });

  it("shows no more digits than it knows", () => {
    const of = [0.58, 7.26, 999, 3_472, 42_345, 423_456, 4_234_567, 1.85e15];
    expect(of.map(short)).toEqual([
      "0.58",
      "7.3",
      "999",
      "3,472",
      "42 k",
      "423 k",
      "4.2 M",
      "1.9 P",
    ]);
  });
});
