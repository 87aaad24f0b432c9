/** What our door for sales has to show: signed here with node:crypto, never by our code. */
import { createHmac } from "node:crypto";
import type { MalformedCase, ProviderCases, SignedCase } from "./form.ts";

const key = Buffer.from("a key of thirty-two bytes, signed").subarray(0, 32);
const previous = Buffer.from("the one before it, also long enough");
const secretOf = (bytes: Buffer) => `whsec_${bytes.toString("base64")}`;
const nowMs = Date.UTC(2026, 10, 21, 12);
const seconds = String(nowMs / 1000);
const id = "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W";

export const sale = (more: object = {}) => ({
  id: "S-81",
  revision: 1,
  at: "2026-11-14T02:02:54+01:00",
  businessDay: "2026-11-13",
  store: "Mill Lane",
  region: "North",
  currency: "EUR",
  lines: [
    { sku: "MUG-1", quantity: 2, amount: "20.00" },
    { kind: "tax", amountMinor: 380 },
  ],
  total: "23.80",
  references: ["R-81"],
  customer: "c-7",
  cards: [],
  ...more,
});
export const event = (type: string, data: object) =>
  JSON.stringify({ type, timestamp: "2026-11-21T11:59:58Z", data: { account: "shop-7", ...data } });
const body = event("sales.recorded", { sales: [sale()] });

const v1 = (text: string, by = key) =>
  `v1,${createHmac("sha256", by).update(text).digest("base64")}`;
const textOf = (of = body, time = seconds) => `${id}.${time}.${of}`;
const headersOf = (signature: string, time = seconds) => ({
  "webhook-id": id,
  "webhook-timestamp": time,
  "webhook-signature": signature,
});
const said = (name: string, headers: SignedCase["headers"], text = body): SignedCase => ({
  ...{ name, body: text, nowMs },
  headers: headers ?? {},
});
const late = String(nowMs / 1000 + 301);

const bad = (name: string, fault: string, more: object): MalformedCase => ({
  ...{ name, kind: "sale", fault },
  item: { sender: null, sale: sale(more) },
});
const line = (more: object) => ({ lines: [{ sku: "A", quantity: 1, amount: "1.00", ...more }] });

export const cases: ProviderCases = {
  secrets: {
    signing: [
      { kid: "new", secret: secretOf(key) },
      { kid: "old", secret: secretOf(previous) },
    ],
  },
  signatures: {
    genuine: [
      said("as the specification has it", headersOf(v1(textOf()))),
      said("with the secret before", headersOf(v1(textOf(), previous))),
      said("an empty body", headersOf(v1(textOf(""))), ""),
    ],
    forged: [
      said("nothing signed", {}),
      said("another secret", headersOf(v1(textOf(), Buffer.from("x".repeat(32))))),
      said("a changed byte", headersOf(v1(textOf())), body.replace("20.00", "20.01")),
      said("301 s ahead", headersOf(v1(textOf(body, late)), late)),
      said("another id", { ...headersOf(v1(textOf())), "webhook-id": "msg_other" }),
      said("no version", headersOf(v1(textOf()).slice(3))),
    ],
  },
  greetings: { none: "Standard Webhooks has no greeting; senders say nothing before they sign." },
  deletions: [
    {
      name: "a sale that never was",
      body: event("sales.deleted", { ids: [{ id: "S-81", revision: 2 }] }),
      says: {
        items: [
          {
            account: '[null,"shop-7"]',
            kind: "deleted",
            body: { sender: null, deleted: { id: "S-81", revision: 2 } },
          },
        ],
      },
    },
    {
      name: "retracts it",
      kind: "deleted",
      item: { sender: "acme", deleted: { id: "S-81", revision: 2 } },
      retracts: '["acme","S-81"]',
    },
  ],
  deauthorisations: [
    {
      name: "an account that ended",
      body: event("account.ended", {}),
      says: { ends: [{ account: '[null,"shop-7"]', why: "grant-ended", saidMs: nowMs - 2_000 }] },
    },
  ],
  timeZones: [
    {
      name: "an offset",
      kind: "sale",
      item: { sender: null, sale: sale() },
      at: "2026-11-14T01:02:54Z",
    },
    {
      name: "UTC",
      kind: "sale",
      item: { sender: null, sale: sale({ at: "2026-11-14T02:02:54Z" }) },
      at: "2026-11-14T02:02:54Z",
    },
  ],
  unknownType: {
    kind: "sale",
    item: { sender: null, sale: sale() },
    none: "A line of a kind that is not listed is refused.",
  },
  malformed: [
    { name: "no JSON", body: "type=sales.recorded", fault: "not-json" },
    {
      name: "sales that are no list",
      body: event("sales.recorded", { sales: {} }),
      fault: "not-understood",
    },
    {
      name: "more sales than one event holds",
      body: event("sales.recorded", { sales: new Array(501).fill(sale()) }),
      fault: "not-understood",
    },
    { name: "not a sale", kind: "sale", item: { sale: 7 }, fault: "not-an-object" },
    bad("no id", "no-id", { id: null }),
    bad("no revision", "no-revision", { revision: null }),
    bad("no time", "no-time", { at: null }),
    bad("a time without a zone", "no-zone", { at: "2026-11-14T02:02:54" }),
    bad("of a year to come", "in-future", { at: "2031-11-14T02:02:54Z" }),
    bad("a day that there is not", "bad-business-day", { businessDay: "2026-02-30" }),
    bad("no store", "no-store", { store: "\u0007" }),
    bad("a region of no name", "bad-region", { region: 7.5 }),
    bad("no currency", "no-currency", { currency: "€" }),
    bad("no lines", "no-lines", { lines: null }),
    bad("more lines than are kept", "too-many-lines", { lines: new Array(2_001).fill({}) }),
    bad("a line of a kind that there is not", "bad-kind", line({ kind: "tip" })),
    bad("an article of no name", "bad-sku", line({ sku: " " })),
    bad("a part of a piece", "bad-quantity", line({ quantity: 0.5 })),
    bad("money as a fraction", "bad-amount", line({ amount: 1.5 })),
    bad("finer than a cent", "bad-amount", line({ amount: "1.005" })),
    bad("money said twice", "bad-amount", line({ amountMinor: 100 })),
    bad("no money", "bad-amount", line({ amount: null })),
    bad("a total that the lines do not come to", "bad-total", { total: "23.81" }),
    bad("a customer of no name", "bad-customer", { customer: 7 }),
  ],
};
