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
  /** Carried by a motor or the air, or at rest: a drive, a flight, a sauna. Kept, and never counted. */
  passive: "none",
} as const satisfies Record<string, string>;

export type ActivityType = keyof typeof activityFamilies;
export type ActivityFamily = (typeof activityFamilies)[ActivityType];

export const activityTypes = Object.keys(activityFamilies) as [ActivityType, ...ActivityType[]];
/** Those that there are boards of. */
export const families = [...new Set(Object.values(activityFamilies))].filter(
  (family) => family !== "none",
) as [ActivityFamily, ...ActivityFamily[]];

export const familyOf = (type: ActivityType): ActivityFamily => activityFamilies[type];

/** What a person physically did: families, but for the motor, which one record may know of alone. */
const kindByFamily: Readonly<Partial<Record<ActivityFamily, string>>> = { e_ride: "ride" };

/** Whether a person's own effort made it: only that is ranked. */
export const isExercise = (type: ActivityType): boolean => familyOf(type) !== "none";

/** Words that any workout may go by: they fit every activity, and prove none. */
const vague: readonly ActivityType[] = ["other", "cardio"];

export const isVague = (type: ActivityType): boolean => vague.includes(type);

/**
 * Can two records with these labels be one workout? `alike`: both name the same activity.
 * `perhaps`: one of them names none. `no`: they name two.
 */
export function kinship(a: ActivityType, b: ActivityType): "alike" | "perhaps" | "no" {
  if (isVague(a) || isVague(b)) return "perhaps";
  return kindOf(a) === kindOf(b) ? "alike" : "no";
}

function kindOf(type: ActivityType): string {
  if (type === "yoga") return type;
  const family = familyOf(type);
  return kindByFamily[family] ?? family;
}

/** The plain label of a family; every other label of it says more. */
const plain: readonly ActivityType[] = [
  "running",
  "walking",
  "cycling",
  "swimming",
  "rowing",
  "skiing",
  "other",
  "cardio",
];
export const isPlain = (type: ActivityType): boolean => plain.includes(type);
