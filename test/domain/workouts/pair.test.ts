import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { activityTypes, familyOf, isVague, kinship } from "../../../domain/workouts/activity.ts";
import { agree, judge } from "../../../domain/workouts/pair.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { factSets } from "./crowds.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  morning,
  pairsIn,
  type Shape,
  second,
  sentence,
  workout,
} from "./facts.ts";

/** What is said of garmin's hour on the bike and this record. */
const against = (shape: Shape, base: Shape = {}) => {
  const pair = judge(workout({ id: "a", ...base }), workout({ id: "b", ...fromGoogle, ...shape }));
  return [pair.fits, pair.rule];
};
const one = (rule: string) => [true, rule];
const two = (rule: string) => [false, rule];

describe("two records of the same activity", () => {
  test("share at least 60 % of the shorter one's time, and not a millisecond less", () => {
    const sharing = (ms: number) => against({ at: morning + hour - ms, elapsedMs: 100 * minute });
    expect(sharing(36 * minute)).toEqual(one("overlap"));
    expect(sharing(36 * minute - 1)).toEqual(two("apart-in-time"));
  });

  test("are not one for ending when the other begins", () => {
    expect(against({ at: morning + hour })).toEqual(two("apart-in-time"));
    expect(against({ at: morning - hour })).toEqual(two("apart-in-time"));
  });

  test("may be cut out of a longer one by another source", () => {
    expect(
      against({ at: morning + hour, elapsedMs: 10 * minute }, { elapsedMs: 5 * hour }),
    ).toEqual(one("overlap"));
  });

  test("are one by their own kind: a trail run is a run, a virtual ride a ride, with or without motor", () => {
    for (const [a, b] of [
      ["trail_running", "treadmill_running"],
      ["virtual_cycling", "cycling"],
      ["e_biking", "cycling"],
      ["walking", "hiking"],
      ["open_water_swimming", "swimming"],
    ] as const)
      expect(against({ type: b }, { type: a })).toEqual(one("overlap"));
    for (const [a, b] of [
      ["running", "walking"],
      ["running", "cycling"],
      ["yoga", "strength_training"],
    ] as const)
      expect(against({ type: b, distanceMm: null }, { type: a })).toEqual(two("other-activity"));
  });
});

describe("kinship", () => {
  test("is the same both ways, alike with oneself unless vague, and `perhaps` with what is vague", () => {
    for (const a of activityTypes)
      for (const b of activityTypes) {
        expect(kinship(a, b)).toBe(kinship(b, a));
        if (isVague(a) || isVague(b)) expect(kinship(a, b)).toBe("perhaps");
        else if (a === b) expect(kinship(a, b)).toBe("alike");
        else if (kinship(a, b) === "alike" && familyOf(a) !== familyOf(b))
          expect([a, b]).toContain("e_biking");
      }
  });
});

describe("a record that does not say what was done", () => {
  const vague = (shape: Shape, base: Shape = {}) => against({ type: "other", ...shape }, base);

  test("fits any activity that fills 60 % of the longer of the two", () => {
    expect(vague({ elapsedMs: 100 * minute })).toEqual(one("overlap"));
    expect(vague({ elapsedMs: 100 * minute + 2 * second })).toEqual(two("vague"));
  });

  test("fits a longer named one that it lies in to 85 %", () => {
    const fragment = (insideMs: number) =>
      vague({ at: morning + hour - insideMs, elapsedMs: 20 * minute });
    expect(fragment(17 * minute)).toEqual(one("overlap"));
    expect(fragment(17 * minute - 1)).toEqual(two("vague"));
  });

  test("and is longer is none of what merely lies in it", () => {
    expect(vague({ elapsedMs: 3 * hour })).toEqual(two("vague"));
    expect(against({ type: "cardio" }, { type: "other", elapsedMs: 3 * hour })).toEqual(
      two("vague"),
    );
  });
});

