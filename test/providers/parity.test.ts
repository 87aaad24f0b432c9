import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { streams } from "../../domain/streams.ts";
import { type ProviderName, providerNamed, providers } from "../../providers/index.ts";
import { isRetractedDraft, type Provider } from "../../providers/provider.ts";

const receivedMs = Date.UTC(2026, 10, 21);
const unheardOf = "AN_ACTIVITY_NOBODY_HAS_HEARD_OF";

/** One item each, of a type that no provider knows: a new provider must say one here. */
const strange: Record<ProviderName, { kind: string; item: unknown }> = {
  garmin: {
    kind: "activities",
    item: {
      summaryId: "1",
      activityType: unheardOf,
      startTimeInSeconds: 1_763_597_760,
      durationInSeconds: 60,
    },
  },
  "google-health": {
    kind: "exercise",
    item: {
      name: "users/u/dataTypes/exercise/dataPoints/1",
      exercise: {
        exerciseType: unheardOf,
        interval: { startTime: "2026-11-14T09:00:00Z", endTime: "2026-11-14T10:00:00Z" },
        updateTime: "2026-11-14T10:00:00Z",
      },
    },
  },
  "apple-health": {
    kind: "workout",
    item: {
      workout: {
        uuid: "801B68D7-F4AA-4A23-BD26-A3BA1BA6B08D",
        workoutActivityType: unheardOf,
        startDate: "2026-11-14T09:00:00Z",
        endDate: "2026-11-14T10:00:00Z",
      },
    },
  },
  files: {
    kind: "session",
    item: {
      digest: "d",
      session: { index: 0, startMs: 1_763_597_760_000, elapsedMs: 60_000, sport: unheardOf },
    },
  },
};

