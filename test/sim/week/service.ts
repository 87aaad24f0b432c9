/**
 * The providers' side of the wire: what each answers to a request that reaches it, from what it
 * holds at that instant, and its own count of the calls. Answers have the provider's form; how they
 * get lost or spoiled on the way is the wire's part.
 */
import type { Budget } from "../../../domain/budget.ts";
import type { LeaseAsk, ProviderRequest } from "../../../domain/ports.ts";
import { formatMoment, type Instant, parseMoment } from "../../../domain/time.ts";
import { isStepsOrNothing, stepsPage } from "./google-steps.ts";
import { Meter } from "./meter.ts";
import type { Kind, SentRecord } from "./providers.ts";
import { strava, stravaUsage } from "./strava.ts";
import { type Account, distanceOf, type WeekRecord } from "./world.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

const googlePage = 25;
const madeUpPage = 5;
/** A page's token is good for so long. */
const tokenMs = 60 * 60_000;
const minuteMs = 60_000;
/** What happens at a provider when it is asked. */
export interface OnAsked {
  history(account: Account, fromMs: Instant, toMs: Instant): void;
  /** It has just said that it has not got a record. */
  gone(account: Account, record: WeekRecord): void;
}

export class Service {
  readonly kind: Kind;
  readonly app: readonly Meter[];
  /** Calls for history, of what it may take of each window. */
  readonly history: readonly Meter[];
  /** Everybody here, by the provider's own word for them. */
  readonly accounts = new Map<string, Account>();
  readonly #budget: Budget;
  readonly #members = new Map<Account, readonly Meter[]>();
  readonly #asked = new Set<string>();
  readonly #onAsked: OnAsked;
  /** Where data lies that a ping told of; its content is as it is when it is fetched. */
  readonly lying = new Map<string, readonly WeekRecord[]>();
  calls = 0;

  constructor(kind: Kind, budget: Budget, onAsked: OnAsked) {
    this.kind = kind;
    this.#budget = budget;
    this.#onAsked = onAsked;
    this.app = budget.app.map((window) => new Meter(window));
    const share = 1 - budget.reserve;
    this.history = budget.app.map(
      (window) => new Meter({ ...window, calls: Math.floor(window.calls * share) }),
    );
  }

  /** Counts a call that arrived; true when the budget does not allow it. */
  count(account: Account, nowMs: Instant, paidBy: LeaseAsk["kind"]): boolean {
    this.calls++;
    if (paidBy === "backfill") for (const meter of this.history) meter.count(nowMs);
    const member = this.#members.get(account) ?? this.#newMeters(account);
    return [...this.app, ...member].map((meter) => meter.count(nowMs)).some(Boolean);
  }

  #newMeters(account: Account): readonly Meter[] {
    const meters = this.#budget.member.map((window) => new Meter(window));
    this.#members.set(account, meters);
    return meters;
  }

  meters(): readonly Meter[] {
    return [...this.app, ...[...this.#members.values()].flat()];
  }

  headers(nowMs: Instant): Record<string, string> {
    if (this.kind === "strava") return stravaUsage(this.app, nowMs);
    if (this.kind !== "like-polar") return {};
    return {
      "x-ratelimit-limit": this.app.map(({ window }) => window.calls).join(","),
      "x-ratelimit-usage": this.app.map((meter) => meter.usedAligned(nowMs)).join(","),
    };
  }

  answer(account: Account, { path, query }: ProviderRequest, nowMs: Instant): Answer {
    const answer = this.#answer(account, path, query, nowMs);
    const asked = account.records.get(path.split("/").at(-1) ?? "");
    if (answer.status === 404 && asked !== undefined) this.#onAsked.gone(account, asked);
    return answer;
  }

  #answer(account: Account, path: string, query: ProviderRequest["query"], nowMs: Instant): Answer {
    if (this.kind === "google-health") return google(account, path, query, nowMs);
    if (this.kind === "strava") return strava(this.accounts, account, path, query, nowMs);
    if (path === "/user") return { status: 200, body: { id: account.user } };
    if (path.startsWith("/backfill/")) return this.#backfill(account, query, nowMs);
    if (path.startsWith("/activities/")) return oneOf(account, path, nowMs);
    const [fromMs, toMs] = [Number(query.from), Number(query.to)];
    if (path === "/streams") {
      const items = Number.isFinite(fromMs) ? [fromMs, toMs - 1000] : [];
      return { status: 200, body: { items, next: null } };
    }
    const isIn = ({ startMs }: WeekRecord) => startMs >= fromMs && startMs < toMs;
    const all = account.inOrder.filter((r) => isThere(r, nowMs) && isIn(r));
    return paged(all, query.cursor, madeUpPage, nowMs, (items, next) => ({
      items: items.map((record) => sentOf(account, record)),
      next,
    }));
  }

  callback(account: Account, url: string): Answer {
    const records = this.lying.get(url);
    if (records === undefined) return { status: 410, body: {} };
    const there = records.filter((record) => !record.gone);
    return {
      status: 200,
      body: { items: there.map((record) => sentOf(account, record)), next: null },
    };
  }

  #backfill(account: Account, query: ProviderRequest["query"], nowMs: Instant): Answer {
    const [fromMs, toMs] = [Number(query.from), Number(query.to)];
    if (fromMs < nowMs - 120 * 86_400_000) return { status: 400, body: {} };
    // A second asking for the same stretch is a conflict.
    const key = JSON.stringify([account.user, fromMs, toMs]);
    if (this.#asked.has(key)) return { status: 409, body: {} };
    this.#asked.add(key);
    this.#onAsked.history(account, fromMs, toMs);
    return { status: 202, body: {} };
  }
}

