/**
 * Statements as the warehouse keeps them: one a period and version, its lines beside it, replaced in
 * one transaction. One that came out the same is left as it is, the time it was made included.
 */
import {
  type Pool,
  type Reason,
  type RoyaltyLine,
  type RoyaltyStatement,
  type StatementHead,
  statementText,
} from "../../domain/royalties/statement.ts";
import type { Instant, Period } from "../../domain/time.ts";

/** Characters of one list of lines; D1 takes 2,000,000 bytes, and a character is three at most. */
const chunkChars = 600_000;

export interface KeptStatement {
  readonly head: StatementHead;
  readonly sha256: string;
  readonly madeAtMs: Instant;
}
interface StatementRow {
  body: string;
  sha256: string;
  made_at: number;
}
const keptOf = ({ body, sha256, made_at }: StatementRow): KeptStatement => ({
  ...{ head: JSON.parse(body) as StatementHead, sha256, madeAtMs: made_at },
});

export async function readPool(db: D1Database, period: Period): Promise<Pool | null> {
  const row = await db
    .prepare("SELECT currency, amount_minor FROM royalty_pool WHERE period = ?")
    .bind(period)
    .first<{ currency: string; amount_minor: number }>();
  return row === null ? null : { currency: row.currency, amountMinor: row.amount_minor };
}

export async function putPool(
  db: D1Database,
  period: Period,
  { currency, amountMinor }: Pool,
  nowMs: Instant,
): Promise<void> {
  await db
    .prepare(
      `INSERT INTO royalty_pool (period, currency, amount_minor, put_at) VALUES (?, ?, ?, ?)
       ON CONFLICT (period) DO UPDATE SET currency = excluded.currency,
         amount_minor = excluded.amount_minor, put_at = excluded.put_at`,
    )
    .bind(period, currency, amountMinor, nowMs)
    .run();
}

/** The newest version unless one is asked for. */
export async function readStatement(
  db: D1Database,
  period: Period,
  version: number | null,
): Promise<KeptStatement | null> {
  const row = await db
    .prepare(
      `SELECT body, sha256, made_at FROM royalty_statement
       WHERE period = ?1 AND (?2 IS NULL OR version = ?2) ORDER BY version DESC LIMIT 1`,
    )
    .bind(period, version)
    .first<StatementRow>();
  return row === null ? null : keptOf(row);
}

const columns = "artist, track, territory, listens, qualified, looked, why, amount_minor";
type Cells = readonly [string, string, string, number, number, number, Reason, number];
const cellsOf = (line: RoyaltyLine): Cells => [
  ...([line.artistKey, line.trackKey, line.territory, line.listens] as const),
  ...([line.qualified, line.looked, line.why, line.amountMinor] as const),
];

/** JSON lists of lines, each as long as one value may be. */
function* chunksOf(lines: readonly RoyaltyLine[]): Generator<string> {
  let held: string[] = [];
  let chars = 0;
  for (const line of lines) {
    const text = JSON.stringify(cellsOf(line));
    if (held.length > 0 && chars + text.length > chunkChars) {
      yield `[${held.join(",")}]`;
      [held, chars] = [[], 0];
    }
    held.push(text);
    chars += text.length + 1;
  }
  if (held.length > 0) yield `[${held.join(",")}]`;
}

export async function sha256Of(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(bytes), (b) => b.toString(16).padStart(2, "0")).join("");
}

/** Its hash, and whether it is another than the one that was there. */
export async function putStatement(
  db: D1Database,
  statement: RoyaltyStatement,
  nowMs: Instant,
): Promise<{ readonly sha256: string; readonly changed: boolean }> {
  const { lines, ...head } = statement;
  const sha256 = await sha256Of(statementText(statement));
  const { period, version } = head;
  if ((await readStatement(db, period, version))?.sha256 === sha256)
    return { sha256, changed: false };
  const cells = [0, 1, 2, 3, 4, 5, 6, 7].map((i) => `value ->> ${i}`).join(", ");
  await db.batch([
    db.prepare("DELETE FROM royalty_line WHERE period = ? AND version = ?").bind(period, version),
    ...[...chunksOf(lines)].map((chunk) =>
      db
        .prepare(
          `INSERT INTO royalty_line (period, version, ${columns})
           SELECT ?, ?, ${cells} FROM json_each(?)`,
        )
        .bind(period, version, chunk),
    ),
    db
      .prepare(
        `INSERT INTO royalty_statement (period, version, body, sha256, made_at)
         VALUES (?, ?, ?, ?, ?) ON CONFLICT (period, version) DO UPDATE SET
           body = excluded.body, sha256 = excluded.sha256, made_at = excluded.made_at`,
      )
      .bind(period, version, JSON.stringify(head), sha256, nowMs),
  ]);
  return { sha256, changed: true };
}

