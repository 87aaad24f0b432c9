/** Who is refused by a gate, for how long, and what operators see of it. */
import { describe, expect, it } from "vitest";
import { failuresInRowMax, openMs } from "../../domain/breaker.ts";
import { type Budget, defaultBudget } from "../../domain/budget.ts";
import {
  callMsMax,
  count,
  leaseMs,
  pauseMsFirst,
  pauseMsLast,
  pauseMsMax,
  report,
} from "../../domain/gate.ts";
import {
  budgetWith,
  call,
  calls,
  day,
  minute,
  quarter,
  start,
  strava,
  World,
} from "./gate-world.ts";

describe("who is refused", () => {
  /** Everybody asks at once for one call, comes back when told to, until all were served. */
  function crowd(budget: Budget, size: number) {
    const world = new World(budget);
    const asks = new Array<number>(size).fill(0);
    let queue = asks.map((_, who) => ({ atMs: start, who }));
    const first: number[] = [];
    while (queue.length > 0) {
      queue.sort((a, b) => a.atMs - b.atMs);
      const [next, ...others] = queue;
      if (next === undefined) break;
      queue = others;
      world.nowMs = next.atMs;
      asks[next.who] = (asks[next.who] ?? 0) + 1;
      const answer = world.ask(1);
      if ("lease" in answer) world.report(answer.lease, calls(1));
      else {
        if (next.atMs === start) first.push(answer.waitMs);
        queue.push({ atMs: next.atMs + answer.waitMs, who: next.who });
      }
    }
    return { asks, first, tookMs: world.nowMs - start };
  }

  it.each([
    ["100 in 15 minutes", budgetWith(quarter)],
    ["60 a minute", defaultBudget],
    ["300 a minute", budgetWith({ name: "minute", calls: 300, windowMs: minute })],
    ["400 a day", budgetWith({ ...day, calls: 400 })],
  ])("a thousand at once, by %s: come back spread, seldom, and in good time", (_, budget) => {
    const { asks, first, tookMs } = crowd(budget, 1_000);
    const [window = quarter] = budget.app;
    const bySecond = new Map<number, number>();
    for (const waitMs of first)
      bySecond.set(Math.floor(waitMs / 1_000), (bySecond.get(Math.floor(waitMs / 1_000)) ?? 0) + 1);
    expect(Math.max(...bySecond.values())).toBeLessThanOrEqual(60);
    expect(Math.max(...asks)).toBeLessThanOrEqual(24);
    const leastMs = (Math.ceil(1_000 / window.calls) - 1) * window.windowMs;
    expect(tookMs).toBeLessThan(leastMs * 1.25 + 2 * minute);
  });

  it("for want of room comes back when a lease may have been reported", () => {
    const world = new World(budgetWith({ ...quarter, calls: 10 }));
    const held = Array.from({ length: 10 }, () => world.granted(1));
    expect(world.refused(1).waitMs).toBeLessThan(2 * minute);
    for (const { lease: id } of held) world.report(id, calls(1));
    expect(world.refused(1).waitMs).toBeGreaterThan(10 * minute);
  });
});

