/**
 * Opened readings as `json`, `csv` or `gpx`: one answer, three ways to write it down, times always
 * RFC 3339 in UTC. CSV and GPX hold what a spreadsheet or a map can use; only JSON holds each
 * reading's version and where the next page begins, and only JSON holds raw slices.
 *
 * Their numbers are written out (0.0000001, never 1e-7); JSON's are JSON's.
 */
import type { Reading } from "../../domain/ports.ts";
import { formatMoment } from "../../domain/time.ts";
import { escaped, pointLine } from "../../domain/workouts/export/gpx.ts";
import type { HeartRateSample, TrackPoint } from "../../domain/workouts/schema.ts";
import { isSeries, type SampleOf, type SeriesColumn } from "../../domain/workouts/series.ts";
import { csvCell, csvType } from "./csv.ts";

export const formats = ["json", "csv", "gpx"] as const;
export type Format = (typeof formats)[number];

export interface ReadingsShown {
  readonly member: string;
  readonly column: string;
  readonly readings: readonly Reading[];
  readonly next: string | null;
}
export interface Formatted {
  readonly body: string;
  readonly contentType: string;
}

const contentTypes: Readonly<Record<Format, string>> = {
  json: "application/json",
  csv: csvType,
  gpx: "application/gpx+xml",
};

/** Can this column be written so? */
export function isFormatOf(format: Format, column: string): boolean {
  if (format === "gpx") return column === "track";
  return format === "json" || column !== "raw";
}

/** Throws `RangeError` for a format that is none of the column's: to be asked before. */
export function formatReadings(format: Format, answer: ReadingsShown): Formatted {
  if (!isFormatOf(format, answer.column)) throw new RangeError(`no ${format} of this column`);
  const write = { json: jsonOf, csv: csvOf, gpx: gpxOf }[format];
  return { body: write(answer), contentType: contentTypes[format] };
}

/** What the vault opened as a series is a list: anything else is our own bug. */
function samplesOf<C extends SeriesColumn>(column: C, reading: Reading): readonly SampleOf<C>[] {
  const opened: unknown = JSON.parse(reading.value);
  if (!Array.isArray(opened)) throw new TypeError(`a ${column} that is no list of samples`);
  return opened;
}

function jsonOf({ member, column, readings, next }: ReadingsShown): string {
  const shown = readings.map((reading) => ({
    record: reading.row,
    version: reading.version,
    value: isSeries(column)
      ? samplesOf(column, reading).map((sample) => ({ ...sample, t: formatMoment(sample.t) }))
      : (JSON.parse(reading.value) as unknown),
  }));
  return JSON.stringify({ member, column, readings: shown, next });
}

/** A number in plain decimals, digit for digit what JavaScript's shortest form says. */
function decimal(n: number): string {
  const [mantissa = "", exponent] = String(n).split("e");
  if (exponent === undefined) return mantissa;
  const sign = n < 0 ? "-" : "";
  const [whole = "", fraction = ""] = mantissa.replace("-", "").split(".");
  const places = Number(exponent);
  if (places >= 0) return `${sign}${whole}${fraction.padEnd(places, "0")}`;
  return `${sign}0.${"0".repeat(-places - 1)}${whole}${fraction}`;
}

// -- CSV (RFC 4180) --------------------------------------------------------------------------

function csvOf({ column, readings }: ReadingsShown): string {
  const lines = [csvHeader(column)];
  for (const reading of readings) for (const line of csvLines(column, reading)) lines.push(line);
  return `${lines.join("\r\n")}\r\n`;
}

function csvHeader(column: string): string {
  if (column === "heart_rate") return "record,time,bpm";
  return column === "track" ? "record,time,lat,lon,alt" : "record,value";
}

function csvLines(column: string, reading: Reading): readonly string[] {
  const record = csvCell(reading.row);
  if (column === "heart_rate")
    return samplesOf(column, reading).map(
      ({ t, bpm }: HeartRateSample) => `${record},${formatMoment(t)},${decimal(bpm)}`,
    );
  if (column === "track")
    return samplesOf(column, reading).map(({ t, lat, lon, alt }: TrackPoint) => {
      const height = alt === undefined ? "" : decimal(alt);
      return `${record},${formatMoment(t)},${decimal(lat)},${decimal(lon)},${height}`;
    });
  const value: unknown = JSON.parse(reading.value);
  return [`${record},${csvCell(typeof value === "string" ? value : reading.value)}`];
}

// -- GPX 1.1 (https://www.topografix.com/GPX/1/1/) -------------------------------------------

/** A record is a track, named as its source; one without points is none. */
function trackLines(reading: Reading): readonly string[] {
  const points = samplesOf("track", reading);
  if (points.length === 0) return [];
  const head = `<trk><src>${escaped(reading.row)}</src><trkseg>`;
  return [head, ...points.map(pointLine), "</trkseg></trk>"];
}

function gpxOf({ readings }: ReadingsShown): string {
  const lines = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<gpx version="1.1" creator="Singlet" xmlns="http://www.topografix.com/GPX/1/1">',
  ];
  for (const reading of readings) for (const line of trackLines(reading)) lines.push(line);
  return `${lines.join("\n")}\n</gpx>\n`;
}
