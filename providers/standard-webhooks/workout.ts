/** One workout, or one deletion, as docs/standard-webhooks.md has it. */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import {
  type Instant,
  isZone,
  type Moment,
  msPerDay,
  offsetIn,
  offsetMinutesMax,
} from "../../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../../domain/units.ts";
import { type ActivityType, activityTypes } from "../../domain/workouts/activity.ts";
import {
  elapsedMsMax,
  type HeartRateSample,
  heartRateSensors,
  methods,
  type TrackPoint,
} from "../../domain/workouts/schema.ts";
import type { Draft, ItemFault } from "../provider.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  momentOf,
  pointAt,
  rawOf,
  readingsOf,
  speedOf,
  wordOf,
} from "../untrusted.ts";
import {
  altitudeM,
  amounts,
  bpmMax,
  idCharsMax,
  providerPattern,
  readingsMax,
  texts,
  zoneCharsMax,
} from "./bounds.ts";
import { kinds } from "./events.ts";
import { Entry, sourceIdOf } from "./reading.ts";

const roundingMs = 1000;

export function normalise(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<Draft, ItemFault> {
  if (kind !== kinds.workout && kind !== kinds.deleted) return err("unknown-kind");
  const { sender, [kind]: said } = fieldsOf(item);
  if (!isFields(said)) return err("not-an-object");
  const entry = new Entry(said);
  const id = entry.id();
  const revision = entry.revision(receivedMs);
  if (id === null || revision === null) return err(entry.fault ?? "no-id");
  const sourceId = sourceIdOf(sender, id);
  if (kind === kinds.deleted) return ok({ sourceId, revision, retracted: true });
  const fields = fieldsIn(entry, receivedMs);
  const copyOf = copyIn(entry, sender);
  if (fields === null || entry.fault !== null) return err(entry.fault ?? "no-start");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  return ok({ sourceId, revision, fields, copyOf, raw: { column: "raw", text } });
}

function fieldsIn(entry: Entry, receivedMs: Instant) {
  const start = entry.moment("startedAt", "no-start");
  if (start === null) return null;
  if (start.atMs > receivedMs + msPerDay) return entry.bad("start-in-future");
  const elapsedMs = elapsedOf(entry, start.atMs);
  if (elapsedMs === null) return null;
  const latestMs = receivedMs + msPerDay;
  const heartRate = heartRateIn(entry, latestMs);
  const track = trackIn(entry, latestMs);
  const sensor = entry.word("heartRateSensor", heartRateSensors, "bad-heart-rate-sensor");
  return {
    at: start.atMs,
    elapsedMs,
    movingMs: movingOf(entry, elapsedMs),
    ...typeIn(entry),
    distanceMm: scaled(entry.amount("distanceMeters", amounts.distanceMeters), metresToMm),
    energyMcal: scaled(entry.amount("energyKilocalories", amounts.energyKilocalories), kcalToMcal),
    elevationGainMm: scaled(
      entry.amount("elevationGainMeters", amounts.elevationGainMeters),
      metresToMm,
    ),
    speedMmps: speedOf(
      entry.amount("averageSpeedMetersPerSecond", amounts.averageSpeedMetersPerSecond),
    ),
    offsetMin: offsetOf(entry, start),
    method: entry.word("method", methods, "bad-method") ?? ("unknown" as const),
    deviceModel: entry.text("deviceModel", texts.deviceModel),
    deviceName: entry.text("deviceName", texts.deviceName),
    app: entry.text("app", texts.app),
    title: entry.text("title", texts.title),
    notes: entry.text("notes", texts.notes),
    hasTrack: Array.isArray(entry.fields.track) ? track !== null : null,
    heartRateBy: heartRate === null ? null : (sensor ?? ("unknown" as const)),
    heartRate,
    track,
  };
}

const scaled = (v: number | null, scale: (v: number) => number): number | null =>
  v === null ? null : scale(v);

/** By `endedAt` or by `elapsedSeconds`; of both, they must say the same. */
function elapsedOf(entry: Entry, startMs: Instant): number | null {
  const seconds = entry.amount("elapsedSeconds", amounts.elapsedSeconds);
  const byLength = seconds === null ? null : secondsToMs(seconds);
  const { endedAt = null } = entry.fields;
  const end = endedAt === null ? null : entry.moment("endedAt", "bad-end");
  if (entry.fault !== null) return null;
  const byEnd = end === null ? null : end.atMs - startMs;
  if (byEnd !== null && byLength !== null && Math.abs(byEnd - byLength) > roundingMs)
    return entry.bad("bad-elapsed");
  const elapsedMs = byEnd ?? byLength;
  if (elapsedMs === null || elapsedMs <= 0) return entry.bad("no-duration");
  return elapsedMs <= elapsedMsMax ? elapsedMs : entry.bad("bad-elapsed");
}

function movingOf(entry: Entry, elapsedMs: number): number | null {
  const seconds = entry.amount("movingSeconds", amounts.movingSeconds);
  if (seconds === null) return null;
  const movingMs = secondsToMs(seconds);
  if (movingMs > elapsedMs + roundingMs) return entry.bad(amounts.movingSeconds.fault);
  return movingMs === 0 ? null : Math.min(movingMs, elapsedMs);
}

/** A word of ours; any other is `other` and kept as it came. */
function typeIn(entry: Entry): { type: ActivityType; originalType: string | null } {
  const word = entry.text("type", { charsMax: texts.originalType.charsMax, fault: "bad-type" });
  const original = entry.text("originalType", texts.originalType);
  if (word === null) entry.bad("bad-type");
  const type = activityTypes.find((known) => known === word);
  return type === undefined
    ? { type: "other", originalType: original ?? word }
    : { type, originalType: original };
}

/** What the time itself says of the clock goes before the zone. */
function offsetOf(entry: Entry, start: Moment): number | null {
  const { zone = null } = entry.fields;
  if (zone === null) return start.offsetMin;
  if (typeof zone !== "string" || zone.length > zoneCharsMax) return entry.bad("bad-zone");
  if (!/^[A-Za-z]/.test(zone) || !isZone(zone)) return entry.bad("bad-zone");
  const offsetMin = start.offsetMin ?? offsetIn(zone, start.atMs);
  return Math.abs(offsetMin) <= offsetMinutesMax ? offsetMin : null;
}

/** RFC 3339, or milliseconds since 1970. */
function timeOf({ t }: Fields): Instant | null {
  if (typeof t === "number") return Number.isSafeInteger(t) && t > 0 ? t : null;
  const moment = momentOf(t);
  return moment === null || moment === "no-zone" ? null : moment.atMs;
}

/** One bad reading makes the list bad: half a track is another track. */
function readingsIn<T extends { t: Instant }>(
  entry: Entry,
  name: string,
  fault: ItemFault,
  latestMs: Instant,
  read: (t: Instant, said: Fields) => T | null | "bad",
): T[] | null {
  const list = entry.fields[name] ?? null;
  if (list === null) return null;
  if (!Array.isArray(list)) return entry.bad(fault);
  if (list.length > readingsMax) return entry.bad("too-many-samples");
  let seen = 0;
  const readings = readingsOf(list, latestMs, timeOf, (t, said) => {
    const reading = read(t, said);
    if (reading === "bad") return null;
    seen++;
    return reading;
  });
  return seen === list.length ? readings : entry.bad(fault);
}

const heartRateIn = (entry: Entry, latestMs: Instant): HeartRateSample[] | null =>
  readingsIn(entry, "heartRate", "bad-heart-rate", latestMs, (t, { bpm }) => {
    const beats = typeof bpm === "number" ? Math.round(bpm) : 0;
    return beats >= 1 && beats <= bpmMax ? { t, bpm: beats } : "bad";
  });

const isBetween = (v: unknown, min: number, max: number): boolean =>
  typeof v === "number" && v >= min && v <= max;

/** (0, 0) is no place but a device without a fix: left out. */
const trackIn = (entry: Entry, latestMs: Instant): TrackPoint[] | null =>
  readingsIn(entry, "track", "bad-track", latestMs, (t, { lat, lon, alt = null }) => {
    const isHigh = alt === null || isBetween(alt, altitudeM.min, altitudeM.max);
    if (!isBetween(lat, -90, 90) || !isBetween(lon, -180, 180) || !isHigh) return "bad";
    return pointAt(t, lat, lon, alt);
  });

/** A record that came by this door too is named as it is kept here. */
function copyIn(entry: Entry, sender: unknown): { provider: string; sourceId: string } | null {
  const said = entry.fields.copyOf ?? null;
  if (said === null) return null;
  const provider = wordOf(fieldsOf(said).provider, 64);
  const named = fieldsOf(said).id;
  const id = Number.isSafeInteger(named) ? String(named) : wordOf(named, idCharsMax);
  if (provider === null || id === null || !providerPattern.test(provider))
    return entry.bad("bad-copy-of");
  const isOurs = provider === "standard-webhooks";
  return { provider, sourceId: isOurs ? sourceIdOf(sender, id) : id };
}
