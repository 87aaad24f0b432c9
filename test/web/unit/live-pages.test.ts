/** What the pages of what happens now reckon: minutes without anything are zero, money has its digits. */
import { describe, expect, it } from "vitest";
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
