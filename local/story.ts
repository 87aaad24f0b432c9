/**
 * The demo: one ride told by three providers, two more members, a coach who asks. Every step says
 * what arrived from whom and what came of it. Its rides have fixed times and ids, so telling it
 * again adds nothing.
 */
import { localDate, weekOf } from "../domain/time.ts";
import {
  appleWorkout,
  garminActivity,
  garminDetails,
  googleExercise,
  type Ride,
} from "../test/fakes/rides.ts";
import { notifyGoogle, pushActivities, syncPhone, until } from "./deliveries.ts";
import { type Answer, call, expectStatus, type People, type Person } from "./people.ts";
import type { System } from "./system.ts";
import { table } from "./table.ts";

const say = (text: string) => process.stdout.write(`${text}\n`);
let step = 0;
const chapter = (title: string) => say(`\n\x1b[1m${++step}. ${title}\x1b[0m`);
const km = (mm: number) => `${(mm / 1_000_000).toFixed(2)} km`;
const hms = (ms: number) => {
  const s = Math.round(ms / 1000);
  return `${Math.floor(s / 3600)}:${String(Math.floor(s / 60) % 60).padStart(2, "0")}:${String(s % 60).padStart(2, "0")}`;
};

const morning = 7 * 3_600_000;
const hour = 3_600_000;

