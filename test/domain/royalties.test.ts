/**
 * Royalties as a pure function: what is shared out comes to the pool, whoever is paid is paid in
 * proportion, and the same totals give the same bytes in any order.
 */
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { nameKey } from "../../domain/listens/names.ts";
import { decimalOf } from "../../domain/royalties/currencies.ts";
import { type RoyaltyRules, royaltyRules, statementVersion } from "../../domain/royalties/rules.ts";
import {
  type MonthTotal,
  type RoyaltyStatement,
  royalty,
  statementText,
  trackOf,
} from "../../domain/royalties/statement.ts";
import { totalKey } from "../../domain/total-key.ts";

const period = "2026-03";
const rulesOf = (minimum: number, weights: Record<string, number> = {}): RoyaltyRules => ({
  version: 7,
  history: [{ from: "0001-01", minimum, weights }],
});
const euro = (amountMinor: number) => ({ currency: "EUR", amountMinor });

/** The month alone, unless more is said of a track. */
function looked(month: readonly MonthTotal[], before: Readonly<Record<string, number>> = {}) {
  const all = new Map(Object.entries(before));
  for (const { key, qualified } of month)
    all.set(trackOf(key), (all.get(trackOf(key)) ?? 0) + qualified);
  return all;
}
const totalsOf = (month: readonly MonthTotal[], before?: Readonly<Record<string, number>>) => ({
  ...{ period, rules: 1, month, looked: looked(month, before) },
});
const key = (artist: string, track: string, territory: string) =>
  totalKey([artist, track, territory]);
const one = (of: string, qualified: number, listens = qualified): MonthTotal => ({
  ...{ key: of, listens, qualified },
});

const months = fc
  .uniqueArray(
    fc.record({
      artist: fc.constantFrom("a", "b", "c", "é"),
      track: fc.constantFrom("x", "y", "z", "x y"),
      territory: fc.constantFrom("NL", "DE", "ZZ"),
      qualified: fc.integer({ min: 0, max: 5_000_000 }),
      more: fc.integer({ min: 0, max: 1000 }),
    }),
    { maxLength: 40, selector: (r) => key(r.artist, r.track, r.territory) },
  )
  .map((rows) =>
    rows.map((r) => one(key(r.artist, r.track, r.territory), r.qualified, r.qualified + r.more)),
  );
const pools = fc.integer({ min: 0, max: 1_000_000_000_000_000 });
const ruleSets = fc
  .record({
    minimum: fc.integer({ min: 0, max: 3_000_000 }),
    nl: fc.integer({ min: 0, max: 300 }),
  })
  .map(({ minimum, nl }) => rulesOf(minimum, { NL: nl }));

const sumOf = (statement: RoyaltyStatement, of: (l: RoyaltyStatement["lines"][number]) => number) =>
  statement.lines.reduce((all, line) => all + of(line), 0);

