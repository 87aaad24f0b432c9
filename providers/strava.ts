/**
 * Strava sends a notice for each activity that was made, changed or deleted, and when an athlete
 * withdraws. None is signed by its documentation; a signature that some have seen (`t=…,v1=…`) is
 * checked and said, and demanded only where a deployment says so. An unguessable part of the path is
 * the proof there is, so each is worth one reading, by the athlete's own token. What is read may be
 * shown to that athlete alone, and never scores.
 * Known lies, as read on 2026-11-22: the local start ends in Z; `timezone` prints the standard offset,
 * also in summer; a notice precedes the streams, which come empty then; nothing orders two statements
 * of one activity, and a crop is not announced; "only me" may be told as a deletion; a distance can be
 * typed over; a ride on a trainer has places that nobody was at; much of it is another maker's.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../domain/units.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import { budget } from "./strava/budget.ts";
import { parse } from "./strava/notices.ts";
import { originOf } from "./strava/origins.ts";
import { pull, stravaPaths } from "./strava/pull.ts";
import { activityType } from "./strava/sports.ts";
import { readingsIn } from "./strava/streams.ts";
import { subscription } from "./strava/subscription.ts";
import { tokens } from "./strava/tokens.ts";
import { activities, hasBeats, hasPlaces, offsetMinutesOf } from "./strava/values.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  idOf,
  isFields,
  momentOf,
  movingOf,
  positiveOf,
  rawOf,
  speedOf,
  textCharsMax,
  textOf,
} from "./untrusted.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== activities) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const start = momentOf(item.start_date);
  if (start === "no-zone") return err("no-zone");
  if (start === null) return err("no-start");
  const at = start.atMs;
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const elapsedMs = secondsToMs(amountOf(item.elapsed_time) ?? 0);
  if (elapsedMs <= 0) return err("no-duration");
  const found = readingsIn(fieldsOf(item.streams), at, receivedMs + msPerDay);
  if (found === "too-many") return err("too-many-samples");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const { copyOf, ...origin } = originOf(item);
  const [beats, places] = [hasBeats(item), hasPlaces(item)];
  const fields = {
    at,
    elapsedMs,
    movingMs: movingOf(item.moving_time, elapsedMs),
    offsetMin: offsetMinutesOf(item),
    ...activityType(item.sport_type, item.type, item.trainer),
    ...amountsOf(item, places === true),
    ...origin,
    hasTrack: places,
    heartRateBy: beats === true ? ("unknown" as const) : null,
    title: textOf(item.name, textCharsMax),
    // Only the whole activity speaks of these.
    ...(item.description === undefined ? {} : { notes: textOf(item.description, textCharsMax) }),
    ...(beats === false ? { heartRate: null } : had({ heartRate: found.heartRate })),
    ...(places === false ? { track: null } : had({ track: found.track })),
  };
  return ok({ sourceId, revision: null, fields, copyOf, raw: { column: "raw", text } });
}

/** Streams that came empty say nothing: they may be filled later. */
const had = (readings: Readonly<Record<string, unknown>>) =>
  Object.values(readings).includes(null) ? {} : readings;

/** `kilojoules` is the work done on the pedals, and no energy that was burnt. */
function amountsOf(item: Fields, isOutdoors: boolean) {
  const distance = positiveOf(item.distance);
  const energy = positiveOf(item.calories);
  // No climb at all is one that was measured only where there was a way.
  const climbed = (isOutdoors ? amountOf : positiveOf)(item.total_elevation_gain);
  return {
    distanceMm: distance === null ? null : metresToMm(distance),
    energyMcal: energy === null ? null : kcalToMcal(energy),
    elevationGainMm: climbed === null ? null : metresToMm(climbed),
    speedMmps: speedOf(item.average_speed),
  };
}

