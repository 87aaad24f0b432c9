/** What files have to show: a member hands them over, so there is nobody behind them. */
import type { ProviderCases } from "./form.ts";

const startMs = Date.UTC(2026, 10, 14, 7);
const elapsedMs = 3_630_500;
const session = (over: object = {}) => ({
  digest: "digest-of-a-file",
  session: { index: 0, startMs, elapsedMs, sport: "running", ...over },
});

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "A member hands them over, and the route checks the member's token." },
  greetings: { none: "There is no server behind a file that could greet an address." },
  deletions: { none: "A file says nothing of another; its member deletes a workout here." },
  deauthorisations: { none: "There is no account behind a file that could withdraw." },
  timeZones: [
    {
      name: "a device that states its local time",
      kind: "session",
      item: session({ offsetMin: 345 }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: 345,
    },
    {
      name: "west of UTC",
      kind: "session",
      item: session({ offsetMin: -210 }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: -210,
    },
    {
      name: "a format that has UTC only",
      kind: "session",
      item: session({ offsetMin: null }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: null,
    },
    {
      name: "an offset that no place has",
      kind: "session",
      item: session({ offsetMin: 15 * 60 }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: null,
    },
  ],
  unknownType: {
    kind: "session",
    item: session({ sport: "a sport that nobody has heard of" }),
    word: "a sport that nobody has heard of",
  },
  malformed: [
    { name: "the text of a delivery", body: '{"session":{}}', fault: "not-understood" },
    { name: "no JSON either", body: "<gpx/>", fault: "not-understood" },
    { name: "no session", kind: "session", item: { digest: "d" }, fault: "not-an-object" },
    {
      name: "a session that nothing names",
      kind: "session",
      item: { session: session().session },
      fault: "no-id",
    },
    { name: "no start", kind: "session", item: session({ startMs: 0 }), fault: "no-start" },
    {
      name: "a start of tomorrow's tomorrow",
      kind: "session",
      item: session({ startMs: Date.UTC(2036, 0, 1) }),
      fault: "start-in-future",
    },
    {
      name: "no time at all",
      kind: "session",
      item: session({ elapsedMs: 0 }),
      fault: "no-duration",
    },
  ],
};
