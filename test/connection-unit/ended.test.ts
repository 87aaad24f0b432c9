/** Its provider says, with proof, that the account gives no more; and accounts that nobody can ask. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionId } from "../../domain/identity.ts";
import type { Provider } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { replyOf, rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
const wide = windowOf(startMs - 3 * dayMs, startMs);
const from = startMs - dayMs;

async function opened(provider: Provider = site({ habit })): Promise<ConnectionWorld> {
  const world = new ConnectionWorld(provider);
  await world.core.open(linkOf());
  await world.rest();
  world.site.asked.length = 0;
  return world;
}
const stateOf = async (world: ConnectionWorld) => {
  const { state, why } = await world.core.status();
  return [state, why];
};

describe.each(["grant-ended", "permission-withdrawn"] as const)("an account of which %s", (why) => {
  const over = ["needs-reconnecting", why];

  test("is said to have to be linked again, at once, and nothing is erased", async () => {
    const world = await opened();
    world.site.put(rideNo(1, from));
    await world.core.notice([wide]);
    await world.rest();
    await world.core.ended(why, null);
    expect(await stateOf(world)).toEqual(over);
    expect(world.shown.at(-1)).toMatchObject({ state: over[0], why });
    expect([await world.held("ride-1"), world.erased]).toEqual([expect.anything(), []]);
  });

  test("is asked for nothing more, whatever is said of it and however long that is", async () => {
    const world = await opened();
    await world.core.notice([wide]);
    await world.core.ended(why, null);
    await world.core.unconfirmed("deregistered");
    await world.core.unconfirmed("permissions-changed");
    await world.core.notice([windowOf(from, from, { record: "ride-1" })]);
    await world.core.readNow();
    world.restart();
    await world.until(world.nowMs + 30 * dayMs);
    expect([world.site.asked, world.erased]).toEqual([[], []]);
    expect(await stateOf(world)).toEqual(over);
  });

  test("in the middle of a page is asked for nothing behind the call that is under way", async () => {
    const world = await opened();
    world.site.pageSize = 10;
    for (let i = 1; i <= 5; i++) world.site.put(rideNo(i, from + i, { beats: true }));
    await world.core.notice([wide]);
    world.site.wrong = () => {
      if (world.site.asked.length === 3) void world.core.ended(why, null);
      return undefined;
    };
    await world.until(world.nowMs + 3 * dayMs);
    expect(world.site.asked).toHaveLength(3);
    expect(await stateOf(world)).toEqual(over);
  });

  test("said again changes nothing", async () => {
    const world = await opened();
    await world.core.ended(why, null);
    const shown = world.shown.length;
    await world.core.ended(why, null);
    await world.core.ended(why === "grant-ended" ? "permission-withdrawn" : "grant-ended", null);
    expect([await stateOf(world), world.shown.length]).toEqual([over, shown]);
  });

  test("is read again, all that it missed, once its member links it again", async () => {
    const world = await opened();
    await world.core.ended(why, null);
    world.site.put(rideNo(1, world.nowMs - minuteMs));
    await world.until(world.nowMs + dayMs);
    await world.core.open(linkOf());
    await world.rest();
    expect(await stateOf(world)).toEqual(["connected", null]);
    expect(await world.held("ride-1")).not.toBeNull();
    await world.core.ended(why, null);
    expect(await stateOf(world)).toEqual(over);
  });

  test("takes what still comes by itself, which does not make it good again", async () => {
    const world = await opened(sender({ habit }));
    await world.core.ended(why, null);
    world.nowMs += minuteMs;
    world.arrivedMs = world.nowMs;
    expect((await world.core.status()).lastReceivedMs).toBe(world.nowMs);
    expect(await stateOf(world)).toEqual(over);
  });

  test("that could not be shown is shown later", async () => {
    const world = await opened();
    world.fault = { nth: world.calls.length + 1, how: "before" };
    await world.core.ended(why, null);
    const shown = world.shown.length;
    await world.rest();
    expect(world.shown.slice(shown)).toMatchObject([{ state: over[0], why }]);
  });
});

test("what stopped it before gives way to what its provider says with proof", async () => {
  const world = await opened();
  world.site.wrong = () => ({ failed: "grant-ended" });
  await world.core.notice([wide]);
  await world.rest();
  expect(await stateOf(world)).toEqual(["needs-reconnecting", "grant-ended"]);
  await world.core.ended("permission-withdrawn", null);
  world.site.wrong = () => undefined;
  world.site.asked.length = 0;
  await world.until(world.nowMs + 10 * dayMs);
  expect(await stateOf(world)).toEqual(["needs-reconnecting", "permission-withdrawn"]);
  expect(world.site.asked).toEqual([]);
});

test("a connection that is gone, or makes room, does not heed it", async () => {
  const world = await opened();
  await world.core.handOver();
  await world.core.ended("grant-ended", null);
  expect((await world.core.status()).state).toBe("connected");
  await world.core.forget();
  await world.core.ended("grant-ended", null);
  expect(world.disk.raw.prepare("SELECT * FROM meta").all()).toEqual([]);
});

describe("an account that is linked by reference, and only sends", () => {
  const { link: _, pull: __, ...rest } = site();
  const provider: Provider = { ...rest, facts: { ...rest.facts, delivery: "push" } };

  test.each([
    ["nothing of its own", provider],
    ["a habit", { ...provider, habit }],
  ])("with %s is connected, and stays so", async (_, of) => {
    const world = await opened(of);
    expect(await stateOf(world)).toEqual(["connected", null]);
    world.arrivedMs = world.nowMs;
    await world.core.unconfirmed("deregistered");
    await world.core.readNow();
    await world.until(world.nowMs + 10 * dayMs);
    const { state, pending, backfill, unconfirmed } = await world.core.status();
    expect([state, pending, backfill, unconfirmed]).toEqual([
      "connected",
      0,
      null,
      ["deregistered"],
    ]);
    expect([world.requests, world.shown.at(-1)?.state]).toEqual([0, "connected"]);
  });

  test("lets go of what it cannot read", async () => {
    const world = await opened(provider);
    await world.core.notice([wide, windowOf(0, 0, { record: "a" }), windowOf(0, 0, { gone: "b" })]);
    await world.rest();
    expect([await stateOf(world), world.rows()]).toEqual([["connected", null], []]);
  });

  test("has to be linked again once it ended, and is good again then", async () => {
    const world = await opened(provider);
    await world.core.ended("grant-ended", null);
    expect(await stateOf(world)).toEqual(["needs-reconnecting", "grant-ended"]);
    await world.core.open(linkOf({ connection: "con_1" as ConnectionId }));
    expect(await stateOf(world)).toEqual(["connected", null]);
  });
});

test.each([
  ["confirms", []],
  ["refutes", ["RIDES"]],
])(
  "an answer that %s a claim, on its way when the account ends, says nothing of it",
  async (_, granted) => {
    const world = await opened();
    world.site.wrong = (asked) => {
      if (!("path" in asked) || asked.path !== "/permissions") return undefined;
      void world.core.ended("grant-ended", null);
      return replyOf(200, granted);
    };
    await world.core.unconfirmed("permissions-changed");
    await world.rest();
    expect(await stateOf(world)).toEqual(["needs-reconnecting", "grant-ended"]);
  },
);

const over = ["needs-reconnecting", "grant-ended"];
const fine = ["connected", null];

describe("an end that comes late", () => {
  test("is not heeded when it was said before the account was linked", async () => {
    const world = await opened();
    for (const saidMs of [0, startMs - 6 * 3_600_000, startMs - 1])
      await world.core.ended("grant-ended", saidMs);
    expect([await stateOf(world), world.shown.at(-1)?.state]).toEqual([fine, "connected"]);
    await world.core.ended("grant-ended", startMs);
    expect(await stateOf(world)).toEqual(over);
  });

  test("is heeded within the second in which the account was linked", async () => {
    const world = new ConnectionWorld(site({ habit }));
    world.nowMs = startMs + 999;
    await world.core.open(linkOf());
    await world.core.ended("grant-ended", startMs);
    expect(await stateOf(world)).toEqual(over);
  });

  test("is heeded though the connection was told anew since: the grant is the same", async () => {
    const world = await opened();
    world.nowMs += 2 * minuteMs;
    await world.core.open(linkOf());
    await world.core.ended("grant-ended", world.nowMs - minuteMs);
    expect(await stateOf(world)).toEqual(over);
  });

  test("is heeded by a clock that runs ahead, which holds back no grant", async () => {
    const world = await opened();
    await world.core.ended("grant-ended", world.nowMs + 365 * dayMs);
    expect(await stateOf(world)).toEqual(over);
    world.nowMs += minuteMs;
    await world.core.granted(world.nowMs);
    await world.rest();
    expect(await stateOf(world)).toEqual(fine);
    await world.core.granted(world.nowMs + 365 * dayMs);
    world.nowMs += minuteMs;
    await world.core.ended("grant-ended", world.nowMs);
    expect(await stateOf(world)).toEqual(over);
  });
});

describe("an account that is said to give again", () => {
  test.each([null, startMs + 2 * minuteMs])("at %j is good at once, and read", async (saidMs) => {
    const world = await opened();
    world.nowMs += minuteMs;
    await world.core.ended("permission-withdrawn", saidMs && saidMs - minuteMs);
    world.site.put(rideNo(1, world.nowMs - minuteMs));
    world.nowMs += minuteMs;
    world.restart();
    await world.core.granted(saidMs);
    expect((await world.core.status()).state).not.toBe("needs-reconnecting");
    await world.rest();
    expect([await stateOf(world), world.shown.at(-1)?.state]).toEqual([fine, "connected"]);
    expect(await world.held("ride-1")).not.toBeNull();
    await world.core.ended("grant-ended", null);
    expect(await stateOf(world)).toEqual(over);
  });

  test("does not mend what was found here: the grant is refused all the same", async () => {
    const world = await opened();
    world.site.wrong = () => ({ failed: "grant-ended" });
    await world.core.notice([wide]);
    await world.rest();
    await world.core.granted(null);
    expect(await stateOf(world)).toEqual(over);
    await world.core.ended("permission-withdrawn", null);
    expect(await stateOf(world)).toEqual(["needs-reconnecting", "permission-withdrawn"]);
    await world.core.granted(null);
    world.restart();
    expect(await stateOf(world)).toEqual(over);
    await world.core.open(linkOf());
    await world.core.ended("permission-withdrawn", null);
    await world.core.granted(null);
    expect((await world.core.status()).state).not.toBe("needs-reconnecting");
  });

  test("by the older of two words stays ended, whichever comes first", async () => {
    const world = await opened();
    const [early, late] = [startMs + minuteMs, startMs + 2 * minuteMs];
    world.nowMs += dayMs;
    await world.core.ended("grant-ended", late);
    await world.core.granted(early);
    expect(await stateOf(world)).toEqual(over);
    await world.core.ended("grant-ended", late + 2 * minuteMs);
    await world.core.granted(late + minuteMs);
    expect(await stateOf(world)).toEqual(over);
  });

  test("by the newer of two words does not end by the older, whichever comes first", async () => {
    const [early, late] = [startMs + minuteMs, startMs + 2 * minuteMs];
    for (const isEndedFirst of [true, false]) {
      const world = await opened();
      world.nowMs += dayMs;
      if (isEndedFirst) await world.core.ended("grant-ended", early);
      await world.core.granted(late);
      await world.core.ended("grant-ended", early);
      await world.rest();
      expect(await stateOf(world)).toEqual(fine);
    }
  });

  test("is not heeded by a connection that is gone", async () => {
    const world = await opened();
    await world.core.ended("grant-ended", null);
    await world.core.forget();
    await world.core.granted(null);
    expect(world.disk.raw.prepare("SELECT * FROM meta").all()).toEqual([]);
  });

  test("in the middle of a page is read again from what waits", async () => {
    const world = await opened();
    world.site.pageSize = 10;
    for (let i = 1; i <= 5; i++) world.site.put(rideNo(i, from + i, { beats: true }));
    await world.core.notice([wide]);
    world.site.wrong = () => {
      if (world.site.asked.length === 3) {
        void world.core.ended("grant-ended", null);
        void world.core.granted(null);
      }
      return undefined;
    };
    await world.until(world.nowMs + 3 * dayMs);
    expect(await stateOf(world)).toEqual(fine);
    for (let i = 1; i <= 5; i++) expect(await world.held(`ride-${i}`)).not.toBeNull();
  });
});
