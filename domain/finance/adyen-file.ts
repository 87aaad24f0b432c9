/**
 * A row of Adyen's settlement details report (docs.adyen.com, "Settlement detail report structure",
 * read 2026-11-22). Gross columns (GC) say what the shopper paid or got back, net columns (NC) what
 * was settled of it; commission, markup, scheme fees and interchange are the fee, in the net
 * currency. Rows of fees, corrections and payouts have net columns only.
 */
import { err, ok } from "../result.ts";
import { isLocalDate } from "../time.ts";
import { isCurrency, minorOf } from "./money.ts";
import type { SettledKind } from "./reconcile.ts";
import type { RowRead } from "./settlement-file.ts";

/** In lower case, as headers are compared; the report has more. */
export const adyenColumns = [
  "psp reference",
  "merchant reference",
  "creation date",
  "type",
  "gross currency",
  "gross debit (gc)",
  "gross credit (gc)",
  "net currency",
  "net debit (nc)",
  "net credit (nc)",
] as const;
const feeColumns = [
  "commission (nc)",
  "markup (nc)",
  "scheme fees (nc)",
  "interchange (nc)",
] as const;

/** By how a type begins; what none of these is, corrects something. */
const kinds: readonly (readonly [string, SettledKind])[] = [
  ["settled", "charge"],
  ["refunded", "refund"],
  ["chargeback", "dispute"],
  ["secondchargeback", "dispute"],
  ["fee", "fee"],
  ["misccosts", "fee"],
  ["invoicededuction", "fee"],
  ["paymentcost", "fee"],
  ["merchantpayout", "payout"],
  ["paidout", "payout"],
  ["bankinstructionreturned", "payout"],
  ["depositcorrection", "reserve"],
  ["balancetransfer", "reserve"],
];

export function adyenRow(cell: (name: string) => string): RowRead {
  const type = cell("type").toLowerCase();
  if (type === "") return err("kind");
  const kind = kinds.find(([begins]) => type.startsWith(begins))?.[1] ?? "adjustment";
  const isGross = cell("gross credit (gc)") !== "" || cell("gross debit (gc)") !== "";
  const currency = cell(isGross ? "gross currency" : "net currency");
  if (!isCurrency(currency)) return err("currency");
  const of = (name: string) => minorOf(cell(name) || "0", currency);
  const [credit, debit] = isGross
    ? [of("gross credit (gc)"), of("gross debit (gc)")]
    : [of("net credit (nc)"), of("net debit (nc)")];
  if (!credit.ok || !debit.ok) return err("amount");
  let feeMinor = 0;
  for (const name of isGross ? feeColumns : []) {
    if (cell(name) === "") continue;
    // A fee in another currency than its amount cannot stand beside it.
    if (cell("net currency") !== currency) return err("two-currencies");
    const fee = of(name);
    if (!fee.ok) return err("fee");
    feeMinor += fee.value;
  }
  const day = cell("creation date").slice(0, "2026-11-14".length);
  if (!isLocalDate(day)) return err("day");
  const names = [cell("merchant reference"), cell("psp reference")];
  return ok({
    ...{ kind, currency, amountMinor: credit.value - debit.value, feeMinor, day },
    references: names.filter((name) => name !== ""),
  });
}
