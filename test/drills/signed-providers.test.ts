/**
 * Providers that sign, over the real runtime: members link, deliveries come with a genuine proof and
 * with a forged one, notices are followed by a fetch, and what stands is what the provider has.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  deliverSigned,
  linkByReference,
  type ReferringProvider,
  saysBack,
} from "../../local/deliveries.ts";
import { call, link, operatorToken, type Person } from "../../local/people.ts";
import { runSweep, type System } from "../../local/system.ts";
import { providers } from "../../providers/index.ts";
import { as, heartRateOf, type OwnSystem, workoutsOf } from "../system/support.ts";
import { askedOf, expectState, quiet, shownOf } from "./connection-drill.ts";
import { withinAMinute } from "./drill.ts";
import {
  beats,
  before,
  expectRun,
  member,
  type Notifying,
  notice,
  pushed,
  type Run,
  runs,
  served,
  signedSystem,
} from "./signed-drill.ts";

let own: OwnSystem;
let system: System;
beforeAll(async () => {
  own = await signedSystem();
  system = own.system;
});
afterAll(() => own.end());

const forged = { secret: "whsec_bm90LXRoZS1zZWNyZXQtdGhhdC13ZS1zaGFyZQ==" };

const settingsOf = (who: Person) => as(system, who).get("/v1/connections");
const linkedBy = async (who: Person, provider: Notifying | "suunto", account: string) => {
  expect((await link(system, who, provider, account)).status).toBe(201);
  await quiet(system, who, provider);
};

describe.each(["polar", "whoop", "oura"] as const)("%s, which only notifies,", (provider) => {
  const run: Run = runs[provider];
  const later: Run = { ...run, distanceM: run.distanceM + 500, revision: 2 };
  const fetched = () =>
    askedOf(system, run.account).filter(({ path }) => path.endsWith(`/${run.id}`)).length;
  const told = async (of: Run, isGone = false) => {
    const { status } = await deliverSigned(system, provider, notice[provider](of, isGone));
    expect(status).toBe(200);
  };
  let who: Person;
  beforeAll(async () => {
    who = await member(system, `of-${provider}`);
    await linkedBy(who, provider, run.account);
    system.provider.setWorkout(provider, run.account, served[provider](run));
    if (provider === "oura") system.provider.oura.setHeartRate(run.account, beats);
  });

  it("is believed by its proof alone: a forged notice fetches nothing", async () => {
    const answer = await deliverSigned(system, provider, notice[provider](run), forged);
    expect(answer.status).toBe(401);
    await told({ ...run, account: "999999" });
    expect([fetched(), await workoutsOf(system, who)]).toEqual([0, []]);
    const word = system.provider.polar.registeredAs(run.account);
    if (provider === "polar") expect(word).toMatch(/^[\w-]{43}$/);
  });

  it("has what it announces fetched, once however often it is said, and what changed anew", async () => {
    await told(run);
    await expectRun(system, who, run);
    const [workout] = await workoutsOf(system, who);
    const samples = await heartRateOf(system, who, workout.id);
    expect(samples?.length ?? 0).toBe({ polar: 5, whoop: 0, oura: 2 }[provider]);
    const fetches = fetched();
    await told(run);
    expect(
      await withinAMinute(
        async () => fetched(),
        (n) => n > fetches,
      ),
    ).toBeGreaterThan(fetches);
    await quiet(system, who, provider);
    await expectRun(system, who, run);
    system.provider.setWorkout(provider, run.account, served[provider](later));
    await told(later);
    await expectRun(system, who, later);
  });

  if (provider !== "polar")
    it("is believed that a workout is gone once it has not got it", async () => {
      const fetches = fetched();
      await told(later, true);
      expect(
        await withinAMinute(
          async () => fetched(),
          (n) => n > fetches,
        ),
      ).toBeGreaterThan(fetches);
      await quiet(system, who, provider);
      await expectRun(system, who, later);
      system.provider.deleteWorkout(provider, run.account, run.id);
      await told(later, true);
      await expectRun(system, who, null);
    });

  it("is told once its member ends the connection", async () => {
    const { id } = (await shownOf(system, who, provider)) ?? { id: "" };
    expect((await as(system, who).remove(`/v1/connections/${id}`)).status).toBe(200);
    expect(system.provider.hasGrant(provider, run.account)).toBe(provider === "oura");
    expect(system.provider.polar.registeredAs(run.account)).toBeNull();
  });
});

describe("Suunto, linked by OAuth,", () => {
  const run: Run = runs.suunto;
  it("sends its workouts, and each content of one once", async () => {
    const who = await member(system, "of-suunto");
    await linkedBy(who, "suunto", run.account);
    const push = async (of: Run, over = {}) =>
      (await deliverSigned(system, "suunto", pushed.suunto(of), over)).status;
    expect(await push(run, forged)).toBe(401);
    expect(await workoutsOf(system, who)).toEqual([]);
    for (let times = 0; times < 2; times++) expect(await push(run)).toBe(200);
    await expectRun(system, who, run);
    const later = { ...run, distanceM: 10_660 };
    expect(await push(later)).toBe(200);
    await expectRun(system, who, later);
    expect(await push(run)).toBe(200);
    await expectRun(system, who, later);
    await expectState(system, who, "connected", null, "suunto");
  });
});

const words = ["terra", "junction", "standard-webhooks"] as const;
describe.each(words)("%s, linked by a word of ours,", (provider) => {
  const run: Run = runs[provider];
  const { account } = run;
  const later: Run = { ...run, distanceM: run.distanceM + 500, revision: 2 };
  const push = async (body: object, over = {}) =>
    (await deliverSigned(system, provider, body, over)).status;
  let who: Person;
  let word: string;
  beforeAll(async () => {
    who = await member(system, `of-${provider}`);
  });

  it("is given a word and, where it has one, asked for its page", async () => {
    const given = await as(system, who).post(`/v1/connections/${provider}`, {});
    expect(given.status).toBe(201);
    word = given.body.reference;
    const asked = system.provider.sessions.references.filter((one) => one.provider === provider);
    expect(asked.map(({ reference }) => reference)).toEqual(
      provider === "standard-webhooks" ? [] : [word],
    );
    const pages = { terra: /^https:\/\/widget\./, junction: /^https:\/\/link\./ };
    if (provider === "standard-webhooks") expect(given.body.authorise).toBeNull();
    else expect(given.body.authorise).toMatch(pages[provider]);
  });

  it("links nobody without proof, and nothing comes of an account that is nobody's", async () => {
    expect(await push(saysBack(provider, account, word), forged)).toBe(401);
    expect(await push(pushed[provider](run))).toBe(200);
    expect((await settingsOf(who)).body.items).toEqual([]);
    expect(await workoutsOf(system, who)).toEqual([]);
  });

  it("says the word back, and its workouts are the member's, each once", async () => {
    for (let times = 0; times < 2; times++)
      expect(await push(saysBack(provider, account, word))).toBe(200);
    await expectState(system, who, "connected", null, provider);
    expect((await settingsOf(who)).body.items).toHaveLength(1);
    for (let times = 0; times < 2; times++) expect(await push(pushed[provider](run))).toBe(200);
    await expectRun(system, who, run);
    expect(await push(pushed[provider](later))).toBe(200);
    await expectRun(system, who, later);
    expect(await push(pushed[provider](run))).toBe(200);
    await expectRun(system, who, later);
  });

  it("gives a word to one account, and an account to one member, and tells both", async () => {
    const other = await member(system, `other-of-${provider}`);
    expect(await push(saysBack(provider, `${account}-2`, word))).toBe(200);
    expect((await settingsOf(who)).body.items).toHaveLength(1);
    expect((await linkByReference(system, other, provider, account)).status).toBe(200);
    for (const [one, side] of [
      [who, "holder"],
      [other, "claimant"],
    ] as const) {
      const { refusedClaims } = (await settingsOf(one)).body;
      expect(refusedClaims).toMatchObject([{ provider, side }]);
    }
    expect((await settingsOf(other)).body.items).toEqual([]);
    expect(await workoutsOf(system, other)).toEqual([]);
  });

  if (provider !== "junction")
    it("takes a workout away", async () => {
      const ids = [{ id: run.id, revision: 3 }];
      const deleted = { type: "workouts.deleted", timestamp: "", data: { account, ids } };
      expect(await push(provider === "terra" ? pushed.terra(run, 4) : deleted)).toBe(200);
      await expectRun(system, who, null);
    });

  if (provider !== "junction")
    it("says that an account ended, and nothing is erased", async () => {
      const again: Run = { ...run, id: `${run.id}-2` };
      expect(await push(pushed[provider](again))).toBe(200);
      await expectRun(system, who, again);
      const ends: Record<string, object> = {
        terra: { type: "deauth", status: "success", message: "", user: { user_id: account } },
        "standard-webhooks": { type: "account.ended", timestamp: "", data: { account } },
      };
      expect(await push(ends[provider] ?? {})).toBe(200);
      await expectState(system, who, "needs-reconnecting", "grant-ended", provider);
      await expectRun(system, who, again);
      const linked = await linkByReference(system, who, provider as ReferringProvider, account);
      expect(linked.status).toBe(200);
      await expectState(system, who, "connected", null, provider);
      await expectRun(system, who, again);
    });
});

describe("doors", () => {
  it("Fitbit's knows its own word, and takes a signed notice", async () => {
    const verify = async (word: string) =>
      (await call(system.url, "GET", `/webhooks/fitbit?verify=${word}`)).status;
    expect(await verify(system.secrets.verification.fitbit)).toBe(204);
    expect(await verify("made-up")).toBe(404);
    const changed = [{ collectionType: "activities", date: "2026-10-14", ownerId: "AB12CD" }];
    expect((await deliverSigned(system, "fitbit", changed)).status).toBe(204);
    expect((await deliverSigned(system, "fitbit", changed, forged)).status).toBe(401);
  });

  it("are subscribed to where the provider takes that, and greeted first", async () => {
    const { polar, oura } = system.provider;
    const url = `${system.url}/webhooks/polar`;
    polar.webhook = { id: "w1", url, events: ["SLEEP"], active: false };
    await runSweep(system);
    const made = await withinAMinute(
      async () => oura.subscriptions,
      (all) => all.length === 9,
    );
    const told = ["create", "update"];
    expect(new Set(made.map(({ data_type, event_type }) => `${data_type} ${event_type}`))).toEqual(
      new Set([
        ...[...told, "delete"].map((event) => `workout ${event}`),
        ...["sleep", "daily_activity", "daily_spo2"].flatMap((type) =>
          told.map((event) => `${type} ${event}`),
        ),
      ]),
    );
    for (const one of made)
      expect(one).toMatchObject({ callback_url: `${system.url}/webhooks/oura` });
    const kept = await withinAMinute(
      async () => polar.webhook,
      (w) => w?.active === true,
    );
    const events = ["SLEEP", "EXERCISE", "ACTIVITY_SUMMARY", "CONTINUOUS_HEART_RATE"];
    expect(kept).toEqual({ id: "w1", url, events, active: true });
  });

  it("take what either of two live secrets signed, and count by which", async () => {
    const said = notice.whoop(runs.whoop);
    for (const secret of [before.secret, system.secrets.signing.whoop, before.secret])
      expect((await deliverSigned(system, "whoop", said, { secret })).status).toBe(200);
    const token = await operatorToken(system);
    const keys = await withinAMinute(
      async () => {
        const { body } = await call(system.url, "GET", "/v1/ops/providers", { token });
        const whoop = body.items.find((one: { provider: string }) => one.provider === "whoop");
        return whoop.gate.keys as { kid: string; deliveries: number }[];
      },
      (all) => all.some(({ kid, deliveries }) => kid === before.kid && deliveries === 2),
    );
    expect(keys).toHaveLength(2);
    expect(keys.find(({ kid }) => kid === before.kid)).toMatchObject({ deliveries: 2 });
    expect(keys.find(({ kid }) => kid !== before.kid)?.kid).toMatch(/^[0-9a-f]{8}$/);
    expect(JSON.stringify(keys)).not.toContain(before.secret);
  });

  it("are listed, every one", async () => {
    const { body } = await call(system.url, "GET", "/v1/providers");
    const names = body.items.map(({ name }: { name: string }) => name);
    expect(names).toEqual(Object.keys(providers));
    expect(names.length).toBeGreaterThanOrEqual(12);
  });
});
