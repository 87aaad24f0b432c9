/**
 * Links that a member began and has not ended. What the provider and the browser carry is random and
 * kept as SHA-256 only. A link is used once: whoever ends it takes its row away, and only the browser
 * or the member that began it can. A word that a provider says back (reference-links.ts) is such a
 * link without a browser: it brings one account, and the delivery that says it ends it.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { base64Url } from "../../kernel/hmac.ts";
import type { Ports } from "./ports.ts";

const secretBytes = 32;
export const authorisationMs = 600_000;
/** Of a word: until then its member may carry it to the provider. */
export const referenceMs = 86_400_000;
/** Of one member at once; the oldest give way. */
const openMax = 10;
/**
 * A word may cost the provider's budget, and a user there: so of one member at one provider no more
 * are open than this, and none gives way, and one comes no sooner after another.
 */
export const referencesMax = 10;
export const referenceEveryMs = 60_000;

/** Nothing of ours is longer. */
export const stateCharsMax = 64;

export interface Begun {
  readonly member: MemberId;
  /** SHA-256 of what the browser carries. */
  readonly browser: string;
  readonly returnTo: string | null;
}

/** For the provider and for the browser: nobody guesses either. */
export const newSecret = (): string =>
  base64Url(crypto.getRandomValues(new Uint8Array(secretBytes)));

