/** What of others' totals the caller reads, by role: what the pages of those roles begin with. */
import * as z from "zod";
import type { MemberId } from "../../../domain/identity.ts";
import { readsOf } from "../readers.ts";
import { type Call, json, type Route, route } from "../route.ts";

const roles = ["artist", "label", "merchandiser", "finance", "scientist"] as const;
const merchants: readonly string[] = ["merchandiser", "finance", "scientist"];
const namesMax = 100;

const item = z
  .object({
    role: z.enum(roles),
    of: z.string().describe("An artist's name as totals have it, or a merchant's id."),
    name: z.string().nullable().describe("What is known of how a merchant is called."),
  })
  .meta({ id: "Reads" });

export const readsRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/reads",
    tag: "live",
    access: "member",
    audit: { deed: "see-settings", by: "nobody", why: "members see what they themselves may read" },
    summary: "Whose totals I read, in the roles that I have",
    answers: {
      200: { description: "By role.", schema: z.object({ items: z.array(item) }) },
    },
    problems: ["unavailable"],
    handle: list,
  }),
];

async function list({ ports, member, caller }: Call): Promise<Response> {
  const held = roles.filter((role) => caller?.roles.includes(role));
  const lists = await Promise.all(
    held.map(async (role) => (await readsOf(ports, member, role)).map((of) => ({ role, of }))),
  );
  const all = lists.flat();
  const of = new Set(all.filter(({ role }) => merchants.includes(role)).map((each) => each.of));
  const names =
    of.size === 0 ? {} : await ports.open.names([...of].slice(0, namesMax) as MemberId[]);
  const items = all.map(({ role, of }) => ({
    ...{ role, of },
    name: merchants.includes(role) ? (names[of] ?? null) : null,
  }));
  return json({ items });
}
