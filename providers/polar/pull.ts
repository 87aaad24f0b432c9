/**
 * What is asked of Polar. The list is of the last thirty days, whatever is asked: it takes no window,
 * and has no pages. Samples and the route stand in the exercise itself, asked for one by one. Of what
 * feeds the samples, nights are listed for 28 days, too, and days by their dates, 28 at most.
 */
import type { Budget, LearnedWindow } from "../../domain/budget.ts";
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { addDays, localDate, msPerDay } from "../../domain/time.ts";
import { elapsedMsMax } from "../../domain/workouts/schema.ts";
import { faultOf, inPath } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { fieldsOf, isFields, jsonOf, positiveOf } from "../untrusted.ts";
import {
  beats,
  days,
  durationMsOf,
  exercises,
  idOf,
  idPattern,
  said,
  sampleCollections,
  startOf,
} from "./values.ts";

const path = "/v3/exercises";

const usersPath = "/v3/users/";

/** None of what feeds the samples has an id: each is its day's. */
const one = (_collection: string, sourceId: string): ProviderRequest => ({
  path: `${path}/${inPath(sourceId, idPattern)}`,
  query: { samples: "true", zones: "true", route: "true" },
});

function list(step: PullStep): ProviderRequest {
  const { collection, of } = step;
  if (of !== undefined) return one(collection, of);
  if (!sampleCollections.includes(collection)) return { path, query: {} };
  const isByDate = collection === days || collection === beats;
  return { path: `${usersPath}${collection}`, query: isByDate ? datesOf(step) : {} };
}

const datesMax = 28;

/** Both included, and a day of some clock; of a longer window its last days. */
function datesOf({ fromMs, toMs }: PullStep) {
  const to = localDate(toMs, 0);
  const [from, earliest] = [localDate(fromMs, 0), addDays(to, 1 - datesMax)];
  return { from: from < earliest ? earliest : from, to };
}

/** A 403 is an account that has not consented at Polar, which only its member can mend. */
function page(reply: ProviderReply, step?: PullStep | null): Result<PulledPage, PageFault> {
  const fault = faultOf(reply, "reconnect");
  if (fault !== null) return err(fault);
  if (reply.status === 204) return ok({ items: [], next: null });
  const json = jsonOf(reply.body);
  if (step !== undefined && step !== null && sampleCollections.includes(step.collection)) {
    const items = daysIn(json);
    return items === null ? err("broken") : ok({ items, next: null });
  }
  if (Array.isArray(json)) return ok({ items: json, next: null });
  if (!isFields(json) || json.id === undefined) return err("broken");
  return ok({ items: [json], next: null });
}

/** A list, alone or under a name of its own; or one day by itself. */
function daysIn(json: unknown): readonly unknown[] | null {
  if (Array.isArray(json)) return json;
  if (!isFields(json)) return null;
  const list = [json.nights, json.recharges, json.heart_rates].find(Array.isArray);
  return list ?? (json.date === undefined ? null : [json]);
}

/** Of an exercise from the list that says that it has any. One that was asked for by its id has them. */
function readings(item: unknown): PullStep | null {
  if (!isFields(item) || item.samples !== undefined || item.route !== undefined) return null;
  const of = idOf(item.id);
  const start = startOf(item);
  const elapsedMs = durationMsOf(item.duration);
  if (of === null || start === null || start === "no-zone" || elapsedMs === null) return null;
  if (elapsedMs > elapsedMsMax) return null;
  const average = positiveOf(fieldsOf(said(item, "heart_rate")).average);
  if (said(item, "has_route") !== true && average === null) return null;
  return { collection: exercises, fromMs: start.at, toMs: start.at + elapsedMs, of };
}

/** The whole exercise for the short one, if it is the same. */
function join(item: unknown, found: readonly unknown[]): unknown {
  const id = idOf(fieldsOf(item).id);
  const whole = found.find((one) => id !== null && idOf(fieldsOf(one).id) === id);
  return isFields(item) && isFields(whole) ? { ...item, ...whole } : item;
}

export const pull: Pull = {
  list,
  one,
  page,
  readings,
  join,
  collections: [exercises],
  listedDays: 30,
};

const quarter = "15 minutes";
const day = "day";

/**
 * Without members: Polar adds 20 and 100 calls for each, and says in its answers what it allows now.
 * A member's own are a choice of ours: the list and each exercise of thirty days.
 */
export const budget: Budget = {
  app: [
    { name: quarter, calls: 500, windowMs: 15 * 60_000 },
    { name: day, calls: 5_000, windowMs: msPerDay },
  ],
  member: [
    { name: quarter, calls: 100, windowMs: 15 * 60_000 },
    { name: day, calls: 400, windowMs: msPerDay },
  ],
  reserve: 0.3,
  throttles: "app",
  headers: ["ratelimit-usage", "ratelimit-limit", "ratelimit-reset"],
  learn: (headers) => ({ app: learned(headers), member: [] }),
};

/** Of each header two numbers: of the quarter of an hour, and of the day. */
function learned(headers: Readonly<Record<string, string>>): LearnedWindow[] {
  const numbers = (name: string) =>
    (headers[name] ?? "")
      .split(",")
      .map((text) => (/^\s*\d{1,9}\s*$/.test(text) ? Number(text) : undefined));
  const usage = numbers("ratelimit-usage");
  const limits = numbers("ratelimit-limit");
  const resets = numbers("ratelimit-reset");
  return [quarter, day].flatMap((window, i) => {
    const [used, limit, reset] = [usage[i], limits[i], resets[i]];
    if (limit === undefined) return [];
    return {
      window,
      limit,
      ...(used === undefined ? {} : { remaining: Math.max(0, limit - used) }),
      ...(reset === undefined ? {} : { resetsInMs: reset * 1000 }),
    };
  });
}
