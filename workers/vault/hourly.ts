/**
 * What is done every hour: each part on its own, so that one that fails keeps no other from being
 * done, and each bounded, so that what is left waits for the next hour.
 */
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { Shards } from "./env.ts";
import { finishErasures } from "./erasure.ts";
import { assertWhole, pruneJournal } from "./journal.ts";
import { dueForRotation, rotateEpoch } from "./rotation.ts";
import { pruneRowCopies } from "./row-copy.ts";
import { sweepOrphans } from "./sealed-object.ts";
import { closeFullShards, isMigrated } from "./shard-status.ts";

const membersFinishedMax = 50;
const rotatedRowsMax = 5_000;
/** Half a million rows an hour: a day is enough for every shard that one account can have. */
const rotationStepsMax = 100;
/** Of the 15 minutes that a run may take. */
const rotationMsMax = 600_000;

type Part = readonly [event: string, work: () => Promise<number>];

/** Some keys do not open, or come from an old copy: somebody has to look. */
class KeysLeft extends Error {
  override readonly name = "KeysLeft";
}

/** Throws once everything was tried if any part failed. */
export async function keepHouse(shards: Shards, now: () => number): Promise<void> {
  const migrated = await Promise.all(shards.all.map(isMigrated));
  const parts: Part[] = [];
  for (const vault of shards.all.filter((_, n) => migrated[n]))
    parts.push(
      ["sweep", () => assertWhole(vault, now()).then(() => sweepOrphans(vault, now()))],
      ["erasures", () => finishErasures(vault, now(), membersFinishedMax)],
      ["journal", () => pruneJournal(vault, now(), pruneRowCopies)],
    );
  parts.push(
    ["shards", () => closeFullShards(shards)],
    ["rotation", () => rotateWhenDue(shards, now)],
  );
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
  let rewrapped = 0;
  for (let step = 0; step < rotationStepsMax; step++) {
    const status = await rotateEpoch(shards, now(), rotatedRowsMax);
    rewrapped += status.rewrapped;
    if (status.rewrapped === 0 && status.left > 0) throw new KeysLeft();
    if (status.done || now() - startedAtMs > rotationMsMax) break;
  }
  return rewrapped;
}
