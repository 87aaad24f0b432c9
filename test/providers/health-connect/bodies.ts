/** The three forms of one session, as bridges post them. */
export const receivedMs = Date.UTC(2026, 10, 21);
export const startMs = Date.UTC(2026, 10, 14, 7);
export const endMs = startMs + 3_600_000;
export const id = "3b8f0a52-5f0d-4d57-9a2e-6f1e2d3c4b5a";

export const metadata = {
  id,
  dataOrigin: "com.garmin.android.apps.connectmobile",
  lastModifiedTime: "2026-11-20T06:00:00Z",
  clientRecordId: null as string | null,
  clientRecordVersion: 0 as unknown,
  device: { manufacturer: "Garmin", model: "Forerunner 265", type: 1 } as unknown,
  recordingMethod: 1 as unknown,
};
/** As react-native-health-connect reads it out. */
export const session = {
  startTime: "2026-11-14T07:00:00Z",
  endTime: "2026-11-14T08:00:00Z",
  exerciseType: 56 as unknown,
  title: "Morning run",
  notes: "with the dog",
  exerciseRoute: {
    type: "DATA",
    route: [
      { time: "2026-11-14T07:00:02Z", latitude: 52.5, longitude: 13.4, altitude: { inMeters: 34 } },
      { time: "2026-11-14T07:00:01Z", latitude: 52.4, longitude: 13.4 },
      { time: "soon", latitude: 52.4, longitude: 13.4 },
    ],
  },
  metadata,
};
/** As HC Webhook writes it. */
export const hook = {
  type: "56",
  start_time: "2026-11-14T07:00:00Z",
  end_time: "2026-11-14T08:00:00Z",
  duration_seconds: 3600,
  distance_meters: 10_234.5,
  steps: 9000,
  metadata: {
    data_origin: "com.sec.android.app.shealth",
    recording_method: "actively_recorded",
    device: { manufacturer: "Samsung", model: "SM-R960", type: 1 },
  },
};
/** As a program writes an androidx record down that it knows nothing of. */
export const dumped = {
  startTime: "2024-03-19T11:45:00+0900",
  startZoneOffset: {},
  endTime: "2024-03-19T12:45:00+0900",
  endZoneOffset: {},
  exerciseType: 79,
  metadata: {
    id,
    dataOrigin: { packageName: "com.sec.android.app.shealth" },
    lastModifiedTime: "2024-03-29T15:38:42+0900",
    clientRecordVersion: 0,
    recordingMethod: 2,
  },
  segments: [],
  laps: [],
};
