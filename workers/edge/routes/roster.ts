/** Whom a coach, or anybody, may read something of. The vault decides again at each read. */
import * as z from "zod";
import { isRefusal } from "../../../domain/ports.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { consent, shown } from "./consents.ts";

const entry = z
  .object({
    member: z.string(),
    name: z.string().nullable(),
    consents: z.array(consent).describe("Those in force now, with the columns that they open."),
  })
  .meta({ id: "RosterEntry" });

const query = pageQuery(100);

export const rosterRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/roster",
    tag: "restricted",
    access: "signed-in",
    audit: { deed: "see-roster", by: "vault" },
    summary: "The members who let me read something of theirs",
    query,
    answers: {
      200: {
        description: "Members, in order of their ids. A page may be short and have a next one.",
        schema: z.object({ items: z.array(entry), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "unavailable"],
    handle: list,
  }),
];

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { cursor = null, limit } = call.query;
  if (cursor !== null && !/^[\w-]{1,64}$/.test(cursor)) return call.fail("invalid-request");
  const page = await call.ports.open.roster(call.token, cursor, limit);
  if (isRefusal(page)) return call.fail(refusalOf(page));
  const items = page.items.map(({ member, name, consents }) => ({
    member,
    name,
    consents: consents.map(shown),
  }));
  return json({ items, next: page.next });
}
