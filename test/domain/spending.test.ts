/** Budgets of sliding windows: no stretch holds more than is allowed, and little is given away. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Budget, budgetOf, defaultBudget, type RateWindow } from "../../domain/budget.ts";
import {
  arrivalMs,
  arrived,
  emptySpending,
  learn,
  limitOf,
  roomFor,
  type Spending,
  slicesPerWindow,
  spend,
  together,
  usedOf,
  waitForRoom,
} from "../../domain/spending.ts";
import { mostWithin } from "./stretch-oracle.ts";

const minute = 60_000;
const quarter: RateWindow = { name: "15 minutes", calls: 100, windowMs: 15 * minute };
const day: RateWindow = { name: "day", calls: 1_000, windowMs: 24 * 60 * minute };
const both = [quarter, day];

const windowSets: readonly (readonly RateWindow[])[] = [
  both,
  [{ name: "second", calls: 3, windowMs: 1_000 }],
  [
    { name: "minute", calls: 7, windowMs: minute },
    { name: "hour", calls: 40, windowMs: 60 * minute },
  ],
];

/** Doubles by fast-check are nearly all next to 0. */
const share = fc.nat(1_000).map((n) => n / 1_000);

describe("calls that are made only when there is room", () => {
  it("are never too many in any stretch, though each arrives late by its own measure", () => {
    let fullest = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...windowSets),
        fc.array(
          fc.record({
            pause: share,
            want: fc.integer({ min: 1, max: 30 }),
            late: share,
          }),
          { minLength: 1, maxLength: 150 },
        ),
        (windows, steps) => {
          const [first] = windows;
          let nowMs = 1_700_000_000_123;
          let spending: Spending = emptySpending;
          const arrivals: number[] = [];
          for (const { pause, want, late } of steps) {
            nowMs += Math.floor(pause ** 4 * (first?.windowMs ?? 0));
            const n = Math.min(want, roomFor(spending, windows, nowMs));
            if (n > 0) spending = spend(spending, windows, n, nowMs);
            for (let i = 0; i < n; i++) arrivals.push(nowMs + Math.round(late * arrivalMs));
          }
          for (const { calls, windowMs } of windows) {
            const most = mostWithin(arrivals, windowMs);
            fullest = Math.max(fullest, most / calls);
            expect(most).toBeLessThanOrEqual(calls);
          }
        },
      ),
      { numRuns: 2_000 },
    );
    expect(fullest).toBe(1);
  });

  it("fit after the wait that is foretold, and not a millisecond earlier", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(2 * 15 * minute), fc.integer({ min: 1, max: 40 })), {
          maxLength: 60,
        }),
        fc.integer({ min: 1, max: 100 }),
        (steps, n) => {
          let nowMs = 1_700_000_000_000;
          let spending: Spending = emptySpending;
          for (const [pauseMs, want] of steps) {
            nowMs += pauseMs;
            const fits = Math.min(want, roomFor(spending, both, nowMs));
            spending = spend(spending, both, fits, nowMs);
          }
          const waitMs = waitForRoom(spending, both, n, nowMs);
          expect(roomFor(spending, both, nowMs + waitMs)).toBeGreaterThanOrEqual(n);
          if (waitMs > 0) expect(roomFor(spending, both, nowMs + waitMs - 1)).toBeLessThan(n);
        },
      ),
      { numRuns: 1_000 },
    );
  });

  it("that took longer than any should are counted from when they were answered", () => {
    let fullest = 0;
    fc.assert(
      fc.property(
        fc.constantFrom(...windowSets),
        fc.array(fc.record({ pause: share, slow: share, late: share }), { maxLength: 120 }),
        (windows, steps) => {
          const scaleMs = windows[0]?.windowMs ?? 0;
          let nowMs = 1_700_000_000_123;
          let spending: Spending = emptySpending;
          const arrivals: number[] = [];
          for (const { pause, slow, late } of steps) {
            nowMs += Math.floor(pause ** 6 * scaleMs);
            if (roomFor(spending, windows, nowMs) < 1) continue;
            const spentMs = nowMs;
            spending = spend(spending, windows, 1, spentMs);
            nowMs += Math.floor(slow ** 8 * 40_000);
            arrivals.push(spentMs + Math.floor(late * (nowMs - spentMs)));
            if (nowMs - spentMs > arrivalMs)
              spending = arrived(spending, windows, 1, spentMs, nowMs);
          }
          for (const { calls, windowMs } of windows) {
            const most = mostWithin(arrivals, windowMs);
            fullest = Math.max(fullest, most / calls);
            expect(most).toBeLessThanOrEqual(calls);
          }
          for (const { slices } of Object.values(spending))
            expect(slices.every(([, calls]) => calls > 0)).toBe(true);
        },
      ),
      { numRuns: 1_000 },
    );
    expect(fullest).toBe(1);
  });

  it("are counted once, wherever they are moved to", () => {
    const nowMs = 1_700_000_000_000;
    const spent = spend(emptySpending, both, 3, nowMs);
    const later = arrived(spent, both, 1, nowMs, nowMs + 5 * minute);
    expect(usedOf(later, quarter, nowMs + 5 * minute)).toBe(3);
    expect(usedOf(later, quarter, nowMs + 18 * minute)).toBe(1);
    expect(arrived(spent, both, 1, nowMs, nowMs + 10)).toEqual(spent);
  });

  it("are free again soon after the window has passed", () => {
    const nowMs = 1_700_000_000_000;
    const spending = spend(emptySpending, [quarter], 100, nowMs);
    expect(roomFor(spending, [quarter], nowMs + quarter.windowMs)).toBe(0);
    const sliceMs = quarter.windowMs / slicesPerWindow;
    const laterMs = nowMs + quarter.windowMs + arrivalMs + sliceMs;
    expect(roomFor(spending, [quarter], laterMs)).toBe(100);
  });

  it("take little room to remember, however many they were", () => {
    let spending: Spending = emptySpending;
    for (let i = 0; i < 20_000; i++)
      spending = spend(spending, both, 1, 1_700_000_000_000 + i * 9_000);
    for (const { slices } of Object.values(spending))
      expect(slices.length).toBeLessThanOrEqual(slicesPerWindow + 1);
  });

  it("leave over what is to be kept, of every window", () => {
    expect(roomFor(emptySpending, both, 0, 0.25)).toBe(75);
    expect(roomFor(emptySpending, [{ ...day, calls: 80 }, quarter], 0, 0.25)).toBe(60);
    const spending = spend(emptySpending, both, 70, 1_000);
    expect([roomFor(spending, both, 1_000, 0.25), roomFor(spending, both, 1_000)]).toEqual([5, 30]);
    expect(waitForRoom(spending, both, 5, 1_000, 0.25)).toBe(0);
    expect(waitForRoom(spending, both, 6, 1_000, 0.25)).toBeGreaterThan(14 * minute);
  });

  it("know no bound where there is no window", () => {
    expect(roomFor(emptySpending, [], 0)).toBe(Number.POSITIVE_INFINITY);
    expect(waitForRoom(emptySpending, [], 1_000_000, 0)).toBe(0);
  });

  it("that are more than a window allows take as many windows", () => {
    const waitMs = waitForRoom(emptySpending, [quarter], 350, 0);
    expect(waitMs).toBeGreaterThanOrEqual(3 * quarter.windowMs);
    expect(waitMs).toBeLessThan(3.2 * quarter.windowMs);
  });
});

