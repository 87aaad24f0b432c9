/** The fake provider as those that are played by their workouts: what each demands and gives. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeProvider, startFakeProvider } from "./provider.ts";

let fake: FakeProvider;
beforeAll(async () => {
  fake = await startFakeProvider();
});
afterAll(() => fake.close());

interface Asking {
  readonly method?: string;
  readonly access?: string;
  readonly headers?: Record<string, string>;
  readonly json?: object;
}
async function ask(path: string, { method = "GET", access, headers = {}, json }: Asking = {}) {
  const bearer = access === undefined ? {} : { authorization: `Bearer ${access}` };
  const body = json === undefined ? {} : { body: JSON.stringify(json) };
  const reply = await fetch(fake.url + path, {
    method,
    headers: { ...bearer, ...headers },
    ...body,
  });
  const text = await reply.text();
  return { status: reply.status, body: text === "" ? null : JSON.parse(text) };
}

const redirectUri = "https://singlet.test/back";
/** As the app of that name, by HTTP Basic or by its form. */
async function linked(path: string, client: string, account: string, isBasic: boolean) {
  const query = `client_id=${client}&redirect_uri=${redirectUri}&response_type=code&scope=a%20b`;
  const sent = fake.authorise(`${fake.url}/authorize?${query}`, account) ?? "";
  const code = new URL(sent).searchParams.get("code") ?? "";
  const proof = `Basic ${Buffer.from(`${client}:s`).toString("base64")}`;
  const form = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
  const body = new URLSearchParams(isBasic ? form : { ...form, client_id: client });
  const headers: Record<string, string> = isBasic ? { authorization: proof } : {};
  const reply = await fetch(fake.url + path, { method: "POST", body, headers });
  return (await reply.json()) as Record<string, unknown>;
}

describe("tokens", () => {
  it("are given as each provider does: who it is for beside them, and renewed or not", async () => {
    const polar = await linked("/v2/oauth2/token", "x-polar", "4711", true);
    expect([polar.x_user_id, polar.refresh_token]).toEqual([4711, undefined]);
    const suunto = await linked("/oauth/token", "x-suunto", "fox", true);
    expect([suunto.user, typeof suunto.refresh_token]).toEqual(["fox", "string"]);
    const oura = await linked("/oauth/token", "x-oura", "fox", false);
    expect([oura.user, oura.scope]).toEqual([undefined, "a b"]);
    expect(await linked("/v2/oauth2/token", "x-polar", "4711", false)).toEqual({
      error: "invalid_client",
    });
  });

  it("open what is their own provider's, and no other's", async () => {
    const { access } = fake.issue("whoop", "9012");
    expect(await ask("/developer/v2/user/profile/basic", { access })).toMatchObject({
      status: 200,
      body: { user_id: 9012 },
    });
    expect((await ask("/v2/usercollection/personal_info", { access })).status).toBe(401);
    expect((await ask("/v3/exercises", { access })).status).toBe(401);
    const ends = { method: "DELETE", access };
    expect((await ask("/developer/v2/user/access", ends)).status).toBe(204);
    expect(fake.hasGrant("whoop", "9012")).toBe(false);
    expect((await ask("/developer/v2/user/profile/basic", { access })).status).toBe(401);
  });
});

it("Polar serves nothing of an account before it is registered, nor after it left", async () => {
  const { access } = fake.issue("polar", "12");
  const exercise = { id: "2AC312F", start_time: "2026-10-14T09:00:00", samples: [{ data: "1" }] };
  fake.setWorkout("polar", "12", exercise);
  expect((await ask("/v3/exercises", { access })).status).toBe(403);
  const register = { method: "POST", access, json: { "member-id": "word" } };
  expect((await ask("/v3/users", register)).status).toBe(200);
  expect((await ask("/v3/users", register)).status).toBe(409);
  const { samples: _, ...short } = exercise;
  expect((await ask("/v3/exercises", { access })).body).toEqual([short]);
  expect((await ask("/v3/exercises/2AC312F?samples=true", { access })).body).toEqual(exercise);
  expect((await ask("/v3/exercises/another", { access })).status).toBe(404);
  expect((await ask("/v3/users/12", { method: "DELETE", access })).status).toBe(204);
  expect((await ask("/v3/exercises", { access })).status).toBe(401);
});

it("Oura makes a subscription only where the address says the challenge back", async () => {
  let saysBack = false;
  const door = createServer(({ url = "" }, response) => {
    const challenge = new URL(url, "http://door").searchParams.get("challenge");
    response.end(JSON.stringify(saysBack ? { challenge } : {}));
  });
  await new Promise<void>((done) => door.listen(0, "127.0.0.1", done));
  const callback_url = `http://127.0.0.1:${(door.address() as AddressInfo).port}/`;
  const wanted = { callback_url, event_type: "create", data_type: "workout" };
  const json = { ...wanted, verification_token: "word" };
  const headers = { "x-client-id": "id", "x-client-secret": "secret" };
  const path = "/v2/webhook/subscription";
  expect((await ask(path, { method: "POST", json })).status).toBe(401);
  expect((await ask(path, { method: "POST", json, headers })).status).toBe(400);
  saysBack = true;
  expect((await ask(path, { method: "POST", json, headers })).status).toBe(201);
  expect((await ask(path, { method: "POST", json, headers })).status).toBe(409);
  expect(fake.oura.subscriptions).toMatchObject([wanted]);
  door.close();
});

it("every workout can be set and deleted from another process", async () => {
  const control = async (provider: string, json: object) =>
    (await ask(`/control/${provider}`, { method: "POST", json })).body;
  const workouts = [{ workoutKey: "k1", startTime: 1_790_000_000_000 }];
  expect(await control("suunto", { account: "fox", workouts })).toEqual({ workouts: 1 });
  expect(await control("suunto", { account: "fox", delete: ["k1"] })).toEqual({ workouts: 0 });
  expect(await control("terra", { account: "fox" })).toEqual({ error: "no such control" });
});
