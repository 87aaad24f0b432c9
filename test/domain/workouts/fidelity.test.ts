import { describe, expect, test } from "vitest";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import {
  fromApple,
  fromGarmin,
  fromGoogle,
  fromStrava,
  hour,
  minute,
  morning,
  oneOf,
  type Shape,
  workout,
} from "./facts.ts";

const km = (n: number) => n * 1_000_000;
const one = (...facts: WorkoutFact[]) => oneOf(facts);
const from = (...shapes: Shape[]) => {
  const sources = [fromGarmin, fromGoogle, fromApple, fromStrava];
  const letters = ["a", "b", "c", "d"] as const;
  return one(...shapes.map((s, i) => workout({ id: letters[i] ?? "z", ...sources[i], ...s })));
};
const distanceFrom = (...shapes: Shape[]) => from(...shapes).distance?.from;

describe("what measured it decides first", () => {
  test("a device before a phone, a phone before one that does not say, typed in last", () => {
    const told = (["manual", "unknown", "phone", "device"] as const).map(
      (method, i): Shape => ({ method, distanceMm: km(i + 1) }),
    );
    const because = (n: number) => from(...told.slice(0, n)).distance?.because;
    expect(because(4)).toBe("strava: measured by a device");
    expect(because(3)).toBe("apple-health: measured by a phone");
    expect(because(2)).toBe("google-health: measured by a source that does not say by what");
    expect(because(1)).toBe("garmin: typed in by hand");
  });

  test("of every field alike, each by itself", () => {
    const device = { energyMcal: null, movingMs: 50 * minute, elevationGainMm: null };
    const phone = {
      ...{ method: "phone" as const, energyMcal: 5, movingMs: 40 * minute },
      elevationGainMm: 7,
    };
    const w = from(phone, device);
    expect(w.moving).toMatchObject({ value: 50 * minute, from: ["b"] });
    expect(w.energy).toEqual({
      value: 5,
      from: ["a"],
      because: "garmin: measured by a phone; nobody else states it",
    });
    expect(w.elevationGain).toMatchObject({ value: 7, from: ["a"] });
  });

  test("GPS before none told, within one kind of device; but a device's sensor before a phone's GPS", () => {
    expect(distanceFrom({ hasTrack: null }, { hasTrack: true })).toEqual(["b"]);
    expect(from({}, { hasTrack: true }).distance?.because).toBe(
      "google-health: measured with GPS by a device",
    );
    expect(distanceFrom({ hasTrack: null }, { hasTrack: true, method: "phone" })).toEqual(["a"]);
  });

  test("on foot, a distance without GPS is an estimate, worth more only than what was typed in", () => {
    const run = { type: "running" as const, hasTrack: false };
    const walk = { ...run, type: "hiking" as const };
    for (const estimate of [run, walk]) {
      expect(distanceFrom(estimate, { ...estimate, method: "unknown", hasTrack: true })).toEqual([
        "b",
      ]);
      expect(distanceFrom(estimate, { ...estimate, method: "phone", hasTrack: null })).toEqual([
        "b",
      ]);
      expect(distanceFrom(estimate, { ...estimate, method: "phone", hasTrack: true })).toEqual([
        "b",
      ]);
      expect(distanceFrom(estimate, { ...estimate, method: "manual" })).toEqual(["a"]);
    }
    expect(from(run).distance?.because).toBe("garmin: estimated by a device, without GPS");
    expect(distanceFrom({ hasTrack: false }, { method: "phone", hasTrack: true })).toEqual(["a"]);
  });

  test("an estimate of the distance does not make the other fields worse", () => {
    const run = { type: "running" as const, energyMcal: 1, movingMs: 30 * minute };
    const w = from({ ...run, hasTrack: false }, { ...run, method: "phone", hasTrack: true });
    expect(w.distance?.from).toEqual(["b"]);
    expect([w.energy?.from, w.moving.from]).toEqual([["a"], ["a"]]);
  });
});

