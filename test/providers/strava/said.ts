/** A notice of Strava's, the activity that it is of as a list has it and alone, and its streams. */
export const notice = {
  aspect_type: "create",
  event_time: 1_794_645_000,
  object_id: 16_412_345_678,
  object_type: "activity",
  owner_id: 7_654_321,
  subscription_id: 254_321,
  updates: {},
};

export const startMs = Date.UTC(2026, 9, 3, 5, 0, 0);
export const summary = {
  resource_state: 2,
  athlete: { id: 7_654_321, resource_state: 1 },
  id: 16_412_345_678,
  name: "Along the river",
  type: "Ride",
  sport_type: "GravelRide",
  start_date: "2026-10-03T05:00:00Z",
  start_date_local: "2026-10-03T08:00:00Z",
  timezone: "(GMT+02:00) Europe/Helsinki",
  utc_offset: 10_800,
  elapsed_time: 4_410,
  moving_time: 4_207,
  distance: 28_099.4,
  total_elevation_gain: 0,
  average_speed: 6.679,
  has_heartrate: true,
  average_heartrate: 141.2,
  max_heartrate: 171,
  start_latlng: [60.2, 24.9],
  end_latlng: [60.2, 24.9],
  map: { id: "a16412345678", summary_polyline: "_p~iF~ps|U", resource_state: 2 },
  trainer: false,
  commute: false,
  manual: false,
  private: true,
  visibility: "only_me",
  flagged: false,
  from_accepted_tag: false,
  gear_id: "b1234",
  upload_id: 17_512_345_678,
  upload_id_str: "17512345678",
  external_id: "garmin_push_9412345678",
};
export const detail = {
  ...summary,
  resource_state: 3,
  description: "With a headwind",
  calories: 870.2,
  kilojoules: 780.5,
  device_name: "Garmin Edge 530",
  gear: { id: "b1234", name: "The old one" },
};
export const streams = {
  time: { data: [0, 1, 3, 3_600.5], series_type: "distance", original_size: 4, resolution: "high" },
  heartrate: { data: [101, null, 0, 139.6], resolution: "high" },
  latlng: { data: [[60.2, 24.9], [0, 0], null, [60.3, 24.8]], resolution: "high" },
  altitude: { data: [12.5, 13, 13], resolution: "high" },
};
export const whole = { ...detail, streams };
