/**
 * A provider of the tests' own: what it is to us, and what it holds. Lists are paged, one request a
 * page; rides have their readings one by one when they say so.
 */
import type { Budget } from "../../domain/budget.ts";
import type { KeptRequest, NoRequest, ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import { err, ok } from "../../domain/result.ts";
import type { Backfill, Draft, PageFault, Provider } from "../../providers/provider.ts";
import { hour } from "../domain/workouts/facts.ts";

export interface Ride {
  readonly id: string;
  readonly at: number;
  readonly revision: number;
  readonly beats?: boolean;
}
export const rideNo = (n: number, at: number, more: Partial<Ride> = {}): Ride => ({
  id: `ride-${n}`,
  at,
  revision: 1,
  ...more,
});

export const draftOf = (ride: Ride & { heart?: unknown }): Draft => ({
  sourceId: ride.id,
  revision: ride.revision,
  fields: {
    at: ride.at,
    type: "cycling",
    elapsedMs: hour,
    movingMs: null,
    distanceMm: 20_000_000,
    energyMcal: null,
    elevationGainMm: null,
    offsetMin: 60,
    method: "device",
    deviceModel: null,
    app: null,
  },
  copyOf: null,
  raw: { column: "raw", text: JSON.stringify(ride) },
});

export const replyOf = (status: number, body: unknown = {}): ProviderReply => ({
  status,
  body: typeof body === "string" ? body : JSON.stringify(body),
  complete: true,
  fault: null,
  retryAfterMs: null,
  headers: {},
});

export function faultIn({ status, complete }: ProviderReply): PageFault | null {
  if (status === 401) return "reconnect";
  if (status === 403 || status === 400) return "refused";
  if (status === 404 || status === 410) return "gone";
  if (status === 429 || status >= 500) return "again";
  return status !== 200 || !complete ? "broken" : null;
}

export const collections = ["rides"];
const base = {
  name: "site",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Site",
    delivery: "notice",
    bodyBytesMax: 1024,
    received: 204,
    answerWithinMs: null,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "id",
    revision: "revision",
    deletion: "a notice",
    deauthorisation: "a notice",
    timeZone: "an offset",
    doubts: [],
    documentation: "https://site.example",
    readOn: "2026-11-21",
  },
  signature: { kind: "none" } as unknown as Provider["signature"],
  parse: () => err("not-json"),
  normalise: (_kind, item) => ok(draftOf(item as Ride)),
  link: {
    tokenPath: "/token",
    authorise: {},
    scopes: [{ scope: "activity", why: "to read rides", needed: true }],
    client: "form",
    paths: ["/"],
    identity: { path: "/me", query: {} },
    accountOf: () => "me",
    permissions: {
      request: { path: "/permissions", query: {} },
      granted: (reply) => (reply.status === 200 ? JSON.parse(reply.body) : null),
      needed: ["RIDES"],
    },
  },
} satisfies Provider;

const pull = {
  collections,
  list: ({ collection, fromMs, toMs }, cursor) => ({
    path: `/list/${collection}`,
    query: { from: String(fromMs), to: String(toMs), ...(cursor === null ? {} : { cursor }) },
  }),
  one: (_collection, id) => ({ path: `/one/${id}`, query: {} }),
  page: (reply) => {
    const fault = faultIn(reply);
    return fault === null ? ok(JSON.parse(reply.body)) : err(fault);
  },
  readings: (item) =>
    (item as Ride).beats === true
      ? { collection: `beats-${(item as Ride).id}`, fromMs: 0, toMs: 1 }
      : null,
  join: (item, readings) => ({ ...(item as Ride), heart: readings }),
} satisfies Provider["pull"];

