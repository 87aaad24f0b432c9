import { describe, expect, test } from "vitest";
import { type Decision, rulesAt } from "../../../domain/stream.ts";
import type { ActivityType } from "../../../domain/workouts/activity.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import {
  decide,
  fromApple,
  fromGoogle,
  fromStrava,
  hour,
  minute,
  morning,
  oneOf,
  resolveOf,
  type Shape,
  second,
  withSettings,
  workout,
} from "./facts.ts";

const km = (n: number) => Math.round(n * 1_000_000);
const heldOn = (facts: readonly WorkoutFact[], settings?: Parameters<typeof oneOf>[1]) =>
  oneOf(facts, settings).held.map((h) => h.rule);
const held = (shape: Shape) => heldOn([workout(shape)]);
/** Of each workout, by its first source: what is held against it. */
const holds = (facts: readonly WorkoutFact[], decisions: readonly Decision[] = []) =>
  Object.fromEntries(
    resolveOf(facts, undefined, decisions).map((w) => [
      w.sources[0]?.fact,
      w.held.map((h) => h.rule),
    ]),
  );

describe("faster than anyone has gone", () => {
  test.each<[ActivityType, number, number]>([
    ["running", minute, 9.5],
    ["running", 30 * minute, 6.4],
    ["trail_running", 2 * hour, 6],
    ["walking", 10 * minute, 4.8],
    ["hiking", 6 * hour, 4],
    ["cycling", hour, 17.5],
    ["virtual_cycling", 5 * hour, 14.5],
    ["e_biking", hour, 20],
    ["swimming", 10 * minute, 2.2],
    ["rowing", hour, 5.6],
    ["skiing", 10 * minute, 35],
    ["other", hour, 40],
    ["strength_training", hour, 40],
  ])("%s for %d ms is held from just above %d m/s", (type, elapsedMs, mps) => {
    expect(held({ type, elapsedMs, distanceMm: mps * elapsedMs })).toEqual([]);
    expect(held({ type, elapsedMs, distanceMm: mps * elapsedMs + 1 })).toEqual(["too-fast"]);
    const moving = { type, elapsedMs: 10 * hour, movingMs: elapsedMs };
    expect(held({ ...moving, distanceMm: mps * elapsedMs + 1 })).toEqual(["too-fast"]);
  });

  test("depends on how long: a limit holds from its duration on", () => {
    const run = { type: "running" as const, distanceMm: 6.5 * 30 * minute };
    expect(held({ ...run, elapsedMs: 30 * minute })).toEqual(["too-fast"]);
    expect(held({ ...run, elapsedMs: 30 * minute - 1 })).toEqual([]);
  });

  test.each<[string, ActivityType, number, number]>([
    ["100 m in 9.58 s", "running", 0.1, 9.58],
    ["400 m in 43.03 s", "running", 0.4, 43.03],
    ["a mile in 3:43.13", "running", 1.609344, 223.13],
    ["a half marathon in 56:42", "running", 21.0975, 3402],
    ["a marathon in 2:00:35", "running", 42.195, 7235],
    ["319.614 km in a day", "running", 319.614, 86_400],
    ["50 km of race walking in 3:32:33", "walking", 50, 12_753],
    ["the hour on a track, 56.792 km", "cycling", 56.792, 3600],
    ["1026 km in a day on a road", "cycling", 1026.215, 86_400],
    ["1500 m of freestyle in 14:30.67", "swimming", 1.5, 870.67],
    ["2 km on the erg in 5:35.8", "indoor_rowing", 2, 335.8],
  ])("no world record is held: %s", (_name, type, distance, seconds) => {
    const elapsedMs = Math.round(seconds * second);
    expect(held({ type, distanceMm: km(distance), elapsedMs })).toEqual([]);
  });

  test("says both speeds", () => {
    const [hold] = oneOf([workout({ distanceMm: km(101.529), elapsedMs: 2432 * second })]).held;
    expect(hold?.because).toBe(
      "150.3 km/h on average over that time is faster than anyone has gone (72.0 km/h).",
    );
  });
});

