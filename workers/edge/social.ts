/**
 * The warehouse's rows about who competes with whom, as far as others ask for them, and what of it a
 * member's ledgers have to know. Internal ids only.
 */
import type { ChallengeRules } from "../../domain/challenges.ts";
import type { MemberId } from "../../domain/identity.ts";
import type { MemberSettings } from "../../domain/ports.ts";
import { type AnyStream, streams } from "../../domain/streams.ts";
import type { Instant } from "../../domain/time.ts";
import type { Ports } from "./ports.ts";

/** Of one member's own list. */
export const friendsMax = 500;

type Sql = Pick<Ports, "sql">;

/** Whom this member follows, in order of id. */
export async function friendsOf({ sql }: Sql, member: string): Promise<string[]> {
  const { results } = await sql((db) =>
    db
      .prepare("SELECT other FROM follow WHERE member = ? ORDER BY other LIMIT ?")
      .bind(member, friendsMax)
      .all<{ other: string }>(),
  );
  return results.map(({ other }) => other);
}

/** Everybody in a team, in order of id; null: the asker is not in it, or there is none. */
export async function teamMembersOf(
  { sql }: Sql,
  team: string,
  asker: string,
): Promise<string[] | null> {
  const { results } = await sql((db) =>
    db
      .prepare("SELECT member FROM team_member WHERE team = ? ORDER BY member")
      .bind(team)
      .all<{ member: string }>(),
  );
  const members = results.map(({ member }) => member);
  return members.includes(asker) ? members : null;
}

/** A team or a challenge that a member is in. */
export interface Joined {
  readonly id: string;
  readonly name: string;
  readonly joinedAtMs: Instant;
}
/** Beyond what anybody joins: a challenge that is over stays one that they were in. */
const joinedMax = 1_000;

/** Newest first. */
export async function joinedByMember(
  { sql }: Sql,
  member: string,
): Promise<{ readonly teams: readonly Joined[]; readonly challenges: readonly Joined[] }> {
  const joinedIn = (of: "team" | "challenge") =>
    `SELECT o.id, o.name, j.joined_at AS joinedAtMs FROM ${of}_member AS j
     JOIN ${of} AS o ON o.id = j.${of} WHERE j.member = ? ORDER BY j.joined_at DESC, o.id LIMIT ?`;
  const [teams, challenges] = await sql((db) =>
    db.batch<Joined>([
      db.prepare(joinedIn("team")).bind(member, joinedMax),
      db.prepare(joinedIn("challenge")).bind(member, joinedMax),
    ]),
  );
  return { teams: teams?.results ?? [], challenges: challenges?.results ?? [] };
}

/** Columns of `challenge`, as c, that make its rules. */
export const rulesColumns = `c.id, c.measure, c.families, c.from_day AS "from", c.to_day AS "to",
  c.day_max AS dayMax, c.least, c.verified_only AS verifiedOnly`;
export interface RulesColumns extends Omit<ChallengeRules, "families" | "verifiedOnly"> {
  readonly families: string;
  readonly verifiedOnly: number;
}
export const rulesOf = (row: RulesColumns): ChallengeRules => ({
  ...{ id: row.id, measure: row.measure, families: JSON.parse(row.families) },
  ...{ from: row.from, to: row.to, dayMax: row.dayMax, least: row.least },
  verifiedOnly: row.verifiedOnly === 1,
});

/**
 * Counted live until its final standings are there, also when its days are over; an operator's word
 * ends it at once.
 */
export const countedLive = "c.ended_at IS NULL AND c.closed_at IS NULL";

/** All that a member's ledgers go by, as of one moment; null: there is no such member. */
export async function settingsOf({ sql }: Sql, member: string): Promise<MemberSettings | null> {
  const [of, joined] = await sql((db) =>
    db.batch([
      db
        .prepare(
          `SELECT settings_version, zones, on_boards,
             EXISTS (SELECT 1 FROM team_member WHERE member = m.id) AS in_teams
           FROM member AS m WHERE id = ? AND erased_at IS NULL`,
        )
        .bind(member),
      db
        .prepare(
          `SELECT ${rulesColumns} FROM challenge_member AS j JOIN challenge AS c ON c.id = j.challenge
           WHERE j.member = ? AND ${countedLive} ORDER BY c.id`,
        )
        .bind(member),
    ]),
  );
  const row = of?.results[0] as
    | { settings_version: number; zones: string; on_boards: number; in_teams: number }
    | undefined;
  if (row === undefined) return null;
  const challenges = ((joined?.results ?? []) as RulesColumns[]).map(rulesOf);
  return {
    version: row.settings_version,
    zones: JSON.parse(row.zones),
    onBoards: row.on_boards === 1,
    ...(row.in_teams === 1 ? { inTeams: true } : {}),
    ...(challenges.length === 0 ? {} : { challenges }),
  };
}

