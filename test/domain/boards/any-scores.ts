/** What a board may be handed at worst: texts of every kind, and whole rows of them. */
import fc from "fast-check";
import type { Numbers, ScoreRow } from "../../../domain/board-ports.ts";

/** Lone halves of surrogate pairs, what objects have by nature, and nothing at all included. */
export const anyText: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom("", "a", "b", "all", "é", "ê", "\u{1f6b4}", "\ud800", "\uffff", "\u0000"),
  fc.constantFrom("__proto__", "constructor", "toString", "hasOwnProperty", "0", "10", "9"),
  fc
    .array(fc.integer({ min: 0, max: 0xffff }), { maxLength: 6 })
    .map((units) => String.fromCharCode(...units)),
  fc.string({ minLength: 60, maxLength: 300 }),
);

/** -0 is kept as 0. */
const anyNumber = fc
  .oneof(
    fc.integer(),
    fc.maxSafeInteger(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.constantFrom(2 ** 52, -(2 ** 52), 2 ** 52 - 1, 2 ** 53, Number.MAX_VALUE, 1.76e12),
  )
  .map((n) => n + 0);

/** From entries: a key may be any text. */
const recordOf = <T>(values: fc.Arbitrary<T>, max: number): fc.Arbitrary<Record<string, T>> =>
  fc
    .uniqueArray(fc.tuple(anyText, values), { selector: ([key]) => key, maxLength: max })
    .map((entries) => Object.fromEntries(entries));

const anyNumbers: fc.Arbitrary<Numbers> = recordOf(fc.array(anyNumber, { maxLength: 5 }), 4);
const anyPeriods = recordOf(anyNumbers, 4);

export const anyContent: fc.Arbitrary<Pick<ScoreRow, "periods" | "unshown">> = fc.record({
  periods: anyPeriods,
  unshown: anyPeriods,
});

/** As it comes back: a period that holds nothing is none. */
export const held = (periods: ScoreRow["periods"]): ScoreRow["periods"] =>
  Object.fromEntries(Object.entries(periods).filter(([, n]) => Object.keys(n).length > 0));
