/** A board among the caller's friends, or among their team: only who is on it, ranked among all. */
import * as z from "zod";
import { answered, etagOf } from "../etag.ts";
import { badCursor } from "../key-cursor.ts";
import { amongPage, boardAsked } from "../leaderboard-read.ts";
import { afterOf, boardPage, boardParams, boardPeriod } from "../leaderboard-shape.ts";
import { type Call, pageQuery, type Route, route } from "../route.ts";
import { friendsOf, teamMembersOf } from "../social.ts";

const limitMax = 100;
const query = pageQuery(limitMax).extend({ period: boardPeriod });
const teamParams = boardParams.extend({ team: z.string().max(64) });
type Query = z.output<typeof query>;

const common = {
  method: "get",
  tag: "leaderboards",
  access: "member",
  query,
  answers: {
    200: { description: "Those of them who are on the board, best first.", schema: boardPage },
    304: { description: "As it was known by its `ETag`." },
  },
  problems: ["invalid-request", "unauthenticated", "not-a-member", "not-found", "unavailable"],
} as const;

export const leaderboardAmongRoutes: readonly Route[] = [
  route({
    ...common,
    path: "/v1/leaderboards/:board/friends",
    audit: {
      deed: "list-workouts",
      by: "nobody",
      why: "members see those whom they follow as everybody sees them on a public board",
    },
    summary: "A board among those whom I follow, and myself",
    params: boardParams,
    handle: amongFriends,
  }),
  route({
    ...common,
    path: "/v1/leaderboards/:board/teams/:team",
    audit: {
      deed: "list-workouts",
      by: "nobody",
      why: "members see those of their team as everybody sees them on a public board",
    },
    summary: "A board among those of my team who are on it",
    params: teamParams,
    handle: amongTeam,
  }),
];

async function amongFriends(
  call: Call<z.output<typeof boardParams>, Query, undefined>,
): Promise<Response> {
  return among(call, async () => [call.member, ...(await friendsOf(call.ports, call.member))]);
}

async function amongTeam(
  call: Call<z.output<typeof teamParams>, Query, undefined>,
): Promise<Response> {
  return among(call, () => teamMembersOf(call.ports, call.params.team, call.member));
}

/** `whom`: null where the caller is not one of them. */
async function among(
  call: Call<z.output<typeof boardParams>, Query, undefined>,
  whom: () => Promise<readonly string[] | null>,
): Promise<Response> {
  const asked = boardAsked(call);
  if (asked instanceof Response) return asked;
  const after = afterOf(call.query.cursor);
  if (after === undefined) return call.fail("invalid-request", badCursor);
  const members = await whom();
  if (members === null) return call.fail("not-found");
  const page = await amongPage(call, asked, [...new Set(members)], after, call.query.limit);
  const body = JSON.stringify(page);
  return answered(call.request, { body, etag: await etagOf(body) }, "own");
}
