/**
 * Providers that sign nothing, over the real runtime: whoever knows the address can say anything, so
 * what is said is worth one reading at the provider, and what stands is what the provider has.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { deliverUnsigned, type UnsignedProvider, unsigned } from "../../local/deliveries.ts";
import { call, link, type Person } from "../../local/people.ts";
import { runSweep, type System } from "../../local/system.ts";
import { heartRateOf, scoreOn, workoutsOf } from "../system/support.ts";
import { askedOf, expectState, quiet, shownOf } from "./connection-drill.ts";
import { withinAMinute } from "./drill.ts";
import { member } from "./signed-drill.ts";
import {
  expectLengths,
  gone,
  keptIn,
  type LoggedSystem,
  lengthsOf,
  notice,
  type Run,
  readBeyond,
  readsOf,
  runs,
  samplesReadOf,
  served,
  startMs,
  unsignedSystem,
  withdrawn,
} from "./unsigned-drill.ts";

let own: LoggedSystem;
let system: System;
beforeAll(async () => {
  own = await unsignedSystem();
  system = own.system;
});
afterAll(() => own.end());

async function linked(key: string, provider: UnsignedProvider, account: string): Promise<Person> {
  const who = await member(system, key);
  expect((await link(system, who, provider, account)).status).toBe(201);
  await quiet(system, who, provider);
  return who;
}
const record = (provider: UnsignedProvider, run: Run, over?: object) =>
  system.provider.setWorkout(
    provider,
    run.account,
    provider === "strava" ? served.strava(run, over) : served[provider](run),
  );
const told = async (provider: UnsignedProvider, said: object) =>
  expect((await deliverUnsigned(system, provider, said)).status).toBe(200);

describe.each(unsigned)("%s", (provider) => {
  const run: Run = runs[provider];
  const later: Run = { ...run, distanceM: run.distanceM + 500, revision: 2 };
  const others: Run = { account: `${run.account}7`, id: `${run.id}7`, distanceM: 20_000 };
  const reads = () => readsOf(system, run.account).length;
  // Withings' notices name days of samples too: doubt comes sooner, and with it the hour's own reading.
  const owed = provider === "withings" ? 1 : 0;
  /** Read until the forged ones began. */
  let readsBefore = 0;
  const forged: Readonly<Record<string, Run>> = {
    unknown: { ...run, id: `${run.id.slice(0, -1)}1` },
    unchanged: run,
    "another's": { ...run, id: others.id },
  };
  let who: Person;
  let other: Person;
  beforeAll(async () => {
    who = await linked(`of-${provider}`, provider, run.account);
    other = await linked(`other-of-${provider}`, provider, others.account);
    record(provider, run);
    record(provider, others);
    await told(provider, notice[provider](others));
    await expectLengths(system, other, [others.distanceM]);
  });

  it("is not heard at another address, nor without what it shares", async () => {
    const before = system.provider.requests.length;
    const said = notice[provider](run);
    const pathKey = `${system.secrets.pathKeys[provider]}0`;
    const status = async (over: object) =>
      (await deliverUnsigned(system, provider, said, over)).status;
    expect(await status({ pathKey })).toBe(401);
    if (provider === "wahoo" || provider === "coros")
      expect(await status({ shared: "another:word" })).toBe(401);
    expect((await call(system.url, "POST", `/webhooks/${provider}`, { body: said })).status).toBe(
      401,
    );
    expect([await lengthsOf(system, who), system.provider.requests.length]).toEqual([[], before]);
  });

  it("has what it announces read with the member's own token, and that is what stands", async () => {
    await told(provider, notice[provider](run));
    await expectLengths(system, who, [run.distanceM]);
    const [workout] = await workoutsOf(system, who);
    const samples = await heartRateOf(system, who, workout.id);
    const hasBeats = provider === "strava" || provider === "concept2";
    expect(samples?.map(({ bpm }) => bpm) ?? []).toEqual(hasBeats ? [140, 141, 142] : []);
  });

  it("is worth one reading at most where it is forged, and nothing changes", async () => {
    const standing = async () => [
      await workoutsOf(system, who),
      await workoutsOf(system, other),
      await scoreOn(system, "distance", "all", who.id),
      await scoreOn(system, "distance", "all", other.id),
    ];
    const before = await standing();
    const readsOfOther = readsOf(system, others.account).length;
    readsBefore = reads();
    const samplesBefore = samplesReadOf(system, run.account).length;
    for (const [what, said] of Object.entries(forged)) {
      const soFar = reads();
      await told(provider, notice[provider](said));
      const read = await readBeyond(system, run.account, soFar);
      expect(read.length, what).toBeGreaterThanOrEqual(1);
      expect(read.length, what).toBeLessThanOrEqual(1 + owed);
      // Strava shows what is public to everybody, and says whose it is.
      if (provider === "strava") expect(read[0]?.status, what).toBe(what === "unknown" ? 404 : 200);
    }
    await quiet(system, who, provider);
    expect(reads() - readsBefore).toBeLessThanOrEqual(Object.keys(forged).length + owed);
    const samplesRead = samplesReadOf(system, run.account).length - samplesBefore;
    // The hour's own reading asks for all three that feed the samples.
    expect(samplesRead).toBeLessThanOrEqual((Object.keys(forged).length + 3) * owed);
    const all = system.provider.requests.length;
    await told(provider, notice[provider]({ ...run, account: `${run.account}9` }));
    await quiet(system, who, provider);
    expect(system.provider.requests.length).toBe(all);
    expect(readsOf(system, others.account)).toHaveLength(readsOfOther);
    expect(await standing()).toEqual(before);
  });

  it("has what changed read anew, though much was said in vain", async () => {
    record(provider, later);
    await told(provider, notice[provider](later));
    await expectLengths(system, who, [later.distanceM]);
    expect(await workoutsOf(system, who)).toHaveLength(1);
    // Had in the order that they came: nothing that was forged is read any more.
    const whole = provider === "strava" || provider === "concept2" ? 2 : 1;
    const least = Object.keys(forged).length + whole;
    expect(reads() - readsBefore).toBeGreaterThanOrEqual(least);
    expect(reads() - readsBefore).toBeLessThanOrEqual(least + owed);
  });
});

