/**
 * What a day of the archive costs in units that are billed: landing and the nightly settlement. A
 * fifth of a busy day, in as many partitions: what a partition costs is the same however much is in
 * it, so a whole day costs less for each fact.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bucketOf, ledgerName } from "../../domain/ports.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { countRows } from "../fakes/units.ts";
import { archiveWorld, ride, totalsOf } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const facts = 21_000;
/** Each has a ride on each day. */
const members = facts / 3;
const messagesOfBatch = 100;
const days = ["2026-11-17", "2026-11-18", "2026-11-19"];
/** Of one fact. */
const bounds = { objectsAndLists: 0.05, reads: 0.2, rows: 0.3 };

describe("a day of facts, one in a message", () => {
  test("costs a bounded share of an object and of a row for each, settlement included", async () => {
    const world = archiveWorld();
    const { units, warehouse } = world;
    countRows(units, warehouse.raw);
    const partitions = new Set<string>();
    for (let from = 0; from < facts; from += messagesOfBatch) {
      const batch = Array.from({ length: messagesOfBatch }, (_, i) => {
        const n = from + i;
        const member = `m${(n * 7_919) % members}`;
        const day = days[(n + Math.floor(n / members)) % days.length] ?? "";
        partitions.add(`${day} ${bucketOf(member, workouts.buckets)}`);
        const fact = ride(member, `f${n}`, day, 1000);
        return world.ledgerAt(ledgerName("workouts", member)).publish(day, fact);
      });
      await world.arrive(batch);
      world.pass(1000);
    }
    expect(partitions.size).toBe(days.length * workouts.buckets);
    expect(units.operations).toEqual({ a: facts / messagesOfBatch, b: 0 });
    expect(units.rows).toEqual({ landed: facts / messagesOfBatch, dirty: partitions.size });

    await world.begin("r1", "settle", {});
    await world.goOn();
    expect(world.rows("SELECT outcome FROM run")).toEqual([{ outcome: "done" }]);
    expect(totalsOf(world)["count all all"]).toBe(facts);
    const rows = Object.values(units.rows).reduce((sum, n) => sum + n, 0);
    expect(units.operations.a / facts).toBeLessThan(bounds.objectsAndLists);
    expect(units.operations.b / facts).toBeLessThan(bounds.reads);
    expect(rows / facts).toBeLessThan(bounds.rows);
  });
});
