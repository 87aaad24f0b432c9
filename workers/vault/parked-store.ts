/**
 * Items of known accounts that could not be read: sealed whole under the account's data key, listed
 * without their content. An item's id is a keyed digest of it, so the same item parks once.
 */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { Page, ParkedEntry, ParkedItem, SealOutcome } from "../../domain/ports.ts";
import { digestText, openText, type Place, sealText } from "./cell.ts";
import type { Vault } from "./env.ts";
import { keepBytes, tidyObjects } from "./sealed-object.ts";
import { type Under, underKey } from "./sealed-store.ts";

const column = "body";

const placeOf = (member: string, id: string): Place => ({
  table: "parked",
  member,
  column,
  row: id,
});

/** "forgotten" when nothing was kept, because every member in it is unknown or erased. */
export async function parkItems(
  vault: Vault,
  items: readonly ParkedItem[],
  nowMs: number,
): Promise<SealOutcome> {
  let kept = items.length === 0;
  for (const item of items) if (await parkItem(vault, item, nowMs)) kept = true;
  return kept ? "sealed" : "forgotten";
}

async function parkItem(vault: Vault, item: ParkedItem, nowMs: number): Promise<boolean> {
  const under = await underKey(vault, item.member, item.connection, nowMs);
  if (under === null) return false;
  const content = JSON.stringify([item.connection, item.reason, item.body]);
  const id = await digestText(vault, under.key, placeOf(item.member, ""), content);
  const { phi } = vault;
  const before = await phi.prepare("SELECT 1 FROM parked WHERE id = ?").bind(id).first();
  if (before !== null) return true;
  const sealed = await sealText(vault, under.key, placeOf(item.member, id), item.body);
  const [to] = await keepBytes(vault, [sealed], nowMs);
  const results = await phi.batch([
    insert(phi, item, under, id, to?.body ?? null, to?.object ?? null, nowMs),
    phi.prepare("SELECT 1 FROM parked WHERE id = ?").bind(id),
  ]);
  await tidyObjects(vault, to?.object ? [to.object] : []);
  return (results[1]?.results.length ?? 0) > 0;
}

const insert = (
  phi: D1Database,
  { member, connection, provider, reason }: ParkedItem,
  under: Under,
  id: string,
  body: Uint8Array | null,
  object: string | null,
  nowMs: number,
): D1PreparedStatement =>
  phi
    .prepare(
      `INSERT OR IGNORE INTO parked (id, member, connection, provider, reason, at, key_id,
         body, object)
       SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9
       WHERE EXISTS (SELECT 1 FROM member
         WHERE id = ?2 AND erased_at IS NULL AND key_id = ?10)`,
    )
    .bind(
      id,
      member,
      connection,
      provider,
      reason,
      nowMs,
      under.key.id,
      body,
      object,
      under.generation,
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
  readonly key_id: string;
  readonly body: number[] | null;
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

export async function listParked(
  { phi }: Vault,
  cursor: string | null,
  limit: number,
): Promise<Page<ParkedEntry>> {
  const { results } = await phi
    .prepare(
      `SELECT id, member, connection, provider, reason, at FROM parked
       WHERE id > ? ORDER BY id LIMIT ?`,
    )
    .bind(cursor ?? "", limit + 1)
    .all<ParkedRow>();
  const items = results.slice(0, limit).map(rowToEntry);
  return { items, next: results.length > limit ? (items.at(-1)?.id ?? null) : null };
}

export interface OpenedParked {
  readonly entry: ParkedEntry;
  readonly body: string;
}

/** Null when it is not there, or its member is erased. */
export async function openParked(
  vault: Vault,
  id: string,
  nowMs: number,
): Promise<OpenedParked | null> {
  const row = await vault.phi
    .prepare(
      `SELECT id, member, connection, provider, reason, at, key_id, body, object
       FROM parked WHERE id = ?`,
    )
    .bind(id)
    .first<SealedParkedRow>();
  if (row === null) return null;
  const under = await underKey(vault, row.member, row.connection, nowMs);
  if (under === null || under.key.id !== row.key_id) return null;
  const sealed = await bytesOf(vault, row);
  if (sealed === null) return null;
  const body = await openText(vault, under.key, placeOf(row.member, id), sealed);
  return { entry: rowToEntry(row), body };
}

async function bytesOf(
  vault: Vault,
  { body, object }: SealedParkedRow,
): Promise<Uint8Array<ArrayBuffer> | null> {
  if (body !== null) return Uint8Array.from(body);
  const stored = object === null ? null : await vault.objects.get(object);
  return stored === null ? null : new Uint8Array(await stored.arrayBuffer());
}

/** False when it was not there. */
export async function unpark(vault: Vault, id: string, nowMs: number): Promise<boolean> {
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
