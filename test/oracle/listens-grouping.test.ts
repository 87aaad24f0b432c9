/**
 * Which statements are one listen, attacked: sources whose clocks disagree as much as they may, one
 * track on repeat, accounts that know the minute only, chains without end, in any order.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { ListenFact } from "../../domain/listens/schema.ts";
import { listens } from "../../domain/listens/stream.ts";
import type { OpenStatement } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { chanceOf } from "./chance.ts";
import { listen, told } from "./listen-facts.ts";

const noon = Date.UTC(2026, 2, 14, 12);
const second = 1000;
const minute = 60 * second;
const day = 24 * 60 * minute;
const worldsOfShort = 2_000;

const resolved = (facts: readonly ListenFact[]) => listens.resolve?.of(facts, noSettings, []) ?? [];
const count = (facts: readonly ListenFact[]) => resolved(facts).length;
const groups = (facts: readonly ListenFact[]) =>
  resolved(facts).map(({ facts: of }) => [...of].sort().join("+"));

/** One source's statements of these plays, all by a clock that is so much off. */
const toldBy = (name: string, plays: readonly number[], offMs: number, more = {}) =>
  plays.map((at, n) =>
    listen({ id: `${name}${n}`, connection: name, at: at + Math.round(offMs), ...more }),
  );

/** As an account does that knows the minute of the end, and how long it was played. */
const byMinute = (plays: readonly number[], lengthMs: number, offMs: number) =>
  plays.map((at, n) => {
    const end = Math.floor((at + offMs + lengthMs) / minute) * minute;
    const playedMs = lengthMs - n;
    return listen({
      ...{ id: `minute${n}`, connection: "minute", provider: "spotify" },
      ...{ at: end - playedMs, playedMs, precisionMs: minute },
    });
  });

describe("one play", () => {
  it("that two sources tell is one listen, up to half a minute apart and no further", () => {
    const other = (at: number) => listen({ id: "b", connection: "two", at });
    const first = listen({ id: "a", at: noon });
    for (const apart of [-30_000, -1, 0, 1, 30_000])
      expect(count([first, other(noon + apart)])).toBe(1);
    for (const apart of [-33_000, 33_000, 60_000])
      expect(count([first, other(noon + apart)])).toBe(2);
  });

  it("that an account knows to the minute alone is the one that another knows to the second", () => {
    for (let s = 0; s < 60; s++) {
      const at = noon + s * second;
      const [exact] = toldBy("a", [at], 0);
      const [rough] = byMinute([at], 187_000, 0);
      expect(count([exact as ListenFact, rough as ListenFact]), `second ${s}`).toBe(1);
    }
  });

  it("counts at the time of the finest clock, whoever came first", () => {
    const [rough] = byMinute([noon + 41_000], 200_000, 0) as [ListenFact];
    const exact = listen({ id: "a", connection: "two", at: noon + 41_000 });
    for (const facts of [
      [rough, exact],
      [exact, rough],
    ])
      expect(resolved(facts)[0]).toMatchObject({ at: noon + 41_000, playedMs: 200_000 });
  });

  it("of one source is never two statements of it, nor of two tracks, nor of two spellings apart", () => {
    expect(count(toldBy("a", [noon, noon + second], 0))).toBe(2);
    const two = (track: string) => [
      listen({ id: "a", at: noon, track: "Engine" }),
      listen({ id: "b", connection: "two", at: noon, track }),
    ];
    expect(count(two("Engines"))).toBe(2);
    expect(count(two("  ENGINE "))).toBe(1);
  });

  it("of an account that was imported in both of its forms is one", () => {
    const exact = listen({ id: "a", connection: "minute", at: noon + 41_000 });
    expect(count([exact, ...byMinute([noon + 41_000], 200_000, 0)])).toBe(1);
  });
});

