/**
 * Junction (formerly Vital) passes on what other services recorded: each event is signed by Svix
 * (Standard Webhooks under other header names), with an id and a time. An account is one of its users,
 * who may have several sources; each record names the one it came from, so it is seen as a copy of what
 * that service says itself. Its user is ours by the word that we gave it (`client_user_id`).
 * As read on 2026-11-21 its own pages could not be: the fields are those of its published client and
 * of others' tests, read leniently.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { kcalToMcal, metresToMm } from "../domain/units.ts";
import type { Method } from "../domain/workouts/schema.ts";
import { parse, workout } from "./junction/events.ts";
import { reference } from "./junction/linking.ts";
import { offsetOf, samples, slugOf } from "./junction/samples.ts";
import { activityType } from "./junction/sports.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  type Fields,
  fieldsOf,
  instantOf,
  isFields,
  momentOf,
  movingOf,
  positiveOf,
  rawOf,
  speedOf,
  textCharsMax,
  textOf,
  wordOf,
} from "./untrusted.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== workout) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = wordOf(item.id);
  if (sourceId === null) return err("no-id");
  const start = momentOf(item.time_start ?? item.start);
  if (start === null) return err("no-start");
  const end = momentOf(item.time_end ?? item.end);
  if (start === "no-zone" || end === "no-zone") return err("no-zone");
  if (start.atMs > receivedMs + msPerDay) return err("start-in-future");
  if (end === null || end.atMs <= start.atMs) return err("no-duration");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const elapsedMs = end.atMs - start.atMs;
  const fields = {
    at: start.atMs,
    elapsedMs,
    movingMs: movingOf(item.moving_time, elapsedMs),
    ...activityType(item.sport),
    ...amountsOf(item),
    offsetMin: offsetOf(item.timezone_offset) ?? (start.offsetMin || null),
    ...sourceOf(item),
    title: textOf(item.title, textCharsMax),
    notes: null,
    deviceName: null,
  };
  return ok({
    sourceId,
    revision: instantOf(item.updated_at),
    fields,
    copyOf: null,
    raw: { column: "raw", text },
  });
}

/** Zero is what it writes for what its source did not measure. */
function amountsOf(item: Fields) {
  const distance = positiveOf(item.distance);
  const kcal = positiveOf(item.calories);
  const climbed = positiveOf(item.total_elevation_gain);
  return {
    distanceMm: distance === null ? null : metresToMm(distance),
    energyMcal: kcal === null ? null : kcalToMcal(kcal),
    elevationGainMm: climbed === null ? null : metresToMm(climbed),
    speedMmps: speedOf(item.average_speed),
  };
}

const worn = ["watch", "ring", "chest_strap", "exercise_machine", "earphone"];
/** Phones' stores of health data: what wrote a record there says more than the store. */
const stores: ReadonlyMap<string, string | null> = new Map([
  ["apple_health_kit", "com.apple.health"],
  ["health_connect", null],
]);

function sourceOf(item: Fields) {
  const { type, app_id } = fieldsOf(item.source);
  const slug = slugOf(item);
  let method: Method = "unknown";
  if (typeof type === "string" && worn.includes(type)) method = "device";
  else if (type === "phone") method = "phone";
  const { polyline, summary_polyline } = fieldsOf(item.map);
  const hasLine = textOf(polyline) !== null || textOf(summary_polyline) !== null;
  const isStore = slug !== null && stores.has(slug);
  return {
    method,
    deviceModel: null,
    app: isStore ? (textOf(app_id) ?? stores.get(slug) ?? slug) : slug,
    hasTrack: hasLine ? true : null,
    // An average is all that it says of the heart: no reading comes with it.
    heartRateBy: null,
  };
}

export const junction = {
  name: "junction",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "Junction",
    delivery: "push",
    bodyBytesMax: 4 * 1024 * 1024,
    received: 200,
    answerWithinMs: 15_000,
    othersMaySee: true,
    // Strava's agreement shows what came through its API to the athlete alone, whoever passes it on.
    ownerOnlyFrom: ["strava"],
    onDeauthorised: "keep",
    identity: "id of the workout",
    revision: "updated_at where it is said, in milliseconds; else the ledger numbers each content",
    deletion: "never said",
    deauthorisation:
      "never said of the account; provider.connection.error is of one source, and ends nothing",
    timeZone:
      "timezone_offset, in seconds; else the offset of time_start, but for +00:00, which is how it writes UTC",
    doubts: [
      "the names of fields other than sport and source are of its published client as third parties show it, not of its own pages",
      "historical.data.workouts.created has no data: it would have to be fetched in the app's own name, which is not done; it is counted as not understood, and what was before the connection is missing",
      "provider.connection.error may mean a source that has to be linked again, of several; it is kept as a claim and ends nothing",
      "client_user_id stands in every event; it is believed in provider.connection.created alone",
      "how large an event may be is not said; 4 MiB are taken",
      "what a source allows to be shown to others, Junction does not say; what it names as Strava's is kept to its athlete",
      "provider_id looks like the source's own id of the workout; whether it is, is not said, so no copy is named by it",
      "a day's steps, distance and energy are read as its sums, and not as the series beside them",
      "a series of heart rate variability names its statistic where its unit would stand, as third parties show it; one that names neither is left out",
      "a night says how long each stage was and not when; they are laid one after another from when it began",
      "what is announced as historical, of measurements too, would have to be fetched in the app's own name, which is not done",
    ],
    documentation: "https://docs.junction.com/webhooks/introduction",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-256",
    key: "standard-webhooks",
    signed: ["id", ".", "time", ".", "body"],
    headers: [
      { signature: "svix-signature", time: "svix-timestamp", id: "svix-id" },
      { signature: "webhook-signature", time: "webhook-timestamp", id: "webhook-id" },
    ],
    form: "versioned",
    time: "seconds",
  },
  parse,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: workout, body: slice } : null),
  samples,
  appHeaders: { "x-vital-api-key": "apiKey" },
  reference,
} satisfies Provider;