/** `dayMs`: midnight (UTC) of the day the rides happened. */
export async function tellStory(system: System, people: People, dayMs: number): Promise<void> {
  const { ada, ben, cleo } = people.members;
  const { coach } = people.staff;
  const { garmin, "google-health": google } = people.accounts;
  const startMs = dayMs + morning;
  const week = weekOf(localDate(startMs, 60));
  const board = () => call(system.url, "GET", `/v1/leaderboards/distance?period=${week}&limit=10`);
  const scoreOf = async (person: Person): Promise<number> =>
    (await board()).body.items.find((e: { member: string }) => e.member === person.id)?.score ?? 0;

  const ride: Ride = {
    account: garmin.ada ?? "",
    id: "21500100200",
    startMs,
    elapsedSeconds: 5400,
    movingSeconds: 5160,
    distanceM: 42_195,
    offsetSeconds: 3600,
    heartRateBase: 141,
    title: "Polder loop before work",
    centre: { lat: 52.37, lon: 4.9 },
  };

  chapter("Ada's watch: Garmin pushes her ride, Ben's run, and one of somebody we do not know");
  const benRun: Ride = {
    ...ride,
    account: garmin.ben ?? "",
    id: "21500100201",
    sport: "RUNNING",
    distanceM: 12_400,
    elapsedSeconds: 3900,
    movingSeconds: 3840,
    startMs: startMs + 2 * hour,
    title: "Dyke run",
  };
  const stranger: Ride = { ...ride, account: "0".repeat(32), id: "21500100299" };
  const sentMs = performance.now();
  const pushed = await pushActivities(
    system,
    garminActivity(ride),
    garminDetails(ride),
    garminActivity(benRun),
    garminActivity(stranger),
  );
  await until(
    () => scoreOf(ada),
    (score) => score > 0,
    { everyMs: 5 },
  );
  say(
    `   POST /webhooks/garmin/<secret>   ${pushed.status} OK; four items: two of Ada (summary, samples), one of Ben, one of nobody: dropped`,
  );
  say(
    `   on the board ${Math.round(performance.now() - sentMs)} ms after it was sent: Ada ${km(await scoreOf(ada))}, Ben ${km(await scoreOf(ben))}`,
  );

  chapter("Garmin says it all again, as providers do");
  const again = await pushActivities(
    system,
    garminActivity(ride),
    garminDetails(ride),
    garminActivity(benRun),
  );
  say(`   ${again.status} OK, and nothing changed: Ada still has ${km(await scoreOf(ada))}`);

  chapter("The same ride from her Fitbit: Google Health only says that something changed");
  const { point, heartRate } = googleExercise({
    ...ride,
    account: google.ada ?? "",
    id: "9100200300",
    startMs: startMs + 42_000,
    elapsedSeconds: 5310,
    distanceM: 41_870,
    title: "Ride",
  });
  system.provider.setExercise(google.ada ?? "", point);
  system.provider.setHeartRate(google.ada ?? "", heartRate);
  const noticed = await notifyGoogle(system, google.ada ?? "", startMs, startMs + 2 * hour);
  say(
    `   POST /webhooks/google-health     ${noticed.status}; signature checked over the raw bytes, then fetched with her token, which only the vault holds`,
  );
  const folded = await until(
    () => newest(system, ada),
    (w) => (w?.sources.length ?? 0) >= 2,
  );
  say(
    `   folded: ${folded?.sources.length} records, still one workout and ${km(await scoreOf(ada))}`,
  );

  chapter("And from her phone, where the watch had left a third copy");
  const phoneRide = appleWorkout({
    ...ride,
    id: "7B1F0B52-4B0C-4C39-9E55-0B0C4F0F1E77",
    startMs: startMs - 15_000,
    distanceM: 42_310,
    device: "Ada's Apple Watch",
  });
  const ben2 = appleWorkout({
    ...benRun,
    id: "7B1F0B52-4B0C-4C39-9E55-0B0C4F0F1E78",
    startMs: benRun.startMs + 6000,
    sport: "HKWorkoutActivityTypeRunning",
    device: "Ben's iPhone",
  });
  const synced = await syncPhone(system, ada, "story-ada-1", [phoneRide, { uuid: "not a uuid" }]);
  await syncPhone(system, ben, "story-ben-1", [ben2]);
  await syncPhone(system, cleo, "story-cleo-1", [
    appleWorkout({
      ...ride,
      id: "7B1F0B52-4B0C-4C39-9E55-0B0C4F0F1E79",
      startMs: startMs + hour,
      distanceM: 35_020,
      device: "Cleo's Watch",
    }),
  ]);
  say(`   POST /v1/sync                    ${synced.status} ${JSON.stringify(synced.body)}`);
  say("   the bad item did not sink its batch: it is sealed, parked and can be replayed");

  chapter("One workout, with its reasons");
  const workout = await until(
    () => newest(system, ada),
    (w) => w?.sources.length === 3,
  );
  if (workout === undefined) throw new Error("the three records did not become one workout");
  say(
    table(
      ["record", "from", "device", "start", "distance"],
      workout.sources.map((s) => [
        s.record.slice(0, 8),
        s.provider,
        s.deviceModel ?? s.app ?? "",
        s.start.slice(11, 19),
        km(s.distanceMm ?? 0),
      ]),
    ),
  );
  for (const reason of workout.joined)
    say(`   ${reason.records.map((r) => r.slice(0, 8)).join(" + ")}: ${reason.because}`);
  const chosen = workout.sources.find((s) => s.record === workout.distanceMm.from);
  say(`   its distance, ${km(workout.distanceMm.value)}, is ${chosen?.provider}'s`);

  chapter(`The leaderboard of ${week}`);
  const shown = expectStatus(await board(), 200).body;
  say(
    table(
      ["rank", "member", "distance", "last ride"],
      shown.items.map((e: { rank: number; name: string; score: number; at: string }) => [
        String(e.rank),
        e.name,
        km(e.score),
        e.at.slice(0, 16),
      ]),
    ),
  );
  const time = (await call(system.url, "GET", `/v1/leaderboards/moving_time?period=${week}`)).body;
  say(
    `   also by moving time: ${time.items.map((e: { name: string; score: number }) => `${e.name} ${hms(e.score)}`).join(", ")}`,
  );

  chapter("The coach would like to see Ada's heart rate");
  await revokeAll(system, ada, coach);
  const read = (column: string) =>
    call(system.url, "GET", `/v1/members/${ada.id}/readings/${column}?workout=${workout.id}`, {
      token: coach.token,
    });
  say(`   without her consent:             ${verdict(await read("heart_rate"))}`);
  await consentToHeartRate(system, ada, coach);
  say("   Ada allows the coach heart rate, and nothing else");
  const seen = await read("heart_rate");
  const samples = seen.body.readings?.[0]?.value ?? [];
  say(
    `   heart rate:                      ${verdict(seen)}, ${samples.length} readings, the first ${samples[0]?.bpm} bpm at ${samples[0]?.t}`,
  );
  say(`   her track:                       ${verdict(await read("track"))}`);
  say("   what Ada sees of it (GET /v1/access-log):");
  const log = (await call(system.url, "GET", "/v1/access-log?limit=8", { token: ada.token })).body;
  say(
    table(
      ["when", "who", "did", "to", "outcome", "on what ground"],
      log.items.map((e: AccessEntry) => [
        e.at.slice(11, 19),
        e.who.name ?? e.who.id,
        e.action,
        e.columns.join(", "),
        e.outcome,
        groundOf(e.ground),
      ]),
    ),
  );

  chapter("The archive fills by the day it happened, not by the day it came");
  const warehouse = await system.runtime.mf.getD1Database("WAREHOUSE", "singlet-edge");
  const landed = await until(
    async () =>
      (
        await warehouse
          .prepare(
            "SELECT day, bucket, count(*) AS objects, sum(facts) AS statements FROM landed GROUP BY day, bucket ORDER BY day, bucket",
          )
          .all<{ day: string; bucket: number; objects: number; statements: number }>()
      ).results,
    (rows) => rows.reduce((n, r) => n + r.statements, 0) >= 7,
  );
  say(
    table(
      ["day", "bucket", "objects", "statements"],
      (landed ?? []).map((r) => [r.day, String(r.bucket), String(r.objects), String(r.statements)]),
    ),
  );
}

