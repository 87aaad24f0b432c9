/** What our own door has to show: signed here with node:crypto, never by our code. */
import { createHmac, createPrivateKey, createPublicKey, sign } from "node:crypto";
import type { ProviderCases, SignedCase } from "./form.ts";

const key = Buffer.from("a key of thirty-two bytes, signed").subarray(0, 32);
const previous = Buffer.from("the one before it, also long enough");
const secretOf = (bytes: Buffer) => `whsec_${bytes.toString("base64")}`;
const nowMs = Date.UTC(2026, 10, 21, 12);
const seconds = nowMs / 1000;
const id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";

/** An Ed25519 key from a seed of its own (RFC 8410). */
const seed = Buffer.concat([
  Buffer.from("302e020100300506032b657004220420", "hex"),
  Buffer.from("thirty-two bytes of a seed, said"),
]);
const pair = createPrivateKey({ key: seed, format: "der", type: "pkcs8" });
const raw = createPublicKey(pair).export({ format: "der", type: "spki" }).subarray(-32);
const publicKey = `whpk_${raw.toString("base64")}`;

const workout = {
  id: "run-81",
  revision: 1,
  startedAt: "2026-11-14T08:00:00+01:00",
  elapsedSeconds: 3600,
  type: "running",
};
const event = (type: string, data: object) =>
  JSON.stringify({ type, timestamp: "2026-11-21T11:59:58Z", data: { account: "u-7", ...data } });
const body = event("workouts.upserted", { workouts: [workout] });

const signedText = (text: string, at: number | string = seconds, name = id) =>
  `${name}.${at}.${text}`;
const v1 = (text: string, by = key) =>
  `v1,${createHmac("sha256", by).update(text).digest("base64")}`;
const v1a = (text: string) => `v1a,${sign(null, Buffer.from(text), pair).toString("base64")}`;

const under = (prefix: string, signature: string, at: number | string = seconds, name = id) => ({
  [`${prefix}-id`]: name,
  [`${prefix}-timestamp`]: String(at),
  [`${prefix}-signature`]: signature,
});
const said = (
  name: string,
  headers: Record<string, string>,
  more: Partial<SignedCase> = {},
): SignedCase => ({ name, headers, body, nowMs, ...more });
const without = (headers: Record<string, string>, gone: string) =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => name !== gone));

const right = under("webhook", v1(signedText(body)));
const mac = v1(signedText(body)).slice(3);
const notText = new Uint8Array([0x7b, 0x22, 0x61, 0x22, 0x3a, 0xff, 0x7d]);
const dollars = event("account.linked", { reference: "$& $$ $` $'" });

const genuine: SignedCase[] = [
  said("as the specification has it", right),
  said("as Svix sends it", under("svix", v1(signedText(body)))),
  said("both ways at once", { ...right, ...under("svix", v1(signedText(body))) }),
  said("with the secret before", under("webhook", v1(signedText(body), previous))),
  said(
    "signed by both secrets",
    under("webhook", `${v1(signedText(body), previous)} ${v1(signedText(body))}`),
  ),
  said(
    "after signatures of other kinds",
    under("webhook", `v2,${mac} ${v1a(signedText(body))} ${v1(signedText(body))}`),
  ),
  said("300 s old", under("webhook", v1(signedText(body, seconds - 300)), seconds - 300)),
  said("300 s ahead", under("webhook", v1(signedText(body, seconds + 300)), seconds + 300)),
  said("an empty body", under("webhook", v1(signedText(""))), { body: "" }),
  said("dollars in it", under("webhook", v1(signedText(dollars))), { body: dollars }),
  said(
    "bytes that are no text",
    under(
      "webhook",
      `v1,${createHmac("sha256", key).update(`${id}.${seconds}.`).update(notText).digest("base64")}`,
    ),
    { body: notText },
  ),
];

