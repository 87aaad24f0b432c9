/**
 * A restore's third part: the member's row and the keys were put back to different times, or only
 * one of them was. Each member's row names a generation that exists afterwards, and is there for
 * whoever has a key. Work that a crash left in either copy is found by the hourly run.
 */
import type { Vault } from "./env.ts";
import type { Stepped } from "./restore.ts";

const membersPerStep = 200;
const lease = "restored";
/** Long ago, and unlike work that was left behind on purpose. */
const leaseUntil = 1;

interface Held {
  readonly member: string;
  readonly key_id: string;
  readonly closing: number;
  readonly made_at: number;
  readonly keys: number;
  readonly retired: number;
}
interface Named {
  readonly id: string;
  readonly key_id: string | null;
  readonly lease: string | null;
  readonly erased_at: number | null;
}

export async function nameGenerations(
  vault: Vault,
  cursor: string,
  nowMs: number,
): Promise<Stepped> {
  const ids = await membersAfter(vault, cursor);
  const asked = JSON.stringify(ids);
  const { results: rows } = await vault.phi
    .prepare(
      `SELECT id, key_id, lease, erased_at FROM member
       WHERE id IN (SELECT value FROM json_each(?))`,
    )
    .bind(asked)
    .all<Named>();
  const held = await generationsOf(vault, asked);
  const named = new Map(rows.map((row) => [row.id, row]));
  let count = 0;
  for (const id of ids)
    if (
      await nameOne(
        vault,
        id,
        named.get(id),
        held.filter(({ member }) => member === id),
        nowMs,
      )
    )
      count++;
  return { count, next: ids.at(-1) ?? null };
}

/** Of either database: a row without a key, or a key without a row. */
async function membersAfter({ phi, keyring }: Vault, after: string): Promise<string[]> {
  const ids = new Set<string>();
  for (const [db, sql] of [
    [phi, "SELECT id FROM member WHERE id > ? ORDER BY id LIMIT ?"],
    [
      keyring.database,
      "SELECT DISTINCT member AS id FROM member_key WHERE member > ? ORDER BY member LIMIT ?",
    ],
  ] as const) {
    const { results } = await db.prepare(sql).bind(after, membersPerStep).all<{ id: string }>();
    for (const { id } of results) ids.add(id);
  }
  return [...ids].sort().slice(0, membersPerStep);
}

async function generationsOf({ keyring }: Vault, asked: string): Promise<Held[]> {
  const { results } = await keyring.database
    .prepare(
      `SELECT m.member, m.key_id, m.closing, m.made_at, count(d.key_id) AS keys,
         coalesce(sum(d.retired), 0) AS retired
       FROM member_key AS m
       LEFT JOIN data_key AS d ON d.member = m.member AND d.generation = m.key_id
       WHERE m.member IN (SELECT value FROM json_each(?)) GROUP BY m.member, m.key_id`,
    )
    .bind(asked)
    .all<Held>();
  return results;
}

/**
 * The row is changed only where it is still as it was read, and the lease on it with it: nobody else
 * can name another generation from then on, so those that were not chosen may go.
 */
async function nameOne(
  vault: Vault,
  id: string,
  row: Named | undefined,
  held: readonly Held[],
  nowMs: number,
): Promise<boolean> {
  if (row !== undefined && row.erased_at !== null) return false;
  const made = held.length > 0 ? null : await vault.keyring.memberKeys.make(id, nowMs);
  const chosen = chosenOf(row, held);
  const name = chosen?.key_id ?? made;
  if (name === null) return false;
  const isUnfinished =
    held.length > 1 || (chosen !== undefined && (chosen.closing > 0 || chosen.retired > 0));
  if (row !== undefined && row.key_id === name && !isUnfinished) return false;
  const changed = await write(vault, id, row, name, isUnfinished);
  if (!changed) throw new Error("somebody else is at this member");
  const others = held.map(({ key_id }) => key_id).filter((key) => key !== name);
  await vault.keyring.dropGenerations(id, others);
  return true;
}

/** The one that the row names; otherwise the one that opens most, and of equals the newest. */
const chosenOf = (row: Named | undefined, held: readonly Held[]): Held | undefined =>
  held.find(({ key_id }) => key_id === row?.key_id) ??
  [...held].sort((a, b) => b.keys - a.keys || b.made_at - a.made_at)[0];

async function write(
  { phi }: Vault,
  id: string,
  row: Named | undefined,
  name: string,
  isUnfinished: boolean,
): Promise<boolean> {
  const statement =
    row === undefined
      ? phi
          .prepare(
            `INSERT OR IGNORE INTO member (id, key_id, lease, lease_until)
             VALUES (?1, ?2, ?3, ?4)`,
          )
          .bind(id, name, isUnfinished ? lease : null, isUnfinished ? leaseUntil : null)
      : phi
          .prepare(
            `UPDATE member SET key_id = ?2, lease = coalesce(?3, lease),
               lease_until = coalesce(?4, lease_until)
             WHERE id = ?1 AND key_id IS ?5 AND lease IS ?6 AND erased_at IS NULL`,
          )
          .bind(
            ...[id, name, isUnfinished ? lease : null, isUnfinished ? leaseUntil : null],
            ...[row.key_id, row.lease],
          );
  return (await statement.run()).meta.changes === 1;
}
