/**
 * What connections and gates promise, over a simulated week; `npm run sim -- connections` runs it at
 * any size. A failure prints the seed: the same seed makes the same week.
 */
import { describe, expect, it } from "vitest";
import { vainMax } from "../../domain/doubt.ts";
import { tries } from "../long.ts";
import { simulate, tableOf } from "../sim/connections.ts";
import { freshP99MsMax, judgedMin } from "../sim/week/figures.ts";
import { floodedP99MsMax } from "../sim/week/flooded.ts";

const seed = Number(process.env.SIM_SEED ?? 1);

describe(`a week of connections, seed ${seed}`, () => {
  it("records every fact once, keeps every budget and stays fresh", async () => {
    const outcome = await simulate({ connections: 100, days: 7, seed });
    expect([...outcome.wrong], tableOf(outcome).join("\n")).toEqual([]);
    for (const f of outcome.figures) {
      expect([f.over, f.overAligned]).toEqual([0, 0]);
      // Whatever is wrong with nothing in it would be right.
      expect(f.records).toBeGreaterThan(100);
      expect(f.recorded).toBe(f.records);
      expect(f.freshCount).toBeGreaterThan(20);
    }
    const sending = outcome.figures.filter(({ kind }) => kind !== "like-fitbit");
    const judged = sending.filter(({ freshCount }) => freshCount >= judgedMin);
    expect(judged.map(({ kind }) => kind)).toEqual(["google-health", "like-garmin"]);
    for (const f of judged) expect(f.freshP99Ms).toBeLessThan(freshP99MsMax);
    // It was no quiet week.
    expect(outcome.crashes).toBeGreaterThan(10);
    expect(outcome.answersLost).toBeGreaterThan(10);
    expect(outcome.relinked).toBeGreaterThan(0);
    const google = outcome.figures.find(({ kind }) => kind === "google-health");
    expect(google?.openings).toBeGreaterThan(0);
  }, 300_000);

  it("loses nothing where much more goes wrong", async () => {
    const outcome = await simulate({ connections: tries(40, 25), days: 3, seed, harsh: true });
    expect([...outcome.wrong], tableOf(outcome).join("\n")).toEqual([]);
    expect(outcome.crashes).toBeGreaterThan(tries(100, 60));
  }, 300_000);

  it("is the same again from the same seed", async () => {
    const small = { connections: 12, days: 2, seed };
    const [once, again] = [await simulate(small), await simulate(small)];
    expect(again).toEqual(once);
    expect(await simulate({ ...small, seed: seed + 1 })).not.toEqual(once);
  }, 300_000);
});

describe(`a flood of forged notices, seed ${seed}`, () => {
  const flood = { accounts: 3, aMinute: 5, hours: 4 };
  const options = {
    connections: 30,
    days: 3,
    seed,
    only: "strava",
    history: 0,
    workouts: 3,
  } as const;

  it("records and retracts nothing, costs a few calls, and holds up nobody else", async () => {
    const flooded = await simulate({ ...options, flood });
    const calm = await simulate({ ...options, flood: { ...flood, aMinute: 0 } });
    expect([...flooded.wrong], tableOf(flooded).join("\n")).toEqual([]);
    expect([...calm.wrong], tableOf(calm).join("\n")).toEqual([]);
    const [f, without] = [flooded.flood, calm.flood];
    expect(f?.sent).toBeGreaterThan(flood.accounts * flood.hours * 60 * (flood.aMinute - 1));
    expect(f?.openings).toBe(0);
    // It was as much as is followed, and its targets had news of their own meanwhile.
    expect(f?.vainMax).toBeGreaterThanOrEqual(vainMax);
    expect(without?.vainMax).toBeLessThan(vainMax);
    expect(f?.flooded.n).toBeGreaterThan(5);
    expect(f?.flooded.p99Ms).toBeLessThan(floodedP99MsMax);
    for (const { others } of [f, without].flatMap((one) => one ?? [])) {
      expect(others.n).toBeGreaterThan(10);
      expect(others.p99Ms).toBeLessThan(freshP99MsMax);
    }
  });
});
