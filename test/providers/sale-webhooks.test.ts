import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineKinds } from "../../domain/sales/schema.ts";
import { saleEvents, saleWebhooks } from "../../providers/sale-webhooks.ts";
import { event, sale } from "./cases/sale-webhooks.ts";
import { bearsMalice, linesOf, receivedMs, soldBy, sumOf } from "./sold.ts";

const item = (more: object = {}, sender: string | null = null) => ({ sender, sale: sale(more) });
const sold = (more: object = {}, sender: string | null = null) =>
  soldBy(saleWebhooks, "sale", item(more, sender));
const understood = (type: string, data: object) => {
  const delivery = saleWebhooks.parse(event(type, data));
  if (!delivery.ok) throw new Error(delivery.error);
  return delivery.value;
};
const account = '[null,"shop-7"]';

describe("events", () => {
  it("of each type are what the page says they are", () => {
    expect(understood("sales.recorded", { sales: [sale(), 7] }).items).toEqual([
      { account, kind: "sale", body: item() },
      { account, kind: "sale", body: { sender: null, sale: 7 } },
    ]);
    expect(understood("account.linked", { reference: "word" }).links).toEqual([
      { account, by: { reference: "word" } },
    ]);
    expect(understood("customers.forgotten", { customers: ["c-7", 7, "c-8"] })).toMatchObject({
      items: [],
      forgettings: [
        { account, person: "c-7" },
        { account, person: "c-8" },
      ],
      unknown: 1,
    });
  });

  it("of types to come are received and counted", () => {
    for (const type of ["sales.moved", "workouts.upserted", "constructor"])
      expect(understood(type, {})).toMatchObject({ items: [], unknown: 1 });
  });

  it("and kinds of lines are those that the page lists", () => {
    const page = readFileSync(new URL("../../docs/sales.md", import.meta.url), "utf8");
    for (const type of Object.keys(saleEvents)) expect(page).toContain(`\`${type}\``);
    for (const kind of lineKinds) expect(page).toContain(`\`${kind}\``);
  });
});

describe("a sale", () => {
  it("is what its sender says, exactly", () => {
    expect(sold()).toMatchObject({
      ...{ said: "S-81", revision: 1, store: "Mill Lane", region: "North", currency: "EUR" },
      ...{ businessDay: "2026-11-13", references: ["R-81"], named: "c-7", cards: [] },
    });
    expect(linesOf(sold())).toEqual([
      ["item", "MUG-1", 2, 2_000],
      ["tax", null, 0, 380],
    ]);
    expect(sold({}, "acme").said).toBe('["acme","S-81"]');
  });

  it("without a business day belongs to the day of its own clock", () => {
    const at = "2026-11-14T00:30:00+01:00";
    expect(sold({ at, businessDay: null }).businessDay).toBe("2026-11-14");
    expect(sold({ at: "2026-11-13T23:30:00Z", businessDay: null }).businessDay).toBe("2026-11-13");
  });

  it("may have any lines, the same twice among them, and comes to their sum", () => {
    const line = fc.record({
      kind: fc.constantFrom(...lineKinds),
      sku: fc.constantFrom("A", "B", null),
      quantity: fc.integer({ min: -99, max: 99 }),
      amountMinor: fc.integer({ min: -1_000_000, max: 1_000_000 }),
    });
    fc.assert(
      fc.property(fc.array(line, { maxLength: 20 }), (lines) => {
        const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);
        const fact = sold({ lines: [...lines, ...lines], total: null, totalMinor: 2 * totalMinor });
        expect(fact.lines).toHaveLength(2 * lines.length);
        expect(sumOf(fact)).toBe(2 * totalMinor);
      }),
    );
  });

  it("shows of its cards what has taken the place of their numbers, and nothing else", () => {
    const card = { token: "card_a", bin: "411111", last4: "1111", brand: "visa", country: "ZZ" };
    const cards = [{ number: card }, { number: "not one" }, { number: null }, 7];
    expect(sold({ cards }).cards).toEqual([card]);
    expect(saleWebhooks.cards.person(item())).toBe("c-7");
    expect(saleWebhooks.cards.paths).toEqual(["sale.cards.*.number"]);
  });

  it("is kept without what a sender adds of its own", () => {
    expect(JSON.stringify(sold({ customerName: "Ada", note: "ring" }).raw)).not.toMatch(/Ada|ring/);
  });

  it("is kept without whose it is: that it knows by a digest alone", () => {
    expect(sold().named).toBe("c-7");
    expect(JSON.stringify(sold().raw)).not.toMatch(/c-7|customer/);
  });

  it("that is said again is the same; what is kept of it too, whatever stood in it", () => {
    const once = saleWebhooks.normalise("sale", item(), receivedMs);
    expect(saleWebhooks.normalise("sale", structuredClone(item()), receivedMs)).toEqual(once);
    bearsMalice(saleWebhooks, "sale", item());
  });
});
