/**
 * Boards: who is ahead. A page asks each shard once and merges; concurrent requests for the same
 * page share one answer, and an answer is never older than `freshMs`.
 */
import { z } from "zod";
import { type BoardKey, byRank, parseBoard, shardsPerBoard } from "../../../domain/boards.ts";
import type { MemberId } from "../../../domain/identity.ts";
import type { Score } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment, type Period, parsePeriod } from "../../../domain/time.ts";
import { families } from "../../../domain/workouts/activity.ts";
import type { Ports } from "../ports.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const freshMs = 150;
const sharedAnswersMax = 500;
const stream = streams.workouts;
const units: Readonly<Record<string, string>> = {
  distance: "mm",
  moving_time: "ms",
  count: "workouts",
};

const entry = z
  .object({
    rank: z.number().int(),
    member: z.string(),
    name: z.string().nullable(),
    score: z.number().int(),
    at: z.string().describe("Event time of the last workout counted; ties go to the earlier."),
  })
  .meta({ id: "BoardEntry" });

const page = z
  .object({
    board: z.string(),
    period: z.string(),
    unit: z.string(),
    items: z.array(entry),
    next: z.string().nullable(),
    total: z.number().int(),
  })
  .meta({ id: "BoardPage" });

const params = z.object({ board: z.string().max(64) });
const period = z.string().max(16).default("week").describe("week, month, all, 2026-W47 or 2026-11");
const query = pageQuery(100).extend({ period });
const aroundQuery = z.object({ period, around: z.coerce.number().int().min(0).max(25).default(3) });

export const leaderboardRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/leaderboards",
    tag: "leaderboards",
    access: "public",
    audit: { none: "which boards there are" },
    summary: "Which boards there are",
    answers: { 200: { description: "Boards and their units." } },
    problems: [],
    handle: async () =>
      json({
        items: stream.measures.flatMap((m) =>
          ["all", ...families].map((key) => ({
            board: key === "all" ? m.name : `${m.name}-${key}`,
            unit: units[m.name],
            periods: ["week", "month", "all"],
          })),
        ),
        next: null,
      }),
  }),
  route({
    method: "get",
    path: "/v1/leaderboards/:board",
    tag: "leaderboards",
    access: "public",
    audit: { none: "boards show what their members chose to show everybody" },
    summary: "A board's page, best first",
    params,
    query,
    answers: {
      200: { description: "The page.", schema: page },
      304: { description: "Unchanged." },
    },
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
    params,
    query: aroundQuery,
    answers: { 200: { description: "Entries around the caller.", schema: page } },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: aroundMe,
  }),
];

const shards = Array.from({ length: shardsPerBoard }, (_, i) => i);

interface Shared {
  readonly atMs: number;
  readonly answer: Promise<string>;
}
const shared = new Map<string, Shared>();

/** Requests for the same page at the same time share one computation. */
function sharing(key: string, nowMs: number, compute: () => Promise<string>): Promise<string> {
  const known = shared.get(key);
  if (known !== undefined && nowMs - known.atMs < freshMs) return known.answer;
  const answer = compute();
  if (shared.size >= sharedAnswersMax) shared.clear();
  shared.set(key, { atMs: nowMs, answer });
  answer.catch(() => shared.delete(key));
  return answer;
}

async function show(
  call: Call<z.output<typeof params>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const { board: name } = call.params;
  const { limit, cursor } = call.query;
  const board = parseBoard(stream, families, name);
  const named = parsePeriod(call.query.period, call.nowMs);
  const after = cursor === undefined ? null : parseCursor(cursor);
  if (board === null) return call.fail("not-found");
  if (!named.ok || after === undefined) return call.fail("invalid-request");
  const key = JSON.stringify([name, named.value, limit, cursor]);
  const body = await sharing(key, call.nowMs, async () =>
    JSON.stringify(await pageOf(call.ports, name, board, named.value, after, limit)),
  );
  const etag = `"${await digestOf(body)}"`;
  const headers = { etag, "cache-control": "public, max-age=1" };
  if (call.request.headers.get("if-none-match") === etag)
    return new Response(null, { status: 304, headers });
  return new Response(body, { headers: { ...headers, "content-type": "application/json" } });
}

