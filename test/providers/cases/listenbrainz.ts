/** What ListenBrainz's clients have to show: they submit under a member's own key. */
import type { MalformedCase, ProviderCases } from "./form.ts";

const listen = (over: object = {}, info: object = {}) => ({
  listened_at: 1_794_643_200,
  track_metadata: {
    artist_name: "Kraftwerk",
    track_name: "The Model",
    release_name: "The Man-Machine",
    additional_info: { submission_client: "a player", duration_ms: 218_000, ...info },
  },
  ...over,
});
const named = (over: object) => ({
  track_metadata: { artist_name: "Kraftwerk", track_name: "The Model", ...over },
});
const body = (over: object = {}) =>
  JSON.stringify({ listen_type: "import", payload: [listen()], ...over });
const refused = (name: string, fault: string, over: object, info?: object): MalformedCase => ({
  name,
  kind: "listen",
  item: listen(over, info),
  fault,
});
const mbid = "d5e4fb56-e457-4684-aa31-63ce70ee5a8c";

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "A client submits under the member's own key, and the route checks it." },
  greetings: { none: "A client submits, and never asks anything of an address before." },
  deletions: {
    none: "A client never says that a listen is gone, for there is no such call in it.",
  },
  deauthorisations: { none: "The client stops submitting, and nobody says that it did." },
  timeZones: [
    { name: "seconds", kind: "listen", item: listen(), at: "2026-11-14T08:00:00Z" },
    {
      name: "the same in digits",
      kind: "listen",
      item: listen({ listened_at: "1794643200" }),
      at: "2026-11-14T08:00:00Z",
    },
    {
      name: "the first that is taken",
      kind: "listen",
      item: listen({ listened_at: 1_033_430_400 }),
      at: "2002-10-01T00:00:00Z",
    },
    {
      name: "an hour ahead of us",
      kind: "listen",
      item: listen({ listened_at: Date.UTC(2026, 10, 21, 1) / 1000 }),
      at: "2026-11-21T01:00:00Z",
    },
  ],
  unknownType: { kind: "listen", item: listen(), none: "A listen is of no type: it was listened." },
  malformed: [
    { name: "cut short", body: body().slice(0, -2), fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no payload", body: body({ payload: null }), fault: "not-understood" },
    { name: "an empty payload", body: body({ payload: [] }), fault: "not-understood" },
    { name: "a type that is none", body: body({ listen_type: "both" }), fault: "not-understood" },
    {
      name: "two that are single",
      body: body({ listen_type: "single", payload: [listen(), listen()] }),
      fault: "not-understood",
    },
    {
      name: "one more than a thousand",
      body: body({ payload: Array.from({ length: 1001 }, () => ({})) }),
      fault: "not-understood",
    },
    { name: "no listen", kind: "listen", item: [], fault: "not-an-object" },
    refused("no time", "no-start", { listened_at: undefined }),
    refused("a time in words", "no-start", { listened_at: "yesterday" }),
    refused("before October 2002", "start-too-early", { listened_at: 1_033_430_399 }),
    refused("milliseconds", "start-in-future", { listened_at: 1_794_643_200_000 }),
    refused("more than an hour ahead", "start-in-future", {
      listened_at: Date.UTC(2026, 10, 21, 1) / 1000 + 1,
    }),
    refused("another key at the top", "odd-keys", { user_name: "somebody" }),
    refused("no names at all", "no-track", { track_metadata: undefined }),
    refused("no artist", "no-artist", named({ artist_name: "" })),
    refused("an artist of blanks", "no-artist", named({ artist_name: "\t \u00a0" })),
    refused("artists in a list", "no-artist", named({ artist_name: ["Kraftwerk"] })),
    refused("no track", "no-track", named({ track_name: null })),
    refused("a track of 501 characters", "bad-track", named({ track_name: "a".repeat(501) })),
    refused(
      "an artist whose key is too long",
      "bad-artist",
      named({ artist_name: "ﷺ".repeat(28) }),
    ),
    refused("more than 10,240 bytes", "too-large", {}, { note: "ü".repeat(5_100) }),
    refused("a null byte", "null-byte", named({ track_name: "The\0Model" })),
    refused("more that is a list", "bad-info", named({ additional_info: [] })),
    refused("51 tags", "bad-tags", {}, { tags: Array.from({ length: 51 }, () => "a") }),
    refused("a tag of 65 characters", "bad-tags", {}, { tags: ["a".repeat(65)] }),
    refused("an MBID that is none", "bad-mbid", {}, { recording_mbid: "d5e4fb56" }),
    refused("one such among several", "bad-mbid", {}, { artist_mbids: [mbid, "no"] }),
    refused("a length in words", "bad-duration", {}, { duration_ms: "long" }),
    refused("a length of nothing", "bad-duration", {}, { duration_ms: 0 }),
    refused("a length stated twice", "bad-duration", {}, { duration: 218 }),
  ],
};
