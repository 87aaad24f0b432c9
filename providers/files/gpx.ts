/**
 * GPX: each track is a workout, as far as its points say: it begins at its earliest point (the time
 * in the metadata is cut to the minute, or that of a later export), which some files write last; its
 * distance is the line through the points of each segment, and it moved while that line was followed
 * faster than a fix wanders.
 */
import { metresToMm } from "../../domain/units.ts";
import type { Method } from "../../domain/workouts/schema.ts";
import { textCharsMax, textOf } from "../untrusted.ts";
import { type Point, type PointSums, pointSums } from "./points.ts";
import {
  doubted,
  type FileNote,
  type FileRead,
  type FileSession,
  productName,
  refusedFile,
  sessionsMax,
} from "./session.ts";
import { type Attributes, decimalOf, momentOf, walkXml } from "./xml.ts";

interface Track {
  readonly points: PointSums;
  offsetMin: number | null;
  name: string | null;
  type: string | null;
  description: string | null;
}

type PointSoFar = { -readonly [K in keyof Point]: Point[K] };

const beats = new Set(["hr", "heartrate", "HeartRateBpm"]);

function reader() {
  const notes = new Set<FileNote>();
  const done: Track[] = [];
  let creator: string | null = null;
  let track: Track | null = null;
  let point: PointSoFar | null = null;
  /** Routes and waypoints are places to go to. */
  let places = 0;

  function open(name: string, attributes: Attributes): boolean {
    if (name === "gpx") creator = attributes.creator ?? null;
    else if (name === "trk") {
      if (done.length >= sessionsMax) {
        notes.add("too-many-sessions");
        return false;
      }
      track = {
        points: pointSums(done),
        offsetMin: null,
        name: null,
        type: null,
        description: null,
      };
    } else if (name === "trkseg") track?.points.cut();
    else if (name === "rte" || name === "wpt") places++;
    else if (name === "trkpt")
      point = {
        t: null,
        lat: decimalOf(attributes.lat),
        lon: decimalOf(attributes.lon),
        alt: null,
        bpm: null,
      };
    return true;
  }

  function close(name: string, text: string, parents: readonly string[]): void {
    if (track === null) return;
    if (point !== null) {
      if (name === "trkpt") {
        track.points.add(point);
        point = null;
      } else if (name === "time") {
        const moment = momentOf(text, notes);
        point.t = moment?.atMs ?? null;
        track.offsetMin ??= moment?.offsetMin ?? null;
      } else if (name === "ele") point.alt = decimalOf(text);
      else if (beats.has(name)) point.bpm = decimalOf(text);
    } else if (name === "trk") finish();
    else if (parents.at(-1) === "trk") {
      if (name === "name") track.name = text.trim() || null;
      else if (name === "type") track.type = text.trim() || null;
      else if (name === "desc") track.description = text.trim() || null;
    }
  }

  function finish(): void {
    if (track !== null) done.push(track);
    track = null;
    point = null;
  }

  return { open, close, finish, notes, done, creator: () => creator, places: () => places };
}

export function readGpx(bytes: Uint8Array): FileRead {
  const read = reader();
  const { notes } = read;
  const end = walkXml(bytes, read);
  if (end === "too-deep") return refusedFile("gpx", "too-deep");
  const isBroken = end === "truncated" || end === "damaged";
  if (isBroken) {
    notes.add(end);
    read.finish();
  }
  const sessions = read.done.flatMap((track, index) => {
    const session = sessionOf(track, index, read.creator(), notes);
    if (track.points.thinned()) notes.add("thinned");
    if (session === null) return [];
    return isBroken ? doubted(session) : session;
  });
  if (sessions.length > 0) {
    if (sessions.length < read.done.length) notes.add("session-left-out");
    return { format: "gpx", refused: null, sessions, notes: [...notes] };
  }
  if (read.done.some((track) => track.points.sums.firstMs !== null))
    return refusedFile("gpx", "no-duration");
  if (read.done.some((track) => track.points.sums.points > 0)) return refusedFile("gpx", "no-time");
  if (isBroken) return refusedFile("gpx", end);
  return refusedFile("gpx", read.places() > 0 ? "not-an-activity" : "no-session");
}

function sessionOf(
  { points, offsetMin, name, type, description }: Track,
  index: number,
  creator: string | null,
  notes: Set<FileNote>,
): FileSession | null {
  const { firstMs, lastMs, movingMs, metres, beyond } = points.sums;
  if (firstMs === null || lastMs === null || lastMs <= firstMs) return null;
  if (beyond) notes.add("elapsed-capped");
  const heartRate = points.heartRate();
  return {
    format: "gpx",
    identity: null,
    index,
    startMs: firstMs,
    elapsedMs: lastMs - firstMs,
    movingMs: movingMs > 0 ? Math.min(movingMs, lastMs - firstMs) : null,
    offsetMin,
    sport: type,
    distanceMm: metres === null ? null : metresToMm(metres),
    energyMcal: null,
    elevationGainMm: null,
    speedMmps: null,
    method: methodOf(creator),
    deviceModel: null,
    app: productName(creator),
    title: textOf(name, textCharsMax),
    notes: textOf(description, textCharsMax),
    heartRateBy: heartRate.length > 0 ? "unknown" : null,
    heartRate,
    track: points.track(),
    summary: { creator, name, type, description, points: points.sums.points },
  };
}

const methodOf = (creator: string | null): Method =>
  creator !== null && /iphone|android|phone/i.test(creator) ? "phone" : "unknown";
