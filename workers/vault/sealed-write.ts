/**
 * The one statement that writes a sealed row, guarded: it lands only while the member lives under the
 * key it was sealed with, the connection has not ended, nothing in it is retracted, and the group is
 * still the one that was read. Rows are written each by itself, or all together or none.
 */
import { sealBytes } from "./cell.ts";
import type { Bytes } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { wordsGroup } from "./groups.ts";
import { type Columns, revisionsOf, type Under } from "./sealed-merge.ts";
import { type Kept, keepBytes, tidyObjects } from "./sealed-object.ts";

export interface Write {
  readonly under: Under;
  readonly row: string;
  readonly group: string;
  /** The version that was read, 0: nothing was there. */
  readonly over: number;
  readonly version: number;
  readonly columns: Columns;
  /** Null: every column is empty. */
  readonly plaintext: Bytes | null;
  /** What must be so of the row's other groups. Absent: nothing. */
  readonly beside?: Beside;
}
/** The version that the row's words have, 0: there are none; and groups that are not there. */
export interface Beside {
  readonly words?: number;
  readonly absent?: readonly string[];
}
/** A group as it was read, 0: not there. */
export interface SeenVersion {
  readonly row: string;
  readonly group: string;
  readonly version: number;
}

/** Of the member ?1, their generation ?2 and the connection ?3. */
export const mayBeSealed = `EXISTS (SELECT 1 FROM member
    WHERE id = ?1 AND erased_at IS NULL AND key_id = ?2)
  AND NOT EXISTS (SELECT 1 FROM ended_connection WHERE member = ?1 AND connection = ?3)`;

/** A version never comes again, not even for a row that went and came back: the clock is in it. */
export const versionAfter = (version: number, nowMs: number): number =>
  Math.max(version + 1, nowMs);

/** In an upsert: every key that sealed what is there, and every one of what comes. */
export const bothKeys = `(SELECT json_group_array(value) FROM (
  SELECT value FROM json_each(sealed.keys) UNION SELECT value FROM json_each(excluded.keys)))`;

/** Each lands by itself, in their order; says which did. */
export const writeEach = (
  vault: Vault,
  writes: readonly Write[],
  nowMs: number,
): Promise<boolean[]> =>
  writeAll(vault, writes, nowMs, ({ beside }) => ({ condition: isBeside, value: beside ?? null }));

const isBeside = `(?15 ->> 'words' IS NULL OR ?15 ->> 'words' = coalesce((SELECT version FROM sealed
    WHERE member = ?1 AND row_id = ?5 AND group_name = '${wordsGroup}'), 0))
  AND NOT EXISTS (SELECT 1 FROM json_each(?15, '$.absent') AS a
    JOIN sealed AS o ON o.member = ?1 AND o.row_id = ?5 AND o.group_name = a.value)`;

/**
 * All of one member's or none of them, and none unless what was only looked at is as it was seen. The
 * first one looks at everything; the others land where the first one did, in the same batch.
 */
export async function writeTogether(
  vault: Vault,
  writes: readonly Write[],
  seen: readonly SeenVersion[],
  nowMs: number,
): Promise<boolean> {
  const [first] = writes;
  if (first === undefined) return true;
  const whole = {
    seen: [...writes.map((one) => ({ ...one, version: one.over })), ...seen].map(
      ({ row, group, version }) => [row, group, version],
    ),
    written: writes.map(({ row, columns }) => [row, Math.min(...revisionsOf(columns))]),
    connections: writes.map(({ under }) => under.connection),
  };
  const { row, group, version } = first;
  const withFirst = { row, group, version, columns: JSON.stringify(first.columns) };
  const landed = await writeAll(vault, writes, nowMs, (one) =>
    one === first
      ? { condition: isAsSeen, value: whole }
      : { condition: isWithFirst, value: withFirst },
  );
  return landed[0] === true;
}

/** Of the member ?1, by ?15. */
const isAsSeen = `NOT EXISTS (SELECT 1 FROM json_each(?15, '$.seen') AS s
    WHERE s.value ->> 2 <> coalesce((SELECT version FROM sealed WHERE member = ?1
      AND row_id = s.value ->> 0 AND group_name = s.value ->> 1), 0))
  AND NOT EXISTS (SELECT 1 FROM json_each(?15, '$.written') AS w
    JOIN retraction AS r ON r.member = ?1 AND r.row_id = w.value ->> 0
      AND r.revision >= w.value ->> 1)
  AND NOT EXISTS (SELECT 1 FROM json_each(?15, '$.connections') AS c
    JOIN ended_connection AS e ON e.member = ?1 AND e.connection = c.value)`;
