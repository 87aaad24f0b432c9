/** Card numbers are found however they are spelled, and little else is taken for one. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { brandOf, isLuhn } from "../../domain/cards/brands.ts";
import { factsOf, isCardNumber, numberIn } from "../../domain/cards/card.ts";
import { findCardNumbers } from "../../domain/cards/find.ts";
import {
  apart,
  decimals,
  escaped,
  han,
  inHan,
  inScript,
  invisible,
  printed,
  separators,
  testNumbers,
  zeros,
} from "./card-spellings.ts";

const found = (text: string, number: string) => findCardNumbers(text).includes(number);
const missed = (spelled: (number: string) => string) =>
  testNumbers.filter((number) => !found(spelled(number), number)).map(spelled);

const prefixes = [
  ...[["4", 16] as const, ["4", 19] as const, ["51", 16] as const, ["2720", 16] as const],
  ...[["34", 15] as const, ["37", 15] as const, ["6011", 16] as const, ["65", 16] as const],
  ...[["305", 14] as const, ["36", 14] as const, ["3589", 16] as const, ["62", 17] as const],
  ...[["2204", 16] as const, ["9792", 16] as const, ["508", 16] as const, ["1", 15] as const],
];
/** Any number that a card may have. */
const anyNumber = fc
  .tuple(fc.constantFrom(...prefixes), fc.array(fc.nat(9), { minLength: 19, maxLength: 19 }))
  .map(([[prefix, length], digits]) => {
    const body = (prefix + digits.join("")).slice(0, length - 1);
    const check = [..."0123456789"].find((digit) => isLuhn(body + digit)) ?? "";
    return body + check;
  });
const words = fc.string({ unit: fc.constantFrom(..."abc xyz.,") });

describe("a number", () => {
  test("is found among whatever stands around it", () => {
    fc.assert(
      fc.property(anyNumber, words, words, (number, before, after) =>
        found(`${before} ${number} ${after}`, number),
      ),
    );
  });

  test("is found in groups as they are printed, with any separators in any order", () => {
    const mixed = fc.array(fc.constantFrom(...separators), { minLength: 4, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...testNumbers), mixed, (number, between) => {
        const parts = printed(number);
        const text = parts.map((part, i) => (i === 0 ? part : between[i % 4] + part)).join("");
        return found(text, number);
      }),
    );
  });

  test("is found in uneven groups of three and more, with any signs between", () => {
    const sizes = fc.array(fc.integer({ min: 3, max: 7 }), { minLength: 6, maxLength: 6 });
    const signs = fc.constantFrom("/", " ", "-", "–", " - ", "_");
    const between = fc.array(signs, { minLength: 6, maxLength: 6 });
    const long = testNumbers.filter(({ length }) => length > 13);
    fc.assert(
      fc.property(fc.constantFrom(...long), sizes, between, (number, each, gaps) => {
        const parts: string[] = [];
        for (let at = 0, i = 0; at < number.length; at += each[i++] ?? 3)
          parts.push((i === 0 ? "" : (gaps[i - 1] ?? "")) + number.slice(at, at + (each[i] ?? 3)));
        return found(parts.join(""), number);
      }),
    );
    expect(findCardNumbers("4539/148 803-436.467")).toEqual(["4539148803436467"]);
  });

  test("is found digit by digit, with any separators in any order", () => {
    const mixed = fc.array(fc.constantFrom(...separators), { minLength: 7, maxLength: 7 });
    fc.assert(
      fc.property(anyNumber, mixed, (number, between) => {
        const text = [...number].map((digit, i) => (i === 0 ? digit : between[i % 7] + digit));
        return found(text.join(""), number);
      }),
    );
  });

  test("is found in any script, in one as in several", () => {
    const scripts = fc.array(fc.constantFrom(...zeros), { minLength: 19, maxLength: 19 });
    for (const zero of zeros) expect(missed((number) => inScript(number, zero))).toEqual([]);
    for (const signs of han) expect(missed((number) => inHan(number, signs))).toEqual([]);
    fc.assert(
      fc.property(anyNumber, scripts, (number, each) =>
        found([...number].map((digit, i) => inScript(digit, each[i] ?? 0x30)).join(""), number),
      ),
    );
  });

  test.each(invisible.map((char) => [char]))("is found with what nobody sees in it: %j", (char) => {
    expect(missed((number) => apart(number, char))).toEqual([]);
    expect(missed((number) => printed(number).join(char))).toEqual([]);
  });

  test.each(Object.entries({ ...decimals, ...escaped }))("is found spelled %s", (_, spelled) => {
    expect(missed(spelled)).toEqual([]);
  });

  test("is found in circles, however they are drawn", () => {
    const drawn = (zero: string, one: number) => (number: string) =>
      [...number]
        .map((digit) => (digit === "0" ? zero : String.fromCodePoint(one + Number(digit) - 1)))
        .join("");
    for (const spelled of [drawn("⓪", 0x2460), drawn("⓿", 0x2776), drawn("🄋", 0x2780)])
      expect(missed(spelled)).toEqual([]);
  });

  test("is found as often as it differs, and each once", () => {
    const [visa, , , , master] = testNumbers;
    expect(findCardNumbers(`${visa} ${master} ${printed(visa).join("-")}`)).toEqual([visa, master]);
  });
});

