import { describe, expect, test } from "vitest";
import { groupWorkouts } from "../../../domain/workouts/group.ts";
import { shiftMsMax } from "../../../domain/workouts/pair.ts";
import { mayBeShifted, zoneShiftMin } from "../../../domain/workouts/shifted.ts";
import {
  decide,
  fromApple,
  fromGarmin,
  fromGoogle,
  fromStrava,
  grouped,
  groupWith,
  hour,
  idsOf,
  minute,
  morning,
  type Shape,
  second,
  sentence,
  withSettings,
  workout,
} from "./facts.ts";

const told = { elapsedMs: 47 * minute + 13 * second, distanceMm: 9_876_543 };
const here = (shape: Shape = {}) => workout({ id: "a", ...told, ...shape });
const moved = (byMs: number, shape: Shape = {}) =>
  workout({ id: "b", ...fromGoogle, ...told, at: morning + byMs, ...shape });
const isOne = (shape: Shape = {}, base: Shape = {}) =>
  grouped(here(base), moved(2 * hour, shape)).length === 1;

describe("a distance between two starts", () => {
  const shift = (ms: number) => zoneShiftMin(here(), moved(ms));

  test("is a zone's offset in whole hours up to fourteen, and in the broken ones in use", () => {
    for (let hours = 1; hours <= 14; hours++) expect(shift(hours * hour)).toBe(hours * 60);
    for (const min of [150, 210, 270, 330, 345, 390, 525, 570, 630, 765, 825])
      expect(shift(-min * minute)).toBe(min);
    for (const min of [0, 15, 30, 45, 75, 90, 105, 165, 405, 855, 900])
      expect(shift(min * minute)).toBeNull();
  });

  test("is so to the minute, for starts that were truncated", () => {
    expect(shift(2 * hour + minute)).toBe(120);
    expect(shift(2 * hour - minute)).toBe(120);
    expect(shift(2 * hour + minute + 1)).toBeNull();
    expect(shift(14 * hour + minute)).toBe(840);
    expect(shiftMsMax).toBe(14 * hour + minute);
  });
});

describe("a copy that a wrong zone moved", () => {
  test("is one with its original, and the group says so", () => {
    for (const ms of [2 * hour, -5 * hour, 345 * minute, -14 * hour]) {
      const [group, ...rest] = groupWorkouts([here(), moved(ms)]);
      expect(rest).toEqual([]);
      expect(group?.joined.map((r) => r.rule)).toEqual(["shifted"]);
      expect(group?.joined[0]?.because).toMatch(sentence);
      expect(group?.joined[0]?.because).toContain("a whole zone offset apart");
    }
  });

  test("lasts as long to two seconds", () => {
    expect(isOne({ elapsedMs: told.elapsedMs + 2 * second })).toBe(true);
    expect(isOne({ elapsedMs: told.elapsedMs + 2 * second + 1 })).toBe(false);
    const long = { elapsedMs: 5 * hour };
    expect(isOne({ ...long, at: morning + 8 * hour }, long)).toBe(true);
    expect(isOne({ elapsedMs: 5 * hour + 3 * second, at: morning + 8 * hour }, long)).toBe(false);
  });

  test("went as far to one per cent", () => {
    expect(isOne({ distanceMm: 9_970_000 })).toBe(true);
    expect(isOne({ distanceMm: 9_980_000 })).toBe(false);
  });

  test("without a distance agrees in energy or moving time; a length alone proves nothing", () => {
    const silent = { distanceMm: null };
    expect(isOne(silent, silent)).toBe(false);
    const burnt = { ...silent, energyMcal: 400_000_000 };
    expect(isOne(burnt, burnt)).toBe(true);
    expect(isOne({ ...burnt, energyMcal: 405_000_000 }, burnt)).toBe(false);
    const moving = { ...silent, movingMs: 40 * minute };
    expect(isOne(moving, moving)).toBe(true);
    expect(isOne({ ...moving, movingMs: 41 * minute }, moving)).toBe(false);
    expect(isOne({ energyMcal: 400_000_000 }, burnt)).toBe(true);
    expect(isOne({ movingMs: 40 * minute }, moving)).toBe(false);
  });

  test("is not typed in, not of the same source and not of another activity", () => {
    expect(isOne({ method: "manual" })).toBe(false);
    expect(isOne(fromGarmin)).toBe(false);
    expect(isOne({ type: "running" })).toBe(false);
    expect(isOne({ type: "other" })).toBe(true);
    for (const other of [{ method: "manual" }, fromGarmin, { type: "running" }] as const)
      expect(mayBeShifted(here(), moved(2 * hour, other))).toBe(false);
    expect(mayBeShifted(here({ method: "manual" }), moved(2 * hour))).toBe(false);
  });

  test("that names another original is believed unless its numbers agree to the second", () => {
    const named = { copyOf: "elsewhere" };
    expect(isOne(named)).toBe(true);
    expect(isOne({ ...named, elapsedMs: told.elapsedMs + second })).toBe(true);
    expect(isOne({ ...named, elapsedMs: told.elapsedMs + second + 1 })).toBe(false);
    expect(isOne({ ...named, distanceMm: told.distanceMm + 9000 })).toBe(true);
    expect(isOne({ ...named, distanceMm: told.distanceMm + 20_000 })).toBe(false);
    expect(mayBeShifted(here({ copyOf: "x" }), moved(2 * hour + 5 * minute))).toBe(false);
  });
});

