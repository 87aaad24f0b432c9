/**
 * Writing sealed rows. Every write is one guarded statement: it lands only while the member lives
 * under the key it was sealed with, only above what was retracted, and never under a greater
 * revision. So writing again, late or twice changes nothing, and an erased member gains nothing.
 */
import type { SealedRow, SealOutcome } from "../../domain/ports.ts";
import type { Retraction } from "../../domain/stream.ts";
import { digestText, type Place, sealText } from "./cell.ts";
import type { Vault } from "./env.ts";
import type { DataKey } from "./keyring.ts";
import { type Kept, keepBytes, tidyObjects } from "./sealed-object.ts";

const cellsPerBatchMax = 100;
const charsPerBatchMax = 1_048_576;

interface Cell {
  readonly row: string;
  readonly column: string;
  readonly revision: number;
  readonly value: string | null;
}
interface PlannedCell extends Cell {
  readonly digest: string;
}
/** A member's key as it was when the work began. */
export interface Under {
  readonly member: string;
  readonly generation: string;
  readonly connection: string;
  readonly key: DataKey;
}

/** The key to seal with; null when the member is unknown or erased. */
export async function underKey(
  vault: Vault,
  member: string,
  connection: string,
  nowMs: number,
): Promise<Under | null> {
  const generation = await generationOf(vault.phi, member).first<string>("key_id");
  return under(vault, member, connection, generation, nowMs);
}

const generationOf = (phi: D1Database, member: string): D1PreparedStatement =>
  phi.prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL").bind(member);

async function under(
  vault: Vault,
  member: string,
  connection: string,
  generation: string | null,
  nowMs: number,
): Promise<Under | null> {
  if (generation === null) return null;
  const key = await vault.keyring.dataKey({ member, generation, connection }, nowMs);
  return key === null ? null : { member, generation, connection, key };
}

/**
 * 1. what is there is read, the key is found or made  nothing is kept yet
 * 2. large values are written as objects, listed      listed objects that the sweep destroys
 * 3. one batch writes the rows, each guarded          durable; said again, it writes nothing
 * 4. objects that lost their row are destroyed        the sweep destroys them
 */
export async function sealRows(
  vault: Vault,
  member: string,
  connection: string,
  rows: readonly SealedRow[],
  nowMs: number,
): Promise<SealOutcome> {
  for (const cells of chunked(rows)) {
    const [living, there] = await vault.phi.batch<HeldCell & { key_id: string }>([
      generationOf(vault.phi, member),
      heldCells(vault.phi, member, cells),
    ]);
    const generation = living?.results[0]?.key_id ?? null;
    const now = await under(vault, member, connection, generation, nowMs);
    if (now === null) return "forgotten";
    const planned = await plan(vault, now, cells, there?.results ?? []);
    if (planned.length > 0 && !(await write(vault, now, planned, nowMs))) return "forgotten";
  }
  return "sealed";
}

function* chunked(rows: readonly SealedRow[]): Generator<Cell[]> {
  let chunk: Cell[] = [];
  let chars = 0;
  for (const { row, revision, columns } of rows)
    for (const [column, value] of Object.entries(columns)) {
      const length = value?.length ?? 0;
      if (
        chunk.length >= cellsPerBatchMax ||
        (chunk.length > 0 && chars + length > charsPerBatchMax)
      ) {
        yield chunk;
        chunk = [];
        chars = 0;
      }
      chunk.push({ row, column, revision, value });
      chars += length;
    }
  if (chunk.length > 0) yield chunk;
}

interface HeldCell {
  readonly row_id: string;
  readonly column_name: string;
  readonly revision: number;
  readonly digest: string;
}

const heldCells = (phi: D1Database, member: string, cells: readonly Cell[]): D1PreparedStatement =>
  phi
    .prepare(
      `SELECT row_id, column_name, revision, digest FROM sealed
       WHERE member = ? AND row_id IN (SELECT value FROM json_each(?))`,
    )
    .bind(member, JSON.stringify([...new Set(cells.map((cell) => cell.row))]));

/** Leaves out what is already there or older than what is: it need not be encrypted again. */
async function plan(
  vault: Vault,
  under: Under,
  cells: readonly Cell[],
  there: readonly HeldCell[],
): Promise<PlannedCell[]> {
  const held = new Map(there.map((r) => [JSON.stringify([r.row_id, r.column_name]), r]));
  const planned = await Promise.all(
    cells.map(async (cell) => {
      const before = held.get(JSON.stringify([cell.row, cell.column]));
      if (before !== undefined && before.revision > cell.revision) return [];
      const digest =
        cell.value === null
          ? ""
          : await digestText(vault, under.key, placeOf(under, cell), cell.value);
      if (before?.revision === cell.revision && before.digest === digest) return [];
      return [{ ...cell, digest }];
    }),
  );
  return planned.flat();
}

