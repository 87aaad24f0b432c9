/** The files of an export as others read them: GPX 1.1, FHIR R4, lines of JSON, tables. */
import fc from "fast-check";
import { SaxesParser } from "saxes";
import { describe, expect, it } from "vitest";
import type { ExportPart, ExportPiece } from "../../../domain/export/part.ts";
import type { FactId } from "../../../domain/identity.ts";
import { fhirLines } from "../../../domain/workouts/export/fhir.ts";
import { escaped, gpxOf } from "../../../domain/workouts/export/gpx.ts";
import {
  pieceLine,
  pieceTable,
  workoutLine,
  workoutTable,
} from "../../../domain/workouts/export/lines.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import type { HeartRateSample, TrackPoint } from "../../../domain/workouts/schema.ts";

const startMs = Date.UTC(2026, 9, 14, 7);
const chosen = (value: number) => ({ value, from: [], because: "it says so" });
const workout = (id: string, family: "ride" | "run" = "ride"): ResolvedWorkout => ({
  ...{ id, at: startMs, toMs: startMs + 3_600_000, offsetMin: 120, offsetFrom: "zone" },
  ...{ day: "2026-10-14", type: family === "run" ? "running" : "cycling", family },
  ...{ elapsedMs: 3_600_000, moving: chosen(3_510_000), distance: chosen(30_123_456) },
  ...{ energy: chosen(650_500_000), elevationGain: chosen(120_500), scored: null, held: [] },
  ...{ heartRate: [`f_${id}` as FactId], track: [`f_${id}` as FactId], joined: [], apart: [] },
  sources: [
    {
      ...{ fact: `f_${id}` as FactId, provider: "garmin", type: "cycling", at: startMs },
      ...{ elapsedMs: 3_600_000, distanceMm: null, deviceModel: null, app: null },
    },
  ],
});
const of = (id: string) => ({ thing: id, record: `f_${id}` });
const title = (id: string, text: string): ExportPiece => ({
  ...of(id),
  column: "title",
  json: JSON.stringify(text),
});
const track = (id: string, samples: readonly TrackPoint[]): ExportPiece => ({
  ...{ ...of(id), column: "track", from: 0, samples },
});
const heart = (id: string, samples: readonly HeartRateSample[]): ExportPiece => ({
  ...{ ...of(id), column: "heart_rate", from: 0, samples },
});
function partOf(
  workouts: readonly ResolvedWorkout[],
  pieces: readonly ExportPiece[],
): ExportPart<ResolvedWorkout> {
  const records = new Set(workouts.map((w) => `f_${w.id}`));
  const best = { heart_rate: records, track: records };
  const byId = new Map(workouts.map((w) => [w.id, w]));
  return { member: "m_0a", things: byId, begun: workouts, pieces, best };
}

/** What a strict parser of XML makes of it: texts by element, and attributes of points. */
function parsed(xml: string) {
  const texts: Record<string, string[]> = {};
  const points: Record<string, string>[] = [];
  const open: string[] = [];
  const parser = new SaxesParser({ xmlns: true });
  parser.on("opentag", (tag) => {
    expect(tag.uri).toBe("http://www.topografix.com/GPX/1/1");
    open.push(tag.local);
    texts[tag.local] = [...(texts[tag.local] ?? []), ""];
    if (tag.local === "trkpt")
      points.push(Object.fromEntries(Object.entries(tag.attributes).map(([k, a]) => [k, a.value])));
  });
  parser.on("text", (text) => {
    const all = texts[open.at(-1) ?? ""];
    if (all !== undefined) all[all.length - 1] += text;
  });
  parser.on("closetag", () => open.pop());
  parser.on("error", (error) => {
    throw error;
  });
  parser.write(xml).close();
  return { texts, points };
}

const point = { t: startMs, lat: 52.5, lon: 4.9, alt: 3.25 };

