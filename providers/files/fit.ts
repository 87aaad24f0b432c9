/**
 * FIT: each session message is a workout. What is believed of it was measured on files of a dozen
 * makers: a session ends at its start plus its elapsed time (its own timestamp may be three days
 * later); file_id's time is when the file was written; a time zone is the difference between the
 * activity's two clocks, when it looks like a zone; the timer is what was moved. A file that is not
 * as its maker closed it never speaks in the recording's own name, or it would correct the good one.
 * The frame is read by fit-messages.ts; names come from fit-file-parser's profile.
 */
import { getFitSportName, getFitSubSportName } from "fit-file-parser/profile";
import { offsetMinutesMax } from "../../domain/time.ts";
import { elapsedMsMax } from "../../domain/workouts/schema.ts";
import { collectFit, type FitFound, type FitSummary } from "./fit-collect.ts";
import { hardwareOf, tellsZone } from "./fit-device.ts";
import { type FitPart, fitAbsoluteMin, fitEpochSeconds, walkFit } from "./fit-messages.ts";
import type { FitSpan } from "./fit-rows.ts";
import {
  doubted,
  type FileNote,
  type FileRead,
  type FileRefusal,
  type FileSession,
  refusedFile,
  sessionsMax,
} from "./session.ts";

const activityFile = 4;
const transition = 3;
const hourSeconds = 3600;
const offsetStepSeconds = 900;

export function readFit(bytes: Uint8Array): FileRead {
  const sessions: FileSession[] = [];
  const notes = new Set<FileNote>();
  const refused: FileRefusal[] = [];
  let part = collectFit();
  const rest = walkFit(
    bytes,
    () => {
      part = collectFit();
      return part.visit;
    },
    (number, frame) => {
      const read = partOf(part.found, frame, number, notes);
      if (typeof read === "string") {
        refused.push(read);
        return;
      }
      sessions.push(...read);
      if (frame.end !== "complete") notes.add(frame.end);
      if (frame.checksum === "wrong") notes.add("bad-checksum");
      if (part.found.rows.thinned()) notes.add("thinned");
    },
  );
  if (sessions.length === 0) return refusedFile("fit", refused[0] ?? "damaged");
  if (rest === "other-bytes") notes.add("trailing-bytes");
  if (rest === "another-file") notes.add("too-many-chained");
  // A chained file that broke off is worth a word; one that holds settings is not.
  for (const code of ["truncated", "damaged", "bad-checksum"] as const)
    if (refused.includes(code)) notes.add("trailing-bytes");
  return { format: "fit", refused: null, sessions, notes: [...notes] };
}

function partOf(
  found: FitFound,
  frame: FitPart,
  part: number,
  notes: Set<FileNote>,
): FileSession[] | FileRefusal {
  const { maker, rows } = found;
  const isActivity = maker.type === null || maker.type === activityFile;
  let summaries = found.sessions;
  let trust = trustIn(frame);
  if (summaries.length === 0 && isActivity) {
    const made = derived(found);
    if (made !== null) {
      notes.add("derived-session");
      summaries = [made];
      if (trust === "whole") trust = "derived";
    }
  }
  if (summaries.length === 0) return withoutSession(found, frame, isActivity);
  const relative = summaries.every((s) => s.start !== null && s.start < fitAbsoluteMin);
  if (relative) return "no-absolute-time";
  if (found.tooMany) notes.add("too-many-sessions");
  const read = summaries.flatMap((summary, index): FileSession[] => {
    if (summary.sport === transition && summaries.length > 1) {
      notes.add("transitions-left-out");
      return [];
    }
    const { from, to } = windowOf(summaries, index);
    const session = sessionOf(found, summary, rows.between(from, to), notes, [part, index]);
    if (session === null) notes.add("session-left-out");
    return session === null ? [] : [trusted(session, trust)];
  });
  return read.length > 0 ? read : "no-duration";
}

/** whole: as its maker closed it. derived: it states no summary. broken: a part of it is missing. */
type Trust = "whole" | "derived" | "broken";

const trustIn = ({ end, checksum }: FitPart): Trust =>
  end === "complete" && checksum === "right" ? "whole" : "broken";

/**
 * A broken copy is not its device speaking: one device's two records may lie apart because it
 * recorded them as two, and a copy that broke off must not look like the second of them. A program
 * stays named, for what a program passes on is believed less than what names none.
 */
function trusted(session: FileSession, trust: Trust): FileSession {
  if (trust === "whole") return session;
  return trust === "derived" ? doubted(session) : { ...doubted(session), deviceModel: null };
}

function withoutSession(found: FitFound, frame: FitPart, isActivity: boolean): FileRefusal {
  const { without } = found.rows;
  if (!isActivity) return "not-an-activity";
  if (frame.checksum === "wrong") return "bad-checksum";
  if (frame.end !== "complete") return frame.end;
  if (without.absolute > 0) return "no-absolute-time";
  return without.any > 0 ? "no-time" : "no-session";
}

/** Readings belong to the session that began last before them; early ones to the first. */
function windowOf(summaries: readonly FitSummary[], index: number): { from: number; to: number } {
  const own = summaries[index]?.start ?? 0;
  const starts = summaries.flatMap((s) => s.start ?? []);
  const isFirst = starts.every((start) => start >= own);
  const next = Math.min(...starts.filter((start) => start > own));
  return { from: isFirst ? 0 : own, to: next };
}

