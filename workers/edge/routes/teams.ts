/**
 * Teams: joined by a code that one of them gave, left at any time. A member is in one because they
 * chose to; their scores count for it whether they are on boards or not. Of a team its members see
 * who is on boards, and how many there are. What a board of teams tells is team-standings.ts.
 */
import * as z from "zod";
import { teamMembersMax, teamsJoinedMax } from "../../../domain/teams.ts";
import { typedCharsMax } from "../join-codes.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { shownNames } from "../social.ts";
import {
  joinTeam,
  leaveTeam,
  makeTeam,
  renewCode,
  type TeamRow,
  teamOf,
  teamsOf,
} from "../team-rows.ts";
import { refreshTeams } from "../team-sums.ts";

/** No control characters and no halves of one: others see the name. */
export const shownName = z
  .string()
  .trim()
  .min(1)
  .max(60)
  .regex(/^[^\p{Cc}\p{Cs}]*$/u);

const team = z
  .object({ id: z.string(), name: z.string(), members: z.number().int() })
  .meta({ id: "Team" });
const code = z.string().describe("Lets others join; it is told this once, and kept nowhere.");
const made = team.extend({ code }).meta({ id: "NewTeam" });
const mates = team
  .extend({
    items: z
      .array(z.object({ member: z.string(), name: z.string().nullable() }))
      .describe("Those who are on boards, in order of id."),
    next: z.string().nullable(),
  })
  .meta({ id: "TeamMembers" });

const params = z.object({
  id: z
    .string()
    .max(64)
    .regex(/^[\w-]+$/),
});
const query = pageQuery(100);
const named = z.object({ name: shownName }).strict();
const joining = z.object({ code: z.string().max(typedCharsMax) }).strict();

const own = ["unauthenticated", "not-a-member", "unavailable"] as const;
const common = { tag: "teams", access: "member" } as const;

export const teamRoutes: readonly Route[] = [
  route({
    ...common,
    method: "get",
    path: "/v1/teams",
    audit: { deed: "see-teams", by: "nobody", why: "members see the teams that they are in" },
    summary: "My teams",
    answers: {
      200: {
        description: `All of them: ${teamsJoinedMax} at most.`,
        schema: z.object({ items: z.array(team), next: z.null() }),
      },
    },
    problems: own,
    handle: list,
  }),
  route({
    ...common,
    method: "post",
    path: "/v1/teams",
    audit: { deed: "make-team", by: "edge" },
    summary: "Make a team and be its first member",
    body: named,
    answers: { 201: { description: "The team, and the code to join it.", schema: made } },
    problems: [...own, "not-json", "invalid-request", "full"],
    handle: make,
  }),
  route({
    ...common,
    method: "get",
    path: "/v1/teams/:id",
    audit: {
      deed: "see-teams",
      by: "nobody",
      why: "members see their own team, and of it who is on boards",
    },
    summary: "A team of mine, and who of it is on boards",
    params,
    query,
    answers: { 200: { description: "The team.", schema: mates } },
    problems: [...own, "invalid-request", "not-found"],
    handle: show,
  }),
  route({
    ...common,
    method: "put",
    path: "/v1/teams/:id/code",
    audit: { deed: "renew-team-code", by: "edge" },
    summary: "Another code for a team of mine; the former lets nobody in",
    params,
    answers: { 200: { description: "The code.", schema: z.object({ code }) } },
    problems: [...own, "invalid-request", "not-found"],
    handle: renew,
  }),
  route({
    ...common,
    method: "post",
    path: "/v1/teams/:id/members",
    audit: { deed: "join-team", by: "edge" },
    summary: "Join a team by its code",
    params,
    body: joining,
    answers: {
      200: { description: `Joined; ${teamMembersMax} are in one at most.`, schema: team },
    },
    problems: [...own, "not-json", "invalid-request", "not-found", "full"],
    handle: join,
  }),
  route({
    ...common,
    method: "delete",
    path: "/v1/teams/:id/members/me",
    audit: { deed: "leave-team", by: "edge" },
    summary: "Leave a team; the last one out ends it",
    params,
    answers: {
      200: {
        description: "Not in it, whether before or not; nothing told of it has you in it.",
        schema: z.object({ left: z.string() }),
      },
    },
    problems: [...own, "invalid-request"],
    handle: leave,
  }),
];

type OfTeam = z.output<typeof params>;

async function list({ ports, member }: Call<undefined, undefined, undefined>): Promise<Response> {
  return json({ items: await teamsOf(ports, member), next: null });
}

async function make(call: Call<undefined, undefined, z.output<typeof named>>): Promise<Response> {
  const { ports, member, body, nowMs } = call;
  const answer = await makeTeam(ports, member, body.name, nowMs);
  return answer === "full" ? call.fail("full") : json({ ...answer.team, code: answer.code }, 201);
}

async function show(call: Call<OfTeam, z.output<typeof query>, undefined>): Promise<Response> {
  const { ports, member, params: of } = call;
  const { limit, cursor } = call.query;
  const after = afterCursor(cursor, [""]);
  if (after === null) return call.fail("invalid-request", badCursor);
  const found: TeamRow | null = await teamOf(ports, member, of.id);
  if (found === null) return call.fail("not-found");
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT m.id FROM team_member AS j JOIN member AS m ON m.id = j.member
         WHERE j.team = ? AND j.member > ? AND m.on_boards = 1 AND m.erased_at IS NULL
         ORDER BY j.member LIMIT ?`,
      )
      .bind(of.id, after[0], limit + 1)
      .all<{ id: string }>(),
  );
  const names = await shownNames(
    ports,
    results.slice(0, limit).map(({ id }) => id),
  );
  const shown = ({ id }: { readonly id: string }) => ({ member: id, name: names[id] ?? null });
  return json({ ...found, ...pageOf(results, limit, ({ id }) => [id], shown) });
}

async function renew(call: Call<OfTeam, undefined, undefined>): Promise<Response> {
  const renewed = await renewCode(call.ports, call.member, call.params.id);
  return renewed === null ? call.fail("not-found") : json({ code: renewed });
}

/** A wrong code and a team that is not there are answered alike. */
async function join(call: Call<OfTeam, undefined, z.output<typeof joining>>): Promise<Response> {
  const { ports, member, nowMs } = call;
  const asked = { team: call.params.id, code: call.body.code };
  const joined = await joinTeam(ports, member, asked, nowMs);
  return typeof joined === "string" ? call.fail(joined) : json(joined);
}

async function leave(call: Call<OfTeam, undefined, undefined>): Promise<Response> {
  const { ports, member, nowMs, later } = call;
  await leaveTeam(ports, member, call.params.id);
  later(refreshTeams(ports, nowMs).catch(() => {}));
  return json({ left: call.params.id });
}
