import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { poslog, transactionsMax } from "../../providers/poslog.ts";
import { file, head, item, transaction, type Written } from "./cases/poslog.ts";
import { bearsMalice, linesOf, soldBy, sumOf } from "./sold.ts";

const sold = (of: Written = {}) => soldBy(poslog, "transaction", item(of));
const parsed = (xml: string) => {
  const delivery = poslog.parse(xml);
  return delivery.ok ? delivery.value.items : delivery.error;
};
const line = (inner: string, attributes = "") => `<LineItem${attributes}>${inner}</LineItem>`;
const of = (name: string, sku: string, quantity: number | string, amount: string) =>
  line(
    `<${name}><ItemID>${sku}</ItemID><Quantity>${quantity}</Quantity><ExtendedAmount>${amount}</ExtendedAmount></${name}>`,
  );
const total = (type: string, amount: string) =>
  `<Total TotalType="Transaction${type}Amount">${amount}</Total>`;
const tax = (amount: string) => line(`<Tax><Amount>${amount}</Amount></Tax>`);

describe("a transaction", () => {
  it("is known by store, till, number and business day, which is not the clock's", () => {
    expect(sold()).toMatchObject({
      ...{ said: '["9","34","161","2026-11-13"]', businessDay: "2026-11-13", store: "9" },
      ...{ at: Date.UTC(2026, 10, 14, 2, 2, 54), region: null, named: null },
      references: ["9/34/161/2026-11-13"],
    });
    const draft = poslog.normalise("transaction", item(), Date.UTC(2026, 10, 21));
    expect(draft).toMatchObject({ value: { revision: null } });
  });

  it("of the newer form says the same by its other names", () => {
    const newer = head
      .replace(
        "<RetailStoreID>9</RetailStoreID>",
        "<BusinessUnit><UnitID>9</UnitID></BusinessUnit>",
      )
      .replace("2026-11-13", "2026-11-13+01:00");
    const north = '<OrganizationHierarchy Level="Region">North</OrganizationHierarchy>';
    expect(sold({ head: newer + north })).toMatchObject({
      said: '["9","34","161","2026-11-13"]',
      region: "North",
    });
  });

  it("has a line each time that an article was rung up, of the same article too", () => {
    const lines = of("Sale", "A", 1, "2.00") + of("Sale", "A", 1, "2.00");
    expect(linesOf(sold({ lines }))).toEqual([
      ["item", "A", 1, 200],
      ["item", "A", 1, 200],
    ]);
  });

  it("counts what came back with its sign, however the till writes it", () => {
    for (const [quantity, amount] of [
      ["1", "3.00"],
      ["-1", "-3.00"],
    ] as const)
      expect(linesOf(sold({ lines: of("Return", "B", quantity, amount) }))).toEqual([
        ["item", "B", -1, -300],
      ]);
    const lines = of("Return", "B", 1, "3.00") + tax("0.57");
    for (const grand of ["3.57", "-3.57"])
      expect(sumOf(sold({ lines, totals: total("Grand", grand) })), grand).toBe(-357);
  });

  it("leaves out what was voided line by line", () => {
    const voided = of("Sale", "A", 1, "2.00").replace("<LineItem", '<LineItem VoidFlag="true"');
    expect(linesOf(sold({ lines: voided + of("Sale", "B", 1, "1.00") }))).toEqual([
      ["item", "B", 1, 100],
    ]);
  });

  it("that was cancelled or voided stands, and comes to nothing", () => {
    for (const marked of [
      { attributes: ' CancelFlag="true"' },
      { retail: ' TransactionStatus="Voided"' },
      { retail: ' TransactionStatus="PostVoided"' },
    ]) {
      const fact = sold({ ...marked, totals: total("Grand", "19.00") });
      expect(sumOf(fact)).toBe(0);
      expect(linesOf(fact)).toContainEqual(["item", "MUG-1", -2, -2_000]);
    }
  });

  it("that undoes another is its opposite", () => {
    const lines = `<TransactionLink ReasonCode="Voided"><SequenceNumber>160</SequenceNumber></TransactionLink>${of("Sale", "A", 2, "4.00")}`;
    expect(linesOf(sold({ lines, totals: total("Grand", "4.00") }))).toEqual([
      ["item", "A", -2, -400],
    ]);
  });

  it("has its tax beside its prices, or in them where they come to the whole without it", () => {
    const lines = of("Sale", "A", 1, "10.00") + tax("1.90");
    expect(linesOf(sold({ lines, totals: total("Grand", "11.90") }))[1]).toEqual([
      ...["tax", null, 0, 190],
    ]);
    expect(linesOf(sold({ lines, totals: total("Grand", "10.00") }))).toHaveLength(1);
    const stated = total("Grand", "11.90") + total("Tax", "1.90");
    const summed = { lines: of("Sale", "A", 1, "10.00"), totals: stated };
    expect(linesOf(sold(summed))[1]).toEqual(["tax", null, 0, 190]);
  });

  it("of weighed goods is one piece, and by its unit price what that times the pieces is", () => {
    expect(linesOf(sold({ lines: of("Sale", "A", "0.42", "1.26") }))).toEqual([
      ["item", "A", 1, 126],
    ]);
    const priced =
      "<Sale><ItemID>A</ItemID><Quantity>3</Quantity><ActualSalesUnitPrice>2.50</ActualSalesUnitPrice></Sale>";
    expect(linesOf(sold({ lines: line(priced) }))).toEqual([["item", "A", 3, 750]]);
  });

  it("comes to the stated total, whatever its lines are", () => {
    const money = fc.integer({ min: 0, max: 99_999 });
    const text = (n: number) => (n / 100).toFixed(2);
    const rung = fc.tuple(fc.constantFrom("A", "B"), fc.integer({ min: 1, max: 9 }), money);
    fc.assert(
      fc.property(fc.array(rung, { maxLength: 8 }), money, money, (all, taxed, grand) => {
        const lines = all.map(([sku, n, amount]) => of("Sale", sku, n, text(amount))).join("");
        const totals = total("Grand", text(grand));
        expect(sumOf(sold({ lines: lines + tax(text(taxed)), totals }))).toBe(grand);
      }),
      { numRuns: 60 },
    );
  });

  it("is reconciled by what its tenders were authorised under", () => {
    const tender = line(
      "<Tender><Amount>20.00</Amount><Authorization><ReferenceNumber>344665</ReferenceNumber></Authorization></Tender>",
    );
    const lines = of("Sale", "A", 1, "20.00") + tender;
    expect(sold({ lines }).references).toEqual(["344665", "9/34/161/2026-11-13"]);
  });

  it("shares no reference with another till's of the same receipt number", () => {
    const lines = `<ReceiptNumber>1042</ReceiptNumber>${of("Sale", "A", 1, "20.00")}`;
    const at = (till: string) =>
      sold({ lines, head: head.replace("<WorkstationID>34", `<WorkstationID>${till}`) });
    expect(at("34").references).toEqual(["9/34/161/2026-11-13"]);
    expect(at("35").references).toEqual(["9/35/161/2026-11-13"]);
  });
});

