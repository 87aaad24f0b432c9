/**
 * The fake provider's Suunto, which sends its workouts by itself: what is read of it is history, with
 * the app's own key beside the member's token.
 */
import { type Answer, type Asked, answer } from "./provider-answer.ts";
import type { Workouts } from "./provider-workouts.ts";

export const suuntoPaths = ["/v3/workouts"] as const;
export const suuntoEnd = "/oauth/deauthorize";
const path = "/v3/workouts";
const pageUsual = 50;

export class SuuntoSide {
  readonly #workouts: Workouts;
  readonly #end: (account: string) => void;

  constructor(workouts: Workouts, end: (account: string) => void) {
    this.#workouts = workouts;
    this.#end = end;
  }

  serve(account: string, asked: Asked): Answer {
    const { method, url } = asked;
    if (method !== "GET") return answer(405, { statusCode: 405, message: "not allowed" });
    if (url.pathname === suuntoEnd) {
      this.#end(account);
      return answer(200, {});
    }
    if (asked.header("ocp-apim-subscription-key") === "")
      return answer(401, { statusCode: 401, message: "Access denied: no subscription key" });
    if (url.pathname === path) return this.#listed(account, url.searchParams);
    const found = this.#workouts.one(account, url.pathname.slice(path.length + 1));
    return found === undefined ? said(404, null) : said(200, found);
  }

  #listed(account: string, query: URLSearchParams): Answer {
    const from = Number(query.get("since") ?? 0);
    const to = Number(query.get("until") ?? Number.MAX_SAFE_INTEGER);
    const limit = Number(query.get("limit") ?? pageUsual);
    return said(200, this.#workouts.list(account, from, to).slice(0, limit));
  }
}

const said = (status: number, payload: unknown): Answer =>
  answer(status, { error: status === 200 ? null : { code: String(status) }, payload });
