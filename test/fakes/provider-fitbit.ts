/**
 * The fake provider's Fitbit, as it was while it could be read: whose the account is, and its log in
 * one page. An entry by itself is a file there, of which this one has none.
 */
import { type Answer, type Asked, answer } from "./provider-answer.ts";
import type { Workouts } from "./provider-workouts.ts";

export const fitbitPaths = ["/1/user/-/"] as const;
const path = "/1/user/-/";

export class FitbitSide {
  readonly #workouts: Workouts;

  constructor(workouts: Workouts) {
    this.#workouts = workouts;
  }

  serve(account: string, { method, url }: Asked): Answer {
    const what = method === "GET" ? url.pathname.slice(path.length) : "";
    if (what === "profile.json") return answer(200, { user: { encodedId: account } });
    if (what !== "activities/list.json")
      return answer(404, { errors: [{ errorType: "not_found", message: "not found" }] });
    const after = Date.parse(`${url.searchParams.get("afterDate")}T00:00:00Z`);
    if (Number.isNaN(after)) return answer(400, { errors: [{ errorType: "validation" }] });
    const activities = this.#workouts.list(account, after).reverse();
    return answer(200, { activities, pagination: { next: "" } });
  }
}