const isWithFirst = `EXISTS (SELECT 1 FROM sealed WHERE member = ?1
  AND row_id = ?15 ->> 'row' AND group_name = ?15 ->> 'group'
  AND version = ?15 ->> 'version' AND columns = ?15 ->> 'columns')`;

interface Also {
  readonly condition: string;
  readonly value: unknown;
}

/**
 * 1. all is sealed, large values are written as     listed objects that the sweep destroys
 *    objects, listed
 * 2. one batch writes the rows                      durable
 * 3. objects that lost their row are destroyed      the sweep destroys them
 */
async function writeAll(
  vault: Vault,
  writes: readonly Write[],
  nowMs: number,
  also: (write: Write) => Also,
): Promise<boolean[]> {
  const [first] = writes;
  if (first === undefined) return [];
  const { phi } = vault;
  const { member } = first.under;
  const sealed = await Promise.all(
    writes.map(({ under, row, group, plaintext }) =>
      plaintext === null
        ? null
        : sealBytes(vault, under.key, { table: "sealed", member, column: group, row }, plaintext),
    ),
  );
  const full = sealed.filter((bytes) => bytes !== null);
  const kept = await keepBytes(vault, full, nowMs);
  const keptOf = new Map(full.map((bytes, i) => [bytes, kept[i]]));
  const places = JSON.stringify(writes.map(({ row, group }) => ({ row, group })));
  // Where nothing lay there is no object to let go of.
  const lettingGo = writes.every(({ over }) => over === 0)
    ? []
    : [
        phi
          .prepare(`INSERT OR IGNORE INTO orphan (object, since) SELECT object, ?3 ${objectsAt}`)
          .bind(member, places, nowMs),
        phi.prepare(`SELECT object ${objectsAt}`).bind(member, places),
      ];
  const results = await phi.batch<{ object: string }>([
    ...lettingGo,
    ...writes.map((one, i) => {
      const bytes = sealed[i] ?? null;
      const to = bytes === null ? undefined : keptOf.get(bytes);
      return upsert(phi, one, bytes?.length ?? 0, to, also(one));
    }),
  ]);
  const looks = results.slice(0, lettingGo.length);
  const replaced = looks.flatMap((look) => look.results.map((row) => row.object));
  await tidyObjects(vault, [...replaced, ...kept.flatMap((k) => k.object ?? [])]);
  return results.slice(lettingGo.length).map(({ meta }) => meta.changes === 1);
}

const objectsAt = `FROM json_each(?2) AS cell
  JOIN sealed ON sealed.member = ?1 AND sealed.row_id = cell.value ->> 'row'
    AND sealed.group_name = cell.value ->> 'group'
  WHERE sealed.object IS NOT NULL`;

const upsert = (
  phi: D1Database,
  { under, row, group, over, version, columns }: Write,
  bytes: number,
  kept: Kept | undefined,
  { condition, value }: Also,
): D1PreparedStatement =>
  phi
    .prepare(
      `INSERT INTO sealed (member, key_id, keys, connection, row_id, group_name, version, revision,
         columns, bytes, body, object)
       SELECT ?1, ?4, json_array(?4), ?3, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12
       WHERE ${mayBeSealed}
         AND NOT EXISTS (SELECT 1 FROM retraction
           WHERE member = ?1 AND row_id = ?5 AND revision >= ?13)
         AND ?14 = coalesce((SELECT version FROM sealed
           WHERE member = ?1 AND row_id = ?5 AND group_name = ?6), 0)
         AND ${condition}
       ON CONFLICT (member, row_id, group_name) DO UPDATE SET
         key_id = excluded.key_id, keys = ${bothKeys},
         connection = excluded.connection, version = excluded.version,
         revision = excluded.revision, columns = excluded.columns, bytes = excluded.bytes,
         body = excluded.body, object = excluded.object`,
    )
    .bind(
      ...[under.member, under.generation, under.connection, under.key.id, row, group],
      ...[version, Math.max(...revisionsOf(columns)), JSON.stringify(columns), bytes],
      ...[kept?.body ?? null, kept?.object ?? null, Math.min(...revisionsOf(columns)), over],
      value === null ? null : JSON.stringify(value),
    );
