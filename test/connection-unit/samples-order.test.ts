/** Samples come after the workouts in everything: they hold up none, and their history is the last. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { vainMax } from "../../domain/doubt.ts";
import { samplesHistoryDays } from "../../durable-objects/connection-samples-history.ts";
import type { Habit } from "../../providers/provider.ts";
import {
  type ConnectionWorld,
  dayMs,
  linkOf,
  minuteMs,
  startMs,
  windowOf,
} from "./connection-world.ts";
import { hearsay, opened } from "./hearsay.ts";
import { budgetOf, counting, replyOf, rideNo, site, stepsNo } from "./site.ts";
import {
  counter,
  stepsFrom as from,
  linked,
  listOf,
  stepsNotice as steps,
  withSteps,
} from "./steps.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const hourMs = 60 * minuteMs;
const backfill = { days: 90, stepDays: 10 };
const habit: Habit = { silentMs: dayMs, pollMs: null, rereadMs: 3 * dayMs };

describe("workouts", () => {
  test("are read before samples that were noted earlier, page by page", async () => {
    const world = await linked(withSteps(20));
    for (let i = 1; i <= 6; i++) world.site.put(rideNo(i, startMs - i * hourMs));
    let told = false;
    world.site.wrong = (request) => {
      if (listOf(request) === "steps" && !told) {
        told = true;
        void world.core.notice([windowOf(from, startMs)]);
      }
      return undefined;
    };
    await world.core.notice([steps()]);
    await world.ring();
    const lists = world.site.asked.map((path) => path.split("#")[0]);
    expect(lists.slice(0, 5)).toEqual(["/list/steps", ...Array(3).fill("/list/rides"), lists[4]]);
    expect(lists.slice(4)).toEqual(Array(9).fill("/list/steps"));
  });

  test("have what is kept for them, however many samples wait", async () => {
    const budget = budgetOf(10, hourMs, { reserve: 0.5 });
    const world = withSteps(60, counter({ budget }));
    for (let i = 1; i <= 6; i++) world.site.put(rideNo(i, startMs - i * hourMs));
    await world.core.open(linkOf());
    await world.core.notice([steps()]);
    await world.ring();
    expect(world.requests).toBe(5);
    expect(await world.core.status()).toMatchObject({ state: "syncing", pending: 1 });
    await world.core.notice([windowOf(from, startMs)]);
    await world.ring();
    expect(world.handed()).toHaveLength(6);
    await world.until(startMs + 12 * hourMs);
    expect([world.samples.held.size, world.rows()]).toEqual([60, []]);
    expect(world.leases.some(({ kind }) => kind === "live")).toBe(true);
  });

  test("do not wait where the gate has nothing for samples, and it is not asked at each word", async () => {
    const world = await linked(withSteps(2));
    world.gateSays = ({ kind }) =>
      kind === "backfill" ? { waitMs: 2 * hourMs, why: "budget" } : undefined;
    await world.core.notice([steps()]);
    await world.ring();
    const asks = world.leases.length;
    world.nowMs += 10 * minuteMs;
    for (let i = 0; i < 5; i++) {
      await world.core.notice([steps({ fromMs: from - i }), windowOf(from, startMs)]);
      await world.ring();
    }
    expect(world.leases.slice(asks).every(({ kind }) => kind === "live")).toBe(true);
    expect(await world.core.status()).toMatchObject({ state: "behind", why: "rate-limited" });
    world.gateSays = () => undefined;
    await world.until(world.nowMs + 3 * hourMs);
    expect([world.samples.held.size, world.rows()]).toEqual([2, []]);
  });

  test("are read while the samples' part of the provider is down", async () => {
    const world = await linked(withSteps(2));
    world.site.put(rideNo(1, startMs - hourMs));
    world.site.wrong = (request) => (listOf(request) === "steps" ? replyOf(500) : undefined);
    await world.core.notice([steps()]);
    await world.ring();
    expect(await world.core.status()).toMatchObject({ state: "behind", why: "provider-down" });
    await world.core.notice([windowOf(from, startMs)]);
    expect(world.disk.alarmMs()).toBe(world.nowMs);
    await world.ring();
    expect(world.handed()).toEqual([1]);
    world.site.wrong = () => undefined;
    await world.rest();
    expect(world.samples.held.size).toBe(2);
  });

  test("are read again after silence though samples cannot be", async () => {
    const world = await linked(withSteps(2, counter({ habit })));
    world.site.wrong = (request) => (listOf(request) === "steps" ? replyOf(500) : undefined);
    await world.core.notice([steps()]);
    await world.until(world.nowMs + 5 * dayMs, 5_000);
    const lists = world.site.asked.filter((path) => path === "/list/rides");
    expect(lists.length).toBeGreaterThanOrEqual(2);
    expect((await world.core.status()).have?.toMs).toBeGreaterThan(startMs + 2 * dayMs);
  });
});

describe("what an account does not give", () => {
  test.each([403, 401])("is left out and says nothing of the grant: %d", async (status) => {
    const world = await linked(withSteps(2, counter({ habit })));
    world.site.wrong = (request) => (listOf(request) === "steps" ? replyOf(status) : undefined);
    for (let i = 0; i < 8; i++) {
      await world.core.notice([steps()]);
      await world.rest();
    }
    expect(await world.core.status()).toMatchObject({ state: "connected", why: null, pending: 0 });
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + 4 * dayMs);
    expect(world.samples.held.size).toBe(2);
  });

  test("is told by the workouts, where the whole grant has ended", async () => {
    const world = await linked(withSteps(2, counter({ habit })));
    world.site.wrong = () => replyOf(401);
    world.nowMs += hourMs;
    await world.core.notice([steps()]);
    await world.until(world.nowMs + 6 * hourMs);
    expect((await world.core.status()).state).toBe("needs-reconnecting");
    world.site.wrong = (request) => (listOf(request) === "steps" ? replyOf(401) : undefined);
    await world.until(world.nowMs + 2 * dayMs);
    expect((await world.core.status()).state).toBe("connected");
  });
});

describe("history of samples", () => {
  /** The windows that were asked for, in order, by collection. */
  function windows(world: ConnectionWorld) {
    const found: { collection: string; from: number; to: number }[] = [];
    const { answer } = world.site;
    world.site.answer = (request) => {
      if ("path" in request && request.query.cursor === undefined)
        found.push({
          collection: listOf(request),
          from: Number(request.query.from),
          to: Number(request.query.to),
        });
      return answer.call(world.site, request);
    };
    return found;
  }

  const daysBack = ({ from }: { readonly from: number }) => Math.round((startMs - from) / dayMs);

  test("is as long as is said, comes after the workouts', newest first, at history's pace", async () => {
    const world = withSteps(3, counter({ backfill }));
    const asked = windows(world);
    await world.core.open(linkOf());
    await world.until(startMs + hourMs);
    const of = (name: string) => asked.filter(({ collection }) => collection === name);
    expect(asked).toEqual([...of("rides"), ...of("steps")]);
    expect(of("steps").map(daysBack)).toEqual([10, 20, samplesHistoryDays]);
    of("steps")
      .slice(1)
      .forEach(({ to }, i) => {
        expect(to).toBe(of("steps")[i]?.from);
      });
    expect(of("rides").at(-1)?.from).toBe(startMs - 90 * dayMs);
    expect(world.leases.every(({ kind }) => kind === "backfill")).toBe(true);
    expect([world.samples.held.size, (await world.core.status()).state]).toEqual([3, "connected"]);
  });

  test("is shown as history while it is read, and once read is not read again", async () => {
    const world = withSteps(3, counter({ backfill }));
    world.gateSays = () => undefined;
    world.site.wrong = (request) => (listOf(request) === "steps" ? replyOf(503) : undefined);
    await world.core.open(linkOf());
    await world.ring();
    const { state, backfill: workouts } = await world.core.status();
    expect([state, workouts?.state]).toEqual(["backfilling", "done"]);
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + hourMs);
    expect((await world.core.status()).state).toBe("connected");
    const asked = windows(world);
    await world.core.open(linkOf());
    await world.until(world.nowMs + hourMs);
    expect(asked).toEqual([]);
  });

  test("reaches no further than its provider's, nor into what was forgotten", async () => {
    const short = withSteps(3, counter({ backfill: { days: 7, stepDays: 90 } }));
    const asked = windows(short);
    await short.core.open(linkOf());
    await short.until(startMs + hourMs);
    expect(asked.map(daysBack)).toEqual([7, 7]);
    const forgotten = withSteps(3, counter({ backfill }));
    const seen = windows(forgotten);
    const forgottenToMs = startMs - 2 * dayMs;
    await forgotten.core.open(linkOf({ forgottenToMs }));
    await forgotten.until(startMs + hourMs);
    const ofSteps = () => seen.filter(({ collection }) => collection === "steps");
    expect(ofSteps().map(({ from }) => from)).toEqual([forgottenToMs]);
    seen.length = 0;
    await forgotten.core.open(linkOf());
    await forgotten.until(forgotten.nowMs + hourMs);
    expect(ofSteps().map(daysBack)).toEqual([10, 20, samplesHistoryDays]);
  });

  test("is read of a connection that was there before its provider's samples were", async () => {
    const world = withSteps(3, site({ backfill }));
    await linked(world);
    world.provider = counter({ backfill });
    world.restart();
    await world.core.notice([windowOf(from, startMs)]);
    await world.until(world.nowMs + hourMs);
    expect(world.samples.held.size).toBe(3);
  });

  test("that is refused is over, and is begun anew by a link that grants more", async () => {
    const world = withSteps(3, counter({ backfill }));
    world.site.wrong = (request) => (listOf(request) === "steps" ? replyOf(403) : undefined);
    await world.core.open(linkOf({ scopes: ["activity"] }));
    await world.until(startMs + hourMs);
    expect((await world.core.status()).state).toBe("connected");
    world.site.wrong = () => undefined;
    await world.core.open(linkOf({ scopes: ["activity", "steps"] }));
    await world.until(world.nowMs + hourMs);
    expect(world.samples.held.size).toBe(3);
  });

  test("gets on whatever is killed, and ends", async () => {
    const world = withSteps(40, counter({ backfill }));
    await world.core.open(linkOf());
    for (let kills = 0; kills < 200 && world.disk.alarmMs() !== null; kills++) {
      world.fault = { nth: world.calls.length + 7, how: "death" };
      await world.ring();
    }
    expect([world.samples.held.size, world.rows()]).toEqual([40, []]);
  });
});