describe("cards", () => {
  const ref = { token: "card_a", bin: "411111", last4: "1111", brand: "visa", country: "ZZ" };
  const tender = (inner: string) => ({ lines: line(`<Tender>${inner}</Tender>`) });

  /** As the door does: what stands at a declared path becomes what may be shown of it. */
  function tokenised(node: unknown, [step, ...rest]: readonly string[]): unknown {
    if (step === undefined) return ref;
    if (Array.isArray(node))
      return step === "*" ? node.map((inner) => tokenised(inner, rest)) : node;
    if (typeof node !== "object" || node === null || !(step in node)) return node;
    const fields = node as Record<string, unknown>;
    return { ...fields, [step]: tokenised(fields[step], rest) };
  }

  it("are found wherever a till writes their numbers, with attributes and without", () => {
    for (const name of ["CardNumber", "PrimaryAccountNumber", "AccountNumber"])
      for (const inner of [
        `<${name}>4111111111111111</${name}>`,
        `<CreditDebit CardType="Credit"><${name} Encrypted="0">4111111111111111</${name}></CreditDebit>`,
        `<Authorization><${name}>4111111111111111</${name}></Authorization>`,
      ]) {
        const body = poslog.cards.paths.reduce<unknown>(
          (node, path) => tokenised(node, path.split(".")),
          item(tender(inner)),
        );
        expect(JSON.stringify(body), inner).not.toContain("4111111111111111");
        const fact = soldBy(poslog, "transaction", body);
        expect(fact.cards).toEqual([ref]);
        const again = poslog.again("raw", fact.raw);
        expect(soldBy(poslog, "transaction", again?.body).cards).toEqual([ref]);
      }
  });

  it("are their customer's, where one is named", () => {
    const lines = "<Customer><CustomerID>c-7</CustomerID><Name>Ada</Name></Customer>";
    expect(poslog.cards.person(item({ lines }))).toBe("c-7");
    expect(sold({ lines }).named).toBe("c-7");
  });

  it("are kept with no customer's name, whichever way the till writes it", () => {
    for (const named of [
      "<Customer><CustomerID>c-7</CustomerID><Name>Ada</Name></Customer>",
      "<LoyaltyAccount><CustomerID>c-7</CustomerID></LoyaltyAccount>",
      "<LoyaltyAccount><LoyaltyID>c-7</LoyaltyID></LoyaltyAccount>",
    ]) {
      const fact = sold({ lines: named });
      expect(fact.named).toBe("c-7");
      expect(JSON.stringify(fact.raw)).not.toMatch(/c-7|Ada|Customer|Loyalty/);
    }
  });
});

