/**
 * A challenge's standings: live until they are settled, then as the archive made them of what
 * settled, with how far the live ones were from it. Only who joined is shown; who leaves is left out
 * from that moment on, whatever a board still says. Those of a challenge for everybody are anybody's
 * to see and the same for all; others' are for who is in it, who may join by their team, and operators.
 */
import * as z from "zod";
import type { BoardReader, Ranked, Ranking, Score } from "../../../domain/board-ports.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { challengePeriod } from "../../../domain/ports.ts";
import { formatMoment } from "../../../domain/time.ts";
import { closedBoard } from "../../../durable-objects/closed-boards.ts";
import type { FinalDifference } from "../../../kernel/boards/closed.ts";
import { liveReader } from "../../../kernel/boards/read.ts";
import { signedIn } from "../caller.ts";
import {
  type Challenge,
  challengeById,
  challengeSeen,
  joinedOf,
  stateOf,
} from "../challenge-rows.ts";
import { answered, etagOf } from "../etag.ts";
import { badCursor } from "../key-cursor.ts";
import { closedBoardOf } from "../leaderboard-closed.ts";
import { afterOf, boardEntry, boardStream, cursorOf, unitOf } from "../leaderboard-shape.ts";
import { shownTop } from "../leaderboard-shown.ts";
import type { Ports } from "../ports.ts";
import { type Call, pageQuery, type Route, route } from "../route.ts";
import { dataCentre, SharedAnswers } from "../shared-answers.ts";

const params = z.object({
  id: z
    .string()
    .max(64)
    .regex(/^[\w-]+$/),
});
const query = pageQuery(100);
const aroundQuery = z.object({ around: z.coerce.number().int().min(0).max(25).default(3) });

const standing = z.object({ rank: z.number().int(), score: z.number().int() }).nullable();
const final = z
  .object({
    at: z.string().describe("When they were first settled."),
    live: z.number().int().describe("How many were ranked live then."),
    final: z.number().int(),
    differing: z.number().int().describe("How many stood otherwise in the two."),
    members: z
      .array(z.object({ member: z.string(), live: standing, final: standing }))
      .describe("Those of them with most at stake; null: not ranked."),
  })
  .nullable()
  .describe("Null: these are live.");
const page = z
  .object({
    challenge: z.string(),
    state: z.enum(["coming", "running", "over", "final"]),
    unit: z.string(),
    items: z.array(boardEntry.omit({ moved: true }).meta({ id: "ChallengeEntry" })),
    next: z.string().nullable(),
    total: z.number().int().describe("How many are ranked; 0 around one who is not."),
    final,
  })
  .meta({ id: "ChallengePage" });
type Page = z.output<typeof page>;
const unchanged = { description: "As it was known by its `ETag`." };

export const challengeStandingsRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/challenges/:id/standings",
    tag: "challenges",
    access: "public",
    audit: {
      deed: "see-challenges",
      by: "nobody",
      why: "standings show those who joined so as to be shown",
    },
    summary: "A challenge's standings, best first",
    params,
    query,
    answers: { 200: { description: "The page.", schema: page }, 304: unchanged },
    problems: ["invalid-request", "not-found", "unavailable"],
    handle: show,
  }),
  route({
    method: "get",
    path: "/v1/challenges/:id/standings/me",
    tag: "challenges",
    access: "member",
    audit: {
      deed: "see-challenges",
      by: "nobody",
      why: "members see their own place in a challenge that they joined",
    },
    summary: "My place in a challenge, and who is around me",
    params,
    query: aroundQuery,
    answers: { 200: { description: "Entries around the caller.", schema: page }, 304: unchanged },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: aroundMe,
  }),
];

const shared = new SharedAnswers(dataCentre);
/** What is not everybody's to see stays in the isolate. */
const inside = new SharedAnswers({ get: async () => null, put: async () => {} });
type Reading = Pick<Call, "ports" | "nowMs">;

async function show(
  call: Call<z.output<typeof params>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const { request, nowMs, later, ports } = call;
  const { limit, cursor } = call.query;
  const { id } = call.params;
  const after = afterOf(cursor);
  if (after === undefined) return call.fail("invalid-request", badCursor);
  const at = `${new URL(request.url).origin}/v1/challenges/${encodeURIComponent(id)}`;
  const asked = { key: at, nowMs, later };
  const make = async () => JSON.stringify(await challengeById(ports, id));
  const { body } = await inside.answer({ ...asked, make });
  const challenge = JSON.parse(body) as Challenge | null;
  if (challenge === null || challenge.endedAtMs !== null) return call.fail("not-found");
  const isPublic = challenge.joining === "everybody";
  if (!isPublic && !(await maySee(call, id))) return call.fail("not-found");
  const place = after === null ? "" : cursorOf(after);
  const search = new URLSearchParams({ limit: String(limit), after: place });
  const page = await (isPublic ? shared : inside).answer({
    ...asked,
    key: `${at}/standings?${search}`,
    make: async () => JSON.stringify(await standings(call, challenge, after, limit)),
  });
  return answered(request, page, isPublic ? "shared" : "own");
}

