/** Addresses that a provider named, and what is said of an account without proof. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import type { ConnectionId } from "../../domain/identity.ts";
import type { ConnectionLink } from "../../domain/ports.ts";
import { askedEveryMs, askedEveryMsMax } from "../../durable-objects/connection-claims.ts";
import { pendingMax, windowsMax } from "../../durable-objects/connection-pending.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { replyOf, rideNo, sender, site } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

async function opened(provider = sender()): Promise<ConnectionWorld> {
  const world = new ConnectionWorld(provider);
  await world.core.open(linkOf());
  await world.rest();
  return world;
}
const secret = "https://site.example/cb?token=a-secret";
const ping = (url: string) =>
  windowOf(startMs, startMs + 1, { callback: { url, about: { kind: "rides" } } });

describe("an address that the provider named", () => {
  test("is sealed before it is noted, read, and let go of; nothing of it is kept here", async () => {
    const world = await opened();
    world.site.addresses.set(secret, [rideNo(1, startMs), rideNo(2, startMs + dayMs / 2)]);
    await world.core.notice([ping(secret)]);
    expect(world.calls.slice(-1)).toEqual(["keep"]);
    expect(JSON.stringify(world.disk.raw.prepare("SELECT * FROM pending").all())).not.toMatch(
      /secret|https/,
    );
    await world.rest();
    expect([world.handed(), world.site.kept.size, world.rows()]).toEqual([[1, 1], 0, []]);
  });

  test("said again is kept once and read once", async () => {
    const world = await opened();
    world.site.addresses.set(secret, [rideNo(1, startMs)]);
    for (let i = 0; i < 5; i++) await world.core.notice([ping(secret)]);
    await world.rest();
    expect(world.calls.filter((name) => name === "keep")).toHaveLength(1);
    expect(world.site.asked).toEqual(["kept"]);
  });

  test("that cannot be sealed is not answered, and changes nothing", async () => {
    const world = await opened();
    world.fault = { nth: world.calls.length + 1, how: "before" };
    await expect(world.core.notice([ping(secret)])).rejects.toThrow();
    expect(world.rows()).toEqual([]);
  });

  test("where nothing lies any more goes, and is counted", async () => {
    const world = await opened();
    await world.core.notice([ping(secret)]);
    await world.rest();
    expect([world.rows(), world.site.kept.size, world.handed()]).toEqual([[], 0, []]);
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => JSON.parse(line));
    expect(lines.filter(({ event }) => event === "pull").map(({ dropped }) => dropped)).toEqual([
      1,
    ]);
    expect(JSON.stringify(lines)).not.toContain("secret");
  });

  test("that answers nothing of use is asked again until it does", async () => {
    const world = await opened();
    world.site.addresses.set(secret, [rideNo(1, startMs)]);
    let faults = 3;
    world.site.wrong = () => (faults-- > 0 ? replyOf(500) : undefined);
    await world.core.notice([ping(secret)]);
    await world.rest();
    expect([world.handed(), world.rows()]).toEqual([[1], []]);
  });

  test("beyond the bound is answered, and keeps nothing but what it is asked for by", async () => {
    const world = await opened();
    const many = (n: number) =>
      Array.from({ length: n }, (_, i) => ping(`https://site.example/${world.calls.length}-${i}`));
    for (let i = 0; i < pendingMax / 100; i++) await world.core.notice(many(100));
    expect([world.rows().length, world.site.kept.size]).toEqual([pendingMax, pendingMax]);
    await world.core.notice(many(5));
    expect(world.rows().length).toBeLessThanOrEqual(pendingMax + windowsMax);
    expect(world.site.kept.size).toBe(pendingMax);
    await expect(world.core.notice([windowOf(0, 1)])).resolves.toBeUndefined();
  });
});

describe("a claim that the account withdrew", () => {
  const asks = (world: ConnectionWorld) =>
    world.calls.filter((name) => name === "eraseIfEnded").length;

  test("that the provider does not confirm changes nothing and goes", async () => {
    const world = await opened();
    world.arrivedMs = world.nowMs;
    await world.core.unconfirmed("deregistered");
    expect((await world.core.status()).unconfirmed).toEqual(["deregistered"]);
    await world.ring();
    const { state, unconfirmed } = await world.core.status();
    expect([state, unconfirmed, world.erased]).toEqual(["connected", [], []]);
  });

  test("made again and again is asked about less and less often, and still once a day", async () => {
    const world = await opened();
    const askedAt: number[] = [];
    while (world.nowMs < startMs + 5 * dayMs) {
      const before = asks(world);
      await world.core.unconfirmed("deregistered");
      await world.until(world.nowMs + 5 * minuteMs);
      if (asks(world) > before) askedAt.push(world.nowMs);
    }
    const pauses = askedAt.slice(1).map((atMs, i) => atMs - (askedAt[i] ?? 0));
    expect(pauses[0]).toBeGreaterThanOrEqual(4 * askedEveryMs - 5 * minuteMs);
    for (const [i, pause] of pauses.entries())
      expect(pause).toBeGreaterThanOrEqual(i === 0 ? 0 : (pauses[i - 1] ?? 0));
    expect(pauses.at(-1)).toBeLessThanOrEqual(askedEveryMsMax + 5 * minuteMs);
    expect(askedAt.length).toBeGreaterThan(6);
    expect(world.requests).toBe(0);
  });

  test("is asked about at once again when the account was linked anew", async () => {
    const world = await opened();
    for (let i = 0; i < 4; i++) {
      await world.core.unconfirmed("deregistered");
      await world.until(world.nowMs + dayMs);
    }
    const before = asks(world);
    await world.core.open(linkOf());
    await world.until(world.nowMs + askedEveryMs);
    await world.core.unconfirmed("deregistered");
    await world.until(world.nowMs + askedEveryMs);
    expect(asks(world)).toBe(before + 1);
  });

  test("that it confirms erases all of it, whatever fails on the way", async () => {
    const world = await opened();
    world.hasEnded = true;
    await world.core.unconfirmed("deregistered");
    world.fault = { nth: world.calls.length + 3, how: "before" };
    await world.rest();
    expect(world.calls).toContain("eraseEnded");
    expect(world.erased).toHaveLength(1);
    expect(await world.core.status()).toMatchObject({ pending: 0, unconfirmed: [] });
    expect(world.disk.alarmMs()).toBeNull();
  });

  describe("and the rest of the erasure fails for a while", () => {
    /** The vault has erased; the ledgers or the warehouse are down. */
    async function half(): Promise<ConnectionWorld> {
      const world = await opened();
      world.hasEnded = true;
      world.erasureFails = true;
      await world.core.unconfirmed("deregistered");
      await world.ring();
      expect([world.erased, (await world.core.status()).ending]).toEqual([[], true]);
      return world;
    }
    const erasedOf = (world: ConnectionWorld) =>
      world.erased.map((one) => (one as [ConnectionLink])[0].connection);

    test("it is of the link that ended, whatever was linked since", async () => {
      const world = await half();
      await world.core.open(linkOf({ connection: "con_2" as ConnectionId }));
      world.erasureFails = false;
      await world.rest();
      expect(erasedOf(world)).toEqual(["con_1"]);
    });

    test("it ends by itself, though the connection was told to stop meanwhile", async () => {
      const world = await half();
      await world.core.forget();
      world.restart();
      world.erasureFails = false;
      await world.rest();
      expect(erasedOf(world)).toEqual(["con_1"]);
      expect(world.disk.alarmMs()).toBeNull();
    });

    test("nothing more is erased once the vault does not say so any more", async () => {
      const world = await half();
      world.hasEnded = false;
      world.erasureFails = false;
      await world.rest();
      expect([world.erased, (await world.core.status()).ending]).toEqual([[], true]);
    });
  });

  test("that it does not confirm, since the grant only lapsed, says that it has to be linked again", async () => {
    const world = await opened();
    world.grantIs = "grant-ended";
    await world.core.unconfirmed("deregistered");
    await world.ring();
    const { state, why, unconfirmed } = await world.core.status();
    expect([state, why, unconfirmed, world.erased]).toEqual([
      "needs-reconnecting",
      "grant-ended",
      [],
      [],
    ]);
  });

  test("of a grant whose place another took is not asked of that other one", async () => {
    const world = await opened();
    world.hasEnded = true;
    await world.core.notice([ping(secret)]);
    await world.core.unconfirmed("deregistered");
    await world.core.handOver();
    await world.rest();
    expect([asks(world), world.erased]).toEqual([0, []]);
  });

  test("and is linked again while it is asked is asked about anew", async () => {
    const world = await opened();
    world.grantIs = "grant-ended";
    await world.core.unconfirmed("deregistered");
    world.meanwhile = () => {
      world.meanwhile = null;
      world.nowMs += 1;
      return world.core.open(linkOf());
    };
    await world.ring();
    expect(await world.core.status()).toMatchObject({
      state: "connected",
      unconfirmed: ["deregistered"],
    });
  });

  test("where nothing is to be erased stops the asking only when the token opens nothing", async () => {
    const world = await opened(site());
    await world.core.unconfirmed("deregistered");
    await world.ring();
    expect((await world.core.status()).state).toBe("connected");
    expect((await world.core.status()).unconfirmed).toEqual([]);
    world.site.wrong = () => ({ failed: "grant-ended" });
    await world.core.unconfirmed("deregistered");
    await world.rest();
    const { state, why } = await world.core.status();
    expect([state, why, world.erased]).toEqual(["needs-reconnecting", "grant-ended", []]);
    expect(asks(world)).toBe(0);
  });

  test("that cannot be asked about stays, and is asked about later", async () => {
    const world = await opened(site());
    world.site.wrong = () => replyOf(500);
    await world.core.unconfirmed("deregistered");
    await world.ring();
    expect((await world.core.status()).unconfirmed).toEqual(["deregistered"]);
    expect((await world.core.status()).state).toBe("connected");
    world.site.wrong = () => undefined;
    await world.until(world.nowMs + askedEveryMs);
    expect((await world.core.status()).unconfirmed).toEqual([]);
  });

  test("of a kind that nobody can be asked about is kept, and no more than some", async () => {
    const world = await opened();
    for (let i = 0; i < 80; i++) await world.core.unconfirmed(`rumour-${i}`);
    await world.core.unconfirmed("deregistered");
    expect((await world.core.status()).unconfirmed).toHaveLength(51);
    await world.rest();
    expect((await world.core.status()).unconfirmed).toHaveLength(50);
    expect(world.erased).toEqual([]);
  });
});

