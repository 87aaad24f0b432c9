/**
 * Which numbers a card may have: whose range its first digits lie in, how long it then is, and the
 * check digit. Ranges as the networks publish them (ISO/IEC 7812-1 for the form; the networks' own
 * documents and https://en.wikipedia.org/wiki/Payment_card_number). Where two
 * networks share a range the narrower one is named, which stands first.
 */
export const numberDigits = { min: 12, max: 19 } as const;

interface Range {
  readonly brand: string;
  readonly prefixes: readonly (readonly [from: string, to: string])[];
  readonly lengths: readonly number[];
}

/** First digits, each one prefix or `from-to`, as many digits in both. */
const range = (brand: string, prefixes: string, lengths: readonly number[]): Range => ({
  brand,
  prefixes: prefixes.split(" ").map((text) => {
    const [from = "", to = from] = text.split("-");
    return [from, to] as const;
  }),
  lengths,
});

const from16 = [16, 17, 18, 19];
const eloPrefixes = [
  "401178-401179 438935 451416 457631-457632 504175 506699-506778 509000-509999 627780 636297",
  "636368 650031-650051 650405-650439 650485-650538 650541-650598 650700-650718 655000-655019",
].join(" ");

const ranges: readonly Range[] = [
  range("elo", eloPrefixes, [16]),
  range("hipercard", "606282", [16]),
  range("verve", "506099-506198 507865-507964 650002-650027", [16, 18, 19]),
  range("dankort", "5019 4571", [16]),
  range("troy", "9792", [16]),
  range("mir", "2200-2204", from16),
  range("uzcard", "8600", [16]),
  range("humo", "9860", [16]),
  range("napas", "9704", [16, 19]),
  range("visa", "4", [13, 16, 19]),
  range("mastercard", "51-55 2221-2720", [16]),
  range("amex", "34 37", [15]),
  range("discover", "6011 644-649 622126-622925", from16),
  range("rupay", "508 60 82", [16]),
  range("discover", "65", from16),
  range("unionpay", "62 81", from16),
  range("jcb", "3528-3589", from16),
  range("diners", "300-305 3095 36 38-39", [14, 16, 19]),
  range("uatp", "1", [15]),
  range("maestro", "50 56-69", [12, 13, 14, 15, ...from16]),
];

/** Null: no network's. */
export function brandOf(digits: string): string | null {
  const isIn = ([from, to]: readonly [string, string]) => {
    const first = digits.slice(0, from.length);
    return from <= first && first <= to;
  };
  const one = ranges.find(
    ({ prefixes, lengths }) => lengths.includes(digits.length) && prefixes.some(isIn),
  );
  return one?.brand ?? null;
}

/** ISO/IEC 7812-1, annex B. */
export function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    const twice = i % 2 === 0 ? digit : digit * 2;
    sum += twice > 9 ? twice - 9 : twice;
  }
  return sum % 10 === 0;
}

/** The check digit of an article's number (GS1 General Specifications, 7.9): GTIN-12 and GTIN-13. */
export function isArticle(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = digits.charCodeAt(digits.length - 1 - i) - 48;
    sum += i % 2 === 0 ? digit : digit * 3;
  }
  return sum % 10 === 0;
}
