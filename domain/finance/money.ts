/** Decimal text as money in the currency's smallest unit (ISO 4217), exactly. */
import { err, ok, type Result } from "../result.ts";

/** Currencies whose smallest unit is not a hundredth of the larger one (ISO 4217, list one). */
const exponents: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF"
      .split(" ")
      .map((code) => [code, 0]),
  ),
  ...Object.fromEntries("BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3])),
  ...{ CLF: 4, UYW: 4 },
};
const usualExponent = 2;
const decimal = /^([+-]?)(\d{1,12})(?:\.(\d{1,12}))?$/;

export const isCurrency = (code: string): boolean => /^[A-Z]{3}$/.test(code);

/** Ten billion of the larger unit, and no more. */
export const minorMax = 1_000_000_000_000;

/** `not-decimal`: no number, or finer than the currency is. */
export function minorOf(text: string, currency: string): Result<number, "not-decimal"> {
  const parts = decimal.exec(text.trim());
  if (parts === null) return err("not-decimal");
  const [, sign, whole = "", fraction = ""] = parts;
  const exponent = exponents[currency] ?? usualExponent;
  const fine = fraction.slice(exponent);
  if (/[1-9]/.test(fine)) return err("not-decimal");
  const minor = Number(whole + fraction.slice(0, exponent).padEnd(exponent, "0"));
  if (minor > minorMax) return err("not-decimal");
  return ok(sign === "-" && minor !== 0 ? -minor : minor);
}
