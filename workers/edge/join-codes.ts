/**
 * Codes by which somebody joins a team or a challenge: 80 random bits in Crockford's base 32, told
 * once. What is kept is a keyed digest. A code that was read aloud or typed is understood as
 * Crockford says: small letters, O for 0, I and L for 1, hyphens and blanks anywhere.
 */
import type { Digest } from "../../domain/identity.ts";

const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/** Of five bits each. */
const codeChars = 16;
const groupChars = 4;
const codePattern = /^[0-9A-HJKMNP-TV-Z]{16}$/;
/** With as many hyphens and blanks as anybody puts in. */
export const typedCharsMax = 64;

export function newJoinCode(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(codeChars));
  const code = Array.from(bytes, (byte) => alphabet[byte % alphabet.length]).join("");
  return code.match(new RegExp(`.{${groupChars}}`, "g"))?.join("-") ?? code;
}

/**
 * What is kept of the code to this team or challenge. Of what is no code it is a digest too, of none
 * that was ever given.
 */
export function joinCodeDigest(digest: Digest, of: string, typed: string): Promise<string> {
  const code = typed
    .toUpperCase()
    .replaceAll(/[\s-]/g, "")
    .replaceAll("O", "0")
    .replaceAll(/[IL]/g, "1");
  return digest(["join-code", 1, of, codePattern.test(code) ? code : ""]);
}
