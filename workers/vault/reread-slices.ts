/**
 * The raw slices of some rows, opened, with what the database says of each of their columns in the
 * same moment: its revision, its keyed digest, and the key that digest was made with.
 */
import { Unopenable } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { columnIn, isRaw, rawColumn, wordsGroup } from "./groups.ts";
import type { DataKey } from "./keyring.ts";
import { columnsIn } from "./sealed-merge.ts";
import { fetchSealed, openCell, type SealedCell } from "./sealed-read.ts";

/** A raw slice as it came; null: it does not open, and nothing is to be made of the fact. */
export interface Slice {
  readonly column: string;
  readonly revision: number;
  readonly text: string | null;
}
export interface HeldColumn {
  readonly revision: number;
  /** Empty: the column is. */
  readonly digest: string;
  /** Undefined: it is not there any more. */
  readonly key: DataKey | undefined;
}
export interface Opened {
  /** By row; rows of which nothing raw is there are absent. */
  readonly slices: ReadonlyMap<string, readonly Slice[]>;
  /** By row, then by column. */
  readonly columns: ReadonlyMap<string, ReadonlyMap<string, HeldColumn>>;
}

interface ColumnsRow {
  readonly row_id: string;
  readonly key_id: string;
  readonly columns: string;
}

/** "too-large": not all of them can be opened at once. */
export async function openSlices(
  vault: Vault,
  member: string,
  rows: readonly string[],
  nowMs: number,
): Promise<Opened | "busy" | "forgotten" | "too-large"> {
  const wants = [{ column: rawColumn, rows, take: "all" } as const];
  const fetched = await fetchSealed(
    vault,
    { member, wants },
    (db) => [generationOf(db, member), columnsOf(db, member, rows)],
    nowMs,
  );
  if (fetched === "busy") return "busy";
  const [found] = fetched.found;
  const [living] = (fetched.alongside[0]?.results ?? []) as { generation: string }[];
  if (!fetched.living || living === undefined || found === undefined) return "forgotten";
  if (found.rest !== null) return "too-large";
  const held = (fetched.alongside[1]?.results ?? []) as ColumnsRow[];
  const ids = [...new Set(held.map(({ key_id }) => key_id))];
  const keys = await vault.keyring.dataKeys({ member, ...living }, ids, nowMs);
  const columns = byRow(held, keys);
  const slices = new Map<string, Slice[]>();
  for (const cell of found.cells) {
    const of = columns.get(cell.row) ?? new Map<string, HeldColumn>();
    const opened = await openCell(vault, member, cell).then(
      (values) => columnIn(values, rawColumn),
      orNullIfUnopenable,
    );
    const name = opened?.[0] ?? nameOfRaw(cell, of);
    const column = name === undefined ? undefined : of.get(name);
    if (name === undefined || column === undefined) continue;
    const slice = { column: name, revision: column.revision, text: opened?.[1] ?? null };
    slices.set(cell.row, [...(slices.get(cell.row) ?? []), slice]);
  }
  return { slices, columns };
}

/** Of what does not open: with the words lies the one slice that has no group of its own. */
const nameOfRaw = (
  { group }: SealedCell,
  columns: ReadonlyMap<string, HeldColumn>,
): string | undefined =>
  group === wordsGroup
    ? [...columns].find(([name, { digest }]) => isRaw(name) && digest !== "")?.[0]
    : group;

function orNullIfUnopenable(error: unknown): null {
  if (error instanceof Unopenable) return null;
  throw error;
}

const generationOf = (db: D1DatabaseSession, member: string): D1PreparedStatement =>
  db
    .prepare("SELECT key_id AS generation FROM member WHERE id = ? AND erased_at IS NULL")
    .bind(member);

const columnsOf = (
  db: D1DatabaseSession,
  member: string,
  rows: readonly string[],
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT row_id, key_id, columns FROM sealed
       WHERE member = ? AND row_id IN (SELECT value FROM json_each(?))`,
    )
    .bind(member, JSON.stringify(rows));

function byRow(
  held: readonly ColumnsRow[],
  keys: ReadonlyMap<string, DataKey>,
): Map<string, Map<string, HeldColumn>> {
  const columns = new Map<string, Map<string, HeldColumn>>();
  for (const { row_id, key_id, columns: json } of held) {
    const row = columns.get(row_id) ?? new Map<string, HeldColumn>();
    columns.set(row_id, row);
    // What is empty may have been kept with the words, before there was a group of its own.
    for (const [column, [revision, digest]] of Object.entries(columnsIn(json)))
      if (digest !== "" || !row.has(column) || (row.get(column)?.revision ?? 0) < revision)
        row.set(column, { revision, digest, key: keys.get(key_id) });
  }
  return columns;
}
