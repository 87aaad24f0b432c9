/** What came of signatures that are only observed is summed up, in whatever parts it comes. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { count, emptyGate, observedOf } from "../../domain/gate.ts";
import { observedOutcomes } from "../../domain/ports.ts";

const none = { deliveries: 0, notices: 0, items: 0, refused: 0 };
const counts = fc.option(
  fc.record(
    Object.fromEntries(observedOutcomes.map((name) => [name, fc.integer({ min: 1, max: 9 })])),
    { requiredKeys: [] },
  ),
  { nil: undefined },
);

it("each outcome is the sum of what was said of it, and absent until something was", () => {
  fc.assert(
    fc.property(fc.array(counts), (said) => {
      const gate = said.reduce(
        (state, observed) => count(state, observed === undefined ? none : { ...none, observed }),
        emptyGate(0),
      );
      const sumOf = (name: string) => said.reduce((sum, each) => sum + (each?.[name] ?? 0), 0);
      for (const name of observedOutcomes)
        expect(gate.door.observed?.[name] ?? 0).toBe(sumOf(name));
      const isSaid = said.some((each) => each !== undefined);
      expect(gate.door.observed === undefined).toBe(!isSaid);
    }),
  );
});

it("a gate that knew of none before counts on", () => {
  expect(observedOf(undefined, undefined)).toEqual({});
  expect(observedOf({ matches: 2 }, undefined)).toEqual({ observed: { matches: 2 } });
  expect(observedOf({ matches: 2 }, { matches: 1, absent: 4 })).toEqual({
    observed: { matches: 3, absent: 4 },
  });
});
