/** History gets what live data leaves over, and silence is no reason to miss anything. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { Backfill, Habit } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { asking, budgetOf, replyOf, rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const backfill: Backfill = { days: 90, stepDays: 7 };
const habit: Habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
const hourMs = 60 * minuteMs;

/** A ride a day for so long. */
function withHistory(world: ConnectionWorld, days: number): ConnectionWorld {
  for (let i = 1; i <= days; i++) world.site.put(rideNo(i, startMs - i * dayMs + hourMs));
  return world;
}
/** The windows that were asked for, by their first pages. */
function spans(world: ConnectionWorld) {
  const found: { from: number; to: number; cursor: boolean; atMs: number }[] = [];
  const { answer } = world.site;
  world.site.answer = (request) => {
    if ("path" in request) {
      const { from, to, cursor } = request.query;
      const [a, b] = [Number(from), Number(to)];
      found.push({ from: a, to: b, cursor: cursor !== undefined, atMs: world.nowMs });
    }
    return answer.call(world.site, request);
  };
  return found;
}

describe("history", () => {
  test("is read whole, newest first, in steps, and says how far it is", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 100);
    const asked = spans(world);
    await world.core.open(linkOf());
    expect((await world.core.status()).state).toBe("backfilling");
    await world.until(startMs + hourMs);
    const firsts = asked.filter(({ cursor }) => !cursor);
    expect(firsts).toHaveLength(13);
    expect(firsts.map(({ from }) => from)).toEqual(
      firsts.map(({ from }) => from).sort((a, b) => b - a),
    );
    firsts.slice(1).forEach(({ to }, i) => {
      expect(to).toBe(firsts[i]?.from);
    });
    expect(firsts.at(-1)?.from).toBe(startMs - 90 * dayMs);
    expect(world.handed()).toEqual(Array.from({ length: 90 }, () => 1));
    expect(world.leases.every(({ kind }) => kind === "backfill")).toBe(true);
    const { state, backfill: at, have } = await world.core.status();
    expect([state, at?.state, at?.percent]).toEqual(["connected", "done", 100]);
    expect(have?.fromMs).toBe(startMs - 90 * dayMs);
    const percents = world.shown.map((status) => status.backfill?.percent ?? 0);
    expect(percents).toEqual([...percents].sort((a, b) => a - b));
  });

  test("that an earlier connection read is not read again", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill, habit })), 100);
    const asked = spans(world);
    const have = { fromMs: startMs - 60 * dayMs, toMs: startMs - 10 * dayMs };
    await world.core.open(linkOf({ have }));
    expect((await world.core.status()).have).toEqual(have);
    await world.until(startMs + hourMs);
    for (const { from, to } of asked)
      expect(to <= have.fromMs || from >= have.toMs - 2 * dayMs).toBe(true);
    expect(world.handed()).toHaveLength(100 - 10 - (60 - 10 - 2));
    expect((await world.core.status()).have?.fromMs).toBe(startMs - 90 * dayMs);
  });

  test("that was forgotten is had once that is lifted, and what was read is not read again", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill, habit })), 100);
    const forgottenToMs = startMs - 20 * dayMs;
    await world.core.open(linkOf({ forgottenToMs }));
    await world.until(startMs + hourMs);
    const before = world.handed().length;
    expect(before).toBe(20);
    const asked = spans(world);
    await world.core.open(linkOf());
    expect((await world.core.status()).state).toBe("backfilling");
    await world.until(startMs + 2 * hourMs);
    expect(world.handed().length).toBeGreaterThanOrEqual(89);
    const again = asked.filter(({ from }) => from > forgottenToMs && from < startMs - 3 * dayMs);
    expect(again).toEqual([]);
    expect((await world.core.status()).backfill).toMatchObject({ state: "done", percent: 100 });
  });

  test("that cannot be read says why, and since nothing else waits it is not behind", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 90);
    world.site.wrong = () => replyOf(503);
    await world.core.open(linkOf());
    await world.ring();
    const { state, why, nextMs } = await world.core.status();
    expect([state, why]).toEqual(["backfilling", "provider-down"]);
    expect(nextMs).toBeGreaterThan(world.nowMs);
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + hourMs);
    expect(await world.core.status()).toMatchObject({ state: "connected", why: null });
  });

  test("to be read at once is said to be so, and not at the beginning of time", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 90);
    await world.core.open(linkOf());
    expect((await world.core.status()).nextMs).toBe(world.nowMs);
  });

  test("lets every notice come first, in the middle of a step too", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 90);
    await world.core.open(linkOf());
    let told = 0;
    world.site.wrong = (request) => {
      const isHistory = "path" in request && request.path === "/list/rides";
      if (isHistory && ++told === 6)
        void world.core.notice([windowOf(startMs - dayMs, startMs, { collection: "walks" })]);
      return undefined;
    };
    await world.ring();
    expect(world.site.asked.indexOf("/list/walks")).toBe(6);
  });

  test("that has to wait does not make a notice wait", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 90);
    world.gateSays = ({ kind }) =>
      kind === "backfill" ? { waitMs: hourMs, why: "budget" } : undefined;
    await world.core.open(linkOf());
    await world.ring();
    expect([world.requests, (await world.core.status()).state]).toEqual([0, "backfilling"]);
    await world.core.notice([windowOf(startMs - dayMs, startMs)]);
    expect(world.disk.alarmMs()).toBe(world.nowMs);
    await world.ring();
    expect(world.handed()).toEqual([1]);
    world.gateSays = () => undefined;
    await world.until(world.nowMs + 3 * hourMs);
    expect((await world.core.status()).backfill?.state).toBe("done");
  });

  test("leaves the member's budget what live data may need", async () => {
    const budget = budgetOf(10, hourMs, { reserve: 0.5 });
    const world = withHistory(new ConnectionWorld(site({ backfill, budget })), 90);
    await world.core.open(linkOf());
    await world.ring();
    expect(world.requests).toBe(5);
    await world.core.notice([windowOf(startMs - dayMs, startMs)]);
    await world.ring();
    expect(world.requests).toBe(6);
    await world.until(startMs + 20 * hourMs);
    expect((await world.core.status()).backfill?.state).toBe("done");
    expect(world.handed()).toHaveLength(90);
  });

  test("whose pages are too much for one budget is read in parts", async () => {
    const budget = budgetOf(5, hourMs, { reserve: 0 });
    const world = new ConnectionWorld(site({ backfill, budget }));
    world.site.pageSize = 10;
    for (let i = 0; i < 10; i++)
      world.site.put(rideNo(i, startMs - dayMs - i * hourMs, { beats: true }));
    await world.core.open(linkOf());
    await world.until(startMs + dayMs);
    expect((await world.core.status()).backfill?.state).toBe("done");
    expect(world.handed()).toEqual(Array.from({ length: 10 }, () => 1));
  });

  test("goes on where it was after the runtime was killed, and pulls nothing finished again", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 90);
    await world.core.open(linkOf());
    const total = 90 / 2 + 13 * 2;
    for (let kills = 0; kills < 200 && world.disk.alarmMs() !== null; kills++) {
      world.fault = { nth: world.calls.length + 9, how: "death" };
      await world.ring();
    }
    expect((await world.core.status()).backfill?.state).toBe("done");
    expect(world.handed()).toHaveLength(90);
    expect(Math.max(...world.handed())).toBeLessThanOrEqual(2);
    const pages = world.site.asked.length;
    expect(pages).toBeLessThan(2 * total);
  });

  test("that one page spoils holds up no notice and is tried again", async () => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 90);
    let faults = 5;
    world.site.wrong = (request) =>
      "path" in request && Number(request.query.to) < startMs - 20 * dayMs && faults-- > 0
        ? replyOf(500)
        : undefined;
    await world.core.open(linkOf());
    await world.ring();
    expect((await world.core.status()).state).toBe("backfilling");
    await world.core.notice([windowOf(startMs - dayMs, startMs)]);
    expect(world.disk.alarmMs()).toBe(world.nowMs);
    await world.until(startMs + dayMs);
    expect([(await world.core.status()).backfill?.state, world.handed().length]).toEqual([
      "done",
      90,
    ]);
  });

  const never: readonly (readonly [string, ReturnType<typeof replyOf>])[] = [
    ["answers of no use", { ...replyOf(200, "{"), complete: false }],
    ["a cursor that leads nowhere", replyOf(200, { items: [], next: "2" })],
  ];
  test.each(never)("goes on without a part to which nothing comes but %s", async (_, reply) => {
    const world = withHistory(new ConnectionWorld(site({ backfill })), 90);
    world.site.wrong = (request) => {
      const to = "path" in request ? Number(request.query.to) : 0;
      return to > startMs - 21 * dayMs && to <= startMs - 14 * dayMs ? reply : undefined;
    };
    await world.core.open(linkOf());
    await world.until(startMs + 3 * dayMs);
    const { state, backfill: at } = await world.core.status();
    expect([state, at?.state, at?.percent]).toEqual(["connected", "done", 100]);
    expect(world.handed()).toHaveLength(90 - 7);
    expect(world.requests).toBeLessThan(120);
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => JSON.parse(line));
    expect(lines.reduce((sum, { dropped = 0 }) => sum + dropped, 0)).toBe(1);
  });

  test("that the provider refuses is said to be refused", async () => {
    const world = new ConnectionWorld(site({ backfill }));
    world.site.wrong = () => replyOf(403);
    await world.core.open(linkOf());
    await world.rest();
    const { state, backfill: at } = await world.core.status();
    expect([state, at?.state, world.requests]).toEqual(["connected", "refused", 1]);
    expect(world.disk.alarmMs()).toBeNull();
  });
});

