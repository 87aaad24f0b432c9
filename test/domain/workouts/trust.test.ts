/** Who is believed, rule by rule: each one decides only between those that the rules before it leave alike. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  byTrust,
  candidatesOf,
  choose,
  extentOf,
  wholes,
} from "../../../domain/workouts/fidelity.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { fromApple, fromGarmin, hour, minute, morning, type Shape, workout } from "./facts.ts";

const km = (n: number) => n * 1_000_000;
const idsIn = (candidates: readonly { readonly facts: readonly WorkoutFact[] }[]) =>
  candidates.map(({ facts }) => facts.map(({ id }) => id as string));

describe("trust", () => {
  /** Each is believed before all that follow, though each later rule speaks for the later one. */
  const ladder: readonly Shape[] = [
    { method: "device", copyOf: null, type: "cycling", elapsedMs: 2 * hour, at: morning },
    { at: morning + minute },
    { elapsedMs: hour, at: morning },
    { type: "other", elapsedMs: 3 * hour },
    { copyOf: "origin-x", type: "cycling", elapsedMs: 4 * hour },
    { method: "phone", copyOf: null, elapsedMs: 5 * hour },
    { method: "unknown", elapsedMs: 6 * hour },
    { method: "manual", elapsedMs: 7 * hour },
  ];
  const said = ladder.map((_, n) =>
    workout(Object.assign({ id: `r${n}` }, ...ladder.slice(0, n + 1))),
  );

  test("goes by method, original, named activity, length and start, in this order", () => {
    for (const [i, better] of said.entries())
      for (const worse of said.slice(i + 1)) {
        expect(byTrust(better, worse), `${better.id} ${worse.id}`).toBeLessThan(0);
        expect(byTrust(worse, better), `${worse.id} ${better.id}`).toBeGreaterThan(0);
      }
  });

  test("goes by the provider's name between records alike, then by identity, and is never undecided", () => {
    const apple = workout({ ...fromApple, id: "b" });
    const [a, b] = [workout({ ...fromGarmin, id: "a" }), workout({ ...fromGarmin, id: "b" })];
    expect([byTrust(apple, a), byTrust(a, apple)]).toEqual([-1, 1]);
    expect([byTrust(a, b), byTrust(b, a), byTrust(a, a)]).toEqual([-1, 1, 0]);
    const inOrder = [b, apple, a, ...said].sort(byTrust).map(({ id }) => `${id}`);
    fc.assert(
      fc.property(fc.shuffledSubarray([b, apple, a, ...said], { minLength: 11 }), (any) => {
        expect([...any].sort(byTrust).map(({ id }) => `${id}`)).toEqual(inOrder);
      }),
    );
  });

  test("knows a copy by what it says of its original, and by the app that wrote it", () => {
    const relayed = workout({ ...fromApple, id: "a", app: "com.garmin.connect.mobile" });
    for (const copy of [relayed, workout({ id: "a", copyOf: "origin-x" })]) {
      expect(byTrust(copy, workout({ id: "z" }))).toBeGreaterThan(0);
      expect(byTrust(copy, { ...copy, elapsedMs: 1 })).toBeLessThan(0);
    }
  });
});

describe("the separate records of one source", () => {
  const part = (id: string, n: number, shape: Shape = {}) =>
    workout({ id, at: morning + n * hour, elapsedMs: 50 * minute, ...shape });

  test("are taken together in the order of time, led by the most trusted", () => {
    const [late, early, longest] = [part("a", 4), part("b", 0), part("c", 2, { elapsedMs: hour })];
    const together = candidatesOf([late, longest, early]).find(({ facts }) => facts.length === 3);
    expect(together?.facts.map(({ id }) => id as string)).toEqual(["b", "c", "a"]);
    expect(together?.lead.id).toBe("c");
    expect(together?.elapsedMs).toBe(160 * minute);
  });

  test("are not, when any two of them share time", () => {
    const alone = [["a"], ["b"], ["c"]];
    expect(idsIn(candidatesOf([part("a", 0), part("b", 2), part("c", 2.1)]))).toEqual(alone);
    expect(idsIn(candidatesOf([part("a", 0), part("b", 0.1), part("c", 2)]))).toEqual(alone);
    expect(idsIn(candidatesOf([part("a", 0), part("b", 2), part("c", 4)]))).toHaveLength(4);
  });

  test("are those of one connection, app and device", () => {
    for (const other of [fromApple, { app: "x" }, { deviceModel: "y" }, { method: "manual" }])
      expect(idsIn(candidatesOf([part("a", 0), part("b", 2, other as Shape)]))).toHaveLength(2);
  });
});

