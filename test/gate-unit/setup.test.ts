/** What the deployment says of a provider, as its subscription is made from it. */
import { describe, expect, it } from "vitest";
import { setupOf } from "../../durable-objects/gate-subscription.ts";
import type { Provider } from "../../providers/provider.ts";
import type { ProviderSecrets } from "../../providers/recipe.ts";
import type { Subscription } from "../../providers/subscribe.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);
const provider = (
  kind: Provider["signature"]["kind"],
  needs: Subscription["needs"] = [],
): Provider => ({ name: "p", signature: { kind }, subscription: { needs } }) as unknown as Provider;
const envOf = (secrets: ProviderSecrets, project = "7") => ({
  PUBLIC_URL: "https://x.example/",
  PROVIDER_PROJECTS: JSON.stringify({ p: project }),
  PROVIDER_SECRETS: JSON.stringify({ p: secrets }),
});
const all: ProviderSecrets = {
  authorization: ["an-authorization"],
  signing: ["a-signing"],
  verification: ["a-verification"],
  pathKeys: ["k/1", "k2"],
};

describe("what the deployment says", () => {
  it.each([
    ["authorization-and-tink", "https://x.example/webhooks/p/k%2F1", "an-authorization"],
    ["hmac", "https://x.example/webhooks/p/k%2F1", "a-signing"],
    ["path-secret", "https://x.example/webhooks/p/k%2F1", "an-authorization"],
  ] as const)(
    "of one by %s is where it sends, and by what it proves itself",
    (kind, url, secret) => {
      const needs = ["project", "authorization", "signing", "verification"] as const;
      expect(setupOf(provider(kind, needs), envOf(all), nowMs)).toEqual({
        webhookUrl: url,
        secret,
        verification: "a-verification",
        project: "7",
        nowMs,
      });
    },
  );

  it.each(["project", "authorization", "signing", "verification"] as const)(
    "is nothing without the %s that is needed, and only then",
    (need) => {
      const env = need === "project" ? envOf(all, "") : envOf({ ...all, [need]: [] });
      expect(setupOf(provider("hmac", [need]), env, nowMs)).toBeNull();
      expect(setupOf(provider("hmac"), env, nowMs)).not.toBeNull();
    },
  );

  it("is nothing without an address, or of nobody", () => {
    const it = provider("hmac");
    expect(setupOf(it, { ...envOf(all), PUBLIC_URL: "" }, nowMs)).toBeNull();
    expect(setupOf(provider("path-secret"), envOf({ ...all, pathKeys: [] }), nowMs)).toBeNull();
    const bare = {
      PUBLIC_URL: "https://x.example",
      PROVIDER_PROJECTS: "{}",
      PROVIDER_SECRETS: "{}",
    };
    expect(setupOf(provider("hmac", ["signing"]), bare, nowMs)).toBeNull();
    expect(setupOf(it, bare, nowMs)?.project).toBe("");
  });
});

describe("of several secrets", () => {
  const [before, later] = ["2026-11-01T00:00:00Z", "2026-11-20T00:00:00Z"];
  const to = "2026-11-30T00:00:00Z";
  const secretOf = (...signing: NonNullable<ProviderSecrets["signing"]>) =>
    setupOf(provider("hmac", ["signing"]), envOf({ signing }), nowMs)?.secret;

  it("the one that began last is told", () => {
    const old = { kid: "old", secret: "1", notBefore: before, notAfter: to };
    const newer = { kid: "new", secret: "2", notBefore: later };
    expect([secretOf(old, newer), secretOf(newer, old)]).toEqual(["2", "2"]);
    expect(secretOf("bare", newer)).toBe("2");
    expect(secretOf("first", "second")).toBe("first");
  });

  it("one that is yet to begin, or has ended, is not", () => {
    const yet = { kid: "yet", secret: "3", notBefore: to };
    const over = { kid: "over", secret: "4", notBefore: later, notAfter: "2026-11-21T11:59:59Z" };
    expect([secretOf(yet, "now"), secretOf(over, "now")]).toEqual(["now", "now"]);
    expect(secretOf({ ...yet, notBefore: "2026-11-21T12:00:00Z" })).toBe("3");
    expect([secretOf(yet), secretOf(over)]).toEqual([undefined, undefined]);
    // That another is announced brings none back, as where deliveries are verified.
    expect(secretOf(yet, over)).toBeUndefined();
  });

  it("one whose time is no time is not", () => {
    expect(secretOf({ kid: "odd", secret: "5", notBefore: "tomorrow" }, "now")).toBe("now");
    expect(secretOf({ kid: "odd", secret: "5", notAfter: "never" })).toBeUndefined();
  });
});
