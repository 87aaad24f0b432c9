/** A provider's gate keeps its budgets to the call, whatever is lost, and live data before history. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { failuresInRowMax } from "../../domain/breaker.ts";
import type { Budget } from "../../domain/budget.ts";
import type { CallClass, LeaseAsk } from "../../domain/connection-ports.ts";
import { callMsMax, leaseCallsMax, leaseMs, leasesMax } from "../../domain/gate.ts";
import { momentsMax } from "../../domain/turns.ts";
import { budgetWith, calls, day, minute, quarter, strava, World } from "./gate-world.ts";
import { mostWithin } from "./stretch-oracle.ts";

describe("the budget", () => {
  const budgets: readonly Budget[] = [
    strava,
    budgetWith({ name: "second", calls: 5, windowMs: 1_000 }),
    budgetWith(
      { name: "minute", calls: 7, windowMs: minute },
      { name: "ten minutes", calls: 20, windowMs: 10 * minute },
    ),
    { ...budgetWith(quarter), reserve: 0 },
  ];
  /** Doubles by fast-check are nearly all next to 0. */
  const share = fc.nat(1_000).map((n) => n / 1_000);
  const steps = fc.array(
    fc.record({
      act: fc.constantFrom("ask", "ask", "ask", "ask", "report", "report", "again", "restart"),
      pause: share,
      kind: fc.constantFrom("live", "live", "backfill"),
      want: fc.integer({ min: 1, max: 25 }),
      which: share,
      /** How much of the lease is spent, and where between grant and end each call arrives. */
      spent: share,
      arrive: fc.constantFrom(0, 0, 0.5, 1, 1),
      class: fc.constantFrom("ok", "ok", "ok", "ok", "ok", "refused", "failed"),
    }),
    { minLength: 20, maxLength: 160 },
  );
  type Step = typeof steps extends fc.Arbitrary<readonly (infer S)[]> ? S : never;

  /** Every call of the run, by when it reached the provider. */
  function arrivals(budget: Budget, run: readonly Step[]): number[] {
    const world = new World(budget);
    const reached: number[] = [];
    const open: { id: string; n: number; fromMs: number; lastMs: number; arrive: number }[] = [];
    const ended: string[] = [];
    const window = budget.app[0]?.windowMs ?? 0;
    for (const step of run) {
      world.nowMs += Math.floor(step.pause ** 6 * 1.2 * window);
      if (step.act === "restart") world.restart();
      if (step.act === "ask") {
        const answer = world.ask(step.want, step.kind as LeaseAsk["kind"]);
        if (!("lease" in answer)) continue;
        const { lease: id, granted: n, untilMs } = answer;
        const lastMs = untilMs + callMsMax - 1;
        open.push({ id, n, fromMs: world.nowMs, lastMs, arrive: step.arrive });
      }
      if (step.act === "again" && ended.length > 0)
        world.report(ended[Math.floor(step.which * (ended.length - 1))] ?? "", calls(1));
      if (step.act !== "report" || open.length === 0) continue;
      const [held] = open.splice(Math.floor(step.which * (open.length - 1)), 1);
      if (held === undefined) continue;
      const n = Math.round(step.spent * held.n);
      world.report(held.id, calls(n, step.class as CallClass));
      ended.push(held.id);
      const toMs = Math.min(world.nowMs, held.lastMs);
      for (let i = 0; i < n; i++)
        reached.push(held.fromMs + Math.floor(held.arrive * (toMs - held.fromMs)));
    }
    for (const { n, fromMs, lastMs, arrive } of open)
      for (let i = 0; i < n; i++) reached.push(fromMs + Math.floor(arrive * (lastMs - fromMs)));
    return reached;
  }

  it("is never exceeded in any stretch, however leases, reports and losses interleave", () => {
    const fullest = budgets.map(() => 0);
    fc.assert(
      fc.property(fc.nat(budgets.length - 1), steps, (which, run) => {
        const budget = budgets[which] ?? strava;
        const reached = arrivals(budget, run);
        for (const { calls: limit, windowMs } of budget.app) {
          const most = mostWithin(reached, windowMs);
          expect(most).toBeLessThanOrEqual(limit);
          if (windowMs === budget.app[0]?.windowMs)
            fullest[which] = Math.max(fullest[which] ?? 0, most / limit);
        }
      }),
      { numRuns: 4_000 },
    );
    for (const part of fullest) expect(part).toBeGreaterThanOrEqual(0.7);
  });

  it("can be spent to the last call", () => {
    const world = new World();
    expect(world.fill()).toBe(100);
    expect(world.status().budgets).toEqual([
      { window: "15 minutes", windowMs: 15 * minute, limit: 100, used: 100 },
      { window: "day", windowMs: 24 * 60 * minute, limit: 1_000, used: 100 },
    ]);
    world.nowMs += 16 * minute;
    expect(world.fill()).toBe(100);
  });

  it("takes back what a lease did not spend, and counts what was never reported", () => {
    const world = new World(budgetWith({ ...quarter, calls: 10 }));
    const all = Array.from({ length: 10 }, () => world.granted(1));
    world.refused(1);
    world.report(all[0]?.lease ?? "", []);
    world.granted(1);
    world.nowMs += leaseMs + callMsMax;
    expect(world.status().budgets[0]?.used).toBe(10);
    world.report(all[1]?.lease ?? "", []);
    world.refused(1);
    world.nowMs += quarter.windowMs - 1;
    world.refused(1);
    world.nowMs += minute;
    world.granted(1);
  });

  it("is leased in small parts, live and backfill", () => {
    expect(new World().granted(500).granted).toBe(leaseCallsMax.live);
    const wide = budgetWith({ ...day, calls: 50_000 });
    expect(new World(wide).granted(500, "backfill").granted).toBe(leaseCallsMax.backfill);
    expect(new World(budgetWith({ ...quarter, calls: 30 })).granted(10).granted).toBe(3);
    expect(new World(budgetWith({ ...quarter, calls: 4 })).granted(10).granted).toBe(2);
    for (const want of [0, -3, Number.NaN, 0.5]) expect(new World().granted(want).granted).toBe(1);
  });

  it("that knows no window is leased all the same, to so many at once", () => {
    const world = new World(budgetWith());
    const first = world.granted(10);
    for (let i = 1; i < leasesMax; i++) world.granted(10);
    expect(world.refused(1).why).toBe("budget");
    world.report(first.lease, calls(3));
    world.granted(10);
  });

  it("gives every lease an id of its own, and stays small", () => {
    const world = new World(budgetWith({ ...day, calls: 1_000_000 }));
    const ids = Array.from({ length: 5_000 }, () => {
      world.nowMs += 1_000;
      const { lease: id } = world.granted(10);
      world.report(id, calls(7));
      return id;
    });
    expect(new Set(ids).size).toBe(ids.length);
    for (let i = 0; i < 5_000; i++) world.ask(1, i % 2 === 0 ? "live" : "backfill");
    for (let i = 0; i < leasesMax; i++) world.ask(1);
    expect(JSON.stringify(world.state).length).toBeLessThan(250_000);
    const crowded = new World(budgetWith({ ...quarter, windowMs: 1_000, calls: 1 }));
    for (let i = 0; i < 5_000; i++) crowded.ask(1);
    expect(crowded.state.turns.live.length).toBeLessThanOrEqual(momentsMax);
  });

  it("takes a report as long as a call of the lease may be under way, and no longer", () => {
    const world = new World();
    const [slow, lost] = [world.granted(2), world.granted(3)];
    world.nowMs = slow.untilMs + callMsMax - 1;
    world.report(slow.lease, calls(1));
    expect(world.status().calls.ok).toBe(1);
    world.nowMs++;
    world.report(lost.lease, calls(1));
    expect([world.status().calls.ok, world.status().budgets[0]?.used]).toEqual([1, 4]);
  });
});

