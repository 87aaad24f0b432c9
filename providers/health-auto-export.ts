/**
 * Health Auto Export is an app on the member's iPhone that posts what HealthKit holds, several times
 * a day and mostly what it posted before, to an address that the member types in with a key of their
 * own. Nothing is signed. Known lies, as captured in 2026: one workout comes under two ids, in two
 * variants of which each has fields that the other lacks; both are kept, and resolve into one. Zeros
 * stand for what was not measured, labels are wrong by a thousand (metres for kilometres), `isIndoor`
 * contradicts itself, names are translated, and an offset is the phone's when it exported. The other
 * sections (medications, symptoms, moods, cycles) are nobody's business here: nothing of them is kept.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import type { WorkoutFact } from "../domain/workouts/schema.ts";
import { orderOf } from "./health-auto-export/order.ts";
import { isRead, metricKind, samples } from "./health-auto-export/samples.ts";
import { typeOf } from "./health-auto-export/sports.ts";
import {
  beatOf,
  distanceOf,
  durationMsOf,
  elevationOf,
  energyOf,
  instantOf,
  isActiveEnergy,
  pointOf,
  whenOf,
} from "./health-auto-export/values.ts";
import {
  type Delivery,
  type Draft,
  type Item,
  type ItemFault,
  type ParseFault,
  type Provider,
  senders,
} from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  jsonOf,
  rawOf,
  readingsOf,
  samplesMax,
} from "./untrusted.ts";

const kinds = { workout: "workout" } as const;
/** Understood, and none of ours: counted neither as unknown nor kept. */
const others = new Set([
  "stateOfMind",
  "medications",
  "symptoms",
  "cycleTracking",
  "ecg",
  "heartRateNotifications",
]);

function parse(body: string): Result<Delivery, ParseFault> {
  const json = jsonOf(body);
  // As files with commas it comes in parts that begin with two hyphens.
  if (json === undefined) return err(body.startsWith("--") ? "not-understood" : "not-json");
  const data = isFields(json) ? json.data : null;
  if (!isFields(data)) return err("not-understood");
  const { workouts: stated, metrics: all, ...rest } = data;
  const [workouts, metrics] = [stated ?? [], all ?? []];
  if (!Array.isArray(workouts) || !Array.isArray(metrics)) return err("not-understood");
  const item = (kind: string, of: unknown): Item => ({ account: senders, kind, body: of });
  const measured = metrics.filter((metric) => isRead(fieldsOf(metric).name));
  return ok({
    items: workouts.map((workout) => item(kinds.workout, workout)),
    notices: [],
    claims: [],
    later: { items: measured.map((metric) => item(metricKind, metric)), notices: [] },
    unknown: Object.keys(rest).filter((section) => !others.has(section)).length,
  });
}

const uuidPattern = /^[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}$/i;
const idPattern = /^[A-Za-z0-9_-]{1,64}$/;

interface Times {
  readonly at: Instant;
  readonly elapsedMs: number;
  readonly durationMs: number | null;
  readonly offsetMin: number | null;
}

function timesOf(workout: Fields, receivedMs: Instant): Result<Times, ItemFault> {
  const start = whenOf(workout.start);
  const end = whenOf(workout.end);
  if (start === "no-zone" || end === "no-zone") return err("no-zone");
  if (start === null) return err("no-start");
  if (start.atMs > receivedMs + msPerDay) return err("start-in-future");
  const durationMs = durationMsOf(workout.duration);
  const elapsedMs = end === null ? (durationMs ?? 0) : end.atMs - start.atMs;
  if (elapsedMs <= 0) return err("no-duration");
  return ok({ at: start.atMs, elapsedMs, durationMs, offsetMin: start.offsetMin });
}

/** The older form has no id: then it is when it was, told by the instant and not by its text. */
function sourceIdOf({ id }: Fields, { at, elapsedMs, durationMs }: Times): string {
  if (typeof id !== "string" || !idPattern.test(id))
    return JSON.stringify([at, at + elapsedMs, durationMs]);
  return uuidPattern.test(id) ? id.toUpperCase() : id;
}

/** Both ids are of HealthKit's own form: at most one is there, and the other is nobody's. */
const copyOf = (sourceId: string) =>
  uuidPattern.test(sourceId) ? { provider: "apple-health", sourceId } : null;

/** Who wrote a workout into HealthKit is not said: each is passed on from there. */
const healthKit = "Apple Health";

/** The times are cut to the second, the duration is not. */
const roundingMs = 1000;

function movingOf({ durationMs, elapsedMs }: Times): number | null {
  if (durationMs === null || durationMs > elapsedMs + roundingMs) return null;
  return Math.min(durationMs, elapsedMs);
}

const timeOf = ({ date, timestamp }: Fields): Instant | null => instantOf(date ?? timestamp);

