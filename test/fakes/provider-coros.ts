/**
 * The fake provider's COROS: 200 whatever comes, with a code in `result`; the token and the account in
 * the query; no more than thirty days a list; and ids as bare integers above 2^53, which is why its
 * lists are written as text here and not by `JSON.stringify` alone.
 */
import { type Answer, type Asked, answer } from "./provider-answer.ts";
import type { Workouts } from "./provider-workouts.ts";

export const corosPaths = ["/v2/coros/sport/list", "/coros/bindState"] as const;
const [listPath, bindPath] = corosPaths;
const dayMs = 86_400_000;
const daysMax = 30;

const said = (result: string, message: string, more: object = {}): Answer =>
  answer(200, { result, message, ...more });

/** A renewal gives nothing: it says that it is done. */
export function corosWords({ status, body }: Answer, isRenewal: boolean): Answer {
  const { error } = body as { error?: string };
  if (error === "invalid_grant") return said("5006", "Token expired or invalid");
  if (error !== undefined || status !== 200) return said("1001", "Illegal parameter");
  return isRenewal ? said("0000", "OK") : answer(200, body);
}

/** As the bearer that others have; empty: it is no such address, or it carries none. */
export function corosBearer({ pathname, searchParams }: URL): string {
  const token = corosPaths.some((path) => pathname === path) ? searchParams.get("token") : null;
  return token === null ? "" : `Bearer ${token}`;
}

export class CorosSide {
  readonly #workouts: Workouts;

  constructor(workouts: Workouts) {
    this.#workouts = workouts;
  }

  readonly denied = said("5006", "Token expired or invalid");

  serve(account: string, { method, url }: Asked): Answer {
    if (method !== "GET" || url.searchParams.get("openId") !== account)
      return said("1001", "Illegal parameter");
    if (url.pathname === bindPath) return said("0000", "OK", { data: { bindState: 1 } });
    return url.pathname === listPath
      ? this.#listed(account, url.searchParams)
      : said("1001", "Illegal parameter");
  }

  /** Days are taken as UTC's, both of them included. */
  #listed(account: string, query: URLSearchParams): Answer {
    const [from, to] = [dayOf(query.get("startDate")), dayOf(query.get("endDate"))];
    const isRight = to >= from && (to - from) / dayMs + 1 <= daysMax;
    if (!isRight) return said("1001", "Illegal date");
    const data = this.#workouts.list(account, from, to + dayMs - 1);
    return inDigits(said("0000", "OK", { data: data.map((one) => ({ ...one, openId: account })) }));
  }
}

const dayOf = (text: string | null): number =>
  Date.parse(`${text?.replace(/^(\d{4})(\d\d)(\d\d)$/, "$1-$2-$3")}T00:00:00Z`);

/** Ids are kept here as text, and told as the numbers that they are to COROS. */
export const bareIds = (json: string): string =>
  json.replaceAll(/"labelId":"(\d+)"/g, '"labelId":$1');

const inDigits = (of: Answer & { readonly body: unknown }): Answer => ({
  ...of,
  bytes: Buffer.from(bareIds(JSON.stringify(of.body))),
});
