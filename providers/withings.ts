/**
 * Withings says by an unsigned form that something of a member's is new, of which category and on which
 * day; what it is has to be read. Whoever learns the address can say the same, so it is worth one
 * reading and no more. Before it takes an address it asks for it by HEAD. Each member's notices are
 * asked for with that member's token.
 * Known lies, as read on 2026-11-22: every answer is 200, and a refresh token that is no good is a 503
 * in the body; a workout's `elevation` is a number of floors; no workout can be asked for by its id;
 * what a phone's health store gave it stands beside what its own watches recorded.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../domain/units.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  numberNameOf,
  offsetInZone,
  positiveOf,
  rawOf,
} from "./untrusted.ts";
import { sourceOf } from "./withings/models.ts";
import { parse } from "./withings/notices.ts";
import { budget, identity, memberSubscription, pull } from "./withings/pull.ts";
import { samples } from "./withings/samples.ts";
import { activityType } from "./withings/sports.ts";
import { secondsOf, workouts } from "./withings/values.ts";
import { statusIn, tokenWords } from "./withings/words.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== workouts) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = numberNameOf(item.id);
  if (sourceId === null) return err("no-id");
  const revision = secondsOf(item.modified);
  if (revision === null) return err("no-revision");
  const [at, endMs] = [secondsOf(item.startdate), secondsOf(item.enddate)];
  if (at === null) return err("no-start");
  if (at > receivedMs + msPerDay) return err("start-in-future");
  if (endMs === null || endMs === at) return err("no-duration");
  if (endMs < at) return err("end-before-start");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const data = fieldsOf(item.data);
  const fields = {
    at,
    elapsedMs: endMs - at,
    movingMs: movingOf(data, endMs - at),
    ...activityType(item.category),
    ...amountsOf(data),
    offsetMin: offsetInZone(item.timezone, at),
    ...sourceOf(item),
    speedMmps: null,
    hasTrack: null,
    // Of the heart it gives an average and no reading.
    heartRateBy: null,
    title: null,
    notes: null,
    deviceName: null,
    heartRate: null,
    track: null,
  };
  return ok({ sourceId, revision, fields, copyOf: null, raw: { column: "raw", text } });
}

/** Two accounts of the same pauses, the member's and the watch's: the longer. Zero is none stated. */
function movingOf({ pause_duration, algo_pause_duration }: Fields, elapsedMs: number) {
  const pauses = [positiveOf(pause_duration), positiveOf(algo_pause_duration)];
  const pausedMs = secondsToMs(Math.max(...pauses.map((seconds) => seconds ?? 0)));
  return pausedMs > 0 && pausedMs < elapsedMs ? elapsedMs - pausedMs : null;
}

/** What was measured, or else typed in. Zero is what it writes for neither. */
function amountsOf(data: Fields) {
  const metres = positiveOf(data.distance) ?? positiveOf(data.manual_distance);
  const kcal = positiveOf(data.calories) ?? positiveOf(data.manual_calories);
  return {
    distanceMm: metres === null ? null : metresToMm(metres),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
    elevationGainMm: null,
  };
}

export const withings = {
  name: "withings",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Withings",
    delivery: "notice",
    bodyBytesMax: 8 * 1024,
    received: 200,
    answerWithinMs: 2_000,
    hearsay: true,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the workout's id, a number",
    revision: "modified, in seconds",
    deletion:
      "never said; no workout can be asked for by its id, so one that is no longer listed stays until its member deletes it here",
    deauthorisation:
      "a notice of category 46 whose action is unlink or delete, believed once Withings refuses the token",
    timeZone: "times in seconds since 1970, with the name of a zone beside them",
    doubts: [
      "no signature of a notice is documented; what its API calls a signature belongs to requests of the app",
      "a notice carries nothing that tells it from its repetition; a reading that finds nothing new keeps it from doing anything",
      "a workout's elevation is called a number of floors by the reference, and metres by nobody; it is not taken for a climb",
      "which status in an answer means what is listed by groups; what is in no group is taken for a fault of theirs",
      "a refresh token or code that is no good was seen as 401 and as 503 with a text that names it; either ends the grant, as does a status of its group for authentication with such a text; one without it, or with a text that names the client, ends none",
      "whether the last day of a list is included is not said; a day more is asked for on both sides",
      "pauses are told by the member and, in swimming, by the watch; the longer of the two is taken, and that the time from start to end holds them",
      "whether category 46 can be subscribed to without the scope user.info is not said; it is asked for after the workouts",
      "a workout whose amounts were corrected by hand is taken for one that was typed in",
      "an address that could not be reached is answered by 293, and what comes of subscribing twice is not said; only 0 counts as told",
      "a limit of 120 calls a minute is said to be the app's, by third parties each address's",
      "whether an ended access could be told to it without its signature scheme is not said; it is not told",
      "how soon a delivery must be answered is said as two seconds on one page only",
      "a day is said as one sum for each of its devices, phones' health stores among them; the member's order of devices decides, and a sum of zero is left out",
      "a day's calories are those of being active, totalcalories all of them: only the former are read",
      "a night says how long each stage was; when each was is another list, by the minute, which is not asked for: they are laid one after another from when it began",
      "the heart's variability of a night is not read: which statistic its summary gives is not said in what could be read",
      "what measured is told by the words in its model's name, where it has an id",
      "glucose is announced (58) and no type of measurement that holds it is documented; it is not read",
      "a category that is not granted is refused, and those after it are then not asked for until the next time: workouts and nights come first",
    ],
    documentation: "https://developer.withings.com/api-reference/",
    readOn: "2026-11-22",
  },
  signature: { kind: "path-secret" },
  parse,
  pull,
  // It stops sending to an address that failed a few times, and a watch may be out of reach for days.
  habit: { silentMs: 2 * msPerDay, pollMs: null, rereadMs: 7 * msPerDay },
  // Ours: it gives all that there is.
  backfill: { days: 90, stepDays: 30 },
  budget,
  memberSubscription,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: workouts, body: slice } : null),
  samples,
  link: {
    tokenPath: "/v2/oauth2",
    tokens: tokenWords,
    authorise: {},
    scopes: [
      {
        scope: "user.activity",
        why: "Your workouts: what you did, when, how long and how far; your steps and nights.",
        needed: true,
      },
      {
        scope: "user.metrics",
        why: "What your scale and your other devices measured: weight, body fat, pressure, oxygen, temperature.",
        needed: false,
      },
    ],
    client: "form",
    statusIn,
    paths: ["/v2/measure", "/measure", "/v2/sleep", "/notify"],
    identity,
    accountOf: () => null,
    accountIn: (given) => numberNameOf(fieldsOf(given).userid),
  },
} satisfies Provider;
