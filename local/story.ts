/**
 * The demo: one ride told by three providers, two more members, a coach who asks. Every chapter says
 * what arrived from whom and what came of it. Its rides have fixed times and ids, so telling it
 * again adds nothing.
 */
import { type LocalDate, localDate, weekOf } from "../domain/time.ts";
import {
  appleWorkout,
  garminActivity,
  garminDetails,
  googleExercise,
  type Ride,
} from "../test/fakes/rides.ts";
import { checkProof, readKeys } from "./audit-verify.ts";
import { notifyGoogle, pushActivities, syncPhone, until } from "./deliveries.ts";
import { type Answer, call, expectStatus, type People, type Person } from "./people.ts";
import { localKeyFile } from "./settings.ts";
import { archiveChapter } from "./story-archive.ts";
import { samplesChapter } from "./story-samples.ts";
import { streamsChapter } from "./story-streams.ts";
import { runWitness, type System } from "./system.ts";
import { table } from "./table.ts";

const morning = 7 * 3_600_000;
const hour = 3_600_000;

interface Scene {
  readonly system: System;
  readonly people: People;
  readonly startMs: number;
  readonly day: string;
  readonly week: string;
  readonly ride: Ride;
  readonly run: Ride;
}

const isTerminal = process.stdout.isTTY === true;
const say = (text: string) => process.stdout.write(`${text}\n`);
const chapter = (title: string) => say(isTerminal ? `\n\x1b[1m${title}\x1b[0m` : `\n${title}`);
const km = (mm: number) => `${(mm / 1_000_000).toFixed(2)} km`;
const hms = (ms: number) => {
  const s = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
};

/** Tells it; `dayMs` is midnight (UTC) of the day the rides happened. */
export async function tellStory(system: System, people: People, dayMs: number): Promise<void> {
  const scene = sceneOf(system, people, dayMs + morning);
  const isNew = (await scoreOf(scene, people.members.ada)) === 0;
  if (!isNew)
    say("\nThis story was told here before: all of it is said again now, and must add nothing.");
  await bikeComputer(scene, isNew);
  await saidAgain(scene);
  await wristband(scene);
  await phones(scene);
  const workout = await reasons(scene);
  await leaderboard(scene);
  await herOwnWord(scene, workout);
  await coachAsks(scene, workout);
  await betweenRides(scene);
  await archive(scene);
  await otherStreams(scene);
}

/** Who rode when; the same each time it is told here. */
function sceneOf(system: System, people: People, startMs: number): Scene {
  const day = localDate(startMs, 60);
  const ride: Ride = {
    account: people.accounts.garmin.ada ?? "",
    id: "21500100200",
    startMs,
    elapsedSeconds: 5400,
    movingSeconds: 5160,
    distanceM: 42_195,
    offsetSeconds: 3600,
    heartRateBase: 141,
    title: "Polder loop before work",
    device: "Edge 840",
    centre: { lat: 52.37, lon: 4.9 },
  };
  const run: Ride = {
    ...ride,
    account: people.accounts.garmin.ben ?? "",
    id: "21500100201",
    sport: "RUNNING",
    distanceM: 12_400,
    elapsedSeconds: 3900,
    movingSeconds: 3840,
    startMs: startMs + 2 * hour,
    title: "Dyke run",
    device: "Forerunner 965",
  };
  return { system, people, startMs, day, week: weekOf(day), ride, run };
}

const boardOf = ({ system, week }: Scene, board: string) =>
  call(system.url, "GET", `/v1/leaderboards/${board}?period=${week}&limit=10`);

async function scoreOf(scene: Scene, person: Person): Promise<number> {
  const { items } = (await boardOf(scene, "distance")).body;
  return items.find((e: { member: string }) => e.member === person.id)?.score ?? 0;
}

/** What her workouts of the week add up to; the board follows. */
async function scoredOf({ system, week }: Scene, { token }: Person): Promise<number> {
  const { body } = await call(system.url, "GET", "/v1/workouts?limit=200", { token });
  type Counted = { day: LocalDate; scored: { distanceMm: number | null } | null };
  return (body.items as Counted[])
    .filter(({ day }) => weekOf(day) === week)
    .reduce((sum, { scored }) => sum + (scored?.distanceMm ?? 0), 0);
}

function must<T>(found: T | undefined, what: string): T {
  if (found === undefined) throw new Error(`${what} did not come about`);
  return found;
}

