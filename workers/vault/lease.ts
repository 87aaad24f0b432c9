/**
 * The right to replace a member's key, one worker at a time. Keys and rows are in two databases, so
 * nothing here is one transaction; what keeps readers from being shut out is that the member's row
 * always names a generation that exists, and that only generations which can never be named again
 * are destroyed. A lease that was never given back marks work that a crash left (`finishErasures`).
 */
import type { MemberId } from "../../domain/identity.ts";
import { base64Url } from "../../kernel/hmac.ts";
import type { Vault } from "./env.ts";
import type { Renewal } from "./keyring.ts";

const leaseMs = 120_000;
const leaseIdBytes = 16;

export interface Lease {
  readonly member: MemberId;
  readonly id: string;
  /** The generation that the member's row names. */
  readonly generation: string;
  /** Whoever had it before neither gave it back nor left it behind: there was a crash. */
  readonly interrupted: boolean;
}
/** What work under a lease ends with; not done: the lease is left behind, free for the next. */
export interface Worked<T> {
  readonly done: boolean;
  readonly value: T;
}

/** Somebody else is at it: to be asked again later. */
export class LeaseHeld extends Error {
  override readonly name = "LeaseHeld";
}
/** It ran out and somebody else took it, or the member was erased: nothing more is changed. */
export class LeaseLost extends Error {
  override readonly name = "LeaseLost";
}

/**
 * Null for a member who is unknown or erased; throws `LeaseHeld`.
 *
 * 1. the lease is taken      left by a crash, it can be taken once it ran out
 * 2. the work is done        as it says itself; the lease tells that something is left
 * 3. it is given back        it runs out, and finishing what is finished changes nothing
 */
export async function withLease<T>(
  vault: Vault,
  member: MemberId,
  nowMs: number,
  work: (lease: Lease) => Promise<Worked<T>>,
): Promise<T | null> {
  const lease = await take(vault, member, nowMs);
  if (lease === null) return null;
  const { done, value } = await work(lease);
  await vault.phi
    .prepare(
      `UPDATE member SET lease = iif(?3, NULL, lease), lease_until = iif(?3, NULL, 0)
       WHERE id = ?1 AND lease = ?2`,
    )
    .bind(member, lease.id, done ? 1 : 0)
    .run();
  return value;
}

async function take(vault: Vault, member: MemberId, nowMs: number): Promise<Lease | null> {
  const id = base64Url(vault.random(leaseIdBytes));
  const [before, taken] = await vault.phi.batch<{ key_id: string; interrupted: number }>([
    vault.phi
      .prepare(
        `SELECT key_id, lease IS NOT NULL AND lease_until > 0 AS interrupted FROM member
         WHERE id = ? AND erased_at IS NULL`,
      )
      .bind(member),
    vault.phi
      .prepare(
        `UPDATE member SET lease = ?2, lease_until = ?3
         WHERE id = ?1 AND erased_at IS NULL AND (lease IS NULL OR lease_until <= ?4)`,
      )
      .bind(member, id, nowMs + leaseMs, nowMs),
  ]);
  const row = before?.results[0];
  if (row === undefined) return null;
  if (taken?.meta.changes !== 1) throw new LeaseHeld();
  return { member, id, generation: row.key_id, interrupted: row.interrupted === 1 };
}

/** Keeps it for another while; throws `LeaseLost`. */
export async function keepLease(vault: Vault, lease: Lease, nowMs: number): Promise<void> {
  const { meta } = await vault.phi
    .prepare(
      `UPDATE member SET lease_until = ?3
       WHERE id = ?1 AND lease = ?2 AND key_id = ?4 AND erased_at IS NULL`,
    )
    .bind(lease.member, lease.id, nowMs + leaseMs, lease.generation)
    .run();
  if (meta.changes !== 1) throw new LeaseLost();
}

/**
 * The member's key is another one afterwards. Throws `LeaseLost`.
 *
 * 1. what a crash left is destroyed            as below
 * 2. the next generation is made beside it     nobody uses it; the next try destroys it. New
 *                                              connections get no key until then, reads go on
 * 3. the member's row names it, which only the two generations exist; the next try destroys the
 *    holder of the lease can bring about       older one, which nobody asks for any more
 * 4. the generation before it is destroyed     done
 *
 * Only what was seen is destroyed, by its name: a worker that lost its lease between two steps would
 * otherwise destroy what its successor made.
 */
export async function replaceMemberKey(
  vault: Vault,
  lease: Lease,
  renewal: Renewal,
  nowMs: number,
): Promise<Lease> {
  await dropLeftovers(vault, lease, nowMs);
  const { member, generation } = lease;
  const next = await vault.keyring.nextGeneration({ member, generation }, renewal, nowMs);
  if (next === null) throw new LeaseLost();
  const { meta } = await vault.phi
    .prepare(
      `UPDATE member SET key_id = ?4
       WHERE id = ?1 AND lease = ?2 AND key_id = ?3 AND erased_at IS NULL`,
    )
    .bind(member, lease.id, generation, next)
    .run();
  if (meta.changes !== 1) throw new LeaseLost();
  await vault.keyring.dropGenerations(member, [generation]);
  return { ...lease, generation: next };
}

/**
 * Generations beside the one that is named. They are listed first and the lease is looked at after
 * that: whoever made them holds no lease any more, so they are never named.
 */
export async function dropLeftovers(vault: Vault, lease: Lease, nowMs: number): Promise<void> {
  const all = await vault.keyring.memberKeys.generations(lease.member);
  await keepLease(vault, lease, nowMs);
  if (!all.includes(lease.generation)) throw new Error("the member's key is not there");
  await vault.keyring.dropGenerations(
    lease.member,
    all.filter((generation) => generation !== lease.generation),
  );
}
