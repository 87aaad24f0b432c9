/**
 * The shards and the keys above them as they are, and who may open or close a shard. A member never
 * moves, so a shard is closed while there is room left for those whom it keeps already.
 */
import type { KeysStatus, Refusal, ShardStatus } from "../../domain/ports.ts";
import type { Directory } from "./directory.ts";
import type { Shards, Vault } from "./env.ts";
import { isRestored } from "./journal.ts";

/** Of a database's 10 GB; the rest is for the members it has. */
export const shardBytesMax = 8_000_000_000;
const alignmentsMax = 5;

export async function keysStatus(shards: Shards): Promise<KeysStatus> {
  const [list, root, open, members] = await Promise.all([
    shards.epochs.list(),
    shards.epochs.presentRoot(),
    shards.directory.openShards(),
    shards.directory.counts(),
  ]);
  const newest = list.at(-1);
  const placed = (shard: number) => ({
    shard,
    open: open.includes(shard),
    members: members.get(shard) ?? 0,
  });
  const unbound = [...new Set([...open, ...members.keys()])]
    .filter((shard) => shards.all[shard] === undefined)
    .sort((a, b) => a - b);
  const nothing = { bytes: 0, restored: false, missing: true, left: 0 };
  return {
    epoch: newest?.n ?? 0,
    epochMadeAtMs: newest?.madeAtMs ?? 0,
    epochs: list.map(({ n }) => n),
    underOldRoot: list.filter((epoch) => epoch.root !== root).length,
    shards: [
      ...(await Promise.all(
        shards.all.map(async (vault): Promise<ShardStatus> => {
          const place = placed(vault.shard);
          const { migrated, bytes } = await lookAt(vault);
          const below = migrated && list.length > 1 ? newest?.n : undefined;
          return {
            ...place,
            bytes,
            restored: migrated && (await isRestored(vault)),
            missing: !migrated && (place.open || place.members > 0),
            left: below === undefined ? 0 : await countBelow(vault, below),
          };
        }),
      )),
      ...unbound.map((shard) => ({ ...placed(shard), ...nothing })),
    ],
  };
}

/** Shards that have members or take some and are not among these, by number. */
export async function missingShards(
  directory: Directory,
  vaults: readonly Vault[],
): Promise<number[]> {
  const seen = new Set(vaults.map(({ shard }) => shard));
  const used = new Set([...(await directory.openShards()), ...(await directory.counts()).keys()]);
  return [...used].filter((shard) => !seen.has(shard)).sort((a, b) => a - b);
}

/** Keys under an older epoch; under one that is gone too: that is an old copy, not made whole. */
export async function countBelow({ keyring }: Vault, epoch: number): Promise<number> {
  const rows = await keyring.database
    .prepare("SELECT count(*) AS rows FROM member_key WHERE epoch < ?")
    .bind(epoch)
    .first<number>("rows");
  return rows ?? 0;
}

export interface Look {
  /** Whether both databases have their tables; a shard is bound before its migrations may be run. */
  readonly migrated: boolean;
  /** Of the larger of its two databases: that is the one that fills up. */
  readonly bytes: number;
}

/** One call to each of the two databases. */
export async function lookAt({ phi, keyring }: Vault): Promise<Look> {
  const look = async (db: D1Database, table: string) =>
    db.prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?").bind(table).all();
  const both = await Promise.all([look(keyring.database, "epoch"), look(phi, "shard_state")]);
  return {
    migrated: both.every(({ results }) => results.length > 0),
    bytes: Math.max(...both.map(({ meta }) => meta.size_after)),
  };
}

export const isMigrated = async (vault: Vault): Promise<boolean> => (await lookAt(vault)).migrated;

/**
 * 1. a shard that opens is set to the newest epoch   its new keys would be wrapped under one that is
 *                                                    gone: refused, not lost
 * 2. new members are placed there, or no longer
 * 3. one that opened is set to the newest again      a rotation that began and ended between 1 and 2
 *                                                    may have left it out
 *
 * The last open shard that is bound is not closed: nobody could enrol. One that is not bound can be
 * closed: a rotation waits for every open one.
 */
export async function openShard(
  shards: Shards,
  number: number,
  open: boolean,
): Promise<KeysStatus | Refusal> {
  const vault = shards.all[number];
  if (open) {
    if (vault === undefined || !(await isMigrated(vault))) return { refused: "not-found" };
    await alignEpoch(shards, vault);
    await shards.directory.setOpen(number, true);
    await alignEpoch(shards, vault);
    return keysStatus(shards);
  }
  const opened = await shards.directory.openShards();
  if (vault === undefined && !opened.includes(number)) return { refused: "not-found" };
  if (opened.every((each) => each === number || shards.all[each] === undefined))
    return { refused: "last-open-shard" };
  await shards.directory.setOpen(number, false);
  return keysStatus(shards);
}

/** From here on a key wrapped under an older epoch is refused by this shard. Never goes back. */
export async function raiseEpoch({ keyring }: Vault, epoch: number): Promise<void> {
  await keyring.database
    .prepare("UPDATE epoch SET current = ?1 WHERE current < ?1")
    .bind(epoch)
    .run();
}

/** A rotation may end meanwhile: looked at again until the newest is the one that was set. */
async function alignEpoch(shards: Shards, vault: Vault): Promise<void> {
  let set: number | undefined;
  for (let i = 0; i < alignmentsMax; i++) {
    const newest = (await shards.epochs.list()).at(-1)?.n;
    if (newest === undefined || newest === set) return;
    await raiseEpoch(vault, newest);
    set = newest;
  }
  throw new Error("the epochs do not come to rest");
}

/**
 * Closes the shards that are nearly full; returns how many. The last open one stays open: without
 * it nobody could enrol.
 */
export async function closeFullShards(
  shards: Shards,
  bytesMax: number = shardBytesMax,
  bytesOf = async (vault: Vault): Promise<number> => (await lookAt(vault)).bytes,
): Promise<number> {
  const open = await shards.directory.openShards();
  let left = shards.all.filter(({ shard }) => open.includes(shard)).length;
  let closed = 0;
  for (const vault of shards.all) {
    if (left <= 1) break;
    if (!open.includes(vault.shard) || (await bytesOf(vault)) <= bytesMax) continue;
    await shards.directory.setOpen(vault.shard, false);
    left--;
    closed++;
  }
  return closed;
}
