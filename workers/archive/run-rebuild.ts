/**
 * A partition made anew from its ledgers: each of that bucket publishes the day again; when all of
 * it has landed, what was there is left out of account. Nothing is dropped before that, and nothing
 * is made while a change of that day is parked.
 */
import * as z from "zod";
import { isThrough, type Partition } from "../../domain/ports.ts";
import { type AnyStream, streamNamed } from "../../domain/streams.ts";
import { isLocalDate } from "../../domain/time.ts";
import { ArchiveFault, manifestName } from "../../kernel/settle/manifest.ts";
import { rebuildPartition } from "../../kernel/settle/settle.ts";
import { eachBounded } from "./bounded.ts";
import { ledgerOf } from "./env.ts";
import { parkedWhere, replayParked } from "./parked-changes.ts";
import { heldText } from "./partition.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { noteFault } from "./run-fault.ts";
import { everywhere, partitionStage } from "./run-partitions.ts";
import { resolved } from "./run-settle.ts";
import { sortHolding, sortStage } from "./run-sort.ts";
import { ledgersAfter } from "./run-sweep.ts";
import { letGo } from "./sorting-store.ts";
import { repeatable } from "./warehouse.ts";

const ledgersAtOnceMax = 4;

const argsSchema = z.object({
  partition: z.object({
    stream: z.string(),
    day: z.string().refine(isLocalDate),
    bucket: z.int().nonnegative(),
  }),
});
const partitionOf = ({ run }: Step): Partition => argsSchema.parse(run.args).partition;

export const rebuildStages: readonly Stage[] = [
  { name: "ask", unit: (step) => askUnit(step) },
  { name: "replay", unit: (step) => replayUnit(step) },
  { name: "gather", unit: (step) => gatherUnit(step) },
  sortStage((step) => {
    const partition = partitionOf(step);
    return { stream: partition.stream, holding: heldText(partition) };
  }),
  { name: "rebuild", size: async () => 1, unit: (step) => rebuildUnit(step) },
  partitionStage(
    "resolve",
    "unresolved",
    (step) => {
      const { stream, bucket } = partitionOf(step);
      return { ...everywhere, stream, bucket };
    },
    (...of) => resolved(...of),
  ),
];

/** Every ledger of the bucket says the day again; one that cannot be asked makes the unit fail. */
async function askUnit(step: Step): Promise<Progress> {
  const { stream, day, bucket } = partitionOf(step);
  const names = await ledgersAfter(step.env, stream, bucket, step.run.state.cursor);
  const last = names.at(-1);
  if (last === undefined) return { go: "next" };
  let said = 0;
  await eachBounded(names, ledgersAtOnceMax, async (name) => {
    said += await ledgerOf(step.env, name).publishAgain([day]);
  });
  return { go: "more", cursor: last, counts: { asked: names.length, said } };
}

const parkedOf = (step: Step, toMs = Number.MAX_SAFE_INTEGER) => {
  const { stream, day, bucket } = partitionOf(step);
  const where = "stream = ? AND day = ? AND bucket = ? AND parked_at <= ?";
  return parkedWhere(step.env, where, stream, day, bucket, toMs);
};

/**
 * What was parked of this day before the run goes out again, once. What is no change is not known
 * to be of this day; the asking covers it.
 */
async function replayUnit(step: Step): Promise<Progress> {
  const letters = await parkedOf(step, step.run.startedMs);
  if (letters.length === 0) return { go: "next" };
  await replayParked(step.env, letters);
  return { go: "more", counts: { replayed: letters.length } };
}

/** Where gathering waits: the last ledger of a page, and the last number of each that sends. */
interface Awaited {
  readonly last: string;
  readonly numbers: Readonly<Record<string, number>>;
}
/** No ledger's name begins like it. */
const awaitedIn = (cursor: string | null): Awaited | null =>
  cursor?.startsWith("{") ? JSON.parse(cursor) : null;

/**
 * Goes on past ledgers of which all is confirmed that stood when they were looked at first: what was
 * asked for is among it. Waits at the others. Confirmed may be parked as well: that is looked for
 * before the partition is made.
 */
async function gatherUnit(step: Step): Promise<Progress> {
  const { stream, bucket } = partitionOf(step);
  const { cursor } = step.run.state;
  const awaited = awaitedIn(cursor);
  const names =
    awaited === null
      ? await ledgersAfter(step.env, stream, bucket, cursor)
      : Object.keys(awaited.numbers);
  const last = awaited?.last ?? names.at(-1);
  if (last === undefined) return { go: "next" };
  const numbers: Record<string, number> = {};
  await eachBounded(names, ledgersAtOnceMax, async (name) => {
    const left = await ledgerOf(step.env, name).nudge();
    const stood = awaited?.numbers[name] ?? left.last;
    if (!isThrough(left, stood)) numbers[name] = stood;
  });
  if (Object.keys(numbers).length === 0) return { go: "more", cursor: last };
  return { go: "wait", cursor: JSON.stringify({ last, numbers } satisfies Awaited) };
}

/** The partition stays as it is; one that was damaged is so still, and is tried again tomorrow. */
async function noteParked(step: Step): Promise<Progress> {
  const object = manifestName(partitionOf(step));
  await step.store.fault(step.run.id, object, "parked-changes", step.now());
  return { go: "next", done: 1, counts: { faults: 1 } };
}

/**
 * Where the manifest itself was lost its versions begin anew, below the one that is mirrored: what
 * is counted of them would be taken for old.
 */
async function followVersion(
  { env }: Step,
  { stream, day, bucket }: Partition,
  version: number,
): Promise<void> {
  await repeatable(() =>
    env.WAREHOUSE.prepare(
      `UPDATE partition SET version = 0
       WHERE stream = ? AND day = ? AND bucket = ? AND version > ?`,
    )
      .bind(stream, day, bucket, version)
      .run(),
  );
}

/**
 * A batch that cannot be read is left out, as all of it came again, and the partition asks nothing
 * more of it: what every partition does without is dropped by whoever sorts.
 */
async function rebuilt(step: Step, stream: AnyStream, partition: Partition): Promise<void> {
  const unread = await sortHolding(step, partition);
  const { manifest } = await rebuildPartition(step.ports, stream, partition, step.now());
  if (unread.length > 0) {
    const batches = unread.map(({ object }) => object);
    await letGo(step.env, partition, batches);
    await step.ports.index.merged(partition, []);
  }
  await followVersion(step, partition, manifest?.version ?? 0);
}

async function rebuildUnit(step: Step): Promise<Progress> {
  const partition = partitionOf(step);
  const stream = streamNamed(partition.stream);
  if (stream === undefined) return { go: "next", counts: { unknownStreams: 1 } };
  if ((await parkedOf(step)).length > 0) return noteParked(step);
  try {
    await rebuilt(step, stream, partition);
    const { name } = stream;
    const { bucket, day } = partition;
    await step.ports.index.markUnresolved(name, bucket, [day], step.now());
  } catch (error) {
    if (!(error instanceof ArchiveFault)) throw error;
    await noteFault(step, error);
    return { go: "next", done: 1, counts: { faults: 1 } };
  }
  return { go: "next", done: 1, counts: { rebuilt: 1 } };
}
