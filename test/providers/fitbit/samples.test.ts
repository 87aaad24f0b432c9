import { describe, expect, it } from "vitest";
import { msPerDay } from "../../../domain/time.ts";
import { fitbit } from "../../../providers/fitbit.ts";
import type { Provider } from "../../../providers/provider.ts";

const receivedMs = Date.UTC(2026, 10, 1);
const provider: Provider = fitbit;

describe("the samples", () => {
  const samplesOf = (kind: string, item: unknown) => provider.samples?.read(kind, item, receivedMs);
  const day = Date.UTC(2026, 9, 13);

  it("have nights by the clock, restless time as awake", () => {
    const night = {
      logId: 99_000_111_222,
      startTime: "2026-10-13T00:10:00.000",
      endTime: "2026-10-13T00:31:00.000",
      minutesAsleep: 20,
      levels: {
        data: [
          { dateTime: "2026-10-13T00:10:00.000", level: "asleep", seconds: 1200 },
          { dateTime: "2026-10-13T00:30:00.000", level: "restless", seconds: 60 },
          { dateTime: "2026-10-13T00:31:00.000", level: "dreaming", seconds: 60 },
        ],
        shortData: [{ dateTime: "2026-10-13T00:12:00.000", level: "wake", seconds: 30 }],
      },
    };
    const common = {
      metric: "sleep",
      sourceId: "99000111222",
      offsetMin: null,
      civil: true,
      unit: "s",
    };
    expect(samplesOf("sleep", { sleep: [night] })).toEqual({
      ok: true,
      value: [
        { ...common, fromMs: day + 600_000, toMs: day + 1_800_000, value: 1200, stage: "asleep" },
        { ...common, fromMs: day + 1_800_000, toMs: day + 1_860_000, value: 60, stage: "awake" },
      ],
    });
    expect(samplesOf("sleep", { sleep: [{ ...night, levels: {} }] })).toMatchObject({
      value: [{ fromMs: day + 600_000, value: 1200, stage: "asleep" }],
    });
  });

  it("have weights, heart rate and steps, of which no step is counted twice", () => {
    const weight = { date: "2026-10-13", time: "07:05:30", weight: 71.4, logId: 1_791_875_130_000 };
    expect(samplesOf("body", { weight: [weight, { ...weight, time: "25:00:00" }] })).toMatchObject({
      value: [{ metric: "weight", value: 71.4, unit: "kg", fromMs: day + 25_530_000, civil: true }],
    });
    const heart = {
      "activities-heart": [{ dateTime: "2026-10-13", value: { restingHeartRate: 52 } }],
      "activities-heart-intraday": {
        dataset: [{ time: "00:01:00", value: 61 }],
        datasetInterval: 1,
        datasetType: "minute",
      },
    };
    expect(samplesOf("heart", heart)).toMatchObject({
      value: [
        { metric: "resting_heart_rate", value: 52, fromMs: day, toMs: day + msPerDay },
        { metric: "heart_rate", value: 61, fromMs: day + 60_000, toMs: day + 60_000 },
      ],
    });
    const sum = { "activities-steps": [{ dateTime: "2026-10-13", value: "1500" }] };
    const series = {
      dataset: [
        { time: "09:15:00", value: 40 },
        { time: "09:30:00", value: 0 },
      ],
      datasetInterval: 15,
    };
    expect(samplesOf("steps", sum)).toMatchObject({
      value: [{ metric: "steps", value: 1500, fromMs: day, toMs: day + msPerDay }],
    });
    expect(samplesOf("steps", { ...sum, "activities-steps-intraday": series })).toMatchObject({
      value: [{ value: 40, fromMs: day + 33_300_000, toMs: day + 34_200_000 }],
    });
  });

  it("are not read from an answer of another kind", () => {
    expect(samplesOf("sleep", { weight: [] })).toEqual({ ok: false, error: "not-understood" });
    expect(samplesOf("foods", {})).toEqual({ ok: false, error: "unknown-kind" });
  });
});
