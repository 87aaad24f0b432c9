/**
 * Who asks: nobody, members of every kind, staff, readers of others' totals; and one member whose
 * every restricted value is a canary. She is told to nobody, so nobody else's answer may hold one.
 */

import type { Role } from "../../domain/vault-ports.ts";
import { deliverByKey, notifyGoogle, pushActivities, syncPhone } from "../../local/deliveries.ts";
import { call, enrol, expectStatus, link, type Person } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import {
  appleWorkout,
  garminActivity,
  garminDetails,
  googleExercise,
  type Ride,
} from "../fakes/rides.ts";
import { keyAt } from "../system/streams.ts";
import { posLog } from "../system/tills.ts";
import { Pools } from "./pools.ts";

const members = ["ann", "bob", "leaver", "canary", "shop"] as const;
const staff = ["coach", "operator", "auditor"] as const;
const readers = ["artist", "label", "merchandiser", "finance", "scientist"] as const;
export const callerNames = [...members, ...staff, ...readers] as const;
export type CallerName = (typeof callerNames)[number];
/** Their things stay as they are: what they ask for is only looked at. */
export const onlyLook: readonly CallerName[] = ["canary", "shop"];
/** Nothing may be done to her by an operator, since what follows would be no leak. */
export const spared: readonly CallerName[] = ["canary"];

export const accounts = {
  garmin: { ann: "garmin-account-ann", bob: "garmin-account-bob", canary: "garminkanarie5d4c3b2a" },
  google: { ann: "google-account-ann", canary: "googlekanarie1f2e3d4c" },
} as const;

interface Canary {
  readonly value: string;
  /** Whose answers may hold it. */
  readonly mayShow: readonly CallerName[];
}
const lat = 47.128_371;
const beat = 143.271;
export const cardNumber = "4929662841035527";
export const canaries: readonly Canary[] = [
  { value: "TitelKanarie Zonsopgang", mayShow: ["canary"] },
  { value: "NotizKanarie Knie", mayShow: ["canary"] },
  { value: "GeraetKanarie", mayShow: ["canary"] },
  { value: String(lat), mayShow: ["canary"] },
  { value: String(beat), mayShow: ["canary"] },
  { value: accounts.garmin.canary, mayShow: [] },
  { value: accounts.google.canary, mayShow: [] },
  // Her shop's finance may have it revealed, for a reason, one at a time.
  { value: cardNumber, mayShow: ["finance"] },
];

export interface Callers {
  readonly by: Readonly<Record<CallerName, Person>>;
  readonly pools: Pools;
  /** Of the shop: what its sources deliver with. */
  readonly keys: Readonly<Record<string, string>>;
  /** Who was erased comes again as somebody new. */
  renew(name: CallerName): Promise<void>;
}

const keyed = [
  ...["poslog", "shopify", "square", "adyen", "listenbrainz", "audioscrobbler"],
  ...["health-auto-export", "health-connect"],
] as const;
/** From today. */
const comingDays = [0, 3, 10, 40];
const startMs = Date.UTC(2026, 9, 14, 6);

const ride = (account: string, id: string, n: number): Ride => ({
  ...{ account, id, startMs: startMs + n * 7_200_000, elapsedSeconds: 1800, distanceM: 9000 + n },
  everySeconds: 60,
});

const linkTriesMax = 4;

/** Links, again if need be: on a machine that is busy an answer comes too late. */
export async function linked(
  system: System,
  person: Person,
  provider: string,
  account: string,
): Promise<void> {
  for (let tries = 1; tries < linkTriesMax; tries++)
    if ((await link(system, person, provider, account)).status === 201) return;
  expectStatus(await link(system, person, provider, account), 201);
}

export async function setUpCallers(system: System): Promise<Callers> {
  const made: Partial<Record<CallerName, Person>> = {};
  let again = 0;
  const enter = async (name: CallerName) => {
    const isMember = members.some((m) => m === name);
    const roles: Role[] = isMember ? ["member"] : [name as Role, "member"];
    const of = { zone: "Europe/Amsterdam", onBoards: name !== "leaver" };
    made[name] = await enrol(system, `subject-${name}-${again++}`, `Name ${name}`, roles, of);
    pools.add("members", made[name].id, name);
  };
  const pools = new Pools();
  for (const name of callerNames) await enter(name);
  const by = made as Record<CallerName, Person>;
  for (const [name, account] of Object.entries(accounts.garmin))
    await linked(system, by[name as CallerName], "garmin", account);
  for (const [name, account] of Object.entries(accounts.google))
    await linked(system, by[name as CallerName], "google-health", account);
  const keys: Record<string, string> = {};
  for (const provider of keyed) keys[provider] = await keyAt(system, by.shop, provider);
  for (const role of readers) {
    const of = role === "artist" || role === "label" ? "Kraftwerk" : by.shop.id;
    const body = { member: by[role].id, role, of };
    const { token } = by.operator;
    expectStatus(await call(system.url, "PUT", "/v1/ops/readers", { token, body }), 200);
  }
  const callers = { by, pools, keys, renew: enter };
  pools.add("merchants", by.shop.id, null);
  pools.add("merchants", by.ann.id, "ann");
  const { body } = expectStatus(await call(system.url, "GET", "/v1/leaderboards"), 200);
  for (const { board } of body.items) pools.add("leaderboards", board, null);
  const nowMs = Date.now();
  for (const days of comingDays) {
    const [ahead, before] = [1, -1].map((way) =>
      new Date(nowMs + way * days * 86_400_000).toISOString(),
    );
    pools.add("coming", ahead ?? "", null);
    pools.add("coming days", (ahead ?? "").slice(0, 10), null);
    pools.add("lately", before ?? "", null);
  }
  pools.add("returns", `${system.url}/`, null);
  await plant(system, callers);
  await record(system, callers, 0);
  return callers;
}

