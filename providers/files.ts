/**
 * Files that a member hands over at /v1/files: FIT, TCX and GPX, single or packed. There is no
 * server behind them, no signature but the member's token and one account only. The edge reads the
 * bytes (files/read.ts) and delivers sessions as plain data, so that one which cannot be taken is
 * written down and replayed like any other provider's item; here they become drafts.
 * Known lies, as measured on files of a dozen makers: see the heads of fit.ts, tcx.ts and gpx.ts.
 * A file never says whose copy it is, and nothing orders two files of one recording: so only a file
 * that is intact speaks in its recording's name, and a broken copy of it is another record.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import {
  type HeartRateSample,
  heartRateSensors,
  methods,
  speedMmpsMax,
  type TrackPoint,
} from "../domain/workouts/schema.ts";
import { bodyBytesMax, type FileSession, type SessionFault } from "./files/session.ts";
import { sportType } from "./files/sports.ts";
import type { Delivery, Draft, Item, ParseFault, Provider } from "./provider.ts";
import {
  amountOf,
  type Fields,
  highestHeartRate,
  isFields,
  nameCharsMax,
  offsetOf,
  pointAt,
  rawOf,
  readingsOf,
  samplesMax,
  textCharsMax,
  textOf,
} from "./untrusted.ts";

/** The account of whoever's token it is; a file names none. */
export const fileAccount = "self";

/** A session on its way to a draft; `digest` is of the file that it stood in. */
export const fileItem = (digest: string, session: FileSession): Item => ({
  account: fileAccount,
  kind: "session",
  body: { digest, session },
});

/** A file is bytes: none comes in this provider's name as the text of a delivery. */
const parse = (_body: string): Result<Delivery, ParseFault> => err("not-understood");

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, SessionFault> {
  if (kind !== "session") return err("unknown-kind");
  if (!isFields(item) || !isFields(item.session)) return err("not-an-object");
  const { session } = item;
  const sourceId = sourceIdOf(session, item.digest);
  if (sourceId === null) return err("no-id");
  const at = amountOf(session.startMs);
  if (at === null || at === 0) return err("no-start");
  const latestMs = receivedMs + msPerDay;
  if (at > latestMs) return err("start-in-future");
  const elapsedMs = amountOf(session.elapsedMs);
  if (elapsedMs === null || elapsedMs === 0) return err("no-duration");
  const beats = Array.isArray(session.heartRate) ? session.heartRate : [];
  const points = Array.isArray(session.track) ? session.track : [];
  if (beats.length > samplesMax || points.length > samplesMax) return err("too-many-samples");
  const text = rawOf({ format: session.format, summary: session.summary });
  if (text === null) return err("too-deep");
  const movingMs = amountOf(session.movingMs);
  const track = readingsOf(points, latestMs, timeOf, pointOf);
  const fields = {
    at,
    elapsedMs,
    movingMs: movingMs === null ? null : Math.min(movingMs, elapsedMs),
    ...sportType(session.sport),
    ...amountsOf(session),
    offsetMin: offsetOf(session.offsetMin),
    method: methods.find((m) => m === session.method) ?? "unknown",
    deviceModel: textOf(session.deviceModel, nameCharsMax),
    app: textOf(session.app, nameCharsMax),
    hasTrack: track !== null,
    heartRateBy: heartRateSensors.find((sensor) => sensor === session.heartRateBy) ?? null,
    title: textOf(session.title, textCharsMax),
    notes: textOf(session.notes, textCharsMax),
    deviceName: null,
    heartRate: readingsOf(beats, latestMs, timeOf, beatOf),
    track,
  };
  return ok({ sourceId, revision: null, fields, copyOf: null, raw: { column: "raw", text } });
}

/** The recording's own identity when the file may speak in its name, else the file's digest and the place in it. */
function sourceIdOf({ identity, index }: Fields, digest: unknown): string | null {
  if (Array.isArray(identity) && identity.length > 0) return rawOf(identity);
  const place = amountOf(index);
  const named = textOf(digest, nameCharsMax);
  return named === null || place === null ? null : rawOf(["file", named, place]);
}

function amountsOf({ distanceMm, energyMcal, elevationGainMm, speedMmps }: Fields) {
  const speed = amountOf(speedMmps);
  return {
    distanceMm: amountOf(distanceMm),
    energyMcal: amountOf(energyMcal),
    elevationGainMm: amountOf(elevationGainMm),
    speedMmps: speed === null || speed === 0 || speed > speedMmpsMax ? null : speed,
  };
}

const timeOf = ({ t }: Fields): Instant | null => amountOf(t);

function beatOf(t: Instant, { bpm }: Fields): HeartRateSample | null {
  const beats = amountOf(bpm) ?? 0;
  return beats > 0 && beats <= highestHeartRate ? { t, bpm: beats } : null;
}

const pointOf = (t: Instant, { lat, lon, alt }: Fields): TrackPoint | null =>
  pointAt(t, lat, lon, alt);

export const files = {
  name: "files",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Files",
    delivery: "device",
    bodyBytesMax,
    received: 200,
    answerWithinMs: null,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the file's digest and the number of the session in it",
    revision: "none; the ledger numbers each content by its receipt",
    deletion: "never said: the member deletes here, workout by workout",
    deauthorisation: "never said: there is no account",
    timeZone: "the device's local time beside its UTC, where the file has both",
    doubts: [],
    documentation: "https://developer.garmin.com/fit/protocol/",
    readOn: "2026-11-21",
  },
  signature: { kind: "member-token" },
  parse,
  // Nothing to read again: of a file its summary is kept, and its readings, but not the file.
  normalise,
} satisfies Provider;
