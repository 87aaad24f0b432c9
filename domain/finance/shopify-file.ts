/**
 * One of Shopify's balance transactions, as `GET …/shopify_payments/balance/transactions.json` lists
 * them (read 2026-11-22): `type`, `currency`, `amount`, `fee` and `net` as decimal text,
 * `source_order_id` or null, `processed_at` with its offset. `net` is not trusted: in Shopify's own
 * example it is now less and now more than `amount` by the fee.
 */
import { err, ok } from "../result.ts";
import { isLocalDate } from "../time.ts";
import { isCurrency, minorOf } from "./money.ts";
import type { SettledKind } from "./reconcile.ts";
import type { RowRead } from "./settlement-file.ts";

/** What none of these is, corrects something. */
const kinds: Readonly<Record<string, SettledKind>> = {
  charge: "charge",
  refund: "refund",
  refund_failure: "refund",
  dispute: "dispute",
  chargeback: "dispute",
  reserve: "reserve",
  payout: "payout",
  payout_failure: "payout",
  payout_cancellation: "payout",
};

const textOf = (value: unknown): string =>
  typeof value === "string" || typeof value === "number" ? String(value) : "";

/** What is marked as a test moved no money. */
export function shopifyRow(item: unknown): RowRead {
  if (typeof item !== "object" || item === null || Array.isArray(item)) return err("not-an-object");
  const said = item as Readonly<Record<string, unknown>>;
  if (said.test === true) return ok(null);
  const [type, currency] = [textOf(said.type), textOf(said.currency)];
  if (type === "") return err("kind");
  if (!isCurrency(currency)) return err("currency");
  const amount = minorOf(textOf(said.amount), currency);
  if (!amount.ok) return err("amount");
  const fee = minorOf(textOf(said.fee) || "0", currency);
  if (!fee.ok) return err("fee");
  // The shop's own day, as its offset says.
  const day = textOf(said.processed_at).slice(0, "2026-11-14".length);
  if (!isLocalDate(day)) return err("day");
  const order = textOf(said.source_order_id);
  return ok({
    ...{ kind: Object.hasOwn(kinds, type) ? (kinds[type] as SettledKind) : "adjustment", currency },
    ...{ amountMinor: amount.value, feeMinor: fee.value, day },
    references: order === "" ? [] : [order],
  });
}
