/**
 * One exercise session, in any of the three forms that bridges post: HC Webhook's own (`start_time`,
 * no id, no zone), what react-native-health-connect reads out (`metadata.dataOrigin` a text), and an
 * androidx record written down as it is (`dataOrigin.packageName`, a zone that came out as `{}`).
 *
 * A session has neither distance nor heart rate of its own. They are records beside it, of any app,
 * and come in bodies of their own: none is added here, because what two apps counted would count
 * twice. The one distance that a bridge states within the session is taken.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import type { DeviceKind } from "../../domain/samples/sample.ts";
import { type Instant, type Moment, msPerDay } from "../../domain/time.ts";
import { metresToMm } from "../../domain/units.ts";
import type { Method, TrackPoint } from "../../domain/workouts/schema.ts";
import { modelOf } from "../device-models.ts";
import type { Draft, ItemFault } from "../provider.ts";
import {
  type Fields,
  fieldsOf,
  instantOf,
  isFields,
  momentOf,
  nameCharsMax,
  offsetOf,
  pointAt,
  positiveOf,
  rawOf,
  readingsOf,
  samplesMax,
  textCharsMax,
  textOf,
  wordOf,
} from "../untrusted.ts";
import { numberOf, typeOf } from "./sports.ts";

const packagePattern = /^[A-Za-z][A-Za-z0-9._]{0,154}$/;
/** Health Connect makes UUIDs; a bracket, as the names below begin with, it never makes. */
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;
const clientIdCharsMax = 500;

/** By which of Health Connect's names a record is called: its own id, where it has no better one. */
export const recordIdOf = (v: unknown): string | null =>
  typeof v === "string" && idPattern.test(v) ? v : null;

export function originOf(metadata: Fields): string | null {
  const origin = metadata.dataOrigin ?? metadata.data_origin;
  const name = isFields(origin) ? origin.packageName : origin;
  return typeof name === "string" && packagePattern.test(name) ? name : null;
}

interface Named {
  readonly sourceId: string;
  readonly revision: number | null;
}

/** What any record is known by: the writer's own id and version, else Health Connect's id. */
export function recordNameOf(metadata: Fields): { sourceId: string | null; revision?: number } {
  const named = writersNameOf(metadata);
  if (named === null) return { sourceId: recordIdOf(metadata.id) };
  const { sourceId, revision } = named;
  return { sourceId, ...(revision === null ? {} : { revision }) };
}

function writersNameOf(metadata: Fields): Named | null {
  const client = wordOf(metadata.clientRecordId ?? metadata.client_record_id, clientIdCharsMax);
  if (client === null) return null;
  const version = metadata.clientRecordVersion ?? metadata.client_record_version;
  return {
    sourceId: JSON.stringify([originOf(metadata), client]),
    revision: revisionOf(version),
  };
}

/**
 * Zero stands where nothing was numbered, and such statements count from one as they come: below
 * each version there is room for so many of them.
 */
const versionStep = 1000;

function revisionOf(version: unknown): number | null {
  if (!Number.isSafeInteger(version)) return null;
  const revision = Number(version) * versionStep;
  return revision > 0 && Number.isSafeInteger(revision) ? revision : null;
}

/**
 * All that such a session has beside its name is its distance, and a bridge that may not read that
 * states none: what was said of it before, or is said after, stands.
 */
const standsOverNothing = 0;

function distanceOf({ distance_meters }: Fields): number | null {
  const metres = positiveOf(distance_meters);
  return metres === null ? null : metresToMm(metres);
}

/**
 * The writer's own id, numbered by its writer where it numbers; else Health Connect's; else what was
 * done when, by whom. The three cannot be mistaken for each other.
 */
function nameOf(session: Fields, at: Instant, end: Instant): Named {
  const metadata = fieldsOf(session.metadata);
  const origin = originOf(metadata);
  const named = writersNameOf(metadata);
  if (named !== null) return named;
  const id = recordIdOf(metadata.id);
  if (id !== null) return { sourceId: id, revision: null };
  const type = numberOf(session.exerciseType ?? session.type);
  const revision = distanceOf(session) === null ? standsOverNothing : null;
  return { sourceId: JSON.stringify([origin, type, at, end]), revision };
}

/** "+02:00", or an object that has it or its seconds; an empty object has lost it. */
function zoneOf(v: unknown): number | null {
  const { totalSeconds, id = v } = fieldsOf(v);
  if (typeof totalSeconds === "number") return offsetOf(totalSeconds / 60);
  const text = typeof v === "string" ? v : id;
  const moment = typeof text === "string" ? momentOf(`2000-01-01T00:00:00${text}`) : null;
  return moment === null || moment === "no-zone" ? null : moment.offsetMin;
}

