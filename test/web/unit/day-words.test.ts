/** What My day says: which day it is, beside what, towards which goal, and what may be missing. */
import { describe, expect, it } from "vitest";
import { metrics } from "../../../domain/samples/metrics.ts";
import type { Connection } from "../../../web/api/sync-status.ts";
import { daysOfSpan, isShownDay, turned } from "../../../web/pages/day/days.ts";
import { changesOf, goalOf, typedOf, wrongOf } from "../../../web/pages/day/goals-form.ts";
import { saidTrend, trendOf } from "../../../web/pages/day/trend.ts";
import { figure, said, spoken, unspoken } from "../../../web/readings/metric-words.ts";
import { lackOf, lackOfSpan, sentencesOf, stateOf } from "../../../web/session/connection-words.ts";
import { todayOf } from "../../../web/session/today.ts";

describe("days", () => {
  it("are the member's, wherever the browser is", () => {
    const zones = [
      { zone: "Europe/Amsterdam", from: null },
      { zone: "Asia/Tokyo", from: "2026-11-20T00:00:00Z" },
    ];
    expect(todayOf({ zones }, Date.parse("2026-11-21T16:00:00Z"))).toBe("2026-11-22");
    expect(todayOf({ zones }, Date.parse("2026-11-19T16:00:00Z"))).toBe("2026-11-19");
  });

  it("are shown up to today, and no text that is none", () => {
    const shown = ["2026-11-22", "2026-11-23", "2026-02-30", "1999-12-31", "steps"];
    expect(shown.filter((text) => isShownDay(text, "2026-11-22"))).toEqual(["2026-11-22"]);
  });

  it("turn by the stretch that is shown, never past today", () => {
    const today = "2026-11-22";
    expect(turned("day", "2026-11-01", -1, today)).toBe("2026-10-31");
    expect(turned("day", today, 1, today)).toBeNull();
    expect(turned("week", "2026-11-05", 1, today)).toBe("2026-11-15");
    expect(turned("month", "2026-10-15", 1, today)).toBe(today);
    expect(turned("year", "2000-06-01", -1, today)).toBeNull();
    expect(daysOfSpan("year", "2024-02-29")).toEqual({ from: "2024-01-01", to: "2024-12-31" });
  });
});

describe("metrics", () => {
  it("come back from the unit that people speak of, each of them", () => {
    for (const metric of metrics) expect(unspoken(metric, spoken(metric, 1_234))).toBe(1_234);
  });

  it("are said as finely as they mean something", () => {
    expect(said("distance", 6_204)).toMatch(/^6[.,]20 km$/);
    expect(said("sleep", 25_500)).toBe("7 h 05 min");
    expect(figure("heart_rate", 61.6)).toBe("62");
  });
});

describe("a trend", () => {
  it("compares with the days that were measured, and says how many", () => {
    const trend = trendOf(110, [100, 100, 100]);
    expect(trend).toEqual({ mean: 100, days: 3, percent: 10 });
    expect(saidTrend("heart_rate", trend, false)).toBe("10 % above the 3 days before");
  });

  it("says nothing of what is not over, of nothing, or of next to nothing", () => {
    const week = [1_000, 1_000, 1_000, 1_000, 1_000, 1_000, 1_000];
    expect(saidTrend("steps", trendOf(200, week), false)).toMatch(/a day on the 7 days before$/);
    expect(saidTrend("steps", trendOf(200, week), true)).toBe("80 % below the 7 days before");
    expect(saidTrend("steps", trendOf(1_004, week), true)).toBe("Level with the 7 days before");
    expect(trendOf(5, [])).toBeNull();
    expect(trendOf(5, [0, 0])).toBeNull();
  });
});

