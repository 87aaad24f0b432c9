import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { rulesAt } from "../../../domain/stream.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import {
  methods,
  type WorkoutFact,
  workoutSchema,
  workoutSeal,
} from "../../../domain/workouts/schema.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { factPrefixOf, idOf } from "../../../domain/workouts/workout-id.ts";
import { factSets } from "./crowds.ts";
import {
  fromApple,
  fromGoogle,
  fromStrava,
  hour,
  minute,
  morning,
  oneOf,
  resolveOf,
  type Shape,
  withSettings,
  workout,
} from "./facts.ts";

const berlin = withSettings({ zone: "Europe/Berlin" });
const ownerOnly = withSettings({ ownerOnly: ["strava"] });
const km = (n: number) => n * 1_000_000;

const fields = [
  ["moving", "movingMs"],
  ["distance", "distanceMm"],
  ["energy", "energyMcal"],
  ["elevationGain", "elevationGainMm"],
] as const;

const measured = (w: ResolvedWorkout) =>
  Object.fromEntries(
    workouts.measures.map((m) => [m.name, Object.fromEntries(m.of(w, rulesAt(workouts.rules)))]),
  );

describe("a merged value", () => {
  test("is what its sources said, never unknown, never a zero, and never a sum over shared time", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const w of resolveOf(facts))
          for (const [name, field] of fields) {
            const chosen = w[name];
            const members = facts.filter((f) => w.sources.some((s) => s.fact === f.id));
            const known = members.filter((f) => (f[field] ?? 0) > 0);
            if (known.length === 0) {
              if (name !== "moving") expect(chosen).toBeNull();
              continue;
            }
            if (name === "moving" && /^no source that saw all/.test(w.moving.because)) continue;
            const from = known.filter((f) => chosen?.from.includes(f.id));
            expect(from).toHaveLength(chosen?.from.length ?? 0);
            expect(chosen?.value).toBe(from.reduce((sum, f) => sum + (f[field] ?? 0), 0));
            const inTime = [...from].sort((a, b) => a.at - b.at);
            for (const [i, f] of inTime.slice(1).entries())
              expect(f.at).toBeGreaterThanOrEqual(
                (inTime[i]?.at ?? 0) + (inTime[i]?.elapsedMs ?? 0),
              );
            expect(chosen?.because).toMatch(/^[a-z-]+: (measured|estimated|typed in) /);
          }
      }),
      { numRuns: 400 },
    );
  });

  test("is typed in only where nothing else is known", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const w of resolveOf(facts)) {
          const stating = facts.filter(
            (f) => w.sources.some((s) => s.fact === f.id) && (f.energyMcal ?? 0) > 0,
          );
          const chosen = stating.filter((f) => w.energy?.from.includes(f.id));
          if (chosen.some((f) => f.method === "manual") && isWholeSeen(w, stating))
            expect(stating.every((f) => f.method === "manual")).toBe(true);
        }
      }),
      { numRuns: 400 },
    );
  });

  /** All that state it last as long as the longest: none saw only a part. */
  const isWholeSeen = (w: ResolvedWorkout, stating: readonly WorkoutFact[]) =>
    stating.every((f) => f.elapsedMs >= Math.max(...w.sources.map((s) => s.elapsedMs)));

  test("is merged anew from the rest when its source is gone", () => {
    fc.assert(
      fc.property(factSets, fc.nat(), (facts, n) => {
        const gone = facts[n % Math.max(1, facts.length)];
        for (const w of resolveOf(facts.filter((f) => f !== gone))) {
          const named = [...w.sources.map((s) => s.fact), ...w.heartRate, ...w.track];
          const chosen = fields.flatMap(([name]) => w[name]?.from ?? []);
          const reasons = [...w.joined, ...w.apart].flatMap((r) => [r.a, r.b]);
          expect([...named, ...chosen, ...reasons]).not.toContain(gone?.id);
        }
      }),
      { numRuns: 100 },
    );
    const both = [workout({ id: "a" }), workout({ id: "b", ...fromGoogle, distanceMm: km(19) })];
    expect(oneOf(both).distance?.value).toBe(km(20));
    expect(oneOf(both.slice(1)).distance?.value).toBe(km(19));
  });
});