async function bikeComputer(scene: Scene, isNew: boolean): Promise<void> {
  const { system, people, ride, run } = scene;
  const { ada, ben } = people.members;
  chapter("1. Ada's bike computer: Garmin pushes her ride, Ben's run, and one of nobody we know");
  const stranger: Ride = { ...ride, account: "0".repeat(32), id: "21500100299" };
  const sentMs = performance.now();
  const items = [garminActivity(ride), garminDetails(ride), garminActivity(run)];
  const { status } = await pushActivities(system, ...items, garminActivity(stranger));
  say(`   POST /webhooks/garmin/<secret>   ${status}`);
  say("   four items: two of Ada (summary, samples), one of Ben; the unknown one is dropped");
  const isThere = (score: number) => score > 0;
  must(await until(() => scoreOf(scene, ada), isThere, { everyMs: 5 }), "Ada's entry");
  const afterMs = Math.round(performance.now() - sentMs);
  must(await until(() => scoreOf(scene, ben), isThere, { everyMs: 5 }), "Ben's entry");
  const when = isNew ? `${afterMs} ms after it was sent` : "as before";
  const scores = [await scoreOf(scene, ada), await scoreOf(scene, ben)].map(km);
  say(`   on the board ${when}: Ada ${scores[0]}, Ben ${scores[1]}`);
}

async function saidAgain(scene: Scene): Promise<void> {
  const { system, people, ride, run } = scene;
  chapter("2. Garmin says it all again, as providers do");
  const items = [garminActivity(ride), garminDetails(ride), garminActivity(run)];
  const { status } = await pushActivities(system, ...items);
  const score = km(await scoreOf(scene, people.members.ada));
  say(`   POST /webhooks/garmin/<secret>   ${status}, and nothing changed: Ada still has ${score}`);
}

async function wristband(scene: Scene): Promise<void> {
  const { system, people, ride, startMs } = scene;
  const { ada } = people.members;
  const account = people.accounts["google-health"].ada ?? "";
  chapter("3. The same ride from her wristband: Google Health only says that something changed");
  const { point, heartRate } = googleExercise({
    ...ride,
    account,
    id: "9100200300",
    startMs: startMs + 42_000,
    elapsedSeconds: 5310,
    distanceM: 41_870,
    title: "Ride",
    device: "Charge 6",
  });
  system.provider.setExercise(account, point);
  system.provider.setHeartRate(account, heartRate);
  const { status } = await notifyGoogle(system, account, startMs, startMs + 2 * hour);
  say(`   POST /webhooks/google-health     ${status}, its signature checked over the raw bytes`);
  say("   then fetched with her token, which only the vault holds");
  const isFolded = (w: ShownWorkout | undefined) => (w?.sources.length ?? 0) >= 2;
  const folded = must(await until(() => adasRide(scene), isFolded), "the second record");
  const score = km(await scoreOf(scene, ada));
  say(`   folded: ${folded?.sources.length} records, still one workout and ${score}`);
}

async function phones(scene: Scene): Promise<void> {
  const { system, people, ride, run, startMs } = scene;
  const { ada, ben, cleo } = people.members;
  chapter("4. And from her phone, where her watch had left a third copy");
  const uuid = (last: number) => `7B1F0B52-4B0C-4C39-9E55-0B0C4F0F1E${last}`;
  const watch = { startMs: startMs - 15_000, distanceM: 42_310, device: "Ada's Apple Watch" };
  const adas = appleWorkout({ ...ride, ...watch, elapsedSeconds: 5380, id: uuid(77) });
  const walk = appleWorkout({ ...ride, ...walkAfter(ride), id: uuid(76) });
  const sport = "HKWorkoutActivityTypeRunning";
  const phone = { startMs: run.startMs + 6000, device: "Ben's iPhone", sport };
  const bens = appleWorkout({ ...run, ...phone, id: uuid(78) });
  const own = { startMs: startMs + hour, distanceM: 35_020, device: "Cleo's Watch" };
  const cleos = appleWorkout({ ...ride, ...own, id: uuid(79) });
  const batch = [adas, walk, { uuid: "?" }];
  const { status, body } = await syncPhone(system, ada, "story-ada-1", batch);
  await syncPhone(system, ben, "story-ben-1", [bens]);
  await syncPhone(system, cleo, "story-cleo-1", [cleos]);
  say(
    `   POST /v1/sync                    ${status}, ${body.synced} new, ${body.errors} bad item:`,
  );
  say(`   ${JSON.stringify(body.errorDetails[0])}`);
  say("   it did not sink its batch: it is sealed, parked and can be replayed");
  say("   (the other new one is a walk that her watch began before the ride was over)");
}

