/** Card numbers that processors publish for tests, and the ways in which they may be written. */

/** https://docs.stripe.com/testing, https://docs.adyen.com/development-resources/testing */
export const testNumbers = [
  ...["4242424242424242", "4111111111111111", "4222222222222", "4000000000000000006"],
  ...["5555555555554444", "2223003122003222", "5105105105105100", "6759649826438453"],
  ...["378282246310005", "371449635398431", "6011111111111117", "6011000990139424"],
  ...["3056930009020004", "30569309025904", "36227206271667", "3566002020360505"],
  ...["6200000000000005", "6205500000000000004", "122000000000003", "6799990100000000019"],
] as const;

const partsOf = (number: string, ...sizes: readonly number[]): string[] => {
  let at = 0;
  const parts = sizes.map((size) => {
    at += size;
    return number.slice(at - size, at);
  });
  return [...parts, number.slice(at)].filter((part) => part !== "");
};
/** As they are printed. */
export const printed = (number: string): string[] =>
  number.length < 16 && number.length > 13 ? partsOf(number, 4, 6) : partsOf(number, 4, 4, 4, 4);

const from = (zero: number) => (digit: string) => String.fromCodePoint(zero + Number(digit));
const each = (number: string, spelled: (digit: string) => string): string =>
  [...number].map(spelled).join("");

/** Zeros of scripts and shapes. */
export const zeros = [
  ...[0xff10, 0x0660, 0x06f0, 0x07c0, 0x0966, 0x09e6, 0x0ae6, 0x0be6, 0x0c66, 0x0e50, 0x0f20],
  ...[0x1040, 0x17e0, 0x1810, 0x1a80, 0x1a90, 0xa620, 0xa8d0, 0x104a0, 0x11066, 0x1e950, 0x1fbf0],
  ...[0x1d7ce, 0x1d7d8, 0x1d7e2, 0x1d7ec, 0x1d7f6, 0xe0030],
];
/** Nobody sees them. */
export const invisible = [
  ...["\u200b", "\u00ad", "\u2060", "\ufeff", "\u200d", "\u200f", "\u034f", "\u3164", "\0"],
  ...["\ufe0f\u20e3", "\u0336"],
];
/** Between groups, and between digits. */
export const separators = [
  ...[" ", "  ", "\t", "\u00a0", "\u2009", "\u202f", "\u3000", "\n", "\r\n", "\u2028"],
  ...["-", "–", "—", "−", "‑", "－", " - ", ".", "_", "/", "\\", ":", "·", "•", "'", "’", "~", "+"],
  ...["          ", "ー", "×", "💳", "&shy; ", "\\-"],
  ...[",", ", ", ";", "|", " | ", "*", "#", "=", "&", '","', ") (", "][", "}{", "x"],
];

export const decimals: Readonly<Record<string, (number: string) => string>> = {
  plain: (n) => n,
  "after a date": (n) => `12/28 ${n}`,
  "before a code": (n) => `${n} 123`,
  "between groups": (n) => `12/28 ${printed(n).join(" ")} 123`,
  "among others": (n) => `1, ${n}, 2`,
  "padded with zeros": (n) => n.padStart(24, "0"),
  glued: (n) => `card${n}x`,
  "in a URL": (n) => `https://x.test/?cc=${n}&n=1`,
  "on a stripe": (n) => `;${n}=25121010000012345678?`,
  "as bytes in hexadecimal": (n) => each(n, (digit) => `3${digit}`),
  "in base64": (n) => btoa(`{"pan":"${printed(n).join(" ")}"}`),
  "in base64url": (n) => btoa(`card ${n}?`).replaceAll("/", "_").replaceAll("=", ""),
  "in base64 of base64": (n) => btoa(btoa(n)),
  "in base64 of an escape of base64": (n) => btoa(`=${encodeURIComponent(btoa(n))}`),
  "in base64 three times": (n) => btoa(btoa(btoa(`pan ${printed(n).join(" ")}`))),
  "in pairs": (n) => (n.match(/\d\d?/g) ?? []).join("-"),
  "in pairs by commas": (n) => (n.match(/\d\d?/g) ?? []).join(","),
  "by a power of ten": (n) => `${n[0]}.${n.slice(1)}E${n.length - 1}`,
  "by a power of ten, with a comma": (n) => `${n.slice(0, 2)},${n.slice(2)}e+${n.length - 2}`,
  "by a power of ten, written out": (n) => `${n[0]}.${n.slice(1)} × 10^${n.length - 1}`,
  "as a fraction of more": (n) => `${n}00E-2`,
  "by a scanner": (n) => n.replaceAll("0", "O").replaceAll("1", "l"),
  "by the issuer": (n) => `${n.slice(0, 6)} ${n.slice(6)}`,
  "all but the last four": (n) => `${n.slice(0, -4)} ${n.slice(-4)}`,
};
export const escaped: Readonly<Record<string, (number: string) => string>> = {
  "page escapes": (n) => each(n, (d) => `&#${48 + Number(d)};`),
  "page escapes in hexadecimal": (n) => each(n, (d) => `&#x3${d};`),
  "page blanks": (n) => printed(n).join("&nbsp;"),
  "soft hyphens": (n) => printed(n).join("&shy;"),
  "page marks": (n) => printed(n).join("<wbr>"),
  "page elements": (n) =>
    printed(n)
      .map((part) => `<b class="g">${part}</b>`)
      .join("\n"),
  "percent escapes": (n) => each(n, (d) => `%3${d}`),
  "percent escapes of full width": (n) => encodeURIComponent(each(n, from(0xff10))),
  "percent blanks": (n) => `pan=${printed(n).join("%20")}&cvc=123`,
  "script escapes": (n) => each(n, (d) => `\\u003${d}`),
  "script code points": (n) => each(n, (d) => `\\u{3${d}}`),
  "byte escapes": (n) => each(n, (d) => `\\x3${d}`),
  "quoted printable": (n) => each(n, (d) => `=3${d}`),
  "escapes within escapes": (n) => each(n, (d) => `%253${d}`),
  "JSON within JSON": (n) => JSON.stringify(JSON.stringify(printed(n).join("\n"))),
};

/** Zero to nine: of Han, on cheques, and of markets. */
export const han = ["〇一二三四五六七八九", "零壹贰叁肆伍陆柒捌玖", "〇〡〢〣〤〥〦〧〨〩"];
export const inHan = (number: string, signs: string): string =>
  each(number, (digit) => signs[Number(digit)] ?? "");
export const inScript = (number: string, zero: number): string => each(number, from(zero));
/** Each digit by itself, and something between. */
export const apart = (number: string, between: string): string => [...number].join(between);

/** Of one number, every one of them. */
export const everySpelling = (number: string): string[] => [
  ...[...Object.values(decimals), ...Object.values(escaped)].map((spelled) => spelled(number)),
  ...zeros.map((zero) => inScript(number, zero)),
  ...han.map((signs) => inHan(number, signs)),
  ...invisible.flatMap((char) => [apart(number, char), printed(number).join(char)]),
  ...separators.flatMap((char) => [apart(number, char), printed(number).join(char)]),
];
