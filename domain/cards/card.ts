/**
 * What may be known of a card without its number: as much of it as PCI SSC's FAQ 1091 lets stand
 * beside the last four (https://www.pcisecuritystandards.org/faqs).
 */
import { brandOf, isLuhn, numberDigits } from "./brands.ts";
import { countryOf } from "./countries.ts";
import { plain } from "./spelling.ts";

export interface CardFacts {
  readonly bin: string;
  readonly last4: string;
  /** `other`: in no range that is known here. */
  readonly brand: string;
  readonly country: string;
}

const longBinDigits = 8;
const shortBinDigits = 6;
const shownDigits = 4;
const otherBrand = "other";
/** Of these the first eight and the last four of sixteen may be shown; of all others the first six. */
const longBins: ReadonlySet<string> = new Set([
  ...["visa", "mastercard", "discover", "jcb", "unionpay"],
]);
const longBinFrom = 16;

export const isCardNumber = (digits: string): boolean =>
  digits.length >= numberDigits.min &&
  digits.length <= numberDigits.max &&
  /^\d+$/.test(digits) &&
  isLuhn(digits);

/** Of 12 to 19 digits. */
export function factsOf(digits: string): CardFacts {
  const brand = brandOf(digits) ?? otherBrand;
  const isLong = digits.length >= longBinFrom && longBins.has(brand);
  return {
    bin: digits.slice(0, isLong ? longBinDigits : shortBinDigits),
    last4: digits.slice(-shownDigits),
    brand,
    country: countryOf(digits, brand),
  };
}

/** A field that holds one number and nothing else, however it is spelled; null: it holds none. */
export function numberIn(text: string): string | null {
  const digits = plain(text).replace(/[^\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{N}]/gu, "");
  return isCardNumber(digits) ? digits : null;
}

/** So many digits that they may be a number that is mistyped, or most of one. */
export const mayBeNumber = (text: string): boolean =>
  plain(text).replace(/\D/g, "").length >= numberDigits.min;
