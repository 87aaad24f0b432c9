/** A connection whose place another took: it reads what it was told of, and then it is gone. */
import { beforeEach, expect, test, vi } from "vitest";
import type { ConnectionId } from "../../domain/identity.ts";
import { ConnectionWorld, dayMs, linkOf, startMs, windowOf } from "./connection-world.ts";
import { rideNo, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const backfill = { days: 90, stepDays: 7 };
const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
const newLink = linkOf({ connection: "con_2" as ConnectionId });

test("reads what waits by the new link, begins no history, shows nothing and ends empty", async () => {
  const world = new ConnectionWorld(site({ backfill, habit }));
  world.gateSays = () => ({ waitMs: dayMs, why: "budget" });
  await world.core.open(linkOf());
  world.site.put(rideNo(1, startMs - dayMs));
  await world.tell([windowOf(startMs - 2 * dayMs, startMs)]);
  await world.until(startMs + dayMs / 2);
  const shown = world.shown.length;
  const leases = world.leases.length;

  world.gateSays = () => undefined;
  await world.core.open(newLink);
  await world.until(startMs + 30 * dayMs);
  expect(world.handed()).toEqual([1]);
  expect(world.leases.slice(leases).map(({ kind }) => kind)).toEqual(["live"]);
  expect(world.shown.length).toBe(shown);
  expect([world.rows(), world.disk.alarmMs()]).toEqual([[], null]);
  expect((await world.core.status()).lastCheckedMs).toBeNull();
});

test("with nothing waiting is gone at once", async () => {
  const world = new ConnectionWorld(site({ habit }));
  await world.core.open(linkOf());
  await world.rest();
  await world.core.open(newLink);
  await world.rest();
  expect(world.disk.alarmMs()).toBeNull();
  expect((await world.core.status()).lastCheckedMs).toBeNull();
});
