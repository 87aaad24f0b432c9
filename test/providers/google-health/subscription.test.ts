/** The one subscriber of a project: looked at, made, and set anew when it is not as it should be. */
import { describe, expect, it } from "vitest";
import type { ProviderReply } from "../../../domain/ports.ts";
import { googleHealth } from "../../../providers/google-health.ts";

const { subscription } = googleHealth;
const subscribed = [
  "exercise",
  "steps",
  "distance",
  "heart-rate",
  "daily-resting-heart-rate",
  "heart-rate-variability",
  "daily-oxygen-saturation",
  "daily-respiratory-rate",
  "blood-glucose",
  "weight",
  "body-fat",
  "sleep",
];
const setup = {
  webhookUrl: "https://singlet.example/webhooks/google-health",
  secret: "Bearer agreed",
  verification: "",
  nowMs: Date.UTC(2026, 10, 21),
  project: "503461148219",
};
const mine = {
  name: "projects/503461148219/subscribers/singlet",
  endpointUri: setup.webhookUrl,
  subscriberConfigs: [
    { dataTypes: ["floors", ...subscribed], subscriptionCreatePolicy: "AUTOMATIC" },
  ],
  endpointAuthorization: { secretSet: true },
  state: "ACTIVE",
};
const other = { ...mine, name: "projects/503461148219/subscribers/not-singlet" };

const reply = (body: unknown, over: Partial<ProviderReply> = {}): ProviderReply => ({
  status: 200,
  body: JSON.stringify(body),
  complete: true,
  fault: null,
  retryAfterMs: null,
  headers: {},
  ...over,
});
const judged = (body: unknown) => subscription.judge(setup, reply(body));
const payload = {
  endpointUri: setup.webhookUrl,
  subscriberConfigs: [{ dataTypes: subscribed, subscriptionCreatePolicy: "AUTOMATIC" }],
  endpointAuthorization: { secret: setup.secret },
};

describe("a subscriber", () => {
  it("is looked for among the project's, and nowhere else", () => {
    const { method, path } = subscription.look(setup);
    expect([method, path]).toEqual(["GET", "/v4/projects/503461148219/subscribers"]);
    const odd = subscription.look({ ...setup, project: "../../users/me" });
    expect(odd.path).toBe("/v4/projects/..%2F..%2Fusers%2Fme/subscribers");
    for (const at of [path, odd.path])
      expect(subscription.appPaths.some((prefix) => at.startsWith(prefix))).toBe(true);
  });

  it("that is as it should be stays, for ever", () => {
    const active = { ok: true, value: { active: true, until: null } };
    expect(judged({ subscribers: [other, mine] })).toEqual(active);
  });

  it.each([
    ["an empty list that is left out", {}],
    ["an empty list", { subscribers: [] }],
    ["others alone", { subscribers: [other, {}, null, 7] }],
  ])("that is missing is made: %s", (_, body) => {
    expect(judged(body)).toEqual({
      ok: true,
      value: {
        method: "POST",
        path: "/v4/projects/503461148219/subscribers",
        query: { subscriberId: "singlet" },
        json: payload,
      },
    });
  });

  it.each([
    ["points elsewhere", { endpointUri: "https://singlet.example/old" }],
    ["was switched off", { state: "INACTIVE" }],
    ["was never verified", { state: "UNVERIFIED" }],
    ["says no state", { state: undefined }],
    [
      "misses a kind of data",
      {
        subscriberConfigs: [
          { dataTypes: ["exercise"], subscriptionCreatePolicy: "AUTOMATIC" },
          { dataTypes: ["heart-rate"], subscriptionCreatePolicy: "MANUAL" },
        ],
      },
    ],
    ["is set to nothing", { subscriberConfigs: undefined }],
  ])("that %s is set anew", (_, over) => {
    expect(judged({ subscribers: [other, { ...mine, ...over }] })).toEqual({
      ok: true,
      value: {
        method: "PATCH",
        path: "/v4/projects/503461148219/subscribers/singlet",
        query: { updateMask: "endpointUri,subscriberConfigs,endpointAuthorization" },
        json: payload,
      },
    });
  });

  it.each<[Partial<ProviderReply>, string]>([
    [{ status: 503 }, "again"],
    [{ status: 429 }, "again"],
    [{ status: 0, complete: false, fault: "timeout" }, "again"],
    [{ status: 401 }, "broken"],
    [{ status: 403 }, "broken"],
    [{ status: 404 }, "broken"],
    [{ body: "<html>" }, "broken"],
    [{ body: '{"subscribers":{}}' }, "broken"],
    [{ complete: false, fault: "cut-short" }, "again"],
  ])("is neither made nor changed on an answer like %o", (over, error) => {
    expect(subscription.judge(setup, reply({}, over))).toEqual({ ok: false, error });
  });
});
