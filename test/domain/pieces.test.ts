import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import { blockOf, pieces, type Ties } from "../../domain/pieces.ts";
import type { Fact } from "../../domain/stream.ts";

interface Stretch extends Fact {
  readonly lastsMs: number;
  /** Bears on what has the same mark, however far within `nearMs`. */
  readonly mark?: string;
}

const reachMs = 1000;
const nearMs = 100;
const stretch = (id: string, at: number, lastsMs: number, mark?: string): Stretch => ({
  ...{ id: id as FactId, revision: 1, at, lastsMs },
  ...(mark === undefined ? {} : { mark }),
});
const endOf = (f: Stretch) => f.at + f.lastsMs;
const bearing = {
  reachMs,
  span: (f: Stretch) => ({ fromMs: f.at, toMs: endOf(f) }),
  bears: (a: Stretch, b: Stretch) =>
    Math.max(a.at, b.at) <= Math.min(endOf(a), endOf(b)) ||
    (a.mark !== undefined && a.mark === b.mark),
};
const cut = (facts: readonly Stretch[], ties: Ties = []) => pieces(facts, bearing, nearMs, ties);
const names = (found: readonly (readonly Stretch[])[]) =>
  found.map((piece) => piece.map((f) => f.id).join(""));
const blocks = (f: Stretch) => blockOf(f, reachMs);

describe("facts decide together", () => {
  test("when they bear on each other, directly or through others", () => {
    const chain = [stretch("a", 0, 10), stretch("b", 10, 10), stretch("c", 20, 10)];
    expect(names(cut([...chain, stretch("d", 31, 10)]))).toEqual(["abc", "d"]);
  });

  test("when they bear on each other from afar, but no further than they may", () => {
    const pair = (gapMs: number) => [
      stretch("a", 0, 10, "same"),
      stretch("b", 10 + gapMs, 10, "same"),
    ];
    expect(names(cut(pair(nearMs)))).toEqual(["ab"]);
    expect(names(cut(pair(nearMs + 1)))).toEqual(["a", "b"]);
  });

  test("when they are tied, and a tie to what is not there ties nothing", () => {
    const three = [stretch("a", 0, 10), stretch("b", 300, 10), stretch("c", 600, 10)];
    expect(names(cut(three, [["c", "a"]]))).toEqual(["ac", "b"]);
    expect(names(cut(three, [["a", "zz"]]))).toEqual(["a", "b", "c"]);
  });

  test("but not when they are tied from further away than the reach, and that cuts nothing else", () => {
    const near = [stretch("a", 995, 10), stretch("b", 1003, 10)];
    const far = stretch("c", 5000, 10);
    expect(names(cut([...near, far], [["a", "c"]]))).toEqual(["ab", "c"]);
    expect(names(cut([...near, stretch("c", 1985, 10)], [["a", "c"]]))).toEqual(["abc"]);
    expect(names(cut([...near, stretch("c", 1986, 10)], [["a", "c"]]))).toEqual(["ab", "c"]);
  });

  test("also when one of them was over long before the other began, in a third that lasts", () => {
    const facts = [stretch("a", 0, 500), stretch("b", 10, 10), stretch("c", 400, 10)];
    expect(names(cut(facts))).toEqual(["abc"]);
  });
});

describe("a chain longer than the reach", () => {
  const chain = (n: number, from = 0) =>
    Array.from({ length: n }, (_, i) =>
      stretch(`f${String(i).padStart(3, "0")}`, from + i * 100, 110),
    );

  test("is left whole up to the reach exactly, and cut where blocks begin beyond it", () => {
    const [a, b] = [stretch("a", 900, 600), stretch("b", 1400, 500)];
    expect(names(cut([a, b]))).toEqual(["ab"]);
    expect(names(cut([a, { ...b, lastsMs: 501 }]))).toEqual(["a", "b"]);
  });

  test("is cut by the block that each fact begins in", () => {
    const found = cut(chain(40, 950));
    expect(found).toHaveLength(5);
    for (const piece of found) expect(new Set(piece.map(blocks)).size).toBe(1);
  });

  test("is cut further where only what begins in another block held it together", () => {
    const long = [stretch("x", 900, 800), stretch("y", 1650, 900), stretch("a", 1100, 10)];
    expect(names(cut(long))).toEqual(["x", "a", "y"]);
  });
});

