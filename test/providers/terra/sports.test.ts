/** Terra's numbers for what was done. */
import { expect, it } from "vitest";
import { activityType, terraTypes } from "../../../providers/terra/sports.ts";

it("0 is in a vehicle, which is no sport, and what nobody lists is other", () => {
  expect(activityType(0)).toEqual({ type: "passive", originalType: "In Vehicle" });
  expect(activityType(143)).toEqual({ type: "passive", originalType: "Flying" });
  expect(activityType(4)).toEqual({ type: "other", originalType: null });
  expect(activityType(77_777)).toEqual({ type: "other", originalType: "77777" });
  expect(activityType("8")).toEqual({ type: "other", originalType: "8" });
  expect(activityType(null)).toEqual({ type: "other", originalType: null });
});

it("every number goes by the whole table", () => {
  // Every number up to the last but these stands in ActivityType.yaml.
  const gaps = [2, 6, 72, 107, 109, 110, 111, 112, 121];
  const all = Array.from({ length: 155 }, (_, n) => n).filter((n) => !gaps.includes(n));
  expect([...terraTypes].sort((a, b) => a - b)).toEqual(all);
  expect(new Set(terraTypes).size).toBe(terraTypes.length);
  const types = (numbers: number[]) => numbers.map((type) => activityType(type).type);
  expect(types([1, 7, 8, 15, 16, 17, 18, 35, 53, 54, 58, 67, 80, 84, 100])).toEqual([
    "cycling",
    "walking",
    "running",
    "mountain_biking",
    "cycling",
    "indoor_cycling",
    "indoor_cycling",
    "hiking",
    "rowing",
    "indoor_rowing",
    "treadmill_running",
    "cross_country_skiing",
    "strength_training",
    "open_water_swimming",
    "yoga",
  ]);
  expect(types([56, 133, 149, 150, 152, 153, 95, 113, 114, 137])).toEqual([
    "running",
    "treadmill_running",
    "trail_running",
    "gravel_cycling",
    "e_biking",
    "e_biking",
    "walking",
    "strength_training",
    "cardio",
    "passive",
  ]);
});
