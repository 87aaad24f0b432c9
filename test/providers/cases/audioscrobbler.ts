/** What AudioScrobbler's clients have to show: a handshake by a member's own key, then forms. */
import type { MalformedCase, ProviderCases } from "./form.ts";

const track = (over: object = {}) => ({
  ...{ a: "Kraftwerk", t: "The Model", b: "The Man-Machine" },
  ...{ i: "1794643200", o: "P", r: "", l: "224", n: "4", m: "" },
  ...over,
});
const refused = (name: string, fault: string, over: object): MalformedCase => ({
  name,
  kind: "track",
  item: track(over),
  fault,
});

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "A client shakes hands with the member's own key, and the route checks it." },
  greetings: { none: "The handshake is a door of its own; the address of forms is asked nothing." },
  deletions: { none: "The protocol has no word for a listen that is gone." },
  deauthorisations: { none: "The client stops submitting, and nobody says that it did." },
  timeZones: [
    { name: "seconds", kind: "track", item: track(), at: "2026-11-14T08:00:00Z" },
    {
      name: "the first that is taken",
      kind: "track",
      item: track({ i: "1033430400" }),
      at: "2002-10-01T00:00:00Z",
    },
  ],
  unknownType: { kind: "track", item: track(), none: "A track is of no type: it was listened to." },
  malformed: [
    { name: "nothing", body: "", fault: "not-understood" },
    { name: "JSON", body: '{"a":["Kraftwerk"]}', fault: "not-understood" },
    { name: "a session alone", body: "s=abc", fault: "not-understood" },
    { name: "a track without a place", body: "s=abc&a=Kraftwerk&t=x", fault: "not-understood" },
    { name: "no track", kind: "track", item: "Kraftwerk", fault: "not-an-object" },
    refused("no time", "no-start", { i: "" }),
    refused("a time that is a number of no digits", "no-start", { i: "1e9" }),
    refused("before October 2002", "start-too-early", { i: "1033430399" }),
    refused("milliseconds", "start-in-future", { i: "179464320000" }),
    refused("no artist", "no-artist", { a: " " }),
    refused("no track's name", "no-track", { t: undefined }),
    refused("a track of 501 characters", "bad-track", { t: "a".repeat(501) }),
  ],
};
