/**
 * The source's lines as sales: an invoice is one, whose lines all count, repeated or not. It is of the
 * day of its earliest line, and of the country's store that its first line says.
 */
import { type DayFile, isFiner, type SourceRow, unitsOf, wholeOf } from "./retail-csv.ts";

/** The data set's shop is British: pounds of a hundred pence. */
export const currency = "GBP";
export const minorDigits = 2;

export interface Line {
  readonly article: string;
  readonly description: string;
  readonly quantity: number;
  /** Of one, as the source writes it. */
  readonly price: string;
  readonly amountMinor: number;
}
export interface Sale {
  readonly invoice: string;
  readonly store: string;
  /** The shop's own clock, "2010-12-01T08:26:00". */
  readonly clock: string;
  readonly day: string;
  readonly customer: string | null;
  readonly lines: readonly Line[];
}

export interface Book {
  readonly sales: readonly Sale[];
  readonly found: {
    readonly lines: number;
    /** They state no invoice, time, quantity or price that can be read. */
    readonly unreadable: readonly string[];
    /** Lines that say to the letter what another one of their invoice says, and what they come to. */
    readonly repeated: number;
    readonly repeatedMinor: number;
    readonly cancellations: number;
    readonly anonymous: number;
    readonly free: number;
    readonly timesDiffer: number;
    readonly rounded: number;
  };
}

const clockPattern = /^(\d{4}-\d{2}-\d{2})[ T](\d{2}:\d{2}(?::\d{2})?)/;

export function bookOf(files: ReadonlyMap<string, DayFile>): Book {
  const invoices = new Map<string, SourceRow[]>();
  const unreadable: string[] = [];
  let lines = 0;
  for (const [file, { rows }] of files)
    rows.forEach((row, i) => {
      lines++;
      if (!isReadable(row)) unreadable.push(`${file}, record ${i + 1}`);
      else invoices.set(row.InvoiceNo, [...(invoices.get(row.InvoiceNo) ?? []), row]);
    });
  const groups = [...invoices.values()];
  const readable = groups.flat();
  const repeats = groups.flatMap(repeatedIn);
  const some = (is: (row: SourceRow) => boolean) => readable.filter(is).length;
  return {
    sales: groups.map(saleOf),
    found: {
      ...{ lines, unreadable, repeated: repeats.length },
      repeatedMinor: repeats.reduce((sum, row) => sum + lineOf(row).amountMinor, 0),
      cancellations: some((r) => r.InvoiceNo.startsWith("C")),
      anonymous: some((r) => r.CustomerID === ""),
      free: some((r) => lineOf(r).amountMinor === 0),
      timesDiffer: groups.filter((rows) => new Set(rows.map((r) => r.InvoiceDate)).size > 1).length,
      rounded: some((r) => isFiner(r.UnitPrice, minorDigits)),
    },
  };
}

const isReadable = ({ InvoiceNo, InvoiceDate, Quantity, UnitPrice }: SourceRow): boolean =>
  InvoiceNo !== "" &&
  clockPattern.test(InvoiceDate) &&
  wholeOf(Quantity) !== null &&
  unitsOf(UnitPrice, 1, minorDigits) !== null;

/** All but the first of those that say the same. */
function repeatedIn(rows: readonly SourceRow[]): SourceRow[] {
  const seen = new Set<string>();
  return rows.filter((row) => {
    const text = JSON.stringify(row);
    const isKnown = seen.has(text);
    seen.add(text);
    return isKnown;
  });
}

function lineOf({ StockCode, Description, Quantity, UnitPrice }: SourceRow): Line {
  const quantity = wholeOf(Quantity) ?? 0;
  const amountMinor = unitsOf(UnitPrice, quantity, minorDigits) ?? 0;
  const article = StockCode.trim();
  return { article, description: Description, quantity, price: UnitPrice.trim(), amountMinor };
}

function saleOf(rows: readonly SourceRow[]): Sale {
  const [first] = rows as readonly [SourceRow, ...SourceRow[]];
  const [clock = ""] = rows.map((r) => r.InvoiceDate.replace(" ", "T")).sort();
  return {
    ...{ invoice: first.InvoiceNo, store: first.Country, clock, day: clock.slice(0, 10) },
    customer: first.CustomerID === "" ? null : first.CustomerID.replace(/\.0$/, ""),
    lines: rows.map(lineOf),
  };
}