describe("GPX", () => {
  it("says any title so that a reader gets it back, but for what XML cannot say", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (text) => {
        const xml = gpxOf(partOf([workout("a")], [title("a", text), track("a", [point])])) ?? "";
        // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what XML cannot say.
        const sayable = text.replace(/[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]/gu, "");
        const name = text.trim() === "" ? "cycling a" : sayable;
        expect(parsed(xml).texts.name).toEqual([name]);
      }),
      { numRuns: 100 },
    );
    expect(escaped("a]]>b<&\r\"'")).toBe("a]]&gt;b&lt;&amp;&#13;&quot;&apos;");
  });

  it("has a track a workout with its times, places and heights, in plain decimals", () => {
    const small = { t: startMs + 1_500, lat: 0.0000001, lon: 180, alt: -0.0001 };
    const { t, lat, lon } = { ...point, t: startMs + 3_000 };
    const xml = gpxOf(partOf([workout("a")], [track("a", [point, small, { t, lat, lon }])])) ?? "";
    const { points, texts } = parsed(xml);
    expect(points).toEqual([
      { lat: "52.5", lon: "4.9" },
      { lat: "0.0000001", lon: "-180" },
      { lat: "52.5", lon: "4.9" },
    ]);
    expect(texts.ele).toEqual(["3.25", "0"]);
    expect(texts.time?.[1]).toBe("2026-10-14T07:00:01.500Z");
    expect(texts.trk).toHaveLength(1);
  });

  it("holds the track of one record a workout, and is no file without a point", () => {
    const other: ExportPiece = { ...track("a", [point]), record: "f_other" };
    const xml = gpxOf(partOf([workout("a")], [track("a", [point]), other])) ?? "";
    expect(parsed(xml).texts.src).toEqual(["f_a"]);
    expect(gpxOf(partOf([workout("a")], [title("a", "no track"), track("a", [])]))).toBeNull();
  });
});

type Observation = {
  readonly code: { readonly coding: readonly { readonly system: string; readonly code: string }[] };
  readonly [field: string]: unknown;
};
function bundlesOf(part: ExportPart<ResolvedWorkout>) {
  return fhirLines(part).map((line) => {
    const bundle = JSON.parse(line);
    expect(bundle).toMatchObject({ resourceType: "Bundle", type: "collection" });
    const [patient, ...entries] = bundle.entry;
    expect(patient.resource.resourceType).toBe("Patient");
    expect(patient.resource.id).toMatch(/^[A-Za-z0-9\-.]{1,64}$/);
    const observations = entries.map(({ resource }: { resource: Observation }) => resource);
    for (const one of observations) expectR4(one, patient.fullUrl);
    return { patient, observations: observations as Observation[] };
  });
}

const dateTime = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}(Z|[+-]\d{2}:\d{2})$/;

/** What R4 requires of an Observation, of a Quantity and of SampledData. */
function expectR4(one: Observation, subject: string) {
  expect(one).toMatchObject({ resourceType: "Observation", status: "final" });
  expect(one.subject).toEqual({ reference: subject });
  expect(one.code.coding.length).toBeGreaterThan(0);
  for (const { system, code } of one.code.coding) {
    expect(system).toMatch(/^(http:\/\/loinc\.org|urn:singlet:observation)$/);
    expect(code).toMatch(system === "http://loinc.org" ? /^\d{4,5}-\d$/ : /^[a-z-]+$/);
  }
  const { effectivePeriod, effectiveDateTime } = one;
  expect((effectivePeriod === undefined) !== (effectiveDateTime === undefined)).toBe(true);
  const times = effectivePeriod ?? { start: effectiveDateTime, end: effectiveDateTime };
  const { start, end } = times as { start: string; end: string };
  expect(start).toMatch(dateTime);
  expect(Date.parse(start)).toBeLessThanOrEqual(Date.parse(end));
  const values = Object.keys(one).filter((key) => key.startsWith("value"));
  expect(values).toHaveLength(1);
  const quantity = (one.valueQuantity ??
    (one.valueSampledData as { origin: object } | undefined)?.origin) as
    | Record<string, unknown>
    | undefined;
  if (quantity !== undefined) {
    expect(quantity.system).toBe("http://unitsofmeasure.org");
    expect(quantity.code).toMatch(/^(min|m|kcal|\/min)$/);
    expect(Number.isFinite(quantity.value)).toBe(true);
    expect(typeof quantity.unit).toBe("string");
  }
}
const withCode = (observations: readonly Observation[], code: string) =>
  observations.filter((one) => one.code.coding.some((coding) => coding.code === code));

