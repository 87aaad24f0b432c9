/**
 * Concept2's answers about tokens are those of RFC 6749, but for one: the library that many such
 * servers are made of called a refresh token that is no good an `invalid_request` for years, as it does
 * a request that lacks something, and only its text tells which. Only that text ends a grant.
 */
import type { TokenWords } from "../link.ts";
import { type Fields, fieldsOf, wordOf } from "../untrusted.ts";

const textCharsMax = 500;
const spent = /\brefresh token is invalid\b/i;

export const tokens = {
  read(said) {
    const given = fieldsOf(said);
    // Whatever else it says stands as it is: of a refusal, this status is not taken.
    return isSpent(given)
      ? { status: 400, json: { error: "invalid_grant" } }
      : { status: 200, json: given };
  },
} satisfies TokenWords;

function isSpent({ access_token, error, message, error_description }: Fields): boolean {
  const texts = [message, error_description].map((text) => wordOf(text, textCharsMax) ?? "");
  return (
    access_token === undefined &&
    error === "invalid_request" &&
    texts.some((text) => spent.test(text))
  );
}
