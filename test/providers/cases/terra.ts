/** What Terra's deliveries have to show: signatures made here with node:crypto, never by our code. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const secret = "5f2c1de4a9b04c6c8e17-terra-signing";
const previous = "the-one-before-9b1d77aa02c34f";
const nowMs = Date.UTC(2026, 10, 21, 12);
const seconds = nowMs / 1000;
const user = { user_id: "5e1c8a1e-0b0e-4a52-9d1f-6a8f0d1a2b3c", provider: "GARMIN" };
const account = user.user_id;

const mac = (t: number | string, body: string, key = secret) =>
  createHmac("sha256", key).update(`${t}.${body}`).digest("hex");
const stamped = (t: number | string, body: string, key = secret) =>
  `t=${t},v1=${mac(t, body, key)}`;

const said = (more: object) => JSON.stringify({ user, version: "2022-03-16", ...more });
const metadata = {
  summary_id: "9f0d0b9e",
  start_time: "2026-11-14T08:00:00.000000+01:00",
  end_time: "2026-11-14T09:00:00.000000+01:00",
  type: 8,
  upload_type: 1,
};
const activity = (more: object = {}, rest: object = {}) => ({
  provider: "GARMIN",
  activity: { metadata: { ...metadata, ...more }, ...rest },
});
const body = said({ type: "activity", data: [activity().activity] });

const good = (name: string, headers: Record<string, string>, more: Partial<SignedCase> = {}) => ({
  name,
  headers,
  body,
  nowMs,
  ...more,
});
const tail = mac(seconds, body);
const changed = (text: string, at: number) =>
  text.slice(0, at) + (text[at] === "0" ? "1" : "0") + text.slice(at + 1);

const genuine: SignedCase[] = [
  good("as documented", { "terra-signature": stamped(seconds, body) }),
  good("as sent", { "x-terra-signature": stamped(seconds, body) }),
  good("under both names", {
    "terra-signature": stamped(seconds, body),
    "x-terra-signature": stamped(seconds, body),
  }),
  good("wrong under one name, right under the other", {
    "terra-signature": stamped(seconds, body, "another"),
    "x-terra-signature": stamped(seconds, body),
  }),
  good("with the secret before", { "terra-signature": stamped(seconds, body, previous) }),
  good("signed by both secrets, the new one last", {
    "terra-signature": `t=${seconds},v1=${mac(seconds, body, "gone")},v1=${tail}`,
  }),
  good("300 s old", { "terra-signature": stamped(seconds - 300, body) }),
  good("300 s ahead", { "terra-signature": stamped(seconds + 300, body) }),
  good(
    "with a dollar in its body",
    { "terra-signature": stamped(seconds, '{"type":"$& $$ $\'"}') },
    { body: '{"type":"$& $$ $\'"}' },
  ),
];

const forged: SignedCase[] = [
  good("no signature", {}),
  good("an empty one", { "terra-signature": "" }),
  good("another secret", { "terra-signature": stamped(seconds, body, "another") }),
  good("a changed byte", { "terra-signature": stamped(seconds, body) }, { body: `${body} ` }),
  good("a changed digit", { "terra-signature": `t=${seconds},v1=${changed(tail, 63)}` }),
  good("another time than was signed", { "terra-signature": `t=${seconds + 1},v1=${tail}` }),
  good("301 s old", { "terra-signature": stamped(seconds - 301, body) }),
  good("301 s ahead", { "terra-signature": stamped(seconds + 301, body) }),
  good("no time", { "terra-signature": `v1=${tail}` }),
  good("two times", { "terra-signature": `t=${seconds},t=${seconds},v1=${tail}` }),
  good("a time with a tail", { "terra-signature": stamped(`${seconds}junk`, body) }),
  good("milliseconds", { "terra-signature": stamped(nowMs, body) }),
  good("in base64", {
    "terra-signature": `t=${seconds},v1=${Buffer.from(tail, "hex").toString("base64")}`,
  }),
  good("half of it", { "terra-signature": `t=${seconds},v1=${tail.slice(0, 32)}` }),
  good("a version that nobody knows", { "terra-signature": `t=${seconds},v2=${tail}` }),
  good("the body alone signed", {
    "terra-signature": `t=${seconds},v1=${createHmac("sha256", secret).update(body).digest("hex")}`,
  }),
  good("the time moved into the body", {
    "terra-signature": `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}${body}`).digest("hex")}`,
  }),
];

export const cases: ProviderCases = {
  secrets: {
    signing: [
      { kid: "new", secret },
      { kid: "old", secret: previous },
    ],
  },
  signatures: { genuine, forged },
  greetings: { none: "Terra greets no address; its first delivery is its first word." },
  deletions: [
    {
      name: "an activity marked for deletion",
      kind: "activity",
      item: activity({ upload_type: 4 }),
      retracts: "9f0d0b9e",
    },
    {
      name: "and one of which nothing else is left",
      kind: "activity",
      item: { provider: null, activity: { metadata: { summary_id: "7", upload_type: 4 } } },
      retracts: "7",
    },
  ],
  deauthorisations: [
    {
      name: "a member took it back with us",
      body: said({ type: "deauth", status: "success", message: "User deauthenticated" }),
      says: { ends: [{ account, why: "grant-ended", saidMs: null }] },
    },
    {
      name: "or at the provider",
      body: said({ type: "access_revoked", status: "warning", message: "" }),
      says: { ends: [{ account, why: "grant-ended", saidMs: null }] },
    },
    {
      name: "activities are not to be read any more",
      body: said({
        type: "permission_change",
        status: "warning",
        scopes_added: "",
        scopes_removed: "sleep:read, activity:read",
      }),
      says: { ends: [{ account, why: "permission-withdrawn", saidMs: null }] },
    },
    {
      name: "activities are to be read again",
      body: said({
        type: "permission_change",
        status: "warning",
        scopes_added: "activity:read",
        scopes_removed: "",
      }),
      says: { grants: [{ account, saidMs: null }] },
    },
    {
      name: "only sleep is not",
      body: said({ type: "permission_change", status: "warning", scopes_removed: "sleep:read" }),
      says: { items: [] },
    },
  ],
  timeZones: [
    {
      name: "an offset",
      kind: "activity",
      item: activity(),
      at: "2026-11-14T07:00:00Z",
      elapsedMs: 3_600_000,
      offsetMin: 60,
    },
    {
      name: "three quarters of an hour",
      kind: "activity",
      item: activity({
        start_time: "2026-11-14T08:00:00.500000+05:45",
        end_time: "2026-11-14T08:30:00.500000+05:45",
      }),
      at: "2026-11-14T02:15:00.500Z",
      elapsedMs: 1_800_000,
      offsetMin: 345,
    },
    {
      name: "west of everything, over midnight",
      kind: "activity",
      item: activity({
        start_time: "2026-11-14T23:45:00.000000-03:30",
        end_time: "2026-11-15T00:15:00.000000-03:30",
      }),
      at: "2026-11-15T03:15:00Z",
      elapsedMs: 1_800_000,
      offsetMin: -210,
    },
    {
      name: "a bare UTC that is said to be no local clock",
      kind: "activity",
      item: activity({
        start_time: "2026-11-14T08:00:00.000000+00:00",
        end_time: "2026-11-14T09:00:00.000000+00:00",
        timestamp_localization: 0,
      }),
      at: "2026-11-14T08:00:00Z",
      elapsedMs: 3_600_000,
      offsetMin: null,
    },
    {
      name: "a local clock that is UTC",
      kind: "activity",
      item: activity({
        start_time: "2026-11-14T08:00:00.000000+00:00",
        end_time: "2026-11-14T09:00:00.000000+00:00",
        timestamp_localization: 1,
      }),
      at: "2026-11-14T08:00:00Z",
      elapsedMs: 3_600_000,
      offsetMin: 0,
    },
    {
      name: "the clock went back an hour in between",
      kind: "activity",
      item: activity({
        start_time: "2026-10-25T02:30:00.000000+02:00",
        end_time: "2026-10-25T02:30:00.000000+01:00",
      }),
      at: "2026-10-25T00:30:00Z",
      elapsedMs: 3_600_000,
      offsetMin: 120,
    },
  ],
  unknownType: { kind: "activity", item: activity({ type: 99_999 }), word: "99999" },
  malformed: [
    { name: "no JSON", body: "type=activity", fault: "not-json" },
    { name: "half of it", body: body.slice(0, 100), fault: "not-json" },
    { name: "nothing", body: "", fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no type", body: '{"data":[]}', fault: "not-understood" },
    { name: "a type that is no word", body: '{"type":8,"data":[]}', fault: "not-understood" },
    { name: "no metadata", kind: "activity", item: { activity: {} }, fault: "no-id" },
    { name: "no activity", kind: "activity", item: { provider: "GARMIN" }, fault: "not-an-object" },
    {
      name: "a start on a clock that nobody says the place of",
      kind: "activity",
      item: activity({ start_time: "2026-11-14T08:00:00.000000" }),
      fault: "no-zone",
    },
    {
      name: "such an end",
      kind: "activity",
      item: activity({ end_time: "2026-11-14T09:00:00.000000", timestamp_localization: 0 }),
      fault: "no-zone",
    },
    {
      name: "a day that is none",
      kind: "activity",
      item: activity({ start_time: "2026-02-30T08:00:00+01:00" }),
      fault: "no-start",
    },
    {
      name: "no end",
      kind: "activity",
      item: activity({ end_time: null }),
      fault: "no-duration",
    },
    {
      name: "an end before its start",
      kind: "activity",
      item: activity({ end_time: "2026-11-14T07:59:59.000000+01:00" }),
      fault: "no-duration",
    },
    {
      name: "of a year to come",
      kind: "activity",
      item: activity({
        start_time: "2031-11-14T08:00:00.000000+01:00",
        end_time: "2031-11-14T09:00:00.000000+01:00",
      }),
      fault: "start-in-future",
    },
    {
      name: "an id longer than ids are",
      kind: "activity",
      item: activity({ summary_id: "9".repeat(201) }),
      fault: "no-id",
    },
  ],
  samples: [
    {
      name: "a day on the wall",
      kind: "daily",
      item: {
        metadata: { start_time: "2026-11-13T00:00:00", end_time: "2026-11-14T00:00:00" },
        device_data: { manufacturer: "Garmin", name: "Forerunner 945" },
        distance_data: { steps: 9_412, distance_meters: 7_100 },
        calories_data: { net_activity_calories: 512 },
        heart_rate_data: { summary: { resting_hr_bpm: 52 } },
      },
      comes: [
        ["steps", "2026-11-12T23:00:00Z", "2026-11-13T23:00:00Z", 9_412],
        ["distance", "2026-11-12T23:00:00Z", "2026-11-13T23:00:00Z", 7_100_000],
        ["active_energy", "2026-11-12T23:00:00Z", "2026-11-13T23:00:00Z", 512_000_000],
        ["resting_heart_rate", "2026-11-12T23:00:00Z", "2026-11-13T23:00:00Z", 52_000],
      ],
    },
    {
      name: "both statistics of the heart's variability, by their lists",
      kind: "body",
      item: {
        heart_data: {
          heart_rate_data: {
            detailed: {
              hrv_samples_rmssd: [{ timestamp: "2026-11-13T03:00:00+01:00", hrv_rmssd: 48 }],
              hrv_samples_sdnn: [{ timestamp: "2026-11-13T03:00:00+01:00", hrv_sdnn: 61 }],
            },
          },
        },
      },
      comes: [
        ["hrv_rmssd", "2026-11-13T02:00:00Z", "2026-11-13T02:00:00Z", 48_000],
        ["hrv_sdnn", "2026-11-13T02:00:00Z", "2026-11-13T02:00:00Z", 61_000],
      ],
    },
    {
      name: "a night without a hypnogram, as what was slept",
      kind: "sleep",
      item: {
        metadata: {
          summary_id: "n-1",
          start_time: "2026-11-12T23:00:00+01:00",
          end_time: "2026-11-13T07:00:00+01:00",
        },
        sleep_durations_data: { asleep: { duration_asleep_state_seconds: 25_200 } },
      },
      comes: [["sleep", "2026-11-12T22:00:00Z", "2026-11-13T05:00:00Z", 25_200_000, "asleep"]],
    },
  ],
};