export async function hashOf(secret: string): Promise<string> {
  const bytes = new TextEncoder().encode(secret);
  return base64Url(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
}

/** Keeps the link for its time; of too many the oldest go. */
export async function keepAuthorisation(
  ports: Ports,
  of: {
    readonly member: MemberId;
    readonly provider: string;
    readonly returnTo: string | null;
    readonly state: string;
    readonly browser: string;
  },
  nowMs: Instant,
): Promise<Instant> {
  const { member, provider, returnTo } = of;
  const state = await hashOf(of.state);
  const browser = await hashOf(of.browser);
  const expiresMs = nowMs + authorisationMs;
  await ports.sql((db) =>
    db.batch([
      db
        .prepare(
          `INSERT INTO authorisation (state, member, provider, browser, return_to, expires_at)
           VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .bind(state, member, provider, browser, returnTo, expiresMs),
      db
        .prepare(
          `DELETE FROM authorisation
           WHERE member = ?1 AND state <> ?2 AND browser <> '' AND state NOT IN (
             SELECT state FROM authorisation
             WHERE member = ?1 AND state <> ?2 AND browser <> ''
             ORDER BY expires_at DESC LIMIT ?3)`,
        )
        .bind(member, state, openMax - 1),
    ]),
  );
  return expiresMs;
}

interface Columns {
  member: string;
  browser: string;
  return_to: string | null;
}
const columns = "member, browser, return_to";
const begunOf = (row: Columns | null): Begun | null =>
  row && { member: row.member as MemberId, browser: row.browser, returnTo: row.return_to };

/** Looks and takes nothing; null: unknown, used, over, or of another provider. */
export async function findAuthorisation(
  ports: Ports,
  provider: string,
  state: string,
  nowMs: Instant,
): Promise<Begun | null> {
  const hash = await hashOf(state);
  const row = await ports.sql((db) =>
    db
      .prepare(
        `SELECT ${columns} FROM authorisation
         WHERE state = ? AND provider = ? AND expires_at > ? AND browser <> ''`,
      )
      .bind(hash, provider, nowMs)
      .first<Columns>(),
  );
  return begunOf(row);
}

/** Who ends it: the member with their token, or the browser with its cookie's hash. */
export type Ending = { readonly member: MemberId } | { readonly browser: string };

/** One of however many ask at once gets it; anybody else's asking leaves it where it is. */
export async function takeAuthorisation(
  ports: Ports,
  provider: string,
  state: string,
  by: Ending,
  nowMs: Instant,
): Promise<Begun | null> {
  const hash = await hashOf(state);
  const [owner, value] = "member" in by ? ["member", by.member] : ["browser", by.browser];
  const row = await ports.sql((db) =>
    db
      .prepare(
        `DELETE FROM authorisation WHERE state = ? AND provider = ? AND expires_at > ?
           AND browser <> '' AND ${owner} = ? RETURNING ${columns}`,
      )
      .bind(hash, provider, nowMs, value)
      .first<Columns>(),
  );
  return begunOf(row);
}

/** Those of one member at one provider that count, however they came to be of no use. */
const wordsOf = "member = ?1 AND provider = ?2 AND browser = ''";

/** Keeps a word for its day; `waitMs`: too many are open, or one was given just now. */
export async function keepReference(
  ports: Ports,
  of: {
    readonly member: MemberId;
    readonly provider: string;
    readonly returnTo: string | null;
    readonly word: string;
  },
  nowMs: Instant,
): Promise<{ readonly expiresMs: Instant } | { readonly waitMs: number }> {
  const { member, provider, returnTo } = of;
  const expiresMs = nowMs + referenceMs;
  const state = await hashOf(of.word);
  const [, kept, open] = await ports.sql((db) =>
    db.batch<{ expires_at: number }>([
      db
        .prepare(`DELETE FROM authorisation WHERE ${wordsOf} AND expires_at <= ?3`)
        .bind(member, provider, nowMs),
      db
        .prepare(
          `INSERT INTO authorisation (state, member, provider, browser, return_to, expires_at)
           SELECT ?3, ?1, ?2, '', ?4, ?5
           WHERE (SELECT count(*) FROM authorisation WHERE ${wordsOf}) < ?6
             AND NOT EXISTS (SELECT 1 FROM authorisation WHERE ${wordsOf} AND expires_at > ?7)
           RETURNING expires_at`,
        )
        .bind(
          member,
          provider,
          state,
          returnTo,
          expiresMs,
          referencesMax,
          expiresMs - referenceEveryMs,
        ),
      db
        .prepare(`SELECT expires_at FROM authorisation WHERE ${wordsOf} ORDER BY expires_at DESC`)
        .bind(member, provider),
    ]),
  );
  if (kept?.results.length === 1) return { expiresMs };
  const ends = (open?.results ?? []).map((row) => row.expires_at);
  const pauseMs = (ends[0] ?? 0) - referenceMs + referenceEveryMs - nowMs;
  const roomMs = (ends[referencesMax - 1] ?? 0) - nowMs;
  return { waitMs: Math.max(pauseMs, roomMs) };
}

/**
 * The member let go of an account there: no word that is still out brings one. They count on, so that
 * letting go is no way to have more of them.
 */
export const dropReferences = (
  ports: Ports,
  member: MemberId,
  provider: string,
): Promise<unknown> =>
  ports.sql((db) =>
    db
      .prepare(`UPDATE authorisation SET account = '' WHERE ${wordsOf}`)
      .bind(member, provider)
      .run(),
  );

/** A word that was said of an account. */
export interface SaidReference {
  readonly member: MemberId;
  readonly madeAtMs: Instant;
}

/**
 * From now on the word is this account's alone, however often and however many at once say it. Null:
 * unknown, used, over, of another provider, or said of another account before.
 */
export async function sayReference(
  ports: Ports,
  provider: string,
  word: string,
  account: string,
  nowMs: Instant,
): Promise<SaidReference | null> {
  if (word.length > stateCharsMax) return null;
  const hash = await hashOf(word);
  const row = await ports.sql((db) =>
    db
      .prepare(
        `UPDATE authorisation SET account = ?4
         WHERE state = ?1 AND provider = ?2 AND expires_at > ?3 AND browser = ''
           AND coalesce(account, ?4) = ?4
         RETURNING member, expires_at`,
      )
      .bind(hash, provider, nowMs, account)
      .first<{ member: string; expires_at: number }>(),
  );
  return row && { member: row.member as MemberId, madeAtMs: row.expires_at - referenceMs };
}

/** It is used up. */
export async function dropReference(ports: Ports, provider: string, word: string): Promise<void> {
  const hash = await hashOf(word);
  await ports.sql((db) =>
    db
      .prepare("DELETE FROM authorisation WHERE state = ? AND provider = ? AND browser = ''")
      .bind(hash, provider)
      .run(),
  );
}
