/**
 * Challenges in the warehouse: what an operator made, who joined, and telling the ledgers of those
 * who did when something of it changed. Of a challenge for a team or by invitation only those in it
 * know that it is there.
 */
import type { ChallengeRules } from "../../domain/challenges.ts";
import { challengesJoinedMax } from "../../domain/challenges.ts";
import type { MemberId } from "../../domain/identity.ts";
import { challengePeriod } from "../../domain/ports.ts";
import { type Instant, type LocalDate, localDate, offsetMinutesMax } from "../../domain/time.ts";
import { randomName } from "../../durable-objects/erasing.ts";
import { joinCodeDigest, newJoinCode } from "./join-codes.ts";
import { boardStream } from "./leaderboard-shape.ts";
import type { Ports } from "./ports.ts";
import {
  configureMember,
  countedLive,
  type RulesColumns,
  rulesColumns,
  rulesOf,
  settingsMoved,
} from "./social.ts";

export const joinings = ["everybody", "team", "code"] as const;
export type Joining = (typeof joinings)[number];

export interface Challenge {
  readonly name: string;
  readonly rules: ChallengeRules;
  readonly joining: Joining;
  /** Whose members may join. */
  readonly team: string | null;
  readonly madeAtMs: Instant;
  readonly endedAtMs: Instant | null;
  /** Since when its final standings are there. */
  readonly closedAtMs: Instant | null;
}

/** ended: an operator ended it. over: its days are. final: its standings will not move any more. */
export type ChallengeState = "coming" | "running" | "over" | "final" | "ended";

/** By where the first day begins first, and the last one ends last. */
export function stateOf(
  { rules, endedAtMs, closedAtMs }: Pick<Challenge, "rules" | "endedAtMs" | "closedAtMs">,
  nowMs: Instant,
): ChallengeState {
  if (endedAtMs !== null) return "ended";
  if (closedAtMs !== null) return "final";
  if (firstToday(nowMs) < rules.from) return "coming";
  return lastToday(nowMs) > rules.to ? "over" : "running";
}
const firstToday = (nowMs: Instant): LocalDate => localDate(nowMs, offsetMinutesMax);
/** Where a day lasts longest. */
export const lastToday = (nowMs: Instant): LocalDate => localDate(nowMs, -offsetMinutesMax);

interface ChallengeColumns extends RulesColumns, Omit<Challenge, "rules"> {}
const columns = `${rulesColumns}, c.name, c.joining, c.team, c.made_at AS madeAtMs,
  c.ended_at AS endedAtMs, c.closed_at AS closedAtMs`;
const challengeOf = (row: ChallengeColumns): Challenge => ({
  ...{ name: row.name, rules: rulesOf(row), joining: row.joining, team: row.team },
  ...{ madeAtMs: row.madeAtMs, endedAtMs: row.endedAtMs, closedAtMs: row.closedAtMs },
});

type Sql = Pick<Ports, "sql">;

export async function challengeById({ sql }: Sql, id: string): Promise<Challenge | null> {
  const row = await sql((db) =>
    db
      .prepare(`SELECT ${columns} FROM challenge AS c WHERE c.id = ?`)
      .bind(id)
      .first<ChallengeColumns>(),
  );
  return row === null ? null : challengeOf(row);
}

/** Whose list it is for. */
export interface Eyes {
  /** Empty: no member yet. */
  readonly member: string;
  /** An operator. */
  readonly seeAll: boolean;
}
/** Of member ?1. */
const isJoined = "EXISTS (SELECT 1 FROM challenge_member WHERE challenge = c.id AND member = ?1)";
const isSeen = `(c.joining = 'everybody' OR ${isJoined} OR (c.joining = 'team' AND EXISTS (
  SELECT 1 FROM team_member WHERE team = c.team AND member = ?1)))`;

export interface Seen extends Challenge {
  readonly isJoined: boolean;
}

/** Newest first; `after`: the last of the page before. */
export async function challengesSeen(
  { sql }: Sql,
  eyes: Eyes,
  after: readonly [madeAtMs: number, id: string] | null,
  limit: number,
): Promise<Seen[]> {
  const { results } = await sql((db) =>
    db
      .prepare(
        `SELECT ${columns}, ${isJoined} AS joined FROM challenge AS c
         WHERE (?2 = 1 OR ${isSeen}) AND (?3 IS NULL OR (c.made_at, c.id) < (?3, ?4))
         ORDER BY c.made_at DESC, c.id DESC LIMIT ?5`,
      )
      .bind(eyes.member, eyes.seeAll ? 1 : 0, after?.[0] ?? null, after?.[1] ?? "", limit)
      .all<ChallengeColumns & { readonly joined: number }>(),
  );
  return results.map((row) => ({ ...challengeOf(row), isJoined: row.joined === 1 }));
}

