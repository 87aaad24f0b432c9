/**
 * What teams come to in a week, kept in the warehouse and reckoned anew when it is asked for and is
 * older than `teamFreshMs`. What may be told is domain/teams.ts; here it is seen to that what was told
 * is remembered before anybody is told, and that of two who reckon at once one begins again.
 */
import { streams } from "../../domain/streams.ts";
import {
  type HiddenPart,
  type TeamNumber,
  type TeamPart,
  teamFreshMs,
  teamHiddenMin,
  teamNumber,
  teamWeeks,
  weekBeginsMs,
} from "../../domain/teams.ts";
import { daysOfPeriod, type Instant, type Period } from "../../domain/time.ts";
import { forTeams } from "../../kernel/boards/read.ts";
import type { Ports } from "./ports.ts";

const stream = streams.workouts;
/** Of one request; those that were read longest ago first. */
const teamsReadMax = 25;
/** After somebody hid, boards show them for so long at most. */
const hidingMs = 60_000;

type SumPorts = Pick<Ports, "sql" | "boards">;

interface Mate {
  readonly team: string;
  readonly member: string;
  readonly on_boards: number;
  readonly shown_until: Instant | null;
}
interface SumRow {
  readonly week: string;
  readonly measure: string;
  readonly team: string;
  readonly n: number | null;
  readonly hidden: number;
  readonly counted: string | null;
  readonly version: number;
}
interface Claimed {
  readonly id: string;
  readonly version: number;
}
type Numbered = NonNullable<Awaited<ReturnType<typeof forTeams>>[number]>;

/**
 *   1. the stalest teams are claimed: nobody else reads them for a while    a crash: read again then
 *   2. who is in them, and what was told; their numbers, from boards
 *   3. one by one, what may be told of each week is told
 */
export async function refreshTeams(ports: SumPorts, nowMs: Instant): Promise<void> {
  const claimed = await claim(ports, nowMs);
  if (claimed.length === 0) return;
  const ids = JSON.stringify(claimed.map(({ id }) => id));
  const [mates, sums] = await ports.sql((db) =>
    db.batch([
      db
        .prepare(
          `SELECT j.team, m.id AS member, m.on_boards, m.shown_until
           FROM json_each(?) AS asked JOIN team_member AS j ON j.team = asked.value
           JOIN member AS m ON m.id = j.member WHERE m.erased_at IS NULL`,
        )
        .bind(ids),
      db
        .prepare("SELECT s.* FROM json_each(?) AS asked JOIN team_sum AS s ON s.team = asked.value")
        .bind(ids),
    ]),
  );
  const all = (mates?.results ?? []) as Mate[];
  const told = (sums?.results ?? []) as SumRow[];
  const members = [...new Set(all.map(({ member }) => member))];
  for (const week of teamWeeks(nowMs)) {
    const found = await forTeams(ports.boards(stream), week, members);
    const numbered = new Map(members.map((member, i) => [member, found[i] ?? null]));
    for (const team of claimed)
      await tell(ports, team, week, {
        mates: all.filter((mate) => mate.team === team.id),
        numbered,
        told: told.filter((row) => row.team === team.id && row.week === week),
      });
  }
}

async function claim({ sql }: SumPorts, nowMs: Instant): Promise<Claimed[]> {
  const { results } = await sql((db) =>
    db
      .prepare(
        `UPDATE team SET read_at = ?1 WHERE id IN (
           SELECT id FROM team WHERE read_at <= ?2 ORDER BY read_at LIMIT ?3)
         RETURNING id, version`,
      )
      .bind(nowMs, nowMs - teamFreshMs, teamsReadMax)
      .all<Claimed>(),
  );
  return results;
}

interface Known {
  readonly mates: readonly Mate[];
  readonly numbered: ReadonlyMap<string, Numbered | null>;
  readonly told: readonly SumRow[];
}

