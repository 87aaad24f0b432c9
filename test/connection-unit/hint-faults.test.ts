/**
 * Of a provider that proves nothing: whoever has us ask for what cannot be answered gets one try, holds
 * up nothing but that, and keeps no member waiting for what is real.
 */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { doubtedFrom, vainMax, vainMs } from "../../domain/doubt.ts";
import type { ProviderReply } from "../../domain/ports.ts";
import { err } from "../../domain/result.ts";
import { hintTriesMax } from "../../durable-objects/connection-fault.ts";
import type { Pull } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { forgetAsked, goneHint, hearsay, hint, opened, pullOf } from "./hearsay.ts";
import { replyOf, rideNo, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const one = "/one/ride-1";
const list = "/list/rides";
const timeout: ProviderReply = { ...replyOf(0, ""), complete: false, fault: "timeout" };
/** What the tests' own provider cannot read is broken. */
const page: Pull["page"] = (reply, ...rest) =>
  reply.fault === "timeout"
    ? err("again")
    : reply.body.startsWith("<html>")
      ? err("broken")
      : (site().pull as Pull).page(reply, ...rest);
const worldOf = () => opened(new ConnectionWorld(hearsay({ pull: pullOf({ page }) })));

/** Whatever is asked for under that path is answered so. */
function answering(world: ConnectionWorld, path: string, reply: ProviderReply): void {
  world.site.wrong = (asked) =>
    "path" in asked && asked.path.startsWith(path) ? reply : undefined;
}
const askedFor = ({ site }: ConnectionWorld, path: string) =>
  site.asked.filter((name) => name.startsWith(path)).length;
const calls = (world: ConnectionWorld) => world.reports.flatMap((report) => report.calls);

describe("a record that is named and cannot be had", () => {
  test.each([
    ["500", replyOf(500)],
    ["no answer in time", timeout],
    ["a page of another kind", replyOf(404, "<html>")],
    ["a page of another kind, that is well", replyOf(200, "<html>")],
    ["401", replyOf(401)],
    ["403", replyOf(403)],
  ])("is asked for once, and what came lately is read instead: %s", async (_, reply) => {
    for (const said of [hint("absurd"), goneHint("absurd")]) {
      const world = await worldOf();
      world.site.put(rideNo(1, world.nowMs - 60 * minuteMs));
      answering(world, "/one/absurd", reply);
      await world.core.notice([said]);
      await world.until(world.nowMs + dayMs / 2);
      // That something is gone no list would say: where nobody answered, it is asked a few times.
      const isUnanswered = "status" in reply && (reply.status >= 500 || reply.fault === "timeout");
      const times = said.gone !== null && isUnanswered ? hintTriesMax : 1;
      expect([askedFor(world, "/one/absurd"), askedFor(world, list)]).toEqual([times, 1]);
      expect([world.rows(), (await world.core.status()).state]).toEqual([[], "connected"]);
      expect(await world.held("ride-1")).not.toBeNull();
    }
  });

  test("keeps nothing else waiting, however many they are", async () => {
    const world = await worldOf();
    answering(world, "/one/absurd", replyOf(500));
    await world.core.notice(Array.from({ length: 50 }, (_, i) => hint(`absurd${i}`)));
    await world.until(world.nowMs + 30 * minuteMs);
    expect(askedFor(world, "/one/absurd")).toBe(vainMax);
    const realMs = world.nowMs;
    world.site.put(rideNo(1, realMs - 60 * minuteMs));
    await world.core.notice([hint("ride-1")]);
    await world.until(realMs + vainMs);
    expect(await world.held("ride-1")).not.toBeNull();
  });

  test("says nothing of the provider, and what we read in its place does", async () => {
    const world = await worldOf();
    world.reports.length = 0;
    world.site.wrong = () => replyOf(500);
    await world.core.notice([hint("absurd")]);
    await world.ring();
    expect(calls(world).map(({ class: came, hint: of }) => [came, of ?? false])).toEqual([
      ["failed", true],
      ["failed", false],
    ]);
    expect((await world.core.status()).why).toBe("provider-down");
    world.site.wrong = () => undefined;
    world.site.put(rideNo(1, world.nowMs - 60 * minuteMs));
    await world.rest();
    expect([(await world.held("ride-1")) === null, world.rows()]).toEqual([false, []]);
  });

  test("waits for the budget with all others, and no longer than a few tries", async () => {
    const world = await worldOf();
    answering(world, "/one/", replyOf(429));
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    expect(world.rows()).toMatchObject([{ kind: "live", why: "rate-limited" }]);
    expect(world.disk.alarmMs()).toBeGreaterThan(world.nowMs);
    world.site.put(rideNo(1, startMs - dayMs));
    await world.until(world.nowMs + 2 * 60 * minuteMs);
    expect([askedFor(world, one), world.rows()]).toEqual([hintTriesMax, []]);
    expect(await world.held("ride-1")).not.toBeNull();
  });

  test("but is there, is tried by itself a few times for what belongs to it", async () => {
    for (const isMended of [true, false]) {
      const world = await worldOf();
      world.site.put(rideNo(1, startMs - 20 * dayMs, { beats: true }));
      answering(world, "/list/beats", replyOf(500));
      await world.core.notice([hint("ride-1")]);
      await world.ring();
      expect([world.rows().length, (await world.core.status()).state]).toEqual([1, "connected"]);
      if (isMended) world.site.wrong = () => undefined;
      await world.until(world.nowMs + 5 * 60 * minuteMs);
      expect([askedFor(world, one), (await world.held("ride-1")) !== null]).toEqual(
        isMended ? [2, true] : [hintTriesMax, false],
      );
      expect(world.rows()).toEqual([]);
    }
  });
});

describe("a window that anybody may have named", () => {
  const old = windowOf(startMs - 400 * dayMs, startMs - 399 * dayMs);
  const isOld = (query: Readonly<Record<string, string>>) =>
    Number(query.from) < startMs - 300 * dayMs;
  const refusing = async (reply: ProviderReply) => {
    const world = await worldOf();
    const asked: number[] = [];
    world.site.wrong = (request) => {
      if (!("path" in request) || !isOld(request.query)) return undefined;
      asked.push(world.nowMs);
      return reply;
    };
    world.site.put(rideNo(1, world.nowMs - dayMs - 60 * minuteMs));
    await world.core.notice([old]);
    return { world, asked };
  };

  test("is let go of when it is refused, and what came lately is read", async () => {
    const { world, asked } = await refusing(replyOf(400));
    await world.until(world.nowMs + 3 * dayMs);
    expect([asked.length, world.rows()]).toEqual([1, []]);
    expect(await world.held("ride-1")).not.toBeNull();
  });

  test("waits by itself where there is no answer, for a few tries", async () => {
    const { world, asked } = await refusing(replyOf(500));
    await world.ring();
    world.site.put(rideNo(2, world.nowMs - 60 * minuteMs));
    await world.core.notice([hint("ride-2")]);
    await world.until(world.nowMs + minuteMs);
    expect(await world.held("ride-2")).not.toBeNull();
    expect((await world.core.status()).state).toBe("connected");
    await world.until(world.nowMs + dayMs / 2);
    expect([asked.length, world.rows()]).toEqual([hintTriesMax, []]);
    expect(await world.held("ride-1")).not.toBeNull();
  });

  test("over what was had costs one page, and what came lately", async () => {
    const world = await worldOf();
    world.site.pageSize = 1;
    const around = windowOf(startMs - 41 * dayMs, startMs - 39 * dayMs);
    for (let i = 1; i <= 30; i++) world.site.put(rideNo(i, startMs - 40 * dayMs + i * minuteMs));
    await world.core.notice([around]);
    await world.rest();
    expect(world.handed()).toHaveLength(30);
    forgetAsked(world);
    await world.core.notice([around]);
    await world.until(world.nowMs + 6 * 60 * minuteMs);
    expect([world.site.asked, world.rows()]).toEqual([[list, list], []]);
  });
});

describe("while history has no budget", () => {
  test.each([2, 4, 12])("%i forged an hour keep no member waiting", async (anHour) => {
    const world = await opened();
    world.gateSays = ({ kind }) =>
      kind === "backfill" ? { waitMs: 30 * minuteMs, why: "budget" } : undefined;
    let n = 0;
    const flood = async (hours: number) => {
      for (let i = 0; i < hours * anHour; i++) {
        await world.core.notice([hint(`nobody-${n++}`)]);
        await world.until(world.nowMs + (60 / anHour) * minuteMs);
      }
    };
    await flood(6);
    world.site.put(rideNo(1, world.nowMs));
    await world.core.notice([hint("ride-1")]);
    await flood(1.5);
    expect(await world.held("ride-1")).not.toBeNull();
    const live = world.leases.filter(({ kind }) => kind === "live").length;
    // So many hints an hour until they are in doubt, and one list in their place.
    expect(live).toBeLessThanOrEqual((doubtedFrom + 1) * 8);
    expect((await world.core.status()).state).toBe("connected");
  });

  test("what its habit reads is not paid from it", async () => {
    const world = await opened();
    const { nextMs } = await world.core.status();
    await world.until((nextMs ?? 0) - 5 * minuteMs);
    await world.core.notice([hint("nobody")]);
    await world.until(world.nowMs + minuteMs);
    forgetAsked(world);
    world.gateSays = ({ kind }) =>
      kind === "backfill" ? { waitMs: 12 * 60 * minuteMs, why: "budget" } : undefined;
    await world.core.readNow();
    await world.core.notice([hint("nobody-else")]);
    await world.until(world.nowMs + 10 * minuteMs);
    expect(askedFor(world, list)).toBeGreaterThan(0);
    expect(world.rows().every(({ kind }) => kind === "live")).toBe(true);
  });
});

describe("what is shown", () => {
  test("is behind for what is read in the place of hints, and not for them", async () => {
    const world = await worldOf();
    await world.core.notice(Array.from({ length: 50 }, (_, i) => hint(`nobody-${i}`)));
    await world.ring();
    expect(await world.core.status()).toMatchObject({ pending: 0, behindSinceMs: null });
    world.site.wrong = () => replyOf(500);
    await world.until(world.nowMs + vainMs + minuteMs);
    const { state, why, pending, behindSinceMs } = await world.core.status();
    expect([state, why, pending]).toEqual(["behind", "provider-down", 1]);
    expect(behindSinceMs).not.toBeNull();
  });

  test("is syncing for hints that nothing speaks against", async () => {
    const world = await worldOf();
    await world.core.notice([hint("ride-1")]);
    expect(await world.core.status()).toMatchObject({ pending: 1, state: "syncing" });
  });
});

describe("a record that is to be read once more", () => {
  const isUnfinished: Pull["isUnfinished"] = (_item, readings) => readings.length === 0;
  const making = async () => {
    const world = await opened(new ConnectionWorld(hearsay({ pull: pullOf({ isUnfinished }) })));
    world.site.put(rideNo(1, startMs, { beats: true }));
    answering(world, "/list/beats", replyOf(200, { items: [], next: null }));
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    return world;
  };

  test.each([401, 403, 500])("still is, when a hint of it is answered with %i", async (status) => {
    const world = await making();
    const [before] = world.rows();
    answering(world, one, replyOf(status));
    await world.core.notice([hint("ride-1")]);
    await world.ring();
    const { later_ms: laterMs, later, kind } = world.rows().find((r) => r.record) ?? {};
    expect([laterMs, later, kind]).toEqual([before?.later_ms, 1, "reread"]);
    world.site.wrong = () => undefined;
    await world.rest();
    expect([...world.memory.rows.values()].map(({ columns }) => columns.raw).join()).toContain(
      "120",
    );
  });

  test("is tried again as ours is, though a hint of it comes while it fails", async () => {
    const world = await making();
    world.site.wrong = () => replyOf(500);
    await world.until(world.nowMs + 6 * minuteMs);
    await world.core.notice([hint("ride-1")]);
    await world.until(world.nowMs + 20 * minuteMs);
    expect(world.rows()).toMatchObject([{ kind: "reread", record: "ride-1" }]);
    world.site.wrong = () => undefined;
    await world.rest();
    expect(world.rows()).toEqual([]);
  });
});