const forged: SignedCase[] = [
  said("nothing signed", {}),
  ...Object.keys(right).map((name) => said(`no ${name}`, without(right, name))),
  said("another secret", under("webhook", v1(signedText(body), Buffer.from("x".repeat(32))))),
  said("a changed byte", right, { body: `${body} ` }),
  said("another id", { ...right, "webhook-id": "msg_other" }),
  said("another time", { ...right, "webhook-timestamp": String(seconds + 1) }),
  said("301 s old", under("webhook", v1(signedText(body, seconds - 301)), seconds - 301)),
  said("301 s ahead", under("webhook", v1(signedText(body, seconds + 301)), seconds + 301)),
  said("milliseconds", under("webhook", v1(signedText(body, nowMs)), nowMs)),
  said(
    "a time with a tail",
    under("webhook", v1(signedText(body, `${seconds}.9`)), `${seconds}.9`),
  ),
  said("no version", under("webhook", mac)),
  said("another version", under("webhook", `v2,${mac}`)),
  said("a version alone", under("webhook", "v1,")),
  said("an empty signature", under("webhook", "")),
  said("half of one", under("webhook", `v1,${mac.slice(0, 20)}`)),
  said("in hex", under("webhook", `v1,${Buffer.from(mac, "base64").toString("hex")}`)),
  said("in two headers made one", under("webhook", `v1,${mac},v1,${mac}`)),
  said(
    "the id's end moved into the body",
    under("webhook", v1(`${id}.x.${seconds}.${body}`), seconds, `${id}.x`),
  ),
  said(
    "bytes swapped for what they are read as",
    under("webhook", v1(signedText(new TextDecoder().decode(notText)))),
    { body: notText },
  ),
  said("by a key pair that is not ours", under("webhook", v1a(signedText(body)))),
  said("half webhook, half svix", {
    ...without(right, "webhook-id"),
    "svix-id": id,
  }),
];

/** The same door with one shared secret and one public key. */
export const withKeyPair: {
  readonly secrets: ProviderCases["secrets"];
  readonly genuine: readonly SignedCase[];
  readonly forged: readonly SignedCase[];
} = {
  secrets: { signing: [publicKey, secretOf(key)] },
  genuine: [
    said("by the key pair", under("webhook", v1a(signedText(body)))),
    said("by the shared secret", right),
    said("by both", under("webhook", `${v1(signedText(body), previous)} ${v1a(signedText(body))}`)),
  ],
  forged: [
    said("the public key as if it were shared", under("webhook", v1(signedText(body), raw))),
    said("the key pair's, called v1", under("webhook", v1a(signedText(body)).replace("v1a", "v1"))),
    said("over another body", under("webhook", v1a(signedText(`${body} `)))),
  ],
};

const item = (more: object = {}) => ({ sender: null, workout: { ...workout, ...more } });
const bad = (name: string, fault: string, more: object) => ({
  name,
  kind: "workout",
  item: item(more),
  fault,
});

