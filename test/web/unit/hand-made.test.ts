/** What is entered by hand, held against those who read it at the other end. */
import { describe, expect, it } from "vitest";
import { metrics } from "../../../domain/samples/metrics.ts";
import { appleHealth } from "../../../providers/apple-health.ts";
import { readSync } from "../../../providers/sync/body.ts";
import { entryWords } from "../../../web/offline/entry-words.ts";
import { type Entered, readings, saidOf, workoutKinds } from "../../../web/offline/hand-made.ts";

const nowMs = Date.parse("2026-11-22T12:00:00+01:00");
const around = {
  offsetMin: () => 60,
  nowMs,
  uuid: () => "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001",
};
const morning: Entered = {
  ...{ what: "workout", kind: "Running", start: "2026-11-22T08:00", end: "2026-11-22T09:30" },
  ...{ minutes: "45", km: "8,2", kcal: "", values: [] },
};
const said = (entered: Partial<Entered>) => {
  const result = saidOf({ ...morning, ...entered }, around);
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
};
const wrong = (entered: Partial<Entered>) => {
  const result = saidOf({ ...morning, ...entered }, around);
  return result.ok ? {} : result.error;
};
const possible: Readonly<Record<string, string[]>> = {
  ...{ weight: ["71.3"], body_fat: ["18"], sleep: [], steps: ["812"] },
  ...{ blood_pressure: ["121", "78"], heart_rate: ["64"], resting_heart_rate: ["51"] },
  ...{ blood_glucose: ["92"], blood_glucose_mmol: ["5.1"], body_temperature: ["36.8"] },
  ...{ oxygen_saturation: ["97"], respiratory_rate: ["14"] },
};

describe("an entry by hand", () => {
  it.each(workoutKinds)("$name is a workout that the phone's door knows by its kind", ({ id }) => {
    const { workouts = [] } = said({ kind: id });
    const item = { device: null, workout: workouts[0] };
    const read = appleHealth.normalise("workout", item, nowMs);
    if (!read.ok) throw new Error(read.error);
    const { fields } = read.value as { fields: Record<string, unknown> };
    expect(fields).toMatchObject({ originalType: null, method: "manual", elapsedMs: 2_700_000 });
    expect(fields).toMatchObject({ distanceMm: 8_200_000, energyMcal: null, offsetMin: 60 });
    expect(fields.type === "other").toBe(id === "Other");
  });

  it.each(readings)("$id is taken by the door as it is said", ({ id, parts, lasts }) => {
    const body = said({ what: id, values: possible[id] ?? [] });
    const read = readSync(JSON.stringify(body), nowMs);
    if (!read.ok) throw new Error(read.error);
    const records = read.value.samples.flatMap((sample) => (sample.ok ? [sample.value] : []));
    expect(records).toHaveLength(Math.max(1, parts.length));
    for (const record of records) {
      expect(record).toMatchObject({ device: { kind: "manual" } });
      const [{ fromMs, toMs } = { fromMs: 0, toMs: 0 }] = record.samples;
      expect(fromMs).toBe(Date.parse("2026-11-22T07:00:00Z"));
      expect(toMs - fromMs).toBe(lasts ? 5_400_000 : 0);
    }
    expect(entryWords(JSON.stringify(body))).not.toBe("");
  });

  it("knows metrics that there are, each of them once in a unit", () => {
    for (const { parts } of readings)
      for (const { metric } of parts) expect(metrics).toContain(metric);
    expect(new Set(readings.map(({ id }) => id)).size).toBe(readings.length);
  });

  it("says field by field what to change, and then nothing is said to anybody", () => {
    expect(wrong({ start: "" })).toEqual({ start: "Say when." });
    expect(wrong({ start: "2026-11-22T13:30" })).toEqual({ start: "That is still to come." });
    expect(wrong({ minutes: "0", km: "-1", kcal: "lots" })).toEqual({
      minutes: "From 1 minute to 24 hours.",
      km: "A number up to 1000.",
      kcal: "A number up to 30000.",
    });
    expect(wrong({ what: "weight", values: ["900"] })).toEqual({ "value-0": "From 1 to 700." });
    expect(wrong({ what: "blood_pressure", values: ["", "12"] })).toEqual({
      "value-0": "A number.",
      "value-1": "From 20 to 250.",
    });
    expect(wrong({ what: "sleep", end: "2026-11-22T07:00" })).toEqual({
      end: "After it began, and within 24 hours.",
    });
    expect(wrong({ what: "moon phase" })).toEqual({ what: "Choose what to add." });
  });

  it("is read back in words from what is sent, and from nothing else", () => {
    const words = (entered: Partial<Entered>) => entryWords(JSON.stringify(said(entered)));
    expect(words({})).toMatch(/^Run, 8[.,]20 km, /);
    expect(words({ what: "weight", values: ["71.3"] })).toMatch(/^Weight 71\.3 kg, /);
    expect(words({ what: "body_temperature", values: ["36.8"] })).toContain("36.8 °C");
    expect(words({ what: "blood_pressure", values: ["121", "78"] })).toMatch(
      /^Systolic blood pressure 121 mmHg, .* · Diastolic blood pressure 78 mmHg, /,
    );
  });
});