/** A consent's id says little to a reader of the story. */
const groundOf = (ground: string): string =>
  /^(own|no-consent|role|unreadable-column|busy)$/.test(ground) ? ground : "her consent";

interface AccessEntry {
  readonly at: string;
  readonly who: { readonly id: string; readonly name: string | null };
  readonly action: string;
  readonly columns: readonly string[];
  readonly outcome: string;
  readonly ground: string;
}

interface ShownWorkout {
  readonly id: string;
  readonly sources: readonly {
    record: string;
    provider: string;
    deviceModel: string | null;
    app: string | null;
    start: string;
    distanceMm: number | null;
  }[];
  readonly joined: readonly { records: readonly string[]; because: string }[];
  readonly distanceMm: { readonly value: number; readonly from: string };
}

async function newest(system: System, person: Person): Promise<ShownWorkout | undefined> {
  const { body } = await call(system.url, "GET", "/v1/workouts?limit=1", { token: person.token });
  return body.items[0];
}

const verdict = (answer: Answer): string =>
  answer.status === 200 ? "200 let in" : `${answer.status} not let in (${answer.body.title})`;

/** The coach starts without leave, also when the story was told here before. */
async function revokeAll(system: System, from: Person, to: Person): Promise<void> {
  const { body } = await call(system.url, "GET", "/v1/consents", { token: from.token });
  for (const consent of body.items as {
    id: string;
    grantee: { member?: string };
    revoked: string | null;
  }[])
    if (consent.grantee.member === to.id && consent.revoked === null)
      await call(system.url, "DELETE", `/v1/consents/${consent.id}`, { token: from.token });
}

async function consentToHeartRate(system: System, from: Person, to: Person): Promise<void> {
  expectStatus(
    await call(system.url, "POST", "/v1/consents", {
      token: from.token,
      body: { grantee: { member: to.id }, columns: ["heart_rate"], purpose: "coaching" },
    }),
    201,
  );
}
