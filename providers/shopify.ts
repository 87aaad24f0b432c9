/**
 * Shopify says each change of an order by repeating all of it, its refunds among it, to an address that
 * ends with the merchant's own key. Each delivery is signed besides: base64 of HMAC-SHA-256 over the raw
 * body under the app's client secret. Topic and shop stand in headers, which nothing signs: a topic
 * alone is never believed, the body has to be of its form. No time is signed either, so only identity
 * and revision keep a replay from doing anything. Deliveries come more than once and in any order; the
 * order's own `updated_at`, in whole seconds, says which is the newer. Names, addresses and notes are
 * looked through for card numbers and not kept. Known lie: the sample order of "Send test notification"
 * has an id beyond 2^53, which JSON's numbers cannot hold; its `admin_graphql_api_id` has it right.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { neverReturns } from "../domain/stream.ts";
import type { Instant } from "../domain/time.ts";
import {
  type Delivery,
  type Draft,
  type Item,
  type ItemFault,
  nothing,
  type ParseFault,
  type Provider,
  type Said,
  senders,
} from "./provider.ts";
import { currencyOf, dayOf, referencesOf, saleFields, saleText } from "./sale.ts";
import { keptOf } from "./shopify/kept.ts";
import { linesOf } from "./shopify/lines.ts";
import {
  type Fields,
  fieldsOf,
  idOf,
  instantOf,
  isFields,
  jsonOf,
  momentOf,
  rawOf,
  wordOf,
} from "./untrusted.ts";

const kinds = { order: "order", deleted: "deleted" } as const;

/** A subscription may leave its lines out (`include_fields`): then its total is one line. */
const isOrder = (json: Fields, topic: string | null): boolean =>
  json.total_price !== undefined &&
  orderIdOf(json) !== null &&
  (topic?.startsWith("orders/") ?? Array.isArray(json.line_items));

/** What a topic is worth where the body is no order; undefined: it is none that is known. */
const byTopic: Readonly<Record<string, (json: Fields) => Delivery | null>> = {
  "orders/delete": (json) =>
    orderIdOf(json) === null ? null : { ...nothing, items: [itemOf(kinds.deleted, json)] },
  "customers/redact": (json) => {
    const person = idOf(fieldsOf(json.customer).id);
    // A request for data names the customer alike, and its topic is as little signed.
    const isOther = json.data_request !== undefined || json.orders_requested !== undefined;
    const isRequest = typeof json.shop_domain === "string" && !isOther;
    return person === null || !isRequest
      ? null
      : { ...nothing, forgettings: [{ account: senders, person }] };
  },
  "app/uninstalled": (json) =>
    typeof json.myshopify_domain === "string"
      ? { ...nothing, ends: [{ ...ended, saidMs: instantOf(json.updated_at) }] }
      : null,
};
const ended = { account: senders, why: "grant-ended" as const };
/** Known, and nothing comes of it: an order says it again, or it is the merchant's to answer. */
const ofNoUse = /^(?:customers\/data_request|shop\/redact|refunds\/|fulfillments\/|order_)/;

const itemOf = (kind: string, body: Fields): Item => ({ account: senders, kind, body });

function parse(body: string, said?: Said): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  if (!isFields(json)) return err("not-understood");
  const topic = said?.header("x-shopify-topic") ?? null;
  if (isOrder(json, topic)) {
    // Made by a gateway for practice, or by "Send test notification".
    if (json.test === true) return ok(nothing);
    return ok({ ...nothing, items: [itemOf(kinds.order, json)] });
  }
  const read = topic !== null && Object.hasOwn(byTopic, topic) ? byTopic[topic] : undefined;
  if (read !== undefined) {
    const delivery = read(json);
    return delivery === null ? err("not-understood") : ok(delivery);
  }
  if (topic === null) return err("not-understood");
  return ok(ofNoUse.test(topic) ? nothing : { ...nothing, unknown: 1 });
}

/** Beyond 2^53 a number is no longer the one that was written; its other name still is. */
function orderIdOf({ id, admin_graphql_api_id: name }: Fields): string | null {
  const [, digits] = /^gid:\/\/shopify\/Order\/(\d{1,19})$/.exec(wordOf(name) ?? "") ?? [];
  return idOf(id) ?? idOf(digits);
}