describe("records of one source", () => {
  const own = (shape: Shape, base: Shape = {}) => against({ ...fromGarmin, ...shape }, base);

  test("are twins when they share 80 % of the longer one's time, whatever they say was done", () => {
    expect(own({ elapsedMs: 75 * minute })).toEqual(one("twin"));
    expect(own({ elapsedMs: 75 * minute, type: "other" })).toEqual(one("twin"));
    expect(own({ at: morning + 13 * minute })).toEqual(two("same-source"));
    expect(own({ at: morning + 12 * minute })).toEqual(one("twin"));
  });

  test("are two when they name two activities, at the very same time", () => {
    expect(own({ type: "running" })).toEqual(two("other-activity"));
  });

  test("are one when the shorter lies within the longer to 85 %, of less than twelve hours", () => {
    const piece = (insideMs: number, base: Shape = {}) =>
      own(
        { at: morning + 3 * hour - insideMs, elapsedMs: 20 * minute },
        { elapsedMs: 3 * hour, ...base },
      );
    expect(piece(17 * minute)).toEqual(one("overlap"));
    expect(piece(17 * minute - 1)).toEqual(two("same-source"));
    expect(piece(20 * minute, { type: "other" })).toEqual(two("same-source"));
    expect(piece(20 * minute, { elapsedMs: 12 * hour - 1 })).toEqual(one("overlap"));
    expect(piece(20 * minute, { elapsedMs: 12 * hour })).toEqual(two("same-source"));
  });

  test("are those of one account, app, device, and way of recording", () => {
    const crossing = { at: morning + 20 * minute };
    expect(own(crossing)).toEqual(two("same-source"));
    for (const differing of [
      { ...crossing, app: "x" },
      { ...crossing, deviceModel: "x" },
      { ...crossing, method: "manual" as const },
      { ...crossing, connection: "con_other" },
    ])
      expect(own(differing)).toEqual(one("overlap"));
  });
});

describe("a record that runs all day", () => {
  test("must be filled to half by what is one with it", () => {
    const filled = (elapsedMs: number, dayMs: number) =>
      against({ elapsedMs }, { elapsedMs: dayMs, distanceMm: 30_000_000 });
    expect(filled(7 * hour, 14 * hour)).toEqual(one("overlap"));
    expect(filled(7 * hour - 1, 14 * hour)).toEqual(two("all-day"));
    expect(filled(hour, 12 * hour)).toEqual(two("all-day"));
    expect(filled(hour, 12 * hour - 1)).toEqual(one("overlap"));
  });

  test("is a ride that was never stopped when start, moving time and distance are the ride's", () => {
    const told = { movingMs: 55 * minute };
    const left = (shape: Shape) =>
      against({ elapsedMs: 20 * hour, ...told, ...shape }, { ...told, at: morning + minute });
    expect(left({})).toEqual(one("overlap"));
    expect(left({ at: morning - 14 * minute })).toEqual(one("overlap"));
    expect(left({ at: morning - 14 * minute - 1 })).toEqual(two("all-day"));
    expect(left({ movingMs: 53 * minute })).toEqual(two("all-day"));
    expect(left({ distanceMm: 20_500_000 })).toEqual(two("all-day"));
    expect(left({ distanceMm: null })).toEqual(two("all-day"));
  });

  test("is one too where a moving time is unknown, when both started within the clocks' skew", () => {
    const left = (startMs: number) =>
      against({ elapsedMs: 20 * hour, at: morning + startMs }, { movingMs: 55 * minute });
    expect(left(3 * minute)).toEqual(one("overlap"));
    expect(left(3 * minute + 1)).toEqual(two("all-day"));
  });
});

