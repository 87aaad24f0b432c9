/** What is played of an artist as it happens, for artists and for those who work for them. */
import * as z from "zod";
import { nameKey } from "../../../domain/listens/names.ts";
import { textMax } from "../../../domain/listens/schema.ts";
import { artistWatch, listens } from "../../../domain/listens/stream.ts";
import type { Role } from "../../../domain/ports.ts";
import { entered } from "../audit.ts";
import { eventStream, eventStreamType } from "../event-stream.ts";
import { liveEvents } from "../live-events.ts";
import { artistLive, lastMinutes, liveQuery, shownArtist } from "../live-shape.ts";
import { mayRead } from "../readers.ts";
import { type Call, json, type Route, route } from "../route.ts";

const roles = ["artist", "label"] as const satisfies readonly Role[];
const params = z.object({
  artist: z.string().min(1).max(textMax).describe("By any spelling: case and blanks are the same."),
});
type Asked = Call<z.output<typeof params>, z.output<typeof liveQuery>, undefined>;

const common = {
  method: "get",
  tag: "live",
  access: "member",
  audit: { deed: "see-artist", by: "handler" },
  params,
  query: liveQuery,
  problems: ["invalid-request", "forbidden", "not-found", "unavailable"],
} as const;

export const artistRoutes: readonly Route[] = [
  route({
    ...common,
    path: "/v1/artists/:artist/live",
    summary: "What is played of an artist now: by track, by territory, by minute",
    answers: { 200: { description: "As of now; each look is in the log.", schema: artistLive } },
    handle: (call) =>
      looked(call, async () => {
        const seen = await look(call, null);
        return seen === null ? call.fail("unavailable") : json(seen.shown);
      }),
  }),
  route({
    ...common,
    path: "/v1/artists/:artist/live/stream",
    summary: "The same as it happens, as server-sent events",
    answers: {
      200: {
        description:
          "`event: live` with an ArtistLive at once and whenever it changed, within seconds. Ends by " +
          "itself after fifteen minutes, and within one of being taken away: come back. One entry " +
          "in the log.",
        type: eventStreamType,
      },
    },
    handle: (call) =>
      looked(call, () =>
        eventStream({
          ...{ request: call.request, requestId: call.requestId, event: "artist-live" },
          events: (clock) =>
            liveEvents(
              {
                look: (mark) => look(call, mark, clock.now()),
                mayStill: async () => (await roleFor(call)) !== null,
              },
              clock,
            ),
        }),
      ),
  }),
];

/** The role in which they read this artist; null: in none. */
async function roleFor({ ports, member, caller, params: { artist } }: Asked): Promise<Role | null> {
  for (const role of roles)
    if (caller?.roles.includes(role) && (await mayRead(ports, member, role, nameKey(artist))))
      return role;
  return null;
}

/** What nobody lets them read is not there; having been looked for, it is in the log. */
async function looked(call: Asked, act: () => Promise<Response>): Promise<Response> {
  const { ports, token, requestId, member, caller, fail } = call;
  if (!roles.some((role) => caller?.roles.includes(role))) return fail("forbidden");
  const role = await roleFor(call);
  const asked = { deed: "see-artist", member, columns: [], purpose: "" } as const;
  const entering = { log: ports.log, token, requestId, asked, ground: role ?? "own", fail };
  return entered(entering, async () => (role === null ? fail("not-found") : act()));
}

async function look({ ports, params, query, nowMs }: Asked, mark: string | null, atMs = nowMs) {
  const artist = nameKey(params.artist);
  const asked = lastMinutes(query.minutes, false, atMs);
  const seen = await ports.live(listens.name, artistWatch(artist)).counts(asked, mark);
  return seen && { mark: seen.mark, shown: shownArtist(artist, seen, query.minutes, atMs) };
}