async function tell(ports: SumPorts, team: Claimed, week: Period, known: Known): Promise<void> {
  const parts = stream.measures.map(({ name }, i) => ({
    measure: name,
    parts: known.mates.flatMap((mate) => partOf(mate, week, known.numbered, i)),
  }));
  const seen = await seenAlready(ports, week, parts);
  const writes = parts.flatMap(({ measure, parts: all }) => {
    const row = known.told.find((one) => one.measure === measure);
    const before = hiddenOf(row);
    const isNew = (p: TeamPart) => p.isNew && !seen.has(JSON.stringify([measure, p.member]));
    const number = teamNumber(
      all.map((p) => ({ ...p, isNew: isNew(p) })),
      before,
    );
    return isAsBefore(row, number) ? [] : [{ measure, number, version: row?.version ?? 0 }];
  });
  if (writes.length > 0)
    await ports.sql((db) => db.batch(writes.flatMap((write) => telling(db, team, week, write))));
}

/**
 * None while boards and warehouse do not agree on whether everybody sees them: they are about to be
 * shown, or about to be hidden.
 */
function partOf(
  { member, on_boards, shown_until }: Mate,
  week: Period,
  numbered: Known["numbered"],
  measure: number,
): TeamPart[] {
  const found = numbered.get(member) ?? null;
  if (found === null || found.isShown !== (on_boards === 1)) return [];
  const { isShown } = found;
  const wasSeen = shown_until !== null && shown_until + hidingMs >= weekBeginsMs(week);
  return [{ member, isShown, n: found.numbers.all?.[measure] ?? 0, isNew: !isShown && !wasSeen }];
}

const hiddenOf = (row: SumRow | undefined): HiddenPart | null =>
  row === undefined || row.counted === null
    ? null
    : { n: row.hidden, members: JSON.parse(row.counted) };

/** Nothing is written of a team that has nothing. */
const isAsBefore = (row: SumRow | undefined, { n, hidden }: TeamNumber): boolean =>
  n === (row === undefined ? 0 : row.n) &&
  (hidden?.n ?? 0) === (row?.hidden ?? 0) &&
  (hidden === null ? null : JSON.stringify(hidden.members)) === (row?.counted ?? null);

/**
 * Of those who might be told for the first time, whose number was told before, of any team, or is to
 * be seen in a challenge that counts days of that week.
 */
async function seenAlready(
  { sql }: SumPorts,
  week: Period,
  parts: readonly { readonly measure: string; readonly parts: readonly TeamPart[] }[],
): Promise<ReadonlySet<string>> {
  const asked = parts.flatMap(({ measure, parts: all }) => {
    const fresh = all.filter(({ isNew, n }) => isNew && n > 0);
    return fresh.length < teamHiddenMin ? [] : fresh.map((p) => [measure, p.member, p.n]);
  });
  if (asked.length === 0) return new Set();
  const { from, to } = daysOfPeriod(week);
  const { results } = await sql((db) =>
    db
      .prepare(
        `SELECT a.value ->> 0 AS measure, a.value ->> 1 AS member FROM json_each(?1) AS a
         WHERE EXISTS (SELECT 1 FROM team_told AS t
             WHERE t.week = ?2 AND t.measure = a.value ->> 0 AND t.member = a.value ->> 1
               AND t.n = a.value ->> 2)
           OR EXISTS (SELECT 1 FROM challenge_member AS j JOIN challenge AS c ON c.id = j.challenge
             WHERE j.member = a.value ->> 1 AND c.measure = a.value ->> 0
               AND c.from_day <= ?4 AND c.to_day >= ?3)`,
      )
      .bind(JSON.stringify(asked), week, from, to)
      .all<{ measure: string; member: string }>(),
  );
  return new Set(results.map(({ measure, member }) => JSON.stringify([measure, member])));
}

interface Write {
  readonly measure: string;
  readonly number: TeamNumber;
  readonly version: number;
}

