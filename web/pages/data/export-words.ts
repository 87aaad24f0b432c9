/** Export formats and their files in words. */
import type { Export } from "../../api/schema.d.ts";

export type Format = Export["formats"][number];

export const formatWords: Readonly<
  Record<Format, { readonly name: string; readonly about: string }>
> = {
  ndjson: { name: "NDJSON", about: "All of it, line by line, also as it was delivered" },
  parquet: { name: "Parquet", about: "Tables for DuckDB, pandas and the like" },
  gpx: { name: "GPX", about: "Your tracks, for maps" },
  fhir: { name: "FHIR", about: "For a doctor's system" },
};

const kinds: Readonly<Record<string, string>> = {
  profile: "Profile and settings",
  workouts: "Workouts",
  readings: "Readings of workouts",
  samples: "Samples between them",
  parked: "What could not be read",
  tracks: "Tracks",
  fhir: "FHIR bundles",
};

/** "readings-0002.parquet" is readings, part 2. */
export function fileWords(name: string): string {
  const [, kind = "", part = ""] = /^([a-z]+)-0*(\d+)\./.exec(name) ?? [];
  const words = kinds[kind] ?? kind;
  return Number(part) > 1 ? `${words}, part ${Number(part)}` : words;
}
