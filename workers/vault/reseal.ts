/**
 * Sealing anew what must outlive an erasure: what was sealed under a data key that is retired goes
 * under the live one of its connection, cell by cell, each with a compare-and-set. What it was before
 * opens for nobody once the retired key is gone.
 *
 * Digests are keyed with the data key, so that they die with it: each is made anew of what is opened
 * here, and a statement that comes again is still known as the same.
 */
import { logLine } from "../../kernel/wide-event.ts";
import { digestText, fromHex, openBytes, openText, sealBytes, sealText } from "./cell.ts";
import { type Bytes, Unopenable } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { decodeGroup } from "./groups.ts";
import type { DataKey, Generation } from "./keyring.ts";
import { parkedContent, parkedPlace } from "./parked-store.ts";
import { columnsIn, columnsUnder } from "./sealed-merge.ts";
import { type Kept, keepBytes, objectBytes, tidyObjects } from "./sealed-object.ts";
import { type Under, versionAfter } from "./sealed-store.ts";

export { putBack, type Survivor, sealedUnder } from "./survivors.ts";

interface Cell {
  readonly key_id: string;
  readonly hex: string | null;
  readonly object: string | null;
}
interface SealedRow extends Cell {
  readonly row_id: string;
  readonly group_name: string;
  readonly version: number;
  readonly columns: string;
}
interface ParkedRow extends Cell {
  readonly id: string;
  readonly connection: string;
  readonly provider: string;
  readonly reason: string;
}
interface Step {
  readonly vault: Vault;
  readonly under: Under;
  readonly retired: DataKey;
  readonly nowMs: number;
}

/**
 * Seals up to `limit` cells anew and returns how many are left under the retired key; 0: it may go.
 * Asked until then: what is done is done, and nothing is done twice.
 *
 * 1. a cell is opened and sealed under the live key    nothing is kept yet
 * 2. a large one is written as an object, listed       an object that the sweep destroys
 * 3. the row lets go of the old one for it, if it is still the one that was opened and the
 *    generation still stands                           durable; the step after goes on from here
 *
 * A cell that does not open any more (its object lost, its bytes spoilt) is let go of: it would keep
 * the retired key alive for good, and nothing could ever be read of it.
 * Throws when that generation is not the member's, or its keys are gone.
 */
export async function resealRetired(
  vault: Vault,
  of: Generation,
  retired: { readonly id: string; readonly connection: string },
  limit: number,
  nowMs: number,
): Promise<number> {
  const { member } = of;
  const [sealed, parked] = await vault.phi.batch([
    vault.phi
      .prepare(
        `SELECT row_id, group_name, version, columns, key_id, hex(body) AS hex, object
         FROM sealed WHERE member = ? AND key_id = ? ORDER BY row_id, group_name LIMIT ?`,
      )
      .bind(member, retired.id, limit),
    vault.phi
      .prepare(
        `SELECT id, connection, provider, reason, key_id, hex(body) AS hex, object
         FROM parked WHERE member = ? AND key_id = ? ORDER BY id LIMIT ?`,
      )
      .bind(member, retired.id, limit),
  ]);
  const rows = (sealed?.results ?? []) as SealedRow[];
  const items = ((parked?.results ?? []) as ParkedRow[]).slice(0, limit - rows.length);
  if (rows.length + items.length > 0) {
    const step = await stepOf(vault, of, retired, nowMs);
    for (const row of rows) await resealRow(step, row);
    for (const item of items) await resealItem(step, item);
  }
  return countUnder(vault, member, retired.id);
}

async function stepOf(
  vault: Vault,
  of: Generation,
  { id, connection }: { readonly id: string; readonly connection: string },
  nowMs: number,
): Promise<Step> {
  const generation = await vault.phi
    .prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL")
    .bind(of.member)
    .first<string>("key_id");
  const retired = (await vault.keyring.dataKeys(of, [id], nowMs)).get(id);
  const key = await vault.keyring.dataKey(of, connection, nowMs);
  if (generation !== of.generation || retired === undefined || key === null)
    throw new Error("the member's key is not the one to seal anew under");
  if (key.id === id) throw new Error("a live key is not retired");
  return { vault, under: { ...of, connection, key }, retired, nowMs };
}

const countUnder = async ({ phi }: Vault, member: string, keyId: string): Promise<number> =>
  (await phi
    .prepare(
      `SELECT (SELECT count(*) FROM sealed WHERE member = ?1 AND key_id = ?2)
         + (SELECT count(*) FROM parked WHERE member = ?1 AND key_id = ?2) AS held`,
    )
    .bind(member, keyId)
    .first<number>("held")) ?? 0;

/** Null when it opens no more. What only fails for now throws something else and is tried again. */
async function opened<T>(cell: Cell, vault: Vault, open: (sealed: Bytes) => Promise<T>) {
  const inRow = cell.hex === null || cell.hex === "" ? null : fromHex(cell.hex);
  const sealed = cell.object === null ? inRow : await objectBytes(vault, cell.object);
  if (sealed === null) return null;
  try {
    return await open(sealed);
  } catch (error) {
    if (!(error instanceof Unopenable)) throw error;
    return null;
  }
}