const placeOf = (under: Under, cell: Cell): Place => ({
  table: "sealed",
  member: under.member,
  column: cell.column,
  row: cell.row,
});

/** False when the member was erased meanwhile. */
async function write(
  vault: Vault,
  under: Under,
  cells: readonly PlannedCell[],
  nowMs: number,
): Promise<boolean> {
  const full = cells.filter((cell) => cell.value !== null);
  const sealed = await Promise.all(
    full.map((cell) => sealText(vault, under.key, placeOf(under, cell), cell.value ?? "")),
  );
  const kept = await keepBytes(vault, sealed, nowMs);
  const keptOf = new Map(
    full.map((cell, i) => [cell, { kept: kept[i], bytes: sealed[i]?.length }]),
  );
  const places = JSON.stringify(cells.map(({ row, column }) => ({ row, column })));
  const { phi } = vault;
  const results = await phi.batch<{ object: string }>([
    phi.prepare(`SELECT object ${objectsAt}`).bind(under.member, places),
    phi
      .prepare(`INSERT OR IGNORE INTO orphan (object, since) SELECT object, ?3 ${objectsAt}`)
      .bind(under.member, places, nowMs),
    ...cells.map((cell) => {
      const { kept: to, bytes = 0 } = keptOf.get(cell) ?? {};
      return upsert(phi, under, cell, bytes, to);
    }),
    phi
      .prepare("SELECT id AS object FROM member WHERE id = ? AND erased_at IS NULL AND key_id = ?")
      .bind(under.member, under.generation),
  ]);
  const replaced = (results[0]?.results ?? []).map((row) => row.object);
  await tidyObjects(vault, [...replaced, ...kept.flatMap((k) => k.object ?? [])]);
  return (results.at(-1)?.results.length ?? 0) > 0;
}

const objectsAt = `FROM json_each(?2) AS cell
  JOIN sealed ON sealed.member = ?1 AND sealed.row_id = cell.value ->> 'row'
    AND sealed.column_name = cell.value ->> 'column'
  WHERE sealed.object IS NOT NULL`;

const upsert = (
  phi: D1Database,
  under: Under,
  cell: PlannedCell,
  bytes: number,
  kept: Kept | undefined,
): D1PreparedStatement =>
  phi
    .prepare(
      `INSERT INTO sealed (member, row_id, column_name, revision, digest, key_id, connection,
         bytes, body, object)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10
       WHERE EXISTS (SELECT 1 FROM member
           WHERE id = ?1 AND erased_at IS NULL AND key_id = ?11)
         AND NOT EXISTS (SELECT 1 FROM retraction
           WHERE member = ?1 AND row_id = ?2 AND revision >= ?4)
       ON CONFLICT (member, row_id, column_name) DO UPDATE SET
         revision = excluded.revision, digest = excluded.digest, key_id = excluded.key_id,
         connection = excluded.connection, bytes = excluded.bytes, body = excluded.body,
         object = excluded.object
       WHERE excluded.revision >= sealed.revision`,
    )
    .bind(
      under.member,
      cell.row,
      cell.column,
      cell.revision,
      cell.digest,
      under.key.id,
      under.connection,
      bytes,
      kept?.body ?? null,
      kept?.object ?? null,
      under.generation,
    );

/** Remembers the greatest revision of each retraction and deletes every column up to it. */
export async function retractRows(
  vault: Vault,
  member: string,
  rows: readonly Retraction[],
  nowMs: number,
): Promise<void> {
  if (rows.length === 0) return;
  const { phi } = vault;
  const asked = JSON.stringify(rows.map(({ id, revision }) => ({ id, revision })));
  const results = await phi.batch<{ object: string }>([
    phi
      .prepare(
        `INSERT INTO retraction (member, row_id, revision)
         SELECT ?1, value ->> 'id', value ->> 'revision' FROM json_each(?2)
         WHERE EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
         ON CONFLICT (member, row_id) DO UPDATE SET revision = excluded.revision
         WHERE excluded.revision > retraction.revision`,
      )
      .bind(member, asked),
    phi
      .prepare(`SELECT object FROM sealed ${retracted} AND object IS NOT NULL`)
      .bind(member, asked),
    phi
      .prepare(
        `INSERT OR IGNORE INTO orphan (object, since)
         SELECT object, ?3 FROM sealed ${retracted} AND object IS NOT NULL`,
      )
      .bind(member, asked, nowMs),
    phi.prepare(`DELETE FROM sealed ${retracted}`).bind(member, asked),
  ]);
  await tidyObjects(
    vault,
    (results[1]?.results ?? []).map((row) => row.object),
  );
}

const retracted = `WHERE sealed.member = ?1
  AND sealed.row_id IN (SELECT value ->> 'id' FROM json_each(?2))
  AND sealed.revision <= (SELECT retraction.revision FROM retraction
    WHERE retraction.member = sealed.member AND retraction.row_id = sealed.row_id)`;
