/** What a member decided by hand: listed, and taken back as if it had never been said. */
import * as z from "zod";
import type { FactId } from "../../../domain/identity.ts";
import type { Decision } from "../../../domain/stream.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment } from "../../../domain/time.ts";
import { idOf } from "../../../domain/workouts/workout-id.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { answerTo, decided } from "./workouts.ts";

export const decisionsMax = 500;

const decision = z
  .object({
    id: z.string(),
    decision: z.enum(["join", "split", "clear"]),
    at: z.string(),
    sides: z
      .array(z.array(z.string()))
      .describe("join: these records are one. split: records of different sides are not."),
    workouts: z
      .array(z.string())
      .describe(
        "For each named record, in the same order: GET /v1/workouts/:id leads from here to the workout that it is part of now; 404 once the record is gone.",
      ),
  })
  .meta({ id: "Decision" });

const params = z.object({ id: z.string().max(128) });

export const decisionRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/decisions",
    tag: "workouts",
    access: "member",
    audit: { deed: "list-workouts", by: "nobody", why: "members see their own open data" },
    summary: "What was decided by hand about my workouts, newest first",
    answers: {
      200: {
        description: "The decisions that stand.",
        schema: z.object({ items: z.array(decision), next: z.null() }),
      },
    },
    problems: ["unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "delete",
    path: "/v1/decisions/:id",
    tag: "workouts",
    access: "member",
    audit: { deed: "take-back", by: "edge" },
    summary: "Take a split or a join back",
    params,
    answers: { 200: { description: "Taken back.", schema: decided } },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: takeBack,
  }),
];

async function list(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const found = await call.ports.ledger(streams.workouts, call.member).decisions(decisionsMax);
  return json({ items: found.map(shownDecision), next: null });
}

export const shownDecision = ({
  id,
  decision,
  at,
  sides,
}: Decision): z.output<typeof decision> => ({
  id,
  decision,
  at: formatMoment(at),
  sides: sides.map((side) => [...side]),
  workouts: sides.flat().map(idOf),
});

/** What an operator cleared is the operator's to take back. */
async function takeBack(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const ledger = call.ports.ledger(streams.workouts, call.member);
  return answerTo(call, await ledger.takeBack(call.params.id as FactId, ["split", "join"]));
}