/** Null: there is none, or not for these eyes. */
export async function challengeSeen({ sql }: Sql, eyes: Eyes, id: string): Promise<Seen | null> {
  const row = await sql((db) =>
    db
      .prepare(
        `SELECT ${columns}, ${isJoined} AS joined FROM challenge AS c
         WHERE c.id = ?2 AND (?3 = 1 OR ${isSeen})`,
      )
      .bind(eyes.member, id, eyes.seeAll ? 1 : 0)
      .first<ChallengeColumns & { readonly joined: number }>(),
  );
  return row === null ? null : { ...challengeOf(row), isJoined: row.joined === 1 };
}

export interface ChallengeDraft {
  readonly name: string;
  readonly rules: Omit<ChallengeRules, "id">;
  readonly joining: Joining;
  readonly team: string | null;
}

/** Null: there is no such team. */
export async function makeChallenge(
  ports: Pick<Ports, "sql" | "digest">,
  { name, rules, joining, team }: ChallengeDraft,
  nowMs: Instant,
): Promise<{ readonly challenge: Challenge; readonly code: string | null } | null> {
  const id = randomName("ch");
  const code = joining === "code" ? newJoinCode() : null;
  const digest = code === null ? null : await joinCodeDigest(ports.digest, id, code);
  const inserted = await ports.sql((db) =>
    db
      .prepare(
        `INSERT INTO challenge (id, name, measure, families, from_day, to_day, day_max, least,
           verified_only, joining, team, code, made_at)
         SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13
         WHERE ?11 IS NULL OR EXISTS (SELECT 1 FROM team WHERE id = ?11) RETURNING id`,
      )
      .bind(
        ...[id, name, rules.measure, JSON.stringify(rules.families), rules.from, rules.to],
        ...[rules.dayMax, rules.least, rules.verifiedOnly ? 1 : 0, joining, team, digest, nowMs],
      )
      .first(),
  );
  if (inserted === null) return null;
  const made = { madeAtMs: nowMs, endedAtMs: null, closedAtMs: null };
  return { challenge: { name, rules: { ...rules, id }, joining, team, ...made }, code };
}

/** False: it has begun meanwhile, or was ended. */
export async function changeChallenge(
  { sql }: Sql,
  { id, ...rules }: ChallengeRules,
  name: string,
  nowMs: Instant,
): Promise<boolean> {
  const changed = await sql((db) =>
    db
      .prepare(
        `UPDATE challenge AS c SET name = ?2, measure = ?3, families = ?4, from_day = ?5,
           to_day = ?6, day_max = ?7, least = ?8, verified_only = ?9, telling = '',
           version = version + 1
         WHERE c.id = ?1 AND c.from_day > ?10 AND ${countedLive} RETURNING id`,
      )
      .bind(
        ...[id, name, rules.measure, JSON.stringify(rules.families), rules.from, rules.to],
        ...[rules.dayMax, rules.least, rules.verifiedOnly ? 1 : 0, firstToday(nowMs)],
      )
      .first(),
  );
  return changed !== null;
}

export const renameChallenge = ({ sql }: Sql, id: string, name: string): Promise<unknown> =>
  sql((db) => db.prepare("UPDATE challenge SET name = ? WHERE id = ?").bind(name, id).run());

/** At once for whoever asks; the ledgers let go of it page by page. */
export const endChallenge = ({ sql }: Sql, id: string, nowMs: Instant): Promise<unknown> =>
  sql((db) =>
    db
      .prepare(
        `UPDATE challenge SET ended_at = ?, telling = '', version = version + 1
         WHERE id = ? AND ended_at IS NULL`,
      )
      .bind(nowMs, id)
      .run(),
  );

type Joined = "joined" | "not-found" | "over" | "full";

/**
 *   1. the member is in it       a crash: joining again tells the ledger
 *   2. their ledger knows it, and what they did before counts too
 */