describe("history that is asked for", () => {
  test("is asked for once, newest first, request by request, across restarts", async () => {
    const world = new ConnectionWorld(sender({ backfill: asking }));
    const asked = spans(world);
    await world.core.open(linkOf());
    for (let i = 0; i < 40 && world.disk.alarmMs() !== null; i++) {
      world.fault = { nth: world.calls.length + 4, how: "death" };
      await world.ring();
    }
    expect((await world.core.status()).backfill).toMatchObject({ state: "done", percent: 100 });
    const steps = [...new Set(asked.map(({ from, to }) => `${from}-${to}`))];
    expect(steps).toEqual(
      [1, 2, 3].map((n) => `${startMs - n * 30 * dayMs}-${startMs - (n - 1) * 30 * dayMs}`),
    );
    expect(world.site.asked.length).toBeLessThanOrEqual(12);
    expect((await world.core.status()).have).toBeNull();
  });

  const judged: readonly (readonly [string, number, string, number])[] = [
    ["was asked for before", 409, "done", 6],
    ["is older than what is kept", 400, "done", 2],
    ["is not given", 403, "refused", 2],
  ];
  test.each(judged)("that %s ends as it should", async (_, status, state, calls) => {
    const world = new ConnectionWorld(sender({ backfill: asking }));
    world.site.wrong = () => replyOf(status);
    await world.core.open(linkOf());
    await world.rest();
    expect([(await world.core.status()).backfill?.state, world.requests]).toEqual([state, calls]);
  });
});

