/**
 * The canonical activity types and the families in which they are compared and ranked. A provider
 * translates its own words into these; what it cannot translate becomes `other`, and the word as
 * it came is kept sealed.
 */
export const activityFamilies = {
  running: "run",
  trail_running: "run",
  treadmill_running: "run",
  walking: "walk",
  hiking: "walk",
  cycling: "ride",
  mountain_biking: "ride",
  gravel_cycling: "ride",
  indoor_cycling: "ride",
  virtual_cycling: "ride",
  e_biking: "e_ride",
  swimming: "swim",
  open_water_swimming: "swim",
  rowing: "row",
  indoor_rowing: "row",
  skiing: "ski",
  cross_country_skiing: "ski",
  strength_training: "gym",
  yoga: "gym",
  cardio: "gym",
  other: "other",
} as const satisfies Record<string, string>;

export type ActivityType = keyof typeof activityFamilies;
export type ActivityFamily = (typeof activityFamilies)[ActivityType];

export const activityTypes = Object.keys(activityFamilies) as [ActivityType, ...ActivityType[]];
export const families = [...new Set(Object.values(activityFamilies))] as [
  ActivityFamily,
  ...ActivityFamily[],
];

export const familyOf = (type: ActivityType): ActivityFamily => activityFamilies[type];

/** `other` says nothing about what was done, so it fits any family. */
export const familiesFit = (a: ActivityFamily, b: ActivityFamily): boolean =>
  a === b || a === "other" || b === "other";