describe("the type", () => {
  const typed = (...types: WorkoutFact["type"][]) =>
    oneOf(
      types.map((type, i) => {
        const connection = `con_${i}`;
        return workout({ id: `f${i}`, connection, provider: `p${i}`, type });
      }),
    ).type;

  test("is one that names an activity, then the finest label of that activity", () => {
    expect(typed("other", "cycling")).toBe("cycling");
    expect(typed("cardio", "other")).toBe("cardio");
    expect(typed("cycling", "gravel_cycling")).toBe("gravel_cycling");
    expect(typed("running", "treadmill_running", "other")).toBe("treadmill_running");
    expect(typed("walking", "hiking")).toBe("hiking");
  });

  test("tells of a motor that only one of the records knows about", () => {
    expect(typed("cycling", "mountain_biking", "e_biking")).toBe("e_biking");
    const w = oneOf([workout(), workout({ id: "b", ...fromGoogle, type: "e_biking" })]);
    expect(w.family).toBe("e_ride");
    expect(Object.keys(measured(w).count ?? {})).toEqual(["all", "e_ride"]);
  });

  test("is the better record's where two labels tell of one", () => {
    const exact = { elapsedMs: 59 * minute + 7000, distanceMm: 20_123_456 };
    const w = oneOf([
      workout({ id: "a", ...exact, type: "running", method: "phone" }),
      workout({ id: "b", ...fromGoogle, ...exact }),
    ]);
    expect(w).toMatchObject({ type: "cycling", family: "ride" });
  });

  test("is what the best record that names one says: another label of another is no finer", () => {
    const exact = { elapsedMs: 59 * minute + 7000, distanceMm: 20_123_456 };
    const run = workout({ id: "a", ...exact, type: "running" });
    for (const type of ["gravel_cycling", "e_biking", "other"] as const) {
      const other = workout({ id: "b", ...fromGoogle, ...exact, type, method: "phone" });
      expect(oneOf([run, other]).type).toBe("running");
    }
    const unnamed = workout({ id: "b", ...fromGoogle, ...exact, type: "other" });
    expect(oneOf([{ ...run, method: "phone" }, unnamed]).type).toBe("running");
  });
});

describe("a workout's day and offset", () => {
  const late = Date.UTC(2026, 10, 14, 23, 30);

  test("are what its source's clock showed", () => {
    expect(oneOf([workout({ at: late, offsetMin: 60 })])).toMatchObject({
      ...{ day: "2026-11-15", offsetMin: 60, offsetFrom: "source" },
    });
    expect(oneOf([workout({ at: late, offsetMin: 0 })]).day).toBe("2026-11-14");
  });

  test("are the member's own where no source states an offset", () => {
    expect(oneOf([workout({ at: late, offsetMin: null })], berlin)).toMatchObject({
      ...{ day: "2026-11-15", offsetMin: 60, offsetFrom: "zone" },
    });
  });

  test("take any source's offset before the zone's, and the most trusted's before another's", () => {
    const silent = workout({ id: "a", at: late, offsetMin: null });
    const phone = { id: "b", ...fromGoogle, method: "phone" as const, at: late, offsetMin: -300 };
    const typed = { id: "c", ...fromApple, method: "manual" as const, at: late, offsetMin: 60 };
    expect(oneOf([silent, workout(typed), workout(phone)], berlin)).toMatchObject({
      ...{ day: "2026-11-14", offsetMin: -300, offsetFrom: "source" },
    });
  });

  test("are its anchor's, where its records lie on two days", () => {
    const phone = { id: "b", ...fromGoogle, method: "phone" as const, offsetMin: 0 };
    const early = workout({
      ...{ ...phone, at: late + 10 * minute, elapsedMs: 100 * minute, distanceMm: km(30) },
    });
    const device = workout({ at: late + 31 * minute, offsetMin: 0 });
    expect(oneOf([device, early])).toMatchObject({ at: early.at, day: "2026-11-14" });
    const longer = { ...device, elapsedMs: 85 * minute };
    expect(oneOf([longer, early])).toMatchObject({ at: device.at, day: "2026-11-15" });
  });
});

