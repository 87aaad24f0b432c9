/** What the pages of what happens now reckon: minutes without anything are zero, money has its digits. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { countTicks } from "../../../web/design/count-ticks.ts";
import { minutePoints } from "../../../web/design/minutes.ts";
import { money } from "../../../web/pages/stores/money.ts";

describe("a timeline's points", () => {
  const at = (minute: number) => new Date(Date.UTC(2026, 10, 22, 12, minute, 30)).toISOString();
  const of = (minute: number, n: number) => ({ at: at(minute), n });

  it("are one a minute up to now, in order, with what several say of one minute added up", () => {
    const timeline = [of(1, 9), of(8, 2), of(10, 3), of(8, 4)];
    const points = minutePoints(timeline, at(10), 3, ({ n }) => n);
    expect(points.map(({ values }) => values.n)).toEqual([6, 0, 3]);
    expect(new Set(points.map(({ label }) => label)).size).toBe(3);
  });

  it("are all zero when nothing happened", () => {
    expect(minutePoints([], at(0), 2, () => 1).map(({ values }) => values.n)).toEqual([0, 0]);
  });
});

describe("what stands at the side of a chart that counts", () => {
  const ticksTo = (most: number) => countTicks([{ n: most }, { n: 0 }, { n: null }]);

  it.each([
    [0, [0, 1]],
    [1, [0, 1]],
    [3, [0, 1, 2, 3]],
    [7, [0, 2, 4, 6, 8]],
    [23, [0, 5, 10, 15, 20, 25]],
    [2_600, [0, 1_000, 2_000, 3_000]],
  ])("of %d at most is few, round and whole", (most, ticks) => {
    expect(ticksTo(most)).toEqual(ticks);
  });

  it("is whole and evenly apart from zero to above the most, whatever is counted", () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e9 }), (most) => {
        const ticks = ticksTo(most);
        const [, step = 0] = ticks;
        expect(ticks.length).toBeLessThanOrEqual(6);
        expect(Number.isInteger(step) && step > 0).toBe(true);
        expect(ticks).toEqual(ticks.map((_, i) => i * step));
        expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
      }),
    );
  });

  it("has room for what stands on one another", () => {
    expect(countTicks([{ a: 3, b: 4 }]).at(-1)).toBeGreaterThanOrEqual(7);
  });
});

describe("money", () => {
  it.each([
    [1_250, "EUR", "12.50"],
    [1_250, "JPY", "1,250"],
    [1_250, "KWD", "1.250"],
    [-5, "USD", "0.05"],
  ])("of %d in %s's smallest unit is %s", (minor, currency, text) => {
    expect(money(minor, currency)).toContain(text);
  });
});
