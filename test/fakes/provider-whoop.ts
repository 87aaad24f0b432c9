/** The fake provider's WHOOP: who an account is, its workouts 25 a page, and the end of its access. */
import { type Answer, type Asked, answer, empty } from "./provider-answer.ts";
import type { Workouts } from "./provider-workouts.ts";

export const whoopPaths = ["/developer/v2/"] as const;
const workoutPath = "/developer/v2/activity/workout";
const pageMax = 25;
const pageUsual = 10;

export class WhoopSide {
  readonly #workouts: Workouts;
  readonly #end: (account: string) => void;

  constructor(workouts: Workouts, end: (account: string) => void) {
    this.#workouts = workouts;
    this.#end = end;
  }

  serve(account: string, { method, url }: Asked): Answer {
    const path = url.pathname;
    if (method === "DELETE" && path === "/developer/v2/user/access") {
      this.#end(account);
      return empty(204);
    }
    if (method !== "GET") return answer(405, { error: "not allowed" });
    if (path === "/developer/v2/user/profile/basic")
      return answer(200, { user_id: Number(account), first_name: "A", last_name: "Member" });
    if (path === workoutPath) return this.#page(account, url.searchParams);
    const id = path.startsWith(`${workoutPath}/`) ? path.slice(workoutPath.length + 1) : "";
    const found = this.#workouts.one(account, id);
    return found === undefined ? answer(404, { error: "not found" }) : answer(200, found);
  }

  #page(account: string, query: URLSearchParams): Answer {
    const limit = Number(query.get("limit") ?? pageUsual);
    const from = Number(query.get("nextToken") ?? 0);
    const [fromMs, toMs] = [instantIn(query, "start"), instantIn(query, "end")];
    const isRight = limit >= 1 && limit <= pageMax && Number.isInteger(from) && from >= 0;
    if (!isRight || Number.isNaN(fromMs) || Number.isNaN(toMs))
      return answer(400, { error: "bad request" });
    const found = this.#workouts.list(account, fromMs, toMs);
    const rest = from + limit < found.length ? { next_token: String(from + limit) } : {};
    return answer(200, { records: found.slice(from, from + limit), ...rest });
  }
}

/** Undefined when it is not said; not a number when it is no time. */
function instantIn(query: URLSearchParams, name: string): number | undefined {
  const said = query.get(name);
  return said === null ? undefined : Date.parse(said);
}
