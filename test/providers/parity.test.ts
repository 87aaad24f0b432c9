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
    expect(["push", "notice", "device"]).toContain(facts.delivery);
    expect([200, 201, 202, 204]).toContain(facts.received);
    expect(facts.bodyBytesMax).toBeGreaterThan(0);
    expect(facts.bodyBytesMax).toBeLessThanOrEqual(32 * 1024 * 1024);
    expect(typeof facts.othersMaySee).toBe("boolean");
    expect(["erase", "keep"]).toContain(facts.onDeauthorised);
    expect(new URL(facts.documentation).protocol).toBe("https:");
    expect(facts.readOn).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  });

  it("can fetch exactly when it only gives notice, and can be linked unless a device sends", () => {
    expect(provider.pull !== undefined).toBe(provider.facts.delivery === "notice");
    expect(provider.link === undefined).toBe(provider.facts.delivery === "device");
    expect(provider.signature.kind === "member-token").toBe(provider.facts.delivery === "device");
  });

  it("reads by a numbered edition", () => {
    expect(Number.isSafeInteger(provider.edition)).toBe(true);
    expect(provider.edition).toBeGreaterThanOrEqual(1);
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
