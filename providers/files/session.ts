/**
 * What a file is read into: sessions as plain data that can be written down as JSON and read again,
 * and words for what was left out or refused. Every bound on what a file may ask for stands here.
 */
import type {
  HeartRateSample,
  HeartRateSensor,
  Method,
  TrackPoint,
} from "../../domain/workouts/schema.ts";

/** Of one uploaded body, as it came. */
export const bodyBytesMax = 10 * 1024 * 1024;
/** Of everything one body unpacks to, counted while inflating; declared sizes are never believed. */
export const unpackedBytesMax = 32 * 1024 * 1024;
/** Files in one body, packed or as parts of a form. */
export const filesMax = 100;
/** Sessions of one file, and FIT files chained into one. */
export const sessionsMax = 100;
export const chainedMax = 20;
/** Readings of one kind kept of a file: one a second for 27 hours. Longer ones are thinned evenly. */
export const samplesAFileMax = 100_000;
/** What each further track of one file may keep when those before it used that up. */
export const samplesATrackMin = 1000;
/** Laps that are summed, and laps kept in the raw summary. */
export const lapsMax = 10_000;
export const lapsKeptMax = 200;

export type FileFormat = "fit" | "tcx" | "gpx";

/** One session of a file; times in milliseconds, lengths in millimetres, energy in millicalories. */
export interface FileSession {
  readonly format: FileFormat;
  /** What names it among everything ever recorded; null when only the file's digest does. */
  readonly identity: readonly (string | number | null)[] | null;
  /** Its place in the file. */
  readonly index: number;
  readonly startMs: number;
  readonly elapsedMs: number;
  readonly movingMs: number | null;
  readonly offsetMin: number | null;
  /** The file's own word, in FIT "sport/sub_sport". */
  readonly sport: string | null;
  readonly distanceMm: number | null;
  readonly energyMcal: number | null;
  readonly elevationGainMm: number | null;
  readonly speedMmps: number | null;
  readonly method: Method;
  readonly deviceModel: string | null;
  readonly app: string | null;
  readonly title: string | null;
  readonly notes: string | null;
  readonly heartRateBy: HeartRateSensor | null;
  readonly heartRate: readonly HeartRateSample[];
  readonly track: readonly TrackPoint[];
  /** Its own summary messages as they came, without samples. */
  readonly summary: unknown;
}

/** Why nothing of a file was taken. */
export const refusals = {
  empty: "There is nothing in it.",
  "unknown-format": "It is neither FIT, TCX nor GPX.",
  "not-xml": "It begins like XML and is none.",
  "not-an-activity": "It holds no activity but settings, a plan, a course or another record.",
  "no-session": "It holds no session and nothing one could be made from.",
  "no-time": "Nothing in it says when it happened.",
  "no-absolute-time": "Its clock counts from when the device was switched on, not from a date.",
  "no-duration":
    "How long it took cannot be told: it states one moment, or moments more than eight days apart.",
  truncated: "It ends before anything could be read.",
  damaged: "Its structure is broken before anything could be read.",
  "bad-checksum": "Its checksum is wrong and nothing in it could be read.",
  "too-deep": "Its elements are nested too deeply or hold too much.",
  "too-large": "It unpacks to more than one upload may hold.",
  "too-many-files": "One upload holds at most 100 files.",
  "nested-archive": "An archive inside an archive is not opened.",
  encrypted: "It is encrypted.",
  "unknown-compression": "It is packed by a method that is not known here.",
} as const satisfies Record<string, string>;
export type FileRefusal = keyof typeof refusals;

/** Why one session of a file that was read cannot be taken. */
export const sessionFaults = {
  "unknown-kind": "What was written down is no session of a file.",
  "not-an-object": "What was written down is no session of a file.",
  "no-id": "Neither its recording nor its file names it.",
  "no-start": "It does not say when it began, or says a time before 1970.",
  "start-in-future": "It says that it begins more than a day from now.",
  "no-duration": "It does not say how long it took.",
  "too-many-samples": "It holds more readings than a workout of eight days.",
  "too-deep": "Its summary is nested too deeply.",
} as const satisfies Record<string, string>;
export type SessionFault = keyof typeof sessionFaults;

/** The same with what only recording it shows. */
export const workoutRefusals = {
  ...sessionFaults,
  unreadable: "A number in it is beyond what a workout can be.",
  forgotten: "Its member is being erased; nothing of it was kept.",
} as const satisfies Record<string, string>;
export type WorkoutRefusal = keyof typeof workoutRefusals;

/** What is to be known about a file that was taken. */
export const fileNotes = {
  truncated: "It ends early; what was complete was taken.",
  damaged: "A part of it is broken; what could be read was taken.",
  "bad-checksum": "Its checksum is wrong; its content was readable and was taken.",
  "trailing-bytes": "Something that is no activity file follows it and was left out.",
  "too-many-chained":
    "More than 20 files are chained in it; those after the first 20 were left out.",
  "derived-session": "It has no summary; one was made from its laps and readings.",
  "derived-start": "Its summary does not say when it began; its first reading does.",
  "elapsed-below-timer": "It says less time passed than was moved; the longer one was taken.",
  "elapsed-capped": "It says that more than eight days passed; the time with readings was taken.",
  "times-disagree": "Its readings lie more than an hour outside the time its summary states.",
  "zone-assumed": "Its times name no zone and were taken as UTC.",
  thinned: "It holds more readings than are kept; every second one was left out.",
  "transitions-left-out": "Transitions between the legs of a multisport activity were left out.",
  "session-left-out": "A session in it has no usable time and was left out.",
  "too-many-sessions": "It holds more sessions than one file may; the first were taken.",
} as const satisfies Record<string, string>;
export type FileNote = keyof typeof fileNotes;

/** A file's bytes, read: a refusal when nothing was taken, sessions and notes otherwise. */
export interface FileRead {
  readonly format: FileFormat | null;
  readonly refused: FileRefusal | null;
  readonly sessions: readonly FileSession[];
  readonly notes: readonly FileNote[];
}

export const refusedFile = (format: FileFormat | null, refused: FileRefusal): FileRead => ({
  format,
  refused,
  sessions: [],
  notes: [],
});

/**
 * What is read from a file that is not as its maker closed it: a record of its own, known by the
 * file's digest, so that it never corrects what the intact file says; and less believed.
 */
export const doubted = (session: FileSession): FileSession => ({
  ...session,
  identity: null,
  method: "unknown",
});

/** Keeps the first of each; once full it drops every second and takes half as many from then on. */
export function thinning<T>(max: number): {
  push(entry: T): void;
  kept(): T[];
  thinned(): boolean;
} {
  let kept: T[] = [];
  let stride = 1;
  let seen = 0;
  return {
    push(entry) {
      if (seen++ % stride !== 0) return;
      if (kept.length >= max) {
        kept = kept.filter((_, i) => i % 2 === 0);
        stride *= 2;
        if ((seen - 1) % stride !== 0) return;
      }
      kept.push(entry);
    },
    kept: () => kept,
    thinned: () => stride > 1,
  };
}

const namePattern = /^[\p{L}\p{N} ._+\-/()&',:]{1,80}$/u;

/**
 * The name of a product or an app, which is open. Files let anyone write anything there, so what
 * does not look like a product's name (an address with an "@", several lines) is not taken.
 */
export function productName(text: string | null): string | null {
  const name = text?.trim() ?? "";
  return namePattern.test(name) ? name : null;
}
