/**
 * An erasure's long part: what its ledger still sends has landed or is dropped, every partition it
 * was ever in is written anew without it, what that touches is counted anew, and the receipt says
 * so. It is never given up, and the receipt is not finished before all of it is true.
 */
import { z } from "zod";
import type { MemberId } from "../../domain/identity.ts";
import { streamNamed } from "../../domain/streams.ts";
import { formatMoment, isLocalDate, periodsOf } from "../../domain/time.ts";
import { adoptPage } from "./adopt.ts";
import { ledgerOf } from "./env.ts";
import { landingFolder, parseChange } from "./partition.ts";
import { isAwaited, takeOff } from "./receipt.ts";
import type { Progress, Stage, Step } from "./run.ts";
import { everywhere, partitionStage, type Reach } from "./run-partitions.ts";
import { merged, resolved } from "./run-settle.ts";
import { repeatable } from "./warehouse.ts";

const lettersAtOnceMax = 50;

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
  { name: "adopt", unit: adoptUnit },
  { name: "mark", unit: markUnit },
  partitionStage("merge", "dirty", partitionsOf, (...of) => merged(...of), { untilEmpty: true }),
  partitionStage("resolve", "unresolved", bucketOf, (...of) => resolved(...of), {
    untilEmpty: true,
  }),
  { name: "receipt", unit: receiptUnit },
  { name: "keys", unit: keysUnit },
];

/** Until nothing of the ledger waits. Parked changes of one that stays go out again; others go. */
async function gatherUnit(step: Step): Promise<Progress> {
  const { env } = step;
  const { ledger: name, forget } = argsOf(step);
  const ledger = ledgerOf(env, name);
  if (forget) {
    await repeatable(() =>
      env.WAREHOUSE.prepare("DELETE FROM parked_change WHERE ledger = ?").bind(name).run(),
    );
    return { go: (await ledger.nudge()) ? "next" : "wait" };
  }
  const { results } = await repeatable(() =>
    env.WAREHOUSE.prepare("SELECT seq, body FROM parked_change WHERE ledger = ? LIMIT ?")
      .bind(name, lettersAtOnceMax)
      .all<{ seq: number; body: string }>(),
  );
  for (const { seq, body } of results) {
    const change = parseChange(JSON.parse(body));
    if (change !== null) await ledger.replay(change);
    await env.WAREHOUSE.prepare("DELETE FROM parked_change WHERE ledger = ? AND seq = ?")
      .bind(name, seq)
      .run();
  }
  if (results.length > 0) return { go: "more", counts: { replayed: results.length } };
  return { go: (await ledger.nudge()) ? "next" : "wait" };
}

/** A partition a unit. What is too young to be taken for lost may hold something of the erased. */
async function adoptUnit(step: Step): Promise<Progress> {
  const { partitions } = argsOf(step);
  const [nth, after]: [number, string | null] = JSON.parse(step.run.state.cursor ?? "[0, null]");
  const partition = partitions[nth];
  if (partition === undefined) return { go: "next" };
  const page = await adoptPage(step.env, landingFolder(partition), after, step.now());
  if (page.young > 0) return { go: "wait" };
  const next = page.cursor === null ? [nth + 1, null] : [nth, page.cursor];
  return { go: "more", cursor: JSON.stringify(next), counts: { adopted: page.adopted } };
}

/**
 * All of its partitions are to be written anew. What older rules came to there goes: it holds the
 * erased, and nobody can count by those rules any more.
 */
async function markUnit(step: Step): Promise<Progress> {
  const { env } = step;
  const { stream, partitions } = argsOf(step);
  const { version } = streamNamed(stream)?.rules ?? { version: 0 };
  const rows = JSON.stringify(partitions);
  const periods = JSON.stringify([...new Set(partitions.flatMap(({ day }) => periodsOf(day)))]);
  await repeatable(() =>
    env.WAREHOUSE.batch([
      env.WAREHOUSE.prepare(
        `INSERT INTO dirty (stream, day, bucket, since)
         SELECT value->>'stream', value->>'day', value->>'bucket', ?2
         FROM json_each(?1) WHERE true ON CONFLICT DO NOTHING`,
      ).bind(rows, step.now()),
      env.WAREHOUSE.prepare(
        `DELETE FROM part WHERE stream = ?1 AND rules < ?2 AND (day, bucket) IN
         (SELECT value->>'day', value->>'bucket' FROM json_each(?3))`,
      ).bind(stream, version, rows),
      env.WAREHOUSE.prepare(
        `DELETE FROM total WHERE stream = ?1 AND rules < ?2
         AND period IN (SELECT value FROM json_each(?3))`,
      ).bind(stream, version, periods),
    ]),
  );
  return { go: "next" };
}

/**
 *   1. the ledger lets go of its days   a crash here: done again, and nothing is left to let go of
 *   2. the receipt waits for it no more a crash here: found so
 */
async function receiptUnit(step: Step): Promise<Progress> {
  const { receipt, ledger, forget, partitions } = argsOf(step);
  if (forget) await ledgerOf(step.env, ledger).forgetDays();
  const at = formatMoment(step.now());
  const { adopted = 0 } = step.run.state.counts;
  const steps = [
    { step: "landing", at, count: adopted },
    { step: "archive", at, count: partitions.length },
  ];
  const isKept = await takeOff(step.env.WAREHOUSE, receipt, "archive", steps, step.now());
  return { go: isKept ? "next" : "wait" };
}

/** What the vault could not seal anew in one go it finishes within hours; then the receipt says so. */
async function keysUnit(step: Step): Promise<Progress> {
  const { env } = step;
  const { receipt, ledger, stream } = argsOf(step);
  if (!(await isAwaited(env.WAREHOUSE, receipt, "keys"))) return { go: "next" };
  const member = ledger.slice(stream.length + 1) as MemberId;
  if (await env.VAULT_SEAL.isErasing(member)) return { go: "wait" };
  const steps = [{ step: "keys-finished", at: formatMoment(step.now()), count: 0 }];
  const isKept = await takeOff(env.WAREHOUSE, receipt, "keys", steps, step.now());
  return { go: isKept ? "next" : "wait" };
}
