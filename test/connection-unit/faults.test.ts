/** Each fault has a state that says so, a pause that fits it, and an end that brings what waited. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { callOf } from "../../domain/call.ts";
import type { ProviderReply } from "../../domain/ports.ts";
import { readNowEveryMs } from "../../durable-objects/connection-core.ts";
import { showAgainMs } from "../../durable-objects/connection-status.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { asking, budgetOf, replyOf, rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const from = startMs - 3 * dayMs;
const wide = windowOf(from, startMs);

async function opened(world = new ConnectionWorld()): Promise<ConnectionWorld> {
  for (let i = 1; i <= 3; i++) world.site.put(rideNo(i, from + dayMs + i * minuteMs));
  await world.core.open(linkOf());
  await world.rest();
  return world;
}
const stateIn = async (world: ConnectionWorld) => {
  const { state, why } = await world.core.status();
  return [state, why];
};

const none: ProviderReply = { ...replyOf(0, ""), complete: false };
const passing: readonly (readonly [string, ProviderReply, string])[] = [
  ["500", replyOf(500), "provider-down"],
  ["503 with Retry-After", { ...replyOf(503), retryAfterMs: 120_000 }, "provider-down"],
  ["a timeout", { ...none, fault: "timeout" }, "provider-down"],
  ["no network", { ...none, fault: "network" }, "provider-down"],
  [
    "a body cut short",
    { ...replyOf(200, "{"), complete: false, fault: "cut-short" },
    "provider-down",
  ],
  ["429", replyOf(429), "rate-limited"],
  ["429 with Retry-After", { ...replyOf(429), retryAfterMs: 180_000 }, "rate-limited"],
  ["a body too large", { ...none, status: 200, fault: "too-large" }, "broken-answers"],
  ["a redirect", { ...none, status: 302, fault: "redirect" }, "broken-answers"],
  ["a wrong type", { ...none, status: 200, fault: "wrong-type" }, "broken-answers"],
  ["a refusal", replyOf(403), "refused"],
];

describe("a connection whose provider answers", () => {
  test.each(passing)("%s is behind, says why, and goes on by itself", async (_, reply, why) => {
    const world = await opened();
    world.site.wrong = () => reply;
    await world.core.notice([wide]);
    await world.ring();
    const asked = world.requests;
    world.nowMs += minuteMs;
    expect(await stateIn(world)).toEqual(["behind", why]);
    const { pending, behindSinceMs, nextMs } = await world.core.status();
    expect([pending, world.handed()]).toEqual([1, []]);
    expect(behindSinceMs).toBeLessThan(world.nowMs);
    expect(nextMs).toBe(Math.max(world.nowMs, world.disk.alarmMs() ?? 0));
    const { retryAfterMs } = reply;
    if (retryAfterMs !== null) expect(nextMs).toBeGreaterThanOrEqual(startMs + retryAfterMs);
    expect(asked).toBe(1);
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + dayMs / 2);
    expect(await stateIn(world)).toEqual(["connected", null]);
    expect(world.handed()).toEqual([1, 1, 1]);
  });

  test("nothing for a day is asked with growing pauses, up to a quarter of an hour", async () => {
    const world = await opened();
    const asked: number[] = [];
    world.site.wrong = () => {
      asked.push(world.nowMs);
      return replyOf(500);
    };
    await world.core.notice([wide]);
    await world.until(world.nowMs + dayMs);
    const pauses = asked.slice(1).map((at, i) => at - (asked[i] ?? 0));
    expect(pauses.slice(0, 4)).toEqual([...pauses.slice(0, 4)].sort((a, b) => a - b));
    expect(Math.max(...pauses)).toBeLessThanOrEqual(15 * minuteMs + 100);
    expect(asked.length).toBeLessThan(150);
  });

  test("what its member never granted is not asked, until they do", async () => {
    const world = new ConnectionWorld();
    world.site.put(rideNo(1, from + dayMs));
    await world.core.open(linkOf({ scopes: ["profile"] }));
    await world.core.notice([wide]);
    await world.rest();
    expect(await stateIn(world)).toEqual(["needs-reconnecting", "scope-missing"]);
    expect([world.requests, (await world.core.status()).scopes]).toEqual([0, ["profile"]]);
    await world.core.open(linkOf({ scopes: ["profile", "activity"] }));
    await world.rest();
    expect([await stateIn(world), world.handed()]).toEqual([["connected", null], [1]]);
  });

  test("what an older call brings back of a grant that was renewed meanwhile is not heeded", async () => {
    const world = await opened();
    let told = false;
    world.site.wrong = () => {
      if (told) return undefined;
      told = true;
      void world.core.open(linkOf());
      return { failed: "grant-ended" };
    };
    await world.core.notice([wide]);
    await world.rest();
    expect([await stateIn(world), world.handed()]).toEqual([
      ["connected", null],
      [1, 1, 1],
    ]);
  });
});

describe("one page that is no good", () => {
  test("goes last in line and keeps no other waiting", async () => {
    const world = await opened();
    const page = { ...replyOf(200, ""), complete: false };
    world.site.wrong = (request) =>
      "path" in request && request.path === "/list/walks" ? page : undefined;
    await world.core.notice([windowOf(from, startMs, { collection: "walks" })]);
    await world.core.notice([wide]);
    await world.ring();
    expect(world.handed()).toEqual([1, 1, 1]);
    expect((await world.core.status()).pending).toBe(1);
  });

  test("of ours keeps no other waiting either", async () => {
    const world = await opened();
    const real = world.provider.normalise;
    world.provider = {
      ...world.provider,
      normalise: (kind, item, at) => {
        if (kind === "walks") throw new Error("a fault of ours");
        return real(kind, item, at);
      },
    };
    await world.core.notice([windowOf(from, startMs, { collection: "walks" })]);
    await world.core.notice([wide]);
    await world.ring();
    expect(await stateIn(world)).toEqual(["behind", "ours"]);
    await world.rest();
    expect(world.handed()).toEqual([1, 1, 1]);
  });
});

describe("budgets", () => {
  test("of all members are asked for before any call, and reported with how fresh it was", async () => {
    const world = await opened();
    await world.core.notice([wide]);
    world.nowMs += 7000;
    await world.ring();
    expect(world.leases.every(({ kind }) => kind === "live")).toBe(true);
    expect(world.calls.indexOf("lease")).toBeLessThan(world.calls.indexOf("request"));
    const calls = world.reports.flatMap((report) => report.calls);
    expect(calls).toEqual([callOf(replyOf(200), 20), callOf(replyOf(200), 20)]);
    expect(world.reports.flatMap((report) => report.freshnessMs)).toEqual([7040]);
  });

  test("are reported with what came of the pages, once each", async () => {
    const world = await opened();
    const reported = () => world.reports.flatMap(({ recorded }) => recorded ?? []);
    await world.core.notice([wide]);
    await world.rest();
    expect(reported()).toEqual([{ recorded: 3, duplicates: 0, parked: 0 }]);
    await world.core.notice([wide]);
    await world.rest();
    expect(reported().slice(1)).toEqual([{ recorded: 0, duplicates: 3, parked: 0 }]);
  });

  test("that are spent are waited for, and who waits says so only when it takes long", async () => {
    const world = await opened();
    world.gateSays = () => ({ waitMs: 90_000, why: "budget" });
    await world.core.notice([wide]);
    const notedMs = world.nowMs;
    await world.ring();
    expect(await stateIn(world)).toEqual(["syncing", null]);
    expect(world.disk.alarmMs()).toBe(notedMs + 90_000);
    world.nowMs += 61_000;
    expect(await stateIn(world)).toEqual(["behind", "rate-limited"]);
    world.gateSays = () => ({ waitMs: 300_000, why: "breaker" });
    await world.ring();
    expect(await stateIn(world)).toEqual(["behind", "provider-down"]);
    expect(world.requests).toBe(0);
    world.gateSays = () => undefined;
    await world.rest();
    expect([await stateIn(world), world.handed()]).toEqual([
      ["connected", null],
      [1, 1, 1],
    ]);
  });

  test("are never overrun: no call begins beyond a lease's number or its time", async () => {
    const world = await opened();
    for (let i = 4; i <= 30; i++) world.site.put(rideNo(i, from + dayMs + i * minuteMs));
    let left = 0;
    let untilMs = 0;
    world.gateSays = () => {
      // Now the number is what ends it, now the time.
      [left, untilMs] = [2 + (world.leases.length % 2) * 3, world.nowMs + 30];
      return { lease: "small", granted: left, untilMs };
    };
    world.site.wrong = () => {
      left--;
      expect(left).toBeGreaterThanOrEqual(0);
      expect(world.nowMs - 20).toBeLessThanOrEqual(untilMs);
      return undefined;
    };
    await world.core.notice([wide]);
    await world.rest();
    expect(world.handed()).toHaveLength(30);
  });

  test("of the member hold across restarts", async () => {
    const world = await opened(new ConnectionWorld(site({ budget: budgetOf(3, 10 * minuteMs) })));
    for (let i = 4; i <= 20; i++) world.site.put(rideNo(i, from + dayMs + i * minuteMs));
    const made: number[] = [];
    world.site.wrong = () => void made.push(world.nowMs);
    await world.core.notice([wide]);
    for (let i = 0; i < 60 && world.rows().length > 0; i++) {
      world.restart();
      await world.ring();
    }
    expect(world.handed()).toHaveLength(20);
    for (const at of made)
      expect(made.filter((t) => t > at - 10 * minuteMs && t <= at).length).toBeLessThanOrEqual(3);
  });

  test("whose report is lost, and a gate that is down, lose nothing", async () => {
    const world = await opened();
    world.fault = { nth: world.calls.length + 1, how: "before" };
    await world.core.notice([wide]);
    await world.ring();
    expect(await stateIn(world)).toEqual(["behind", "ours"]);
    await world.rest();
    expect([await stateIn(world), world.handed()]).toEqual([
      ["connected", null],
      [1, 1, 1],
    ]);
  });

  test("count a call twice when it is made twice for a renewed token", async () => {
    const world = await opened();
    let once = true;
    world.site.wrong = () => {
      if (!once) return undefined;
      once = false;
      return { ...replyOf(401), renewed: true };
    };
    await world.core.notice([wide]);
    await world.rest();
    expect(world.reports.flatMap((report) => report.calls)).toHaveLength(3);
    expect([await stateIn(world), world.handed()]).toEqual([
      ["connected", null],
      [1, 1, 1],
    ]);
  });
});

describe("a member who waits", () => {
  test("has the newest read at once, once a minute", async () => {
    const world = await opened();
    world.site.put(rideNo(8, world.nowMs - minuteMs));
    const first = await world.core.readNow();
    expect(first.nextMs).toBe(world.nowMs);
    const again = await world.core.readNow();
    expect(again.nextMs).toBe(world.nowMs + readNowEveryMs);
    await world.ring();
    expect(world.handed()).toEqual([1]);
    world.nowMs = again.nextMs;
    expect((await world.core.readNow()).nextMs).toBe(world.nowMs);
  });

  test("for one whose provider cannot be asked is told when something is done next", async () => {
    const habit = { silentMs: 7 * dayMs, pollMs: null, rereadMs: 7 * dayMs };
    const world = await opened(new ConnectionWorld(sender({ habit, backfill: asking })));
    const { nextMs } = await world.core.readNow();
    expect(nextMs).toBe(world.disk.alarmMs());
    expect(nextMs).toBeGreaterThan(world.nowMs + dayMs);
    expect((await world.core.readNow()).nextMs).toBe(nextMs);
  });
});

describe("what is shown", () => {
  test("is shown at the end of a run, when it is news, and costs nothing when it fails", async () => {
    const world = await opened();
    const before = world.shown.length;
    await world.core.notice([wide]);
    await world.ring();
    expect(world.shown.slice(before).map(({ state }) => state)).toEqual(["connected"]);
    expect(world.shown.at(-1)).toEqual(await world.core.status());
    world.site.wrong = () => replyOf(500);
    await world.core.notice([wide]);
    await world.ring();
    expect(world.shown.at(-1)?.state).toBe("behind");
  });

  test("and could not be is shown again, though nothing happens", async () => {
    const world = await opened();
    world.site.wrong = () => replyOf(500);
    await world.core.notice([wide]);
    await world.ring();
    world.site.wrong = () => undefined;
    const push = world.shown.push.bind(world.shown);
    world.shown.push = () => {
      throw new Error("the warehouse is down");
    };
    await world.ring();
    expect((await world.core.status()).state).toBe("connected");
    expect(world.shown.at(-1)?.state).toBe("behind");
    world.shown.push = push;
    await world.until(world.nowMs + showAgainMs);
    expect(world.shown.at(-1)?.state).toBe("connected");
    expect(world.disk.alarmMs()).toBeNull();
  });

  test("of data that came by itself is when, with no row written and the alarm as it was", async () => {
    const world = await opened();
    const alarm = world.disk.alarmMs();
    world.nowMs += 5000;
    world.arrivedMs = world.nowMs;
    const written = world.disk.rowsWritten();
    expect((await world.core.status()).lastReceivedMs).toBe(world.nowMs);
    expect(world.disk.rowsWritten() - written).toBe(0);
    expect(world.disk.alarmMs()).toBe(alarm);
  });

  test("leaves out when something came while the ledgers do not answer", async () => {
    const world = await opened();
    const { lastReceivedMs } = await world.core.status();
    world.arrivedMs = world.nowMs + 5000;
    world.ledgersFail = true;
    expect((await world.core.status()).lastReceivedMs).toBe(lastReceivedMs);
    world.ledgersFail = false;
    expect((await world.core.status()).lastReceivedMs).toBe(world.arrivedMs);
  });

  test("is nothing once it is forgotten, even in the middle of a run", async () => {
    const world = await opened();
    world.site.wrong = () => void world.core.forget();
    await world.core.notice([wide]);
    await world.ring();
    for (const table of ["pending", "seen", "passed", "spoilt", "claim", "meta"])
      expect(world.disk.raw.prepare(`SELECT * FROM ${table}`).all()).toEqual([]);
    expect(world.disk.alarmMs()).toBeNull();
  });
});
