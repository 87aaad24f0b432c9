/**
 * A fortnight of batches as two devices send them, doubled, corrected, taken back and out of order, read
 * as the door reads them and merged as chunks are: every answer is as it has to be, and what stands
 * is what was finally said.
 */
import { expect, it } from "vitest";
import { type Chunk, mergeRecords } from "../../../domain/samples/chunk.ts";
import { type Metric, metrics } from "../../../domain/samples/metrics.ts";
import { type KeyedRecord, keyedRecord } from "../../../domain/samples/record-key.ts";
import type { SampleOutcome } from "../../../domain/samples/sample.ts";
import { shortHash } from "../../../domain/samples/short-hash.ts";
import type { LocalDate } from "../../../domain/time.ts";
import { readSync } from "../../../providers/sync/body.ts";
import { type Batch, type Expected, statedOf } from "../../sim/samples/batches.ts";
import { lanes } from "../../sim/samples/statements.ts";
import { worldOf } from "../../sim/samples/world.ts";

const afterwardsMs = Date.parse("2026-11-14T00:00:00Z");
type Kept = Map<Metric, Map<LocalDate, Chunk>>;

function taken(kept: Kept, { samples }: Batch): Expected {
  const read = readSync(JSON.stringify({ samples: samples.map(statedOf) }), afterwardsMs);
  if (!read.ok) throw new Error(read.error);
  const byMetric = new Map<Metric, KeyedRecord[]>();
  for (const sample of read.value.samples) {
    if (!sample.ok) throw new Error(sample.error);
    const { metric, device } = sample.value;
    const record = keyedRecord(sample.value, device.id, shortHash);
    const list = byMetric.get(metric);
    if (list === undefined) byMetric.set(metric, [record]);
    else list.push(record);
  }
  const outcomes = [...byMetric].flatMap(([metric, records]): readonly SampleOutcome[] => {
    const held = kept.get(metric) ?? new Map<LocalDate, Chunk>();
    kept.set(metric, held);
    const merged = mergeRecords(metric, held, records, shortHash);
    for (const [day, chunk] of merged.changed) held.set(day, chunk);
    return merged.outcomes;
  });
  const count = (...some: SampleOutcome[]) => outcomes.filter((o) => some.includes(o)).length;
  return {
    synced: count("new"),
    duplicates: count("duplicate", "older", "gone"),
    corrected: count("corrected"),
    deleted: count("retracted"),
  };
}

const standing = (kept: Kept): string[] =>
  metrics.flatMap((metric) =>
    [...(kept.get(metric)?.values() ?? [])].flatMap(({ records }) =>
      [...records.values()].flatMap(({ gone, device, samples }) =>
        gone
          ? []
          : samples.map((s) =>
              JSON.stringify([metric, device, s.fromMs, s.toMs, s.value, s.stage]),
            ),
      ),
    ),
  );

it.each([1, 2])("what was finally said stands, and every answer is true (seed %s)", (seed) => {
  const world = worldOf({ days: 14, seed, batch: 1500 });
  const kept: Kept = new Map();
  const told = { synced: 0, duplicates: 0, corrected: 0, deleted: 0 };
  for (const lane of lanes)
    for (const batch of world.lanes[lane].filter((b) => !b.isRepeated)) {
      const answer = taken(kept, batch);
      expect(answer, `${lane} ${batch.key}`).toEqual(batch.expected);
      for (const what of ["synced", "duplicates", "corrected", "deleted"] as const)
        told[what] += answer[what];
    }
  for (const n of Object.values(told)) expect(n).toBeGreaterThan(50);
  const truth = world.truth.map((r) =>
    JSON.stringify([r.metric, `serial-${r.device}`, r.fromMs, r.toMs, r.value, r.stage]),
  );
  expect(standing(kept).sort()).toEqual(truth.sort());
});
