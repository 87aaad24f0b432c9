/**
 * Renewing a connection's tokens, once for however many ask and wherever they run. A refresh token is
 * often good for one use, so using it twice may cost the whole grant. Who may ask is decided by a
 * lease beside the sealed tokens, taken by compare-and-set for the revision that they have; the
 * lease is named by the revision that the new ones will have.
 *
 * An answer that never came leaves its mark: the same refresh token is used again, since some
 * providers still take it; only when that is refused too the grant is lost.
 */
import type { NoRequest, ProviderReply } from "../../domain/ports.ts";
import { tokenColumn } from "./groups.ts";
import { askRefresh, renewAheadMs } from "./oauth.ts";
import {
  type Held,
  type Line,
  openTokens,
  pause,
  sealTokens,
  type Tokens,
} from "./provider-line.ts";

/** Longer than a call to the provider may take, and sealing what came of it. */
const leaseMs = 20_000;
/** Others wait until the lease of a crashed one has surely run out. */
const waitMsMax = 25_000;
const pauseMsMin = 25;
const pauseMsMax = 1_000;
const roundsMax = 8;

/** Why there are none: as the provider said, or as it failed to. */
export type NoTokens = NoRequest | ProviderReply;
export interface Usable extends Held {
  /** They came while we asked or waited: asking for others again is no use. */
  readonly isNew: boolean;
}
export const isUsable = (tokens: Usable | NoTokens): tokens is Usable => "access" in tokens;

const isDue = ({ renewAtMs, expiresAtMs }: Tokens): boolean =>
  Date.now() >= (renewAtMs ?? expiresAtMs - renewAheadMs);

/**
 * Tokens to ask with, renewed when they are due or when those of `refused` were not taken. While the
 * access token still holds, a renewal that fails, or that somebody else is at, changes nothing.
 * Throws when others kept renewing for too long: to be asked again.
 */
export async function usableTokens(
  line: Line,
  refused: number | null = null,
): Promise<Usable | NoTokens> {
  const untilMs = Date.now() + waitMsMax;
  for (let round = 0; round < roundsMax; round++) {
    const held = await openTokens(line);
    if ("failed" in held) return held;
    const isNew = round > 0 || (refused !== null && held.revision !== refused);
    const isValid = held.revision !== refused && Date.now() < held.expiresAtMs;
    if (isValid && (isNew || !isDue(held))) return { ...held, isNew };
    const still = isValid ? { ...held, isNew } : null;
    if (held.refresh === null) return still ?? { failed: "grant-ended" };
    const lease = await take(line, held.revision);
    if (lease !== null) {
      const renewed = await renew(line, held, held.refresh, lease);
      return isUsable(renewed) ? renewed : (still ?? renewed);
    }
    if (still !== null) return still;
    const outcome = await waitFor(line, held.revision, untilMs);
    if (outcome !== null) return outcome;
  }
  throw new Error("the tokens kept being renewed");
}

interface Lease {
  /** The revision that the new tokens will have: greater than any before. */
  readonly revision: number;
  /** An answer to asking with these very tokens was lost, or somebody crashed over it. */
  readonly wasLost: boolean;
}

/**
 * 1. the lease is taken, durable       a crash: it runs out, and counts as an answer that was lost
 * 2. the provider is asked             a crash: the same
 * 3. new tokens are sealed             a crash before: the same; after: they are there for everybody,
 *                                      and the lease is over with them
 *    or what came instead is written   a crash before: the same; after: those who wait have it
 *
 * Before a refusal is believed, the tokens are looked at again: whoever outlived their lease may come
 * after somebody who renewed them.
 */
