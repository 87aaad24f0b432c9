/**
 * A board of teams: what each came to in a week, all activities together. Weeks share no day and no
 * activity is told apart, so no two numbers have a part of one member in common that could be had by
 * subtracting them; what is left to see to is domain/teams.ts. Only of weeks that boards still have:
 * what is over is told no more, and nothing about who was in it is kept.
 */
import * as z from "zod";
import { teamWeeks } from "../../../domain/teams.ts";
import { parsePeriod } from "../../../domain/time.ts";
import { answered } from "../etag.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { boardStream, unitOf } from "../leaderboard-shape.ts";
import { type Call, pageQuery, type Route, route } from "../route.ts";
import { dataCentre, SharedAnswers } from "../shared-answers.ts";
import { refreshTeams, type TeamAfter, type TeamPlace, teamsRanked } from "../team-sums.ts";

const measures = boardStream.measures.flatMap(({ name, open }) => (open ? [name] : []));

const query = pageQuery(100).extend({
  measure: z.enum(measures).default(measures[0] ?? ""),
  week: z
    .string()
    .max(16)
    .default("week")
    .describe("week, or one like 2026-W47: this or the last."),
});

const entry = z
  .object({
    rank: z.number().int().nullable(),
    team: z.string(),
    name: z.string(),
    score: z.number().int().nullable().describe("Null: held back for now; `hidden` says why."),
    hidden: z
      .enum(["counted", "left-out", "held-back"])
      .describe(
        "Members who are on no board. counted: the score has theirs in it, as of when enough of them " +
          "had something new. left-out: it has none of theirs, as too few have any. held-back: it " +
          "could tell of too few of them.",
      ),
  })
  .meta({ id: "TeamEntry" });
const page = z
  .object({
    measure: z.string(),
    week: z.string(),
    unit: z.string(),
    items: z.array(entry),
    next: z.string().nullable(),
  })
  .meta({ id: "TeamPage" });

export const teamStandingsRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/teams/standings",
    tag: "teams",
    access: "public",
    audit: { none: "sums over teams, of which nothing about a few can be had" },
    summary: "A board of teams, by week",
    query,
    answers: {
      200: { description: "A page; those that are held back stand last.", schema: page },
      304: { description: "As it was known by its `ETag`." },
    },
    problems: ["invalid-request", "unavailable"],
    handle: show,
  }),
];

const shared = new SharedAnswers(dataCentre);

async function show(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { request, nowMs, later } = call;
  const { measure, week, limit, cursor } = call.query;
  const period = parsePeriod(week, nowMs);
  if (!period.ok || !teamWeeks(nowMs).includes(period.value))
    return call.fail("invalid-request", { fields: [{ field: "query.week", rule: "custom" }] });
  const after = afterOf(cursor);
  if (after === undefined) return call.fail("invalid-request", badCursor);
  const place = after === null ? "" : cursorOf(after);
  const asked = { measure, week: period.value, limit: String(limit), after: place };
  const key = `${new URL(request.url).origin}/v1/teams/standings?${new URLSearchParams(asked)}`;
  const make = async () =>
    JSON.stringify(await standings(call, period.value, measure, after, limit));
  return answered(request, await shared.answer({ key, nowMs, later, make }), "shared");
}

async function standings(
  { ports, nowMs }: Pick<Call, "ports" | "nowMs">,
  week: string,
  measure: string,
  after: TeamAfter | null,
  limit: number,
): Promise<z.output<typeof page>> {
  await refreshTeams(ports, nowMs);
  const teams = await teamsRanked(ports, week, measure, after, limit + 1);
  const before = after?.rank ?? 0;
  const ranked = teams.map((team, i) => ({ ...team, rank: before + i + 1 }));
  const keyOf = ({ rank, n, team }: TeamAfter) => [rank, n ?? heldBack, team];
  const { items, next } = pageOf(ranked, limit, keyOf, shown);
  return { measure, week, unit: unitOf(measure), items: [...items], next };
}

const shown = ({ rank, team, name, n, isWhole }: TeamPlace & { readonly rank: number }) => ({
  rank: n === null ? null : rank,
  ...{ team, name, score: n },
  hidden:
    n === null ? ("held-back" as const) : isWhole ? ("counted" as const) : ("left-out" as const),
});

/** In a cursor, of a team without a number: less than any that is ranked. */
const heldBack = -1;
const cursorOf = ({ rank, n, team }: TeamAfter): string =>
  JSON.stringify([rank, n ?? heldBack, team]);

/** Null: from the best on. Undefined: no page gave this cursor out. */
function afterOf(cursor: string | undefined): TeamAfter | null | undefined {
  if (cursor === undefined) return null;
  const first: [number, number, string] = [0, 0, ""];
  const key = afterCursor(cursor, first);
  return key === null
    ? undefined
    : { rank: key[0], n: key[1] === heldBack ? null : key[1], team: key[2] };
}
