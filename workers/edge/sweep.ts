/**
 * Wakes the ledgers that were not looked at for longest, and keeps what they report, for the
 * balance. One with nothing to send costs two reads.
 */
import type { LedgerPort, LedgerReport } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { EdgeEnv } from "./env.ts";

const ledgersPerSweep = 200;

export async function sweep(env: EdgeEnv, nowMs: Instant): Promise<void> {
  const { results } = await env.WAREHOUSE.prepare(
    "SELECT name FROM ledger ORDER BY swept_at LIMIT ?",
  )
    .bind(ledgersPerSweep)
    .all<{ name: string }>();
  let pending = 0;
  const seen: { readonly name: string; readonly report: LedgerReport }[] = [];
  for (const { name } of results) {
    try {
      const ledger = env.LEDGER.getByName(name) as unknown as LedgerPort;
      if (!(await ledger.nudge())) pending++;
      seen.push({ name, report: await ledger.report() });
    } catch (error) {
      logLine({ worker: "edge", event: "sweep", outcome: "failed", error: errorClass(error) });
    }
  }
  await env.WAREHOUSE.prepare(
    `UPDATE ledger SET swept_at = ?, report = seen.value ->> 'report' FROM json_each(?) AS seen
     WHERE ledger.name = seen.value ->> 'name'`,
  )
    .bind(nowMs, JSON.stringify(seen))
    .run();
  logLine({ worker: "edge", event: "sweep", items: seen.length, pending });
}