describe("a provider that says wait", () => {
  it("is asked nothing until its Retry-After has passed", () => {
    const world = new World();
    const [told, other] = [world.granted(5), world.granted(5)];
    world.report(told.lease, [call(), call("throttled", { retryAfterMs: 90_000 })]);
    world.report(other.lease, [call("throttled", { retryAfterMs: 20_000 }), call()]);
    expect(world.status().pausedUntilMs).toBe(start + 90_000);
    world.nowMs += 89_999;
    const { waitMs, why } = world.refused(1);
    expect([why, waitMs > 1]).toEqual(["paused", true]);
    world.nowMs += 1;
    world.granted(1);
    expect(world.status().pausedUntilMs).toBeNull();
  });

  it("without saying how long is asked after pauses that grow, until it answers", () => {
    const world = new World();
    const pauses = Array.from({ length: 8 }, () => {
      world.report(world.granted(1).lease, calls(1, "throttled"));
      const pauseMs = (world.status().pausedUntilMs ?? 0) - world.nowMs;
      world.nowMs += pauseMs;
      return pauseMs;
    });
    expect(pauses[0]).toBe(pauseMsFirst);
    expect(pauses).toEqual([...pauses].sort((a, b) => a - b));
    expect([new Set(pauses).size > 4, pauses.at(-1)]).toEqual([true, pauseMsLast]);
    world.report(world.granted(1).lease, calls(1));
    world.report(world.granted(1).lease, calls(1, "throttled"));
    expect((world.status().pausedUntilMs ?? 0) - world.nowMs).toBe(pauseMsFirst);
  });

  it("many times at once is paused for once, and never for longer than some hours", () => {
    const world = new World();
    const held = Array.from({ length: 8 }, () => world.granted(1));
    for (const { lease: id } of held) world.report(id, calls(1, "throttled"));
    expect(world.status().pausedUntilMs).toBe(start + pauseMsFirst);
    const far = new World();
    far.report(far.granted(1).lease, [call("throttled", { retryAfterMs: 1e12 })]);
    expect(far.status().pausedUntilMs).toBe(start + pauseMsMax);
  });

  it("to one member only pauses nobody else", () => {
    const world = new World({ ...strava, throttles: "member" });
    world.report(world.granted(1).lease, calls(1, "throttled"));
    world.granted(1);
    expect(world.status().calls.throttled).toBe(1);
  });

  it("sends everybody back spread", () => {
    const world = new World();
    world.report(world.granted(1).lease, calls(1, "throttled"));
    const waits = Array.from({ length: 1_000 }, () => world.refused(1).waitMs);
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(pauseMsFirst);
    expect(new Set(waits.map((ms) => Math.floor(ms / 1_000))).size).toBeGreaterThan(10);
  });

  it("by its headers that others spend the same budget is heeded", () => {
    const world = new World({
      ...strava,
      headers: ["x-left"],
      learn: (headers) => ({
        app: [
          { window: "15 minutes", remaining: Number(headers["x-left"]), resetsInMs: 5 * minute },
        ],
        member: [],
      }),
    });
    world.report(world.granted(2).lease, [
      call("ok", { headers: { "x-left": "8" } }),
      call("ok", { headers: { "x-left": "7" } }),
    ]);
    expect(world.granted(10).granted).toBe(7);
    expect(world.refused(1).why).toBe("budget");
    world.nowMs += 5 * minute;
    expect(world.granted(10).granted).toBe(10);
  });
});

describe("a provider that is down", () => {
  const down = () => {
    const world = new World();
    world.report(world.granted(10).lease, calls(failuresInRowMax, "failed"));
    return world;
  };

  it("is asked nothing for five minutes, then by one probe of one call", () => {
    const world = down();
    expect(world.status()).toMatchObject({ breaker: "open", openSinceMs: start });
    const waits = Array.from({ length: 100 }, () => world.refused(5));
    for (const { waitMs, why } of waits) expect([why, waitMs > openMs]).toEqual(["breaker", true]);
    expect(new Set(waits.map(({ waitMs }) => waitMs)).size).toBeGreaterThan(50);
    world.nowMs += openMs;
    const probe = world.granted(5);
    expect(probe.granted).toBe(1);
    for (let i = 0; i < 50; i++) {
      world.nowMs += 100;
      expect(world.refused(1, i % 2 === 0 ? "live" : "backfill").why).toBe("breaker");
    }
    expect(world.status().breaker).toBe("half-open");
    world.report(probe.lease, calls(1));
    expect(world.status()).toMatchObject({ breaker: "closed", openSinceMs: null });
    expect(world.granted(5).granted).toBe(5);
  });

  it("is asked by another probe when the first fails, is not used, or is lost", () => {
    const world = down();
    world.nowMs += openMs;
    world.report(world.granted(1).lease, calls(1, "timeout"));
    expect(world.refused(1).why).toBe("breaker");
    world.nowMs += openMs;
    world.report(world.granted(1).lease, []);
    const lost = world.granted(1);
    expect(world.refused(1).why).toBe("breaker");
    world.restart();
    world.nowMs += leaseMs + callMsMax;
    const last = world.granted(1);
    world.report(lost.lease, calls(1));
    expect(world.status()).toMatchObject({ breaker: "half-open", openSinceMs: start });
    world.report(last.lease, calls(1));
    expect(world.status().breaker).toBe("closed");
  });

  it("for hours is not asked for by everybody every five minutes", () => {
    const world = down();
    const end = start + 6 * 60 * minute;
    let [asks, probes] = [0, 0];
    let queue = Array.from({ length: 200 }, () => start);
    while (queue.length > 0) {
      queue.sort((a, b) => a - b);
      const [at = end, ...others] = queue;
      queue = others;
      if (at >= end) continue;
      world.nowMs = at;
      asks++;
      const answer = world.ask(1);
      if ("waitMs" in answer) queue.push(at + answer.waitMs);
      else {
        probes++;
        world.report(answer.lease, calls(1, "failed"));
        queue.push(at + 10_000);
      }
    }
    expect(asks / 200).toBeLessThan(45);
    expect(probes).toBeGreaterThan(60);
    expect(probes).toBeLessThanOrEqual(72);
  });
});

