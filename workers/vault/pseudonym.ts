/**
 * Under what name a member stands in the log: drawn from a key of their own, which is wrapped, copied
 * and rotated with the member's keys and destroyed with them. While it lives a member's entries are
 * found by it; from then on they are nobody's.
 */
import { BoundedCache } from "./bounded-cache.ts";
import { expand } from "./chunked.ts";
import type { Vault } from "./env.ts";
import { lengthPrefixed } from "./envelope.ts";
import type { Generation } from "./keyring.ts";

/** The "connection" whose data key names members; it seals nothing. */
export const logConnection = "log";
const pseudonymBytes = 16;
const cachedMax = 10_000;
const cachedForMs = 60_000;
/** While a member's key is being replaced, no new data key is made: looked up again so often. */
const lookupsMax = 8;

const caches = new WeakMap<Vault, BoundedCache<string>>();

function cacheOf(vault: Vault): BoundedCache<string> {
  const known = caches.get(vault) ?? new BoundedCache<string>(cachedMax, cachedForMs);
  caches.set(vault, known);
  return known;
}

/** 32 hexadecimal digits; empty for somebody who is unknown to this shard, or erased. */
export async function pseudonymOf(vault: Vault, member: string, nowMs: number): Promise<string> {
  const kept = cacheOf(vault).get(member, nowMs);
  if (kept !== undefined) return kept;
  for (let look = 0; look < lookupsMax; look++) {
    const generation = await vault.phi
      .prepare("SELECT key_id FROM member WHERE id = ? AND erased_at IS NULL")
      .bind(member)
      .first<string>("key_id");
    if (generation === null) return "";
    const pseudonym = await drawnFrom(vault, { member, generation }, nowMs);
    if (pseudonym === null) continue;
    cacheOf(vault).set(member, pseudonym, nowMs);
    return pseudonym;
  }
  throw new Error("the member's key kept being replaced");
}

/** Once the member is erased, what this isolate remembers goes too. */
export const forgetPseudonym = (vault: Vault, member: string): void =>
  cacheOf(vault).delete(member);

/** Null while that generation is gone or being replaced. */
async function drawnFrom(vault: Vault, of: Generation, nowMs: number): Promise<string | null> {
  const key = await vault.keyring.dataKey(of, logConnection, nowMs);
  if (key === null) return null;
  const info = lengthPrefixed("singlet/pseudonym/v1", vault.environment, of.member);
  const bytes = await expand(key.key, info, pseudonymBytes);
  return [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
