/**
 * What Strava allows an app, all its athletes together: 100 readings a quarter of an hour and 1000 a
 * day. Of all calls it allows twice as many, which reading alone never reaches. Quarters begin on the
 * clock's, days at midnight, both in UTC; what is refused counts too.
 *
 * 200 members who record once a day each: an activity and its streams are 400 calls, and as many
 * again if the streams of all came empty at first; a list of each who is silent for two days 100 at
 * most; an edit 1, or 2. History takes what these leave, 700 at most: 90 days of a member with 40
 * activities are 83 calls, so a few members a day.
 */
import type { Budget, LearnedWindow } from "../../domain/budget.ts";
import { msPerDay } from "../../domain/time.ts";

const quarter = "15 minutes";
const day = "day";
const quarterMs = 15 * 60_000;

export const budget: Budget = {
  app: [
    { name: quarter, calls: 100, windowMs: quarterMs },
    { name: day, calls: 1_000, windowMs: msPerDay },
  ],
  // Ours: no member's history, and nobody who forges their notices, has all of a quarter.
  member: [{ name: quarter, calls: 30, windowMs: quarterMs }],
  reserve: 0.3,
  throttles: "app",
  headers: [
    "x-readratelimit-limit",
    "x-readratelimit-usage",
    "x-ratelimit-limit",
    "x-ratelimit-usage",
  ],
  learn: (headers, nowMs) => ({ app: learned(headers, nowMs), member: [] }),
};

/** Of each header two numbers: of the quarter of an hour, and of the day. */
function learned(headers: Readonly<Record<string, string>>, nowMs: number): LearnedWindow[] {
  const reads = allowances(headers, "x-readratelimit");
  const all = allowances(headers, "x-ratelimit");
  return [
    { window: quarter, windowMs: quarterMs },
    { window: day, windowMs: msPerDay },
  ].flatMap(({ window, windowMs }, i) => {
    const [read, any] = [reads[i], all[i]];
    if (read === undefined) return [];
    const limit = Math.min(read.limit, any?.limit ?? read.limit);
    const remaining = Math.min(read.remaining, any?.remaining ?? read.remaining);
    return { window, limit, remaining, resetsInMs: windowMs - (nowMs % windowMs) };
  });
}

/**
 * Answers about the app's subscription count nothing and say so (usage 0,0): a reading's own answer
 * counts itself.
 */
function allowances(headers: Readonly<Record<string, string>>, name: string) {
  const limits = numbersIn(headers[`${name}-limit`]);
  const usages = numbersIn(headers[`${name}-usage`]);
  return limits.map((limit, i) => {
    const used = usages[i];
    if (limit === undefined || limit === 0 || used === undefined || usages[0] === 0)
      return undefined;
    return { limit, remaining: Math.max(0, limit - used) };
  });
}

const numbersIn = (text = ""): (number | undefined)[] =>
  text.split(",", 2).map((one) => (/^\s*\d{1,9}\s*$/.test(one) ? Number(one) : undefined));
