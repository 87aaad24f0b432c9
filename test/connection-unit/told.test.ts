/** A provider that sends of an account only once it was told to is told, and holds up no reading. */
import { beforeEach, describe, expect, test, vi } from "vitest";
import { err, ok } from "../../domain/result.ts";
import { lookEveryMs, refusedToldAgainMs } from "../../durable-objects/connection-told.ts";
import type { MemberSubscription } from "../../providers/subscribe.ts";
import { ConnectionWorld, dayMs, linkOf, minuteMs, startMs, windowOf } from "./connection-world.ts";
import { forgetAsked, habit, hearsay } from "./hearsay.ts";
import { faultIn, replyOf, rideNo } from "./site.ts";

beforeEach(() => void vi.spyOn(console, "log").mockImplementation(() => undefined));

const url = "https://singlet.example/webhooks/site/a-secret-part";
const told: string[] = [];
const memberSubscription: MemberSubscription = {
  everyMs: 7 * dayMs,
  requests: (webhookUrl) =>
    ["workouts", "person"].map((what) => ({
      path: `/subscribe/${what}`,
      query: {},
      form: { callback: webhookUrl, what },
    })),
  judge: (reply) => {
    const fault = faultIn(reply);
    return fault === null ? ok("told") : err(fault);
  },
};
/** Nothing else wakes it. */
const rarely = hearsay({ memberSubscription, habit: { ...habit, silentMs: 90 * dayMs } });
const both = ["/subscribe/workouts", "/subscribe/person"];

/** `answers`: the status of each request in turn; then all is well. */
function worldOf(answers: number[] = [], webhookUrl: string | null = url): ConnectionWorld {
  const world = new ConnectionWorld(hearsay({ memberSubscription }));
  world.webhookUrl = webhookUrl;
  world.site.wrong = (asked) => {
    if (!("path" in asked) || !asked.path.startsWith("/subscribe")) return undefined;
    told.push(String(asked.form?.callback));
    return replyOf(answers.shift() ?? 200);
  };
  return world;
}
const subscribed = ({ site }: ConnectionWorld) =>
  site.asked.filter((path) => path.startsWith("/subscribe"));

describe("a provider that has to be told", () => {
  beforeEach(() => void told.splice(0));

  test("is told when the connection opens, in order, where to send", async () => {
    const world = worldOf();
    await world.core.open(linkOf());
    await world.ring();
    expect([subscribed(world), told]).toEqual([both, [url, url]]);
    await world.until(world.nowMs + 2 * dayMs);
    expect(subscribed(world)).toEqual(both);
  });

  test("is told again from time to time, and when it is opened again", async () => {
    const world = worldOf();
    await world.core.open(linkOf());
    await world.until(world.nowMs + 15 * dayMs, 2000);
    expect(subscribed(world)).toEqual([...both, ...both, ...both]);
    world.restart();
    await world.core.open(linkOf());
    await world.rest();
    expect(subscribed(world)).toHaveLength(8);
  });

  test("is not, where nobody stated our address", async () => {
    const world = worldOf([], null);
    await world.core.open(linkOf());
    await world.until(world.nowMs + 8 * dayMs, 2000);
    expect(subscribed(world)).toEqual([]);
  });

  test("is told anew when it fails in the middle, and reading goes on meanwhile", async () => {
    const world = worldOf([200, 500, 500, 503, 200, 200]);
    world.site.put(rideNo(1, startMs - dayMs));
    await world.core.open(linkOf());
    await world.core.notice([windowOf(startMs - 2 * dayMs, startMs)]);
    await world.ring();
    expect([subscribed(world), await world.held("ride-1")]).toEqual([both, expect.anything()]);
    expect((await world.core.status()).state).toBe("connected");
    await world.until(world.nowMs + 5 * minuteMs);
    expect(subscribed(world)).toEqual([...both, both[0], both[0], ...both]);
  });

  test("that refuses is told again after a day", async () => {
    const world = worldOf([403]);
    await world.core.open(linkOf());
    await world.until(startMs + refusedToldAgainMs - minuteMs);
    expect(subscribed(world)).toEqual([both[0]]);
    await world.until(startMs + refusedToldAgainMs + minuteMs);
    expect(subscribed(world)).toEqual([both[0], ...both]);
  });

  test("is waited for where the budget is spent, without a fault", async () => {
    const world = worldOf();
    let waits = 1;
    world.gateSays = () => (waits-- > 0 ? { waitMs: 10_000, why: "budget" } : undefined);
    await world.core.open(linkOf());
    await world.until(world.nowMs + minuteMs);
    expect(subscribed(world)).toEqual(both);
  });

  test.each(["before", "after", "death"] as const)(
    "is told, whatever call fails: %s",
    async (how) => {
      const whole = worldOf();
      await whole.core.open(linkOf());
      await whole.rest();
      for (let nth = 1; nth <= whole.calls.length; nth++) {
        const world = worldOf();
        world.fault = { nth, how };
        await world.core.open(linkOf());
        await world.rest();
        const said = subscribed(world);
        expect(said.slice(-2), `call ${nth}`).toEqual(both);
        expect(said.length).toBeLessThanOrEqual(4);
      }
    },
  );

  test("is told another address within a day, and at once when anything else is to be done", async () => {
    const other = url.replace("a-secret", "another");
    const world = worldOf();
    world.provider = rarely;
    await world.core.open(linkOf());
    await world.until(world.nowMs + dayMs / 2);
    world.webhookUrl = other;
    await world.until(world.nowMs + lookEveryMs);
    expect(told).toEqual([url, url, other, other]);
    world.webhookUrl = url;
    await world.core.notice([windowOf(startMs - dayMs, startMs)]);
    await world.ring();
    expect(told.slice(4)).toEqual([url, url]);
    await world.until(world.nowMs + 6 * dayMs, 2000);
    expect(told).toHaveLength(6);
    expect(JSON.stringify(world.disk.raw.prepare("SELECT * FROM meta").all())).not.toContain(url);
  });

  test("whose address is only looked at makes no call, and a wake a day", async () => {
    const world = worldOf();
    world.provider = rarely;
    await world.core.open(linkOf());
    await world.rest();
    forgetAsked(world);
    await world.until(world.nowMs + 6 * dayMs, 7);
    expect(world.site.asked).toEqual([]);
  });

  test("is not, where what it would be told cannot be made, and is read all the same", async () => {
    const requests = () => {
      throw new Error("no such address");
    };
    const world = new ConnectionWorld(
      hearsay({ memberSubscription: { ...memberSubscription, requests } }),
    );
    world.webhookUrl = url;
    world.site.put(rideNo(1, startMs - dayMs));
    await world.core.open(linkOf());
    await world.core.notice([windowOf(startMs - 2 * dayMs, startMs)]);
    await world.ring();
    expect(await world.held("ride-1")).not.toBeNull();
    expect((await world.core.status()).state).toBe("connected");
    expect(world.disk.alarmMs()).toBeGreaterThan(world.nowMs);
  });

  test("is told nothing that stands in the log", async () => {
    const world = worldOf([500, 403]);
    world.fault = { nth: 2, how: "after" };
    await world.core.open(linkOf());
    await world.until(world.nowMs + 2 * dayMs);
    const lines = vi.mocked(console.log).mock.calls.map(([line]) => String(line));
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.join()).not.toContain("a-secret-part");
  });
});
