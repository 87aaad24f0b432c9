/**
 * What is asked after a notice. The log is listed from a day on and cannot be cut off at another, so
 * a window is always read up to the newest entry; pages go on by the address that the answer names,
 * of which only what this list asks by is taken. A single entry can be asked for as a TCX file and in
 * no other form: that there is none is believed in Fitbit's own words, and that there is one comes
 * as something else than JSON, which proves nothing and so deletes nothing. Heart rate is asked for
 * and answered in the time of the member's own clock.
 */
import type { Budget } from "../../domain/budget.ts";
import type { ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { addDays, formatMoment, type Instant, localDate, msPerDay } from "../../domain/time.ts";
import { faultOf } from "../answers.ts";
import type { PageFault, Pull, PulledPage, PullStep } from "../provider.ts";
import { type Fields, fieldsOf, isFields, jsonOf, momentOf, positiveOf } from "../untrusted.ts";
import {
  activities,
  heart,
  heartDays,
  logIdOf,
  nights,
  sampleCollections,
  scales,
  steps,
} from "./values.ts";

export const fitbitPaths = "/1/user/-/";
/** Nights moved on to another version. */
export const fitbitNightPaths = "/1.2/user/-/";
const listPath = `${fitbitPaths}activities/list.json`;
const entriesAPage = "100";
const origin = "https://api.fitbit.com";
const minuteMs = 60_000;
/** Readings are asked for by minutes of the clock, and stand by the clock: no more than its round. */
const spanMsMax = msPerDay - 2 * minuteMs;

// -- the log --------------------------------------------------------------------------------

function list(step: PullStep, cursor: string | null): ProviderRequest {
  if (step.collection === heart) return heartRate(step);
  if (sampleCollections.includes(step.collection)) return daysOf(step);
  if (cursor !== null)
    return { path: listPath, query: Object.fromEntries(new URLSearchParams(cursor)) };
  // Whether the day itself is among those after it is not said.
  const afterDate = localDate(Math.max(0, step.fromMs - msPerDay), 0);
  return { path: listPath, query: { afterDate, sort: "asc", limit: entriesAPage, offset: "0" } };
}

const datesMax = 31;
const dayPaths: Readonly<Record<string, string>> = {
  [nights]: `${fitbitNightPaths}sleep/date`,
  [scales]: `${fitbitPaths}body/log/weight/date`,
  [steps]: `${fitbitPaths}activities/steps/date`,
  [heartDays]: `${fitbitPaths}activities/heart/date`,
};

/** Both days included, and days of some clock; of a longer window its last. */
function daysOf({ collection, fromMs, toMs }: PullStep): ProviderRequest {
  const to = addDays(localDate(toMs, 0), 1);
  const [from, earliest] = [localDate(fromMs, 0), addDays(to, 1 - datesMax)];
  const path = `${dayPaths[collection]}/${from < earliest ? earliest : from}/${to}.json`;
  return { path, query: {} };
}

const one = (_collection: string, sourceId: string): ProviderRequest => ({
  path: `${fitbitPaths}activities/${logIdOf(sourceId) ?? "0"}.tcx`,
  query: { includePartialTCX: "true" },
});

function page(reply: ProviderReply, step?: PullStep | null): Result<PulledPage, PageFault> {
  const fault = faultIn(reply);
  if (fault !== null) return err(fault);
  const json = jsonOf(reply.body);
  if (!isFields(json)) return err("broken");
  // What feeds the samples is read by the whole answer: it is one item.
  if (step !== undefined && step !== null && sampleCollections.includes(step.collection))
    return ok({ items: [json], next: null });
  if (Array.isArray(json["activities-heart"])) return beatsIn(json);
  if (!Array.isArray(json.activities)) return err("broken");
  const next = cursorIn(fieldsOf(json.pagination).next);
  return next.ok ? ok({ items: json.activities, next: next.value }) : next;
}

const asked: Readonly<Record<string, RegExp>> = {
  afterDate: /^\d{4}-\d{2}-\d{2}(T[\d:.]{5,12})?$/,
  beforeDate: /^\d{4}-\d{2}-\d{2}(T[\d:.]{5,12})?$/,
  sort: /^(asc|desc)$/,
  limit: /^\d{1,3}$/,
  offset: /^\d{1,6}$/,
};
const cursorCharsMax = 300;

/** Only this list's own address goes on; of it, only what the list is asked by. */
function cursorIn(next: unknown): Result<string | null, PageFault> {
  if (next === undefined || next === null || next === "") return ok(null);
  if (typeof next !== "string" || next.length > cursorCharsMax || !URL.canParse(next))
    return err("broken");
  const { origin: from, pathname, searchParams, username } = new URL(next);
  const isOwn =
    from === origin &&
    username === "" &&
    /^\/1\/user\/[^/]+\/activities\/list\.json$/.test(pathname);
  const query = new URLSearchParams(
    [...searchParams].filter(
      ([name, value]) => Object.hasOwn(asked, name) && asked[name]?.test(value),
    ),
  );
  return isOwn && query.size > 0 ? ok(query.toString()) : err("broken");
}

/** That an entry is not there is believed in Fitbit's own words alone: the path may be what is gone. */
function faultIn(reply: ProviderReply): PageFault | null {
  const fault = faultOf(reply);
  return fault === "gone" && !errorsIn(reply.body).includes("not_found") ? "broken" : fault;
}

function errorsIn(body: string): unknown[] {
  const { errors } = fieldsOf(jsonOf(body));
  return Array.isArray(errors) ? errors.map((error) => fieldsOf(error).errorType) : [];
}

// -- heart rate -----------------------------------------------------------------------------

/** Where a workout was on the member's clock; null: its entry does not say. */
export function clockOf(entry: unknown): { at: Instant; offsetMin: number; endMs: Instant } | null {
  const { startTime, duration } = fieldsOf(entry);
  const start = momentOf(startTime);
  const elapsedMs = positiveOf(duration);
  if (start === null || start === "no-zone" || start.offsetMin === null || elapsedMs === null)
    return null;
  return { at: start.atMs, offsetMin: start.offsetMin, endMs: start.atMs + elapsedMs };
}

/** The step is in the time of the member's clock, read as if it stood in UTC. */
function readings(item: unknown): PullStep | null {
  const clock = clockOf(item);
  const { averageHeartRate, heartRateLink } = fieldsOf(item);
  const isMeasured = positiveOf(averageHeartRate) !== null || typeof heartRateLink === "string";
  if (clock === null || !isMeasured || clock.endMs - clock.at > spanMsMax) return null;
  const awayMs = clock.offsetMin * minuteMs;
  return { collection: heart, fromMs: clock.at + awayMs, toMs: clock.endMs + awayMs };
}

function heartRate({ fromMs, toMs }: PullStep): ProviderRequest {
  const [from, to] = [fromMs, Math.ceil(toMs / minuteMs) * minuteMs].map((ms) => formatMoment(ms));
  const [day = "", time = ""] = [from?.slice(0, 10), from?.slice(11, 16)];
  const [lastDay = "", lastTime = ""] = [to?.slice(0, 10), to?.slice(11, 16)];
  return {
    path: `${fitbitPaths}activities/heart/date/${day}/${lastDay}/1sec/time/${time}/${lastTime}.json`,
    query: {},
  };
}

/** Without its readings the answer speaks of the day alone: this app may not have them. */
function beatsIn(json: Fields): Result<PulledPage, PageFault> {
  const intraday = json["activities-heart-intraday"];
  if (intraday === undefined) return ok({ items: [], next: null });
  const { dataset } = fieldsOf(intraday);
  return Array.isArray(dataset) ? ok({ items: dataset, next: null }) : err("broken");
}

const join = (item: unknown, beats: readonly unknown[]): unknown =>
  isFields(item) ? { ...item, heartRateReadings: beats } : item;

export const pull: Pull = { list, one, page, readings, join, collections: [activities] };

// -- the budget -----------------------------------------------------------------------------

const hourMs = 3_600_000;
const wholeOf = (text: string | undefined): number | null =>
  text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : null;

/** Seconds until the hour is over, as Fitbit has it; or when it is over, as others have it. */
function resetsInMs(said: number | null, nowMs: number): number | null {
  if (said === null) return null;
  const inMs = said * 1000 <= hourMs ? said * 1000 : said * 1000 - nowMs;
  return inMs >= 0 && inMs <= hourMs ? inMs : null;
}

export const budget: Budget = {
  // Every member has an hour's calls of their own; of the app as a whole no limit is stated.
  app: [{ name: "hour", calls: 1_000_000, windowMs: hourMs }],
  member: [{ name: "hour", calls: 150, windowMs: hourMs }],
  reserve: 0.3,
  throttles: "member",
  headers: ["fitbit-rate-limit-limit", "fitbit-rate-limit-remaining", "fitbit-rate-limit-reset"],
  learn(headers, nowMs) {
    const [limit, remaining, reset] = budget.headers.map((name) => wholeOf(headers[name]));
    const inMs = resetsInMs(reset ?? null, nowMs);
    const learned = {
      window: "hour",
      ...(limit ? { limit } : {}),
      ...(typeof remaining === "number" ? { remaining } : {}),
      ...(inMs === null ? {} : { resetsInMs: inMs }),
    };
    return { app: [], member: [learned] };
  },
};