export const cases: ProviderCases = {
  secrets: {
    signing: [
      { kid: "new", secret: secretOf(key) },
      { kid: "old", secret: secretOf(previous) },
    ],
  },
  signatures: { genuine, forged },
  greetings: { none: "Standard Webhooks has no greeting; senders say nothing before they sign." },
  deletions: [
    {
      name: "a workout by its id",
      body: event("workouts.deleted", { ids: [{ id: "run-81", revision: 2 }] }),
      says: {
        items: [
          {
            account: '[null,"u-7"]',
            kind: "deleted",
            body: { sender: null, deleted: { id: "run-81", revision: 2 } },
          },
        ],
      },
    },
    {
      name: "retracts it",
      kind: "deleted",
      item: { sender: null, deleted: { id: "run-81", revision: 2 } },
      retracts: "run-81",
    },
    {
      name: "retracts one of a named sender",
      kind: "deleted",
      item: { sender: "acme", deleted: { id: 81, updatedAt: "2026-11-14T10:00:00Z" } },
      retracts: '["acme","81"]',
    },
  ],
  deauthorisations: [
    {
      name: "an account that ended",
      body: event("account.ended", {}),
      says: { ends: [{ account: '[null,"u-7"]', why: "grant-ended", saidMs: nowMs - 2_000 }] },
    },
    {
      name: "one of a named sender that may read workouts no more",
      body: event("account.ended", { sender: "acme", why: "permission-withdrawn" }),
      says: {
        ends: [{ account: '["acme","u-7"]', why: "permission-withdrawn", saidMs: nowMs - 2_000 }],
      },
    },
  ],
  timeZones: [
    {
      name: "an offset",
      kind: "workout",
      item: item(),
      at: "2026-11-14T07:00:00Z",
      elapsedMs: 3_600_000,
      offsetMin: 60,
    },
    {
      name: "three quarters of an hour",
      kind: "workout",
      item: item({ startedAt: "2026-11-14T08:00:00+05:45" }),
      at: "2026-11-14T02:15:00Z",
      elapsedMs: 3_600_000,
      offsetMin: 345,
    },
    {
      name: "UTC, and no word of the clock",
      kind: "workout",
      item: item({ startedAt: "2026-11-14T08:00:00Z" }),
      at: "2026-11-14T08:00:00Z",
      elapsedMs: 3_600_000,
      offsetMin: null,
    },
    {
      name: "UTC and a zone, before its summer ends",
      kind: "workout",
      item: item({
        startedAt: "2026-10-25T00:30:00Z",
        endedAt: "2026-10-25T01:30:00Z",
        zone: "Europe/Zurich",
      }),
      at: "2026-10-25T00:30:00Z",
      elapsedMs: 3_600_000,
      offsetMin: 120,
    },
    {
      name: "an offset goes before a zone",
      kind: "workout",
      item: item({ zone: "Pacific/Auckland" }),
      at: "2026-11-14T07:00:00Z",
      elapsedMs: 3_600_000,
      offsetMin: 60,
    },
  ],
  unknownType: {
    kind: "workout",
    item: item({ type: "bog-snorkelling" }),
    word: "bog-snorkelling",
  },
  malformed: [
    { name: "no JSON", body: "type=workouts.upserted", fault: "not-json" },
    { name: "half of it", body: body.slice(0, 60), fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no type", body: '{"data":{}}', fault: "not-understood" },
    {
      name: "of another version",
      body: JSON.stringify({ version: 2, type: "account.ended", data: { account: "u-7" } }),
      fault: "not-understood",
    },
    { name: "no data", body: '{"type":"account.ended"}', fault: "not-understood" },
    { name: "nobody's", body: event("account.ended", { account: "" }), fault: "not-understood" },
    { name: "no reference", body: event("account.linked", {}), fault: "not-understood" },
    {
      name: "a sender with a blank in its name",
      body: event("account.ended", { sender: "a b" }),
      fault: "not-understood",
    },
    {
      name: "more workouts than one event holds",
      body: event("workouts.upserted", { workouts: new Array(501).fill(workout) }),
      fault: "not-understood",
    },
    { name: "not a workout", kind: "workout", item: { workout: 7 }, fault: "not-an-object" },
    bad("no id", "no-id", { id: null }),
    bad("no revision", "no-revision", { revision: null }),
    bad("a revision that is no whole number", "bad-revision", { revision: 1.5 }),
    bad("no start", "no-start", { startedAt: null }),
    bad("a start without a zone", "no-zone", { startedAt: "2026-11-14T08:00:00" }),
    bad("an end without a zone", "no-zone", { endedAt: "2026-11-14T09:00:00" }),
    bad("of a year to come", "start-in-future", { startedAt: "2031-11-14T08:00:00Z" }),
    bad("no length", "no-duration", { elapsedSeconds: null }),
    bad("two lengths", "bad-elapsed", { endedAt: "2026-11-14T10:00:00+01:00" }),
    bad("no type", "bad-type", { type: null }),
    bad("a distance in words", "bad-distance", { distanceMeters: "10 km" }),
  ],
  samples: [
    {
      name: "a weight",
      kind: "sample",
      item: {
        sender: "acme",
        sample: {
          id: "w-9",
          type: "weight",
          value: 71.5,
          unit: "kg",
          startDate: "2026-11-13T07:00:00+01:00",
        },
      },
      comes: [["weight", "2026-11-13T06:00:00Z", "2026-11-13T06:00:00Z", 71_500]],
    },
    {
      name: "a part of a night, less than its times",
      kind: "sample",
      item: {
        sample: {
          type: "sleep",
          stage: "deep",
          value: 600,
          unit: "s",
          startDate: "2026-11-13T02:10:00+01:00",
          endDate: "2026-11-13T02:31:00+01:00",
        },
      },
      comes: [["sleep", "2026-11-13T01:10:00Z", "2026-11-13T01:20:00Z", 600_000, "deep"]],
    },
  ],
};
