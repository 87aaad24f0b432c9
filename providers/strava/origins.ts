/**
 * Whose recording an activity is. Much of what Strava has came to it from elsewhere: the name that its
 * uploader gave the file (`external_id`) shows from where, and so does the device's (`device_name`, of
 * the detail alone). The maker is named as the app, so that a copy is seen as one; the original only
 * where its id is really known. `garmin_push_` is followed by Garmin's id of the activity;
 * `garmin_ping_` by that of a notice, which names nothing.
 */
import type { Method } from "../../domain/workouts/schema.ts";
import { modelOf } from "../device-models.ts";
import { type Fields, textOf, wordOf } from "../untrusted.ts";
import { isManual } from "./values.ts";

export interface Origin {
  readonly app: string | null;
  readonly deviceModel: string | null;
  /** Of a device that no maker is known of: it may be a person's own word. */
  readonly deviceName: string | null;
  readonly method: Method;
  readonly copyOf: { readonly provider: string; readonly sourceId: string } | null;
}

const own = "Strava";

/** What an uploader calls its file, and who that is. Seen in lists of 2018 to 2026; anyone may say it. */
const files: readonly (readonly [name: RegExp, app: string])[] = [
  [/^garmin_p(ush|ing)_\d/, "Garmin"],
  [/^\d+_ACTIVITY\.fit$/i, "Garmin"],
  [/^tp-.*\.GarminPing\./i, "Garmin"],
  [/^zwift-activity-/i, "Zwift"],
  [/^\d{4}-\d{2}-\d{2}-\d{6}-ELEMNT/i, "Wahoo ELEMNT"],
  [/^hevy-/i, "Hevy"],
];
const ownFile = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(-activity\.fit)?$/i;
const garminFile = /^garmin_push_([1-9]\d{0,18})$/;
const fitbitFile = /^([1-9]\d{0,18})\.tcx$/i;

/** How devices are called, by maker. */
const devices: readonly (readonly [name: RegExp, app: string])[] = [
  [/^strava\b/i, own],
  [/^garmin\b/i, "Garmin"],
  [/^fitbit\b/i, "Fitbit"],
  [/^(wahoo|elemnt)\b/i, "Wahoo"],
  [/^polar\b/i, "Polar"],
  [/^suunto\b/i, "Suunto"],
  [/^coros\b/i, "COROS"],
  [/^apple\b/i, "Apple"],
  [/^(samsung|galaxy watch)\b/i, "Samsung"],
  [/^(google|pixel watch)\b/i, "Google"],
  [/^(concept ?2|pm5)\b/i, "Concept2"],
  [/^peloton\b/i, "Peloton"],
  [/^whoop\b/i, "WHOOP"],
  [/^oura\b/i, "Oura"],
  [/^withings\b/i, "Withings"],
  [/^(hammerhead|karoo)\b/i, "Hammerhead"],
  [/^(amazfit|zepp)\b/i, "Zepp"],
  [/^(huawei|honor)\b/i, "Huawei"],
  [/^bryton\b/i, "Bryton"],
  [/^lezyne\b/i, "Lezyne"],
  [/^tacx\b/i, "Tacx"],
];
/** Programs, not devices: they have no model. */
const programs: readonly (readonly [name: RegExp, app: string])[] = [
  [/^zwift\b/i, "Zwift"],
  [/^rouvy\b/i, "ROUVY"],
  [/^trainerroad\b/i, "TrainerRoad"],
  [/^mywhoosh\b/i, "MyWhoosh"],
  [/^trainingpeaks\b/i, "TrainingPeaks"],
  [/^hevy\b/i, "Hevy"],
];
/** Worn or carried with Strava's own app on it. */
const carriers: readonly (string | null)[] = [null, own, "Apple", "Samsung", "Google"];
/** Logs that people write, set by set. */
const logs: readonly (string | null)[] = ["Hevy"];

const makerIn = (
  table: readonly (readonly [name: RegExp, app: string])[],
  name: string | null,
): string | null =>
  name === null ? null : (table.find(([pattern]) => pattern.test(name))?.[1] ?? null);

export function originOf(item: Fields): Origin {
  const name = textOf(item.device_name);
  const file = wordOf(item.external_id) ?? "";
  if (isManual(item))
    return { app: own, deviceModel: null, deviceName: null, method: "manual", copyOf: null };
  const device = makerIn(devices, name);
  const maker = device ?? makerIn(programs, name);
  const isOwn = device === own || (ownFile.test(file) && carriers.includes(maker));
  const ofFile = makerIn(files, file);
  // Another athlete's recording, of an outing that this one was tagged in.
  const isAnothers = item.from_accepted_tag === true;
  // Whoever uploads a file chooses its name. A list has nothing else to go by, so the name may say that
  // it is a copy, and of which; but what it says makes nobody's device the recorder.
  const isNamed = ofFile === null || (maker !== null && ofFile.startsWith(maker));
  const isTold = maker !== null && isNamed && !isAnothers;
  const model = device === null || device === own ? null : modelOf(name);
  return {
    app: ofFile ?? (isOwn ? own : maker),
    deviceModel: model,
    deviceName: model === null && device !== own && !isProgram(name) ? name : null,
    method: isTold ? methodOf(maker) : "unknown",
    copyOf: isAnothers ? null : originalOf(file, name, device),
  };
}

/** Only what its maker calls it, with nothing of anybody's behind. */
const isProgram = (name: string | null): boolean =>
  name !== null && programs.some(([, app]) => app.toLowerCase() === name.toLowerCase());

/** By the device's own name, of whoever's make. */
function methodOf(maker: string): Method {
  if (logs.includes(maker)) return "unknown";
  return maker === own ? "phone" : "device";
}

/** By its name, beside which no other maker's device may stand. */
function originalOf(file: string, name: string | null, device: string | null): Origin["copyOf"] {
  const atGarmin = garminFile.exec(file)?.[1];
  if (atGarmin !== undefined)
    return name === null || device === "Garmin" ? { provider: "garmin", sourceId: atGarmin } : null;
  const atFitbit = device === "Fitbit" ? fitbitFile.exec(file)?.[1] : undefined;
  return atFitbit === undefined ? null : { provider: "fitbit", sourceId: atFitbit };
}
