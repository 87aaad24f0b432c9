import { describe, expect, it } from "vitest";
import { msPerDay } from "../../../domain/time.ts";
import { junction } from "../../../providers/junction.ts";
import type { Provider } from "../../../providers/provider.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = junction;

describe("the samples", () => {
  const samplesOf = (kind: string, item: unknown) => provider.samples?.read(kind, item, receivedMs);

  it("have how long each stage of a night was", () => {
    const night = {
      id: "s1",
      bedtime_start: "2026-11-13T22:00:00+00:00",
      bedtime_stop: "2026-11-14T06:00:00+00:00",
      timezone_offset: 3600,
      total: 25_200,
      awake: 3600,
      light: 12_600,
      deep: 6300,
      rem: 0,
      hr_average: 55,
    };
    const common = {
      metric: "sleep",
      sourceId: "s1",
      offsetMin: 60,
      unit: "s",
    };
    const beganMs = Date.UTC(2026, 10, 13, 22);
    const between = (from: number, to: number) => ({
      fromMs: beganMs + from * 1000,
      toMs: beganMs + to * 1000,
    });
    expect(samplesOf("sleep", night)).toEqual({
      ok: true,
      value: [
        { ...common, ...between(0, 6300), value: 6300, stage: "deep" },
        { ...common, ...between(6300, 18_900), value: 12_600, stage: "light" },
        { ...common, ...between(18_900, 22_500), value: 3600, stage: "awake" },
      ],
    });
    expect(samplesOf("sleep", { ...night, light: null, deep: 0 })).toMatchObject({
      value: [
        { value: 25_200, stage: "asleep" },
        { value: 3600, stage: "awake" },
      ],
    });
  });

  it("have sums of a day on the member's clock, and series in units that are known", () => {
    const day = {
      id: "a1",
      calendar_date: "2026-11-14",
      steps: 6400,
      distance: 4200,
      calories_active: 0,
    };
    expect(samplesOf("activity", day)).toMatchObject({
      value: [
        { metric: "steps", value: 6400, civil: true, toMs: Date.UTC(2026, 10, 14) + msPerDay },
        { metric: "distance", value: 4200, unit: "m" },
      ],
    });
    const entry = { timestamp: "2026-11-14T06:00:00+00:00", value: 96, unit: "%" };
    expect(
      samplesOf("blood_oxygen", { data: [entry, { ...entry, unit: "toString" }] }),
    ).toMatchObject({
      value: [
        { metric: "oxygen_saturation", value: 96, unit: "%", fromMs: Date.UTC(2026, 10, 14, 6) },
      ],
    });
    // The day has the same steps as a sum.
    expect(samplesOf("steps", { data: [] })).toEqual({ ok: false, error: "unknown-kind" });
  });

  it("tell the heart's variability by the statistic that its unit names, or leave it out", () => {
    const at = { timestamp: "2026-11-14T06:00:00+00:00", value: 48 };
    const units = ["rmssd", "sdnn", "ms"].map((unit) => ({ ...at, unit }));
    const found = samplesOf("hrv", { data: units, source: { slug: "oura", type: "ring" } });
    expect(found).toMatchObject({
      value: [
        { metric: "hrv_rmssd", value: 48, unit: "ms", device: { kind: "ring" }, app: "oura" },
        { metric: "hrv_sdnn", value: 48, unit: "ms" },
      ],
    });
    expect(found?.ok && found.value).toHaveLength(2);
  });

  it("are not read from what is of another kind", () => {
    expect(samplesOf("workout", {})).toEqual({ ok: false, error: "unknown-kind" });
    expect(samplesOf("glucose", {})).toEqual({ ok: false, error: "not-understood" });
    expect(samplesOf("constructor", {})).toEqual({ ok: false, error: "unknown-kind" });
  });
});
