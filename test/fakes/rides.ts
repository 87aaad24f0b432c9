/**
 * One ride, told by each provider in its own documented shape. Every value follows from the
 * arguments: no clock, no chance, so the same ride twice is the same bytes. What a ride leaves out
 * has a fixed default; what a canary test wants to find again (title, notes, device, centre, heart
 * rate) can be planted.
 */
import type { ExercisePoint, HeartRateSample } from "./provider-data.ts";
import { civilDateTime } from "./provider-data.ts";

export interface Place {
  readonly lat: number;
  readonly lon: number;
}

/** What happened, whoever tells it. Text ids; Garmin's and Google's are digits. */
export interface Ride {
  readonly account: string;
  readonly id: string;
  readonly startMs: number;
  readonly elapsedSeconds: number;
  readonly distanceM: number;
  /** Without pauses; default: no pause. */
  readonly movingSeconds?: number;
  /** East of UTC at the start; default 3600. */
  readonly offsetSeconds?: number;
  readonly energyKcal?: number;
  readonly climbM?: number;
  readonly heartRateBase?: number;
  /** Seconds between samples of the track and the heart rate; default 10. */
  readonly everySeconds?: number;
  readonly centre?: Place;
  readonly title?: string;
  readonly notes?: string;
  readonly device?: string;
  /** The provider's own word for the sport; default: cycling outdoors. */
  readonly sport?: string;
  /** When the source last changed it; default: at the end. */
  readonly updatedMs?: number;
  readonly manual?: boolean;
}

export interface TrackPoint {
  readonly atMs: number;
  readonly lat: number;
  readonly lon: number;
  readonly elevationM: number;
  readonly distanceM: number;
}

const metresPerDegree = 111_320;
const pointsMax = 100_000;
const round = (value: number, digits: number) => Number(value.toFixed(digits));

const filled = (ride: Ride) => ({
  movingSeconds: ride.elapsedSeconds,
  offsetSeconds: 3600,
  energyKcal: Math.round(ride.distanceM / 45),
  climbM: 120,
  heartRateBase: 138,
  everySeconds: 10,
  centre: { lat: 52.09, lon: 5.12 },
  title: "Morning ride",
  device: "Edge 840",
  updatedMs: ride.startMs + ride.elapsedSeconds * 1000,
  endMs: ride.startMs + ride.elapsedSeconds * 1000,
  manual: false,
  ...ride,
});

/** Instants from the start to the end, both included, `everySeconds` apart. */
function instants(ride: Ride): number[] {
  const { startMs, endMs, everySeconds } = filled(ride);
  const count = Math.min(pointsMax, Math.ceil(ride.elapsedSeconds / everySeconds) + 1);
  return Array.from({ length: count }, (_, i) =>
    Math.min(endMs, startMs + i * everySeconds * 1000),
  );
}

/** A closed loop around a centre, with a wobble, as long as the ride's distance. */
export function track(ride: Ride): TrackPoint[] {
  const { centre, climbM } = filled(ride);
  const shape = (part: number) => {
    const angle = 2 * Math.PI * part;
    const radius = 1 + 0.15 * Math.sin(3 * angle);
    return { x: radius * Math.cos(angle), y: radius * Math.sin(angle) };
  };
  const steps = 720;
  let perimeter = 0;
  for (let i = 0; i < steps; i++) {
    const [a, b] = [shape(i / steps), shape((i + 1) / steps)];
    perimeter += Math.hypot(b.x - a.x, b.y - a.y);
  }
  const scale = ride.distanceM / perimeter / metresPerDegree;
  const narrowing = Math.cos((centre.lat * Math.PI) / 180);
  return instants(ride).map((atMs) => {
    const part = (atMs - ride.startMs) / (ride.elapsedSeconds * 1000);
    const { x, y } = shape(part);
    return {
      atMs,
      lat: round(centre.lat + y * scale, 6),
      lon: round(centre.lon + (x * scale) / narrowing, 6),
      elevationM: round(10 + (climbM / 2) * (1 - Math.cos(2 * Math.PI * part)), 1),
      distanceM: round(ride.distanceM * part, 2),
    };
  });
}

