/**
 * A notice that names one record: it is read by itself, asked for again where it came too early, and
 * whatever is said of it in whatever order, what the provider answers when it is asked stands.
 */
import fc from "fast-check";
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionId } from "../../domain/identity.ts";
import type { Notice } from "../../domain/ports.ts";
import { ok } from "../../domain/result.ts";
import { keptRefusalsMax, refusedAgainMs } from "../../durable-objects/connection-fault.ts";
import { pendingMax } from "../../durable-objects/connection-pending.ts";
import { missingAfterMs } from "../../durable-objects/connection-pull.ts";
import type { Draft, Provider } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { draftOf, type Ride, replyOf, rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
const patienceMs = missingAfterMs.reduce((sum, ms) => sum + ms, 0);
const one = "/one/ride-1";
const record = (more: Partial<Notice> = {}) =>
  windowOf(startMs, startMs, { record: "ride-1", ...more });
const gone = windowOf(0, 0, { gone: "ride-1" });
/** Its statements are in no order. */
const unordered = (): Provider =>
  site({ normalise: (_kind, item) => ok({ ...draftOf(item as Ride), revision: null } as Draft) });

async function opened(provider = site()): Promise<ConnectionWorld> {
  const world = new ConnectionWorld(provider);
  await world.core.open(linkOf());
  await world.rest();
  return world;
}
const droppedIn = () =>
  vi
    .mocked(console.log)
    .mock.calls.map(([line]) => JSON.parse(line))
    .filter(({ event }) => event === "pull")
    .reduce((sum, { dropped }) => sum + dropped, 0);

describe("a record that is said to be there", () => {
  test("is asked for by its own id, once, with what belongs to it", async () => {
    const world = await opened();
    world.site.put(rideNo(1, startMs, { beats: true }));
    for (let i = 0; i < 5; i++) await world.core.notice([record()]);
    expect((await world.core.status()).pending).toBe(1);
    await world.rest();
    expect(world.site.asked).toEqual([one, "/list/beats-ride-1"]);
    expect([world.handed(), world.rows()]).toEqual([[1], []]);
    expect((await world.core.status()).state).toBe("connected");
  });

  test("but is not had yet, is asked for again after growing pauses, until it is", async () => {
    const world = await opened();
    await world.core.notice([record()]);
    await world.ring();
    expect([world.site.asked, world.rows().length]).toEqual([[one], 1]);
    expect((await world.core.status()).state).toBe("syncing");
    world.site.put(rideNo(1, startMs));
    await world.until(world.nowMs + missingAfterMs[0] + 1000);
    expect([world.site.asked, world.handed(), world.rows()]).toEqual([[one, one], [1], []]);
    expect(missingAfterMs).toEqual([...missingAfterMs].sort((a, b) => a - b));
  });

  test("and never comes, is let go of and counted; nothing is retracted, a reading finds it", async () => {
    const world = await opened(site({ habit }));
    world.site.asked.length = 0;
    await world.core.notice([record()]);
    await world.until(world.nowMs + patienceMs + minuteMs);
    expect(world.site.asked).toEqual(Array(missingAfterMs.length + 1).fill(one));
    expect([world.rows(), world.handed(), droppedIn()]).toEqual([[], [], 1]);
    expect(world.reports.flatMap(({ freshnessMs }) => freshnessMs)).toEqual([]);
    world.site.put(rideNo(1, startMs));
    await world.until(world.nowMs + 2 * dayMs);
    expect(await world.held("ride-1")).not.toBeNull();
  });

  test("and was here before, but is not found any more, is retracted once that is believed", async () => {
    const world = await opened();
    world.site.put(rideNo(1, startMs));
    await world.core.notice([record()]);
    await world.rest();
    world.site.rides.clear();
    await world.core.notice([record()]);
    await world.until(world.nowMs + patienceMs - minuteMs);
    expect(await world.held("ride-1")).not.toBeNull();
    await world.rest();
    expect([await world.held("ride-1"), world.rows(), droppedIn()]).toEqual([null, [], 0]);
  });

  test("said again while it is waited for is asked for at once, and waited for anew", async () => {
    const world = await opened();
    await world.core.notice([record()]);
    await world.until(world.nowMs + missingAfterMs[0] + missingAfterMs[1] + 1000);
    expect(world.site.asked).toHaveLength(3);
    await world.core.notice([record()]);
    await world.ring();
    expect(world.site.asked).toHaveLength(4);
    await world.until(world.nowMs + patienceMs + minuteMs);
    expect(world.site.asked).toHaveLength(4 + missingAfterMs.length);
    expect(world.rows()).toEqual([]);
  });

  test("said again in the very moment it is not found is not missed", async () => {
    const world = await opened();
    let told = false;
    world.site.wrong = () => {
      if (told) return undefined;
      told = true;
      void world.core.notice([record()]);
      const notYet = replyOf(404);
      world.site.put(rideNo(1, startMs));
      return notYet;
    };
    await world.core.notice([record()]);
    await world.until(world.nowMs + minuteMs / 10);
    expect([world.handed(), world.rows()]).toEqual([[1], []]);
  });

  test("is still waited for after a restart, no longer than before", async () => {
    const world = await opened();
    await world.core.notice([record()]);
    await world.ring();
    world.restart();
    await world.until(world.nowMs + patienceMs + minuteMs);
    expect(world.site.asked).toHaveLength(missingAfterMs.length + 1);
  });

  test("is let go of where the provider refuses it for good, and holds up no other", async () => {
    const world = await opened();
    world.site.put(rideNo(2, startMs));
    world.site.wrong = (asked) =>
      "path" in asked && asked.path === one ? replyOf(403) : undefined;
    await world.core.notice([record(), windowOf(startMs, startMs, { record: "ride-2" })]);
    await world.rest();
    expect([world.handed(), world.rows().length]).toEqual([[1], 1]);
    await world.until(world.nowMs + (keptRefusalsMax + 1) * refusedAgainMs);
    expect([world.rows(), droppedIn()]).toEqual([[], 1]);
  });

  test("is counted where its provider has no way to be asked", async () => {
    const world = await opened(sender());
    await world.core.notice([record()]);
    await world.rest();
    expect([world.rows(), world.requests, droppedIn()]).toEqual([[], 0, 1]);
  });

  test("for which there is no room is found by reading again", async () => {
    const world = await opened(site({ habit }));
    world.gateSays = () => ({ waitMs: dayMs, why: "budget" });
    const many = (from: number) =>
      Array.from({ length: 100 }, (_, i) => record({ record: `ride-${from + i}` }));
    for (let i = 0; i < pendingMax; i += 100) await world.core.notice(many(i));
    await world.core.notice([record({ record: "one-more" })]);
    const windows = world.rows().filter((row) => row.record === null);
    expect([world.rows().length, windows.length]).toEqual([pendingMax + 1, 1]);
    expect(windows[0]?.to_ms).toBeGreaterThan(world.nowMs);
  });
});

describe("what is said of one record in any order", () => {
  test("waits in one row, and goes over to the connection that takes its place", async () => {
    const world = await opened();
    world.gateSays = () => ({ waitMs: dayMs, why: "budget" });
    await world.core.notice([record(), gone, windowOf(0, 0, { record: "ride-2" })]);
    const handed = await world.core.handOver();
    expect(handed.waiting.map(({ gone, record }) => [gone, record])).toEqual([
      ["ride-1", "ride-1"],
      [null, "ride-2"],
    ]);
    const next = new ConnectionWorld();
    next.site.put(rideNo(1, startMs), rideNo(2, startMs + minuteMs));
    await next.core.open(linkOf({ connection: "con_2" as ConnectionId }), [handed]);
    await next.rest();
    expect([next.site.asked, next.handed()]).toEqual([
      [one, "/one/ride-2"],
      [1, 1],
    ]);
  });

  test.each([
    ["said to be gone after it was said to be there", [record(), gone]],
    ["said to be there after it was said to be gone", [gone, record()]],
  ])("of one that was here, %s, a not-found is believed at once", async (_, said) => {
    const world = await opened();
    world.site.put(rideNo(1, startMs));
    await world.core.notice([record()]);
    await world.rest();
    world.site.rides.clear();
    await world.core.notice(said);
    await world.ring();
    expect([await world.held("ride-1"), world.rows()]).toEqual([null, []]);
  });

  test("said to be gone before it could be had, it is there once it can be", async () => {
    const world = await opened();
    await world.core.notice([gone]);
    await world.ring();
    world.site.put(rideNo(1, startMs, { revision: startMs - dayMs }));
    await world.core.notice([record()]);
    await world.rest();
    expect(await world.held("ride-1")).not.toBeNull();
  });

  test("what was retracted by a passing not-found is there again once a reading shows it", async () => {
    for (const provider of [site(), unordered()]) {
      const world = await opened(provider);
      world.site.put(rideNo(1, startMs - dayMs));
      await world.core.notice([windowOf(startMs - 2 * dayMs, startMs)]);
      await world.rest();
      world.site.wrong = (asked) =>
        "path" in asked && asked.path === one ? replyOf(404) : undefined;
      await world.core.notice([gone]);
      await world.rest();
      expect(await world.held("ride-1")).toBeNull();
      await world.core.notice([windowOf(startMs - 2 * dayMs, startMs)]);
      await world.rest();
      expect(await world.held("ride-1")).not.toBeNull();
    }
  });

  test("a reading that is older than what came meanwhile undoes none of it", async () => {
    const world = await opened();
    world.site.put(rideNo(1, startMs, { revision: 7 }));
    await world.core.notice([record()]);
    await world.rest();
    world.site.put(rideNo(1, startMs, { revision: 5 }));
    await world.core.notice([record()]);
    await world.rest();
    expect((await world.held("ride-1"))?.revision).toBe(7);
  });

  /** serve: new, or changed. late: changed some time ago. */
  const step = fc.oneof(
    fc.constantFrom("serve", "late", "hide", "record", "gone", "window", "hour"),
    fc.integer({ min: 0, max: 20 }),
  );
  const faults = fc.option(
    fc.record({
      nth: fc.integer({ min: 5, max: 60 }),
      how: fc.constantFrom("before", "after", "death"),
    }),
  );
  test.each([
    ["that are in order", site],
    ["that are in no order", unordered],
  ])(
    "of statements %s, ends as the provider has it",
    async (_, provider) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(step, { maxLength: 14 }),
          faults,
          fc.constantFrom(record(), gone),
          async (steps, fault, last) => {
            const world = await opened(provider());
            world.fault = fault;
            let [changes, revision] = [0, 0];
            const serve = (changedMs: number) => {
              // As its provider orders it; what it is says which change it was.
              revision = Math.max(revision + 1, changedMs);
              world.site.put(rideNo(1, startMs + ++changes * 1000, { revision }));
            };
            for (const what of steps) {
              if (typeof what === "number") await world.until(world.nowMs + what * minuteMs);
              else if (what === "hour") await world.rest();
              else if (what === "serve") serve(world.nowMs);
              else if (what === "late") serve(world.nowMs - 10 * minuteMs);
              else if (what === "hide") world.site.rides.clear();
              else if (what === "record") await world.tell([record()]);
              else if (what === "gone") await world.tell([gone]);
              else await world.tell([windowOf(startMs - dayMs, startMs + dayMs)]);
              // No two things happen in one millisecond.
              world.nowMs++;
            }
            world.fault = null;
            await world.tell([last]);
            await world.rest();
            const held = await world.held("ride-1");
            expect(held?.at ?? null).toBe(world.site.rides.get("ride-1")?.at ?? null);
            expect(world.rows()).toEqual([]);
          },
        ),
        { numRuns: 150 },
      );
    },
    60_000,
  );
});

test("readings that are asked for by their record are asked for by it", async () => {
  const steps: unknown[] = [];
  const real = site().pull as NonNullable<Provider["pull"]>;
  const pull: typeof real = {
    ...real,
    list(step, cursor) {
      steps.push(step);
      return real.list(step, cursor);
    },
    readings: (item) => ({ collection: "beats", fromMs: 0, toMs: 0, of: (item as Ride).id }),
  };
  const world = await opened(site({ pull }));
  world.site.put(rideNo(1, startMs));
  await world.core.notice([record()]);
  await world.rest();
  expect(steps).toEqual([{ collection: "beats", fromMs: 0, toMs: 0, of: "ride-1" }]);
});
