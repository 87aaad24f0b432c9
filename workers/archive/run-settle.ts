/**
 * The nightly run, and one asked for: ledgers are asked what they still have to send, landing that
 * nobody wrote down is found, batches are told apart by partition, what is dirty is merged, what that
 * touched is resolved, older rules are counted anew, some partitions are read as a check, the live
 * boards are compared, and those that closed are made.
 */
import type { Partition } from "../../domain/ports.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import { ArchiveFault, manifestName } from "../../kernel/settle/manifest.ts";
import { fetchVersion } from "../../kernel/settle/parquet.ts";
import { mergePartition, recountPartition, resolvePartition } from "../../kernel/settle/settle.ts";
import { adoptPage } from "./adopt.ts";
import { closingStage } from "./closed-due.ts";
import { compareStage } from "./compare.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { boardsStage, formerStage } from "./run-boards.ts";
import { dueUnit } from "./run-due.ts";
import { beginRebuild, markChecked, mayBeReplaced, noteFault } from "./run-fault.ts";
import { everywhere, partitionStage, type Reach } from "./run-partitions.ts";
import { sortStage } from "./run-sort.ts";
import { straysUnit } from "./run-strays.ts";
import { sweepUnit } from "./run-sweep.ts";
import { reachOf } from "./settle-args.ts";
import { repeatable } from "./warehouse.ts";

/** Read in one run as a check, those that were not read for longest. */
const checkedMax = 200;
const markedAtOnceMax = 1000;

/** What was touched may lie outside the range that was asked for. */
const anyDayOf = (step: Step): Reach => ({ ...everywhere, stream: reachOf(step).stream });

export const settleStages: readonly Stage[] = [
  { name: "sweep", unit: (step) => sweepUnit(step, reachOf(step).stream) },
  {
    name: "adopt",
    async unit(step) {
      const { stream } = reachOf(step);
      const prefix = stream === null ? "land/" : `land/${stream}/`;
      const page = await adoptPage(step.env, prefix, step.run.state.cursor, step.now());
      const counts = { adopted: page.adopted, unnamed: page.unnamed };
      return page.cursor === null
        ? { go: "next", counts }
        : { go: "more", cursor: page.cursor, counts };
    },
  },
  { name: "strays", unit: straysUnit },
  sortStage((step) => ({ stream: reachOf(step).stream, holding: null })),
  partitionStage("merge", "dirty", reachOf, merged),
  { name: "outdated", unit: markOutdated },
  partitionStage("resolve", "unresolved", anyDayOf, resolved),
  partitionStage("recount", "olderRules", anyDayOf, recounted),
  partitionStage("mend", "damaged", anyDayOf, mended),
  { name: "check", unit: checkUnit },
  { name: "due", unit: dueUnit },
  closingStage,
  compareStage,
  boardsStage,
  formerStage,
];

export async function merged(step: Step, stream: AnyStream, partition: Partition) {
  await assertManifest(step, partition);
  const { more } = await mergePartition(step.ports, stream, partition, step.now());
  return more ? null : { merged: 1 };
}

export async function resolved(step: Step, stream: AnyStream, partition: Partition) {
  await assertManifest(step, partition);
  const { differs } = await resolvePartition(step.ports, stream, partition, step.now());
  return differs === 0 ? { resolved: 1 } : { resolved: 1, differs };
}

/** One that was counted has a manifest: to begin anew without it would leave out what it named. */
async function assertManifest({ env, ports }: Step, partition: Partition): Promise<void> {
  if ((await ports.objects.manifestEtag(partition)) !== null) return;
  const { stream, day, bucket } = partition;
  const counted = await repeatable(() =>
    env.WAREHOUSE.prepare(
      "SELECT 1 FROM partition WHERE stream = ? AND day = ? AND bucket = ? AND version > 0",
    )
      .bind(stream, day, bucket)
      .first(),
  );
  if (counted !== null) throw new ArchiveFault("missing-version", manifestName(partition));
}

async function recounted({ ports, now }: Step, stream: AnyStream, partition: Partition) {
  if ((await recountPartition(ports, stream, partition, now())) !== null) return { recounted: 1 };
  const { bucket, day } = partition;
  await ports.index.markUnresolved(stream.name, bucket, [day], now());
  await resolvePartition(ports, stream, partition, now());
  return { recounted: 1 };
}

/** What an earlier rebuilding could not mend is tried again, once a day. */
async function mended(step: Step, _: AnyStream, partition: Partition) {
  await beginRebuild(step, partition);
  return { damaged: 1 };
}

/** What was resolved by an older rule than the stream's is to be resolved anew. */
async function markOutdated(step: Step): Promise<Progress> {
  let marked = 0;
  for (const { name, resolve } of Object.values<AnyStream>(streams)) {
    const { meta } = await repeatable(() =>
      step.env.WAREHOUSE.prepare(
        `INSERT INTO unresolved (stream, day, bucket, since, mark)
         SELECT p.stream, p.day, p.bucket, ?2, ?2 FROM partition AS p
         WHERE p.stream = ?1 AND p.rule < ?3 AND NOT EXISTS (SELECT 1 FROM unresolved AS u
           WHERE u.stream = p.stream AND u.day = p.day AND u.bucket = p.bucket)
         LIMIT ?4 ON CONFLICT DO NOTHING`,
      )
        .bind(name, step.now(), resolve?.version ?? 0, markedAtOnceMax)
        .run(),
    );
    marked += meta.changes;
  }
  return marked === 0 ? { go: "next" } : { go: "more", counts: { outdated: marked } };
}

/** The one that was not read for longest. */
async function checkUnit(step: Step): Promise<Progress> {
  const { env, ports, run } = step;
  const checked = Number(run.state.cursor ?? 0);
  const next = await repeatable(() =>
    env.WAREHOUSE.prepare(
      `SELECT stream, day, bucket FROM partition WHERE version > 0 AND checked_at < ?
       ORDER BY checked_at LIMIT 1`,
    )
      .bind(run.startedMs)
      .first<Partition & Record<string, unknown>>(),
  );
  if (next === null || checked >= checkedMax) return { go: "next" };
  const { stream, day, bucket } = next;
  const after = { go: "more", cursor: String(checked + 1) } as const;
  try {
    const manifest = await ports.objects.manifest({ stream, day, bucket });
    if (manifest === null)
      throw new ArchiveFault("missing-version", manifestName({ stream, day, bucket }));
    const { facts, resolved } = manifest.value;
    for (const named of [facts, ...(resolved === null ? [] : [resolved])])
      await fetchVersion(ports.objects, named);
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    if (mayBeReplaced(step, error)) return { go: "wait" };
    await noteFault(step, error);
    return { ...after, counts: { faults: 1 } };
  }
  await markChecked(env, { stream, day, bucket }, step.now());
  return { ...after, counts: { checked: 1 } };
}
