/**
 * The log of who looked. An intent is durable before anything is read and is closed by an outcome;
 * an intent that nothing closed is shown as unknown, never left out. Entries are only appended; the
 * database refuses to change or delete one.
 */
import type { AccessEntry, Page } from "../../domain/ports.ts";

const unclosedAfterMs = 60_000;
const textCharsMax = 64;

export interface Deed {
  readonly action: AccessEntry["action"];
  readonly actor: string;
  readonly actorRole: string;
  readonly member: string;
  readonly columns: readonly string[];
  readonly purpose: string;
}
export interface Outcome {
  readonly outcome: string;
  readonly ground: string;
  readonly rows: number;
}

const intended: Outcome = { outcome: "intended", ground: "", rows: 0 };

const columnList =
  "(at, action, actor, actor_role, member, columns, rows, purpose, outcome, ground, intent)";

const entry = (
  db: D1Database,
  deed: Deed,
  { outcome, ground, rows }: Outcome,
  nowMs: number,
  condition: string,
): D1PreparedStatement =>
  db
    .prepare(
      `INSERT INTO audit ${columnList}
       SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL WHERE ${condition} RETURNING seq`,
    )
    .bind(
      nowMs,
      deed.action,
      deed.actor,
      deed.actorRole,
      deed.member.slice(0, textCharsMax),
      JSON.stringify(deed.columns.map((column) => column.slice(0, textCharsMax))),
      rows,
      deed.purpose.slice(0, textCharsMax),
      outcome,
      ground,
    );

/** A whole entry, of something that needs no intent: it opens nothing. */
export const entryOf = (
  db: D1Database,
  deed: Deed,
  outcome: Outcome,
  nowMs: number,
): D1PreparedStatement => entry(db, deed, outcome, nowMs, "true");

/** For a batch: a whole entry, if the statement before it changed anything. */
export const entryIfChanged = (
  db: D1Database,
  deed: Deed,
  outcome: Outcome,
  nowMs: number,
): D1PreparedStatement => entry(db, deed, outcome, nowMs, "changes() > 0");

/** Appends the intent; what it names may be read only once this has returned. */
export async function appendIntent(db: D1Database, deed: Deed, nowMs: number): Promise<number> {
  const seq = await intentOf(db, deed, nowMs).first<number>("seq");
  if (seq === null) throw new Error("the intent was not kept");
  return seq;
}

export const intentOf = (db: D1Database, deed: Deed, nowMs: number): D1PreparedStatement =>
  entryOf(db, deed, intended, nowMs);

export async function appendOutcome(
  db: D1Database,
  intent: number,
  { outcome, ground, rows }: Outcome,
  nowMs: number,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO audit ${columnList}
       SELECT ?1, action, actor, actor_role, member, columns, ?2, purpose, ?3, ?4, seq
       FROM audit WHERE seq = ?5`,
    )
    .bind(nowMs, rows, outcome, ground, intent)
    .run();
}

interface Row {
  readonly seq: number;
  readonly at: number;
  readonly action: AccessEntry["action"];
  readonly actor: string;
  readonly actor_role: string;
  readonly columns: string;
  readonly rows: number;
  readonly purpose: string;
  readonly outcome: string;
  readonly ground: string;
}

/** A member's entries, newest first. A cursor that is none starts at the top. */
export async function listEntries(
  db: D1Database,
  member: string,
  cursor: string | null,
  limit: number,
  nowMs: number,
): Promise<Page<AccessEntry>> {
  const before = /^\d{1,15}$/.test(cursor ?? "") ? Number(cursor) : Number.MAX_SAFE_INTEGER;
  const { results } = await db
    .prepare(
      `SELECT i.seq, i.at, i.action, i.actor, i.actor_role, i.columns, i.purpose,
         coalesce(o.rows, i.rows) AS rows, coalesce(o.outcome, i.outcome) AS outcome,
         coalesce(o.ground, i.ground) AS ground
       FROM audit AS i LEFT JOIN audit AS o ON o.intent = i.seq
       WHERE i.member = ?1 AND i.intent IS NULL AND i.seq < ?2
       ORDER BY i.seq DESC LIMIT ?3`,
    )
    .bind(member, before, limit + 1)
    .all<Row>();
  const items = results.slice(0, limit).map((row) => rowToEntry(row, nowMs));
  const last = items.at(-1);
  return { items, next: results.length > limit && last ? String(last.seq) : null };
}

const rowToEntry = (row: Row, nowMs: number): AccessEntry => ({
  seq: row.seq,
  atMs: row.at,
  action: row.action,
  actor: row.actor,
  actorName: null,
  actorRole: row.actor_role,
  columns: JSON.parse(row.columns) as string[],
  rows: row.rows,
  purpose: row.purpose,
  outcome:
    row.outcome !== intended.outcome
      ? row.outcome
      : row.at < nowMs - unclosedAfterMs
        ? "unknown"
        : "pending",
  ground: row.ground,
});
