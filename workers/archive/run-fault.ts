/**
 * An object that cannot be what its manifest says: written down with the run, the partition is left
 * as it is, and a run of its own makes it anew from its ledgers. The others go on.
 */
import type { Partition } from "../../domain/ports.ts";
import { type Instant, localDate } from "../../domain/time.ts";
import type { ArchiveFault } from "../../kernel/settle/manifest.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { partitionOf } from "./partition.ts";
import type { Step } from "./run.ts";
import { partitionsIn } from "./sorting-store.ts";
import { repeatable } from "./warehouse.ts";

/** A version that is replaced goes: who misses one may only have read its manifest too early. */
const missedMax = 3;
export const mayBeReplaced = ({ run }: Pick<Step, "run">, { kind }: ArchiveFault): boolean =>
  kind === "missing-version" && run.state.tries < missedMax;

/**
 *   1. the partition is marked damaged   a crash here or later: the unit is done again and finds
 *   2. the fault is written down         the same; everything here may be repeated
 *   3. its rebuilding begins             one a day, so that what cannot be mended does not spin
 * One that is too large would be so again: it is named each time, and waits for more buckets. What
 * a batch holds is of many partitions: each is made anew, and then does without it.
 */
export async function noteFault(step: Step, fault: ArchiveFault): Promise<void> {
  const { env, store, run, now } = step;
  const nowMs = now();
  const named = partitionOf(fault.object);
  const partitions = named === null ? await partitionsIn(env, fault.object) : [named];
  const mayBeMended = fault.kind !== "oversized-version";
  for (const partition of partitions)
    await (mayBeMended
      ? markDamaged(env, partition, fault.object, nowMs)
      : markChecked(env, partition, nowMs));
  await store.fault(run.id, fault.object, fault.kind, nowMs);
  logLine({ worker: "archive", event: "fault", reason: fault.kind, requestId: run.id });
  if (mayBeMended && run.kind !== "rebuild")
    for (const partition of partitions) await beginRebuild(step, partition);
}

async function markDamaged(
  env: Step["env"],
  { stream, day, bucket }: Partition,
  object: string,
  nowMs: Instant,
): Promise<void> {
  await repeatable(() =>
    env.WAREHOUSE.prepare(
      `INSERT INTO partition (stream, day, bucket, version, facts_rows, facts_bytes,
         resolved_rows, resolved_bytes, rule, rules, settled_at, checked_at, damaged)
       VALUES (?1, ?2, ?3, 0, 0, 0, 0, 0, 0, 0, ?4, ?4, ?5)
       ON CONFLICT DO UPDATE SET damaged = excluded.damaged, checked_at = excluded.checked_at`,
    )
      .bind(stream, day, bucket, nowMs, object)
      .run(),
  );
}

/** So that the next one has its turn. */
export async function markChecked(
  env: Step["env"],
  { stream, day, bucket }: Partition,
  nowMs: Instant,
): Promise<void> {
  await repeatable(() =>
    env.WAREHOUSE.prepare(
      "UPDATE partition SET checked_at = ? WHERE stream = ? AND day = ? AND bucket = ?",
    )
      .bind(nowMs, stream, day, bucket)
      .run(),
  );
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