/** By a token, which the route does not ask for: most challenges are for everybody. */
async function maySee(
  { request, env, ports, nowMs }: Pick<Call, "request" | "env" | "ports" | "nowMs">,
  id: string,
): Promise<boolean> {
  const caller = await signedIn(request, env, ports, nowMs);
  if (caller === null) return false;
  const eyes = { member: caller.member ?? "", seeAll: caller.roles.includes("operator") };
  return (await challengeSeen(ports, eyes, id)) !== null;
}

const rankingOf = ({ rules }: Challenge): Ranking => ({
  period: challengePeriod(rules.id),
  ...{ key: "all", measure: 0 },
});

/** While its days run nobody has to ask whether they are settled. */
function readerOf({ ports, nowMs }: Reading, challenge: Challenge): BoardReader {
  const live = liveReader(ports.boards(boardStream));
  const state = stateOf(challenge, nowMs);
  if (state === "coming" || state === "running") return live;
  return closedBoardOf(ports, boardStream.name, rankingOf(challenge).period, live);
}

async function standings(
  call: Reading,
  challenge: Challenge,
  after: Score | null,
  limit: number,
): Promise<Page> {
  const [reader, ranking] = [readerOf(call, challenge), rankingOf(challenge)];
  const keep = (ranked: readonly Ranked[]) => stillIn(call, challenge, ranked);
  const { items, next, total } = await shownTop(reader, ranking, { after, limit }, keep);
  return pageWith(call, challenge, items, { next: next === null ? null : cursorOf(next), total });
}

/** Boards may still have who left. */
async function stillIn(
  { ports }: Reading,
  { rules }: Challenge,
  ranked: readonly Ranked[],
): Promise<readonly Ranked[]> {
  const members = ranked.map(({ member }) => member);
  const joined = await joinedOf(ports, rules.id, members);
  return ranked.filter(({ member }) => joined.has(member));
}

async function aroundMe(
  call: Call<z.output<typeof params>, z.output<typeof aroundQuery>, undefined>,
): Promise<Response> {
  const { ports, member, request } = call;
  const eyes = { member, seeAll: false };
  const challenge = await challengeSeen(ports, eyes, call.params.id);
  if (challenge === null || challenge.endedAtMs !== null) return call.fail("not-found");
  const ranking = rankingOf(challenge);
  const place = challenge.isJoined
    ? await readerOf(call, challenge).place(ranking, member, call.query.around)
    : null;
  const { items = [], total = 0 } = place ?? {};
  const shown = await stillIn(call, challenge, items);
  const page = await pageWith(call, challenge, shown, { next: null, total });
  const body = JSON.stringify(page);
  return answered(request, { body, etag: await etagOf(body) }, "own");
}

async function pageWith(
  call: Reading,
  challenge: Challenge,
  shown: readonly Ranked[],
  of: Pick<Page, "next" | "total">,
): Promise<Page> {
  const { ports, nowMs } = call;
  const { id, measure } = challenge.rules;
  const difference = await differenceOf(ports, challenge, nowMs);
  const differing = difference?.members.map(({ member }) => member) ?? [];
  const joined = await joinedOf(ports, id, differing);
  const names: Readonly<Record<string, string>> =
    shown.length === 0 ? {} : await ports.open.names(shown.map((s) => s.member as MemberId));
  return {
    challenge: id,
    // The challenge itself is told of it a little later.
    state: difference === null ? (stateOf(challenge, nowMs) as Page["state"]) : "final",
    unit: unitOf(measure),
    items: shown.map(({ rank, member, score, atMs }) => ({
      ...{ rank, member, name: names[member] ?? null, score, at: formatMoment(atMs) },
    })),
    ...of,
    final: difference === null ? null : shownFinal(difference, joined),
  };
}

/** Null: nothing is settled yet. */
async function differenceOf(
  { sql }: Pick<Ports, "sql">,
  challenge: Challenge,
  nowMs: number,
): Promise<FinalDifference | null> {
  const state = stateOf(challenge, nowMs);
  if (state === "coming" || state === "running") return null;
  const { period } = rankingOf(challenge);
  const made = await sql((db) => closedBoard(db, boardStream.name, period));
  return made?.body.final ?? null;
}

const shownFinal = (
  { atMs, live, final: settled, differing, members }: FinalDifference,
  joined: ReadonlySet<string>,
): NonNullable<Page["final"]> => ({
  ...{ at: formatMoment(atMs), live, final: settled, differing },
  members: members.filter(({ member }) => joined.has(member)).map((of) => ({ ...of })),
});
