/** What the door for listens has to show: signed here with node:crypto, never by our code. */
import { createHmac } from "node:crypto";
import type { MalformedCase, ProviderCases, SignedCase } from "./form.ts";

const key = Buffer.from("a key of listens, thirty-two byte");
const previous = Buffer.from("the one before it, also long enough");
const secretOf = (bytes: Buffer) => `whsec_${bytes.toString("base64")}`;
const nowMs = Date.UTC(2026, 10, 21, 12);
const seconds = nowMs / 1000;
const id = "msg_listens";

const listen = (over: object = {}) => ({
  id: "play-81",
  listenedAt: "2026-11-14T09:00:00+01:00",
  artist: "Kraftwerk",
  track: "The Model",
  ...over,
});
const event = (type: string, data: object) =>
  JSON.stringify({ type, timestamp: "2026-11-21T11:59:58Z", data: { account: "u-7", ...data } });
const body = event("listens.submitted", { listens: [listen()] });

const signed = (text: string, by = key, at: number | string = seconds) => ({
  "webhook-id": id,
  "webhook-timestamp": String(at),
  "webhook-signature": `v1,${createHmac("sha256", by).update(`${id}.${at}.${text}`).digest("base64")}`,
});
const right = signed(body);
const said = (
  name: string,
  headers: Record<string, string>,
  more: Partial<SignedCase> = {},
): SignedCase => ({ name, headers, body, nowMs, ...more });
const without = (gone: string) =>
  Object.fromEntries(Object.entries(right).filter(([name]) => name !== gone));

const item = (over: object = {}) => ({ sender: null, listen: listen(over) });
const bad = (name: string, fault: string, over: object): MalformedCase => ({
  name,
  kind: "listen",
  item: item(over),
  fault,
});

export const cases: ProviderCases = {
  secrets: {
    signing: [
      { kid: "new", secret: secretOf(key) },
      { kid: "old", secret: secretOf(previous) },
    ],
  },
  signatures: {
    genuine: [
      said("as the specification has it", right),
      said("with the secret before", signed(body, previous)),
      said("300 s old", signed(body, key, seconds - 300)),
    ],
    forged: [
      said("nothing signed", {}),
      ...Object.keys(right).map((name) => said(`no ${name}`, without(name))),
      said("another secret", signed(body, Buffer.from("x".repeat(32)))),
      said("a changed byte", right, { body: `${body} ` }),
      said("another id", { ...right, "webhook-id": "msg_other" }),
      said("301 s old", signed(body, key, seconds - 301)),
    ],
  },
  greetings: { none: "Standard Webhooks has no greeting; senders say nothing before they sign." },
  deletions: [
    {
      name: "by its id",
      kind: "deleted",
      item: { sender: null, deleted: "play-81" },
      retracts: "play-81",
    },
    {
      name: "within its sender",
      kind: "deleted",
      item: { sender: "player", deleted: 81 },
      retracts: '["player","81"]',
    },
    {
      name: "an event of them",
      body: event("listens.deleted", { ids: ["play-81", 82] }),
      says: {
        items: [
          { account: '[null,"u-7"]', kind: "deleted", body: { sender: null, deleted: "play-81" } },
          { account: '[null,"u-7"]', kind: "deleted", body: { sender: null, deleted: 82 } },
        ],
      },
    },
  ],
  deauthorisations: [
    {
      name: "an account that ended",
      body: event("account.ended", {}),
      says: {
        ends: [
          {
            account: '[null,"u-7"]',
            why: "grant-ended",
            saidMs: Date.UTC(2026, 10, 21, 11, 59, 58),
          },
        ],
      },
    },
  ],
  timeZones: [
    { name: "an hour east", kind: "listen", item: item(), at: "2026-11-14T08:00:00Z" },
    {
      name: "UTC",
      kind: "listen",
      item: item({ listenedAt: "2026-11-14T08:00:00Z" }),
      at: "2026-11-14T08:00:00Z",
    },
  ],
  unknownType: { kind: "listen", item: item(), none: "A listen is of no type: it was listened." },
  malformed: [
    { name: "cut short", body: body.slice(0, -2), fault: "not-json" },
    { name: "no list", body: event("listens.submitted", {}), fault: "not-understood" },
    {
      name: "one more than a thousand",
      body: event("listens.submitted", { listens: Array.from({ length: 1001 }, () => listen()) }),
      fault: "not-understood",
    },
    {
      name: "no account",
      body: event("listens.deleted", { account: null }),
      fault: "not-understood",
    },
    {
      name: "no listen",
      kind: "listen",
      item: { sender: null, listen: [] },
      fault: "not-an-object",
    },
    {
      name: "no id to delete",
      kind: "deleted",
      item: { sender: null, deleted: "" },
      fault: "no-id",
    },
    bad("no id", "no-id", { id: null }),
    bad("no time", "no-start", { listenedAt: null }),
    bad("a time without a zone", "no-zone", { listenedAt: "2026-11-14T09:00:00" }),
    bad("a time ahead of us", "start-in-future", { listenedAt: "2026-11-21T01:00:01Z" }),
    bad("before October 2002", "start-too-early", { listenedAt: "2002-09-30T23:59:59Z" }),
    bad("no artist", "no-artist", { artist: "" }),
    bad("no track", "no-track", { track: 5 }),
    bad("a long artist", "bad-artist", { artist: "a".repeat(501) }),
    bad("a negative length", "bad-duration", { durationSeconds: -1 }),
    bad("played for more than a day", "bad-played", { playedSeconds: 86_401 }),
    bad("a country in words", "bad-territory", { territory: "Germany" }),
    bad("a recording of 201 characters", "bad-recording", { recording: "a".repeat(201) }),
  ],
};
