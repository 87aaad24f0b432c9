/**
 * What the platform bills of a run over the stand-ins. Rows written in D1, as it counts them: one for
 * each row that is written, changed or deleted; one more for each index that a written row is in, or
 * that one of its changed columns is in. Class A and B of R2; deleting there is free.
 */
import type { DatabaseSync } from "node:sqlite";
import type { R2Call } from "./memory-r2.ts";

export interface Units {
  /** By table. */
  readonly rows: Record<string, number>;
  /** Puts and lists; gets and heads. */
  readonly operations: { a: number; b: number };
}

export const noUnits = (): Units => ({ rows: {}, operations: { a: 0, b: 0 } });

export function countCall({ operations }: Units, call: R2Call): void {
  if (call === "put" || call === "list") operations.a++;
  if (call === "get" || call === "head") operations.b++;
}

interface Index {
  readonly columns: readonly string[];
  /** Its condition, over NEW; "true" for all rows. */
  readonly where: string;
}

/** From now on, in this database; triggers of this connection alone, which write nothing. */
export function countRows({ rows }: Units, database: DatabaseSync): void {
  database.function("billed", (table) => {
    const name = String(table);
    rows[name] = (rows[name] ?? 0) + 1;
    return null;
  });
  const tables = database
    .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .all();
  for (const { name } of tables as unknown as { name: string }[]) {
    const on = (event: string, condition: string) =>
      database.exec(
        `CREATE TEMP TRIGGER "${name} ${event} ${triggers++}" AFTER ${event} ON main."${name}"
         WHEN ${condition} BEGIN SELECT billed('${name}'); END`,
      );
    for (const event of ["INSERT", "UPDATE", "DELETE"]) on(event, "true");
    for (const { columns, where } of indexesOf(database, name)) {
      on("INSERT", where);
      on("UPDATE", columns.map((c) => `OLD."${c}" IS NOT NEW."${c}"`).join(" OR "));
    }
  }
}
let triggers = 0;

function indexesOf(database: DatabaseSync, table: string): Index[] {
  const indexes = database
    .prepare("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND tbl_name = ?")
    .all(table) as unknown as { name: string; sql: string | null }[];
  const own = indexes.filter((index) => index.sql !== null);
  return own.map(({ name, sql }) => {
    const columns = database.prepare(`PRAGMA index_info("${name}")`).all();
    const [, where] = /\bWHERE\b([\s\S]*)$/.exec(sql ?? "") ?? [];
    return {
      columns: (columns as unknown as { name: string }[]).map((column) => column.name),
      where: where?.replaceAll(/\b[a-z_]+\b/g, 'NEW."$&"') ?? "true",
    };
  });
}
