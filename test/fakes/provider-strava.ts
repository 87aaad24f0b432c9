/**
 * The fake provider's Strava: activities in a list without what only the whole one has, streams that
 * may be empty at first, others' public activities for whoever asks; usage in every answer, of the app
 * as a whole; and the one subscription of the app, made only where its address says a challenge back.
 */
import { randomUUID } from "node:crypto";
import { type Answer, type Asked, answer, empty, formOf } from "./provider-answer.ts";
import type { Served, Workouts } from "./provider-workouts.ts";

export const stravaPaths = ["/api/v3/activities/", "/api/v3/athlete"] as const;
export const stravaAppPaths = ["/api/v3/push_subscriptions"] as const;
const [activityPath, athletePath] = stravaPaths;
const [subscriptionPath] = stravaAppPaths;
const pageUsual = 30;
const pageMax = 200;
const quarterMs = 900_000;
const dayMs = 86_400_000;

export interface StravaSubscription {
  readonly id: number;
  readonly callback_url: string;
}

export const stravaFault = (status: number, resource: string, field: string, code: string) =>
  answer(status, { message: "Fault", errors: [{ resource, field, code }] });

/** What was wrong with the app, the code or the refresh token, as Strava says it. */
export function stravaWords({ status, body, ...of }: Answer, isRenewal: boolean): Answer {
  const { error } = body as { error?: string };
  if (error === undefined) return { ...of, status, body };
  if (error === "invalid_client") return stravaFault(401, "Application", "client_id", "invalid");
  if (error !== "invalid_grant") return stravaFault(400, "Authorize", "grant_type", "invalid");
  return isRenewal
    ? stravaFault(400, "RefreshToken", "refresh_token", "invalid")
    : stravaFault(400, "AuthorizationCode", "code", "invalid");
}

export class StravaSide {
  /** Readings by the whole app: of a quarter of an hour, and of a day. */
  limits = { quarter: 100, day: 1000 };
  subscriptions: StravaSubscription[] = [];
  readonly #workouts: Workouts;
  /** How often an activity's streams are still answered with nothing. */
  readonly #withheld = new Map<string, number>();
  readonly #used = { quarter: { window: 0, count: 0 }, day: { window: 0, count: 0 } };
  #made = 0;

  constructor(workouts: Workouts) {
    this.#workouts = workouts;
  }

  /** They are not made yet: so many requests find none. */
  withholdStreams(id: string, times: number): void {
    this.#withheld.set(id, times);
  }

  readonly denied = stravaFault(401, "Athlete", "access_token", "invalid");

  serve(account: string, asked: Asked): Answer {
    const [quarter, day] = [this.#count("quarter", quarterMs), this.#count("day", dayMs)];
    const { limits } = this;
    const isOver = quarter > limits.quarter || day > limits.day;
    const said = isOver ? tooMany : this.#served(account, asked);
    const headers = {
      "x-ratelimit-limit": `${limits.quarter * 2},${limits.day * 2}`,
      "x-ratelimit-usage": `${quarter},${day}`,
      "x-readratelimit-limit": `${limits.quarter},${limits.day}`,
      "x-readratelimit-usage": `${quarter},${day}`,
    };
    return { ...said, headers: { ...headers, ...said.headers } };
  }

  /** What is refused counts too. */
  #count(name: "quarter" | "day", lengthMs: number): number {
    const window = Math.floor(Date.now() / lengthMs);
    const used = this.#used[name];
    this.#used[name] = { window, count: used.window === window ? used.count + 1 : 1 };
    return this.#used[name].count;
  }

  #served(account: string, { method, url }: Asked): Answer {
    const path = url.pathname;
    if (method !== "GET") return answer(405, { message: "Method Not Allowed" });
    if (path === athletePath) return answer(200, { id: Number(account), resource_state: 2 });
    if (path === `${athletePath}/activities`) return this.#listed(account, url.searchParams);
    const [id = "", rest] = path.slice(activityPath.length).split("/");
    const found = path.startsWith(activityPath) ? this.#one(account, id) : undefined;
    if (found === undefined) return none;
    if (rest === undefined) return answer(200, found.whole);
    if (rest !== "streams" || !found.isOwn) return none;
    return answer(200, this.#streamsOf(id, found.streams));
  }

