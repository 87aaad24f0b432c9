/** Whenever a word comes, it is heeded: by the run under way, by an alarm of its own, or by nobody any more. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { pendingMax } from "../../durable-objects/connection-pending.ts";
import { callbackKeptMs } from "../../providers/callback-url.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { asking, rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
const wide = windowOf(startMs - 3 * dayMs, startMs);
const ping = (url: string, more = {}) =>
  windowOf(startMs, startMs + 1, { callback: { url, about: {} }, ...more });

describe("a notice that comes at the end of a run", () => {
  /** Said at every call to a port from then on, one by one, each in a life of its own. */
  const words = ["while the status is shown", "right after it"] as const;
  test.each(words)("%s, is read in a moment", async (when) => {
    const world = new ConnectionWorld(site({ habit }));
    await world.core.open(linkOf());
    await world.rest();
    await world.core.notice([wide]);
    let told: Promise<void> | null = null;
    const push = world.shown.push.bind(world.shown);
    world.shown.push = (status) => {
      world.site.put(rideNo(2, startMs - dayMs));
      const tell = () => {
        told ??= world.core.notice([wide]);
      };
      if (when === "while the status is shown") tell();
      else queueMicrotask(() => queueMicrotask(tell));
      return push(status);
    };
    world.site.put(rideNo(1, startMs - 2 * dayMs));
    await world.ring();
    await told;
    expect(told).not.toBeNull();
    expect(world.disk.alarmMs()).toBeLessThanOrEqual(world.nowMs);
    await world.rest();
    expect([world.handed(), world.rows()]).toEqual([[2, 1], []]);
  });

  test("while its alarm is being set, sets one of its own", async () => {
    const world = new ConnectionWorld(site({ habit }));
    await world.core.open(linkOf());
    await world.rest();
    const { storage } = world.disk;
    const { setAlarm } = storage;
    let told: Promise<void> | null = null;
    storage.setAlarm = async (at) => {
      await setAlarm(at);
      told ??= world.core.notice([wide]);
      // The run hears of it only after the notice was written.
      for (let i = 0; i < 50; i++) await Promise.resolve();
    };
    world.disk.takeAlarm();
    await world.core.alarm();
    await told;
    expect(world.rows()).toHaveLength(1);
    expect(world.disk.alarmMs()).toBeLessThanOrEqual(world.nowMs);
  });
});

describe("an alarm that cannot be set", () => {
  test("is the platform's to try again", async () => {
    const world = new ConnectionWorld();
    await world.core.open(linkOf());
    await world.core.notice([wide]);
    const { setAlarm } = world.disk.storage;
    world.provider = site({ habit });
    world.disk.storage.setAlarm = () => Promise.reject(new Error("the storage is down"));
    world.disk.takeAlarm();
    await expect(world.core.alarm()).rejects.toThrow();
    world.disk.storage.setAlarm = setAlarm;
    await world.core.alarm();
    expect(world.disk.alarmMs()).not.toBeNull();
  });
});

test("what is said once a connection is forgotten leaves nothing there", async () => {
  const world = new ConnectionWorld(site({ habit }));
  await world.core.open(linkOf());
  await world.rest();
  await world.core.forget();
  await world.core.notice([
    wide,
    windowOf(0, 0, { gone: "an-id" }),
    ping("https://site.example/1"),
  ]);
  await world.core.unconfirmed("deregistered");
  world.arrivedMs = world.nowMs;
  await world.core.readNow();
  for (const table of ["pending", "seen", "passed", "spoilt", "had", "claim", "meta"])
    expect(world.disk.raw.prepare(`SELECT * FROM ${table}`).all()).toEqual([]);
  expect([world.disk.alarmMs(), world.calls.filter((name) => name === "keep")]).toEqual([null, []]);
});

describe("a line that is full", () => {
  async function full(provider = sender({ habit, backfill: asking })): Promise<ConnectionWorld> {
    const world = new ConnectionWorld(provider);
    await world.core.open(linkOf());
    await world.rest();
    world.site.wrong = () => ({ failed: "grant-ended" });
    const pings = Array.from({ length: pendingMax }, (_, i) => ping(`https://site.example/${i}`));
    for (let i = 0; i < pendingMax; i += 100) await world.core.notice(pings.slice(i, i + 100));
    await world.ring();
    expect([world.rows().length, (await world.core.status()).state]).toEqual([
      pendingMax,
      "needs-reconnecting",
    ]);
    return world;
  }

  test("asks once more for what lies at addresses that it has no room for", async () => {
    const world = await full();
    const at = startMs - 20 * dayMs;
    for (let i = 0; i < 300; i++)
      await world.core.notice([
        ping(`https://site.example/more-${i}`, { fromMs: at, toMs: at + i }),
      ]);
    expect(world.rows().length).toBeLessThan(pendingMax + 5);
    const asks = world.rows().filter(({ ask }) => ask === 1);
    expect(asks.some((row) => Number(row.from_ms) <= at && Number(row.to_ms) > at + 300)).toBe(
      true,
    );
    world.site.wrong = () => undefined;
    await world.core.open(linkOf());
    await world.until(world.nowMs + dayMs / 2);
    expect(world.site.asked.filter((path) => path === "/ask/rides").length).toBeGreaterThan(3);
    expect(world.rows()).toEqual([]);
  });

  test("says how many it let go where there is no way to ask", async () => {
    const world = await full(sender({ habit }));
    await world.core.notice([ping("https://site.example/more")]);
    expect(world.rows()).toHaveLength(pendingMax);
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => JSON.parse(line));
    expect(lines.filter(({ event }) => event === "notice").map(({ dropped }) => dropped)).toEqual([
      1,
    ]);
  });

  test("finds what is said to be gone by reading again", async () => {
    const world = new ConnectionWorld(site({ habit }));
    await world.core.open(linkOf());
    await world.rest();
    world.gateSays = () => ({ waitMs: dayMs, why: "budget" });
    const gone = (i: number) => windowOf(0, 0, { gone: `ride-${i}` });
    for (let i = 0; i < pendingMax; i += 100)
      await world.core.notice(Array.from({ length: 100 }, (_, k) => gone(i + k)));
    await world.core.notice([gone(pendingMax)]);
    const windows = world.rows().filter((row) => row.gone === null);
    expect([world.rows().length, windows.length]).toEqual([pendingMax + 1, 1]);
    expect(windows[0]?.to_ms).toBeGreaterThan(world.nowMs);
  });

  test("lets go of addresses that nobody can read any more, linked or not", async () => {
    const world = await full();
    world.nowMs += callbackKeptMs + minuteMs;
    await world.core.notice([ping("https://site.example/new")]);
    expect(world.rows().filter(({ kept }) => kept !== null)).toHaveLength(1);
  });

  test("lets go of them though nobody says anything more", async () => {
    const world = await full();
    await world.until(world.nowMs + callbackKeptMs + 2 * dayMs);
    expect(world.rows().filter(({ kept }) => kept !== null)).toEqual([]);
    expect((await world.core.status()).state).toBe("needs-reconnecting");
  });
});
