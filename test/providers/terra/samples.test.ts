import { describe, expect, it } from "vitest";
import { terra } from "../../../providers/terra.ts";

const receivedMs = Date.UTC(2026, 10, 21);

describe("samples", () => {
  const from = Date.UTC(2026, 10, 13, 23);
  const day = {
    start_time: "2026-11-14T00:00:00.000000+01:00",
    end_time: "2026-11-15T00:00:00.000000+01:00",
    upload_type: 1,
  };
  const sample = (kind: string, item: unknown) => {
    const found = terra.samples.read(kind, item, receivedMs);
    if (!found.ok) throw new Error(found.error);
    return found.value;
  };

  it("a day is its sums", () => {
    const found = sample("daily", {
      metadata: day,
      distance_data: { steps: 9_412, distance_meters: 7_100 },
      calories_data: { net_activity_calories: 512, total_burned_calories: 2_600 },
      heart_rate_data: { summary: { resting_hr_bpm: 52 } },
    });
    expect(found.map(({ metric, value, unit }) => [metric, value, unit])).toEqual([
      ["steps", 9_412, "1"],
      ["distance", 7_100, "m"],
      ["active_energy", 512, "kcal"],
      ["resting_heart_rate", 52, "/min"],
    ]);
    expect(found[0]).toMatchObject({ fromMs: from, toMs: from + 86_400_000, offsetMin: 60 });
    expect(found[0]).not.toHaveProperty("civil");
  });

  it("a day without a zone is a day on the wall", () => {
    const metadata = { start_time: "2026-11-14T00:00:00", end_time: "2026-11-15T00:00:00" };
    const [steps] = sample("daily", { metadata, distance_data: { steps: 1 } });
    expect(steps).toMatchObject({ civil: true, fromMs: Date.UTC(2026, 10, 14), offsetMin: null });
  });

  it("a body is what was measured, each at its own time", () => {
    const measurement_time = "2026-11-14T07:00:00+01:00";
    const timestamp = "2026-11-14T07:10:00+01:00";
    const found = sample("body", {
      metadata: day,
      measurements_data: {
        measurements: [{ measurement_time, weight_kg: 71.5, bodyfat_percentage: 18 }, {}],
      },
      glucose_data: { blood_glucose_samples: [{ timestamp, blood_glucose_mg_per_dL: 95 }] },
      blood_pressure_data: {
        blood_pressure_samples: [{ timestamp, systolic_bp: 120, diastolic_bp: 80 }],
      },
      oxygen_data: { saturation_samples: [{ timestamp, percentage: 98 }] },
    });
    expect(found.map(({ metric, value, unit }) => [metric, value, unit])).toEqual([
      ["weight", 71.5, "kg"],
      ["body_fat", 18, "%"],
      ["blood_glucose", 95, "mg/dL"],
      ["blood_pressure_systolic", 120, "mm[Hg]"],
      ["blood_pressure_diastolic", 80, "mm[Hg]"],
      ["oxygen_saturation", 98, "%"],
    ]);
  });

  it("a night is its stages, each until the next, or else its sum", () => {
    const metadata = {
      start_time: "2026-11-14T23:00:00+01:00",
      end_time: "2026-11-15T00:00:00+01:00",
      summary_id: "n-1",
    };
    const at = (minute: number, level: number) => ({
      timestamp: `2026-11-14T23:${minute}:00+01:00`,
      level,
    });
    const asleep = { duration_asleep_state_seconds: 3_000 };
    const staged = sample("sleep", {
      metadata,
      sleep_durations_data: { asleep, hypnogram_samples: [at(30, 5), at(10, 4), at(50, 3)] },
    });
    expect(staged.map(({ stage, value }) => [stage, value])).toEqual([
      ["light", 1_200],
      ["deep", 1_200],
    ]);
    expect(sample("sleep", { metadata, sleep_durations_data: { asleep } })).toMatchObject([
      { metric: "sleep", stage: "asleep", value: 3_000, sourceId: "n-1" },
    ]);
  });

  it("of kinds that hold none of ours come to nothing, of others to a refusal", () => {
    for (const kind of ["athlete", "nutrition", "menstruation"])
      expect(sample(kind, { metadata: day })).toEqual([]);
    expect(terra.samples.read("activity", {}, receivedMs)).toMatchObject({ error: "unknown-kind" });
    expect(terra.samples.read("daily", {}, receivedMs)).toMatchObject({ error: "no-start" });
  });
});
