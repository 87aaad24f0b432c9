/**
 * Items of known accounts that could not be read: sealed whole under the account's data key, listed
 * without their content. An item's id is a keyed digest of it, so the same item parks once. An
 * operator names an item by its id alone; which shard keeps it is asked of the shards.
 */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { Page, ParkedEntry, ParkedItem, SealOutcome } from "../../domain/ports.ts";
import { digestText, fromHex, openText, type Place, sealText } from "./cell.ts";
import type { Bytes } from "./chunked.ts";
import { type Shards, type Vault, wholeShardAt } from "./env.ts";
import { assertWhole } from "./journal.ts";
import { type Kept, keepBytes, objectBytes, tidyObjects } from "./sealed-object.ts";
import { type Under, underKey } from "./sealed-store.ts";
import { mayBeSealed } from "./sealed-write.ts";

const column = "body";

export const parkedPlace = (member: string, id: string): Place => ({
  table: "parked",
  member,
  column,
  row: id,
});

/** What an item's id is a digest of. */
export const parkedContent = ({
  connection,
  reason,
  body,
}: {
  readonly connection: string;
  readonly reason: string;
  readonly body: string;
}): string => JSON.stringify([connection, reason, body]);

/** Of one connection, in one write. */
const parkedAtOnce = 200;

/**
 * Throws `Restored`. "forgotten" when nothing was kept, because every member in it is unknown or
 * erased. A page of nothing but bad items costs a few calls, not some for each.
 */
export async function parkItems(
  shards: Shards,
  items: readonly ParkedItem[],
  nowMs: number,
): Promise<SealOutcome> {
  let kept = items.length === 0;
  for (const { of, some } of pagesOf(items)) {
    const shard = (await shards.directory.shardOf(of.member)) ?? 0;
    if (await parkSome(await wholeShardAt(shards, shard, nowMs), of, some, nowMs)) kept = true;
  }
  return kept ? "sealed" : "forgotten";
}

function* pagesOf(items: readonly ParkedItem[]) {
  const all = new Map<string, { readonly of: ParkedItem; readonly mine: ParkedItem[] }>();
  for (const item of items) {
    const name = JSON.stringify([item.member, item.connection]);
    const known = all.get(name);
    if (known === undefined) all.set(name, { of: item, mine: [item] });
    else known.mine.push(item);
  }
  for (const { of, mine } of all.values())
    for (let at = 0; at < mine.length; at += parkedAtOnce)
      yield { of, some: mine.slice(at, at + parkedAtOnce) };
}

/**
 * False when they were not kept: the member was erased, the connection ended. Throws when the member's
 * key was replaced meanwhile: said again, it parks.
 */
async function parkSome(
  vault: Vault,
  { member, connection }: Pick<ParkedItem, "member" | "connection">,
  some: readonly ParkedItem[],
  nowMs: number,
): Promise<boolean> {
  const under = await underKey(vault, member, connection, nowMs);
  if (under === null) return false;
  const { key } = under;
  const { phi } = vault;
  const named = await Promise.all(
    some.map(async (item) => {
      const id = await digestText(vault, key, parkedPlace(member, ""), parkedContent(item));
      return [id, item] as const;
    }),
  );
  const items = new Map(named);
  const areThere = phi
    .prepare("SELECT p.id FROM json_each(?) AS asked JOIN parked AS p ON p.id = asked.value")
    .bind(JSON.stringify([...items.keys()]));
  const known = new Set((await areThere.all<{ id: string }>()).results.map(({ id }) => id));
  const fresh = [...items].filter(([id]) => !known.has(id));
  if (fresh.length === 0) return true;
  const sealed = await Promise.all(
    fresh.map(([id, { body }]) => sealText(vault, key, parkedPlace(member, id), body)),
  );
  const kept = await keepBytes(vault, sealed, nowMs);
  const results = await phi.batch([
    ...fresh.map(([id, item], i) => insert(phi, item, under, id, kept[i], nowMs)),
    areThere,
  ]);
  await tidyObjects(
    vault,
    kept.flatMap(({ object }) => object ?? []),
  );
  if (results.at(-1)?.results.length === items.size) return true;
  if ((await underKey(vault, member, connection, nowMs)) === null) return false;
  throw new Error("the member's key was replaced");
}

const insert = (
  phi: D1Database,
  { member, connection, provider, reason }: ParkedItem,
  under: Under,
  id: string,
  kept: Kept | undefined,
  nowMs: number,
): D1PreparedStatement =>
  phi
    .prepare(
      `INSERT OR IGNORE INTO parked (member, connection, id, provider, reason, at, key_id,
         body, object)
       SELECT ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10 WHERE ${mayBeSealed}`,
    )
    .bind(
      ...[member, under.generation, connection, id, provider, reason, nowMs, under.key.id],
      kept?.body ?? null,
      kept?.object ?? null,
    );

