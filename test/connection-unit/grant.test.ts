/** A grant ends when its provider says so often enough, and never for good by mistake. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { NoRequest, ProviderReply } from "../../domain/ports.ts";
import { deniedForMs, deniedTimesMin } from "../../domain/sync-state.ts";
import { keptRefusalsMax } from "../../durable-objects/connection-fault.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { replyOf, rideNo, sender } from "./site.ts";

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

describe("a connection whose provider answers", () => {
  const ends: readonly (readonly [string, ProviderReply | NoRequest, string])[] = [
    ["that the grant has ended", { failed: "grant-ended" }, "grant-ended"],
    ["401, with new tokens too, for hours", replyOf(401), "grant-ended"],
    ["no renewal that came back", { failed: "refresh-lost" }, "refresh-lost"],
  ];
  test.each(ends)("%s asks once a day until it is linked again", async (_, reply, why) => {
    const world = await opened();
    world.site.wrong = () => reply;
    await world.core.notice([wide]);
    await world.until(world.nowMs + 3 * deniedForMs);
    expect(await stateIn(world)).toEqual(["needs-reconnecting", why]);
    const asked = world.requests;
    expect(asked).toBeLessThan(15);
    await world.core.notice([windowOf(from - dayMs, from)]);
    await world.core.readNow();
    await world.until(world.nowMs + 30 * dayMs);
    expect(world.requests - asked).toBeLessThanOrEqual(30);
    expect(await stateIn(world)).toEqual(["needs-reconnecting", why]);
    world.site.wrong = () => undefined;
    await world.core.open(linkOf());
    await world.rest();
    expect(await stateIn(world)).toEqual(["connected", null]);
    expect(world.handed()).toHaveLength(3);
  });

  test.each(ends)("%s, which was a mistake, is read again within a day", async (_, reply) => {
    const world = await opened();
    world.site.wrong = () => reply;
    await world.core.notice([wide]);
    await world.until(world.nowMs + 3 * deniedForMs);
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + dayMs);
    expect(await stateIn(world)).toEqual(["connected", null]);
    expect(world.handed()).toHaveLength(3);
  });

  test("401 for less than an hour is behind and goes on", async () => {
    const world = await opened();
    world.site.wrong = () => replyOf(401);
    await world.core.notice([wide]);
    await world.until(world.nowMs + deniedForMs / 2);
    expect(await stateIn(world)).toEqual(["behind", "grant-ended"]);
    expect(world.requests).toBeGreaterThan(deniedTimesMin);
    world.site.wrong = () => undefined;
    await world.rest();
    expect(await stateIn(world)).toEqual(["connected", null]);
    expect(world.handed()).toHaveLength(3);
  });

  test("401 once in a while, whatever it answers in between, is never taken for the end", async () => {
    const world = await opened();
    for (let day = 0; day < 8; day++) {
      let denials = 1;
      world.site.wrong = () => (denials-- > 0 ? replyOf(401) : undefined);
      await world.core.notice([wide]);
      await world.until(world.nowMs + dayMs);
      expect(await stateIn(world)).toEqual(["connected", null]);
    }
  });

  test("401 at an address that anybody may have named ends nothing, and the address goes", async () => {
    const world = await opened(new ConnectionWorld(sender()));
    world.site.wrong = (request) => ("kept" in request ? replyOf(401) : undefined);
    const callback = { url: "https://site.example/forged", about: {} };
    await world.core.notice([windowOf(0, 1, { callback })]);
    await world.until(world.nowMs + 3 * dayMs);
    expect([await stateIn(world), world.rows()]).toEqual([["connected", null], []]);
    expect(world.requests).toBe(keptRefusalsMax);
  });

  test("a grant that is no good is tried by who it is for where nothing waits to be read", async () => {
    const habit = { silentMs: 7 * dayMs, pollMs: null, rereadMs: 7 * dayMs };
    const world = await opened(new ConnectionWorld(sender({ habit })));
    world.site.wrong = () => ({ failed: "grant-ended" });
    const callback = { url: "https://site.example/cb", about: {} };
    await world.core.notice([windowOf(0, 1, { callback })]);
    await world.rest();
    expect((await world.core.status()).state).toBe("needs-reconnecting");
    world.site.asked.length = 0;
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + dayMs);
    expect(world.site.asked[0]).toBe("/permissions");
    expect(await stateIn(world)).toEqual(["connected", null]);
  });
});
