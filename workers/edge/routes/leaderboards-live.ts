/**
 * A board's top as it changes, over a WebSocket. The sockets of one board and period are held by a few
 * objects that sleep between changes (durable-objects/board-live.ts). What is sent is what everybody
 * may see, so nobody is asked who they are. Browsers open a socket to anywhere for any page and hold
 * nothing back from it, so the page is looked at here: as with every other answer, only our own may
 * read it, and no page of somebody else's takes our sockets with its visitors' browsers.
 */
import * as z from "zod";
import { spread } from "../../../domain/identity.ts";
import { callerDigest } from "../client-address.ts";
import type { EdgeEnv } from "../env.ts";
import { boardAsked, isRunning } from "../leaderboard-read.ts";
import { boardParams, boardPeriod, boardStream } from "../leaderboard-shape.ts";
import { isFromElsewhere } from "../linking.ts";
import { Unavailable } from "../ports.ts";
import { type Call, type Route, route } from "../route.ts";

/** Over so many objects the sockets of one board are spread; each takes a few thousand. */
const hubsMax = 8;
const limitMax = 100;
const query = z.object({
  period: boardPeriod,
  limit: z.coerce.number().int().min(1).max(limitMax).default(10).describe("How many of the best."),
});

export const leaderboardLiveRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/leaderboards/:board/live",
    tag: "leaderboards",
    access: "public",
    audit: { none: "boards show what their members chose to show everybody" },
    summary: "A board's top as it changes, over a WebSocket",
    params: boardParams,
    query,
    answers: {
      101: { description: "The top at once, then whenever it changed, at most once a second." },
    },
    problems: ["invalid-request", "forbidden", "not-found", "upgrade-required", "unavailable"],
    handle: listen,
  }),
];

async function listen(
  call: Call<z.output<typeof boardParams>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const { request, env, requestId, nowMs } = call;
  const asked = boardAsked(call);
  if (asked instanceof Response) return asked;
  const { name, ranking } = asked;
  if (!isRunning(ranking.period, nowMs))
    return call.fail("invalid-request", { fields: [{ field: "query.period", rule: "open" }] });
  if (request.headers.get("upgrade")?.toLowerCase() !== "websocket")
    return call.fail("upgrade-required");
  if (isFromElsewhere(env, request)) return call.fail("forbidden");
  const to = new URL("https://board-live/");
  to.searchParams.set("ranking", JSON.stringify(ranking));
  to.searchParams.set("limit", String(call.query.limit));
  to.searchParams.set("from", await callerDigest(call.ports.digest, request.headers));
  const first = spread(requestId);
  for (let i = 0; i < hubsMax; i++) {
    const hub = `${boardStream.name}/${name}/${ranking.period}/${(first + i) % hubsMax}`;
    const { webSocket, status } = await join(env, hub, to);
    // Its own headers: those of an object's answer cannot be added to.
    if (webSocket !== null) return new Response(null, { status: 101, webSocket });
    if (status !== 503) break;
  }
  throw new Unavailable("board.live", null);
}

/** 503: it has as many as it takes, of all or of whoever asks. */
async function join(env: EdgeEnv, hub: string, to: URL): Promise<Response> {
  try {
    return await env.BOARD_LIVE.getByName(hub).fetch(to, { headers: { upgrade: "websocket" } });
  } catch (error) {
    throw new Unavailable("board.live", error);
  }
}
