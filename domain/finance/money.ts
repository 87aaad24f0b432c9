/** Decimal text as money in the currency's smallest unit (ISO 4217), exactly. */
import { err, ok, type Result } from "../result.ts";
import { minorMax } from "../sales/schema.ts";

/** Currencies whose smallest unit is no hundredth (ISO 4217, list one, read 2026-11-22). */
const exponents: ReadonlyMap<string, number> = new Map([
  ...codes("BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF", 0),
  ...codes("BHD IQD JOD KWD LYD OMR TND", 3),
  ...codes("CLF UYW", 4),
]);

function codes(list: string, exponent: number) {
  return list.split(" ").map((code) => [code, exponent] as const);
}

/** How many decimals the smallest unit of a currency is worth. */
export const exponentOf = (currency: string): number => exponents.get(currency) ?? 2;

const decimal = /^([+-]?)(\d{1,12})(?:\.(\d{1,12}))?$/;

export const isCurrency = (code: string): boolean => /^[A-Z]{3}$/.test(code);

/** `not-decimal`: no number, or finer than the currency is. */
export function minorOf(text: string, currency: string): Result<number, "not-decimal"> {
  const parts = decimal.exec(text.trim());
  if (parts === null) return err("not-decimal");
  const [, sign, whole = "", fraction = ""] = parts;
  const exponent = exponentOf(currency);
  const fine = fraction.slice(exponent);
  if (/[1-9]/.test(fine)) return err("not-decimal");
  const minor = Number(whole + fraction.slice(0, exponent).padEnd(exponent, "0"));
  if (minor > minorMax) return err("not-decimal");
  return ok(sign === "-" && minor !== 0 ? -minor : minor);
}
