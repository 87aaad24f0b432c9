/** What a provider refuses, or never gives in a form of use, is asked for seldom and holds up nothing. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { err, ok } from "../../domain/result.ts";
import { refusedAgainMs } from "../../durable-objects/connection-fault.ts";
import { readingPagesMax, readingTriesMax } from "../../durable-objects/connection-items.ts";
import type { Provider } from "../../providers/provider.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { replyOf, rideNo, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const from = startMs - 3 * dayMs;
const wide = windowOf(from, startMs);

async function withRides(n: number, world = new ConnectionWorld()): Promise<ConnectionWorld> {
  for (let i = 1; i <= n; i++) world.site.put(rideNo(i, from + dayMs + i * minuteMs));
  await world.core.open(linkOf());
  await world.rest();
  return world;
}

describe("what is of no use", () => {
  test("what one collection refuses holds up nothing else and is asked for again later", async () => {
    const world = await withRides(2);
    world.site.wrong = (request) =>
      "path" in request && request.path === "/list/walks" ? replyOf(403) : undefined;
    await world.core.notice([windowOf(from, startMs, { collection: "walks" }), wide]);
    await world.rest();
    expect(world.handed()).toEqual([1, 1]);
    const { state, why, pending, nextMs } = await world.core.status();
    expect([state, why, pending]).toEqual(["behind", "refused", 1]);
    expect(nextMs).toBeLessThanOrEqual(world.nowMs + refusedAgainMs);
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + refusedAgainMs);
    expect((await world.core.status()).state).toBe("connected");
  });

  test("what is refused for good does not end the looking for what nobody told", async () => {
    const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
    const world = await withRides(0, new ConnectionWorld(site({ habit })));
    world.site.wrong = (request) =>
      "path" in request && request.path === "/list/walks" ? replyOf(403) : undefined;
    await world.core.notice([windowOf(from, startMs, { collection: "walks" })]);
    await world.rest();
    world.site.put(rideNo(1, world.nowMs));
    await world.until(world.nowMs + 3 * dayMs);
    expect(world.handed()).toHaveLength(1);
  });

  test("a collection that is refused to a re-reading is not said to be well", async () => {
    const habit = { silentMs: dayMs, pollMs: null, rereadMs: 2 * dayMs };
    const world = await withRides(0, new ConnectionWorld(site({ habit })));
    world.site.wrong = () => replyOf(403);
    const before = world.requests;
    await world.until(world.nowMs + 5 * dayMs);
    const { state, why, pending } = await world.core.status();
    expect([state, why, pending]).toEqual(["behind", "refused", 1]);
    expect(world.requests - before).toBeLessThanOrEqual(5 * 4 + 5);
    world.site.put(rideNo(1, startMs + 2 * dayMs));
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + refusedAgainMs);
    expect((await world.core.status()).state).toBe("connected");
    expect(world.handed()).toEqual([1]);
  });

  describe("a record whose readings", () => {
    /** Pages of readings, of ride 1 only; what lies behind it is another. */
    async function withReadings(pages: number | "broken") {
      const world = new ConnectionWorld();
      world.site.pageSize = 25;
      world.site.put(rideNo(1, from + dayMs, { beats: true }), rideNo(2, from + dayMs + 1));
      world.site.wrong = (request) => {
        if ("kept" in request || !request.path.includes("beats-")) return undefined;
        if (pages === "broken") return replyOf(200, "{");
        const n = Number(request.query.cursor ?? 0);
        return replyOf(200, { items: [120], next: n < pages - 1 ? String(n + 1) : null });
      };
      world.provider = site({
        pull: { ...(world.provider.pull as NonNullable<Provider["pull"]>), page: pageOf },
      });
      await world.core.open(linkOf());
      await world.core.notice([wide]);
      await world.until(world.nowMs + dayMs);
      return world;
    }
    const pageOf: NonNullable<Provider["pull"]>["page"] = (reply) =>
      reply.body === "{" ? err("broken") : ok(JSON.parse(reply.body));

    test("are many pages is read with all of them", async () => {
      const world = await withReadings(readingPagesMax);
      expect([world.handed(), world.rows()]).toEqual([[1, 1], []]);
      expect(JSON.stringify([...world.memory.rows.values()])).toContain(
        Array.from({ length: readingPagesMax }, () => 120).join(),
      );
      expect(world.requests).toBe(1 + readingPagesMax);
    });

    test("are more than any workout has is parked, and what lies behind it is read", async () => {
      const world = await withReadings(readingPagesMax + 1);
      expect([world.handed(), world.rows()]).toEqual([[1], []]);
      expect([...world.memory.parked.values()].map(({ reason }) => reason)).toEqual([
        "too-many-samples",
      ]);
      expect(world.requests).toBe(1 + readingPagesMax);
    });

    test("are no good is known by that, so that others of its page get their tries", async () => {
      const world = new ConnectionWorld();
      const { normalise } = world.provider;
      world.provider = {
        ...world.provider,
        pull: { ...(world.provider.pull as NonNullable<Provider["pull"]>), page: pageOf },
        normalise: (...args) => {
          const draft = normalise(...args);
          return draft.ok && "fields" in draft.value
            ? ok({ ...draft.value, revision: null })
            : draft;
        },
      };
      for (const n of [1, 2]) world.site.put(rideNo(n, from + dayMs + n, { beats: true }));
      world.site.wrong = (request) =>
        "path" in request && request.path.includes("beats-") ? replyOf(200, "{") : undefined;
      await world.core.open(linkOf());
      await world.core.notice([wide]);
      await world.until(world.nowMs + dayMs);
      const tries = (n: number) =>
        world.site.asked.filter((path) => path === `/list/beats-ride-${n}`).length;
      expect([tries(1), tries(2)]).toEqual([readingTriesMax, readingTriesMax]);
      expect([world.handed().length, world.rows()]).toEqual([2, []]);
    });

    test("are no good however often they are asked for is taken without them", async () => {
      const world = await withReadings("broken");
      expect([world.handed(), world.rows()]).toEqual([[1, 1], []]);
      expect((await world.core.status()).state).toBe("connected");
      expect(world.requests).toBe(2 * readingTriesMax);
    });
  });

  test("a window whose answers are never of use is asked for less and less, and stays", async () => {
    const world = await withRides(1);
    world.site.wrong = () => ({ ...replyOf(200, "{"), complete: false });
    await world.core.notice([wide]);
    await world.until(world.nowMs + 10 * dayMs);
    expect(world.requests).toBeLessThan(70);
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + refusedAgainMs);
    expect([world.handed(), world.rows()]).toEqual([[1], []]);
  });

  test("a record whose readings are refused stands without them", async () => {
    const world = new ConnectionWorld();
    world.site.put(rideNo(1, from + dayMs, { beats: true }));
    world.site.wrong = (request) =>
      "path" in request && request.path.startsWith("/list/beats") ? replyOf(403) : undefined;
    await world.core.open(linkOf());
    await world.core.notice([wide]);
    await world.rest();
    expect(world.handed()).toEqual([1]);
    expect((await world.core.status()).state).toBe("connected");
  });
});
