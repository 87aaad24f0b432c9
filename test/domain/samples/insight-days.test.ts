/** Insights of days as they are resolved: a day counts as measured when something was measured on it. */
import { describe, expect, it } from "vitest";
import type { DayAggregates } from "../../../domain/samples/aggregate.ts";
import { hoursOf } from "../../../domain/samples/days.ts";
import { insightDays, insightsOf } from "../../../domain/samples/insights.ts";
import { type Measured, resolveMetric } from "../../../domain/samples/resolve.ts";
import { addDays } from "../../../domain/time.ts";

const today = "2026-11-14";
const pulse = "resting_heart_rate";

describe("a trend", () => {
  it("is measured on days with a reading of their own, and on none that only follows one", () => {
    const ago = Array.from({ length: 14 }, (_, i) => 2 * i);
    const measured = ago.map((days): Measured => {
      const fromMs = Date.parse(`${addDays(today, -days)}T18:00:00Z`);
      const value = 64_000 - 200 * days;
      return { device: "dev_a", key: `k${days}`, fromMs, toMs: fromMs, value, stage: null };
    });
    const days = Array.from({ length: insightDays }, (_, i): DayAggregates => {
      const date = addDays(today, i + 1 - insightDays);
      const found = resolveMetric(pulse, measured, () => 0, hoursOf(pulse, date, []));
      return { date, metrics: found === null ? {} : { [pulse]: found.day } };
    });
    const [trend, ...others] = insightsOf(days, today, {});
    expect(others).toEqual([]);
    expect(trend?.sentence).toMatch(/ within 27 days, .* measured on 14 of them\.$/);
    expect(trend?.numbers).toMatchObject({ days: 14, span: 27, change: 5.2, end: 64 });
    // One day fewer is too few, with as many days between them.
    expect(insightsOf(days.slice(0, -1), addDays(today, -1), {})).toEqual([]);
  });
});
