/**
 * An object that cannot be what its manifest says: written down with the run, the partition is left
 * as it is, and a run of its own makes it anew from its ledgers. The others go on.
 */
import type { Partition } from "../../domain/ports.ts";
import { localDate } from "../../domain/time.ts";
import type { ArchiveFault } from "../../kernel/settle/manifest.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { partitionOf } from "./partition.ts";
import type { Step } from "./run.ts";
import { repeatable } from "./warehouse.ts";

/**
 *   1. the partition is marked damaged   a crash here or later: the unit is done again and finds
 *   2. the fault is written down         the same; everything here may be repeated
 *   3. its rebuilding begins             one a day, so that what cannot be mended does not spin
 */
export async function noteFault(step: Step, fault: ArchiveFault): Promise<void> {
  const { env, store, run, now } = step;
  const nowMs = now();
  const partition = partitionOf(fault.object);
  if (partition !== null) {
    const { stream, day, bucket } = partition;
    await repeatable(() =>
      env.WAREHOUSE.prepare(
        `INSERT INTO partition (stream, day, bucket, version, facts_rows, facts_bytes,
           resolved_rows, resolved_bytes, rule, rules, settled_at, checked_at, damaged)
         VALUES (?1, ?2, ?3, 0, 0, 0, 0, 0, 0, 0, ?4, ?4, ?5)
         ON CONFLICT DO UPDATE SET damaged = excluded.damaged, checked_at = excluded.checked_at`,
      )
        .bind(stream, day, bucket, nowMs, fault.object)
        .run(),
    );
  }
  await store.fault(run.id, fault.object, fault.kind, nowMs);
  logLine({ worker: "archive", event: "fault", reason: fault.kind, requestId: run.id });
  if (partition !== null && run.kind !== "rebuild") await beginRebuild(step, partition);
}

/** One a day for each partition, however often it is asked for. */
export async function beginRebuild(
  { env, store, now }: Step,
  { stream, day, bucket }: Partition,
): Promise<void> {
  const run = `rebuild-${stream}-${day}-${bucket}-${localDate(now(), 0)}`;
  await store.begin(run, "rebuild", { partition: { stream, day, bucket } }, now());
  await env.RUNS.send({ run });
}