describe("clocks", () => {
  test("of two devices may be three minutes apart, where a short record then half misses", () => {
    const short = (apartMs: number, elapsedMs = 5 * minute) =>
      against({ at: morning + apartMs, elapsedMs, distanceMm: null }, { elapsedMs });
    expect(short(3 * minute)).toEqual(one("overlap"));
    expect(short(3 * minute + 1)).toEqual(two("apart-in-time"));
    expect(short(3 * minute, 4 * minute)).toEqual(one("overlap"));
    expect(short(3 * minute, 4 * minute - 1)).toEqual(two("apart-in-time"));
    const stopped = { at: morning + 3 * minute, elapsedMs: 5 * minute + second };
    expect(against({ ...stopped, distanceMm: null }, { elapsedMs: 5 * minute })).toEqual(
      two("apart-in-time"),
    );
  });

  test("may be a quarter of an hour wrong where time and distance agree to 2 %", () => {
    const late = (apartMs: number, shape: Shape = {}) =>
      against(
        { at: morning + apartMs, elapsedMs: 20 * minute, ...shape },
        { elapsedMs: 20 * minute },
      );
    expect(late(15 * minute)).toEqual(one("overlap"));
    expect(late(15 * minute + 1)).toEqual(two("apart-in-time"));
    expect(late(15 * minute, { distanceMm: 19_600_000 })).toEqual(one("overlap"));
    expect(late(15 * minute, { distanceMm: 19_599_000 })).toEqual(two("apart-in-time"));
    expect(late(15 * minute, { distanceMm: null })).toEqual(two("apart-in-time"));
    expect(late(14 * minute, { elapsedMs: 20 * minute + 25 * second })).toEqual(
      two("apart-in-time"),
    );
  });
});

describe("what was typed in from memory", () => {
  const typed = (shape: Shape) => against({ method: "manual", ...shape });

  test("may share as little as 30 % when its numbers are about the same", () => {
    expect(typed({ at: morning + 42 * minute })).toEqual(one("overlap"));
    expect(typed({ at: morning + 42 * minute + 1 })).toEqual(two("apart-in-time"));
    expect(against({ at: morning + 42 * minute })).toEqual(two("apart-in-time"));
  });

  test("has about the same numbers up to a fifth of the time and 15 % of the distance", () => {
    const at = morning + 35 * minute;
    expect(typed({ at, elapsedMs: 75 * minute })).toEqual(one("overlap"));
    expect(typed({ at, elapsedMs: 75 * minute + second })).toEqual(two("apart-in-time"));
    expect(typed({ at, distanceMm: 17_000_000 })).toEqual(one("overlap"));
    expect(typed({ at, distanceMm: 16_999_000 })).toEqual(two("apart-in-time"));
  });
});

describe("two labels on one record", () => {
  const base = { elapsedMs: 59 * minute + 7 * second, distanceMm: 20_123_456 };
  const relabelled = (shape: Shape) => against({ ...base, type: "running", ...shape }, base);

  test("are seen through where start, time and distance agree to the second and the metre", () => {
    expect(relabelled({})).toEqual(one("relabelled"));
    expect(relabelled({ at: morning + second })).toEqual(one("relabelled"));
    expect(relabelled({ at: morning + second + 1 })).toEqual(two("other-activity"));
    expect(relabelled({ elapsedMs: base.elapsedMs + second })).toEqual(one("relabelled"));
    expect(relabelled({ elapsedMs: base.elapsedMs + second + 1 })).toEqual(two("other-activity"));
    expect(relabelled({ distanceMm: 20_140_000 })).toEqual(one("relabelled"));
    expect(relabelled({ distanceMm: 20_150_000 })).toEqual(two("other-activity"));
    expect(relabelled({ distanceMm: null })).toEqual(two("other-activity"));
  });

  test("stay two where the numbers are round, and are one in one account too", () => {
    const round = { ...base, distanceMm: 20_000_000 };
    expect(against({ ...round, type: "running" }, round)).toEqual(two("other-activity"));
    const minutes = { ...base, elapsedMs: hour };
    expect(against({ ...minutes, type: "running" }, minutes)).toEqual(two("other-activity"));
    expect(relabelled(fromGarmin)).toEqual(one("relabelled"));
  });
});

