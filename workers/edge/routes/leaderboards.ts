/**
 * Boards: who is ahead. Pages are the same for everybody, so whoever asks for one at the same time
 * is given one answer, half a second old at most (shared-answers.ts); what is asked about by its tag and
 * stands as it was is not sent again, and no object hears of it. Ranks are of kernel/boards.
 */
import * as z from "zod";
import { answered, etagOf } from "../etag.ts";
import { badCursor } from "../key-cursor.ts";
import { boardAsked, pageOf, placeOf } from "../leaderboard-read.ts";
import {
  afterOf,
  boardKeys,
  boardPage,
  boardParams,
  boardPeriod,
  boardStream,
  unitOf,
} from "../leaderboard-shape.ts";
import { type Call, pageQuery, type Route, route } from "../route.ts";
import { dataCentre, SharedAnswers } from "../shared-answers.ts";

const limitMax = 100;
const query = pageQuery(limitMax).extend({ period: boardPeriod });
const aroundQuery = z.object({
  period: boardPeriod,
  around: z.coerce.number().int().min(0).max(25).default(3),
});
const unchanged = { description: "As it was known by its `ETag`." };
const boards = z.object({
  items: z.array(
    z
      .object({
        board: z.string().describe("The measure, and the family after a hyphen: distance-ride."),
        unit: z.string().describe("Of its scores: mm, ms or workouts."),
        periods: z.array(z.string()).describe("How long those are that it is ranked by."),
      })
      .meta({ id: "Board" }),
  ),
  next: z.null(),
});

export const leaderboardRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/leaderboards",
    tag: "leaderboards",
    access: "public",
    audit: { none: "which boards there are" },
    summary: "Which boards there are",
    answers: { 200: { description: "Boards and their units.", schema: boards }, 304: unchanged },
    problems: [],
    handle: list,
  }),
  route({
    method: "get",
    path: "/v1/leaderboards/:board",
    tag: "leaderboards",
    access: "public",
    audit: { none: "boards show what their members chose to show everybody" },
    isPolled: true,
    summary: "A board's page, best first",
    params: boardParams,
    query,
    answers: { 200: { description: "The page.", schema: boardPage }, 304: unchanged },
    problems: ["invalid-request", "not-found", "unavailable"],
    handle: show,
  }),
  route({
    method: "get",
    path: "/v1/leaderboards/:board/me",
    tag: "leaderboards",
    access: "member",
    audit: {
      deed: "list-workouts",
      by: "nobody",
      why: "members see their own place on a public board",
    },
    summary: "My place, and who is around me",
    params: boardParams,
    query: aroundQuery,
    answers: {
      200: { description: "Entries around the caller.", schema: boardPage },
      304: unchanged,
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: aroundMe,
  }),
];

async function list({ request }: Call<undefined, undefined, undefined>): Promise<Response> {
  const body = JSON.stringify({
    items: boardStream.measures.flatMap((m) =>
      ["all", ...boardKeys].map((key) => ({
        board: key === "all" ? m.name : `${m.name}-${key}`,
        unit: unitOf(m.name),
        periods: ["week", "month", "all"],
      })),
    ),
    next: null,
  });
  return answered(request, { body, etag: await etagOf(body) }, "shared");
}

const shared = new SharedAnswers(dataCentre);

async function show(
  call: Call<z.output<typeof boardParams>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const { request, nowMs, later } = call;
  const { limit, cursor } = call.query;
  const asked = boardAsked(call);
  if (asked instanceof Response) return asked;
  const after = afterOf(cursor);
  if (after === undefined) return call.fail("invalid-request", badCursor);
  const { period } = asked.ranking;
  const place = after === null ? "" : JSON.stringify([after.score, after.atMs, after.member]);
  const search = new URLSearchParams({ period, limit: String(limit), after: place });
  const { origin } = new URL(request.url);
  const key = `${origin}/v1/leaderboards/${asked.name}?${search}`;
  const make = async () => JSON.stringify(await pageOf(call, asked, after, limit));
  return answered(request, await shared.answer({ key, nowMs, later, make }), "shared");
}

async function aroundMe(
  call: Call<z.output<typeof boardParams>, z.output<typeof aroundQuery>, undefined>,
): Promise<Response> {
  const asked = boardAsked(call);
  if (asked instanceof Response) return asked;
  const body = JSON.stringify(await placeOf(call, asked, call.member, call.query.around));
  return answered(call.request, { body, etag: await etagOf(body) }, "own");
}