export async function joinChallenge(
  ports: Pick<Ports, "sql" | "digest" | "ledger">,
  member: MemberId,
  { id, code }: { readonly id: string; readonly code: string | null },
  nowMs: Instant,
): Promise<Joined> {
  const digest = code === null ? null : await joinCodeDigest(ports.digest, id, code);
  const may = `(c.joining = 'everybody' OR ${isJoined} OR (c.joining = 'code' AND c.code = ?3)
    OR (c.joining = 'team' AND EXISTS (
      SELECT 1 FROM team_member WHERE team = c.team AND member = ?1)))`;
  const isOn = `${countedLive} AND c.to_day >= ?4`;
  const [, found, there] = await ports.sql((db) =>
    db.batch<{ n: number }>([
      db
        .prepare(
          `INSERT INTO challenge_member (challenge, member, joined_at)
           SELECT c.id, ?1, ?5 FROM challenge AS c WHERE c.id = ?2 AND ${may} AND ${isOn}
             AND EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
             AND (SELECT count(*) FROM challenge_member AS j JOIN challenge AS c
               ON c.id = j.challenge WHERE j.member = ?1 AND ${countedLive}) < ?6
           ON CONFLICT DO NOTHING`,
        )
        .bind(member, id, digest, lastToday(nowMs), nowMs, challengesJoinedMax),
      db
        .prepare(`SELECT ${isOn} AS n FROM challenge AS c WHERE c.id = ?2 AND ${may}`)
        .bind(member, id, digest, lastToday(nowMs)),
      db
        .prepare("SELECT 1 AS n FROM challenge_member WHERE challenge = ? AND member = ?")
        .bind(id, member),
      settingsMoved(db, member),
    ]),
  );
  const [open] = found?.results ?? [];
  if (open === undefined) return "not-found";
  if (there?.results.length !== 1) return open.n === 1 ? "full" : "over";
  await configureMember(ports, member);
  return "joined";
}

/**
 * The statements of leaving. Whoever was seen in it is known by what they scored until now
 * (domain/teams.ts). Final standings that are made, or being made, are made anew.
 */
export const quitting = (
  db: D1Database,
  member: string,
  id: string,
  nowMs: Instant,
): D1PreparedStatement[] => [
  db
    .prepare(
      `UPDATE member SET shown_until = ?3 WHERE id = ?1 AND EXISTS (
         SELECT 1 FROM challenge_member AS j JOIN challenge AS c ON c.id = j.challenge
         WHERE j.member = ?1 AND j.challenge = ?2 AND c.from_day <= ?4)`,
    )
    .bind(member, id, nowMs, firstToday(nowMs)),
  db
    .prepare(
      `INSERT INTO closing_due (stream, period, since, mark)
       SELECT ?3, ?1, ?2, ?2
       WHERE ?1 IN (SELECT period FROM closed_board WHERE stream = ?3
           UNION SELECT period FROM closing_due WHERE stream = ?3)
         AND EXISTS (SELECT 1 FROM challenge_member WHERE challenge = ?4 AND member = ?5)
       ON CONFLICT DO UPDATE SET mark = max(mark + 1, excluded.mark)`,
    )
    .bind(challengePeriod(id), nowMs, boardStream.name, id, member),
  db.prepare("DELETE FROM challenge_member WHERE challenge = ? AND member = ?").bind(id, member),
];

/** Steps as of joining. Standings leave out whoever is not in it, so it holds from the first on. */
export async function leaveChallenge(
  ports: Pick<Ports, "sql" | "ledger">,
  member: MemberId,
  id: string,
  nowMs: Instant,
): Promise<void> {
  await ports.sql((db) =>
    db.batch([...quitting(db, member, id, nowMs), settingsMoved(db, member)]),
  );
  await configureMember(ports, member);
}

/** Those of these members that are in it. */
export async function joinedOf(
  { sql }: Sql,
  id: string,
  members: readonly string[],
): Promise<ReadonlySet<string>> {
  if (members.length === 0) return new Set();
  const { results } = await sql((db) =>
    db
      .prepare(
        `SELECT j.member FROM json_each(?2) AS asked
         JOIN challenge_member AS j ON j.challenge = ?1 AND j.member = asked.value`,
      )
      .bind(id, JSON.stringify(members))
      .all<{ member: string }>(),
  );
  return new Set(results.map(({ member }) => member));
}
