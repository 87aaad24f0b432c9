/** What Suunto measures between workouts. */
import { expect, it } from "vitest";
import type { Provider } from "../../../providers/provider.ts";
import { suunto } from "../../../providers/suunto.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = suunto;

it("a night has how long each stage was, laid one after another, and no average", () => {
  const entryData = {
    BedtimeStart: "2026-11-13T23:10:00.000+02:00",
    BedtimeEnd: "2026-11-14T06:40:00.000+02:00",
    Duration: 27_000,
    DeepSleepDuration: 3600,
    LightSleepDuration: 14_400,
    REMSleepDuration: 0,
    HRAvg: 51,
    MaxSpo2: 0.97,
    SleepId: 4711,
  };
  const night = (over: object) =>
    provider.samples?.read(
      "sleep",
      { samples: [{ entryData: { ...entryData, ...over } }] },
      receivedMs,
    );
  const common = {
    metric: "sleep",
    sourceId: "4711",
    offsetMin: 120,
    unit: "s",
    device: { id: "suunto", kind: "watch", model: null },
  };
  const beganMs = Date.UTC(2026, 10, 13, 21, 10);
  const between = (from: number, to: number) => ({
    fromMs: beganMs + from * 1000,
    toMs: beganMs + to * 1000,
  });
  expect(night({})).toEqual({
    ok: true,
    value: [
      { ...common, ...between(0, 3600), value: 3600, stage: "deep" },
      { ...common, ...between(3600, 18_000), value: 14_400, stage: "light" },
    ],
  });
  expect(night({ DeepSleepDuration: 0, LightSleepDuration: null })).toEqual({
    ok: true,
    value: [{ ...common, ...between(0, 27_000), value: 27_000, stage: "asleep" }],
  });
  expect(night({ BedtimeStart: "2026-11-13T23:10:00" })).toEqual({ ok: true, value: [] });
});
