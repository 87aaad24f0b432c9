import { expect, it } from "vitest";
import { googleHealth } from "../../../providers/google-health.ts";
import { isRetractedDraft } from "../../../providers/provider.ts";

const point = (formFactor: string | undefined, session: object = {}) => ({
  name: "users/u/dataTypes/exercise/dataPoints/8901234567890123",
  dataSource: { platform: "FITBIT", device: { formFactor } },
  exercise: {
    interval: { startTime: "2026-11-14T09:00:00Z", endTime: "2026-11-14T10:00:00Z" },
    exerciseType: "RUNNING",
    exerciseMetadata: { hasGps: true },
    metricsSummary: {
      averageHeartRateBeatsPerMinute: "151",
      averageSpeedMillimetersPerSecond: 3263.4,
    },
    updateTime: "2026-11-14T10:05:00.123Z",
    ...session,
  },
});
const measuredOf = (item: unknown) => {
  const result = googleHealth.normalise("exercise", item, Date.UTC(2026, 10, 15));
  if (!result.ok || isRetractedDraft(result.value)) throw new Error("not read");
  const { speedMmps, hasTrack, heartRateBy } = result.value.fields;
  return { speedMmps, hasTrack, heartRateBy };
};
const beat = { sampleTime: { physicalTime: "2026-11-14T09:00:05Z" }, beatsPerMinute: "120" };

it("says how it was measured by itself, whether or not its samples have come", () => {
  const expected = { speedMmps: 3263, hasTrack: true, heartRateBy: "wrist" };
  expect(measuredOf(point("WATCH"))).toEqual(expected);
  const joined = googleHealth.pull.join(point("WATCH"), [{ heartRate: beat }]);
  expect(measuredOf(joined)).toEqual(expected);
});

it.each([
  ["CHEST_STRAP", "strap"],
  ["FITNESS_BAND", "wrist"],
  ["RING", "unknown"],
  [undefined, "unknown"],
])("by a %s its heart rate is measured by %s", (formFactor, sensor) => {
  expect(measuredOf(point(formFactor)).heartRateBy).toBe(sensor);
});

it("says nothing where the exercise says nothing", () => {
  const bare = point("WATCH", { exerciseMetadata: undefined, metricsSummary: { averageSpeed: 3 } });
  expect(measuredOf(bare)).toEqual({ speedMmps: null, hasTrack: null, heartRateBy: null });
  const indoors = point("WATCH", { exerciseMetadata: { hasGps: false } });
  expect(measuredOf(indoors).hasTrack).toBe(false);
});
