/**
 * Workouts as FHIR R4 (https://hl7.org/fhir/R4/observation.html): a Bundle of type `collection` a
 * workout, with the Patient whom its Observations are about. What LOINC has no code for goes under
 * a code system of our own. Where the codes come from: docs/export.md.
 */

import { type ExportPart, isHeartRate } from "../../export/part.ts";
import { formatMoment, type Instant } from "../../time.ts";
import type { ResolvedWorkout } from "../resolved.ts";
import type { HeartRateSample } from "../schema.ts";

const loinc = "http://loinc.org";
const ucum = "http://unitsofmeasure.org";
export const ownCodes = "urn:singlet:observation";

/** Samples further apart than this are two runs. */
const gapMsMax = 60_000;
/** Of places in a run for one reading; beyond, its readings stand alone. */
const placesPerReadingMax = 20;

interface Coding {
  readonly system: string;
  readonly code: string;
  readonly display: string;
}
const codes = {
  activity: { system: loinc, code: "73985-4", display: "Exercise activity" },
  duration: { system: loinc, code: "55411-3", display: "Exercise duration" },
  energy: { system: loinc, code: "41981-2", display: "Calories burned" },
  heartRate: { system: loinc, code: "8867-4", display: "Heart rate" },
  onFoot: {
    system: loinc,
    code: "55430-3",
    display: "Walking distance unspecified time Pedometer",
  },
  distance: { system: ownCodes, code: "distance", display: "Distance" },
  elevationGain: { system: ownCodes, code: "elevation-gain", display: "Elevation gain" },
} as const satisfies Record<string, Coding>;

const category = (code: "activity" | "vital-signs", display: string) => [
  {
    coding: [
      { system: "http://terminology.hl7.org/CodeSystem/observation-category", code, display },
    ],
  },
];
const categories = {
  activity: category("activity", "Activity"),
  "vital-signs": category("vital-signs", "Vital Signs"),
};

const quantity = (value: number, unit: string, code: string) => ({
  valueQuantity: { value, unit, system: ucum, code },
});
const perMinute = { unit: "beats/minute", system: ucum, code: "/min" };

const subjectOf = (member: string): string => `urn:singlet:member:${member}`;
/** An id has no underscore in FHIR, and 64 characters at most. */
const fhirId = (text: string): string => text.replaceAll(/[^A-Za-z0-9.-]/g, "-").slice(0, 64);

export const observation = (
  member: string,
  coding: readonly Coding[],
  effective: object,
  value: object,
  category: keyof typeof categories = "activity",
) => ({
  resourceType: "Observation",
  status: "final",
  category: categories[category],
  code: { coding, text: coding[0]?.display },
  subject: { reference: subjectOf(member) },
  ...effective,
  ...value,
});

/** A line a workout that begins in this part, or whose heart rate goes on in it. */
export function fhirLines(part: ExportPart<ResolvedWorkout>): string[] {
  const begun = new Set(part.begun.map((w) => w.id));
  const beats = part.pieces.filter(
    (piece) => isHeartRate(piece) && part.best.heart_rate.has(piece.record),
  );
  const touched = new Set([...begun, ...beats.map((piece) => piece.thing)]);
  return [...touched].flatMap((id) => {
    const w = part.things.get(id);
    if (w === undefined) return [];
    const series = beats.flatMap((piece) =>
      isHeartRate(piece) && piece.thing === id
        ? heartRates(part.member, piece.record, piece.samples)
        : [],
    );
    const values = begun.has(id) ? valuesOf(part.member, w) : [];
    return [JSON.stringify(bundleOf(part.member, w, [...values, ...series]))];
  });
}

const bundleOf = (member: string, w: ResolvedWorkout, observations: readonly object[]) =>
  fhirBundle(member, { system: "urn:singlet:workout", value: w.id }, observations);