describe("what others see and what scores", () => {
  const strava = (shape: Shape = {}) => workout({ id: "s", ...fromStrava, ...shape });
  const garmin = (shape: Shape = {}) => workout({ id: "g", method: "phone", ...shape });

  test("comes from countable sources alone; the owner sees the best of all", () => {
    const told = { distanceMm: km(21), movingMs: 55 * minute, energyMcal: 7, elevationGainMm: 9 };
    const w = oneOf([strava(told), garmin({ movingMs: 50 * minute })], ownerOnly);
    expect(w).toMatchObject({
      distance: { value: km(21), from: ["s"] },
      moving: { value: 55 * minute },
      energy: { value: 7 },
      elevationGain: { value: 9 },
      scored: {
        distanceMm: km(20),
        movingMs: 50 * minute,
        energyMcal: null,
        elevationGainMm: null,
      },
    });
    expect(measured(w)).toEqual({
      distance: { all: km(20), ride: km(20) },
      moving_time: { all: 50 * minute, ride: 50 * minute },
      count: { all: 1, ride: 1 },
    });
  });

  test("holds no value that only an owner-only source knows: unknown, and counted as nothing", () => {
    const w = oneOf([strava(), garmin({ distanceMm: null, movingMs: null })], ownerOnly);
    expect(w.distance?.value).toBe(km(20));
    expect(w.scored).toMatchObject({ distanceMm: null, movingMs: hour });
    expect(measured(w).distance).toEqual({ all: 0, ride: 0 });
  });

  test("is nothing at all where every source is for the owner alone", () => {
    const w = oneOf([strava()], ownerOnly);
    expect(w.scored).toBeNull();
    expect(w.distance?.value).toBe(km(20));
    expect(measured(w)).toEqual({ distance: {}, moving_time: {}, count: {} });
    expect(oneOf([strava()]).scored).not.toBeNull();
  });

  test("names the activity that a countable source names, on that family's board", () => {
    const w = oneOf([strava({ type: "gravel_cycling" }), garmin({ type: "other" })], ownerOnly);
    expect(w.type).toBe("gravel_cycling");
    expect(w.scored?.type).toBe("other");
    expect(measured(w).count).toEqual({ all: 1, other: 1 });
  });

  test("begins and lasts as a countable source says", () => {
    const w = oneOf([strava({ elapsedMs: 2 * hour }), garmin({ at: morning + minute })], ownerOnly);
    expect(w).toMatchObject({ at: morning, elapsedMs: 2 * hour });
    expect(w.scored).toMatchObject({ at: morning + minute, elapsedMs: hour });
  });

  test("tells of its place on the clock no more than a countable source does", () => {
    const inNepal = strava({ offsetMin: 345 });
    const w = oneOf([inNepal, garmin({ offsetMin: null })], ownerOnly);
    expect([w.offsetMin, w.scored?.offsetMin]).toEqual([345, 0]);
    expect(oneOf([inNepal, garmin({ offsetMin: 60 })], ownerOnly).scored?.offsetMin).toBe(60);
  });

  test("is the same whatever an owner-only source measured", () => {
    const amount = fc.option(fc.integer({ min: 1, max: 2 * km(20) }), { nil: null });
    const told = fc.record({
      distanceMm: amount,
      energyMcal: amount,
      elevationGainMm: amount,
      movingMs: fc.option(fc.integer({ min: 1, max: hour }), { nil: null }),
      offsetMin: fc.option(
        fc.integer({ min: -56, max: 56 }).map((n) => n * 15),
        { nil: null },
      ),
      speedMmps: fc.option(fc.integer({ min: 1, max: 20_000 }), { nil: null }),
      deviceModel: fc.option(fc.string(), { nil: null }),
    });
    const others = (shape: Shape) => {
      const w = oneOf([strava(shape), garmin({ offsetMin: 60 })], ownerOnly);
      return [w.scored, measured(w)];
    };
    const alone = oneOf([garmin({ offsetMin: 60 })], ownerOnly);
    fc.assert(
      fc.property(told, (shape) => {
        expect(others(shape)).toEqual([alone.scored, measured(alone)]);
      }),
    );
  });

  test("leaves out one field that is its owner's alone, and counts the rest of that source", () => {
    const field = withSettings({ ownerOnly: ["strava/energyMcal", "strava/distanceMm"] });
    const told = { distanceMm: km(21), movingMs: 55 * minute, energyMcal: 7, elevationGainMm: 9 };
    const both = oneOf([strava(told), garmin({ movingMs: 50 * minute })], field);
    expect(both.distance).toMatchObject({ value: km(21), from: ["s"] });
    expect(both.scored).toMatchObject({
      distanceMm: km(20),
      movingMs: 55 * minute,
      energyMcal: null,
      elevationGainMm: 9,
    });
    const alone = oneOf([strava(told)], field);
    expect(alone.energy?.value).toBe(7);
    expect(alone.scored).toMatchObject({ energyMcal: null, distanceMm: null, elevationGainMm: 9 });
    expect(oneOf([garmin()], field).scored).toEqual(oneOf([garmin()]).scored);
  });

  test("keeps to its owner what a hub passes on from a maker that demands it, and nothing else", () => {
    const passed = withSettings({ ownerOnly: ["terra<strava"] });
    const hub = (app: string | null, provider = "terra") =>
      workout({ id: "t", ...fromStrava, provider, app });
    expect(oneOf([hub("STRAVA")], passed).scored).toBeNull();
    for (const shown of [hub("GARMIN"), hub(null), hub("com.strava.stravaride", "apple-health")])
      expect(oneOf([shown], passed).scored).not.toBeNull();
  });

  test("is nothing where no effort of one's own made it, however far it went", () => {
    const drive = oneOf([garmin({ type: "passive", distanceMm: km(70) })]);
    expect([drive.scored, drive.distance?.value]).toEqual([null, km(70)]);
    expect(measured(drive)).toEqual({ distance: {}, moving_time: {}, count: {} });
    const ride = workout({ id: "r", ...fromStrava });
    expect(resolveOf([garmin({ type: "passive" }), ride], withSettings({}))).toHaveLength(2);
  });

  test("is the same whether or not an owner-only source told of it as well", () => {
    fc.assert(
      fc.property(factSets, (facts) => {
        for (const w of resolveOf(facts, ownerOnly)) {
          const members = facts.filter((f) => w.sources.some((s) => s.fact === f.id));
          const countable = members.filter((f) => f.provider !== "strava");
          if (countable.length === members.length || countable.length === 0) continue;
          const alone = resolveOf(countable, ownerOnly);
          if (alone.length === 1) expect(w.scored).toEqual(alone[0]?.scored);
        }
      }),
      { numRuns: 400 },
    );
  });
});