describe("farther and longer than anyone has gone", () => {
  test.each<[ActivityType, number, number]>([
    ["running", 1100, 140],
    ["hiking", 900, 140],
    ["gravel_cycling", 4000, 140],
    ["open_water_swimming", 260, 140],
    ["rowing", 400, 140],
  ])("%s is held above %d km", (type, most, hours) => {
    const elapsedMs = hours * hour;
    expect(held({ type, elapsedMs, distanceMm: km(most) })).toEqual([]);
    expect(held({ type, elapsedMs, distanceMm: km(most) + 1 })).toEqual(["too-far"]);
  });

  test("moving for more than six days is", () => {
    expect(held({ elapsedMs: 150 * hour, movingMs: 144 * hour })).toEqual([]);
    expect(held({ elapsedMs: 150 * hour, movingMs: 144 * hour + 1 })).toEqual(["too-long"]);
    expect(held({ elapsedMs: 150 * hour })).toEqual(["too-long"]);
  });

  test("twelve hours of nobody knows what is, twelve hours of a ride is not", () => {
    expect(held({ type: "other", elapsedMs: 12 * hour })).toEqual(["too-long"]);
    expect(held({ type: "cardio", elapsedMs: 12 * hour })).toEqual(["too-long"]);
    expect(held({ type: "other", elapsedMs: 12 * hour - 1 })).toEqual([]);
    expect(held({ elapsedMs: 12 * hour })).toEqual([]);
  });
});

describe("a distance that its own source's speed contradicts", () => {
  const riding = (speedMmps: number, shape: Shape = {}) =>
    held({ speedMmps, movingMs: hour, distanceMm: km(18), ...shape });

  test("is held when it is less than what follows by more than half as much again", () => {
    expect(riding(5000)).toEqual([]);
    expect(riding(3334)).toEqual([]);
    expect(riding(3333)).toEqual(["speed-disagrees"]);
  });

  test("is not held when it is more: swimmers' watches leave the rests out of it", () => {
    expect(riding(7501)).toEqual([]);
    expect(riding(15_000)).toEqual([]);
  });

  test("is not held for a slow average over pauses of unknown length", () => {
    expect(riding(9000, { movingMs: null })).toEqual([]);
    expect(riding(3333, { movingMs: null })).toEqual(["speed-disagrees"]);
  });

  test("is not held without a stated speed: zero is none", () => {
    expect(riding(0)).toEqual([]);
    expect(held({ speedMmps: null, movingMs: hour, distanceMm: km(18) })).toEqual([]);
  });

  test("as in a real record: 101,529 m in 2,432 s at 2.87 m/s on average", () => {
    const w = oneOf([
      workout({ distanceMm: 101_529_000, elapsedMs: 2432 * second, speedMmps: 2870 }),
    ]);
    expect(w.held).toEqual([
      expect.objectContaining({ rule: "too-fast" }),
      {
        rule: "speed-disagrees",
        because:
          "Its distance and time make 150.3 km/h, but its source states 10.3 km/h on average.",
      },
    ]);
    for (const measure of workouts.measures)
      expect([...measure.of(w, rulesAt(workouts.rules))]).toEqual([]);
    const slow = workout({ distanceMm: 36_000_000, elapsedMs: 2432 * second, speedMmps: 2870 });
    expect(heldOn([slow])).toEqual(["speed-disagrees"]);
  });
});

describe("what is held", () => {
  const fast = workout({ id: "f", method: "phone", distanceMm: km(100) });
  const better = workout({ id: "b", ...fromGoogle, distanceMm: km(30) });

  test("stays in its owner's list with its values, and counts on no board", () => {
    const w = oneOf([fast]);
    expect(w.distance?.value).toBe(km(100));
    expect(w.scored).not.toBeNull();
    for (const measure of workouts.measures)
      expect([...measure.of(w, rulesAt(workouts.rules))]).toEqual([]);
  });

  test("is cleared by a better source, whose value is then chosen", () => {
    expect(heldOn([fast])).toEqual(["too-fast"]);
    expect(heldOn([fast, better])).toEqual([]);
    expect(
      heldOn([
        { ...fast, method: "device" },
        { ...better, method: "phone" },
      ]),
    ).toEqual(["too-fast"]);
  });

  test("is lifted by an operator, while its values come from what was cleared", () => {
    const clear = decide("clear", [["f"]]);
    expect(holds([fast], [clear])).toEqual({ f: [] });
    const faster = { ...better, distanceMm: km(200) };
    expect(holds([fast, faster], [clear])).toEqual({ b: ["too-fast"] });
    expect(holds([fast, faster], [decide("clear", [["f", "b"]])])).toEqual({ b: [] });
    expect(holds([fast], [decide("clear", [["b"]])])).toEqual({ f: ["too-fast"] });
  });

  test("is not lifted for what the same record says later", () => {
    const clear = decide("clear", [["f"]]);
    expect(holds([{ ...fast, revision: 2 }], [clear])).toEqual({ f: ["too-fast"] });
  });

  test("is not lifted while one of several values comes from what nobody cleared", () => {
    const moving = workout({ id: "m", ...fromGoogle, distanceMm: null, movingMs: 50 * minute });
    expect(holds([fast, moving], [decide("clear", [["f"]])])).toEqual({ m: ["too-fast"] });
    expect(holds([fast, moving], [decide("clear", [["f", "m"]])])).toEqual({ m: [] });
  });
});

