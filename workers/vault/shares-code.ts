/**
 * A share's code: 130 random bits in Crockford's base 32, told once, when the share is made. What is
 * kept is its hash. A code that was read aloud or typed is understood as Crockford says: small
 * letters, O for 0, I and L for 1, hyphens and blanks anywhere.
 */
import { base64Url } from "../../kernel/hmac.ts";
import { utf8 } from "./cell.ts";
import type { Random } from "./chunked.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Of five bits each. */
const codeChars = 26;
const codePattern = /^[0-9A-HJKMNP-TV-Z]{26}$/;
/** With as many hyphens and blanks as anybody puts in. */
const typedCharsMax = 64;

export const newCode = (random: Random): string =>
  Array.from(random(codeChars), (byte) => alphabet[byte % alphabet.length]).join("");

/** Null: it is no code, and nothing has to be asked to know that. */
export function readCode(typed: string): string | null {
  if (typed.length > typedCharsMax) return null;
  const code = typed
    .toUpperCase()
    .replaceAll(/[\s-]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return codePattern.test(code) ? code : null;
}

export async function hashOfCode(code: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", utf8(`singlet/share/v1\0${code}`));
  return base64Url(new Uint8Array(hash));
}
