/**
 * What another provider's app wrote into Health Connect, and a bridge passed on: the same workout, told
 * by whoever recorded it.
 */
import { expect, it } from "vitest";
import { oneInAnyOrder, resolvedOf, type Told } from "./told.ts";

const recorded: Told = {
  by: "polar",
  item: {
    kind: "exercises",
    body: {
      id: "aQlC83",
      upload_time: "2026-10-18T06:10:00.000Z",
      device: "Polar Vantage V3",
      start_time: "2026-10-18T08:00:00",
      start_time_utc_offset: 180,
      duration: "PT1H2M5S",
      distance: 10_250,
      sport: "RUNNING",
      detailed_sport_info: "RUNNING_ROAD",
    },
  },
};
const exercise = {
  type: "56",
  start_time: "2026-10-18T05:00:00Z",
  end_time: "2026-10-18T06:02:05Z",
  duration_seconds: 3725,
  distance_meters: 20_500,
  metadata: { data_origin: "fi.polar.polarflow", recording_method: "actively_recorded" },
};
const byHook: Told = { by: "health-connect", item: { kind: "session", body: exercise } };
const byRecords: Told = {
  by: "health-connect",
  item: {
    kind: "session",
    body: {
      startTime: "2026-10-18T05:00:00Z",
      endTime: "2026-10-18T06:02:05Z",
      exerciseType: 56,
      metadata: { id: "r-1", dataOrigin: "fi.polar.polarflow", device: 0, recordingMethod: 1 },
    },
  },
};

it.each([
  ["one bridge", [byHook, recorded]],
  ["two bridges", [byHook, byRecords, recorded]],
])("by %s, the recorder's distance stands, not what a bridge counted twice", async (_, told) => {
  const one = await oneInAnyOrder(told);
  expect(one).toMatchObject({ distance: { value: 10_250_000 }, offsetMin: 180, held: [] });
  expect(one.sources[0]?.provider).toBe("polar");
});

it("by two bridges alone it is one workout", async () => {
  const one = await oneInAnyOrder([byHook, byRecords]);
  expect(one).toMatchObject({ distance: { value: 20_500_000 } });
});

it("said again with the type in words it is the same statement", async () => {
  const body = { ...exercise, type: "running" };
  const inWords: Told = { by: "health-connect", item: { kind: "session", body } };
  const [one, ...more] = await resolvedOf(
    [byHook, inWords, byHook],
    ["new", "duplicate", "duplicate"],
  );
  expect(more).toEqual([]);
  expect(one?.sources).toHaveLength(1);
});
