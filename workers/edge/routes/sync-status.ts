/** How a member's connections are doing, as it changes. */
import * as z from "zod";
import { eventStream, eventStreamType } from "../event-stream.ts";
import { type Call, type Route, route } from "../route.ts";
import { statusEvents } from "../status-events.ts";

const idDigitsMax = 15;
const headers = z.object({
  "last-event-id": z
    .string()
    .regex(new RegExp(`^\\d{1,${idDigitsMax}}$`))
    .optional()
    .describe("Of the last event that was heard: what changed since is said, and a little before."),
});

export const syncStatusRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/sync-status",
    tag: "members",
    access: "member",
    audit: { deed: "see-settings", by: "nobody", why: "members see their own connections" },
    summary: "How my connections are doing, as server-sent events",
    headers,
    answers: {
      200: {
        description:
          "`event: connection` with a Connection as it is now, for each and whenever one changes; " +
          "`event: ended` with its id. Ends by itself after five minutes: come back with " +
          "`Last-Event-ID`. An event may be heard twice.",
        type: eventStreamType,
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: stream,
  }),
];

function stream({ request, requestId, ports, member }: Call<undefined, undefined, undefined>) {
  const lastId = request.headers.get("last-event-id");
  const resumed = lastId === null ? null : Number(lastId);
  return eventStream({
    ...{ request, requestId, event: "sync-status" },
    events: (clock) => statusEvents(ports, clock, member, resumed),
  });
}
