import { describe, expect, it } from "vitest";
import { isFinal, neverReturns } from "../../../domain/stream.ts";
import { isRetractedDraft, type Provider } from "../../../providers/provider.ts";
import { terra } from "../../../providers/terra.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const provider: Provider = terra;

const metadata = {
  summary_id: "s-9",
  type: 8,
  start_time: "2026-11-14T07:00:00.000000+01:00",
  end_time: "2026-11-14T08:00:00.000000+01:00",
};
const startMs = Date.UTC(2026, 10, 14, 6);
const normalise = (said: object) =>
  provider.normalise("activity", { provider: "GARMIN", activity: said }, receivedMs);

function read(said: object) {
  const draft = normalise({ metadata, ...said });
  if (!draft.ok || isRetractedDraft(draft.value)) throw new Error(JSON.stringify(draft));
  return draft.value.fields;
}

describe("an activity", () => {
  it("names a sensor only of a heart rate that it brings", () => {
    const summary = { avg_hr_bpm: 140, max_hr_bpm: 170 };
    expect(read({ heart_rate_data: { summary } })).toMatchObject({
      heartRateBy: null,
      heartRate: null,
    });
    const hr_samples = [{ timestamp: "2026-11-14T07:00:10.000000+01:00", bpm: 128.4 }];
    expect(read({ heart_rate_data: { summary, detailed: { hr_samples } } })).toMatchObject({
      heartRateBy: "unknown",
      heartRate: [{ t: startMs + 10_000, bpm: 128 }],
    });
    const absurd = [{ ...hr_samples[0], bpm: 401 }];
    expect(read({ heart_rate_data: { summary, detailed: { hr_samples: absurd } } })).toMatchObject({
      heartRateBy: null,
      heartRate: null,
    });
  });

  it("moves no longer than it lasts, a clock's rounding aside", () => {
    const moving = (activity_seconds: unknown) =>
      read({ active_durations_data: { activity_seconds } }).movingMs;
    expect([3600.9, 3601, 3601.1, 0, -1, "60", 1800].map(moving)).toEqual([
      3_600_000,
      3_600_000,
      null,
      null,
      null,
      null,
      1_800_000,
    ]);
  });
});

describe("a deletion", () => {
  it("is final, and still not what an erasure by hand is", () => {
    const draft = normalise({ metadata: { ...metadata, upload_type: 4 } });
    expect(draft).toEqual({
      ok: true,
      value: { sourceId: "s-9", revision: neverReturns, retracted: true },
    });
    expect(isFinal(neverReturns)).toBe(true);
    expect(neverReturns).toBeLessThan(Number.MAX_SAFE_INTEGER);
  });
});