describe("a statement of royalties", () => {
  test("comes to its pool exactly, or to nothing where nobody is to be paid", () => {
    fc.assert(
      fc.property(months, ruleSets, pools, (month, rules, pool) => {
        const made = royalty(totalsOf(month), rules, euro(pool));
        const paid = sumOf(made, (l) => l.amountMinor);
        expect(paid).toBe(made.lines.some((l) => l.eligible) ? pool : 0);
        expect([made.paidMinor, made.unpaidMinor]).toEqual([paid, pool - paid]);
        for (const l of made.lines) {
          expect(Number.isSafeInteger(l.amountMinor) && l.amountMinor >= 0).toBe(true);
          if (!l.eligible) expect(l.amountMinor).toBe(0);
        }
      }),
    );
  });

  test("is the same bytes whatever the order of its totals, and whenever it is made again", () => {
    const shuffled = months.chain((month) =>
      fc.tuple(
        fc.constant(month),
        fc.shuffledSubarray(month, { minLength: month.length, maxLength: month.length }),
      ),
    );
    fc.assert(
      fc.property(shuffled, ruleSets, pools, ([month, again], rules, pool) => {
        const made = statementText(royalty(totalsOf(month), rules, euro(pool)));
        expect(statementText(royalty(totalsOf(again), rules, euro(pool)))).toBe(made);
      }),
    );
  });

  test("pays every line its exact share, less than one unit away", () => {
    fc.assert(
      fc.property(months, pools, (month, pool) => {
        const made = royalty(totalsOf(month), rulesOf(0), euro(pool));
        const all = BigInt(made.qualified);
        for (const l of made.lines) {
          const exact = BigInt(pool) * BigInt(l.qualified);
          const off = BigInt(l.amountMinor) * all - exact;
          if (all > 0n) expect(off < all && -off < all).toBe(true);
        }
      }),
    );
  });

  test("pays no line less than one with fewer listens of its territory", () => {
    fc.assert(
      fc.property(months, ruleSets, pools, (month, rules, pool) => {
        const paid = royalty(totalsOf(month), rules, euro(pool)).lines.filter((l) => l.eligible);
        for (const a of paid)
          for (const b of paid)
            if (a.territory === b.territory && a.qualified > b.qualified)
              expect(a.amountMinor).toBeGreaterThanOrEqual(b.amountMinor);
      }),
    );
  });

  it("gives what does not come out even to the largest remainders, of equals to the first", () => {
    const month = [
      one(key("b", "x", "NL"), 1),
      one(key("a", "x", "NL"), 1),
      one(key("c", "x", "NL"), 1),
    ];
    const made = royalty(totalsOf(month), rulesOf(0), euro(200));
    expect(made.lines.map((l) => [l.artistKey, l.amountMinor])).toEqual([
      ["a", 67],
      ["b", 67],
      ["c", 66],
    ]);
  });

  it("counts a track's year over all territories, and pays none that stays below the minimum", () => {
    const month = [
      one(key("a", "old", "NL"), 10, 12),
      one(key("a", "new", "NL"), 500),
      one(key("a", "new", "DE"), 499),
      one(key("b", "hit", "DE"), 1000),
      one(key("c", "skipped", "DE"), 0, 9),
    ];
    const made = royalty(
      totalsOf(month, { [trackOf(key("a", "old", "NL"))]: 990 }),
      rulesOf(1000),
      euro(1010),
    );
    expect(
      made.lines.map((l) => [l.trackKey, l.territory, l.looked, l.why, l.amountMinor]),
    ).toEqual([
      ["new", "DE", 999, "below-minimum", 0],
      ["new", "NL", 999, "below-minimum", 0],
      ["old", "NL", 1000, "paid", 10],
      ["hit", "DE", 1000, "paid", 1000],
      ["skipped", "DE", 0, "none-qualified", 0],
    ]);
    expect(made).toMatchObject({ listens: 2020, qualified: 2009, eligible: 1010 });
  });

  it("weighs territories where its rule does", () => {
    const month = [
      one(key("a", "x", "NL"), 10),
      one(key("a", "x", "DE"), 10),
      one(key("a", "x", "ZZ"), 10),
    ];
    const made = royalty(totalsOf(month), rulesOf(0, { NL: 300, ZZ: 0 }), euro(400));
    expect(made.lines.map((l) => [l.territory, l.why, l.amountMinor])).toEqual([
      ["DE", "paid", 100],
      ["NL", "paid", 300],
      ["ZZ", "weighs-nothing", 0],
    ]);
  });

  it("says by which rules its listens were counted and paid", () => {
    const made = royalty({ ...totalsOf([]), rules: 3 }, rulesOf(0), euro(5));
    expect(made).toMatchObject({
      version: statementVersion(3, 7),
      countingRules: 3,
      payingRules: 7,
    });
    expect(made).toMatchObject({ unpaidMinor: 5, lines: [] });
  });
});

describe("the rules of paying", () => {
  it("ask for a thousand listens of a year from April 2024 on, and for none before", () => {
    const month = [one(key("a", "x", "NL"), 999)];
    const paid = (of: string) =>
      royalty({ ...totalsOf(month), period: of }, royaltyRules, euro(100)).paidMinor;
    expect([paid("2024-03"), paid("2024-04")]).toEqual([100, 0]);
  });
});

describe("names in a key", () => {
  test("are three again, whatever somebody calls a track", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (artist, track) => {
        const names = [nameKey(artist), nameKey(track)];
        const [line] = royalty(
          totalsOf([one(totalKey([...names, "NL"]), 1)]),
          rulesOf(0),
          euro(1),
        ).lines;
        expect([line?.artistKey, line?.trackKey, line?.territory]).toEqual([...names, "NL"]);
      }),
    );
    expect(nameKey("the artist\u001fa song")).toBe("the artist a song");
  });
});

describe("an amount in words", () => {
  it.each([
    [0, "EUR", "0.00"],
    [5, "EUR", "0.05"],
    [123_456, "USD", "1234.56"],
    [123_456, "JPY", "123456"],
    [7, "KWD", "0.007"],
    [123_456, "CLF", "12.3456"],
  ])("has as many digits as its currency: %d %s", (minor, currency, text) => {
    expect(decimalOf(minor, currency)).toBe(text);
  });
});