describe("what an answer's headers say", () => {
  const at = 1_700_000_000_000;
  const said = (spending: Spending, remaining: number, resetsInMs?: number, nowMs = at) =>
    learn(
      spending,
      [quarter],
      [{ window: quarter.name, remaining, ...(resetsInMs === undefined ? {} : { resetsInMs }) }],
      nowMs,
    );

  it("lowers what is left until the provider counts anew", () => {
    const spending = said(spend(emptySpending, [quarter], 10, at), 30, 5 * minute);
    expect(roomFor(spending, [quarter], at)).toBe(30);
    expect(roomFor(spend(spending, [quarter], 4, at), [quarter], at)).toBe(26);
    expect(waitForRoom(spending, [quarter], 31, at)).toBe(5 * minute);
    expect(roomFor(spending, [quarter], at + 5 * minute)).toBe(90);
  });

  it("raises nothing", () => {
    const spending = said(spend(emptySpending, [quarter], 95, at), 100, minute);
    expect(roomFor(spending, [quarter], at)).toBe(5);
    const wider = learn(spending, [quarter], [{ window: quarter.name, limit: 600 }], at);
    expect([limitOf(wider, quarter), roomFor(wider, [quarter], at)]).toEqual([100, 5]);
  });

  it("holds by the least of one stretch, since answers overtake each other", () => {
    const late = said(said(emptySpending, 20, 5 * minute), 40, 5 * minute);
    expect(roomFor(late, [quarter], at)).toBe(20);
    const anew = said(late, 90, 15 * minute, at + 5 * minute);
    expect(roomFor(anew, [quarter], at + 5 * minute)).toBe(90);
  });

  it("holds by the newest word where no end is stated", () => {
    const spending = said(said(emptySpending, 20), 60, undefined, at + minute);
    expect(roomFor(spending, [quarter], at + minute)).toBe(60);
  });

  it("binds no longer than a window, whatever it says", () => {
    const spending = said(emptySpending, 0, 365 * 24 * 60 * minute);
    expect(waitForRoom(spending, [quarter], 1, at)).toBe(quarter.windowMs);
  });

  it("heeds a lower limit, and no nonsense", () => {
    const lower = learn(emptySpending, [quarter], [{ window: quarter.name, limit: 40 }], at);
    expect(roomFor(lower, [quarter], at)).toBe(40);
    for (const nonsense of [Number.NaN, -1, 0]) {
      const same = learn(lower, [quarter], [{ window: quarter.name, limit: nonsense }], at);
      expect(roomFor(same, [quarter], at), String(nonsense)).toBe(40);
    }
    expect(roomFor(said(lower, Number.NaN), [quarter], at)).toBe(40);
    expect(learn(lower, [quarter], [{ window: "unknown", remaining: 0 }], at)).toEqual(lower);
  });
});

