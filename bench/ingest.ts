/**
 * What a push costs until its 200: a signed event with a workout in it, Garmin's push, and Google's
 * signed notice, beside the floor (floors/ingest.ts) with the event's bytes. The four are sent in
 * turn, so noise hits them alike. The event goes the whole path: signature, parsing, sealing, the
 * ledger. A notice brings nothing yet, and Garmin proves itself by its address.
 */

import { msPerDay } from "../domain/time.ts";
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
/** A ride each morning and one each evening, no two alike: none is taken for another told again. */
const firstMs = Date.UTC(2025, 0, 1, 6);
const eveningMs = 12 * 3_600_000;
const rideOf = (i: number) => ({
  startMs: firstMs + i * msPerDay,
  elapsedSeconds: 1_800 + i * 3,
  distanceM: 5_000 + i * 37,
});
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
  const pushed = (i: number) => {
    const { startMs, elapsedSeconds, distanceM } = rideOf(i);
    return garminActivity({
      account: who.garmin,
      id: String(60_000_000 + i),
      startMs: startMs + eveningMs,
      elapsedSeconds: elapsedSeconds * 2,
      distanceM: distanceM * 3,
    });
  };
  return {
    floor: (i) => fetch(floorUrl, { method: "POST", body: eventOf(sender, i) }),
    signed: (i) => deliverSigned(system, "standard-webhooks", eventOf(sender, i)),
    push: (i) => pushActivities(system, pushed(i)),
    notice: (i) => notifyGoogle(system, "nobody", rideOf(i).startMs, rideOf(i).startMs + 1),
  };
}

function eventOf(account: string, i: number): string {
  const { startMs, elapsedSeconds, distanceM } = rideOf(i);
  const endMs = startMs + elapsedSeconds * 1000;
  const workout = {
    id: `ride-${i}`,
    revision: 0,
    startedAt: new Date(startMs).toISOString(),
    endedAt: new Date(endMs).toISOString(),
    zone: "Europe/Amsterdam",
    movingSeconds: elapsedSeconds,
    type: "road_cycling",
    distanceMeters: distanceM,
    energyKilocalories: 110,
    elevationGainMeters: 40,
    method: "device",
    deviceModel: "Suunto Vertical",
    app: "suunto",
    title: "Morning ride",
  };
  const timestamp = new Date(endMs).toISOString();
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
