/**
 * WHOOP sends a notice for each workout that was made, scored, changed or deleted, signed with
 * HMAC-SHA256 over the time in milliseconds and the raw body, one after the other, in base64 under the
 * client secret. The record is fetched by its id. The address is set on its dashboard alone.
 * Known lies, as read on 2026-11-21: "updated" is also "created"; a recovery's id is its sleep's; a
 * workout is announced before it is scored, and then has neither distance nor energy; the number
 * beside a sport's name contradicts it in WHOOP's own example; many of its sports are none (sauna,
 * commuting); a distance is rare, and of a phone; no source is named, so an echo cannot be told.
 */
import type { Result } from "../domain/result.ts";
import { err, ok } from "../domain/result.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import { energyToMcal, metresToMm } from "../domain/units.ts";
import type { Draft, ItemFault, Provider } from "./provider.ts";
import {
  amountOf,
  type Fields,
  fieldsOf,
  isFields,
  momentOf,
  numberNameOf,
  positiveOf,
  rawOf,
} from "./untrusted.ts";
import { parse, uuidOf, workout } from "./whoop/notices.ts";
import { budget, pull } from "./whoop/pull.ts";
import { offsetOf, samples } from "./whoop/samples.ts";
import { sportType } from "./whoop/sports.ts";

function normalise(kind: string, item: unknown, receivedMs: Instant): Result<Draft, ItemFault> {
  if (kind !== workout) return err("unknown-kind");
  if (!isFields(item)) return err("not-an-object");
  const sourceId = idOf(item.id);
  if (sourceId === null) return err("no-id");
  const updated = momentOf(item.updated_at ?? item.created_at);
  const [start, end] = [momentOf(item.start), momentOf(item.end)];
  if (start === "no-zone" || end === "no-zone" || updated === "no-zone") return err("no-zone");
  if (updated === null) return err("no-revision");
  if (start === null) return err("no-start");
  if (start.atMs > receivedMs + msPerDay) return err("start-in-future");
  if (end === null) return err("no-duration");
  if (end.atMs < start.atMs) return err("end-before-start");
  if (end.atMs === start.atMs) return err("no-duration");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const fields = {
    at: start.atMs,
    elapsedMs: end.atMs - start.atMs,
    movingMs: null,
    ...sportType(item.sport_name, item.sport_id),
    ...scoredOf(item),
    offsetMin: offsetOf(item.timezone_offset),
    method: "device" as const,
    deviceModel: null,
    app: "WHOOP",
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
  // Its score may come without a new time of change: then it is the newer statement all the same.
  const revision = updated.atMs + (item.score_state === "SCORED" ? 1 : 0);
  return ok({ sourceId, revision, fields, copyOf: null, raw: { column: "raw", text } });
}

/** The first version's records have a number. */
const idOf = (v: unknown): string | null =>
  uuidOf(v) ?? (typeof v === "number" ? numberNameOf(v) : null);

/** Only of a workout that is scored: until then, and where it cannot be, nothing is known of these. */
function scoredOf({ score_state, score }: Fields) {
  const of = score_state === "SCORED" ? fieldsOf(score) : {};
  const kilojoule = positiveOf(of.kilojoule);
  const distance = positiveOf(of.distance_meter);
  // A climb of nothing is one that was measured only where a distance was.
  const climbed = (distance === null ? positiveOf : amountOf)(of.altitude_gain_meter);
  return {
    distanceMm: distance === null ? null : metresToMm(distance),
    energyMcal: kilojoule === null ? null : energyToMcal(kilojoule, "kJ"),
    elevationGainMm: climbed === null ? null : metresToMm(climbed),
  };
}

export const whoop = {
  name: "whoop",
  stream: "workouts",
  edition: 1,
  facts: {
    title: "WHOOP",
    delivery: "notice",
    bodyBytesMax: 64 * 1024,
    received: 200,
    answerWithinMs: null,
    othersMaySee: true,
    onDeauthorised: "keep",
    identity: "the workout's id, a UUID",
    revision: "updated_at, in milliseconds; one more once it is scored",
    deletion: "a notice of type workout.deleted, believed once the workout is not found",
    deauthorisation: "never said; a refused refresh shows it",
    timeZone: "times in UTC, with timezone_offset beside them",
    doubts: [
      "how old a signature may be is not said; 300 seconds either way are taken",
      "how soon a delivery must be answered is said as quickly only, by a third party as 10 seconds",
      "how often a delivery is repeated, and whether trace_id stays the same, is not said; identity and revision keep a repetition from doing anything",
      "the documentation shows sport_name running beside sport_id 1, which its own table calls cycling: the name is taken, the number only where there is no name",
      "notices of the first version name a workout by a number that nothing can be asked for by now; they are counted as unknown",
      "a record of the first version has that number for its id: read from one, it is another record than its v1_id in the second version",
      "whether WHOOP takes workouts over from elsewhere is not said",
      "how a time without an offset is meant is not said; such a workout is refused",
      "a night says how long each stage was and not when; they are laid one after another from when it began",
      "a recovery has no time of its own but when it was made, and stands for that moment; it goes by its sleep's id, so one that was taken back is not noticed",
      "a cycle's energy is all that was burnt, at rest too, and is not read; steps it does not count",
    ],
    documentation: "https://developer.whoop.com/docs/developing/webhooks",
    readOn: "2026-11-21",
  },
  signature: {
    kind: "hmac",
    hash: "SHA-256",
    key: "text",
    signed: ["time", "body"],
    headers: [{ signature: "x-whoop-signature", time: "x-whoop-signature-timestamp" }],
    form: "base64",
    time: "milliseconds",
  },
  parse,
  pull,
  // Its own advice is to read again now and then, since notices are lost.
  habit: { silentMs: msPerDay, pollMs: null, rereadMs: 3 * msPerDay },
  // Ours: it gives all that there is.
  backfill: { days: 90, stepDays: 30 },
  budget,
  normalise,
  again: (column, slice) => (column === "raw" ? { kind: workout, body: slice } : null),
  samples,
  link: {
    tokenPath: "/oauth/oauth2/token",
    authorise: {},
    scopes: [
      {
        scope: "read:workout",
        why: "Your workouts: what you did, when, how long and how far.",
        needed: true,
      },
      { scope: "read:sleep", why: "Your nights: their stages and breaths.", needed: false },
      {
        scope: "read:recovery",
        why: "Your heart at rest, its variability and oxygen, as found each morning.",
        needed: false,
      },
      {
        scope: "read:profile",
        why: "Which account is yours. Your name and address are not kept.",
        needed: true,
      },
      {
        scope: "offline",
        why: "New workouts while you are away, without asking you each hour.",
        needed: true,
      },
    ],
    client: "form",
    paths: ["/developer/v2/"],
    identity: { path: "/developer/v2/user/profile/basic", query: {} },
    accountOf: (identity) => numberNameOf(fieldsOf(identity).user_id),
    revoke: { method: "DELETE", path: "/developer/v2/user/access" },
  },
} satisfies Provider;
