/**
 * What a FIT file says, gathered in one walk: its summaries, its readings, who made it, what
 * measured the heart rate, and the two clocks of its activity message. Judges nothing.
 */
import type { HeartRateSensor } from "../../domain/workouts/schema.ts";
import type { FitMaker } from "./fit-device.ts";
import type { FitMessage } from "./fit-messages.ts";
import { fitRows } from "./fit-rows.ts";
import { lapsMax, sessionsMax } from "./session.ts";

const messages = {
  fileId: 0,
  sport: 12,
  session: 18,
  lap: 19,
  record: 20,
  deviceInfo: 23,
  activity: 34,
} as const;
/** A session or a lap, in the units of the file. */
export interface FitSummary {
  /** FIT seconds. */
  readonly start: number | null;
  readonly elapsedS: number | null;
  readonly timerS: number | null;
  readonly distanceM: number | null;
  readonly kcal: number | null;
  readonly ascentM: number | null;
  readonly speedMmps: number | null;
  readonly averageBeats: number | null;
  readonly sport: number | null;
  readonly subSport: number | null;
  /** All of a session's fields; of a lap none, for there may be thousands. */
  readonly raw: Record<string, number | string>;
}

/** The numbers of the fields that a session and a lap have in common; these two differ. */
const sessionFields = { sport: 5, subSport: 6, speed: 14, fastSpeed: 124, beats: 16, ascent: 22 };
const lapFields = { sport: 25, subSport: 39, speed: 13, fastSpeed: 110, beats: 15, ascent: 21 };

const scaled = (value: number | null, by: number): number | null =>
  value === null ? null : value / by;

const summaryOf = (m: FitMessage, at: typeof sessionFields): FitSummary => ({
  start: m.value(2),
  elapsedS: scaled(m.value(7), 1000),
  timerS: scaled(m.value(8), 1000),
  distanceM: scaled(m.value(9), 100),
  kcal: m.value(11),
  ascentM: m.value(at.ascent),
  speedMmps: m.value(at.fastSpeed) ?? m.value(at.speed),
  averageBeats: m.value(at.beats),
  sport: m.value(at.sport),
  subSport: m.value(at.subSport),
  raw: m.number === messages.session ? m.all() : {},
});

/** One FIT file of those that may be chained. */
export function collectFit() {
  const sessions: FitSummary[] = [];
  const laps: FitSummary[] = [];
  const rows = fitRows();
  const maker: FitMaker = { type: null, manufacturer: null, product: null, serial: null };
  const found = {
    maker,
    created: null as number | null,
    productName: null as string | null,
    sport: null as { sport: number | null; subSport: number | null } | null,
    offsetSeconds: null as number | null,
    strap: false,
    wrist: false,
    tooMany: false,
    fileId: {} as Record<string, number | string>,
    sessions,
    laps,
    rows,
  };
  const visit = (m: FitMessage): void => {
    switch (m.number) {
      case messages.record:
        rows.add(m);
        return;
      case messages.session:
        found.tooMany ||= sessions.length >= sessionsMax;
        if (sessions.length < sessionsMax) sessions.push(summaryOf(m, sessionFields));
        return;
      case messages.lap:
        if (laps.length < lapsMax) laps.push(summaryOf(m, lapFields));
        return;
      case messages.fileId:
        found.maker = {
          type: m.value(0),
          manufacturer: m.value(1),
          product: m.value(2),
          serial: m.value(3),
        };
        found.created = m.value(4);
        found.productName = m.text(8) ?? found.productName;
        found.fileId = m.all();
        return;
      case messages.sport:
        found.sport ??= { sport: m.value(0), subSport: m.value(1) };
        return;
      case messages.activity: {
        const local = m.value(5);
        if (m.time !== null && local !== null) found.offsetSeconds = local - m.time;
        return;
      }
      case messages.deviceInfo: {
        // The device that made the file stands first, some with the name that file_id lacks.
        if (m.value(0) === 0) found.productName ??= m.text(27);
        const sensor = heartSensorOf(m.value(25), m.value(1));
        found.strap ||= sensor === "strap";
        found.wrist ||= sensor === "wrist";
      }
    }
  };
  return { found, visit };
}
export type FitFound = ReturnType<typeof collectFit>["found"];

/** device_info: by which network it is connected, and what it is in that network's own numbers. */
function heartSensorOf(source: number | null, type: number | null): HeartRateSensor | null {
  if (source === 5) return type === 10 ? "wrist" : null;
  if (source === 2 || source === 3) return type === 1 ? "strap" : null;
  // ANT and ANT+, and older files, which had no other network to name.
  return type === 120 ? "strap" : null;
}