/** A summary made of laps, else of the readings alone; null when neither says when. */
function derived({ laps, rows, sport }: FitFound): FitSummary | null {
  const span = rows.between(0, Number.POSITIVE_INFINITY);
  const starts = laps.flatMap((lap) => lap.start ?? []);
  const first = Math.min(...starts, span?.first ?? Number.POSITIVE_INFINITY);
  if (!Number.isFinite(first)) return null;
  const ends = laps.map((lap) => (lap.start ?? 0) + (lap.elapsedS ?? 0));
  const sum = (of: (lap: FitSummary) => number | null): number | null => {
    const values = laps.flatMap((lap) => of(lap) ?? []);
    return values.length === 0 ? null : values.reduce((a, b) => a + b, 0);
  };
  return {
    start: first,
    elapsedS: Math.max(span?.last ?? first, ...ends) - first,
    timerS: sum((lap) => lap.timerS),
    distanceM: sum((lap) => lap.distanceM),
    kcal: sum((lap) => lap.kcal),
    ascentM: sum((lap) => lap.ascentM),
    speedMmps: null,
    averageBeats: null,
    sport: laps[0]?.sport ?? sport?.sport ?? null,
    subSport: laps[0]?.subSport ?? sport?.subSport ?? null,
    raw: {},
  };
}

function sessionOf(
  found: FitFound,
  summary: FitSummary,
  span: FitSpan | null,
  notes: Set<FileNote>,
  place: readonly [part: number, index: number],
): FileSession | null {
  const start = startOf(summary, span, notes);
  if (start === null) return null;
  const times = timesOf(summary, start, span, notes);
  if (times === null) return null;
  const distanceM = summary.distanceM ?? span?.distanceM ?? null;
  const heartRate = span?.heartRate ?? [];
  const track = span?.track ?? [];
  const measured = heartRate.length > 0 || (summary.averageBeats ?? 0) > 0;
  const { serial, manufacturer, product } = found.maker;
  const created = found.created !== null && found.created >= fitAbsoluteMin ? found.created : null;
  const named = serial !== null && created !== null;
  return {
    format: "fit",
    identity: named ? ["fit", manufacturer, product, serial, created, place[1]] : null,
    // Chained files number their sessions anew; a digest must tell them apart.
    index: place[0] * sessionsMax + place[1],
    startMs: (start + fitEpochSeconds) * 1000,
    ...times,
    offsetMin: offsetOf(found.offsetSeconds, manufacturer),
    sport: sportOf(summary.sport ?? found.sport?.sport, summary.subSport ?? found.sport?.subSport),
    distanceMm: distanceM === null ? null : Math.round(distanceM * 1000),
    energyMcal: summary.kcal === null ? null : summary.kcal * 1_000_000,
    elevationGainMm: summary.ascentM === null ? null : summary.ascentM * 1000,
    speedMmps: summary.speedMmps,
    ...hardwareOf(found.maker, found.productName),
    title: null,
    notes: null,
    heartRateBy: measured ? (found.strap ? "strap" : found.wrist ? "wrist" : "unknown") : null,
    heartRate,
    track,
    summary: { file_id: found.fileId, session: summary.raw, laps: found.laps.length },
  };
}

function startOf({ start }: FitSummary, span: FitSpan | null, notes: Set<FileNote>): number | null {
  if (start !== null && start >= fitAbsoluteMin) return start;
  if (start !== null || span === null) return null;
  notes.add("derived-start");
  return span.first;
}

function timesOf(
  { elapsedS, timerS }: FitSummary,
  start: number,
  span: FitSpan | null,
  notes: Set<FileNote>,
): { elapsedMs: number; movingMs: number | null } | null {
  const movingMs = timerS === null || timerS <= 0 ? null : Math.round(timerS * 1000);
  const recordedMs = span === null ? 0 : Math.max(0, span.last - start) * 1000;
  let elapsedMs = elapsedS === null ? recordedMs : Math.round(elapsedS * 1000);
  if (elapsedMs > elapsedMsMax) {
    notes.add("elapsed-capped");
    elapsedMs = recordedMs <= elapsedMsMax ? recordedMs : 0;
  }
  const moving = movingMs !== null && movingMs <= elapsedMsMax ? movingMs : null;
  if (moving !== null && moving > elapsedMs) {
    if (elapsedS !== null && elapsedMs > 0) notes.add("elapsed-below-timer");
    elapsedMs = moving;
  }
  if (elapsedMs <= 0) return null;
  const end = start + elapsedMs / 1000;
  if (span !== null && (span.last > end + hourSeconds || span.first < start - hourSeconds))
    notes.add("times-disagree");
  return { elapsedMs, movingMs: moving };
}

/** Only what looks like a zone; zero only from makers that do write their local time. */
function offsetOf(seconds: number | null, manufacturer: number | null): number | null {
  if (seconds === null || seconds % offsetStepSeconds !== 0) return null;
  const minutes = seconds / 60;
  if (Math.abs(minutes) > offsetMinutesMax) return null;
  if (minutes === 0) return tellsZone(manufacturer) ? 0 : null;
  return minutes;
}

/** "cycling/indoor_cycling"; a number that the profile does not name stays a number. */
function sportOf(sport: number | null | undefined, subSport: number | null | undefined) {
  if (sport === null || sport === undefined) return null;
  const name = getFitSportName(sport) ?? `sport_${sport}`;
  if (subSport === null || subSport === undefined || subSport === 0) return name;
  return `${name}/${getFitSubSportName(subSport) ?? `sub_sport_${subSport}`}`;
}
