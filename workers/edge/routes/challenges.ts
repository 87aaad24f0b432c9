/**
 * Challenges: an operator makes them, members join. Whoever joins is shown on its standings, whether
 * they are on boards or not, and nobody else is. Rules stand from the first day on.
 */
import * as z from "zod";
import {
  type ChallengeRules,
  challengesJoinedMax,
  parseRules,
} from "../../../domain/challenges.ts";
import { signedIn } from "../caller.ts";
import {
  challengeById,
  challengeSeen,
  challengesSeen,
  changeChallenge,
  type Eyes,
  endChallenge,
  joinChallenge,
  lastToday,
  leaveChallenge,
  makeChallenge,
  renameChallenge,
  stateOf,
} from "../challenge-rows.ts";
import { badRules, challengeShape, change, draft, shownChallenge } from "../challenge-shape.ts";
import { tellChallenges } from "../challenge-telling.ts";
import { typedCharsMax } from "../join-codes.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { boardKeys, boardStream } from "../leaderboard-shape.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const params = z.object({
  id: z
    .string()
    .max(64)
    .regex(/^[\w-]+$/),
});
const query = pageQuery(100);
const joining = z
  .object({ code: z.string().max(typedCharsMax).optional().describe("Where it takes one.") })
  .strict();
const made = challengeShape
  .extend({ code: z.string().nullable().describe("To join by; it is told this once.") })
  .meta({ id: "NewChallenge" });

/** Without a token, those that are for everybody. */
const seen = {
  tag: "challenges",
  access: "public",
  audit: {
    deed: "see-challenges",
    by: "nobody",
    why: "callers see what they may join and what they are in",
  },
} as const;
const operated = { tag: "challenges", access: { role: "operator" } } as const;
const own = ["unauthenticated", "not-a-member", "unavailable"] as const;
const operators = ["unauthenticated", "forbidden", "unavailable"] as const;

