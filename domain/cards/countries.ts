/**
 * The country of a card's issuer, as far as that is published: networks of one country, and the
 * numbers that a processor documents for tests (https://docs.stripe.com/testing),
 * in which 4000 00 is followed by the country's ISO 3166-1 number. Tables of who issues what are sold
 * and out of date within weeks; a deployment that has one puts it here.
 */
export const nowhere = "ZZ";

const ofBrand: Readonly<Record<string, string>> = {
  ...{ dankort: "DK", elo: "BR", hipercard: "BR", humo: "UZ", mir: "RU", napas: "VN" },
  ...{ rupay: "IN", troy: "TR", uzcard: "UZ", verve: "NG" },
};

const ofPrefix: Readonly<Record<string, string>> = { "42424242": "US" };
const longestPrefix = 8;

const testNumbers = "400000";
const countryDigits = 3;
const byNumber: Readonly<Record<string, string>> = {
  ...{ "036": "AU", "040": "AT", "056": "BE", "076": "BR", "124": "CA", "208": "DK", "246": "FI" },
  ...{ "250": "FR", "276": "DE", "300": "GR", "344": "HK", "356": "IN", "372": "IE", "380": "IT" },
  ...{ "392": "JP", "442": "LU", "458": "MY", "484": "MX", "528": "NL", "554": "NZ", "578": "NO" },
  ...{ "616": "PL", "620": "PT", "642": "RO", "702": "SG", "724": "ES", "752": "SE", "756": "CH" },
  ...{ "826": "GB" },
};

/** ISO 3166-1 alpha-2; `ZZ`: not known here. */
export function countryOf(digits: string, brand: string): string {
  const national = ofBrand[brand];
  if (national !== undefined) return national;
  if (brand === "visa" && digits.startsWith(testNumbers)) {
    const at = testNumbers.length;
    return byNumber[digits.slice(at, at + countryDigits)] ?? nowhere;
  }
  return ofPrefix[digits.slice(0, longestPrefix)] ?? nowhere;
}
