/**
 * Strava's side of the week, in its own shapes: a list of summaries, the whole activity, its streams,
 * which may come empty at first; another athlete's public activity for whoever asks, saying whose it
 * is; a not-found without a body; and notices that name an activity and prove nothing.
 */
import type { ProviderRequest } from "../../../domain/ports.ts";
import { formatMoment, type Instant } from "../../../domain/time.ts";
import type { Meter } from "./meter.ts";
import type { Recorded } from "./recorded.ts";
import type { Answer } from "./service.ts";
import { type Account, distanceOf, type WeekRecord } from "./world.ts";

type Query = ProviderRequest["query"];

const minuteMs = 60_000;
const metreMm = 1000;
const firstAthlete = 7_000_000;
/** Ids are numbers; an athlete's begin here, so many apart. */
const firstActivity = 12_000_000_000;
const activitiesEach = 100_000;
const pageUsual = 30;
const path = "/api/v3/activities/";
const athletePath = "/api/v3/athlete";
const subscription = 120_475;

export const athleteOf = (index: number): string => String(firstAthlete + index);
export const activityOf = (athlete: string, n: number): string =>
  String(firstActivity + (Number(athlete) - firstAthlete) * activitiesEach + n);
const holderOf = (id: string): string =>
  athleteOf(Math.floor((Number(id) - firstActivity) / activitiesEach));

/** Typed in, by some: there is nothing to be had beyond it. */
const isManual = ({ id }: WeekRecord): boolean => Number(id) % 10 === 3;
export const hasBeats = (record: WeekRecord): boolean =>
  !isManual(record) && record.elapsedMs > 40 * minuteMs;
/** Seen by its athlete alone. */
const isPrivate = ({ id }: WeekRecord): boolean => Number(id) % 4 === 0;

const none: Answer = { status: 404, body: "" };

/** `athletes`: everybody here, by their ids. */
export function strava(
  athletes: ReadonlyMap<string, Account>,
  account: Account,
  asked: string,
  query: Query,
  nowMs: Instant,
): Answer {
  if (asked === athletePath)
    return { status: 200, body: { id: Number(account.user), resource_state: 2 } };
  if (asked === `${athletePath}/activities`) return listed(account, query, nowMs);
  const [id = "", part] = asked.slice(path.length).split("/");
  const holder = athletes.get(holderOf(id));
  const record = holder?.records.get(id);
  if (holder === undefined || record === undefined || !isThere(record, nowMs)) return none;
  const isOwn = holder === account;
  if (!isOwn && (isPrivate(record) || part !== undefined)) return none;
  if (part !== undefined) return streamsOf(record, nowMs);
  return { status: 200, body: { ...summaryOf(holder, record), ...wholeOf(record) } };
}

const isThere = ({ gone, servedMs }: WeekRecord, nowMs: Instant) => !gone && servedMs <= nowMs;

/** Both ends are left out. */
function listed(account: Account, query: Query, nowMs: Instant): Answer {
  const [afterMs, beforeMs] = [Number(query.after) * 1000, Number(query.before) * 1000];
  const [page, size] = [Number(query.page ?? 1), Number(query.per_page ?? pageUsual)];
  const isIn = ({ startMs }: WeekRecord) => startMs > afterMs && startMs < beforeMs;
  const all = account.inOrder.filter((record) => isThere(record, nowMs) && isIn(record));
  const shown = all.slice((page - 1) * size, page * size);
  return { status: 200, body: shown.map((record) => summaryOf(account, record)) };
}

function streamsOf(record: WeekRecord, nowMs: Instant): Answer {
  if (!hasBeats(record)) return none;
  // Not made yet: they are there and empty, or they are not there.
  if (nowMs < record.streamsMs) return isPrivate(record) ? none : { status: 200, body: {} };
  const grain = { series_type: "time", original_size: 2, resolution: "high" };
  const last = Math.floor(record.elapsedMs / 1000) - 1;
  const body = { time: { data: [0, last], ...grain }, heartrate: { data: [120, 140], ...grain } };
  return { status: 200, body };
}