const walkAfter = ({ startMs, elapsedSeconds }: Ride) => ({
  startMs: startMs + (elapsedSeconds - 150) * 1000,
  elapsedSeconds: 660,
  movingSeconds: 660,
  distanceM: 850,
  sport: "HKWorkoutActivityTypeWalking",
});

async function reasons(scene: Scene): Promise<ShownWorkout> {
  chapter("5. One workout, with its reasons");
  const isWhole = (w: ShownWorkout | undefined) => w?.sources.length === 3;
  const workout = must(await until(() => adasRide(scene), isWhole), "one workout of three");
  if (workout === undefined) throw new Error("Ada's ride is gone");
  const rows = workout.sources.map((s) => [
    s.record.slice(0, 8),
    s.provider,
    s.deviceModel ?? s.app ?? "",
    s.start.slice(11),
    km(s.distanceMm ?? 0),
  ]);
  say(table(["record", "from", "device", "start", "distance"], rows));
  say("   why they are one:");
  for (const { because } of workout.joined) say(`     ${because}`);
  say("   what lies near and is another:");
  for (const { because } of workout.apart.slice(0, 1)) say(`     ${because}`);
  say("   each value is from the record that measured it best:");
  const values: [string, string, Chosen][] = [
    ["distance", km(workout.distanceMm.value), workout.distanceMm],
    ["moving time", hms(workout.movingMs.value), workout.movingMs],
    ["climbed", `${Math.round(workout.elevationGainMm.value / 1000)} m`, workout.elevationGainMm],
  ];
  for (const [what, value, { because }] of values)
    say(`     ${what.padEnd(13)}${value.padEnd(10)}${because}`);
  const wearers = workout.readings.heartRate.map(
    (record) => workout.sources.find((s) => s.record === record)?.provider,
  );
  say(`     heart rate   sealed    to be shown from ${wearers[0]}; nothing was opened to tell`);
  return workout;
}

interface BoardEntry {
  readonly rank: number;
  readonly name: string;
  readonly score: number;
  readonly at: string;
}

async function leaderboard(scene: Scene): Promise<void> {
  chapter(`6. The leaderboard of ${scene.week}`);
  const { ada } = scene.people.members;
  const scored = await scoredOf(scene, ada);
  const isThere = (score: number) => score === scored;
  must(await until(() => scoreOf(scene, ada), isThere), "all of hers on the board");
  const { items } = expectStatus(await boardOf(scene, "distance"), 200).body;
  const rows = items.map((e: BoardEntry) => [String(e.rank), e.name, km(e.score), e.at]);
  say(table(["rank", "member", "distance", "last workout began (UTC)"], rows));
  say("   Ada's are one ride of three records and one walk, each once");
  const time = (await boardOf(scene, "moving_time")).body.items as BoardEntry[];
  say(`   by moving time: ${time.map((e) => `${e.name} ${hms(e.score)}`).join(", ")}`);
}

/** A split and its undoing: what a member says outlives later data, and leaves no trace undone. */
async function herOwnWord(scene: Scene, workout: ShownWorkout): Promise<void> {
  const { system, people } = scene;
  const { ada } = people.members;
  const { token } = ada;
  chapter("7. Ada says that the wristband was not on her arm, and then that it was after all");
  const score = () => scoreOf(scene, ada);
  const before = await score();
  const lent = must(
    workout.sources.find((s) => s.provider === "google-health"),
    "the wristband's record",
  );
  const body = { records: [lent.record] };
  const path = `/v1/workouts/${workout.id}/split`;
  const split = expectStatus(await call(system.url, "POST", path, { token, body }), 200).body;
  const after = must(await until(score, (s) => s !== before), "a second ride on the board");
  const two = `${split.workouts.length} workouts, both count: Ada has ${km(after)}`;
  say(`   POST /v1/workouts/<id>/split     ${two}`);
  const said: Because[] = split.workouts.flatMap((w: ShownWorkout) => w.apart);
  const theirs = said.find(({ because }) => /^The member said .*garmin/.test(because));
  say(`     ${theirs?.because}`);
  const decision = `/v1/decisions/${split.decision}`;
  expectStatus(await call(system.url, "DELETE", decision, { token }), 200);
  const restored = must(await until(score, (s) => s === before), "the board as it was");
  const same = JSON.stringify(await adasRide(scene)) === JSON.stringify(workout);
  const how = same ? "the same workout to the byte" : "ANOTHER WORKOUT";
  say(`   DELETE /v1/decisions/<id>        ${how}, and Ada has ${km(restored)}`);
}