export const strava = {
  name: "strava",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Strava",
    delivery: "notice",
    bodyBytesMax: 64 * 1024,
    received: 200,
    answerWithinMs: 2_000,
    hearsay: true,
    // Its agreement: what came by its API is shown to the athlete whose it is, and to nobody else.
    othersMaySee: false,
    onDeauthorised: "erase",
    identity: "the activity's id, a number",
    revision: "none; what is read last counts, and the ledger numbers each content by its receipt",
    deletion: "a notice of aspect delete, believed once the activity is not found",
    deauthorisation:
      "an update of the athlete with authorized false, or a deletion of it; believed once its token and its grant are refused",
    timeZone: "start_date in UTC, with utc_offset in seconds beside it",
    doubts: [
      "its documentation and guides say that notices are unsigned; others have seen X-Strava-Signature and disagree about its key: it is checked against the signing secrets and observed, and demanded only where a deployment says so",
      "how long after a delivery that was not answered the next follows is not said, only that there are three in all",
      "a deauthorisation is documented as an update of the athlete; a public client takes a deletion for one: either is asked about",
      "its agreement is read as wanting all that came by an account erased once the athlete withdrew; how soon is not said here",
      "with activity:read alone an activity that becomes private is announced as deleted, and as made when it is public again; all activities are asked for, and a deletion counts only once it is not found",
      "whether a crop or a merge is announced is not said; its times and distance change, so the next list shows it, and a description that was changed alone goes unseen until then",
      "streams may come empty at first; how long is not said, 5, 15 and 45 minutes by those who saw it",
      "utc_offset is taken; timezone names the standard offset, which differs for over half of a year",
      "which end of a list comes first, and whether after and before are by UTC, is not said: either order is read, and UTC is taken",
      "a page may be short before the list is over; one of fewer than 150 is taken for the last",
      "garmin_push_ is followed by Garmin's activity id, which Garmin's own statements are taken to go by as well; garmin_ping_, seen since 2022-08, is of a notice, and names no original",
      "an external_id of digits and .tcx is Fitbit's number of its log only where the device is Fitbit's: others name files so too",
      "whose file it is, is told by external_id and by the device's name, in forms that were seen and are not documented; whoever uploads a file chooses what it is called, so that alone makes no device's recording, and beside another maker's device names no original",
      "a device's name is shown to its athlete alone, as all of it is, and taken for a model only in words that are known here",
      "a call that lacks a scope is refused as 401 with the code missing and a permission for its field, by those who saw it: that refuses one thing, and ends no grant",
      "an activity that does not say whose it is, is taken for another's: all that were seen say so",
      "an activity that is flagged, or of which the distance was typed over, says nothing that could be checked here: it is kept, and what it says is its athlete's alone",
      "which scopes were granted is said in the browser's way back and not with the tokens, so they are unknown; without activity:read every call is refused",
      "a refresh token that is no good is refused alike whether the athlete withdrew or a newer one was given",
      "limits are of the standard tier, 100 readings a quarter of an hour and 1000 a day; an extended tier has more, and the answers say so",
      "how a subscription's own calls count is not said; their answers show a usage of nothing, and are not learned from",
      "from 2027-06-01 the API is to be asked at another host, under other paths, and /oauth/deauthorize is to be gone, for which /oauth/revoke stands since 2026-06-01",
    ],
    documentation: "https://developers.strava.com/docs/webhooks/",
    readOn: "2026-11-22",
  },
  signature: {
    kind: "path-secret",
    observed: {
      kind: "hmac",
      hash: "SHA-256",
      key: "text",
      signed: ["time", ".", "body"],
      headers: [{ signature: "x-strava-signature" }],
      form: "stamped",
      time: "seconds",
    },
  },
  greeting: {
    kind: "challenge",
    word: "hub.verify_token",
    challenge: "hub.challenge",
    answer: "hub.challenge",
    wrong: 403,
  },
  parse,
  pull,
  // A list of whoever was silent for so long, of the app's own budget (strava/budget.ts).
  habit: { silentMs: 2 * msPerDay, pollMs: null, rereadMs: 7 * msPerDay },
  // Ours: it gives all that there is, but two calls for each of it.
  backfill: { days: 90, stepDays: 30 },
  budget,
  subscription,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: activities, body: slice } : null),
  appParameters: { client_id: "clientId", client_secret: "clientSecret" },
  link: {
    tokenPath: "/oauth/token",
    tokens,
    authorise: { approval_prompt: "auto" },
    scopes: [
      {
        // Two, in one: Strava parts scopes by commas.
        scope: "read,activity:read_all",
        why: "Your activities, private ones too: what you did, when, how long and how far, with heart rate and route.",
        needed: true,
      },
    ],
    client: "form",
    paths: stravaPaths,
    identity: { path: "/api/v3/athlete", query: {} },
    accountOf: (identity) => idOf(fieldsOf(identity).id),
    accountIn: (given) => idOf(fieldsOf(fieldsOf(given).athlete).id),
    revoke: { method: "POST", path: "/oauth/revoke", form: "token", client: "basic" },
  },
} satisfies Provider;
