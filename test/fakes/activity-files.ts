/**
 * One activity told as FIT, TCX and GPX, each with the habits of the devices and sites that write
 * them: the same ride in three files, for tests that read them, pack them and upload them.
 */
import {
  type FitField,
  type FitMessageSpec,
  type FitOptions,
  fitFile,
  fitTime,
} from "./fit-file.ts";

export interface Recording {
  readonly startMs: number;
  /** Seconds on the clock, and of them in motion. */
  readonly elapsedS: number;
  readonly timerS: number;
  readonly distanceM: number;
  /** FIT's sport and sub-sport. */
  readonly sport: number;
  readonly subSport: number;
  readonly everyS: number;
}

export const ride: Recording = {
  startMs: Date.UTC(2026, 9, 14, 6, 0, 23),
  elapsedS: 1800,
  timerS: 1740,
  distanceM: 9000,
  sport: 2,
  subSport: 0,
  everyS: 10,
};

interface Sample {
  readonly ms: number;
  readonly lat: number;
  readonly lon: number;
  readonly bpm: number;
  readonly metres: number;
}

const metresPerDegree = 111_195;

/** Due north along a meridian, so that the line through the points is as long as the distance. */
export function samples({ startMs, elapsedS, distanceM, everyS }: Recording): Sample[] {
  return Array.from({ length: Math.floor(elapsedS / everyS) + 1 }, (_, i) => {
    const metres = (distanceM * i * everyS) / elapsedS;
    const ms = startMs + i * everyS * 1000;
    return { ms, lat: 52 + metres / metresPerDegree, lon: 5, bpm: 120 + (i % 40), metres };
  });
}

// -- FIT ------------------------------------------------------------------------------------

const semicircles = (degrees: number): number => Math.round((degrees * 2 ** 31) / 180);

export const fileId = (
  over: Partial<Record<"type" | "maker" | "product" | "serial", number>> & {
    created?: number | null;
  } = {},
): FitMessageSpec => ({
  number: 0,
  fields: [
    [0, "enum", over.type ?? 4],
    [1, "uint16", over.maker ?? 1],
    [2, "uint16", over.product ?? 2697],
    [3, "uint32z", over.serial ?? 3_945_849_289],
    [4, "uint32", over.created === undefined ? fitTime(ride.startMs) : over.created],
  ],
});

export const record = (sample: Sample, ...more: FitField[]): FitMessageSpec => ({
  number: 20,
  fields: [
    [253, "uint32", fitTime(sample.ms)],
    [0, "sint32", semicircles(sample.lat)],
    [1, "sint32", semicircles(sample.lon)],
    [3, "uint8", sample.bpm],
    [5, "uint32", Math.round(sample.metres * 100)],
    ...more,
  ],
});

/** Field 253 is when the message was written, which on some devices is days later. */
export const session = (r: Recording, ...more: FitField[]): FitMessageSpec => {
  const replaced = new Set(more.map(([number]) => number));
  const fields: FitField[] = [
    [253, "uint32", fitTime(r.startMs + r.elapsedS * 1000)],
    [2, "uint32", fitTime(r.startMs)],
    [7, "uint32", r.elapsedS * 1000],
    [8, "uint32", r.timerS * 1000],
    [9, "uint32", Math.round(r.distanceM * 100)],
    [5, "enum", r.sport],
    [6, "enum", r.subSport],
    [11, "uint16", 321],
    [22, "uint16", 41],
    [14, "uint16", 5172],
    [16, "uint8", 141],
  ];
  return { number: 18, fields: [...fields.filter(([number]) => !replaced.has(number)), ...more] };
};

export const lap = (r: Recording): FitMessageSpec => ({
  number: 19,
  fields: [
    [253, "uint32", fitTime(r.startMs + r.elapsedS * 1000)],
    [2, "uint32", fitTime(r.startMs)],
    [7, "uint32", r.elapsedS * 1000],
    [8, "uint32", r.timerS * 1000],
    [9, "uint32", Math.round(r.distanceM * 100)],
    [11, "uint16", 321],
    [25, "enum", r.sport],
  ],
});