describe("a claim that permissions changed", () => {
  test("stops what was taken back, and what is given again goes on", async () => {
    const world = await opened(site());
    await world.core.notice([windowOf(startMs - dayMs, startMs)]);
    world.site.put(rideNo(1, startMs - minuteMs));
    world.site.permissions = ["STEPS"];
    await world.core.unconfirmed("permissions-changed");
    await world.rest();
    const taken = await world.core.status();
    expect([taken.state, taken.why]).toEqual(["needs-reconnecting", "permission-withdrawn"]);
    expect([taken.pending, taken.unconfirmed, world.handed()]).toEqual([1, [], []]);
    world.site.permissions = ["STEPS", "RIDES"];
    await world.core.unconfirmed("permissions-changed");
    await world.until(world.nowMs + askedEveryMs + minuteMs);
    const given = await world.core.status();
    expect([given.state, given.why, given.scopes]).toEqual(["connected", null, ["STEPS", "RIDES"]]);
    expect(world.handed()).toEqual([1]);
  });

  test("that is not so changes nothing", async () => {
    const world = await opened(site());
    await world.core.unconfirmed("permissions-changed");
    await world.rest();
    expect(await world.core.status()).toMatchObject({ state: "connected", unconfirmed: [] });
  });

  test("does not undo what only linking again can mend", async () => {
    const world = await opened(site());
    world.site.wrong = (request) =>
      "path" in request && request.path === "/permissions" ? undefined : { failed: "grant-ended" };
    await world.core.notice([windowOf(startMs - dayMs, startMs)]);
    await world.rest();
    await world.core.unconfirmed("permissions-changed");
    await world.rest();
    expect((await world.core.status()).why).toBe("grant-ended");
  });
});
