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
 * 4. the living wraps are copied      parts of a copy, never overwritten, gone on with
 * 5. the older epochs are destroyed   what is left of old copies opens nothing; the next step, or
 *    and their copies dropped         the next rotation, drops them
 *
 * 1 and 5 only with every shard in sight that has members or takes some (`ShardMissing`): what one
 * that is not bound keeps under an older epoch is not counted. 5 begins only when, after 2, no shard has a row under an older epoch. Rows under an epoch that is
 * gone come from an old copy of a database. Nothing is destroyed while there are any: the copies of
 * the living wraps are what `restore` makes that shard whole with.
 */
import type { RotationStatus } from "../../domain/ports.ts";
import { Unopenable } from "./chunked.ts";
import type { Shards, Vault } from "./env.ts";
import type { Epoch } from "./epochs.ts";
import { isRestored, Restored } from "./journal.ts";
import { copyEpoch, dropCopiesBefore } from "./key-copy.ts";
import { EpochGone } from "./key-wraps.ts";
import { RotationRun } from "./rotation-run.ts";
import { countBelow, isMigrated, missingShards, raiseEpoch } from "./shard-status.ts";

/** A week, so that an erasure is final within eight days, the rotation itself included. */
export const epochAgeMsMax = 7 * 86_400_000;
const rowsPerBatch = 1_000;
const wrapsAtOnce = 50;
/** Statements of `isMigrated` and `isRestored`. */
const callsOfALook = 5;

/** Keys lie in a shard that is not seen from here: they would be lost with their epoch. */
export class ShardMissing extends Error {
  override readonly name = "ShardMissing";

  constructor(shard: number) {
    super(`shard ${shard} is not bound or not migrated: nothing is rotated without it`);
  }
}

/** Whether one is to begin, or is under way. */
export const dueForRotation = (epochs: readonly Epoch[], nowMs: number): boolean =>
  epochs.length > 1 || (epochs[0] !== undefined && nowMs - epochs[0].madeAtMs > epochAgeMsMax);

/**
 * One step: at most `rowsMax` rows are wrapped anew or copied. Throws `Restored` while a shard is an
 * old copy, and `ShardMissing`. A step after the one that was done begins the next rotation. Several
 * steps of one invocation share a `run`: what it knows is not asked again.
 */
export async function rotateEpoch(
  shards: Shards,
  nowMs: number,
  rowsMax: number,
  run: RotationRun = new RotationRun(),
): Promise<RotationStatus> {
  run.vaults ??= await vaultsOf(shards, run);
  const { vaults } = run;
  const epoch = await beginOrResume(shards, vaults, run, nowMs);
  if (run.isAnother(epoch))
    for (const vault of vaults) {
      await raiseEpoch(vault, epoch);
      run.calls++;
    }
  const older = (await shards.epochs.list()).map(({ n }) => n).filter((n) => n < epoch);
  let [rewrapped, left, uncounted] = [0, 0, vaults.filter((one) => !run.left.has(one)).length];
  for (const vault of vaults) {
    if (!run.left.has(vault)) uncounted--;
    const mayWork = rewrapped === 0 || run.hasRoomBeside(uncounted);
    const span = { older, epoch, rowsMax: mayWork ? rowsMax - rewrapped : 0 };
    rewrapped += await sweepShard(vault, span, run, nowMs);
    left += run.left.get(vault) ?? 0;
  }
  const status = { what: "epoch", epoch, rewrapped, left } as const;
  if (left > 0 || rewrapped >= rowsMax) return { ...status, done: false };
  if (!(await copyAll(vaults, epoch, run, nowMs, rowsMax - rewrapped)))
    return { ...status, done: false };
  await assertAllSeen(shards, vaults, run);
  for (const n of older) await shards.epochs.destroy(n);
  const [first] = vaults;
  if (first !== undefined) await dropCopiesBefore(first, epoch);
  return { ...status, done: true };
}

/** All that take part: a shard that has no members and takes none may be without its tables. */
async function vaultsOf(shards: Shards, run: RotationRun): Promise<Vault[]> {
  const vaults: Vault[] = [];
  for (const vault of shards.all) if (await isMigrated(vault)) vaults.push(vault);
  await assertAllSeen(shards, vaults, run);
  for (const vault of vaults) if (await isRestored(vault)) throw new Restored();
  run.calls += callsOfALook * shards.all.length;
  return vaults;
}

async function assertAllSeen(
  { directory }: Shards,
  vaults: readonly Vault[],
  run: RotationRun,
): Promise<void> {
  const [missing] = await missingShards(directory, vaults);
  run.calls += 2;
  if (missing !== undefined) throw new ShardMissing(missing);
}

/**
 * The epoch that everything is to be wrapped under. A stale worker may make one anew that was
 * destroyed long ago: no row is under it, and it goes as an older one.
 */
async function beginOrResume(
  shards: Shards,
  vaults: readonly Vault[],
  run: RotationRun,
  nowMs: number,
): Promise<number> {
  const list = await shards.epochs.list();
  const newest = list.at(-1)?.n ?? 0;
  if (list.length > 1) return newest;
  await assertAllSeen(shards, vaults, run);
  const current = await Promise.all(vaults.map(({ keyring }) => keyring.memberKeys.currentEpoch()));
  run.calls += vaults.length;
  const next = Math.max(newest, ...current) + 1;
  await shards.epochs.make(next, nowMs);
  return next;
}

interface Sweep {
  readonly older: readonly number[];
  readonly epoch: number;
  readonly rowsMax: number;
}

/** Counted once a run, and again once it was gone through. Returns how many were wrapped anew. */
async function sweepShard(
  vault: Vault,
  { older, epoch, rowsMax }: Sweep,
  run: RotationRun,
  nowMs: number,
): Promise<number> {
  const count = (): Promise<number> => {
    run.calls++;
    return countBelow(vault, epoch);
  };
  const before = run.left.get(vault) ?? (await count());
  run.left.set(vault, before);
  if (before === 0 || rowsMax <= 0) return 0;
  let rewrapped = 0;
  for (const from of older)
    rewrapped += await sweep(vault, { from, to: epoch }, run, nowMs, rowsMax - rewrapped);
  const isCut = rewrapped >= rowsMax && before > rewrapped;
  run.left.set(vault, isCut ? before - rewrapped : await count());
  return rewrapped;
}

/** False when there is more to copy than one step may. */
async function copyAll(
  vaults: readonly Vault[],
  epoch: number,
  run: RotationRun,
  nowMs: number,
  rowsMax: number,
): Promise<boolean> {
  let copied = 0;
  for (const vault of vaults.filter((each) => !run.copied.has(each))) {
    if (copied > 0 && !run.hasRoomBeside(0)) return false;
    const copy = await copyEpoch(vault, epoch, nowMs, rowsMax - copied);
    copied += copy.rows;
    run.calls += copy.calls;
    if (!copy.done) return false;
    run.copied.add(vault);
  }
  return true;
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
async function sweep(
  vault: Vault,
  span: Span,
  run: RotationRun,
  nowMs: number,
  rowsMax: number,
): Promise<number> {
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
    run.calls += replacements.length > 0 ? 2 : 1;
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
