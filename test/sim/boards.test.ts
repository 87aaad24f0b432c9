import { expect, test } from "vitest";
import { simulatedBoards } from "./boards.ts";

test.each([1, 2])("boards are exact through evictions and growth (seed %i)", async (seed) => {
  const { differences, wrong, figures } = await simulatedBoards({
    members: 10_000,
    updates: 60_000,
    seed,
    told: () => {},
  });
  expect(wrong).toEqual([]);
  expect(differences).toBe(0);
  expect(figures.shards).toBe(32);
  expect(figures.evictions).toBeGreaterThan(100);
  expect(figures["sampled while growing"]).toBeGreaterThan(500);
});