/**
 * In one transaction: the number, where nobody joined or left, nobody else told it and none of what
 * is new in it was told meanwhile; and with it, what was new.
 */
function telling(
  db: D1Database,
  team: Claimed,
  week: Period,
  { measure, number: { n, hidden, told }, version }: Write,
): D1PreparedStatement[] {
  const counted = hidden === null ? null : JSON.stringify(hidden.members);
  const fresh = JSON.stringify(told.map((part) => [part.member, part.n]));
  return [
    db
      .prepare(
        `INSERT INTO team_sum (week, measure, team, n, hidden, counted, version)
         SELECT ?1, ?2, t.id, ?4, ?5, ?6, ?7 + 1 FROM team AS t
         WHERE t.id = ?3 AND t.version = ?8 AND NOT EXISTS (
           SELECT 1 FROM json_each(?9) AS f JOIN team_told AS o
             ON o.week = ?1 AND o.measure = ?2 AND o.member = f.value ->> 0 AND o.n = f.value ->> 1)
         ON CONFLICT DO UPDATE SET n = excluded.n, hidden = excluded.hidden,
           counted = excluded.counted, version = excluded.version
         WHERE team_sum.version = ?7`,
      )
      .bind(week, measure, team.id, n, hidden?.n ?? 0, counted, version, team.version, fresh),
    db
      .prepare(
        `INSERT INTO team_told (week, measure, member, n)
         SELECT ?1, ?2, f.value ->> 0, f.value ->> 1 FROM json_each(?3) AS f
         WHERE EXISTS (SELECT 1 FROM team_sum
           WHERE week = ?1 AND measure = ?2 AND team = ?4 AND version = ?5 + 1 AND counted = ?6)
         ON CONFLICT DO NOTHING`,
      )
      .bind(week, measure, fresh, team.id, version, counted),
  ];
}

export interface TeamPlace {
  readonly team: string;
  readonly name: string;
  /** Null: held back. */
  readonly n: number | null;
  /** Those who are on no board are in it. */
  readonly isWhole: boolean;
}

/** Where a page of teams ended: those that are held back stand behind all others. */
export interface TeamAfter {
  readonly rank: number;
  readonly n: number | null;
  readonly team: string;
}

/** Best first; of equal ones by id. Teams that have nothing are not among them. */
export async function teamsRanked(
  { sql }: Pick<Ports, "sql">,
  week: Period,
  measure: string,
  after: TeamAfter | null,
  limit: number,
): Promise<TeamPlace[]> {
  const { results } = await sql((db) =>
    db
      .prepare(
        `SELECT s.team, t.name, s.n, s.counted IS NOT NULL AS whole
         FROM team_sum AS s JOIN team AS t ON t.id = s.team
         WHERE s.week = ?1 AND s.measure = ?2 AND (s.n IS NULL OR s.n > 0) AND (
           ?3 = 0
           OR (?4 IS NOT NULL AND (s.n < ?4 OR s.n IS NULL OR (s.n = ?4 AND s.team > ?5)))
           OR (?4 IS NULL AND s.n IS NULL AND s.team > ?5))
         ORDER BY s.n DESC, s.team LIMIT ?6`,
      )
      .bind(week, measure, after === null ? 0 : 1, after?.n ?? null, after?.team ?? "", limit)
      .all<{ team: string; name: string; n: number | null; whole: number }>(),
  );
  return results.map(({ whole, ...place }) => ({ ...place, isWhole: whole === 1 }));
}

/** Numbers of weeks that are told no more, and what was told of them. */
export async function dropPastWeeks(db: D1Database, nowMs: Instant): Promise<void> {
  const oldest = teamWeeks(nowMs).at(-1) ?? "";
  await db.batch([
    db.prepare("DELETE FROM team_sum WHERE week < ?").bind(oldest),
    db.prepare("DELETE FROM team_told WHERE week < ?").bind(oldest),
  ]);
}