describe("unknown and zero", () => {
  test("never win, however good what measured them", () => {
    for (const silent of [null, 0])
      for (const [field, name] of [
        ["distanceMm", "distance"],
        ["energyMcal", "energy"],
        ["elevationGainMm", "elevationGain"],
        ["movingMs", "moving"],
      ] as const) {
        const w = from({ [field]: silent }, { method: "manual", [field]: 1234 });
        expect(w[name]).toMatchObject({ value: 1234, from: ["b"] });
      }
  });

  test("of everybody leave the field unknown, and the whole time stands for the moving time", () => {
    const w = from({ distanceMm: 0 }, { distanceMm: null });
    expect(w.distance).toBeNull();
    expect(w.energy).toBeNull();
    expect(w.moving).toEqual({
      value: hour,
      from: ["a"],
      because:
        "no source that saw all of it states the moving time, so the elapsed time stands for it",
    });
  });
});

describe("a record that saw only part of the workout", () => {
  const phone = { method: "phone" as const, elapsedMs: 100 * minute, distanceMm: km(40) };

  test("never gives the distance of the whole, from below 80 % of its time", () => {
    const partial = (elapsedMs: number) => distanceFrom(phone, { elapsedMs, distanceMm: km(30) });
    expect(partial(80 * minute)).toEqual(["b"]);
    expect(partial(80 * minute - 1)).toEqual(["a"]);
  });

  test("but it saw the whole if it went 90 % of its distance: the other was stopped late", () => {
    const stopped = (distanceMm: number) => distanceFrom(phone, { elapsedMs: hour, distanceMm });
    expect(stopped(km(36))).toEqual(["b"]);
    expect(from(phone, { elapsedMs: hour, distanceMm: km(36) }).sources[0]?.fact).toBe("b");
    expect(stopped(km(36) - 1)).toEqual(["a"]);
  });

  test("gives its distance all the same where nobody else states one", () => {
    const w = from({ ...phone, distanceMm: null }, { elapsedMs: hour, distanceMm: km(22) });
    expect(w.distance).toEqual({
      value: km(22),
      from: ["b"],
      because: "google-health: measured by a device; nobody else states it",
    });
    expect(w.sources[0]?.fact).toBe("a");
  });

  test("is not judged by a length that somebody typed in", () => {
    const typed = { method: "manual" as const, elapsedMs: 2 * hour, distanceMm: km(50) };
    const w = from(typed, { elapsedMs: 70 * minute, distanceMm: km(22) });
    expect(w.distance?.from).toEqual(["b"]);
    expect(w.elapsedMs).toBe(70 * minute);
  });
});

describe("separate records of one source in one workout", () => {
  const whole = workout({
    ...{ id: "w", ...fromGoogle, method: "phone", hasTrack: true },
    ...{ elapsedMs: 2 * hour, movingMs: 115 * minute, distanceMm: km(41) },
  });
  const half = (id: string, n: number, shape: Shape = {}) =>
    workout({
      ...{ id, at: morning + n * hour, movingMs: 55 * minute, distanceMm: km(20 + n) },
      ...{ energyMcal: 100, ...shape },
    });

  test("state the sum of their distances and times, and say so", () => {
    const w = one(whole, half("b", 1), half("a", 0));
    expect(w.distance).toEqual({
      value: km(41),
      from: ["a", "b"],
      because: "garmin: measured by a device, the sum of 2 parts",
    });
    expect(w.moving).toMatchObject({ value: 110 * minute, from: ["a", "b"] });
    expect(w.energy).toMatchObject({ value: 200, from: ["a", "b"] });
    expect([w.elapsedMs, w.toMs]).toEqual([2 * hour, morning + 2 * hour]);
    expect(w.id).toBe("w_w");
  });

  test("state no sum of a field that one of them leaves out", () => {
    for (const silent of [null, 0]) {
      const w = one(whole, half("a", 0), half("b", 1, { distanceMm: silent, energyMcal: silent }));
      expect(w.distance).toMatchObject({ value: km(41), from: ["w"] });
      expect(w.energy).toMatchObject({ value: 100, from: ["a"] });
      expect(w.moving.from).toEqual(["a", "b"]);
    }
  });

  test("are not summed when they share time: twins tell of the same stretch", () => {
    const w = one(half("a", 0), half("b", 0, { distanceMm: km(21) }));
    expect(w.distance).toMatchObject({ value: km(20), from: ["a"] });
  });

  test("are not summed when they are copies of one record, one of them moved by a zone", () => {
    const original = workout({ id: "o" });
    const copies = [0, 2].map((n) =>
      workout({ id: `c${n}`, ...fromStrava, copyOf: "origin-o", at: morning + n * hour }),
    );
    expect(one(original, ...copies).distance).toMatchObject({ value: km(20), from: ["o"] });
  });
});

