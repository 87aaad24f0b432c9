/**
 * What outlived an erasure of less than a member, as it is copied and put back: ciphertext and what
 * is open beside it, never opened here. A large value stays where it is, the copy names its object.
 */
import type { Page } from "../../domain/ports.ts";
import { fromHex } from "./cell.ts";
import type { Vault } from "./env.ts";
import { tidyObjects } from "./sealed-object.ts";
import { bothKeys } from "./sealed-write.ts";

interface SealedSurvivor {
  readonly table: "sealed";
  readonly member: string;
  readonly row: string;
  readonly group: string;
  readonly version: number;
  readonly revision: number;
  /** As the database has them: JSON. */
  readonly columns: string;
  readonly keyId: string;
  /** As the database has them: JSON. */
  readonly keys: string;
  readonly connection: string;
  readonly bytes: number;
  /** The sealed body in hexadecimal; null when it is an object, or empty. */
  readonly hex: string | null;
  readonly object: string | null;
}
interface ParkedSurvivor {
  readonly table: "parked";
  readonly id: string;
  readonly member: string;
  readonly connection: string;
  readonly provider: string;
  readonly reason: string;
  readonly atMs: number;
  readonly keyId: string;
  readonly hex: string | null;
  readonly object: string | null;
}
/** Can be written down as JSON and read back. */
export type Survivor = SealedSurvivor | ParkedSurvivor;

const rowsPerBatchMax = 100;

/** What is sealed under a key, in order, after `after`: first the rows, then what is parked. */
export async function sealedUnder(
  { phi }: Vault,
  member: string,
  keyId: string,
  after: string | null,
  limit: number,
): Promise<Page<Survivor>> {
  const place = after === null ? ["sealed", "", ""] : (JSON.parse(after) as string[]);
  const [table, row = "", group = ""] = place;
  const items: Survivor[] = [];
  if (table === "sealed") {
    const { results } = await phi
      .prepare(
        `SELECT 'sealed' AS "table", member, row_id AS row, group_name AS "group", version,
           revision, columns, key_id AS keyId, keys, connection, bytes,
           CASE WHEN body IS NOT NULL THEN hex(body) END AS hex, object
         FROM sealed WHERE member = ?1 AND key_id = ?2 AND (row_id, group_name) > (?3, ?4)
         ORDER BY row_id, group_name LIMIT ?5`,
      )
      .bind(member, keyId, row, group, limit)
      .all<SealedSurvivor>();
    items.push(...results);
  }
  const left = limit - items.length;
  if (left > 0) {
    const { results } = await phi
      .prepare(
        `SELECT 'parked' AS "table", id, member, connection, provider, reason, at AS atMs,
           key_id AS keyId, CASE WHEN body IS NOT NULL THEN hex(body) END AS hex, object
         FROM parked WHERE member = ?1 AND key_id = ?2 AND id > ?3 ORDER BY id LIMIT ?4`,
      )
      .bind(member, keyId, table === "parked" ? row : "", left)
      .all<ParkedSurvivor>();
    items.push(...results);
  }
  const last = items.at(-1);
  if (items.length < limit || last === undefined) return { items, next: null };
  const next = last.table === "sealed" ? ["sealed", last.row, last.group] : ["parked", last.id];
  return { items, next: JSON.stringify(next) };
}

/**
 * Puts survivors back where they are missing, or where an older copy of them lies under another key;
 * never what is retracted since, nor for an ended connection or an erased member. Returns how many.
 * Putting back again changes nothing.
 */
export async function putBack(
  vault: Vault,
  rows: readonly Survivor[],
  nowMs: number,
): Promise<number> {
  let count = 0;
  for (let at = 0; at < rows.length; at += rowsPerBatchMax)
    count += await putBackSome(vault, rows.slice(at, at + rowsPerBatchMax), nowMs);
  return count;
}

async function putBackSome(
  vault: Vault,
  rows: readonly Survivor[],
  nowMs: number,
): Promise<number> {
  const { phi } = vault;
  const places = JSON.stringify(
    rows.flatMap((one) => (one.table === "sealed" ? [[one.member, one.row, one.group]] : [])),
  );
  const results = await phi.batch<{ object: string }>([
    phi.prepare(`SELECT sealed.object ${objectsAt}`).bind(places),
    phi
      .prepare(`INSERT OR IGNORE INTO orphan (object, since) SELECT sealed.object, ?2 ${objectsAt}`)
      .bind(places, nowMs),
    ...rows.map((row) => (row.table === "sealed" ? sealedBack(phi, row) : parkedBack(phi, row))),
  ]);
  await tidyObjects(
    vault,
    (results[0]?.results ?? []).map((row) => row.object),
  );
  return results.slice(2).reduce((n, result) => n + result.meta.changes, 0);
}

const objectsAt = `FROM json_each(?1) AS place
  JOIN sealed ON sealed.member = place.value ->> 0 AND sealed.row_id = place.value ->> 1
    AND sealed.group_name = place.value ->> 2
  WHERE sealed.object IS NOT NULL`;

/** Of the member ?1 and the connection ?2. */
const isWelcome = `EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
  AND NOT EXISTS (SELECT 1 FROM ended_connection WHERE member = ?1 AND connection = ?2)`;

const bodyOf = ({ hex }: Survivor) => (hex === null ? null : fromHex(hex));

const sealedBack = (phi: D1Database, row: SealedSurvivor): D1PreparedStatement =>
  phi
    .prepare(
      `INSERT INTO sealed (member, connection, row_id, group_name, version, revision, columns,
         key_id, keys, bytes, body, object)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
       WHERE ${isWelcome} AND NOT EXISTS (SELECT 1 FROM retraction
         WHERE member = ?1 AND row_id = ?3 AND revision >= ?6)
       ON CONFLICT (member, row_id, group_name) DO UPDATE SET
         connection = excluded.connection, version = excluded.version,
         revision = excluded.revision, columns = excluded.columns, key_id = excluded.key_id,
         keys = ${bothKeys},
         bytes = excluded.bytes, body = excluded.body, object = excluded.object
       WHERE sealed.key_id <> excluded.key_id AND sealed.version < excluded.version`,
    )
    .bind(
      ...[row.member, row.connection, row.row, row.group, row.version, row.revision],
      ...[row.columns, row.keyId, row.keys, row.bytes, bodyOf(row), row.object],
    );

const parkedBack = (phi: D1Database, row: ParkedSurvivor): D1PreparedStatement =>
  phi
    .prepare(
      `INSERT OR IGNORE INTO parked (member, connection, id, provider, reason, at, key_id, body,
         object)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9 WHERE ${isWelcome}`,
    )
    .bind(
      ...[row.member, row.connection, row.id, row.provider, row.reason, row.atMs, row.keyId],
      ...[bodyOf(row), row.object],
    );
