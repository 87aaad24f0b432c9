/** The bill is units times price of what was counted, and says what nobody counted. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  aMillionOf,
  type BillCounts,
  billMeasured,
  clockADay,
  reckon,
  rowsALedgerSwept,
  samplesAStatement,
  sweepsADay,
} from "../../domain/bill.ts";
import { dollarsOf, prices, units } from "../../domain/prices.ts";

const million = 1_000_000;
const dayMs = 86_400_000;
const toMs = Date.UTC(2026, 10, 22);
const nothing: BillCounts = {
  fromMs: null,
  toMs,
  ledgers: 0,
  facts: 0,
  sampleStatements: 0,
  listens: 0,
  sales: 0,
  calls: 0,
  bareDeliveries: 0,
  archiveBytes: 0,
  silent: [],
};
const of = (over: Partial<BillCounts>) => reckon({ ...nothing, ...over });
/** Rounded to a millionth, each line. */
const near = 4;

describe("a price", () => {
  it.each(units)("of %s is that of so many, and of none nothing", (unit) => {
    expect(dollarsOf(unit, prices[unit].per)).toBe(prices[unit].dollars);
    expect(dollarsOf(unit, 0)).toBe(0);
  });
});

describe("a bill", () => {
  it("of nobody is nothing", () => {
    expect(of({})).toMatchObject({ items: [], causes: [], dollars: 0 });
  });

  it("of a million facts is what a million came to, part by part", () => {
    const { items, causes, dollars } = of({ facts: million });
    expect(dollars).toBeCloseTo(aMillionOf(billMeasured.facts), near);
    expect(causes).toMatchObject([{ of: "facts", n: million }]);
    const [part, unit, n] = billMeasured.facts.lines[0] ?? [];
    expect(items[0]).toMatchObject({ part, unit, units: n });
    expect(items.find((item) => item.unit === null)).toMatchObject({
      part: "all else",
      units: null,
      dollars: billMeasured.facts.rest,
    });
  });

  it("of samples goes by the statements that they are kept as", () => {
    const sampleStatements = million / samplesAStatement;
    expect(of({ sampleStatements }).dollars).toBeCloseTo(aMillionOf(billMeasured.samples), near);
  });

  it("of days without traffic is what the clock costs", () => {
    const { causes, dollars } = of({ fromMs: toMs - 10 * dayMs });
    expect(causes).toMatchObject([{ of: "days", n: 10 }]);
    expect(dollars).toBeCloseTo(10 * clockADay(0), near);
  });

  it("asks 200 ledgers each five minutes and all each night, as if they had come evenly", () => {
    const { items, causes } = of({ fromMs: toMs - 30 * dayMs, ledgers: 1_000 });
    const asked = (200 * 288 + 500) * 30;
    expect(causes).toContainEqual(expect.objectContaining({ of: "ledgers asked", n: asked }));
    const swept = items.filter(({ part }) => part === "D1 warehouse (sweep)");
    expect(swept).toMatchObject([
      { units: 2 * asked, because: `${asked.toLocaleString("en")} ledgers asked × 2` },
    ]);
  });

  it("of a quiet day with the ledgers that it was measured with is what was measured", () => {
    const [, , rows] = billMeasured.clock.lines[0] ?? [];
    const ledgers = (rows ?? 0) / 10 / rowsALedgerSwept / sweepsADay;
    expect(ledgers).toBe(132);
    const nightly = 132 * (dollarsOf("object requests", 2) + dollarsOf("D1 rows written", 2));
    expect(clockADay(ledgers) - nightly).toBeCloseTo(aMillionOf(billMeasured.clock) / 10, 4);
  });

  it("keeps the archive for half of the months that there were", () => {
    const { items } = of({ fromMs: toMs - 304 * dayMs, archiveBytes: 2_000_000_000 });
    expect(items.find(({ unit }) => unit === "R2 GB-months")).toMatchObject({
      units: 10,
      dollars: 0.15,
    });
  });

  it("is dearest first, and comes to the same by part and by cause", () => {
    const n = fc.nat({ max: 10 * million });
    const counts = fc.record({
      fromMs: fc.option(fc.integer({ min: toMs - 3_000 * dayMs, max: toMs })),
      ...{
        ledgers: n,
        facts: n,
        sampleStatements: n,
        calls: n,
        bareDeliveries: n,
        archiveBytes: n,
      },
    });
    fc.assert(
      fc.property(counts, (over) => {
        const { items, causes, dollars } = of(over);
        const sum = (each: readonly { readonly dollars: number }[]) =>
          each.reduce((all, one) => all + one.dollars, 0);
        expect(sum(items)).toBeCloseTo(dollars, near);
        expect(sum(causes)).toBeCloseTo(dollars, 3);
        expect(items.map((item) => item.dollars)).toEqual(
          items.map((item) => item.dollars).sort((a, b) => b - a),
        );
        expect(new Set(items.map(({ part, unit }) => `${part} ${unit}`)).size).toBe(items.length);
      }),
    );
  });

  it("never falls when more of anything was counted", () => {
    const names = ["ledgers", "facts", "sampleStatements", "calls", "bareDeliveries"] as const;
    const before = { fromMs: toMs - 9 * dayMs, ...{ ledgers: 7, facts: 7, calls: 7 } };
    for (const name of names) {
      const after = { ...before, [name]: (nothing[name] + 7) * 1_000 };
      expect(of(after).dollars, name).toBeGreaterThan(of(before).dollars);
    }
  });

  it("names what is not in it, and who could not be asked", () => {
    const said = of({ silent: ["The gate of Garmin"] }).notCounted;
    expect(said.join(" ")).toMatch(
      /Polls .* \$0\.31\. Large streams: .* \$21\.\d\d, not \$12\.\d\d/,
    );
    expect(said.at(-1)).toBe("The gate of Garmin: could not be asked just now.");
    expect(of({}).notCounted).toHaveLength(said.length - 1);
  });
});
