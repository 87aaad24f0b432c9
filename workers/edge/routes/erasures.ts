/** For operators: erasing for somebody who asked for it by another way than with their own token. */
import * as z from "zod";
import type { ConnectionId, MemberId } from "../../../domain/identity.ts";
import { isRefusal, type OrRefusal } from "../../../domain/ports.ts";
import { parseMoment } from "../../../domain/time.ts";
import type { Receipt } from "../../../durable-objects/erasing.ts";
import { askedByOperator, eraseAccount, eraseMember, eraseWindow, receipt } from "../erase.ts";
import { eraseSamples } from "../erase-samples.ts";
import { connectionsOfAccount } from "../members.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { windowOf } from "../things.ts";

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");

const body = z
  .object({
    member: z.string().regex(/^m_[0-9a-f]{32}$/),
    scope: z.discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("member") }),
      z.strictObject({ kind: z.literal("connection"), connection: z.string().max(64) }),
      z.strictObject({
        kind: z.enum(["workouts", "samples", "listens"]),
        from: moment,
        to: moment,
      }),
    ]),
    reason: z.string().trim().min(1).max(60).describe("Stands in the log, for the member to read."),
  })
  .strict();
type Asked = z.output<typeof body>;

export const erasureRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/ops/erasures",
    tag: "operations",
    access: { role: "operator" },
    audit: {
      deed: "erase-member",
      by: "vault",
      also: ["erase-connection", "erase-workouts", "erase-listens"],
    },
    summary: "Erase for a member who asked for it: everything, a connection, or a window of time",
    body,
    answers: { 200: { description: "What was done, step by step.", schema: receipt } },
    problems: [
      "not-json",
      "invalid-request",
      "unauthenticated",
      "forbidden",
      "not-found",
      "too-many",
      "unavailable",
    ],
    handle: erase,
  }),
];

async function erase(call: Call<undefined, undefined, Asked>): Promise<Response> {
  const { member, scope, reason } = call.body;
  const asking = askedByOperator(call, member as MemberId, reason);
  let erased: OrRefusal<Receipt>;
  if (scope.kind === "member") erased = await eraseMember(asking);
  else if (scope.kind === "connection") {
    const id = scope.connection as ConnectionId;
    const account = await connectionsOfAccount(call.ports, asking.member, id);
    if (account === null) return call.fail("not-found");
    erased = await eraseAccount(asking, account);
  } else {
    const window = windowOf(scope);
    if (window === null)
      return call.fail("invalid-request", { fields: [{ field: "body.scope.to", rule: "window" }] });
    const { fromMs, toMs } = window;
    erased =
      scope.kind === "samples"
        ? await eraseSamples(asking, fromMs, toMs)
        : await eraseWindow(asking, scope.kind, fromMs, toMs);
  }
  return isRefusal(erased) ? call.fail(refusalOf(erased)) : json(erased);
}
