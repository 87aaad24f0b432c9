/**
 * What each provider of ours calls the parts of a workout, as its documentation and what was recorded
 * have it: a provider that is added here is looked through as closely as the others.
 */
import { type Fields, isFields } from "./fields.ts";
import type { Vocabulary } from "./vocabulary.ts";

const words = (list: string): ReadonlySet<string> => new Set(list === "" ? [] : list.split(" "));

const vocabulary = (
  enough: number,
  marks: string,
  others = "",
  more: Pick<Vocabulary, "also" | "not" | "othersLike"> & {
    readonly inside?: readonly string[];
  } = {},
): Vocabulary => ({ inside: [], ...more, marks: words(marks), enough, others: words(others) });

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const has = (keys: ReadonlySet<string>, any: ReadonlySet<string>): boolean =>
  [...any].some((key) => keys.has(key));

/** A day of Terra's has these too, and always says from when to when it was. */
const ofTerraDays = words(
  "distancedata activedurationsdata caloriesdata heartratedata metdata oxygendata",
);

/** What only the other sections of Health Auto Export say. */
const ofOtherSections = words(
  "severity userentered valence valenceclassification kind labels associations dosage displaytext scheduleddate classification voltagemeasurements threshold heartratevariation value qty units",
);

/** All that a session of Health Connect may say; a record of something else says what was measured. */
const ofSession = words(
  "starttime endtime startzoneoffset endzoneoffset exercisetype type title notes segments laps exerciseroute exerciserouteresult metadata recordtype durationseconds distancemeters steps rateofperceivedexertion avgcadencespm plannedexercisesessionid",
);
const ofOtherRecords = words(
  "energy power count calories meters bpm beatsperminute samples stages stage sessionendtime distance mealtype elevation floors liters volume flow",
);

/** Keyed by type, or one of a list. */
const isOfStreams = (record: Fields): boolean =>
  [record, ...Object.values(record)].some(
    (one) => isFields(one) && Array.isArray(one.data) && typeof one.series_type === "string",
  );

