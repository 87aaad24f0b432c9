/**
 * The fake provider's Google Health: identity and data points of an account, and the subscribers of
 * a project, which an app itself sees to. A new subscriber is greeted at its endpoint as Google does:
 * with the agreed Authorization, which must be welcome, and without, which must not.
 */
import { type Answer, type Asked, answer, jsonOf, refused } from "./provider-answer.ts";
import { legacyUserId, type ProviderData } from "./provider-data.ts";

export const googlePaths = "/v4/users/";
export const projectPaths = "/v4/projects/";

export interface Subscriber {
  readonly name: string;
  readonly endpointUri: string;
  readonly subscriberConfigs: unknown;
  readonly state: "ACTIVE" | "UNVERIFIED" | "INACTIVE";
}

/** `me`, or the account itself, and nobody else's. */
export function googleHealth(data: ProviderData, account: string, url: URL): Answer {
  const [user = "", ...rest] = url.pathname.split("/").slice(3).map(decodeURIComponent);
  if (user !== "me" && user !== account) return refused(403, "PERMISSION_DENIED");
  const [first, type = "", collection, id] = rest;
  if (first === "identity" && rest.length === 1) {
    const name = `users/${account}/identity`;
    return answer(200, { name, healthUserId: account, legacyUserId: legacyUserId(account) });
  }
  if (first !== "dataTypes" || collection !== "dataPoints") return refused(404, "NOT_FOUND");
  if (id !== undefined) {
    const point = type === "exercise" ? data.exercise(account, id) : undefined;
    return point === undefined ? refused(404, "NOT_FOUND") : answer(200, point);
  }
  if (type !== "exercise" && type !== "heart-rate") return refused(404, "NOT_FOUND");
  const page = data.list(account, type, url.searchParams);
  return page === null ? refused(400, "INVALID_ARGUMENT") : answer(200, page);
}

export class Subscribers {
  readonly #all = new Map<string, Subscriber & { readonly secret: string }>();

  list(): Subscriber[] {
    return [...this.#all.values()].map(({ secret: _, ...shown }) => shown);
  }

  /** As Google does to an endpoint that keeps failing. */
  setState(state: Subscriber["state"]): void {
    for (const [name, subscriber] of this.#all) this.#all.set(name, { ...subscriber, state });
  }

  clear(): void {
    this.#all.clear();
  }

  async serve(asked: Asked): Promise<Answer> {
    const [, , , project = "", collection, id] = asked.url.pathname.split("/");
    if (collection !== "subscribers" || !/^\d+$/.test(project)) return refused(404, "NOT_FOUND");
    const parent = `projects/${project}/subscribers`;
    const isIn = ({ name }: Subscriber) => name.startsWith(`${parent}/`);
    if (asked.method === "GET" && id === undefined)
      return answer(200, { subscribers: this.list().filter(isIn) });
    const body = jsonOf(asked);
    if (body === null) return refused(400, "INVALID_ARGUMENT");
    if (asked.method === "POST" && id === undefined) {
      const name = `${parent}/${asked.url.searchParams.get("subscriberId") ?? "subscriber-1"}`;
      return this.#all.has(name) ? refused(409, "ALREADY_EXISTS") : this.#put(name, body);
    }
    const name = `${parent}/${id}`;
    if (asked.method !== "PATCH") return refused(405, "UNIMPLEMENTED");
    return this.#all.has(name) ? this.#put(name, body) : refused(404, "NOT_FOUND");
  }

  async #put(name: string, body: Record<string, unknown>): Promise<Answer> {
    const before = this.#all.get(name);
    const { secret = before?.secret } = (body.endpointAuthorization ?? {}) as { secret?: string };
    const endpointUri = body.endpointUri ?? before?.endpointUri;
    const subscriberConfigs = body.subscriberConfigs ?? before?.subscriberConfigs;
    if (typeof endpointUri !== "string" || typeof secret !== "string" || !subscriberConfigs)
      return refused(400, "INVALID_ARGUMENT");
    if (!(await isVerified(endpointUri, secret))) return refused(400, "FAILED_PRECONDITION");
    const made = { name, endpointUri, subscriberConfigs, state: "ACTIVE" } as const;
    this.#all.set(name, { ...made, secret });
    return answer(200, made);
  }
}

/** What is not on this machine is not greeted, and taken for verified. */
async function isVerified(endpointUri: string, secret: string): Promise<boolean> {
  if (new URL(endpointUri).hostname !== "127.0.0.1") return true;
  const greet = async (headers: Record<string, string>) => {
    const body = JSON.stringify({ type: "verification" });
    const type = { "content-type": "application/json" };
    const said = await fetch(endpointUri, {
      method: "POST",
      headers: { ...type, ...headers },
      body,
    });
    return said.status;
  };
  const welcome = await greet({ authorization: secret });
  const turnedAway = await greet({});
  return [200, 201].includes(welcome) && [401, 403].includes(turnedAway);
}