const worlds = fc
  .tuple(
    fc.array(
      fc.tuple(fc.integer({ min: 0, max: 160 }), fc.integer({ min: 1, max: 40 }), fc.nat(9)),
      {
        maxLength: 40,
      },
    ),
    fc.array(fc.tuple(fc.nat(39), fc.nat(39)), { maxLength: 4 }),
  )
  .map(([drawn, tied]) => ({
    facts: drawn.map(([at, lasts, mark], i) =>
      stretch(`f${i}`, at * 50, lasts * 20, mark < 2 ? `m${mark}` : undefined),
    ),
    ties: tied.map(([a, b]): [string, string] => [`f${a}`, `f${b}`]),
  }));

describe("any set of facts", () => {
  test("falls into the same sorted pieces in any order and said twice, each fact in one", () => {
    const told = worlds.chain((world) =>
      fc.tuple(
        fc.constant(world),
        fc.shuffledSubarray([...world.facts, ...world.facts], {
          minLength: world.facts.length * 2,
        }),
      ),
    );
    fc.assert(
      fc.property(told, ([{ facts, ties }, again]) => {
        const found = cut(facts, ties);
        expect(names(cut(again, ties))).toEqual(names(found));
        expect(
          found
            .flat()
            .map((f) => f.id)
            .sort(),
        ).toEqual(facts.map((f) => f.id).sort());
        for (const piece of found)
          expect(piece).toEqual([...piece].sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1)));
      }),
      { numRuns: 300 },
    );
  });

  test("splits no two that bear on each other, but where a block begins in a long chain", () => {
    fc.assert(
      fc.property(worlds, ({ facts, ties }) => {
        const found = cut(facts, ties);
        const pieceOf = (f: Stretch) => found.find((piece) => piece.includes(f));
        for (const a of facts)
          for (const b of facts) {
            const near = Math.max(a.at, b.at) <= Math.min(endOf(a), endOf(b)) + nearMs;
            if (near && bearing.bears(a, b) && blocks(a) === blocks(b))
              expect(pieceOf(a)).toBe(pieceOf(b));
          }
      }),
      { numRuns: 200 },
    );
  });

  test("resolved in part is what it is in whole: neighbouring windows agree", () => {
    const windows = worlds.chain((world) => {
      const endless = { ...bearing, reachMs: Number.POSITIVE_INFINITY };
      const chains = pieces(world.facts, endless, nearMs, world.ties);
      return fc.tuple(fc.constant(world), fc.shuffledSubarray(chains));
    });
    fc.assert(
      fc.property(windows, ([{ facts, ties }, some]) => {
        const apart = some.flatMap((chain) => names(cut(chain, ties)));
        expect(names(cut(some.flat(), ties)).sort()).toEqual(apart.sort());
        expect(names(cut(facts, ties))).toEqual(expect.arrayContaining(apart));
      }),
      { numRuns: 300 },
    );
  });
});

describe("a chain without end", () => {
  const blocksAround = 3;
  const endless = fc
    .array(fc.tuple(fc.integer({ min: 1, max: 120 }), fc.integer({ min: 0, max: 500 })), {
      minLength: 250,
      maxLength: 250,
    })
    .map((drawn) => {
      let at = 0;
      return drawn.map(([step, more], i) => {
        at += step;
        return stretch(`f${String(i).padStart(3, "0")}`, at, 125 + more);
      });
    });

  test("gives the same pieces from any part that is wide enough around them", () => {
    fc.assert(
      fc.property(endless, fc.nat(20), (facts, home) => {
        const whole = cut(facts);
        const part = facts.filter((f) => Math.abs(blocks(f) - home) <= blocksAround);
        const inner = (found: readonly Stretch[][]) =>
          names(found.filter((piece) => piece.every((f) => blocks(f) === home)));
        expect(inner(cut(part))).toEqual(inner(whole));
      }),
      { numRuns: 100 },
    );
  });
});
