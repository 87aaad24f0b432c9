/** What is held, by what is judged alone: no resolution around it. Times are ms, distances mm. */
import { describe, expect, test } from "vitest";
import type { FactId } from "../../../domain/identity.ts";
import type { ActivityType } from "../../../domain/workouts/activity.ts";
import { type Claim, holdOverlaps, holdsOn } from "../../../domain/workouts/plausible.ts";
import type { ResolvedWorkout, Scored } from "../../../domain/workouts/resolved.ts";
import { hour, minute, morning, second, workout } from "./facts.ts";

const chosen = (value: number, ...from: string[]) => ({
  value,
  from: from as FactId[],
  because: "",
});
const nobody = new Map<FactId, number>();

describe("every limit on speed", () => {
  const claim = (type: ActivityType, ms: number, mm: number): Claim => ({
    ...{ type, elapsedMs: ms, moving: chosen(ms, "a"), distance: chosen(mm, "a") },
  });
  const rules = (of: Claim) =>
    holdsOn(of, [workout({ id: "a" })], nobody)
      .map(({ rule }) => rule)
      .filter((rule) => rule === "too-fast");

  test.each<[ActivityType, readonly (readonly [fromMs: number, mps: number])[]]>([
    [
      "running",
      [
        [0, 12.5],
        [minute, 9.5],
        [4 * minute, 7.6],
        [30 * minute, 6.4],
        [2 * hour, 6],
        [6 * hour, 4.8],
        [24 * hour, 3.8],
      ],
    ],
    [
      "walking",
      [
        [0, 7],
        [10 * minute, 4.8],
        [6 * hour, 4],
      ],
    ],
    [
      "cycling",
      [
        [0, 38],
        [10 * minute, 26],
        [30 * minute, 20],
        [hour, 17.5],
        [5 * hour, 14.5],
        [24 * hour, 12],
      ],
    ],
    [
      "e_biking",
      [
        [0, 38],
        [hour, 20],
      ],
    ],
    [
      "swimming",
      [
        [0, 2.8],
        [10 * minute, 2.2],
        [hour, 2],
      ],
    ],
    [
      "rowing",
      [
        [0, 8],
        [10 * minute, 6.6],
        [hour, 5.6],
      ],
    ],
    [
      "skiing",
      [
        [0, 72],
        [10 * minute, 35],
        [hour, 16],
      ],
    ],
    ["strength_training", [[0, 40]]],
  ])("of %s holds from its duration on, to the millimetre", (type, limits) => {
    for (const [i, [fromMs, mps]] of limits.entries()) {
      const ms = Math.max(10 * second, fromMs);
      expect(rules(claim(type, ms, mps * ms))).toEqual([]);
      expect(rules(claim(type, ms, mps * ms + 1))).toEqual(["too-fast"]);
      const before = limits[i - 1];
      if (before === undefined) continue;
      expect(rules(claim(type, ms - 1, before[1] * (ms - 1)))).toEqual([]);
      expect(rules(claim(type, ms - 1, before[1] * (ms - 1) + 1))).toEqual(["too-fast"]);
    }
  });
});

describe("a distance that is summed from several records", () => {
  /** Together four hours of 15 km/h; what one of them says is its own. */
  const sum: Claim = {
    ...{ type: "running", elapsedMs: 4 * hour, moving: chosen(4 * hour, "a") },
    distance: chosen(60_000_000, "a", "b"),
  };
  const slow = workout({ id: "a", type: "running", elapsedMs: 3 * hour, distanceMm: 30_000_000 });
  const fast = (of: object) =>
    workout({ id: "b", type: "running", elapsedMs: hour, distanceMm: 30_000_000, ...of });
  const held = (claim: Claim, ...facts: ReturnType<typeof workout>[]) =>
    holdsOn(claim, facts, nobody).map(({ rule, because }) => `${rule}: ${because}`);

  test("is judged record by record: slow company clears nobody", () => {
    expect(held(sum, slow, fast({}))).toEqual([
      "too-fast: 30.0 km/h on average over that time is faster than anyone has gone (23.0 km/h).",
    ]);
    expect(held(sum, slow, fast({ distanceMm: 20_000_000 }))).toEqual([]);
    expect(held(sum, slow, fast({ distanceMm: null }))).toEqual([]);
  });

  test("goes by the time that each of them moved, where it says so", () => {
    expect(held(sum, slow, fast({ elapsedMs: 3 * hour, movingMs: hour }))).toHaveLength(1);
    expect(held(sum, slow, fast({ elapsedMs: 3 * hour, movingMs: null }))).toEqual([]);
  });

  test("is held by none of those that it is not summed from", () => {
    expect(held(sum, slow, fast({ distanceMm: 20_000_000 }), fast({ id: "c" }))).toEqual([]);
    const ofOne = { ...sum, distance: chosen(60_000_000, "b") };
    expect(held(ofOne, slow, fast({}))).toEqual([]);
  });
});

