/**
 * A page is fetched anew by whoever was cut off in the middle of it. Where so few calls are to be
 * had that none is left for what belongs to its records, nothing would ever come of it; so a try says
 * how many calls it needs at least, and gets as many or none.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Budget } from "../../domain/budget.ts";
import { emptyGate, lease, report } from "../../domain/gate.ts";
import { simulate, tableOf } from "../sim/connections.ts";

const minuteMs = 60_000;
const budgetOf = (calls: number): Budget => ({
  app: [{ name: "quarter", calls, windowMs: 15 * minuteMs }],
  member: [],
  reserve: 0.3,
  throttles: "app",
  headers: [],
});

describe("the least that a try needs", () => {
  it("is granted whole or not at all, and in the end it is granted", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 12, max: 200 }),
        fc.integer({ min: 1, max: 4 }),
        fc.constantFrom("live" as const, "backfill" as const),
        fc.infiniteStream(fc.double({ min: 0, max: 0.99, noNaN: true })),
        (calls, least, kind, chances) => {
          const budget = budgetOf(calls);
          const chance = () => chances.next().value as number;
          let nowMs = 0;
          let state = emptyGate(nowMs);
          let granted = 0;
          for (let asks = 0; asks < 2000 && granted < 3 * calls; asks++) {
            const [next, answer] = lease(state, { kind, want: 1, least }, budget, nowMs, chance());
            state = next;
            if ("waitMs" in answer) nowMs += answer.waitMs;
            else {
              expect(answer.granted).toBeGreaterThanOrEqual(least);
              granted += answer.granted;
              const ok = { class: "ok" as const, ms: 1, retryAfterMs: null, headers: {} };
              const spent = Array.from({ length: answer.granted }, () => ok);
              const said = { lease: answer.lease, calls: spent, freshnessMs: [] };
              state = report(state, said, budget, nowMs);
            }
          }
          expect(granted).toBeGreaterThan(calls);
        },
      ),
    );
  });

  it("goes on where it was, though the cursor it had is taken no more", async () => {
    const outcome = await simulate({ connections: 60, days: 7, seed: 1, only: "like-polar" });
    expect([...outcome.wrong], tableOf(outcome).join("\n")).toEqual([]);
    const polar = outcome.figures.find(({ kind }) => kind === "like-polar");
    // Live data had its part all the time; history took days.
    expect(polar?.peakPercent).toBeGreaterThan(69);
    expect(polar?.backfillMaxMs).toBeGreaterThan(2 * 86_400_000);
  });

  it("ends a history that a provider lets be read by ten calls in a quarter of an hour", async () => {
    const allowed = JSON.stringify({ strava: { "15 minutes": 10 } });
    const outcome = await simulate({ connections: 10, days: 1, seed: 1, allowed });
    expect([...outcome.wrong], tableOf(outcome).join("\n")).toEqual([]);
    const strava = outcome.figures.find(({ kind }) => kind === "strava");
    expect(strava?.calls).toBeGreaterThan(30);
  });
});
