import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  decodeScores,
  encodeScores,
  isSame,
  markFinder,
  periodFinder,
} from "../../../domain/boards/score-code.ts";
import { Unreadable } from "../../../domain/varints.ts";
import { anyContent, anyText, held } from "./any-scores.ts";

const at = 1_763_700_000_000;
const content = {
  periods: {
    "2026-W46": { all: [12_000, 3_600_000, 2, at], ride: [9_000, 3_000_000, 1, at - 5] },
    all: { all: [99_000, 7_200_000, 9, at] },
  },
  unshown: { "2026-11": { all: [5, 6, 7, at] } },
};
/** What a record holds by itself, and never what any object has by nature. */
const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

describe("the bytes of what a member has on boards", () => {
  test("come back as what they were", () => {
    fc.assert(
      fc.property(anyContent, (some) => {
        expect(decodeScores(encodeScores(some))).toEqual({
          periods: held(some.periods),
          unshown: held(some.unshown),
        });
      }),
    );
  });

  test("are the same whatever the order of periods and keys", () => {
    const turned = <T>(record: Readonly<Record<string, T>>) =>
      Object.fromEntries(Object.entries(record).reverse());
    fc.assert(
      fc.property(anyContent, ({ periods, unshown }) => {
        const other = Object.fromEntries(
          Object.entries(turned(periods)).map(([period, numbers]) => [period, turned(numbers)]),
        );
        const [one, same] = [
          { periods, unshown },
          { periods: other, unshown: turned(unshown) },
        ];
        expect(isSame(encodeScores(one), encodeScores(same))).toBe(true);
      }),
    );
  });

  test("differ when the content does", () => {
    fc.assert(
      fc.property(anyContent, anyContent, (one, other) => {
        const [a, b] = [encodeScores(one), encodeScores(other)];
        const isEqual = JSON.stringify(decodeScores(a)) === JSON.stringify(decodeScores(b));
        expect(isSame(a, b)).toBe(isEqual);
      }),
    );
    const [a, b] = [encodeScores(content), encodeScores({ ...content, unshown: {} })];
    expect(isSame(a, b)).toBe(false);
  });

  test("are none for nothing", () => {
    expect(encodeScores({ periods: {}, unshown: {} }).length).toBe(0);
    expect(encodeScores({ periods: { all: {} }, unshown: { all: {} } }).length).toBe(0);
    expect(decodeScores(new Uint8Array(0))).toEqual({ periods: {}, unshown: {} });
  });

  test("are few", () => {
    expect(encodeScores(content).length).toBeLessThan(110);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY])("are none for the number %d", (n) => {
    expect(() => encodeScores({ periods: { all: { all: [n, at] } }, unshown: {} })).toThrow(
      RangeError,
    );
    expect(decodeScores(encodeScores(content))).toEqual(content);
  });
});

describe("one score of a row", () => {
  test("is found without the rest, as the whole row has it", () => {
    const measures = fc.integer({ min: -1, max: 5 });
    fc.assert(
      fc.property(anyContent, anyText, anyText, measures, (some, period, key, measure) => {
        const periods = [period, ...Object.keys(some.periods)];
        for (const name of periods)
          for (const one of [key, ...Object.keys(own(some.periods, name) ?? {})]) {
            const numbers = own(own(some.periods, name) ?? {}, one) ?? [];
            const score = numbers.slice(0, -1)[measure] ?? 0;
            const mark = score > 0 ? { score, atMs: numbers.at(-1) } : null;
            const find = markFinder({ period: name, key: one, measure });
            expect(find(encodeScores(some))).toEqual(mark);
          }
      }),
    );
  });

  test("is never the time, and none when nothing is shown", () => {
    const body = encodeScores(content);
    const find = (period: string, key: string, measure: number) =>
      markFinder({ period, key, measure })(body);
    expect(find("2026-W46", "ride", 1)).toEqual({ score: 3_000_000, atMs: at - 5 });
    expect(find("2026-W46", "ride", 3)).toBeNull();
    expect(find("2026-W46", "__proto__", 0)).toBeNull();
    expect(find("2026-11", "all", 0)).toBeNull();
  });

  test.each([0, -1, -0.5])("that is %d ranks nowhere", (score) => {
    const body = encodeScores({ periods: { all: { all: [score, at] } }, unshown: {} });
    expect(markFinder({ period: "all", key: "all", measure: 0 })(body)).toBeNull();
  });
});

describe("what counts for a team", () => {
  test("is what everybody sees, or else what only the team has", () => {
    fc.assert(
      fc.property(anyContent, anyText, (some, other) => {
        const [shown, unshown] = [held(some.periods), held(some.unshown)];
        for (const period of [other, ...Object.keys(shown), ...Object.keys(unshown)]) {
          const numbers = own(shown, period) ?? own(unshown, period);
          const isShown = own(shown, period) !== undefined;
          expect(periodFinder(period)(encodeScores(some))).toEqual(
            numbers === undefined ? null : { isShown, numbers },
          );
        }
      }),
    );
  });
});

describe("bytes that no row was written as", () => {
  const verdict = (read: () => unknown): string => {
    try {
      read();
      return "read";
    } catch (error) {
      return error instanceof Unreadable && error.message !== "" ? "unreadable" : String(error);
    }
  };

  test("are said to be unreadable, whatever they are, and nothing worse", () => {
    const find = markFinder({ period: "all", key: "all", measure: 0 });
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (bytes) => {
        const body = Uint8Array.from([1, ...bytes]);
        for (const read of [() => decodeScores(body), () => find(body)])
          expect(["read", "unreadable"]).toContain(verdict(read));
      }),
      { numRuns: 2000 },
    );
  });

  test.each([
    ["cut off", (body: Uint8Array) => body.slice(0, -1)],
    ["too long", (body: Uint8Array) => Uint8Array.from([...body, 0])],
    ["of another version", (body: Uint8Array) => Uint8Array.from([9, ...body.slice(1)])],
  ])("are unreadable when %s", (_, spoilt) => {
    expect(verdict(() => decodeScores(spoilt(encodeScores(content))))).toBe("unreadable");
  });
});