export const known: Readonly<Record<string, Vocabulary>> = {
  "apple-health": vocabulary(
    1,
    "activitytype workoutactivitytype workoutevents",
    "type quantitytype categorytype value unit",
    // What HealthKit names and times, and gives no value, is a workout.
    { also: (_, keys) => keys.has("uuid") && (keys.has("startdate") || keys.has("enddate")) },
  ),
  fitbit: vocabulary(
    2,
    "activityname activitytypeid activityid activityparentid activityparentname activeduration originalstarttime originalduration activitylevel activezoneminutes hasgps hasactivezoneminutes hasstarttime calorieslink tcxlink heartratelink distanceunit manualvaluesspecified logtype lastmodified",
    "dateofsleep levels minutesasleep loggedfood bmi accesslevel",
  ),
  garmin: vocabulary(
    3,
    "summaryid activityid activityname activitydescription activitytype starttimeinseconds starttimeoffsetinseconds durationinseconds distanceinmeters manual iswebupload isparent parentsummaryid devicename averageheartrateinbeatsperminute averagespeedinmeterspersecond averagepaceinminutesperkilometer startinglatitudeindegree",
    "calendardate met intensity maxmotionintensity meanmotionintensity activetimeinseconds restingheartrateinbeatsperminute measurementtimeinseconds overallsleepscore systolic callbackurl filetype hrvvalues lastnightavg",
    // Of its summaries only activities have an id beside the summary's.
    {
      // What a day's or a night's readings are called, by when each was.
      othersLike: /^timeoffset/,
      inside: ["summary"],
      also: (_, keys) => keys.has("activityid") && keys.has("starttimeinseconds"),
    },
  ),
  "google-health": vocabulary(
    2,
    "exercise exercisetype metricssummary exerciseevents exercisemetadata activeduration",
    "operation",
    {
      inside: ["exercise"],
      also: ({ name }) => typeof name === "string" && name.includes("/dataTypes/exercise/"),
    },
  ),
  junction: vocabulary(
    2,
    "sport sportid timestart timeend movingtime title hrzones averagespeed maxspeed averagewatts devicewatts maxwatts weightedaveragewatts totalelevationgain elevhigh elevlow steptime workoutplanid map",
    "bedtimestart bedtimestop eventtype",
  ),
  oura: vocabulary(2, "activity intensity calories distance label source", "contributors", {
    not: {
      is: "a session (a rest, a breath, a meditation): no workout",
      fits: ({ type }, keys) =>
        keys.has("mood") ||
        keys.has("motioncount") ||
        (typeof type === "string" && keys.has("startdatetime")),
    },
  }),
  polar: vocabulary(
    2,
    "sport detailedsportinfo hasroute starttime starttimeutcoffset duration uploadtime runningindex trainingload trainingloadpro fatpercentage distance",
    "activesteps sleepstarttime sleependtime continuity heartratesamples nightlyrechargestatus",
  ),
  "standard-webhooks": vocabulary(
    2,
    "startedat endedat elapsedseconds movingseconds distancemeters energykilocalories elevationgainmeters averagespeedmeterspersecond revision updatedat originaltype heartratesensor",
    "stage stages",
    {
      not: {
        is: "a sample: no workout",
        fits: (_, keys) => keys.has("startdate") && keys.has("value") && keys.has("unit"),
      },
    },
  ),
  suunto: vocabulary(
    2,
    "workoutkey workoutid workoutname activityid starttime stoptime totaltime totaldistance timeoffsetinminutes totalascent totaldescent energyconsumption hrdata centerposition startposition stopposition",
    "routekey entrydata",
  ),
  terra: vocabulary(
    2,
    "type summaryid movementdata positiondata lapdata powerdata polylinemapdata energydata workdata tssdata",
    "scores stressdata tagdata sleepdurationsdata readinessdata measurementsdata bloodpressuredata glucosedata hydrationdata ketonedata meals drinksamples menstruationdata",
    {
      inside: ["metadata"],
      also: (_, keys) => {
        const spans = keys.has("starttime") && keys.has("endtime");
        const ofBoth = [...ofTerraDays].filter((key) => keys.has(key)).length;
        return (
          ofBoth > 0 &&
          (!spans || has(keys, words("type summaryid movementdata positiondata lapdata powerdata")))
        );
      },
    },
  ),
  coros: vocabulary(
    2,
    "labelid mode submode starttime endtime starttimezone endtimezone triathlonitemlist planworkoutid fiturl avgspeed avgfrequency",
  ),
  concept2: vocabulary(
    2,
    "date dateutc time timeformatted workouttype weightclass dragfactor strokerate strokecount strokedata caloriestotal wattminutestotal resttime verified ranked",
    "birthday",
    {
      not: {
        is: "strokes of a result: no workout",
        fits: (_, keys) => keys.has("t") && keys.has("d"),
      },
    },
  ),
  "health-auto-export": vocabulary(
    1,
    "duration location isindoor activeenergyburned activeenergy totalenergy heartratedata heartraterecovery elevationup elevationdown route laplength strokestyle swolfscore",
    "",
    {
      not: {
        is: "a symptom, a mood, a dose, a cycle or a reading: no workout",
        fits: (_, keys) => has(keys, ofOtherSections),
      },
    },
  ),
  "health-connect": vocabulary(
    1,
    "exercisetype exerciseroute exerciserouteresult laps segments",
    "",
    {
      also: (_, keys) =>
        has(keys, words("starttime endtime")) && [...keys].every((key) => ofSession.has(key)),
      not: {
        is: "a record of what was measured, eaten or slept: no workout",
        fits: (_, keys) => has(keys, ofOtherRecords),
      },
    },
  ),
  strava: vocabulary(
    1,
    "sporttype utcoffset externalid uploadid totalelevationgain trainer manual commute flagged hasheartrate kudoscount achievementcount athletecount gearid",
    // What became of an upload has these too.
    "activityid",
    {
      not: {
        is: "an effort, a lap or streams, which belong to an activity: no workout",
        fits: (record, keys) =>
          (isFields(record.activity) && has(keys, words("segment startindex endindex lapindex"))) ||
          isOfStreams(record),
      },
    },
  ),
  wahoo: vocabulary(
    1,
    "workouttypeid workouttoken starts minutes durationtotalaccum durationactiveaccum durationpausedaccum",
  ),
  withings: vocabulary(
    2,
    "category startdate enddate intensity manualdistance manualcalories pauseduration algopauseduration poollaps poollength",
    "grpid measures modelid state totalsleeptime deepsleepduration lightsleepduration remsleepduration wakeupcount sleepscore",
    { inside: ["data"] },
  ),
  whoop: vocabulary(
    1,
    "sportname sportid distancemeter zonedurations zoneduration percentrecorded altitudegainmeter altitudechangemeter",
    "nap cycleid sleepid stagesummary recoveryscore",
    {
      inside: ["score"],
      // Of what says when it began and ended, cycles are numbered and nights say whether they are naps.
      also: ({ id }, keys) =>
        typeof id === "string" && uuid.test(id) && (keys.has("start") || keys.has("end")),
    },
  ),
};
