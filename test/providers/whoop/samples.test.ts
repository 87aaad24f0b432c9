/** Nights and recoveries: scored or not, and how they are asked for. */
import { expect, it } from "vitest";
import { whoop } from "../../../providers/whoop.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const { pull, samples } = whoop;
const id = "ecfc6a15-4661-442f-a9a4-f160dd7afae8";
const at = { created_at: "2026-11-13T06:30:00Z", updated_at: "2026-11-13T06:40:00Z" };
const night = {
  ...{ id, ...at, start: "2026-11-12T22:00:00Z", end: "2026-11-13T06:00:00Z" },
  ...{ timezone_offset: "-05:00", score_state: "SCORED" },
  score: { stage_summary: { total_rem_sleep_time_milli: 60_000 }, respiratory_rate: 0 },
};
const recovery = {
  ...{ sleep_id: id, ...at, score_state: "SCORED" },
  score: { resting_heart_rate: 54, spo2_percentage: null },
};
const read = (kind: string, item: unknown) => samples.read(kind, item, receivedMs);

it("a record goes by its id and its last change, and by its score where that came later", () => {
  const revision = Date.UTC(2026, 10, 13, 6, 40) + 1;
  const device = { id: "whoop", kind: "band", model: null };
  expect(read("sleep", night)).toMatchObject({
    value: [{ stage: "rem", value: 60, sourceId: id, revision, offsetMin: -300, device }],
  });
  expect(read("recovery", recovery)).toMatchObject({
    value: [{ metric: "resting_heart_rate", value: 54, sourceId: id, revision, device }],
  });
});

it("until it is scored it says nothing", () => {
  for (const score_state of ["PENDING_SCORE", "UNSCORABLE", undefined]) {
    expect(read("sleep", { ...night, score_state })).toEqual({ ok: true, value: [] });
    expect(read("recovery", { ...recovery, score_state })).toEqual({ ok: true, value: [] });
  }
});

it.each([
  ["no-id", "sleep", { ...night, id: 7 }],
  ["no-id", "recovery", { ...recovery, sleep_id: null }],
  ["no-revision", "sleep", { ...night, updated_at: null, created_at: null }],
  ["no-start", "sleep", { ...night, start: "2026-11-12T22:00:00" }],
  ["no-duration", "sleep", { ...night, end: night.start }],
  ["not-an-object", "recovery", [recovery]],
  ["unknown-kind", "workout", night],
])("%s is why a %s is refused", (error, kind, item) => {
  expect(read(kind, item)).toEqual({ ok: false, error });
});

it("each is listed by its times, 25 a page", () => {
  const step = { fromMs: Date.UTC(2026, 10, 13), toMs: Date.UTC(2026, 10, 14) };
  const query = { start: "2026-11-13T00:00:00.000Z", end: "2026-11-14T00:00:00.000Z", limit: "25" };
  for (const [collection, path] of [
    ["workout", "/developer/v2/activity/workout"],
    ["sleep", "/developer/v2/activity/sleep"],
    ["recovery", "/developer/v2/recovery"],
    ["constructor", "/developer/v2/activity/workout"],
  ] as const) {
    expect(pull.list({ collection, ...step }, null)).toEqual({ path, query });
    expect(pull.list({ collection, ...step }, "t0k").query).toEqual({ ...query, nextToken: "t0k" });
  }
  expect(pull.one("sleep", id).path).toBe(`/developer/v2/activity/sleep/${id}`);
});
