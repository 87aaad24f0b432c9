/** What Fitbit has to show. Bodies are of our own making, in its form. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 9, 14, 9);
const current = "3f0c7a91d2b84e6fa1c5";
const old = "b7d1e0442c9f4a7e8d36";
const notice = (over: object = {}) => ({
  collectionType: "activities",
  date: "2026-10-13",
  ownerId: "7XK2QP",
  ownerType: "user",
  subscriptionId: "7XK2QP-activities",
  ...over,
});
const body = JSON.stringify([notice(), notice({ collectionType: "sleep" })]);
const mac = (secret: string, bytes: string | Uint8Array = body, hash = "sha1", tail = "&") =>
  createHmac(hash, `${secret}${tail}`).update(bytes).digest("base64");

const header = "X-Fitbit-Signature";
const signed = (name: string, signature: string, over: Partial<SignedCase> = {}): SignedCase => ({
  name,
  headers: { [header]: signature },
  body,
  nowMs,
  ...over,
});
const accented = JSON.stringify([notice({ subscriptionId: "Zoë ☂ $&" })]);
const bytes = new Uint8Array([...new TextEncoder().encode(body), 0xff, 0xfe]);
const good = mac(current);

const run = {
  logId: 46_512_340_987,
  logType: "tracker",
  activityName: "Run",
  activityTypeId: 90_009,
  startTime: "2026-10-13T23:41:07.000+09:00",
  originalStartTime: "2026-10-13T23:41:07.000+09:00",
  duration: 1_805_000,
  originalDuration: 1_805_000,
  activeDuration: 1_742_000,
  distance: 5.218,
  distanceUnit: "Kilometer",
  lastModified: "2026-10-13T15:20:00.000Z",
};
const old2014 = {
  activityId: 90_013,
  name: "Walk",
  duration: 1_200_000,
  hasStartTime: true,
  logId: 512_334_901,
  startDate: "2014-03-02",
  startTime: "08:15",
};

export const cases: ProviderCases = {
  secrets: {
    signing: [current, { kid: "before", secret: old }],
    verification: ["c0de-4-this-subscriber"],
  },
  signatures: {
    genuine: [
      signed("two notices", good),
      signed("by the key before, during a rotation", mac(old)),
      signed("years after it was signed, since no time is", good, { nowMs: nowMs + 1e11 }),
      signed("of an empty array", mac(current, "[]"), { body: "[]" }),
      signed("over letters beyond ASCII and a dollar", mac(current, accented), { body: accented }),
      signed("over bytes that are no text", mac(current, bytes), { body: bytes }),
    ],
    forged: [
      signed("by another secret", mac("another")),
      signed("of a body in which a byte was changed", good, {
        body: body.replace("2026-10-13", "2026-10-14"),
      }),
      signed("of a body that was written anew with blanks", good, {
        body: JSON.stringify(JSON.parse(body), null, 1),
      }),
      signed("of a body with a line break more", good, { body: `${body}\n` }),
      signed("by SHA-256", mac(current, body, "sha256")),
      signed("by the secret without its ampersand", mac(current, body, "sha1", "")),
      signed("in hex", Buffer.from(good, "base64").toString("hex")),
      signed("without its padding", good.replace("=", "")),
      signed("in the alphabet of URLs", Buffer.from(`${good}`).toString("base64url")),
      signed("said twice", `${good}, ${good}`),
      signed("under a prefix", `sha1=${good}`),
      signed("empty", ""),
      { name: "without a header", body, nowMs },
      { name: "under another header", headers: { "X-Signature": good }, body, nowMs },
    ],
  },
  greetings: [
    {
      name: "the right code",
      method: "GET",
      query: "verify=c0de-4-this-subscriber",
      nowMs,
      answer: { status: 204 },
    },
    {
      name: "a wrong code",
      method: "GET",
      query: "verify=c0de-4-another",
      nowMs,
      answer: { status: 404 },
    },
    {
      name: "the code and something more",
      method: "GET",
      query: "verify=c0de-4-this-subscriber-",
      nowMs,
      answer: { status: 404 },
    },
    { name: "no code", method: "GET", query: "", nowMs, answer: { status: 404 } },
  ],
  deletions: [
    {
      name: "a notice like any other: the log is read anew",
      body: JSON.stringify([notice()]),
      says: {
        notices: [
          {
            account: "7XK2QP",
            collection: "activities",
            fromMs: Date.UTC(2026, 9, 12),
            toMs: Date.UTC(2026, 9, 15),
            gone: null,
          },
        ],
      },
    },
    {
      name: "an entry that Fitbit says it has not got",
      reply: { status: 404, body: '{"errors":[{"errorType":"not_found"}],"success":false}' },
      fault: "gone",
    },
    {
      name: "a path that is off says nothing of an entry",
      reply: { status: 404, body: '{"errors":[{"errorType":"request"}],"success":false}' },
      fault: "broken",
    },
  ],
  deauthorisations: [
    {
      name: "userRevokedAccess is a claim, as anybody may send it again",
      body: JSON.stringify([notice({ collectionType: "userRevokedAccess" })]),
      says: { claims: [{ account: "7XK2QP", claim: "deregistered" }], notices: [] },
    },
  ],
  timeZones: [
    {
      name: "with its offset",
      kind: "activities",
      item: run,
      at: "2026-10-13T14:41:07.000Z",
      elapsedMs: 1_805_000,
      offsetMin: 540,
    },
    {
      name: "behind UTC, by a half hour",
      kind: "activities",
      item: { ...run, startTime: "2026-10-13T23:41:07.000-03:30" },
      at: "2026-10-14T03:11:07.000Z",
      elapsedMs: 1_805_000,
      offsetMin: -210,
    },
    {
      name: "in UTC, which is no place",
      kind: "activities",
      item: { ...run, startTime: "2026-10-13T23:41:07.000Z" },
      at: "2026-10-13T23:41:07.000Z",
      elapsedMs: 1_805_000,
      offsetMin: null,
    },
  ],
  unknownType: {
    kind: "activities",
    item: { ...run, activityName: "Underwater hockey", activityTypeId: 771_234 },
    word: "Underwater hockey",
  },
  malformed: [
    { name: "no JSON", body: "activities", fault: "not-json" },
    { name: "an object", body: JSON.stringify(notice()), fault: "not-understood" },
    { name: "an array of others' things", body: '[{"x":1},7,null]', fault: "not-understood" },
    {
      name: "a day that does not exist",
      body: JSON.stringify([notice({ date: "2026-02-30" })]),
      fault: "not-understood",
    },
    { name: "an entry of the old summary", kind: "activities", item: old2014, fault: "no-zone" },
    {
      name: "one of them without a time",
      kind: "activities",
      item: { ...old2014, hasStartTime: false },
      fault: "no-start",
    },
    { name: "no id", kind: "activities", item: { ...run, logId: 1.5 }, fault: "no-id" },
    { name: "no length", kind: "activities", item: { ...run, duration: 0 }, fault: "no-duration" },
    {
      name: "a start to come",
      kind: "activities",
      item: { ...run, startTime: "2031-01-01T00:00:00.000Z" },
      fault: "start-in-future",
    },
    { name: "no object", kind: "activities", item: [run], fault: "not-an-object" },
  ],
  samples: [
    {
      name: "a night by the clock, on the day that it lasts an hour longer",
      kind: "sleep",
      item: {
        sleep: [
          {
            logId: 99_000_111_222,
            startTime: "2026-10-25T01:30:00.000",
            endTime: "2026-10-25T03:30:00.000",
            minutesAsleep: 110,
            levels: {
              data: [{ dateTime: "2026-10-25T01:30:00.000", level: "light", seconds: 1_800 }],
            },
          },
        ],
      },
      comes: [["sleep", "2026-10-24T23:30:00Z", "2026-10-25T00:00:00Z", 1_800_000, "light"]],
    },
    {
      name: "a day's steps, where there is no series",
      kind: "steps",
      item: { "activities-steps": [{ dateTime: "2026-10-13", value: "1500" }] },
      comes: [["steps", "2026-10-12T22:00:00Z", "2026-10-13T22:00:00Z", 1_500]],
    },
    {
      name: "a weight",
      kind: "body",
      item: { weight: [{ date: "2026-10-13", time: "07:05:30", weight: 71.4, logId: 1 }] },
      comes: [["weight", "2026-10-13T05:05:30Z", "2026-10-13T05:05:30Z", 71_400]],
    },
  ],
};
