/** What Shopify has to show: bodies of our own making in its form, signed here with node:crypto. */
import { createHmac } from "node:crypto";
import type { MalformedCase, ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);
const [current, previous] = ["shpss_the-newer-one", "shpss_the-one-before"];

export const order = (more: object = {}) => ({
  id: 5_613_447_676_094,
  admin_graphql_api_id: "gid://shopify/Order/5613447676094",
  name: "#1042",
  test: false,
  currency: "EUR",
  created_at: "2026-11-14T08:00:00+01:00",
  processed_at: "2026-11-14T08:00:01+01:00",
  updated_at: "2026-11-14T08:00:03+01:00",
  cancelled_at: null,
  taxes_included: false,
  total_price: "29.75",
  current_total_price: "29.75",
  total_tax: "4.75",
  location_id: null,
  customer: { id: 207_119_551, email: "ada@shop.example" },
  shipping_address: { country_code: "DE", address1: "Mill Lane 1" },
  line_items: [
    { id: 11, sku: "MUG-1", quantity: 2, price: "10.00", discount_allocations: [] },
    { id: 12, sku: null, variant_id: 77, quantity: 1, price: "1.00", total_discount: "1.00" },
  ],
  shipping_lines: [{ price: "5.00", discount_allocations: [] }],
  refunds: [],
  ...more,
});
const body = JSON.stringify(order());

const header = "x-shopify-hmac-sha256";
const mac = (secret: string, text: string | Buffer, encoding: "base64" | "hex" = "base64") =>
  createHmac("sha256", secret).update(text).digest(encoding);
const said = (name: string, signature: string | null, text: SignedCase["body"] = body) => ({
  ...{ name, body: text, nowMs },
  headers: signature === null ? {} : { [header]: signature },
});
const right = mac(current, body);
const notText = Buffer.from([0xff, 0x00, 0xfe, 0x24]);

const bad = (name: string, fault: string, more: object): MalformedCase => ({
  ...{ name, kind: "order", fault },
  item: order(more),
});

export const cases: ProviderCases = {
  secrets: { signing: [current, { kid: "before", secret: previous }] },
  signatures: {
    genuine: [
      said("as it comes", right),
      said("under the secret before", mac(previous, body)),
      said("over bytes that are no text", mac(current, notText), Uint8Array.from(notText)),
      said("over dollars", mac(current, "$& $$"), "$& $$"),
    ],
    forged: [
      said("no header", null),
      said("an empty one", ""),
      said("under another secret", mac("another", body)),
      said("a changed byte", right, body.replace("29.75", "29.76")),
      said("in hex", mac(current, body, "hex")),
      said("with a tail", `${right} `.replace(" ", "=")),
      said("half of it", right.slice(0, 20)),
      said("twice", `${right}, ${right}`),
      said("over a body with a line more", right, `${body}\n`),
    ],
  },
  greetings: { none: "Shopify asks nothing of an address before it delivers." },
  deletions: [
    { name: "an order that was deleted", kind: "deleted", item: { id: 7 }, retracts: "7" },
    {
      name: "one whose number JSON cannot hold",
      kind: "deleted",
      item: JSON.parse(
        '{"id":820982911946154508,"admin_graphql_api_id":"gid://shopify/Order/820982911946154508"}',
      ),
      retracts: "820982911946154508",
    },
  ],
  deauthorisations: [
    {
      name: "a shop that took the app away",
      headers: { "x-shopify-topic": "app/uninstalled" },
      body: JSON.stringify({
        id: 548_380_009,
        myshopify_domain: "mugs.myshopify.com",
        updated_at: "2026-11-14T08:00:00+01:00",
      }),
      says: {
        ends: [{ account: "", why: "grant-ended", saidMs: Date.UTC(2026, 10, 14, 7) }],
      },
    },
  ],
  timeZones: [
    {
      name: "when it was processed, by its offset",
      kind: "order",
      item: order(),
      at: "2026-11-14T07:00:01Z",
    },
    {
      name: "when it was made, where nothing says when it was processed",
      kind: "order",
      item: order({ processed_at: null, created_at: "2026-11-14T23:30:00-05:00" }),
      at: "2026-11-15T04:30:00Z",
    },
  ],
  unknownType: { kind: "order", item: order(), none: "An order is of no type that it names." },
  malformed: [
    { name: "cut short", body: body.slice(0, -3), fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no order, and no topic", body: '{"id":7}', fault: "not-understood" },
    { name: "not an object", kind: "order", item: [], fault: "not-an-object" },
    bad("no id", "no-id", { id: null, admin_graphql_api_id: null }),
    bad("no revision", "no-revision", { updated_at: null }),
    bad("no time", "no-time", { processed_at: null, created_at: "yesterday" }),
    bad("a time without a zone", "no-zone", { processed_at: "2026-11-14T08:00:00" }),
    bad("of a year to come", "in-future", { processed_at: "2031-11-14T08:00:00Z" }),
    bad("no currency", "no-currency", { currency: "euros" }),
    bad("a total in words", "bad-amount", { total_price: "free" }),
    bad("finer than a cent", "bad-amount", { total_price: "29.755" }),
    bad("more lines than are kept", "too-many-lines", {
      line_items: new Array(2_001).fill({ id: 1, sku: "A", quantity: 1, price: "0.00" }),
    }),
  ],
};
