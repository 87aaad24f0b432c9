/**
 * TCX: each Activity is a workout. It begins where its first lap does, for Garmin cuts the Id to
 * the minute; it moved for the sum of its laps; it ends at its last point, and not before that sum.
 */
import { kcalToMcal, metresToMm, secondsToMs } from "../../domain/units.ts";
import { elapsedMsMax, type Method } from "../../domain/workouts/schema.ts";
import { type PointSums, pointSums } from "./points.ts";
import {
  doubted,
  type FileNote,
  type FileRead,
  type FileSession,
  lapsKeptMax,
  lapsMax,
  productName,
  refusedFile,
  sessionsMax,
} from "./session.ts";
import { type Attributes, decimalOf, momentOf, walkXml } from "./xml.ts";

interface Lap {
  startMs: number | null;
  seconds: number | null;
  metres: number | null;
  kcal: number | null;
  averageMps: number | null;
  averageBeats: number | null;
}

interface Activity {
  readonly sport: string | null;
  readonly points: PointSums;
  readonly laps: Lap[];
  /** The device's own running sum at the last point that states one. */
  reachedM: number | null;
  startMs: number | null;
  offsetMin: number | null;
  deviceModel: string | null;
  isDevice: boolean;
  notes: string | null;
}

interface PointSoFar {
  t: number | null;
  lat: number | null;
  lon: number | null;
  alt: number | null;
  bpm: number | null;
}

const noPoint = (): PointSoFar => ({ t: null, lat: null, lon: null, alt: null, bpm: null });

function reader() {
  const notes = new Set<FileNote>();
  const done: Activity[] = [];
  let activity: Activity | null = null;
  let lap: Lap | null = null;
  let point: PointSoFar | null = null;
  let app: string | null = null;
  let tracksOfLap = 0;

  function open(name: string, attributes: Attributes): boolean {
    if (name === "Activity") {
      if (done.length >= sessionsMax) {
        notes.add("too-many-sessions");
        return false;
      }
      activity = {
        sport: attributes.Sport ?? null,
        points: pointSums(done),
        laps: [],
        reachedM: null,
        startMs: null,
        offsetMin: null,
        deviceModel: null,
        isDevice: false,
        notes: null,
      };
    } else if (activity === null) return true;
    else if (name === "Lap") {
      tracksOfLap = 0;
      const start = momentOf(attributes.StartTime, notes);
      lap = {
        startMs: start?.atMs ?? null,
        seconds: null,
        metres: null,
        kcal: null,
        averageMps: null,
        averageBeats: null,
      };
      if (activity.startMs === null && start !== null) {
        activity.startMs = start.atMs;
        activity.offsetMin = start.offsetMin;
      }
      if (activity.laps.length < lapsMax) activity.laps.push(lap);
    } else if (name === "Track") {
      // A second track of one lap follows a pause; the first goes on where the lap before ended.
      if (tracksOfLap++ > 0) activity.points.cut();
    } else if (name === "Trackpoint") point = noPoint();
    else if (name === "Creator")
      activity.isDevice = (attributes["xsi:type"] ?? "").endsWith("Device_t");
    return true;
  }

  function close(name: string, text: string, parents: readonly string[]): void {
    const parent = parents.at(-1);
    if (name === "Name" && parent === "Author") app = productName(text);
    if (activity === null) return;
    if (point !== null) {
      if (name === "Trackpoint") {
        activity.points.add(point);
        point = null;
      } else closeInPoint(point, activity, name, text, parent);
    } else if (lap !== null && name !== "Lap") closeInLap(lap, name, text, parent);
    else if (name === "Lap") lap = null;
    else if (name === "Name" && parent === "Creator") activity.deviceModel = productName(text);
    else if (name === "Notes" && parent === "Activity") activity.notes = text.trim() || null;
    else if (name === "Activity") finish();
  }

  function closeInPoint(
    at: PointSoFar,
    of: Activity,
    name: string,
    text: string,
    parent: string | undefined,
  ): void {
    if (name === "Time") at.t = momentOf(text, notes)?.atMs ?? null;
    else if (name === "LatitudeDegrees") at.lat = decimalOf(text);
    else if (name === "LongitudeDegrees") at.lon = decimalOf(text);
    else if (name === "AltitudeMeters") at.alt = decimalOf(text);
    else if (name === "DistanceMeters") of.reachedM = decimalOf(text) ?? of.reachedM;
    else if (name === "Value" && parent === "HeartRateBpm") at.bpm = decimalOf(text);
  }

  function closeInLap(at: Lap, name: string, text: string, parent: string | undefined): void {
    if (name === "TotalTimeSeconds") at.seconds = decimalOf(text);
    else if (name === "DistanceMeters" && parent === "Lap") at.metres = decimalOf(text);
    else if (name === "Calories") at.kcal = decimalOf(text);
    else if (name === "AvgSpeed") at.averageMps = decimalOf(text);
    else if (name === "Value" && parent === "AverageHeartRateBpm")
      at.averageBeats = decimalOf(text);
  }

  function finish(): void {
    if (activity !== null) done.push(activity);
    activity = null;
    lap = null;
    point = null;
  }

  return { open, close, finish, notes, done, app: () => app };
}