/** Of the member ?1 in the generation ?2. */
const stillStands =
  "EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL AND key_id = ?2)";

async function resealRow(step: Step, row: SealedRow): Promise<void> {
  const { vault, under, retired } = step;
  const { member, generation } = under;
  const columns = columnsIn(row.columns);
  const isEmpty = row.object === null && (row.hex ?? "") === "";
  const place = { table: "sealed", member, column: row.group_name, row: row.row_id } as const;
  const plaintext = isEmpty
    ? null
    : await opened(row, vault, (sealed) => openBytes(vault, retired, place, sealed));
  if (plaintext === null && !isEmpty) return letGo(step, row, "sealed");
  const values = plaintext === null ? new Map() : decodeGroup(row.group_name, plaintext);
  const digested = await columnsUnder(vault, under, row.row_id, columns, values);
  const sealed = plaintext === null ? null : await sealBytes(vault, under.key, place, plaintext);
  const kept = sealed === null ? undefined : (await keepBytes(vault, [sealed], step.nowMs))[0];
  const same = "member = ?1 AND row_id = ?3 AND group_name = ?4 AND version = ?5 AND key_id = ?6";
  const { phi } = vault;
  const write = phi
    .prepare(
      `UPDATE sealed SET version = ?7, columns = ?8, key_id = ?9, bytes = ?10, body = ?11,
         object = ?12 WHERE ${same} AND ${stillStands}`,
    )
    .bind(
      ...[member, generation, row.row_id, row.group_name, row.version, retired.id],
      versionAfter(row.version, step.nowMs),
      JSON.stringify(digested),
      under.key.id,
      sealed?.length ?? 0,
      kept?.body ?? null,
      kept?.object ?? null,
    );
  await exchange(step, row, kept, [write]);
}

/** An item's id is a digest of it under the data key: it gets a new one, so that it still parks once. */
async function resealItem(step: Step, item: ParkedRow): Promise<void> {
  const { vault, under, retired } = step;
  const { member, generation } = under;
  const body = await opened(item, vault, (sealed) =>
    openText(vault, retired, parkedPlace(member, item.id), sealed),
  );
  if (body === null) return letGo(step, item, "parked");
  const content = parkedContent({ ...item, body });
  const id = await digestText(vault, under.key, parkedPlace(member, ""), content);
  const sealed = await sealText(vault, under.key, parkedPlace(member, id), body);
  const [kept] = await keepBytes(vault, [sealed], step.nowMs);
  const { phi } = vault;
  const write = phi
    .prepare(
      `UPDATE OR IGNORE parked SET id = ?4, key_id = ?5, body = ?6, object = ?7
       WHERE id = ?3 AND member = ?1 AND key_id = ?8 AND ${stillStands}`,
    )
    .bind(
      ...[member, generation, item.id, id, under.key.id, kept?.body ?? null],
      kept?.object ?? null,
      retired.id,
    );
  const again = phi
    .prepare(
      `DELETE FROM parked WHERE id = ?3 AND member = ?1 AND key_id = ?5 AND ${stillStands}
         AND EXISTS (SELECT 1 FROM parked WHERE id = ?4)`,
    )
    .bind(member, generation, item.id, id, retired.id);
  await exchange(step, item, kept, [write, again]);
}

async function letGo(step: Step, cell: SealedRow | ParkedRow, table: "sealed" | "parked") {
  const { vault, under, retired } = step;
  const { member, generation } = under;
  logLine({ worker: "vault", event: "reseal", outcome: "lost", items: 1, reason: table });
  const write =
    "id" in cell
      ? vault.phi
          .prepare(
            `DELETE FROM parked WHERE id = ?3 AND member = ?1 AND key_id = ?4 AND ${stillStands}`,
          )
          .bind(member, generation, cell.id, retired.id)
      : vault.phi
          .prepare(
            `DELETE FROM sealed WHERE member = ?1 AND row_id = ?3 AND group_name = ?4
               AND version = ?5 AND key_id = ?6 AND ${stillStands}`,
          )
          .bind(member, generation, cell.row_id, cell.group_name, cell.version, retired.id);
  await exchange(step, cell, undefined, [write]);
}

/** The row lets go of its old object in the batch that lists that as a possible orphan. */
async function exchange(
  { vault, nowMs }: Step,
  { object }: Cell,
  kept: Kept | undefined,
  writes: readonly D1PreparedStatement[],
): Promise<void> {
  const { phi } = vault;
  const loose = object === null ? [] : [object];
  await phi.batch([
    phi
      .prepare("INSERT OR IGNORE INTO orphan (object, since) SELECT value, ? FROM json_each(?)")
      .bind(nowMs, JSON.stringify(loose)),
    ...writes,
  ]);
  await tidyObjects(vault, [...loose, ...(kept?.object ? [kept.object] : [])]);
}