describe("one track on repeat", () => {
  const repeats = (n: number, everyMs: number) =>
    Array.from({ length: n }, (_, i) => noon + i * everyMs);

  it.each([20, 31, 35, 40, 61])("counts each time, %s s after each other, by two sources", (s) => {
    const plays = repeats(50, s * second);
    for (const off of [-30, -17, 0, 9, 30])
      expect(count([...toldBy("a", plays, 0), ...toldBy("b", plays, off * second)])).toBe(50);
  });

  it.each([31, 40, 75])("counts each time beside an account of minutes, %s s apart", (s) => {
    const plays = repeats(50, s * second);
    const all = [...toldBy("a", plays, 0), ...byMinute(plays, s * second, 4000)];
    expect(count(all)).toBe(50);
  });

  const some = (plays: readonly number[], which: readonly boolean[]) =>
    plays.filter((_, i) => which[i]);
  /** By one source that knows all of them, and three that know some; of clocks at most 30 s apart. */
  const toldBySome = (
    plays: readonly number[],
    [b, c, m]: readonly (readonly boolean[])[],
    [x, y, z]: readonly number[],
  ) => [
    // Neither the first nor the last by name.
    ...toldBy("bb", plays, 15_000),
    ...toldBy("b", some(plays, b ?? []), x ?? 0),
    ...toldBy("c", some(plays, c ?? []), y ?? 0),
    ...byMinute(some(plays, m ?? []), 30_000, z ?? 0),
  ];
  const playsBy = (apart: readonly number[]) => {
    let at = noon;
    return apart.map((s) => (at += s * second));
  };

  it("counts each play once that is long enough to count, whatever the other sources know", () => {
    const gaps = fc.array(fc.integer({ min: 31, max: 400 }), { minLength: 1, maxLength: 25 });
    const known = fc.array(fc.boolean(), { minLength: 25, maxLength: 25 });
    const off = fc.integer({ min: 0, max: 30_000 });
    fc.assert(
      fc.property(gaps, known, known, known, off, off, off, (apart, b, c, m, x, y, z) => {
        const plays = playsBy(apart);
        expect(count(toldBySome(plays, [b, c, m], [x, y, z]))).toBe(plays.length);
      }),
      { numRuns: 400 },
    );
  });

  it("takes what is as near to two by one source to the one that the others say", () => {
    const plays = playsBy([53, 224, 228, 31, 10]);
    const [last, fourth, third] = [
      [false, false, true, true, true],
      [false, false, false, true],
      [false, false, true],
    ];
    const facts = toldBySome(plays, [last, fourth, third], [20_501, 5001, 0]);
    expect(count(facts)).toBe(plays.length);
  });

  it("of less than half a minute counts hardly ever one more, and never one less", () => {
    const chance = chanceOf(7);
    let more = 0;
    for (let world = 0; world < worldsOfShort; world++) {
      const plays = playsBy(
        Array.from({ length: chance.whole(1, 25) }, () => chance.whole(10, chance.pick([40, 400]))),
      );
      const knows = [0, 1, 2].map(() => plays.map(() => chance.in100(50)));
      const offs = [0, 1, 2].map(() => chance.whole(0, 30_000));
      const counted = count(toldBySome(plays, knows, offs));
      expect(counted).toBeGreaterThanOrEqual(plays.length);
      more += counted - plays.length;
    }
    expect(more).toBeLessThanOrEqual(worldsOfShort / 1_000);
  });

  it("is resolved from the set of statements alone, whatever their order", () => {
    const told = fc.array(
      fc.record({
        s: fc.integer({ min: 0, max: 600 }),
        by: fc.constantFrom("a", "b", "c", "minute"),
      }),
      { minLength: 2, maxLength: 30 },
    );
    fc.assert(
      fc.property(told, fc.integer(), (list, seed) => {
        const facts = list.map(({ s, by }, n) =>
          listen({
            ...{ id: `${by}${n}`, connection: by, at: noon + s * second },
            ...(by === "minute" ? { precisionMs: minute } : {}),
          }),
        );
        expect(resolved(chanceOf(seed).shuffled(facts))).toEqual(resolved(facts));
        const all = resolved(facts).flatMap((l) => l.facts);
        expect([...all].sort()).toEqual(facts.map((f) => f.id).sort());
      }),
    );
  });
});

