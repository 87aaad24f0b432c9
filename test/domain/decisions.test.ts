import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { clearedFacts, pairKey, pairsOf, rulings } from "../../domain/decisions.ts";
import type { Decision } from "../../domain/stream.ts";
import { decide } from "./workouts/facts.ts";

const join = (revision: number, ...ids: string[]) =>
  decide("join", [ids], { id: `j${revision}`, revision });
const split = (revision: number, ...sides: string[][]) =>
  decide("split", sides, { id: `s${revision}`, revision });
const said = (...decisions: Decision[]) =>
  Object.fromEntries([...rulings(decisions)].map(([key, r]) => [key, r.verdict]));

describe("a decision", () => {
  test("to join speaks of every pair of the facts it names, on whichever side", () => {
    expect(said(join(1, "a", "b", "c"))).toEqual({ "a b": "join", "a c": "join", "b c": "join" });
    const sides = decide("join", [["a"], ["b", "c"]]);
    expect(Object.keys(said(sides))).toHaveLength(3);
  });

  test("to split speaks of the pairs across its sides only", () => {
    expect(said(split(1, ["a", "b"], ["c"], ["d"]))).toEqual({
      "a c": "split",
      "b c": "split",
      "a d": "split",
      "b d": "split",
      "c d": "split",
    });
  });

  test("to clear speaks of no pair, and lifts what rests on the facts it names", () => {
    const clear = decide("clear", [["a"], ["b"]]);
    expect(said(clear)).toEqual({});
    expect([...clearedFacts([clear, join(1, "c", "d"), split(2, ["e"], ["f"])])]).toEqual([
      ["a", 1],
      ["b", 1],
    ]);
  });
});

describe("of two decisions on a pair", () => {
  test("the later one stands, in whatever order they are read", () => {
    const [first, second] = [join(1, "a", "b"), split(2, ["b"], ["a"])];
    expect(said(first, second)).toEqual({ "a b": "split" });
    expect(said(second, first)).toEqual({ "a b": "split" });
    expect(said(join(3, "a", "b"), second)).toEqual({ "a b": "join" });
  });

  test("the later one stands for the pairs it names, the earlier for its others", () => {
    expect(said(join(1, "a", "b", "c"), split(2, ["a"], ["b"]))).toEqual({
      "a b": "split",
      "a c": "join",
      "b c": "join",
    });
  });

  test("made in the same millisecond one stands by its identity", () => {
    const pair = [
      decide("join", [["a", "b"]], { id: "x" }),
      decide("split", [["a"], ["b"]], { id: "y" }),
    ];
    expect(said(...pair)).toEqual({ "a b": "split" });
    expect(said(...pair.reverse())).toEqual({ "a b": "split" });
  });

  test("the earlier one stands again when the later is taken back", () => {
    const [first, second] = [split(1, ["a"], ["b"]), join(2, "a", "b")];
    expect(said(first, second)).toEqual({ "a b": "join" });
    expect(said(first)).toEqual({ "a b": "split" });
    expect(said()).toEqual({});
  });

  test("any order gives the same rulings in the same order, each with its decision", () => {
    const some = fc.array(
      fc.tuple(
        fc.constantFrom("join", "split", "clear"),
        fc.shuffledSubarray([..."abcde"], { minLength: 2 }),
        fc.nat(4),
      ),
      { maxLength: 6 },
    );
    const shuffled = some.chain((drawn) => {
      const decisions = drawn.map(([kind, ids, revision], i) =>
        decide(
          kind as Decision["decision"],
          kind === "join" ? [ids] : [ids.slice(0, 1), ids.slice(1)],
          { id: `d${i}`, revision },
        ),
      );
      return fc.tuple(
        fc.constant(decisions),
        fc.shuffledSubarray(decisions, { minLength: decisions.length }),
      );
    });
    fc.assert(
      fc.property(shuffled, ([decisions, again]) => {
        expect(JSON.stringify([...rulings(again)])).toBe(JSON.stringify([...rulings(decisions)]));
        for (const [key, { a, b, decision }] of rulings(decisions)) {
          const by = decisions.find((d) => d.id === decision);
          expect(key).toBe(pairKey(a, b));
          const speaking = decisions.filter(
            (d) => d.decision !== "clear" && said(d)[key] !== undefined,
          );
          expect(by?.revision).toBe(Math.max(...speaking.map((d) => d.revision)));
        }
      }),
    );
  });
});

describe("a pair", () => {
  test("has one name, whichever is named first", () => {
    expect(pairKey("b", "a")).toBe(pairKey("a", "b"));
    expect(pairKey("a", "b")).not.toBe(pairKey("a", "c"));
  });

  test("is formed of every two of a list, once", () => {
    expect(pairsOf(["a", "b", "c"])).toEqual([
      ["a", "b"],
      ["a", "c"],
      ["b", "c"],
    ]);
    expect(pairsOf(["a"])).toEqual([]);
  });
});
