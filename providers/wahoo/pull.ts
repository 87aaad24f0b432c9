/**
 * What is asked of Wahoo: one workout by its id, or the list of all of them, the newest first. The list
 * takes no window, so its pages are turned until one lies wholly before it. What is only planned has
 * no summary, or an empty one, and is left out; it is there all the same, so it is not gone. They stand
 * by when they were to begin, and are looked for by when they did: some days more are turned past.
 */
import type { Budget, LearnedWindow } from "../../domain/budget.ts";
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import { faultOf, inPath } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import {
  type Fields,
  fieldsOf,
  idOf,
  idPattern,
  instantOf,
  isFields,
  jsonOf,
  rawOf,
} from "../untrusted.ts";
import { changedOf, decimalOf, startOf, withoutFile, workouts } from "./values.ts";

const path = "/v1/workouts";
const aPage = 50;
/** So long before it was done, at most, a workout may have been planned for. */
const plannedMs = 7 * msPerDay;

const list = (_step: PullStep, cursor: string | null): ProviderRequest => ({
  path,
  query: { page: cursor ?? "1", per_page: String(aPage) },
});

const one = (_collection: string, sourceId: string): ProviderRequest => ({
  path: `${path}/${inPath(sourceId, idPattern)}`,
  query: {},
});

function page(reply: ProviderReply, step?: PullStep | null): Result<PulledPage, PageFault> {
  const fault = faultOf(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (!isFields(json)) return err("broken");
  const single = json.id === undefined ? json.workout : json;
  if (isFields(single) && json.workouts === undefined)
    return idOf(single.id) === null ? err("broken") : ok({ items: doneIn([single]), next: null });
  if (!Array.isArray(json.workouts)) return err("broken");
  const next = nextAfter(json, json.workouts, step?.fromMs ?? 0);
  if (!next.ok) return next;
  const within = doneIn(json.workouts).filter((item) => isWithin(item, step));
  return ok({ items: within, next: next.value });
}

/** What is no object is handed on, to be refused by name. */
const doneIn = (items: readonly unknown[]): readonly unknown[] =>
  items.filter((item) => !isFields(item) || isDone(item)).map(withoutFile);
const isDone = ({ workout_summary: summary }: Fields): boolean =>
  isFields(summary) &&
  [summary.duration_total_accum, summary.duration_active_accum].some(
    (seconds) => seconds !== undefined && seconds !== null && decimalOf(seconds) !== 0,
  );

/** What does not say when it was is handed on too. */
function isWithin(item: unknown, step: PullStep | null | undefined): boolean {
  const atMs = isFields(item) ? atOf(item) : null;
  if (atMs === null || step == null) return true;
  return atMs >= step.fromMs && atMs <= step.toMs;
}

function atOf(item: Fields): Instant | null {
  const start = startOf(item);
  return start === null || start === "no-zone" ? null : start.atMs;
}

/** By the newest start in it, since those of one page need not be in order to the second. */
function nextAfter(
  { page, per_page, total }: Fields,
  items: readonly unknown[],
  fromMs: Instant,
): Result<string | null, "broken"> {
  const [number, size, all] = [countOf(page), countOf(per_page) || aPage, countOf(total)];
  if (number === null || number === 0) return err("broken");
  const isLast = all === null ? items.length < size : number * size >= all;
  if (isLast || items.length === 0) return ok(null);
  const starts = items.map((item) => instantOf(fieldsOf(item).starts) ?? atOf(fieldsOf(item)));
  const isPast = starts.every((atMs) => atMs !== null && atMs < fromMs - plannedMs);
  return ok(isPast ? null : String(number + 1));
}

/** As text, too, as all its numbers. */
function countOf(v: unknown): number | null {
  const count = decimalOf(v);
  return Number.isSafeInteger(count) ? count : null;
}

/** Where nothing says when it changed, all of it is what was had. */
function mark(item: unknown): string {
  const said = fieldsOf(item);
  const [id, changedMs] = [idOf(said.id), changedOf(said)];
  return id === null || changedMs === null
    ? (rawOf(withoutFile(item)) ?? "")
    : `${id} ${changedMs}`;
}

export const pull = {
  list,
  one,
  page,
  readings: () => null,
  join: (item) => item,
  mark,
  accountIn: (item) => idOf(fieldsOf(item).user_id),
  collections: [workouts],
} satisfies Pull;

const fiveMinutes = "5 minutes";
const hour = "hour";
const day = "day";

/** The app's, of one that Wahoo approved; a member's own are a choice of ours. */
export const budget: Budget = {
  app: [
    { name: fiveMinutes, calls: 200, windowMs: 5 * 60_000 },
    { name: hour, calls: 1_000, windowMs: 60 * 60_000 },
    { name: day, calls: 5_000, windowMs: msPerDay },
  ],
  member: [
    { name: fiveMinutes, calls: 30, windowMs: 5 * 60_000 },
    { name: day, calls: 300, windowMs: msPerDay },
  ],
  reserve: 0.3,
  throttles: "app",
  headers: ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
  learn: (headers) => ({ app: learned(headers), member: [] }),
};

/**
 * "5000, 1000, 200": the longest window has the largest limit, whatever their order. Until when is one
 * number: of the window that is spent, if only one is.
 */
function learned(headers: Readonly<Record<string, string>>): LearnedWindow[] {
  const limits = numbersIn(headers["x-ratelimit-limit"]);
  const remaining = numbersIn(headers["x-ratelimit-remaining"]);
  const resets = numbersIn(headers["x-ratelimit-reset"]);
  const names = [day, hour, fiveMinutes];
  if (limits === null || limits.length !== names.length) return [];
  const isTold = remaining?.length === limits.length;
  const windows = limits
    .map((limit, i) => ({ limit, left: isTold ? remaining[i] : undefined, reset: resets?.[i] }))
    .sort((a, b) => b.limit - a.limit);
  const spent = windows.filter(({ left }) => left === 0);
  return windows.map(({ limit, left, reset }, i) => {
    const seconds = resets?.length === 1 ? (left === 0 ? onlyOf(spent, resets) : undefined) : reset;
    return {
      window: names[i] ?? day,
      limit,
      ...(left === undefined ? {} : { remaining: left }),
      ...(seconds === undefined ? {} : { resetsInMs: seconds * 1000 }),
    };
  });
}

const onlyOf = (spent: readonly unknown[], resets: readonly number[]): number | undefined =>
  spent.length === 1 ? resets[0] : undefined;

/** Null unless each is a number. */
function numbersIn(text = ""): readonly number[] | null {
  const parts = text.split(",").map((part) => part.trim());
  return parts.every((part) => /^\d{1,9}$/.test(part)) ? parts.map(Number) : null;
}