export const site = (more: Partial<Provider> = {}): Provider => ({ ...base, pull, ...more });
/** One that sends data, and history when it is asked for it. */
export const sender = (more: Partial<Provider> = {}): Provider => ({
  ...base,
  facts: { ...base.facts, delivery: "push", onDeauthorised: "erase" },
  callbacks: {
    as: () => "json",
    read: async (_collection, reply) => {
      const fault = faultIn(reply);
      if (fault !== null) return err(fault);
      return ok({ drafts: (JSON.parse(reply.body) as Ride[]).map(draftOf), bad: [] });
    },
  },
  ...more,
});
export const asking: Backfill = {
  days: 90,
  stepDays: 30,
  asked: {
    requests: ({ fromMs, toMs }) =>
      ["rides", "details"].map((kind) => ({
        path: `/ask/${kind}`,
        query: { from: String(fromMs), to: String(toMs) },
      })),
    judge: (reply) => {
      if (reply.status === 202 || reply.status === 409) return ok("asked");
      if (reply.status === 400) return ok("none");
      return err(faultIn(reply) ?? "broken");
    },
  },
};
export const budgetOf = (calls: number, windowMs: number, more: Partial<Budget> = {}): Budget => ({
  app: [],
  member: [{ name: "window", calls, windowMs }],
  reserve: 0.2,
  throttles: "member",
  headers: [],
  ...more,
});

/** Steps of a minute, as the site has them; of some it says nothing that could be read. */
export interface Steps {
  readonly id: string;
  readonly at: number;
  readonly steps: number | null;
  readonly revision?: number;
}
export const stepsNo = (n: number, at: number, more: Partial<Steps> = {}): Steps => ({
  id: `steps-${n}`,
  at,
  steps: 100,
  ...more,
});
/** How a site that counts steps, and more, is read. */
export const counting = (...collections: readonly string[]): NonNullable<Provider["samples"]> => ({
  kinds: [...collections, "naps"],
  collections,
  read(_kind, item) {
    const { id, at, steps, revision } = item as Steps;
    if (steps === null) return err("no-steps");
    const stated = revision === undefined ? {} : { revision };
    const draft = { metric: "steps", sourceId: id, fromMs: at, toMs: at + 60_000, offsetMin: null };
    return ok([{ ...draft, metric: "steps", value: steps, unit: "1", ...stated }]);
  },
});

/** What the provider holds, and how it answers. */
export class Site {
  readonly rides = new Map<string, Ride>();
  /** By collection of samples. */
  readonly steps = new Map<string, readonly Steps[]>();
  readonly kept = new Map<string, string>();
  readonly addresses = new Map<string, readonly Ride[]>();
  readonly asked: string[] = [];
  /** Left out of every list. */
  readonly hidden = new Set<string>();
  pageSize = 2;
  permissions: readonly string[] = ["RIDES"];
  /** What comes instead; undefined: what is right. */
  wrong: (request: ProviderRequest | KeptRequest) => ProviderReply | NoRequest | undefined = () =>
    undefined;

  put(...rides: readonly Ride[]): void {
    for (const ride of rides) this.rides.set(ride.id, ride);
  }

  answer(request: ProviderRequest | KeptRequest): ProviderReply | NoRequest {
    this.asked.push("kept" in request ? "kept" : nameOf(request));
    const wrong = this.wrong(request);
    if (wrong !== undefined) return wrong;
    if ("kept" in request) return this.#address(request.kept);
    const [, what, id = ""] = request.path.split("/");
    if (what === "list") return id.startsWith("beats") ? beats : this.#list(request, id);
    if (what === "ask") return replyOf(202, "");
    if (what === "permissions") return replyOf(200, this.permissions);
    if (what === "me") return replyOf(200, {});
    const ride = this.rides.get(id);
    return ride === undefined ? replyOf(404) : replyOf(200, { items: [ride], next: null });
  }

  #list({ query }: ProviderRequest, collection: string): ProviderReply {
    const [from, to] = [Number(query.from), Number(query.to)];
    const there: readonly (Ride | Steps)[] = this.steps.get(collection) ?? [...this.rides.values()];
    const all = there
      .filter(({ id, at }) => at >= from && at < to && !this.hidden.has(id))
      .toSorted((a, b) => a.at - b.at);
    const start = Number(query.cursor ?? 0);
    const end = start + this.pageSize;
    const next = end < all.length ? String(end) : null;
    return replyOf(200, { items: all.slice(start, end), next });
  }

  #address(row: string): ProviderReply {
    const rides = this.addresses.get(this.kept.get(row) ?? "");
    return rides === undefined ? replyOf(410) : replyOf(200, rides);
  }
}
const beats = replyOf(200, { items: [120, 121], next: null });
const nameOf = ({ path, query }: ProviderRequest) =>
  query.cursor === undefined ? path : `${path}#${query.cursor}`;
