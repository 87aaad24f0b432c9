import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { isRetraction } from "../../domain/stream.ts";
import { type Held, weigh } from "../../kernel/statement.ts";
import { workout } from "../domain/workouts/facts.ts";
import { deliveries, editedDeliveries, lastWord, retracts } from "./statements.ts";

const create = (revision: number, distanceMm = 1): OpenFact => workout({ revision, distanceMm });
const edition = (n: number): OpenFact => ({ ...create(1), edition: n });
const holding = (statement: OpenStatement): Held => ({
  revision: statement.revision,
  fact: isRetraction(statement) ? null : statement,
  days: [],
});
const outlasting = (held: Held | null, statement: OpenStatement): Held | null =>
  weigh(held, statement).wins ? holding(statement) : held;

describe("the winner of one identity's statements", () => {
  test("is the same in any order and after any repetition", () => {
    fc.assert(
      fc.property(deliveries, ({ history, batches }) => {
        const held = new Map<string, Held | null>();
        for (const s of batches.flat()) held.set(s.id, outlasting(held.get(s.id) ?? null, s));
        for (const [id, last] of lastWord(history)) expect(held.get(id)).toEqual(holding(last));
      }),
      { numRuns: 1000 },
    );
  });

  test("is the same in any order when it was read by several editions", () => {
    fc.assert(
      fc.property(editedDeliveries, ({ history, batches }) => {
        const held = new Map<string, Held | null>();
        for (const s of batches.flat()) held.set(s.id, outlasting(held.get(s.id) ?? null, s));
        for (const [id, last] of lastWord(history)) expect(held.get(id)).toEqual(holding(last));
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    ["a first create", null, create(1), true, "new"],
    ["a retraction of something unknown", null, retracts("a", 1), true, "retracted"],
    ["a later revision", create(1), create(2), true, "corrected"],
    ["an earlier revision", create(2), create(1), false, "older"],
    ["the same statement again", create(1), create(1), false, "duplicate"],
    ["a retraction of the same revision", create(1), retracts("a", 1), true, "retracted"],
    ["an older retraction", create(2), retracts("a", 1), false, "older"],
    ["a create no greater than its retraction", retracts("a", 2), create(2), false, "gone"],
    ["an older create after its retraction", retracts("a", 2), create(1), false, "gone"],
    ["a greater create after its retraction", retracts("a", 2), create(3), true, "new"],
    ["the same by a later edition", create(1), edition(2), true, "corrected"],
    ["the same by an earlier edition", edition(3), edition(2), false, "older"],
    ["the first edition after a later one", edition(2), create(1), false, "older"],
    ["the same by the same edition", edition(2), edition(2), false, "duplicate"],
    ["a later revision by an earlier edition", edition(2), create(2), true, "corrected"],
    ["a later edition of what is retracted", retracts("a", 1), edition(2), false, "gone"],
    ["a retraction of a later edition", edition(2), retracts("a", 1), true, "retracted"],
    ["the same retraction again", retracts("a", 2), retracts("a", 2), false, "duplicate"],
  ])("%s", (_name, before, statement, wins, outcome) => {
    expect(weigh(before && holding(before), statement)).toEqual({ wins, outcome });
  });

  test("never changes what is held by what does not win", () => {
    fc.assert(
      fc.property(deliveries, ({ batches }) => {
        let held: Held | null = null;
        for (const s of batches.flat().filter((each) => each.id === "a")) {
          const { wins, outcome } = weigh(held, s);
          expect(wins).toBe(["new", "corrected", "retracted"].includes(outcome));
          held = outlasting(held, s);
        }
      }),
    );
  });
});
