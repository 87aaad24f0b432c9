/**
 * Every way in which a provider fails, one after the other: the connection says what is the matter,
 * and what was announced arrives once the matter is over, once. docs/connections.md lists the same.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { link } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import type { Faults } from "../fakes/provider.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  type OwnSystem,
  workoutsOf,
} from "../system/support.ts";
import {
  announce,
  askedOf,
  expectState,
  googleLists,
  quiet,
  recordAtGoogle,
} from "./connection-drill.ts";
import { drillSystem, expectAllArrived, expectStanding, rideOf, withinAMinute } from "./drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());
afterEach(() => {
  system.provider.faults = {};
});

const megabyte = 1_048_576;

/** What goes wrong, the state that it is, and why. */
const lasting: readonly (readonly [string, Faults, string, string | null])[] = [
  // Patience for less than a minute is the ordinary course of things.
  ["answers 429", { status: 429 }, "syncing", null],
  ["says when to ask again", { status: 429, retryAfterSeconds: 2 }, "syncing", null],
  [
    "says the moment to ask again at",
    { status: 429, retryAfterSeconds: 3, retryAfterDate: true },
    "syncing",
    null,
  ],
  ["answers 503", { status: 503 }, "behind", "provider-down"],
  ["never answers", { hang: true }, "behind", "provider-down"],
  ["drops its answer halfway", { truncate: true }, "behind", "provider-down"],
  ["answers without an end", { oversizeBytes: 9 * megabyte }, "behind", "broken-answers"],
  ["sends us elsewhere", { redirect: "/elsewhere" }, "behind", "broken-answers"],
  ["answers with a page", { contentType: "text/html" }, "behind", "broken-answers"],
];

async function expectArrived(who: Athlete): Promise<void> {
  await expectStanding(system, who, 1, 20_000);
  const [workout] = await workoutsOf(system, who);
  expect((await heartRateOf(system, who, workout.id))?.length).toBeGreaterThan(10);
  await expectState(system, who, "connected", null);
  await expectAllArrived(system, who.id);
}

async function ready(key: string): Promise<Athlete> {
  const who = await athlete(system, key.replaceAll(" ", "-"));
  await quiet(system, who);
  return who;
}

/** How often their rides were asked for. */
const askedFor = (who: Athlete) =>
  askedOf(system, who.google).filter(({ path }) => path === googleLists).length;

describe("a provider that", () => {
  it.each(lasting)(
    "%s: its state is what the docs say, and it ends by itself",
    async (name, wrong, status, why) => {
      const who = await ready(name);
      system.provider.faults = { ...wrong, only: googleLists, account: who.google };
      const before = askedFor(who);
      expect(await announce(system, who, 1)).toBe(204);
      const strikes = await withinAMinute(
        async () => askedFor(who),
        (n) => n > before,
      );
      expect(strikes).toBeGreaterThan(before);
      await expectState(system, who, status, why);
      expect(await workoutsOf(system, who)).toEqual([]);
      system.provider.faults = {};
      await expectArrived(who);
      const elsewhere = system.provider.requests.filter(({ path }) => path === "/elsewhere");
      expect(elsewhere, "no redirect is followed").toEqual([]);
    },
  );

  it("takes no token that was good a moment ago gives a new one, and nothing is said", async () => {
    const who = await ready("expired");
    system.provider.expireAccessTokens();
    expect(await announce(system, who, 1)).toBe(204);
    await expectArrived(who);
    expect(system.provider.refreshes(who.google)).toBe(1);
  });

  it("ended the grant: the member is told, and what waited comes once they link again", async () => {
    const who = await ready("revoked");
    system.provider.endGrant("google-health", who.google);
    expect(await announce(system, who, 1)).toBe(204);
    await expectState(system, who, "needs-reconnecting", "grant-ended");
    expect([200, 201]).toContain((await link(system, who, "google-health", who.google)).status);
    await expectArrived(who);
  });

  it("fails on one page keeps what came before it, and goes on from there", async () => {
    const who = await ready("page");
    const startMs = rideOf(who, 1).startMs;
    const ridesAtGoogle = 60;
    for (let n = 0; n < ridesAtGoogle; n++) {
      const at = { startMs: startMs + n * 600_000, elapsedSeconds: 300, distanceM: 1000 };
      recordAtGoogle(system, who, { ...rideOf(who, 1), ...at, id: `970${n}` });
    }
    system.provider.faults = { status: 500, only: googleLists, account: who.google, page: 2 };
    await notifyGoogle(system, who.google, startMs, startMs + ridesAtGoogle * 600_000);
    await expectState(system, who, "behind", "provider-down");
    const first = await withinAMinute(
      () => workoutsOf(system, who),
      (workouts) => workouts.length === 25,
    );
    expect(first).toHaveLength(25);
    const firstPages = () =>
      askedOf(system, who.google).filter(
        ({ path, query, status }) =>
          path === googleLists && status === 200 && !query.includes("pageToken"),
      ).length;
    const before = firstPages();
    system.provider.faults = {};
    const all = await withinAMinute(
      () => workoutsOf(system, who),
      (workouts) => workouts.length === ridesAtGoogle,
    );
    expect(all).toHaveLength(ridesAtGoogle);
    expect(firstPages(), "the first page is not read again").toBe(before);
    await expectState(system, who, "connected", null);
  });
});