function normalise(kind: string, workout: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== kinds.workout) return err("unknown-kind");
  if (!isFields(workout)) return err("not-an-object");
  const times = timesOf(workout, receivedMs);
  if (!times.ok) return times;
  const { at, elapsedMs, offsetMin } = times.value;
  const route = Array.isArray(workout.route) ? workout.route : [];
  const beats = Array.isArray(workout.heartRateData) ? workout.heartRateData : [];
  if (route.length > samplesMax || beats.length > samplesMax) return err("too-many-samples");
  const text = rawOf(workout);
  if (text === null) return err("too-deep");
  const latestMs = receivedMs + msPerDay;
  const heartRate = readingsOf(beats, latestMs, timeOf, beatOf);
  const track = readingsOf(route, latestMs, timeOf, pointOf);
  const fields = {
    at,
    elapsedMs,
    movingMs: movingOf(times.value),
    ...typeOf(workout),
    distanceMm: distanceOf(workout, elapsedMs),
    energyMcal: energyOf(workout, elapsedMs),
    elevationGainMm: elevationOf(workout, elapsedMs),
    offsetMin,
    // The same in both variants, which are one source's; so nothing here may hang on one's fields.
    method: "unknown" as const,
    deviceModel: null,
    deviceName: null,
    app: healthKit,
    title: null,
    notes: null,
    speedMmps: null,
    // The variant without says nothing of either: the member may have switched both off.
    hasTrack: track === null ? null : true,
    heartRateBy: heartRate === null ? null : ("unknown" as const),
    ...(heartRate === null ? {} : { heartRate }),
    ...(track === null ? {} : { track }),
  };
  const sourceId = sourceIdOf(workout, times.value);
  const revision = revisionOf(workout, fields);
  const raw = { column: "raw", text };
  return ok({ sourceId, revision, fields, copyOf: copyOf(sourceId), raw });
}

type Said = Pick<WorkoutFact, "type" | "movingMs" | "distanceMm" | "energyMcal"> &
  Pick<WorkoutFact, "elevationGainMm" | "heartRate" | "track">;

const revisionOf = (workout: Fields, said: Said): number =>
  orderOf(
    {
      distance: said.distanceMm !== null,
      energy: said.energyMcal !== null,
      activeEnergy: said.energyMcal !== null && isActiveEnergy(workout),
      moving: said.movingMs !== null,
      type: said.type !== "other",
      end: whenOf(workout.end) !== null,
      elevation: said.elevationGainMm !== null,
      track: Boolean(said.track),
      heartRate: Boolean(said.heartRate),
    },
    (said.track?.length ?? 0) + (said.heartRate?.length ?? 0),
    said.distanceMm,
  );

const again = (column: string, slice: unknown) =>
  column === "raw" ? { kind: kinds.workout, body: slice } : null;

export const healthAutoExport = {
  name: "health-auto-export",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Health Auto Export",
    delivery: "push",
    bodyBytesMax: 10 * 1024 * 1024,
    received: 200,
    answerWithinMs: null,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the workout's `id`; in the older form, which has none, its start, end and duration",
    revision:
      "how much a statement says: the same workout is posted many times by design, with routes and readings or without, and what says less never stands over what says more",
    deletion: "never said: what is gone from HealthKit is posted no more",
    deauthorisation: "never said: the app stops sending",
    timeZone: "the offset of the dates",
    doubts: [
      "an offset is the phone's when it exported, as far as is known, and not where the workout was",
      "one workout comes under two ids; the one that HealthKit knows is not told from the other",
      "who wrote a workout into HealthKit, or typed it in, is not said; each is taken as unknown",
      "a stated speed is not taken, because its label has been wrong by a thousand",
      "a workout in HealthKit is taken never to change; of two statements that say as much, the one with more readings stands, then the longer one, so that a value that is corrected downwards is not heard",
      "of two statements that each lack an open value of the other, the one with the weightier stands (distance, then energy); heart rate and track are kept from both",
      "a distance or an energy that nobody can have made in the time is labelled wrong and left out",
      "sums (steps, distance, energy) are left out: an entry has one date, and does not say how long the stretch is that it sums, which the member has chosen in the app",
      "what measured is told by its owner's name for it, several at once with a bar between them",
      "a night says how long each stage was and not when; they are laid one after another from when it began",
      "its heart rate variability is HealthKit's, which is SDNN; iOS 27 has RMSSD beside it, under what name in this app is not said",
    ],
    documentation: "https://help.healthyapps.dev/en/health-auto-export/export-format/workouts",
    readOn: "2026-11-22",
  },
  signature: { kind: "member-key" },
  parse,
  normalise,
  again,
  samples,
  memberKey: {
    how: "In Health Auto Export add an automation of the type REST API, paste the address as its URL and choose JSON as the format with workouts included. The key stands at the end of the address; without it there, send it as a header `Authorization: Bearer <key>`. In both places it must be the same key.",
  },
} satisfies Provider;
