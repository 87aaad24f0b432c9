/**
 * The lines of an order: what was ordered, then what of it came back. Both come to the order's own
 * totals, in the shop's currency: what no line explains (tips, duties, rounding, what was taken off the
 * whole) is one line more. An amount that is stated and is none makes all of it unreadable.
 */
import type { SaleLine } from "../../domain/sales/schema.ts";
import { comingTo, lineOf, minorOf, piecesOf, saleText, sumOf, takenBack } from "../sale.ts";
import { type Fields, fieldsOf } from "../untrusted.ts";

const listOf = (v: unknown): readonly unknown[] => (Array.isArray(v) ? v : []);

/** Money of one order: null is not stated; what is stated and is none is noted. */
export class Money {
  readonly currency: string;
  isBad = false;

  constructor(currency: string) {
    this.currency = currency;
  }

  of(v: unknown): number | null {
    if (v === undefined || v === null) return null;
    const minor = minorOf(v, this.currency);
    if (minor === null) this.isBad = true;
    return minor;
  }

  sum(list: unknown, field: string): number {
    return listOf(list).reduce((sum: number, one) => sum + (this.of(fieldsOf(one)[field]) ?? 0), 0);
  }
}

/** As it was ordered, taxes beside it unless its prices hold them. */
function orderedOf(order: Fields, money: Money): readonly SaleLine[] {
  const items = listOf(order.line_items).map((one) => itemOf(fieldsOf(one), money));
  const shipping = listOf(order.shipping_lines).map((one) => shippingOf(fieldsOf(one), money));
  const tax = order.taxes_included === true ? 0 : (money.of(order.total_tax) ?? 0);
  const lines = [
    ...items,
    ...shipping.filter((amount) => amount !== 0).map((amount) => lineOf("shipping", amount)),
    ...(tax === 0 ? [] : [lineOf("tax", tax)]),
  ];
  return comingTo(lines, money.of(order.total_price) ?? sumOf(lines));
}

/** After its own discounts and its part of those of the whole order. */
function itemOf(item: Fields, money: Money): SaleLine {
  const quantity = piecesOf(item.quantity ?? 0);
  if (quantity === null) money.isBad = true;
  const pieces = quantity ?? 0;
  const full = (money.of(item.price) ?? 0) * pieces;
  return lineOf("item", full - takenOff(item, money), { sku: skuOf(item), quantity: pieces });
}

const skuOf = (item: Fields): string | null => {
  const named = saleText(item.sku);
  const variant = saleText(item.variant_id);
  return named ?? (variant === null ? null : `variant ${variant}`);
};

const takenOff = (of: Fields, money: Money): number =>
  Array.isArray(of.discount_allocations)
    ? money.sum(of.discount_allocations, "amount")
    : (money.of(of.total_discount) ?? 0);

function shippingOf(line: Fields, money: Money): number {
  if (line.is_removed === true) return 0;
  const price = money.of(line.price) ?? 0;
  if (Array.isArray(line.discount_allocations)) return price - takenOff(line, money);
  return money.of(line.discounted_price) ?? price;
}

/** What came back by one refund, each line negative. */
function backOf(refund: Fields, order: Fields, money: Money): readonly SaleLine[] {
  const items = new Map(listOf(order.line_items).map((one) => [fieldsOf(one).id, fieldsOf(one)]));
  const isIncluded = order.taxes_included === true;
  const lines: SaleLine[] = [];
  for (const one of listOf(refund.refund_line_items).map(fieldsOf)) {
    const item = items.get(one.line_item_id) ?? fieldsOf(one.line_item);
    const quantity = piecesOf(one.quantity ?? 0);
    if (quantity === null) money.isBad = true;
    const pieces = quantity ?? 0;
    const amount = money.of(one.subtotal) ?? (money.of(item.price) ?? 0) * pieces;
    lines.push(lineOf("item", -amount + 0, { sku: skuOf(item), quantity: -pieces + 0 }));
    const tax = isIncluded ? 0 : (money.of(one.total_tax) ?? 0);
    if (tax !== 0) lines.push(lineOf("tax", -tax));
  }
  for (const one of listOf(refund.order_adjustments).map(fieldsOf)) {
    // Stated as what it does to the order: negative, where money went back.
    const kind = one.kind === "shipping_refund" ? ("shipping" as const) : ("discount" as const);
    const amount = money.of(one.amount) ?? 0;
    const tax = isIncluded ? 0 : (money.of(one.tax_amount) ?? 0);
    if (amount !== 0) lines.push(lineOf(kind, amount));
    if (tax !== 0) lines.push(lineOf("tax", tax));
  }
  for (const one of listOf(refund.refund_shipping_lines).map(fieldsOf)) {
    const amount = money.sum([fieldsOf(fieldsOf(one.subtotal_amount_set).shop_money)], "amount");
    if (amount !== 0) lines.push(lineOf("shipping", -amount));
  }
  return lines;
}

/** What was paid back, and has arrived. */
function paidBack(refunds: readonly Fields[], money: Money): number {
  return refunds
    .flatMap(({ transactions }) => listOf(transactions).map(fieldsOf))
    .filter(({ kind, status }) => kind === "refund" && status === "success")
    .reduce((sum, { amount }) => sum + (money.of(amount) ?? 0), 0);
}

/** Null: an amount in it is none. */
export function linesOf(order: Fields, currency: string): readonly SaleLine[] | null {
  const money = new Money(currency);
  const ordered = orderedOf(order, money);
  const refunds = listOf(order.refunds).map(fieldsOf);
  const back = refunds.flatMap((refund) => backOf(refund, order, money));
  const isCancelled = (order.cancelled_at ?? null) !== null;
  // Before an order stated what it comes to now, that was what had been paid back.
  const now = money.of(order.current_total_price) ?? sumOf(ordered) - paidBack(refunds, money);
  const all = [...ordered, ...back];
  const lines = isCancelled ? [...all, ...remainderOf(all)] : comingTo(all, now);
  return money.isBad ? null : lines;
}

/** The opposite of what is left by kind and article, so that each of them comes to nothing. */
function remainderOf(lines: readonly SaleLine[]): readonly SaleLine[] {
  const left = new Map<string, SaleLine>();
  for (const line of lines) {
    const key = JSON.stringify([line.kind, line.sku]);
    const held = left.get(key);
    const quantity = (held?.quantity ?? 0) + line.quantity;
    left.set(key, { ...line, quantity, amountMinor: (held?.amountMinor ?? 0) + line.amountMinor });
  }
  const some = [...left.values()].filter((l) => l.quantity !== 0 || l.amountMinor !== 0);
  return takenBack(some);
}