describe.each(["strava", "concept2"] as const)("that %s has a workout no more", (provider) => {
  const run: Run = { account: `${runs[provider].account}3`, id: "16400000003", distanceM: 9_000 };
  it("is believed once it is not found there; made again, it is the same workout", async () => {
    const who = await linked(`gone-of-${provider}`, provider, run.account);
    record(provider, run);
    await told(provider, notice[provider](run));
    await expectLengths(system, who, [run.distanceM]);
    const [{ id }] = await workoutsOf(system, who);
    const soFar = readsOf(system, run.account).length;
    await told(provider, gone[provider](run));
    await readBeyond(system, run.account, soFar);
    await quiet(system, who, provider);
    expect(await lengthsOf(system, who)).toEqual([run.distanceM * 1000]);
    system.provider.deleteWorkout(provider, run.account, run.id);
    await told(provider, gone[provider](run));
    await expectLengths(system, who, []);
    record(provider, { ...run, revision: 2 });
    await told(provider, notice[provider](run));
    await expectLengths(system, who, [run.distanceM]);
    expect((await workoutsOf(system, who)).map((workout) => workout.id)).toEqual([id]);
  });
});

describe.each(["strava", "withings"] as const)("that its member left %s", (provider) => {
  const run: Run = { account: `${runs[provider].account}4`, id: "16400000004", distanceM: 9_100 };
  it("is believed once the provider says so too", async () => {
    const who = await linked(`leaves-${provider}`, provider, run.account);
    record(provider, run);
    await told(provider, notice[provider](run));
    await expectLengths(system, who, [run.distanceM]);
    system.provider.endGrant(provider, run.account);
    await told(provider, withdrawn[provider](run.account));
    const after = provider === "withings" ? "needs-reconnecting" : undefined;
    const left = await withinAMinute(
      () => shownOf(system, who, provider),
      (shown) => shown?.status === after,
    );
    // Strava wants erased what came by it; Withings only gives no more.
    if (after !== undefined) {
      expect(left).toMatchObject({ status: after, why: "grant-ended" });
      expect(await lengthsOf(system, who)).toEqual([run.distanceM * 1000]);
    } else {
      expect(left).toBeUndefined();
      await expectLengths(system, who, []);
    }
  });

  it("is not believed by anybody's word alone", async () => {
    const account = `${runs[provider].account}5`;
    const who = await linked(`stays-at-${provider}`, provider, account);
    const stays: Run = { ...run, account, id: "16400000005" };
    record(provider, stays);
    await told(provider, notice[provider](stays));
    await expectLengths(system, who, [run.distanceM]);
    const soFar = askedOf(system, account).length;
    await told(provider, withdrawn[provider](account));
    await withinAMinute(
      async () => askedOf(system, account).length,
      (n) => n > soFar,
    );
    await quiet(system, who, provider);
    await expectState(system, who, "connected", null, provider);
    expect(await lengthsOf(system, who)).toEqual([run.distanceM * 1000]);
    expect(
      askedOf(system, account)
        .slice(soFar)
        .map(({ path }) => path),
    ).toHaveLength(1);
  });
});

