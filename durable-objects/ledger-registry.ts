/** What a ledger is called, and where that is written down so that a sweep finds it. */
import { errorClass, logLine } from "../kernel/wide-event.ts";
import type { LedgerState } from "./ledger-state.ts";

/** What a registration says; one that said less is made again. */
const registration = "bucket";

/** An object woken by its alarm may not be told its name, so it is written with whatever is first. */
export function nameOf(ctx: DurableObjectState, state: LedgerState): string {
  const known = state.head.name || (ctx.id.name ?? "");
  if (state.head.name !== known) state.note({ name: known });
  return known;
}

/** Once: the registry lets a sweep find a ledger that fell silent, and says its bucket. */
export async function register(
  warehouse: D1Database,
  state: LedgerState,
  bucket: number,
): Promise<void> {
  if (state.head.registered === registration) return;
  try {
    await warehouse
      .prepare(
        `INSERT INTO ledger (name, swept_at, bucket) VALUES (?, 0, ?)
         ON CONFLICT (name) DO UPDATE SET bucket = excluded.bucket`,
      )
      .bind(state.head.name, bucket)
      .run();
    state.keep({ registered: registration });
  } catch (error) {
    logLine({ event: "register", outcome: "failed", error: errorClass(error) });
  }
}