  /** Whoever's it is, if it is for everybody: another's says whose it is. */
  #one(account: string, id: string) {
    const found = this.#workouts.anybodys(id);
    if (found === undefined) return undefined;
    const { streams, ...activity } = found.record;
    const isOwn = found.account === account;
    if (!isOwn && activity.private === true) return undefined;
    const athlete = { id: Number(found.account), resource_state: 1 };
    return { whole: { ...activity, athlete, resource_state: 3 }, isOwn, streams };
  }

  #streamsOf(id: string, streams: unknown): unknown {
    const left = this.#withheld.get(id) ?? 0;
    this.#withheld.set(id, left - 1);
    return left > 0 ? {} : (streams ?? {});
  }

  /** Both ends are left out. */
  #listed(account: string, query: URLSearchParams): Answer {
    const [page, size] = [
      Number(query.get("page") ?? 1),
      Number(query.get("per_page") ?? pageUsual),
    ];
    const after = Number(query.get("after") ?? 0) * 1000;
    const before = Number(query.get("before") ?? Number.MAX_SAFE_INTEGER) * 1000;
    const isRight = page >= 1 && size >= 1 && size <= pageMax && after >= 0 && before > 0;
    if (!isRight) return stravaFault(400, "Activity", "per_page", "invalid");
    const found = this.#workouts.list(account, after + 1, before - 1);
    return answer(200, found.slice((page - 1) * size, page * size).map(summaryOf(account)));
  }

  /** In the app's name: its id and secret stand in the query, or in the form. */
  async serveApp(asked: Asked): Promise<Answer> {
    const { method, url } = asked;
    const said = method === "POST" ? formOf(asked) : url.searchParams;
    if (!said.get("client_id") || !said.get("client_secret"))
      return stravaFault(401, "Application", "client_id", "invalid");
    const { subscriptions } = this;
    if (method === "GET") return answer(200, subscriptions);
    if (method === "POST") return this.#subscribe(said);
    const id = Number(url.pathname.slice(subscriptionPath.length + 1));
    if (method !== "DELETE" || !subscriptions.some((one) => one.id === id)) return none;
    this.subscriptions = subscriptions.filter((one) => one.id !== id);
    return empty(204);
  }

  async #subscribe(said: URLSearchParams): Promise<Answer> {
    const callback_url = said.get("callback_url") ?? "";
    const isFirst = this.subscriptions.length === 0;
    if (!isFirst) return stravaFault(400, "PushSubscription", "id", "already exists");
    const isThere =
      URL.canParse(callback_url) &&
      (await saysItBack(callback_url, said.get("verify_token") ?? ""));
    if (!isThere)
      return stravaFault(400, "PushSubscription", "callback url", "GET to callback URL failed");
    const one = { id: ++this.#made, resource_state: 2, callback_url };
    this.subscriptions = [one];
    return answer(201, one);
  }
}

const none = stravaFault(404, "Activity", "", "not found");
const tooMany = answer(429, {
  message: "Rate Limit Exceeded",
  errors: [{ resource: "Application", field: "read rate limit", code: "exceeded" }],
});

const summaryOf =
  (account: string) =>
  ({
    streams: _,
    device_name: __,
    calories: ___,
    description: ____,
    ...shown
  }: Served): Served => ({
    ...shown,
    athlete: { id: Number(account), resource_state: 1 },
    resource_state: 2,
  });

async function saysItBack(address: string, word: string): Promise<boolean> {
  const challenge = randomUUID();
  const url = new URL(address);
  if (url.hostname !== "127.0.0.1") return false;
  url.searchParams.set("hub.mode", "subscribe");
  url.searchParams.set("hub.challenge", challenge);
  url.searchParams.set("hub.verify_token", word);
  const said = await fetch(url);
  const json = (await said.json().catch(() => null)) as Record<string, unknown> | null;
  return said.status === 200 && json?.["hub.challenge"] === challenge;
}
