/** A workout in words: its pace as its sport says it, its distance, its sources; and a list by days. */
import { describe, expect, it } from "vitest";
import { daysOf } from "../../../web/pages/workouts/days.ts";
import { distance, pace, sourcesWords } from "../../../web/pages/workouts/values.ts";

const hourMs = 3_600_000;

describe("a workout's values", () => {
  it("say speed as its sport does", () => {
    expect(pace(30_000_000, hourMs, "ride")).toBe("30.0 km/h");
    expect(pace(12_000_000, hourMs, "run")).toBe("5:00 min/km");
    expect(pace(5_000_000, hourMs, "walk")).toBe("12:00 min/km");
    expect(pace(2_000_000, hourMs, "swim")).toBe("3:00 min/100 m");
  });

  it("say no speed of nothing", () => {
    expect(pace(0, hourMs, "run")).toBeNull();
    expect(pace(1_000, 0, "ride")).toBeNull();
  });

  it("say a swim in metres and the rest in kilometres", () => {
    expect(distance(1_500_000, "swim")).toMatch(/^1.?500 m$/);
    expect(distance(42_195_000, "run")).toMatch(/^42.20 km$/);
  });

  it("say that several sources count once, and of one only that it is one", () => {
    expect(sourcesWords(1)).toBe("1 source");
    expect(sourcesWords(3)).toBe("3 sources, counted once");
  });
});

describe("a list by days", () => {
  it("keeps the order and has each day once, though a day comes back", () => {
    const list = ["b", "b", "a", "b"].map((day, id) => ({ day, id }));
    expect(daysOf(list).map(({ day, workouts }) => [day, workouts.map(({ id }) => id)])).toEqual([
      ["b", [0, 1, 3]],
      ["a", [2]],
    ]);
    expect(daysOf([])).toEqual([]);
  });
});
