/**
 * Wahoo sends the summary of each workout when it is made or changed. What is to prove it is a word in
 * the body, the same in every delivery: whoever sees one can write another. So the address has a secret
 * part too, nothing of the body is kept, and the workout is read by its id with the member's token.
 * Known lies, as read on 2026-11-22: numbers are text, in examples numbers; `minutes` is rounded, or
 * what was planned; a gravel ride has the type of any ride; a workout without a summary was never done;
 * a third party's description of the body has another shape, under `event`.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm, secondsToMs } from "../domain/units.ts";
import type { Method } from "../domain/workouts/schema.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  idOf,
  isFields,
  movingOf,
  offsetInZone,
  rawOf,
  speedOf,
  textCharsMax,
  textOf,
} from "./untrusted.ts";
import { parse } from "./wahoo/notices.ts";
import { budget, pull } from "./wahoo/pull.ts";
import { activityType } from "./wahoo/sports.ts";
import {
  changedOf,
  decimalOf,
  elapsedSecondsOf,
  measuredOf,
  startOf,
  withoutFile,
  workouts,
} from "./wahoo/values.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== workouts) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const summary = item.workout_summary;
  if (!isFields(summary)) return err("no-summary");
  const start = startOf(item);
  if (start === "no-zone") return err("no-zone");
  if (start === null) return err("no-start");
  const at = start.atMs;
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const elapsedMs = secondsToMs(elapsedSecondsOf(summary) ?? 0);
  if (elapsedMs <= 0) return err("no-duration");
  const revision = changedOf(item);
  if (revision === null) return err("no-revision");
  const text = rawOf(withoutFile(item));
  if (text === null) return err("too-deep");
  const fields = {
    at,
    elapsedMs,
    movingMs: movingOf(decimalOf(summary.duration_active_accum), elapsedMs),
    ...activityType(item.workout_type_id),
    ...amountsOf(summary),
    offsetMin: offsetInZone(summary.time_zone, at) ?? start.offsetMin,
    ...sourceOf(item, summary),
    // Its file is not read, so of what stands in there nothing is said: no track, no heart rate.
    hasTrack: null,
    heartRateBy: null,
    title: textOf(item.name ?? summary.name, textCharsMax),
    notes: null,
    deviceName: null,
  };
  return ok({ sourceId, revision, fields, copyOf: null, raw: { column: "raw", text } });
}

function amountsOf(summary: Fields) {
  const metres = measuredOf(summary.distance_accum);
  const kcal = measuredOf(summary.calories_accum);
  const climbed = measuredOf(summary.ascent_accum);
  return {
    distanceMm: metres === null ? null : metresToMm(metres),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
    elevationGainMm: climbed === null ? null : metresToMm(climbed),
    speedMmps: speedOf(measuredOf(summary.speed_avg)),
  };
}

/** Apps beyond it are other makers'. */
const ownAppMax = 1_000;

/** The model alone: what stands behind it tells one device from another. */
const modelPattern = /^(ELEMNT(?: (?:BOLT|ROAM|ACE|RIVAL|MINI))?(?: V?[23])?)(?![^\s:])/;

/** Another maker's app is not named, so its record is believed less, and as nobody's. */
function sourceOf({ fitness_app_id, workout_token }: Fields, summary: Fields) {
  const apps = [summary.fitness_app_id, fitness_app_id].map((id) => decimalOf(id) ?? 0);
  const isForeign = Math.max(...apps) > ownAppMax;
  const deviceModel = isForeign
    ? null
    : (modelPattern.exec(textOf(workout_token) ?? "")?.[1] ?? null);
  const recorded: Method = deviceModel === null ? "unknown" : "device";
  const method: Method = summary.manual === true ? "manual" : recorded;
  return { method, deviceModel, app: isForeign ? null : "Wahoo" };
}

export const wahoo = {
  name: "wahoo",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Wahoo",
    delivery: "notice",
    bodyBytesMax: 256 * 1024,
    received: 200,
    answerWithinMs: null,
    hearsay: true,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the workout's id, a number; its summary has another",
    revision: "the later of updated_at in the workout and in its summary, in milliseconds",
    deletion:
      "never said; believed once a whole reading lacks the workout and Wahoo does not find it",
    deauthorisation: "never said; a refused refresh shows it",
    timeZone: "started_at in UTC, with the name of a zone in time_zone",
    doubts: [
      "the token that proves a delivery stands in its body, so one delivery is enough to write others; where it is right and the path as well, what is said is still only a hint",
      "numbers come as text, and stand as numbers in the documentation; both are read, text in plain decimals only",
      "started_at, time_zone and manual are not in every example; without the first, starts of the workout is taken",
      "whether starts is when it was planned to begin is not said; it is looked at only where started_at is missing",
      "the list is said to be the newest first, by starts, and what is looked for is by started_at; its pages are turned until one lies wholly a week before what is asked for, so one that was planned for longer before it was done may be missed until it is announced",
      "no example of a workout says whose it is; where user_id does, another's is not taken, else a token is trusted to open its own member's alone",
      "fitness_app_id above 1000 is another maker's app by a public client, and which is not said; such a workout is believed less",
      "whether what other makers' apps wrote is given to third parties at all is said in both ways",
      "the table of types has gaps; some of them are filled by an older public client",
      "type 40 is lap swimming by one account of the documentation and kiteboarding by its table, where lap swimming is 25; 40 is read as neither, and its number kept",
      "edited says that a person changed it, not what; the amounts are taken as they are",
      "its FIT file lies at an address of another host and is not read, so a workout from here has no track",
      "the three limits in a header are told apart by their size",
      "how soon a delivery must be answered is not said; one that fails is repeated after 30 minutes and later",
    ],
    documentation: "https://cloud-api.wahooligan.com/",
    readOn: "2026-11-22",
  },
  signature: { kind: "shared", field: "webhook_token" },
  parse,
  pull,
  habit: { silentMs: 3 * msPerDay, pollMs: null, rereadMs: 5 * msPerDay },
  // In one go: each step would turn the pages from the newest on.
  backfill: { days: 90, stepDays: 90 },
  budget,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: workouts, body: slice } : null),
  link: {
    tokenPath: "/oauth/token",
    authorise: {},
    scopes: [
      {
        scope: "workouts_read",
        why: "Your workouts: what you did, when, how long and how far.",
        needed: true,
      },
      {
        scope: "user_read",
        why: "Which account is yours. Your name, address and weight are not kept.",
        needed: true,
      },
      {
        scope: "offline_data",
        why: "New workouts while you are away, without asking you every two hours.",
        needed: true,
      },
    ],
    client: "form",
    paths: ["/v1/workouts", "/v1/user", "/v1/permissions"],
    identity: { path: "/v1/user", query: {} },
    accountOf: (identity) => idOf(fieldsOf(identity).id),
    revoke: { method: "DELETE", path: "/v1/permissions" },
  },
} satisfies Provider;
