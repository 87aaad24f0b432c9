/** Sales beside settlement rows: each thing in one line, each line explained, sums that add up. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type Own,
  reconcile,
  type Settled,
  settledKinds,
  sumsOf,
} from "../../domain/finance/reconcile.ts";

const day = "2026-11-14";
const sale = (
  id: string,
  amountMinor: number,
  references = [id],
  more: Partial<Own> = {},
): Own => ({
  ...{ id, kind: "sale", references, currency: "EUR", amountMinor, day },
  ...more,
});
let line = 0;
const row = (
  kind: Settled["kind"],
  reference: string | null,
  amountMinor: number,
  more: Partial<Settled> = {},
): Settled => ({
  ...{ file: "f", line: ++line, kind, currency: "EUR", amountMinor, feeMinor: 0, day },
  references: reference === null ? [] : [reference],
  ...more,
});

describe("a line of a reconciliation", () => {
  const judged: readonly (readonly [string, Own[], Settled[], string, string, number])[] = [
    ["one of each", [sale("a", 500)], [row("charge", "a", 500)], "matched", "equal", 0],
    [
      "captured in two parts",
      [sale("a", 500)],
      [row("charge", "a", 300), row("charge", "a", 200)],
      "matched",
      "in-parts",
      0,
    ],
    [
      "refunded on both sides",
      [sale("a", 300)],
      [row("charge", "a", 500), row("refund", "a", -200)],
      "matched",
      "in-parts",
      0,
    ],
    [
      "captured in part only",
      [sale("a", 500)],
      [row("charge", "a", 300)],
      "amount-differs",
      "less-there",
      200,
    ],
    [
      "charged more",
      [sale("a", 500)],
      [row("charge", "a", 501)],
      "amount-differs",
      "more-there",
      -1,
    ],
    [
      "charged twice",
      [sale("a", 500)],
      [row("charge", "a", 500), row("charge", "a", 500)],
      "amount-differs",
      "charged-again",
      -500,
    ],
    [
      "refunded there, and not here",
      [sale("a", 500)],
      [row("charge", "a", 500), row("refund", "a", -500)],
      "amount-differs",
      "refunded-there",
      500,
    ],
    [
      "disputed",
      [sale("a", 500)],
      [row("charge", "a", 500), row("dispute", "a", -500)],
      "amount-differs",
      "disputed",
      500,
    ],
    ["never settled", [sale("a", 500)], [], "only-ours", "no-row", 500],
    ["cancelled here, never settled", [sale("a", 0)], [], "matched", "nothing-due", 0],
    ["never sold", [], [row("charge", "a", 500)], "only-theirs", "no-sale", -500],
    ["of nobody knows what", [], [row("charge", null, 500)], "only-theirs", "no-reference", -500],
    ["a fee", [], [row("fee", "a", -30)], "fee", "gateway-fee", 30],
    ["a payout", [], [row("payout", null, -470)], "transfer", "gateway-transfer", 470],
    [
      "told by a gateway's notice alone",
      [sale("p", 500, ["a"], { kind: "payment" })],
      [row("charge", "a", 500)],
      "matched",
      "equal",
      0,
    ],
    [
      "whose payment leads from one name to another",
      [sale("o", 500, ["order"]), sale("p", 500, ["order", "psp"], { kind: "payment" })],
      [row("charge", "psp", 500)],
      "matched",
      "equal",
      0,
    ],
  ];
  test.each(judged)("%s", (_, ours, theirs, outcome, why, differenceMinor) => {
    expect(reconcile(ours, theirs)).toEqual([
      expect.objectContaining({ outcome, why, differenceMinor }),
    ]);
  });

  test("is of one currency: what was settled in another is another line", () => {
    const lines = reconcile([sale("a", 500)], [row("charge", "a", 500, { currency: "USD" })]);
    expect(lines.map(({ currency, outcome }) => [currency, outcome]).sort()).toEqual([
      ["EUR", "only-ours"],
      ["USD", "only-theirs"],
    ]);
  });

  test("stands on the earliest day of its sales and rows", () => {
    const late = row("charge", "a", 500, { day: "2026-12-02" });
    expect(reconcile([sale("a", 500)], [late])[0]?.day).toBe(day);
  });
});

const name = fc.constantFrom("a", "b", "c", "d", "e", "f");
const currency = fc.constantFrom("EUR", "USD");
const amount = fc.integer({ min: -5_000, max: 5_000 });
const onDay = fc.constantFrom("2026-11-13", "2026-11-14", "2026-11-15");
const someSales: fc.Arbitrary<Own[]> = fc.uniqueArray(
  fc.record({
    id: fc.string({ minLength: 1, maxLength: 6 }),
    kind: fc.constantFrom("sale", "payment"),
    references: fc.array(name, { maxLength: 3 }),
    ...{ currency, amountMinor: amount, day: onDay },
  }),
  { selector: ({ id }) => id, maxLength: 12 },
);
const someRows: fc.Arbitrary<Settled[]> = fc.uniqueArray(
  fc.record({
    file: fc.constantFrom("one.csv", "two.csv"),
    line: fc.integer({ min: 1, max: 40 }),
    kind: fc.constantFrom(...settledKinds),
    references: fc.array(name, { maxLength: 2 }),
    ...{ currency, amountMinor: amount, feeMinor: amount, day: onDay },
  }),
  { selector: ({ file, line: nth }) => `${file}:${nth}`, maxLength: 20 },
);

describe("a reconciliation", () => {
  test("has every sale, notice and row in exactly one line, under one id each", () => {
    fc.assert(
      fc.property(someSales, someRows, (ours, theirs) => {
        const lines = reconcile(ours, theirs);
        const owned = lines.flatMap(({ sales, payments }) => [...sales, ...payments]);
        expect(owned.sort()).toEqual(ours.map(({ id }) => id).sort());
        const rows = lines.flatMap((l) => l.rows.map((r) => `${r.file}:${r.line}`));
        expect(rows.sort()).toEqual(theirs.map((r) => `${r.file}:${r.line}`).sort());
        expect(new Set(lines.map(({ id }) => id)).size).toBe(lines.length);
      }),
    );
  });

  test("adds up: differences are ours less theirs, by currency, and nothing is lost or doubled", () => {
    fc.assert(
      fc.property(someSales, someRows, (ours, theirs) => {
        const lines = reconcile(ours, theirs);
        const total = (of: readonly { readonly amountMinor: number }[]) =>
          of.reduce((all, { amountMinor }) => all + amountMinor, 0);
        const withSale = new Set(
          lines.filter(({ sales }) => sales.length > 0).flatMap(({ payments }) => payments),
        );
        for (const sums of sumsOf(lines)) {
          const isOf = (of: { readonly currency: string }) => of.currency === sums.currency;
          const due = total(ours.filter((o) => isOf(o) && !withSale.has(o.id)));
          const settled = total(theirs.filter(isOf));
          expect(sums).toMatchObject({
            ...{ oursMinor: due, theirsMinor: settled, differenceMinor: due - settled },
            feeMinor: theirs.filter(isOf).reduce((all, { feeMinor }) => all + feeMinor, 0),
          });
          const parts = Object.values(sums.outcomes);
          expect(parts.reduce((n, part) => n + part.differenceMinor, 0)).toBe(due - settled);
        }
        const shown = lines.reduce((n, l) => n + l.differenceMinor, 0);
        expect(sumsOf(lines).reduce((n, s) => n + s.differenceMinor, 0)).toBe(shown);
      }),
    );
  });

  test("is the same whatever the order of sales and rows", () => {
    fc.assert(
      fc.property(someSales, someRows, fc.infiniteStream(fc.nat()), (ours, theirs, chance) => {
        const shuffled = <T>(items: readonly T[]) =>
          items
            .map((item) => [Number(chance.next().value), item] as const)
            .sort(([a], [b]) => a - b)
            .map(([, item]) => item);
        expect(reconcile(shuffled(ours), shuffled(theirs))).toEqual(reconcile(ours, theirs));
      }),
    );
  });

  test("calls matched only what came to the same", () => {
    fc.assert(
      fc.property(someSales, someRows, (ours, theirs) => {
        for (const { outcome, differenceMinor } of reconcile(ours, theirs))
          if (outcome === "matched") expect(differenceMinor).toBe(0);
          else if (outcome === "amount-differs") expect(differenceMinor).not.toBe(0);
      }),
    );
  });
});
