/**
 * Links by which a member shows daily aggregates to somebody without an account, a doctor say: what,
 * of which days, until when. The member's side: making one, seeing them, taking one back. Who opens
 * one is in shares-open.ts. For whom and what is sealed; of the code only the hash is kept.
 */
import type { DeedName } from "../../domain/audit.ts";
import type { MemberId } from "../../domain/identity.ts";
import {
  aggregateDaysMax,
  type OrRefusal,
  type Page,
  type Share,
  type ShareDraft,
  shareDaysMax,
} from "../../domain/ports.ts";
import { metrics as allMetrics, isMetric } from "../../domain/samples/metrics.ts";
import { isRecipient, sharesLivingMax } from "../../domain/samples/share-bounds.ts";
import { addDays, isLocalDate, msPerDay } from "../../domain/time.ts";
import { base64Url } from "../../kernel/hmac.ts";
import { closeEntry, type Deed, openEntry, tooMany } from "./audit.ts";
import { ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { openColumn } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";
import { hashOfCode, newCode } from "./shares-code.ts";

const sharesListedMax = 100;
const idBytes = 16;
/** The edge's clock may be ahead of this one. */
const clocksApartMsMax = 60_000;
/** The member is shown what came of a share for so long after it is over. */
const sharesKeptMs = 30 * msPerDay;
const prunedPerRunMax = 5_000;
/** A run may ask a thousand times: each shard's turn to let go of what was comes once a day. */
const shardTurns = 24;
const hourMs = msPerDay / shardTurns;

export interface ShareRow {
  readonly id: string;
  readonly made_at: number;
  readonly expires_at: number;
  readonly revoked_at: number | null;
  readonly opened: number;
  readonly last_opened_at: number | null;
}
export const shareFields = "id, made_at, expires_at, revoked_at, opened, last_opened_at";
/** What is sealed of it. */
export type Shared = Pick<ShareDraft, "recipient" | "metrics" | "from" | "to">;

const sharedColumn = "shared";
const sharedRow = (id: string): string => `share/${id}`;

/** By share; one whose sealed part is not there is absent. */
export async function sharedBy(
  vault: Vault,
  member: MemberId,
  ids: readonly string[],
  nowMs: number,
): Promise<ReadonlyMap<string, Shared> | "busy" | "forgotten"> {
  const texts = await openColumn(vault, member, sharedColumn, ids.map(sharedRow), nowMs);
  if (typeof texts === "string") return texts;
  return new Map(
    ids.flatMap((id) => {
      const text = texts.get(sharedRow(id));
      return text === undefined ? [] : [[id, JSON.parse(text) as Shared]];
    }),
  );
}

const rowToShare = (row: ShareRow, shared: Shared): Share => ({
  id: row.id,
  ...shared,
  madeAtMs: row.made_at,
  expiresAtMs: row.expires_at,
  revokedAtMs: row.revoked_at,
  opened: row.opened,
  lastOpenedMs: row.last_opened_at,
});

function isDraft({ recipient, metrics, from, to, expiresAtMs }: ShareDraft, nowMs: number) {
  const aheadMs = expiresAtMs - nowMs;
  return (
    isRecipient(recipient) &&
    metrics.length > 0 &&
    metrics.every(isMetric) &&
    isLocalDate(from) &&
    isLocalDate(to) &&
    from <= to &&
    to < addDays(from, aggregateDaysMax) &&
    Number.isSafeInteger(expiresAtMs) &&
    aheadMs > 0 &&
    aheadMs <= shareDaysMax * msPerDay + clocksApartMsMax
  );
}

const ownDeed = (deed: DeedName, member: MemberId, columns: readonly string[]): Deed => ({
  deed,
  actor: { id: member, member, roles: ["member"] },
  role: "member",
  member,
  columns,
  purpose: "",
});

/**
 * 1. the intent is in the log           shown as unknown, nothing is shared
 * 2. for whom and what is sealed        the same; words that nothing points at, gone with the member
 * 3. the row is kept, if there is room  the same; a share that no code leads to, until it is over
 * 4. the code leads to the member       shared, but nobody was told the code
 * 5. the outcome is in the log          the same
 * 6. the code is told                   done
 */
export async function makeShare(
  vault: Vault,
  member: MemberId,
  draft: ShareDraft,
  nowMs: number,
): Promise<OrRefusal<Share & { readonly code: string }>> {
  if (!isDraft(draft, nowMs)) return { refused: "invalid" };
  const metrics = allMetrics.filter((metric) => draft.metrics.includes(metric));
  const opened = await openEntry(vault, ownDeed("share", member, metrics), nowMs);
  if (opened === null) return tooMany;
  const refuse = (ground: string) =>
    closeEntry(vault, opened, { outcome: "refused", ground, rows: 0 });
  const shared = { recipient: draft.recipient.trim(), metrics, from: draft.from, to: draft.to };
  const code = newCode(vault.random);
  const row: ShareRow = {
    id: base64Url(vault.random(idBytes)),
    ...{ made_at: nowMs, revoked_at: null, opened: 0, last_opened_at: null },
    expires_at: Math.min(draft.expiresAtMs, nowMs + shareDaysMax * msPerDay),
  };
  const sealed = await seal(vault, member, row.id, shared, nowMs);
  if (sealed === "forgotten") {
    await refuse("no-member");
    return { refused: "unauthenticated" };
  }
  const hash = await hashOfCode(code);
  if (!(await keep(vault, member, row, hash))) {
    await refuse("too-many-shares");
    return tooMany;
  }
  await vault.directory.leadToShare(hash, member, row.expires_at);
  await closeEntry(vault, opened, { outcome: "permitted", ground: shareGround(row.id), rows: 0 });
  return { ...rowToShare(row, shared), code };
}

/** How the log names a share. */
export const shareGround = (id: string): string => `share:${id}`;

const seal = (vault: Vault, member: MemberId, id: string, shared: Shared, nowMs: number) =>
  sealRows(
    vault,
    member,
    ownConnection,
    [
      {
        row: sharedRow(id),
        revision: nowMs,
        columns: { [sharedColumn]: JSON.stringify(shared) },
      },
    ],
    nowMs,
  );

/** False when there is no room for one more: what was sealed for it goes again. */
async function keep({ phi }: Vault, member: MemberId, row: ShareRow, hash: string) {
  const [kept] = await phi.batch([
    phi
      .prepare(
        `INSERT INTO share (id, member, hash, made_at, expires_at) SELECT ?1, ?2, ?3, ?4, ?5
         WHERE EXISTS (SELECT 1 FROM member WHERE id = ?2 AND erased_at IS NULL)
           AND (SELECT count(*) FROM share
             WHERE member = ?2 AND revoked_at IS NULL AND expires_at > ?4) < ?6`,
      )
      .bind(row.id, member, hash, row.made_at, row.expires_at, sharesLivingMax),
    phi
      .prepare(
        `DELETE FROM sealed WHERE member = ?1 AND row_id = ?2
           AND NOT EXISTS (SELECT 1 FROM share WHERE id = ?3)`,
      )
      .bind(member, sharedRow(row.id), row.id),
  ]);
  return kept?.meta.changes === 1;
}

/** First those that live, so that each can be revoked; then what was. Each newest first. */
export async function sharesOf(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<Page<Share>>> {
  const { results } = await vault.phi
    .prepare(
      `SELECT ${shareFields} FROM share WHERE member = ?1
       ORDER BY revoked_at IS NOT NULL OR expires_at <= ?2, made_at DESC, id LIMIT ?3`,
    )
    .bind(member, nowMs, sharesListedMax)
    .all<ShareRow>();
  const ids = results.map(({ id }) => id);
  const shared = await sharedBy(vault, member, ids, nowMs);
  if (shared === "busy") return { refused: "busy" };
  if (shared === "forgotten") return { refused: "unauthenticated" };
  const items = results.flatMap((row) => {
    const what = shared.get(row.id);
    return what === undefined ? [] : [rowToShare(row, what)];
  });
  return { items, next: null };
}

/**
 * Revoking again changes nothing, and stands in the log as unchanged; the first time stands.
 *
 * 1. the intent is in the log               shown as unknown, the share still holds
 * 2. the share is revoked                   it opens nothing from here on, shown as unknown; said
 *                                           again, it goes on
 * 3. the code leads to nobody any more      the same. An older copy of one database, put back, does
 *                                           not bring it back: the other one still refuses
 * 4. the outcome is in the log              done
 */
export async function revokeShare(
  vault: Vault,
  member: MemberId,
  id: string,
  nowMs: number,
): Promise<OrRefusal<{ readonly revoked: string }>> {
  const { phi, directory } = vault;
  const row = await phi
    .prepare("SELECT hash FROM share WHERE id = ? AND member = ?")
    .bind(id, member)
    .first<{ hash: string }>();
  if (row === null) return { refused: "not-found" };
  const opened = await openEntry(vault, ownDeed("revoke-share", member, []), nowMs);
  if (opened === null) return tooMany;
  const revoked = await phi
    .prepare("UPDATE share SET revoked_at = ? WHERE id = ? AND member = ? AND revoked_at IS NULL")
    .bind(nowMs, id, member)
    .run();
  await directory.database.prepare("DELETE FROM share WHERE hash = ?").bind(row.hash).run();
  const outcome = revoked.meta.changes === 1 ? "permitted" : "unchanged";
  await closeEntry(vault, opened, { outcome, ground: shareGround(id), rows: 0 });
  return { revoked: id };
}

/** Hourly, a bounded number: codes that are over, of every shard. They open nothing as it is. */
export async function pruneShareCodes(database: D1Database, nowMs: number): Promise<number> {
  const { meta } = await database
    .prepare(
      `DELETE FROM share WHERE hash IN
         (SELECT hash FROM share WHERE expires_at <= ? ORDER BY expires_at LIMIT ?)`,
    )
    .bind(nowMs, prunedPerRunMax)
    .run();
  return meta.changes;
}

/** Whether in this hour it is the shard's turn. */
export const isTurnOf = ({ shard }: Pick<Vault, "shard">, nowMs: number): boolean =>
  (Math.floor(nowMs / hourMs) + shard) % shardTurns === 0;

/** Daily, a bounded number: shares that were over long ago, and what is sealed of them. */
export async function pruneShares({ phi }: Vault, nowMs: number): Promise<number> {
  const over = "SELECT id FROM share WHERE expires_at <= ?1 ORDER BY expires_at, id LIMIT ?2";
  const [, pruned] = await phi.batch([
    phi
      .prepare(
        `DELETE FROM sealed WHERE (member, row_id) IN
           (SELECT member, '${sharedRow("")}' || id FROM share WHERE id IN (${over}))`,
      )
      .bind(nowMs - sharesKeptMs, prunedPerRunMax),
    phi
      .prepare(`DELETE FROM share WHERE id IN (${over})`)
      .bind(nowMs - sharesKeptMs, prunedPerRunMax),
  ]);
  return pruned?.meta.changes ?? 0;
}
