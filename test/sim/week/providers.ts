/**
 * Providers of the simulated week. Google Health and Strava are the real ones; the others are each like
 * a real one where that makes a difference to the flow: Polar's notices without data, proven, often
 * before it has the record to give, and its narrow budget; Fitbit's budget of a member and no notices
 * at all; Garmin's pushes and pings and a history that is asked for and sent later.
 */
import type { LearnedWindow } from "../../../domain/budget.ts";
import type { ProviderReply } from "../../../domain/ports.ts";
import { err, ok, type Result } from "../../../domain/result.ts";
import { msPerDay } from "../../../domain/time.ts";
import { googleHealth } from "../../../providers/google-health.ts";
import {
  type AccountNotice,
  type Draft,
  type ItemFault,
  nothing,
  type PageFault,
  type Provider,
  type PulledPage,
} from "../../../providers/provider.ts";
import { strava } from "../../../providers/strava.ts";

export const kinds = [
  "google-health",
  "like-garmin",
  "strava",
  "like-polar",
  "like-fitbit",
] as const;
export type Kind = (typeof kinds)[number];

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

/** A record as the three made-up providers write it. */
export interface SentRecord {
  readonly id: string;
  readonly start: number;
  readonly elapsed: number;
  readonly distance: number;
  /** Null: this provider orders nothing. */
  readonly updated: number | null;
  /** Its readings are fetched apart. */
  readonly long: boolean;
  readonly streams?: readonly unknown[];
}

function normalise(_kind: string, item: unknown): Result<Draft, ItemFault> {
  const { id, start, elapsed, distance, updated, streams } = item as SentRecord;
  if (typeof id !== "string" || typeof start !== "number") return err("no-id");
  const heartRate = (streams ?? []).map((t) => ({ t: t as number, bpm: 120 }));
  const fields = {
    at: start,
    elapsedMs: elapsed,
    movingMs: null,
    type: "running",
    distanceMm: distance,
    energyMcal: null,
    elevationGainMm: null,
    offsetMin: 0,
    method: "device",
    deviceModel: null,
    app: null,
    ...(heartRate.length > 0 ? { heartRate } : {}),
  };
  const raw = { column: "raw", text: JSON.stringify(item) };
  return ok({ sourceId: id, revision: updated, fields, copyOf: null, raw });
}

/** Answers are what they are by status alone; a body is a page or the records of a stretch. */
function page(reply: ProviderReply): Result<PulledPage, PageFault> {
  if (reply.status === 401 || reply.status === 403) return err("reconnect");
  if (reply.status === 404) return err("gone");
  if (reply.status === 429 || reply.status >= 500 || reply.status === 0) return err("again");
  if (reply.status !== 200 || !reply.complete) return err("broken");
  const { items, next } = JSON.parse(reply.body) as { items: unknown[]; next: string | null };
  return Array.isArray(items) ? ok({ items, next }) : err("broken");
}

const facts = (title: string, delivery: "push" | "notice" | "poll") => ({
  title,
  delivery,
  bodyBytesMax: 1_000_000,
  received: 200 as const,
  answerWithinMs: null,
  othersMaySee: true,
  onDeauthorised: "keep" as const,
  identity: "id",
  revision: "when it was last changed",
  deletion: "by a notice",
  deauthorisation: "never said",
  timeZone: "none: UTC",
  doubts: [],
  documentation: "https://example.com",
  readOn: "2026-11-21",
});
const unsigned = googleHealth.signature;

const pull = (readings: boolean): NonNullable<Provider["pull"]> => ({
  list: ({ collection, fromMs, toMs }, cursor) => ({
    path: `/${collection}`,
    query: { from: `${fromMs}`, to: `${toMs}`, ...(cursor === null ? {} : { cursor }) },
  }),
  one: (_collection, id) => ({ path: `/activities/${id}`, query: {} }),
  page,
  readings(item) {
    const { start, elapsed, long } = item as SentRecord;
    if (!readings || !long) return null;
    return { collection: "streams", fromMs: start, toMs: start + elapsed };
  },
  join: (item, streams) => ({ ...(item as SentRecord), streams }),
  collections: ["activities"],
});

const base = { stream: "workouts" as const, edition: 1, signature: unsigned, normalise };

