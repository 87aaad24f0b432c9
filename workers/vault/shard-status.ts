/**
 * The shards and the keys above them as they are, and who may open or close a shard. A member never
 * moves, so a shard is closed while there is room left for those whom it keeps already.
 */
import type { KeysStatus, Refusal, ShardStatus } from "../../domain/ports.ts";
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
  return {
    epoch: newest?.n ?? 0,
    epochMadeAtMs: newest?.madeAtMs ?? 0,
    epochs: list.map(({ n }) => n),
    underOldRoot: list.filter((epoch) => epoch.root !== root).length,
    shards: await Promise.all(
      shards.all.map(
        async (vault): Promise<ShardStatus> => ({
          shard: vault.shard,
          open: open.includes(vault.shard),
          members: members.get(vault.shard) ?? 0,
          bytes: await bytesOf(vault),
          restored: (await isMigrated(vault)) && (await isRestored(vault)),
        }),
      ),
    ),
  };
}

/** Of the larger of its two databases: that is the one that fills up. */
async function bytesOf({ phi, keyring }: Vault): Promise<number> {
  const sizes = await Promise.all(
    [phi, keyring.database].map(async (db) => (await db.prepare("SELECT 1").all()).meta.size_after),
  );
  return Math.max(...sizes);
}

/** Whether both databases have their tables; a shard is bound before its migrations may be run. */
export async function isMigrated({ phi, keyring }: Vault): Promise<boolean> {
  const has = async (db: D1Database, table: string) =>
    (await db
      .prepare("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?")
      .bind(table)
      .first()) !== null;
  return (await has(keyring.database, "epoch")) && (await has(phi, "shard_state"));
}

/**
 * 1. a shard that opens is set to the newest epoch   its new keys would be wrapped under one that is
 *                                                    gone: refused, not lost
 * 2. new members are placed there, or no longer
 *
 * The last open shard is not closed: nobody could enrol.
 */
export async function openShard(
  shards: Shards,
  number: number,
  open: boolean,
): Promise<KeysStatus | Refusal> {
  const vault = shards.all[number];
  if (vault === undefined || !(await isMigrated(vault))) return { refused: "not-found" };
  if (open) await alignEpoch(shards, vault);
  else if ((await shards.directory.openShards()).every((each) => each === number))
    return { refused: "last-open-shard" };
  await shards.directory.setOpen(number, open);
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
): Promise<number> {
  const open = await shards.directory.openShards();
  let left = open.length;
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
