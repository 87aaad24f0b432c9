/**
 * Some weeks of a few people's lives, for pictures: believable, and the same on the same day for the
 * same seed. Everything comes in through the doors that it would come by.
 */
import { addDays } from "../../domain/time.ts";
import { pushActivities, syncPhone, until } from "../../local/deliveries.ts";
import { call, enrol, expectStatus, link, type Person } from "../../local/people.ts";
import { appleWorkout, garminActivity, garminDetails, type Ride } from "../fakes/rides.ts";
import { workoutsOf } from "../system/support.ts";
import { sendSamples, today } from "./day-story.ts";
import type { Stage } from "./support.ts";
import { manyDays } from "./weeks-days.ts";

const days = 35;
const hourMs = 3_600_000;
const neighbours = ["Dilan", "Eva", "Farid", "Greta", "Hugo"];

/** Numbers from 0 up to 1, by a seed (mulberry32). */
export function chanceOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

interface Sport {
  readonly sport: string;
  readonly kmh: number;
  readonly minutes: number;
}
const sports: readonly Sport[] = [
  { sport: "CYCLING", kmh: 26, minutes: 80 },
  { sport: "RUNNING", kmh: 10.8, minutes: 46 },
  { sport: "WALKING", kmh: 5.2, minutes: 55 },
];

/** Who trains how often, and at which hour. */
function ridesOf(account: string, place: number, chance: () => number): Ride[] {
  const rides: Ride[] = [];
  for (let ago = days; ago >= 0; ago--) {
    const isOff = chance() > 0.55 - place * 0.04;
    const { sport, kmh, minutes } = sports[Math.floor(chance() * 2.4)] ?? sports[0] ?? never();
    const elapsedSeconds = Math.round(minutes * 60 * (0.7 + 0.6 * chance()));
    const distanceM = Math.round((elapsedSeconds / 3600) * kmh * 1000 * (0.9 + 0.2 * chance()));
    const startMs = Date.parse(`${addDays(today, -ago)}T${ago === 0 ? "05" : "16"}:10:00Z`);
    if (isOff || startMs + 2 * hourMs > Date.now()) continue;
    rides.push({
      ...{ account, sport, elapsedSeconds, distanceM, startMs },
      id: `7${String(place).padStart(3, "0")}${String(ago).padStart(5, "0")}`,
      movingSeconds: Math.round(elapsedSeconds * 0.97),
      ...{ heartRateBase: 138, everySeconds: 20, device: "Edge 840", title: "Evening loop" },
      ...{ climbM: Math.round(80 + 200 * chance()), centre: { lat: 52.37, lon: 4.9 } },
    });
  }
  return rides;
}

const never = (): never => {
  throw new Error("there is no such sport");
};

async function train(on: Stage, account: string, place: number, seed: number): Promise<Ride[]> {
  const rides = ridesOf(account, place, chanceOf(seed + place));
  for (const ride of rides) await pushActivities(on.system, garminActivity(ride));
  const last = rides.at(-1);
  if (last !== undefined) await pushActivities(on.system, garminDetails(last));
  return rides;
}

/** Ada's phone tells of her last ones too: each is folded into what Garmin said. */
async function phoneToo(on: Stage, ada: Person, rides: readonly Ride[]): Promise<void> {
  const copies = rides.slice(-6).map((ride, n) =>
    appleWorkout({
      ...ride,
      sport: `HKWorkoutActivityType${ride.sport === "CYCLING" ? "Cycling" : ride.sport === "RUNNING" ? "Running" : "Walking"}`,
      id: `7B1F0B52-4B0C-4C39-9E55-0B0C4F0F2E${10 + n}`,
      startMs: ride.startMs - 12_000,
      device: "Ada's Apple Watch",
    }),
  );
  expectStatus(await syncPhone(on.system, ada, "weeks-ada", copies), 200);
}

async function company(on: Stage): Promise<void> {
  const { members, staff } = on.people;
  const ask = async (who: Person, method: string, path: string, body: unknown) =>
    expectStatus(await call(on.system.url, method, path, { token: who.token, body }), 200, 201)
      .body;
  const columns = ["heart_rate", "track"];
  const grantee = { member: staff.coach.id };
  await ask(members.ada, "POST", "/v1/consents", { grantee, columns, purpose: "coaching" });
  await ask(members.ada, "POST", "/v1/shares", {
    ...{ recipient: "Dr Jansen", types: ["resting_heart_rate", "sleep", "weight"] },
    ...{ start: addDays(today, -28), end: today },
  });
  const { id } = await ask(staff.operator, "POST", "/v1/challenges", {
    ...{ name: "Ride out the year", measure: "distance", joining: "everybody" },
    ...{ from: addDays(today, 1), to: addDays(today, 28) },
  });
  const team = await ask(members.ada, "POST", "/v1/teams", { name: "Polder wheelers" });
  for (const who of [members.ben, members.cleo])
    await ask(who, "POST", `/v1/teams/${team.id}/members`, { code: team.code });
  for (const who of [members.ada, members.ben])
    await ask(who, "PUT", `/v1/challenges/${id}/me`, {});
  await ask(members.ada, "PUT", `/v1/friends/${members.ben.id}`, undefined);
}

/** The latest workout of Ada's, once all of hers are there. */
export async function tellWeeks(on: Stage, seed = 7): Promise<{ readonly workout: string }> {
  const { members, accounts } = on.people;
  const adas = await train(on, accounts.garmin.ada ?? "", 0, seed);
  await phoneToo(on, members.ada, adas);
  await train(on, accounts.garmin.ben ?? "", 1, seed);
  await train(on, accounts.garmin.cleo ?? "", 2, seed);
  for (const [n, name] of neighbours.entries()) {
    const settings = { zone: "Europe/Amsterdam", onBoards: true };
    const person = await enrol(on.system, `weeks-${name}`, name, ["member"], settings);
    expectStatus(await link(on.system, person, "garmin", `weeks-${name}`), 201);
    await train(on, `weeks-${name}`, n + 3, seed);
  }
  const samples = manyDays(days, chanceOf(seed));
  const perBatch = 2_000;
  for (let at = 0; at < samples.length; at += perBatch)
    await sendSamples(on.system, members.ada, samples.slice(at, at + perBatch));
  await company(on);
  const all = await until(
    () => workoutsOf(on.system, members.ada),
    (workouts: { id: string }[]) => workouts.length >= adas.length,
  );
  return { workout: all?.[0]?.id ?? "" };
}