async function coachAsks(scene: Scene, workout: ShownWorkout): Promise<void> {
  const { system, people } = scene;
  const { ada } = people.members;
  const { coach } = people.staff;
  chapter("8. The coach would like to see Ada's heart rate");
  await revokeAll(system, ada, coach);
  const read = (column: string) =>
    call(system.url, "GET", `/v1/members/${ada.id}/readings/${column}?workout=${workout.id}`, {
      token: coach.token,
    });
  say(`   without her consent:   ${verdict(await read("heart_rate"))}`);
  const body = { grantee: { member: coach.id }, columns: ["heart_rate"], purpose: "coaching" };
  expectStatus(await call(system.url, "POST", "/v1/consents", { token: ada.token, body }), 201);
  say("   Ada allows the coach heart rate, and nothing else");
  const seen = await read("heart_rate");
  const samples = seen.body.readings?.[0]?.value ?? [];
  const first = `the first ${samples[0]?.bpm} bpm at ${samples[0]?.t}`;
  say(`   heart rate:            ${verdict(seen)}, ${samples.length} readings, ${first}`);
  say(`   her track:             ${verdict(await read("track"))}`);
  await theLog(scene);
}

/** Every line of the log can be proven: the witness is given its turn, then one proof is checked. */
async function theLog({ system, people }: Scene): Promise<void> {
  const { token } = people.members.ada;
  say("   what Ada sees of it (GET /v1/access-log):");
  const log = await call(system.url, "GET", "/v1/access-log?limit=4", { token });
  const items = expectStatus(log, 200).body.items as AccessEntry[];
  for (const { at, sentence } of items) say(`     ${at.slice(11, 19)}  ${sentence}`);
  await runWitness(system);
  const looked = must(
    items.find((e) => e.deed === "read-readings" && e.outcome === "permitted"),
    "the coach's look in the log",
  );
  const { body } = expectStatus(await call(system.url, "GET", looked.proof, { token }), 200);
  const { origin, index, size } = checkProof(body, readKeys(localKeyFile(system.secrets)));
  say(`   GET ${looked.proof}: entry ${index} of the first ${size} in ${origin}`);
  say("   checked offline: it was hashed into the log, which the log and its witness signed");
}

async function betweenRides({ system, people, day }: Scene): Promise<void> {
  chapter("9. Between rides a watch and a phone count the same steps: the day comes out once");
  for (const line of await samplesChapter(system, people, day)) say(line);
}

async function archive({ system, people, day, week }: Scene): Promise<void> {
  chapter("10. The archive counts by the day it happened, not by the day it came");
  for (const line of await archiveChapter(system, people, day, week)) say(line);
}

async function otherStreams({ system, people, startMs }: Scene): Promise<void> {
  chapter("11. The same kernel counts what was played and what was sold");
  for (const line of await streamsChapter(system, people, startMs)) say(line);
}

interface AccessEntry {
  readonly at: string;
  readonly sentence: string;
  readonly deed: string;
  readonly outcome: string;
  readonly proof: string;
}

interface Because {
  readonly because: string;
}

interface Chosen extends Because {
  readonly value: number;
}

interface ShownWorkout {
  readonly id: string;
  readonly start: string;
  readonly sources: readonly {
    readonly record: string;
    readonly provider: string;
    readonly deviceModel: string | null;
    readonly app: string | null;
    readonly start: string;
    readonly distanceMm: number | null;
  }[];
  readonly joined: readonly Because[];
  readonly apart: readonly Because[];
  readonly distanceMm: Chosen;
  readonly movingMs: Chosen;
  readonly elevationGainMm: Chosen;
  readonly readings: { readonly heartRate: readonly string[] };
}

async function adasRide({ system, people, startMs }: Scene): Promise<ShownWorkout | undefined> {
  const { token } = people.members.ada;
  const { body } = await call(system.url, "GET", "/v1/workouts?limit=200", { token });
  const isTheRide = (w: ShownWorkout) => Math.abs(Date.parse(w.start) - startMs) < hour / 4;
  return body.items.find(isTheRide);
}

const verdict = (answer: Answer): string =>
  answer.status === 200 ? "200 let in" : `${answer.status} not let in (${answer.body.title})`;

/** The coach starts without leave, also when the story was told here before. */
async function revokeAll(system: System, from: Person, to: Person): Promise<void> {
  const { body } = await call(system.url, "GET", "/v1/consents", { token: from.token });
  type Shown = { id: string; grantee: { member?: string }; revoked: string | null };
  for (const { id, grantee, revoked } of body.items as Shown[])
    if (grantee.member === to.id && revoked === null)
      await call(system.url, "DELETE", `/v1/consents/${id}`, { token: from.token });
}
