/** How providers greet a new address, and what they are answered there: each as its recipe says. */
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { origin, saidOf, secrets, world } from "./link-world.ts";

const lines: Record<string, unknown>[] = [];
beforeEach(() => {
  lines.length = 0;
  vi.spyOn(console, "log").mockImplementation((line: string) => void lines.push(JSON.parse(line)));
});
afterEach(() => {
  vi.restoreAllMocks();
});

describe("a greeting", () => {
  it("of Polar is answered before there is a secret, and nothing follows from it", async () => {
    const of = world();
    const raw = JSON.stringify({ timestamp: "2026-11-21T10:00:00Z", event: "PING" });
    const said = await of.call("post", "polar", { raw });
    expect([said.status, said.text, lines]).toEqual([200, "", []]);
    const other = JSON.stringify({ event: "EXERCISE", user_id: 1, entity_id: "x" });
    expect(saidOf(await of.call("post", "polar", { raw: other }))).toBe("unauthenticated");
  });

  it("of Google Health proves the Authorization value alone", async () => {
    const of = world();
    const raw = JSON.stringify({ type: "verification" });
    const greet = (authorization: string) =>
      of.call("post", "google-health", { raw, headers: { authorization } });
    const said = await greet("Bearer google");
    expect([said.status, said.text]).toEqual([201, ""]);
    expect(saidOf(await greet("Bearer other"))).toBe("unauthenticated");
  });

  it("of Fitbit: 204 to our word, 404 to any other", async () => {
    const of = world();
    const verify = (query: string) => of.call("get", "fitbit", { query });
    const right = await verify("?verify=fitbit-word");
    expect([right.status, right.text]).toEqual([204, ""]);
    for (const wrong of ["?verify=other", "?verify=", "", "?verify=fitbit-word&verify=fitbit-word"])
      expect((await verify(wrong)).status, wrong).toBe(404);
    const keyed = await of.call("get", "fitbit", { query: "?verify=fitbit-word", key: "any" });
    expect(keyed.status).toBe(204);
  });

  it("of Oura: the challenge is said back to our word, as JSON and never kept", async () => {
    const of = world();
    const greet = (verification_token: string, challenge: string) => {
      const query = `?${new URLSearchParams({ verification_token, challenge })}`;
      return of.call("get", "oura", { query });
    };
    const said = await greet("oura-word", "c-123");
    expect([said.status, said.body]).toEqual([200, { challenge: "c-123" }]);
    expect(said.headers.get("content-type")).toBe("application/json");
    expect(said.headers.get("cache-control")).toBe("no-store");
    const wrong = await greet("other", "c-123");
    expect([wrong.status, wrong.text.includes("c-123")]).toEqual([401, false]);
  });

  it("of a provider without our word is refused", async () => {
    const of = world();
    const { verification: _, ...others } = secrets.fitbit;
    of.secretsAre({ ...secrets, fitbit: others });
    expect((await of.call("get", "fitbit", { query: "?verify=fitbit-word" })).status).toBe(404);
  });

  it("by GET to one that does not greet so is 405, and HEAD says that the door is there", async () => {
    const of = world();
    for (const name of ["garmin", "google-health", "polar", "terra", "standard-webhooks"]) {
      const said = await of.call("get", name, { query: "?verify=x" });
      expect([saidOf(said), said.headers.get("allow")]).toEqual([
        "method-not-allowed",
        "HEAD, POST",
      ]);
    }
    for (const name of ["garmin", "fitbit", "oura"]) {
      const head = await of.call("head", name);
      expect([head.status, head.text]).toEqual([200, ""]);
    }
  });

  it("of COROS is answered to anybody at the address that it was told, and to nobody elsewhere", async () => {
    const of = world();
    const coros = { shared: ["client:secret"], pathKeys: ["coros-key"] };
    of.secretsAre({ ...secrets, coros });
    const said = await of.call("get", "coros", { key: "coros-key", query: "?any=1" });
    expect([said.status, said.text]).toEqual([200, '{"message":"ok","result":"0000"}']);
    expect(said.headers.get("content-type")).toBe("application/json");
    const elsewhere = [
      await of.call("get", "coros"),
      await of.call("get", "coros", { key: "other" }),
    ];
    expect(elsewhere.map(saidOf)).toEqual(["not-found", "not-found"]);
    expect((await of.call("head", "coros", { key: "other" })).status).toBe(200);
    const { pathKeys: _, ...keyless } = coros;
    of.secretsAre({ ...secrets, coros: keyless });
    expect((await of.call("get", "coros")).status).toBe(200);
  });

  it("of Strava says the challenge back at the address that it was told alone", async () => {
    const of = world();
    of.secretsAre({ ...secrets, strava: { verification: ["word"], pathKeys: ["strava-key"] } });
    const asked = { "hub.mode": "subscribe", "hub.challenge": "c-1", "hub.verify_token": "word" };
    const query = `?${new URLSearchParams(asked)}`;
    const said = await of.call("get", "strava", { key: "strava-key", query });
    expect([said.status, said.body]).toEqual([200, { "hub.challenge": "c-1" }]);
    expect(saidOf(await of.call("get", "strava", { key: "other", query }))).toBe("not-found");
    const wrong = query.replace("=word", "=other");
    expect(saidOf(await of.call("get", "strava", { key: "strava-key", query: wrong }))).toBe(
      "forbidden",
    );
  });

  it("is offered where it is answered", async () => {
    const app = new URL("../../workers/edge/app.ts", import.meta.url).href;
    const { app: edge } = await import(/* @vite-ignore */ app);
    const allow = async (path: string) =>
      (await edge.request(`${origin}${path}`, { method: "PUT" })).headers.get("allow");
    expect(await allow("/webhooks/fitbit")).toBe("GET, HEAD, POST");
    expect(await allow("/webhooks/oura/key")).toBe("GET, HEAD, POST");
    expect(await allow("/webhooks/coros/key")).toBe("GET, HEAD, POST");
    expect(await allow("/webhooks/garmin/key")).toBe("HEAD, POST");
    expect(await allow("/webhooks/nobody")).toBe("HEAD, POST");
  });
});
