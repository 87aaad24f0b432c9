/**
 * What a member takes with them of a chunk, in the metric's unit: a line a sample, a row a sample, an
 * Observation a sample (https://hl7.org/fhir/R4/observation.html). What is gone is not in it.
 */

import type { TableColumn, TableType } from "../export/part.ts";
import { formatMoment } from "../time.ts";
import { fhirBundle, observation, ownCodes } from "../workouts/export/fhir.ts";
import type { Chunk, ChunkRecord } from "./chunk.ts";
import { type Metric, metricOf } from "./metrics.ts";
import type { SampleValue } from "./sample.ts";

interface Taken {
  readonly metric: Metric;
  readonly record: ChunkRecord;
  readonly sample: SampleValue;
}

const takenOf = ({ metric, records }: Chunk): Taken[] =>
  [...records.values()].flatMap((record) =>
    record.gone ? [] : record.samples.map((sample) => ({ metric, record, sample })),
  );
/** Of sleep its length, as of any other. */
const amountOf = ({ metric, sample }: Taken): number => sample.value / metricOf(metric).scale;

export const samplesIn = (chunk: Chunk): number => takenOf(chunk).length;

export const chunkLines = (chunk: Chunk): string[] =>
  takenOf(chunk).map((taken) => {
    const { metric, record, sample } = taken;
    return JSON.stringify({
      ...{ type: metric, start: formatMoment(sample.fromMs), end: formatMoment(sample.toMs) },
      ...{ value: amountOf(taken), unit: metricOf(metric).unit, stage: sample.stage },
      ...{ device: record.device, app: record.app },
    });
  });

export function chunkTable(chunks: readonly Chunk[]): TableColumn[] {
  const all = chunks.flatMap(takenOf);
  const column = (
    name: string,
    type: TableType,
    of: (taken: Taken) => string | number | null,
  ): TableColumn => ({ name, type, data: all.map(of) });
  return [
    column("type", "STRING", ({ metric }) => metric),
    column("start_ms", "INT64", ({ sample }) => sample.fromMs),
    column("end_ms", "INT64", ({ sample }) => sample.toMs),
    column("value", "DOUBLE", amountOf),
    column("unit", "STRING", ({ metric }) => metricOf(metric).unit),
    column("stage", "STRING", ({ sample }) => sample.stage),
    column("device", "STRING", ({ record }) => record.device),
    column("app", "STRING", ({ record }) => record.app),
  ];
}

const ucum = "http://unitsofmeasure.org";

/** A Bundle a chunk; null when nothing is in it. Time in bed that is no sleep is no observation of it. */
export function chunkBundle(member: string, chunk: Chunk): string | null {
  const observations = takenOf(chunk)
    .filter(({ sample }) => sample.stage !== "awake")
    .map((taken) => observationOf(member, taken));
  if (observations.length === 0) return null;
  const identifier = { system: "urn:singlet:samples", value: `${chunk.metric}/${chunk.day}` };
  return JSON.stringify(fhirBundle(member, identifier, observations));
}

function observationOf(member: string, taken: Taken): object {
  const { metric, sample } = taken;
  const { title, unit, loinc, class: of } = metricOf(metric);
  const code =
    loinc === null
      ? { system: ownCodes, code: metric, display: title }
      : { system: "http://loinc.org", code: loinc, display: title };
  const [start, end] = [formatMoment(sample.fromMs), formatMoment(sample.toMs)];
  const isMoment = sample.fromMs === sample.toMs;
  return observation(
    member,
    [code],
    isMoment ? { effectiveDateTime: start } : { effectivePeriod: { start, end } },
    {
      valueQuantity: { value: amountOf(taken), unit, system: ucum, code: unit },
      ...(sample.stage === null ? {} : { method: { text: sample.stage } }),
    },
    of === "activity" ? "activity" : "vital-signs",
  );
}
