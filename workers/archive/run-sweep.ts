/**
 * Asks ledgers what they still have to send, a page of the registry at a time, and keeps what each
 * one reports. One that cannot be asked is counted and does not keep the others.
 */
import type { Instant } from "../../domain/time.ts";
import { eachBounded } from "./bounded.ts";
import { type ArchiveEnv, ledgerOf } from "./env.ts";
import type { Progress, Step } from "./run.ts";
import { repeatable } from "./warehouse.ts";

const ledgersAtOnceMax = 4;
const ledgersPerUnitMax = 50;

/** The registry in the order of names, after one; null: from the beginning, any bucket. */
export async function ledgersAfter(
  env: ArchiveEnv,
  stream: string | null,
  bucket: number | null,
  after: string | null,
): Promise<readonly string[]> {
  const { results } = await repeatable(() =>
    env.WAREHOUSE.prepare(
      `SELECT name FROM ledger WHERE name > ?1 AND (?2 IS NULL OR substr(name, 1, length(?2)) = ?2)
         AND (?3 IS NULL OR bucket = ?3)
         AND NOT EXISTS (SELECT 1 FROM forgotten_ledger AS f WHERE f.ledger = ledger.name)
       ORDER BY name LIMIT ?4`,
    )
      .bind(after ?? "", stream === null ? null : `${stream}/`, bucket, ledgersPerUnitMax)
      .all<{ name: string }>(),
  );
  return results.map(({ name }) => name);
}

export async function sweepUnit(step: Step, stream: string | null): Promise<Progress> {
  const { env, run } = step;
  const names = await ledgersAfter(env, stream, null, run.state.cursor);
  const last = names.at(-1);
  if (last === undefined) return { go: "next" };
  const counts = { swept: names.length, pending: 0, parked: 0, silent: 0 };
  const reports: { name: string; report: string }[] = [];
  await eachBounded(names, ledgersAtOnceMax, async (name) => {
    try {
      const ledger = ledgerOf(env, name);
      await ledger.nudge();
      const report = await ledger.report();
      if (report.pending > 0) counts.pending++;
      if (report.parked > 0) counts.parked++;
      reports.push({ name, report: JSON.stringify(report) });
    } catch {
      counts.silent++;
    }
  });
  await keepReports(env, reports, step.now());
  return { go: "more", cursor: last, counts };
}

async function keepReports(
  env: ArchiveEnv,
  reports: readonly { name: string; report: string }[],
  nowMs: Instant,
): Promise<void> {
  await repeatable(() =>
    env.WAREHOUSE.prepare(
      `UPDATE ledger SET report = r.value->>'report', swept_at = max(swept_at, ?2)
       FROM json_each(?1) AS r WHERE ledger.name = r.value->>'name'`,
    )
      .bind(JSON.stringify(reports), nowMs)
      .run(),
  );
}
