/** Who is in which team, in the warehouse: making one, joining, leaving. */
import type { MemberId } from "../../domain/identity.ts";
import { teamMembersMax, teamsJoinedMax } from "../../domain/teams.ts";
import type { Instant } from "../../domain/time.ts";
import { randomName } from "../../durable-objects/erasing.ts";
import { joinCodeDigest, newJoinCode } from "./join-codes.ts";
import type { Ports } from "./ports.ts";
import { configureMember, settingsMoved } from "./social.ts";

export interface TeamRow {
  readonly id: string;
  readonly name: string;
  readonly members: number;
}
type TeamPorts = Pick<Ports, "sql" | "digest" | "ledger">;

const columns = `t.id, t.name,
  (SELECT count(*) FROM team_member WHERE team = t.id) AS members`;
const isIn = "EXISTS (SELECT 1 FROM team_member WHERE team = t.id AND member = ?1)";
/** Of member ?1, who may be in one more, and is still there. */
const hasRoom = `EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
  AND (SELECT count(*) FROM team_member WHERE member = ?1) < ${teamsJoinedMax}`;

/** Those the member is in, oldest first. */
export async function teamsOf({ sql }: Pick<Ports, "sql">, member: string): Promise<TeamRow[]> {
  const { results } = await sql((db) =>
    db
      .prepare(`SELECT ${columns} FROM team AS t WHERE ${isIn} ORDER BY t.made_at, t.id`)
      .bind(member)
      .all<TeamRow>(),
  );
  return results;
}

/** Null: the member is not in it, or there is none. */
export const teamOf = (
  { sql }: Pick<Ports, "sql">,
  member: string,
  team: string,
): Promise<TeamRow | null> =>
  sql((db) =>
    db
      .prepare(`SELECT ${columns} FROM team AS t WHERE t.id = ?2 AND ${isIn}`)
      .bind(member, team)
      .first<TeamRow>(),
  );

/**
 *   1. team and maker stand              a crash: nobody saw the code; the maker asks for another
 *   2. the maker's ledger knows          a crash: the next change of their settings makes up for it
 */
export async function makeTeam(
  ports: TeamPorts,
  member: MemberId,
  name: string,
  nowMs: Instant,
): Promise<{ readonly team: TeamRow; readonly code: string } | "full"> {
  const id = randomName("t");
  const code = newJoinCode();
  const digest = await joinCodeDigest(ports.digest, id, code);
  const [made] = await ports.sql((db) =>
    db.batch([
      db
        .prepare(
          `INSERT INTO team (id, name, code, made_at) SELECT ?2, ?3, ?4, ?5 WHERE ${hasRoom}
           RETURNING id`,
        )
        .bind(member, id, name, digest, nowMs),
      db
        .prepare(
          `INSERT INTO team_member (team, member, joined_at)
           SELECT id, ?1, ?3 FROM team WHERE id = ?2`,
        )
        .bind(member, id, nowMs),
      settingsMoved(db, member),
    ]),
  );
  if (made?.results.length !== 1) return "full";
  await configureMember(ports, member);
  return { team: { id, name, members: 1 }, code };
}

/** The former code lets nobody in any more. Null: the member is not in it, or there is none. */
export async function renewCode(
  ports: TeamPorts,
  member: MemberId,
  team: string,
): Promise<string | null> {
  const code = newJoinCode();
  const digest = await joinCodeDigest(ports.digest, team, code);
  const renewed = await ports.sql((db) =>
    db
      .prepare(`UPDATE team AS t SET code = ?3 WHERE t.id = ?2 AND ${isIn} RETURNING id`)
      .bind(member, team, digest)
      .first(),
  );
  return renewed === null ? null : code;
}

/** Steps as above; asked again, a member who is in it stays, and their ledger is told again. */
export async function joinTeam(
  ports: TeamPorts,
  member: MemberId,
  { team, code }: { readonly team: string; readonly code: string },
  nowMs: Instant,
): Promise<TeamRow | "not-found" | "full"> {
  const digest = await joinCodeDigest(ports.digest, team, code);
  const [, , , opened] = await ports.sql((db) =>
    db.batch([
      db
        .prepare(
          `INSERT INTO team_member (team, member, joined_at)
           SELECT t.id, ?1, ?4 FROM team AS t
           WHERE t.id = ?2 AND t.code = ?3 AND ${hasRoom}
             AND (SELECT count(*) FROM team_member WHERE team = t.id) < ${teamMembersMax}
           ON CONFLICT DO NOTHING`,
        )
        .bind(member, team, digest, nowMs),
      db
        // Only now: whoever is in it already may ask again and again.
        .prepare(
          `UPDATE team SET version = version + 1 WHERE id = ?2 AND EXISTS (
             SELECT 1 FROM team_member WHERE team = ?2 AND member = ?1 AND joined_at = ?3)`,
        )
        .bind(member, team, nowMs),
      settingsMoved(db, member),
      db.prepare("SELECT 1 FROM team WHERE id = ? AND code = ?").bind(team, digest),
    ]),
  );
  if (opened?.results.length !== 1) return "not-found";
  const joined = await teamOf(ports, member, team);
  if (joined === null) return "full";
  await configureMember(ports, member);
  return joined;
}

/** Of member ?1: one team, ?2, or where that is null all that they are in. */
const theirs = "SELECT team FROM team_member WHERE member = ?1 AND (?2 IS NULL OR team = ?2)";

/**
 * The statements of leaving one team, or all: what was told of it with the member in it is told no
 * more, from this moment on; a team without members goes.
 */
export const leaving = (
  db: D1Database,
  member: string,
  team: string | null,
): D1PreparedStatement[] =>
  [
    `UPDATE team_sum SET n = NULL, version = version + 1,
       hidden = CASE WHEN counts THEN 0 ELSE hidden END,
       counted = CASE WHEN counts THEN NULL ELSE counted END
     FROM (SELECT week AS of_week, measure AS of_measure, team AS of_team,
             EXISTS (SELECT 1 FROM json_each(counted) WHERE value = ?1) AS counts
           FROM team_sum WHERE team IN (${theirs}))
     WHERE team = of_team AND week = of_week AND measure = of_measure`,
    `UPDATE team SET version = version + 1, read_at = 0 WHERE id IN (${theirs})`,
    `DELETE FROM team WHERE id IN (${theirs})
       AND (SELECT count(*) FROM team_member WHERE team = team.id) = 1`,
    `DELETE FROM team_sum WHERE team IN (${theirs})
       AND NOT EXISTS (SELECT 1 FROM team WHERE id = team_sum.team)`,
    "DELETE FROM team_member WHERE member = ?1 AND (?2 IS NULL OR team = ?2)",
  ].map((sql) => db.prepare(sql).bind(member, team));

/** Steps as of joining: asked again, the ledger is told again. */
export async function leaveTeam(ports: TeamPorts, member: MemberId, team: string): Promise<void> {
  await ports.sql((db) => db.batch([...leaving(db, member, team), settingsMoved(db, member)]));
  await configureMember(ports, member);
}
