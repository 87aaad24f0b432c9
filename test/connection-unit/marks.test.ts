/** What looks as it did when it was had costs its list alone; what may be other by now is read anew. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import { err, ok } from "../../domain/result.ts";
import { Had, hadMax } from "../../durable-objects/connection-had.ts";
import type { Provider, Pull } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { forgetAsked, habit, hearsay, pullOf } from "./hearsay.ts";
import { draftOf, type Ride, replyOf, rideNo, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const fromMs = startMs - 3 * dayMs;
const wide = windowOf(fromMs, startMs);
const list = "/list/rides";
const marks = (world: ConnectionWorld) =>
  world.disk.raw.prepare("SELECT fact, mark FROM had").all() as { mark: string | null }[];

/** Rides with readings, all of them had. */
async function read(n: number, provider = hearsay(), link = linkOf()) {
  const world = new ConnectionWorld(provider);
  world.site.pageSize = 100;
  for (let i = 1; i <= n; i++)
    world.site.put(rideNo(i, fromMs + dayMs + i * minuteMs, { beats: true }));
  await world.core.open(link);
  await world.core.notice([wide]);
  await world.rest();
  expect(world.handed()).toHaveLength(n);
  forgetAsked(world);
  return world;
}
async function again(world: ConnectionWorld): Promise<readonly string[]> {
  forgetAsked(world);
  await world.core.notice([wide]);
  await world.rest();
  return world.site.asked;
}

describe("what looks as it did", () => {
  test("is not read again, however many they are", async () => {
    const world = await read(50);
    expect(await again(world)).toEqual([list]);
    expect(Math.max(...world.handed())).toBe(1);
    expect(marks(world)).toHaveLength(50);
  });

  test("is known after a restart, and counted as had", async () => {
    const world = await read(3);
    world.restart();
    expect(await again(world)).toEqual([list]);
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => JSON.parse(line));
    expect(lines.at(-1)).toMatchObject({ event: "pull", items: 3, duplicates: 3, recorded: 0 });
  });

  test("but one of them, that one is read", async () => {
    const world = await read(5);
    world.site.put(rideNo(3, fromMs + dayMs, { beats: true, revision: 2 }));
    expect(await again(world)).toEqual([list, "/list/beats-ride-3"]);
    expect((await world.held("ride-3"))?.revision).toBe(2);
  });

  test("is what its provider's file looks at, where that says so", async () => {
    const mark = (item: unknown) => String((item as Ride).revision);
    const world = await read(2, hearsay({ pull: pullOf({ mark }) }));
    world.site.put(rideNo(1, fromMs + dayMs + 1, { beats: true }));
    expect(await again(world)).toEqual([list]);
  });

  test("is not missed by the window that showed it", async () => {
    const world = await read(3);
    const facts = world.memory.toLedger.flatMap((text) => JSON.parse(text));
    world.facts = async () => ({ items: facts, next: null });
    expect(await again(world)).toEqual([list]);
    world.site.rides.delete("ride-2");
    expect(await again(world)).toEqual([list, "/one/ride-2"]);
    expect(await world.held("ride-2")).toBeNull();
    world.facts = null;
    world.site.put(rideNo(2, fromMs + dayMs + 2 * minuteMs, { beats: true }));
    expect(await again(world)).toEqual([list, "/list/beats-ride-2"]);
    expect(await world.held("ride-2")).not.toBeNull();
  });

  test("is read anew by a file that has learnt to read it otherwise", async () => {
    const world = await read(2);
    world.provider = hearsay({ edition: 2 });
    const beats = ["/list/beats-ride-1", "/list/beats-ride-2"];
    expect(await again(world)).toEqual([list, ...beats]);
    expect(await again(world)).toEqual([list]);
  });

  test("is remembered of so many records, the newest by when they were", async () => {
    const world = await read(0);
    const had = new Had(world.disk.storage);
    for (let i = 0; i < hadMax + 40; i++) had.keep(`fact-${i}`, "mark", startMs - i);
    had.trim();
    expect(marks(world)).toHaveLength(hadMax);
    const known = [0, hadMax - 1, hadMax].map((i) => had.has(`fact-${i}`, "mark"));
    expect(known).toEqual([true, true, false]);
    for (let i = 0; i < 40; i++) had.retracted(`gone-${i}`, startMs + i);
    expect(marks(world)).toHaveLength(hadMax);
  });

  test("is remembered as gone from when it was retracted, however old it was", async () => {
    const world = await read(0);
    const had = new Had(world.disk.storage);
    had.keep("old", "mark", startMs - 900 * dayMs);
    for (let i = 0; i < hadMax - 1; i++) had.keep(`fact-${i}`, "mark", startMs - dayMs);
    had.retracted("old", startMs);
    for (let i = 0; i < 9; i++) had.keep(`more-${i}`, "mark", startMs - dayMs + 1);
    had.trim();
    expect(had.isGone("old" as FactId)).toBe(true);
  });

  test("is read each time where it is too deep to be written, and holds up nothing", async () => {
    let deep: unknown = 0;
    for (let i = 0; i < 200_000; i++) deep = [deep];
    const normalise: Provider["normalise"] = (_kind, item) => {
      const { deep: _, ...ride } = item as Ride & { deep: unknown };
      return ride.id === "ride-2" ? err("too-deep") : ok(draftOf(ride));
    };
    const page: Pull["page"] = () =>
      ok({ items: [1, 2, 3].map((i) => ({ ...rideNo(i, fromMs + dayMs), deep })), next: null });
    const world = new ConnectionWorld(hearsay({ normalise, pull: pullOf({ page }) }));
    await world.core.open(linkOf());
    await world.rest();
    expect([world.handed(), world.memory.parked.size, world.rows()]).toEqual([[1, 1], 1, []]);
    expect(marks(world)).toEqual([]);
  });
});

