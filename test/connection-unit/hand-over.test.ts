/** A connection whose place another takes: what it waits for and what it spent go over to that one. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionId } from "../../domain/identity.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { budgetOf, rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const backfill = { days: 90, stepDays: 7 };
const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
const newLink = linkOf({ connection: "con_2" as ConnectionId });
const hourMs = 60 * minuteMs;

describe("a connection that hands over", () => {
  test("leaves what waits, asks nothing more, and says the same when it is asked again", async () => {
    const world = new ConnectionWorld(site({ backfill, habit }));
    world.gateSays = () => ({ waitMs: dayMs, why: "budget" });
    await world.core.open(linkOf());
    await world.tell([
      windowOf(startMs - 2 * dayMs, startMs),
      windowOf(0, 0, { gone: "ride-9" }),
      windowOf(1, 2, { callback: { url: "https://site.example/cb", about: {} } }),
    ]);
    world.gateSays = () => undefined;
    const handed = await world.core.handOver();
    expect(handed.waiting.map(({ fromMs, gone, kept }) => [fromMs, gone, kept !== null])).toEqual([
      [startMs - 2 * dayMs, null, false],
      [0, "ride-9", false],
      [1, null, true],
    ]);
    world.restart();
    await world.until(startMs + 30 * dayMs);
    expect(world.requests).toBe(0);
    expect(await world.core.handOver()).toEqual(handed);
  });

  test("is not told of anything more, so that it is said again to the other", async () => {
    const world = new ConnectionWorld();
    await world.core.open(linkOf());
    await world.core.handOver();
    await expect(world.core.notice([windowOf(0, 1)])).rejects.toThrow();
    await world.core.unconfirmed("deregistered");
    expect((await world.core.status()).unconfirmed).toEqual([]);
  });

  test("in the middle of a run makes no call after it has said what it spent", async () => {
    const budget = budgetOf(100, hourMs);
    const world = new ConnectionWorld(site({ budget }));
    world.site.pageSize = 10;
    for (let i = 1; i <= 10; i++) world.site.put(rideNo(i, startMs - dayMs + i, { beats: true }));
    await world.core.open(linkOf());
    await world.core.notice([windowOf(startMs - 2 * dayMs, startMs)]);
    let handing: ReturnType<typeof world.core.handOver> | null = null;
    let at = 0;
    world.site.wrong = () => {
      if (world.requests === 4) handing ??= world.core.handOver();
      at = world.requests;
      return undefined;
    };
    await world.ring();
    const { spent, waiting } = await (handing as unknown as ReturnType<typeof world.core.handOver>);
    const calls = spent.window?.slices.reduce((sum, [, n]) => sum + n, 0);
    expect([at, calls, waiting.length]).toEqual([4, 4, 1]);
  });
});

describe("the connection that takes over", () => {
  test("reads what waited, by the same sealed address too", async () => {
    const old = new ConnectionWorld(site({ callbacks: sender().callbacks as never }));
    await old.core.open(linkOf());
    await old.rest();
    const url = "https://site.example/cb";
    await old.core.notice([
      windowOf(startMs - 2 * dayMs, startMs),
      windowOf(startMs, startMs + 1, { callback: { url, about: {} } }),
    ]);
    const handed = await old.core.handOver();
    const world = new ConnectionWorld(old.provider);
    world.site.put(rideNo(1, startMs - dayMs));
    world.site.addresses.set(url, [rideNo(2, startMs)]);
    for (const [row, at] of old.site.kept) world.site.kept.set(row, at);
    await world.core.open(newLink, [handed]);
    const { pending, behindSinceMs } = await world.core.status();
    expect([pending, behindSinceMs]).toEqual([2, handed.waiting[0]?.sinceMs]);
    await world.core.open(newLink, [handed]);
    expect((await world.core.status()).pending).toBe(2);
    await world.rest();
    expect([world.handed(), world.rows(), world.site.kept.size]).toEqual([[1, 1], [], 0]);
    await old.core.forget();
    expect(old.rows()).toEqual([]);
  });

  test("has what was spent before to its account: both together keep the member's budget", async () => {
    const budget = budgetOf(3, hourMs);
    const made: number[] = [];
    const filled = () => {
      const world = new ConnectionWorld(site({ budget }));
      for (let i = 1; i <= 8; i++) world.site.put(rideNo(i, startMs - dayMs + i));
      world.site.wrong = () => void made.push(world.nowMs);
      return world;
    };
    const old = filled();
    await old.core.open(linkOf());
    await old.core.notice([windowOf(startMs - 2 * dayMs, startMs)]);
    await old.until(startMs + minuteMs);
    expect(made).toHaveLength(3);
    const world = filled();
    world.nowMs = old.nowMs;
    await world.core.open(newLink, [await old.core.handOver()]);
    await old.core.forget();
    await world.until(startMs + 10 * hourMs);
    expect(world.handed()).toHaveLength(8);
    for (const at of made)
      expect(made.filter((t) => t > at - hourMs && t <= at).length).toBeLessThanOrEqual(3);
  });
});

test("what tells a connection anew leaves it what it knew of its grant", async () => {
  const world = new ConnectionWorld(site({ habit }));
  const have = { fromMs: startMs - 9 * dayMs, toMs: startMs - dayMs };
  await world.core.open(linkOf({ scopes: ["profile"], have }));
  await world.core.open(linkOf({ forgottenToMs: 5, scopes: null, have: null }));
  const { state, why, scopes } = await world.core.status();
  expect([state, why, scopes]).toEqual(["needs-reconnecting", "scope-missing", ["profile"]]);
  await expect(world.core.open(newLink)).rejects.toThrow();
});
