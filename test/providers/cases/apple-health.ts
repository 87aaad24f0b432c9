/** What Apple Health has to show: a member's own app sends, under the member's own token. */
import type { ProviderCases } from "./form.ts";

const uuid = "7F1E6C52-9C0B-4E0E-8B63-0F3C6D2A9B11";
const startDate = "2026-11-14T08:00:00+01:00";
const endDate = "2026-11-14T09:00:30.500+01:00";
const elapsedMs = 3_630_500;
const workout = (over: object = {}) => ({
  device: { model: "Watch7,5" },
  workout: {
    uuid,
    workoutActivityType: "HKWorkoutActivityTypeRunning",
    startDate,
    endDate,
    ...over,
  },
});
const body = JSON.stringify({ workouts: [workout().workout] });

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "A member's own app sends, and the route checks the member's token." },
  greetings: { none: "There is no server at Apple that could greet an address." },
  deletions: [
    { name: "the uuid, for ever", kind: "deleted", item: uuid, retracts: uuid },
    {
      name: "a uuid in small letters is the same",
      kind: "deleted",
      item: uuid.toLowerCase(),
      retracts: uuid,
    },
    {
      name: "said in a body of its own",
      body: JSON.stringify({ deleted: [uuid] }),
      says: { items: [{ account: "self", kind: "deleted", body: uuid }], unknown: 0 },
    },
  ],
  deauthorisations: { none: "The app stops sending, and nobody says that it did." },
  timeZones: [
    {
      name: "the offset of the date",
      kind: "workout",
      item: workout(),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: 60,
    },
    {
      name: "west of UTC, by half an hour",
      kind: "workout",
      item: workout({
        startDate: "2026-11-14T03:30:00-03:30",
        endDate: "2026-11-14T04:30:30.500-03:30",
      }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: -210,
    },
    {
      name: "in UTC, with the zone that it was in beside it",
      kind: "workout",
      item: workout({
        startDate: "2026-11-14T07:00:00Z",
        endDate: "2026-11-14T08:00:30.500Z",
        metadata: { HKTimeZone: "Asia/Kathmandu" },
      }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: 345,
    },
  ],
  unknownType: {
    kind: "workout",
    item: workout({ workoutActivityType: "HKWorkoutActivityTypeNobodyHasHeardOf" }),
    word: "HKWorkoutActivityTypeNobodyHasHeardOf",
  },
  malformed: [
    { name: "cut short", body: body.slice(0, -2), fault: "not-json" },
    { name: "nothing that is known", body: "{}", fault: "not-understood" },
    {
      name: "more workouts than a body may hold",
      body: JSON.stringify({ workouts: Array.from({ length: 501 }, () => ({})) }),
      fault: "not-understood",
    },
    { name: "no workout", kind: "workout", item: {}, fault: "not-an-object" },
    { name: "a uuid of nobody", kind: "workout", item: workout({ uuid: "1" }), fault: "bad-uuid" },
    { name: "a deletion of nothing", kind: "deleted", item: null, fault: "bad-uuid" },
    {
      name: "a start that is none",
      kind: "workout",
      item: workout({ startDate: "yesterday" }),
      fault: "no-start",
    },
    {
      name: "an end before the start",
      kind: "workout",
      item: workout({ endDate: "2026-11-14T07:59:59+01:00" }),
      fault: "no-duration",
    },
  ],
};