describe("of a provider that proves what it says", () => {
  const near = windowOf(startMs - 6 * 60 * minuteMs, startMs);
  const beats = "/list/beats-ride-1";
  async function near1(isMade: () => boolean) {
    const world = new ConnectionWorld(site({ habit }));
    world.site.wrong = (asked) =>
      "path" in asked && asked.path === beats && !isMade()
        ? replyOf(200, { items: [], next: null })
        : undefined;
    world.site.put(rideNo(1, startMs - 60 * minuteMs, { beats: true }));
    await world.core.open(linkOf());
    await world.rest();
    expect(world.handed()).toEqual([1]);
    forgetAsked(world);
    return world;
  }

  test("a notice has a record read again with its readings, a re-reading has not", async () => {
    const world = await near1(() => true);
    await world.core.readNow();
    await world.rest();
    expect(world.site.asked).toEqual([list]);
    await world.core.notice([near]);
    await world.rest();
    expect(world.site.asked).toEqual([list, list, beats]);
  });

  test("readings that come later, unsaid, are found by a re-reading", async () => {
    let isMade = false;
    const world = await near1(() => isMade);
    isMade = true;
    await world.core.readNow();
    await world.rest();
    expect(world.site.asked).toEqual([list, beats]);
    await world.core.readNow();
    await world.rest();
    expect(world.site.asked).toEqual([list, beats, list]);
  });
});

describe("is not remembered", () => {
  test("what is lifted, and may come again", async () => {
    const world = await read(2, hearsay(), linkOf({ forgottenToMs: fromMs }));
    await world.core.open(linkOf({ forgottenToMs: null }));
    expect(marks(world)).toEqual([]);
    expect(await again(world)).toContain("/list/beats-ride-1");
  });

  test("what was forgotten, of which nothing was taken", async () => {
    const world = new ConnectionWorld(site({ habit }));
    world.site.put(rideNo(1, fromMs + dayMs), rideNo(2, fromMs + 2 * dayMs));
    await world.core.open(linkOf({ forgottenToMs: fromMs + dayMs }));
    await world.core.notice([wide]);
    await world.rest();
    expect([world.handed(), marks(world).length]).toEqual([[1], 1]);
  });

  test("what was emptied", async () => {
    const world = await read(2);
    await world.core.forget();
    expect(marks(world)).toEqual([]);
  });

  test("what another grant may give more of", async () => {
    const world = await read(2);
    await world.core.open(linkOf());
    expect(marks(world)).toHaveLength(2);
    await world.core.open(linkOf({ scopes: ["activity", "beats"] }));
    expect(marks(world)).toEqual([]);
  });

  test("what was parked, or taken without its readings", async () => {
    const world = new ConnectionWorld(site({ habit }));
    world.site.put(rideNo(1, fromMs + dayMs, { beats: true }), rideNo(2, fromMs + dayMs));
    world.site.put(rideNo(3, fromMs + dayMs + 0.5));
    world.site.wrong = (asked) =>
      "path" in asked && asked.path.includes("beats") ? replyOf(403) : undefined;
    await world.core.open(linkOf());
    await world.core.notice([wide]);
    await world.rest();
    expect(await world.held("ride-1")).not.toBeNull();
    expect([world.memory.parked.size, marks(world).length]).toEqual([1, 1]);
    world.site.wrong = () => undefined;
    expect(await again(world)).toContain("/list/beats-ride-1");
    expect(marks(world)).toHaveLength(2);
  });

  test("what was being read while it was emptied and opened anew", async () => {
    const world = new ConnectionWorld(site());
    world.site.put(rideNo(1, fromMs + dayMs));
    await world.core.open(linkOf());
    await world.rest();
    await world.core.notice([wide]);
    let done = false;
    const { seal } = world.memory.ports.vault;
    world.memory.ports.vault.seal = async (...args) => {
      if (!done) await world.core.forget().then(() => world.core.open(linkOf()));
      done = true;
      return seal(...args);
    };
    await world.ring();
    expect(done).toBe(true);
    expect(marks(world)).toEqual([]);
  });
});
