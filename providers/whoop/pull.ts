/** What is asked of WHOOP, 25 records a page at most, and what it says of what is left to ask. */
import type { Budget, LearnedWindow } from "../../domain/budget.ts";
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { formatMoment, msPerDay } from "../../domain/time.ts";
import { faultOf, inPath } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { isFields, jsonOf } from "../untrusted.ts";
import { recovery, sleep, uuidPattern, workout } from "./notices.ts";

const paths: Readonly<Record<string, string>> = {
  [workout]: "/developer/v2/activity/workout",
  [sleep]: "/developer/v2/activity/sleep",
  [recovery]: "/developer/v2/recovery",
};
const pathOf = (collection: string): string =>
  (Object.hasOwn(paths, collection) ? paths[collection] : paths[workout]) ?? "";
const aPage = "25";

function list({ collection, fromMs, toMs }: PullStep, cursor: string | null): ProviderRequest {
  const query = { start: formatMoment(fromMs), end: formatMoment(toMs), limit: aPage };
  return {
    path: pathOf(collection),
    query: cursor === null ? query : { ...query, nextToken: cursor },
  };
}

const one = (collection: string, sourceId: string): ProviderRequest => ({
  path: `${pathOf(collection)}/${inPath(sourceId, uuidPattern)}`,
  query: {},
});

function page(reply: ProviderReply): Result<PulledPage, PageFault> {
  const fault = faultOf(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (!isFields(json)) return err("broken");
  if (json.id !== undefined && json.records === undefined) return ok({ items: [json], next: null });
  const { records, next_token = null } = json;
  if (!Array.isArray(records)) return err("broken");
  if (next_token !== null && typeof next_token !== "string") return err("broken");
  return ok({ items: records, next: next_token === "" ? null : next_token });
}

export const pull: Pull = {
  list,
  one,
  page,
  readings: () => null,
  join: (item) => item,
  collections: [workout],
};

const minute = "minute";
const day = "day";

/** The app's; a member's own is a choice of ours. */
export const budget: Budget = {
  app: [
    { name: minute, calls: 100, windowMs: 60_000 },
    { name: day, calls: 10_000, windowMs: msPerDay },
  ],
  member: [{ name: minute, calls: 20, windowMs: 60_000 }],
  reserve: 0.3,
  throttles: "app",
  headers: ["x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset"],
  learn: (headers) => ({ app: learned(headers), member: [] }),
};

const windowBySeconds: Readonly<Record<string, string>> = { 60: minute, 86400: day };

/**
 * "100, 100;window=60, 10000;window=86400": first the limit that what remains is counted by, then
 * each limit with its window in seconds.
 */
function learned(headers: Readonly<Record<string, string>>): LearnedWindow[] {
  const [first = "", ...rest] = (headers["x-ratelimit-limit"] ?? "").split(",");
  const counted = numberIn(first);
  const remaining = numberIn(headers["x-ratelimit-remaining"]);
  const resetSeconds = numberIn(headers["x-ratelimit-reset"]);
  const windows = rest.flatMap((text) => {
    const [, calls, seconds = ""] = /^\s*(\d{1,9});\s*window=(\d{1,9})\s*$/.exec(text) ?? [];
    const window = windowBySeconds[seconds];
    return window === undefined ? [] : [{ window, limit: Number(calls) }];
  });
  // Two windows of one limit: nobody knows of which of them the rest is.
  const isClear = windows.filter(({ limit }) => limit === counted).length === 1;
  return windows.map(({ window, limit }) => {
    if (!isClear || limit !== counted || remaining === null) return { window, limit };
    const resets = resetSeconds === null ? {} : { resetsInMs: resetSeconds * 1000 };
    return { window, limit, remaining, ...resets };
  });
}

const numberIn = (text = ""): number | null => (/^\s*\d{1,9}\s*$/.test(text) ? Number(text) : null);
