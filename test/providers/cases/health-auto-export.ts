/** What Health Auto Export has to show: an app posts under a member's own key. */
import type { MalformedCase, ProviderCases } from "./form.ts";

const id = "6B0E2C1A-5C7D-4F0B-9A4E-0D8E5B7C3A21";
const workout = (over: object = {}) => ({
  id,
  name: "Outdoor Run",
  start: "2026-11-14 08:00:00 +0100",
  end: "2026-11-14 09:00:30 +0100",
  duration: 3600.25,
  location: "Outdoor",
  distance: { qty: 10.2, units: "km" },
  activeEnergyBurned: { qty: 640, units: "kcal" },
  ...over,
});
const elapsedMs = 3_630_000;
const body = (data: unknown) => JSON.stringify({ data });
const refused = (name: string, fault: string, over: object): MalformedCase => ({
  name,
  kind: "workout",
  item: workout(over),
  fault,
});
const csv = ["--part", 'Content-Disposition: form-data; name="file"', "", "Type,Start", "--part--"];

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "An app posts under the member's own key, and the route checks that key." },
  greetings: { none: "The app posts, and never asks anything of an address before." },
  deletions: { none: "What is gone from HealthKit is posted no more, and nothing says so." },
  deauthorisations: { none: "The app stops posting, and nobody says that it did." },
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
      name: "west of UTC by half an hour, in UTC's day before",
      kind: "workout",
      item: workout({ start: "2026-11-13 23:30:00 -0330", end: "2026-11-14 00:30:30 -0330" }),
      at: "2026-11-14T03:00:00Z",
      elapsedMs,
      offsetMin: -210,
    },
    {
      name: "a clock of twelve hours, in the afternoon",
      kind: "workout",
      item: workout({ start: "2026-11-13 9:17:30 PM -0400", end: "2026-11-13 10:18:00 PM -0400" }),
      at: "2026-11-14T01:17:30Z",
      elapsedMs,
      offsetMin: -240,
    },
    {
      name: "a clock of twelve hours at midnight, with a narrow blank",
      kind: "workout",
      item: workout({
        start: "2026-11-14 12:00:00\u202fAM +0000",
        end: "2026-11-14 1:00:30\u202fAM +0000",
      }),
      at: "2026-11-14T00:00:00Z",
      elapsedMs,
      offsetMin: 0,
    },
    {
      name: "the older form without an end",
      kind: "workout",
      item: workout({ id: undefined, end: undefined, duration: 3630 }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs,
      offsetMin: 60,
    },
  ],
  unknownType: { kind: "workout", item: workout({ name: "Käsekästchen" }), word: "Käsekästchen" },
  malformed: [
    { name: "cut short", body: body({ workouts: [workout()] }).slice(0, -2), fault: "not-json" },
    { name: "files with commas, in parts", body: csv.join("\r\n"), fault: "not-understood" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no data", body: "{}", fault: "not-understood" },
    { name: "data that is a list", body: body([]), fault: "not-understood" },
    { name: "workouts that are no list", body: body({ workouts: {} }), fault: "not-understood" },
    { name: "metrics that are no list", body: body({ metrics: "x" }), fault: "not-understood" },
    { name: "no workout", kind: "workout", item: null, fault: "not-an-object" },
    refused("a start that is none", "no-start", { start: "yesterday" }),
    refused("a start that is a number", "no-start", { start: 1_794_000_000 }),
    refused("the thirteenth hour of a clock of twelve", "no-start", {
      start: "2026-11-14 13:00:00 PM +0100",
    }),
    refused("a day that there is not", "no-start", { start: "2026-02-30 08:00:00 +0100" }),
    refused("a start without a zone", "no-zone", { start: "2026-11-14 08:00:00" }),
    refused("a start by a clock of twelve without a zone", "no-zone", {
      start: "2026-11-14 8:00:00 AM",
    }),
    refused("an end without a zone", "no-zone", { end: "2026-11-14 09:00:00" }),
    refused("a start in the future", "start-in-future", {
      start: "2027-11-14 08:00:00 +0100",
      end: "2027-11-14 09:00:00 +0100",
    }),
    refused("an end before the start", "no-duration", { end: "2026-11-14 07:59:59 +0100" }),
    refused("neither end nor length", "no-duration", { end: null, duration: 0 }),
    refused("a negative length alone", "no-duration", { end: null, duration: -3600 }),
    refused("a length in words alone", "no-duration", { end: null, duration: "Infinity" }),
    refused("a track that never ends", "too-many-samples", {
      route: Array.from({ length: 691_201 }, () => 0),
    }),
  ],
  samples: [
    {
      name: "HealthKit's variability, which is SDNN",
      kind: "metric",
      item: {
        name: "heart_rate_variability",
        units: "ms",
        data: [{ date: "2026-11-13 08:00:00 +0100", qty: 48.5, source: "Anna’s Apple Watch" }],
      },
      comes: [["hrv_sdnn", "2026-11-13T07:00:00Z", "2026-11-13T07:00:00Z", 48_500]],
    },
    {
      name: "a night",
      kind: "metric",
      item: {
        name: "sleep_analysis",
        units: "hr",
        data: [
          {
            date: "2026-11-13 00:00:00 +0100",
            sleepStart: "2026-11-12 23:00:00 +0100",
            sleepEnd: "2026-11-13 07:00:00 +0100",
            core: 4,
            deep: 1.5,
          },
        ],
      },
      comes: [
        ["sleep", "2026-11-12T22:00:00Z", "2026-11-13T02:00:00Z", 14_400_000, "light"],
        ["sleep", "2026-11-13T02:00:00Z", "2026-11-13T03:30:00Z", 5_400_000, "deep"],
      ],
    },
  ],
};
