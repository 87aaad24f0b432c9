/**
 * Seeing to a subscription: what is missing is made, what cannot be seen to is said, and the
 * provider is asked once an hour, whatever comes of it and whoever restarts meanwhile.
 */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { alertsOf, explain } from "../../domain/alerts.ts";
import type { AppRequest, LeaseReport, ProviderReply } from "../../domain/ports.ts";
import { err, ok } from "../../domain/result.ts";
import {
  checkEveryMs,
  GateSubscription,
  mendingRequestsMax,
} from "../../durable-objects/gate-subscription.ts";
import type { Subscription, SubscriptionSetup } from "../../providers/subscribe.ts";
import { objectStorage } from "../fakes/object-storage.ts";

const table = readFileSync(
  new URL("../../migrations/gate/0002_subscription.sql", import.meta.url),
  "utf8",
);
const beganMs = Date.UTC(2026, 10, 21);
const setup: SubscriptionSetup = {
  webhookUrl: "https://x.example/webhooks/p",
  secret: "s",
  verification: "v",
  project: "7",
  nowMs: beganMs,
};

const reply = (status: number, body: unknown): ProviderReply => ({
  status,
  body: JSON.stringify(body),
  complete: true,
  fault: null,
  retryAfterMs: null,
  headers: {},
});

/** A provider that keeps one subscriber, as it was told. */
const subscription: Subscription = {
  needs: ["project"],
  appPaths: ["/projects/"],
  look: ({ project }) => ({ method: "GET", path: `/projects/${project}`, query: {} }),
  judge: ({ webhookUrl, project }, { status, body }) => {
    if (status !== 200) return err("again");
    const said = JSON.parse(body) as { url: string | null; until?: number };
    if (said.url === webhookUrl) return ok({ active: true, until: said.until ?? null });
    const method = said.url === null ? "POST" : "PATCH";
    return ok({ method, path: `/projects/${project}`, query: {}, json: { url: webhookUrl } });
  },
};

function world(of: Subscription = subscription) {
  const { storage } = objectStorage();
  storage.sql.exec(table);
  const state = {
    nowMs: beganMs,
    url: null as string | null,
    until: undefined as number | undefined,
    lookStatus: 200,
    tellStatus: 200,
    keeps: true,
    hasCredentials: true,
    vaultIsDown: false,
    asked: [] as string[],
    /** Calls that the gate still grants. */
    room: 1_000,
    reports: [] as LeaseReport[],
  };
  const gate = {
    lease: async () =>
      state.room-- > 0
        ? { lease: `lease-${state.room}`, granted: 1, untilMs: state.nowMs + 1_000 }
        : { waitMs: 1_000, why: "budget" as const },
    report: async (report: LeaseReport) => void state.reports.push(report),
  };
  const asApp = async (_provider: string, request: AppRequest) => {
    state.asked.push(request.method);
    if (state.vaultIsDown) throw new Error("the vault is down");
    if (!state.hasCredentials) return null;
    if (request.method === "GET")
      return reply(state.lookStatus, { url: state.url, until: state.until });
    if (state.tellStatus === 200 && state.keeps) state.url = (request.json as { url: string }).url;
    return reply(state.tellStatus, {});
  };
  const make = (given: () => SubscriptionSetup | null = () => setup) =>
    new GateSubscription({
      storage,
      now: () => state.nowMs,
      connect: { asApp },
      gate,
      provider: "p",
      subscription: of,
      setup: given,
    });
  return { state, make };
}

