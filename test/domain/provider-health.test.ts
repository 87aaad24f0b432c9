/** One colour for each provider, and a sentence for each matter: at its threshold, and not before. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type HealthFigures,
  healthThresholds,
  providerHealth,
} from "../../domain/provider-health.ts";

type Gate = NonNullable<HealthFigures["gate"]>;
const nowMs = Date.UTC(2026, 10, 22, 12);
const minute = 60_000;
const hour = 60 * minute;
const calm: Gate = {
  breaker: "closed",
  openSinceMs: null,
  pausedUntilMs: null,
  budgets: [],
  lately: { calls: 100, failed: 0 },
  freshnessMs: { count: 40, p50: 4_000, p90: 9_000, p99: 60_000 },
  subscription: null,
};
const connections = { behindOver2h: 0, oldestBehindMs: null };
const health = (over: Partial<Gate>) =>
  providerHealth({ gate: { ...calm, ...over }, connections }, nowMs);
const budget = (used: number, limit: number) => ({
  window: "day",
  windowMs: 24 * hour,
  limit,
  used,
});
const fresh = (p90: number, count = 40) => ({ ...calm.freshnessMs, count, p90 });
const subscription = (state: "active" | "missing" | "failing" | "not-configured", at = 1) => ({
  state,
  checkedMs: at || null,
  until: null,
});

describe("green", () => {
  it.each<[string, Partial<Gate>]>([
    ["all is calm", {}],
    ["79 % of a quota", { budgets: [budget(7_999, 10_000)] }],
    ["nine in a hundred failed", { lately: { calls: 100, failed: 9 } }],
    ["few calls, and half of them failed", { lately: { calls: 8, failed: 4 } }],
    ["a quarter of an hour, exactly", { freshnessMs: fresh(15 * minute) }],
    ["no notices at all", { freshnessMs: fresh(0, 0) }],
    ["a pause that is over", { pausedUntilMs: nowMs }],
    ["a subscription that works", { subscription: subscription("active") }],
    ["one not looked at yet", { subscription: subscription("missing", 0) }],
    ["one that nobody set up", { subscription: subscription("not-configured") }],
  ])("%s", (_, over) => expect(health(over)).toEqual({ colour: "green", because: [] }));
});

describe("yellow", () => {
  it.each<[string, Partial<Gate>]>([
    [
      "The breaker was open since 11:30 UTC: one call is let through, to try.",
      { breaker: "half-open", openSinceMs: nowMs - hour / 2 },
    ],
    ["The provider asks for a pause until 12:05 UTC.", { pausedUntilMs: nowMs + 5 * minute }],
    [
      "80 % of the quota is spent, 8,000 of 10,000 calls (window: day).",
      { budgets: [budget(8_000, 10_000)] },
    ],
    [
      "The quota is spent, 5 of 5 calls (window: day): who asks now has to wait.",
      { budgets: [budget(5, 5)] },
    ],
    ["Of the last 5 minutes' 100 calls 10 failed.", { lately: { calls: 100, failed: 10 } }],
    [
      "One in ten of the last day's notices waited 16 minutes or longer.",
      { freshnessMs: fresh(16 * minute) },
    ],
    [
      "One in ten of the last day's notices waited 3 hours or longer.",
      { freshnessMs: fresh(3 * hour) },
    ],
    [
      "Its subscription could not be looked at, or not be mended.",
      { subscription: subscription("failing") },
    ],
  ])("%s", (text, over) => expect(health(over)).toEqual({ colour: "yellow", because: [text] }));

  it.each([
    [1, "1 connection is behind for more than 2 hours, the oldest since 09:00 UTC."],
    [1_200, "1,200 connections are behind for more than 2 hours, the oldest since 09:00 UTC."],
  ])("%d behind", (behindOver2h, text) => {
    const late = { behindOver2h, oldestBehindMs: nowMs - 3 * hour };
    expect(providerHealth({ gate: calm, connections: late }, nowMs)).toEqual({
      colour: "yellow",
      because: [text],
    });
  });
});

describe("red", () => {
  it.each<[string, Partial<Gate>]>([
    [
      "The breaker is open since 10:02 UTC: nothing is asked.",
      { breaker: "open", openSinceMs: nowMs - 118 * minute },
    ],
    [
      "The breaker is open since 2026-11-21, 23:59 UTC: nothing is asked.",
      { breaker: "open", openSinceMs: nowMs - 721 * minute },
    ],
    [
      "It has no working subscription: it sends no notices.",
      { subscription: subscription("missing") },
    ],
  ])("%s", (text, over) => expect(health(over)).toEqual({ colour: "red", because: [text] }));

  it("a gate that does not answer", () => {
    const { colour, because } = providerHealth({ gate: null, connections }, nowMs);
    expect([colour, because]).toEqual(["red", ["Its gate did not answer: nothing is known."]]);
  });

  it("comes before what is yellow", () => {
    const { colour, because } = health({
      ...{ breaker: "open", openSinceMs: nowMs, pausedUntilMs: nowMs + minute },
      ...{ budgets: [budget(9, 10)], subscription: subscription("missing") },
    });
    expect(colour).toBe("red");
    expect(because.map((text) => text.split(" ").slice(0, 3).join(" "))).toEqual([
      "The breaker is",
      "It has no",
      "The provider asks",
      "90 % of",
    ]);
  });
});

describe("whatever the figures", () => {
  const figures: fc.Arbitrary<HealthFigures> = fc.record({
    gate: fc.option(
      fc.record({
        breaker: fc.constantFrom("closed", "open", "half-open"),
        openSinceMs: fc.option(fc.nat({ max: nowMs })),
        pausedUntilMs: fc.option(fc.nat({ max: 2 * nowMs })),
        budgets: fc.array(
          fc.record({
            window: fc.constant("day"),
            windowMs: fc.constant(24 * hour),
            limit: fc.nat(),
            used: fc.nat(),
          }),
        ),
        lately: fc.record({ calls: fc.nat(), failed: fc.nat() }),
        freshnessMs: fc.record({ count: fc.nat(), p50: fc.nat(), p90: fc.nat(), p99: fc.nat() }),
        subscription: fc.option(
          fc.record({
            state: fc.constantFrom("active", "missing", "failing", "not-configured"),
            checkedMs: fc.option(fc.nat()),
            until: fc.option(fc.nat()),
          }),
        ),
      }),
    ),
    connections: fc.record({
      behindOver2h: fc.nat(),
      oldestBehindMs: fc.option(fc.nat({ max: nowMs })),
    }),
  });

  it("green says nothing, every other colour says why, in whole sentences", () => {
    fc.assert(
      fc.property(figures, (of) => {
        const { colour, because } = providerHealth(of, nowMs);
        expect(because.length === 0).toBe(colour === "green");
        for (const text of because) expect(text).toMatch(/^[A-Z\d].*\.$/);
        expect(because.join(" ")).not.toMatch(/NaN|undefined|null|Infinity/);
      }),
    );
  });

  it("an open breaker is never anything but red", () => {
    fc.assert(
      fc.property(figures, ({ gate, connections: late }) => {
        const open = { ...(gate ?? calm), breaker: "open" } as const;
        expect(providerHealth({ gate: open, connections: late }, nowMs).colour).toBe("red");
      }),
    );
  });

  it("begins where alerts begin", () => {
    expect(healthThresholds.quotaPercent).toBe(80);
    expect(healthThresholds.freshnessP90Ms).toBe(15 * minute);
  });
});
