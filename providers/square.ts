/**
 * Square tells of each payment and each refund at a merchant's tills and shop, whole and whenever it
 * changes, to an address that ends with the merchant's own key. Each delivery is signed besides: base64
 * of HMAC-SHA-256 over the address, as Square was told it, followed by the raw body, under the signature
 * key of the subscription. No time is signed, so only identity and revision keep a replay from doing
 * anything. A payment is a sale once it is completed, and one line: what was sold stands in its order,
 * of which an event says only that it changed. A refund is a sale of its own that took money back.
 * Deliveries come more than once and in any order; `updated_at` says which is the newer. Card numbers
 * are never sent.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import type { SaleLine } from "../domain/sales/schema.ts";
import type { Instant } from "../domain/time.ts";
import {
  type Delivery,
  type Draft,
  type ItemFault,
  nothing,
  type ParseFault,
  type Provider,
  senders,
} from "./provider.ts";
import {
  comingTo,
  currencyOf,
  dayOf,
  lineOf,
  referencesOf,
  saleFields,
  saleText,
  wholeMinorOf,
} from "./sale.ts";
import {
  type Fields,
  fieldsOf,
  instantOf,
  isFields,
  jsonOf,
  momentOf,
  rawOf,
  wordOf,
} from "./untrusted.ts";

const kinds = { payment: "payment", refund: "refund" } as const;

function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  const { type, data } = fieldsOf(json);
  if (typeof type !== "string" || !isFields(data)) return err("not-understood");
  const [about = ""] = type.split(".");
  const of = fieldsOf(data.object);
  if (about === kinds.payment || about === kinds.refund)
    return isFields(of[about])
      ? ok({ ...nothing, items: [{ account: senders, kind: about, body: of[about] }] })
      : err("not-understood");
  if (type === "oauth.authorization.revoked") {
    const saidMs = instantOf(fieldsOf(of.revocation).revoked_at);
    return ok({ ...nothing, ends: [{ account: senders, why: "grant-ended", saidMs }] });
  }
  // Of an order it says only that there is one, and which: nothing comes of it.
  return ok(about === "order" ? nothing : { ...nothing, unknown: 1 });
}

interface Money {
  readonly minor: number;
  readonly currency: string;
}

/** In the currency's smallest unit, as Square has all money; null when it is none. */
function moneyOf(v: unknown): Money | null {
  const { amount, currency } = fieldsOf(v);
  const [minor, code] = [wholeMinorOf(amount), currencyOf(currency)];
  return minor === null || code === null ? null : { minor, currency: code };
}

/** Neither sold nor taken back: yet, or ever. */
const noSale = lineOf("payment", 0);
const done = "COMPLETED";

/** What was asked for the goods, and what came on top: tips, where there are any. */
function paidLines({ amount_money, total_money, status }: Fields, total: Money) {
  if (status !== done) return [noSale];
  const goods = moneyOf(amount_money) ?? total;
  const isBad = goods.currency !== total.currency || !isFields(total_money);
  return isBad ? null : comingTo([lineOf("item", goods.minor)], total.minor);
}

const refundLines = ({ status }: Fields, { minor }: Money): readonly SaleLine[] =>
  status === done ? [lineOf("item", -minor + 0)] : [noSale];

/**
 * All that is read, but whose it is, which the sale keeps as a digest; addresses, receipts, notes and
 * what is said of the card are not kept.
 */
const readFields = [
  ...["id", "status", "created_at", "updated_at", "location_id", "order_id"],
  ...["payment_id", "amount_money", "total_money"],
];

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== kinds.payment && kind !== kinds.refund) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const id = wordOf(item.id);
  if (id === null) return err("no-id");
  const revision = instantOf(item.updated_at);
  if (revision === null) return err("no-revision");
  const at = momentOf(item.created_at);
  if (at === "no-zone") return err("no-zone");
  if (at === null) return err("no-time");
  const isPayment = kind === kinds.payment;
  const money = moneyOf(isPayment ? item.total_money : item.amount_money);
  if (money === null) return err("bad-amount");
  const lines = isPayment ? paidLines(item, money) : refundLines(item, money);
  if (lines === null) return err("bad-amount");
  const sale = {
    at: at.atMs,
    store: saleText(item.location_id),
    region: null,
    businessDay: dayOf(at),
    currency: money.currency,
    lines,
    references: referencesOf(isPayment ? [id, item.order_id] : [item.payment_id, id]),
    cards: [],
  };
  const fields = saleFields(sale, receivedMs);
  if (!fields.ok) return fields;
  const kept = readFields.filter((name) => Object.hasOwn(item, name));
  const text = rawOf(Object.fromEntries(kept.map((name) => [name, item[name]])));
  if (text === null) return err("too-deep");
  const person = wordOf(item.customer_id);
  const sourceId = JSON.stringify([kind, id]);
  const raw = { column: isPayment ? "raw" : "raw_refund", text };
  return ok({ sourceId, revision, fields: fields.value, copyOf: null, person, raw });
}

const columns: Readonly<Record<string, string>> = {
  raw: kinds.payment,
  raw_refund: kinds.refund,
};

export const square = {
  name: "square",
  stream: "sales",
  edition: 1,
  facts: {
    title: "Square",
    delivery: "push",
    bodyBytesMax: 1024 * 1024,
    received: 200,
    answerWithinMs: 10_000,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity: "the payment's id, or the refund's",
    revision: "updated_at of the payment or refund",
    deletion: "never said: a payment that was cancelled or failed says so, and sells nothing",
    deauthorisation: "oauth.authorization.revoked, signed",
    timeZone: "created_at, which Square says in UTC: so is the business day",
    doubts: [
      "the business day is UTC's, because neither a payment nor a refund says where on the clock it was",
      "what was sold is not said: an event of an order names it and no more, so a payment is one line without an article, and one more for what came on top of it (tips)",
      "an order that was paid in parts is as many sales as payments",
      "refunded_money of a payment is passed over, because each refund is said by itself; a refund counts once it is completed",
      "a payment that is approved and not yet completed is no sale yet",
      "each subscription has a signature key of its own: as many as four count for the whole deployment, so merchants share an application's subscription or have a deployment of their own",
    ],
    documentation: "https://developer.squareup.com/docs/webhooks/step3validate",
    readOn: "2026-11-22",
  },
  signature: {
    kind: "member-key",
    besides: {
      kind: "hmac",
      hash: "SHA-256",
      key: "text",
      signed: ["address", "body"],
      headers: [{ signature: "x-square-hmacsha256-signature" }],
      form: "base64",
    },
  },
  parse,
  normalise,
  again(column, slice) {
    const kind = Object.hasOwn(columns, column) ? columns[column] : undefined;
    return kind === undefined ? null : { kind, body: slice };
  },
  memberKey: {
    how: "In Square's developer console add a webhook subscription with the address as its notification URL, exactly as it stands here, and the events of payments, refunds and oauth.authorization.revoked. The key stands at the end of the address.",
  },
} satisfies Provider;
