/** What Garmin has to show: nothing signs, so an unguessable part of the path is all the proof. */
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const startTimeInSeconds = Date.UTC(2026, 10, 14, 7) / 1000;
const [current, former] = ["c0ffee-current-part-of-the-path", "c0ffee-former-part-of-the-path"];
const run = {
  userId: "garmin-account-1",
  summaryId: "20001",
  activityId: 20_001,
  activityType: "RUNNING",
  startTimeInSeconds,
  startTimeOffsetInSeconds: 3600,
  durationInSeconds: 1800,
};
const body = JSON.stringify({ activities: [run] });
const bytes = new Uint8Array(new TextEncoder().encode(body));

const delivered = (name: string, pathKey: string | undefined, over: Partial<SignedCase> = {}) => ({
  name,
  ...(pathKey === undefined ? {} : { pathKey }),
  body,
  nowMs,
  ...over,
});
const later = "2026-11-10T00:00:00Z";

export const cases: ProviderCases = {
  secrets: {
    pathKeys: [
      { kid: "path-2", secret: current, notBefore: later },
      { kid: "path-1", secret: former },
    ],
  },
  signatures: {
    genuine: [
      delivered("by the newer path", current),
      delivered("by the former path, three days after the newer began", former, {
        nowMs: Date.parse(later) + 3 * 86_400_000,
      }),
      delivered("as bytes, with headers that say nothing", current, {
        body: bytes,
        headers: { "garmin-client-id": "anybody", "user-agent": "Garmin Health API" },
      }),
      delivered("with a body that says nothing", former, { body: "{}", nowMs: Date.parse(later) }),
    ],
    forged: [
      delivered("by no path", undefined),
      delivered("by an empty one", ""),
      delivered("by another", "c0ffee-guessed"),
      delivered("by one letter more", `${current}x`),
      delivered("by one letter less", current.slice(0, -1)),
      delivered("in capital letters", current.toUpperCase()),
      delivered("with a blank around it", ` ${current}`),
      delivered("with the secret in a header", undefined, { headers: { authorization: current } }),
      delivered("by the name of the secret", "path-2"),
      delivered("by the newer path, before it began", current, { nowMs: Date.parse(later) - 1 }),
      delivered("with both paths in one", `${current},${former}`),
    ],
  },
  greetings: { none: "An address is entered in Garmin's portal, and nothing is sent to try it." },
  deletions: { none: "No notice says that one activity was deleted, as far as is known." },
  deauthorisations: [
    {
      name: "a deregistration is a claim until Garmin confirms it",
      body: JSON.stringify({ deregistrations: [{ userId: "garmin-account-1" }] }),
      says: {
        items: [],
        notices: [],
        claims: [{ account: "garmin-account-1", claim: "deregistered" }],
        unknown: 0,
      },
    },
    {
      name: "so is a change of permissions, whatever is left of them",
      body: JSON.stringify({
        userPermissionsChange: [{ userId: "garmin-account-1", permissions: [] }],
      }),
      says: { claims: [{ account: "garmin-account-1", claim: "permissions-changed" }] },
    },
  ],
  timeZones: [
    {
      name: "east of UTC, by quarter hours",
      kind: "activities",
      item: { ...run, startTimeOffsetInSeconds: 20_700 },
      at: "2026-11-14T07:00:00Z",
      elapsedMs: 1_800_000,
      offsetMin: 345,
    },
    {
      name: "west of UTC",
      kind: "activities",
      item: { ...run, startTimeOffsetInSeconds: -12_600 },
      at: "2026-11-14T07:00:00Z",
      elapsedMs: 1_800_000,
      offsetMin: -210,
    },
    {
      name: "an offset that no place has is none, and the instant stands",
      kind: "activities",
      item: { ...run, startTimeOffsetInSeconds: 3601 },
      at: "2026-11-14T07:00:00Z",
      elapsedMs: 1_800_000,
      offsetMin: null,
    },
    {
      name: "details state it in their summary",
      kind: "activityDetails",
      item: { summaryId: "20001-detail", activityId: 20_001, summary: run, samples: [] },
      at: "2026-11-14T07:00:00Z",
      elapsedMs: 1_800_000,
      offsetMin: 60,
    },
  ],
  unknownType: {
    kind: "activities",
    item: { ...run, activityType: "AN_ACTIVITY_NOBODY_HAS_HEARD_OF" },
    word: "AN_ACTIVITY_NOBODY_HAS_HEARD_OF",
  },
  malformed: [
    { name: "cut short", body: body.slice(0, -2), fault: "not-json" },
    { name: "empty", body: "", fault: "not-json" },
    { name: "a list at the top", body: "[]", fault: "not-understood" },
    { name: "types of nobody", body: '{"widgets":[{"userId":"u"}]}', fault: "not-understood" },
    { name: "no summary", kind: "activityDetails", item: { summaryId: "1" }, fault: "no-summary" },
    { name: "text for an item", kind: "activities", item: "run", fault: "not-an-object" },
    {
      name: "a start as text",
      kind: "activities",
      item: { ...run, startTimeInSeconds: String(startTimeInSeconds) },
      fault: "no-start",
    },
    {
      name: "a start in milliseconds",
      kind: "activities",
      item: { ...run, startTimeInSeconds: startTimeInSeconds * 1000 },
      fault: "start-in-future",
    },
    {
      name: "no duration",
      kind: "activities",
      item: { ...run, durationInSeconds: undefined },
      fault: "no-duration",
    },
  ],
  samples: [
    {
      name: "a day, its sums as long as it says, its heart rate by seconds from its start",
      kind: "dailies",
      item: {
        summaryId: "x1-69166e70",
        calendarDate: "2026-11-13",
        startTimeInSeconds: Date.UTC(2026, 10, 12, 23) / 1000,
        startTimeOffsetInSeconds: 3600,
        durationInSeconds: 43_200,
        steps: 7_694,
        distanceInMeters: 6_688.5,
        activeKilocalories: 503,
        bmrKilocalories: 1_825,
        restingHeartRateInBeatsPerMinute: 43,
        averageHeartRateInBeatsPerMinute: 62,
        timeOffsetHeartRateSamples: { "15": 60, "900": 0, "1800": 64 },
      },
      comes: [
        ["steps", "2026-11-12T23:00:00Z", "2026-11-13T11:00:00Z", 7_694],
        ["distance", "2026-11-12T23:00:00Z", "2026-11-13T11:00:00Z", 6_688_500],
        ["active_energy", "2026-11-12T23:00:00Z", "2026-11-13T11:00:00Z", 503_000_000],
        ["resting_heart_rate", "2026-11-12T23:00:00Z", "2026-11-13T11:00:00Z", 43_000],
        ["heart_rate", "2026-11-12T23:00:15Z", "2026-11-12T23:00:15Z", 60_000],
        ["heart_rate", "2026-11-12T23:30:00Z", "2026-11-12T23:30:00Z", 64_000],
      ],
    },
    {
      name: "a sleep by the stretches of its stages",
      kind: "sleeps",
      item: {
        summaryId: "x1-69166e70",
        startTimeInSeconds: Date.UTC(2026, 10, 13, 22) / 1000,
        durationInSeconds: 3_600,
        deepSleepDurationInSeconds: 1_800,
        sleepLevelsMap: {
          light: [
            {
              startTimeInSeconds: Date.UTC(2026, 10, 13, 22) / 1000,
              endTimeInSeconds: Date.UTC(2026, 10, 13, 22, 30) / 1000,
            },
          ],
          awake: [
            {
              startTimeInSeconds: Date.UTC(2026, 10, 13, 22, 30) / 1000,
              endTimeInSeconds: Date.UTC(2026, 10, 13, 22, 35) / 1000,
            },
          ],
        },
      },
      comes: [
        ["sleep", "2026-11-13T22:00:00Z", "2026-11-13T22:30:00Z", 1_800_000, "light"],
        ["sleep", "2026-11-13T22:30:00Z", "2026-11-13T22:35:00Z", 300_000, "awake"],
      ],
    },
    {
      name: "the heart's variability, every five minutes",
      kind: "hrv",
      item: {
        summaryId: "x1-69166e70",
        startTimeInSeconds: Date.UTC(2026, 10, 13, 22) / 1000,
        durationInSeconds: 28_800,
        lastNightAvg: 84,
        hrvValues: { "300": 70, "600": 73 },
      },
      comes: [
        ["hrv_rmssd", "2026-11-13T22:05:00Z", "2026-11-13T22:05:00Z", 70_000],
        ["hrv_rmssd", "2026-11-13T22:10:00Z", "2026-11-13T22:10:00Z", 73_000],
      ],
    },
    {
      name: "what a scale found, in grams",
      kind: "bodyComps",
      item: {
        summaryId: "b-1",
        measurementTimeInSeconds: Date.UTC(2026, 10, 13, 6) / 1000,
        weightInGrams: 75_250,
        bodyFatInPercent: 18.5,
      },
      comes: [
        ["weight", "2026-11-13T06:00:00Z", "2026-11-13T06:00:00Z", 75_250],
        ["body_fat", "2026-11-13T06:00:00Z", "2026-11-13T06:00:00Z", 18_500],
      ],
    },
  ],
};