function summaryOf({ user, offsetMin }: Account, record: WeekRecord) {
  const seconds = Math.floor(record.elapsedMs / 1000);
  const manual = isManual(record);
  return {
    resource_state: 2,
    id: Number(record.id),
    athlete: { id: Number(user), resource_state: 1 },
    name: "Morning Run",
    distance: distanceOf(record) / metreMm,
    moving_time: seconds,
    elapsed_time: seconds,
    total_elevation_gain: 0,
    type: "Run",
    sport_type: "Run",
    start_date: formatMoment(record.startMs),
    // The time on the clock, for all its Z.
    start_date_local: formatMoment(record.startMs + offsetMin * minuteMs),
    timezone: "(GMT+00:00) Africa/Abidjan",
    utc_offset: offsetMin * 60,
    external_id: manual ? null : `garmin_ping_${record.id}`,
    upload_id: manual ? null : Number(record.id) + 1,
    trainer: false,
    manual,
    private: isPrivate(record),
    visibility: isPrivate(record) ? "only_me" : "everyone",
    flagged: false,
    has_heartrate: hasBeats(record),
    ...(hasBeats(record) ? { average_heartrate: 130.2, max_heartrate: 140 } : {}),
    start_latlng: [],
    map: { id: `a${record.id}`, summary_polyline: "", resource_state: 2 },
  };
}

const wholeOf = (record: WeekRecord) => ({
  resource_state: 3,
  description: null,
  calories: 500,
  device_name: isManual(record) ? null : "Garmin Forerunner 255",
});

/** Of the quarter of an hour and of the day, both by the clock; of all calls it allows twice as many. */
export function stravaUsage(app: readonly Meter[], nowMs: Instant): Record<string, string> {
  const used = app.map((meter) => meter.usedAligned(nowMs)).join(",");
  return {
    "x-ratelimit-limit": app.map(({ window }) => 2 * window.calls).join(","),
    "x-ratelimit-usage": used,
    "x-readratelimit-limit": app.map(({ window }) => window.calls).join(","),
    "x-readratelimit-usage": used,
  };
}

type Aspect = "create" | "update" | "delete";

/** As anybody can write it who knows the athlete's id. */
export const stravaNotice = (athlete: string, id: string, aspect: Aspect, nowMs: Instant) =>
  noticeOf(athlete, nowMs, {
    object_type: "activity",
    object_id: Number(id),
    aspect_type: aspect,
    updates: aspect === "update" ? { title: "Evening Run" } : {},
  });

/** That the athlete withdrew. */
export const stravaWithdrawal = (athlete: string, nowMs: Instant) =>
  noticeOf(athlete, nowMs, {
    object_type: "athlete",
    object_id: Number(athlete),
    aspect_type: "update",
    updates: { authorized: "false" },
  });

const noticeOf = (athlete: string, nowMs: Instant, said: object): string =>
  JSON.stringify({
    ...said,
    owner_id: Number(athlete),
    event_time: Math.floor(nowMs / 1000),
    subscription_id: subscription,
  });

/** Whether an answer said nothing about one activity that is not known here already. */
export function isVain(
  { user, records }: Account,
  { store, sealed }: Recorded,
  asked: string,
  { body }: Answer,
): boolean {
  const [id = "", part] = asked.slice(path.length).split("/");
  if (!asked.startsWith(path) || part !== undefined) return false;
  const record = records.get(id);
  const whose = (body as { athlete?: { id: number } }).athlete?.id;
  // That it is gone is news; that there never was one is not.
  if (record === undefined || whose !== Number(user)) return record?.gone !== true;
  const isHeld = store.held(record.fact)?.fact?.distanceMm === distanceOf(record);
  return isHeld && (!hasBeats(record) || sealed.get(record.fact)?.heart === true);
}
