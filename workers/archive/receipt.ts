/** What an erasure's receipt waits for, taken off it once, whoever else writes to it meanwhile. */
import type { Instant } from "../../domain/time.ts";
import { repeatable } from "./warehouse.ts";

interface ReceiptStep {
  readonly step: string;
  readonly at: string;
  readonly count: number;
}

/** What a receipt may still wait for when an erase run begins. */
export type Awaited = "archive" | "keys" | "snapshots";

export async function isAwaited(
  warehouse: D1Database,
  id: string,
  what: Awaited,
): Promise<boolean> {
  const pending = await repeatable(() =>
    warehouse.prepare("SELECT pending FROM receipt WHERE id = ?").bind(id).first<string>("pending"),
  );
  if (pending === null) throw new Error("the erasure has no receipt");
  return (JSON.parse(pending) as string[]).includes(what);
}

/**
 * One of several runs that a receipt waits for alike, the steps of each named by it: what they share
 * is taken off when the last one says so. What is `whole` has one run.
 */
export interface Share {
  readonly name: string;
  readonly of: number;
}
const whole: Share = { name: "", of: 1 };

/** Steps are named by the run that did them, where there is more than one. */
const shared = (step: string, { name, of }: Share): string => (of === 1 ? step : `${step}-${name}`);

/** False: somebody else changed it just now; to be tried again. */
export async function takeOff(
  warehouse: D1Database,
  id: string,
  what: Awaited,
  steps: readonly ReceiptStep[],
  nowMs: Instant,
  share: Share = whole,
): Promise<boolean> {
  const held = await repeatable(() =>
    warehouse
      .prepare("SELECT steps, pending FROM receipt WHERE id = ?")
      .bind(id)
      .first<{ steps: string; pending: string }>(),
  );
  if (held === null) throw new Error("the erasure has no receipt");
  const pending: readonly string[] = JSON.parse(held.pending);
  const before: readonly ReceiptStep[] = JSON.parse(held.steps);
  const isSaid = share.of > 1 && before.some(({ step }) => step === shared(what, share));
  if (!pending.includes(what) || isSaid) return true;
  const mine = steps.map((one) => ({ ...one, step: shared(one.step, share) }));
  const all = [...before, ...mine];
  const said = all.filter(({ step }) => step.startsWith(`${what}-`)).length;
  const isLast = share.of === 1 || said === share.of;
  const left = isLast ? pending.filter((one) => one !== what) : pending;
  const { meta } = await warehouse
    .prepare(
      `UPDATE receipt SET steps = ?, pending = ?, finished_at = ?
       WHERE id = ? AND steps = ? AND pending = ?`,
    )
    .bind(
      JSON.stringify(all),
      JSON.stringify(left),
      left.length === 0 ? nowMs : null,
      id,
      held.steps,
      held.pending,
    )
    .run();
  return meta.changes === 1;
}
