/**
 * Terra's numbers for what was done, the whole table of its schema ActivityType. 0 is a number like
 * any other: somebody sat in a vehicle. Those without a type of ours are `other` and keep the word.
 */
import type { ActivityType } from "../../domain/workouts/activity.ts";
import { textOf } from "../untrusted.ts";

const numbers: Readonly<Partial<Record<ActivityType, readonly (readonly [number, string])[]>>> = {
  running: [
    [8, "Running"],
    [56, "Jogging"],
    [57, "Running on Sand"],
  ],
  trail_running: [[149, "Trail Running"]],
  treadmill_running: [
    [58, "Treadmill Running"],
    [88, "Treadmill"],
    [133, "Indoor Running"],
  ],
  walking: [
    [7, "Walking"],
    [93, "Walking for Fitness"],
    [94, "Nordic Walking"],
    [95, "Treadmill Walking"],
    [116, "Walking with Stroller"],
  ],
  hiking: [
    [35, "Hiking"],
    [75, "Snowshoeing"],
    [130, "Mountaineering"],
  ],
  cycling: [
    [1, "Biking"],
    [14, "Hand Biking"],
    [16, "Road Biking"],
    [19, "Utility Biking"],
  ],
  mountain_biking: [[15, "Mountain Biking"]],
  gravel_cycling: [[150, "Gravel Cycling"]],
  indoor_cycling: [
    [17, "Spinning"],
    [18, "Stationary Biking"],
  ],
  virtual_cycling: [],
  e_biking: [
    [152, "E-Biking"],
    [153, "E-Mountain Biking"],
  ],
  swimming: [
    [82, "Swimming"],
    [83, "Swimming in Pool"],
  ],
  open_water_swimming: [[84, "Open Water Swimming"]],
  rowing: [[53, "Rowing"]],
  indoor_rowing: [[54, "Rowing Machine"]],
  skiing: [
    [65, "Skiing"],
    [66, "Back Country Skiing"],
    [68, "Downhill Skiing"],
  ],
  cross_country_skiing: [
    [13, "Biathlon"],
    [67, "Cross Country Skiing"],
    [70, "Roller Skiing"],
  ],
  strength_training: [
    [21, "Calisthenics"],
    [41, "Kettlebell Training"],
    [80, "Strength Training"],
    [97, "Weightlifting"],
    [113, "CrossFit"],
  ],
  yoga: [
    [49, "Pilates"],
    [100, "Yoga"],
    [125, "Stretching"],
  ],
  cardio: [
    [9, "Aerobics"],
    [20, "Boxing"],
    [22, "Circuit Training"],
    [24, "Dancing"],
    [25, "Elliptical"],
    [39, "Jumping Rope"],
    [42, "Kickboxing"],
    [47, "P90X Exercises"],
    [77, "Stair Climbing"],
    [78, "Stair Climbing Machine"],
    [101, "Zumba"],
    [103, "Ergometer"],
    [114, "HIIT"],
    [115, "Interval Training"],
    [123, "Cardio Training"],
  ],
  // "Unknown" and "Other".
  other: [
    [4, ""],
    [108, ""],
  ],
};

/** Nobody's own effort moved anybody: the word by which each is known, by its number. */
const passive: readonly (readonly [number, string])[] = [
  [0, "In Vehicle"],
  [3, "Still"],
  [5, "Tilting"],
  [45, "Meditation"],
  [48, "Paragliding"],
  [74, "Snowmobile"],
  [117, "Elevator"],
  [118, "Escalator"],
  [122, "Guided Breathing"],
  [128, "Sky Diving"],
  [135, "Driving"],
  [136, "Off-Road Driving"],
  [137, "Motorbiking"],
  [138, "Motor Racing"],
  [139, "Enduro"],
  [142, "Hang Gliding"],
  [143, "Flying"],
  [144, "Hot Air Ballooning"],
  [145, "Jet Skiing"],
  [146, "Power Boating"],
];

/** No type of ours: the word by which each is known, by its number. */
const others: readonly (readonly [number, string])[] = [
  [10, "Badminton"],
  [11, "Baseball"],
  [12, "Basketball"],
  [23, "Cricket"],
  [26, "Fencing"],
  [27, "American Football"],
  [28, "Australian Football"],
  [29, "English Football"],
  [30, "Frisbee"],
  [31, "Gardening"],
  [32, "Golf"],
  [33, "Gymnastics"],
  [34, "Handball"],
  [36, "Hockey"],
  [37, "Horseback Riding"],
  [38, "Housework"],
  [40, "Kayaking"],
  [43, "Kitesurfing"],
  [44, "Martial Arts"],
  [46, "Mixed Martial Arts"],
  [50, "Polo"],
  [51, "Racquetball"],
  [52, "Rock Climbing"],
  [55, "Rugby"],
  [59, "Sailing"],
  [60, "Scuba Diving"],
  [61, "Skateboarding"],
  [62, "Skating"],
  [63, "Cross Skating"],
  [64, "Indoor Rollerblading"],
  [69, "Kite Skiing"],
  [71, "Sledding"],
  [73, "Snowboarding"],
  [76, "Squash"],
  [79, "Stand Up Paddleboarding"],
  [81, "Surfing"],
  [85, "Table Tennis"],
  [86, "Team Sports"],
  [87, "Tennis"],
  [89, "Volleyball"],
  [90, "Beach Volleyball"],
  [91, "Indoor Volleyball"],
  [92, "Wakeboarding"],
  [96, "Water Polo"],
  [98, "Wheelchair"],
  [99, "Windsurfing"],
  [102, "Diving"],
  [104, "Ice Skating"],
  [105, "Indoor Skating"],
  [106, "Curling"],
  [119, "Archery"],
  [120, "Softball"],
  [124, "Lacrosse"],
  [126, "Triathlon"],
  [127, "Inline Skating"],
  [129, "Paddling"],
  [131, "Fishing"],
  [132, "Water Skiing"],
  [134, "Padel Tennis"],
  [140, "Canoeing"],
  [141, "Orienteering"],
  [147, "Gaelic Football"],
  [148, "Hurling"],
  [151, "Multisport"],
  [154, "Physical Therapy"],
];

interface Named {
  readonly type: ActivityType;
  readonly originalType: string | null;
}

const byNumber: ReadonlyMap<number, Named> = new Map<number, Named>([
  ...Object.entries(numbers).flatMap(([type, list]) =>
    list.map(([n]): [number, Named] => [n, { type: type as ActivityType, originalType: null }]),
  ),
  ...passive.map(([n, word]): [number, Named] => [n, { type: "passive", originalType: word }]),
  ...others.map(([n, word]): [number, Named] => [n, { type: "other", originalType: word }]),
]);

/** Every number that the schema lists. */
export const terraTypes: readonly number[] = [...byNumber.keys()];

export function activityType(v: unknown): Named {
  const known = typeof v === "number" ? byNumber.get(v) : undefined;
  if (known !== undefined) return known;
  const word = typeof v === "number" ? String(v) : textOf(v);
  return { type: "other", originalType: word };
}