export function readTcx(bytes: Uint8Array): FileRead {
  const read = reader();
  const { notes } = read;
  const end = walkXml(bytes, read);
  if (end === "too-deep") return refusedFile("tcx", "too-deep");
  const isBroken = end === "truncated" || end === "damaged";
  if (isBroken) {
    notes.add(end);
    read.finish();
  }
  const sessions = read.done.flatMap((activity, index) => {
    const session = sessionOf(activity, index, read.app(), notes);
    if (activity.points.thinned()) notes.add("thinned");
    if (session === null) return [];
    return isBroken ? doubted(session) : session;
  });
  if (sessions.length > 0) {
    if (sessions.length < read.done.length) notes.add("session-left-out");
    return { format: "tcx", refused: null, sessions, notes: [...notes] };
  }
  if (read.done.length === 0) {
    return refusedFile("tcx", isBroken ? end : "not-an-activity");
  }
  const timed = read.done.some((a) => a.startMs !== null || a.points.sums.firstMs !== null);
  return refusedFile("tcx", timed ? "no-duration" : "no-time");
}

/** The sum of what laps state; null when none does. */
function sumOf(laps: readonly Lap[], of: (lap: Lap) => number | null): number | null {
  const values = laps.flatMap((lap) => of(lap) ?? []);
  return values.length === 0 ? null : values.reduce((a, b) => a + b, 0);
}

function sessionOf(
  activity: Activity,
  index: number,
  app: string | null,
  notes: Set<FileNote>,
): FileSession | null {
  const { points, laps, deviceModel } = activity;
  const { sums } = points;
  const startMs = activity.startMs ?? sums.firstMs;
  if (startMs === null) return null;
  const seconds = secondsToMs(sumOf(laps, (lap) => lap.seconds) ?? 0);
  const movingMs = seconds > 0 && seconds <= elapsedMsMax ? seconds : null;
  const recordedMs = (sums.lastMs ?? startMs) - startMs;
  const capped = sums.beyond || recordedMs > elapsedMsMax;
  if (capped) notes.add("elapsed-capped");
  const elapsedMs = Math.max(recordedMs <= elapsedMsMax ? recordedMs : 0, movingMs ?? 0);
  if (elapsedMs <= 0) return null;
  const metres = distanceOf(activity);
  const kcal = sumOf(laps, (lap) => lap.kcal);
  const heartRate = points.heartRate();
  const beats = heartRate.length > 0 || laps.some((lap) => (lap.averageBeats ?? 0) > 0);
  return {
    format: "tcx",
    identity: null,
    index,
    startMs,
    elapsedMs,
    movingMs,
    offsetMin: activity.offsetMin,
    sport: activity.sport,
    distanceMm: metres === null ? null : metresToMm(metres),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
    elevationGainMm: null,
    speedMmps: averageOf(laps),
    method: methodOf(activity),
    deviceModel,
    app,
    title: null,
    notes: activity.notes,
    heartRateBy: beats ? "unknown" : null,
    heartRate,
    track: points.track(),
    summary: { sport: activity.sport, laps: laps.slice(0, lapsKeptMax), points: sums.points },
  };
}

/** Laps state it best, then the device's running sum, then the line through the points. */
function distanceOf({ laps, reachedM, points }: Activity): number | null {
  const stated = sumOf(laps, (lap) => lap.metres);
  if (stated !== null && stated > 0) return stated;
  return reachedM ?? stated ?? points.sums.metres;
}

/** Average speed by what every lap states of itself; null when one of them states none. */
function averageOf(laps: readonly Lap[]): number | null {
  let metres = 0;
  let seconds = 0;
  for (const lap of laps) {
    if (lap.averageMps === null || lap.seconds === null) return null;
    metres += lap.averageMps * lap.seconds;
    seconds += lap.seconds;
  }
  return seconds > 0 ? metresToMm(metres / seconds) : null;
}

const phonePattern = /iphone|android|phone/i;

function methodOf({ deviceModel, isDevice }: Activity): Method {
  if (deviceModel !== null && phonePattern.test(deviceModel)) return "phone";
  return deviceModel !== null && isDevice ? "device" : "unknown";
}