describe("moving time", () => {
  const hike = workout({ id: "h", type: "hiking", elapsedMs: 6 * hour, distanceMm: km(22) });
  const walk = { ...fromApple, type: "walking", method: "phone", distanceMm: km(2) } as const;

  test("is never that of a record which saw only a part", () => {
    const part = { at: morning + 2 * hour, elapsedMs: hour / 2, movingMs: hour / 2 };
    const w = one(hike, workout({ id: "p", ...walk, ...part }));
    expect(w.moving).toMatchObject({ value: 6 * hour, from: ["h"] });
    expect(w.held).toEqual([]);
  });

  test("is that of one which saw all of it, however little else it is trusted", () => {
    const all = { elapsedMs: 5.5 * hour, movingMs: 5 * hour };
    expect(one(hike, workout({ id: "p", ...walk, ...all })).moving.from).toEqual(["p"]);
  });
});

describe("between equals", () => {
  test("an original goes before its copy, though the copy is longer", () => {
    const copy = { ...fromGoogle, copyOf: "origin-b", distanceMm: km(21), elapsedMs: 61 * minute };
    const w = one(workout({ id: "a", ...copy }), workout({ id: "b" }));
    expect(w.distance?.from).toEqual(["b"]);
    expect(w.sources.map((s) => s.fact)).toEqual(["b", "a"]);
  });

  test("a provider's own record goes before one that a hub has from its app", () => {
    const relayed = { id: "a", ...fromApple, app: "com.garmin.connect.mobile" };
    const own = workout({ id: "b", elapsedMs: 59 * minute });
    expect(one(workout(relayed), own).distance?.from).toEqual(["b"]);
    expect(one(workout({ ...relayed, app: "com.apple.health" }), own).distance?.from).toEqual([
      "a",
    ]);
  });

  test("one that names the activity goes first, then the longer, the earlier, and the provider's name", () => {
    expect(distanceFrom({ type: "other", elapsedMs: 61 * minute }, {})).toEqual(["b"]);
    expect(distanceFrom({}, { elapsedMs: 61 * minute })).toEqual(["b"]);
    expect(distanceFrom({}, { at: morning - minute })).toEqual(["b"]);
    expect(distanceFrom({}, {}, {})).toEqual(["c"]);
  });
});

describe("whose readings to show", () => {
  test("heart rate of a chest strap, then a wrist, then one that does not say; then by trust", () => {
    const w = from(
      { heartRateBy: null },
      { heartRateBy: "unknown" },
      { heartRateBy: "wrist" },
      { heartRateBy: "strap", method: "phone", elapsedMs: 50 * minute },
    );
    expect(w.heartRate).toEqual(["d", "c", "b", "a"]);
    const equal = from(
      { heartRateBy: "wrist", method: "phone" },
      { heartRateBy: "wrist" },
      { heartRateBy: null },
    );
    expect(equal.heartRate).toEqual(["b", "a", "c"]);
  });

  test("a track that is told to be there, then one that may be; never one that is told not to be", () => {
    const w = from(
      { hasTrack: null },
      { hasTrack: false },
      { hasTrack: true, method: "phone" },
      { hasTrack: true },
    );
    expect(w.track).toEqual(["d", "c", "a"]);
    expect(from({ hasTrack: false }).track).toEqual([]);
  });
});