/** Says that an activity is new, changed or deleted, and which one; nothing else. */
const likePolar: Provider = {
  ...base,
  name: "like-polar",
  facts: facts("Like Polar", "notice"),
  parse(body) {
    const said = JSON.parse(body) as {
      owner: string;
      object: string;
      aspect: "changed" | "deleted";
    };
    const [gone, record] = said.aspect === "deleted" ? [said.object, null] : [null, said.object];
    const of = { account: said.owner, collection: "activities", fromMs: 0, toMs: 0 };
    return ok({ ...nothing, notices: [{ ...of, gone, record }] });
  },
  pull: pull(true),
  habit: { silentMs: 24 * hourMs, pollMs: null, rereadMs: 3 * msPerDay },
  backfill: { days: 90, stepDays: 7 },
  budget: {
    app: [
      { name: "15 minutes", calls: 100, windowMs: 15 * minuteMs },
      { name: "day", calls: 1000, windowMs: msPerDay },
    ],
    member: [],
    reserve: 0.3,
    throttles: "app",
    headers: ["x-ratelimit-limit", "x-ratelimit-usage"],
    learn: (headers, nowMs) => ({ app: usageOf(headers, nowMs), member: [] }),
  },
};

/** It counts by the clock: quarters of an hour, and days of UTC. */
function usageOf(headers: Readonly<Record<string, string>>, nowMs: number): LearnedWindow[] {
  const numbers = (name: string) => (headers[name] ?? "").split(",").map(Number);
  const [limits, used] = [numbers("x-ratelimit-limit"), numbers("x-ratelimit-usage")];
  return (likePolar.budget?.app ?? []).flatMap(({ name, windowMs }, i) => {
    const [limit, usage] = [limits[i], used[i]];
    if (limit === undefined || usage === undefined || !(limit > 0)) return [];
    const resetsInMs = windowMs - (nowMs % windowMs);
    return [{ window: name, limit, remaining: Math.max(0, limit - usage), resetsInMs }];
  });
}

/** Sends nothing; each member may be asked 150 times in an hour. */
const likeFitbit: Provider = {
  ...base,
  name: "like-fitbit",
  facts: facts("Like Fitbit", "poll"),
  parse: () => err("not-understood"),
  pull: pull(true),
  habit: { silentMs: null, pollMs: [15 * minuteMs, 30 * minuteMs], rereadMs: 3 * msPerDay },
  backfill: { days: 90, stepDays: 7 },
  budget: {
    app: [],
    member: [{ name: "hour", calls: 150, windowMs: hourMs }],
    reserve: 0.3,
    throttles: "member",
    headers: [],
  },
};

/** Pushes records, or says where they lie; history is asked for and comes later by the same door. */
const likeGarmin: Provider = {
  ...base,
  name: "like-garmin",
  facts: { ...facts("Like Garmin", "push"), onDeauthorised: "erase" },
  parse(body) {
    const said = JSON.parse(body) as {
      owner: string;
      records?: SentRecord[];
      url?: string;
      about?: Record<string, string>;
    };
    const notice: AccountNotice = {
      account: said.owner,
      collection: "activities",
      fromMs: 0,
      toMs: 0,
      gone: null,
      callback: said.url === undefined ? null : { url: said.url, about: said.about ?? {} },
    };
    const items = (said.records ?? []).map((body) => ({
      account: said.owner,
      kind: "activities",
      body,
    }));
    return ok({ ...nothing, items, notices: said.url === undefined ? [] : [notice] });
  },
  callbacks: {
    as: () => "json",
    async read(collection, reply) {
      const read = page(reply);
      if (!read.ok) return err(reply.status === 410 ? "gone" : read.error);
      const drafts = read.value.items.map((item) => normalise(collection, item));
      return ok({ drafts: drafts.flatMap((d) => (d.ok ? [d.value] : [])), bad: [] });
    },
  },
  habit: { silentMs: null, pollMs: null, rereadMs: 0 },
  backfill: {
    days: 90,
    stepDays: 7,
    asked: {
      requests: ({ fromMs, toMs }) => [
        { path: "/backfill/activities", query: { from: `${fromMs}`, to: `${toMs}` } },
      ],
      judge(reply) {
        // Asked before: it is on its way.
        if (reply.status === 202 || reply.status === 409) return ok("asked");
        if (reply.status === 400) return ok("none");
        const read = page(reply);
        return err(read.ok ? "broken" : read.error);
      },
    },
  },
  budget: {
    app: [{ name: "day", calls: 5000, windowMs: msPerDay }],
    member: [],
    reserve: 0.3,
    throttles: "app",
    headers: [],
  },
  // Anybody may say that an account is gone; the provider is asked who the token belongs to.
  link: {
    tokenPath: "/token",
    authorise: {},
    scopes: [],
    client: "form",
    paths: ["/"],
    identity: { path: "/user", query: {} },
    accountOf: () => null,
  },
};

export const weekProviders: Readonly<Record<Kind, Provider>> = {
  "google-health": googleHealth,
  "like-garmin": likeGarmin,
  strava,
  "like-polar": likePolar,
  "like-fitbit": likeFitbit,
};
