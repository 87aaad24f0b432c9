/**
 * A delivery that anybody who learned the address could have said: it brings where to look and no
 * more, a signature that is only observed is noted, and a value that it carries is left nowhere.
 */
import { createHmac } from "node:crypto";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { providers } from "../../providers/index.ts";
import { ada, saidOf, secrets, world } from "./link-world.ts";

type World = ReturnType<typeof world>;
const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});
afterEach(() => {
  vi.useRealTimers();
});
const deliveryLine = () => lines.findLast(({ event }) => event === "delivery");
const hmac = (secret: string, text: string) =>
  createHmac("sha256", secret).update(text).digest("hex");

describe("a delivery that anybody could have said", () => {
  const stravaNotice = JSON.stringify({
    object_type: "activity",
    object_id: 1234567890,
    aspect_type: "create",
    owner_id: 134815,
    subscription_id: 120475,
    event_time: 1763700000,
    updates: {},
  });
  const stravaSecrets = { pathKeys: [{ kid: "path-1", secret: "strava-key" }] };
  const stamped = (of: World, raw: string, secret: string) => {
    const t = Math.floor(of.clock.nowMs / 1_000);
    return { "x-strava-signature": `t=${t},v1=${hmac(secret, `${t}.${raw}`)}` };
  };
  const notify = (of: World, headers: Record<string, string> = {}, key = "strava-key") =>
    of.call("post", "strava", { key, raw: stravaNotice, headers });

  it("says in its line, and counts, what came of a signature that is only observed", async () => {
    vi.useFakeTimers();
    const of = world();
    of.secretsAre({ ...secrets, strava: { ...stravaSecrets, signing: ["app-secret"] } });
    const seen = [];
    for (const headers of [
      {},
      stamped(of, stravaNotice, "app-secret"),
      stamped(of, stravaNotice, "other"),
      stamped(of, stravaNotice, "app-secret"),
    ]) {
      expect((await notify(of, headers)).status).toBe(200);
      seen.push(deliveryLine()?.observed);
    }
    expect(seen).toEqual(["absent", "matches", "differs", "matches"]);
    expect(deliveryLine()?.kid).toBe("path-1");
    of.secretsAre({ ...secrets, strava: stravaSecrets });
    await notify(of, stamped(of, stravaNotice, "app-secret"));
    expect(deliveryLine()?.observed).toBe("unkeyed");
    await vi.runAllTimersAsync();
    await of.settled();
    expect(of.counted).toMatchObject([
      [
        "strava",
        { deliveries: 5, observed: { absent: 1, matches: 2, differs: 1, unkeyed: 1 } },
        "path-1",
      ],
    ]);
    await of.call("post", "garmin", { key: "garmin-key", raw: '{"activities":[]}' });
    expect(deliveryLine()).not.toHaveProperty("signature");
  });

  it("is refused without a good one where the deployment demands it", async () => {
    const of = world();
    const demanding = { ...stravaSecrets, signing: ["app-secret"], signatureDemanded: true };
    of.secretsAre({ ...secrets, strava: demanding });
    expect(saidOf(await notify(of))).toBe("unauthenticated");
    expect(saidOf(await notify(of, stamped(of, stravaNotice, "other")))).toBe("unauthenticated");
    expect((await notify(of, stamped(of, stravaNotice, "app-secret"))).status).toBe(200);
    const elsewhere = await notify(of, stamped(of, stravaNotice, "app-secret"), "other");
    expect(saidOf(elsewhere)).toBe("unauthenticated");
  });

  it("is refused whole where that setting is neither yes nor no, and the log says so once", async () => {
    const of = world();
    for (const signatureDemanded of ["false", "true", 1, 0, [], {}]) {
      const odd = { ...stravaSecrets, signing: ["app-secret"], signatureDemanded };
      of.secretsAre({ ...secrets, strava: odd as never });
      const said = await notify(of, stamped(of, stravaNotice, "app-secret"));
      expect([signatureDemanded, saidOf(said)]).toEqual([signatureDemanded, "unauthenticated"]);
    }
    const told = lines.filter(({ event }) => event === "setting");
    expect(told).toMatchObject([
      { provider: "strava", outcome: "unreadable", reason: "signatureDemanded" },
    ]);
  });

  it("is answered in COROS' own words, to the byte", async () => {
    const of = world();
    of.secretsAre({ ...secrets, coros: { shared: ["client:secret"], pathKeys: ["k"] } });
    const raw = '{"sportDataList":[]}';
    const deliver = (headers: Record<string, string>, key = "k") =>
      of.call("post", "coros", { key, raw, headers });
    const said = await deliver({ client: "client", secret: "secret" });
    expect([said.status, said.text]).toEqual([200, '{"message":"ok","result":"0000"}']);
    expect(said.headers.get("content-type")).toBe("application/json");
    expect(saidOf(await deliver({ client: "client", secret: "other" }))).toBe("unauthenticated");
    expect(saidOf(await deliver({ client: "client", secret: "secret" }, "j"))).toBe(
      "unauthenticated",
    );
  });

  it("brings notices and claims alone, whatever it was read to say", async () => {
    const of = world();
    of.secretsAre({ ...secrets, strava: stravaSecrets });
    const id = await of.linked(ada, { account: "134815" }, { name: "strava" });
    const account = "134815";
    const notice = { account, collection: "activities", fromMs: 1, toMs: 1, gone: null };
    vi.spyOn(providers.strava, "parse").mockReturnValueOnce({
      ok: true,
      value: {
        items: [{ account, kind: "activity", body: { secret: "of the body" } }],
        notices: [{ ...notice, record: "77" }],
        claims: [{ account, claim: "deregistered" }],
        links: [{ account, by: { reference: "word" } }],
        ends: [{ account, why: "grant-ended", saidMs: null }],
        grants: [{ account, saidMs: null }],
        unknown: 0,
      },
    });
    expect((await notify(of)).status).toBe(200);
    await of.settled();
    expect(of.heard.map(({ what }) => what).sort()).toEqual(["notice", "unconfirmed"]);
    expect(of.heard.every((each) => each.id === id)).toBe(true);
    expect(of.recorded).toEqual([]);
    expect(deliveryLine()).toMatchObject({ items: 6, dropped: 4, linked: 0, ended: 0 });
    expect(JSON.stringify(lines)).not.toContain("of the body");
  });

  it("carries Wahoo's value into no line, no answer and nothing that is kept", async () => {
    const of = world();
    const value = "wahoo-shared-value";
    of.secretsAre({ ...secrets, wahoo: { shared: [value], pathKeys: ["wahoo-key"] } });
    const id = await of.linked(ada, { account: "60462" }, { name: "wahoo" });
    const bodies = [
      { event_type: "workout_summary", webhook_token: value, user: { id: 60462 } },
      { webhook_token: value, user: { id: "?" } },
      { webhook_token: value },
    ].map((body) => JSON.stringify(body));
    const answers = [];
    for (const raw of [...bodies, `{"webhook_token":"${value}","webhook_token":"x"}`, `"${value}"`])
      answers.push(await of.call("post", "wahoo", { key: "wahoo-key", raw }));
    await of.settled();
    expect(answers.slice(3).map(saidOf)).toEqual(["unauthenticated", "unauthenticated"]);
    const left = [answers.map(({ text }) => text), lines, of.heard, of.recorded, id];
    expect(JSON.stringify(left)).not.toContain(value);
    for (const { name } of await of.rows("SELECT name FROM sqlite_master WHERE type = 'table'"))
      expect(JSON.stringify(await of.rows(`SELECT * FROM ${name}`))).not.toContain(value);
  });
});