test("Round numbers are one by a shift of either's own zone, or of the one to the other", () => {
  const round = { elapsedMs: 30 * minute, distanceMm: 5_000_000 };
  const isMoved = (hours: number, offsetMin: number, other: number) =>
    isOne({ ...round, offsetMin: other, at: morning + hours * hour }, { ...round, offsetMin });
  for (const [offsetMin, other] of [
    [60, -300],
    [-300, 60],
  ] as const)
    expect([1, 2, 4, 5, 6, 7, 10].filter((n) => isMoved(n, offsetMin, other))).toEqual([
      1, 2, 5, 6, 10,
    ]);
  expect(isMoved(5, 0, 300)).toBe(true);
  expect(isMoved(5, 0, 0)).toBe(false);
});

describe("the same loop ridden twice", () => {
  test("stays two where the same account has both", () => {
    const again = here({ id: "c", at: morning + 2 * hour });
    const groups = groupWorkouts([here(), again, moved(2 * hour)]);
    expect(idsOf(groups)).toEqual([["a"], ["b", "c"]]);
    const said = groupWith(groups, "a").apart.find((r) => r.b === "b");
    expect(said?.rule).toBe("ambiguous");
    expect(said?.because).toMatch(/ But the same source has both\.$/);
  });

  test("is left alone where a third record agrees with two others", () => {
    const groups = groupWorkouts([
      here(),
      moved(-2 * hour),
      moved(3 * hour, { id: "c", ...fromGoogle }),
    ]);
    expect(idsOf(groups)).toEqual([["a"], ["b"], ["c"]]);
    const said = groupWith(groups, "a").apart;
    expect(said.map((r) => r.rule)).toEqual(["ambiguous", "ambiguous"]);
    for (const { because } of said) {
      expect(because).toMatch(sentence);
      expect(because).toContain("another just as well");
    }
  });

  /** Neither shift is the other's, nor is what lies between them one. */
  const [later, earlier] = [2 * hour, -345 * minute];
  const apartAs = (groups: ReturnType<typeof groupWorkouts>) =>
    groups.flatMap(({ apart }) => apart.map(({ because }) => because)).join(" ");

  test("stays two where the same account has both, in a group of several", () => {
    const groups = groupWorkouts([
      here(),
      here({ id: "c", ...fromApple }),
      moved(later, fromApple),
    ]);
    expect(idsOf(groups)).toEqual([["a", "c"], ["b"]]);
    expect(apartAs(groups)).toContain("But the same source has both.");
  });

  test("is left alone where two of other sources agree with it", () => {
    const other = moved(earlier, { id: "c", ...fromApple });
    const groups = groupWorkouts([here(), moved(later), other]);
    expect(idsOf(groups)).toEqual([["a"], ["b"], ["c"]]);
    expect(apartAs(groups)).toContain("But it could be another just as well.");
    expect(grouped(here(), moved(later))).toEqual([["a", "b"]]);
    expect(grouped(here(), other)).toEqual([["a", "c"]]);
  });

  test("is two rides, each with its mirror: both sides are explained", () => {
    const measuredAnew = { distanceMm: 9_600_000 };
    const mirror = here({ id: "c", ...fromApple, ...measuredAnew });
    const other = moved(2 * hour);
    const itsMirror = moved(2 * hour, { id: "d", ...fromStrava, ...measuredAnew });
    const groups = groupWorkouts([here(), mirror, other, itsMirror]);
    expect(idsOf(groups)).toEqual([
      ["a", "c"],
      ["b", "d"],
    ]);
    for (const { rule, because } of groupWith(groups, "a").apart) {
      expect(rule).toBe("ambiguous");
      expect(because).toMatch(/ But both have records beside them that fit\.$/);
    }
  });
});