const ranked: readonly AnyStream[] = Object.values(streams).filter((stream) => stream.ranked);

/**
 * Their ledgers go by what the warehouse says from here on; asked again, nothing changes. `of`: who
 * has no boards has nothing to count for a team or a challenge.
 */
export async function configureMember(
  ports: Pick<Ports, "sql" | "ledger">,
  member: string,
  of: readonly AnyStream[] = ranked,
): Promise<void> {
  const settings = await settingsOf(ports, member);
  if (settings === null) return;
  await Promise.all(of.map((stream) => ports.ledger(stream, member).configure(settings)));
}

/** So long after they chose, and so many at once, ledgers are told of a choice again. */
const choiceToldMs = 15 * 60_000;
const choicesToldMax = 100;

/**
 * Who left boards just now is off them, also where their request was cut off between the warehouse
 * and their ledger. Nobody waits for another's ledger that cannot be reached.
 */
export async function tellChoices(
  ports: Pick<Ports, "sql" | "ledger">,
  nowMs: Instant,
): Promise<void> {
  const { results } = await ports.sql((db) =>
    db
      .prepare("SELECT member FROM closing_member WHERE mark >= ? ORDER BY mark DESC LIMIT ?")
      .bind(nowMs - choiceToldMs, choicesToldMax)
      .all<{ member: string }>(),
  );
  let failure: unknown = null;
  for (const { member } of results)
    await configureMember(ports, member).catch((error: unknown) => {
      failure = error;
    });
  if (failure !== null) throw failure;
}

/** Goes with every change of what `settingsOf` gives: ledgers keep the newest they were told. */
export const settingsMoved = (db: D1Database, member: string): D1PreparedStatement =>
  db
    .prepare(
      `UPDATE member SET settings_version = settings_version + 1
       WHERE id = ? AND erased_at IS NULL`,
    )
    .bind(member);

/** Those of these members whom everybody may see. */
export async function onBoardsOf(
  { sql }: Sql,
  members: readonly string[],
): Promise<ReadonlySet<string>> {
  if (members.length === 0) return new Set();
  const { results } = await sql((db) =>
    db
      .prepare(
        `SELECT m.id FROM json_each(?) AS asked JOIN member AS m ON m.id = asked.value
         WHERE m.on_boards = 1 AND m.erased_at IS NULL`,
      )
      .bind(JSON.stringify(members))
      .all<{ id: string }>(),
  );
  return new Set(results.map(({ id }) => id));
}

/** The same, with the names that they are seen by. */
export async function shownNames(
  ports: Pick<Ports, "sql" | "open">,
  members: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  const shown = await onBoardsOf(ports, members);
  return shown.size === 0 ? {} : ports.open.names([...shown] as MemberId[]);
}

/** How many rows name them: of their own list and others', teams and challenges. */
export async function countSocial({ sql }: Sql, member: string): Promise<number> {
  const row = await sql((db) =>
    db
      .prepare(
        `SELECT (SELECT count(*) FROM follow WHERE member = ?1 OR other = ?1)
           + (SELECT count(*) FROM team_member WHERE member = ?1)
           + (SELECT count(*) FROM challenge_member WHERE member = ?1) AS n`,
      )
      .bind(member)
      .first<{ n: number }>(),
  );
  return row?.n ?? 0;
}

/** Once somebody is erased, beside their teams: nobody's list has them, and no standings. */
export const forgetSocial = (db: D1Database, member: string): D1PreparedStatement[] =>
  [
    "DELETE FROM team_told WHERE member = ?1",
    "DELETE FROM follow WHERE member = ?1 OR other = ?1",
    "DELETE FROM challenge_member WHERE member = ?1",
    // Their closed boards are made anew by the erasure's own run.
    "DELETE FROM closing_member WHERE member = ?1",
  ].map((sql) => db.prepare(sql).bind(member));