async function digestOf(text: string): Promise<string> {
  const bytes = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return [...new Uint8Array(bytes)]
    .slice(0, 12)
    .map((b) => b.toString(16).padStart(2, "0"))
    .join("");
}

async function pageOf(
  ports: Ports,
  name: string,
  { key, measure }: BoardKey,
  of: Period,
  after: Score | null,
  limit: number,
): Promise<z.output<typeof page>> {
  const parts = await Promise.all(
    shards.map((s) => ports.board(stream, of, s).top(key, measure, after, limit + 1)),
  );
  const merged = parts.flatMap((p) => p.scores).sort(byRank);
  const ahead = parts.reduce((n, p) => n + p.ahead, 0);
  const scores = merged.slice(0, limit);
  const last = scores.at(-1);
  return {
    board: name,
    period: of,
    unit: units[stream.measures[measure]?.name ?? ""] ?? "",
    items: await named(ports, scores, ahead + 1),
    next: merged.length > limit && last ? cursorOf(last) : null,
    total: parts.reduce((n, p) => n + p.total, 0),
  };
}

async function named(ports: Ports, scores: readonly Score[], firstRank: number) {
  const names: Record<string, string> =
    scores.length === 0 ? {} : await ports.open.names(scores.map((s) => s.member as MemberId));
  return scores.map((s, i) => ({
    rank: firstRank + i,
    member: s.member,
    name: names[s.member] ?? null,
    score: s.score,
    at: formatMoment(s.atMs),
  }));
}

async function aroundMe(
  call: Call<z.output<typeof params>, z.output<typeof aroundQuery>, undefined>,
): Promise<Response> {
  const { ports, member } = call;
  const { around } = call.query;
  const board = parseBoard(stream, families, call.params.board);
  const of = parsePeriod(call.query.period, call.nowMs);
  if (board === null) return call.fail("not-found");
  if (!of.ok) return call.fail("invalid-request");
  const { key, measure } = board;
  const at = (s: number) => ports.board(stream, of.value, s);
  const found = await Promise.all(shards.map((s) => at(s).of(key, measure, member)));
  const mine = found.find((s) => s !== null);
  const head = {
    board: call.params.board,
    period: of.value,
    unit: units[stream.measures[measure]?.name ?? ""] ?? "",
  };
  if (mine === undefined || mine === null)
    return json({ ...head, items: [], next: null, total: 0 });
  const [above, below] = await Promise.all([
    Promise.all(shards.map((s) => at(s).above(key, measure, mine, around))),
    Promise.all(shards.map((s) => at(s).top(key, measure, mine, around))),
  ]);
  const before = above
    .flat()
    .sort(byRank)
    .slice(around === 0 ? Number.MAX_SAFE_INTEGER : -around);
  const behind = below
    .flatMap((p) => p.scores)
    .sort(byRank)
    .slice(0, around);
  const myRank = below.reduce((n, p) => n + p.ahead, 0);
  return json({
    ...head,
    items: await named(ports, [...before, mine, ...behind], myRank - before.length),
    next: null,
    total: below.reduce((n, p) => n + p.total, 0),
  });
}

const cursorOf = (s: Score): string => btoa(JSON.stringify([s.score, s.atMs, s.member]));

function parseCursor(text: string): Score | undefined {
  try {
    const [score, atMs, member] = JSON.parse(atob(text));
    if (!Number.isSafeInteger(score) || !Number.isSafeInteger(atMs)) return undefined;
    return typeof member === "string" ? { score, atMs, member } : undefined;
  } catch {
    return undefined;
  }
}
