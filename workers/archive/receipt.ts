/** What an erasure's receipt waits for, taken off it once, whoever else writes to it meanwhile. */
import type { Instant } from "../../domain/time.ts";
import { repeatable } from "./warehouse.ts";

interface ReceiptStep {
  readonly step: string;
  readonly at: string;
  readonly count: number;
}

/** What a receipt may still wait for when an erase run begins. */
export type Awaited = "archive" | "keys";

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

/** False: somebody else changed it just now; to be tried again. */
export async function takeOff(
  warehouse: D1Database,
  id: string,
  what: Awaited,
  steps: readonly ReceiptStep[],
  nowMs: Instant,
): Promise<boolean> {
  const held = await repeatable(() =>
    warehouse
      .prepare("SELECT steps, pending FROM receipt WHERE id = ?")
      .bind(id)
      .first<{ steps: string; pending: string }>(),
  );
  if (held === null) throw new Error("the erasure has no receipt");
  const pending: readonly string[] = JSON.parse(held.pending);
  if (!pending.includes(what)) return true;
  const left = pending.filter((one) => one !== what);
  const { meta } = await warehouse
    .prepare(
      `UPDATE receipt SET steps = ?, pending = ?, finished_at = ?
       WHERE id = ? AND steps = ? AND pending = ?`,
    )
    .bind(
      JSON.stringify([...JSON.parse(held.steps), ...steps]),
      JSON.stringify(left),
      left.length === 0 ? nowMs : null,
      id,
      held.steps,
      held.pending,
    )
    .run();
  return meta.changes === 1;
}
