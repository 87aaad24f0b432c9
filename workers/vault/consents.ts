/**
 * Whom a member lets read what, for which purpose and until when. A consent is never overwritten:
 * it is granted, and revoked once. Each change stands in the log in the same transaction.
 */
import { isReadable, purposes } from "../../domain/consent.ts";
import type { Consent, ConsentDraft, Grantee, OrRefusal } from "../../domain/ports.ts";
import { base64Url } from "../../kernel/hmac.ts";
import { type Deed, entryIfChanged } from "./audit.ts";
import type { Vault } from "./env.ts";
import { isMemberId } from "./principal.ts";

const consentsLivingMax = 200;
const consentsListedMax = 1_000;
const consentIdBytes = 16;

export interface ConsentRow {
  readonly id: string;
  readonly version: number;
  readonly grantee_kind: Grantee["kind"];
  readonly grantee: string;
  readonly columns: string;
  readonly purpose: string;
  readonly granted_at: number;
  readonly not_after: number | null;
  readonly revoked_at: number | null;
}

export const rowToConsent = (row: ConsentRow): Consent => ({
  id: row.id,
  version: row.version,
  grantee: { kind: row.grantee_kind, id: row.grantee },
  columns: JSON.parse(row.columns) as string[],
  purpose: row.purpose,
  grantedAtMs: row.granted_at,
  notAfterMs: row.not_after,
  revokedAtMs: row.revoked_at,
});

const fields =
  "id, version, grantee_kind, grantee, columns, purpose, granted_at, not_after, revoked_at";

/** What a decision has to see: bounded by what a member may have at once. */
export const livingConsents = (
  db: Pick<D1DatabaseSession, "prepare">,
  member: string,
): D1PreparedStatement =>
  db.prepare(`SELECT ${fields} FROM consent WHERE member = ? AND revoked_at IS NULL`).bind(member);

/** Revoked ones too, newest first. */
export async function listConsents({ phi }: Vault, member: string): Promise<Consent[]> {
  const { results } = await phi
    .prepare(`SELECT ${fields} FROM consent WHERE member = ? ORDER BY granted_at DESC, id LIMIT ?`)
    .bind(member, consentsListedMax)
    .all<ConsentRow>();
  return results.map(rowToConsent);
}

const isDraft = ({ grantee, columns, purpose, notAfterMs }: ConsentDraft, nowMs: number): boolean =>
  (grantee.kind === "role" ? grantee.id === "coach" : isMemberId(grantee.id)) &&
  columns.length > 0 &&
  columns.every(isReadable) &&
  (purposes as readonly string[]).includes(purpose) &&
  (notAfterMs === null || (Number.isSafeInteger(notAfterMs) && notAfterMs > nowMs));

/** Granting what is granted already returns that consent. */
export async function grantConsent(
  vault: Vault,
  member: string,
  draft: ConsentDraft,
  nowMs: number,
): Promise<OrRefusal<Consent>> {
  if (!isDraft(draft, nowMs)) return { refused: "forbidden" };
  const { phi } = vault;
  const columns = [...new Set(draft.columns)].sort();
  const { grantee, purpose, notAfterMs } = draft;
  const same = `member = ?1 AND grantee_kind = ?2 AND grantee = ?3 AND purpose = ?4`;
  const granted = phi
    .prepare(
      `SELECT ${fields} FROM consent WHERE ${same} AND columns = ?5 AND not_after IS ?6
         AND revoked_at IS NULL ORDER BY granted_at LIMIT 1`,
    )
    .bind(member, grantee.kind, grantee.id, purpose, JSON.stringify(columns), notAfterMs);
  const before = await granted.first<ConsentRow>();
  if (before !== null) return rowToConsent(before);
  const results = await phi.batch<ConsentRow>([
    phi
      .prepare(
        `INSERT INTO consent (id, member, version, grantee_kind, grantee, columns, purpose,
           granted_at, not_after)
         SELECT ?7, ?1, 1 + coalesce((SELECT max(version) FROM consent WHERE ${same}), 0),
           ?2, ?3, ?5, ?4, ?8, ?6
         WHERE EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
           AND (SELECT count(*) FROM consent WHERE member = ?1 AND revoked_at IS NULL) < ?9`,
      )
      .bind(
        member,
        grantee.kind,
        grantee.id,
        purpose,
        JSON.stringify(columns),
        notAfterMs,
        base64Url(vault.random(consentIdBytes)),
        nowMs,
        consentsLivingMax,
      ),
    entryIfChanged(phi, editOf(member, columns, purpose), grantOutcome, nowMs),
    granted,
  ]);
  const row = results[2]?.results[0];
  return row === undefined ? { refused: "busy" } : rowToConsent(row);
}

const grantOutcome = { outcome: "permitted", ground: "own", rows: 0 } as const;

const editOf = (member: string, columns: readonly string[], purpose: string): Deed => ({
  action: "edit",
  actor: member,
  actorRole: "member",
  member,
  columns,
  purpose,
});

/** Revoking again changes nothing; the first time stands. */
export async function revokeConsent(
  { phi }: Vault,
  member: string,
  id: string,
  nowMs: number,
): Promise<OrRefusal<{ revoked: string }>> {
  const row = await phi
    .prepare(`SELECT ${fields} FROM consent WHERE id = ? AND member = ?`)
    .bind(id, member)
    .first<ConsentRow>();
  if (row === null) return { refused: "not-found" };
  if (row.revoked_at !== null) return { revoked: id };
  const { columns, purpose } = rowToConsent(row);
  await phi.batch([
    phi
      .prepare("UPDATE consent SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
      .bind(nowMs, id),
    entryIfChanged(phi, editOf(member, columns, purpose), { ...grantOutcome, ground: id }, nowMs),
  ]);
  return { revoked: id };
}
