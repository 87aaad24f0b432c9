/**
 * Which instants make a metric's local day. An instant belongs to one date, always: to the one that
 * the clock of the zone in force shows at it, minus the metric's begin of day. So a date may be
 * short, long or absent, and whoever flies back over midnight has one that comes in two stretches.
 * An hour is one of that clock's; where the clock is put forward or back within one, there it ends.
 */
import { zoneAt } from "../settings.ts";
import type { Settings, Span } from "../stream.ts";
import {
  addDays,
  type Instant,
  type LocalDate,
  localDate,
  msPerDay,
  offsetIn,
  offsetMinutesMax,
} from "../time.ts";
import { type Metric, metricOf } from "./metrics.ts";
import { sampleMsMax } from "./sample.ts";

/** In order, apart; none longer than an hour. Where one ends it no longer is. */
export type Hours = readonly Span[];

type Zones = Settings["zones"];
/** Time of one offset from UTC. */
interface Stretch extends Span {
  readonly offsetMin: number;
}

const minuteMs = 60_000;
const hourMs = 3_600_000;

export const utcDayOf = (atMs: Instant): LocalDate => localDate(atMs, 0);

/** Of a date that never was there: none. */
export function hoursOf(metric: Metric, date: LocalDate, zones: Zones): Hours {
  const beginMs = utcMidnight(date) + metricOf(metric).dayStartMin * minuteMs;
  const reachMs = offsetMinutesMax * minuteMs;
  const around = stretchesIn(beginMs - reachMs, beginMs + msPerDay + reachMs, zones);
  return around.flatMap(({ fromMs, toMs, offsetMin }) => {
    const dayMs = beginMs - offsetMin * minuteMs;
    return hoursIn(Math.max(fromMs, dayMs), Math.min(toMs, dayMs + msPerDay), offsetMin);
  });
}

/** Dates that hang on a sample: those in which it lies; nothing holds beyond. It ends before its end. */
export function datesOf(
  metric: Metric,
  fromMs: Instant,
  toMs: Instant,
  zones: Zones,
): readonly LocalDate[] {
  const { dayStartMin } = metricOf(metric);
  const dates = new Set<LocalDate>();
  for (const stretch of stretchesIn(fromMs, Math.max(fromMs + 1, toMs), zones)) {
    const offsetMin = stretch.offsetMin - dayStartMin;
    const last = localDate(stretch.toMs - 1, offsetMin);
    let date = localDate(stretch.fromMs, offsetMin);
    for (; date < last; date = addDays(date, 1)) dates.add(date);
    dates.add(last);
  }
  return [...dates].sort();
}

/**
 * The UTC days of the first starts of all records that may bear on a local day: no record lasts
 * longer than `sampleMsMax`, from its first start to its last end.
 */
export function chunkDaysOf(metric: Metric, date: LocalDate, zones: Zones): readonly LocalDate[] {
  const hours = hoursOf(metric, date, zones);
  const [first, end] = [hours[0], hours.at(-1)];
  if (first === undefined || end === undefined) return [];
  const days = [utcDayOf(first.fromMs - sampleMsMax)];
  const last = utcDayOf(end.toMs - 1);
  for (let day = days[0] ?? last; day < last; ) {
    day = addDays(day, 1);
    days.push(day);
  }
  return days;
}

const utcMidnight = (date: LocalDate): Instant => Date.parse(date);

/** Cut where the clock is full. */
function hoursIn(fromMs: Instant, toMs: Instant, offsetMin: number): Span[] {
  const offsetMs = offsetMin * minuteMs;
  const hours: Span[] = [];
  for (let atMs = fromMs; atMs < toMs; ) {
    const fullMs = (Math.floor((atMs + offsetMs) / hourMs) + 1) * hourMs - offsetMs;
    hours.push({ fromMs: atMs, toMs: Math.min(fullMs, toMs) });
    atMs = fullMs;
  }
  return hours;
}

/** That time as the clocks of the member's zones cut it. */
function stretchesIn(fromMs: Instant, toMs: Instant, zones: Zones): readonly Stretch[] {
  const stretches: Stretch[] = [];
  const changes = zones.map((z) => z.fromMs).filter((at) => at > fromMs && at < toMs);
  const starts = [fromMs, ...changes];
  starts.forEach((startMs, i) => {
    const zone = zoneAt({ zones, ownerOnly: [] }, startMs);
    const endMs = starts[i + 1] ?? toMs;
    for (let dayMs = startMs - modulo(startMs, msPerDay); dayMs < endMs; dayMs += msPerDay)
      for (const s of stretchesOfDay(zone, dayMs))
        append(stretches, {
          fromMs: Math.max(s.fromMs, startMs),
          toMs: Math.min(s.toMs, endMs),
          offsetMin: s.offsetMin,
        });
  });
  return stretches;
}

/** Joined to the one before it where the clock just goes on. */
function append(stretches: Stretch[], next: Stretch): void {
  if (next.fromMs >= next.toMs) return;
  const last = stretches.at(-1);
  if (last?.offsetMin !== next.offsetMin) stretches.push(next);
  else stretches[stretches.length - 1] = { ...last, toMs: next.toMs };
}

const modulo = (n: number, by: number): number => ((n % by) + by) % by;

/** Asking a zone's clock takes long, and the days that are asked for are asked for by every sample. */
const knownDays = new Map<string, readonly Stretch[]>();
const knownDaysMax = 4096;

function stretchesOfDay(zone: string, dayMs: Instant): readonly Stretch[] {
  const key = `${zone} ${dayMs}`;
  const known = knownDays.get(key);
  if (known !== undefined) return known;
  const found = stretchesBetween(zone, dayMs, dayMs + msPerDay);
  if (knownDays.size === knownDaysMax) knownDays.clear();
  knownDays.set(key, found);
  return found;
}

/** No clock was ever put forward and back within a day: with equal ends it stood in between too. */
function stretchesBetween(zone: string, fromMs: Instant, toMs: Instant): readonly Stretch[] {
  const stretches: Stretch[] = [];
  const endOffsetMin = offsetIn(zone, toMs - 1);
  for (let atMs = fromMs; atMs < toMs; ) {
    const offsetMin = offsetIn(zone, atMs);
    const untilMs = offsetMin === endOffsetMin ? toMs : changeIn(zone, atMs, toMs - 1);
    stretches.push({ fromMs: atMs, toMs: untilMs, offsetMin });
    atMs = untilMs;
  }
  return stretches;
}

/** When the offset of `fromMs` ends, which is no longer that of `toMs`. */
function changeIn(zone: string, fromMs: Instant, toMs: Instant): Instant {
  const offsetMin = offsetIn(zone, fromMs);
  let [low, high] = [fromMs, toMs];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (offsetIn(zone, middle) === offsetMin) low = middle;
    else high = middle;
  }
  return high;
}
