/** What Spotify's files have to show: two forms of a history that a member hands over. */
import type { MalformedCase, ProviderCases } from "./form.ts";

const extended = (over: object = {}) => ({
  ts: "2026-11-14T08:03:38Z",
  ms_played: 218_000,
  conn_country: "DE",
  spotify_track_uri: "spotify:track:0VjIjW4GlUZAMYd2vXMi3b",
  ...{ track: "The Model", artist: "Kraftwerk", release: "The Man-Machine" },
  ...over,
});
const account = (over: object = {}) => ({
  ...{ endTime: "2026-11-14 08:03", artistName: "Kraftwerk", trackName: "The Model" },
  msPlayed: 180_000,
  ...over,
});
const refused = (name: string, fault: string, over: object, kind = "extended"): MalformedCase => ({
  name,
  kind,
  item: kind === "extended" ? extended(over) : account(over),
  fault,
});

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "A member hands over files with their own token, and the route checks it." },
  greetings: { none: "There is no server behind a file that could greet anybody." },
  deletions: { none: "What is gone from a later file is not taken back; the member deletes here." },
  deauthorisations: { none: "There is no account behind a file that could withdraw." },
  timeZones: [
    {
      name: "the end to the second, less what was played",
      kind: "extended",
      item: extended(),
      at: "2026-11-14T08:00:00Z",
    },
    {
      name: "the end to the minute, less what was played",
      kind: "account",
      item: account(),
      at: "2026-11-14T08:00:00Z",
    },
    {
      name: "over midnight, in UTC's day before",
      kind: "account",
      item: account({ endTime: "2026-11-15 00:01" }),
      at: "2026-11-14T23:58:00Z",
    },
  ],
  unknownType: { kind: "extended", item: extended(), none: "A play is of no type: it was played." },
  malformed: [
    { name: "a text", body: "Kraftwerk", fault: "not-json" },
    { name: "an object", body: '{"items":[]}', fault: "not-json" },
    { name: "cut short", body: '[{"endTime":"2026-11-14 08:03"', fault: "not-json" },
    { name: "nothing in it", body: "[]", fault: "not-understood" },
    { name: "no entry", kind: "extended", item: null, fault: "not-an-object" },
    refused("no end", "no-end", { ts: null }),
    refused("an end without a zone", "no-end", { ts: "2026-11-14T08:03:38" }),
    refused("a minute that there is not", "no-end", { endTime: "2026-11-14 24:61" }, "account"),
    refused("seconds in the account data", "no-end", { endTime: "2026-11-14 08:03:38" }, "account"),
    refused("played in words", "bad-played", { ms_played: "long" }),
    refused("played backwards", "bad-played", { ms_played: -1 }),
    refused("played for more than a day", "bad-played", { msPlayed: 86_400_001 }, "account"),
    refused("no track", "no-track", { track: null }),
    refused("no artist", "no-artist", { artistName: "" }, "account"),
    refused("before October 2002", "start-too-early", { ts: "2002-10-01T00:03:37Z" }),
    refused("ended in a year", "start-in-future", { ts: "2027-11-14T08:00:00Z" }),
  ],
};
