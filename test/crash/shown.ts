/** What the system holds, from inside: every ledger's facts, the archive's rows, its totals. */
import type { AnyStream } from "../../domain/streams.ts";
import type { System } from "../../local/system.ts";
import { type Duck, duckCounts, duckOver } from "../oracle/duck.ts";
import { warehouseOf } from "../sim/runs.ts";
import type { Held } from "./held.ts";

/** Every ledger that the warehouse knows, but for those of who left. */
export async function ledgerNames(system: System): Promise<string[]> {
  const warehouse = await warehouseOf(system);
  const { results } = await warehouse
    .prepare(
      `SELECT name FROM ledger WHERE name NOT IN (SELECT ledger FROM forgotten_ledger) ORDER BY name`,
    )
    .all<{ name: string }>();
  return results.map(({ name }) => name);
}

export async function heldBy({ runtime }: System, ledger: string): Promise<Held> {
  const edge = await runtime.mf.getWorker("singlet-edge");
  const answer = await edge.fetch(`http://crash/__held?ledger=${encodeURIComponent(ledger)}`);
  if (answer.status !== 200) throw new Error(`${ledger} shows nothing: ${answer.status}`);
  return (await answer.json()) as Held;
}

/** "period key measure" → exact total; what is zero is not there. */
export async function settledTotals(
  system: System,
  { name, rules }: AnyStream,
): Promise<ReadonlyMap<string, number>> {
  const warehouse = await warehouseOf(system);
  const { results } = await warehouse
    .prepare("SELECT measure, key, period, n FROM total WHERE stream = ? AND rules = ? AND n <> 0")
    .bind(name, rules.version)
    .all<{ measure: string; key: string; period: string; n: number }>();
  return new Map(results.map(({ measure, key, period, n }) => [`${period} ${key} ${measure}`, n]));
}

export interface Archived {
  /** As `rowOf` names them: one a published (identity, day). */
  readonly rows: readonly string[];
  readonly totals: ReadonlyMap<string, number>;
}

/** An identity on a day, as its ledger and the archive have to agree about it; null: it is gone. */
export const rowOf = (day: string, id: string, revision: number, body: object | null): string =>
  `${day} ${id} ${revision} ${body === null ? "is gone" : textOf(body)}`;

/** The same fields are the same text, whatever order they are written in. */
export const textOf = (body: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(body).sort(([a], [b]) => (a < b ? -1 : 1))));

/** By DuckDB, from the copied files alone. */
export async function archivedIn(folder: string, stream: AnyStream): Promise<Archived> {
  const duck = await duckOver(folder, stream);
  try {
    return { rows: await rowsOf(duck), totals: (await duckCounts(duck, stream)).totals };
  } finally {
    duck.end();
  }
}

async function rowsOf(duck: Duck): Promise<string[]> {
  const rows = await duck.ask(
    "SELECT id, revision, body, split_part(filename, '/', -3) AS day FROM facts",
  );
  return rows.map(({ id, revision, body, day }) =>
    rowOf(
      String(day),
      String(id),
      Number(revision),
      body === null ? null : JSON.parse(String(body)),
    ),
  );
}
