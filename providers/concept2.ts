/**
 * Concept2's logbook sends each result that was added or changed, and nothing that proves who sent
 * it: an unguessable address is all there is. So a delivery only names what is to be read with the
 * member's own token, and what is read there counts. What the monitor of an ergometer has vouched for
 * is marked as verified.
 * Known lies, as read on 2026-11-22: time is in tenths of a second, distances of strokes in tenths of
 * a metre; `time` and `distance` leave out the rests, which stand beside them; the clock of the strokes
 * begins anew with each interval, and now and then runs back a little; a deletion does not say whose
 * the result was; a heart rate of 0 or 255 is none; some results are of no length at all.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm } from "../domain/units.ts";
import type { HeartRateSample, Method } from "../domain/workouts/schema.ts";
import { parse } from "./concept2/notices.ts";
import { budget, ownPath, pull } from "./concept2/pull.ts";
import { sourceOf } from "./concept2/sources.ts";
import { isErgometer, sportType } from "./concept2/sports.ts";
import { heartRateOf } from "./concept2/strokes.ts";
import { tokens } from "./concept2/tokens.ts";
import { intervalsOf, results, type Span, spanOf } from "./concept2/values.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  idOf,
  isFields,
  positiveOf,
  rawOf,
  samplesMax,
  textCharsMax,
  textOf,
} from "./untrusted.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== results) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const span = spanOf(item);
  if (typeof span === "string") return err(span);
  if (span.at > receivedMs + msPerDay) return err("start-in-future");
  if (Array.isArray(item.strokes) && item.strokes.length > samplesMax)
    return err("too-many-samples");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const heartRate = beatsIn(item, span);
  const fields = {
    at: span.at,
    elapsedMs: span.elapsedMs,
    movingMs: span.workMs,
    offsetMin: span.offsetMin,
    ...sportType(item.type),
    ...amountsOf(item),
    elevationGainMm: null,
    method: methodOf(item),
    deviceModel: null,
    ...sourceOf(item),
    speedMmps: null,
    hasTrack: isErgometer(item.type) ? false : null,
    heartRateBy: heartRate || isBeating(item) ? ("unknown" as const) : null,
    title: null,
    notes: textOf(item.comments, textCharsMax),
    ...(heartRate === undefined ? {} : { heartRate }),
  };
  return ok({ sourceId, revision: null, fields, copyOf: null, raw: { column: "raw", text } });
}

/** Undefined: it may have some that were not had. */
function beatsIn(item: Fields, span: Span): HeartRateSample[] | null | undefined {
  if (Array.isArray(item.strokes)) return heartRateOf(item.strokes, span, intervalsOf(item));
  return item.stroke_data === false ? null : undefined;
}

const highestAverage = 254;

function isBeating({ heart_rate }: Fields): boolean {
  const average = positiveOf(fieldsOf(heart_rate).average);
  return average !== null && average <= highestAverage;
}

/** Of the work alone, as the time is; zero where nothing was counted. */
function amountsOf({ distance, calories_total }: Fields) {
  const [metres, kcal] = [positiveOf(distance), positiveOf(calories_total)];
  return {
    distanceMm: metres === null ? null : metresToMm(metres),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
  };
}

/** What members type in at its own page. */
const typedIn = "web";

/** Strokes are typed in by nobody, but only what is verified came of a monitor for certain. */
function methodOf({ verified, source, stroke_data }: Fields): Method {
  if (verified === true) return "device";
  const by = textOf(source);
  const isTyped = by === null || by.toLowerCase() === typedIn;
  return isTyped && stroke_data !== true ? "manual" : "unknown";
}

export const concept2 = {
  name: "concept2",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Concept2",
    delivery: "notice",
    bodyBytesMax: 1024 * 1024,
    received: 200,
    answerWithinMs: null,
    hearsay: true,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the result's id, a number",
    revision: "none; the ledger numbers each content by its receipt",
    deletion:
      "a notice of type result-deleted, which does not say whose the result was; the next re-reading misses it, and it is gone once it is asked for and not found",
    deauthorisation: "never said; a refused refresh shows it",
    timeZone:
      "date is what the clock on the wall showed, date_utc the same in UTC, timezone its IANA zone; one that has neither is refused",
    doubts: [
      "whether date is the start or the end is said in both ways: its documentation says the end, as the monitor stores it, and so it is taken; a logger of another maker may write the start, and its workout is then placed one length too early",
      "nothing is signed, as far as is documented; only the address is secret",
      "a delivery stands within data by the documentation and without by receivers of it; both are read",
      "retries, and how soon a delivery must be answered, are not said",
      "a deletion that does say whose the result was is believed as others' are, once it is not found",
      "rest_distance is left out of the distance, as the rests are of the time without pauses",
      "where no rest_time is said, the intervals' rests are added up",
      "a result of no time, of which there are some with strokes, is refused: what its strokes would make of it is not said",
      "an hour that a clock shows twice is taken for the first or the second as the zone's offset around it has it",
      "the clock of the strokes is read on from where the intervals before ended; if it stands still while nobody rows is said in both ways",
      "heart rate is by a belt or by anything else that the monitor hears; by what is not said",
      "verified is said of what a monitor vouches for; what is not verified may be of one too, and is trusted less",
      "a multierg's machines are not told apart: it is one workout of no one sport",
      "whether the last day that is asked for is included is not said; two more are asked for",
      "scopes are parted by commas where they are asked for; how an answer parts them is not said, and both commas and blanks are read",
      "which programs name themselves in source, and how, is not listed; a word that is not known here is its owner's alone, and its result Concept2's own",
      "whether a list shows a result just as it is shown alone is not said; what a result is known again by is taken to stand alike in both, else its strokes are read twice",
      "a result may say that it has strokes before they can be had; they are asked for again, 5, 15 and 45 minutes later",
      "how a refresh token that is no good is refused is not said; the library that its answers look like says invalid_grant, and before that invalid_request with a text, by which alone it is told",
      "a result that does not say whose it is, is taken to be of whoever's token opened it",
      "how many calls are allowed is not stated, and abuse is forbidden; the limits are ours",
    ],
    documentation: "https://log.concept2.com/developers/documentation/",
    readOn: "2026-11-22",
  },
  signature: { kind: "path-secret" },
  parse,
  pull,
  // A deletion is only found this way.
  habit: { silentMs: msPerDay, pollMs: null, rereadMs: 14 * msPerDay },
  // Ours: it gives all that there is.
  backfill: { days: 90, stepDays: 30 },
  budget,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: results, body: slice } : null),
  link: {
    tokenPath: "/oauth/access_token",
    tokens,
    authorise: {},
    scopes: [
      {
        scope: "user:read",
        why: "Which account is yours. Your name and address are not kept.",
        needed: true,
      },
      {
        scope: "results:read",
        why: "Your results: what you did, when, how long and how far, with the strokes' heart rate.",
        needed: true,
      },
    ],
    scopesBy: ",",
    client: "form",
    accept: "application/vnd.c2logbook.v1+json",
    paths: [ownPath],
    identity: { path: ownPath, query: {} },
    accountOf: (identity) => idOf(fieldsOf(fieldsOf(identity).data).id),
  },
} satisfies Provider;
