/**
 * A sale as its source says it: the home country's as its tills write them down (POSLog), all others
 * as our own door for shops takes them. Either source has two doors: a sale by itself when it was
 * made, and many in one body later. By whichever a sale comes, it is called the same.
 */
import { poslog } from "../../providers/poslog.ts";
import type { Provider } from "../../providers/provider.ts";
import { saleWebhooks } from "../../providers/sale-webhooks.ts";
import { currency, type Line, minorDigits, type Sale } from "./retail-sales.ts";

export interface Source {
  readonly provider: Provider;
  isOf(sale: Sale): boolean;
  /** One body, of one sale or of many. */
  body(sales: readonly Sale[]): string;
}

export const shopAccount = "uci-online-retail";
const homeStore = "United Kingdom";

/** "-1234" of the smallest unit is "-12.34". */
export function decimalOf(minor: number): string {
  const digits = String(Math.abs(minor)).padStart(minorDigits + 1, "0");
  const text = `${digits.slice(0, -minorDigits)}.${digits.slice(-minorDigits)}`;
  return minor < 0 ? `-${text}` : text;
}

const totalOf = ({ lines }: Sale) => lines.reduce((sum, { amountMinor: n }) => sum + n, 0);

const escapes: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;" };
/** What XML cannot hold is left out. */
const xml = (text: string) =>
  text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd]/g, "")
    .replaceAll(/[&<>]/g, (c) => escapes[c] ?? "");

function tillLine({ article, description, quantity, price, amountMinor }: Line, nth: number) {
  const isBack = quantity < 0 && amountMinor <= 0;
  const [name, sign] = isBack ? ["Return", -1] : ["Sale", 1];
  return `<LineItem><SequenceNumber>${nth + 1}</SequenceNumber><${name} ItemType="Stock">
<POSIdentity><POSItemID>${xml(article)}</POSItemID></POSIdentity><ItemID>${xml(article)}</ItemID>
<Description>${xml(description)}</Description>
<RegularSalesUnitPrice>${xml(price)}</RegularSalesUnitPrice>
<ExtendedAmount>${decimalOf(sign * amountMinor)}</ExtendedAmount>
<Quantity>${sign * quantity}</Quantity></${name}></LineItem>`;
}

function tillTransaction(sale: Sale): string {
  const customer =
    sale.customer === null
      ? ""
      : `<Customer><CustomerID>${xml(sale.customer)}</CustomerID></Customer>`;
  return `<Transaction><RetailStoreID>${xml(sale.store)}</RetailStoreID>
<WorkstationID>1</WorkstationID><SequenceNumber>${xml(sale.invoice)}</SequenceNumber>
<BusinessDayDate>${sale.day}</BusinessDayDate><EndDateTime>${sale.clock}</EndDateTime>
<CurrencyCode>${currency}</CurrencyCode><RetailTransaction Version="2.1">
${sale.lines.map(tillLine).join("\n")}${customer}
<Total TotalType="TransactionGrandAmount">${decimalOf(totalOf(sale))}</Total>
</RetailTransaction></Transaction>`;
}

const shopSale = (sale: Sale) => ({
  ...{ id: sale.invoice, revision: 1, at: `${sale.clock}Z`, businessDay: sale.day },
  ...{ store: sale.store, currency, customer: sale.customer, total: decimalOf(totalOf(sale)) },
  lines: sale.lines.map(({ article, quantity, amountMinor }) => ({
    ...(article === "" ? {} : { sku: article }),
    ...{ quantity, amount: decimalOf(amountMinor) },
  })),
  references: [sale.invoice],
});

export const sources: readonly Source[] = [
  {
    provider: poslog,
    isOf: ({ store }) => store === homeStore,
    body: (sales) =>
      `<POSLog xmlns="http://www.nrf-arts.org/IXRetail/namespace/">${sales.map(tillTransaction).join("\n")}</POSLog>`,
  },
  {
    provider: saleWebhooks,
    isOf: ({ store }) => store !== homeStore,
    body: (sales) =>
      JSON.stringify({
        ...{ type: "sales.recorded", timestamp: "2012-01-01T00:00:00Z" },
        data: { account: shopAccount, sales: sales.map(shopSale) },
      }),
  },
];
