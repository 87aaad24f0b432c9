/**
 * One workout as one source states it. The table `workoutSeal` decides for every field whether it
 * is open or restricted (docs/privacy.md); a field that it does not name is open.
 */
import * as z from "zod";
import type { ConnectionId, FactId, MemberId, OriginId } from "../identity.ts";
import type { Seal } from "../stream.ts";
import { offsetMinutesMax } from "../time.ts";
import { activityTypes } from "./activity.ts";

/** Longer than any single recording; beyond it the source's clock is broken. */
export const elapsedMsMax = 8 * 86_400_000;
const earliestMs = 0;
const latestMs = 4_102_444_800_000; // 2100-01-01T00:00:00Z
const distanceMmMax = 20_000_000_000;
const energyMcalMax = 100_000_000_000;
const elevationMmMax = 100_000_000;
/** Faster than anything that a person moves: a thousand kilometres an hour. */
export const speedMmpsMax = 280_000;
/** Samples of one workout: a reading a second for eight days. */
const samplesMax = 691_200;
const textMax = 4000;

const integer = (min: number, max: number) => z.number().int().min(min).max(max);
const instant = integer(earliestMs, latestMs);
const text = z.string().max(textMax);
const branded = <T extends string>() => z.string().min(1).max(128) as unknown as z.ZodType<T>;

export const heartRateSample = z.object({ t: instant, bpm: integer(1, 400) });
export const trackPoint = z.object({
  t: instant,
  lat: z.number().min(-90).max(90),
  lon: z.number().min(-180).max(180),
  /** Metres above sea level. */
  alt: z.number().min(-11_000).max(100_000).optional(),
});
export type HeartRateSample = z.infer<typeof heartRateSample>;
export type TrackPoint = z.infer<typeof trackPoint>;

/** What recorded it, in falling order of trust. */
export const methods = ["device", "phone", "unknown", "manual"] as const;
export type Method = (typeof methods)[number];

/** In falling order of trust. */
export const heartRateSensors = ["strap", "wrist", "unknown"] as const;
export type HeartRateSensor = (typeof heartRateSensors)[number];

export const workoutSchema = z.object({
  id: branded<FactId>(),
  revision: integer(0, Number.MAX_SAFE_INTEGER),
  edition: integer(1, 1_000_000).optional(),
  /** When it began, by the recording device. */
  at: instant,
  member: branded<MemberId>(),
  connection: branded<ConnectionId>(),
  provider: z.string().max(64),
  /** A digest that this record and any forwarded copy of it share. */
  originId: branded<OriginId>(),
  /** The digest of the record that this one is a forwarded copy of. */
  copyOf: branded<OriginId>().nullable(),
  type: z.enum(activityTypes),
  /** From start to end, pauses included. */
  elapsedMs: integer(1, elapsedMsMax),
  /** Pauses excluded; null when the source does not say. */
  movingMs: integer(0, elapsedMsMax).nullable(),
  distanceMm: integer(0, distanceMmMax).nullable(),
  energyMcal: integer(0, energyMcalMax).nullable(),
  elevationGainMm: integer(0, elevationMmMax).nullable(),
  /** Minutes east of UTC as the source stated them; null when it stated none. */
  offsetMin: integer(-offsetMinutesMax, offsetMinutesMax).nullable(),
  method: z.enum(methods),
  deviceModel: z.string().max(200).nullable(),
  app: z.string().max(200).nullable(),
  /** Average speed while moving, as the source itself states it. */
  speedMmps: integer(0, speedMmpsMax).nullable().default(null),
  /** Does it hold a GPS track? Null when the source has not said. */
  hasTrack: z.boolean().nullable().default(null),
  /** What measured its heart rate; null when it holds none, or has not said. */
  heartRateBy: z.enum(heartRateSensors).nullable().default(null),

  sourceId: text.optional(),
  originalType: text.nullish(),
  title: text.nullish(),
  notes: text.nullish(),
  deviceName: text.nullish(),
  heartRate: z.array(heartRateSample).max(samplesMax).nullish(),
  track: z.array(trackPoint).max(samplesMax).nullish(),
});

export type WorkoutFact = z.infer<typeof workoutSchema>;

/** Open values that others may see of a workout, and that a provider's rule may keep to its owner. */
export const displayFields = ["movingMs", "distanceMm", "energyMcal", "elevationGainMm"] as const;
export type DisplayField = (typeof displayFields)[number];

/** Restricted fields. `undefined` in a fact says nothing; `null` says the source has none. */
export const workoutSeal = {
  sourceId: "sealed",
  originalType: "sealed",
  title: "sealed",
  notes: "sealed",
  deviceName: "sealed",
  heartRate: "sealed",
  track: "sealed",
} as const satisfies { [K in keyof WorkoutFact]?: Seal };
