import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { neverReturns } from "../../domain/stream.ts";
import { shopify } from "../../providers/shopify.ts";
import { order } from "./cases/shopify.ts";
import { bearsMalice, linesOf, receivedMs, saying, soldBy, sumOf } from "./sold.ts";

const sold = (more: object = {}) => soldBy(shopify, "order", order(more));
const parsed = (topic: string | null, body: object) => {
  const headers: Record<string, string> = topic === null ? {} : { "x-shopify-topic": topic };
  const delivery = shopify.parse(JSON.stringify(body), saying(headers));
  return delivery.ok ? delivery.value : delivery.error;
};

describe("an order", () => {
  it("is a line an article, after its discounts, and one each for shipping and tax", () => {
    expect(linesOf(sold())).toEqual([
      ["item", "MUG-1", 2, 2_000],
      ["item", "variant 77", 1, 0],
      ["shipping", null, 0, 500],
      ["tax", null, 0, 475],
    ]);
    expect(sold()).toMatchObject({
      ...{ said: "5613447676094", revision: Date.UTC(2026, 10, 14, 7, 0, 3), store: "web" },
      ...{ region: "DE", businessDay: "2026-11-14", currency: "EUR", named: "207119551" },
      references: ["5613447676094", "#1042"],
    });
  });

  it("has its tax in its prices where it says so", () => {
    const more = { taxes_included: true, total_price: "25.00", current_total_price: "25.00" };
    expect(linesOf(sold(more)).map(([kind]) => kind)).toEqual(["item", "item", "shipping"]);
    expect(sumOf(sold(more))).toBe(2_500);
  });

  it("belongs to the day that it was at the shop, and to the place where it was sold", () => {
    const more = { processed_at: "2026-11-14T23:30:00-05:00", location_id: 487_838_322 };
    expect(sold(more)).toMatchObject({ businessDay: "2026-11-14", store: "487838322" });
    const none = { shipping_address: null, billing_address: { country_code: "CA" } };
    expect(sold(none).region).toBe("CA");
    expect(sold({ shipping_address: null }).region).toBeNull();
  });

  it("keeps the discounts of its lines and of the whole apart", () => {
    const line_items = [
      { sku: "A", quantity: 3, price: "10.00", discount_allocations: [{ amount: "2.50" }] },
    ];
    const more = { line_items, shipping_lines: [], total_tax: "0.00", total_price: "20.00" };
    expect(linesOf(sold({ ...more, current_total_price: "20.00" }))).toEqual([
      ["item", "A", 3, 2_750],
      ["discount", null, 0, -750],
    ]);
  });

  it("of a currency without hundredths is counted in its units", () => {
    const line_items = [{ sku: "A", quantity: 1, price: "1200" }];
    const more = { currency: "JPY", line_items, shipping_lines: [], total_tax: "0" };
    const yen = sold({ ...more, total_price: "1200", current_total_price: "1200.00" });
    expect(linesOf(yen)).toEqual([["item", "A", 1, 1_200]]);
  });

  it("without its lines is its total", () => {
    const bare = order({ line_items: undefined, shipping_lines: undefined, total_tax: null });
    expect(parsed("orders/updated", bare)).toMatchObject({ items: [{ kind: "order" }] });
    expect(linesOf(soldBy(shopify, "order", bare))).toEqual([["item", null, 0, 2_975]]);
  });
});