describe.each(Object.entries<Provider>(providers))("%s", (name, provider) => {
  it("is listed under its own name", () => {
    expect(provider.name).toBe(name);
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(providerNamed(name)).toBe(provider);
  });

  it("feeds a stream that exists", () => {
    expect(Object.keys(streams)).toContain(provider.stream);
  });

  it("states every fact, with its source and the day it was read", () => {
    const { facts } = provider;
    expect(facts.title).not.toBe("");
    expect(facts.revision).not.toBe("");
    expect(["push", "notice", "poll", "device"]).toContain(facts.delivery);
    expect([200, 201, 202, 204]).toContain(facts.received);
    expect(facts.bodyBytesMax).toBeGreaterThan(0);
    expect(facts.bodyBytesMax).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect(typeof facts.othersMaySee).toBe("boolean");
    expect(["erase", "keep"]).toContain(facts.onDeauthorised);
    expect(new URL(facts.documentation).protocol).toBe("https:");
    expect(facts.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it("can fetch exactly when it gives notice or says nothing, and can be linked unless a device sends", () => {
    const fetches = ["notice", "poll"].includes(provider.facts.delivery);
    expect(provider.pull !== undefined).toBe(fetches);
    expect(provider.link === undefined).toBe(provider.facts.delivery === "device");
    expect(provider.signature.kind === "member-token").toBe(provider.facts.delivery === "device");
  });

  it("reads by a numbered edition", () => {
    expect(Number.isSafeInteger(provider.edition)).toBe(true);
    expect(provider.edition).toBeGreaterThanOrEqual(1);
  });

  it("says when it acts by itself, and what may be asked, where anything can be", () => {
    const { pull, backfill, callbacks, habit, budget } = provider;
    const isAsked = pull !== undefined || backfill?.asked !== undefined || callbacks !== undefined;
    expect(habit !== undefined).toBe(isAsked);
    expect(budget !== undefined).toBe(isAsked);
    expect(backfill !== undefined).toBe(isAsked);
    if (pull === undefined) expect(backfill?.asked !== undefined).toBe(isAsked);
    else expect(pull.collections).not.toEqual([]);
  });

  it("has a habit and a history of sensible lengths", () => {
    const { habit, backfill, facts } = provider;
    if (habit === undefined || backfill === undefined) return;
    const { silentMs, pollMs, rereadMs } = habit;
    expect(pollMs === null).toBe(facts.delivery !== "poll");
    if (pollMs !== null) expect(pollMs[0]).toBeLessThanOrEqual(pollMs[1]);
    if (silentMs !== null) expect(rereadMs).toBeGreaterThanOrEqual(silentMs);
    expect(backfill.stepDays).toBeGreaterThan(0);
    expect(backfill.days).toBeGreaterThanOrEqual(backfill.stepDays);
  });

  it("states a budget that a call fits into, each window by a name of its own", () => {
    const { budget } = provider;
    if (budget === undefined) return;
    for (const windows of [budget.app, budget.member]) {
      expect(windows).not.toEqual([]);
      expect(new Set(windows.map((w) => w.name)).size).toBe(windows.length);
      for (const { name, calls, windowMs } of windows) {
        expect(name).not.toBe("");
        expect(Number.isSafeInteger(calls) && calls >= 1).toBe(true);
        expect(Number.isSafeInteger(windowMs) && windowMs > 0).toBe(true);
        expect(Math.floor(calls * (1 - budget.reserve))).toBeGreaterThanOrEqual(1);
      }
    }
    expect(budget.reserve).toBeGreaterThan(0);
    expect(budget.reserve).toBeLessThan(1);
    expect(budget.headers).toEqual(budget.headers.map((name) => name.toLowerCase()));
    expect(budget.headers.length > 0).toBe(budget.learn !== undefined);
  });

  it("says in plain words what is asked of a member, or what it has instead of scopes", () => {
    const { link } = provider;
    if (link === undefined) return;
    expect(link.scopes.length > 0 || link.permissions !== undefined).toBe(true);
    if (link.scopes.length > 0) expect(link.scopes.some(({ needed }) => needed)).toBe(true);
    for (const { scope, why } of link.scopes) {
      expect(scope).not.toMatch(/\s/);
      expect(why).toMatch(/^[A-Z][^\n]{10,200}\.$/);
    }
    expect(["form", "basic"]).toContain(link.client);
    const own = ["client_id", "redirect_uri", "response_type", "state", "scope", "code_challenge"];
    for (const name of Object.keys(link.authorise)) expect(own).not.toContain(name);
  });

  it("asks for nothing with a member's token but what it may", () => {
    const { link, pull, backfill } = provider;
    if (link === undefined) return;
    const step = { collection: pull?.collections[0] ?? "", fromMs: 0, toMs: receivedMs };
    const requests = [
      link.identity,
      ...(link.permissions === undefined ? [] : [link.permissions.request]),
      ...(pull === undefined ? [] : [pull.list(step, null), pull.one(step.collection, "1")]),
      ...(backfill?.asked?.requests(step) ?? []),
    ];
    for (const { path } of requests)
      expect(link.paths.some((prefix) => path.startsWith(prefix))).toBe(true);
  });

  it("is told of an end where it may be asked anything at all", () => {
    const { revoke, paths = [] } = provider.link ?? {};
    if (revoke === undefined) return;
    expect(revoke.method === "POST").toBe(revoke.form === "token");
    const isAllowed = paths.some((path) => revoke.path.startsWith(path));
    expect(isAllowed || revoke.form === "token").toBe(true);
  });

  it("reads the slice that it keeps as it read the item, or says that it cannot", () => {
    const { kind, item } = strange[name as ProviderName];
    const once = provider.normalise(kind, item, receivedMs);
    if (!once.ok || isRetractedDraft(once.value)) throw new Error("not read");
    const { raw, fields } = once.value;
    expect(provider.again === undefined).toBe(name === "files");
    const again = provider.again?.(raw.column, JSON.parse(raw.text), fields) ?? null;
    if (again !== null)
      expect(provider.normalise(again.kind, again.body, receivedMs)).toEqual(once);
    expect(provider.again?.("no_such_column", {}, fields) ?? null).toBeNull();
  });

  it("has a test file of its own name", () => {
    const file = fileURLToPath(new URL(`./${name}.test.ts`, import.meta.url));
    expect(existsSync(file)).toBe(true);
  });

  it("calls what it does not know other, and keeps the word", () => {
    const { kind, item } = strange[name as ProviderName];
    const result = provider.normalise(kind, item, receivedMs);
    if (!result.ok || isRetractedDraft(result.value)) throw new Error("not read");
    expect(result.value.fields).toMatchObject({ type: "other", originalType: unheardOf });
  });

  it("says the same of the same item, and refuses a kind it does not have", () => {
    const { kind, item } = strange[name as ProviderName];
    const once = provider.normalise(kind, item, receivedMs);
    expect(provider.normalise(kind, structuredClone(item), receivedMs)).toEqual(once);
    expect(provider.normalise("no such kind", item, receivedMs)).toEqual({
      ok: false,
      error: "unknown-kind",
    });
  });
});

it("a name that is not listed has no provider, whatever objects inherit", () => {
  for (const name of ["", "strava", "constructor", "__proto__"])
    expect(providerNamed(name)).toBeUndefined();
});
