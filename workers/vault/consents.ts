/**
 * Whom a member lets read what, or forbids to, for which purpose and in which period. A consent is
 * never overwritten: it is granted, and revoked once. Each change stands in the log before it is
 * made, and holds for every read whose batch comes after it. What takes a permission away is written
 * into the journal after that, so that no restore gives it back.
 */
import type { DeedName } from "../../domain/audit.ts";
import { isReadable, purposes } from "../../domain/consent.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { Consent, ConsentDraft, Grantee, OrRefusal } from "../../domain/ports.ts";
import { base64Url } from "../../kernel/hmac.ts";
import { closeEntry, type Deed, openEntry, tooMany } from "./audit.ts";
import type { Vault } from "./env.ts";
import { countIfChanged, journalAgain, seqIn, writeEntry } from "./journal.ts";
import { isMemberId } from "./principal.ts";

/** Those that are neither revoked nor over. */
const consentsLivingMax = 200;
/** A read sees more than those: clocks differ, and what ended may not have ended for all of them. */
const consentsReadMax = 2 * consentsLivingMax;
const consentsListedMax = 1_000;
const consentIdBytes = 16;

export interface ConsentRow {
  readonly id: string;
  readonly version: number;
  readonly effect: Consent["effect"];
  readonly grantee_kind: Grantee["kind"];
  readonly grantee: string;
  readonly columns: string;
  readonly purpose: string;
  readonly granted_at: number;
  readonly not_before: number | null;
  readonly not_after: number | null;
  readonly revoked_at: number | null;
}

export const rowToConsent = (row: ConsentRow): Consent => ({
  id: row.id,
  version: row.version,
  effect: row.effect,
  grantee: { kind: row.grantee_kind, id: row.grantee },
  columns: JSON.parse(row.columns) as string[],
  purpose: row.purpose,
  grantedAtMs: row.granted_at,
  notBeforeMs: row.not_before,
  notAfterMs: row.not_after,
  revokedAtMs: row.revoked_at,
});

const fields = `id, version, effect, grantee_kind, grantee, columns, purpose, granted_at,
  not_before, not_after, revoked_at`;