describe("an id", () => {
  test("is its anchor's: the most trusted of those that saw the whole workout", () => {
    const device = workout({ id: "dev", elapsedMs: 50 * minute });
    const longer = { method: "phone" as const, elapsedMs: 90 * minute, distanceMm: km(30) };
    const phone = workout({ id: "pho", ...fromGoogle, ...longer });
    expect(oneOf([device, phone]).id).toBe(idOf(phone.id));
    expect(oneOf([device, { ...phone, elapsedMs: hour }]).id).toBe(idOf(device.id));
    expect(oneOf([device, phone]).sources.map((s) => s.fact)).toEqual(["pho", "dev"]);
  });

  test("leads back to its anchor, and a text that is no id leads nowhere", () => {
    const long = workout({ id: "x".repeat(64) });
    expect(long.id.startsWith(factPrefixOf(idOf(long.id)))).toBe(true);
    for (const text of ["", "w_", "x_abc", "abc"]) expect(factPrefixOf(text)).toBe("~");
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
    const track = [{ t: morning, lat: 52.125, lon: 13.125 }];
    const facts = [workout({ ...secret, originalType: "SECRET", heartRate, track })];
    expect(JSON.stringify(oneOf(facts))).not.toMatch(/SECRET|199|\.125/);
  });

  test("reaches as far as any one record can last", () => {
    const reachMs = (workouts.resolve?.reachDays ?? 0) * 24 * hour;
    expect(workoutSchema.safeParse({ ...workout(), elapsedMs: reachMs }).success).toBe(false);
    expect(methods.at(-1)).toBe("manual");
  });
});
