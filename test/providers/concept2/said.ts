/** A row as Concept2 says it, and its strokes. Its date is when it ended. */
export const endMs = Date.UTC(2026, 10, 14, 7, 30);
export const result = {
  id: 91_133_774,
  user_id: 1_553_112,
  type: "rower",
  date: "2026-11-14 08:30:00",
  timezone: "Europe/Berlin",
  date_utc: "2026-11-14 07:30:00",
  distance: 2_000,
  time: 4_325,
  time_formatted: "7:12.5",
  workout_type: "FixedDistanceSplits",
  source: "ErgData iOS",
  weight_class: "H",
  stroke_rate: 28,
  stroke_count: 201,
  heart_rate: { average: 162, min: 118, max: 181 },
  calories_total: 121,
  drag_factor: 128,
  verified: true,
  ranked: false,
  comments: "Felt good.",
  privacy: "private",
  stroke_data: true,
};
export const strokes = [
  { t: 10, d: 24, p: 1_120, spm: 28, hr: 120 },
  { t: 31, d: 92, p: 1_060, spm: 29, hr: 124 },
];
