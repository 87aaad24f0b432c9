/**
 * An erasure's long part: what its ledger still sends has landed or is dropped, every partition it
 * was ever in is written anew without it, what that touches is counted anew, and the receipt says
 * so. It is never given up, and the receipt is not finished before all of it is true.
 */
import * as z from "zod";
import type { MemberId } from "../../domain/identity.ts";
import { isThrough, type Partition } from "../../domain/ports.ts";
import { isByMember } from "../../domain/shards.ts";
import { type AnyStream, streamNamed } from "../../domain/streams.ts";
import {
  addDays,
  formatMoment,
  type Instant,
  isLocalDate,
  type LocalDate,
  periodsOf,
} from "../../domain/time.ts";
import { adoptPage } from "./adopt.ts";
import { markStandings } from "./closed-challenges.ts";
import { markClosed } from "./closed-store.ts";
import { halfwayFolder } from "./compare.ts";
import { ledgerOf } from "./env.ts";
import { parkedWhere, replayParked } from "./parked-changes.ts";
import { batchFolder, heldBucketText, landingFolder } from "./partition.ts";
import { isAwaited, takeOff } from "./receipt.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { everywhere, partitionStage, type Reach } from "./run-partitions.ts";
import { merged, resolved } from "./run-settle.ts";
import { sortHolding, sortStage } from "./run-sort.ts";
import { repeatable } from "./warehouse.ts";

/** What an erasure reads and deletes at once of what comparisons have put aside. */
const halfwaysAtOnceMax = 500;

/** Between this clock and the one that says when an object was written. */
const skewMsMax = 60_000;

const argsSchema = z.object({
  receipt: z.string(),
  ledger: z.string(),
  stream: z.string(),
  partitions: z.array(
    z.object({
      stream: z.string(),
      day: z.string().refine(isLocalDate),
      bucket: z.int().nonnegative(),
    }),
  ),
  forget: z.boolean(),
  /** So many runs, each of another ledger, does the receipt wait for. */
  of: z.int().positive().default(1),
});
const argsOf = ({ run }: Pick<Step, "run">) => argsSchema.parse(run.args);

/** One subject's partitions are all in one bucket. */
const bucketOf = (step: Step): Reach => {
  const { stream, partitions } = argsOf(step);
  return { ...everywhere, stream, bucket: partitions[0]?.bucket ?? -1 };
};
const partitionsOf = (step: Step): Reach => ({
  ...bucketOf(step),
  days: argsOf(step).partitions.map(({ day }) => day),
});

export const eraseStages: readonly Stage[] = [
  { name: "gather", unit: gatherUnit },
  { name: "adopt-batches", unit: (step) => adoptUnit(step, [batchFolder(argsOf(step).stream)]) },
  sortStage((step) => {
    const { stream, bucket } = bucketOf(step);
    return { stream, holding: heldBucketText(bucket ?? -1) };
  }),
  {
    name: "adopt",
    unit: (step) => adoptUnit(step, argsOf(step).partitions.map(landingFolder)),
  },
  { name: "mark", unit: markUnit },
  partitionStage("merge", "dirty", partitionsOf, mergedWhole, { untilDone: true }),
  partitionStage("resolve", "unresolved", bucketOf, (...of) => resolved(...of), {
    untilDone: true,
  }),
  { name: "receipt", unit: receiptUnit },
  { name: "keys", unit: keysUnit },
];

/**
 * Until nothing of the ledger waits that stood when it was looked at first; what came since came
 * without the erased. It is asked first: what it then calls parked is listed by now. What is listed
 * of the erased's days, of one that stays, goes out again as what is true today and leaves the list:
 * it may hold the erased. That is waited for as well: by a new first look.
 */
async function gatherUnit(step: Step): Promise<Progress> {
  const { env, run } = step;
  const { ledger: name, forget, partitions } = argsOf(step);
  const left = await ledgerOf(env, name).nudge();
  const stood = run.state.cursor === null ? left.last : Number(run.state.cursor);
  const next: Progress = isThrough(left, stood)
    ? { go: "next" }
    : { go: "wait", cursor: String(stood) };
  if (forget) {
    await repeatable(() =>
      env.WAREHOUSE.prepare("DELETE FROM parked_change WHERE ledger = ?").bind(name).run(),
    );
    return next;
  }
  const days = JSON.stringify(partitions.map(({ day }) => day));
  const letters = await parkedWhere(
    env,
    "ledger = ? AND seq <= ? AND (day IS NULL OR day IN (SELECT value FROM json_each(?)))",
    ...[name, stood, days],
  );
  if (letters.length === 0) return next;
  await replayParked(env, letters);
  return { go: "more", cursor: null, counts: { replayed: letters.length } };
}

/**
 * A page of a folder a unit. What is too young to be taken for lost may hold something of the
 * erased, if it was written before this began: what came later came without them, or is refused.
 */
async function adoptUnit(step: Step, folders: readonly string[]): Promise<Progress> {
  const begins: [number, string | null, Instant] = [0, null, step.now()];
  const [nth, after, begunMs] = JSON.parse(step.run.state.cursor ?? "null") ?? begins;
  const folder = folders[nth];
  if (folder === undefined) return { go: "next" };
  const page = await adoptPage(step.env, folder, after, step.now());
  const at = (...place: typeof begins) => JSON.stringify(place);
  if (page.youngMs.some((ms) => ms <= begunMs + skewMsMax))
    return { go: "wait", cursor: at(nth, after, begunMs) };
  const cursor = page.cursor === null ? at(nth + 1, null, begunMs) : at(nth, page.cursor, begunMs);
  return { go: "more", cursor, counts: { adopted: page.adopted } };
}

