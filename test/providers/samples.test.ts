/** What drafts come to: records by their source's ids, in integers, by the instant; faults apart. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { metricOf, metrics } from "../../domain/samples/metrics.ts";
import {
  futureMsMax,
  recordSamplesMax,
  type SampleRecord,
  sampleMsMax,
} from "../../domain/samples/sample.ts";
import type { Settings } from "../../domain/stream.ts";
import { nightOf, recordsOf, type SampleDraft } from "../../providers/samples.ts";

const receivedMs = Date.UTC(2026, 10, 14, 12);
const atMs = Date.UTC(2026, 10, 14, 7);
const minute = 60_000;
const hour = 60 * minute;
const berlin: Settings["zones"] = [{ zone: "Europe/Berlin", fromMs: 0 }];
const weight: SampleDraft = {
  ...{ metric: "weight", sourceId: "w-1", fromMs: atMs, toMs: atMs, offsetMin: 60 },
  ...{ value: 71.5, unit: "kg" },
};
const steps: SampleDraft = {
  ...{ metric: "steps", sourceId: null, fromMs: atMs, toMs: atMs + hour, offsetMin: null },
  ...{ value: 812, unit: "1" },
};
const asleep = (fromMin: number, toMin: number, over: Partial<SampleDraft> = {}): SampleDraft => ({
  ...{ metric: "sleep", sourceId: "n-1", offsetMin: 60, unit: "s", stage: "light" },
  ...{ fromMs: atMs + fromMin * minute, toMs: atMs + toMin * minute },
  ...{ value: (toMin - fromMin) * 60, ...over },
});

const read = (drafts: readonly SampleDraft[], zones = berlin) =>
  recordsOf(drafts, "acme", zones, receivedMs);
const records = (drafts: readonly SampleDraft[], zones = berlin): SampleRecord[] =>
  read(drafts, zones).map((result) => {
    if (!result.ok) throw new Error(result.error);
    return result.value;
  });
const faults = (drafts: readonly SampleDraft[]) =>
  read(drafts).flatMap((result) => (result.ok ? [] : [result.error]));

describe("a draft", () => {
  it("is a record of one sample, in integers of its metric", () => {
    expect(records([weight])).toEqual([
      {
        metric: "weight",
        id: "w-1",
        revision: null,
        device: { id: "acme", kind: "unknown", model: null },
        app: null,
        samples: [{ fromMs: atMs, toMs: atMs, value: 71_500, stage: null }],
      },
    ]);
  });

  it("keeps what its source says of device, app and order", () => {
    const device = { id: "d-1", kind: "scale", model: "Body+" } as const;
    expect(records([{ ...weight, device, app: "Acme", revision: 7 }])).toMatchObject([
      { device, app: "Acme", revision: 7 },
    ]);
  });

  it("without an id is a record of its own", () => {
    const later = { ...steps, fromMs: atMs + hour, toMs: atMs + 2 * hour };
    expect(records([steps, later]).map(({ id, samples }) => [id, samples.length])).toEqual([
      [null, 1],
      [null, 1],
    ]);
  });

  it("loses no half of a character to whoever writes it down", () => {
    const device = { id: "d\ud800", kind: "watch", model: "\udc00" } as const;
    expect(records([{ ...weight, sourceId: "\ud83dw", device, app: "a\ud800" }])).toMatchObject([
      { id: "\ufffdw", app: "a\ufffd", device: { id: "d\ufffd", model: "\ufffd" } },
    ]);
  });

  it.each<[string, Partial<SampleDraft>]>([
    ["unknown-unit", { unit: "stone-ish" }],
    ["not-a-number", { value: Number.NaN }],
    ["impossible-value", { value: 7_000 }],
    ["impossible-value", { value: -1 }],
    ["impossible-value", { value: 1e300 }],
    ["no-start", { fromMs: Number.NaN }],
    ["no-start", { fromMs: -5 }],
    ["no-start", { fromMs: 1.5 }],
    ["end-before-start", { toMs: atMs - 1 }],
    ["no-end", { toMs: Number.POSITIVE_INFINITY }],
    ["too-long", { fromMs: atMs - sampleMsMax - 1 }],
    ["in-future", { fromMs: receivedMs, toMs: receivedMs + futureMsMax + 1 }],
  ])("is %s, and sinks no other", (fault, over) => {
    const bad = { ...weight, sourceId: "w-2", ...over };
    expect(faults([bad])).toEqual([fault]);
    expect(read([weight, bad, steps]).filter(({ ok }) => ok)).toHaveLength(2);
  });

  it("may be as long as a day of 25 hours, and a little ahead of us", () => {
    const long = { ...steps, fromMs: receivedMs + futureMsMax - sampleMsMax };
    expect(records([{ ...long, toMs: receivedMs + futureMsMax }])).toHaveLength(1);
  });
});

describe("drafts of one id", () => {
  it("are one record in order of time, of the greatest revision", () => {
    const drafts = [asleep(30, 40, { revision: 4 }), asleep(0, 30, { revision: 9 })];
    expect(records(drafts)).toMatchObject([
      {
        metric: "sleep",
        id: "n-1",
        revision: 9,
        samples: [
          { fromMs: atMs, toMs: atMs + 30 * minute, value: 30 * minute, stage: "light" },
          { fromMs: atMs + 30 * minute, value: 10 * minute },
        ],
      },
    ]);
  });

  it("are a record of each metric", () => {
    const fat: SampleDraft = { ...weight, metric: "body_fat", value: 18, unit: "%" };
    expect(records([weight, fat]).map(({ metric, id }) => [metric, id])).toEqual([
      ["weight", "w-1"],
      ["body_fat", "w-1"],
    ]);
  });

  it("are what can be read of them, beside what cannot", () => {
    const found = read([asleep(0, 30), asleep(30, 20), asleep(40, 50)]);
    expect(found).toMatchObject([{ ok: true }, { ok: false, error: "end-before-start" }]);
    expect(found[0]?.ok && found[0].value.samples).toHaveLength(2);
  });

  it("are refused where there are more than a record may have", () => {
    const many = Array.from({ length: recordSamplesMax + 1 }, (_, i) => asleep(i / 60, i / 60 + 1));
    expect(faults(many)).toEqual(["too-many-samples"]);
    expect(records(many.slice(1))).toHaveLength(1);
  });

  it("are refused where they lie further apart than a day has hours", () => {
    const ago = (hours: number) => asleep(-60 * hours, -60 * hours + 30);
    expect(faults([ago(26), asleep(-30, 0)])).toEqual(["too-long"]);
    expect(faults([ago(25), asleep(-30, 0)])).toEqual([]);
  });

  it("that are gone are a record that is", () => {
    const gone = asleep(0, 30, { gone: true, value: 0 });
    expect(records([gone])).toMatchObject([
      { id: "n-1", gone: true, samples: [{ fromMs: atMs, value: 0, stage: null }] },
    ]);
  });
});

describe("sleep", () => {
  it("is as long as its times; what is less is apart from when it began", () => {
    const [night] = records([asleep(0, 60, { value: 1800 })]);
    expect(night?.samples).toEqual([
      { fromMs: atMs, toMs: atMs + 30 * minute, value: 30 * minute, stage: "light" },
    ]);
    // Minutes are rounded.
    const [rounded] = records([asleep(0, 60, { value: 3640 })]);
    expect(rounded?.samples).toMatchObject([{ toMs: atMs + hour, value: hour }]);
  });

  it("that is longer than its times, or nothing, is refused", () => {
    expect(faults([asleep(0, 60, { value: 3661 })])).toEqual(["impossible-value"]);
    expect(faults([asleep(0, 60, { value: 0 })])).toEqual(["no-duration"]);
    expect(faults([asleep(0, 0, { value: 0 })])).toEqual(["no-duration"]);
  });

  it("of which only the lengths are said lies one after another", () => {
    const night = { sourceId: "n-1", fromMs: atMs, offsetMin: 60 };
    const parts = nightOf(night, [
      ["deep", 600],
      ["light", 0],
      ["rem", 300.5],
    ]);
    expect(records(parts)[0]?.samples).toEqual([
      { fromMs: atMs, toMs: atMs + 600_000, value: 600_000, stage: "deep" },
      { fromMs: atMs + 600_000, toMs: atMs + 900_500, value: 300_500, stage: "rem" },
    ]);
    expect(nightOf(night, [["asleep", Number.NaN]])).toEqual([]);
    expect(faults(nightOf(night, [["asleep", 1e300]]))).toEqual(["no-end"]);
  });
});

describe("a wall clock's time", () => {
  const day: SampleDraft = {
    ...{ ...steps, sourceId: "d-1", civil: true, whole: "day" },
    ...{ fromMs: Date.UTC(2026, 9, 25), toMs: Date.UTC(2026, 9, 26) },
  };

  it("is read where the member lived then: a day of 25 hours", () => {
    expect(records([day])[0]?.samples).toMatchObject([
      { fromMs: Date.UTC(2026, 9, 24, 22), toMs: Date.UTC(2026, 9, 25, 23) },
    ]);
    expect(records([day], [])[0]?.samples).toMatchObject([
      { fromMs: Date.UTC(2026, 9, 25), toMs: Date.UTC(2026, 9, 26) },
    ]);
  });

  it("with an offset beside it is read by that", () => {
    expect(records([{ ...day, offsetMin: -300 }])[0]?.samples).toMatchObject([
      { fromMs: Date.UTC(2026, 9, 25, 5), toMs: Date.UTC(2026, 9, 26, 5) },
    ]);
  });

  it("of a day that is not over ends now, and of one that did not begin is no sample", () => {
    const today = { ...day, fromMs: Date.UTC(2026, 10, 14), toMs: Date.UTC(2026, 10, 15) };
    expect(records([today])[0]?.samples).toMatchObject([
      { fromMs: Date.UTC(2026, 10, 13, 23), toMs: receivedMs },
    ]);
    const tomorrow = { ...day, fromMs: Date.UTC(2026, 10, 15), toMs: Date.UTC(2026, 10, 16) };
    expect(faults([tomorrow])).toEqual(["in-future"]);
    const { whole: _, ...stretch } = today;
    expect(faults([stretch])).toEqual(["in-future"]);
  });
});

it("whatever is drafted, a record keeps the stream's rules, and nothing is lost unsaid", () => {
  const instant = fc.oneof(
    fc.integer({ min: atMs - 30 * hour, max: atMs + 30 * hour }),
    fc.double(),
  );
  const draft = fc.record(
    {
      metric: fc.constantFrom(...metrics),
      sourceId: fc.constantFrom(null, "a", "b"),
      fromMs: instant,
      toMs: instant,
      offsetMin: fc.constantFrom(null, 0, 60),
      value: fc.oneof(fc.integer({ min: -10, max: 50_000 }), fc.double()),
      unit: fc.constantFrom("1", "m", "kcal", "/min", "ms", "%", "kg", "s", "constructor"),
      civil: fc.constant(true as const),
      whole: fc.constant("day" as const),
      stage: fc.constantFrom("deep" as const, "awake" as const),
      gone: fc.constant(true as const),
    },
    { requiredKeys: ["metric", "sourceId", "fromMs", "toMs", "offsetMin", "value", "unit"] },
  );
  fc.assert(
    fc.property(fc.array(draft, { maxLength: 12 }), (drafts) => {
      const found = read(drafts as readonly SampleDraft[]);
      const taken = found.flatMap((result) => (result.ok ? [result.value] : []));
      const isGone = taken.some(({ gone }) => gone);
      const samples = taken.reduce((n, record) => n + record.samples.length, 0);
      if (!isGone) expect(samples + (found.length - taken.length)).toBe(drafts.length);
      for (const { metric, samples: of, gone } of taken) {
        expect(of.length).toBeGreaterThanOrEqual(1);
        const { range, scale } = metricOf(metric);
        for (const { fromMs, toMs, value, stage } of of) {
          expect([fromMs, toMs, value].every(Number.isSafeInteger)).toBe(true);
          expect(toMs >= fromMs && toMs - fromMs <= sampleMsMax).toBe(true);
          expect(toMs).toBeLessThanOrEqual(receivedMs + futureMsMax);
          if (gone) continue;
          expect(value >= range[0] * scale && value <= range[1] * scale).toBe(true);
          expect(stage !== null).toBe(metric === "sleep");
          if (metric === "sleep") expect(value).toBe(toMs - fromMs);
        }
      }
    }),
  );
});