describe("typed goals", () => {
  const none = { goalFrom: null, default: null, goal: null } as const;
  const goals = {
    steps: { goal: 10_000, goalFrom: "default", goalKind: "at-least", unit: "1", default: 10_000 },
    sleep: { goal: 27_000, goalFrom: "own", goalKind: "at-least", unit: "s", default: 28_800 },
    distance: { ...none, goalKind: "at-least", unit: "m" },
  } as const;

  it("are the member's own, in the unit that people speak of", () => {
    expect(typedOf(goals)).toEqual({ sleep: "7.5" });
  });

  it("are sent when they differ; an emptied one goes back to the common one", () => {
    expect(changesOf(goals, { sleep: "7.5" })).toEqual({});
    expect(changesOf(goals, { sleep: "", distance: "5,5" })).toEqual({
      sleep: null,
      distance: 5_500,
    });
  });

  it("are refused before they are sent when they are none", () => {
    expect(goalOf("steps", "many")).toBeUndefined();
    expect(wrongOf("steps", "many")).toContain("A number from");
    expect(wrongOf("steps", "0")).toContain("A number from");
    expect(wrongOf("steps", "12000")).toBeNull();
    expect(wrongOf("steps", "")).toBeNull();
  });
});

describe("a connection", () => {
  const nowMs = Date.parse("2026-11-22T12:00:00Z");
  const fine: Connection = {
    ...{ id: "c1", provider: "garmin", since: "2026-01-01T00:00:00Z", status: "connected" },
    ...{ why: null, backfill: null, lastReceived: null, lastChecked: "2026-11-22T11:00:00Z" },
    ...{ behindSince: null, next: null, scopes: null, forgottenTo: null, unconfirmed: [] },
  };
  const titles = new Map([["garmin", "Garmin Connect"]]);
  const behind: Connection = {
    ...fine,
    ...{ status: "behind", why: "provider-down", behindSince: "2026-11-18T09:00:00Z" },
  };

  it("says what it is, why and since when", () => {
    expect(stateOf(behind)).toEqual({ word: "Behind", mood: "warn" });
    const words = sentencesOf(behind, "Garmin Connect", nowMs).join(" ");
    expect(words).toContain("Garmin Connect does not answer.");
    expect(words).toContain("Something waits since Wednesday.");
  });

  it("that is behind makes the days since then doubtful, and no others", () => {
    expect(lackOf([behind], "2026-11-22", titles, nowMs)).toBe(
      "Garmin Connect has not been read since Wednesday; this may not be all.",
    );
    expect(lackOf([behind], "2026-11-01", titles, nowMs)).toBeNull();
    expect(lackOf([fine], "2026-11-22", titles, nowMs)).toBeNull();
  });

  it("that reads its history makes the days doubtful that it has not come to", () => {
    const backfill = {
      ...({ state: "running", percent: 40, hasGaps: false } as const),
      ...{ from: "2026-01-01T00:00:00Z", doneTo: "2026-09-01T00:00:00Z" },
    };
    const reading: Connection = { ...fine, status: "backfilling", backfill };
    expect(lackOf([reading], "2026-03-01", titles, nowMs)).toContain("history of Garmin Connect");
    expect(lackOf([reading], "2026-11-22", titles, nowMs)).toBeNull();
  });

  it("makes a span doubtful by any day of it whose history is not read", () => {
    const backfill = {
      ...({ state: "running", percent: 40, hasGaps: false } as const),
      ...{ from: "2026-03-01T00:00:00Z", doneTo: "2026-09-01T00:00:00Z" },
    };
    const reading: Connection = { ...fine, status: "backfilling", backfill };
    const lack = (from: string, to: string) => lackOfSpan([reading], { from, to }, titles, nowMs);
    expect(lack("2026-01-01", "2026-12-31")).toContain("history of Garmin Connect");
    expect(lack("2026-08-31", "2026-09-06")).toContain("history of Garmin Connect");
    expect([lack("2025-01-01", "2025-12-31"), lack("2026-09-01", "2026-09-30")]).toEqual([
      null,
      null,
    ]);
  });
});