describe("what operators see", () => {
  it("counts calls, doors, latencies and freshness, once each", () => {
    const world = new World();
    const { lease: id } = world.granted(3);
    const ended = [call("ok", { ms: 100 }), call("denied", { ms: 300 })];
    world.report(id, ended, [4_000, 60_000]);
    world.report(id, ended, [4_000, 60_000]);
    world.state = count(world.state, { deliveries: 1, notices: 5, items: 0, refused: 0 });
    world.state = count(world.state, { deliveries: 2, notices: 0, items: 7, refused: 1 });
    const { calls: byClass, door, latencyMs, freshnessMs, sinceMs } = world.status();
    expect([byClass.ok, byClass.denied, byClass.failed, sinceMs]).toEqual([1, 1, 0, start]);
    expect(door).toEqual({ deliveries: 3, notices: 5, items: 7, refused: 1 });
    expect([latencyMs.count, freshnessMs.count]).toEqual([2, 2]);
    expect(latencyMs.p50).toBeGreaterThanOrEqual(100);
    expect(freshnessMs.p99).toBeGreaterThanOrEqual(60_000);
  });

  it("adds up what was recorded, by the door and by calls, each report once", () => {
    const world = new World();
    const { lease: id } = world.granted(3);
    const read = { lease: id, calls: calls(1), freshnessMs: [] };
    const said = { ...read, recorded: { recorded: 4, duplicates: 2, parked: 0 } };
    for (let i = 0; i < 2; i++) world.state = report(world.state, said, world.budget, world.nowMs);
    const recorded = { recorded: 1, duplicates: 0, parked: 3 };
    const door = { deliveries: 1, notices: 0, items: 4, refused: 0 };
    world.state = count(world.state, { ...door, recorded });
    world.restart();
    expect(world.status().recorded).toEqual({ recorded: 5, duplicates: 2, parked: 3 });
    expect(world.status().door).toEqual(door);
  });

  it("says the calls of the last five minutes, and those that failed", () => {
    const world = new World();
    const { lease: id } = world.granted(5);
    world.report(id, [...calls(3), ...calls(2, "failed")]);
    expect(world.status().lately).toEqual({ calls: 5, failed: 2 });
    world.nowMs += 6 * minute;
    expect(world.status().lately).toEqual({ calls: 0, failed: 0 });
  });

  it("is the same state when a report is repeated or comes too late", () => {
    const world = new World();
    const { lease: id } = world.granted(3);
    world.report(id, calls(3));
    const once = world.state;
    world.report(id, calls(3, "failed"));
    world.report("unknown", calls(3, "failed"));
    expect(world.state).toBe(once);
  });
});
