/**
 * Withings answers 200 to everything, and says in `status` what came of it: 0 that it went well, and
 * some hundreds of numbers that it did not. They stand in groups (its page of response statuses, and
 * the table of a public client); which statuses of HTTP they stand for is ours to say. None of them
 * says that something is not there.
 */
import type { TokenWords } from "../link.ts";
import { fieldsOf, isFields, textOf } from "../untrusted.ts";

const went = 0;
const denied = 401;
const unauthenticated: ReadonlySet<unknown> = new Set([100, 101, 102, 200, denied]);
const forbidden: ReadonlySet<unknown> = new Set([214, 277, 2553, 2554, 2555]);
const tooMany = 601;
/** Parameters that are no good, from one number to another. */
const ours: readonly (readonly [from: number, to: number])[] = [
  [201, 213],
  [216, 218],
  [220, 221],
  [223, 223],
  [225, 225],
  [227, 230],
  [234, 236],
  [238, 238],
  [240, 252],
  [254, 254],
  [260, 267],
  [271, 272],
  [275, 276],
  [283, 288],
  [290, 290],
  [293, 295],
  [297, 297],
  [300, 304],
  [321, 321],
  [323, 353],
  [380, 382],
  [400, 400],
  [501, 506],
  [509, 511],
  [523, 523],
  [532, 532],
  [3017, 3019],
];
const isOurs = (status: number): boolean =>
  ours.some(([from, to]) => status >= from && status <= to);

/**
 * The status of HTTP that an answer stands for; null: it went well, or no number is said. What is in
 * no group is theirs, and another time it may go well.
 */
export function statusIn(said: unknown): number | null {
  const status = isFields(said) ? said.status : null;
  if (!Number.isSafeInteger(status) || status === went) return null;
  if (unauthenticated.has(status)) return 401;
  if (forbidden.has(status)) return 403;
  if (status === tooMany) return 429;
  return isOurs(Number(status)) ? 400 : 500;
}

/** A code or a refresh token that is no good is an invalid parameter to Withings, by its text alone. */
const grantPattern = /invalid[_ ](grant|refresh_token|code)\b/i;
const clientPattern = /client/i;

export const tokenWords: TokenWords = {
  form: { action: "requesttoken" },
  read(said) {
    const { status, body, error } = fieldsOf(said);
    if (status === went && isFields(body)) return { status: 200, json: given(body) };
    const text = textOf(error) ?? "";
    const isOfTheApp = clientPattern.test(text);
    const http = statusIn(said) ?? 502;
    // First by the status: whatever a busy or broken server says, it ends no grant.
    if (http === 429 || http >= 500)
      return { status: http, json: { error: "temporarily_unavailable" } };
    const isOfTheGrant = status === denied || grantPattern.test(text);
    if (!isOfTheApp && isOfTheGrant && http !== 403)
      return { status: 400, json: { error: "invalid_grant" } };
    if (http === 401 && isOfTheApp) return { status: 401, json: { error: "invalid_client" } };
    return { status: http === 401 ? 400 : http, json: { error: "invalid_request" } };
  },
};

/** Scopes are parted by commas there. */
function given(body: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const { scope, expires_in } = body;
  const isText = typeof expires_in === "string" && /^\d{1,9}$/.test(expires_in);
  return {
    ...body,
    token_type: "Bearer",
    ...(isText ? { expires_in: Number(expires_in) } : {}),
    ...(typeof scope === "string" ? { scope: scope.split(/[\s,]+/).join(" ") } : {}),
  };
}