describe("a forwarded copy", () => {
  const copy = (shape: Shape) => against({ copyOf: "origin-a", ...shape });

  test("of its original's length is one with it, wherever it lies", () => {
    expect(copy({ at: morning + 9 * hour })).toEqual(one("copy"));
    expect(copy({ at: morning + 9 * hour, elapsedMs: 3_673 * second })).toEqual(one("copy"));
    expect(copy({ at: morning + 9 * hour, elapsedMs: 3_674 * second })).toEqual(
      two("apart-in-time"),
    );
  });

  test("that was cut must share 60 % of the shorter one's time, and vague ones half of the longer's", () => {
    const cut = (sharedMs: number, shape: Shape = {}) =>
      copy({ at: morning + hour - sharedMs, elapsedMs: 40 * minute, ...shape });
    expect(cut(24 * minute)).toEqual(one("copy"));
    expect(cut(24 * minute - 1)).toEqual(two("apart-in-time"));
    expect(cut(30 * minute, { type: "other" })).toEqual(one("copy"));
    expect(cut(30 * minute - 1, { type: "other" })[1]).not.toBe("copy");
  });

  test("under another activity's name must fill 80 % of it", () => {
    expect(copy({ type: "running", elapsedMs: 48 * minute })).toEqual(one("copy"));
    expect(copy({ type: "running", elapsedMs: 48 * minute - 1 })).toEqual(two("other-activity"));
  });

  test("is known by either side, and two copies of a third record by each other", () => {
    const far = { at: morning + 9 * hour };
    expect(against(far, { copyOf: "origin-b" })).toEqual(one("copy"));
    expect(against({ ...far, copyOf: "o" }, { copyOf: "o" })).toEqual(one("copy"));
    expect(against({ ...far, copyOf: "o" }, { copyOf: "p" })).toEqual(two("apart-in-time"));
    expect(against({ ...far, copyOf: "origin-zzz" })).toEqual(two("apart-in-time"));
  });
});

describe("a verdict", () => {
  test("is the same whichever record is named first", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const [a, b] of pairsIn(facts)) expect(judge(b, a)).toEqual(judge(a, b));
      }),
      { numRuns: 300 },
    );
  });

  test("always comes with a sentence that names both records", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const [a, b] of pairsIn(facts)) {
          const { because } = judge(a, b);
          expect(because).toMatch(sentence);
          for (const { provider, type } of [a, b])
            expect(because).toContain(`${provider}'s ${type.replaceAll("_", " ")}`);
        }
      }),
      { numRuns: 300 },
    );
  });

  test("says how much was shared where that decides it", () => {
    const said = (b: WorkoutFact) => judge(workout(), b).because;
    const shift = { id: "b", ...fromApple };
    expect(said(workout({ ...shift, at: morning + 15 * minute }))).toBe(
      "garmin's cycling and apple-health's cycling share 75 % of the shorter one's time and the same activity.",
    );
    expect(said(workout({ ...shift, at: morning + 50 * minute }))).toBe(
      "garmin's cycling and apple-health's cycling share only 16 % of the shorter one's time.",
    );
  });
});

describe("two numbers", () => {
  test("agree to so many thousandths of the greater one", () => {
    for (const [a, b, permille, is] of [
      [1000, 980, 20, true],
      [980, 1000, 20, true],
      [1000, 979, 20, false],
      [5, 5, 1, true],
    ] as const)
      expect(agree(a, b, permille), `${a} ${b}`).toBe(is);
  });

  test("agree in nothing where one was not measured", () => {
    for (const none of [null, 0])
      for (const other of [null, 0, 1, 20_000_000])
        expect([agree(none, other, 200), agree(other, none, 200)]).toEqual([false, false]);
  });
});