/** Everything restricted that the canary has; by three doors. */
async function plant(system: System, { by, keys }: Callers): Promise<void> {
  const hers: Ride = {
    ...ride(accounts.garmin.canary, "770001", 0),
    ...{ title: "TitelKanarie Zonsopgang", notes: "NotizKanarie Knie", device: "GeraetKanarie" },
    centre: { lat, lon: 8.765_432 },
  };
  expectStatus(await pushActivities(system, garminActivity(hers), garminDetails(hers)), 200);
  const samples = [0, 60, 120].map((s) => ({
    ...{ type: "heart_rate", unit: "count/min", value: beat },
    sourceDevice: { id: "GeraetKanarie", kind: "watch" },
    startDate: new Date(startMs + s * 1000).toISOString(),
    endDate: new Date(startMs + s * 1000).toISOString(),
  }));
  const { token } = by.canary;
  expectStatus(await call(system.url, "POST", "/v1/sync", { token, body: { samples } }), 200);
  const sale = { store: "Dam", sequence: 1, day: "2026-11-14", pieces: 2, cents: 250 };
  const body = posLog([{ ...sale, customer: "c-7", card: cardNumber }]);
  expectStatus(await call(system.url, "POST", `/webhooks/poslog/${keys.poslog}`, { body }), 200);
}

/**
 * Something for everybody to ask about; `round`: later ones bring something new. Where the system has
 * too much to do, the same comes again, as from any client.
 */
export async function record(system: System, callers: Callers, round: number): Promise<void> {
  for (let tries = 1; ; tries++)
    try {
      return await recordOnce(system, callers, round);
    } catch (error) {
      if (tries === recordTriesMax || !String(error).includes("got 503")) throw error;
      await new Promise((resume) => setTimeout(resume, recordPauseMs));
    }
}
const recordTriesMax = 10;
const recordPauseMs = 1_000;

async function recordOnce(system: System, callers: Callers, round: number): Promise<void> {
  const { by, keys } = callers;
  const n = round * 4;
  const id = (k: number) => String(880_000 + n + k);
  const items = [
    garminActivity(ride(accounts.garmin.ann, id(0), n)),
    garminDetails(ride(accounts.garmin.ann, id(0), n)),
    garminActivity(ride(accounts.garmin.ann, id(1), n + 1)),
    garminActivity(ride(accounts.garmin.bob, id(2), n)),
  ];
  await pushActivities(system, ...items);
  const { point, heartRate } = googleExercise(ride(accounts.google.ann, id(3), n));
  system.provider.setExercise(accounts.google.ann, point);
  system.provider.setHeartRate(accounts.google.ann, heartRate);
  const atMs = startMs + n * 7_200_000;
  await notifyGoogle(system, accounts.google.ann, atMs, atMs + 3_600_000);
  const uuid = `7F3C1E52-4B0C-4C39-9E55-0B0C4F0F${String(round).padStart(4, "0")}`;
  for (const name of ["ann", "leaver", "coach"] as const)
    await syncPhone(system, by[name], `${name}-${round}-${uuid}`, [
      appleWorkout({ ...ride("self", uuid, n + 2), id: uuid }),
    ]);
  const steps = {
    ...{ type: "steps", unit: "count", value: 900 + round },
    sourceDevice: { id: "phone-1", kind: "phone" },
    startDate: new Date(atMs).toISOString(),
    endDate: new Date(atMs + 600_000).toISOString(),
  };
  const { token } = by.ann;
  await call(system.url, "POST", "/v1/sync", { token, body: { samples: [steps] } });
  const listened = Math.floor(Date.now() / 1000) - 86_400 * 3 + round * 300;
  const heard = { artist_name: "Kraftwerk", track_name: `Track ${round}` };
  await deliverByKey(system, "listenbrainz" as never, keys.listenbrainz ?? "", {
    listen_type: "import",
    payload: [{ listened_at: listened, track_metadata: heard }],
  });
}
