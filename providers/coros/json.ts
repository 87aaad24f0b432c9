/**
 * COROS writes its ids as bare integers above 2^53, where two of them read as one number. Here each
 * long integer is read as the text of its digits, and everything else as JSON has it. In linear time,
 * whatever comes.
 */
import { jsonOf } from "../untrusted.ts";

/** A whole number of so many digits may not be the one that a double holds. */
export const exactDigitsMax = 15;
const longInteger = new RegExp(`^-?[1-9]\\d{${exactDigitsMax},}$`);

/** Undefined when it is no JSON; that is seen before anything is quoted, so nothing is mended. */
export const corosJson = (body: string): unknown =>
  jsonOf(body) === undefined ? undefined : jsonOf(quoted(body));

const quote = '"';
const backslash = "\\";
const ofNumber = /[-+.0-9eE]/;
const beginsNumber = /[-0-9]/;

/** Of a text that is JSON: with every long integer between quotes. */
function quoted(text: string): string {
  const parts: string[] = [];
  let doneTo = 0;
  let at = 0;
  while (at < text.length) {
    const char = text.charAt(at);
    if (char === quote) at = afterString(text, at);
    else if (beginsNumber.test(char)) {
      const end = afterNumber(text, at);
      const number = text.slice(at, end);
      if (longInteger.test(number)) {
        parts.push(text.slice(doneTo, at), quote, number, quote);
        doneTo = end;
      }
      at = end;
    } else at++;
  }
  parts.push(text.slice(doneTo));
  return parts.join("");
}

function afterString(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && text.charAt(at) !== quote) at += text.charAt(at) === backslash ? 2 : 1;
  return at + 1;
}

function afterNumber(text: string, from: number): number {
  let at = from + 1;
  while (at < text.length && ofNumber.test(text.charAt(at))) at++;
  return at;
}
