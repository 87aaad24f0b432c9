/**
 * The lines of a transaction at a till. What a line is worth is its extended amount; what the whole is
 * worth is the stated grand total, whatever the till's rules of discounts and rounding are: the lines
 * always come to it.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { SaleLine } from "../../domain/sales/schema.ts";
import type { ItemFault } from "../provider.ts";
import { comingTo, lineOf, minorOf, piecesOf, saleText, sumOf, takenBack } from "../sale.ts";
import { attributeOf, elementsAt, elementsOf, isSet, textAt, textOf } from "./values.ts";

const sold = ["Sale", "SaleForDelivery", "SaleForPickup"];
const returned = ["Return"];

/** What never was one, or is no more: its lines stand, and are taken back. */
const cancelledAs = /^(?:post)?-?voided$|^cancell?ed$|^failed$/i;

export const isCancelled = (transaction: unknown): boolean =>
  isSet(transaction, "CancelFlag") ||
  elementsOf(transaction, "RetailTransaction").some((retail) =>
    cancelledAs.test(attributeOf(retail, "TransactionStatus") ?? ""),
  );

/** One that undoes another, which it names, says what that one said. */
const undoes = (retail: unknown): boolean =>
  elementsOf(retail, "TransactionLink").some((link) =>
    /void/i.test(attributeOf(link, "ReasonCode") ?? ""),
  );

export function linesOf(
  transaction: unknown,
  currency: string,
): Result<readonly SaleLine[], ItemFault> {
  const [retail] = elementsOf(transaction, "RetailTransaction");
  const items: SaleLine[] = [];
  const others: SaleLine[] = [];
  const taxes: SaleLine[] = [];
  for (const line of elementsOf(retail, "LineItem")) {
    if (isSet(line, "VoidFlag") || isSet(line, "CancelFlag")) continue;
    for (const name of [...sold, ...returned])
      for (const item of elementsOf(line, name)) {
        const read = itemOf(item, returned.includes(name), currency);
        if (!read.ok) return read;
        items.push(read.value);
      }
    for (const discount of elementsOf(line, "Discount")) {
      const amount = amountAt(discount, currency);
      if (amount === null) return err("bad-amount");
      others.push(lineOf("discount", -Math.abs(amount) + 0));
    }
    for (const tax of elementsOf(line, "Tax")) {
      const amount = amountAt(tax, currency);
      if (amount === null) return err("bad-amount");
      taxes.push(lineOf("tax", amount));
    }
  }
  const totals = totalsOf(retail, currency);
  if (totals === null) return err("bad-total");
  const lines = summed(items, others, taxes, totals);
  const all = undoes(retail) && sumOf(lines) > 0 ? takenBack(lines) : lines;
  return ok(isCancelled(transaction) ? [...all, ...takenBack(all)] : all);
}

function summed(
  items: readonly SaleLine[],
  others: readonly SaleLine[],
  stated: readonly SaleLine[],
  { grand, tax }: Totals,
): readonly SaleLine[] {
  const isReturn = items.length > 0 && items.every(({ amountMinor }) => amountMinor <= 0);
  const said = stated.length === 0 && tax !== null && tax !== 0 ? [lineOf("tax", tax)] : stated;
  const isSignless = isReturn && sumOf(said) > 0;
  const taxes = isSignless ? takenBack(said) : said;
  const bare = [...items, ...others];
  if (grand === null) return [...bare, ...taxes];
  // Of returns alone some tills state the total without its sign.
  const total = isReturn && grand > 0 && sumOf(bare) < 0 ? -grand : grand;
  // Prices that hold their tax already come to the total without it.
  const isIncluded = sumOf(bare) === total;
  return comingTo(isIncluded ? bare : [...bare, ...taxes], total);
}

function itemOf(item: unknown, isReturn: boolean, currency: string): Result<SaleLine, ItemFault> {
  const stated = textAt(item, "Quantity");
  const quantity = piecesOf(stated ?? 1);
  if (quantity === null) return err("bad-quantity");
  const unit = textAt(item, "ActualSalesUnitPrice", "RegularSalesUnitPrice");
  const extended = textAt(item, "ExtendedAmount");
  const isWhole = stated === null || /^\s*[+-]?\d+(\.0*)?\s*$/.test(stated);
  const price = extended === null && isWhole ? minorOf(unit, currency) : null;
  const amount = extended === null ? price && price * quantity : minorOf(extended, currency);
  if (amount === null) return err("bad-amount");
  const sku = saleText(textAt(item, "ItemID", "POSIdentity.POSItemID"));
  if (!isReturn) return ok(lineOf("item", amount + 0, { sku, quantity }));
  const back = { sku, quantity: -Math.abs(quantity) + 0 };
  return ok(lineOf("item", -Math.abs(amount) + 0, back));
}

const amountAt = (node: unknown, currency: string): number | null =>
  minorOf(textAt(node, "Amount") ?? textOf(node), currency);

interface Totals {
  readonly grand: number | null;
  readonly tax: number | null;
}

/** Null: one is stated that is no amount. */
function totalsOf(retail: unknown, currency: string): Totals | null {
  const totals = elementsAt(retail, "Total");
  const totalOf = (type: string) => {
    const total = totals.find((one) => attributeOf(one, "TotalType") === type);
    return total === undefined ? undefined : amountAt(total, currency);
  };
  const grand = totalOf("TransactionGrandAmount");
  const tax = totalOf("TransactionTaxAmount");
  if (grand === null || tax === null) return null;
  return { grand: grand ?? null, tax: tax ?? null };
}
