/** What several records tell of one workout: from when to when, and whether it was recorded. */
import { describe, expect, test } from "vitest";
import { noSettings } from "../../../domain/settings.ts";
import { methods, type WorkoutFact } from "../../../domain/workouts/schema.ts";
import {
  decide,
  fromApple,
  fromGoogle,
  hour,
  minute,
  morning,
  oneOf,
  resolveOf,
  workout,
} from "./facts.ts";

describe("verified", () => {
  const isVerified = (...facts: WorkoutFact[]) => oneOf(facts).scored?.verified;

  test("is what a device or a phone recorded, and nothing else", () => {
    expect(methods.map((method) => [method, isVerified(workout({ method }))])).toEqual([
      ["device", true],
      ["phone", true],
      ["unknown", false],
      ["manual", false],
    ]);
  });

  test("is what they recorded beside a record that was typed in, while that tells nothing of it", () => {
    const typed = workout({ id: "b", ...fromGoogle, method: "manual", energyMcal: 400 });
    expect(isVerified(workout({ id: "a" }), typed)).toBe(true);
    expect(isVerified(workout({ id: "a", distanceMm: null }), typed)).toBe(false);
    expect(isVerified(workout({ id: "a", type: "other" }), typed)).toBe(false);
    expect(isVerified(workout({ id: "a" }), { ...typed, movingMs: 50 * minute })).toBe(false);
  });
});

describe("records of parts alone", () => {
  test("tell together that it began with the first and ended with the last", () => {
    const part = { elapsedMs: 55 * minute, distanceMm: null };
    const parts = [
      workout({ id: "a", ...part, at: morning + hour }),
      workout({ id: "b", ...part }),
      workout({ id: "c", ...fromApple, ...part, elapsedMs: 10 * minute }),
    ];
    const [one, ...more] = resolveOf(parts, noSettings, [decide("join", [["a", "b", "c"]])]);
    expect(more).toEqual([]);
    expect(one).toMatchObject({
      at: morning,
      elapsedMs: 115 * minute,
      toMs: morning + 115 * minute,
    });
  });
});
