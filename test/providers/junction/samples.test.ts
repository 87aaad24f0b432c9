import { describe, expect, it } from "vitest";
import { msPerDay } from "../../../domain/time.ts";
import { junction } from "../../../providers/junction.ts";
import type { Provider } from "../../../providers/provider.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = junction;

describe("the samples to come", () => {
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
      fromMs: Date.UTC(2026, 10, 13, 22),
      toMs: Date.UTC(2026, 10, 14, 6),
      offsetMin: 60,
      unit: "s",
    };
    expect(samplesOf("sleep", night)).toEqual({
      ok: true,
      value: [
        { ...common, value: 6300, stage: "deep" },
        { ...common, value: 12_600, stage: "light" },
        { ...common, value: 3600, stage: "awake" },
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
    const steps = {
      start: "2026-11-14T06:00:00Z",
      end: "2026-11-14T06:15:00Z",
      value: 80,
      unit: "count",
    };
    expect(samplesOf("steps", { data: [steps] })).toMatchObject({
      value: [{ metric: "steps", value: 80, unit: "1", toMs: Date.UTC(2026, 10, 14, 6, 15) }],
    });
  });

  it("are not read from what is of another kind", () => {
    expect(samplesOf("workout", {})).toEqual({ ok: false, error: "unknown-kind" });
    expect(samplesOf("glucose", {})).toEqual({ ok: false, error: "not-understood" });
    expect(samplesOf("constructor", {})).toEqual({ ok: false, error: "unknown-kind" });
  });
});
