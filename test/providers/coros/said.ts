/** A run as COROS lists it, once its ids were read as text. */
export const receivedMs = Date.UTC(2026, 10, 21);
export const startMs = Date.UTC(2026, 10, 14, 6, 30);
export const startTime = startMs / 1000;
export const run = {
  labelId: "418173315956375999",
  mode: 8,
  subMode: 1,
  startTime,
  endTime: startTime + 3_725,
  startTimezone: 8,
  endTimezone: 8,
  distance: 10_250.5,
  duration: 3_600,
  avgSpeed: 351,
  avgFrequency: 172,
  calorie: 640_250,
  step: 10_320,
  deviceName: "COROS PACE 3",
  fitUrl: "https://oss.coros.com/fit/a.fit",
};