describe("a re-reading", () => {
  test("after silence, and for a member who waits, is of the samples too", async () => {
    const world = await linked(withSteps(2, counter({ habit })));
    await world.until(world.nowMs + dayMs);
    expect(world.site.asked).toEqual(["/list/rides", "/list/steps"]);
    world.site.asked.length = 0;
    await world.core.readNow();
    await world.ring();
    expect(world.site.asked).toEqual(["/list/rides", "/list/steps"]);
  });
});

describe("a hint of samples", () => {
  const hinted = () => opened(withSteps(6, hearsay({ samples: counting("steps") })));

  test("is read to its end where it brings something, and is vain where it does not", async () => {
    const world = await hinted();
    await world.core.notice([steps()]);
    await world.ring();
    expect([world.samples.held.size, world.rows()]).toEqual([6, []]);
    world.site.asked.length = 0;
    await world.core.notice([steps()]);
    await world.ring();
    // Its other pages are not asked for; what came lately is read as our own, behind the workouts.
    expect(world.site.asked).toEqual(["/list/steps"]);
    await world.rest();
    expect(world.site.asked.slice(1, 3)).toEqual(["/list/rides", "/list/steps"]);
    expect([world.samples.held.size, world.rows()]).toEqual([6, []]);
  });

  test("said over and over costs no more than others do, and what is real comes", async () => {
    const world = await hinted();
    await world.core.notice([steps()]);
    await world.rest();
    world.site.asked.length = 0;
    for (let i = 0; i < 60; i++) {
      const at = startMs - (i + 9) * 40 * dayMs;
      await world.core.notice([steps({ fromMs: at, toMs: at + hourMs })]);
      await world.until(world.nowMs + minuteMs);
    }
    const firsts = world.site.asked.filter((path) => path === "/list/steps");
    expect(firsts.length).toBeLessThanOrEqual(vainMax + 3);
    world.site.steps.set("steps", [stepsNo(99, world.nowMs)]);
    await world.until(world.nowMs + 2 * hourMs);
    expect(world.samples.held.size).toBe(7);
  });
});
