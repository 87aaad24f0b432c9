/** How a member's connections are doing, as it changes. */
import { z } from "zod";
import { errorClass, logLine } from "../../../kernel/wide-event.ts";
import { type Call, type Route, route } from "../route.ts";
import { type Clock, statusEvents } from "../status-events.ts";

const idDigitsMax = 15;
const headers = z.object({
  "last-event-id": z
    .string()
    .regex(new RegExp(`^\\d{1,${idDigitsMax}}$`))
    .optional()
    .describe("Of the last event that was heard: what changed since is said, and a little before."),
});
const sent = {
  "content-type": "text/event-stream",
  "cache-control": "no-store",
  // Proxies that gather answers before they pass them on are asked not to.
  "x-accel-buffering": "no",
};

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
        type: "text/event-stream",
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: stream,
  }),
];

/** The first look is over before the answer begins: a warehouse that is down is a 503. */
async function stream(call: Call<undefined, undefined, undefined>): Promise<Response> {
  if (call.request.method === "HEAD") return new Response(null, { headers: sent });
  const lastId = call.request.headers.get("last-event-id");
  const clock = wallClock();
  const resumed = lastId === null ? null : Number(lastId);
  const events = statusEvents(call.ports, clock, call.member, resumed);
  const encoder = new TextEncoder();
  let first: Awaited<ReturnType<typeof events.next>> | null = await events.next();
  const body = new ReadableStream<Uint8Array>({
    async pull(to) {
      try {
        const { value, done } = first ?? (await events.next());
        first = null;
        if (clock.isOver()) return;
        if (done === true) to.close();
        else to.enqueue(encoder.encode(value));
      } catch (error) {
        // The client comes back with the last id that it heard.
        logLine({ event: "sync-status", requestId: call.requestId, error: errorClass(error) });
        to.close();
      }
    },
    cancel: clock.stop,
  });
  return new Response(body, { headers: sent });
}

/** `stop`: whoever sleeps wakes at once, and is told that nobody listens. */
function wallClock(): Clock & { stop(): void; isOver(): boolean } {
  let over = false;
  let wake = () => {};
  return {
    now: () => Date.now(),
    async sleep(ms) {
      if (over) return false;
      await new Promise<void>((done) => {
        const timer = setTimeout(done, ms);
        wake = () => {
          clearTimeout(timer);
          done();
        };
      });
      return !over;
    },
    stop() {
      over = true;
      wake();
    },
    isOver: () => over,
  };
}
