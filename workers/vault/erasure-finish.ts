/**
 * The part of an erasure that follows from what stands declared: rows retracted for good and ended
 * connections. Their keys go, their rows go, survivors that shared a key are sealed anew, and the
 * member's key is another one, so that the next rotation of epochs makes it final. Asked again, it
 * goes on; where nothing is left to do it changes nothing.
 */
import type { MemberId } from "../../domain/identity.ts";
import { deleteForgotten } from "./card-rows.ts";
import type { Vault } from "./env.ts";
import { dropAllExports, exportConnection } from "./export-rows.ts";
import { copyMember } from "./key-copy.ts";
import { dropLeftovers, keepLease, type Lease, replaceMemberKey } from "./lease.ts";
import { resealRetired } from "./reseal.ts";
import { copySurvivors, dropRowCopies } from "./row-copy.ts";
import { forgetDevices } from "./sample-erased.ts";
import {
  belowChunkRows,
  belowDayRows,
  chunkRows,
  dayRows,
  devicesRow,
  insightsRow,
} from "./sample-rows.ts";
import { tidyObjects } from "./sealed-object.ts";

const cellsPerStep = 100;
/**
 * Calls to databases and buckets that sealing anew may make in one go, of the thousand that an
 * invocation has; what is left after that is the next one's, within the hour.
 */
const callsPerRunMax = 500;
/** What is done to a member besides. */
const callsPerMember = 60;

/** What is left of an invocation's calls, of several members together. */
export interface Budget {
  calls: number;
}
export const newBudget = (): Budget => ({ calls: callsPerRunMax });

export type Done = (step: string, count: number) => unknown;
export interface Finished {
  readonly done: boolean;
  readonly rows: number;
  /** Whether keys were destroyed or replaced. */
  readonly replaced: boolean;
}

/**
 * 1. generations that a crash left go               nobody asks for them
 * 2. fence: a new generation without the keys of    readers go on; whoever held the generation
 *    ended connections, and with new data keys      before writes nothing and starts over under the
 *    where one sealed a row that goes               new one
 * 3. rows go, their objects listed as orphans;      the sweep destroys what is left of them;
 *    devices that nothing else told of              they are found again
 * 4. survivors are sealed anew, in batches          some are under the old data key, some under the
 *                                                   new one; both open
 * 5. they are copied for a restore                  a copy of a part, written again
 * 6. a new generation without the old data keys     the fence's, with keys that open nothing
 * 7. copies that no key opens go                    they are found again
 * 8. what went is asked for no key any more         keys that are gone are asked for in vain
 *
 * A lease lost in between ends it: whoever has it goes on. Nothing under the old data key is written
 * after 2, so 4 ends; nothing that goes is written after its declaration, so 3 is complete.
 */
export async function finishPart(
  vault: Vault,
  lease: Lease,
  now: () => number,
  done: Done,
  budget: Budget,
): Promise<Finished> {
  let held = lease;
  budget.calls -= callsPerMember;
  await dropLeftovers(vault, held, now());
  const { renew, drop } = await sharedKeys(vault, held);
  if (renew.length + drop.length > 0) {
    held = await replaceMemberKey(vault, held, { renew, drop }, now());
    done("keys", drop.length);
  }
  const rows = await deleteErased(vault, held.member, now(), done);
  await forgetDevices(vault, held.member, now());
  const retired = await vault.keyring.retired(held);
  const left = { done: false, rows, replaced: held !== lease };
  if (!(await resealAll(vault, held, retired, now, done, budget))) return left;
  for (const { connection } of retired)
    if (!(await copySurvivors(vault, held, connection, now, budget))) {
      done("survivors-left", 0);
      return left;
    }
  if (retired.length > 0 || (lease.interrupted && held === lease)) {
    const ids = retired.map(({ id }) => id);
    held = await replaceMemberKey(vault, held, { renew: [], drop: ids }, now());
  }
  if (held !== lease) {
    await copyMember(vault, held, now());
    await dropClosedCopies(vault, held, now());
  }
  await forgetKeys(vault, held);
  return { done: true, rows, replaced: held !== lease };
}

