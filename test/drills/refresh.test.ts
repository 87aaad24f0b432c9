/**
 * Refresh tokens that are worth nothing once used: however many ask at once, one refresh; and when
 * its answer is lost, the connection comes back by itself or says that it cannot.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { notifyGoogle } from "../../local/deliveries.ts";
import { type Answer, link } from "../../local/people.ts";
import type { System } from "../../local/system.ts";
import { type Athlete, as, athlete, type OwnSystem } from "../system/support.ts";
import { announce, expectState, quiet, recordAtGoogle, shownOf } from "./connection-drill.ts";
import { drillSystem, expectAllArrived, expectStanding, rideOf } from "./drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await drillSystem();
  system = own.system;
});
afterAll(() => own.end());
afterEach(() => {
  system.provider.faults = {};
  system.provider.habits.graceRefresh = false;
});

const askers = 100;
const rides = 20;
const triesMax = 300;

/** An athlete whose access token the provider takes no more. */
async function expired(key: string): Promise<Athlete> {
  const who = await athlete(system, key);
  await quiet(system, who);
  system.provider.expireAccessTokens();
  return who;
}

/** A 503 is said again, as Google does. */
async function saidUntilTaken(who: Athlete, startMs: number): Promise<Answer> {
  for (let tries = 1; ; tries++) {
    const answer = await notifyGoogle(system, who.google, startMs, startMs + 3_600_000);
    if (answer.status !== 503 || tries === triesMax) return answer;
    await new Promise((wake) => setTimeout(wake, 100));
  }
}

async function expectAll(who: Athlete, workouts: number): Promise<void> {
  await expectStanding(system, who, workouts, workouts * 20_000);
  await expectState(system, who, "connected", null);
  await expectAllArrived(system, who.id);
}

describe("an expired token", () => {
  it("is renewed once for a hundred notices and readings at the same time", async () => {
    const who = await expired("hundred");
    const told = Array.from({ length: rides }, (_, n) =>
      recordAtGoogle(system, who, rideOf(who, n + 1)),
    );
    const { id } = (await shownOf(system, who)) ?? {};
    const answers = await Promise.all(
      Array.from({ length: askers }, async (_, i) => {
        const { startMs = 0 } = told[i % rides] ?? {};
        if (i % 4 !== 0) return saidUntilTaken(who, startMs);
        return as(system, who).post(`/v1/connections/${id}/sync`);
      }),
    );
    const count = (said: number) => answers.filter(({ status }) => status === said).length;
    expect([count(204), count(202)]).toEqual([(askers * 3) / 4, askers / 4]);
    await expectAll(who, rides);
    expect(system.provider.refreshes(who.google)).toBe(1);
  });

  it("is renewed once for a hundred calls at the vault", async () => {
    const who = await expired("vault");
    const { id } = (await shownOf(system, who)) ?? {};
    const request = { path: "/v4/users/me/identity", query: {} };
    const body = JSON.stringify({
      binding: "VAULT_CONNECT",
      method: "request",
      args: [who.id, id, "google-health", request],
    });
    const edge = await system.runtime.mf.getWorker("singlet-edge");
    type Said = { readonly answer: { readonly status: number; readonly renewed?: true } };
    /** What the provider did not answer in time is asked again, as whoever reads does. */
    const ask = async (tries = triesMax): Promise<Said> => {
      const reply = await edge.fetch("http://drill/__call", { method: "POST", body });
      const said = (await reply.json()) as Said;
      return said.answer.status === 0 && tries > 1 ? ask(tries - 1) : said;
    };
    const replies = await Promise.all(Array.from({ length: askers }, () => ask()));
    // Where the old token was refused, it is for whoever asked to spend a second call.
    for (const { answer } of replies)
      expect(answer).toMatchObject(answer.status === 401 ? { renewed: true } : { status: 200 });
    expect(await ask()).toMatchObject({ answer: { status: 200 } });
    expect(system.provider.refreshes(who.google)).toBe(1);
    expect(await announce(system, who, 1)).toBe(204);
    await expectAll(who, 1);
  });
});

describe("a refresh whose answer is lost", () => {
  it("is asked again, and taken by a provider that allows for that", async () => {
    const who = await expired("grace");
    system.provider.habits.graceRefresh = true;
    system.provider.faults = { loseRefresh: true, account: who.google, remaining: 1 };
    expect(await announce(system, who, 1)).toBe(204);
    await expectAll(who, 1);
    expect(system.provider.faults.remaining).toBe(0);
    expect(system.provider.refreshes(who.google)).toBe(2);
  });

  it("is said to the member where it is not, and what waited comes once they link again", async () => {
    const who = await expired("no-grace");
    system.provider.faults = { loseRefresh: true, account: who.google, remaining: 1 };
    expect(await announce(system, who, 1)).toBe(204);
    await expectState(system, who, "needs-reconnecting", "refresh-lost");
    expect(await announce(system, who, 2)).toBe(204);
    await expectState(system, who, "needs-reconnecting", "refresh-lost");
    expect([200, 201]).toContain((await link(system, who, "google-health", who.google)).status);
    await expectAll(who, 2);
  });
});
