/**
 * Finds card numbers in a text, however they are spelled (`spelling.ts`). A number's range, its
 * length and its check digit decide, and how its digits are grouped: the ways in which people write
 * card numbers, and not every run of numbers that adds up. Time and memory grow with the text alone.
 */
import { brandOf, isArticle, isLuhn, numberDigits } from "./brands.ts";
import { readingsOf, withoutPowers } from "./spelling.ts";

/** Between two groups of one number, at most. */
const gapCharsMax = 32;
/** Beside a number that is written digit by digit: an expiry date, a security code. */
const besideMax = 6;

/** Groups of digits with nothing but signs and blanks between them. */
interface Chain {
  readonly groups: readonly string[];
  /** Before each group but the first. */
  readonly gaps: readonly string[];
  /** What stands directly before the first one. */
  readonly before: string;
}

/** Read at once: an engine's patterns take memory for each sign that they run over. */
const windowChars = 65_536;
/** No number is written wider. */
const overlapChars = 4_096;

/** The numbers, each once, without anything between their digits. */
export function findCardNumbers(text: string): readonly string[] {
  const found = new Set<string>();
  for (let from = 0; from + (from > 0 ? overlapChars : 0) < text.length; ) {
    findIn(text.slice(from, from + windowChars), found);
    from += windowChars - overlapChars;
  }
  return [...found];
}

function findIn(text: string, found: Set<string>): void {
  if (text.length < numberDigits.min || isPlainWords(text)) return;
  for (const reading of readingsOf(text)) {
    const shown = withoutDigests(reading);
    const isOfCards = cardWords.test(shown);
    for (const said of new Set([shown, withoutPowers(shown)]))
      for (const chain of chainsIn(said))
        for (const number of numbersIn(chain, isOfCards)) found.add(number);
  }
}

/** As most texts are: in ASCII, nothing in it is escaped or encoded, and it has few digits. */
const isPlainWords = (text: string): boolean =>
  !/[^ -~]|[%\\&<=]|[\w+/-]{16}|\d[OoIl]|[OoIl]\d/.test(text) &&
  text.replace(/\D/g, "").length < numberDigits.min;

/** A word that says what a number beside it is; then the rarest ranges are looked for too. */
const cardWords =
  /card|\bpan\b|maestro|visa|debit|credit|kart|carte|tarjeta|cart[aã]o|carta|kreditn|карт|カード|卡/i;

const uuids = /(?<![0-9a-z])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9a-z])/gi;
const hexTokens = /(?<![0-9a-z])[0-9a-f]{32,128}(?![0-9a-z])/gi;
const digestChars: ReadonlySet<number> = new Set([32, 40, 56, 64, 96, 128]);
const lettersMin = 4;
/** A GlobalID (https://github.com/rails/globalid): shops name their own records so. */
const recordNames = /gid:\/\/[\w.-]{1,64}\/\w{1,64}\/\d{1,14}(?!\d)/gi;

/** Digests and ids that are made of digits among letters, or say of themselves that they are ids. */
const withoutDigests = (text: string): string =>
  text
    .replace(uuids, "x")
    .replace(hexTokens, (token) =>
      digestChars.has(token.length) && token.replace(/\d/g, "").length >= lettersMin ? "x" : token,
    )
    .replace(recordNames, "x");

/** No digits and no letters, but for marks that count as such, and an `x`. */
const isGap = /^(?:[^\p{Lu}\p{Ll}\p{Lt}\p{Lo}\p{N}]*|x)$/iu;

function* chainsIn(text: string): Generator<Chain> {
  let groups: string[] = [];
  let gaps: string[] = [];
  let before = "";
  let end = 0;
  for (const match of text.matchAll(/\d+/g)) {
    const gap = text.slice(Math.max(end, match.index - gapCharsMax - 1), match.index);
    const isJoined = groups.length > 0 && gap.length <= gapCharsMax && isGap.test(gap);
    if (!isJoined) {
      if (groups.length > 0) yield { groups, gaps, before };
      [groups, gaps, before] = [[], [], text.slice(Math.max(0, match.index - 2), match.index)];
    } else gaps.push(gap);
    groups.push(match[0]);
    end = match.index + match[0].length;
  }
  if (groups.length > 0) yield { groups, gaps, before };
}

/**
 * known: as cards are printed, which needs nothing else to be seen. whole: one unbroken run. free:
 * in another way, evenly.
 */
type Shape = "known" | "whole" | "free";

function* numbersIn(chain: Chain, isOfCards: boolean): Generator<string> {
  const singles = singlesAround(chain.groups);
  for (let from = 0; from < chain.groups.length; from++) {
    let digits = "";
    for (let to = from; to < chain.groups.length; to++) {
      const group = chain.groups[to] ?? "";
      const isWhole = from === to;
      if (!isWhole && digits.length + group.length > numberDigits.max) break;
      digits = isWhole ? group.replace(/^0+/, "") : digits + group;
      if (digits.length > numberDigits.max) break;
      if (digits.length < numberDigits.min || !isLuhn(digits)) continue;
      const brand = brandOf(digits);
      const shape = brand === null ? null : shapeOf(chain, from, to, singles);
      if (brand === null || shape === null) continue;
      const isCalled = from === 0 && isPhone(chain);
      if (isTaken(digits, brand, shape, isCalled, isOfCards)) yield digits;
    }
  }
}

