/** What Strava has to show. Bodies are of our own making, in its form. */
import { createHmac } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 14, 9);
const seconds = nowMs / 1000;
const old = "before-3f1c9a7e5b2d4c6f8a0b";
const current = "now-7d2e4f6a8b0c1d3e5f7a";
const signing = "a-client-secret-of-our-own-making";

const notice = {
  aspect_type: "create",
  event_time: seconds - 3,
  object_id: 16_412_345_678,
  object_type: "activity",
  owner_id: 7_654_321,
  subscription_id: 254_321,
  updates: {},
};
const body = JSON.stringify(notice);
const signature = (secret: string, at = seconds, text = body) =>
  `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${text}`).digest("hex")}`;
const signed = (value: string) => ({ "X-Strava-Signature": value });

const to = (name: string, pathKey: string | undefined, over: Partial<SignedCase> = {}) => ({
  name,
  ...(pathKey === undefined ? {} : { pathKey }),
  body,
  nowMs,
  ...over,
});

const said = (over: object): string => JSON.stringify({ ...notice, ...over });
const none = { items: [], claims: [], unknown: 0 };

const activity = {
  resource_state: 3,
  athlete: { id: 7_654_321, resource_state: 1 },
  id: 16_412_345_678,
  name: "Morning Ride",
  sport_type: "Ride",
  type: "Ride",
  start_date: "2026-11-14T07:30:00Z",
  start_date_local: "2026-11-14T08:30:00Z",
  timezone: "(GMT+01:00) Europe/Berlin",
  utc_offset: 3_600,
  elapsed_time: 3_725,
  moving_time: 3_600,
  distance: 31_000.5,
};
const moved = (start_date: string, start_date_local: string, timezone: string, offset?: number) => {
  const { utc_offset: _, ...rest } = activity;
  const zoned = { ...rest, start_date, start_date_local, timezone };
  return offset === undefined ? zoned : { ...zoned, utc_offset: offset };
};
const asked = "hub.mode=subscribe&hub.challenge=15f7d1a91c1f40f8&hub.verify_token=";

export const cases: ProviderCases = {
  secrets: {
    pathKeys: [current, { kid: "before", secret: old }],
    signing: [signing],
    verification: ["our-own-word"],
  },
  signatures: {
    genuine: [
      to("by the path, and no signature", current),
      to("by the path of before, during a rotation", old),
      to("with a signature that matches", current, { headers: signed(signature(signing)) }),
      to("with one by another key, which is only observed", current, {
        headers: signed(signature("another")),
      }),
      to("with one that is too old", current, {
        headers: signed(signature(signing, seconds - 86_400)),
      }),
      to("with one in no form that is known", current, { headers: signed("sha256=00") }),
    ],
    forged: [
      to("without a path key", undefined),
      to("by an empty path key", ""),
      to("by another path key", "now-7d2e4f6a8b0c1d3e5f7b"),
      to("by half of the path key", current.slice(0, 12)),
      to("by the path key and more", `${current}0`),
      to("by the path key in another case", current.toUpperCase()),
      to("by what deliveries are signed with", signing),
      to("by the word of the greeting", "our-own-word"),
      to("by a good signature alone", undefined, { headers: signed(signature(signing)) }),
    ],
  },
  greetings: [
    {
      name: "our word by the path of before, during a rotation",
      method: "GET",
      pathKey: old,
      query: `${asked}our-own-word`,
      nowMs,
      answer: { status: 200, json: { "hub.challenge": "15f7d1a91c1f40f8" } },
    },
    {
      name: "our word by another path",
      method: "GET",
      pathKey: "now-7d2e4f6a8b0c1d3e5f7b",
      query: `${asked}our-own-word`,
      nowMs,
      answer: { status: 404 },
    },
    {
      name: "our word by no path",
      method: "GET",
      query: `${asked}our-own-word`,
      nowMs,
      answer: { status: 404 },
    },
    {
      name: "our word, and a challenge",
      method: "GET",
      pathKey: current,
      query: `${asked}our-own-word`,
      nowMs,
      answer: { status: 200, json: { "hub.challenge": "15f7d1a91c1f40f8" } },
    },
    {
      name: "another word",
      method: "GET",
      pathKey: current,
      query: `${asked}STRAVA`,
      nowMs,
      answer: { status: 403 },
    },
    {
      name: "no word",
      method: "GET",
      pathKey: current,
      query: "hub.mode=subscribe&hub.challenge=15f7d1a91c1f40f8",
      nowMs,
      answer: { status: 403 },
    },
    {
      name: "no challenge",
      method: "GET",
      pathKey: current,
      query: "hub.mode=subscribe&hub.verify_token=our-own-word",
      nowMs,
      answer: { status: 403 },
    },
    {
      name: "two challenges",
      method: "GET",
      pathKey: current,
      query: `${asked}our-own-word&hub.challenge=another`,
      nowMs,
      answer: { status: 403 },
    },
    {
      name: "our word, and another",
      method: "GET",
      pathKey: current,
      query: `${asked}our-own-word&hub.verify_token=STRAVA`,
      nowMs,
      answer: { status: 403 },
    },
    {
      name: "a challenge that is markup",
      method: "GET",
      pathKey: current,
      query: "hub.challenge=%3Cscript%3E&hub.verify_token=our-own-word",
      nowMs,
      answer: { status: 403 },
    },
    { name: "by POST", method: "POST", body: '{"hub.mode":"subscribe"}', nowMs, answer: "refused" },
  ],
  deletions: [
    {
      name: "an activity that was deleted, or made private",
      body: said({ aspect_type: "delete" }),
      says: {
        ...none,
        notices: [
          {
            account: "7654321",
            collection: "activities",
            fromMs: 0,
            toMs: 0,
            gone: "16412345678",
          },
        ],
      },
    },
    {
      name: "one that is asked for and not there, in no words",
      reply: { status: 404, body: "" },
      fault: "gone",
    },
    {
      name: "not a page of some machine on the way",
      reply: { status: 404, body: "<html>nothing here</html>" },
      fault: "broken",
    },
  ],
  deauthorisations: [
    {
      name: "an athlete's update, as it is documented",
      body: said({
        object_type: "athlete",
        object_id: 7_654_321,
        aspect_type: "update",
        updates: { authorized: "false" },
      }),
      says: { ...none, notices: [], claims: [{ account: "7654321", claim: "deregistered" }] },
    },
    {
      name: "an athlete's deletion, as others have it",
      body: said({ object_type: "athlete", object_id: 7_654_321, aspect_type: "delete" }),
      says: { ...none, notices: [], claims: [{ account: "7654321", claim: "deregistered" }] },
    },
    { name: "a token that opens nothing any more", reply: { status: 401 }, fault: "reconnect" },
  ],
  timeZones: [
    {
      name: "in summer, where the zone prints its standard offset",
      kind: "activities",
      item: moved(
        "2026-07-04T23:04:26Z",
        "2026-07-04T19:04:26Z",
        "(GMT-05:00) America/New_York",
        -14_400,
      ),
      at: "2026-07-04T23:04:26.000Z",
      elapsedMs: 3_725_000,
      offsetMin: -240,
    },
    {
      name: "half an hour off",
      kind: "activities",
      item: moved(
        "2026-11-14T01:00:00Z",
        "2026-11-14T06:30:00Z",
        "(GMT+05:30) Asia/Kolkata",
        19_800,
      ),
      at: "2026-11-14T01:00:00.000Z",
      elapsedMs: 3_725_000,
      offsetMin: 330,
    },
    {
      name: "on a trainer, on roads of another continent",
      kind: "activities",
      item: {
        ...moved(
          "2026-01-10T12:00:00Z",
          "2026-01-10T07:00:00Z",
          "(GMT-05:00) America/New_York",
          -18_000.0,
        ),
        trainer: true,
        start_latlng: [48.1, 11.5],
      },
      at: "2026-01-10T12:00:00.000Z",
      elapsedMs: 3_725_000,
      offsetMin: -300,
    },
    {
      name: "without an offset: the local time's Z is none",
      kind: "activities",
      item: moved("2013-12-12T19:40:29Z", "2013-12-12T11:40:29Z", "(GMT-08:00) America/Boise"),
      at: "2013-12-12T19:40:29.000Z",
      elapsedMs: 3_725_000,
      offsetMin: -480,
    },
    {
      name: "UTC itself",
      kind: "activities",
      item: moved("2026-11-14T07:30:00Z", "2026-11-14T07:30:00Z", "(GMT+00:00) UTC", 0),
      at: "2026-11-14T07:30:00.000Z",
      elapsedMs: 3_725_000,
      offsetMin: 0,
    },
  ],
  unknownType: {
    kind: "activities",
    item: { ...activity, sport_type: "SomethingNobodyHasHeardOf", type: "Something" },
    word: "SomethingNobodyHasHeardOf",
  },
  malformed: [
    { name: "no JSON", body: "{", fault: "not-json" },
    { name: "empty", body: "", fault: "not-json" },
    { name: "a form", body: "object_type=activity&owner_id=1", fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "a list of notices", body: `[${body}]`, fault: "not-understood" },
    { name: "nothing in it", body: "{}", fault: "not-understood" },
    { name: "null", body: "null", fault: "not-understood" },
    { name: "no athlete", body: said({ owner_id: undefined }), fault: "not-understood" },
    { name: "an athlete of zero", body: said({ owner_id: 0 }), fault: "not-understood" },
    { name: "no kind of object", body: said({ object_type: 7 }), fault: "not-understood" },
    { name: "no aspect", body: said({ aspect_type: null }), fault: "not-understood" },
    { name: "no object", kind: "activities", item: [], fault: "not-an-object" },
    { name: "no id", kind: "activities", item: { ...activity, id: "../1" }, fault: "no-id" },
    {
      name: "an id that JSON has corrupted",
      kind: "activities",
      item: { ...activity, id: 2 ** 53 },
      fault: "no-id",
    },
    {
      name: "a start in no zone",
      kind: "activities",
      item: { ...activity, start_date: "2026-11-14T07:30:00" },
      fault: "no-zone",
    },
    {
      name: "a start that is no time",
      kind: "activities",
      item: { ...activity, start_date: "yesterday" },
      fault: "no-start",
    },
    {
      name: "a local start alone",
      kind: "activities",
      item: { ...activity, start_date: undefined },
      fault: "no-start",
    },
    {
      name: "a start to come",
      kind: "activities",
      item: { ...activity, start_date: "2026-11-23T07:30:00Z" },
      fault: "start-in-future",
    },
    {
      name: "no length",
      kind: "activities",
      item: { ...activity, elapsed_time: 0 },
      fault: "no-duration",
    },
    {
      name: "a length that is text",
      kind: "activities",
      item: { ...activity, elapsed_time: "3725" },
      fault: "no-duration",
    },
  ],
};
