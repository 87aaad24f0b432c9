/** What Square has to show: signed here with node:crypto, over the address and the body. */
import { createHmac } from "node:crypto";
import type { MalformedCase, ProviderCases, SignedCase } from "./form.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);
const [current, previous] = ["square-newer-key", "square-key-before"];
export const address = "https://singlet.example/webhooks/square/wk_members-own";

const eur = (amount: number) => ({ amount, currency: "EUR" });
export const payment = (more: object = {}) => ({
  id: "hYy9pRFVxpDsO1FB05SunFWUe9JZY",
  status: "COMPLETED",
  created_at: "2026-11-14T07:00:01.081Z",
  updated_at: "2026-11-14T07:00:03.116Z",
  location_id: "S8GWD5R9QB376",
  order_id: "03O3USaPaAaFnI6kkwB1JxGgBsUZY",
  customer_id: "RDX9Z4XTIZR7MRZJUXNY9HUK6I",
  amount_money: eur(2_500),
  tip_money: eur(300),
  total_money: eur(2_800),
  ...more,
});
export const refund = (more: object = {}) => ({
  id: "UNOE3kv2BZwqHlJ830RCt5YCuaB_xVteEWVFkXDvKN1ddidfJWipt8p9whmElKT5mZtJ7wZ",
  payment_id: "hYy9pRFVxpDsO1FB05SunFWUe9JZY",
  status: "COMPLETED",
  created_at: "2026-11-15T09:00:00Z",
  updated_at: "2026-11-15T09:00:02Z",
  location_id: "S8GWD5R9QB376",
  amount_money: eur(1_000),
  ...more,
});
export const event = (type: string, object: object) =>
  JSON.stringify({
    merchant_id: "6SSW7HV8K2ST5",
    type,
    event_id: "13b867cf-db3d-4b1c-90b6-2f32a9d78124",
    created_at: "2026-11-14T07:00:04.5Z",
    data: { type: type.split(".")[0], id: "hYy9", object },
  });
const body = event("payment.updated", { payment: payment() });

const header = "x-square-hmacsha256-signature";
const mac = (secret: string, text: string, encoding: "base64" | "hex" = "base64") =>
  createHmac("sha256", secret).update(text).digest(encoding);
const said = (name: string, signature: string | null, more: Partial<SignedCase> = {}) => ({
  ...{ name, body, nowMs, address },
  headers: signature === null ? {} : { [header]: signature },
  ...more,
});
const right = mac(current, address + body);

const bad = (name: string, fault: string, more: object): MalformedCase => ({
  ...{ name, kind: "payment", fault },
  item: payment(more),
});

export const cases: ProviderCases = {
  secrets: { signing: [current, { kid: "before", secret: previous }] },
  signatures: {
    genuine: [
      said("as it comes", right),
      said("under the key before", mac(previous, address + body)),
      said("an empty body", mac(current, address), { body: "" }),
    ],
    forged: [
      said("no header", null),
      said("under another key", mac("another", address + body)),
      said("over the body alone", mac(current, body)),
      said("for another address", right, { address: address.replace("own", "other") }),
      said("for the same without encryption", right, { address: address.replace("https", "http") }),
      said("over the body before the address", mac(current, body + address)),
      said("a changed byte", right, { body: body.replace("2500", "2501") }),
      said("in hex", mac(current, address + body, "hex")),
      said("half of it", right.slice(0, 24)),
    ],
  },
  greetings: { none: "Square asks nothing of an address before it delivers." },
  deletions: { none: "A payment that came to nothing says so by its status, and sells nothing." },
  deauthorisations: [
    {
      name: "a merchant that let go of the application",
      body: event("oauth.authorization.revoked", {
        revocation: { revoked_at: "2026-11-14T07:00:04Z", revoker_type: "MERCHANT" },
      }),
      says: {
        ends: [{ account: "", why: "grant-ended", saidMs: Date.UTC(2026, 10, 14, 7, 0, 4) }],
      },
    },
  ],
  timeZones: [
    { name: "in UTC", kind: "payment", item: payment(), at: "2026-11-14T07:00:01.081Z" },
    {
      name: "with an offset",
      kind: "refund",
      item: refund({ created_at: "2026-11-14T23:30:00-08:00" }),
      at: "2026-11-15T07:30:00Z",
    },
  ],
  unknownType: { kind: "payment", item: payment(), none: "A payment is of no type that counts." },
  malformed: [
    { name: "cut short", body: body.slice(0, -3), fault: "not-json" },
    { name: "a list", body: "[]", fault: "not-understood" },
    { name: "no payment in it", body: event("payment.created", {}), fault: "not-understood" },
    { name: "not an object", kind: "payment", item: 7, fault: "not-an-object" },
    bad("no id", "no-id", { id: "" }),
    bad("no revision", "no-revision", { updated_at: "soon" }),
    bad("no time", "no-time", { created_at: null }),
    bad("a time without a zone", "no-zone", { created_at: "2026-11-14T07:00:01" }),
    bad("no store", "no-store", { location_id: null }),
    bad("no money", "bad-amount", { total_money: null }),
    bad("a fraction of a cent", "bad-amount", { total_money: eur(10.5) }),
    bad("two currencies", "bad-amount", { amount_money: { amount: 2_500, currency: "USD" } }),
  ],
};
