/**
 * Sealing anew what must outlive an erasure: what was sealed under a data key that is retired goes
 * under the live one of its connection, many cells a batch, each with a compare-and-set. What it was
 * before opens for nobody once the retired key is gone.
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
import { privacyRow, zonesLostUnless } from "./privacy.ts";
import { columnsIn, columnsUnder } from "./sealed-merge.ts";
import { type Kept, keepBytes, objectBytes, tidyObjects } from "./sealed-object.ts";
import type { Under } from "./sealed-store.ts";

/** Sealed bytes that are opened and sealed at once, but for a single cell that has more. */
const bytesPerBatchMax = 4_194_304;
/** Of a batch: the look, the lease, the write; and around objects their list, and tidying it. */
const callsPerBatch = 3;
const callsForObjects = 5;
const callsPerObject = 2;
/** What the list of a row's keys is remembered at when there is no retraction of it. */
const beforeAll = Number.MIN_SAFE_INTEGER;

interface Cell {
  readonly key_id: string;
  readonly bytes: number;
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
}
/** What becomes of a cell: its new ciphertext, if it has any, and the writes that exchange it. */
interface Change {
  readonly cell: Cell;
  readonly sealed: Bytes | null;
  readonly writes: (kept: Kept | undefined) => readonly D1PreparedStatement[];
}
export interface Resealed {
  /** Cells that are left under the retired key; 0: it may go. */
  readonly left: number;
  /** Calls to databases and buckets that it took, or a few more. */
  readonly calls: number;
}

/**
 * Seals up to `limit` cells anew. Asked until nothing is left: what is done is done, and nothing is
 * done twice.
 *
 * 1. cells are opened and sealed under the live key    nothing is kept yet
 * 2. large ones are written as objects, listed         objects that the sweep destroys
 * 3. in one batch each row lets go of the old one for  durable; the step after goes on from here
 *    it, if it is still the one that was opened and
 *    the generation still stands
 *
 * A cell that does not open any more (its object lost, its bytes spoilt) is let go of: it would keep
 * the retired key alive for good, and nothing could ever be read of it. That is only said with the
 * key in hand: throws when that generation is not the member's, or a key is not there.
 */
export async function resealRetired(
  vault: Vault,
  of: Generation,
  retired: { readonly id: string; readonly connection: string },
  limit: number,
  nowMs: number,
): Promise<Resealed> {
  const { phi } = vault;
  const [named, sealed, parked] = await phi.batch(looks(phi, of.member, retired.id, limit));
  const found = [...(sealed?.results ?? []), ...(parked?.results ?? [])] as (
    | SealedRow
    | ParkedRow
  )[];
  const cells = firstOf(found.slice(0, limit));
  if (cells.length === 0) return { left: 0, calls: callsPerBatch };
  const [living] = (named?.results ?? []) as { key_id: string }[];
  const step = await stepOf(vault, of, living?.key_id, retired, nowMs);
  const changes = await Promise.all(
    cells.map((cell) => ("id" in cell ? resealItem(step, cell) : resealRow(step, cell))),
  );
  return exchange(step, changes, nowMs);
}

const looks = (phi: D1Database, member: string, keyId: string, limit: number) => [
  phi.prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL").bind(member),
  phi
    .prepare(
      `SELECT row_id, group_name, version, columns, key_id, bytes, hex(body) AS hex, object
       FROM sealed WHERE member = ? AND key_id = ? ORDER BY row_id, group_name LIMIT ?`,
    )
    .bind(member, keyId, limit),
  phi
    .prepare(
      `SELECT id, connection, provider, reason, key_id, hex(body) AS hex, object,
         iif(object IS NULL, length(body), 1048576) AS bytes
       FROM parked WHERE member = ? AND key_id = ? ORDER BY id LIMIT ?`,
    )
    .bind(member, keyId, limit),
];

function firstOf<T extends Cell>(cells: readonly T[]): T[] {
  let bytes = 0;
  const end = cells.findIndex((cell, i) => {
    bytes += cell.bytes;
    return i > 0 && bytes > bytesPerBatchMax;
  });
  return end < 0 ? [...cells] : cells.slice(0, end);
}

async function stepOf(
  vault: Vault,
  of: Generation,
  generation: string | undefined,
  { id, connection }: { readonly id: string; readonly connection: string },
  nowMs: number,
): Promise<Step> {
  const retired = (await vault.keyring.dataKeys(of, [id], nowMs)).get(id);
  const key = retired === undefined ? null : await vault.keyring.dataKey(of, connection, nowMs);
  if (generation !== of.generation || retired === undefined || key === null)
    throw new Error("the member's key is not the one to seal anew under");
  if (key.id === id) throw new Error("a live key is not retired");
  return { vault, under: { ...of, connection, key }, retired };
}

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
const isSame = `member = ?1 AND row_id = ?3 AND group_name = ?4 AND version = ?5 AND key_id = ?6
  AND ${stillStands}`;

