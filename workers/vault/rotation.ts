/**
 * Rotation: every member key is wrapped under a new epoch, and the old epoch's key is destroyed.
 * What was erased is final from then on: no old copy of any database opens it. Done in bounded
 * steps that may stop anywhere and be asked again, by two workers at once too.
 *
 * 1. the next epoch is made           two epochs: a rotation is under way, the next step goes on
 * 2. every shard is set to it         a shard that is not still wraps under the old one, which is
 *                                     there; one that is refuses whoever remembers the old one
 * 3. older wraps are replaced         each row by compare-and-set: some are done, the rest is found
 *    a batch at a time                again. A key made before 2 is found here, none comes after it
 * 4. the living wraps are copied      parts of a copy, overwritten or gone on with
 * 5. the older epochs are destroyed   what is left of old copies opens nothing; the next step, or
 *    and their copies dropped         the next rotation, drops them
 *
 * 5 begins only when, after 2, no shard has a row under an older epoch. Rows under an epoch that is
 * gone come from an old copy of a database. Nothing is destroyed while there are any: the copies of
 * the living wraps are what `restore` makes that shard whole with.
 */
import type { RotationStatus } from "../../domain/ports.ts";
import { Unopenable } from "./chunked.ts";
import type { Shards, Vault } from "./env.ts";
import type { Epoch, Epochs } from "./epochs.ts";
import { isRestored, Restored } from "./journal.ts";
import { copyEpoch, dropCopiesBefore } from "./key-copy.ts";
import { EpochGone } from "./key-wraps.ts";
import { isMigrated, raiseEpoch } from "./shard-status.ts";

/** A week, so that an erasure is final within eight days, the rotation itself included. */
export const epochAgeMsMax = 7 * 86_400_000;
const rowsPerBatch = 1_000;
const wrapsAtOnce = 50;

/** Whether one is to begin, or is under way. */
export const dueForRotation = (epochs: readonly Epoch[], nowMs: number): boolean =>
  epochs.length > 1 || (epochs[0] !== undefined && nowMs - epochs[0].madeAtMs > epochAgeMsMax);

/**
 * One step: at most `rowsMax` rows are wrapped anew or copied. Throws `Restored` while a shard is an
 * old copy. A step after the one that was done begins the next rotation.
 */
export async function rotateEpoch(
  shards: Shards,
  nowMs: number,
  rowsMax: number,
): Promise<RotationStatus> {
  const vaults: Vault[] = [];
  for (const vault of shards.all) if (await isMigrated(vault)) vaults.push(vault);
  for (const vault of vaults) if (await isRestored(vault)) throw new Restored();
  const epoch = await beginOrResume(shards.epochs, vaults, nowMs);
  for (const vault of vaults) await raiseEpoch(vault, epoch);
  const older = (await shards.epochs.list()).map(({ n }) => n).filter((n) => n < epoch);
  let rewrapped = 0;
  for (const vault of vaults)
    for (const from of older)
      rewrapped += await sweep(vault, { from, to: epoch }, nowMs, rowsMax - rewrapped);
  let left = 0;
  for (const vault of vaults) left += await countBelow(vault, epoch);
  const status = { what: "epoch", epoch, rewrapped, left } as const;
  if (left > 0 || rewrapped >= rowsMax) return { ...status, done: false };
  let copied = rewrapped;
  for (const vault of vaults) {
    const copy = await copyEpoch(vault, epoch, nowMs, rowsMax - copied);
    copied += copy.rows;
    if (!copy.done) return { ...status, done: false };
  }
  for (const n of older) await shards.epochs.destroy(n);
  const [first] = vaults;
  if (first !== undefined) await dropCopiesBefore(first, epoch);
  return { ...status, done: true };
}

/**
 * The epoch that everything is to be wrapped under. A stale worker may make one anew that was
 * destroyed long ago: no row is under it, and it goes as an older one.
 */
async function beginOrResume(
  epochs: Epochs,
  vaults: readonly Vault[],
  nowMs: number,
): Promise<number> {
  const list = await epochs.list();
  const newest = list.at(-1)?.n ?? 0;
  if (list.length > 1) return newest;
  const current = await Promise.all(vaults.map(({ keyring }) => keyring.memberKeys.currentEpoch()));
  const next = Math.max(newest, ...current) + 1;
  await epochs.make(next, nowMs);
  return next;
}