/** Every reading that heart-rate Observations say, by time. */
function beatsIn(observations: readonly Observation[]): Map<number, number> {
  const beats = new Map<number, number>();
  for (const one of withCode(observations, "8867-4")) {
    if (one.valueQuantity !== undefined) {
      const { value } = one.valueQuantity as { value: number };
      beats.set(Date.parse(String(one.effectiveDateTime)), value);
      continue;
    }
    const { period, data } = one.valueSampledData as { period: number; data: string };
    const from = Date.parse((one.effectivePeriod as { start: string }).start);
    data.split(" ").forEach((text, n) => {
      if (text !== "E") beats.set(from + n * period, Number(text));
    });
  }
  return beats;
}

describe("FHIR", () => {
  it("says a workout's values under their codes, in UCUM's units", () => {
    const [ride, run] = bundlesOf(partOf([workout("a"), workout("b", "run")], []));
    if (ride === undefined || run === undefined) throw new Error("no bundles");
    expect(ride.patient.resource.identifier).toEqual([
      { system: "urn:singlet:member", value: "m_0a" },
    ]);
    const quantityOf = (code: string) => withCode(ride.observations, code)[0]?.valueQuantity;
    expect(quantityOf("55411-3")).toMatchObject({ value: 58.5, code: "min" });
    expect(quantityOf("41981-2")).toMatchObject({ value: 650.5, code: "kcal" });
    expect(quantityOf("distance")).toMatchObject({ value: 30_123.456, code: "m" });
    expect(quantityOf("elevation-gain")).toMatchObject({ value: 120.5, code: "m" });
    expect(withCode(ride.observations, "55430-3")).toEqual([]);
    expect(withCode(run.observations, "55430-3")).toHaveLength(1);
    expect(withCode(ride.observations, "73985-4")[0]?.valueCodeableConcept).toEqual({
      text: "cycling",
    });
  });

  it("says every reading of heart rate at its time, whatever the spacing, and no other", () => {
    const gaps = fc.oneof(
      fc.constantFrom(1_000, 1_000, 1_000, 5_000, 61_000, 3_600_000),
      fc.integer({ min: 1, max: 20_000 }),
    );
    const sample = fc.record({ gap: gaps, bpm: fc.integer({ min: 1, max: 400 }) });
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 40 }), (list) => {
        let t = startMs;
        const samples = list.map(({ gap, bpm }) => {
          t += gap;
          return { t, bpm };
        });
        const [bundle] = bundlesOf(partOf([workout("a")], [heart("a", samples)]));
        const said = beatsIn(bundle?.observations ?? []);
        expect([...said].sort(([a], [b]) => a - b)).toEqual(samples.map((s) => [s.t, s.bpm]));
      }),
      { numRuns: 100 },
    );
  });

  it("says an hour of a reading a second as one Observation", () => {
    const samples = Array.from({ length: 3_600 }, (_, n) => ({ t: startMs + n * 1_000, bpm: 120 }));
    const [bundle] = bundlesOf(partOf([workout("a")], [heart("a", samples)]));
    expect(withCode(bundle?.observations ?? [], "8867-4")).toHaveLength(1);
  });
});

describe("lines and tables", () => {
  it("say a raw slice as it came, on one line, with every digit", () => {
    const json = '{\n"id":31500100200999999999,"a":"b\\n"}';
    const line = pieceLine({ ...of("a"), column: "raw_activity", json });
    expect(line).not.toContain("\n");
    expect(line).toContain("31500100200999999999");
    expect(JSON.parse(line).value.a).toBe("b\n");
  });

  it("have as many rows in every column, and a workout as the API says it", () => {
    const pieces = [
      heart("a", [{ t: startMs, bpm: 99 }]),
      track("a", [point, point]),
      title("a", "Ride"),
      { ...of("a"), column: "raw_activity", json: "{}" },
    ];
    const table = pieceTable(pieces);
    expect(table.map(({ data }) => data.length)).toEqual(table.map(() => 4));
    const column = (name: string) => table.find((one) => one.name === name)?.data;
    expect(column("bpm")).toEqual([99, null, null, null]);
    expect(column("alt_m")).toEqual([null, 3.25, 3.25, null]);
    expect(column("text")).toEqual([null, null, null, "Ride"]);
    expect(workoutTable([workout("a")]).find(({ name }) => name === "distance_mm")?.data).toEqual([
      30_123_456,
    ]);
    expect(JSON.parse(workoutLine(workout("a")))).toMatchObject({
      ...{ id: "a", start: "2026-10-14T09:00:00.000+02:00", scored: false },
      sources: [{ record: "f_a", provider: "garmin" }],
    });
  });
});
