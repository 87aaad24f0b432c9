/**
 * The fake provider's Polar: nothing of an account is served before its app registered it there, all
 * exercises of thirty days in one list, samples and route only in the exercise itself; and the one
 * webhook of the client, which is looked at and switched on again with the app's own credentials.
 */
import { type Answer, type Asked, answer, empty, jsonOf } from "./provider-answer.ts";
import type { Served, Workouts } from "./provider-workouts.ts";

export const polarPaths = ["/v3/exercises", "/v3/users"] as const;
export const polarAppPaths = ["/v3/webhooks"] as const;
const users = "/v3/users";

export interface PolarWebhook {
  readonly id: string;
  readonly url: string;
  readonly events: readonly string[];
  readonly active: boolean;
}

export class PolarSide {
  /** As its owner made it by hand; null: there is none. */
  webhook: PolarWebhook | null = null;
  readonly #workouts: Workouts;
  readonly #end: (account: string) => void;
  /** By account, as the app calls it. */
  readonly #registered = new Map<string, string>();
  readonly #left = new Set<string>();
  readonly #isRestarted: boolean;

  /** Restarted, it knows no registration any more, and takes every account for registered. */
  constructor(workouts: Workouts, end: (account: string) => void, isRestarted: boolean) {
    this.#workouts = workouts;
    this.#end = end;
    this.#isRestarted = isRestarted;
  }

  #isKnown(account: string): boolean {
    return this.#registered.has(account) || (this.#isRestarted && !this.#left.has(account));
  }

  /** What the app called the account when it registered it; null: it did not. */
  registeredAs(account: string): string | null {
    return this.#registered.get(account) ?? null;
  }

  serve(account: string, asked: Asked): Answer {
    const { method, url } = asked;
    const path = url.pathname;
    if (method === "POST" && path === users) return this.#register(account, jsonOf(asked));
    if (!this.#isKnown(account)) return answer(403, { error: "user consents are missing" });
    if (method === "DELETE") return path === `${users}/${account}` ? this.#leave(account) : none;
    if (method !== "GET") return answer(405, { error: "not allowed" });
    if (path === "/v3/exercises")
      return answer(200, this.#workouts.list(account).map(withoutDetail));
    const id = path.slice("/v3/exercises/".length);
    const found = path.startsWith("/v3/exercises/") ? this.#workouts.one(account, id) : undefined;
    return found === undefined ? none : answer(200, detailOf(found, url.searchParams));
  }

  #register(account: string, body: Record<string, unknown> | null): Answer {
    const word = body?.["member-id"];
    if (typeof word !== "string" || word === "") return answer(400, { error: "no member-id" });
    if (this.#registered.has(account)) return answer(409, { error: "already registered" });
    this.#registered.set(account, word);
    this.#left.delete(account);
    return answer(200, { "polar-user-id": Number(account), "member-id": word });
  }

  #leave(account: string): Answer {
    this.#registered.delete(account);
    this.#left.add(account);
    this.#end(account);
    return empty(204);
  }

  serveApp({ method, url, ...asked }: Asked): Answer {
    const { webhook } = this;
    const path = url.pathname.slice("/v3/webhooks".length);
    if (method === "GET" && path === "")
      return answer(200, { data: webhook === null ? [] : [webhook] });
    if (webhook === null) return none;
    const isSwitch = method === "POST" && path === "/activate";
    const events = jsonOf({ method, url, ...asked })?.events;
    if (isSwitch) this.webhook = { ...webhook, active: true };
    else if (method === "PATCH" && path === `/${webhook.id}` && Array.isArray(events))
      this.webhook = { ...webhook, events };
    else return none;
    return answer(200, { data: this.webhook });
  }
}

const none = answer(404, { error: "not found" });

function withoutDetail({ samples: _, route: __, ...shown }: Served): Served {
  return shown;
}

function detailOf(exercise: Served, query: URLSearchParams): Served {
  const { samples, route, ...shown } = exercise;
  return {
    ...shown,
    ...(query.get("samples") === "true" && samples !== undefined ? { samples } : {}),
    ...(query.get("route") === "true" && route !== undefined ? { route } : {}),
  };
}