/** The version tells readers nothing of when it was: that was the time of somebody's erasure. */
async function resealRow(step: Step, row: SealedRow): Promise<Change> {
  const { vault, under, retired } = step;
  const { member, generation, key } = under;
  const isEmpty = row.object === null && (row.hex ?? "") === "";
  const place = { table: "sealed", member, column: row.group_name, row: row.row_id } as const;
  const plaintext = isEmpty
    ? null
    : await opened(row, vault, (bytes) => openBytes(vault, retired, place, bytes));
  if (plaintext === null && !isEmpty) return letGoOfRow(step, row);
  const values = plaintext === null ? new Map() : decodeGroup(row.group_name, plaintext);
  const columns = await columnsUnder(vault, under, row.row_id, columnsIn(row.columns), values);
  const sealed = plaintext === null ? null : await sealBytes(vault, key, place, plaintext);
  const writes = (kept: Kept | undefined) => [
    vault.phi
      .prepare(
        `UPDATE sealed SET version = version + 1, columns = ?7, key_id = ?8, bytes = ?9,
           body = ?10, object = ?11, keys = (SELECT json_group_array(value) FROM (
             SELECT value FROM json_each(sealed.keys) WHERE value <> ?6 UNION SELECT ?8))
         WHERE ${isSame}`,
      )
      .bind(
        ...[member, generation, row.row_id, row.group_name, row.version, retired.id],
        ...[JSON.stringify(columns), key.id, sealed?.length ?? 0],
        ...[kept?.body ?? null, kept?.object ?? null],
      ),
  ];
  return { cell: row, sealed, writes };
}

/** An item's id is a digest of it under the data key: it gets a new one, so that it still parks once. */
async function resealItem(step: Step, item: ParkedRow): Promise<Change> {
  const { vault, under, retired } = step;
  const { phi } = vault;
  const { member, generation } = under;
  const body = await opened(item, vault, (sealed) =>
    openText(vault, retired, parkedPlace(member, item.id), sealed),
  );
  if (body === null) return letGoOfItem(step, item);
  const content = parkedContent({ ...item, body });
  const id = await digestText(vault, under.key, parkedPlace(member, ""), content);
  const sealed = await sealText(vault, under.key, parkedPlace(member, id), body);
  const writes = (kept: Kept | undefined) => [
    phi
      .prepare(
        `UPDATE OR IGNORE parked SET id = ?4, key_id = ?5, body = ?6, object = ?7
         WHERE id = ?3 AND member = ?1 AND key_id = ?8 AND ${stillStands}`,
      )
      .bind(
        ...[member, generation, item.id, id, under.key.id, kept?.body ?? null],
        ...[kept?.object ?? null, retired.id],
      ),
    phi
      .prepare(
        `DELETE FROM parked WHERE id = ?3 AND member = ?1 AND key_id = ?5 AND ${stillStands}
           AND EXISTS (SELECT 1 FROM parked WHERE id = ?4)`,
      )
      .bind(member, generation, item.id, id, retired.id),
  ];
  return { cell: item, sealed, writes };
}

const logLost = (reason: "sealed" | "parked") =>
  logLine({ worker: "vault", event: "reseal", outcome: "lost", items: 1, reason });

/** Of rows that go: what they were ever sealed with is remembered, for when they are erased. */
export const keysRemembered = (where: string): string =>
  `INSERT INTO retraction (member, row_id, revision, keys)
   SELECT member, row_id, ${beforeAll}, keys FROM sealed WHERE ${where}
   ON CONFLICT (member, row_id) DO UPDATE SET keys = (SELECT json_group_array(value) FROM (
     SELECT value FROM json_each(retraction.keys)
     UNION SELECT value FROM json_each(excluded.keys)))`;

function letGoOfRow({ vault: { phi }, under, retired }: Step, row: SealedRow): Change {
  logLost("sealed");
  const same = [
    ...[under.member, under.generation, row.row_id, row.group_name, row.version, retired.id],
  ];
  const writes = () => [
    phi.prepare(keysRemembered(isSame)).bind(...same),
    phi.prepare(`DELETE FROM sealed WHERE ${isSame}`).bind(...same),
    ...(row.row_id === privacyRow ? [zonesLostUnless(phi, under.member, 0)] : []),
  ];
  return { cell: row, sealed: null, writes };
}

function letGoOfItem({ vault: { phi }, under, retired }: Step, item: ParkedRow): Change {
  logLost("parked");
  const writes = () => [
    phi
      .prepare(
        `DELETE FROM parked WHERE id = ?3 AND member = ?1 AND key_id = ?4 AND ${stillStands}`,
      )
      .bind(under.member, under.generation, item.id, retired.id),
  ];
  return { cell: item, sealed: null, writes };
}

/** Rows let go of their old objects in the batch that lists those as possible orphans. */
async function exchange(
  { vault, under, retired }: Step,
  changes: readonly Change[],
  nowMs: number,
): Promise<Resealed> {
  const { phi } = vault;
  const full = changes.flatMap(({ sealed }) => (sealed === null ? [] : [sealed]));
  const kept = await keepBytes(vault, full, nowMs);
  const keptOf = new Map(full.map((sealed, i) => [sealed, kept[i]]));
  const loose = changes.flatMap(({ cell }) => cell.object ?? []);
  const results = await phi.batch<{ held: number }>([
    phi
      .prepare("INSERT OR IGNORE INTO orphan (object, since) SELECT value, ? FROM json_each(?)")
      .bind(nowMs, JSON.stringify(loose)),
    ...changes.flatMap(({ sealed, writes }) => writes(sealed ? keptOf.get(sealed) : undefined)),
    phi
      .prepare(
        `SELECT (SELECT count(*) FROM sealed WHERE member = ?1 AND key_id = ?2)
           + (SELECT count(*) FROM parked WHERE member = ?1 AND key_id = ?2) AS held`,
      )
      .bind(under.member, retired.id),
  ]);
  const objects = [...loose, ...kept.flatMap((one) => one.object ?? [])];
  await tidyObjects(vault, objects);
  const forObjects = objects.length === 0 ? 0 : callsForObjects + callsPerObject * objects.length;
  return { left: results.at(-1)?.results[0]?.held ?? 0, calls: callsPerBatch + forObjects };
}
