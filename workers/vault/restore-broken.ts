/**
 * A part of a restore: wrapped keys that do not open although their epoch is there. Nothing they
 * wrap is ever read, and they keep every rotation from ending. Each gets its copy, if that opens,
 * and goes otherwise; what it sealed is then dropped and counted as lost (`restore-lost.ts`).
 */
import { fromHex } from "./cell.ts";
import { Unopenable } from "./chunked.ts";
import type { Shards, Vault } from "./env.ts";
import { type CopiedKey, copiesAfter } from "./key-copy.ts";
import { KeyWraps, type WrappedMemberKey } from "./key-wraps.ts";
import type { Stepped } from "./restore.ts";

const keysPerStep = 500;
const copiesPerLook = 10;

interface Row extends WrappedMemberKey {
  readonly member: string;
  readonly key_id: string;
}

/**
 * 1. every epoch's own key opens, or it stops     a root key that is missing must cost no member
 *                                                 theirs
 * 2. each key that does not open gets its copy    key by key, each in one batch; said again, it
 *    or goes                                      opens or is gone
 */
export async function mendBroken(
  shards: Shards,
  vault: Vault,
  cursor: string,
  nowMs: number,
): Promise<Stepped> {
  const epochs = (await shards.epochs.list()).map(({ n }) => n);
  for (const n of epochs) await shards.epochs.keyOf(n, nowMs);
  const [member, key] = cursor === "" ? ["", ""] : (JSON.parse(cursor) as [string, string]);
  const { results: rows } = await vault.keyring.database
    .prepare(
      `SELECT member, key_id, epoch, wrapped FROM member_key
       WHERE (member, key_id) > (?, ?) ORDER BY member, key_id LIMIT ?`,
    )
    .bind(member, key, keysPerStep)
    .all<Row>();
  const wraps = new KeyWraps(shards.epochs, vault.environment, vault.random);
  const opens = (row: Row) => doesOpen(wraps, row, nowMs);
  const isFine = await Promise.all(rows.map(opens));
  const broken = rows.filter((_, i) => !isFine[i]);
  const copies = broken.length === 0 ? [] : await copiesOf(vault, epochs, broken);
  for (const row of broken) {
    const own = copies.filter((copy) => copy.member === row.member).sort(newestFirst(row));
    const opened: CopiedKey[] = [];
    for (const copy of own) if (await opens(rowOf(copy))) opened.push(copy);
    await mend(vault, row, opened[0]);
  }
  const last = rows.at(-1);
  const next = last === undefined ? null : JSON.stringify([last.member, last.key_id]);
  return { count: broken.length, next };
}

async function doesOpen(wraps: KeyWraps, row: Row, nowMs: number): Promise<boolean> {
  try {
    await wraps.openMember({ member: row.member, generation: row.key_id }, row, nowMs);
    return true;
  } catch (error) {
    if (error instanceof Unopenable) return false;
    throw error;
  }
}

const rowOf = ({ member, key, epoch, wrapped }: CopiedKey): Row => ({
  member,
  key_id: key,
  epoch,
  wrapped: [...fromHex(wrapped)],
});

/** The same generation before any other. */
const newestFirst = (row: Row) => (a: CopiedKey, b: CopiedKey) =>
  Number(b.key === row.key_id) - Number(a.key === row.key_id) ||
  b.madeAtMs - a.madeAtMs ||
  b.epoch - a.epoch;

async function copiesOf(
  vault: Vault,
  epochs: readonly number[],
  broken: readonly Row[],
): Promise<CopiedKey[]> {
  const members = new Set(broken.map(({ member }) => member));
  const found: CopiedKey[] = [];
  for (const epoch of epochs)
    for (let after: string | undefined = ""; after !== undefined; ) {
      const copies: Awaited<ReturnType<typeof copiesAfter>> = await copiesAfter(
        vault,
        epoch,
        after,
        copiesPerLook,
      );
      found.push(...copies.flatMap(({ keys }) => keys.filter((key) => members.has(key.member))));
      after = copies.at(-1)?.name;
    }
  return found;
}

/**
 * Of the same generation, its data keys stay as they are: they may be newer than the copy's. Another
 * generation comes back only where none is left beside the broken one.
 */
async function mend({ keyring }: Vault, row: Row, copy: CopiedKey | undefined): Promise<void> {
  const { database } = keyring;
  const { member, key_id } = row;
  if (copy?.key === key_id) {
    await database
      .prepare(
        "UPDATE member_key SET epoch = ?3, wrapped = unhex(?4) WHERE member = ?1 AND key_id = ?2",
      )
      .bind(member, key_id, copy.epoch, copy.wrapped)
      .run();
    return;
  }
  await database.batch([
    database
      .prepare("DELETE FROM data_key WHERE member = ? AND generation = ?")
      .bind(member, key_id),
    database.prepare("DELETE FROM member_key WHERE member = ? AND key_id = ?").bind(member, key_id),
    ...(copy === undefined ? [] : insertions(database, copy)),
  ]);
}

function insertions(database: D1Database, copy: CopiedKey): D1PreparedStatement[] {
  const { member, key, epoch, wrapped, madeAtMs, dataKeys } = copy;
  const isNamed = "WHERE EXISTS (SELECT 1 FROM member_key WHERE member = ?1 AND key_id = ?2)";
  return [
    database
      .prepare(
        `INSERT INTO member_key (member, key_id, epoch, wrapped, made_at)
         SELECT ?1, ?2, ?3, unhex(?4), ?5
         WHERE NOT EXISTS (SELECT 1 FROM gone_member WHERE member = ?1)
           AND NOT EXISTS (SELECT 1 FROM member_key WHERE member = ?1)`,
      )
      .bind(member, key, epoch, wrapped, madeAtMs),
    ...dataKeys.map(({ id, connection, wrapped: of, madeAtMs: at, retired }) =>
      database
        .prepare(
          `INSERT OR IGNORE INTO data_key (member, generation, key_id, connection, wrapped,
             made_at, retired) SELECT ?1, ?2, ?3, ?4, unhex(?5), ?6, ?7 ${isNamed}`,
        )
        .bind(member, key, id, connection, of, at, retired),
    ),
  ];
}
