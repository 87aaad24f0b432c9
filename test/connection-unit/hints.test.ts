/**
 * Of a provider that proves nothing anybody may have sent a notice: it is worth one call at most, a
 * flood of them takes nothing from others, and what is real comes all the same.
 */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { doubtedFrom, vainMax, vainMs } from "../../domain/doubt.ts";
import { accountHash, type ConnectionId, factId } from "../../domain/identity.ts";
import { ok } from "../../domain/result.ts";
import { hintsMax } from "../../durable-objects/connection-pending.ts";
import type { Draft } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { forgetAsked, goneHint, habit, hearsay, hint, opened, pullOf } from "./hearsay.ts";
import { draftOf, type Ride, replyOf, rideNo, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const one = "/one/ride-1";
const unordered = () =>
  hearsay({
    normalise: (_kind, item) => ok({ ...draftOf(item as Ride), revision: null } as Draft),
  });

/** With one ride that was had. */
async function withRide(provider = hearsay(), ride = rideNo(1, startMs, { beats: true })) {
  const world = await opened(new ConnectionWorld(provider));
  world.site.put(ride);
  await world.core.notice([hint("ride-1")]);
  await world.ring();
  expect(await world.held("ride-1")).not.toBeNull();
  forgetAsked(world);
  return world;
}

describe("a forged notice is worth one call, and changes nothing", () => {
  test("of a record that is not there", async () => {
    const world = await opened();
    await world.core.notice([hint("nobody")]);
    await world.until(world.nowMs + 2 * 60 * minuteMs);
    expect([world.site.asked, world.rows(), world.handed()]).toEqual([["/one/nobody"], [], []]);
    expect(world.reports.flatMap(({ freshnessMs }) => freshnessMs)).toEqual([]);
  });

  test("of a record that was had, and is as it was", async () => {
    const world = await withRide();
    for (let i = 1; i <= 3; i++) {
      await world.core.notice([hint("ride-1")]);
      await world.ring();
      expect([world.site.asked.length, world.handed()]).toEqual([i, [1]]);
    }
    expect(world.site.asked).toEqual([one, one, one]);
  });

  test("that a record is gone, which is there", async () => {
    const world = await withRide();
    await world.core.notice([goneHint("ride-1")]);
    await world.rest();
    expect([world.site.asked, world.handed(), world.rows()]).toEqual([[one], [1], []]);
  });

  test("that a record is gone, which was never here", async () => {
    const world = await opened();
    await world.core.notice([goneHint("nobody")]);
    await world.rest();
    expect([world.site.asked, world.handed()]).toEqual([["/one/nobody"], []]);
    expect(world.memory.store.retractions).toEqual([]);
  });

  test("that a record is gone, which is gone already", async () => {
    const world = await withRide();
    world.site.rides.clear();
    for (let i = 0; i < 4; i++) {
      await world.core.notice([goneHint("ride-1")]);
      await world.rest();
    }
    expect(world.site.asked).toEqual([one, one, one, one]);
    expect([await world.held("ride-1"), world.memory.store.retractions.length]).toEqual([null, 1]);
  });

  test.each([401, 403, 400])("of a record for which the answer is %i", async (status) => {
    const world = await opened();
    world.site.wrong = (asked) =>
      "path" in asked && asked.path === one ? replyOf(status) : undefined;
    for (let i = 1; i < vainMax; i++) await world.core.notice([hint("ride-1"), hint("ride-1")]);
    await world.until(world.nowMs + 3 * 60 * minuteMs);
    expect(world.site.asked.filter((path) => path === one)).toHaveLength(1);
    expect([world.rows(), (await world.core.status()).state]).toEqual([[], "connected"]);
  });

  test("of a record of another account, which the token may see", async () => {
    const { digest } = new ConnectionWorld().memory.ports;
    const accountIn = (item: unknown) => (item as { of?: string }).of ?? null;
    const world = new ConnectionWorld(hearsay({ pull: pullOf({ accountIn }) }));
    const account = await accountHash(digest, "site", "me");
    await world.core.open(linkOf({ account }));
    await world.rest();
    forgetAsked(world);
    const theirs = { ...rideNo(1, startMs, { beats: true }), of: "somebody" };
    const nobodys = { ...rideNo(4, startMs), of: "" } as Ride;
    const mine = { ...rideNo(2, startMs), of: "me" } as Ride;
    world.site.put(theirs, mine, rideNo(3, startMs), nobodys);
    await world.core.notice([hint("ride-1")]);
    await world.rest();
    expect([world.site.asked, world.handed(), world.memory.parked.size]).toEqual([[one], [], 0]);
    await world.core.notice([windowOf(startMs - dayMs, startMs + dayMs)]);
    await world.rest();
    const held = async (ride: string) =>
      world.memory.store.held(await factId(digest, "workouts", "site", account, ride));
    expect([await held("ride-1"), (await held("ride-2"))?.revision]).toEqual([null, 1]);
    expect([(await held("ride-3"))?.revision, await held("ride-4")]).toEqual([1, null]);
  });

  test("that the provider refuses to let us read ends no grant and holds up nothing", async () => {
    const world = await opened();
    world.site.put(rideNo(2, startMs));
    world.site.wrong = (asked) =>
      "path" in asked && asked.path.startsWith("/one/x") ? replyOf(401) : undefined;
    for (let h = 0; h < 6; h++) {
      await world.core.notice([hint(`x${h}`), hint(`x${h}-too`)]);
      await world.rest();
    }
    const { state, why } = await world.core.status();
    expect([state, why]).toEqual(["connected", null]);
    expect(await world.held("ride-2")).not.toBeNull();
  });
});

describe("hints in doubt", () => {
  test("are asked for at history's pace until an hour has passed, and live again then", async () => {
    const world = await opened();
    const kinds: string[] = [];
    for (let n = 0; n < doubtedFrom; n++) {
      await world.core.notice([hint(`nobody-${n}`)]);
      await world.ring();
      kinds.push("live");
    }
    await world.core.notice([hint("nobody-else")]);
    await world.ring();
    expect(world.leases.map(({ kind }) => kind)).toEqual([...kinds, "backfill"]);
    await world.until(world.nowMs + vainMs);
    await world.core.notice([hint("nobody-later")]);
    await world.ring();
    expect(world.leases.map(({ kind }) => kind)).toEqual([...kinds, "backfill", "live"]);
  });

  test("for which history has no budget hold up nothing else", async () => {
    const world = await opened();
    const few = Array.from({ length: doubtedFrom }, (_, n) => `vain-${n}`);
    for (const id of few) {
      await world.core.notice([hint(id)]);
      await world.ring();
    }
    world.gateSays = ({ kind }) =>
      kind === "backfill" ? { waitMs: 10 * minuteMs, why: "budget" } : undefined;
    world.site.put(rideNo(1, world.nowMs));
    await world.core.notice([hint("nobody-2"), hint("nobody-3")]);
    await world.ring();
    const asksOfGate = world.leases.length;
    await world.core.readNow();
    await world.until(world.nowMs + minuteMs);
    expect(await world.held("ride-1")).not.toBeNull();
    const asked = world.site.asked.filter((path) => path.startsWith("/one/"));
    expect(asked).toEqual(few.map((id) => `/one/${id}`));
    expect(world.leases.length).toBeLessThanOrEqual(asksOfGate + 2);
    await world.until(world.nowMs + 2 * vainMs);
    expect(world.rows()).toEqual([]);
  });

  test("wait, and nothing is done until they are due", async () => {
    const world = await opened();
    await world.core.notice(Array.from({ length: 50 }, (_, i) => hint(`nobody-${i}`)));
    await world.ring();
    const beganMs = world.nowMs;
    const status = await world.core.status();
    expect([status.pending, status.state, status.behindSinceMs]).toEqual([0, "connected", null]);
    expect(world.rows()).toHaveLength(50 - vainMax);
    expect(world.disk.alarmMs()).toBeGreaterThan(beganMs + vainMs - minuteMs);
    const ones = () => world.site.asked.filter((path) => path.startsWith("/one/")).length;
    expect(ones()).toBe(vainMax);
    await world.until(beganMs + vainMs + minuteMs, 20);
    expect(ones()).toBe(2 * vainMax);
    await world.until(beganMs + 5 * vainMs, 60);
    expect([ones(), world.rows()]).toEqual([50, []]);
  });

  test("go over to the connection that takes its place, as hints, with all doubt", async () => {
    const world = await opened();
    await world.core.notice(Array.from({ length: 30 }, (_, i) => hint(`nobody-${i}`)));
    await world.ring();
    const handed = await world.core.handOver();
    const next = new ConnectionWorld(hearsay());
    next.nowMs = world.nowMs;
    const link = linkOf({ connection: "con_2" as ConnectionId });
    await next.core.open(link, [handed]);
    await next.core.open(link, [handed]);
    const ones = () => next.site.asked.filter((path) => path.startsWith("/one/")).length;
    await next.until(next.nowMs + vainMs - minuteMs);
    expect(ones()).toBe(0);
    await next.until(next.nowMs + 2 * minuteMs);
    expect(ones()).toBe(vainMax);
  });

  test("go over with what is owed in their place", async () => {
    const world = await opened();
    world.gateSays = () => ({ waitMs: minuteMs, why: "budget" });
    for (let i = 0; i < hintsMax + 1; i++) await world.core.notice([hint(`nobody-${i}`)]);
    const handed = await world.core.handOver();
    const next = new ConnectionWorld(hearsay());
    next.site.put(rideNo(1, startMs - dayMs - 60 * minuteMs));
    next.disk.raw.exec("INSERT INTO meta (key, value) VALUES ('caughtUp', '1')");
    await next.core.open(linkOf({ connection: "con_2" as ConnectionId }), [
      { ...handed, waiting: [] },
    ]);
    await next.rest();
    expect(await next.held("ride-1")).not.toBeNull();
  });

  test("leave room, where another connection takes over, for what is to be looked at again", async () => {
    const world = await opened();
    await world.core.notice([hint("nobody")]);
    await world.core.notice(Array.from({ length: hintsMax }, (_, i) => hint(`nobody-${i}`)));
    const { waiting, ...rest } = await world.core.handOver();
    const ours = waiting.slice(0, 1).map((one) => ({ ...one, kind: "reread", record: "ride-1" }));
    const next = new ConnectionWorld(hearsay());
    const handed = { ...rest, waiting: [...waiting, ...ours] as typeof waiting };
    await next.core.open(linkOf({ connection: "con_2" as ConnectionId }), [handed]);
    const named = next.rows().filter(({ record }) => record !== null);
    expect(named).toHaveLength(hintsMax + 1);
    expect(named.at(-1)).toMatchObject({ kind: "reread", record: "ride-1" });
  });

  test("of which there is no room are found by reading again, once an hour", async () => {
    const world = await opened();
    world.gateSays = () => ({ waitMs: minuteMs, why: "budget" });
    for (let i = 0; i < hintsMax + 300; i++) await world.core.notice([hint(`nobody-${i}`)]);
    expect(world.rows()).toHaveLength(hintsMax);
    world.site.put(rideNo(1, startMs - dayMs));
    world.gateSays = () => undefined;
    await world.until(world.nowMs + 5 * minuteMs);
    expect(await world.held("ride-1")).not.toBeNull();
    for (let i = 0; i < 300; i++) await world.core.notice([hint(`more-${i}`)]);
    await world.until(world.nowMs + 30 * minuteMs);
    expect(world.site.asked.filter((path) => path === "/list/rides")).toHaveLength(1);
  });
});

test("a flood over a day costs a few calls an hour, and what is real comes within the hour", async () => {
  const world = await opened();
  for (let i = 1; i <= 20; i++) world.site.put(rideNo(i, startMs - i * 60 * minuteMs));
  world.site.pageSize = 50;
  await world.core.notice([windowOf(startMs - 2 * dayMs, startMs)]);
  await world.rest();
  forgetAsked(world);
  const beganMs = world.nowMs;
  const total = 10_000;
  let readMs: number | null = null;
  const realMs = beganMs + dayMs / 2;
  for (let i = 0; i < total; i += 4) {
    const atMs = beganMs + Math.floor((i * dayMs) / total);
    await world.until(atMs, 50);
    if (i === total / 2) {
      world.site.put(rideNo(90, realMs - 60 * minuteMs));
      await world.core.notice([hint("ride-90")]);
    }
    const known = `ride-${1 + ((i / 4) % 20)}`;
    const forged = [hint(`nobody-${i}`), goneHint(known), hint(known), hint("", { lately: true })];
    await world.core.notice(forged);
    if (readMs === null && i >= total / 2 && (await world.held("ride-90")) !== null)
      readMs = world.nowMs;
  }
  expect((readMs ?? Number.POSITIVE_INFINITY) - realMs).toBeLessThanOrEqual(vainMs + minuteMs);
  const listed = world.site.asked.filter((path) => path === "/list/rides").length;
  expect(world.site.asked.length).toBeLessThanOrEqual(25 * (vainMax + 2));
  expect(listed).toBeGreaterThanOrEqual(12);
  // Only the first was asked for as if it were live; what is read in their place is, once an hour.
  const live = world.leases.filter(({ kind }) => kind === "live").length;
  expect(live).toBeLessThanOrEqual(2 + dayMs / vainMs);
  for (let i = 1; i <= 20; i++) expect(await world.held(`ride-${i}`)).not.toBeNull();
  expect(world.memory.store.retractions).toEqual([]);
  await world.until(world.nowMs + 30 * vainMs, 1000);
  expect(world.rows()).toEqual([]);
});

describe("a record that is hidden and shown again, as it was", () => {
  test.each([
    ["in order", hearsay],
    ["in no order", unordered],
  ])("is there again: statements %s", async (_, provider) => {
    const world = await withRide(provider());
    const ride = world.site.rides.get("ride-1") as Ride;
    world.site.rides.clear();
    await world.core.notice([goneHint("ride-1")]);
    await world.ring();
    expect(await world.held("ride-1")).toBeNull();
    world.site.put(ride);
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    expect(await world.held("ride-1")).not.toBeNull();
    // The notice of its deletion comes once more, and late.
    forgetAsked(world);
    await world.core.notice([goneHint("ride-1")]);
    await world.rest();
    expect([world.site.asked, (await world.held("ride-1")) === null]).toEqual([[one], false]);
  });

  test.each([
    ["gone, then there", [goneHint("ride-1"), hint("ride-1")]],
    ["there, then gone", [hint("ride-1"), goneHint("ride-1")]],
  ])("ends as the provider has it, said to be %s", async (_, said) => {
    for (const isThere of [true, false]) {
      const world = await withRide();
      if (!isThere) world.site.rides.clear();
      await world.core.notice(said);
      await world.rest();
      expect((await world.held("ride-1")) !== null).toBe(isThere);
      expect(world.site.asked).toEqual([one]);
    }
  });

  test("is there again though only a re-reading showed it", async () => {
    const world = await withRide();
    const ride = world.site.rides.get("ride-1") as Ride;
    world.site.rides.clear();
    await world.core.notice([goneHint("ride-1")]);
    await world.ring();
    world.site.put(ride);
    await world.core.readNow();
    await world.rest();
    expect(await world.held("ride-1")).not.toBeNull();
  });
});

test("what came lately is read as far back as a re-reading goes", async () => {
  for (const provider of [hearsay(), site({ habit })]) {
    const world = await opened(new ConnectionWorld(provider));
    world.site.put(rideNo(1, startMs - habit.rereadMs + 3 * 60 * minuteMs));
    await world.core.notice([windowOf(0, 0, { lately: true })]);
    expect(world.rows()).toMatchObject([
      { kind: "live", from_ms: world.nowMs - habit.rereadMs, record: null, gone: null },
    ]);
    expect(Number(world.rows()[0]?.to_ms)).toBeGreaterThan(world.nowMs);
    await world.ring();
    expect(await world.held("ride-1")).not.toBeNull();
  }
});
