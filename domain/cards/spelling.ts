/**
 * The ways in which the same digits are written down, brought to one: digits of every script and
 * shape become ASCII, what is invisible goes, and what was escaped for a URL, a page, a script or a
 * transport is unescaped. Words, numerals that do not go by places and encryption are not seen through.
 */

/** Escapes within escapes and encodings within encodings, each layer a pass over the text. */
const layersMax = 3;

/**
 * The text as it stands, then what it says unescaped and decoded; each with ASCII digits, and as it
 * would be with digits for the letters that look like them. No two are alike.
 */
export function readingsOf(text: string): readonly string[] {
  const layers = new Set([text]);
  let outer: readonly string[] = [text];
  for (let i = 0; i <= layersMax; i++) {
    const inner = outer.flatMap((layer) => [unescaped(layer), ...decodedIn(layer)]);
    outer = [...new Set(inner)].filter((layer) => !layers.has(layer));
    for (const layer of outer) layers.add(layer);
  }
  const readings = [...layers].map(plain);
  return [...new Set([...readings, ...readings.map(withoutLetters)])];
}

/** Words of digits and of letters that are drawn like 0 and 1, such as a misreading scanner writes. */
const misread = /(?<![\p{L}\p{N}])[OoIl]{0,18}\d[\dOoIl]{0,18}(?![\p{L}\p{N}])/gu;
const withoutLetters = (text: string): string =>
  /\d[OoIl]|[OoIl]\d/.test(text)
    ? text.replace(misread, (word) => word.replace(/[Oo]/g, "0").replace(/[Il]/g, "1"))
    : text;

/** A decimal by a power of ten, as spreadsheets write long numbers. */
const powers =
  /(?<![\d.,])(\d{0,24})(?:[.,](\d{1,24}))?(?:e|[ \t]?[×x*·][ \t]?10[ \t]?\^?)([+-]?\d{1,2})(?!\d)/gi;
/** Of fewer digits than this nothing was a card's number before it was rounded. */
const mantissaMin = 8;

/** Such numbers as whole ones; what stands behind their point goes. */
export const withoutPowers = (text: string): string =>
  text.replace(powers, (all, whole: string, fraction = "", power: string) => {
    const said = whole + fraction;
    const point = whole.length + Number(power);
    if (said.length < mantissaMin || point < 1) return all;
    return said.slice(0, point).padEnd(point, "0");
  });

/** NFKC knows most shapes of a digit (full width, mathematical, circled); these it keeps. */
const shapes = /[\u24f5-\u24fd\u24ff\u2776-\u277e\u2780-\u2788\u278a-\u2792\u{1f10b}\u{1f10c}]/gu;
const ones = [0x24f5, 0x2776, 0x2780, 0x278a];
/** Digits of Chinese and Japanese, plain, as they stand on cheques, and of markets; zero first. */
const han = [
  ..."〇一二三四五六七八九零壹贰叁肆伍陆柒捌玖○壱貳參四五陸七八九",
  ..."〇〡〢〣〤〥〦〧〨〩零弌弐参",
];
const hanDigits: ReadonlyMap<string, string> = new Map(
  han.map((sign, i) => [sign, String(i % 10)] as const),
);
const hanSigns = new RegExp(`[${han.join("")}]`, "gu");
/** Digits among the tags, which show nothing: https://www.unicode.org/charts/PDF/UE0000.pdf */
const tags = /[\u{e0030}-\u{e0039}]/gu;
const tagZero = 0xe0030;

/** ASCII digits, and nothing that is not seen. */
export function plain(text: string): string {
  const visible = /\P{ASCII}/u.test(text)
    ? text
        .normalize("NFKC")
        .replace(tags, (tag) => String((tag.codePointAt(0) ?? tagZero) - tagZero))
        .replace(shapes, shapedDigit)
        .replace(/[\p{DI}\p{Cf}\p{M}]/gu, "")
        .replace(/\p{Nd}/gu, asciiDigit)
        .replace(hanSigns, (sign) => hanDigits.get(sign) ?? sign)
    : text;
  return visible.replace(/[^\P{Cc}\t\n\v\f\r]/gu, "");
}

function shapedDigit(shape: string): string {
  const code = shape.codePointAt(0) ?? 0;
  const one = ones.find((first) => first <= code && code < first + 9);
  return one === undefined ? "0" : String(code - one + 1);
}

