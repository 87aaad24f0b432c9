/** What POSLog tills have to show: files of our own making, posted under the merchant's own key. */
import { poslog } from "../../../providers/poslog.ts";
import type { MalformedCase, ProviderCases } from "./form.ts";

export interface Written {
  readonly head?: string;
  readonly attributes?: string;
  readonly retail?: string;
  readonly lines?: string;
  readonly totals?: string;
}
const mug =
  "<LineItem><Sale><ItemID>MUG-1</ItemID><Quantity>2</Quantity><ExtendedAmount>20.00</ExtendedAmount></Sale></LineItem>";
export const head =
  "<RetailStoreID>9</RetailStoreID><WorkstationID>34</WorkstationID><SequenceNumber>161</SequenceNumber>" +
  "<BusinessDayDate>2026-11-13</BusinessDayDate><EndDateTime>2026-11-14T02:02:54</EndDateTime>" +
  "<CurrencyCode>EUR</CurrencyCode>";
export const transaction = (of: Written = {}): string =>
  `<Transaction${of.attributes ?? ""}>${of.head ?? head}<RetailTransaction${of.retail ?? ""}>` +
  `${of.lines ?? mug}${of.totals ?? ""}</RetailTransaction></Transaction>`;
export const file = (...transactions: readonly string[]): string =>
  `<?xml version="1.0"?><POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">${transactions.join("\n")}</POSLog>`;

export function item(of: Written = {}): unknown {
  const parsed = poslog.parse(file(transaction(of)));
  if (!parsed.ok) throw new Error(parsed.error);
  return parsed.value.items[0]?.body;
}
const headed = (from: string, to: string) => ({ head: head.replace(from, to) });
const bad = (name: string, fault: string, of: Written): MalformedCase => ({
  ...{ name, kind: "transaction", fault },
  item: item(of),
});
const priced = (amount: string) => ({ lines: mug.replace("20.00", amount) });

export const cases: ProviderCases = {
  secrets: {},
  signatures: { none: "A till posts under its merchant's own key, and the route checks that key." },
  greetings: { none: "A till posts, and never asks anything of an address before." },
  deletions: { none: "What is voided stands with its lines and their opposites." },
  deauthorisations: { none: "The store's system stops posting, and nobody says that it did." },
  timeZones: [
    {
      name: "a clock without a zone, as if in UTC",
      kind: "transaction",
      item: item(),
      at: "2026-11-14T02:02:54Z",
    },
    {
      name: "a clock with its offset",
      kind: "transaction",
      item: item(headed("02:02:54<", "02:02:54+01:00<")),
      at: "2026-11-14T01:02:54Z",
    },
  ],
  unknownType: {
    kind: "transaction",
    item: item(),
    none: "A transaction that sells nothing is no item at all.",
  },
  malformed: [
    { name: "no XML", body: "{}", fault: "not-understood" },
    { name: "nothing", body: "", fault: "not-understood" },
    { name: "of another root", body: "<Sales/>", fault: "not-understood" },
    { name: "cut short", body: file(transaction()).slice(0, -20), fault: "not-understood" },
    {
      name: "an entity that is none of XML's own",
      body: file(transaction(priced("&amount;"))),
      fault: "not-understood",
    },
    {
      name: "an element that another one closes",
      body: file(transaction()).replace("</Sale>", "</Sail>"),
      fault: "not-understood",
    },
    {
      name: "deeper than anything that a till writes",
      body: file(transaction({ lines: "<a>".repeat(70) + "</a>".repeat(70) })),
      fault: "not-understood",
    },
    { name: "not an object", kind: "transaction", item: [], fault: "not-an-object" },
    bad("no store", "no-id", headed("<RetailStoreID>9</RetailStoreID>", "")),
    bad("no number", "no-id", headed("<SequenceNumber>161</SequenceNumber>", "")),
    bad("a day that there is not", "bad-business-day", headed("2026-11-13", "2026-02-30")),
    bad("no time", "no-time", headed("2026-11-14T02:02:54", "night")),
    bad("of a year to come", "in-future", headed("2026-11-14T", "2031-11-14T")),
    bad("no currency", "no-currency", headed("<CurrencyCode>EUR</CurrencyCode>", "")),
    bad("a price in words", "bad-amount", priced("twenty")),
    bad("finer than a cent", "bad-amount", priced("20.005")),
    bad("a quantity in words", "bad-quantity", { lines: mug.replace(">2<", ">two<") }),
    bad("a total in words", "bad-total", {
      totals: '<Total TotalType="TransactionGrandAmount">much</Total>',
    }),
  ],
};