interface LineRow {
  artist: string;
  track: string;
  territory: string;
  listens: number;
  qualified: number;
  looked: number;
  why: Reason;
  amount_minor: number;
}
const lineOf = ({ artist, track, territory, amount_minor, ...rest }: LineRow): RoyaltyLine => ({
  ...{ artistKey: artist, trackKey: track, territory },
  ...{ listens: rest.listens, qualified: rest.qualified, looked: rest.looked },
  ...{ eligible: rest.why === "paid", why: rest.why, amountMinor: amount_minor },
});

export type LinePlace = readonly [artist: string, track: string, territory: string];
export const placeOf = ({ artistKey, trackKey, territory }: RoyaltyLine): LinePlace => [
  ...([artistKey, trackKey, territory] as const),
];

/** These artists' lines after a place, in their order. */
export async function readLines(
  db: D1Database,
  { period, version }: Pick<StatementHead, "period" | "version">,
  artists: readonly string[],
  after: LinePlace,
  limit: number,
): Promise<RoyaltyLine[]> {
  const { results } = await db
    .prepare(
      `SELECT ${columns} FROM royalty_line WHERE period = ? AND version = ?
         AND artist IN (SELECT value FROM json_each(?)) AND (artist, track, territory) > (?, ?, ?)
       ORDER BY artist, track, territory LIMIT ?`,
    )
    .bind(period, version, JSON.stringify(artists), ...after, limit)
    .all<LineRow>();
  return results.map(lineOf);
}

export interface OwnSums {
  readonly listens: number;
  readonly qualified: number;
  readonly eligible: number;
  readonly amountMinor: number;
}
export type ListedStatement = KeptStatement & { readonly own: OwnSums };

/** Statements before a place, the latest period and version first, with what is these artists'. */
export async function readStatements(
  db: D1Database,
  artists: readonly string[],
  before: readonly [Period, number],
  limit: number,
): Promise<ListedStatement[]> {
  const { results } = await db
    .prepare(
      `SELECT body, sha256, made_at, coalesce(sum(listens), 0) AS listens,
         coalesce(sum(qualified), 0) AS qualified,
         coalesce(sum(iif(why = 'paid', qualified, 0)), 0) AS eligible,
         coalesce(sum(amount_minor), 0) AS amountMinor
       FROM royalty_statement AS s LEFT JOIN royalty_line AS l
         ON l.period = s.period AND l.version = s.version
         AND l.artist IN (SELECT value FROM json_each(?))
       WHERE (s.period, s.version) < (?, ?)
       GROUP BY s.period, s.version ORDER BY s.period DESC, s.version DESC LIMIT ?`,
    )
    .bind(JSON.stringify(artists), ...before, limit)
    .all<StatementRow & OwnSums>();
  return results.map((row) => ({ ...keptOf(row), own: sumsOf(row) }));
}

const sumsOf = ({ listens, qualified, eligible, amountMinor }: OwnSums): OwnSums => ({
  ...{ listens, qualified, eligible, amountMinor },
});

export async function readOwnSums(
  db: D1Database,
  { period, version }: Pick<StatementHead, "period" | "version">,
  artists: readonly string[],
): Promise<OwnSums> {
  const row = await db
    .prepare(
      `SELECT coalesce(sum(listens), 0) AS listens, coalesce(sum(qualified), 0) AS qualified,
         coalesce(sum(iif(why = 'paid', qualified, 0)), 0) AS eligible,
         coalesce(sum(amount_minor), 0) AS amountMinor
       FROM royalty_line WHERE period = ? AND version = ?
         AND artist IN (SELECT value FROM json_each(?))`,
    )
    .bind(period, version, JSON.stringify(artists))
    .first<OwnSums>();
  return row ?? { listens: 0, qualified: 0, eligible: 0, amountMinor: 0 };
}
