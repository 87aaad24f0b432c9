/**
 * The fake provider's Wahoo: who an account is, its workouts with their summaries, the newest first and
 * a page at a time, or one by its id; and the end of its access.
 */
import { type Answer, type Asked, answer } from "./provider-answer.ts";
import type { Workouts } from "./provider-workouts.ts";

export const wahooPaths = ["/v1/workouts", "/v1/user", "/v1/permissions"] as const;
const [workoutPath, userPath, permissionPath] = wahooPaths;
const pageUsual = 30;

export class WahooSide {
  readonly #workouts: Workouts;
  readonly #end: (account: string) => void;

  constructor(workouts: Workouts, end: (account: string) => void) {
    this.#workouts = workouts;
    this.#end = end;
  }

  readonly denied = answer(401, { error: "The access token is invalid" });

  serve(account: string, { method, url }: Asked): Answer {
    const path = url.pathname;
    if (method === "DELETE" && path === permissionPath) {
      this.#end(account);
      return answer(200, { success: "Application has been successfully revoked" });
    }
    if (method !== "GET") return answer(405, { error: "not allowed" });
    if (path === userPath) return answer(200, { id: Number(account), first: "A", last: "Member" });
    if (path === workoutPath) return this.#page(account, url.searchParams);
    const id = path.startsWith(`${workoutPath}/`) ? path.slice(workoutPath.length + 1) : "";
    const found = this.#workouts.one(account, id);
    return found === undefined ? answer(404, { error: "Not found" }) : answer(200, found);
  }

  #page(account: string, query: URLSearchParams): Answer {
    const page = Number(query.get("page") ?? 1);
    const per_page = Number(query.get("per_page") ?? pageUsual);
    if (!(page >= 1 && per_page >= 1)) return answer(400, { error: "bad page" });
    const all = this.#workouts.list(account);
    const workouts = all.slice((page - 1) * per_page, page * per_page);
    const order = { order: "descending", sort: "starts" };
    return answer(200, { workouts, total: all.length, page, per_page, ...order });
  }
}
