/**
 * Suunto sends a summary of each workout, signed by HMAC-SHA256 over the raw body alone: without a
 * time, so that only the key keeps a replay from doing anything. The same workout can be read with the
 * member's token, for history, after silence, and where a notice of the old form only names it.
 * Known lies, as read on 2026-11-21: `workoutId` is 0, so only `workoutKey` names a workout; notice
 * and answer end 93 ms apart, so the length is `totalTime` in both; `max` and `hrmax` of hrdata mean
 * the workout's or the member's, and have been swapped; `maxSpeed` is 36 m/s of a short walk; a start
 * at (0, 0) is none.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../domain/units.ts";
import type { Method } from "../domain/workouts/schema.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import { parse } from "./suunto/notices.ts";
import { pull, suuntoPaths, suuntoSamplePaths } from "./suunto/pull.ts";
import { samples } from "./suunto/samples.ts";
import { activityType } from "./suunto/sports.ts";
import { keyOf, workouts } from "./suunto/values.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  offsetOf,
  pointAt,
  positiveOf,
  rawOf,
  speedOf,
  textCharsMax,
  textOf,
  wordOf,
} from "./untrusted.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== workouts) return err("unknown-kind");
  const said = fieldsOf(item);
  // A notice has the gear beside the workout, an answer within it.
  const workout = "workout" in said ? said.workout : item;
  if (!isFields(workout)) return err("not-an-object");
  const sourceId = keyOf(workout.workoutKey);
  if (sourceId === null) return err("no-id");
  const at = positiveOf(workout.startTime);
  if (at === null || !Number.isSafeInteger(at)) return err("no-start");
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const elapsedMs = secondsToMs(positiveOf(workout.totalTime) ?? 0);
  if (elapsedMs === 0) return err("no-duration");
  const gear = fieldsOf(workout === item ? workout.gear : (said.gear ?? workout.gear));
  const text = rawOf(workout === item ? item : { workout, gear: said.gear });
  if (text === null) return err("too-deep");
  const fields = {
    at,
    elapsedMs,
    movingMs: null,
    ...activityType(workout.activityId),
    ...amountsOf(workout),
    offsetMin: offsetOf(workout.timeOffsetInMinutes),
    ...sourceOf(workout, gear),
    hasTrack: startedSomewhere(workout.startPosition) ? true : null,
    // Of the heart it gives an average and no reading.
    heartRateBy: null,
    title: null,
    notes: textOf(workout.description, textCharsMax),
    deviceName: null,
  };
  const revision = workout === item ? revisionOf(workout, gear) : null;
  return ok({ sourceId, revision, fields, copyOf: null, raw: { column: "raw", text } });
}

/** Zero is what it writes for what it did not measure. */
function amountsOf(workout: Fields) {
  const distance = positiveOf(workout.totalDistance);
  const kcal = positiveOf(workout.energyConsumption);
  const climbed = positiveOf(workout.totalAscent);
  return {
    distanceMm: distance === null ? null : metresToMm(distance),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
    elevationGainMm: climbed === null ? null : metresToMm(climbed),
    speedMmps: speedOf(workout.avgSpeed),
  };
}

/**
 * An answer may leave out the gear that the notice of the same workout named. While nothing was edited
 * it says nothing beyond that notice, so it stands only where nothing else does: below every receipt.
 */
const revisionOf = ({ isEdited }: Fields, gear: Fields): number | null =>
  isEdited === false && textOf(gear.name) === null ? 0 : null;

/** What only a watch's own recording has beside it (its log in Suunto's format). */
const watchLog = "SML";

/** A name that a member may have given the gear, and its serial number, stay out. */
function sourceOf(workout: Fields, gear: Fields) {
  const [manufacturer, deviceModel] = [textOf(gear.manufacturer), textOf(gear.name)];
  const logs = Array.isArray(workout.extensionTypes) ? workout.extensionTypes : [];
  let method: Method = deviceModel === null && !logs.includes(watchLog) ? "unknown" : "device";
  if (workout.isManuallyAdded === true) method = "manual";
  // Suunto's app takes over what others recorded: then their name shows that it is a copy.
  return { method, deviceModel, app: manufacturer ?? "Suunto" };
}