/** A generator of numbers that is the same in every run. */
function chance(seed: number) {
  let state = seed;
  return (below: number): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
const draw = chance(7);
const digits = (n: number): string => Array.from({ length: n }, () => draw(10)).join("");
const pick = <T>(of: readonly T[]): T => of[draw(of.length)] as T;
function withArticleCheck(body: string): string {
  const sum = [...body].reverse().reduce((n, d, i) => n + Number(d) * (i % 2 === 0 ? 3 : 1), 0);
  return body + String((10 - (sum % 10)) % 10);
}
const hex = (n: number): string => Array.from({ length: n }, () => draw(16).toString(16)).join("");

const lookalikes: Readonly<Record<string, () => string>> = {
  "a moment in milliseconds": () => String(1_500_000_000_000 + draw(500_000_000_000)),
  "a moment in microseconds": () => `1${5 + draw(5)}${digits(14)}`,
  "a moment in nanoseconds": () => `1${5 + draw(5)}${digits(17)}`,
  "a moment as text": () => `2026-${10 + draw(3)}-${10 + draw(18)} 14:48:11.${digits(6)} +0100`,
  "a local moment": () =>
    `${10 + draw(20)}.${10 + draw(3)}.2026 14:${10 + draw(50)}:${10 + draw(50)}`,
  "an article's number": () =>
    withArticleCheck(pick(["4", "50", "57", "59", "6"]) + digits(11)).slice(-13),
  "a longer one, padded": () => `0${withArticleCheck(`40${digits(10)}`)}`,
  "a device's number": () => `35${digits(13)}`,
  "a UUID": () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  "a digest": () => hex(pick([32, 40, 64])),
  "a telephone": () => `+${pick(["49176", "63917", "4477", "1212", "5511"])}${digits(8)}`,
  "a telephone in groups": () => `+49 176 ${digits(4)} ${digits(4)}`,
  "a place": () => `${40 + draw(15)}.${digits(6)}, -${10 + draw(80)}.${digits(6)}`,
  amounts: () => `${digits(4)}.${digits(2)}, ${digits(3)}.${digits(2)}, ${digits(2)}.${digits(2)}`,
  "a rounding error": () => `4${digits(3)}.${digits(12)}`,
  "articles by four digits": () => Array.from({ length: 8 }, () => `4${digits(3)}`).join(","),
  "heart rates": () => Array.from({ length: 60 }, () => 60 + draw(130)).join(","),
  "a shop's order": () => `5${digits(12)}`,
  "a record's name": () => `gid://shopify/ProductVariant/39${digits(12)}`,
  "a range of days": () =>
    `${10 + draw(20)}.0${1 + draw(9)}.2026 - ${10 + draw(20)}.0${1 + draw(9)}.2026`,
  "a day and its hours": () =>
    `${10 + draw(20)}/0${1 + draw(9)}/2026 ${10 + draw(13)}:${10 + draw(50)}-${10 + draw(13)}:30`,
  "decimals with blanks": () =>
    Array.from({ length: 3 }, () => `${100 + draw(900)}.${digits(3)}`).join(" "),
  "sizes of shoes": () => {
    const least = 30 + draw(14);
    return Array.from({ length: 7 + draw(3) }, (_, i) => least + i).join(",");
  },
  "heart rates of rest": () => Array.from({ length: 30 }, () => 40 + draw(59)).join(","),
  "a telephone in uneven groups": () => `+371 ${digits(4)} ${digits(3)}-${digits(3)}`,
  "a small number by a power": () => `4.${digits(6)}E${10 + draw(9)}`,
  "a host and its port": () =>
    `${222 + draw(34)}.${100 + draw(156)}.${100 + draw(156)}.${100 + draw(156)}:8443`,
  "an address on the net": () => `${draw(256)}.${draw(256)}.${draw(256)}.${draw(256)}`,
};

describe("what is no card's number", () => {
  test.each(Object.entries(lookalikes))("is not taken for one: %s", (_, make) => {
    const taken = Array.from({ length: 2_000 }, make).filter(
      (text) => findCardNumbers(text).length > 0,
    );
    expect(taken).toEqual([]);
  });

  test.each([
    ...["4242424242424241", "424242******4242", "4242 42XX XXXX 4242", "**** **** **** 4242"],
    ...["7992739871300000", "0000000000000000", "1234567890123456", "+4915112345678", ""],
  ])("nor a wrong digit, a masked number, another range: %j", (text) => {
    expect(findCardNumbers(text)).toEqual([]);
  });

  test("one of sixteen random digits is, as often as range and check digit say, and no more", () => {
    const taken = Array.from({ length: 20_000 }, () => digits(16)).filter(
      (text) => findCardNumbers(text).length > 0,
    );
    expect(taken.length / 20_000).toBeLessThan(0.05);
  });
});

describe("a long text", () => {
  const many = 70_000;
  test.each([
    ...[
      "4",
      "4 ",
      "4242 ",
      "42 ",
      "%3",
      "&#",
      "=34",
      "<a",
      "\\u003",
      "4242,",
      "a1",
      "x4",
      "+",
      "０",
    ],
    ...["1e", "4.2e1", "4O", "lO", "四", "UUUV", "42,", "TkRJ", "424/42 "],
    ...["deadbeef", "\u200b4", "4-", "((((", "AAAA", "1.2.", "&amp;", "%25", "\\\\"],
  ])("ends, whatever it repeats: %j", (text) => {
    expect(findCardNumbers(text.repeat(many / text.length)).length).toBeLessThan(3);
  });

  test("in base64 as often as is looked for ends too", () => {
    let text = "4242 ".repeat(4_000);
    for (let i = 0; i < 5; i++) {
      text = btoa(text);
      expect(findCardNumbers(text).length).toBeLessThan(3);
    }
  });

  test("is read to its end, wherever the number stands and however long it is", () => {
    for (const filler of ["x", "1.2 ", "é", "AAAA"])
      for (const at of [0, 61_435, 65_530, 122_880])
        for (const spelled of [
          "4242424242424242",
          "4242 4242 4242 4242",
          btoa("42424242 42424242"),
        ]) {
          const before = filler.repeat(Math.ceil(at / filler.length)).slice(0, at);
          const text = `${before} ${spelled} ${filler}`;
          expect(findCardNumbers(text), `${filler} ${at} ${spelled}`).toEqual(["4242424242424242"]);
        }
  });

  test("of ten million signs is read like any other", () => {
    for (const text of ["x", " ", "4"])
      expect(findCardNumbers(text.repeat(10_000_000 / text.length)).length).toBeLessThan(3);
  });
});

describe("of a card", () => {
  test("as much is shown as may stand beside the last four", () => {
    expect(factsOf("4242424242424242")).toEqual({
      ...{ bin: "42424242", last4: "4242", brand: "visa", country: "US" },
    });
    expect(factsOf("378282246310005")).toMatchObject({ bin: "378282", last4: "0005" });
    expect(factsOf("4222222222222")).toMatchObject({ bin: "422222", brand: "visa" });
    expect(factsOf("4000002760000016")).toMatchObject({ bin: "40000027", country: "DE" });
    expect(factsOf("5019717010103742")).toMatchObject({ brand: "dankort", country: "DK" });
    expect(factsOf("9999999999999995")).toMatchObject({ brand: "other", country: "ZZ" });
    fc.assert(
      fc.property(anyNumber, (number) => {
        const { bin, last4 } = factsOf(number);
        return number.length - bin.length - last4.length >= 4;
      }),
    );
  });

  test.each([
    ["visa", "4242424242424242"],
    ["visa", "4222222222222"],
    ["mastercard", "2223003122003222"],
    ["amex", "378282246310005"],
    ["discover", "6011111111111117"],
    ["discover", "6221260000000000"],
    ["diners", "3056930009020004"],
    ["jcb", "3566002020360505"],
    ["unionpay", "6200000000000005"],
    ["maestro", "6759649826438453"],
    ["uatp", "122000000000003"],
    ["mir", "2200000000000053"],
    ["rupay", "6080320000000007"],
    ["troy", "9792030000000000"],
    ["verve", "5060990580000217"],
    ["elo", "6362970000457013"],
  ])("the network is known by its range: %s %s", (brand, number) => {
    expect(brandOf(number)).toBe(brand);
  });

  test("a field's number is had from any spelling of it alone, and from nothing else", () => {
    for (const between of separators.filter((one) => !/[a-z]/.test(one)))
      expect(numberIn(printed("4242424242424242").join(between))).toBe("4242424242424242");
    expect(numberIn(" ４２４２-4242 4242\u200b4242 ")).toBe("4242424242424242");
    for (const text of ["4242424242424241", "4242424242424242 exp 12/28", "n/a", "", "42424242424"])
      expect(numberIn(text)).toBeNull();
    expect(isCardNumber("4242 4242 4242 4242")).toBe(false);
  });
});