const isPhone = ({ before }: Chain): boolean => /(?:^|[^\p{L}\p{N}])\+$/u.test(before);

/** Numbers of so many digits, or fewer, are shared with articles and telephones. */
const shortDigitsMax = 13;
const commonLengths: ReadonlySet<number> = new Set([16, 19]);

function isTaken(
  digits: string,
  brand: string,
  shape: Shape,
  isCalled: boolean,
  isOfCards: boolean,
): boolean {
  if (shape === "known") return true;
  const isShort = digits.length <= shortDigitsMax;
  if (isShort && (isCalled || isArticle(digits))) return false;
  return brand !== "maestro" || commonLengths.has(digits.length) || isOfCards;
}

const known: ReadonlySet<string> = new Set([
  ...["4,4,4,4", "4,4,4,4,1", "4,4,4,4,2", "4,4,4,4,3", "4,4,4,1", "4,4,4,2", "4,4,4,3", "4,4,4"],
  ...["4,6,5", "4,6,4", "4,5,6", "4,3,3,3", "6,13"],
]);
const groupDigits = 4;
/** By threes, counted from either end. */
const isThousands = /^(?:[1-3](?:,3){4,6}|(?:3,){4,6}[12])$/;
const isPairs = /^2(?:,2){5,8}(?:,1)?$/;

function shapeOf(chain: Chain, from: number, to: number, singles: Singles): Shape | null {
  const { groups, gaps } = chain;
  if (from === to) return "whole";
  const sizes = groups.slice(from, to + 1).map((group) => group.length);
  const between = gaps.slice(from, to);
  if (sizes.every((size) => size === 1)) return isSpelledOut(from, to, singles) ? "known" : null;
  if (sizes.length === 2 && (between[0] === "." || between[0] === ",")) return null;
  const isList = between.some(isListed);
  if (known.has(sizes.join(","))) {
    const beside = [from === 0 ? null : from - 1, to === groups.length - 1 ? null : to];
    const goesOn = beside.some(
      (at, i) =>
        at !== null &&
        gaps[at] === between[0] &&
        groups[i === 0 ? from - 1 : to + 1]?.length === groupDigits,
    );
    return isList && goesOn ? null : "known";
  }
  const isAll = from === 0 && to === groups.length - 1;
  const isEven = isAll && between.every((gap) => gap === between[0]);
  const digits = sizes.reduce((sum, size) => sum + size, 0);
  const isShort = digits <= shortDigitsMax;
  if (isEven && !isShort && isThousands.test(sizes.join(","))) return "free";
  if (isList) {
    const isPaired = isEven && isPairs.test(sizes.join(","));
    return isPaired && !isAscending(groups) ? "free" : null;
  }
  if (sizes.slice(0, -1).every((size) => size >= groupDigits)) return "free";
  // A telephone's groups are uneven, and begin with a country.
  const isSteady = sizes.slice(0, -1).every((size) => size === sizes[0]);
  if (isEven && (isSteady || !isShort)) return "free";
  const isUneven = isAll && !isShort && sizes.slice(0, -1).every((size) => size >= unevenMin);
  return isUneven && !isPhone(chain) && !isDecimals(gaps) && !isAddress(chain) ? "free" : null;
}

/** Moments, and most telephones, have shorter groups among theirs. */
const unevenMin = 3;

/** As sizes, years and steps are listed. */
const isAscending = (groups: readonly string[]): boolean =>
  groups.every((group, i) => i === 0 || Number(groups[i - 1]) < Number(group));

/** 134.250 135.125 */
const isDecimals = (gaps: readonly string[]): boolean =>
  gaps.every((gap, i) => (i % 2 === 0 ? gap === "." : /^\s+$/.test(gap)));

const octetMax = 255;
/** 223.104.210.118:8443, https://www.rfc-editor.org/rfc/rfc3986#section-3.2.2 */
const isAddress = ({ groups, gaps }: Chain): boolean =>
  gaps.slice(0, 3).every((gap) => gap === ".") &&
  groups.slice(0, 4).every((group) => Number(group) <= octetMax);

/** What lists put between their elements, and numbers hardly. */
const isListed = (gap: string): boolean => gap.length > 3 || /[,;|\r\n"'[\](){}]/.test(gap);

/** For each group of one digit, where the run of such groups begins and ends. */
type Singles = readonly { readonly from: number; readonly to: number }[];

function singlesAround(groups: readonly string[]): Singles {
  const around: { from: number; to: number }[] = [];
  for (let i = 0; i < groups.length; i++) {
    const before = around[i - 1];
    if (groups[i]?.length !== 1) around.push({ from: i + 1, to: i });
    else if (before === undefined || before.to < before.from) around.push({ from: i, to: i });
    else {
      before.to = i;
      around.push(before);
    }
  }
  return around;
}

/** A window of single digits that begins or ends where they do, with little beside it. */
function isSpelledOut(from: number, to: number, singles: Singles): boolean {
  const run = singles[from];
  if (run === undefined) return false;
  const before = from - run.from;
  const after = run.to - to;
  return (before === 0 || after === 0) && before + after <= besideMax;
}
