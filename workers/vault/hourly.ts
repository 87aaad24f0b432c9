/**
 * What is done every hour: each part on its own, so that one that fails keeps no other from being
 * done, and each bounded, so that what is left waits for the next hour. The rotation is a run of its
 * own: an invocation may ask its databases a thousand times, and each of the two asks every shard.
 */
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { Shards, Vault } from "./env.ts";
import { finishErasures } from "./erasure.ts";
import { pruneExports } from "./export.ts";
import { assertWhole, pruneJournal } from "./journal.ts";
import { dueForRotation, rotateEpoch } from "./rotation.ts";
import { RotationRun } from "./rotation-run.ts";
import { pruneRowCopies } from "./row-copy.ts";
import { sweepOrphans } from "./sealed-object.ts";
import { closeFullShards, type Look, lookAt, shardBytesMax } from "./shard-status.ts";
import { isTurnOf, pruneShareCodes, pruneShares } from "./shares.ts";

/** As in wrangler.toml; every other one keeps house. */
export const rotationCron = "47 * * * *";
const membersFinishedMax = 50;
/** Of each log. */
const archivedDaysPerRun = 3;
const rotatedRowsMax = 5_000;
/** The calls to databases run out before, unless there are very few rows in a step. */
const rotationStepsMax = 100;
/** Of the 15 minutes that a run may take. */
const rotationMsMax = 600_000;

type Part = readonly [event: string, work: () => Promise<number>];

/** Some keys do not open, or come from an old copy: `npm run vault -- status` says in which shard. */
class KeysLeft extends Error {
  override readonly name = "KeysLeft";
}

/** Throws once everything was tried if any part failed. */
export async function keepHouse(shards: Shards, now: () => number): Promise<void> {
  const looks = new Map<Vault, Look>();
  for (const vault of shards.all) looks.set(vault, await lookAt(vault));
  const bytesOf = async (vault: Vault): Promise<number> => looks.get(vault)?.bytes ?? 0;
  const parts: Part[] = [];
  for (const vault of shards.all.filter((one) => looks.get(one)?.migrated)) {
    parts.push(
      ["sweep", () => assertWhole(vault, now()).then(() => sweepOrphans(vault, now()))],
      ["erasures", () => finishErasures(vault, now(), membersFinishedMax)],
      ["exports", () => pruneExports(vault, now())],
      ["journal", () => pruneJournal(vault, now(), pruneRowCopies)],
    );
    if (isTurnOf(vault, now())) parts.push(["shares", () => pruneShares(vault, now())]);
  }
  parts.push(["share-codes", () => pruneShareCodes(shards.directory.database, now())]);
  parts.push(["shards", () => closeFullShards(shards, shardBytesMax, bytesOf)]);
  for (const log of shards.logs.numbers) parts.push(["log", () => archive(shards, log, now)]);
  await doAll(parts, now);
}

/** Days that are over leave the log's object for the archive; how many entries went. */
async function archive({ logs }: Shards, log: number, now: () => number): Promise<number> {
  let entries = 0;
  for (let day = 0; day < archivedDaysPerRun; day++) {
    const moved = await logs.port(log).keepHouse(now());
    if (moved === 0) break;
    entries += moved;
  }
  return entries;
}

/** Goes on with a rotation, or begins one when it is due. Throws if it cannot be gone on with. */
export const keepEpochs = (shards: Shards, now: () => number): Promise<void> =>
  doAll([["rotation", () => rotateWhenDue(shards, now)]], now);

async function doAll(parts: readonly Part[], now: () => number): Promise<void> {
  let failed = 0;
  for (const [event, work] of parts) {
    const startedAtMs = now();
    try {
      const items = await work();
      logLine({
        worker: "vault",
        event,
        outcome: "ok",
        items,
        durationMs: now() - startedAtMs,
      });
    } catch (error) {
      failed++;
      logLine({ worker: "vault", event, outcome: "failed", error: errorClass(error) });
    }
  }
  if (failed > 0) throw new Error(`${failed} parts of the hourly run failed`);
}

/** Returns how many keys were wrapped anew. What is left is gone on with in an hour. */
async function rotateWhenDue(shards: Shards, now: () => number): Promise<number> {
  if (!dueForRotation(await shards.epochs.list(), now())) return 0;
  const startedAtMs = now();
  const run = new RotationRun();
  let rewrapped = 0;
  for (let step = 0; step < rotationStepsMax; step++) {
    const status = await rotateEpoch(shards, now(), rotatedRowsMax, run);
    rewrapped += status.rewrapped;
    if (status.rewrapped === 0 && status.left > 0) throw new KeysLeft();
    if (status.done || !run.hasRoomBeside(0) || now() - startedAtMs > rotationMsMax) break;
  }
  return rewrapped;
}