describe("who saw all of it", () => {
  const single = (shape: Shape) => candidatesOf([workout(shape)])[0] as never;
  const whole = (...shapes: Shape[]) => {
    const all = candidatesOf(shapes.map((shape, n) => workout({ id: `w${n}`, ...shape })));
    const seen = wholes(all);
    return { all, seen, ids: all.filter((c) => seen.has(c)).map(({ lead }) => lead.id as string) };
  };

  test("is told by the longest, and of those as long, by the one that went farthest", () => {
    const other = { ...fromApple, elapsedMs: 50 * minute, method: "phone" } as const;
    const near = { distanceMm: km(10) };
    const far = { connection: "con_x", distanceMm: km(30) };
    // Short in time; whether it went 90 % of the way depends on whose way that is.
    const short = { ...other, elapsedMs: 20 * minute, distanceMm: km(10) };
    expect(whole(near, far, short).ids).toEqual(["w0", "w1"]);
    expect(whole(far, near, short).ids).toEqual(["w0", "w1"]);
    expect(whole(near, { ...far, distanceMm: km(9) }, short).ids).toEqual(["w0", "w1", "w2"]);
    expect(wholes([])).toEqual(new Set());
    expect(wholes([single({})]).size).toBe(1);
  });

  test("tells when it began by one record rather than by several, and only then by trust", () => {
    const parts = [
      workout({ id: "p1", elapsedMs: 55 * minute, distanceMm: null }),
      workout({ id: "p2", at: morning + hour, elapsedMs: 55 * minute, distanceMm: null }),
    ];
    const phone = workout({ id: "ph", ...fromApple, method: "phone", elapsedMs: 2 * hour });
    const watch = workout({ id: "wa", connection: "con_x", elapsedMs: 115 * minute });
    const beginning = (...facts: WorkoutFact[]) => {
      const all = candidatesOf(facts);
      return extentOf(all, wholes(all))?.facts.map(({ id }) => id as string);
    };
    expect(beginning(...parts, phone)).toEqual(["ph"]);
    expect(beginning(phone, ...parts)).toEqual(["ph"]);
    expect(beginning(phone, watch, ...parts)).toEqual(["wa"]);
    expect(beginning(...parts, watch, phone)).toEqual(["wa"]);
    expect(beginning(...parts)).toEqual(["p1", "p2"]);
  });
});

describe("a copy beside its original", () => {
  const original = workout({ id: "o", method: "phone", hasTrack: null });
  const copy = workout({ id: "c", ...fromApple, copyOf: "origin-o", hasTrack: true });
  const distanceBy = (...facts: WorkoutFact[]) => {
    const all = candidatesOf(facts);
    return choose(all, wholes(all), "distanceMm")?.from;
  };

  test("has nothing to say, however well it measured, whoever else speaks", () => {
    const stranger = workout({ id: "s", connection: "con_s", method: "unknown" });
    expect(distanceBy(copy)).toEqual(["c"]);
    expect(distanceBy(original, copy)).toEqual(["o"]);
    expect(distanceBy(stranger, copy, original)).toEqual(["o"]);
    expect(distanceBy(stranger, copy)).toEqual(["c"]);
  });

  test("speaks where its original saw a part, was typed in, or is a copy itself", () => {
    const short = { ...original, elapsedMs: 20 * minute, distanceMm: km(5) };
    expect(distanceBy(short, copy)).toEqual(["c"]);
    expect(distanceBy({ ...original, method: "manual" }, copy)).toEqual(["c"]);
    expect(distanceBy({ ...original, copyOf: "origin-x" as never }, copy)).toEqual(["c"]);
    expect(distanceBy({ ...original, distanceMm: null }, copy)).toEqual(["c"]);
  });
});
