/** What Health Connect has to show: a bridge posts under a member's own key, in one of three forms. */
import type { MalformedCase, ProviderCases } from "./form.ts";

const id = "3b8f0a52-5f0d-4d57-9a2e-6f1e2d3c4b5a";
const elapsedMs = 3_600_000;
/** As react-native-health-connect reads it out. */
const session = (over: object = {}) => ({
  startTime: "2026-11-14T07:00:00.250Z",
  endTime: "2026-11-14T08:00:00.250Z",
  exerciseType: 56,
  title: "Morning",
  metadata: {
    id,
    dataOrigin: "com.example.watch",
    lastModifiedTime: "2026-11-20T06:00:00Z",
    clientRecordId: null,
    clientRecordVersion: 0,
    device: 0,
    recordingMethod: 1,
  },
  ...over,
});
const time = (
  name: string,
  over: object,
  offsetMin: number | null,
  at = "2026-11-14T07:00:00Z",
) => ({
  name,
  kind: "session",
  item: session({ startTime: "2026-11-14T07:00:00Z", endTime: "2026-11-14T08:00:00Z", ...over }),
  at,
  elapsedMs,
  offsetMin,
});
const refused = (name: string, fault: string, over: object): MalformedCase => ({
  name,
  kind: "session",
  item: session(over),
  fault,
});

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "A bridge posts under the member's own key, and the route checks that key." },
  greetings: { none: "A bridge posts, and never asks anything of an address before." },
  deletions: [
    {
      name: "a change that deletes, by Health Connect's id",
      body: JSON.stringify({ upsertionChanges: [], deletionChanges: [{ recordId: id }] }),
      says: { items: [{ account: "", kind: "deleted", body: id }] },
    },
    { name: "and what that retracts", kind: "deleted", item: id, retracts: id },
  ],
  deauthorisations: { none: "The bridge stops posting, and nobody says that it did." },
  timeZones: [
    time("an instant that names no place", {}, null),
    time("the record's own zone", { startZoneOffset: { id: "+02:00", totalSeconds: 7200 } }, 120),
    time("the record's own zone by its name alone", { startZoneOffset: { id: "-03:30" } }, -210),
    time("the record's own zone as a text", { startZoneOffset: "+05:45" }, 345),
    time("a zone that came out as nothing", { startZoneOffset: {} }, null),
    time(
      "the offset of the time, where the zone came out as nothing",
      {
        startTime: "2024-03-19T11:45:00+0900",
        endTime: "2024-03-19T12:45:00+0900",
        startZoneOffset: {},
        endZoneOffset: {},
      },
      540,
      "2024-03-19T02:45:00Z",
    ),
    {
      name: "HC Webhook, which states none",
      kind: "session",
      item: {
        type: "56",
        start_time: "2026-11-14T07:00:00Z",
        end_time: "2026-11-14T08:00:00Z",
        duration_seconds: 3600,
      },
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: null,
    },
  ],
  // A number of the framework's, which androidx does not have.
  unknownType: { kind: "session", item: session({ exerciseType: 45 }), word: "45" },
  malformed: [
    { name: "cut short", body: '{"exercise":[', fault: "not-json" },
    { name: "nothing that a bridge sends", body: "{}", fault: "not-understood" },
    { name: "a text", body: '"exercise"', fault: "not-understood" },
    { name: "records that are no list", body: '{"records":{}}', fault: "not-understood" },
    {
      name: "more records than a body may hold",
      body: JSON.stringify({ records: Array.from({ length: 25_001 }, () => 0) }),
      fault: "not-understood",
    },
    { name: "no session", kind: "session", item: 7, fault: "not-an-object" },
    { name: "a deletion of nothing", kind: "deleted", item: { recordId: id }, fault: "no-id" },
    refused("no start", "no-start", { startTime: null }),
    refused("a start that is a number", "no-start", { startTime: 1_794_000_000_000 }),
    refused("a start without a zone", "no-zone", { startTime: "2026-11-14T07:00:00" }),
    refused("an end without a zone", "no-zone", { endTime: "2026-11-14T08:00:00" }),
    refused("no end", "no-duration", { endTime: undefined }),
    refused("an end before the start", "no-duration", { endTime: "2026-11-14T06:59:59Z" }),
    refused("an end at the start", "no-duration", { endTime: "2026-11-14T07:00:00.250Z" }),
    refused("a start in the future", "start-in-future", {
      startTime: "2027-11-14T07:00:00Z",
      endTime: "2027-11-14T08:00:00Z",
    }),
    refused("a track that never ends", "too-many-samples", {
      exerciseRoute: { type: "DATA", route: Array.from({ length: 691_201 }, () => 0) },
    }),
  ],
  samples: [
    {
      name: "a section of HC Webhook's",
      kind: "steps",
      item: [
        { count: 812, start_time: "2026-11-13T07:00:00Z", end_time: "2026-11-13T07:10:00Z" },
        { count: 40, start_time: "2026-11-13T07:10:00Z", end_time: "2026-11-13T07:20:00Z" },
      ],
      comes: [
        ["steps", "2026-11-13T07:00:00Z", "2026-11-13T07:10:00Z", 812],
        ["steps", "2026-11-13T07:10:00Z", "2026-11-13T07:20:00Z", 40],
      ],
    },
    {
      name: "a variability, which is RMSSD",
      kind: "HeartRateVariabilityRmssd",
      item: {
        time: "2026-11-13T03:00:00Z",
        heartRateVariabilityMillis: 38.25,
        metadata: { id: "r-1", dataOrigin: "com.whoop.android" },
      },
      comes: [["hrv_rmssd", "2026-11-13T03:00:00Z", "2026-11-13T03:00:00Z", 38_250]],
    },
    {
      name: "a night of HC Webhook's",
      kind: "sleep",
      item: [
        {
          session_end_time: "2026-11-13T06:00:00Z",
          stages: [
            {
              stage: "5",
              start_time: "2026-11-12T22:00:00Z",
              end_time: "2026-11-12T23:00:00Z",
            },
          ],
        },
      ],
      comes: [["sleep", "2026-11-12T22:00:00Z", "2026-11-12T23:00:00Z", 3_600_000, "deep"]],
    },
  ],
};
