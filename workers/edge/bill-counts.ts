/**
 * What is counted anyway of what a deployment does, for its bill: ledgers as they last reported, what
 * the archive keeps, and each gate's calls and deliveries. Nothing is counted for the bill alone.
 */
import type { BillCounts } from "../../domain/bill.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import type { Instant } from "../../domain/time.ts";
import { living } from "./balance.ts";
import type { ProviderFigures } from "./provider-figures.ts";

export interface BillRows {
  readonly fromMs: Instant | null;
  readonly members: number;
  readonly ledgers: number;
  readonly reported: number;
  /** The oldest report; null while there is none. */
  readonly oldestMs: Instant | null;
  readonly facts: number;
  readonly sampleStatements: number;
  readonly listens: number;
  readonly sales: number;
  readonly archiveBytes: number;
}

/** What took effect, however far it has come since. */
const effect = "report ->> 'applied' + report ->> 'pending' + report ->> 'parked'";
const effectOf = ({ name }: AnyStream): string =>
  `coalesce(sum(iif(name LIKE '${name}/%', ${effect}, 0)), 0)`;

const query = `SELECT
  (SELECT min(made_at) FROM member) AS fromMs,
  (SELECT count(*) FROM member WHERE erased_at IS NULL) AS members,
  count(*) AS ledgers,
  count(report) AS reported,
  min(report ->> 'atMs') AS oldestMs,
  ${effectOf(streams.workouts)} AS facts,
  ${effectOf(streams.samples)} AS sampleStatements,
  ${effectOf(streams.listens)} AS listens,
  ${effectOf(streams.sales)} AS sales,
  (SELECT coalesce(sum(facts_bytes + resolved_bytes), 0) FROM partition)
    + (SELECT coalesce(sum(bytes), 0) FROM landed) AS archiveBytes
  FROM ${living}`;

export async function readBillRows(db: D1Database): Promise<BillRows> {
  const row = await db.prepare(query).first<BillRows>();
  if (row === null) throw new Error("sums without a group answer one row");
  return row;
}

export function billCountsOf(
  rows: BillRows,
  figures: readonly ProviderFigures[],
  nowMs: Instant,
): BillCounts {
  let [calls, bareDeliveries] = [0, 0];
  const silent: string[] = [];
  for (const { provider, gate } of figures) {
    if (gate === null) {
      silent.push(`The gate of ${provider.facts.title}`);
      continue;
    }
    calls += Object.values(gate.calls).reduce((sum, n) => sum + n, 0);
    bareDeliveries += gate.door.refused;
    if (provider.facts.delivery === "notice") bareDeliveries += gate.door.deliveries;
  }
  const { fromMs, ledgers, facts, sampleStatements, listens, sales, archiveBytes } = rows;
  const told = { facts, sampleStatements, listens, sales };
  const traffic = { ...told, archiveBytes, calls, bareDeliveries };
  return { fromMs, toMs: nowMs, ledgers, ...traffic, silent };
}