/**
 * Data keys of ended connections, and of exports: they hold copies of what goes, and are dropped
 * whole. And the connections whose live key ever sealed what goes: also
 * before a correction came by another connection, or the source took it away.
 */
async function sharedKeys({ phi, keyring }: Vault, { member, generation }: Lease) {
  const [sealing, ended] = await phi.batch<{ id: string }>([
    phi
      .prepare(
        `SELECT key.value AS id FROM sealed JOIN json_each(sealed.keys) AS key
         WHERE (${isErased}) OR (${hasEnded("sealed")}) OR (${restsOnErased})
           OR (${tellsOfErased})
         UNION SELECT key.value FROM retraction JOIN json_each(retraction.keys) AS key
         WHERE retraction.member = ?1 AND retraction.revision = ${Number.MAX_SAFE_INTEGER}`,
      )
      .bind(member),
    phi.prepare("SELECT connection AS id FROM ended_connection WHERE member = ?").bind(member),
  ]);
  const ids = (found: typeof ended) => new Set((found?.results ?? []).map(({ id }) => id));
  const [shared, gone] = [ids(sealing), ids(ended)];
  const goes = (connection: string) => connection === exportConnection || gone.has(connection);
  const { results: keys } = await keyring.database
    .prepare("SELECT key_id, connection, retired FROM data_key WHERE member = ? AND generation = ?")
    .bind(member, generation)
    .all<{ key_id: string; connection: string; retired: number }>();
  return {
    drop: keys.filter((key) => goes(key.connection)).map((key) => key.key_id),
    renew: keys
      .filter((key) => shared.has(key.key_id) && key.retired === 0 && !goes(key.connection))
      .map((key) => key.connection),
  };
}

/** Nobody can have declared more since: that takes the lease. */
async function forgetKeys({ phi }: Vault, { member, id }: Lease): Promise<void> {
  await phi
    .prepare(
      `UPDATE retraction SET keys = '[]'
       WHERE member = ?1 AND revision = ${Number.MAX_SAFE_INTEGER} AND keys <> '[]'
         AND EXISTS (SELECT 1 FROM member WHERE id = ?1 AND lease = ?2 AND erased_at IS NULL)`,
    )
    .bind(member, id)
    .run();
}

/** Of the member ?1. */
const isErased = `sealed.member = ?1 AND sealed.row_id IN (SELECT row_id FROM retraction
  WHERE retraction.member = ?1 AND retraction.revision = ${Number.MAX_SAFE_INTEGER})`;
const hasEnded = (table: "sealed" | "parked") => `${table}.member = ?1
  AND ${table}.connection IN (SELECT connection FROM ended_connection WHERE member = ?1)`;

const besideErased = (rows: string): string => `sealed.member = ?1 AND (${rows})
  AND EXISTS (SELECT 1 FROM sealed AS chunk WHERE chunk.member = ?1
    AND chunk.row_id >= '${chunkRows}' AND chunk.row_id < '${belowChunkRows}'
    AND (chunk.connection IN (SELECT connection FROM ended_connection WHERE member = ?1)
      OR chunk.row_id IN (SELECT row_id FROM retraction
        WHERE retraction.member = ?1 AND retraction.revision = ${Number.MAX_SAFE_INTEGER})))`;
/**
 * What the vault made of a member's samples and keeps under their own key: once a chunk goes, it may
 * tell of what was in it. Days are made anew when somebody next asks; insights are noted anew.
 */
const restsOnErased = besideErased(
  `sealed.row_id >= '${dayRows}' AND sealed.row_id < '${belowDayRows}'
    OR sealed.row_id = '${insightsRow}'`,
);
/** Stays, without what it tells of them. */
const tellsOfErased = besideErased(`sealed.row_id = '${devicesRow}'`);

