/** A short cut of `npm run sim`: a few dozen worlds, every planted bug, and the shrinker. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Job } from "./worlds/jobs.ts";
import { type Plant, plants } from "./worlds/plants.ts";

const seed = 1;
const worlds = 16;
/** Where each planted bug is looked for: from a little before the world that shows it first. */
const plantedFrom: Partial<Record<Plant, number>> = {
  "unguarded-retraction": 6,
  "missed-entry": 20,
  "stale-permit": 51,
};
const plantedMax = 60;
const triesMax = 16;

describe("worlds in which anything fails", () => {
  let job: Job;
  beforeAll(() => {
    job = new Job();
  });
  afterAll(() => job.end());

  const ask = { kind: "worlds", seed, from: 0, plant: null, untilFirst: false } as const;

  test("come to rest once nothing fails any more, with nothing lost and nothing doubled", async () => {
    const told = await job.ask<"worlds">({ ...ask, to: worlds });
    expect(told).toMatchObject({ done: worlds, wrong: [] });
    expect(Math.min(told.crashes, told.failures)).toBeGreaterThan(worlds);
  });

  test("repeat by their seed, call by call, whichever process runs them", async () => {
    const other = new Job();
    const range = { from: 3, to: 5 };
    const [here, there] = await Promise.all(
      [job, other].map((one) => one.ask<"worlds">({ ...ask, ...range })),
    );
    other.end();
    expect({ ...here, cpuMs: 0 }).toEqual({ ...there, cpuMs: 0 });
  });

  test.each(plants)("show a bug that is put in: %s", async (plant) => {
    const from = plantedFrom[plant] ?? 0;
    const range = { from, to: from + plantedMax };
    const told = await job.ask<"worlds">({ ...ask, ...range, plant, untilFirst: true });
    expect(told.wrong).toHaveLength(1);
  });

  test("are made short when they fail, and still fail then", async () => {
    const least = { kind: "shrink", seed, nth: 0, plant: "wrong-day", triesMax } as const;
    const { script, violations } = await job.ask<"shrink">(least);
    expect(violations).not.toEqual([]);
    const { lines } = await job.ask<"one">({ kind: "one", seed, nth: 0, plant: "wrong-day" });
    expect(script.length).toBeLessThan(lines.length / 2);
  });
});
