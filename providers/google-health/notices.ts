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
import { alsoChanged, sampleCollections, sleep } from "./types.ts";
import { digitsOf, exercise, heartRate, idOf } from "./values.ts";

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
  const told = data.map((said) => noticesOf(fieldsOf(said)));
  const later = told.flatMap(({ samples }) => samples);
  return ok({
    items: [],
    notices: told.flatMap(({ workouts }) => workouts),
    claims: [],
    ...(later.length === 0 ? {} : { later: { items: [], notices: later } }),
    unknown: told.filter(({ workouts, samples }) => workouts.length + samples.length === 0).length,
  });
}

interface Told {
  readonly workouts: readonly AccountNotice[];
  readonly samples: readonly AccountNotice[];
}
const none: Told = { workouts: [], samples: [] };

/** Heart rate belongs to whatever exercise it was measured in too, so that is read again. */
function noticesOf(data: Fields): Told {
  const { dataType, healthUserId: account } = data;
  if (typeof account !== "string" || account.length === 0 || account.length > nameCharsMax)
    return none;
  const window = hullOf(Array.isArray(data.intervals) ? data.intervals : []);
  const isDeleted = data.operation === "DELETE";
  const gone =
    isDeleted && (dataType === exercise || dataType === sleep) ? idOf(data.recordId) : null;
  if (typeof dataType !== "string" || (window === null && gone === null)) return none;
  const of = (collection: string): AccountNotice => ({
    ...{ account, collection, ...(window ?? { fromMs: 0, toMs: 0 }), gone },
  });
  const changed = sampleCollections.includes(dataType)
    ? [dataType, ...(alsoChanged[dataType] ?? [])]
    : [];
  const isWorkouts = dataType === exercise || dataType === heartRate;
  return { workouts: isWorkouts ? [of(exercise)] : [], samples: changed.map(of) };
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
    digitsOf(part, i === 0 ? 4 : 2),
  );
  return `${y}-${mo}-${d}T${h}:${mi}:${s}`;
}
