/**
 * COROS sends what reached its cloud, of several members in one delivery, and proves itself by a
 * secret in two headers, the same each time: whoever has seen a delivery can send any. So a delivery
 * is only a hint to read the member's list of what came lately, with the member's own token.
 * Known lies, as read on 2026-11-22: ids are bare integers above 2^53, so that JSON as it is commonly
 * read makes two records one; an answer is 200 whatever became of the request, which stands in its
 * `result`; zones are quarters of an hour, not hours; a renewal of the token gives no token; a
 * delivery that is not answered with exactly `{"message":"ok","result":"0000"}` counts as lost.
 * The FIT files that it names are not read: what a list says of a workout is all that is known here.
 * Their addresses are signed, and others each time, so they are left out of what is kept.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { energyToMcal, metresToMm } from "../domain/units.ts";
import type { Method } from "../domain/workouts/schema.ts";
import { openIdOf, parse } from "./coros/notices.ts";
import { bound, budget, corosPaths, pull } from "./coros/pull.ts";
import { sportType } from "./coros/sports.ts";
import { tokens } from "./coros/tokens.ts";
import { instantOf, labelOf, paceOf, sports, statusIn, zoneOf } from "./coros/values.ts";
import { modelOf } from "./device-models.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  isFields,
  movingOf,
  positiveOf,
  rawOf,
  textOf,
} from "./untrusted.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== sports) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = labelOf(item.labelId);
  if (sourceId === null) return err("no-id");
  const [at, endMs] = [instantOf(item.startTime), instantOf(item.endTime)];
  if (at === null) return err("no-start");
  if (at > receivedMs + msPerDay) return err("start-in-future");
  if (endMs === null || endMs === at) return err("no-duration");
  if (endMs < at) return err("end-before-start");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const sport = sportType(item.mode, item.subMode);
  const fields = {
    at,
    elapsedMs: endMs - at,
    movingMs: movingOf(item.duration, endMs - at),
    ...sport,
    ...amountsOf(item),
    offsetMin: zoneOf(item.startTimezone),
    ...sourceOf(item),
    app: "COROS",
    speedMmps: paceOf(item.avgSpeed, sport.type),
    hasTrack: null,
    // Heart rate, height and route stand in the file alone.
    elevationGainMm: null,
    heartRateBy: null,
    title: null,
    notes: null,
  };
  return ok({ sourceId, revision: null, fields, copyOf: null, raw: { column: "raw", text } });
}

/** Zero is what it writes for what was not measured. */
function amountsOf({ distance, calorie }: Fields) {
  const [metres, calories] = [positiveOf(distance), positiveOf(calorie)];
  return {
    distanceMm: metres === null ? null : metresToMm(metres),
    energyMcal: calories === null ? null : energyToMcal(calories, "cal"),
  };
}

/** As COROS calls its watches; any other name may be one that a member gave. */
function sourceOf({ deviceName }: Fields) {
  const name = textOf(deviceName);
  const model = /^COROS /.test(name ?? "") ? modelOf(deviceName) : null;
  const method: Method = name === null ? "unknown" : "device";
  return { method, deviceModel: model, deviceName: model === null ? name : null };
}

const received = { message: "ok", result: "0000" } as const;

export const coros = {
  name: "coros",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "COROS",
    delivery: "notice",
    bodyBytesMax: 1024 * 1024,
    received: 200,
    receivedJson: received,
    answerWithinMs: null,
    hearsay: true,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "labelId, an int64, of the account; a multisport is one record, whatever its parts",
    revision: "none; the ledger numbers each content by its receipt",
    deletion:
      "never said, and never found out: no record can be asked for alone, so what was deleted there stays until it is deleted here",
    deauthorisation: "never said; a refused call shows it",
    timeZone: "times in seconds since 1970, with startTimezone beside them in quarters of an hour",
    doubts: [
      "its reference is for partners alone: what is known of it is second-hand, by programs that were written for it",
      "what is sent has no time in those programs' samples, and may have one in fact; it is not looked at, so a workout that reached COROS more than 26 days after it was done is only found by a longer re-reading",
      "an openId that is bare digits is taken as text in what is sent and listed, if they are more than 15; in the answer that gives the tokens it is not taken, and such an account cannot be linked",
      "a multisport is one workout of no sport that has a name here: its parts may have no times at first and some later, and were they records too, one list would count it by its parts and another as a whole",
      "how a list that reaches back too far is refused is not said: behind the first stretch of a list a 400, and any code that is not known, is taken for its end, whatever it was about; what is missed so, a later reading may find",
      "a list of nothing may have no data at all",
      "a watch's name is shown to others only if it is that of a model, in words that are known here; else it is its owner's alone",
      "only those modes have a sport here that two readers of its table agree on, and 8/2 and 9/2 are taken for indoors; 20 is called a track and an indoor run, and is a run",
      "calorie is taken for a thousandth of a kcal, as one program divides it; its example is an eight-minute run of 9553",
      "duration is taken for the time without pauses; the whole lies between startTime and endTime",
      "avgSpeed is taken for seconds a kilometre, and not at all of sports in which nobody counts so",
      "on whose clock the days of a list are is not said: a day more on each side is asked for, tomorrow too",
      "no more than 30 days a call and three months back are given; whether both ends count among the 30 is not said, and they do here",
      "of the codes of a result only 0000 is documented; 5006 is taken for a token that is no good, 5016 for one to be asked again, 30009 for a permission that is missing, all others for an answer that says nothing",
      "a renewal prolongs the same token by 30 days; should it give another, that is taken",
      "scopes are not documented; the word that a program in use asks with is asked with",
      "an end that is begun here is not told to COROS: it wants the access token itself in a form, and answers 200 whether it took it or not",
      "how many calls are allowed is a thousand a minute by one reader of its reference; half of that is asked",
      "how often a delivery is repeated, and how soon it must be answered, is not said",
    ],
    documentation: "https://support.coros.com/hc/en-us/articles/17085887816340",
    readOn: "2026-11-22",
  },
  signature: { kind: "shared", headers: ["client", "secret"] },
  greeting: { kind: "hello", json: received },
  parse,
  pull,
  // A single call at any hour: what came lately ends 14 hours ahead, for the clock that is furthest so,
  // and with a day on each side that is 30 days at most, both ends counted.
  habit: { silentMs: msPerDay, pollMs: null, rereadMs: 26 * msPerDay },
  // The shortest three months are 89 days, and a day more is asked for, by a clock that may be ahead. A
  // step is a single call, but for the first: it ends ahead too.
  backfill: { days: 87, stepDays: 27 },
  budget,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: sports, body: slice } : null),
  link: {
    tokenPath: "/oauth2/accesstoken",
    tokens,
    authorise: {},
    scopes: [
      {
        scope: "workout",
        why: "Your workouts: what you did, when, how long and how far.",
        needed: true,
      },
    ],
    client: "form",
    bearer: { token: "token", account: "openId" },
    statusIn,
    paths: corosPaths,
    identity: bound,
    accountOf: () => null,
    accountIn: (given) => openIdOf(fieldsOf(given)),
  },
} satisfies Provider;