const manual = 3;
/** The device's kind, by its number or its word. */
const kinds: ReadonlyMap<string, DeviceKind> = new Map([
  ["1", "watch"],
  ["watch", "watch"],
  ["2", "phone"],
  ["phone", "phone"],
  ["3", "scale"],
  ["scale", "scale"],
  ["4", "ring"],
  ["ring", "ring"],
  ["6", "band"],
  ["fitness_band", "band"],
  ["7", "chest-strap"],
  ["chest_strap", "chest-strap"],
]);
const worn: ReadonlySet<DeviceKind> = new Set(["watch", "ring", "band", "chest-strap"]);

export const deviceKindOf = ({ device }: Fields): DeviceKind =>
  kinds.get(plainOf(fieldsOf(device).type)) ?? "unknown";

const plainOf = (v: unknown): string =>
  (Number.isSafeInteger(v) ? String(v) : (textOf(v) ?? "")).toLowerCase().replace(/^type_/, "");

export function isManual(metadata: Fields): boolean {
  const method = metadata.recordingMethod ?? metadata.recording_method;
  return method === manual || (typeof method === "string" && /manual|^3$/i.test(method));
}

function methodOf(metadata: Fields): Method {
  if (isManual(metadata)) return "manual";
  const kind = deviceKindOf(metadata);
  if (worn.has(kind)) return "device";
  return kind === "phone" ? "phone" : "unknown";
}

/** As a phone or a watch of Samsung's calls itself, where others say a name of theirs. */
const samsungCode = /^SM-[A-Z]\d{3}[A-Z]?$/;

/** Free text, which its owner may have named: a model only where makers call theirs so. */
export function modelStated({ manufacturer, model }: Fields): string | null {
  const name = textOf(model, nameCharsMax);
  const isModel =
    name !== null &&
    (samsungCode.test(name) ||
      modelOf(name) !== null ||
      modelOf(`${textOf(manufacturer) ?? ""} ${name}`) !== null);
  return isModel ? name : null;
}

function deviceOf(device: Fields) {
  const deviceModel = modelStated(device);
  return {
    deviceModel,
    deviceName: deviceModel === null ? textOf(device.model, nameCharsMax) : null,
  };
}

/** HC Webhook leaves both out; null says that there is none. */
const textsOf = ({ title, notes }: Fields) => ({
  ...(title === undefined ? {} : { title: textOf(title, textCharsMax) }),
  ...(notes === undefined ? {} : { notes: textOf(notes, textCharsMax) }),
});

function routeOf({ exerciseRoute, exerciseRouteResult }: Fields): readonly unknown[] {
  const { route } = fieldsOf(exerciseRoute ?? fieldsOf(exerciseRouteResult).exerciseRoute);
  return Array.isArray(route) ? route : [];
}

const timeOf = ({ time }: Fields): Instant | null => instantOf(time);

function pointOf(t: Instant, { latitude, longitude, altitude }: Fields): TrackPoint | null {
  const metres = isFields(altitude) ? altitude.inMeters : altitude;
  return pointAt(t, latitude, longitude, metres);
}

function boundsOf(session: Fields): Result<readonly [Moment, Moment], ItemFault> {
  const start = momentOf(session.startTime ?? session.start_time);
  const end = momentOf(session.endTime ?? session.end_time);
  if (start === "no-zone" || end === "no-zone") return err("no-zone");
  if (start === null) return err("no-start");
  return end === null || end.atMs <= start.atMs ? err("no-duration") : ok([start, end]);
}

export function normaliseSession(session: Fields, receivedMs: Instant): Result<Draft, ItemFault> {
  const bounds = boundsOf(session);
  if (!bounds.ok) return bounds;
  const [start, end] = bounds.value;
  const latestMs = receivedMs + msPerDay;
  if (start.atMs > latestMs) return err("start-in-future");
  const route = routeOf(session);
  if (route.length > samplesMax) return err("too-many-samples");
  const text = rawOf(session);
  if (text === null) return err("too-deep");
  const metadata = fieldsOf(session.metadata);
  const track = readingsOf(route, latestMs, timeOf, pointOf);
  const fields = {
    at: start.atMs,
    elapsedMs: end.atMs - start.atMs,
    movingMs: null,
    ...typeOf(session.exerciseType ?? session.type),
    distanceMm: distanceOf(session),
    energyMcal: null,
    elevationGainMm: null,
    offsetMin: zoneOf(session.startZoneOffset) ?? start.offsetMin,
    method: methodOf(metadata),
    ...deviceOf(fieldsOf(metadata.device)),
    app: originOf(metadata),
    speedMmps: null,
    // The bridge may be allowed the route or not, and that must not change what is open.
    hasTrack: null,
    heartRateBy: null,
    ...textsOf(session),
    ...(track === null ? {} : { track }),
  };
  const named = nameOf(session, start.atMs, end.atMs);
  return ok({ ...named, fields, copyOf: null, raw: { column: "raw", text } });
}