describe("a shifted record", () => {
  test("joins a group of several, if it stands alone", () => {
    expect(grouped(here(), here({ id: "c", ...fromApple }), moved(2 * hour))).toEqual([
      ["a", "b", "c"],
    ]);
  });

  test("that agrees in every number is a better explanation than mere shared time", () => {
    const hike = { elapsedMs: 3 * hour, distanceMm: 12_000_000 };
    const later = { at: morning + 2 * hour, elapsedMs: 3 * hour };
    const crossing = (distanceMm: number) =>
      grouped(here(hike), moved(2 * hour, hike), here({ id: "c", ...later, distanceMm }));
    expect(crossing(7_000_000)).toEqual([["a", "b"], ["c"]]);
    expect(crossing(11_900_000)).toEqual([["a"], ["b", "c"]]);
  });

  test("stays apart when the member said so", () => {
    const split = decide("split", [["a"], ["b"]]);
    expect(idsOf(groupWorkouts([here(), moved(2 * hour)], [split]))).toEqual([["a"], ["b"]]);
  });

  test("stays apart from the whole group that the member parted it from", () => {
    const mirror = here({ id: "c", ...fromApple });
    const split = decide("split", [["c"], ["b"]]);
    const groups = groupWorkouts([here(), mirror, moved(2 * hour)], [split]);
    expect(idsOf(groups)).toEqual([["a", "c"], ["b"]]);
    const said = groupWith(groups, "b").apart.find((r) => r.a === "a");
    expect(said?.because).toMatch(/ But the member parted them\.$/);
  });

  test("joins what one source told of twice, though its own mirror was measured anew", () => {
    const twin = here({ id: "t", distanceMm: 9_600_000 });
    const mirror = moved(2 * hour, { id: "c", ...fromApple, distanceMm: 9_700_000 });
    expect(grouped(here(), twin, moved(2 * hour), mirror)).toEqual([["a", "b", "c", "t"]]);
  });

  test("that names the same activity joins, though its mirror was labelled anew", () => {
    const mirror = moved(2 * hour, { id: "c", ...fromApple, type: "hiking" });
    expect(grouped(moved(2 * hour), mirror)).toEqual([["b", "c"]]);
    expect(grouped(here(), moved(2 * hour), mirror)).toEqual([["a", "b", "c"]]);
  });

  test("that does not say what was done stands beside no ride for a hike", () => {
    const vague = moved(2 * hour, { type: "other" });
    const hike = here({ id: "c", ...fromApple, type: "hiking", at: vague.at });
    const groups = groupWorkouts([here(), vague, hike]);
    expect(idsOf(groups)).toEqual([["a"], ["b", "c"]]);
    expect(groupWith(groups, "a").apart[0]?.because).toContain("name two activities");
  });

  test("brings no two together that the member parted, though both agree with a third", () => {
    const both = [moved(2 * hour), moved(2 * hour, { id: "c", ...fromApple })];
    const split = decide("split", [["b"], ["c"]]);
    const groups = groupWorkouts([here(), here({ id: "d", ...fromStrava }), ...both], [split]);
    expect(groupWith(groups, "b")).not.toBe(groupWith(groups, "c"));
    const anew = here({ id: "d", ...fromStrava, distanceMm: 9_600_000 });
    expect(grouped(here(), anew, ...both)).toEqual([["a", "b", "c", "d"]]);
    expect(idsOf(groupWorkouts([here(), anew, ...both], [split]))).toEqual([
      ["a", "b", "d"],
      ["c"],
    ]);
  });
});

describe("half an hour and five kilometres, twice a day", () => {
  const round = { elapsedMs: 30 * minute, distanceMm: 5_000_000, offsetMin: null };
  const facts = (hours: number, shape: Shape = {}) => [
    workout({ id: "a", ...round }),
    workout({ id: "b", ...fromApple, ...round, at: morning + hours * hour, ...shape }),
  ];
  const inBerlin = withSettings({ zone: "Europe/Berlin" });
  const many = (hours: number, shape: Shape = {}, settings = inBerlin) =>
    groupWorkouts(facts(hours, shape), [], settings).length;

  test("are two, unless the shift is that of the member's own zone, once or twice over", () => {
    expect([1, 2, 3, 11].map((hours) => many(hours))).toEqual([1, 1, 2, 2]);
  });

  test("are two, unless a record states the offset that it is apart", () => {
    expect(many(11, { offsetMin: 660 })).toBe(1);
    expect(many(11, { offsetMin: 120 })).toBe(2);
  });

  test("are one where nobody knows a zone, and where a number is not round", () => {
    expect(many(11, {}, withSettings({}))).toBe(1);
    expect(many(11, { elapsedMs: 30 * minute + second })).toBe(1);
  });

  test("say why they are two", () => {
    const [group] = groupWorkouts(facts(11), [], inBerlin);
    expect(group?.apart[0]?.because).toContain("the numbers are round");
  });
});
