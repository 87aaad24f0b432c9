/**
 * A restore's fifth part: rows of the old copy that nothing opens any more, because their data key
 * was destroyed since or their object was replaced. They would be asked for in vain for ever.
 */
import type { Vault } from "./env.ts";
import { privacyRow } from "./privacy.ts";
import { keysRemembered } from "./reseal.ts";
import type { Stepped } from "./restore.ts";

const rowsPerStep = 200;

interface Cell {
  readonly table: "sealed" | "parked";
  readonly member: string;
  readonly row: string;
  readonly group: string;
  readonly keyId: string;
  readonly object: string | null;
  readonly bytes: number;
}

/**
 * Only of members whose named generation is there, and only while it is still the named one: a key
 * that is replaced meanwhile, or cannot be found for now, costs nothing.
 *
 * 1. rows, generations and keys are read           nothing is changed
 * 2. lost rows go, their objects listed as         durable; said again, they are gone
 *    orphans, lost privacy zones noted, in one
 *    batch
 */
export async function dropLost(vault: Vault, cursor: string, nowMs: number): Promise<Stepped> {
  const cells = await cellsAfter(vault, cursor);
  const named = await generationsOf(vault, [...new Set(cells.map(({ member }) => member))]);
  const opened = await keysOf(vault, named);
  const isThere = await Promise.all(
    cells.map(async ({ member, keyId, object, bytes }) => {
      if (bytes > 0 && !opened.has(nameOf(member, keyId))) return false;
      return object === null || (await vault.objects.head(object)) !== null;
    }),
  );
  const lost = cells.filter((_, i) => !isThere[i]);
  const batch = lost.flatMap((cell) => going(vault.phi, cell, named.get(cell.member) ?? "", nowMs));
  const results = batch.length === 0 ? [] : await vault.phi.batch(batch.map(({ run }) => run));
  const count = batch.reduce(
    (n, { isDeletion }, i) => n + (isDeletion ? changesOf(results[i]) : 0),
    0,
  );
  const last = cells.at(-1);
  const next =
    last === undefined ? null : JSON.stringify([last.table, last.member, last.row, last.group]);
  return { count, next };
}

const changesOf = (result: D1Result | undefined): number => result?.meta.changes ?? 0;

const nameOf = (member: string, keyId: string): string => JSON.stringify([member, keyId]);

const isLiving = (table: Cell["table"]): string =>
  `EXISTS (SELECT 1 FROM member AS m WHERE m.id = ${table}.member AND m.erased_at IS NULL)`;

/** Sealed rows first, then what is parked; of members who live. */
async function cellsAfter({ phi }: Vault, cursor: string): Promise<Cell[]> {
  const [table, member, row, group] =
    cursor === "" ? ["sealed", "", "", ""] : (JSON.parse(cursor) as string[]);
  if (table === "sealed") {
    const { results } = await phi
      .prepare(
        `SELECT 'sealed' AS "table", member, row_id AS row, group_name AS "group",
           key_id AS keyId, object, bytes FROM sealed
         WHERE (member, row_id, group_name) > (?, ?, ?) AND ${isLiving("sealed")}
         ORDER BY member, row_id, group_name LIMIT ?`,
      )
      .bind(member ?? "", row ?? "", group ?? "", rowsPerStep)
      .all<Cell>();
    if (results.length > 0) return results;
  }
  const { results } = await phi
    .prepare(
      `SELECT 'parked' AS "table", member, id AS row, '' AS "group", key_id AS keyId, object,
         1 AS bytes FROM parked WHERE id > ? AND ${isLiving("parked")} ORDER BY id LIMIT ?`,
    )
    .bind(table === "parked" ? (row ?? "") : "", rowsPerStep)
    .all<Cell>();
  return results;
}

/** Member → the generation that their row names. Throws when one of them is not there. */
async function generationsOf(
  { phi, keyring }: Vault,
  members: readonly string[],
): Promise<Map<string, string>> {
  const { results: rows } = await phi
    .prepare(
      `SELECT id, key_id FROM member
       WHERE id IN (SELECT value FROM json_each(?)) AND erased_at IS NULL`,
    )
    .bind(JSON.stringify(members))
    .all<{ id: string; key_id: string }>();
  const { results: missing } = await keyring.database
    .prepare(
      `SELECT 1 FROM json_each(?) AS named WHERE NOT EXISTS (SELECT 1 FROM member_key
         WHERE member = named.value ->> 'id' AND key_id = named.value ->> 'key_id')`,
    )
    .bind(JSON.stringify(rows))
    .all();
  if (missing.length > 0) throw new Error("a member's key is not there: nothing is deleted");
  return new Map(rows.map((row) => [row.id, row.key_id]));
}

async function keysOf(
  { keyring }: Vault,
  named: ReadonlyMap<string, string>,
): Promise<Set<string>> {
  const { results } = await keyring.database
    .prepare(
      `SELECT member, generation, key_id FROM data_key
       WHERE member IN (SELECT value FROM json_each(?))`,
    )
    .bind(JSON.stringify([...named.keys()]))
    .all<{ member: string; generation: string; key_id: string }>();
  return new Set(
    results
      .filter((row) => named.get(row.member) === row.generation)
      .map((row) => nameOf(row.member, row.key_id)),
  );
}

interface Going {
  readonly run: D1PreparedStatement;
  readonly isDeletion: boolean;
}

/** If it is still the one that was looked at, in the generation that was. */
function going(phi: D1Database, cell: Cell, generation: string, nowMs: number): Going[] {
  const { table, member, row, group, keyId, object } = cell;
  const place = table === "sealed" ? "row_id = ?2 AND group_name = ?3" : "id = ?2 AND '' = ?3";
  const same = `member = ?1 AND ${place} AND key_id = ?4 AND object IS ?5
    AND EXISTS (SELECT 1 FROM member AS m WHERE m.id = ?1 AND m.key_id = ?6)`;
  const of = [member, row, group, keyId, object, generation];
  const beside = [
    ...(object === null
      ? []
      : [
          phi
            .prepare(
              `INSERT OR IGNORE INTO orphan (object, since)
               SELECT object, ?7 FROM ${table} WHERE ${same}`,
            )
            .bind(...of, nowMs),
        ]),
    ...(table === "sealed" && row === privacyRow
      ? [
          phi
            .prepare(
              `UPDATE member SET zones_lost = 1
               WHERE id = ?1 AND EXISTS (SELECT 1 FROM sealed WHERE ${same})`,
            )
            .bind(...of),
        ]
      : []),
  ];
  if (table === "sealed") beside.push(phi.prepare(keysRemembered(same)).bind(...of));
  const deletion = phi.prepare(`DELETE FROM ${table} WHERE ${same}`).bind(...of);
  return [
    ...beside.map((run) => ({ run, isDeletion: false })),
    { run: deletion, isDeletion: true },
  ];
}