/** The activity's two clocks: UTC, and where the device was. */
export const activity = (atMs: number, localMs: number | null): FitMessageSpec => ({
  number: 34,
  fields: [
    [253, "uint32", fitTime(atMs)],
    [5, "uint32", localMs === null ? null : fitTime(localMs)],
  ],
});

export const deviceInfo = (index: number, type: number | null, source: number | null) => ({
  number: 23,
  fields: [
    [0, "uint8", index],
    [1, "uint8", type],
    [25, "enum", source],
  ] satisfies FitField[],
});

export function fitOf(r: Recording = ride, options: FitOptions = {}): Uint8Array {
  const endMs = r.startMs + r.elapsedS * 1000;
  const messages = [
    fileId({ created: fitTime(r.startMs) }),
    ...samples(r).map((sample) => record(sample)),
    lap(r),
    session(r),
    activity(endMs, endMs + 7_200_000),
  ];
  return fitFile(messages, options);
}

// -- TCX and GPX ----------------------------------------------------------------------------

const iso = (ms: number): string => new Date(ms).toISOString();
/** Garmin cuts the Id of an activity, and the time in a GPX file's metadata, to the minute. */
const toMinute = (ms: number): string => iso(ms - (ms % 60_000));

/** Two laps of the same length; the second has a pause in it. */
export function tcxOf(r: Recording = ride, sport = "Biking"): string {
  const points = samples(r);
  const half = Math.floor(points.length / 2);
  const lapOf = (
    from: number,
    to: number,
    seconds: number,
  ) => `<Lap StartTime="${iso(points[from]?.ms ?? 0)}">
<TotalTimeSeconds>${seconds}</TotalTimeSeconds><DistanceMeters>${r.distanceM / 2}</DistanceMeters>
<Calories>160</Calories><AverageHeartRateBpm><Value>141</Value></AverageHeartRateBpm><Track>
${points.slice(from, to).map(trackpoint).join("\n")}</Track></Lap>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<Activities><Activity Sport="${sport}"><Id>${toMinute(r.startMs)}</Id>
${lapOf(0, half, r.timerS / 2)}${lapOf(half, points.length, r.timerS / 2)}
<Creator xsi:type="Device_t"><Name>Garmin fenix 5</Name><UnitId>3945849289</UnitId></Creator>
</Activity></Activities><Author xsi:type="Application_t"><Name>Connect Api</Name></Author>
</TrainingCenterDatabase>`;
}

const trackpoint = ({ ms, lat, lon, bpm, metres }: Sample) =>
  `<Trackpoint><Time>${iso(ms)}</Time><Position><LatitudeDegrees>${lat}</LatitudeDegrees>
<LongitudeDegrees>${lon}</LongitudeDegrees></Position><AltitudeMeters>12.5</AltitudeMeters>
<DistanceMeters>${metres}</DistanceMeters><HeartRateBpm><Value>${bpm}</Value></HeartRateBpm></Trackpoint>`;

export function gpxOf(r: Recording = ride, type = "road_biking"): string {
  const points = samples(r).map(
    ({
      ms,
      lat,
      lon,
      bpm,
    }) => `<trkpt lat="${lat}" lon="${lon}"><ele>12.5</ele><time>${iso(ms)}</time>
<extensions><ns3:TrackPointExtension><ns3:hr>${bpm}</ns3:hr></ns3:TrackPointExtension></extensions></trkpt>`,
  );
  return `<?xml version="1.0" encoding="UTF-8"?>
<gpx creator="Garmin Connect" version="1.1" xmlns="http://www.topografix.com/GPX/1/1" xmlns:ns3="http://www.garmin.com/xmlschemas/TrackPointExtension/v1">
<metadata><time>${toMinute(r.startMs)}</time></metadata>
<trk><name>Morning ride</name><type>${type}</type><trkseg>${points.join("\n")}</trkseg></trk></gpx>`;
}