/** Whole beats a minute around the ride's base: a warm-up, then slow waves of twelve. */
export function heartRates(ride: Ride): HeartRateSample[] {
  const { heartRateBase } = filled(ride);
  return instants(ride).map((atMs) => {
    const seconds = (atMs - ride.startMs) / 1000;
    const warmUp = 25 * Math.exp(-seconds / 240);
    return { atMs, bpm: Math.round(heartRateBase - warmUp + 12 * Math.sin(seconds / 180)) };
  });
}

const meanBpm = (samples: readonly HeartRateSample[]) =>
  Math.round(samples.reduce((sum, { bpm }) => sum + bpm, 0) / samples.length);
const maxBpm = (samples: readonly HeartRateSample[]) =>
  samples.reduce((most, { bpm }) => Math.max(most, bpm), 0);

// -- Garmin ---------------------------------------------------------------------------------

/** An item of `activities`. */
export function garminActivity(ride: Ride): Record<string, unknown> {
  return { userId: ride.account, summaryId: ride.id, ...garminSummary(ride) };
}

/** An item of `activityDetails`: the summary nested, the samples beside it. */
export function garminDetails(ride: Ride): Record<string, unknown> {
  const { movingSeconds } = filled(ride);
  const bpm = heartRates(ride);
  const speed = round(ride.distanceM / movingSeconds, 3);
  const samples = track(ride).map((point, i) => {
    const clock = Math.round((point.atMs - ride.startMs) / 1000);
    return {
      startTimeInSeconds: Math.floor(point.atMs / 1000),
      latitudeInDegree: point.lat,
      longitudeInDegree: point.lon,
      elevationInMeters: point.elevationM,
      heartRate: bpm[i]?.bpm,
      speedMetersPerSecond: speed,
      totalDistanceInMeters: point.distanceM,
      timerDurationInSeconds: Math.min(clock, movingSeconds),
      clockDurationInSeconds: clock,
      movingDurationInSeconds: Math.min(clock, movingSeconds),
    };
  });
  return {
    userId: ride.account,
    summaryId: `${ride.id}-detail`,
    activityId: Number(ride.id),
    summary: garminSummary(ride),
    samples,
    laps: [{ startTimeInSeconds: Math.floor(ride.startMs / 1000) }],
  };
}

/** A push body: items with samples go under `activityDetails`, the rest under `activities`. */
export function garminBody(...items: Record<string, unknown>[]): Record<string, unknown[]> {
  const details = items.filter((item) => "samples" in item);
  const activities = items.filter((item) => !("samples" in item));
  return {
    ...(activities.length === 0 ? {} : { activities }),
    ...(details.length === 0 ? {} : { activityDetails: details }),
  };
}

function garminSummary(ride: Ride): Record<string, unknown> {
  const { offsetSeconds, energyKcal, climbM, title, device, centre, manual } = filled(ride);
  const bpm = heartRates(ride);
  const start = manual ? undefined : track(ride)[0];
  return {
    activityId: Number(ride.id),
    activityName: title,
    ...(ride.notes === undefined ? {} : { activityDescription: ride.notes }),
    activityType: ride.sport ?? "ROAD_BIKING",
    startTimeInSeconds: Math.floor(ride.startMs / 1000),
    startTimeOffsetInSeconds: offsetSeconds,
    durationInSeconds: ride.elapsedSeconds,
    distanceInMeters: ride.distanceM,
    activeKilocalories: energyKcal,
    averageHeartRateInBeatsPerMinute: meanBpm(bpm),
    maxHeartRateInBeatsPerMinute: maxBpm(bpm),
    averageSpeedInMetersPerSecond: round(ride.distanceM / ride.elapsedSeconds, 3),
    startingLatitudeInDegree: start?.lat ?? centre.lat,
    startingLongitudeInDegree: start?.lon ?? centre.lon,
    totalElevationGainInMeters: climbM,
    deviceName: device,
    manual,
    isWebUpload: false,
  };
}

// -- Google Health --------------------------------------------------------------------------

