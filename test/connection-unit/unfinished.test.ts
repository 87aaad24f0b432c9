/** A record whose readings are still being made is taken as it stands, and read a few times more. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionId } from "../../domain/identity.ts";
import { unfinishedAfterMs } from "../../durable-objects/connection-items.ts";
import type { Pull } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { forgetAsked, goneHint, habit, hearsay, hint, opened, pullOf } from "./hearsay.ts";
import { replyOf, rideNo, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const one = "/one/ride-1";
const beats = "/list/beats-ride-1";
const wide = windowOf(startMs - dayMs, startMs + dayMs);
const pull = pullOf({ isUnfinished: (_item, readings) => readings.length === 0 });
const [firstMs, secondMs, thirdMs] = unfinishedAfterMs;
const allMs = firstMs + secondMs + thirdMs;

/** A ride whose readings come so long after its notice; null: never. */
async function making(afterMs: number | null, provider = hearsay({ pull })) {
  const world = await opened(new ConnectionWorld(provider));
  const beganMs = world.nowMs;
  world.site.wrong = (asked) => {
    const isMade = afterMs !== null && world.nowMs >= beganMs + afterMs;
    if (!("path" in asked) || !asked.path.includes("beats") || isMade) return undefined;
    return replyOf(200, { items: [], next: null });
  };
  world.site.put(rideNo(1, startMs, { beats: true }));
  return world;
}
const looks = ({ site }: ConnectionWorld) => site.asked.filter((path) => path === one).length;
const heart = (world: ConnectionWorld) =>
  [...world.memory.rows.values()].map(({ columns }) => columns.raw).join();

describe("a record whose readings are still being made", () => {
  test("is there at once, and whole once they are", async () => {
    const world = await making(15 * minuteMs);
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    expect(await world.held("ride-1")).not.toBeNull();
    expect([looks(world), heart(world).includes("120")]).toEqual([1, false]);
    const { state, pending } = await world.core.status();
    expect([state, pending]).toEqual(["connected", 0]);
    await world.until(world.nowMs + firstMs + secondMs + minuteMs);
    expect([looks(world), world.rows()]).toEqual([3, []]);
    await world.until(world.nowMs + dayMs / 2);
    expect(looks(world)).toBe(3);
    expect(world.site.asked.filter((path) => path === beats)).toHaveLength(3);
  });

  test("that are never made, is read three times more, and never again after that", async () => {
    const world = await making(null);
    await world.core.notice([hint("ride-1")]);
    const at: number[] = [];
    const { wrong } = world.site;
    world.site.wrong = (asked) => {
      if ("path" in asked && asked.path === one) at.push(world.nowMs);
      return wrong(asked);
    };
    await world.until(world.nowMs + allMs + 5 * minuteMs);
    const gaps = at.slice(1).map((ms, i) => Math.round((ms - (at[i] ?? 0)) / minuteMs));
    expect(gaps).toEqual([5, 15, 45]);
    forgetAsked(world);
    await world.core.notice([hint("ride-1")]);
    await world.core.readNow();
    await world.rest();
    expect(world.site.asked.filter((path) => path !== "/list/rides")).toEqual([one]);
    expect([world.rows(), world.memory.store.resolvedBytes().length]).toEqual([[], 1]);
  });

  test("is still read once more after a restart, no more often than before", async () => {
    const world = await making(null);
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    world.restart();
    await world.until(world.nowMs + allMs + 5 * minuteMs);
    expect([looks(world), world.rows()]).toEqual([4, []]);
  });

  test("that a window brought, is read once more by itself", async () => {
    for (const provider of [hearsay({ pull }), site({ pull, habit })]) {
      const world = await making(3 * minuteMs, provider);
      await world.core.notice([wide]);
      await world.core.readNow();
      await world.ring();
      expect(world.rows()).toMatchObject([{ kind: "reread", record: "ride-1" }]);
      await world.rest();
      expect([looks(world), world.rows()]).toEqual([1, []]);
    }
  });

  test("said to be there again is read at once, and then when it was to be", async () => {
    const world = await making(null);
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    const atMs = world.nowMs;
    await world.until(atMs + minuteMs);
    await world.core.notice([hint("ride-1")]);
    await world.until(atMs + 2 * minuteMs);
    expect([looks(world), world.rows().length]).toEqual([2, 1]);
    await world.until(atMs + firstMs + minuteMs);
    expect(looks(world)).toBe(3);
    await world.until(atMs + allMs + 5 * minuteMs);
    expect([looks(world), world.rows()]).toEqual([5, []]);
  });

  test("said to be gone is asked for at once, and gone if it is", async () => {
    const world = await making(null);
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    world.site.rides.clear();
    await world.core.notice([goneHint("ride-1")]);
    await world.ring();
    expect([await world.held("ride-1"), world.rows()]).toEqual([null, []]);
  });

  test("is read when it was to be, though hints wait, and are many", async () => {
    const world = await making(3 * minuteMs);
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    await world.core.notice(Array.from({ length: 40 }, (_, i) => hint(`nobody-${i}`)));
    await world.ring();
    await world.core.notice([hint("ride-1")]);
    await world.until(world.nowMs + firstMs + minuteMs);
    expect(heart(world)).toContain("120");
  });

  test("goes over to the connection that takes its place", async () => {
    const world = await making(null);
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    const handed = await world.core.handOver();
    expect(handed.waiting).toMatchObject([{ kind: "reread", record: "ride-1" }]);
    const next = new ConnectionWorld(hearsay({ pull }));
    next.site.put(rideNo(1, startMs, { beats: true }));
    await next.core.open(linkOf({ connection: "con_2" as ConnectionId }), [handed]);
    await next.rest();
    expect([heart(next).includes("120"), next.rows()]).toEqual([true, []]);
  });

  test("ends alike, whatever call fails in between", async () => {
    const story = async (world: ConnectionWorld) => {
      await world.tell([hint("ride-1"), hint("nobody")]);
      await world.until(world.nowMs + 3 * minuteMs);
      await world.tell([wide]);
      await world.until(world.nowMs + 3 * 60 * minuteMs);
      await world.tell([hint("ride-1")]);
      await world.until(world.nowMs + 2 * 60 * minuteMs);
    };
    const endOf = async (world: ConnectionWorld) => [
      world.rows(),
      heart(world),
      world.memory.store.resolvedBytes(),
      world.disk.raw.prepare("SELECT * FROM had").all(),
      (await world.core.status()).state,
    ];
    const whole = await making(30 * minuteMs);
    const before = whole.calls.length;
    await story(whole);
    const expected = await endOf(whole);
    expect(expected[0]).toEqual([]);
    expect(expected[1]).toContain("120");
    for (let nth = before + 1; nth <= whole.calls.length; nth++)
      for (const how of ["before", "after", "death"] as const) {
        const world = await making(30 * minuteMs);
        world.fault = { nth, how };
        await story(world);
        expect(await endOf(world), `${how} call ${nth}: ${whole.calls[nth - 1]}`).toEqual(expected);
      }
  });
});