describe("each in its own way", () => {
  it("Strava's address says its challenge back, and one subscription leads there", async () => {
    const url = `${system.url}/webhooks/strava/${system.secrets.pathKeys.strava}`;
    const asked = (word: string, address = url) =>
      call(address, "GET", `?hub.mode=subscribe&hub.challenge=c-1&hub.verify_token=${word}`);
    const word = system.secrets.verification.strava;
    const right = await asked(word);
    expect([right.status, right.body]).toEqual([200, { "hub.challenge": "c-1" }]);
    expect((await asked("another")).status).toBe(403);
    expect((await asked(word, `${url}0`)).status).toBe(404);
    await runSweep(system);
    const made = await withinAMinute(
      async () => system.provider.strava.subscriptions,
      (all) => all.length > 0,
    );
    expect(made).toMatchObject([{ callback_url: url }]);
  });

  it("Withings is told where each member's notices go, and finds somebody there", async () => {
    const url = `${system.url}/webhooks/withings/${system.secrets.pathKeys.withings}`;
    const there = await fetch(url, { method: "HEAD" });
    expect(there.status).toBe(200);
    const inOrder = async () =>
      system.provider.withings.toldOf(runs.withings.account).sort((a, b) => a.appli - b.appli);
    const categories = [1, 2, 4, 16, 44, 46, 58];
    const told = await withinAMinute(inOrder, (all) => all.length === categories.length);
    expect(told).toEqual(categories.map((appli) => ({ appli, callbackurl: url })));
  });

  it("COROS is answered to the letter, and two ids that look alike to JSON are two", async () => {
    const account = "9d1f0b7de2a94a54";
    const who = await linked("of-coros-twins", "coros", account);
    const ids = ["418173315956375999", "418173315956376000"];
    expect(new Set(ids.map(Number)).size).toBe(1);
    for (const [i, id] of ids.entries())
      system.provider.setWorkout(
        "coros",
        account,
        served.coros({ account, id, distanceM: 5_000 + i }, startMs + i * 7_200_000),
      );
    const [client, secret] = system.secrets.shared.coros.split(":");
    const answer = await fetch(`${system.url}/webhooks/coros/${system.secrets.pathKeys.coros}`, {
      method: "POST",
      headers: { Client: client ?? "", Secret: secret ?? "" },
      body: `{"sportDataList":[{"openId":"${account}","labelId":${ids[0]},"mode":8,"subMode":1}]}`,
    });
    expect(answer.status).toBe(200);
    expect(await answer.text()).toBe('{"message":"ok","result":"0000"}');
    await expectLengths(system, who, [5_000, 5_001]);
  });

  it("Concept2's verified results are of a device, and what was typed in is not", async () => {
    const account = "1553119";
    const who = await linked("of-concept2-typed", "concept2", account);
    const typed = { account, id: "91133799", distanceM: 4_000 };
    const { strokes: _, ...without } = served.concept2(typed);
    const byWeb = { ...without, verified: false, source: "Web" };
    system.provider.setWorkout("concept2", account, byWeb);
    await told("concept2", notice.concept2(typed));
    await expectLengths(system, who, [4_000]);
    const [workout] = await workoutsOf(system, who);
    expect(workout.distanceMm.because).toMatch(/typed in by hand$/);
    const verified = { account, id: "91133800", distanceM: 4_001 };
    record("concept2", verified);
    await told("concept2", notice.concept2(verified));
    // The two are of the same time: one workout, by the one that is trusted more.
    await expectLengths(system, who, [4_001]);
    const [both] = await workoutsOf(system, who);
    expect(both.sources).toHaveLength(2);
    expect(both.distanceMm.because).toMatch(/measured by a device/);
  });

  it("Strava's streams that come empty at first are in the one workout in the end", async () => {
    const run = { account: "7654390", id: "16412340090", distanceM: 8_000 };
    const who = await linked("of-strava-streams", "strava", run.account);
    record("strava", run);
    system.provider.strava.withholdStreams(run.id, 1);
    await told("strava", notice.strava(run));
    await expectLengths(system, who, [run.distanceM]);
    const beats = async () => {
      const [{ id }] = await workoutsOf(system, who);
      return (await heartRateOf(system, who, id))?.map(({ bpm }) => bpm) ?? [];
    };
    expect(await beats()).toEqual([]);
    await told("strava", notice.strava(run));
    expect(await withinAMinute(beats, (all) => all.length > 0)).toEqual([140, 141, 142]);
    expect(await lengthsOf(system, who)).toEqual([run.distanceM * 1000]);
  });

  it("what they prove themselves by stands in no log, and nowhere that anything is kept", async () => {
    const { shared, pathKeys } = system.secrets;
    const secrets = [...Object.values(shared).flatMap((one) => one.split(":"))];
    secrets.push(...Object.values(pathKeys), ...system.provider.tokens);
    // Whatever is cut in two by the page of a database still shows one half.
    const halves = secrets.flatMap((one) => [one.slice(0, 16), one.slice(-16)]);
    expect(own.log.length).toBeGreaterThan(0);
    expect(own.log.filter((line) => halves.some((half) => line.includes(half)))).toEqual([]);
    expect(await keptIn(own.state, ["ELEMNT RIVAL"])).not.toEqual([]);
    expect(await keptIn(own.state, halves)).toEqual([]);
  });
});
