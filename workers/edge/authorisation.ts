/**
 * Links that a member began and has not ended. What the provider and the browser carry is random and
 * kept as SHA-256 only. A link is used once: whoever ends it takes its row away, and only the browser
 * or the member that began it can.
 */
import type { MemberId } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import { base64Url } from "../../kernel/hmac.ts";
import type { Ports } from "./ports.ts";

const secretBytes = 32;
export const authorisationMs = 600_000;
/** Of one member at once; the oldest give way. */
const openMax = 10;

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
  const [state, browser] = await Promise.all([hashOf(of.state), hashOf(of.browser)]);
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
          `DELETE FROM authorisation WHERE member = ?1 AND state <> ?2 AND state NOT IN (
             SELECT state FROM authorisation WHERE member = ?1 AND state <> ?2
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
        `SELECT ${columns} FROM authorisation WHERE state = ? AND provider = ? AND expires_at > ?`,
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
           AND ${owner} = ? RETURNING ${columns}`,
      )
      .bind(hash, provider, nowMs, value)
      .first<Columns>(),
  );
  return begunOf(row);
}
