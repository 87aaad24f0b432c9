/**
 * Notices, one or an array of at most 99: which kind of data changed, for whom and when. An interval
 * is stated in any of three forms, two of them in civil time of a zone that is not named, so the
 * window is a day wider on both sides: no zone is further from UTC, and exercises are found by their
 * civil start. Every operation but a deletion means "read again", whatever it is called.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import type { AccountNotice, Delivery, ParseFault } from "../provider.ts";
import { type Fields, fieldsOf, instantOf, nameCharsMax, textOf } from "../untrusted.ts";
import { exercise, heartRate, idOf } from "./values.ts";

const batchMax = 99;

export function parse(body: string): Result<Delivery, ParseFault> {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return err("not-json");
  }
  const entries: unknown[] = Array.isArray(json) ? json : [json];
  const data = entries.map((entry) => fieldsOf(entry).data);
  const isNamed = (said: unknown) => textOf(fieldsOf(said).healthUserId) !== null;
  if (entries.length > batchMax || (data.length > 0 && !data.some(isNamed)))
    return err("not-understood");
  const notices = data.flatMap((said) => noticeOf(fieldsOf(said)) ?? []);
  return ok({ items: [], notices, claims: [], unknown: entries.length - notices.length });
}

/** Heart rate belongs to whatever exercise it was measured in, so that is read again. */
function noticeOf(data: Fields): AccountNotice | null {
  const { dataType, healthUserId: account } = data;
  if (typeof account !== "string" || account.length === 0 || account.length > nameCharsMax)
    return null;
  if (dataType !== exercise && dataType !== heartRate) return null;
  const deleted = dataType === exercise && data.operation === "DELETE";
  const gone = deleted ? idOf(data.recordId) : null;
  const window = hullOf(Array.isArray(data.intervals) ? data.intervals : []);
  if (window === null && gone === null) return null;
  return { account, collection: exercise, ...(window ?? { fromMs: 0, toMs: 0 }), gone };
}

function hullOf(intervals: readonly unknown[]): { fromMs: Instant; toMs: Instant } | null {
  let from: Instant | null = null;
  let to: Instant | null = null;
  for (const interval of intervals) {
    for (const t of endsOf(fieldsOf(interval))) {
      if (from === null || t < from) from = t;
      if (to === null || t > to) to = t;
    }
  }
  if (from === null || to === null) return null;
  return { fromMs: Math.max(0, from - msPerDay), toMs: to + msPerDay };
}

/** Every end that any of the three forms states; civil ones as if they were UTC. */
function endsOf(interval: Fields): Instant[] {
  const physical = fieldsOf(interval.physicalTimeInterval);
  const iso = fieldsOf(interval.civilIso8601TimeInterval);
  const civil = fieldsOf(interval.civilDateTimeInterval);
  const asUtc = (v: unknown) => (typeof v === "string" ? instantOf(`${v}Z`) : null);
  return [
    instantOf(physical.startTime),
    instantOf(physical.endTime),
    asUtc(iso.startTime),
    asUtc(iso.endTime),
    asUtc(civilText(fieldsOf(civil.startDateTime))),
    asUtc(civilText(fieldsOf(civil.endDateTime))),
  ].filter((t) => t !== null);
}

/** Parts of a clock that are zero are left out: `time: {}` is midnight. */
function civilText({ date, time }: Fields): string {
  const { year, month, day } = fieldsOf(date);
  const { hours = 0, minutes = 0, seconds = 0 } = fieldsOf(time);
  const [y, mo, d, h, mi, s] = [year, month, day, hours, minutes, seconds].map((part, i) =>
    String(part).padStart(i === 0 ? 4 : 2, "0"),
  );
  return `${y}-${mo}-${d}T${h}:${mi}:${s}`;
}
