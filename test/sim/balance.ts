/** Whether everything that ledgers received is accounted for, and everything published archived. */
import type { LedgerReport } from "../../domain/ports.ts";
import type { System } from "../../local/system.ts";
import { warehouseOf } from "./runs.ts";

const parts = ["applied", "duplicate", "rejected", "parked", "pending"] as const;

export async function balance(system: System): Promise<string[]> {
  const warehouse = await warehouseOf(system);
  const { results } = await warehouse
    .prepare("SELECT report FROM ledger WHERE report IS NOT NULL")
    .all<{ report: string }>();
  const reports = results.map((r) => JSON.parse(r.report) as LedgerReport);
  const sum = (field: "received" | "held" | (typeof parts)[number]) =>
    reports.reduce((total, report) => total + report[field], 0);
  const rows = await warehouse
    .prepare("SELECT coalesce(sum(facts_rows), 0) AS n, count(*) AS partitions FROM partition")
    .first<{ n: number; partitions: number }>();
  const accounted = parts.reduce((total, part) => total + sum(part), 0);
  const told = parts.map((part) => `${part} ${sum(part)}`).join(" + ");
  return [
    `received ${sum("received")} = ${told} (${accounted})  by ${reports.length} ledgers`,
    `published (identity, day) pairs ${sum("held")} = archived rows ${rows?.n} in ${rows?.partitions} partitions`,
  ];
}
