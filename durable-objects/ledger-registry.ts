/** What a ledger is called, and where that is written down so that a sweep finds it. */
import { errorClass, logLine } from "../kernel/wide-event.ts";
import type { Meta } from "./meta.ts";

/** What a registration says; one that said less is made again. */
const registration = "bucket";

/** An object woken by its alarm may not be told its name, so it writes it down once. */
export function nameOf(ctx: DurableObjectState, meta: Meta): string {
  const known = meta.get("name");
  if (known === null && ctx.id.name !== undefined) meta.set("name", ctx.id.name);
  return known ?? ctx.id.name ?? "";
}

/** Once: the registry lets a sweep find a ledger that fell silent, and says its bucket. */
export async function register(warehouse: D1Database, meta: Meta, bucket: number): Promise<void> {
  if (meta.get("registered") === registration) return;
  try {
    await warehouse
      .prepare(
        `INSERT INTO ledger (name, swept_at, bucket) VALUES (?, 0, ?)
         ON CONFLICT (name) DO UPDATE SET bucket = excluded.bucket`,
      )
      .bind(meta.get("name"), bucket)
      .run();
    meta.set("registered", registration);
  } catch (error) {
    logLine({ event: "register", outcome: "failed", error: errorClass(error) });
  }
}