describe("a file", () => {
  it("holds any number of transactions, and other things that are no sale", () => {
    const control = `<Transaction>${head}<ControlTransaction/></Transaction>`;
    const put = transaction({ retail: ' TransactionStatus="Suspended"' });
    const practice = transaction({ attributes: ' TrainingModeFlag="true"' });
    expect(parsed(file(transaction(), control, put, practice, transaction()))).toHaveLength(2);
    expect(parsed(file())).toEqual([]);
  });

  it("may be one transaction, with names of any prefix, after a byte-order mark", () => {
    expect(parsed(transaction())).toHaveLength(1);
    const prefixed = file(transaction()).replaceAll(/<(\/?)(?=[A-Z])/g, "<$1acs:");
    expect(parsed(prefixed)).toEqual(parsed(file(transaction())));
    expect(parsed(`\ufeff${file(transaction())}`)).toHaveLength(1);
  });

  it("shows all that is in a transaction, so that nothing in it goes unseen", () => {
    const lines = line(
      '<Sale Note="in an attribute"><x:Odd><Deep>down here</Deep></x:Odd><![CDATA[as it is]]></Sale>',
    );
    const text = JSON.stringify(item({ lines }));
    for (const said of ["in an attribute", "down here", "as it is"]) expect(text).toContain(said);
  });

  it("names that the language itself looks for are names like any other", () => {
    const lines = "<__proto__><a>1</a></__proto__><constructor>2</constructor><toString/>";
    expect(sumOf(sold({ lines }))).toBe(0);
    expect(({} as Record<string, unknown>).a).toBeUndefined();
  });

  it("defines nothing and fetches nothing", () => {
    const evil =
      '<!DOCTYPE POSLog [<!ENTITY a SYSTEM "file:///etc/passwd"><!ENTITY b "&#x34;111">]>';
    const lines = line("<Sale><ItemID>&a;</ItemID></Sale>");
    expect(parsed(evil + file(transaction({ lines })).slice(21))).toBe("not-understood");
  });

  it("of more transactions than it may hold is refused whole", () => {
    const many = new Array(transactionsMax + 1).fill(`<Transaction>${head}</Transaction>`);
    expect(parsed(file(...many))).toBe("not-understood");
    expect(parsed(file(...many.slice(1)))).toEqual([]);
  });

  it("that breaks off anywhere says nothing", () => {
    const whole = file(transaction(), transaction());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: whole.length - 1 }), (length) => {
        expect(parsed(whole.slice(0, length))).toBe("not-understood");
      }),
    );
  });
});

it("what is kept is read as the same again, whatever stood in it", () => {
  bearsMalice(poslog, "transaction", item({ totals: total("Grand", "19.00") }) as object);
});