describe("whose word counts", () => {
  const claim: Claim = {
    ...{ type: "cycling", elapsedMs: hour, moving: chosen(hour, "a") },
    distance: chosen(60_000_000, "a"),
  };
  const source = workout({ id: "a", distanceMm: 60_000_000, speedMmps: 16_667 });
  const other = (of: object) => workout({ id: "b", ...of });
  const rules = (...of: Parameters<typeof holdsOn>) => holdsOn(...of).map(({ rule }) => rule);

  test("is the speed of the source of the distance, not another's", () => {
    const slow = other({ distanceMm: 60_000_000, speedMmps: 1_000 });
    expect(rules(claim, [slow, source], nobody)).toEqual([]);
    expect(rules(claim, [{ ...source, speedMmps: 1_000 }, other({})], nobody)).toEqual([
      "speed-disagrees",
    ]);
  });

  test("is cleared with its own sources, in the revision that they have now", () => {
    const fast = { ...claim, distance: chosen(100_000_000, "a") };
    const cleared = (revision: number) => new Map([["a" as FactId, revision]]);
    expect(rules(fast, [source, other({})], nobody)).toEqual(["too-fast"]);
    expect(rules(fast, [source, other({})], cleared(1))).toEqual([]);
    expect(rules(fast, [source, other({})], cleared(2))).toEqual(["too-fast"]);
    const ofTwo = { ...fast, distance: chosen(100_000_000, "b") };
    expect(rules(ofTwo, [source, other({})], cleared(1))).toEqual(["too-fast"]);
  });
});

describe("what is said of a hold", () => {
  const of = (claim: Partial<Claim>) =>
    holdsOn(
      { type: "running", elapsedMs: hour, moving: chosen(hour, "a"), distance: null, ...claim },
      [workout({ id: "a" })],
      nobody,
    );

  test("is a sentence", () => {
    const far = { moving: chosen(143 * hour, "a"), distance: chosen(1_100_600_000, "a") };
    expect(of(far)).toEqual([
      { rule: "too-far", because: "1101 km is farther than anyone has gone at once." },
    ]);
    expect(of({ moving: chosen(144 * hour + 1, "a") })).toEqual([
      { rule: "too-long", because: "Nobody has moved for that long in one workout." },
    ]);
    expect(of({ type: "other", elapsedMs: 12 * hour })).toEqual([
      { rule: "too-long", because: "It runs all day and does not say what was done." },
    ]);
  });
});

describe("what lies in a whole", () => {
  const scored = (fromMin: number, toMin: number, of: Partial<Scored> = {}) =>
    ({
      ...{ type: "cycling", at: morning + fromMin * minute, distanceMm: 10_000_000 },
      ...{ elapsedMs: (toMin - fromMin) * minute, ...of },
    }) as Scored;
  /** Who is held, of two hundred minutes, what lies in them for certain, and the one in question. */
  const heldWith = (one: Scored, of: Partial<Scored> = {}) => {
    const whole = scored(0, 200, { type: "other", ...of });
    const inner = [scored(100, 120), one];
    const workouts = [whole, ...inner].map((each) => ({ scored: each, held: [] }));
    return holdOverlaps(workouts as unknown as ResolvedWorkout[]).map(({ held }) => held.length);
  };
  const [asTwo, asOne] = [
    [1, 0, 0],
    [0, 0, 0],
  ];

  test("is there by 85 % of its own time, on either end", () => {
    expect(heldWith(scored(130, 150))).toEqual(asTwo);
    expect(heldWith(scored(183, 203))).toEqual(asTwo);
    expect(heldWith(scored(183.1, 203.1))).toEqual(asOne);
    expect(heldWith(scored(-3, 17))).toEqual(asTwo);
    expect(heldWith(scored(-3.1, 16.9))).toEqual(asOne);
    expect(heldWith(scored(300, 320))).toEqual(asOne);
  });

  test("is shorter than the whole, and names what it was", () => {
    expect(heldWith(scored(0, 199))).toEqual(asTwo);
    expect(heldWith(scored(0, 200))).toEqual(asOne);
    expect(heldWith(scored(130, 150, { type: "other" }))).toEqual(asOne);
  });

  test("is of the same kind, where the whole names one", () => {
    const far = { type: "cycling", distanceMm: 20_000_000 } as const;
    expect(heldWith(scored(130, 150), far)).toEqual(asTwo);
    expect(heldWith(scored(130, 150, { type: "swimming" }), far)).toEqual(asOne);
  });

  test("says why it is counted there", () => {
    const inner = [scored(0, 90), scored(100, 190)];
    const whole = scored(0, 200, { distanceMm: 60_000_000 });
    const workouts = [whole, ...inner].map((each) => ({ scored: each, held: [] }));
    const [first, second] = holdOverlaps(workouts as unknown as ResolvedWorkout[]);
    expect(first?.held).toEqual([]);
    expect(second?.held).toEqual([
      {
        rule: "counted-elsewhere",
        because: "Its time is counted by a longer workout that it lies in.",
      },
    ]);
  });
});
