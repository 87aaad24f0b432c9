/** Whatever call fails or never comes back, the end is the same and at most a page is said twice. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const backfill = { days: 21, stepDays: 7 };
const from = startMs - 2 * dayMs;

/** History, notices, a deletion and an address; everything that it does in its life. */
async function story(world: ConnectionWorld): Promise<void> {
  for (let i = 1; i <= 12; i++)
    world.site.put(rideNo(i, startMs - i * dayMs + minuteMs, { beats: i % 3 === 0 }));
  const url = "https://site.example/cb";
  world.site.addresses.set(url, [rideNo(90, startMs - dayMs / 2)]);
  await world.core.open(linkOf());
  await world.until(startMs + 30 * minuteMs);
  world.site.put(rideNo(13, startMs - 5 * minuteMs));
  world.site.rides.delete("ride-2");
  await world.tell([
    windowOf(from, startMs),
    windowOf(0, 0, { gone: "ride-2" }),
    windowOf(from, startMs, { callback: { url, about: {} } }),
  ]);
  await world.rest();
  await world.until(world.nowMs + 90 * minuteMs);
}

const provider = site({ backfill, callbacks: sender().callbacks as never });
/** All that the ledger, the vault and the connection hold at the end. */
async function endOf(world: ConnectionWorld) {
  const { state, why, pending, unconfirmed, backfill: history } = await world.core.status();
  const facts = world.memory.toLedger
    .flatMap((text) => JSON.parse(text) as { id: string; retracted?: true }[])
    .map(({ id, retracted }) => `${id} ${retracted ?? false}`);
  return {
    connection: [state, why, pending, unconfirmed, history?.state],
    facts: [...new Set(facts)].sort(),
    counted: world.memory.store.resolvedBytes(),
    rows: [...world.memory.rows.keys()].sort(),
    kept: [...world.site.kept.keys()],
    left: world.rows(),
  };
}

describe("a connection", () => {
  const hows = ["before", "after", "death"] as const;
  test.each(hows)("comes to the same end when the Nth call fails: %s", async (how) => {
    const whole = new ConnectionWorld(provider);
    await story(whole);
    const expected = await endOf(whole);
    expect(expected.connection).toEqual(["connected", null, 0, [], "done"]);
    expect(expected.counted).toHaveLength(13);
    for (let nth = 1; nth <= whole.calls.length; nth++) {
      const world = new ConnectionWorld(provider);
      world.fault = { nth, how };
      await story(world);
      expect(await endOf(world), `call ${nth}: ${whole.calls[nth - 1]}`).toEqual(expected);
      const again = world.handed().reduce((sum, n) => sum + n - 1, 0);
      const usual = whole.handed().reduce((sum, n) => sum + n - 1, 0);
      expect(again - usual, `call ${nth}: ${whole.calls[nth - 1]}`).toBeLessThanOrEqual(
        world.site.pageSize,
      );
    }
  });

  test("never has an alarm that throws", async () => {
    const world = new ConnectionWorld(provider);
    await world.core.open(linkOf());
    await world.core.notice([windowOf(from, startMs)]);
    world.gateSays = () => {
      throw new Error("the gate is not there");
    };
    await expect(world.core.alarm()).resolves.toBeUndefined();
    world.disk.raw.exec("ALTER TABLE pending RENAME TO lost");
    await expect(world.core.alarm()).resolves.toBeUndefined();
    expect(world.disk.alarmMs()).toBeGreaterThan(world.nowMs);
  });
});