describe("what boards would count is what is judged", () => {
  const settings = withSettings({ ownerOnly: ["strava"] });
  const strava = (distanceMm: number) => workout({ id: "s", ...fromStrava, distanceMm });
  const typed = (distanceMm: number) => workout({ id: "g", method: "manual", distanceMm });

  test("a believable value that only the owner may see clears no unbelievable one", () => {
    expect(heldOn([strava(km(30)), typed(km(300))])).toEqual([]);
    expect(heldOn([strava(km(30)), typed(km(300))], settings)).toEqual(["too-fast"]);
  });

  test("an unbelievable value that only the owner may see holds no believable one", () => {
    expect(heldOn([strava(km(300)), typed(km(30))])).toEqual(["too-fast"]);
    expect(heldOn([strava(km(300)), typed(km(30))], settings)).toEqual([]);
  });

  test("and where nothing would be counted, what the owner sees is", () => {
    expect(heldOn([strava(km(300))], settings)).toEqual(["too-fast"]);
  });
});

describe("time that another workout counts already", () => {
  const leg = (id: string, type: ActivityType, fromMin: number, toMin: number, distance: number) =>
    workout({
      ...{ id, type, at: morning + fromMin * minute, elapsedMs: (toMin - fromMin) * minute },
      distanceMm: km(distance),
    });
  const whole = (type: ActivityType, distance: number | null, shape: Shape = {}) =>
    workout({
      ...{ id: "w", ...fromApple, type, elapsedMs: 3 * hour },
      ...{ distanceMm: distance === null ? null : km(distance), ...shape },
    });
  const race = [
    leg("s", "swimming", 0, 30, 1.5),
    leg("r", "cycling", 32, 110, 40),
    leg("x", "running", 112, 160, 10),
  ];

  test("is counted by the legs of a race, not by the record of the whole", () => {
    const none = { s: [], r: [], x: [] };
    expect(holds([...race, whole("other", 51.5)])).toEqual({ ...none, w: ["counted-elsewhere"] });
    const [w] = resolveOf([...race, whole("other", 51.5)]).filter((r) => r.type === "other");
    expect(w?.held[0]?.because).toBe("Its time is counted by the 3 workouts that lie in it.");
  });

  test("is counted by the whole where that went farther by more than a quarter", () => {
    const errands = [leg("s", "walking", 10, 30, 2), leg("r", "walking", 90, 120, 2)];
    const inner = { s: ["counted-elsewhere"], r: ["counted-elsewhere"] };
    expect(holds([...errands, whole("hiking", 5.001)])).toEqual({ ...inner, w: [] });
    expect(holds([...errands, whole("hiking", 5)])).toEqual({
      s: [],
      r: [],
      w: ["counted-elsewhere"],
    });
    expect(holds([...errands, whole("hiking", null)])).toEqual({
      s: [],
      r: [],
      w: ["counted-elsewhere"],
    });
  });

  test("is counted by the whole where they fill half of it: then it was no idle device", () => {
    const pieces = (min: number) => [
      leg("s", "walking", 5, 5 + min, 4),
      leg("r", "walking", 90, 90 + min, 4),
    ];
    expect(holds([...pieces(45), whole("hiking", 9)])).toMatchObject({ w: [] });
    expect(holds([...pieces(44), whole("hiking", 9)])).toMatchObject({ s: [], r: [] });
  });

  test("is not in question for two workouts that merely cross, or of which one holds a single other", () => {
    const [s, r] = [leg("s", "cycling", 0, 100, 40), leg("r", "cycling", 90, 170, 40)];
    expect(holds([s, r])).toEqual({ s: [], r: [] });
    expect(holds([leg("s", "swimming", 0, 30, 1.5), whole("other", 2)])).toEqual({ s: [], w: [] });
  });

  test("is counted by the believable side where the other is held for itself", () => {
    const errands = [leg("s", "walking", 10, 30, 2), leg("r", "walking", 90, 120, 2)];
    expect(holds([...errands, whole("hiking", 200)])).toEqual({ s: [], r: [], w: ["too-fast"] });
    const flights = [leg("s", "walking", 10, 30, 20), leg("r", "walking", 90, 120, 20)];
    expect(holds([...flights, whole("hiking", 10)])).toEqual({
      ...{ s: ["too-fast"], r: ["too-fast"], w: [] },
    });
  });

  test("is counted by what may be counted, where the other is for its owner alone", () => {
    const settings = withSettings({ ownerOnly: ["strava"] });
    const errands = [leg("s", "walking", 10, 30, 2), leg("r", "walking", 90, 120, 2)];
    const hike = whole("hiking", 15, fromStrava);
    for (const w of resolveOf([...errands, hike], settings)) expect(w.held).toEqual([]);
  });
});