describe("a connection that stays silent", () => {
  test("is read again from before it fell silent, however long that was", async () => {
    const world = new ConnectionWorld(site({ habit }));
    await world.core.open(linkOf());
    await world.ring();
    const asked = spans(world);
    world.nowMs = startMs + 40 * dayMs;
    world.site.put(rideNo(1, startMs + 10 * dayMs));
    await world.ring();
    expect(asked[0]?.from).toBeLessThanOrEqual(startMs - 2 * dayMs + 1000);
    expect(asked[0]?.to).toBeGreaterThan(world.nowMs);
    expect(world.handed()).toEqual([1]);
    const { nextMs, have, state } = await world.core.status();
    expect([nextMs, state]).toEqual([world.nowMs + dayMs, "connected"]);
    expect(have?.toMs).toBeGreaterThan(startMs + 39 * dayMs);
  });

  test("is read again no further back than history goes, and what lies between is not said to be had", async () => {
    const world = new ConnectionWorld(site({ habit, backfill: { days: 30, stepDays: 30 } }));
    await world.core.open(linkOf());
    await world.rest();
    const asked = spans(world);
    world.nowMs = startMs + 200 * dayMs;
    await world.core.readNow();
    await world.rest();
    const oldest = () => Math.min(...asked.map(({ from }) => from));
    expect(oldest()).toBeGreaterThanOrEqual(startMs + 170 * dayMs);
    const { have, state, backfill: at } = await world.core.status();
    expect([state, at?.hasGaps]).toEqual(["connected", true]);
    expect(have?.fromMs).toBeGreaterThanOrEqual(startMs + 170 * dayMs);
    expect(have?.toMs).toBeGreaterThan(startMs + 199 * dayMs);
  });

  test("is read again too when a word ends the silence before its alarm does", async () => {
    const world = new ConnectionWorld(site({ habit }));
    await world.core.open(linkOf());
    await world.ring();
    const asked = spans(world);
    world.nowMs = startMs + 9 * dayMs;
    world.arrivedMs = world.nowMs;
    await world.ring();
    expect(asked[0]?.from).toBeLessThanOrEqual(startMs - 2 * dayMs + 1000);
  });

  test("and one that is sent data all the time now and then, for what nobody sent", async () => {
    const read = site({ habit });
    const world = new ConnectionWorld({ ...read, facts: { ...read.facts, delivery: "push" } });
    await world.core.open(linkOf());
    await world.ring();
    const asked = spans(world);
    world.site.put(rideNo(1, startMs + hourMs));
    for (let h = 0; h < 100; h++) {
      world.arrivedMs = world.nowMs;
      await world.until(world.nowMs + hourMs);
    }
    expect(asked).toHaveLength(2);
    expect(asked[0]?.from).toBeLessThanOrEqual(startMs - 2 * dayMs + 1000);
    expect(world.handed()).toHaveLength(1);
  });

  test("is asked for what it may have missed where data is sent", async () => {
    const silence = { silentMs: 7 * dayMs, pollMs: null, rereadMs: 7 * dayMs };
    const world = new ConnectionWorld(sender({ backfill: asking, habit: silence }));
    await world.core.open(linkOf());
    await world.rest();
    const asked = spans(world);
    await world.until(world.nowMs + 8 * dayMs);
    expect(asked).toHaveLength(2);
    expect(asked[0]?.from).toBeLessThanOrEqual(startMs);
    expect((await world.core.status()).state).toBe("connected");
  });
});

