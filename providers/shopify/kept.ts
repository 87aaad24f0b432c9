/**
 * What of an order is kept, to be read again: what is read of it, and no name, address or note. Nor its
 * customer's id: whose it was stands at the sale, as a digest, and nobody can forget what is sealed.
 */
import { type Fields, fieldsOf, isFields } from "../untrusted.ts";

const pick = (of: unknown, names: readonly string[]): unknown => {
  const fields = fieldsOf(of);
  const there = names.filter((name) => Object.hasOwn(fields, name));
  return isFields(of) ? Object.fromEntries(there.map((name) => [name, fields[name]])) : null;
};

const pickEach = (list: unknown, ...names: readonly string[]): unknown =>
  Array.isArray(list) ? list.map((one) => pick(one, names)) : null;

const order = [
  ...["id", "admin_graphql_api_id", "name", "token", "checkout_id", "location_id", "currency"],
  ...["created_at", "processed_at", "updated_at", "cancelled_at", "taxes_included"],
  ...["total_price", "total_tax", "current_total_price"],
];
const item = ["id", "sku", "variant_id", "quantity", "price", "total_discount"];

const withDiscounts = (list: unknown, names: readonly string[]): unknown =>
  Array.isArray(list)
    ? list.map((one) => {
        const { discount_allocations: parts } = fieldsOf(one);
        const kept = fieldsOf(pick(one, names));
        return Array.isArray(parts)
          ? { ...kept, discount_allocations: pickEach(parts, "amount") }
          : kept;
      })
    : null;

const refundOf = (refund: Fields): unknown => {
  const { refund_line_items: items, refund_shipping_lines: shipping } = refund;
  return {
    refund_line_items: Array.isArray(items)
      ? items.map((one) => ({
          ...fieldsOf(pick(one, ["line_item_id", "quantity", "subtotal", "total_tax"])),
          line_item: pick(fieldsOf(one).line_item, ["sku", "variant_id", "price"]),
        }))
      : null,
    order_adjustments: pickEach(refund.order_adjustments, "kind", "amount", "tax_amount"),
    refund_shipping_lines: Array.isArray(shipping)
      ? shipping.map((one) => {
          const { shop_money: money } = fieldsOf(fieldsOf(one).subtotal_amount_set);
          return { subtotal_amount_set: { shop_money: pick(money, ["amount"]) } };
        })
      : null,
    transactions: pickEach(refund.transactions, "kind", "status", "amount"),
  };
};

export function keptOf(said: Fields): unknown {
  const refunds = Array.isArray(said.refunds) ? said.refunds : [];
  const shipping = ["price", "discounted_price", "is_removed"];
  return {
    ...fieldsOf(pick(said, order)),
    shipping_address: pick(said.shipping_address, ["country_code"]),
    billing_address: pick(said.billing_address, ["country_code"]),
    line_items: withDiscounts(said.line_items, item),
    shipping_lines: withDiscounts(said.shipping_lines, shipping),
    refunds: refunds.map((one) => refundOf(fieldsOf(one))),
  };
}