function startedSomewhere(position: unknown): boolean {
  const { x: lon, y: lat } = fieldsOf(position);
  return pointAt(0, lat, lon, 0) !== null;
}

const minuteMs = 60_000;

export const suunto = {
  name: "suunto",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Suunto",
    delivery: "push",
    bodyBytesMax: 1024 * 1024,
    received: 200,
    answerWithinMs: 2000,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "workoutKey",
    revision:
      "none; the ledger numbers each content by its receipt, but an answer without gear that says it is not edited yields to all others",
    deletion:
      "never said; believed once a whole reading lacks the workout and Suunto does not find it",
    deauthorisation: "never said; a refused refresh shows it",
    timeZone: "timeOffsetInMinutes",
    doubts: [
      "no time is signed, so a notice can be sent again for ever; its content is then the same statement as before and changes nothing",
      "a workout without workoutKey is refused: the number in workoutId would make it another record than the notice of it, and each would count",
      "whether totalTime holds pauses is not said; it is taken for the elapsed time, in notice and answer alike",
      "a missing gear may be a phone or another's import, and an answer may lack what the notice of the same workout named: a device is believed only where there is a gear, or the log that a watch keeps (SML, as captured)",
      "an answer without gear for a workout that was edited takes the name of the device away again, since nothing else shows the edit",
      "retries, and how many calls are allowed, are not said (they hang on the subscription product)",
      "of notices in the old form only those with the signature are taken; they were sent with HTTP Basic",
      "the answer's order is asked for, and a full page in another order is not believed",
      "the lists of what was measured between workouts (/247samples, /247) are of a public client, not of its own pages, and are given for 28 days at a time",
      "which stretch a count of steps or energy within a day stands for is not said, so a day's sum is read instead, and only of steps: whether its energy is all that was burnt is not said either",
      "a heart rate is in beats a second or a minute, which its size tells; oxygen is a part of one or a percentage, likewise",
      "which statistic its heart rate variability is, is said by third parties only; it is not read",
      "a night says how long each stage was and not when; they are laid one after another from when it began",
    ],
    documentation: "https://apizone.suunto.com/webhooks",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-256",
    key: "text",
    signed: ["body"],
    headers: [{ signature: "x-hmac-sha256-signature" }],
    form: "hex",
  },
  parse,
  pull,
  habit: { silentMs: 7 * msPerDay, pollMs: null, rereadMs: 14 * msPerDay },
  // What feeds the samples is given for 28 days at a time.
  backfill: { days: 90, stepDays: 28 },
  budget: {
    app: [
      { name: "minute", calls: 30, windowMs: minuteMs },
      { name: "day", calls: 5_000, windowMs: msPerDay },
    ],
    member: [{ name: "minute", calls: 10, windowMs: minuteMs }],
    reserve: 0.5,
    throttles: "app",
    headers: [],
  },
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: workouts, body: slice } : null),
  samples,
  link: {
    tokenPath: "/oauth/token",
    authorise: {},
    scopes: [
      {
        scope: "workout",
        why: "Your workouts: what you did, when, how long and how far; your nights, steps and heart rate.",
        needed: true,
      },
    ],
    client: "basic",
    headers: { "Ocp-Apim-Subscription-Key": "apiKey" },
    paths: [suuntoPaths, ...suuntoSamplePaths],
    identity: { path: suuntoPaths, query: { limit: "1" } },
    accountOf: () => null,
    accountIn: (given) => wordOf(fieldsOf(given).user),
    revoke: { method: "GET", path: "/oauth/deauthorize", on: "token", clientIdAs: "client_id" },
  },
} satisfies Provider;
