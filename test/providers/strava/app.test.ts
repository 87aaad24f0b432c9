/** What concerns the app as a whole: its budget, its subscription, and how it is given tokens. */
import { describe, expect, it } from "vitest";
import { strava } from "../../../providers/strava.ts";
import { replied } from "../replied.ts";

const quarter = "15 minutes";
const nowMs = Date.UTC(2026, 10, 14, 9, 52, 30);
const toQuarterMs = 7.5 * 60_000;
const toMidnightMs = (14 * 60 + 7.5) * 60_000;

describe("what is left to ask", () => {
  const { budget } = strava;
  const learned = (headers: Record<string, string>) => budget.learn?.(headers, nowMs).app;
  const headers = {
    "x-readratelimit-limit": "100,1000",
    "x-readratelimit-usage": "5,148",
    "x-ratelimit-limit": "200,2000",
    "x-ratelimit-usage": "6,222",
  };

  it("is what readings have left, until the clock's quarter and midnight in UTC", () => {
    expect(learned(headers)).toEqual([
      { window: quarter, limit: 100, remaining: 95, resetsInMs: toQuarterMs },
      { window: "day", limit: 1_000, remaining: 852, resetsInMs: toMidnightMs },
    ]);
    for (const { window } of learned(headers) ?? [])
      expect(budget.app.map(({ name }) => name)).toContain(window);
    expect(budget.learn?.(headers, nowMs).member).toEqual([]);
  });

  it("is a whole quarter at its first instant", () => {
    const at = Date.UTC(2026, 10, 14, 10);
    expect(budget.learn?.(headers, at).app[0]).toMatchObject({ resetsInMs: 15 * 60_000 });
  });

  it("is less where all calls together have less, and nothing beyond the limit", () => {
    const busy = { ...headers, "x-ratelimit-usage": "190,1999" };
    expect(learned(busy)).toMatchObject([{ remaining: 10 }, { remaining: 1 }]);
    const over = { ...headers, "x-readratelimit-usage": "101,1200" };
    expect(learned(over)).toMatchObject([{ remaining: 0 }, { remaining: 0 }]);
    const extended = {
      ...headers,
      "x-readratelimit-limit": "200,2000",
      "x-ratelimit-limit": "400,4000",
    };
    expect(learned(extended)).toMatchObject([{ limit: 200 }, { limit: 2_000 }]);
  });

  it("is nothing new by an answer that is about no reading, or that cannot be read", () => {
    // As the app's subscription is answered: twice as much, and nothing of it used.
    const ofTheApp = { "x-ratelimit-limit": "600,30000", "x-ratelimit-usage": "0,0" };
    expect(learned(ofTheApp)).toEqual([]);
    expect(learned({ ...headers, "x-readratelimit-usage": "0,0" })).toEqual([]);
    for (const odd of ["", "a,b", "-1,-1", "1e3,1e4", ","])
      expect(learned({ ...headers, "x-readratelimit-usage": odd })).toEqual([]);
    expect(learned({ ...headers, "x-readratelimit-usage": "5" })).toHaveLength(1);
    expect(learned({ ...headers, "x-readratelimit-limit": "0,0" })).toEqual([]);
    expect(learned({})).toEqual([]);
  });

  it("is enough for the activities of 200 members a day, and leaves a reserve", () => {
    const [inAQuarter, inADay] = budget.app;
    const notices = 200 * 2;
    const lists = 200 / 2;
    expect(notices + lists).toBeLessThanOrEqual(inADay?.calls ?? 0);
    expect(inAQuarter?.calls).toBe(100);
    expect(budget.reserve).toBe(0.3);
    expect(budget.throttles).toBe("app");
    expect(budget.member[0]?.calls).toBeLessThan((inAQuarter?.calls ?? 0) / 2);
  });
});

describe("the app's one subscription", () => {
  const { subscription } = strava;
  const path = "/api/v3/push_subscriptions";
  const setup = {
    webhookUrl: "https://singlet.example/webhooks/strava/path-key",
    secret: "",
    verification: "our-own-word",
    project: "",
    nowMs,
  };
  const ours = { id: 131_300, application_id: 1, callback_url: setup.webhookUrl };
  const judged = (json: unknown, status = 200) =>
    subscription.judge(setup, replied({ status, body: JSON.stringify(json) }));

  it("is looked for, and is for ever once it points here", () => {
    expect(subscription.look(setup)).toEqual({ method: "GET", path, query: {} });
    expect(judged([ours])).toEqual({ ok: true, value: { active: true, until: null } });
    const another = { ...ours, id: 7, callback_url: "https://elsewhere.example/" };
    expect(judged([another, ours])).toEqual(judged([ours]));
  });

  it("is made where there is none, with the word that Strava says when it greets", () => {
    const form = { callback_url: setup.webhookUrl, verify_token: "our-own-word" };
    expect(judged([])).toEqual({ ok: true, value: { method: "POST", path, query: {}, form } });
  });

  it("is taken away first where it points elsewhere, a former path key's address too", () => {
    const before = { ...ours, callback_url: "https://singlet.example/webhooks/strava/old-key" };
    const request = { method: "DELETE", path: `${path}/131300`, query: {} };
    expect(judged([before])).toEqual({ ok: true, value: request });
  });

  it("is not guessed at by an answer that is none", () => {
    expect(judged({})).toEqual({ ok: false, error: "broken" });
    expect(judged([{ id: "../1" }])).toEqual({ ok: false, error: "broken" });
    expect(judged({ message: "Authorization Error" }, 401)).toEqual({
      ok: false,
      error: "refused",
    });
    expect(judged({}, 429)).toEqual({ ok: false, error: "again" });
  });

  it("is asked about in the app's own name, by parameters, and by no member's token", () => {
    expect(strava.appParameters).toEqual({ client_id: "clientId", client_secret: "clientSecret" });
    expect(subscription.needs).toEqual(["verification"]);
    for (const prefix of strava.link.paths) expect(path.startsWith(prefix)).toBe(false);
  });
});

describe("how an account is linked", () => {
  const { link } = strava;

  it("is named by what gives the tokens, as in its notices", () => {
    expect(link.accountIn({ athlete: { id: 7_654_321 } })).toBe("7654321");
    expect(link.accountOf({ id: 7_654_321 })).toBe("7654321");
    for (const given of [null, {}, { athlete: null }, { athlete: { id: -1 } }, { athlete: 7 }])
      expect(link.accountIn(given)).toBeNull();
  });

  const refused = (resource: string, code = "invalid") => ({
    message: "Bad Request",
    errors: [{ resource, field: "x", code }],
  });

  it.each([
    [refused("RefreshToken"), 400, "invalid_grant"],
    [refused("AuthorizationCode"), 400, "invalid_grant"],
    [refused("AuthorizationCode", "expired"), 400, "invalid_grant"],
    [refused("Application"), 401, "invalid_client"],
    [refused("RefreshToken", "missing"), 400, "invalid_request"],
    [{ message: "Bad Request" }, 400, "invalid_request"],
    [{ access_token: 7 }, 400, "invalid_request"],
    [[], 400, "invalid_request"],
    [null, 400, "invalid_request"],
  ])("is refused by %j as %i %s", (answer, status, error) => {
    expect(link.tokens.read(answer, null)).toEqual({ status, json: { error } });
  });

  it("takes tokens as they are given", () => {
    const json = {
      token_type: "Bearer",
      access_token: "a",
      refresh_token: "b",
      expires_in: 21_600,
    };
    expect(link.tokens.read(json, null)).toEqual({ status: 200, json });
  });
});
