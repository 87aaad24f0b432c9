import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Measure } from "../../../domain/stream.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import type { Concluded } from "../../../kernel/settle/concluded.ts";
import { partsOf } from "../../../kernel/settle/totals.ts";

const folds = ["sum", "min", "max", "latest"] as const;
const measures: Measure<number>[] = [...folds, "sum" as const].map((fold, i) => ({
  name: i < folds.length ? fold : "closed",
  open: i < folds.length,
  fold,
  of: (n: number) => [["all", n]] as const,
  sql: "",
}));
const stream = { ...workouts, measures } as unknown as typeof workouts;

describe("a partition's part of each total", () => {
  it("folds open measures alike in every order, and says when the last thing was", () => {
    const list = fc.uniqueArray(fc.record({ n: fc.integer(), at: fc.nat(3), id: fc.nat(99) }), {
      selector: ({ id }) => id,
      minLength: 1,
    });
    fc.assert(
      fc.property(list, (things) => {
        const concluded = things.map(
          ({ n, at, id }): Concluded => ({
            ...{ subject: "s", id: String(id).padStart(2, "0"), at },
            body: n,
          }),
        );
        const last = [...things].sort((a, b) => a.at - b.at || a.id - b.id).at(-1);
        const numbers = things.map(({ n }) => n);
        const part = (measure: (typeof folds)[number], n: number | undefined) => ({
          ...{ measure, fold: measure, key: "all", n },
          atMs: last?.at,
        });
        const expected = [
          part("latest", last?.n),
          part("max", Math.max(...numbers)),
          part("min", Math.min(...numbers)),
          part(
            "sum",
            numbers.reduce((a, b) => a + b, 0),
          ),
        ];
        expect(partsOf(stream, concluded)).toEqual(expected);
        expect(partsOf(stream, concluded.toReversed())).toEqual(expected);
      }),
    );
  });
});
