import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { minorMax } from "../../domain/sales/schema.ts";
import {
  comingTo,
  currencyOf,
  exponentOf,
  lineOf,
  minorOf,
  piecesOf,
  referencesOf,
  saleText,
  sumOf,
  takenBack,
  wholeMinorOf,
} from "../../providers/sale.ts";
import { hostile } from "./hostile.ts";

const currencies = ["EUR", "JPY", "KWD", "CLF", "USD", "ISK"];

describe("money", () => {
  it("is what was written, in the smallest unit, of any currency", () => {
    for (const [text, currency, minor] of [
      ["12.34", "EUR", 1_234],
      ["-12.34", "EUR", -1_234],
      ["12", "EUR", 1_200],
      ["12.3", "EUR", 1_230],
      [".5", "EUR", 50],
      ["+0.05", "USD", 5],
      ["12.3400", "EUR", 1_234],
      ["1000.00", "JPY", 1_000],
      ["1.234", "KWD", 1_234],
      ["0.0001", "CLF", 1],
      [195.67, "USD", 19_567],
      [0.1, "USD", 10],
      ["-0.00", "EUR", 0],
    ] as const)
      expect(minorOf(text, currency), `${text} ${currency}`).toBe(minor);
  });

  it("comes back as it went, whatever its size", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: -minorMax, max: minorMax }),
        fc.constantFrom(...currencies),
        (minor, currency) => {
          const exponent = exponentOf(currency);
          const digits = String(Math.abs(minor)).padStart(exponent + 1, "0");
          const whole = digits.slice(0, digits.length - exponent);
          const text = `${minor < 0 ? "-" : ""}${whole}${exponent === 0 ? "" : `.${digits.slice(-exponent)}`}`;
          expect(minorOf(text, currency)).toBe(minor);
          expect(minorOf(`${text}${exponent === 0 ? ".000" : "000"}`, currency)).toBe(minor);
        },
      ),
    );
  });

  it("is none when it is finer than its currency, of another form, or more than there is", () => {
    for (const odd of ["12.345", "1e3", "12,34", "1 000", "0x10", "", ".", "€5", "1.", "NaN"])
      expect(minorOf(odd, "EUR"), odd).toBeNull();
    expect(minorOf("0.5", "JPY")).toBeNull();
    expect(minorOf(1e21, "JPY")).toBeNull();
    expect(minorOf("10000000000.01", "EUR")).toBeNull();
    for (const odd of [null, true, [], {}, Number.NaN]) expect(minorOf(odd, "EUR")).toBeNull();
    for (const odd of [1.5, "5", 2 ** 53, minorMax + 1, null]) expect(wholeMinorOf(odd)).toBeNull();
    expect(Object.is(wholeMinorOf(-0), 0)).toBe(true);
  });

  it("never throws, whatever it is", () => {
    fc.assert(
      fc.property(fc.oneof(fc.anything(), hostile), (v) => {
        for (const read of [wholeMinorOf, saleText, piecesOf, currencyOf]) read(v);
        minorOf(v, "EUR");
        referencesOf([v]);
      }),
    );
  });
});

describe("names", () => {
  it("show what they are: nothing in them that totals are parted by", () => {
    expect(saleText("  Mill\u001fLane\u0000 \t 9 ")).toBe("Mill Lane 9");
    expect(saleText(9)).toBe("9");
    for (const none of ["", " ", "\u0007", "\u200b", null, 1.5, "x".repeat(201)])
      expect(saleText(none)).toBeNull();
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const name = saleText(text);
        if (name === null) return;
        expect(name).not.toMatch(/\p{C}/u);
        expect(saleText(name)).toBe(name);
      }),
    );
  });

  it("that a settlement file may use are listed once each, in their order", () => {
    expect(referencesOf(["R-1", null, "R-2", "R-1", 7, ""])).toEqual(["R-1", "R-2", "7"]);
    expect(referencesOf(Array.from({ length: 30 }, (_, i) => i))).toHaveLength(20);
  });
});

describe("lines", () => {
  const line = fc
    .tuple(fc.integer({ min: -1_000, max: 1_000 }), fc.integer({ min: -9, max: 9 }))
    .map(([amount, quantity]) => lineOf("item", amount, { sku: "A", quantity }));

  it("come to the stated total, by one line more at most", () => {
    fc.assert(
      fc.property(fc.array(line), fc.integer({ min: -5_000, max: 5_000 }), (lines, total) => {
        const all = comingTo(lines, total);
        expect(sumOf(all)).toBe(total);
        expect(all.slice(0, lines.length)).toEqual(lines);
        expect(all.length - lines.length).toBe(sumOf(lines) === total ? 0 : 1);
      }),
    );
  });

  it("taken back leave nothing, and no zero with a sign", () => {
    fc.assert(
      fc.property(fc.array(line), (lines) => {
        const back = takenBack(lines);
        expect(sumOf([...lines, ...back])).toBe(0);
        for (const { amountMinor, quantity } of back)
          expect([amountMinor, quantity].some((n) => Object.is(n, -0))).toBe(false);
      }),
    );
  });
});

it("pieces are whole; of what is weighed there is one", () => {
  expect(["2", 3, "0.42", -0.5, "-2", 0, "1.000"].map(piecesOf)).toEqual([2, 3, 1, -1, -2, 0, 1]);
  for (const odd of ["two", null, Number.NaN, 1e12, ""]) expect(piecesOf(odd)).toBeNull();
});
