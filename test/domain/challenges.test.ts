/** What a challenge may be, and what workouts score in one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type ChallengeRules,
  challengeAmountMax,
  challengeDaysMax,
  parseRules,
  scoreChallenge,
} from "../../domain/challenges.ts";
import { samples } from "../../domain/samples/stream.ts";
import { noSettings } from "../../domain/settings.ts";
import { addDays, localDate } from "../../domain/time.ts";
import { families } from "../../domain/workouts/activity.ts";
import type { ResolvedWorkout } from "../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../domain/workouts/schema.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { workout } from "./workouts/facts.ts";

const km = (n: number) => n * 1_000_000;
const hour = 3_600_000;
const from = Date.UTC(2026, 10, 16);
const rules: ChallengeRules = {
  ...{ id: "ch_1", measure: "distance", families: [], from: "2026-11-16", to: "2026-11-22" },
  ...{ dayMax: null, least: null, verifiedOnly: false },
};
const parsed = (changes: object) => parseRules(workouts, families, { ...rules, ...changes });

describe("rules", () => {
  test("that can be kept are taken, their families once and in one order", () => {
    expect(parsed({ families: ["run", "ride", "run"] })).toEqual({
      ...{
        ok: true,
        value: { ...rules, families: families.filter((f) => /^(run|ride)$/.test(f)) },
      },
    });
    expect(parsed({ dayMax: 1, least: challengeAmountMax, verifiedOnly: true }).ok).toBe(true);
    expect(parsed({ to: rules.from }).ok).toBe(true);
    expect(parsed({ to: addDays(rules.from, challengeDaysMax - 1) }).ok).toBe(true);
  });

  test.each([
    ["measure", { measure: "energy" }],
    ["measure", { measure: "toString" }],
    ["families", { families: ["ride", "none"] }],
    ["days", { from: "2026-11-31" }],
    ["days", { to: "2026-11-15" }],
    ["days", { to: addDays("2026-11-16", challengeDaysMax) }],
    ["dayMax", { dayMax: 0 }],
    ["dayMax", { dayMax: 1.5 }],
    ["dayMax", { dayMax: challengeAmountMax + 1 }],
    ["least", { least: -1 }],
    ["least", { least: Number.NaN }],
  ])("that cannot be are refused by name: %s", (error, changes) => {
    expect(parsed(changes)).toEqual({ ok: false, error });
  });

  test("of a measure that may not be shown, or is no sum, cannot be", () => {
    const changed = (change: object) => ({
      ...workouts,
      measures: workouts.measures.map((m) => ({ ...m, ...change })),
    });
    for (const stream of [changed({ open: false }), changed({ fold: "max" as const })])
      expect(parseRules(stream, families, rules)).toEqual({ ok: false, error: "measure" });
  });
});

let made = 0;
const on = (day: number, atHour: number, shape: Partial<WorkoutFact> = {}) =>
  workout({
    id: `f${++made}` as WorkoutFact["id"],
    at: from + (day * 24 + atHour) * hour,
    ...{ elapsedMs: hour, movingMs: hour, distanceMm: km(10), offsetMin: 0, method: "device" },
    ...shape,
  });
const resolved = (...facts: WorkoutFact[]): ResolvedWorkout[] =>
  workouts.resolve?.of(facts, noSettings, []) ?? [];
const score = (things: readonly unknown[], changes: Partial<ChallengeRules> = {}) =>
  scoreChallenge(workouts, { ...rules, ...changes }, things);
const at = (day: number, atHour: number) => from + (day * 24 + atHour) * hour;

describe("a score", () => {
  test("is the sum of its days, both ends included, and the time of the last thing in it", () => {
    const all = resolved(on(-1, 23), on(0, 0), on(3, 12), on(6, 22), on(7, 1));
    expect(score(all)).toEqual({ all: [km(30), at(6, 22)] });
  });

  test("goes by the day where it was done", () => {
    const late = resolved(on(-1, 23, { offsetMin: 120 }), on(6, 23, { offsetMin: 120 }));
    expect(score(late)).toEqual({ all: [km(10), at(-1, 23)] });
  });

  test("is nothing at all where nothing counts", () => {
    expect(score([])).toEqual({});
    expect(score(resolved(on(0, 9, { distanceMm: null })))).toEqual({});
    expect(score(resolved(on(0, 9, { type: "passive" })))).toEqual({});
    expect(score(resolved(on(0, 9, { distanceMm: km(200) })))).toEqual({});
    expect(score(resolved(on(0, 9)), { measure: "energy" })).toEqual({});
    expect(scoreChallenge({ ...samples, resolve: undefined } as never, rules, [{}])).toEqual({});
  });

  test("adds up the families that count, and takes all where none is named", () => {
    const all = resolved(
      on(0, 6, { type: "running" }),
      on(0, 9),
      on(0, 12, { type: "swimming", distanceMm: km(1) }),
    );
    expect(score(all)).toEqual({ all: [km(21), at(0, 12)] });
    expect(score(all, { families: ["run", "swim"] })).toEqual({ all: [km(11), at(0, 12)] });
    expect(score(all, { families: ["ride"] })).toEqual({ all: [km(10), at(0, 9)] });
    expect(score(all, { families: ["ski"] })).toEqual({});
  });

  test("has of each day no more than its most; what comes when it is full makes nobody later", () => {
    const all = resolved(on(0, 6), on(0, 9), on(0, 12), on(1, 6));
    expect(score(all, { dayMax: km(15) })).toEqual({ all: [km(25), at(1, 6)] });
    expect(score(all.slice(0, 3), { dayMax: km(15) })).toEqual({ all: [km(15), at(0, 9)] });
    expect(score(all.slice(0, 3), { dayMax: km(20) })).toEqual({ all: [km(20), at(0, 9)] });
  });

  test("has nothing of what is less than the least, each thing by itself", () => {
    const all = resolved(
      on(0, 6, { distanceMm: km(4) }),
      on(0, 9, { distanceMm: km(4) }),
      on(1, 6),
    );
    expect(score(all, { least: km(4) + 1 })).toEqual({ all: [km(10), at(1, 6)] });
    expect(score(all, { least: km(4) })).toEqual({ all: [km(18), at(1, 6)] });
    expect(score(all, { least: km(4), dayMax: km(4) })).toEqual({ all: [km(8), at(1, 6)] });
  });

  test.each([
    ["device", true],
    ["phone", true],
    ["unknown", false],
    ["manual", false],
  ] as const)("by a %s counts where only what was recorded does: %s", (method, counts) => {
    const all = resolved(on(0, 6, { method }));
    expect(score(all)).toEqual({ all: [km(10), at(0, 6)] });
    expect(score(all, { verifiedOnly: true })).toEqual(counts ? { all: [km(10), at(0, 6)] } : {});
  });

  test("of one ride from two sources goes by the one that its values are of", () => {
    const typed = {
      method: "manual",
      provider: "other",
      connection: "con_b",
    } as Partial<WorkoutFact>;
    const both = resolved(on(0, 6), on(0, 6, { ...typed, distanceMm: km(90) }));
    expect(both).toHaveLength(1);
    expect(score(both, { verifiedOnly: true })).toEqual({ all: [km(10), at(0, 6)] });
    // Nobody measured how far: what is typed in counts, and so it is not verified.
    const blind = resolved(
      on(1, 6, { distanceMm: null }),
      on(1, 6, { ...typed, distanceMm: km(90) }),
    );
    expect(blind[0]?.scored).toMatchObject({ distanceMm: km(90), verified: false });
    expect(score(blind, { verifiedOnly: true })).toEqual({});
  });
});

const thing = fc.record({
  day: fc.integer({ min: -1, max: 7 }),
  atHour: fc.integer({ min: 0, max: 11 }),
  distance: fc.integer({ min: 0, max: 30 }),
  type: fc.constantFrom("cycling" as const, "running" as const),
  method: fc.constantFrom("device" as const, "manual" as const),
});
const anyRules = fc.record({
  dayMax: fc.option(fc.integer({ min: 1, max: 40 }).map(km)),
  least: fc.option(fc.integer({ min: 1, max: 20 }).map(km)),
  verifiedOnly: fc.boolean(),
  families: fc.constantFrom<string[][]>([], ["ride"], ["run"], ["run", "ride"]),
});

test("a score is what counting by hand comes to, whatever the order", () => {
  fc.assert(
    fc.property(
      fc.array(thing, { maxLength: 12 }),
      anyRules,
      fc.infiniteStream(fc.nat()),
      (things, changes, chance) => {
        const facts = things.map(({ day, atHour, distance, type, method }) =>
          on(day, atHour * 2, { distanceMm: km(distance), type, method }),
        );
        const all = facts.flatMap((fact) => resolved(fact));
        const byDay = new Map<string, number>();
        for (const { scored, held } of all) {
          if (scored === null || held.length > 0) continue;
          const n = scored.distanceMm ?? 0;
          const family = scored.type === "running" ? "run" : "ride";
          const counts =
            n > 0 &&
            (changes.least === null || n >= changes.least) &&
            (!changes.verifiedOnly || scored.verified) &&
            (changes.families.length === 0 || changes.families.includes(family)) &&
            scored.day >= rules.from &&
            scored.day <= rules.to;
          if (counts) byDay.set(scored.day, (byDay.get(scored.day) ?? 0) + n);
        }
        const sum = [...byDay.values()].reduce(
          (total, n) => total + Math.min(n, changes.dayMax ?? Number.MAX_SAFE_INTEGER),
          0,
        );
        const found = score(all, changes);
        expect(found.all?.[0] ?? 0).toBe(sum);
        if (found.all !== undefined) {
          const [, last = 0] = found.all;
          expect(localDate(last, 0) <= rules.to).toBe(true);
        }
        const shuffled = all
          .map((one) => ({ one, key: chance.next().value as number }))
          .sort((a, b) => a.key - b.key)
          .map(({ one }) => one);
        expect(score(shuffled, changes)).toEqual(found);
      },
    ),
    { numRuns: 200 },
  );
});