export const challengeRoutes: readonly Route[] = [
  route({
    ...seen,
    method: "get",
    path: "/v1/challenges",
    summary:
      "Challenges that I may join or am in: for a visitor those for everybody, for an operator all",
    query,
    answers: {
      200: {
        description: "Newest first.",
        schema: z.object({ items: z.array(challengeShape), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "unavailable"],
    handle: list,
  }),
  route({
    ...operated,
    method: "post",
    path: "/v1/challenges",
    audit: { deed: "make-challenge", by: "edge" },
    summary: "Make a challenge",
    body: draft,
    answers: { 201: { description: "Made.", schema: made } },
    problems: [...operators, "not-json", "invalid-request"],
    handle: make,
  }),
  route({
    ...seen,
    method: "get",
    path: "/v1/challenges/:id",
    summary: "One challenge",
    params,
    answers: { 200: { description: "Its rules.", schema: challengeShape } },
    problems: ["invalid-request", "unauthenticated", "not-found", "unavailable"],
    handle: show,
  }),
  route({
    ...operated,
    method: "patch",
    path: "/v1/challenges/:id",
    audit: { deed: "change-challenge", by: "edge" },
    summary: "Change a challenge that has not begun; its name at any time",
    params,
    body: change,
    answers: { 200: { description: "As changed.", schema: challengeShape } },
    problems: [...operators, "not-json", "invalid-request", "not-found", "begun"],
    handle: patch,
  }),
  route({
    ...operated,
    method: "delete",
    path: "/v1/challenges/:id",
    audit: { deed: "end-challenge", by: "edge" },
    summary: "End a challenge: its standings are shown no more",
    params,
    answers: { 200: { description: "Ended.", schema: challengeShape } },
    problems: [...operators, "invalid-request", "not-found"],
    handle: end,
  }),
  route({
    method: "put",
    path: "/v1/challenges/:id/me",
    tag: "challenges",
    access: "member",
    audit: { deed: "join-challenge", by: "edge" },
    summary: "Join a challenge and be shown on its standings, until its last day",
    params,
    body: joining,
    answers: {
      200: {
        description: `In it; of those that are not settled ${challengesJoinedMax} at most.`,
        schema: challengeShape,
      },
    },
    problems: [...own, "not-json", "invalid-request", "not-found", "over", "full"],
    handle: join,
  }),
  route({
    method: "delete",
    path: "/v1/challenges/:id/me",
    tag: "challenges",
    access: "member",
    audit: { deed: "leave-challenge", by: "edge" },
    summary: "Leave a challenge and its standings",
    params,
    answers: {
      200: {
        description: "Not in it, whether before or not.",
        schema: z.object({ left: z.string() }),
      },
    },
    problems: [...own, "invalid-request"],
    handle: leave,
  }),
];

type OfOne = z.output<typeof params>;

/** Null: what they came with is no token that holds, so that they renew it. */
async function eyesOf({
  caller,
  request,
  env,
  ports,
  nowMs,
}: Pick<Call, "caller" | "request" | "env" | "ports" | "nowMs">): Promise<Eyes | null> {
  const isVisitor = caller === null && !request.headers.has("authorization");
  if (isVisitor) return { member: "", seeAll: false };
  const known = caller ?? (await signedIn(request, env, ports, nowMs));
  if (known === null) return null;
  return { member: known.member ?? "", seeAll: known.roles.includes("operator") };
}

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { ports, nowMs } = call;
  const { limit, cursor } = call.query;
  const first: readonly [number, string] = [0, ""];
  const after = cursor === undefined ? null : afterCursor(cursor, first);
  if (cursor !== undefined && after === null) return call.fail("invalid-request", badCursor);
  const eyes = await eyesOf(call);
  if (eyes === null) return call.fail("unauthenticated");
  const found = await challengesSeen(ports, eyes, after, limit + 1);
  const keyOf = (of: (typeof found)[number]) => [of.madeAtMs, of.rules.id];
  return json(pageOf(found, limit, keyOf, (of) => shownChallenge(of, of.isJoined, nowMs)));
}

async function show(
  call: Pick<Call<OfOne>, "ports" | "caller" | "request" | "env" | "params" | "nowMs" | "fail">,
): Promise<Response> {
  const eyes = await eyesOf(call);
  if (eyes === null) return call.fail("unauthenticated");
  const found = await challengeSeen(call.ports, eyes, call.params.id);
  if (found === null) return call.fail("not-found");
  return json(shownChallenge(found, found.isJoined, call.nowMs));
}

async function make(call: Call<undefined, undefined, z.output<typeof draft>>): Promise<Response> {
  const { ports, nowMs } = call;
  const { name, joining: by, team = null, ...asked } = call.body;
  const { families = [], dayMax = null, least = null, verifiedOnly = false } = asked;
  const rules = checked({ ...asked, families, dayMax, least, verifiedOnly, id: "" }, nowMs);
  if ("fields" in rules) return call.fail("invalid-request", rules);
  const answer = await makeChallenge(ports, { name, rules, joining: by, team }, nowMs);
  if (answer === null)
    return call.fail("invalid-request", { fields: [{ field: "body.team", rule: "custom" }] });
  return json({ ...shownChallenge(answer.challenge, false, nowMs), code: answer.code }, 201);
}

/** Rules that can be kept, of days that are not over everywhere; or what is wrong with them. */
function checked(rules: ChallengeRules, nowMs: number) {
  const parsed = parseRules(boardStream, boardKeys, rules);
  if (!parsed.ok) return badRules(parsed.error);
  return parsed.value.to < lastToday(nowMs) ? badRules("days") : parsed.value;
}

async function patch(call: Call<OfOne, undefined, z.output<typeof change>>): Promise<Response> {
  const { ports, nowMs, body, later } = call;
  const { id } = call.params;
  const before = await challengeById(ports, id);
  if (before === null) return call.fail("not-found");
  const { name = before.name, ...asked } = body;
  if (Object.keys(asked).length === 0) {
    await renameChallenge(ports, id, name);
  } else {
    if (stateOf(before, nowMs) !== "coming") return call.fail("begun");
    const rules = checked({ ...before.rules, ...(asked as Partial<ChallengeRules>) }, nowMs);
    if ("fields" in rules) return call.fail("invalid-request", rules);
    // Who joined agreed to show what they do from that day on, and nothing of before.
    if (rules.from < before.rules.from) return call.fail("invalid-request", notEarlier);
    if (!(await changeChallenge(ports, rules, name, nowMs))) return call.fail("begun");
    later(tellChallenges(ports).catch(() => {}));
  }
  return show(call);
}

const notEarlier = { fields: [{ field: "body.from", rule: "not-earlier" }] };

async function end(call: Call<OfOne, undefined, undefined>): Promise<Response> {
  const { ports, nowMs, later } = call;
  await endChallenge(ports, call.params.id, nowMs);
  later(tellChallenges(ports).catch(() => {}));
  return show(call);
}

/** One that is not there, and one that is for others, are answered alike. */
async function join(call: Call<OfOne, undefined, z.output<typeof joining>>): Promise<Response> {
  const { ports, member, nowMs } = call;
  const asked = { id: call.params.id, code: call.body.code ?? null };
  const answer = await joinChallenge(ports, member, asked, nowMs);
  if (answer !== "joined") return call.fail(answer);
  return show(call);
}

async function leave(call: Call<OfOne, undefined, undefined>): Promise<Response> {
  await leaveChallenge(call.ports, call.member, call.params.id, call.nowMs);
  return json({ left: call.params.id });
}
