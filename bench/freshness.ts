/**
 * How old the board is: 1,000 pushes under steady load from many members, while one client polls
 * the board. A push counts as visible at the first poll that shows its member's new score. The
 * floor is a request that only reaches the edge and its warehouse, under the same load
 * (floors/freshness.ts).
 */
import { join } from "node:path";
import { pushActivities } from "../local/deliveries.ts";
import { call } from "../local/people.ts";
import { garminActivity } from "../test/fakes/rides.ts";
import { type Athlete, athlete, ownSystem } from "../test/system/support.ts";
import { floorPath } from "./floors/freshness.ts";
import { percentile, progress, type Result, rounded, timed } from "./measure.ts";

const pushes = 1000;
const members = 20;
const pushesPerSecond = 25;
const pollEveryMs = 20;
const distanceM = 1000;
const patienceMs = 30_000;

interface Awaited {
  readonly score: number;
  readonly acceptedMs: number;
}

export async function freshness(): Promise<Result> {
  const { system, end } = await ownSystem({
    mains: { edge: join(import.meta.dirname, "freshness-edge.ts") },
  });
  const athletes: Athlete[] = [];
  for (let i = 0; i < members; i++) athletes.push(await athlete(system, `bench-${i}`));
  progress(`${members} members; ${pushes} pushes at ${pushesPerSecond} a second`);
  const waiting = new Map<string, Awaited[]>(athletes.map((a) => [a.id, []]));
  const ages: number[] = [];
  const floors: number[] = [];
  let done = false;
  const poller = (async () => {
    while (!done) {
      const { body } = await call(
        system.url,
        "GET",
        "/v1/leaderboards/distance?period=all&limit=100",
      );
      const now = performance.now();
      for (const { member, score } of body.items as { member: string; score: number }[]) {
        const open = waiting.get(member) ?? [];
        while (open[0] !== undefined && open[0].score <= score)
          ages.push(now - (open.shift()?.acceptedMs ?? now));
      }
      floors.push((await timed(() => call(system.url, "GET", floorPath))).ms);
      await sleep(pollEveryMs);
    }
  })();
  const startedMs = performance.now();
  const inFlight: Promise<void>[] = [];
  for (let i = 0; i < pushes; i++) {
    await sleep(Math.max(0, startedMs + (i * 1000) / pushesPerSecond - performance.now()));
    inFlight.push(push(i));
    if ((i + 1) % 250 === 0) progress(`${i + 1} sent, ${ages.length} seen`);
  }
  await Promise.all(inFlight);
  const deadlineMs = performance.now() + patienceMs;
  while (ages.length < pushes && performance.now() < deadlineMs) await sleep(pollEveryMs);
  done = true;
  await poller;
  await end();
  if (ages.length < pushes) throw new Error(`${pushes - ages.length} pushes never became visible`);
  const p99 = percentile(ages, 0.99);
  const floor = percentile(floors, 0.99);
  const p50 = percentile(ages, 0.5);
  progress(
    `accepted to visible: p50 ${p50.toFixed(0)} ms, p99 ${p99.toFixed(0)} ms (floor p99 ${floor.toFixed(0)} ms)`,
  );
  return {
    name: "freshness",
    value: rounded(p99),
    unit: "ms p99",
    floor: rounded(floor),
    ratio: rounded(p99 / floor),
    spread: rounded(percentile(ages, 0.9) / Math.max(1, percentile(ages, 0.1))),
    level: "emulator",
    details: { p50: rounded(p50), pushes, perSecond: pushesPerSecond },
  };

  async function push(i: number): Promise<void> {
    const who = athletes[i % members] as Athlete;
    const nth = Math.floor(i / members);
    const ride = {
      account: who.garmin,
      id: String(50_000_000 + i),
      startMs: Date.UTC(2026, 3, 1 + nth, 8),
      elapsedSeconds: 600,
      distanceM,
    };
    const { status } = await pushActivities(system, garminActivity(ride));
    if (status !== 200) throw new Error(`a push was answered ${status}`);
    waiting
      .get(who.id)
      ?.push({ score: (nth + 1) * distanceM * 1000, acceptedMs: performance.now() });
  }
}

const sleep = (ms: number) => new Promise<void>((wake) => setTimeout(wake, ms));
