/**
 * COROS's answers about tokens, in the words of RFC 6749. Its renewal gives none: it says that it is
 * done, and the access token that there was lives for thirty days more. Names are said in two ways.
 */
import type { TokenWords } from "../link.ts";
import { fieldsOf, positiveOf, wordOf } from "../untrusted.ts";
import { outcomeIn } from "./values.ts";

const tokenCharsMax = 512;
const lifeSeconds = 30 * 86_400;
/** What it says beside a code that nobody documents. */
const spent = "Token expired or invalid";

export const tokens: TokenWords = {
  renewPath: "/oauth2/refresh-token",
  read(said, before) {
    const given = fieldsOf(said);
    const access = wordOf(given.access_token ?? given.accessToken, tokenCharsMax);
    const refresh = wordOf(given.refresh_token ?? given.refreshToken, tokenCharsMax);
    const expires = positiveOf(given.expires_in ?? given.expiresIn) ?? lifeSeconds;
    const { openId } = given;
    if (access !== null)
      return { status: 200, json: bearer(access, refresh ?? before?.refresh, expires, { openId }) };
    const outcome = outcomeIn(said);
    if (outcome === "done" && before !== null)
      return { status: 200, json: bearer(before.access, before.refresh, lifeSeconds, {}) };
    if (outcome === "denied" || given.message === spent)
      return { status: 400, json: { error: "invalid_grant" } };
    if (outcome === "busy") return { status: 503, json: { error: "temporarily_unavailable" } };
    return { status: 400, json: { error: "invalid_request" } };
  },
};

const bearer = (access: string, refresh: string | undefined, expires: number, more: object) => ({
  ...more,
  token_type: "bearer",
  access_token: access,
  expires_in: Math.floor(expires),
  ...(refresh === undefined ? {} : { refresh_token: refresh }),
});