const customerOf = (order: Fields): string | null => idOf(fieldsOf(order.customer).id);

/** The country that it goes to, or whose bill it is. */
function regionOf({ shipping_address, billing_address }: Fields): string | null {
  const codes = [shipping_address, billing_address].map((of) => fieldsOf(of).country_code);
  const code = codes.find((one) => typeof one === "string" && /^[A-Z]{2}$/.test(one));
  return typeof code === "string" ? code : null;
}

/** A place of the merchant's own, where somebody stood at its till; else the shop on the web. */
const web = "web";

function normalise(kind: string, order: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== kinds.order && kind !== kinds.deleted) return err("unknown-kind");
  if (!isFields(order)) return err("not-an-object");
  const sourceId = orderIdOf(order);
  if (sourceId === null) return err("no-id");
  if (kind === kinds.deleted) return ok({ sourceId, revision: neverReturns, retracted: true });
  const revision = instantOf(order.updated_at);
  if (revision === null) return err("no-revision");
  const at = momentOf(order.processed_at ?? order.created_at);
  if (at === "no-zone") return err("no-zone");
  if (at === null) return err("no-time");
  const currency = currencyOf(order.currency);
  if (currency === null) return err("no-currency");
  const lines = linesOf(order, currency);
  if (lines === null) return err("bad-amount");
  const sale = {
    at: at.atMs,
    store: idOf(order.location_id) ?? web,
    region: regionOf(order),
    businessDay: dayOf(at),
    currency,
    lines,
    references: referencesOf([sourceId, order.name, order.checkout_id, saleText(order.token)]),
    cards: [],
  };
  const fields = saleFields(sale, receivedMs);
  if (!fields.ok) return fields;
  const text = rawOf(keptOf(order));
  if (text === null) return err("too-deep");
  const raw = { column: "raw", text };
  const person = customerOf(order);
  return ok({ sourceId, revision, fields: fields.value, copyOf: null, person, raw });
}

export const shopify = {
  name: "shopify",
  stream: "sales",
  edition: 1,
  facts: {
    title: "Shopify",
    delivery: "push",
    bodyBytesMax: 4 * 1024 * 1024,
    received: 200,
    answerWithinMs: 5_000,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity: "the order's id",
    revision: "the order's updated_at; refunds and cancellations are a part of the order",
    deletion: "orders/delete, for good",
    deauthorisation: "app/uninstalled, signed",
    timeZone: "the offset of processed_at, which is the shop's; of created_at where it is missing",
    doubts: [
      "updated_at counts whole seconds: of two different statements of one second the one that came first stands, until the next change",
      "the app's secret signs for all of its shops, so the member's key alone tells whose a delivery is; topic and shop stand in headers that nothing signs",
      "the addresses for customers/redact, shop/redact and customers/data_request are an app's and not a shop's: with a merchant's key in them they serve an app of that one merchant",
      "shop/redact and customers/data_request are answered as received; what they ask for is the merchant's to do here",
      "what an order comes to is total_price, and current_total_price once something changed; what no line explains is one line more: what was taken off the whole, or tips, duties and rounding",
      "an order is a sale from when it is placed, paid or not; a cancelled one comes to nothing line by line",
      "amounts are the shop's, not those that were shown to the customer in another currency",
      "orders that say test are made by practice gateways or by Shopify's own sample, and are nothing",
    ],
    documentation: "https://shopify.dev/docs/api/webhooks",
    readOn: "2026-11-22",
  },
  signature: {
    kind: "member-key",
    besides: {
      kind: "hmac",
      hash: "SHA-256",
      key: "text",
      signed: ["body"],
      headers: [{ signature: "x-shopify-hmac-sha256" }],
      form: "base64",
    },
  },
  parse,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: kinds.order, body: slice } : null),
  memberKey: {
    how: "In the app that you made for your shop, subscribe the topics orders/create, orders/updated, orders/cancelled, orders/delete and app/uninstalled to the address, as JSON. The key stands at the end of the address.",
  },
} satisfies Provider;
