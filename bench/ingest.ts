/**
 * What a push costs until its 200: a signed event with a workout in it, Garmin's push, and Google's
 * signed notice, beside the floor (floors/ingest.ts) with the event's bytes. The four are sent in
 * turn, so noise hits them alike. The event goes the whole path: signature, parsing, sealing, the
 * ledger. A notice brings nothing yet, and Garmin proves itself by its address.
 */
import {
  deliverSigned,
  linkByReference,
  notifyGoogle,
  pushActivities,
} from "../local/deliveries.ts";
import type { System } from "../local/system.ts";
import { garminActivity } from "../test/fakes/rides.ts";
import { athlete, ownSystem } from "../test/system/support.ts";
import { startFloor } from "./floors/start.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";

const rounds = 400;
const warmUp = 40;
const betweenRidesMs = 7_200_000;
const rideSeconds = 1_800;
const metres = 5_000;
const sent = ["floor", "signed", "push", "notice"] as const;
type Sent = (typeof sent)[number];
/** What each is answered. */
const expected: Readonly<Record<Sent, number>> = {
  floor: 200,
  signed: 200,
  push: 200,
  notice: 204,
};

type Deliveries = Readonly<Record<Sent, (i: number) => Promise<{ readonly status: number }>>>;

export async function ingest(): Promise<Result> {
  const { system, end } = await ownSystem();
  const floor = await startFloor("ingest.ts", {
    object: { OBJECT: "Keeper" },
    other: { OTHER: "Other" },
    table: "CREATE TABLE body (id INTEGER PRIMARY KEY, text TEXT)",
  });
  const deliveries = await deliveriesTo(system, floor.url);
  const times = { floor: [], signed: [], push: [], notice: [] } as Record<Sent, number[]>;
  progress(`${rounds} rounds of a signed event, a push, a signed notice and the floor, in turn`);
  for (let i = 0; i < rounds + warmUp; i++) {
    for (const one of sent) {
      const { ms, value } = await timed(() => deliveries[one](i));
      if (value.status !== expected[one]) throw new Error(`${one} was answered ${value.status}`);
      if (i >= warmUp) times[one].push(ms);
    }
    if (i >= warmUp && (i - warmUp + 1) % 100 === 0) progress(`${i - warmUp + 1} of ${rounds}`);
  }
  await floor.end();
  await end();
  return resultOf(times);
}

async function deliveriesTo(system: System, floorUrl: string): Promise<Deliveries> {
  const who = await athlete(system, "bench");
  const sender = "sender-account-bench";
  const linked = await linkByReference(system, who, "standard-webhooks", sender);
  if (linked.status !== 200) throw new Error(`linking was answered ${linked.status}`);
  const startOf = (i: number) => Date.UTC(2026, 0, 1, 8) + i * betweenRidesMs;
  const pushed = (i: number) =>
    garminActivity({
      account: who.garmin,
      id: String(60_000_000 + i),
      // A ride of its own: what another tells of the same one costs more, and is not asked here.
      startMs: startOf(i) + betweenRidesMs / 2,
      elapsedSeconds: rideSeconds,
      distanceM: metres,
    });
  return {
    floor: (i) => fetch(floorUrl, { method: "POST", body: eventOf(sender, i, startOf(i)) }),
    signed: (i) => deliverSigned(system, "standard-webhooks", eventOf(sender, i, startOf(i))),
    push: (i) => pushActivities(system, pushed(i)),
    notice: (i) => notifyGoogle(system, "nobody", startOf(i), startOf(i) + 1),
  };
}

function eventOf(account: string, i: number, startMs: number): string {
  const workout = {
    id: `ride-${i}`,
    revision: 0,
    startedAt: new Date(startMs).toISOString(),
    endedAt: new Date(startMs + rideSeconds * 1000).toISOString(),
    zone: "Europe/Amsterdam",
    movingSeconds: rideSeconds,
    type: "road_cycling",
    distanceMeters: metres,
    energyKilocalories: 110,
    elevationGainMeters: 40,
    method: "device",
    deviceModel: "Suunto Vertical",
    app: "suunto",
    title: "Morning ride",
  };
  const timestamp = new Date(startMs + rideSeconds * 1000).toISOString();
  return JSON.stringify({
    type: "workouts.upserted",
    timestamp,
    data: { account, workouts: [workout] },
  });
}

function resultOf(times: Readonly<Record<Sent, readonly number[]>>): Result {
  const median = (one: Sent) => percentile(times[one], 0.5);
  progress(`medians: ${sent.map((one) => `${one} ${median(one).toFixed(1)} ms`).join(", ")}`);
  const ratio = (one: Sent) => rounded(median(one) / median("floor"));
  return {
    name: "ingest",
    value: rounded(median("signed")),
    unit: "ms median, a signed event to its 200",
    floor: rounded(median("floor")),
    ratio: ratio("signed"),
    spread: rounded(percentile(times.signed, 0.9) / percentile(times.signed, 0.1)),
    level: "emulator",
    details: {
      p99Ms: rounded(percentile(times.signed, 0.99)),
      pushMs: rounded(median("push")),
      pushRatio: ratio("push"),
      noticeMs: rounded(median("notice")),
      noticeRatio: ratio("notice"),
    },
  };
}