/** With the Patient whom they are about. */
export const fhirBundle = (
  member: string,
  identifier: { readonly system: string; readonly value: string },
  observations: readonly object[],
) => ({
  resourceType: "Bundle",
  type: "collection",
  identifier,
  entry: [
    {
      fullUrl: subjectOf(member),
      resource: {
        resourceType: "Patient",
        id: fhirId(member),
        identifier: [{ system: "urn:singlet:member", value: member }],
      },
    },
    ...observations.map((resource) => ({ resource })),
  ],
});

/** Milliseconds as minutes, millimetres as metres, millicalories as kilocalories. */
function valuesOf(member: string, w: ResolvedWorkout): object[] {
  const effective = periodOf(w.at, w.toMs, w.offsetMin);
  const of = (coding: readonly Coding[], value: object) =>
    observation(member, coding, effective, value);
  const isOnFoot = w.family === "run" || w.family === "walk";
  const distance = isOnFoot ? [codes.onFoot, codes.distance] : [codes.distance];
  return [
    of([codes.activity], { valueCodeableConcept: { text: w.type } }),
    of([codes.duration], quantity(w.moving.value / 60_000, "minutes", "min")),
    ...(w.distance === null ? [] : [of(distance, quantity(w.distance.value / 1_000, "m", "m"))]),
    ...(w.energy === null
      ? []
      : [of([codes.energy], quantity(w.energy.value / 1_000_000, "kcal", "kcal"))]),
    ...(w.elevationGain === null
      ? []
      : [of([codes.elevationGain], quantity(w.elevationGain.value / 1_000, "m", "m"))]),
  ];
}

const periodOf = (fromMs: Instant, toMs: Instant, offsetMin: number | null = null) => ({
  effectivePeriod: { start: formatMoment(fromMs, offsetMin), end: formatMoment(toMs, offsetMin) },
});

/**
 * Runs of readings as SampledData. It knows only even spacing: a run's period is what divides all
 * of its gaps, and "E" stands where there is no reading. A run too uneven for that becomes one
 * Observation a reading. Nothing is resampled and nothing is left out, except that of readings of
 * the same millisecond the last one stands.
 */
function heartRates(member: string, record: string, samples: readonly HeartRateSample[]): object[] {
  const of = (effective: object, value: object) => ({
    identifier: [{ system: "urn:singlet:record", value: record }],
    ...observation(member, [codes.heartRate], effective, value, "vital-signs"),
  });
  return runsOf(samples).flatMap((run) => {
    const [first, last] = [run[0], run.at(-1)];
    if (first === undefined || last === undefined) return [];
    const period = run.reduce((n, { t }) => divisor(n, t - first.t), 0);
    const places = period === 0 ? 1 : (last.t - first.t) / period + 1;
    if (run.length === 1 || places > placesPerReadingMax * run.length)
      return run.map(({ t, bpm }) =>
        of({ effectiveDateTime: formatMoment(t) }, quantity(bpm, perMinute.unit, perMinute.code)),
      );
    const data: string[] = new Array(places).fill("E");
    for (const { t, bpm } of run) data[(t - first.t) / period] = String(bpm);
    const sampled = { origin: { value: 0, ...perMinute }, period, dimensions: 1 };
    return [
      of(periodOf(first.t, last.t), { valueSampledData: { ...sampled, data: data.join(" ") } }),
    ];
  });
}

const divisor = (a: number, b: number): number => {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return x;
};

function runsOf(samples: readonly HeartRateSample[]): HeartRateSample[][] {
  const byTime = new Map(samples.map((sample) => [sample.t, sample]));
  const runs: HeartRateSample[][] = [];
  let run: HeartRateSample[] = [];
  for (const sample of [...byTime.values()].sort((a, b) => a.t - b.t)) {
    const before = run.at(-1);
    if (before === undefined || sample.t - before.t > gapMsMax) {
      run = [];
      runs.push(run);
    }
    run.push(sample);
  }
  return runs;
}
