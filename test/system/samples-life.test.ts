/**
 * A fortnight of one member's samples through the door of the running system, two devices at once:
 * late, doubled, corrected, taken back, over a change of the clock and four flights. Every number that
 * it shows, and every total in the open, is DuckDB's. `npm run sim -- samples --days 365` is the year.
 */
import { afterAll, beforeAll, expect, it } from "vitest";
import { worldOf } from "../sim/samples/world.ts";
import { type Lived, lived } from "../sim/samples.ts";
import { type OwnSystem, ownSystem } from "./support.ts";

let own: OwnSystem;
let life: Lived;
beforeAll(async () => {
  own = await ownSystem();
  life = await lived(own.system, worldOf({ days: 14, seed: 1, batch: 1500 }), () => {});
}, 300_000);
afterAll(() => own.end());

it("answers every batch with true numbers", () => {
  const { answers, wrong } = life.delivered;
  expect(wrong).toEqual([]);
  for (const what of ["synced", "duplicates", "corrected", "deleted", "repeated"] as const)
    expect(answers[what], what).toBeGreaterThan(0);
});

it.each(["hour", "day", "week", "month", "summary", "open totals"])(
  "comes by %s to what DuckDB says",
  (what) => {
    const { shown, equal } = life.comparisons[what] ?? { shown: ["not compared"], equal: 0 };
    expect(shown).toEqual([]);
    expect(equal).toBeGreaterThan(0);
  },
);