/** Days before the chunks that they rest on. */
async function deleteErased(
  vault: Vault,
  member: MemberId,
  nowMs: number,
  done: Done,
): Promise<number> {
  const { phi } = vault;
  const objects = `SELECT object FROM sealed WHERE object IS NOT NULL
      AND ((${isErased}) OR (${hasEnded("sealed")}) OR (${restsOnErased}))
    UNION SELECT object FROM parked WHERE object IS NOT NULL AND ${hasEnded("parked")}
    UNION SELECT object FROM export_file WHERE member = ?1`;
  const results = await phi.batch<{ object: string }>([
    phi.prepare(objects).bind(member),
    phi
      .prepare(`INSERT OR IGNORE INTO orphan (object, since) SELECT object, ?2 FROM (${objects})`)
      .bind(member, nowMs),
    phi.prepare(`DELETE FROM sealed WHERE ${restsOnErased}`).bind(member),
    phi.prepare(`DELETE FROM sealed WHERE (${isErased}) OR (${hasEnded("sealed")})`).bind(member),
    phi.prepare(`DELETE FROM parked WHERE ${hasEnded("parked")}`).bind(member),
    ...dropAllExports(phi, member),
    ...deleteForgotten.map((sql) => phi.prepare(sql).bind(member)),
  ]);
  const loose = (results[0]?.results ?? []).map((row) => row.object);
  await tidyObjects(vault, loose);
  const changes = (at: number): number => results[at]?.meta.changes ?? 0;
  const counts = [changes(2) + changes(3), changes(4)] as const;
  done("sealed", counts[0]);
  done("parked", counts[1]);
  done("objects", loose.length);
  return counts[0] + counts[1];
}

/** False when something is left under a retired key. */
async function resealAll(
  vault: Vault,
  lease: Lease,
  retired: readonly { readonly id: string; readonly connection: string }[],
  now: () => number,
  done: Done,
  budget: Budget,
): Promise<boolean> {
  for (const key of retired)
    for (let left = Number.POSITIVE_INFINITY; left > 0; ) {
      if (budget.calls <= 0) {
        done("survivors-left", Number.isFinite(left) ? left : 0);
        return false;
      }
      await keepLease(vault, lease, now());
      const resealed = await resealRetired(vault, lease, key, cellsPerStep, now());
      budget.calls -= resealed.calls;
      left = resealed.left;
    }
  return true;
}

/** Copies are listed before the lease is looked at: a successor's are not among them. */
async function dropClosedCopies(vault: Vault, lease: Lease, nowMs: number): Promise<void> {
  const { results } = await vault.keyring.database
    .prepare("SELECT key_id FROM data_key WHERE member = ? AND generation = ?")
    .bind(lease.member, lease.generation)
    .all<{ key_id: string }>();
  const opened = new Set(results.map((row) => row.key_id));
  await dropRowCopies(
    vault,
    lease.member,
    (keyId) => !opened.has(keyId),
    () => keepLease(vault, lease, nowMs),
  );
}

const objectsOf = `SELECT object FROM sealed WHERE member = ?1 AND object IS NOT NULL
  UNION SELECT object FROM parked WHERE member = ?1 AND object IS NOT NULL
  UNION SELECT object FROM export_file WHERE member = ?1`;
const tables = {
  sealed: "sealed",
  parked: "parked",
  exports: "export",
  "export-files": "export_file",
  consents: "consent",
  shares: "share",
  cards: "card",
  "card-holders": "card_holder",
  retractions: "retraction",
  "break-glass": "break_glass",
  "ended-connections": "ended_connection",
} as const;

/** All that a member had in their shard, but for the tombstone and the log. */
export async function deleteMemberRows(
  vault: Vault,
  member: MemberId,
  nowMs: number,
  done: Done,
): Promise<number> {
  const { phi } = vault;
  const names = Object.keys(tables) as (keyof typeof tables)[];
  const results = await phi.batch<{ object: string }>([
    phi.prepare(objectsOf).bind(member),
    phi
      .prepare(`INSERT OR IGNORE INTO orphan (object, since) SELECT object, ?2 FROM (${objectsOf})`)
      .bind(member, nowMs),
    ...names.map((name) =>
      phi.prepare(`DELETE FROM ${tables[name]} WHERE member = ?`).bind(member),
    ),
  ]);
  const counts = names.map((_, i) => results[i + 2]?.meta.changes ?? 0);
  names.forEach((name, i) => {
    done(name, counts[i] ?? 0);
  });
  const loose = (results[0]?.results ?? []).map((row) => row.object);
  await tidyObjects(vault, loose);
  done("objects", loose.length);
  return counts.reduce((n, count) => n + count, 0);
}
