/** Notices become pages, pages become facts: one pull at a time, and nothing that waits is lost. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { windowsMax } from "../../durable-objects/connection-pending.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { budgetOf, replyOf, rideNo, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const from = startMs - 3 * dayMs;
const wide = windowOf(from, startMs);
const hourMs = 60 * minuteMs;

async function withRides(n: number, world = new ConnectionWorld()): Promise<ConnectionWorld> {
  for (let i = 1; i <= n; i++) world.site.put(rideNo(i, from + dayMs + i * minuteMs));
  await world.core.open(linkOf());
  await world.rest();
  return world;
}

describe("a notice", () => {
  test("is durable and not read when it is answered, and read by the alarm", async () => {
    const world = await withRides(5);
    await world.core.notice([wide]);
    expect(world.requests).toBe(0);
    expect((await world.core.status()).pending).toBe(1);
    await world.ring();
    expect(world.site.asked).toEqual(["/list/rides", "/list/rides#2", "/list/rides#4"]);
    expect(world.handed()).toEqual([1, 1, 1, 1, 1]);
    const { state, pending, lastCheckedMs, lastReceivedMs } = await world.core.status();
    expect([state, pending]).toEqual(["connected", 0]);
    expect(lastCheckedMs).toBe(world.nowMs);
    expect(lastReceivedMs).toBe(world.nowMs);
  });

  test("becomes one with those that it overlaps, however many come", async () => {
    const world = await withRides(1);
    for (let i = 0; i < 50; i++)
      await world.core.notice([windowOf(from + i * minuteMs, from + hourMs + i * minuteMs)]);
    await world.core.notice([windowOf(from, from + hourMs, { collection: "walks" })]);
    expect((await world.core.status()).pending).toBe(2);
    const [rides] = world.rows();
    expect([rides?.from_ms, rides?.to_ms]).toEqual([from, from + hourMs + 49 * minuteMs]);
  });

  test("however often it comes does not keep a window from getting past its first page", async () => {
    const world = await withRides(6);
    let told = 0;
    world.site.wrong = (request) => {
      const isFirst = "path" in request && request.query.cursor === undefined;
      if (isFirst && told++ < 100) void world.core.notice([wide]);
      return undefined;
    };
    await world.core.notice([wide]);
    await world.ring();
    expect(world.handed()).toHaveLength(6);
    const firsts = world.site.asked.filter((path) => path === "/list/rides").length;
    expect(firsts).toBeLessThanOrEqual(world.requests / 2);
    await world.rest();
    expect(world.rows()).toEqual([]);
  });

  test("between the tries of a page does not undo what they have brought", async () => {
    const budget = budgetOf(3, hourMs);
    const world = new ConnectionWorld(site({ budget }));
    world.site.pageSize = 10;
    for (let i = 1; i <= 8; i++)
      world.site.put(rideNo(i, from + dayMs + i * minuteMs, { beats: true }));
    await world.core.open(linkOf());
    for (let h = 0; h < 12; h++) {
      await world.core.notice([wide]);
      await world.until(world.nowMs + hourMs);
    }
    expect(world.handed()).toHaveLength(8);
  });

  test("between the tries of a page is heeded once the page was read", async () => {
    const world = new ConnectionWorld(site({ budget: budgetOf(3, hourMs) }));
    world.site.pageSize = 10;
    for (let i = 1; i <= 4; i++)
      world.site.put(rideNo(i, from + dayMs + i * minuteMs, { beats: true }));
    await world.core.open(linkOf());
    await world.core.notice([wide]);
    await world.until(world.nowMs + minuteMs);
    expect(world.handed().length).toBeGreaterThan(0);
    const facts = world.memory.toLedger.flatMap((text) => JSON.parse(text));
    world.facts = async () => ({ items: facts, next: null });
    world.site.rides.delete("ride-1");
    await world.core.notice([wide]);
    await world.until(world.nowMs + 12 * hourMs);
    expect(world.site.asked).toContain("/one/ride-1");
    expect(world.memory.store.retractions).toHaveLength(1);
  });

  test("beyond the bound is covered by one of its collection, not lost", async () => {
    const world = await withRides(0);
    for (let i = 0; i < windowsMax + 20; i++) {
      const at = startMs - (i + 1) * 100 * dayMs;
      await world.core.notice([windowOf(at, at + 1000)]);
    }
    const rows = world.rows();
    expect(rows.length).toBe(windowsMax);
    for (let i = 0; i < windowsMax + 20; i++) {
      const at = startMs - (i + 1) * 100 * dayMs;
      const covers = (row: Record<string, unknown>) =>
        Number(row.from_ms) <= at && Number(row.to_ms) >= at + 1000;
      expect(rows.some(covers)).toBe(true);
    }
  });

  test("of what is being read is read again, and lets it come to its end first", async () => {
    const world = await withRides(6);
    let told = 0;
    world.site.wrong = (request) => {
      if ("path" in request && request.query.cursor !== undefined && told++ < 2)
        void world.core.notice([windowOf(from + dayMs, from + 2 * dayMs)]);
      return undefined;
    };
    await world.core.notice([wide]);
    await world.rest();
    const once = ["/list/rides", "/list/rides#2", "/list/rides#4"];
    expect(world.site.asked).toEqual([...once, ...once]);
    expect(world.rows()).toEqual([]);
  });

  test("that widens a window under way leaves nothing of it unread", async () => {
    const world = await withRides(1);
    world.site.put(rideNo(9, startMs + hourMs));
    let told = false;
    world.site.wrong = () => {
      if (!told) void world.core.notice([windowOf(startMs - 1, startMs + 2 * hourMs)]);
      told = true;
      return undefined;
    };
    await world.core.notice([wide]);
    await world.rest();
    expect(world.handed()).toHaveLength(2);
    expect(world.rows()).toEqual([]);
  });

  test("that widens it sends no cursor of the one with the other", async () => {
    const world = await withRides(6);
    let firsts = "";
    let told = 0;
    world.site.wrong = (request) => {
      if (!("path" in request)) return undefined;
      const { cursor, ...window } = request.query;
      if (cursor === undefined) firsts = JSON.stringify(window);
      expect(JSON.stringify(window)).toBe(firsts);
      if (told++ === 0) void world.core.notice([windowOf(from - dayMs, startMs + dayMs)]);
      return undefined;
    };
    await world.core.notice([wide]);
    await world.rest();
    expect([world.handed().length, world.rows()]).toEqual([6, []]);
  });

  test("that widens it towards the past begins its pages anew", async () => {
    const world = await withRides(5);
    for (let i = 0; i < 3; i++) world.site.put(rideNo(20 + i, from - hourMs + i * minuteMs));
    let told = false;
    world.site.wrong = () => {
      if (!told) void world.core.notice([windowOf(from - dayMs, startMs)]);
      told = true;
      return undefined;
    };
    await world.core.notice([wide]);
    await world.rest();
    expect(world.handed()).toHaveLength(8);
    expect(world.rows()).toEqual([]);
  });

  test("a hundred at once, with members who wait, are one pull", async () => {
    const world = await withRides(5);
    const all = Array.from({ length: 100 }, () => world.core.notice([wide]));
    const now = Array.from({ length: 100 }, () => world.core.readNow());
    const alarms = Array.from({ length: 10 }, () => world.core.alarm());
    await Promise.all([...all, ...now, ...alarms]);
    await world.rest();
    expect(world.concurrentMax).toBe(1);
    expect(world.requests).toBeLessThanOrEqual(6);
    expect(Math.max(...world.handed())).toBeLessThanOrEqual(2);
  });
});

describe("page by page", () => {
  test("a failure on page 7 keeps pages 1 to 6 and resumes at 7", async () => {
    const world = await withRides(20);
    let failures = 2;
    world.site.wrong = (request) =>
      "path" in request && request.query.cursor === "12" && failures-- > 0
        ? replyOf(503)
        : undefined;
    await world.core.notice([wide]);
    await world.ring();
    expect(world.handed()).toHaveLength(12);
    const held = await world.core.status();
    expect([held.state, held.why]).toEqual(["behind", "provider-down"]);
    await world.rest();
    const pages = world.site.asked.filter((path) => path === "/list/rides#12");
    expect(pages).toHaveLength(3);
    expect(world.handed()).toEqual(Array.from({ length: 20 }, () => 1));
    expect((await world.core.status()).state).toBe("connected");
  });

  test("a cursor that is taken no more begins its window anew", async () => {
    const world = await withRides(5);
    let stale = true;
    world.site.wrong = (request) => {
      if (!("path" in request) || !stale) return undefined;
      if (request.query.cursor === undefined && world.handed().length > 0) stale = false;
      return request.query.cursor === "2" ? replyOf(400) : undefined;
    };
    await world.core.notice([wide]);
    await world.rest();
    expect(world.handed().length).toBe(5);
    expect(world.rows()).toEqual([]);
  });

  test("a cursor that leads back is no success", async () => {
    const world = await withRides(4);
    world.site.wrong = (request) =>
      "path" in request ? replyOf(200, { items: [], next: "2" }) : undefined;
    await world.core.notice([wide]);
    await world.until(world.nowMs + 10 * minuteMs);
    const { state, why, pending } = await world.core.status();
    expect([state, why, pending]).toEqual(["behind", "broken-answers", 1]);
    expect(world.requests).toBeLessThan(20);
    world.site.wrong = () => undefined;
    await world.rest();
    expect(world.handed()).toEqual([1, 1, 1, 1]);
  });

  test("more pages than a wake may read go on in the next", async () => {
    const world = await withRides(100);
    await world.core.notice([wide]);
    await world.ring();
    expect(world.requests).toBe(40);
    const { state, pending } = await world.core.status();
    expect([state, pending]).toEqual(["syncing", 1]);
    expect(world.disk.alarmMs()).toBe(world.nowMs);
    await world.rest();
    expect(world.handed()).toEqual(Array.from({ length: 100 }, () => 1));
  });

  test("a long window lets the next have its turn", async () => {
    const world = await withRides(100);
    await world.core.notice([wide]);
    await world.core.notice([windowOf(from, startMs, { collection: "walks" })]);
    await world.ring();
    const walks = world.site.asked.filter((path) => path.startsWith("/list/walks"));
    expect(walks).toHaveLength(20);
  });

  test("a page that is too much for one budget is read in parts", async () => {
    const budget = budgetOf(5, hourMs);
    const world = new ConnectionWorld(site({ budget }));
    world.site.pageSize = 10;
    for (let i = 1; i <= 10; i++)
      world.site.put(rideNo(i, from + dayMs + i * minuteMs, { beats: true }));
    await world.core.open(linkOf());
    await world.core.notice([wide]);
    const made: number[] = [];
    world.site.wrong = () => void made.push(world.nowMs);
    await world.until(world.nowMs + 12 * hourMs);
    expect(world.handed()).toEqual(Array.from({ length: 10 }, () => 1));
    for (const at of made)
      expect(made.filter((t) => t > at - hourMs && t <= at).length).toBeLessThanOrEqual(5);
    expect((await world.core.status()).state).toBe("connected");
  });

  test("a record goes only when a notice named it and the provider has not got it", async () => {
    const world = await withRides(2);
    await world.core.notice([wide]);
    await world.rest();
    world.site.rides.delete("ride-1");
    await world.core.notice([
      windowOf(0, 0, { gone: "ride-1" }),
      windowOf(0, 0, { gone: "ride-2" }),
    ]);
    await world.rest();
    expect(world.memory.store.retractions).toHaveLength(1);
    expect(world.rows()).toEqual([]);
  });

  test.each([302, 400, 403, 500])(
    "an answer of %i to whether it is gone takes nothing",
    async (status) => {
      const world = await withRides(1);
      await world.core.notice([wide]);
      await world.rest();
      world.site.wrong = () => replyOf(status);
      await world.core.notice([windowOf(0, 0, { gone: "ride-1" })]);
      await world.rest();
      expect(world.memory.store.retractions).toEqual([]);
      expect((await world.core.status()).pending).toBe(1);
    },
  );

  describe("a record that a window does not bring", () => {
    /** A ledger gives what lies in the stretch that it is asked for. */
    const asOf =
      (facts: NonNullable<ConnectionWorld["facts"]>): ConnectionWorld["facts"] =>
      async (fromMs, toMs, ...rest) => {
        const { items, next } = await facts(fromMs, toMs, ...rest);
        return { items: items.filter(({ at }) => at >= fromMs && at < toMs), next };
      };

    /** Two of three rides are there, and a fact that came by another connection. */
    async function withOneLess(listedDays?: number) {
      const { pull, ...rest } = site();
      if (pull === undefined) throw new Error("a site is read");
      const listed = listedDays === undefined ? pull : { ...pull, listedDays };
      const world = await withRides(3, new ConnectionWorld({ ...rest, pull: listed }));
      await world.core.notice([wide]);
      await world.rest();
      const facts = world.memory.toLedger.flatMap((text) => JSON.parse(text));
      const elsewhere = { ...facts[0], id: "another", connection: "con_2" };
      world.facts = async () => ({ items: [...facts, elsewhere], next: null });
      world.site.hidden.add("ride-2");
      world.site.asked.length = 0;
      vi.mocked(console.log).mockClear();
      return world;
    }

    test("is asked about, and goes when the provider has not got it", async () => {
      const world = await withOneLess();
      world.site.rides.delete("ride-2");
      await world.core.notice([wide]);
      await world.rest();
      const lines = vi.mocked(console.log).mock.calls.map(([line]) => JSON.parse(line));
      const [pull] = lines.filter((line) => line.event === "pull");
      expect(pull.absent).toBe(1);
      expect(pull.who).toMatch(/^[0-9a-f]{16}$/);
      expect(JSON.stringify(lines)).not.toContain("mem_1");
      expect(world.site.asked.filter((path) => path.startsWith("/one/"))).toEqual(["/one/ride-2"]);
      expect(world.memory.store.retractions).toHaveLength(1);
      expect([world.rows(), (await world.core.status()).state]).toEqual([[], "connected"]);
    });

    test("is asked about only if a list goes so far back", async () => {
      for (const [listedDays, absent] of [
        [2, []],
        [4, ["/one/ride-2"]],
      ] as const) {
        const world = await withOneLess(listedDays);
        if (world.facts !== null) world.facts = asOf(world.facts);
        await world.core.notice([wide]);
        await world.rest();
        expect(world.site.asked.filter((path) => path.startsWith("/one/"))).toEqual(absent);
      }
    });

    test("stays when the provider has it all the same", async () => {
      const world = await withOneLess();
      await world.core.notice([wide]);
      await world.rest();
      expect(world.site.asked).toContain("/one/ride-2");
      expect([world.memory.store.retractions, world.rows()]).toEqual([[], []]);
    });

    test("stays, and holds up nothing, when the vault does not know what it is called", async () => {
      const world = await withOneLess();
      world.site.rides.delete("ride-2");
      world.memory.rows.clear();
      await world.core.notice([wide]);
      await world.rest();
      expect([world.memory.store.retractions, world.rows()]).toEqual([[], []]);
    });

    test.each([400, 403, 429, 500])("stays when the provider answers %i", async (status) => {
      const world = await withOneLess();
      world.site.rides.delete("ride-2");
      world.site.wrong = (request) =>
        "path" in request && request.path.startsWith("/one/") ? replyOf(status) : undefined;
      await world.core.notice([wide]);
      await world.rest();
      expect(world.memory.store.retractions).toEqual([]);
    });

    test("is not even asked about when the window was cut short", async () => {
      const world = await withOneLess();
      world.site.rides.delete("ride-2");
      world.site.wrong = () => ({ ...replyOf(200, '{"items":[]'), complete: false });
      await world.core.notice([wide]);
      await world.until(world.nowMs + 10 * minuteMs);
      expect(world.site.asked.filter((path) => path.startsWith("/one/"))).toEqual([]);
      expect(world.memory.store.retractions).toEqual([]);
      expect((await world.core.status()).state).toBe("behind");
    });
  });
});
