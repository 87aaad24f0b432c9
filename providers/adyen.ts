/**
 * Adyen notifies of what became of a payment: authorised, captured, refunded, charged back. It posts one
 * or a few items a body to an address that ends with the merchant's own key, and signs each item by
 * itself: base64 of HMAC-SHA-256 over eight of its values, parted by colons, under a key in hex. The date
 * and all else of an item are not among them. It waits for `[accepted]`. An item is a sale of payment
 * lines alone, which are kept apart from what was sold: the same money stands in an order or at a till.
 * Known lies: amounts of CLP, CVE, IDR and ISK have other decimals here than in ISO 4217; `success` and
 * `live` are texts.
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
  currencyOf,
  dayOf,
  exponentOf,
  lineOf,
  referencesOf,
  saleFields,
  saleText,
  wholeMinorOf,
} from "./sale.ts";
import { fieldsOf, isFields, jsonOf, momentOf, rawOf, wordOf } from "./untrusted.ts";

const kind = "notification";

/** What became of the money, by event: paid, taken back, or only moved on. Others are no money's. */
const effects = {
  AUTHORISATION: "paid",
  CAPTURE: "captured",
  CAPTURE_FAILED: "back",
  CANCELLATION: "back",
  CANCEL_OR_REFUND: "back",
  TECHNICAL_CANCEL: "back",
  EXPIRE: "back",
  REFUND: "back",
  REFUND_FAILED: "paid",
  REFUNDED_REVERSED: "paid",
  CHARGEBACK: "back",
  CHARGEBACK_REVERSED: "paid",
  SECOND_CHARGEBACK: "back",
} as const;
type EventCode = keyof typeof effects;

const eventOf = (v: unknown): EventCode | null =>
  typeof v === "string" && Object.hasOwn(effects, v) ? (v as EventCode) : null;

function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  if (json === undefined) return err("not-json");
  const { notificationItems: list } = fieldsOf(json);
  if (!Array.isArray(list)) return err("not-understood");
  const all = list.flatMap((one) => {
    const { NotificationRequestItem: item } = fieldsOf(one);
    return isFields(item) ? [item] : [];
  });
  if (all.length === 0) return err("not-understood");
  const ours = all.filter(({ eventCode }) => eventOf(eventCode) !== null);
  const items = ours.map((item) => ({ account: senders, kind, body: item }));
  return ok({ ...nothing, items, unknown: all.length - ours.length });
}

/** Decimals of an amount where they are not ISO's (docs.adyen.com, "Currency codes"). */
const decimals: ReadonlyMap<string, number> = new Map([
  ["CLP", 2],
  ["CVE", 0],
  ["IDR", 0],
  ["ISK", 2],
]);

/** Null when it is none, or finer than the currency is. */
function minorOf(value: unknown, currency: string): number | null {
  const minor = wholeMinorOf(value);
  if (minor === null) return null;
  const exponent = exponentOf(currency);
  const finer = (decimals.get(currency) ?? exponent) - exponent;
  const scaled = finer > 0 ? minor / 10 ** finer : minor * 10 ** -finer;
  return Number.isSafeInteger(scaled) ? scaled : null;
}

/**
 * Each under its event's name. What is captured was authorised before: it moves from the one to the
 * other, and counts once.
 */
function linesOf(event: EventCode, isDone: boolean, minor: number): readonly SaleLine[] {
  const line = (of: EventCode, amount: number) => lineOf("payment", amount + 0, { sku: of });
  if (!isDone) return [line(event, 0)];
  const effect = effects[event];
  if (effect === "captured") return [line(event, minor), line("AUTHORISATION", -minor)];
  return [line(event, effect === "paid" ? minor : -minor)];
}

const shopperOf = (item: unknown): string | null =>
  wordOf(fieldsOf(fieldsOf(item).additionalData).shopperReference);

