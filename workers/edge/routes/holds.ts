/**
 * For operators: workouts of a member that are held back from boards, and why; letting one count
 * after all, on the record. A better source of the same workout does it without anybody. What is its
 * owner's alone counts nowhere, so there is nothing of it to hold, and nothing of it is shown.
 */
import * as z from "zod";
import { decisionId, type FactId, type MemberId } from "../../../domain/identity.ts";
import { streams } from "../../../domain/streams.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { logLine } from "../../../kernel/wide-event.ts";
import { memberRow } from "../members.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { pageOf } from "../things.ts";
import { shownToOperators, workoutShape } from "../workout-shape.ts";
import { answerTo, decided } from "./workouts.ts";

const memberId = z.string().regex(/^m_[0-9a-f]{32}$/, "a member's id");
const ofMember = z.object({ member: memberId });
const ofWorkout = ofMember.extend({ workout: z.string().max(64) });
const ofDecision = ofMember.extend({ decision: z.string().max(128) });
const query = pageQuery(200);

export const holdRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/ops/holds/:member",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "see-holds", by: "edge", of: "member" },
    summary: "A member's workouts that are held back from boards, with the reasons",
    params: ofMember,
    query,
    answers: {
      200: {
        description: "A page of workouts looked through; `next` goes on below it.",
        schema: z.object({ items: z.array(workoutShape), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: list,
  }),
  route({
    method: "post",
    path: "/v1/ops/holds/:member/:workout/clear",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "clear-hold", by: "edge", of: "member" },
    summary: "Let a held workout count, as long as its values come from the records it has now",
    params: ofWorkout,
    answers: { 200: { description: "Cleared.", schema: decided } },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: clear,
  }),
  route({
    method: "delete",
    path: "/v1/ops/holds/:member/:decision",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "put-back-hold", by: "edge", of: "member" },
    summary: "Take a clearing back",
    params: ofDecision,
    answers: { 200: { description: "Held again, if it still is implausible.", schema: decided } },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: holdAgain,
  }),
];

async function ledgerOf({ ports }: Pick<Call, "ports">, member: string) {
  const known = await memberRow(ports, member as MemberId);
  return known === null ? null : ports.ledger(streams.workouts, known.id);
}

async function list(
  call: Call<z.output<typeof ofMember>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const ledger = await ledgerOf(call, call.params.member);
  if (ledger === null) return call.fail("not-found");
  const page = await pageOf<ResolvedWorkout>(ledger, call.query, "others");
  if (page === null) return call.fail("invalid-request");
  const held = page.items.filter((w) => w.held.length > 0);
  return json({ ...page, items: held.flatMap(shownToOperators) });
}

async function clear(
  call: Call<z.output<typeof ofWorkout>, undefined, undefined>,
): Promise<Response> {
  const { member, workout } = call.params;
  const ledger = await ledgerOf(call, member);
  const found = (await ledger?.find(workout)) as ResolvedWorkout | null | undefined;
  if (ledger == null || found == null || found.held.length === 0 || found.scored === null)
    return call.fail("not-found");
  const sides = [found.sources.map((s) => s.fact)];
  const id = await decisionId(call.ports.digest, member as MemberId, "clear", sides);
  logLine({ event: "hold", requestId: call.requestId, outcome: "cleared" });
  const answer = await ledger.decide({ id, decision: "clear", sides });
  return answerTo(call, answer, shownToOperators);
}

async function holdAgain(
  call: Call<z.output<typeof ofDecision>, undefined, undefined>,
): Promise<Response> {
  const ledger = await ledgerOf(call, call.params.member);
  if (ledger === null) return call.fail("not-found");
  logLine({ event: "hold", requestId: call.requestId, outcome: "held-again" });
  const answer = await ledger.takeBack(call.params.decision as FactId, ["clear"]);
  return answerTo(call, answer, shownToOperators);
}