describe("a subscription", () => {
  it("is seen to by calls of the budget, each of them told to the gate", async () => {
    const { state, make } = world();
    state.tellStatus = 503;
    await make().tend();
    expect(state.reports.map(({ calls }) => calls.map((call) => call.class))).toEqual([
      ["ok"],
      ["failed"],
    ]);
    state.nowMs += checkEveryMs;
    state.vaultIsDown = true;
    await make().tend();
    expect(state.reports, "whether that one was made nobody knows").toHaveLength(2);
    state.nowMs += checkEveryMs;
    [state.vaultIsDown, state.hasCredentials] = [false, false];
    await make().tend();
    expect(state.reports.at(-1)?.calls).toEqual([]);
  });

  it.each([0, 1])(
    "for which there are %i calls left is seen to as soon as there are more",
    async (room) => {
      const { state, make } = world();
      state.url = setup.webhookUrl;
      await make().tend();
      state.nowMs += checkEveryMs;
      [state.url, state.room] = [null, room];
      await make().tend();
      expect(make().status()).toEqual({ state: "active", checkedMs: beganMs, until: null });
      [state.room, state.asked.length] = [1_000, 0];
      await make().tend();
      expect([state.url, state.asked]).toEqual([setup.webhookUrl, ["GET", "POST", "GET"]]);
    },
  );

  it("that is missing is made, and looked at afterwards", async () => {
    const { state, make } = world();
    const kept = make();
    expect(kept.status()).toEqual({ state: "missing", checkedMs: null, until: null });
    await kept.tend();
    expect([state.url, state.asked]).toEqual([setup.webhookUrl, ["GET", "POST", "GET"]]);
    expect(kept.status()).toEqual({ state: "active", checkedMs: beganMs, until: null });
  });

  it("that leads elsewhere is changed", async () => {
    const { state, make } = world();
    state.url = "https://old.example/webhooks/p";
    await make().tend();
    expect([state.url, state.asked]).toEqual([setup.webhookUrl, ["GET", "PATCH", "GET"]]);
  });

  it("that works is left alone", async () => {
    const { state, make } = world();
    state.url = setup.webhookUrl;
    await make().tend();
    expect(state.asked).toEqual(["GET"]);
  });

  it("is looked at once an hour, across restarts too", async () => {
    const { state, make } = world();
    await make().tend();
    const first = state.asked.length;
    state.nowMs += checkEveryMs - 1;
    await Promise.all([make().tend(), make().tend()]);
    expect(state.asked).toHaveLength(first);
    state.nowMs += 1;
    state.url = null;
    const kept = make();
    await Promise.all([kept.tend(), kept.tend()]);
    expect(state.asked.slice(first)).toEqual(["GET", "POST", "GET"]);
    expect(kept.status()).toEqual({ state: "active", checkedMs: state.nowMs, until: null });
  });

  it("that the provider does not keep is missing, after a bounded number of attempts", async () => {
    const { state, make } = world();
    state.keeps = false;
    const kept = make();
    await kept.tend();
    expect(state.asked.filter((method) => method === "POST")).toHaveLength(mendingRequestsMax);
    expect(kept.status().state).toBe("missing");
  });

  it("of several parts is made part by part, and mended where one is missing", async () => {
    const parts = Array.from({ length: mendingRequestsMax }, (_, i) => `part-${i}`);
    const there = new Set<string>();
    const { state, make } = world({
      ...subscription,
      judge: () => {
        const next = parts.find((part) => !there.has(part));
        if (next === undefined) return ok({ active: true, until: null });
        there.add(next);
        return ok({ method: "PUT", path: "/projects/7", query: {}, json: { url: next } });
      },
    });
    await make().tend();
    expect(make().status().state).toBe("active");
    expect(state.asked.filter((method) => method === "PUT")).toHaveLength(mendingRequestsMax);
    state.nowMs += checkEveryMs;
    there.delete("part-3");
    state.asked.length = 0;
    await make().tend();
    expect(state.asked).toEqual(["GET", "PUT", "GET"]);
  });

  it("that only an operator can make is missing, and looked at", async () => {
    const { state, make } = world({ ...subscription, judge: () => err("refused") });
    await make().tend();
    expect([make().status(), state.asked]).toEqual([
      { state: "missing", checkedMs: beganMs, until: null },
      ["GET"],
    ]);
    const gate = { breaker: "closed" as const, budgets: [], subscription: make().status() };
    const [alert] = alertsOf({ gates: { p: gate }, membersBehind: 0, queueDepth: 0 });
    expect(alert?.name).toBe("subscription-missing:p");
    expect(explain(alert as NonNullable<typeof alert>).text).toMatch(/by hand/);
  });

  it("is made with what the deployment says at that time", async () => {
    const { state, make } = world();
    let url = setup.webhookUrl;
    const kept = make(() => ({ ...setup, webhookUrl: url }));
    await kept.tend();
    url = "https://x.example/webhooks/elsewhere";
    state.nowMs += checkEveryMs;
    await kept.tend();
    expect([state.url, kept.status().state]).toEqual([url, "active"]);
  });

  it("that the provider ends by itself is missing from then on", async () => {
    const { state, make } = world();
    state.url = setup.webhookUrl;
    state.until = beganMs + 1000;
    const kept = make();
    await kept.tend();
    expect(kept.status()).toEqual({ state: "active", checkedMs: beganMs, until: beganMs + 1000 });
    state.nowMs += 1000;
    expect(kept.status().state).toBe("missing");
  });

  it.each([
    ["cannot be looked at", { lookStatus: 503 }, ["GET"]],
    ["cannot be made", { tellStatus: 403 }, ["GET", "POST"]],
    ["cannot be reached", { vaultIsDown: true }, ["GET"]],
  ] as const)("that %s is failing, and does not throw", async (_, fault, asked) => {
    const { state, make } = world();
    Object.assign(state, fault);
    const kept = make();
    await kept.tend();
    expect([kept.status(), state.asked]).toEqual([
      { state: "failing", checkedMs: null, until: null },
      asked,
    ]);
  });

  it("keeps the time of the last good look while it fails", async () => {
    const { state, make } = world();
    const kept = make();
    await kept.tend();
    state.nowMs += checkEveryMs;
    state.lookStatus = 500;
    await kept.tend();
    expect(kept.status()).toEqual({ state: "failing", checkedMs: beganMs, until: null });
  });

  it("without credentials, or without what the deployment has to say, is not configured", async () => {
    const { state, make } = world();
    state.hasCredentials = false;
    const kept = make();
    await kept.tend();
    expect(kept.status().state).toBe("not-configured");
    const unsaid = make(() => null);
    await unsaid.tend();
    expect([unsaid.status().state, state.asked]).toEqual(["not-configured", ["GET"]]);
  });
});