describe("what several have spent of one budget", () => {
  it("is the sum of it at any time, and what either was told is left counts", () => {
    const calls = fc.array(fc.tuple(fc.nat(900_000), fc.integer({ min: 1, max: 9 })), {
      maxLength: 20,
    });
    const from = 1_700_000_000_000;
    const spentBy = (made: readonly (readonly [number, number])[]) =>
      [...made]
        .sort(([a], [b]) => a - b)
        .reduce<Spending>((sum, [at, n]) => spend(sum, both, n, from + at), emptySpending);
    fc.assert(
      fc.property(calls, calls, fc.nat(2_000_000), (a, b, later) => {
        const [one, other] = [spentBy(a), spentBy(b)];
        const nowMs = from + 900_000 + later;
        for (const window of both)
          expect(usedOf(together([one, other]), window, nowMs)).toBe(
            usedOf(one, window, nowMs) + usedOf(other, window, nowMs),
          );
      }),
    );
    const told = (remaining: number, limit: number) =>
      learn(emptySpending, [quarter], [{ window: quarter.name, remaining, limit }], from);
    for (const pair of [
      [told(7, 50), told(3, 80)],
      [told(3, 80), emptySpending, told(7, 50)],
    ]) {
      expect(roomFor(together(pair), [quarter], from)).toBe(3);
      expect(limitOf(together(pair), quarter)).toBe(50);
    }
    expect(together([])).toEqual(emptySpending);
  });
});

describe("a deployment's own limits", () => {
  const budget: Budget = { ...defaultBudget, app: both, member: [{ ...quarter, name: "hour" }] };

  it("take the place of the published ones, by name", () => {
    const limits = JSON.stringify({ strava: { day: 30_000, hour: 5 } });
    const granted = budgetOf("strava", budget, limits);
    expect(granted.app.map((w) => w.calls)).toEqual([100, 30_000]);
    expect(granted.member.map((w) => w.calls)).toEqual([5]);
    expect(budgetOf("garmin", budget, limits)).toEqual(budget);
  });

  it("are not heeded when they are none", () => {
    for (const bad of [0, -5, 1.5, "many", null]) {
      const granted = budgetOf("strava", budget, JSON.stringify({ strava: { day: bad } }));
      expect(granted.app, String(bad)).toEqual(both);
    }
  });

  it("stand on a cautious default", () => {
    const { app, reserve } = budgetOf("new", undefined, "{}");
    expect(app.length).toBeGreaterThan(0);
    expect(reserve).toBeGreaterThan(0);
    expect(usedOf(emptySpending, quarter, 0)).toBe(0);
  });
});