describe("of several plays that fit", () => {
  const pairOf = (rowAt: number, plays: readonly number[]) => {
    const exact = toldBy("a", plays, 0);
    const row = listen({ id: "row", connection: "account", at: rowAt, precisionMs: minute });
    return groups([...exact, row]);
  };

  it("a statement joins the nearest, whichever was first", () => {
    const at = noon + 100 * second;
    expect(pairOf(at, [at - 39_000, at + 5000])).toEqual(["a0", "a1+row"]);
    expect(pairOf(at, [at - 5000, at + 39_000])).toEqual(["a0+row", "a1"]);
    expect(groups([...toldBy("a", [at - 28_000, at + 5000], 0), ...toldBy("b", [at], 0)])).toEqual([
      "a0",
      "a1+b0",
    ]);
  });

  it("each statement joins its own, where clocks differ by less than half of what is between", () => {
    const known = fc.array(fc.boolean(), { minLength: 12, maxLength: 12 });
    const off = fc.integer({ min: 0, max: 1000 });
    fc.assert(
      fc.property(
        fc.integer({ min: 8, max: 400 }),
        ...[known, known, known, off, off, off],
        (gapS, b, c, m, x, y, z) => {
          const plays = Array.from({ length: 12 }, (_, i) => noon + i * gapS * second);
          // By a quarter one way and a quarter the other.
          const quarterMs = (gapS * second) / 4 - 1;
          const offMs = Math.min(14_000, quarterMs);
          const some = (which: boolean[], of: ListenFact[]) => of.filter((_, i) => which[i]);
          const by = (name: string, n: number) => toldBy(name, plays, ((n - 500) / 500) * offMs);
          const rough = toldBy("m", plays, ((z - 500) / 500) * Math.min(60_000, quarterMs));
          const facts = [
            ...toldBy("p", plays, 0),
            ...some(b, by("b", x)).map((f) => ({ ...f, territory: "DE" })),
            ...some(c, by("c", y)),
            ...some(m, rough).map((f) => ({ ...f, precisionMs: minute })),
          ];
          const found = resolved(facts);
          expect(found).toHaveLength(plays.length);
          for (const { facts: of, territory } of found) {
            expect(new Set(of.map((id) => id.slice(1))).size).toBe(1);
            expect(territory).toBe(of.some((id) => id.startsWith("b")) ? "DE" : "ZZ");
          }
        },
      ),
      { numRuns: 400 },
    );
  });

  /** Of all ways to pair, by trying each: most pairs, and of those the least distance. */
  function bestOf(rows: readonly number[], plays: readonly number[], apartMs: number): number[] {
    const [row, ...others] = rows;
    if (row === undefined) return [0, 0];
    let best = bestOf(others, plays, apartMs);
    for (const [i, at] of plays.entries()) {
      const ms = Math.abs(at - row);
      if (ms > apartMs) continue;
      const rest = plays.filter((_, n) => n !== i);
      const [pairs = 0, sum = 0] = bestOf(others, rest, apartMs);
      const [most = 0, least = 0] = best;
      if (pairs + 1 > most || (pairs + 1 === most && sum + ms < least))
        best = [pairs + 1, sum + ms];
    }
    return best;
  }

  it("as many as may join one each, and lie as near altogether as in any other way", () => {
    const times = fc.uniqueArray(fc.integer({ min: 0, max: 260 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(times, times, fc.constantFrom(second, minute), (a, b, precisionMs) => {
        const sorted = (list: number[]) => list.sort((x, y) => x - y).map((s) => noon + s * second);
        const [plays, rows] = [sorted(a), sorted(b)];
        const rough = toldBy("b", rows, 0).map((f) => ({ ...f, precisionMs }));
        const exact = toldBy("a", plays, 0);
        const atOf = new Map<string, number>([...exact, ...rough].map((f) => [f.id, f.at]));
        const pairs = resolved([...exact, ...rough])
          .filter(({ facts: of }) => of.length === 2)
          .map(({ facts: [x = "", y = ""] }) => Math.abs((atOf.get(x) ?? 0) - (atOf.get(y) ?? 0)));
        const sum = pairs.reduce((all, ms) => all + ms, 0);
        expect([pairs.length, sum]).toEqual(bestOf(rows, plays, 31_000 + precisionMs));
      }),
      { numRuns: 400 },
    );
  });
});

describe("a ledger", () => {
  const open = (facts: readonly ListenFact[]) => facts as unknown as OpenStatement[];
  const bytes = (facts: readonly ListenFact[]) =>
    resolved(facts)
      .map((l) => JSON.stringify(l))
      .sort();
  const inBatches = (facts: readonly ListenFact[], seed: number) => {
    const chance = chanceOf(seed);
    const mixed = chance.shuffled([...facts, ...facts.filter(() => chance.in100(40))]);
    const batches: OpenStatement[][] = [];
    for (let i = 0; i < mixed.length; ) {
      const size = chance.whole(1, 7);
      batches.push(open(mixed.slice(i, i + size)));
      i += size;
    }
    return batches;
  };

  it("holds the same to the byte, in any order, cut and repeated", () => {
    const plays = Array.from({ length: 12 }, (_, i) => noon + i * 40 * second);
    const facts = [
      ...toldBy("a", plays, 0),
      ...toldBy("b", plays.slice(3), 21_000),
      ...byMinute(plays.slice(0, 7), 40_000, 0),
    ];
    for (let seed = 1; seed <= 40; seed++)
      expect(told(inBatches(facts, seed)).resolvedBytes(), `seed ${seed}`).toEqual(bytes(facts));
  });

  it("holds the same of a chain that never ends, where its first link turns over all others", () => {
    // Two clocks of minutes: each statement may be one with the one before or the one after.
    const apartMs = 140 * second;
    const dense = (offMs: number, connection: string) =>
      Array.from({ length: Math.ceil((12 * day) / apartMs) }, (_, i) =>
        listen({
          ...{ id: `${connection}${i}`, connection, precisionMs: minute },
          at: noon + i * apartMs + offMs,
        }),
      );
    const chain = [...dense(0, "a"), ...dense(apartMs / 2, "b")].sort((x, y) => x.at - y.at);
    const grown = told([open(chain.slice(1)), open(chain.slice(0, 1))]);
    expect(grown.resolvedBytes()).toEqual(bytes(chain));
    // A cut may part a pair, once a day.
    expect(count(chain)).toBeLessThanOrEqual(chain.length / 2 + 12);
  });

  it("gives a play back to the sources that are left when one takes its statement back", () => {
    const [a] = toldBy("a", [noon], 0) as [ListenFact];
    const [b] = toldBy("b", [noon], 5000) as [ListenFact];
    const gone = { id: a.id, revision: a.revision + 1, retracted: true } as const;
    for (const batches of [
      [open([a, b]), [gone]],
      [[gone], open([a, b])],
      [open([b]), [gone], open([a])],
    ])
      expect(told(batches).resolvedBytes()).toEqual(bytes([b]));
    expect(groups([a, b])).toEqual(["a0+b0"]);
  });
});