/** A script's ten digits stand together, zero first, and no two scripts' ten touch after NFKC. */
function asciiDigit(digit: string): string {
  const code = digit.codePointAt(0) ?? 0;
  if (code < 0x80) return digit;
  let value = 0;
  while (value < 9 && /\p{Nd}/u.test(String.fromCodePoint(code - value - 1))) value++;
  return String(value);
}

const character = (all: string, code: number): string =>
  code <= 0x10ffff ? String.fromCodePoint(code) : all;
const inHex = (all: string, hex: string): string => character(all, Number.parseInt(hex, 16));

const escapes: readonly (readonly [RegExp, (all: string, code: string) => string])[] = [
  [/\\\\/g, () => "\\"],
  // RFC 2045, 6.7; of two at least, since one may be what a parameter begins with.
  [/(?:=[0-9a-f]{2}){2,}/gi, (all) => fromPercent(all.replaceAll("=", "%"))],
  [/(?:%[0-9a-f]{2})+/gi, (all) => fromPercent(all)],
  [/[%\\]u([0-9a-f]{4})/gi, inHex],
  [/\\u\{([0-9a-f]{1,6})\}/gi, inHex],
  [/\\x([0-9a-f]{2})/gi, inHex],
  [/\\0?([67][0-7])/g, (all, octal) => character(all, Number.parseInt(octal, 8))],
  [/&#x([0-9a-f]{1,8});?/gi, inHex],
  [/&#(\d{1,9});?/g, (all, decimal) => character(all, Number(decimal))],
  [/&amp;/gi, () => "&"],
  [/&(?:shy|zwn?j|lrm|rlm|nobreak|zerowidthspace|negative\w{1,9}space);/gi, () => ""],
  [/&[a-z]{2,24};|\\[nrtfv]|<[/a-z!][^<>]{0,200}>/gi, () => " "],
];

/** One layer of transport, URL, script and page escapes; a page's tags and line ends go blank. */
const unescaped = (text: string): string =>
  /[%\\&<=]/.test(text)
    ? escapes.reduce((said, [pattern, means]) => said.replace(pattern, means), text)
    : text;

function fromPercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text.replace(/%(..)/g, inHex);
  }
}

/** What base64 or hexadecimal in the text would say, where all of that is plain text. */
function decodedIn(text: string): readonly string[] {
  const decoded: string[] = [];
  for (const [token] of text.matchAll(/[A-Za-z0-9+/_-]{16,}/g)) {
    const hex = token.replace(/^0x/i, "");
    if (hex.length % 2 === 0 && /^(?:[2-7][0-9a-f])+$/i.test(hex))
      decoded.push(textOf(hex.match(/../g)?.map((pair) => Number.parseInt(pair, 16)) ?? []));
    // Something may be glued to its beginning, or that lies before what is looked at.
    for (let glued = 0; glued < 4; glued++) decoded.push(textOf(bytesOfBase64(token, glued)));
  }
  return decoded.filter((said) => /\d|[A-Za-z+/_-]{16}/.test(said));
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const sextets = new Uint8Array(128);
for (const [i, char] of [...alphabet].entries()) sextets[char.charCodeAt(0)] = i;
[sextets[0x2d], sextets[0x5f]] = [62, 63];

/** RFC 4648, both alphabets; what is left over at the end is no byte. */
function bytesOfBase64(token: string, from: number): number[] {
  const bytes: number[] = [];
  let held = 0;
  let bits = 0;
  for (let i = from; i < token.length; i++) {
    held = ((held << 6) | (sextets[token.charCodeAt(i)] ?? 0)) & 0xffff;
    bits += 6;
    if (bits < 8) continue;
    bits -= 8;
    const byte = (held >> bits) & 0xff;
    // What is no text at its beginning is not read on.
    if (!isText(byte)) return [];
    bytes.push(byte);
  }
  return bytes;
}

const isText = (byte: number): boolean => (byte >= 0x20 && byte < 0x7f) || (byte > 8 && byte < 14);

const textOf = (bytes: readonly number[]): string =>
  bytes.every(isText) ? bytes.map((byte) => String.fromCharCode(byte)).join("") : "";
