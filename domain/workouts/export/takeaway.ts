/** Workouts as files of an export: open values, readings of every record, tracks, FHIR. */
import { noColumns, type Takeaway } from "../../export/takeaway.ts";
import type { ResolvedWorkout } from "../resolved.ts";
import { fhirLines } from "./fhir.ts";
import { gpxOf } from "./gpx.ts";
import { pieceLine, pieceTable, workoutLine, workoutTable } from "./lines.ts";

const words = ["title", "notes", "device_name", "original_type", "source_id"];
const series = ["heart_rate", "track"];

export const workoutTakeaway: Takeaway<ResolvedWorkout> = {
  stream: "workouts",
  itemsMax: 25,
  id: (w) => w.id,
  facts: (w) => w.sources.map(({ fact }) => fact),
  columns: {
    ...noColumns,
    ndjson: [...series, "raw", ...words],
    parquet: [...series, ...words],
    gpx: ["track", "title"],
    fhir: ["heart_rate"],
  },
  best: { heart_rate: (w) => w.heartRate, track: (w) => w.track },
  rest: (w) => w,
  files: [
    {
      ...{ stem: "workouts", format: "ndjson" },
      write: ({ begun }) => ({ lines: begun.map(workoutLine) }),
    },
    {
      ...{ stem: "readings", format: "ndjson" },
      write: ({ pieces }) => ({ lines: pieces.map(pieceLine) }),
    },
    {
      ...{ stem: "workouts", format: "parquet" },
      write: ({ begun }) => ({ table: workoutTable(begun) }),
    },
    {
      ...{ stem: "readings", format: "parquet" },
      write: ({ pieces }) => ({ table: pieceTable(pieces) }),
    },
    { ...{ stem: "tracks", format: "gpx" }, write: (part) => ({ text: gpxOf(part) }) },
    { ...{ stem: "fhir", format: "fhir" }, write: (part) => ({ lines: fhirLines(part) }) },
  ],
};