describe("a record without what belongs to it, which is not given", () => {
  const raws = (world: ConnectionWorld) =>
    [...world.memory.rows.values()].map(({ columns }) => String(columns.raw));

  test.each([403, 404])(
    "is taken, asked for again, and never known as whole: %i",
    async (status) => {
      const world = await opened(new ConnectionWorld(hearsay({ pull })));
      world.site.wrong = (asked) =>
        "path" in asked && asked.path === beats ? replyOf(status) : undefined;
      world.site.put(rideNo(1, startMs, { beats: true }));
      await world.core.notice([wide]);
      await world.ring();
      expect(await world.held("ride-1")).not.toBeNull();
      expect(world.rows()).toMatchObject([{ kind: "reread", record: "ride-1" }]);
      await world.until(world.nowMs + allMs + 5 * minuteMs);
      expect([looks(world), world.rows()]).toEqual([3, []]);
      expect(world.disk.raw.prepare("SELECT * FROM had").all()).toEqual([]);
      world.site.wrong = () => undefined;
      await world.core.readNow();
      await world.rest();
      expect(heart(world)).toContain("120");
    },
  );

  test.each([403, 404])("takes the place of nothing that has it: %i", async (status) => {
    for (const said of [wide, hint("ride-1")]) {
      const world = await opened(new ConnectionWorld(hearsay({ pull })));
      world.site.put(rideNo(1, startMs, { beats: true }));
      await world.core.notice([said]);
      await world.rest();
      const before = raws(world);
      expect(before.join()).toContain("120");
      world.site.wrong = (asked) =>
        "path" in asked && asked.path === beats ? replyOf(status) : undefined;
      world.site.put(rideNo(1, startMs, { beats: true, revision: 2 }));
      await world.core.notice([said]);
      await world.until(world.nowMs + allMs + 10 * minuteMs);
      expect([raws(world), world.rows()]).toEqual([before, []]);
      world.site.wrong = () => undefined;
      await world.core.readNow();
      await world.rest();
      expect((await world.held("ride-1"))?.revision).toBe(2);
    }
  });

  test("is there again where it was gone", async () => {
    const world = await opened(new ConnectionWorld(hearsay({ pull })));
    world.site.put(rideNo(1, startMs, { beats: true }));
    await world.core.notice([hint("ride-1")]);
    await world.rest();
    const ride = world.site.rides.get("ride-1");
    world.site.rides.clear();
    await world.core.notice([goneHint("ride-1")]);
    await world.rest();
    expect(await world.held("ride-1")).toBeNull();
    world.site.wrong = (asked) =>
      "path" in asked && asked.path === beats ? replyOf(404) : undefined;
    if (ride !== undefined) world.site.put({ ...ride, revision: 2 });
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    expect(await world.held("ride-1")).not.toBeNull();
  });
});

test("a record that calls itself otherwise than it was asked for is not asked for without end", async () => {
  const one: Pull["one"] = (_collection, id) => ({
    path: `/one/${id.replace("say-", "")}`,
    query: {},
  });
  const provider = hearsay({ pull: pullOf({ isUnfinished: () => true, one }) });
  const world = await opened(new ConnectionWorld(provider));
  world.site.put(rideNo(1, startMs));
  await world.core.notice([hint("say-ride-1")]);
  await world.until(world.nowMs + allMs + 10 * minuteMs, 50);
  expect([looks(world), world.rows()]).toEqual([4, []]);
});
