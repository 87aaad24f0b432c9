/** For operators, in an emergency: a member's readings for a few minutes, without consent. */
import * as z from "zod";
import { breakGlassReasonCharsMax, isBreakGlassReason } from "../../../domain/consent.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { isRefusal } from "../../../domain/ports.ts";
import { formatMoment } from "../../../domain/time.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { memberId } from "./consents.ts";

const request = z
  .object({
    member: memberId,
    reason: z
      .string()
      .trim()
      .max(breakGlassReasonCharsMax)
      .refine(isBreakGlassReason, "a reason")
      .describe("The member reads it."),
  })
  .strict();

const answer = z.object({
  id: z.string(),
  until: z.string().describe("Until then, reads with purpose=emergency are let through."),
});

export const breakGlassRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/ops/break-glass",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "break-glass", by: "vault" },
    summary: "Read a member's data without consent, for a reason that the member is told",
    body: request,
    answers: { 201: { description: "In force; logged, and the member is told.", schema: answer } },
    problems: ["not-json", "invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: breakGlass,
  }),
];

async function breakGlass(
  call: Call<undefined, undefined, z.output<typeof request>>,
): Promise<Response> {
  const { member, reason } = call.body;
  const glass = await call.ports.open.breakGlass(call.token, member as MemberId, reason);
  if (isRefusal(glass)) return call.fail(refusalOf(glass));
  return json({ id: glass.id, until: formatMoment(glass.untilMs) }, 201);
}