/** What a decision has to see: those that end last come first, so that the bound drops none. */
export const livingConsents = (
  db: Pick<D1DatabaseSession, "prepare">,
  member: string,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${fields} FROM consent WHERE member = ? AND revoked_at IS NULL
       ORDER BY not_after IS NOT NULL, not_after DESC LIMIT ?`,
    )
    .bind(member, consentsReadMax);

/** Of each living member, what is said to these grantees and is not over; for a roster. */
export async function consentsFor(
  { phi }: Vault,
  members: readonly string[],
  grantees: readonly string[],
  nowMs: number,
): Promise<Map<string, Consent[]>> {
  const { results } = await phi
    .prepare(
      `SELECT member, ${fields} FROM consent
       WHERE member IN (SELECT m.id FROM member AS m JOIN json_each(?1) AS asked
           ON m.id = asked.value WHERE m.erased_at IS NULL)
         AND revoked_at IS NULL AND (not_after IS NULL OR not_after >= ?2)
         AND grantee_kind || ':' || grantee IN (SELECT value FROM json_each(?3))
       ORDER BY member, granted_at, id`,
    )
    .bind(JSON.stringify(members), nowMs, JSON.stringify(grantees))
    .all<ConsentRow & { member: string }>();
  const byMember = new Map<string, Consent[]>();
  for (const row of results)
    byMember.set(row.member, [...(byMember.get(row.member) ?? []), rowToConsent(row)]);
  return byMember;
}

/** First those that live, so that each can be revoked; then what was. Each newest first. */
export async function listConsents(
  { phi }: Vault,
  member: string,
  nowMs: number,
): Promise<Consent[]> {
  const { results } = await phi
    .prepare(
      `SELECT ${fields} FROM consent WHERE member = ?1
       ORDER BY revoked_at IS NOT NULL OR coalesce(not_after < ?2, 0), granted_at DESC, id LIMIT ?3`,
    )
    .bind(member, nowMs, consentsListedMax)
    .all<ConsentRow>();
  return results.map(rowToConsent);
}

/** Where the directory is asked for those who let this person, or holders of this role, read. */
export const rosterName = ({ kind, id }: Grantee): string => `${kind}:${id}`;

function isDraft(draft: ConsentDraft, member: string, nowMs: number): boolean {
  const { effect, grantee, columns, purpose, notBeforeMs, notAfterMs } = draft;
  const isGrantee =
    grantee.kind === "role"
      ? grantee.id === "coach"
      : grantee.kind === "member" && isMemberId(grantee.id) && grantee.id !== member;
  return (
    isGrantee &&
    (effect === "permit" || effect === "forbid") &&
    columns.length > 0 &&
    columns.every(isReadable) &&
    (purposes as readonly string[]).includes(purpose) &&
    isPeriod(notBeforeMs, notAfterMs, nowMs)
  );
}

const isPeriod = (from: number | null, until: number | null, nowMs: number): boolean =>
  (from === null || Number.isSafeInteger(from)) &&
  (until === null || (Number.isSafeInteger(until) && until > nowMs)) &&
  (from === null || until === null || from < until);

/** The same grant: ?1 to ?8. */
const sameGrantee = "member = ?1 AND grantee_kind = ?2 AND grantee = ?3 AND purpose = ?4";
const same = `${sameGrantee} AND columns = ?5 AND effect = ?6 AND not_before IS ?7
  AND not_after IS ?8 AND revoked_at IS NULL`;
const living = "EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)";

/**
 * Granting what is granted already returns that consent, and stands in the log as unchanged.
 *
 * 1. the intent is in the log                              shown as unknown, nothing was granted
 * 2. the directory gets a hint for the grantee's roster    the same; a hint that leads to nothing
 * 3. the consent is kept                                   granted, shown as unknown; said again, it
 *                                                          goes on
 * 4. the journal knows of a forbid                         the same
 * 5. the outcome is in the log                             done
 */
export async function grantConsent(
  vault: Vault,
  member: MemberId,
  draft: ConsentDraft,
  nowMs: number,
): Promise<OrRefusal<Consent>> {
  if (!isDraft(draft, member, nowMs)) return { refused: "forbidden" };
  const columns = [...new Set(draft.columns)].sort();
  const deed = editOf("grant-consent", member, columns, draft.purpose);
  const opened = await openEntry(vault, deed, nowMs);
  if (opened === null) return tooMany;
  const { consent, outcome } = await keep(vault, member, { ...draft, columns }, nowMs);
  const ground = consent?.id ?? "no-room";
  await closeEntry(vault, opened, { outcome, ground, rows: 0 });
  return consent ?? { refused: "forbidden" };
}

interface Kept {
  readonly consent: Consent | null;
  readonly outcome: "permitted" | "unchanged" | "refused";
}

/** Steps 2 to 4. Null: the member is unknown or erased, or has no room for one more. */
async function keep(
  vault: Vault,
  member: MemberId,
  { effect, grantee, columns, purpose, notBeforeMs, notAfterMs }: ConsentDraft,
  nowMs: number,
): Promise<Kept> {
  const { phi, directory } = vault;
  const said = [
    ...[member, grantee.kind, grantee.id, purpose, JSON.stringify(columns)],
    ...[effect, notBeforeMs, notAfterMs],
  ];
  const granted = phi
    .prepare(`SELECT ${fields} FROM consent WHERE ${same} AND ${living} LIMIT 1`)
    .bind(...said);
  const before = await granted.first<ConsentRow>();
  if (before !== null) {
    const consent = rowToConsent(before);
    const entry = { member, scope: { kind: "forbid", consent }, atMs: nowMs } as const;
    if (effect === "forbid") await journalAgain(vault, entry, stillStands, consent.id);
    return { consent, outcome: "unchanged" };
  }

  if (effect === "permit") await directory.enter(rosterName(grantee), member);

  const id = base64Url(vault.random(consentIdBytes));
  const [inserted, counted, held] = await phi.batch<ConsentRow>([
    phi.prepare(insertion).bind(...said, id, nowMs, consentsLivingMax),
    ...(effect === "forbid" ? [countIfChanged(phi)] : [granted]),
    granted,
  ]);
  const row = held?.results[0];
  if (row === undefined) return { consent: null, outcome: "refused" };
  const consent = rowToConsent(row);
  const seq = effect === "forbid" ? seqIn(counted) : null;
  if (seq !== null)
    await writeEntry(vault, { seq, member, scope: { kind: "forbid", consent }, atMs: nowMs });
  return { consent, outcome: inserted?.meta.changes === 1 ? "permitted" : "unchanged" };
}

const stillStands = "EXISTS (SELECT 1 FROM consent WHERE id = ? AND revoked_at IS NULL)";

/** ?9: id, ?10: now, ?11: how many may live at once. An erased member grants nothing. */
const insertion = `INSERT INTO consent (member, grantee_kind, grantee, purpose, columns, effect,
    not_before, not_after, id, granted_at, version)
  SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
    1 + coalesce((SELECT max(version) FROM consent WHERE ${sameGrantee}), 0)
  WHERE ${living} AND NOT EXISTS (SELECT 1 FROM consent WHERE ${same})
    AND (SELECT count(*) FROM consent WHERE member = ?1 AND revoked_at IS NULL
      AND (not_after IS NULL OR not_after >= ?10)) < ?11`;

const editOf = (
  deed: DeedName,
  member: MemberId,
  columns: readonly string[],
  purpose: string,
): Deed => ({
  deed,
  actor: { id: member, member, roles: ["member"] },
  role: "member",
  member,
  columns,
  purpose,
});

/**
 * Revoking again changes nothing, and stands in the log as unchanged; the first time stands.
 *
 * 1. the intent is in the log                            shown as unknown, the consent still holds
 * 2. the consent is revoked and counted, in one batch    revoked for every read after it, shown as
 *                                                        unknown; said again, it goes on
 * 3. the journal knows                                   the same
 * 4. the outcome is in the log                           done
 */
export async function revokeConsent(
  vault: Vault,
  member: MemberId,
  id: string,
  nowMs: number,
): Promise<OrRefusal<{ revoked: string }>> {
  const { phi } = vault;
  const row = await phi
    .prepare(`SELECT ${fields} FROM consent WHERE id = ? AND member = ?`)
    .bind(id, member)
    .first<ConsentRow>();
  if (row === null) return { refused: "not-found" };
  const { columns, purpose, revokedAtMs } = rowToConsent(row);
  const deed = editOf("revoke-consent", member, columns, purpose);
  const opened = await openEntry(vault, deed, nowMs);
  if (opened === null) return tooMany;
  const outcome = await takeAway(vault, member, id, revokedAtMs, nowMs);
  await closeEntry(vault, opened, { outcome, ground: id, rows: 0 });
  return { revoked: id };
}

/** Steps 2 and 3. */
async function takeAway(
  vault: Vault,
  member: MemberId,
  id: string,
  revokedAtMs: number | null,
  nowMs: number,
): Promise<"permitted" | "unchanged"> {
  const { phi } = vault;
  const scope = { kind: "revocation", consent: id } as const;
  if (revokedAtMs !== null) {
    await journalAgain(vault, { member, scope, atMs: revokedAtMs }, "true");
    return "unchanged";
  }
  const [revoked, counted] = await phi.batch([
    phi
      .prepare("UPDATE consent SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
      .bind(nowMs, id),
    countIfChanged(phi),
  ]);
  const seq = seqIn(counted);
  const entry = { member, scope, atMs: nowMs };
  if (seq === null) await journalAgain(vault, entry, "true");
  else await writeEntry(vault, { seq, ...entry });
  return revoked?.meta.changes === 1 ? "permitted" : "unchanged";
}
