/** docs/bill.md shows the prices that the bench reckons with, and a rise of two in a hundred is one. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { checkedUnits, risen, type UnitsAFact } from "../../bench/bill/check.ts";
import { linesOf, totalOf } from "../../bench/bill/lines.ts";
import { priceTable } from "../../bench/bill/report.ts";
import { units } from "../../bench/bill/tally.ts";
import { prices } from "../../bench/prices.ts";

const page = readFileSync(join(resolve(import.meta.dirname, "../.."), "docs/bill.md"), "utf8");

describe("the page", () => {
  it("has the prices, each with where and when it was read", () => {
    expect(page).toContain(priceTable());
    expect(Object.keys(prices)).toEqual(expect.arrayContaining([...units]));
    for (const { page: at, readOn } of Object.values(prices)) {
      expect(at).toMatch(/^https:\/\/developers\.cloudflare\.com\//);
      expect(readOn).toMatch(/^20\d\d-\d\d-\d\d$/);
    }
  });

  it("says what every unit is", () => {
    for (const unit of units) expect(page, unit).toContain(unit.replace(/ (rows|class).*/, ""));
  });
});

describe("the bill", () => {
  it("is units by price, for a million", () => {
    const counted = [
      { part: "a", unit: "R2 class A", detail: "put", n: 5 },
      { part: "a", unit: "R2 class A", detail: "list", n: 1 },
      { part: "b", unit: "object rows written", detail: "", n: 20 },
    ] as const;
    const lines = linesOf([{ counted, of: 10 }]);
    expect(lines).toEqual([
      { part: "a", unit: "R2 class A", units: 600_000, dollars: 2.7 },
      { part: "b", unit: "object rows written", units: 2_000_000, dollars: 2 },
    ]);
    expect(totalOf(lines)).toBeCloseTo(4.7);
  });
});

describe("the check", () => {
  const of = (all: number): UnitsAFact =>
    Object.fromEntries(checkedUnits.map((unit) => [unit, { all, parts: { ledger: all } }]));

  it("lets two in a hundred pass, and less", () => {
    expect(risen(of(100), of(102))).toEqual([]);
    expect(risen(of(100), of(50))).toEqual([]);
  });

  it("names each unit that rose by more, and the part that did", () => {
    const found = risen(of(100), of(103));
    expect(found).toHaveLength(checkedUnits.length);
    expect(found[0]).toBe("object requests: 100 → 103 a fact (ledger 100 → 103)");
  });

  it("takes what is not counted for a rise", () => {
    expect(risen(of(100), {})).toHaveLength(checkedUnits.length);
  });
});
