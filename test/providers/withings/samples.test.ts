/** Groups of measurements: integers with a power of ten, some of them of somebody else. */
import { describe, expect, it } from "vitest";
import type { Provider } from "../../../providers/provider.ts";
import { withings } from "../../../providers/withings.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const { samples }: Provider = withings;
const atMs = Date.UTC(2026, 10, 13, 6, 5, 51);
const group = {
  grpid: 5_815_757_309,
  attrib: 0,
  date: atMs / 1000,
  category: 1,
  deviceid: "f998",
  measures: [
    { value: 81_337, type: 1, unit: -3, algo: 3, fm: 3 },
    { value: 215, type: 6, unit: -1 },
    { value: 79, type: 9, unit: 0 },
    { value: 12, type: 10, unit: 1 },
    { value: 58, type: 11, unit: 0 },
    { value: 366_500, type: 71, unit: -4 },
    { value: 97, type: 54, unit: 0 },
    { value: 7_718, type: 5, unit: -2 },
  ],
};
const read = (item: unknown, kind = "measures") => samples?.read(kind, item, receivedMs);
const only = (measure: object) => {
  const found = read({ ...group, measures: [measure] });
  return found?.ok === true ? found.value.map(({ value }) => value) : found?.error;
};

describe("a group of measurements", () => {
  it("is read, each in its unit, none of them rounded", () => {
    const found = read(group);
    const device = { id: '["withings","f998","unknown"]', kind: "unknown", model: null };
    const at = { fromMs: atMs, toMs: atMs, offsetMin: null };
    const of = { sourceId: "5815757309", ...at, device, app: "Withings" };
    expect(found).toEqual({
      ok: true,
      value: [
        { ...of, metric: "weight", value: 81.337, unit: "kg" },
        { ...of, metric: "body_fat", value: 21.5, unit: "%" },
        { ...of, metric: "blood_pressure_diastolic", value: 79, unit: "mm[Hg]" },
        { ...of, metric: "blood_pressure_systolic", value: 120, unit: "mm[Hg]" },
        { ...of, metric: "heart_rate", value: 58, unit: "/min" },
        { ...of, metric: "body_temperature", value: 36.65, unit: "Cel" },
        { ...of, metric: "oxygen_saturation", value: 97, unit: "%" },
      ],
    });
  });

  it("that may be another person's, or is a goal, says nothing", () => {
    for (const over of [{ attrib: 1 }, { category: 2 }])
      expect(read({ ...group, ...over })).toEqual({ ok: true, value: [] });
  });

  it.each([
    ["nothing", { value: 0, type: 1, unit: 0 }, []],
    ["less than nothing", { value: -3, type: 1, unit: 0 }, []],
    ["text", { value: "81", type: 1, unit: 0 }, []],
    ["no power", { value: 81, type: 1 }, []],
    ["a power beyond all measure", { value: 81, type: 1, unit: 300 }, []],
    ["a part of the body", { value: 81, type: 1, unit: 0, position: 12 }, []],
    ["the whole body", { value: 81, type: 1, unit: 0, position: 7 }, [81]],
    ["a type that objects inherit", { value: 81, type: "constructor", unit: 0 }, []],
  ])("of %s", (_, measure, values) => {
    expect(only(measure)).toEqual(values);
  });

  it.each([
    ["no object", [group], "not-an-object"],
    ["no time", { ...group, date: null }, "no-start"],
    ["a time to come", { ...group, date: receivedMs / 1000 + 86_401 }, "start-in-future"],
    ["no list", { ...group, measures: {} }, "not-understood"],
    ["too many", { ...group, measures: Array(201).fill({}) }, "too-many-samples"],
  ])("that is %s is refused", (_, item, error) => {
    expect(read(item)).toEqual({ ok: false, error });
    expect(read(group, "heart")).toEqual({ ok: false, error: "unknown-kind" });
  });
});
