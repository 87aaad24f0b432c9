/** How what a watch measured is asked for, and read from the list as from a notice. */
import { expect, it } from "vitest";
import { suunto } from "../../../providers/suunto.ts";
import { replied } from "../replied.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const { pull, samples } = suunto;
const step = (collection: string) => ({
  collection,
  fromMs: Date.UTC(2026, 10, 13, 12),
  toMs: Date.UTC(2026, 10, 14, 12),
});

it("series are listed by the instant, sums by the clock", () => {
  const query = { from: String(step("").fromMs), to: String(step("").toMs) };
  for (const collection of ["sleep", "activity"])
    expect(pull.list(step(collection), null)).toEqual({ path: `/247samples/${collection}`, query });
  expect(pull.list(step("daily-activity-statistics"), null)).toEqual({
    path: "/247/daily-activity-statistics",
    query: { startdate: "2026-11-13T12:00:00", enddate: "2026-11-14T12:00:00" },
  });
  expect(pull.list(step("workouts"), null).path).toBe("/v3/workouts");
});

it("a page is a list, and all of it; each entry is read as one of a notice", () => {
  const entry = { timestamp: "2026-11-13T13:00:00Z", entryData: { HR: 61 } };
  const page = (json: unknown, collection: string) =>
    pull.page(replied({ body: JSON.stringify(json) }), step(collection), null);
  const found = page([entry, null], "activity");
  expect(found).toMatchObject({ ok: true, value: { next: null } });
  const items = found.ok ? found.value.items : [];
  expect(items.map((item) => samples.read("activity", item, receivedMs))).toMatchObject([
    { ok: true, value: [{ metric: "heart_rate", value: 61, device: { kind: "watch" } }] },
    { ok: true, value: [] },
  ]);
  const stats = { Name: "stepcount", Sources: [] };
  expect(page([stats], "daily-activity-statistics")).toMatchObject({ value: { items: [stats] } });
  expect(page({ payload: [] }, "sleep")).toEqual({ ok: false, error: "broken" });
});

it("only steps are read of a day, each source as a device of its own", () => {
  const read = (Name: string, ...sources: (string | null)[]) => {
    const Samples = [
      { TimeISO8601: "2026-11-13T00:00:00+01:00", Value: 80 },
      { TimeISO8601: "2026-11-14T00:00:00", Value: 80 },
      { TimeISO8601: "2026-11-15T00:00:00+01:00", Value: 0 },
    ];
    const Sources = sources.map((name) => ({ Name: name, Samples }));
    return samples.read("daily-activity-statistics", { Name, Sources }, receivedMs);
  };
  expect(read("energyconsumption", "a")).toEqual({ ok: true, value: [] });
  const found = read("stepcount", "Suunto Race", null);
  expect(found).toMatchObject({
    value: [
      { metric: "steps", whole: "day", device: { id: '["suunto","Suunto Race"]' } },
      { metric: "steps", device: { id: "suunto" } },
    ],
  });
  const ids = found.ok ? found.value.map(({ sourceId }) => sourceId) : [];
  expect(new Set(ids).size).toBe(2);
});
