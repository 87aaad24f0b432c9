/**
 * What a member aims at on a day, metric by metric, where the table's goal is not theirs. They are the
 * member's own words: nobody else is shown them, whatever consent there is. A goal holds for past days
 * too; nothing is made anew for it, since what days came to does not rest on it.
 */
import * as z from "zod";
import { isRefusal } from "../../../domain/ports.ts";
import {
  type Goals,
  goalKindOf,
  goalKinds,
  goalMetrics,
  goalRange,
} from "../../../domain/samples/goals.ts";
import { metricOf, metrics } from "../../../domain/samples/metrics.ts";
import { goalShape, shownGoal } from "../aggregate-shape.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const changes = Object.fromEntries(
  goalMetrics.map((metric) => {
    const [min, max] = goalRange(metric);
    const goal = z.number().min(min).max(max).nullable().optional();
    return [metric, goal.describe(`A day's, in ${metricOf(metric).unit} (UCUM).`)] as const;
  }),
);
const change = z
  .object({
    goals: z
      .object(changes)
      .strict()
      .describe("null: back to the common one, if there is one. What is absent stays."),
  })
  .strict();

const shape = z
  .object({
    goals: z
      .partialRecord(
        z.enum(metrics),
        z.object({
          ...goalShape,
          goalKind: z.enum(goalKinds),
          unit: z.string().describe("UCUM."),
          default: z.number().nullable().describe("The common one; null: there is none."),
        }),
      )
      .describe("Every metric that can have one."),
  })
  .meta({ id: "Goals" });

const path = "/v1/goals";

export const goalRoutes: readonly Route[] = [
  route({
    method: "get",
    path,
    tag: "samples",
    access: "member",
    audit: { deed: "see-goals", by: "vault" },
    summary: "What I aim at on a day, metric by metric",
    answers: { 200: { description: "My goals, and the common ones.", schema: shape } },
    problems: ["unauthenticated", "not-a-member", "too-many", "unavailable"],
    handle: show,
  }),
  route({
    method: "put",
    path,
    tag: "samples",
    access: "member",
    audit: { deed: "set-goals", by: "vault" },
    summary: "Set goals of my own, or take them back; the others stay",
    body: change,
    answers: { 200: { description: "The goals as they are now.", schema: shape } },
    problems: [
      ...(["not-json", "invalid-request", "unauthenticated", "not-a-member"] as const),
      ...(["too-many", "unavailable"] as const),
    ],
    handle: put,
  }),
];

const shown = (goals: Goals) => ({
  goals: Object.fromEntries(
    goalMetrics.map((metric) => {
      const { unit, goal } = metricOf(metric);
      const about = { goalKind: goalKindOf(metric), unit, default: goal };
      return [metric, { ...shownGoal(metric, goals), ...about }];
    }),
  ),
});

async function show(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const goals = await call.ports.open.goals(call.token);
  return isRefusal(goals) ? call.fail(refusalOf(goals)) : json(shown(goals));
}

async function put(call: Call<undefined, undefined, z.output<typeof change>>): Promise<Response> {
  const goals = await call.ports.open.setGoals(call.token, call.body.goals);
  return isRefusal(goals) ? call.fail(refusalOf(goals)) : json(shown(goals));
}