describe("a provider that sends by itself", () => {
  const silence: Habit = { silentMs: 7 * dayMs, pollMs: null, rereadMs: 7 * dayMs };
  /** Data comes every day, so it is never silent. */
  async function sends(world: ConnectionWorld, days: number): Promise<void> {
    for (let day = 0; day < days; day++) {
      world.arrivedMs = world.nowMs;
      await world.until(world.nowMs + dayMs);
    }
  }

  test("is asked what is granted now and then, so that the grant stays fresh", async () => {
    const world = new ConnectionWorld(sender({ habit: silence }));
    await world.core.open(linkOf());
    await sends(world, 60);
    expect(world.site.asked).toEqual(Array.from({ length: 4 }, () => "/permissions"));
    const { state, unconfirmed } = await world.core.status();
    expect([state, unconfirmed]).toEqual(["connected", []]);
    world.site.permissions = [];
    await sends(world, 15);
    expect((await world.core.status()).why).toBe("permission-withdrawn");
  });

  test("is asked too when it has nothing to send", async () => {
    const world = new ConnectionWorld(sender({ habit: { ...silence, silentMs: null } }));
    await world.core.open(linkOf());
    await world.until(startMs + 60 * dayMs);
    expect(world.site.asked).toEqual(Array.from({ length: 4 }, () => "/permissions"));
  });

  test("is not asked while its addresses are read with the same token", async () => {
    const world = new ConnectionWorld(sender({ habit: silence }));
    await world.core.open(linkOf());
    for (let day = 0; day < 40; day++) {
      const callback = { url: `https://site.example/${day}`, about: {} };
      world.site.addresses.set(callback.url, [rideNo(day, world.nowMs)]);
      await world.core.notice([windowOf(world.nowMs, world.nowMs + 1, { callback })]);
      await world.until(world.nowMs + dayMs);
    }
    expect(world.site.asked).not.toContain("/permissions");
  });
});

describe("a provider that says nothing", () => {
  test("is read between every quarter and every half hour, spread by chance", async () => {
    const polled: Habit = {
      silentMs: null,
      pollMs: [15 * minuteMs, 30 * minuteMs],
      rereadMs: dayMs,
    };
    const world = new ConnectionWorld(site({ habit: polled }));
    const asked = spans(world);
    await world.core.open(linkOf());
    let n = 0;
    for (let i = 0; i < 60; i++) {
      world.chance = (n++ * 0.37) % 1;
      await world.ring();
    }
    const pauses = asked.slice(2).map(({ atMs }, i) => atMs - (asked[i + 1]?.atMs ?? 0));
    expect(pauses.length).toBeGreaterThan(40);
    for (const ms of pauses) {
      expect(ms).toBeGreaterThanOrEqual(15 * minuteMs);
      expect(ms).toBeLessThanOrEqual(30 * minuteMs + 100);
    }
    expect(Math.max(...pauses) - Math.min(...pauses)).toBeGreaterThan(10 * minuteMs);
  });
});