/** Those under an epoch that is gone too: as long as there are any, an old copy is not made whole. */
async function countBelow({ keyring }: Vault, epoch: number): Promise<number> {
  const rows = await keyring.database
    .prepare("SELECT count(*) AS rows FROM member_key WHERE epoch < ?")
    .bind(epoch)
    .first<number>("rows");
  return rows ?? 0;
}

interface Row {
  readonly member: string;
  readonly key_id: string;
  readonly epoch: number;
  readonly wrapped: number[];
}
interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * Returns how many were wrapped anew. A row that does not open stays as it is and is counted as
 * left, so its epoch is not destroyed before somebody has looked at it.
 */
async function sweep(vault: Vault, span: Span, nowMs: number, rowsMax: number): Promise<number> {
  let rewrapped = 0;
  let after: Pick<Row, "member" | "key_id"> = { member: "", key_id: "" };
  for (let seen = 0; seen < rowsMax; ) {
    const limit = Math.min(rowsPerBatch, rowsMax - seen);
    const { results } = await vault.keyring.database
      .prepare(
        `SELECT member, key_id, epoch, wrapped FROM member_key
         WHERE epoch = ?1 AND (member, key_id) > (?2, ?3) ORDER BY member, key_id LIMIT ?4`,
      )
      .bind(span.from, after.member, after.key_id, limit)
      .all<Row>();
    const replacements = await rewrapAll(vault, results, span.to, nowMs);
    if (replacements.length > 0) rewrapped += await replace(vault, replacements, span);
    seen += results.length;
    const last = results.at(-1);
    if (last === undefined || results.length < limit) break;
    after = last;
  }
  return rewrapped;
}

interface Replacement {
  readonly member: string;
  readonly key: string;
  /** In hex: JSON carries the batch. */
  readonly wrapped: string;
}

async function rewrapAll(
  { keyring }: Vault,
  rows: readonly Row[],
  to: number,
  nowMs: number,
): Promise<Replacement[]> {
  const one = async (row: Row): Promise<Replacement[]> => {
    const { member, key_id: key } = row;
    try {
      const wrapped = await keyring.memberKeys.rewrap({ member, generation: key }, row, to, nowMs);
      return [{ member, key, wrapped: hex(wrapped) }];
    } catch (error) {
      if (error instanceof EpochGone || error instanceof Unopenable) return [];
      throw error;
    }
  };
  const replacements: Replacement[] = [];
  for (let at = 0; at < rows.length; at += wrapsAtOnce)
    replacements.push(...(await Promise.all(rows.slice(at, at + wrapsAtOnce).map(one))).flat());
  return replacements;
}

const hex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

/**
 * Those that are still as they were read: the others were erased, or another worker was faster. The
 * plus keeps SQLite from going through the whole epoch and the whole batch for each of its rows.
 */
async function replace(
  { keyring }: Vault,
  replacements: readonly Replacement[],
  { from, to }: Span,
): Promise<number> {
  const { meta } = await keyring.database
    .prepare(
      `UPDATE member_key SET epoch = ?3, wrapped = unhex(one.value ->> 'wrapped')
       FROM json_each(?1) AS one
       WHERE member_key.member = one.value ->> 'member'
         AND member_key.key_id = one.value ->> 'key' AND +member_key.epoch = ?2`,
    )
    .bind(JSON.stringify(replacements), from, to)
    .run();
  return meta.changes;
}

/**
 * Wraps what lies under an older root key under the present one. Once nothing is left the older
 * root's secret may be removed; until then both are needed. A crash leaves some under the old one.
 */
export async function rotateRoot({ epochs }: Shards): Promise<RotationStatus> {
  const rewrapped = await epochs.rewrap();
  const missed = await epochs.rewrap();
  const [root, list] = [await epochs.presentRoot(), await epochs.list()];
  const left = missed + list.filter((epoch) => epoch.root !== root).length;
  const epoch = list.at(-1)?.n ?? 0;
  return { what: "root", epoch, rewrapped: rewrapped + missed, left, done: left === 0 };
}