/** To be had by now. */
const isThere = ({ gone, servedMs }: WeekRecord, nowMs: Instant) => !gone && servedMs <= nowMs;

const oneOf = (account: Account, path: string, nowMs: Instant): Answer => {
  const record = account.records.get(path.split("/").at(-1) ?? "");
  if (record === undefined || !isThere(record, nowMs)) return { status: 404, body: {} };
  return { status: 200, body: { items: [sentOf(account, record)], next: null } };
};

export const sentOf = ({ kind }: Account, record: WeekRecord): SentRecord => ({
  id: record.id,
  start: record.startMs,
  elapsed: record.elapsedMs,
  distance: distanceOf(record),
  updated: kind === "like-garmin" ? null : record.updatedMs,
  long: record.elapsedMs > 70 * minuteMs,
});

/** In the form that all of Google's errors have. */
const refusal = (status: number, word: string, reason: string): Answer => ({
  status,
  body: { error: { code: status, status: word, message: "", details: [{ reason }] } },
});

/** A token names the last record that was shown, so that what changes between pages shifts none. */
function paged(
  all: readonly WeekRecord[],
  token: string | undefined,
  size: number,
  nowMs: Instant,
  body: (page: readonly WeekRecord[], next: string | null) => unknown,
): Answer {
  let left = all;
  if (token !== undefined) {
    const [startMs, id, madeMs] = JSON.parse(token) as [number, string, number];
    if (nowMs - madeMs > tokenMs) return refusal(400, "INVALID_ARGUMENT", "INVALID_PAGE_TOKEN");
    left = all.filter((r) => r.startMs < startMs || (r.startMs === startMs && r.id < id));
  }
  const page = left.slice(0, size);
  const last = page.at(-1);
  const next =
    left.length > size && last !== undefined
      ? JSON.stringify([last.startMs, last.id, nowMs])
      : null;
  return { status: 200, body: body(page, next) };
}

// -- Google Health --------------------------------------------------------------------------

const atUtc = (text: string | undefined): Instant => {
  const moment = parseMoment(text ?? "");
  return moment.ok ? moment.value.atMs : Number.NaN;
};

function google(
  account: Account,
  path: string,
  { filter = "", pageToken }: Readonly<Record<string, string>>,
  nowMs: Instant,
): Answer {
  const [, collection = "", id] = /dataTypes\/([^/]+)\/dataPoints(?:\/(.+))?$/.exec(path) ?? [];
  if (id !== undefined) {
    const record = account.records.get(id);
    if (record === undefined || record.gone) return refusal(404, "NOT_FOUND", "NOT_FOUND");
    return { status: 200, body: pointOf(account, record) };
  }
  const [from, to] = [...filter.matchAll(/"([^"]+)"/g)].map(([, text]) => text);
  if (collection === "heart-rate") {
    const [fromMs, toMs] = [atUtc(from), atUtc(to)];
    const there = account.inOrder.find((r) => r.startMs === fromMs && r.heart && !r.gone);
    if (there === undefined) return { status: 200, body: {} };
    const times = [fromMs, toMs - 1000];
    return { status: 200, body: { dataPoints: times.map((t) => beatOf(t)) } };
  }
  if (isStepsOrNothing(collection)) {
    const points = stepsPage(collection, atUtc(from), atUtc(to), pageToken, nowMs);
    return { status: 200, body: points };
  }
  // Exercises are found by the clock on the wall where they began.
  const [fromMs, toMs] = [atUtc(`${from}Z`), atUtc(`${to}Z`)];
  const civil = (r: WeekRecord) => r.startMs + account.offsetMin * minuteMs;
  const all = account.inOrder.filter((r) => !r.gone && civil(r) >= fromMs && civil(r) < toMs);
  return paged(all, pageToken, googlePage, nowMs, (page, next) => ({
    ...(page.length > 0 ? { dataPoints: page.map((record) => pointOf(account, record)) } : {}),
    ...(next === null ? {} : { nextPageToken: next }),
  }));
}

const beatOf = (t: Instant) => ({
  heartRate: { sampleTime: { physicalTime: formatMoment(t) }, beatsPerMinute: "120" },
});

const pointOf = ({ user, offsetMin }: Account, record: WeekRecord) => ({
  name: `users/${user}/dataTypes/exercise/dataPoints/${record.id}`,
  dataSource: { recordingMethod: "ACTIVELY_MEASURED", platform: "FITBIT" },
  exercise: {
    interval: {
      startTime: formatMoment(record.startMs),
      startUtcOffset: `${offsetMin * 60}s`,
      endTime: formatMoment(record.startMs + record.elapsedMs),
      endUtcOffset: `${offsetMin * 60}s`,
    },
    exerciseType: "RUNNING",
    metricsSummary: { distanceMillimeters: distanceOf(record) },
    updateTime: formatMoment(record.updatedMs),
  },
});
