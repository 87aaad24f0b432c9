/**
 * Another member's open workouts, for whom they let read something: what others may see of each, and
 * no record that it was folded from. The vault decides, and says so in the log before it is told.
 */
import * as z from "zod";
import type { MemberId } from "../../../domain/identity.ts";
import { isRefusal } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { memberRow } from "../members.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { pageOf } from "../things.ts";
import { othersShape, shownToOthers } from "../workout-shape.ts";

const params = z.object({ id: z.string().regex(/^m_[0-9a-f]{32}$/, "a member's id") });
const query = pageQuery(200);

export const memberWorkoutRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/members/:id/workouts",
    tag: "workouts",
    access: "signed-in",
    audit: { deed: "list-workouts", by: "vault" },
    summary: "What others may see of a member's workouts, newest first, on the record",
    params,
    query,
    answers: {
      200: {
        description: "A page; what others may not see is on none, and in no `next`.",
        schema: z.object({ items: z.array(othersShape), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: list,
  }),
];

async function list(
  call: Call<z.output<typeof params>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const member = call.params.id as MemberId;
  const may = await call.ports.log.mayListWorkouts(call.token, member);
  if (isRefusal(may)) return call.fail(refusalOf(may));
  const known = await memberRow(call.ports, member);
  if (known === null) return call.fail("not-found");
  const page = await pageOf<ResolvedWorkout>(
    call.ports.ledger(streams.workouts, known.id),
    call.query,
    "others",
  );
  if (page === null) return call.fail("invalid-request");
  return json({ items: page.items.flatMap(shownToOthers), next: page.next });
}