async function renew(
  line: Line,
  held: Held,
  refresh: string,
  lease: Lease,
): Promise<Usable | NoTokens> {
  const { access, refreshExpiresAtMs } = held;
  const answer = await askRefresh(line, { access, refresh, refreshExpiresAtMs });
  if (answer.kind === "tokens") {
    const { revision } = lease;
    const tokens = { ...answer.tokens, account: held.account };
    const isSealed = await sealTokens(line, tokens, revision);
    return isSealed ? { ...tokens, revision, isNew: true } : { failed: "forgotten" };
  }
  if (answer.kind === "reply") {
    const { reply, isLost } = answer;
    await settle(line, lease, lease.wasLost || isLost, reply);
    return reply;
  }
  const now = await openTokens(line);
  if ("failed" in now) return now;
  if (now.revision !== held.revision) return { ...now, isNew: true };
  const ended: NoRequest = { failed: lease.wasLost ? "refresh-lost" : "grant-ended" };
  await settle(line, lease, lease.wasLost, ended);
  return ended;
}

/** Of the member ?1 and the connection ?2. */
const isTheirs = `member = ?1 AND row_id = ?2 AND group_name = '${tokenColumn}'`;
/** From here on nobody else asks with these tokens, until the lease ends. */
const taken = `renewal = max(coalesce(renewal, 0), revision, ?3) + 1, renewal_until = ?4,
  renewal_outcome = NULL, renewal_lost = coalesce(renewal, 0) > revision
    AND (renewal_lost = 1 OR renewal_until IS NOT NULL)`;

/** Null when somebody else is at it, or these are not the tokens any more. */
async function take({ vault, member, connection }: Line, revision: number): Promise<Lease | null> {
  const nowMs = Date.now();
  const row = await vault.phi
    .prepare(
      `UPDATE sealed SET ${taken}
       WHERE ${isTheirs} AND revision = ?5 AND (coalesce(renewal, 0) <= revision
         OR renewal_until IS NULL OR renewal_until <= ?3)
       RETURNING renewal, renewal_lost`,
    )
    .bind(member, connection, nowMs, nowMs + leaseMs, revision)
    .first<{ renewal: number; renewal_lost: number }>();
  return row && { revision: row.renewal, wasLost: row.renewal_lost === 1 };
}

/**
 * The revision for tokens of a new grant: greater than that of any renewal that is under way, whose
 * tokens come too late then; and none begins while they are being sealed.
 */
export async function nextRevision({ vault, member, connection }: Line): Promise<number> {
  const nowMs = Date.now();
  const row = await vault.phi
    .prepare(`UPDATE sealed SET ${taken} WHERE ${isTheirs} RETURNING renewal`)
    .bind(member, connection, nowMs, nowMs + leaseMs)
    .first<{ renewal: number }>();
  return row?.renewal ?? nowMs;
}

async function settle(
  { vault, member, connection }: Line,
  { revision }: Lease,
  isLost: boolean,
  outcome: NoTokens,
): Promise<void> {
  await vault.phi
    .prepare(
      `UPDATE sealed SET renewal_until = NULL, renewal_lost = ?4, renewal_outcome = ?5
       WHERE ${isTheirs} AND renewal = ?3`,
    )
    .bind(member, connection, revision, isLost ? 1 : 0, JSON.stringify(outcome))
    .run();
}

interface Renewal {
  readonly revision: number;
  readonly renewal_until: number | null;
  readonly renewal_outcome: string | null;
}

/**
 * Null when there is something to look at again: other tokens, none any more, or a lease that ran
 * out. What came of it for whoever was at it holds for all who waited.
 */
async function waitFor(
  { vault, member, connection }: Line,
  revision: number,
  untilMs: number,
): Promise<NoTokens | null> {
  for (let ms = pauseMsMin; Date.now() < untilMs; ms = Math.min(2 * ms, pauseMsMax)) {
    const row = await vault.phi
      .prepare(`SELECT revision, renewal_until, renewal_outcome FROM sealed WHERE ${isTheirs}`)
      .bind(member, connection)
      .first<Renewal>();
    if (row === null || row.revision !== revision) return null;
    if (row.renewal_until === null)
      return row.renewal_outcome === null ? null : (JSON.parse(row.renewal_outcome) as NoTokens);
    if (row.renewal_until <= Date.now()) return null;
    await pause(ms);
  }
  throw new Error("the tokens are being renewed by somebody else");
}