describe("live data and history", () => {
  it("live is granted whenever the reserve is free, however much history asks", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            pauseMs: fc.nat(20_000),
            live: fc.boolean(),
            want: fc.integer({ min: 1, max: 4 }),
            isReported: fc.boolean(),
          }),
          { maxLength: 120 },
        ),
        (run) => {
          const world = new World();
          let live = 0;
          for (const { pauseMs, live: isLive, want, isReported } of run) {
            world.nowMs += pauseMs;
            for (let i = 0; i < 6; i++) world.ask(20, "backfill");
            if (!isLive || live + want > 20) continue;
            live += want;
            const { lease: id, granted } = world.granted(want);
            expect(granted).toBe(want);
            if (isReported) world.report(id, calls(want));
          }
        },
      ),
      { numRuns: 300 },
    );
  });

  it("history takes what is left over, and no more", () => {
    const world = new World();
    let history = 0;
    for (let i = 0; i < 15 * 60; i++) {
      world.nowMs += 1_000;
      const answer = world.ask(20, "backfill");
      if (!("lease" in answer)) continue;
      world.report(answer.lease, calls(answer.granted));
      history += answer.granted;
    }
    expect(history).toBeGreaterThan(70);
    expect(history).toBeLessThanOrEqual(80);
    expect(world.fill()).toBeGreaterThanOrEqual(20);
  });

  it("history does not burn a day's share in an hour, but goes on evenly", () => {
    const world = new World(budgetWith(day));
    const perHour = Array.from({ length: 30 }, () => {
      let history = 0;
      for (let i = 0; i < 60; i++) {
        world.nowMs += minute;
        const answer = world.ask(20, "backfill");
        if (!("lease" in answer)) continue;
        world.report(answer.lease, calls(answer.granted));
        history += answer.granted;
      }
      return history;
    });
    expect(Math.max(...perHour)).toBeLessThanOrEqual(120);
    for (const hour of perHour.slice(1, 21)) expect(hour).toBeGreaterThan(25);
  });

  it("history is granted nothing while a live ask waits, and goes on after it", () => {
    const crowded = () => {
      const world = new World();
      const leases = Array.from({ length: 10 }, () => world.granted(10));
      return { world, free: () => leases.forEach(({ lease: id }) => void world.report(id, [])) };
    };
    const calm = crowded();
    calm.free();
    expect(calm.world.granted(5, "backfill").granted).toBe(5);
    const { world, free } = crowded();
    const { waitMs } = world.refused(5);
    free();
    world.refused(5, "backfill");
    world.nowMs += waitMs;
    world.refused(5, "backfill");
    expect(world.granted(5).granted).toBe(5);
    world.nowMs += 2 * minute;
    world.granted(5, "backfill");
  });

  it("history comes back after the live asks that were sent away", () => {
    const world = new World();
    const held = Array.from({ length: 10 }, () => world.granted(10).lease);
    const last = held.pop() ?? "";
    for (const id of held) world.report(id, calls(10));
    for (let i = 0; i < 11; i++) world.refused(1);
    world.report(last, []);
    expect(world.refused(1, "backfill").waitMs).toBeGreaterThan(quarter.windowMs);
    world.granted(1);
  });

  it("history waits longer than live, for whatever it is", () => {
    const spent = new World();
    spent.fill();
    const throttled = new World();
    throttled.report(throttled.granted(1).lease, calls(1, "throttled"));
    const down = new World();
    down.report(down.granted(10).lease, calls(failuresInRowMax, "failed"));
    for (const world of [spent, throttled, down]) {
      const live = Array.from({ length: 50 }, () => world.refused(1).waitMs);
      const history = Array.from({ length: 50 }, () => world.refused(1, "backfill").waitMs);
      expect(Math.min(...history)).toBeGreaterThan(Math.min(...live));
      const mean = (all: readonly number[]) => all.reduce((a, b) => a + b, 0) / all.length;
      expect(mean(history)).toBeGreaterThan(mean(live));
    }
  });
});
