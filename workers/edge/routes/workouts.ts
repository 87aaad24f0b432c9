/**
 * A member's workouts, each once, with the records it was folded from and why; and the member's own
 * word on it: which records are one after all, and which are not.
 */
import * as z from "zod";
import { decisionId, type FactId } from "../../../domain/identity.ts";
import type { Decided, DecideRefusal } from "../../../domain/ports.ts";
import type { Decision } from "../../../domain/stream.ts";
import { parseMoment } from "../../../domain/time.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { receipt } from "../erase.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { eraseSpan, eraseThing, pageOf, showThing, thingsOf } from "../things.ts";
import { shownWorkout, workoutShape } from "../workout-shape.ts";

/** More records than anybody wears devices; a workout of more is taken apart in steps. */
const recordsMax = 64;
const workoutsMax = 16;

const params = z.object({ id: z.string().max(64) });
const query = pageQuery(200);
const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const span = z.object({ from: moment, to: moment });
const records = z.array(z.string().min(1).max(128)).min(1).max(recordsMax);

export const decided = z
  .object({
    decision: z.string().describe("DELETE /v1/decisions/:id takes it back."),
    workouts: z.array(workoutShape).describe("What the named records are now."),
  })
  .meta({ id: "Decided" });

export const workoutRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/workouts",
    tag: "workouts",
    access: "member",
    audit: { deed: "list-workouts", by: "nobody", why: "members see their own open data" },
    summary: "My workouts, newest first",
    query,
    answers: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(workoutShape), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "post",
    path: "/v1/workouts/join",
    tag: "workouts",
    access: "member",
    audit: { deed: "join", by: "edge" },
    summary: "These workouts are one; said once, it holds for later data too",
    body: z.object({ workouts: z.array(z.string().max(64)).min(2).max(workoutsMax) }).strict(),
    answers: { 200: { description: "They are one.", schema: decided } },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "not-a-member",
      "not-found",
      "too-far-apart",
      "unavailable",
    ],
    handle: join,
  }),
  route({
    method: "get",
    path: "/v1/workouts/:id",
    tag: "workouts",
    access: "member",
    audit: { deed: "list-workouts", by: "nobody", why: "members see their own open data" },
    summary: "One workout, with its sources and reasons",
    params,
    answers: {
      200: { description: "The workout.", schema: workoutShape },
      307: { description: "The records of this id are part of the workout at `location`." },
    },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: (call) => showThing<ResolvedWorkout>(call, "workouts", shownWorkout),
  }),
  route({
    method: "delete",
    path: "/v1/workouts/:id",
    tag: "workouts",
    access: "member",
    audit: { deed: "erase-workouts", by: "vault" },
    summary: "Erase one workout, every record of it, for good",
    params,
    answers: { 200: { description: "What was done, step by step.", schema: receipt } },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: (call) => eraseThing(call, "workouts"),
  }),
  route({
    method: "delete",
    path: "/v1/workouts",
    tag: "workouts",
    access: "member",
    audit: { deed: "erase-workouts", by: "vault" },
    summary: "Erase every workout that covers any of a window of time, for good",
    query: span,
    answers: { 200: { description: "What was done, step by step.", schema: receipt } },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: (call) => eraseSpan(call, "workouts"),
  }),
  route({
    method: "post",
    path: "/v1/workouts/:id/split",
    tag: "workouts",
    access: "member",
    audit: { deed: "split", by: "edge" },
    summary: "These records are another workout than the rest of it; holds for later data too",
    params,
    body: z.object({ records }).strict(),
    answers: { 200: { description: "They are apart.", schema: decided } },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "not-a-member",
      "not-found",
      "unavailable",
    ],
    handle: split,
  }),
];

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const page = await pageOf<ResolvedWorkout>(thingsOf(call, "workouts"), call.query, "owner");
  if (page === null) return call.fail("invalid-request");
  return json({ ...page, items: page.items.map(shownWorkout) });
}

async function find(call: Pick<Call, "ports" | "member">, id: string) {
  return (await thingsOf(call, "workouts").find(id)) as ResolvedWorkout | null;
}

async function join(
  call: Call<undefined, undefined, { workouts: readonly string[] }>,
): Promise<Response> {
  const found = await Promise.all(call.body.workouts.map((id) => find(call, id)));
  const facts = new Map<string, FactId[]>();
  for (const w of found) {
    if (w === null) return call.fail("not-found");
    facts.set(
      w.id,
      w.sources.map((s) => s.fact),
    );
  }
  if (facts.size < 2) return call.fail("invalid-request", broken("workouts", "same-workout"));
  return decide(call, "join", [[...facts.values()].flat()]);
}

/** Names every record of the workout, so that each side stays apart from the other as it is now. */
async function split(
  call: Call<z.output<typeof params>, undefined, { records: readonly string[] }>,
): Promise<Response> {
  const found = await find(call, call.params.id);
  if (found === null) return call.fail("not-found");
  const all = found.sources.map((s) => s.fact);
  const out = all.filter((id) => call.body.records.includes(id));
  const rest = all.filter((id) => !call.body.records.includes(id));
  if (out.length < new Set(call.body.records).size)
    return call.fail("invalid-request", broken("records", "not-in-workout"));
  if (rest.length === 0) return call.fail("invalid-request", broken("records", "all-of-workout"));
  return decide(call, "split", [out, rest]);
}

/** Names the part of the body and what it breaks, never what was in it. */
const broken = (
  part: "records" | "workouts",
  rule: "not-in-workout" | "all-of-workout" | "same-workout",
) => ({ fields: [{ field: `body.${part}`, rule }] });

async function decide(
  call: Pick<Call, "ports" | "member" | "fail">,
  decision: Decision["decision"],
  sides: readonly (readonly FactId[])[],
): Promise<Response> {
  const id = await decisionId(call.ports.digest, call.member, decision, sides);
  return answerTo(call, await thingsOf(call, "workouts").decide({ id, decision, sides }));
}

export function answerTo(
  call: Pick<Call, "fail">,
  answer: Decided | DecideRefusal,
  show: (w: ResolvedWorkout) => readonly object[] = (w) => [shownWorkout(w)],
): Response {
  if ("refused" in answer) return call.fail(answer.refused);
  const { decision, resolved } = answer;
  return json({ decision, workouts: resolved.flatMap((w) => show(w as ResolvedWorkout)) });
}
