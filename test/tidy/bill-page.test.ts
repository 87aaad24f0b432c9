/** docs/bill.md shows the prices that the bench reckons with, and a rise of two in a hundred is one. */
import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describe, expect, it } from "vitest";
import {
  checkedUnits,
  risen,
  risenOf,
  type UnitsAFact,
  type UnitsByStream,
} from "../../bench/bill/check.ts";
import { linesOf, totalOf } from "../../bench/bill/lines.ts";
import { measuredText } from "../../bench/bill/measured-file.ts";
import { measuredOf, priceTable, whats } from "../../bench/bill/report.ts";
import { factsADay } from "../../bench/bill/rides.ts";
import { readResults } from "../../bench/results.ts";
import { metricsADay, samplesADay } from "../../bench/samples-days.ts";
import {
  aMillionOf,
  billMeasured,
  clockFactsADay,
  ledgersASweepMax,
  type Measured,
  samplesAStatement,
  sweepsADay,
  wakingTakes,
} from "../../domain/bill.ts";
import { prices, units } from "../../domain/prices.ts";

const text = (file: string) =>
  readFileSync(join(resolve(import.meta.dirname, "../.."), file), "utf8");
const page = text("docs/bill.md");
const numberOf = (said = "") => Number(said.replaceAll(",", ""));
const kinds = Object.keys(billMeasured) as (keyof Measured)[];

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

describe("what the product reckons with", () => {
  it.each(kinds)("is what the page shows: %s", (of) => {
    const [, table = ""] = page.split(`\n### A million ${whats[of]}\n\n`);
    const rows = (table.split("\n\n")[0] ?? "").split("\n").slice(2);
    const cells = rows.map((row) => row.split(" | ").map((cell) => cell.replace("| ", "")));
    const lines = cells.slice(0, -1).map(([part, unit, n = ""]) => [part, unit, numberOf(n)]);
    const rest = numberOf(/\$([\d.]+)/.exec(rows.at(-1) ?? "")?.[1]);
    expect({ lines, rest }).toEqual(billMeasured[of]);
  });

  it("is as the bench writes it", () => {
    expect(text("domain/bill-measured.ts")).toBe(measuredText(billMeasured));
  });

  it("comes to what was measured", async () => {
    const { bill } = await readResults();
    expect(aMillionOf(billMeasured.facts) / (bill?.value ?? 0)).toBeCloseTo(1, 2);
    for (const of of kinds.filter((kind) => kind !== "facts"))
      expect(aMillionOf(billMeasured[of]) / Number(bill?.details?.[of]), of).toBeCloseTo(1, 2);
  });

  it("divides the clock and the samples as the bench does", () => {
    expect(clockFactsADay).toBe(factsADay);
    expect(samplesAStatement).toBe(samplesADay / metricsADay);
  });

  it("leaves out of a bill's lines what is too little, and keeps its dollars", () => {
    const line = (units: number) =>
      ({ part: "a", unit: "R2 class A", units, dollars: units * 4.5e-6 }) as const;
    const lines = [line(1_000_000.4), line(1_000)];
    const measured = measuredOf({ of: "facts", what: "", asked: 6, comes: totalOf(lines), lines });
    expect(measured).toEqual({ lines: [["a", "R2 class A", 1_000_000]], rest: 0.0045 });
  });

  it("asks ledgers as the sweep does", () => {
    expect(text("workers/edge/sweep.ts")).toContain(`ledgersPerSweep = ${ledgersASweepMax};`);
    expect(text("wrangler.toml")).toContain(`"*/${1_440 / sweepsADay} * * * *"`);
    expect(page).toContain(`up to ${ledgersASweepMax} each five minutes`);
  });

  it("wakes a connection for what docs/connections.md says", () => {
    const sum = (unit: string) =>
      wakingTakes.reduce((all, [, of, n]) => (of === unit ? all + n : all), 0);
    const [, rows, requests] =
      /\*\*together\*\* \| \| \*\*(\d+)\*\* \| \*\*(\d+)\*\*/.exec(text("docs/connections.md")) ??
      [];
    expect(sum("object rows written") + sum("D1 rows written")).toBe(Number(rows));
    expect(sum("object requests")).toBe(Number(requests));
    expect(text("docs/connections.md")).toContain(`${sum("object GB-s")} GB-s`);
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
    expect(risenOf(of(100), of(102))).toEqual([]);
    expect(risenOf(of(100), of(50))).toEqual([]);
  });

  it("names each unit that rose by more, and the part that did", () => {
    const found = risenOf(of(100), of(103));
    expect(found).toHaveLength(checkedUnits.length);
    expect(found[0]).toBe("object requests: 100 → 103 a fact (ledger 100 → 103)");
  });

  it("says of which stream, each by itself", () => {
    const all = (n: number): UnitsByStream => ({ facts: of(100), listens: of(n), sales: of(100) });
    const found = risen(all(100), all(103));
    expect(found).toHaveLength(checkedUnits.length);
    expect(found[0]).toMatch(/^listens: object requests: 100 → 103/);
  });

  it("takes what is not counted for a rise", () => {
    expect(risenOf(of(100), {})).toHaveLength(checkedUnits.length);
  });
});
