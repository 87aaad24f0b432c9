import { describe, expect, it } from "vitest";
import { square } from "../../providers/square.ts";
import { event, payment, refund } from "./cases/square.ts";
import { bearsMalice, linesOf, soldBy, sumOf } from "./sold.ts";

const paid = (more: object = {}) => soldBy(square, "payment", payment(more));
const back = (more: object = {}) => soldBy(square, "refund", refund(more));
const parsed = (type: string, object: object) => {
  const delivery = square.parse(event(type, object));
  return delivery.ok ? delivery.value : delivery.error;
};

describe("a payment", () => {
  it("is a sale of what was paid, and what came on top is a line of its own", () => {
    expect(linesOf(paid())).toEqual([
      ["item", null, 0, 2_500],
      ["item", null, 0, 300],
    ]);
    expect(paid()).toMatchObject({
      ...{ said: '["payment","hYy9pRFVxpDsO1FB05SunFWUe9JZY"]', store: "S8GWD5R9QB376" },
      ...{ revision: Date.UTC(2026, 10, 14, 7, 0, 3, 116), businessDay: "2026-11-14" },
      ...{ currency: "EUR", named: "RDX9Z4XTIZR7MRZJUXNY9HUK6I", cards: [] },
      references: ["hYy9pRFVxpDsO1FB05SunFWUe9JZY", "03O3USaPaAaFnI6kkwB1JxGgBsUZY"],
    });
  });

  it("sells nothing before it is completed, or when it never is", () => {
    for (const status of ["APPROVED", "PENDING", "CANCELED", "FAILED", null])
      expect(linesOf(paid({ status }))).toEqual([["payment", null, 0, 0]]);
  });

  it("is not less by what was refunded: a refund says so itself", () => {
    const refunded_money = { amount: 1_000, currency: "EUR" };
    expect(sumOf(paid({ refunded_money }))).toBe(2_800);
  });
});

describe("a refund", () => {
  it("takes money back on its own day, under the payment's reference", () => {
    expect(linesOf(back())).toEqual([["item", null, 0, -1_000]]);
    expect(back()).toMatchObject({
      businessDay: "2026-11-15",
      references: ["hYy9pRFVxpDsO1FB05SunFWUe9JZY", refund().id],
    });
  });

  it("is none before it is completed, or when it is rejected", () => {
    for (const status of ["PENDING", "REJECTED", "FAILED"])
      expect(linesOf(back({ status }))).toEqual([["payment", null, 0, 0]]);
  });

  it("has another name than a payment of the same id", () => {
    expect(back({ id: "x" }).said).not.toBe(paid({ id: "x" }).said);
  });
});

describe("an event", () => {
  it("holds a payment or a refund, whichever of its kind it is", () => {
    for (const type of ["payment.created", "payment.updated"])
      expect(parsed(type, { payment: payment() })).toMatchObject({
        items: [{ account: "", kind: "payment" }],
      });
    for (const type of ["refund.created", "refund.updated"])
      expect(parsed(type, { refund: refund() })).toMatchObject({ items: [{ kind: "refund" }] });
  });

  it("of an order says only that there is one, and is nothing", () => {
    const summary = { order_updated: { order_id: "a", version: 2, state: "OPEN" } };
    expect(parsed("order.updated", summary)).toMatchObject({ items: [], unknown: 0 });
  });

  it("of a type to come is received and counted", () => {
    for (const type of ["customer.created", "constructor", "x"])
      expect(parsed(type, {})).toMatchObject({ items: [], unknown: 1 });
  });
});

it("nothing of the card, the buyer or the receipt is kept", () => {
  const more = {
    buyer_email_address: "ada@x.example",
    card_details: { card: { last_4: "1111", fingerprint: "sq-1-ab" } },
    receipt_url: "https://squareup.com/receipt/preview/x",
  };
  expect(JSON.stringify(paid(more).raw)).not.toMatch(/ada|1111|sq-1|receipt|customer/);
  expect(JSON.stringify(paid(more).raw)).not.toContain(paid().named);
});

it("what is kept is read as the same again, whatever stood in it", () => {
  bearsMalice(square, "payment", payment());
  bearsMalice(square, "refund", refund());
});
