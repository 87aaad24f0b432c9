import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  type BackfillState,
  backfillStatus,
  beginBackfill,
  haveOf,
  nextStep,
  type PartEnd,
  partEnded,
  withStep,
} from "../../domain/backfill.ts";
import type { Stretch } from "../../domain/connection-ports.ts";
import { msPerDay } from "../../domain/time.ts";

const nowMs = Date.UTC(2026, 9, 1, 12);
const aim = { nowMs, days: 90, have: null, rereadMs: msPerDay, forgottenToMs: null };

/** Every step to the end, each through plain JSON as a restart would have it. */
function walked(
  begun: BackfillState,
  stepDays: number,
  how: (n: number) => PartEnd = () => "read",
) {
  let state = begun;
  const steps: Stretch[] = [];
  const percents: number[] = [];
  for (let n = 0; n < 1000; n++) {
    const step = nextStep(state, stepDays);
    if (step === null) return { state, steps, percents };
    steps.push(step);
    state = JSON.parse(JSON.stringify(withStep(state, step, 1)));
    state = partEnded(state, how(n));
    percents.push(backfillStatus(state).percent);
  }
  throw new Error("it never ends");
}

const days = fc.integer({ min: 0, max: 120 });
const have = fc.option(
  fc.tuple(days, days).map(([a, b]) => ({
    fromMs: nowMs - Math.max(a, b) * msPerDay,
    toMs: nowMs - Math.min(a, b) * msPerDay,
  })),
  { nil: null },
);

describe("history", () => {
  test("is covered without a gap, newest first, and nothing of it twice", () => {
    fc.assert(
      fc.property(
        have,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 90 }),
        (had, stepDays, n) => {
          const begun = beginBackfill({ ...aim, days: n, have: had });
          const { state, steps, percents } = walked(begun, stepDays);
          let at = nowMs;
          for (const { fromMs, toMs } of steps) {
            expect(fromMs).toBeLessThan(toMs);
            expect(toMs - fromMs).toBeLessThanOrEqual(stepDays * msPerDay);
            if (toMs !== at) expect([at, toMs]).toEqual([(had?.toMs ?? 0) - msPerDay, had?.fromMs]);
            at = fromMs;
          }
          if (at !== nowMs - n * msPerDay)
            expect(had?.fromMs).toBeLessThanOrEqual(nowMs - n * msPerDay);
          expect(backfillStatus(state)).toMatchObject({ state: "done", percent: 100 });
          expect(percents).toEqual([...percents].sort((a, b) => a - b));
        },
      ),
    );
  });

  test("is not asked for beyond what was forgotten", () => {
    const begun = beginBackfill({ ...aim, forgottenToMs: nowMs - 10 * msPerDay });
    expect(walked(begun, 7).steps.at(-1)?.fromMs).toBe(nowMs - 10 * msPerDay);
    const all = beginBackfill({ ...aim, forgottenToMs: nowMs + 1 });
    expect(backfillStatus(all)).toMatchObject({ state: "done", percent: 100 });
  });

  test("counts a step only when all of its parts have ended", () => {
    const begun = beginBackfill(aim);
    expect(backfillStatus(begun)).toMatchObject({ state: "waiting", percent: 0 });
    const step = nextStep(begun, 7) as Stretch;
    const one = partEnded(withStep(begun, step, 2), "read");
    expect([one.doneToMs, backfillStatus(one).state]).toEqual([nowMs, "running"]);
    expect(partEnded(one, "read")).toMatchObject({ doneToMs: step.fromMs, step: null });
    expect(partEnded(partEnded(one, "read"), "read")).toEqual(partEnded(one, "read"));
  });

  test("ends where the provider keeps nothing older, and is refused when all of it is", () => {
    const older = walked(beginBackfill(aim), 30, (n) => (n === 1 ? "none" : "read"));
    expect([older.steps.length, older.state.over]).toEqual([2, "done"]);
    expect(walked(beginBackfill(aim), 30, () => "refused").state.over).toBe("refused");
    const step = nextStep(beginBackfill(aim), 30) as Stretch;
    const half = partEnded(partEnded(withStep(beginBackfill(aim), step, 2), "refused"), "read");
    expect([half.over, half.doneToMs]).toEqual([null, step.fromMs]);
  });
});

describe("a part that could not be read", () => {
  test("is a gap that history goes on behind, even where all of a step is one", () => {
    const { state, steps } = walked(beginBackfill(aim), 30, (n) => (n === 1 ? "gap" : "read"));
    expect([steps.length, state.over]).toEqual([3, "done"]);
    const all = walked(beginBackfill(aim), 30, () => "gap");
    expect([all.steps.length, all.state.over]).toEqual([3, "done"]);
  });

  test("is said, and is not had: what lies below the newest gap is asked for by the next link", () => {
    const { state, steps } = walked(beginBackfill(aim), 30, (n) => (n > 0 ? "gap" : "read"));
    const whole = walked(beginBackfill(aim), 30, () => "read").state;
    expect([backfillStatus(state).hasGaps, backfillStatus(whole).hasGaps]).toEqual([true, false]);
    const newest = steps[1] as Stretch;
    expect(haveOf(state, null, nowMs)).toEqual({ fromMs: newest.toMs, toMs: nowMs });
    expect(haveOf(whole, null, nowMs)?.fromMs).toBe(whole.fromMs);
  });
});

describe("what is had", () => {
  test("grows downward as steps end, and only up to when nothing newer was there", () => {
    const begun = beginBackfill(aim);
    expect(haveOf(begun, null, nowMs)).toBeNull();
    const step = nextStep(begun, 7) as Stretch;
    const state = partEnded(withStep(begun, step, 1), "read");
    expect(haveOf(state, null, nowMs + 5)).toEqual({ fromMs: step.fromMs, toMs: nowMs + 5 });
  });

  test("stays what it was until new and old meet, and is then one", () => {
    const before = { fromMs: nowMs - 60 * msPerDay, toMs: nowMs - 20 * msPerDay };
    let state = beginBackfill({ ...aim, have: before });
    for (let i = 0; i < 2; i++) {
      expect(haveOf(state, before, nowMs)).toEqual(before);
      state = partEnded(withStep(state, nextStep(state, 7) as Stretch, 1), "read");
    }
    state = partEnded(withStep(state, nextStep(state, 7) as Stretch, 1), "read");
    expect(haveOf(state, before, nowMs)).toEqual({ fromMs: before.fromMs, toMs: nowMs });
  });

  test("of long ago is left behind once history ends above it", () => {
    const before = { fromMs: nowMs - 400 * msPerDay, toMs: nowMs - 200 * msPerDay };
    const { state } = walked(beginBackfill({ ...aim, have: before }), 30);
    expect(haveOf(state, before, nowMs)).toEqual({ fromMs: nowMs - 90 * msPerDay, toMs: nowMs });
  });
});