interface ParkedRow {
  readonly id: string;
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly provider: string;
  readonly reason: string;
  readonly at: number;
}
interface SealedParkedRow extends ParkedRow {
  readonly generation: string;
  readonly key_id: string;
  readonly hex: string;
  readonly object: string | null;
}

const rowToEntry = (row: ParkedRow): ParkedEntry => ({
  id: row.id,
  member: row.member,
  connection: row.connection,
  provider: row.provider,
  reason: row.reason,
  atMs: row.at,
});

/** Of all shards, newest first. A cursor that is none starts at the top. */
export async function listParked(
  shards: Shards,
  cursor: string | null,
  limit: number,
): Promise<Page<ParkedEntry>> {
  const [, at, id] = /^(\d{1,15})\.([\w-]{1,128})$/.exec(cursor ?? "") ?? [];
  const before = [at === undefined ? Number.MAX_SAFE_INTEGER : Number(at), id ?? ""];
  const answers = await Promise.all(
    shards.all.map(({ phi }) =>
      phi
        .prepare(
          `SELECT id, member, connection, provider, reason, at FROM parked
           WHERE (at, id) < (?1, ?2) ORDER BY at DESC, id DESC LIMIT ?3`,
        )
        .bind(...before, limit + 1)
        .all<ParkedRow>(),
    ),
  );
  const rows = answers.flatMap(({ results }) => results).sort(newestFirst);
  const last = rows[limit - 1];
  return {
    items: rows.slice(0, limit).map(rowToEntry),
    next: rows.length > limit && last !== undefined ? `${last.at}.${last.id}` : null,
  };
}

/** Of all shards. */
export async function countParked(shards: Shards): Promise<number> {
  const counts = await Promise.all(
    shards.all.map(({ phi }) => phi.prepare("SELECT count(*) AS n FROM parked").first<number>("n")),
  );
  return counts.reduce<number>((sum, n) => sum + (n ?? 0), 0);
}

/** As SQLite orders: ids are ASCII. */
const newestFirst = (a: ParkedRow, b: ParkedRow): number =>
  b.at - a.at || (a.id < b.id ? 1 : a.id > b.id ? -1 : 0);

/** Asks one shard after the other; null when none keeps it. Throws `Restored`. */
export async function findParked(
  shards: Shards,
  id: string,
  nowMs: number,
): Promise<{ readonly vault: Vault; readonly member: MemberId } | null> {
  for (const vault of shards.all) {
    const member = await vault.phi
      .prepare("SELECT member FROM parked WHERE id = ?")
      .bind(id)
      .first<MemberId>("member");
    if (member !== null) return { vault: await wholeShardAt(shards, vault.shard, nowMs), member };
  }
  return null;
}

export interface OpenedParked {
  readonly entry: ParkedEntry;
  readonly body: string;
}

/** Null when it is not there, or its member is erased. Throws `Restored`. */
export async function openParked(
  vault: Vault,
  id: string,
  nowMs: number,
): Promise<OpenedParked | null> {
  await assertWhole(vault, nowMs);
  const row = await vault.phi
    .prepare(
      `SELECT p.id, p.member, p.connection, p.provider, p.reason, p.at, p.key_id,
         hex(p.body) AS hex, p.object, m.key_id AS generation
       FROM parked AS p JOIN member AS m ON m.id = p.member AND m.erased_at IS NULL
       WHERE p.id = ?`,
    )
    .bind(id)
    .first<SealedParkedRow>();
  if (row === null) return null;
  const key = (await vault.keyring.dataKeys(row, [row.key_id], nowMs)).get(row.key_id);
  const sealed: Bytes | null =
    row.object === null ? fromHex(row.hex) : await objectBytes(vault, row.object);
  if (key === undefined || sealed === null) return null;
  const body = await openText(vault, key, parkedPlace(row.member, id), sealed);
  return { entry: rowToEntry(row), body };
}

/** False when it was not there. Throws `Restored`. */
export async function unpark(vault: Vault, id: string, nowMs: number): Promise<boolean> {
  await assertWhole(vault, nowMs);
  const { phi } = vault;
  const results = await phi.batch<{ object: string | null }>([
    phi.prepare("SELECT object FROM parked WHERE id = ?").bind(id),
    phi
      .prepare(
        `INSERT OR IGNORE INTO orphan (object, since)
         SELECT object, ?2 FROM parked WHERE id = ?1 AND object IS NOT NULL`,
      )
      .bind(id, nowMs),
    phi.prepare("DELETE FROM parked WHERE id = ?").bind(id),
  ]);
  const found = results[0]?.results ?? [];
  await tidyObjects(
    vault,
    found.flatMap((row) => row.object ?? []),
  );
  return found.length > 0;
}
