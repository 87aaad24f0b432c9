/**
 * Friends: a member's own list of others, to see a board among them. It is one side's: the other is
 * not asked or told, and nothing of theirs is opened by it. Only who is on boards goes onto it; of
 * anybody else nothing is said, not even whether there is such a member, or one in a team of mine.
 */
import * as z from "zod";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { friendsMax, shownNames } from "../social.ts";

const friend = z
  .object({
    member: z.string(),
    name: z.string().nullable().describe("Null: they have none, or are on no board now."),
  })
  .meta({ id: "Friend" });
const params = z.object({ friend: z.string().regex(/^m_[0-9a-f]{32}$/, "a member's id") });
const query = pageQuery(100);

export const friendRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/friends",
    tag: "friends",
    access: "member",
    audit: { deed: "see-friends", by: "nobody", why: "members see their own list" },
    summary: "Whom I follow",
    query,
    answers: {
      200: {
        description: "In order of id.",
        schema: z.object({ items: z.array(friend), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "put",
    path: "/v1/friends/:friend",
    tag: "friends",
    access: "member",
    audit: { deed: "follow", by: "edge" },
    summary: "Follow somebody who is on boards",
    params,
    answers: { 200: { description: "On my list.", schema: friend } },
    problems: [
      ...(["invalid-request", "unauthenticated", "not-a-member", "not-found"] as const),
      ...(["full", "unavailable"] as const),
    ],
    handle: follow,
  }),
  route({
    method: "delete",
    path: "/v1/friends/:friend",
    tag: "friends",
    access: "member",
    audit: { deed: "unfollow", by: "edge" },
    summary: "Follow them no more",
    params,
    answers: {
      200: {
        description: "Not on my list, whether they were or not.",
        schema: z.object({ unfollowed: z.string() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: unfollow,
  }),
];

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { ports, member } = call;
  const { limit, cursor } = call.query;
  const after = afterCursor(cursor, [""]);
  if (after === null) return call.fail("invalid-request", badCursor);
  const { results } = await ports.sql((db) =>
    db
      .prepare("SELECT other FROM follow WHERE member = ? AND other > ? ORDER BY other LIMIT ?")
      .bind(member, after[0], limit + 1)
      .all<{ other: string }>(),
  );
  const names = await shownNames(
    ports,
    results.slice(0, limit).map(({ other }) => other),
  );
  const shown = ({ other }: { readonly other: string }) => ({
    member: other,
    name: names[other] ?? null,
  });
  return json(pageOf(results, limit, ({ other }) => [other], shown));
}

/** A full list is said to be full whomever it is asked for. */
async function follow(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const { ports, member, nowMs } = call;
  const other = call.params.friend;
  if (other === member)
    return call.fail("invalid-request", { fields: [{ field: "params.friend", rule: "custom" }] });
  const [, there, all] = await ports.sql((db) =>
    db.batch<{ n: number }>([
      db
        .prepare(
          `INSERT INTO follow (member, other, at)
           SELECT ?1, m.id, ?3 FROM member AS m
           WHERE m.id = ?2 AND m.erased_at IS NULL AND m.on_boards = 1
             AND EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
             AND (SELECT count(*) FROM follow WHERE member = ?1) < ?4
           ON CONFLICT DO NOTHING`,
        )
        .bind(member, other, nowMs, friendsMax),
      db
        .prepare("SELECT count(*) AS n FROM follow WHERE member = ? AND other = ?")
        .bind(member, other),
      db.prepare("SELECT count(*) AS n FROM follow WHERE member = ?").bind(member),
    ]),
  );
  if (there?.results[0]?.n !== 1)
    return call.fail((all?.results[0]?.n ?? 0) >= friendsMax ? "full" : "not-found");
  const names = await shownNames(ports, [other]);
  return json({ member: other, name: names[other] ?? null });
}

async function unfollow(
  call: Call<z.output<typeof params>, undefined, undefined>,
): Promise<Response> {
  const { friend: other } = call.params;
  await call.ports.sql((db) =>
    db.prepare("DELETE FROM follow WHERE member = ? AND other = ?").bind(call.member, other).run(),
  );
  return json({ unfollowed: other });
}
