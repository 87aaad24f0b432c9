/**
 * One activity of Terra's as a workout. Terra only passes on what another provider recorded, whose
 * name is the workout's `app`, so that what came from that provider itself goes before it.
 */
import type { Result } from "../../domain/result.ts";
import { err, ok } from "../../domain/result.ts";
import { neverReturns } from "../../domain/stream.ts";
import { type Instant, msPerDay } from "../../domain/time.ts";
import { kcalToMcal, metresToMm } from "../../domain/units.ts";
import type { HeartRateSample, Method, TrackPoint } from "../../domain/workouts/schema.ts";
import type { Draft, ItemFault } from "../provider.ts";
import {
  amountOf,
  beatAt,
  type Fields,
  fieldsOf,
  isFields,
  momentOf,
  movingOf,
  nameCharsMax,
  pointAt,
  positiveOf,
  rawOf,
  readingsOf,
  samplesMax,
  speedOf,
  textCharsMax,
  textOf,
  wordOf,
} from "../untrusted.ts";
import { activity } from "./deliveries.ts";
import { offsetOf, timeOf } from "./moments.ts";
import { activityType } from "./sports.ts";

/** upload_type, by its schema. */
const upload = { automatic: 1, manual: 2, deleted: 4, thirdParty: 6 } as const;

export function normalise(
  kind: string,
  item: unknown,
  receivedMs: Instant,
): Result<Draft, ItemFault> {
  if (kind !== activity) return err("unknown-kind");
  const { provider, activity: said } = fieldsOf(item);
  if (!isFields(said)) return err("not-an-object");
  const metadata = fieldsOf(said.metadata);
  const sourceId = wordOf(metadata.summary_id);
  if (sourceId === null) return err("no-id");
  // What is deleted at its provider comes back under another id, if ever.
  if (metadata.upload_type === upload.deleted)
    return ok({ sourceId, revision: neverReturns, retracted: true });
  const [start, end] = [momentOf(metadata.start_time), momentOf(metadata.end_time)];
  if (start === null) return err("no-start");
  if (end === null) return err("no-duration");
  if (start === "no-zone" || end === "no-zone") return err("no-zone");
  const at = start.atMs;
  if (at > receivedMs + msPerDay) return err("start-in-future");
  const elapsedMs = end.atMs - at;
  if (elapsedMs <= 0) return err("no-duration");
  const readings = readingsIn(said, receivedMs + msPerDay);
  if (readings === null) return err("too-many-samples");
  const text = rawOf(item);
  if (text === null) return err("too-deep");
  const fields = {
    at,
    elapsedMs,
    movingMs: movingOf(fieldsOf(said.active_durations_data).activity_seconds, elapsedMs),
    ...activityType(metadata.type),
    ...amountsOf(said),
    offsetMin: offsetOf(start, metadata.timestamp_localization),
    ...sourceOf(textOf(provider), fieldsOf(said.device_data), metadata.upload_type),
    title: textOf(metadata.name, textCharsMax),
    notes: null,
    ...readings,
  };
  return ok({ sourceId, revision: null, fields, copyOf: null, raw: { column: "raw", text } });
}

function amountsOf(said: Fields) {
  const { distance_meters, elevation } = fieldsOf(fieldsOf(said.distance_data).summary);
  const { total_burned_calories, net_activity_calories } = fieldsOf(said.calories_data);
  const distance = positiveOf(distance_meters);
  const energy = positiveOf(total_burned_calories) ?? positiveOf(net_activity_calories);
  const climbed = amountOf(fieldsOf(elevation).gain_actual_meters);
  return {
    distanceMm: distance === null ? null : metresToMm(distance),
    energyMcal: energy === null ? null : kcalToMcal(energy),
    elevationGainMm: climbed === null ? null : metresToMm(climbed),
    speedMmps: speedOf(fieldsOf(said.movement_data).avg_speed_meters_per_second),
  };
}

/** Phones' stores of what any app wrote: there a device's name may be one that a person gave. */
const stores = /^(APPLE|GOOGLE|SAMSUNG|HEALTH_?CONNECT)/i;

/**
 * A device is a product where its maker is named too; else its name may be an app's or a person's,
 * and is restricted.
 */
function sourceOf(provider: string | null, device: Fields, uploadType: unknown) {
  const name = textOf(device.name);
  const maker = textOf(device.manufacturer);
  const isProduct = name !== null && maker !== null && !stores.test(provider ?? "");
  let method: Method = "unknown";
  if (uploadType === upload.manual) method = "manual";
  else if (uploadType === upload.automatic) method = "device";
  else if (isProduct && uploadType !== upload.thirdParty) method = "device";
  return {
    method,
    deviceModel: isProduct ? productOf(maker, name) : null,
    deviceName: isProduct ? null : name,
    app: provider,
  };
}

const productOf = (maker: string, name: string): string =>
  (name.toLowerCase().startsWith(maker.toLowerCase()) ? name : `${maker} ${name}`).slice(
    0,
    nameCharsMax,
  );

/** Null: more than any workout holds. */
function readingsIn(said: Fields, latestMs: Instant) {
  const beats = listOf(fieldsOf(fieldsOf(said.heart_rate_data).detailed).hr_samples);
  const positions = listOf(fieldsOf(said.position_data).position_samples);
  const heights = listOf(fieldsOf(fieldsOf(said.distance_data).detailed).elevation_samples);
  if ([beats, positions, heights].some((list) => list.length > samplesMax)) return null;
  const heightAt = new Map(
    heights.map((entry) => [timeOf(fieldsOf(entry)), fieldsOf(entry).elev_meters]),
  );
  const heartRate = readingsOf(beats, latestMs, timeOf, (t, { bpm }) => beatAt(t, bpm));
  const track = readingsOf(positions, latestMs, timeOf, (t, { coords_lat_lng_deg }) => {
    const [lat, lon] = listOf(coords_lat_lng_deg);
    return pointAt(t, lat, lon, heightAt.get(t));
  });
  const line = textOf(fieldsOf(said.polyline_map_data).summary_polyline);
  return {
    hasTrack: track !== null || line !== null ? true : null,
    heartRateBy: heartRate === null ? null : ("unknown" as const),
    heartRate: heartRate satisfies HeartRateSample[] | null,
    track: track satisfies TrackPoint[] | null,
  };
}

const listOf = (v: unknown): readonly unknown[] => (Array.isArray(v) ? v : []);