describe("what came back", () => {
  const refund = {
    refund_line_items: [{ line_item_id: 11, quantity: 1, subtotal: 10.0, total_tax: 1.9 }],
    order_adjustments: [{ kind: "shipping_refund", amount: "-5.00", tax_amount: "-0.95" }],
    transactions: [{ kind: "refund", status: "success", amount: "17.85" }],
  };

  it("stands in the same order, line by line, and the whole comes to what was kept", () => {
    const fact = sold({ refunds: [refund], current_total_price: "11.90" });
    expect(linesOf(fact).slice(4)).toEqual([
      ["item", "MUG-1", -1, -1_000],
      ["tax", null, 0, -190],
      ["shipping", null, 0, -500],
      ["tax", null, 0, -95],
    ]);
    expect(sumOf(fact)).toBe(1_190);
  });

  it("by an older form of the order is what was paid back", () => {
    const fact = sold({ refunds: [refund], current_total_price: undefined });
    expect(sumOf(fact)).toBe(2_975 - 1_785);
    const failed = { ...refund, transactions: [{ ...refund.transactions[0], status: "failure" }] };
    const pending = sold({ refunds: [failed], current_total_price: undefined });
    expect(sumOf(pending)).toBe(2_975);
  });

  it("of shipping in its newer form too", () => {
    const lines = [{ subtotal_amount_set: { shop_money: { amount: "5.00" } } }];
    const fact = sold({
      refunds: [{ refund_shipping_lines: lines }],
      current_total_price: "24.75",
    });
    expect(linesOf(fact).at(-1)).toEqual(["shipping", null, 0, -500]);
  });

  it("of a cancelled order is everything: each kind and article comes to nothing", () => {
    const cancelled_at = "2026-11-15T08:00:00+01:00";
    for (const refunds of [[], [refund]]) {
      const fact = sold({ cancelled_at, refunds, current_total_price: "0.00" });
      const left = new Map<string, number>();
      for (const [kind, sku, quantity, amount] of linesOf(fact)) {
        for (const [what, n] of [["pieces", quantity] as const, ["money", amount] as const]) {
          const key = JSON.stringify([kind, sku, what]);
          left.set(key, (left.get(key) ?? 0) + n);
        }
      }
      expect([...left.values()].every((n) => n === 0)).toBe(true);
      expect(linesOf(fact).some(([, , quantity]) => quantity < 0)).toBe(true);
    }
  });

  it("comes to the stated total, whatever was ordered and returned", () => {
    const money = fc.integer({ min: 0, max: 99_999 }).map((n) => (n / 100).toFixed(2));
    const item = fc.record({
      id: fc.integer({ min: 1, max: 5 }),
      sku: fc.constantFrom("A", "B", null),
      quantity: fc.integer({ min: 0, max: 9 }),
      price: money,
      discount_allocations: fc.array(fc.record({ amount: money }), { maxLength: 2 }),
    });
    const back = fc.record({
      refund_line_items: fc.array(
        fc.record({
          line_item_id: fc.integer({ min: 1, max: 5 }),
          quantity: fc.integer({ min: 0, max: 9 }),
          subtotal: money.map(Number),
        }),
        { maxLength: 3 },
      ),
    });
    fc.assert(
      fc.property(
        fc.record({
          line_items: fc.array(item, { maxLength: 6 }),
          refunds: fc.array(back, { maxLength: 3 }),
          total_tax: money,
          taxes_included: fc.boolean(),
          total_price: money,
          current_total_price: money,
        }),
        (more) => {
          expect(sumOf(sold(more))).toBe(Math.round(Number(more.current_total_price) * 100));
          expect(sumOf(sold({ ...more, cancelled_at: "2026-11-15T08:00:00Z" }))).toBe(0);
        },
      ),
    );
  });
});

describe("a delivery", () => {
  it("of an order is the order, by whichever of its topics", () => {
    for (const topic of [null, "orders/create", "orders/updated", "orders/paid"])
      expect(parsed(topic, order())).toMatchObject({ items: [{ account: "", kind: "order" }] });
  });

  it("by a topic that its body is not of is not believed", () => {
    for (const topic of ["app/uninstalled", "customers/redact", "orders/delete"])
      expect(parsed(topic, topic === "orders/delete" ? {} : order())).toBe("not-understood");
  });

  it("of a deleted order takes it away for good", () => {
    const [item] = (parsed("orders/delete", { id: 7 }) as { items: readonly { kind: string }[] })
      .items;
    expect(item).toMatchObject({ kind: "deleted" });
    expect(shopify.normalise("deleted", { id: 7 }, receivedMs)).toEqual({
      ok: true,
      value: { sourceId: "7", revision: neverReturns, retracted: true },
    });
  });

  it("that asks for a customer to be forgotten names them as orders do", () => {
    const redact = { shop_domain: "mugs.myshopify.com", customer: { id: 207_119_551 } };
    expect(parsed("customers/redact", redact)).toMatchObject({
      items: [],
      forgettings: [{ account: "", person: "207119551" }],
    });
    expect(sold().named).toBe("207119551");
    expect(parsed("customers/redact", { customer: {} })).toBe("not-understood");
    // A request for data, under the other topic: nothing signs which of the two it was.
    const asked = { ...redact, orders_requested: [1], data_request: { id: 9 } };
    expect(parsed("customers/redact", asked)).toBe("not-understood");
  });

  it("that is the merchant's to answer is understood; one of a topic to come is counted", () => {
    for (const topic of ["shop/redact", "customers/data_request", "refunds/create"])
      expect(parsed(topic, { id: 1 })).toEqual({ items: [], notices: [], claims: [], unknown: 0 });
    expect(parsed("products/update", { id: 1 })).toMatchObject({ items: [], unknown: 1 });
  });

  it("of practice is nothing", () => {
    expect(parsed("orders/create", order({ test: true }))).toMatchObject({ items: [], unknown: 0 });
  });
});

describe("what is kept", () => {
  it("names nobody and nowhere", () => {
    const private_ = { email: "ada@x.example", note: "ring twice", browser_ip: "192.0.2.7" };
    const { raw, named } = sold({ ...private_, customer: { id: 70_451, first_name: "Ada" } });
    expect(named).toBe("70451");
    expect(JSON.stringify(raw)).not.toMatch(/ada|ring|192|Mill|first_name|70451|customer/i);
  });

  it("is read as the same again, whatever stood in it", () => {
    bearsMalice(shopify, "order", order({ refunds: [{ refund_line_items: [{ quantity: 1 }] }] }));
  });
});
