/**
 * A gateway's settlement file, row by row, in one of three forms that its beginning tells apart: our
 * own (CSV), Shopify's balance transactions (JSON) and Adyen's settlement details (CSV). A row that
 * cannot be taken is named by its line and the rule it broke, never by what it holds.
 *
 * Ours: `reference,kind,currency,amount,fee,day`, in any order; decimal amounts in the currency's
 * larger unit, before the fee, negative where it went back; days as 2026-11-14.
 */
import { err, ok, type Result } from "../result.ts";
import { isLocalDate, type LocalDate } from "../time.ts";
import { adyenColumns, adyenRow } from "./adyen-file.ts";
import { csvRows } from "./csv.ts";
import { isCurrency, minorOf } from "./money.ts";
import { type Settled, type SettledKind, settledKinds } from "./reconcile.ts";
import { shopifyRow } from "./shopify-file.ts";

export type SettledRow = Omit<Settled, "file">;
/** What is wrong with a row: a column's name, or what it should have been. */
export type RowRule =
  | "columns"
  | "reference"
  | "kind"
  | "currency"
  | "amount"
  | "fee"
  | "day"
  | "two-currencies"
  | "not-an-object";
/** Null: a row that says of itself that it moved no money. */
export type RowRead = Result<Omit<SettledRow, "line"> | null, RowRule>;

export interface ReadFile {
  readonly form: "singlet" | "shopify" | "adyen";
  readonly rows: readonly SettledRow[];
  /** Line of the text, or place in the list, from 1. */
  readonly errors: readonly { readonly line: number; readonly rule: RowRule }[];
  readonly passedOver: number;
}
/** `unknown-form`: none of the three. `card-number`: one stands in a cell, so nothing is taken. */
export type FileFault = "unknown-form" | "unclosed" | "too-many" | "card-number";
/** Whether a card number stands in a cell of that column, its name in lower case. */
export type HoldsCard = (cell: string, column: string) => boolean;

export const rowsMax = 20_000;
export const referenceCharsMax = 200;

/** U+001F parts references in a key. */
const isReference = (text: string): boolean =>
  text.length <= referenceCharsMax && !/\p{Cc}/u.test(text);

/**
 * Cells are looked at one by one: amounts beside each other are no card number. JSON has been looked
 * through by whoever hands it over.
 */
export function readSettlementFile(
  text: string,
  holdsCard: HoldsCard,
): Result<ReadFile, FileFault> {
  return isJson(text) ? listed(text) : tabled(text, holdsCard);
}

/** Whether it is read as JSON. */
export const isJson = (text: string): boolean => /^\ufeff?\s*[[{]/.test(text);

function listed(text: string): Result<ReadFile, FileFault> {
  let said: unknown;
  try {
    said = JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return err("unknown-form");
  }
  const items = (said as { transactions?: unknown } | null)?.transactions;
  if (!Array.isArray(items)) return err("unknown-form");
  if (items.length > rowsMax) return err("too-many");
  return ok(read("shopify", items.entries(), ([nth, item]) => [nth + 1, shopifyRow(item)]));
}

function tabled(text: string, holdsCard: HoldsCard): Result<ReadFile, FileFault> {
  const parsed = csvRows(text, rowsMax + 1);
  if (!parsed.ok) return parsed;
  const [header, ...rows] = parsed.value;
  const names = (header?.cells ?? []).map((name) => name.trim().toLowerCase());
  const isCard = (cell: string, nth: number) => holdsCard(cell, names[nth] ?? "");
  if (parsed.value.some(({ cells }) => cells.some(isCard))) return err("card-number");
  const has = (columns: readonly string[]) => columns.every((name) => names.includes(name));
  const form = has(adyenColumns) ? "adyen" : has(ownColumns) ? "singlet" : null;
  if (form === null) return err("unknown-form");
  const rowOf = form === "adyen" ? adyenRow : ownRow;
  return ok(
    read(form, rows.values(), ({ line, cells }) => {
      if (cells.length !== names.length) return [line, err("columns")];
      const cell = (name: string) => cells[names.indexOf(name)]?.trim() ?? "";
      return [line, rowOf(cell)];
    }),
  );
}

function read<T>(
  form: ReadFile["form"],
  items: Iterable<T>,
  rowOf: (item: T) => readonly [line: number, read: RowRead],
): ReadFile {
  const rows: SettledRow[] = [];
  const errors: { line: number; rule: RowRule }[] = [];
  let passedOver = 0;
  for (const item of items) {
    const [line, row] = rowOf(item);
    if (!row.ok) errors.push({ line, rule: row.error });
    else if (row.value === null) passedOver++;
    else if (!row.value.references.every(isReference)) errors.push({ line, rule: "reference" });
    else rows.push({ line, ...row.value });
  }
  return { form, rows, errors, passedOver };
}

const ownColumns = ["reference", "kind", "currency", "amount", "fee", "day"] as const;

/** Which sign an amount of that kind has; of the others both are possible. */
const signs: Readonly<Partial<Record<SettledKind, 1 | -1>>> = { charge: 1, refund: -1, fee: -1 };

function ownRow(cell: (name: string) => string): RowRead {
  const [kind, currency, day] = [cell("kind") as SettledKind, cell("currency"), cell("day")];
  if (!settledKinds.includes(kind)) return err("kind");
  if (!isCurrency(currency)) return err("currency");
  const amount = minorOf(cell("amount"), currency);
  if (!amount.ok || amount.value * (signs[kind] ?? 0) < 0) return err("amount");
  const fee = minorOf(cell("fee") || "0", currency);
  if (!fee.ok) return err("fee");
  if (!isLocalDate(day)) return err("day");
  const reference = cell("reference");
  return ok({
    ...{ kind, currency, amountMinor: amount.value, feeMinor: fee.value, day: day as LocalDate },
    references: reference === "" ? [] : [reference],
  });
}
