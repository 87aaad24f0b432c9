/**
 * The fake provider's Concept2: the logbook of whoever's token it is, results by their days and a page
 * at a time, one by its id, and its strokes. Whoever does not ask for its own media type is refused.
 */
import { type Answer, type Asked, answer } from "./provider-answer.ts";
import type { Served, Workouts } from "./provider-workouts.ts";

export const concept2Paths = ["/api/users/me"] as const;
const [userPath] = concept2Paths;
const resultPath = `${userPath}/results`;
const mediaType = "application/vnd.c2logbook.v1+json";
const dayMs = 86_400_000;
const pageUsual = 50;
const pageMax = 250;

const fault = (status_code: number, message: string): Answer =>
  answer(status_code, { status_code, message });

export class Concept2Side {
  readonly #workouts: Workouts;

  constructor(workouts: Workouts) {
    this.#workouts = workouts;
  }

  readonly denied = fault(401, "Unauthorized");

  serve(account: string, asked: Asked): Answer {
    const path = asked.url.pathname;
    if (asked.method !== "GET") return fault(405, "Method not allowed");
    if (asked.header("accept") !== mediaType) return fault(406, "Not acceptable");
    if (path === userPath) return answer(200, { data: { id: Number(account), username: "rower" } });
    if (path === resultPath) return this.#page(account, asked.url.searchParams);
    const [id = "", rest] = path.slice(resultPath.length + 1).split("/");
    const found = path.startsWith(`${resultPath}/`) ? this.#workouts.one(account, id) : undefined;
    if (found === undefined) return fault(404, "Not found");
    if (rest === undefined) return answer(200, { data: withoutStrokes(account)(found) });
    return rest === "strokes" && Array.isArray(found.strokes)
      ? answer(200, { data: found.strokes })
      : fault(404, "Not found");
  }

  #page(account: string, query: URLSearchParams): Answer {
    const bound = (name: string, otherwise: number) =>
      query.has(name) ? Date.parse(`${query.get(name)}T00:00:00Z`) : otherwise;
    const from = bound("from", 0);
    const to = bound("to", Number.MAX_SAFE_INTEGER) + dayMs - 1;
    const per_page = Math.min(pageMax, Number(query.get("number") ?? pageUsual));
    const current_page = Number(query.get("page") ?? 1);
    if (![from, to].every(Number.isFinite) || !(per_page >= 1 && current_page >= 1))
      return fault(400, "Bad request");
    const all = this.#workouts.list(account, from, to).map(withoutStrokes(account));
    const data = all.slice((current_page - 1) * per_page, current_page * per_page);
    const total_pages = Math.max(1, Math.ceil(all.length / per_page));
    const counts = { total: all.length, count: data.length, per_page, current_page, total_pages };
    return answer(200, { data, meta: { pagination: { ...counts, links: {} } } });
  }
}

const withoutStrokes =
  (account: string) =>
  ({ strokes, ...shown }: Served): Served => ({
    ...shown,
    user_id: Number(account),
    stroke_data: Array.isArray(strokes),
  });
