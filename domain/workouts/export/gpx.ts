/**
 * Tracks as GPX 1.1 (https://www.topografix.com/GPX/1/1/): a <trk> a workout, with times and
 * elevations. A track too long for one file goes on in the next under the same name and source.
 */

import { type ExportPart, isTrack, isValue, type TrackPiece, textOf } from "../../export/part.ts";
import { formatMoment } from "../../time.ts";
import type { ResolvedWorkout } from "../resolved.ts";
import type { TrackPoint } from "../schema.ts";

/** Characters that XML 1.0 cannot say at all, not even escaped (section 2.2). */
const unsayable = /[^\t\n\r\u{20}-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&apos;",
  // Written out, a reader would turn it into a line feed (XML 1.0, section 2.11).
  "\r": "&#13;",
};
export const escaped = (text: string): string =>
  text.replace(unsayable, "").replace(/[&<>"'\r]/g, (sign) => escapes[sign] ?? "");

/** As precise as tracks are sealed; written out, since XML Schema's decimal knows no exponent. */
const plain = (n: number, places: number): string => {
  const text = n.toFixed(places).replace(/\.?0+$/, "");
  return text === "-0" ? "0" : text;
};

/** GPX has no longitude 180: the same meridian is its -180. */
const meridian = (lon: number): string => {
  const text = plain(lon, 7);
  return text === "180" ? "-180" : text;
};

export function pointLine({ t, lat, lon, alt }: TrackPoint): string {
  const ele = alt === undefined ? "" : `<ele>${plain(alt, 3)}</ele>`;
  const at = `lat="${plain(lat, 7)}" lon="${meridian(lon)}"`;
  return `<trkpt ${at}>${ele}<time>${formatMoment(t)}</time></trkpt>`;
}

/** What it is called: its title, if its own record or another of the workout has one. */
function trackNames(part: ExportPart<ResolvedWorkout>): ReadonlyMap<string, string> {
  const names = new Map<string, string>();
  for (const piece of part.pieces)
    if (piece.column === "title" && isValue(piece) && !names.has(piece.thing)) {
      const name = textOf(piece.json);
      if (name !== null && name.trim() !== "") names.set(piece.thing, name);
    }
  return names;
}

/** Null when there is no point in it. */
export function gpxOf(part: ExportPart<ResolvedWorkout>): string | null {
  const tracks = part.pieces.filter(
    (piece): piece is TrackPiece =>
      isTrack(piece) && piece.samples.length > 0 && part.best.track.has(piece.record),
  );
  if (tracks.length === 0) return null;
  const names = trackNames(part);
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gpx version="1.1" creator="Singlet" xmlns="http://www.topografix.com/GPX/1/1">',
  ];
  for (const { thing: workout, record, samples } of tracks) {
    const type = part.things.get(workout)?.type ?? "other";
    const name = names.get(workout) ?? `${type} ${workout}`;
    lines.push(`<trk><name>${escaped(name)}</name><src>${escaped(record)}</src>`);
    lines.push(`<type>${escaped(type)}</type><trkseg>`);
    for (const point of samples) lines.push(pointLine(point));
    lines.push("</trkseg></trk>");
  }
  return `${lines.join("\n")}\n</gpx>\n`;
}
