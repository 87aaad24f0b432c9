/** A member's listens, each once; theirs alone to see, and to erase one by one or by a window. */
import * as z from "zod";
import type { ResolvedListen } from "../../../domain/listens/resolved.ts";
import { parseMoment } from "../../../domain/time.ts";
import { receipt } from "../erase.ts";
import { listenShape, shownListen } from "../listen-shape.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { eraseSpan, eraseThing, pageOf, showThing, thingsOf } from "../things.ts";

const params = z.object({ id: z.string().max(64) });
const query = pageQuery(500);
const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const span = z.object({ from: moment, to: moment });

const common = { tag: "listens", access: "member" } as const;
const seen = {
  audit: { deed: "list-listens", by: "nobody", why: "members see their own open data" },
} as const;
const erasing = {
  audit: { deed: "erase-listens", by: "vault" },
  answers: { 200: { description: "What was done, step by step.", schema: receipt } },
} as const;

export const listenRoutes: readonly Route[] = [
  route({
    ...{ method: "get", path: "/v1/listens", ...common, ...seen },
    summary: "My listens, newest first",
    query,
    answers: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(listenShape), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    ...{ method: "get", path: "/v1/listens/:id", ...common, ...seen },
    summary: "One listen, with the records of it",
    params,
    answers: {
      200: { description: "The listen.", schema: listenShape },
      307: { description: "The record of this id is of the listen at `location`." },
    },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: (call) => showThing<ResolvedListen>(call, "listens", shownListen),
  }),
  route({
    ...{ method: "delete", path: "/v1/listens/:id", ...common, ...erasing },
    summary: "Erase one listen, every record of it, for good",
    params,
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: (call) => eraseThing(call, "listens"),
  }),
  route({
    ...{ method: "delete", path: "/v1/listens", ...common, ...erasing },
    summary: "Erase every record of a listen that began in a window of time, for good",
    query: span,
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: (call) => eraseSpan(call, "listens"),
  }),
];

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const page = await pageOf<ResolvedListen>(thingsOf(call, "listens"), call.query, "owner");
  if (page === null) return call.fail("invalid-request");
  return json({ ...page, items: page.items.map(shownListen) });
}
