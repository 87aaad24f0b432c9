/**
 * What looks like a workout, whoever wrote it: an object that says when it began, how long it took
 * and what was done. So that none is passed over, and no day, night or sample is taken for one. Word
 * of a workout that has to be fetched is told apart from the workout itself.
 */
import { type Fields, isFields, plain } from "./fields.ts";
import { toldBy, type Vocabulary } from "./vocabulary.ts";

/** Deeper than that nothing is looked for. */
const depthMax = 12;

const words = (list: string): ReadonlySet<string> => new Set(list.split(" "));

const starts = words(
  "start starttime startdate startdatetime datetimestart timestart starttimeinseconds starttimelocal starttimegmt starts startedat startms startdatelocal starttimeseconds startunixtime",
);
const spans = words(
  "end endtime enddate enddatetime datetimeend timeend ends endedat endms stoptime duration durationinseconds durationseconds durationms elapsedtime elapseds elapsedms elapsed totaltime movingtime minutes totalelapsedtime totaltimertime activeduration estimateddurationinsecs durationtotalaccum durationactiveaccum timeseconds runtime",
);
const types = words(
  "type activitytype sport sporttype sportname sportid activity activityid activityname activityparentname activitytypeid exercisetype workoutactivitytype workouttype workouttypeid detailedsportinfo starttimeutcoffset fitnessdiscipline category mode name",
);
/** As some write it who put what began before it. */
const ownStart = /^(activity|workout|exercise|session)(start|began|begin)/;
/** Only nights, days, samples and steps of a plan say these. */
const others = words(
  "calendardate dateofsleep levels efficiency minutesasleep sleepid isnap nap stage stages sleepstages bedtimestart met activetimeinseconds motioncount mood bpm datatype operation systolic restingheartrateinbeatsperminute",
);
/** An object or a list under one of these is a workout, if it says any time at all. */
const named =
  /^(workouts?|workoutsummary|exercises?|activit(y|ies)|manuallyupdatedactivities|sportdatalist)$/;

/** Parts of one record that stand in objects of their own. */
const parts = ["exercise", "interval", "summary", "metadata", "session", "time", "workout"];

function keysOf(o: Fields): Set<string> {
  const keys = new Set<string>();
  const take = (from: Fields, depth: number): void => {
    for (const [key, value] of Object.entries(from)) {
      if (value !== null) keys.add(plain(key));
      if (depth < 2 && parts.includes(key) && isFields(value)) take(value, depth + 1);
    }
  };
  take(o, 0);
  return keys;
}

/** `under`: the key that it, or the list it stands in, goes by. `its`: the folder's provider's words. */
export function isWorkout(v: unknown, under: string, its?: Vocabulary): v is Fields {
  if (!isFields(v)) return false;
  const told = its === undefined ? null : toldBy(its, v);
  if (told !== null) return told === "workout";
  if (isSample(v.type)) return false;
  const keys = keysOf(v);
  const has = (any: ReadonlySet<string>) => [...keys].some((key) => any.has(key));
  if (has(others)) return false;
  const began =
    has(starts) ||
    [...keys].some((key) => ownStart.test(key)) ||
    (keys.has("date") && keys.has("time") && keys.has("distance"));
  const lasted = has(spans) || keys.has("time");
  if (began && lasted && has(types)) return true;
  const isNamed = named.test(plain(under)) || [...keys].some((key) => key.startsWith("workout"));
  return isNamed && (began || lasted || keys.has("labelid") || keys.has("fiturl"));
}

const isSample = (type: unknown): boolean =>
  typeof type === "string" && /^HK(Quantity|Category)Type/.test(type);

/** Every workout in a value, with the key it goes by; nothing inside one is looked at again. */
export function workoutsIn(
  value: unknown,
  under = "",
  its?: Vocabulary,
): { record: Fields; under: string }[] {
  const found: { record: Fields; under: string }[] = [];
  const walk = (v: unknown, key: string, depth: number): void => {
    if (typeof v !== "object" || v === null || depth > depthMax) return;
    // A workout that wraps another with its own times is the wrapping of it.
    if (isWorkout(v, key, its)) {
      const { workout } = v;
      const inner = isWorkout(workout, "workout", its) && !startsItself(v) ? workout : v;
      found.push({ record: inner, under: key });
      return;
    }
    if (Array.isArray(v)) for (const element of v) walk(element, key, depth + 1);
    else for (const [name, child] of Object.entries(v)) walk(child, name, depth + 1);
  };
  walk(value, under, 0);
  return found;
}

const startsItself = (o: Fields): boolean =>
  Object.keys(o).some((key) => starts.has(plain(key)) || spans.has(plain(key)));

const ofWorkouts =
  /^(workouts?|exercises?|activit(y|ies))$|^(workout|exercise)s?[._:-]|[._:-](workouts?|exercises?)([._:-]|$)|^result-(added|updated|deleted)$/i;
const said = [
  "type",
  "event",
  "event_type",
  "data_type",
  "object_type",
  "collectionType",
  "dataType",
];

/** Word of a workout that lies elsewhere, or that is gone. */
export function isWordOfWorkout(value: unknown, depth = 0): boolean {
  if (depth > depthMax) return false;
  const entries = Array.isArray(value) ? value.slice(0, 1000) : [value];
  return entries.some((entry) => {
    if (!isFields(entry)) return false;
    const own = said.some((key) => {
      const word = entry[key];
      return typeof word === "string" && ofWorkouts.test(word);
    });
    // Where they lie, and no more.
    const listed = Object.entries(entry).some(
      ([key, list]) => named.test(plain(key)) && Array.isArray(list) && typeof list[0] === "string",
    );
    return own || listed || (isFields(entry.data) && isWordOfWorkout(entry.data, depth + 1));
  });
}

/** The same of a form: a workout's id, or the number that one vendor gives to workouts. */
export const isFormOfWorkout = (fields: URLSearchParams): boolean =>
  [...fields.keys()].some((key) => /^(workout|activity|exercise)_?id$/i.test(key)) ||
  fields.get("appli") === "16" ||
  said.some((key) => ofWorkouts.test(fields.get(key) ?? ""));
