/**
 * One day of the UCI Online Retail data set as a CSV file (RFC 4180): a line an article of an
 * invoice. Fields are text as they stand there; nothing is a number before it has to be one. What is
 * no UTF-8 is ISO 8859-1, as the data set itself was first published.
 */
export const columns = [
  "InvoiceNo",
  "StockCode",
  "Description",
  "Quantity",
  "InvoiceDate",
  "UnitPrice",
  "CustomerID",
  "Country",
] as const;
export type ColumnName = (typeof columns)[number];
export type SourceRow = Readonly<Record<ColumnName, string>>;

export type Encoding = "utf-8" | "latin-1";

export interface DayFile {
  readonly encoding: Encoding;
  /** In the order in which the file has its columns. */
  readonly header: readonly string[];
  readonly rows: readonly SourceRow[];
}

/** Null: it has another form. */
export function readDay(bytes: Uint8Array): DayFile | null {
  const { encoding, text } = decoded(bytes);
  const [header, ...records] = recordsOf(text);
  if (header === undefined || columns.some((name) => !header.includes(name))) return null;
  const places = columns.map((name) => [name, header.indexOf(name)] as const);
  const rows = records.map(
    (fields) => Object.fromEntries(places.map(([name, i]) => [name, fields[i] ?? ""])) as SourceRow,
  );
  return { encoding, header, rows };
}

function decoded(bytes: Uint8Array): { encoding: Encoding; text: string } {
  try {
    return { encoding: "utf-8", text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return { encoding: "latin-1", text: Buffer.from(bytes).toString("latin1") };
  }
}

/** Empty lines are none. */
function recordsOf(text: string): string[][] {
  const records: string[][] = [];
  let fields: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^,\r\n]*))(,|\r\n|\n|\r|$)/gy;
  for (let found = field.exec(text); found !== null; found = field.exec(text)) {
    const [, quoted, plain = "", end] = found;
    fields.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ",") continue;
    if (fields.some((value) => value !== "")) records.push(fields);
    fields = [];
    if (field.lastIndex >= text.length) break;
  }
  return records;
}

interface Decimal {
  /** All of its digits, with their sign. */
  readonly digits: bigint;
  /** How many of them stand behind the point; negative: so many noughts are to be added. */
  readonly behind: number;
}

/** A decimal number as text, also with an exponent of ten. */
function decimalIn(text: string): Decimal | null {
  const found = /^\s*([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,3}))?\s*$/.exec(text);
  const [, sign, whole = "", part = "", exponent = "0"] = found ?? [];
  if (found === null || whole + part === "") return null;
  const digits = BigInt(`${whole}${part}`);
  return { digits: sign === "-" ? -digits : digits, behind: part.length - Number(exponent) };
}

/** So many times a decimal in units of its `place`th decimal, halves away from zero. */
export function unitsOf(text: string, times: number, place: number): number | null {
  const read = decimalIn(text);
  if (read === null) return null;
  const all = read.digits * BigInt(times);
  const cut = read.behind - place;
  if (cut <= 0) return Number(all * 10n ** BigInt(-cut));
  const [size, scale] = [all < 0n ? -all : all, 10n ** BigInt(cut)];
  const units = Number((size * 2n + scale) / (scale * 2n));
  return all < 0n && units !== 0 ? -units : units;
}

/** Whether it has decimals beyond that place. */
export function isFiner(text: string, place: number): boolean {
  const read = decimalIn(text);
  return (
    read !== null && read.behind > place && read.digits % 10n ** BigInt(read.behind - place) !== 0n
  );
}

/** A whole number, however it is written; null: it is none. */
export function wholeOf(text: string): number | null {
  const n = isFiner(text, 0) ? null : unitsOf(text, 1, 0);
  return n !== null && Number.isSafeInteger(n) ? n : null;
}
