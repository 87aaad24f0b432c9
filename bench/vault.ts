/**
 * What reading a restricted value costs through the whole system: its own member's heart rate of one
 * workout, beside an object's append and a D1 batch of an intent and a row (floors/vault.ts). The two are
 * asked in turn, so noise hits them alike; then reads alone, eight at a time. The cipher by itself is
 * measured in-process (`vault-cipher.ts`).
 */
import { pushGarmin } from "../local/deliveries.ts";
import { call } from "../local/people.ts";
import type { System } from "../local/system.ts";
import { garminActivity, garminBody, garminDetails } from "../test/fakes/rides.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  ownSystem,
  workoutsOf,
} from "../test/system/support.ts";
import { startFloor } from "./floors/start.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";
import { cipherFigures } from "./vault-cipher.ts";

const rounds = 400;
const warmUp = 40;
const concurrency = 8;
const concurrentReads = 800;
const samplesMin = 300;

export async function vault(): Promise<Result> {
  const cipher = await cipherFigures();
  const { system, end } = await ownSystem();
  const floor = await startFloor("vault.ts", {
    object: { OBJECT: "Trace" },
    table: "CREATE TABLE body (id INTEGER PRIMARY KEY, text TEXT)",
  });
  const who = await athlete(system, "bench");
  const path = await readingPath(system, who);
  const read = async () => {
    const { status } = await call(system.url, "GET", path, { token: who.token });
    if (status !== 200) throw new Error(`a read was answered ${status}`);
  };
  const bare = async () => {
    const answer = await fetch(floor.url, { method: "POST", body: path });
    if ((await answer.text()) === "") throw new Error("the floor read nothing");
  };
  progress(`${rounds} rounds of a restricted read and the floor, in turn`);
  const times = { read: [] as number[], floor: [] as number[] };
  for (let i = 0; i < rounds + warmUp; i++) {
    const [floorMs, readMs] = [(await timed(bare)).ms, (await timed(read)).ms];
    if (i < warmUp) continue;
    times.floor.push(floorMs);
    times.read.push(readMs);
    if ((i - warmUp + 1) % 100 === 0) progress(`${i - warmUp + 1} of ${rounds}`);
  }
  const perSecond = await readsPerSecond(read);
  const floorPerSecond = await readsPerSecond(bare);
  await floor.end();
  await end();
  const [value, least] = [percentile(times.read, 0.5), percentile(times.floor, 0.5)];
  progress(`medians: restricted read ${value.toFixed(1)} ms, floor ${least.toFixed(1)} ms`);
  progress(`${perSecond.toFixed(0)} reads a second, ${concurrency} at a time`);
  return {
    name: "vault",
    value: rounded(value),
    unit: "ms median",
    floor: rounded(least),
    ratio: rounded(value / least),
    spread: rounded(percentile(times.read, 0.9) / percentile(times.read, 0.1)),
    level: "emulator",
    details: {
      ...cipher,
      readsPerSecond: rounded(perSecond),
      readsPerSecondFloor: rounded(floorPerSecond),
    },
  };
}

/** A ride of an hour with a sample every ten seconds; where its heart rate is read. */
async function readingPath(system: System, who: Athlete): Promise<string> {
  const ride = {
    account: who.garmin,
    id: "61000001",
    startMs: Date.UTC(2026, 4, 4, 8),
    elapsedSeconds: 3600,
    distanceM: 30_000,
  };
  const { status } = await pushGarmin(
    system,
    garminBody(garminActivity(ride), garminDetails(ride)),
  );
  if (status !== 200) throw new Error(`the ride was answered ${status}`);
  const [workout] = await workoutsOf(system, who);
  const samples = (await heartRateOf(system, who, workout.id))?.length ?? 0;
  if (samples < samplesMin) throw new Error(`the ride has ${samples} samples`);
  return `/v1/members/${who.id}/readings/heart_rate?workout=${workout.id}`;
}

async function readsPerSecond(read: () => Promise<void>): Promise<number> {
  let left = concurrentReads;
  const reader = async () => {
    while (left-- > 0) await read();
  };
  const { ms } = await timed(() => Promise.all(Array.from({ length: concurrency }, reader)));
  return (concurrentReads * 1000) / ms;
}
