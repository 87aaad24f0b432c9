/** Money as reports write it. */
import { exponentOf } from "../finance/money.ts";

/** 123456 of EUR is "1234.56". Of what is not negative. */
export function decimalOf(amountMinor: number, currency: string): string {
  const digits = exponentOf(currency);
  const text = String(amountMinor).padStart(digits + 1, "0");
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
