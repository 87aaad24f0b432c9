import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { noSettings } from "../../../domain/settings.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import {
  methods,
  type WorkoutFact,
  workoutSchema,
  workoutSeal,
} from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import {
  factSets,
  fromApple,
  fromGarmin,
  fromGoogle,
  hour,
  minute,
  morning,
  toldTwice,
  workout,
} from "./facts.ts";

const berlin = { zones: [{ zone: "Europe/Berlin", fromMs: 0 }] };
const resolve = (facts: readonly WorkoutFact[], settings = noSettings): ResolvedWorkout[] =>
  workouts.resolve?.of(facts, settings) ?? [];
function one(...facts: WorkoutFact[]): ResolvedWorkout {
  const resolved = resolve(facts);
  expect(resolved).toHaveLength(1);
  return resolved[0] as ResolvedWorkout;
}

const fields = [
  ["moving", "movingMs"],
  ["distance", "distanceMm"],
  ["energy", "energyMcal"],
  ["elevationGain", "elevationGainMm"],
] as const;

describe("what counts is a function of the set", () => {
  test("the same records in any order and said again give identical bytes", () => {
    fc.assert(
      fc.property(toldTwice, fc.constantFrom(noSettings, berlin), ([once, again], settings) => {
        expect(JSON.stringify(resolve(again, settings))).toBe(
          JSON.stringify(resolve(once, settings)),
        );
      }),
      { numRuns: 1000 },
    );
  });

  test("every workout has its own id, and the ids of what is untouched stay", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        const ids = resolve(facts).map((w) => w.id);
        expect(new Set(ids).size).toBe(ids.length);
        const more = resolve([...facts, workout({ id: "z", at: morning + 300 * hour })]);
        expect(more.map((w) => w.id)).toEqual(expect.arrayContaining(ids));
      }),
    );
  });
});

describe("a merged value", () => {
  test("is what one of its sources said, never unknown and never a zero", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const w of resolve(facts))
          for (const [name, field] of fields) {
            const members = facts.filter((f) => w.sources.some((s) => s.fact === f.id));
            const known = members.filter((f) => (f[field] ?? 0) > 0);
            const chosen = w[name];
            if (known.length === 0) {
              if (name !== "moving") expect(chosen).toBeNull();
              continue;
            }
            const from = known.find((f) => f.id === chosen?.from);
            expect(from?.[field]).toBe(chosen?.value);
            const best = Math.min(...known.map((f) => methods.indexOf(f.method)));
            expect(methods.indexOf(from?.method ?? "unknown")).toBe(best);
          }
      }),
      { numRuns: 1000 },
    );
  });

  test("of a device goes before a phone's, a hand-typed and an unknown one", () => {
    const told = (method: WorkoutFact["method"], distanceMm: number, from: typeof fromGarmin) =>
      workout({ id: method, ...from, method, distanceMm });
    const device = told("device", 1, fromGarmin);
    const phone = told("phone", 2, fromGoogle);
    const manual = told("manual", 3, fromApple);
    const unknown = told("unknown", 4, { connection: "con_4", provider: "x" });
    expect(one(unknown, manual, phone, device).distance).toEqual({ value: 1, from: "device" });
    expect(one(unknown, manual, phone).distance).toEqual({ value: 2, from: "phone" });
    expect(one(unknown, manual).distance).toEqual({ value: 3, from: "manual" });
  });

  test("comes from the next one where the best says nothing or zero", () => {
    const best = workout({ id: "a", distanceMm: 0, energyMcal: null, elevationGainMm: 5 });
    const next = workout({
      ...{ id: "b", ...fromGoogle, method: "phone", distanceMm: 19, energyMcal: 7 },
      elevationGainMm: 9,
    });
    const w = one(best, next);
    expect(w.distance).toEqual({ value: 19, from: "b" });
    expect(w.energy).toEqual({ value: 7, from: "b" });
    expect(w.elevationGain).toEqual({ value: 5, from: "a" });
    expect(w.sources.map((s) => s.fact)).toEqual(["a", "b"]);
  });

  test("that nobody measured is unknown, and counts zero", () => {
    const w = one(workout({ distanceMm: 0 }));
    expect(w.distance).toBeNull();
    const distance = workouts.measures.find((m) => m.name === "distance");
    expect([...(distance?.of(w) ?? [])]).toEqual([
      ["all", 0],
      ["ride", 0],
    ]);
  });

  test("of moving time falls back to the whole time", () => {
    expect(one(workout({ movingMs: 0 })).moving).toEqual({ value: hour, from: "a" });
  });

  test("of an original goes before its copy's", () => {
    const copy = workout({ id: "a", ...fromGoogle, copyOf: "origin-b", distanceMm: 1 });
    const original = workout({ id: "b", elapsedMs: 50 * minute, distanceMm: 2 });
    expect(one(copy, original).distance?.from).toBe("b");
  });

  test("of type is the best that says more than `other`", () => {
    const vague = workout({ id: "a", type: "other" });
    const said = workout({ id: "b", ...fromGoogle, method: "manual", type: "gravel_cycling" });
    expect(one(vague, said)).toMatchObject({ type: "gravel_cycling", family: "ride" });
  });
});

describe("a workout's day", () => {
  const late = Date.UTC(2026, 10, 14, 23, 30);

  test("is the one its source's clock showed", () => {
    expect(one(workout({ at: late, offsetMin: 60 }))).toMatchObject({
      day: "2026-11-15",
      offsetFrom: "source",
    });
    expect(one(workout({ at: late, offsetMin: 0 })).day).toBe("2026-11-14");
  });

  test("is the member's own where no source states an offset", () => {
    const [w] = resolve([workout({ at: late, offsetMin: null })], berlin);
    expect(w).toMatchObject({ day: "2026-11-15", offsetMin: 60, offsetFrom: "zone" });
  });

  test("takes any source's offset before the zone's", () => {
    const silent = workout({ id: "a", at: late, offsetMin: null });
    const stating = workout({
      id: "b",
      ...fromGoogle,
      method: "manual",
      at: late,
      offsetMin: -300,
    });
    const [w] = resolve([silent, stating], berlin);
    expect(w).toMatchObject({ day: "2026-11-14", offsetMin: -300, offsetFrom: "source" });
  });
});

describe("the stream's table", () => {
  test("seals every field that is restricted and names none that does not exist", () => {
    expect(Object.keys(workoutSeal).sort()).toEqual(
      ["deviceName", "heartRate", "notes", "originalType", "sourceId", "title", "track"].sort(),
    );
    for (const field of Object.keys(workoutSeal)) expect(workoutSchema.shape).toHaveProperty(field);
  });

  test("puts nothing restricted into what is resolved", () => {
    const secret = { title: "SECRET", notes: "SECRET", deviceName: "SECRET", sourceId: "SECRET" };
    const heartRate = [{ t: morning, bpm: 199 }];
    const text = JSON.stringify(one(workout({ ...secret, originalType: "SECRET", heartRate })));
    expect(text).not.toMatch(/SECRET|199/);
  });

  test("counts a workout once on the board of all and once on its family's", () => {
    const count = workouts.measures.find((m) => m.name === "count");
    expect([...(count?.of(one(workout())) ?? [])]).toEqual([
      ["all", 1],
      ["ride", 1],
    ]);
  });

  test("reaches as far as any one record can last", () => {
    const reachMs = (workouts.resolve?.reachDays ?? 0) * 86_400_000;
    expect(workoutSchema.safeParse({ ...workout(), elapsedMs: reachMs }).success).toBe(false);
  });
});