/** Batches that came since the others were sorted have their part in it, too. */
async function mergedWhole(step: Step, stream: AnyStream, partition: Partition) {
  const [fault] = await sortHolding(step, partition);
  if (fault !== undefined) throw fault;
  return merged(step, stream, partition);
}

/** A group may be counted on the day where it began: as far away as its stream's groups reach. */
function daysAround(stream: string, days: readonly LocalDate[]): readonly LocalDate[] {
  const reach = (streamNamed(stream)?.resolve?.reachDays ?? 0) + 1;
  const around = new Set<LocalDate>();
  for (const day of days) for (let n = -reach; n <= reach; n++) around.add(addDays(day, n));
  return [...around].filter(isLocalDate);
}

/**
 * All of its partitions are to be written anew. What older rules came to there and around it goes:
 * it holds the erased, and nobody can count by those rules any more.
 */
async function markUnit(step: Step): Promise<Progress> {
  const { env } = step;
  const { stream, partitions } = argsOf(step);
  const { version } = streamNamed(stream)?.rules ?? { version: 0 };
  const rows = JSON.stringify(partitions);
  const around = daysAround(
    stream,
    partitions.map(({ day }) => day),
  );
  const periods = JSON.stringify([...new Set(around.flatMap(periodsOf))]);
  await repeatable(() =>
    env.WAREHOUSE.batch([
      env.WAREHOUSE.prepare(
        `INSERT INTO dirty (stream, day, bucket, since)
         SELECT value->>'stream', value->>'day', value->>'bucket', ?2
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      ).bind(rows, step.now()),
      env.WAREHOUSE.prepare(
        `DELETE FROM part WHERE stream = ?1 AND rules < ?2 AND bucket = ?4
         AND day IN (SELECT value FROM json_each(?3))`,
      ).bind(stream, version, JSON.stringify(around), bucketOf(step).bucket),
      env.WAREHOUSE.prepare(
        `DELETE FROM total WHERE stream = ?1 AND rules < ?2
         AND period IN (SELECT value FROM json_each(?3))`,
      ).bind(stream, version, periods),
      markClosed(env.WAREHOUSE, stream, JSON.parse(periods), step.now(), "erased"),
      markStandings(env.WAREHOUSE, stream, around, step.now()),
    ]),
  );
  return { go: "next" };
}

/**
 * What other runs' comparisons put aside, a page at a time: it may hold the erased. A run that
 * misses its own reads its days again. False: there is more.
 */
async function dropHalfways({ ARCHIVE }: Step["env"]): Promise<boolean> {
  const { objects, truncated } = await ARCHIVE.list({
    prefix: halfwayFolder,
    limit: halfwaysAtOnceMax,
  });
  if (objects.length > 0) await ARCHIVE.delete(objects.map(({ key }) => key));
  return !truncated;
}

/**
 *   1. what comparisons put aside goes  a crash here: what is left of it goes then
 *   2. the ledger lets go of its days   a crash here: done again, and nothing is left to let go of
 *   3. the receipt waits for it no more, once every run of it has said so
 *                                       a crash here: found so
 */
async function receiptUnit(step: Step): Promise<Progress> {
  const { receipt, ledger, stream, forget, partitions, of } = argsOf(step);
  if (!(await dropHalfways(step.env))) return { go: "more" };
  if (forget) await ledgerOf(step.env, ledger).forgetDays();
  const at = formatMoment(step.now());
  const { adopted = 0 } = step.run.state.counts;
  const steps = [
    { step: "landing", at, count: adopted },
    { step: "archive", at, count: partitions.length },
  ];
  const share = { name: isOwn(step) ? stream : ledger, of };
  const { WAREHOUSE } = step.env;
  const isKept = await takeOff(WAREHOUSE, receipt, "archive", steps, step.now(), share);
  return { go: isKept ? "next" : "wait" };
}

/** A ledger that others share is named in the receipt, which names nobody by it. */
const isOwn = (step: Step): boolean => {
  const stream = streamNamed(argsOf(step).stream);
  return stream === undefined || isByMember(stream);
};

/**
 * What the vault could not seal anew in one go it finishes within hours; then the receipt says so. It
 * is asked by the runs of the member's own ledgers, which say whose keys they are.
 */
async function keysUnit(step: Step): Promise<Progress> {
  const { env } = step;
  const { receipt, ledger, stream } = argsOf(step);
  if (!isOwn(step) || !(await isAwaited(env.WAREHOUSE, receipt, "keys"))) return { go: "next" };
  const member = ledger.slice(stream.length + 1) as MemberId;
  if (await env.VAULT_SEAL.isErasing(member)) return { go: "wait" };
  const steps = [{ step: "keys-finished", at: formatMoment(step.now()), count: 0 }];
  const isKept = await takeOff(env.WAREHOUSE, receipt, "keys", steps, step.now());
  return { go: isKept ? "next" : "wait" };
}
