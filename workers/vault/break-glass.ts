/**
 * An operator's way to one member's readings without consent: for `breakGlassMs`, with a reason,
 * flagged in the log, and told to the member, reason included. It is loud, and it cannot be taken
 * back: its row is never changed, so whoever reads under it is seen to have.
 */
import { breakGlassMs, isBreakGlassReason } from "../../domain/consent.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { BreakGlass, BreakGlassNotice, OrRefusal } from "../../domain/ports.ts";
import { base64Url } from "../../kernel/hmac.ts";
import { type Among, closeEntry, type Deed, openEntry, tooMany } from "./audit.ts";
import { ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { type Actor, isMemberId } from "./principal.ts";
import { openColumn } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

const idBytes = 16;
/** Of one operator for one member: a newer one lasts longer than those that are left out. */
const livingMax = 20;
const noticesMax = 100;

interface BreakGlassRow {
  readonly id: string;
  readonly member: string;
  readonly operator: string;
  readonly at: number;
  readonly until: number;
}

export const rowToBreakGlass = (row: BreakGlassRow): BreakGlass => ({
  id: row.id,
  member: row.member as MemberId,
  operator: row.operator,
  atMs: row.at,
  untilMs: row.until,
});

const fields = "id, member, operator, at, until";

/** Those that may be in force, for the batch that decides; `decide` looks at the clock. */
export const livingBreakGlass = (
  db: Pick<D1DatabaseSession, "prepare">,
  member: string,
  operator: string,
): D1PreparedStatement =>
  db
    .prepare(
      `SELECT ${fields} FROM break_glass WHERE member = ? AND operator = ?
       ORDER BY at DESC LIMIT ?`,
    )
    .bind(member, operator, livingMax);

/**
 * A member who is unknown is refused like somebody who may not, and that is logged alike.
 *
 * 1. the intent is in the log                           shown as unknown, nothing is in force
 * 2. the reason is sealed under the member's own key    the same; a reason of nothing, which opens
 *                                                       nothing
 * 3. the row is kept                                    in force, shown as unknown: the member is
 *                                                       told who, when and why all the same
 * 4. the outcome is in the log                          done
 */
export async function breakGlass(
  vault: Vault,
  actor: Actor,
  member: MemberId,
  reason: string,
  nowMs: number,
  among: Among = vault,
): Promise<OrRefusal<BreakGlass>> {
  const { phi } = vault;
  const isAllowed = actor.roles.includes("operator") && isBreakGlassReason(reason);
  if (!isAllowed || !isMemberId(member)) return { refused: "forbidden" };
  const glass: BreakGlass = {
    id: base64Url(vault.random(idBytes)),
    member,
    operator: actor.id,
    atMs: nowMs,
    untilMs: nowMs + breakGlassMs,
  };
  const opened = await openEntry(among, deedOf(actor, member), nowMs);
  if (opened === null) return tooMany;
  const columns = { [reasonColumn]: JSON.stringify(reason.trim()) };
  const row = { row: reasonRow(glass.id), revision: nowMs, columns };
  const sealed = await sealRows(vault, member, ownConnection, [row], nowMs);
  const kept = sealed === "forgotten" ? null : await inForce(phi, glass).run();
  if (kept?.meta.changes !== 1) {
    await closeEntry(vault, opened, { outcome: "refused", ground: "no-member", rows: 0 });
    return { refused: "forbidden" };
  }
  await closeEntry(vault, opened, { outcome: "permitted", ground: reasonRow(glass.id), rows: 0 });
  return glass;
}

const reasonColumn = "reason";
const reasonRow = (id: string): string => `break-glass:${id}`;

const inForce = (phi: D1Database, glass: BreakGlass): D1PreparedStatement =>
  phi
    .prepare(
      `INSERT INTO break_glass (id, member, operator, at, until) SELECT ?1, ?2, ?3, ?4, ?5
       WHERE EXISTS (SELECT 1 FROM member WHERE id = ?2 AND erased_at IS NULL)`,
    )
    .bind(glass.id, glass.member, glass.operator, glass.atMs, glass.untilMs);

const deedOf = (actor: Actor, member: MemberId): Deed => ({
  deed: "break-glass",
  actor,
  role: "operator",
  member,
  columns: [],
  purpose: "emergency",
});

/** What the member is told: the newest ones, newest first, with their reasons. */
export async function noticesFor(
  vault: Vault,
  member: MemberId,
  nowMs: number,
): Promise<OrRefusal<{ breakGlass: BreakGlassNotice[] }>> {
  const { results } = await vault.phi
    .prepare(
      `SELECT ${fields} FROM break_glass WHERE member = ? ORDER BY at DESC, id LIMIT ${noticesMax}`,
    )
    .bind(member)
    .all<BreakGlassRow>();
  if (results.length === 0) return { breakGlass: [] };
  const rows = results.map(({ id }) => reasonRow(id));
  const reasons = await openColumn(vault, member, reasonColumn, rows, nowMs);
  if (reasons === "busy") return { refused: "busy" };
  if (reasons === "forgotten") return { refused: "unauthenticated" };
  const reasonOf = (id: string) => JSON.parse(reasons.get(reasonRow(id)) ?? '""') as string;
  return {
    breakGlass: results.map((row) => ({ ...rowToBreakGlass(row), reason: reasonOf(row.id) })),
  };
}