/**
 * All that is read, but whose it is, which the sale keeps as a digest; the rest, what is said of the
 * card among it, is not kept.
 */
const readFields = [
  ...["pspReference", "originalReference", "merchantAccountCode", "merchantReference", "amount"],
  ...["eventCode", "eventDate", "success"],
];

function normalise(said: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (said !== kind) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const event = eventOf(item.eventCode);
  const reference = wordOf(item.pspReference);
  if (event === null || reference === null) return err("no-id");
  const at = momentOf(item.eventDate);
  if (at === "no-zone") return err("no-zone");
  if (at === null) return err("no-time");
  const { value, currency: code } = fieldsOf(item.amount);
  const currency = currencyOf(code);
  if (currency === null) return err("no-currency");
  const minor = minorOf(value, currency);
  if (minor === null) return err("bad-amount");
  const isDone = item.success === "true" || item.success === true;
  const sale = {
    at: at.atMs,
    store: saleText(item.merchantAccountCode),
    region: null,
    businessDay: dayOf(at),
    currency,
    lines: linesOf(event, isDone, minor),
    references: referencesOf([item.merchantReference, item.originalReference, reference]),
    cards: [],
  };
  const fields = saleFields(sale, receivedMs);
  if (!fields.ok) return fields;
  const kept = readFields.filter((name) => Object.hasOwn(item, name));
  const text = rawOf(Object.fromEntries(kept.map((name) => [name, item[name]])));
  if (text === null) return err("too-deep");
  const person = shopperOf(item);
  const sourceId = JSON.stringify([reference, event]);
  const raw = { column: "raw", text };
  return ok({ sourceId, revision: at.atMs, fields: fields.value, copyOf: null, person, raw });
}

export const adyen = {
  name: "adyen",
  stream: "sales",
  edition: 1,
  facts: {
    title: "Adyen",
    delivery: "push",
    bodyBytesMax: 1024 * 1024,
    received: 202,
    receivedText: "[accepted]",
    answerWithinMs: 10_000,
    othersMaySee: false,
    onDeauthorised: "keep",
    identity: "pspReference and eventCode",
    revision: "eventDate, in milliseconds",
    deletion: "never said: what is undone is another event",
    deauthorisation: "never said: the webhook is taken away on Adyen's pages",
    timeZone: "the offset of eventDate, which is Adyen's where the account is",
    doubts: [
      "eventDate is not among the signed values, so the order of two statements and their day are as true as the way they came",
      "what is captured counts once: it moves from AUTHORISATION to CAPTURE, so that payments of accounts that capture at once, which are told of no capture, and of those that do not come to the same; a part that is never captured counts until a cancellation or an expiry says so",
      "an event that says success false adds nothing; one that says neither true nor false adds nothing either",
      "`live` is not signed: notifications of the test environment are told by their key, which is another",
      "colons and backslashes are signed with a backslash before them, as Adyen's library for Java has it; its library for Node leaves the backslash out, so a reference with a colon that is signed that way is refused",
      "each webhook has a key of its own: as many as four count for the whole deployment",
    ],
    documentation:
      "https://docs.adyen.com/development-resources/webhooks/secure-webhooks/verify-hmac-signatures",
    readOn: "2026-11-22",
  },
  signature: {
    kind: "member-key",
    besides: {
      kind: "items",
      hash: "SHA-256",
      key: "hex",
      items: "notificationItems.*.NotificationRequestItem",
      signature: "additionalData.hmacSignature",
      signed: [
        ...["pspReference", "originalReference", "merchantAccountCode", "merchantReference"],
        ...["amount.value", "amount.currency", "eventCode", "success"],
      ],
    },
  },
  parse,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind, body: slice } : null),
  memberKey: {
    how: "On Adyen's pages, under Developers and Webhooks, add a Standard webhook with the address as its server URL and JSON as its method, and enter the HMAC key that your operator has. The key of the address stands at its end.",
  },
} satisfies Provider;