/** An exercise data point and the heart rates that belong to it; int64 values are text. */
export function googleExercise(
  ride: Ride & { readonly platform?: string; readonly packageName?: string },
): { point: ExercisePoint; heartRate: HeartRateSample[] } {
  const { offsetSeconds, movingSeconds, energyKcal, climbM, title, device, updatedMs, endMs } =
    filled(ride);
  const heartRate = heartRates(ride);
  const changed = new Date(updatedMs).toISOString();
  const point: ExercisePoint = {
    name: `users/${ride.account}/dataTypes/exercise/dataPoints/${ride.id}`,
    dataSource: {
      recordingMethod: ride.manual ? "MANUAL" : "ACTIVELY_MEASURED",
      platform: ride.platform ?? "FITBIT",
      device: { displayName: device, formFactor: "WATCH" },
      ...(ride.packageName === undefined ? {} : { application: { packageName: ride.packageName } }),
    },
    exercise: {
      interval: {
        startTime: new Date(ride.startMs).toISOString(),
        startUtcOffset: `${offsetSeconds}s`,
        endTime: new Date(endMs).toISOString(),
        endUtcOffset: `${offsetSeconds}s`,
        civilStartTime: civilDateTime(ride.startMs, offsetSeconds),
        civilEndTime: civilDateTime(endMs, offsetSeconds),
      },
      exerciseType: ride.sport ?? "BIKING",
      displayName: title,
      activeDuration: `${movingSeconds}s`,
      metricsSummary: {
        caloriesKcal: energyKcal,
        distanceMillimeters: Math.round(ride.distanceM * 1000),
        averageHeartRateBeatsPerMinute: String(meanBpm(heartRate)),
        averageSpeedMillimetersPerSecond: round((ride.distanceM * 1000) / movingSeconds, 1),
        elevationGainMillimeters: climbM * 1000,
      },
      exerciseMetadata: { hasGps: !ride.manual },
      ...(ride.notes === undefined ? {} : { notes: ride.notes }),
      createTime: new Date(endMs).toISOString(),
      updateTime: changed,
    },
  };
  return { point, heartRate };
}

// -- Apple ----------------------------------------------------------------------------------

/** A workout in HealthKit's names, with its route (CLLocation) and heart-rate samples. */
export function appleWorkout(
  ride: Ride & { readonly sourceBundle?: string; readonly zone?: string },
): Record<string, unknown> {
  const { movingSeconds, energyKcal, climbM, title, device, endMs, manual } = filled(ride);
  const iso = (atMs: number) => new Date(atMs).toISOString();
  const route = track(ride).map((point) => ({
    t: iso(point.atMs),
    lat: point.lat,
    lon: point.lon,
    alt: point.elevationM,
  }));
  const heartRate = heartRates(ride).map(({ atMs, bpm }) => ({ t: iso(atMs), bpm }));
  return {
    uuid: ride.id,
    workoutActivityType: ride.sport ?? "HKWorkoutActivityTypeCycling",
    startDate: iso(ride.startMs),
    endDate: iso(endMs),
    duration: movingSeconds,
    totalDistance: { value: ride.distanceM, unit: "m" },
    totalEnergyBurned: { value: energyKcal, unit: "kcal" },
    sourceName: device,
    sourceBundle: ride.sourceBundle ?? "com.apple.health.5D6F2C0E-3B1A-4E57-9C42-7A1D0B9E8F31",
    metadata: {
      HKTimeZone: ride.zone ?? "Europe/Amsterdam",
      HKIndoorWorkout: false,
      HKWasUserEntered: manual,
      HKElevationAscended: { value: climbM, unit: "m" },
      HKWorkoutBrandName: title,
      ...(ride.notes === undefined ? {} : { notes: ride.notes }),
    },
    route: manual ? [] : route,
    heartRate,
  };
}

/** What the member's own app sends: workouts, and the uuids of those deleted on the phone. */
export function appleBody(
  workouts: readonly Record<string, unknown>[],
  deleted: readonly string[] = [],
) {
  return { device: { model: "Watch7,5", os: "12.1" }, workouts, deleted };
}
