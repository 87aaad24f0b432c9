/**
 * A restore's fifth part: rows of the old copy that nothing opens any more, because their data key
 * was destroyed since or their object was replaced. They would be asked for in vain for ever.
 */
import type { Vault } from "./env.ts";
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

export async function dropLost(vault: Vault, cursor: string): Promise<Stepped> {
  const cells = await cellsAfter(vault, cursor);
  const opened = await keysOf(vault, [...new Set(cells.map(({ member }) => member))]);
  const isThere = await Promise.all(
    cells.map(async ({ member, keyId, object, bytes }) => {
      if (bytes > 0 && !opened.has(nameOf(member, keyId))) return false;
      return object === null || (await vault.objects.head(object)) !== null;
    }),
  );
  const lost = cells.filter((_, i) => !isThere[i]);
  if (lost.length > 0) await vault.phi.batch(lost.map((cell) => deletion(vault.phi, cell)));
  const last = cells.at(-1);
  const next =
    last === undefined ? null : JSON.stringify([last.table, last.member, last.row, last.group]);
  return { count: lost.length, next };
}

const nameOf = (member: string, keyId: string): string => JSON.stringify([member, keyId]);

/** Sealed rows first, then what is parked; of members who live. */
async function cellsAfter({ phi }: Vault, cursor: string): Promise<Cell[]> {
  const [table, member, row, group] =
    cursor === "" ? ["sealed", "", "", ""] : (JSON.parse(cursor) as string[]);
  if (table === "sealed") {
    const { results } = await phi
      .prepare(
        `SELECT 'sealed' AS "table", member, row_id AS row, group_name AS "group",
           key_id AS keyId, object, bytes FROM sealed
         WHERE (member, row_id, group_name) > (?, ?, ?)
         ORDER BY member, row_id, group_name LIMIT ?`,
      )
      .bind(member ?? "", row ?? "", group ?? "", rowsPerStep)
      .all<Cell>();
    if (results.length > 0) return results;
  }
  const { results } = await phi
    .prepare(
      `SELECT 'parked' AS "table", member, id AS row, '' AS "group", key_id AS keyId, object,
         1 AS bytes FROM parked WHERE id > ? ORDER BY id LIMIT ?`,
    )
    .bind(table === "parked" ? (row ?? "") : "", rowsPerStep)
    .all<Cell>();
  return results;
}

/** Of the generation that the member's row names. */
async function keysOf({ phi, keyring }: Vault, members: readonly string[]): Promise<Set<string>> {
  const asked = JSON.stringify(members);
  const { results: rows } = await phi
    .prepare(
      `SELECT id, key_id FROM member
       WHERE id IN (SELECT value FROM json_each(?)) AND erased_at IS NULL`,
    )
    .bind(asked)
    .all<{ id: string; key_id: string }>();
  const generation = new Map(rows.map((row) => [row.id, row.key_id]));
  const { results } = await keyring.database
    .prepare(
      `SELECT member, generation, key_id FROM data_key
       WHERE member IN (SELECT value FROM json_each(?))`,
    )
    .bind(asked)
    .all<{ member: string; generation: string; key_id: string }>();
  return new Set(
    results
      .filter((row) => generation.get(row.member) === row.generation)
      .map((row) => nameOf(row.member, row.key_id)),
  );
}

/** If it is still the one that was looked at. */
const deletion = (phi: D1Database, cell: Cell): D1PreparedStatement =>
  cell.table === "sealed"
    ? phi
        .prepare(
          `DELETE FROM sealed WHERE member = ? AND row_id = ? AND group_name = ? AND key_id = ?
             AND object IS ?`,
        )
        .bind(cell.member, cell.row, cell.group, cell.keyId, cell.object)
    : phi
        .prepare("DELETE FROM parked WHERE id = ? AND key_id = ? AND object IS ?")
        .bind(cell.row, cell.keyId, cell.object);
