/**
 * What all sources of sales read alike: money as it is written, in the currency's smallest unit and
 * never by way of a fraction; names without characters that nobody can see; lines that come to what
 * was paid. Nothing here rounds: an amount finer than its currency is no amount.
 */
import { exponentOf } from "../domain/finance/money.ts";
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import {
  type CardRef,
  cardRef,
  linesMax,
  minorMax,
  quantityMax,
  type SaleLine,
  textMax,
} from "../domain/sales/schema.ts";
import { type Instant, localDate, type Moment, msPerDay } from "../domain/time.ts";
import type { ItemFault } from "./provider.ts";
import { type Fields, halves, isFields } from "./untrusted.ts";

export { exponentOf };

/** ISO 4217, in capitals or not; null when it has no such form. */
export const currencyOf = (v: unknown): string | null =>
  typeof v === "string" && /^[A-Za-z]{3}$/.test(v) ? v.toUpperCase() : null;

const decimal = /^([+-]?)(\d{1,15})(?:\.(\d{1,15}))?$/;
const fraction = /^([+-]?)()\.(\d{1,15})$/;

/**
 * A decimal number, as text or as JSON's number, in the currency's smallest unit; null when it is none,
 * or finer than that.
 */
export function minorOf(v: unknown, currency: string): number | null {
  if (typeof v !== "string" && typeof v !== "number") return null;
  const text = String(v).trim();
  const [, sign, whole = "", decimals = ""] = decimal.exec(text) ?? fraction.exec(text) ?? [];
  if (sign === undefined) return null;
  const exponent = exponentOf(currency);
  if (/[1-9]/.test(decimals.slice(exponent))) return null;
  const minor = Number(`${whole}${decimals.slice(0, exponent).padEnd(exponent, "0")}`);
  if (minor > minorMax) return null;
  return sign === "-" && minor !== 0 ? -minor : minor;
}

/** Already in the smallest unit: a whole number. */
export const wholeMinorOf = (v: unknown): number | null =>
  Number.isSafeInteger(v) && Math.abs(Number(v)) <= minorMax ? Number(v) + 0 : null;

/**
 * A name that totals go by: without controls and other characters that do not show, blanks at its ends
 * or several in a row. Null when nothing is left, or more than is kept: cut, it would name another.
 */
export function saleText(v: unknown): string | null {
  const said = Number.isSafeInteger(v) ? String(v) : v;
  if (typeof said !== "string" || said.length > 8 * textMax) return null;
  const text = said
    .replace(halves, "\ufffd")
    .replace(/[\p{C}\s]+/gu, " ")
    .trim();
  return text === "" || text.length > textMax ? null : text;
}

const referencesMax = 20;

/** What a settlement file may call it, the surest first; each once. */
export const referencesOf = (said: readonly unknown[]): readonly string[] =>
  [...new Set(said.flatMap((v) => saleText(v) ?? []))].slice(0, referencesMax);

const cardsMax = 20;

/** Those that were card numbers before they came here. */
export const cardsIn = (values: readonly unknown[]): readonly CardRef[] =>
  values
    .flatMap((v) => {
      const read = isFields(v) ? cardRef.safeParse(v) : null;
      return read?.success ? [read.data] : [];
    })
    .slice(0, cardsMax);

/** Pieces; of what is weighed or measured, one. Null when it is no amount. */
export function piecesOf(v: unknown): number | null {
  const n = typeof v === "string" && decimal.test(v.trim()) ? Number(v) : v;
  if (typeof n !== "number" || !Number.isFinite(n) || Math.abs(n) > quantityMax) return null;
  if (Number.isInteger(n)) return n + 0;
  return n < 0 ? -1 : 1;
}

export const lineOf = (
  kind: SaleLine["kind"],
  amountMinor: number,
  of: { readonly sku?: string | null; readonly quantity?: number } = {},
): SaleLine => ({ kind, sku: of.sku ?? null, quantity: of.quantity ?? 0, amountMinor });

export const sumOf = (lines: readonly SaleLine[]): number =>
  lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0);

/**
 * With one line more where the source's own total is another: what was taken off as a whole, or what was
 * paid beyond the lines (tips, duties, rounding), which is an article without a name.
 */
export function comingTo(lines: readonly SaleLine[], totalMinor: number): readonly SaleLine[] {
  const rest = totalMinor - sumOf(lines);
  return rest === 0 ? lines : [...lines, lineOf(rest < 0 ? "discount" : "item", rest)];
}

/** The same, taken back. */
export const takenBack = (lines: readonly SaleLine[]): readonly SaleLine[] =>
  lines.map((line) => ({
    ...line,
    quantity: line.quantity === 0 ? 0 : -line.quantity,
    amountMinor: line.amountMinor === 0 ? 0 : -line.amountMinor,
  }));

/** What a source says of one sale, before it is known if it holds together. */
export interface SaidSale {
  readonly at: Instant;
  readonly store: string | null;
  readonly region: string | null;
  readonly businessDay: string;
  readonly currency: string;
  readonly lines: readonly SaleLine[];
  readonly references: readonly string[];
  readonly cards: readonly CardRef[];
}

export function saleFields(sale: SaidSale, receivedMs: Instant): Result<Fields, ItemFault> {
  if (sale.store === null) return err("no-store");
  if (sale.at < 0 || sale.at > receivedMs + msPerDay) return err("in-future");
  if (sale.lines.length > linesMax) return err("too-many-lines");
  if (Math.abs(sumOf(sale.lines)) > minorMax) return err("bad-amount");
  return ok({ ...sale });
}

/** The day that it was where the time was written down; without an offset, in UTC. */
export const dayOf = ({ atMs, offsetMin }: Moment): string => localDate(atMs, offsetMin ?? 0);
