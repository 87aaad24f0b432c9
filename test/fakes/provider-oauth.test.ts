/** The fake provider as the place where members grant access, and where apps see to themselves. */
import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type FakeProvider, startFakeProvider } from "./provider.ts";

let fake: FakeProvider;
beforeAll(async () => {
  fake = await startFakeProvider();
});
afterAll(() => fake.close());

const redirectUri = "https://singlet.test/oauth/callback";
const verifier = "a-verifier-that-is-long-enough-to-be-one-0123456789";
const challenge = createHash("sha256").update(verifier).digest("base64url");

async function token(form: Record<string, string>, path = "/token", basic?: string) {
  const client: Record<string, string> =
    basic === undefined ? { client_id: "singlet", client_secret: "s" } : {};
  const headers: Record<string, string> = basic === undefined ? {} : { authorization: basic };
  const body = new URLSearchParams({ ...client, ...form });
  const reply = await fetch(fake.url + path, { method: "POST", body, headers });
  const said = (await reply.json()) as Record<string, string>;
  const { access_token: access = "", refresh_token: refresh = "", error, scope } = said;
  return { status: reply.status, access, refresh, error, scope };
}

/** Where a browser is sent by the page where members grant. */
async function granted(more: Record<string, string>): Promise<URL | number> {
  const query = new URLSearchParams({
    client_id: "singlet",
    redirect_uri: redirectUri,
    response_type: "code",
    scope: "one two",
    state: "st",
    code_challenge: challenge,
    code_challenge_method: "S256",
    access_type: "offline",
    ...more,
  });
  const reply = await fetch(`${fake.url}/authorize?${query}`, { redirect: "manual" });
  return reply.status === 302 ? new URL(reply.headers.get("location") ?? "") : reply.status;
}
async function codeFor(account: string): Promise<string> {
  const sent = await granted({ account });
  return (sent as URL).searchParams.get("code") ?? "";
}
const codeOf = (code: string, more: Record<string, string> = {}, path = "/token") => {
  const grant = { grant_type: "authorization_code", code, redirect_uri: redirectUri };
  return token({ ...grant, code_verifier: verifier, ...more }, path);
};
const linked = async (account: string) => codeOf(await codeFor(account));
const refreshed = (refresh_token: string) => token({ grant_type: "refresh_token", refresh_token });
const get = (path: string, access: string) =>
  fetch(fake.url + path, { headers: { authorization: `Bearer ${access}` } });
const points = "/v4/users/me/dataTypes/exercise/dataPoints";

describe("granting", () => {
  it("needs an account, sends back the state, and says no where it is told to", async () => {
    expect(await granted({})).toBe(400);
    const denied = (await granted({ account: "a", deny: "1" })) as URL;
    expect(denied.origin + denied.pathname).toBe(redirectUri);
    expect(Object.fromEntries(denied.searchParams)).toEqual({
      state: "st",
      error: "access_denied",
    });
    const plain = (await granted({ account: "a", code_challenge_method: "plain" })) as URL;
    expect(plain.searchParams.get("error")).toBe("invalid_request");
  });

  it("holds a code to its verifier, redirect and client, and takes it once", async () => {
    const code = await codeFor("a");
    for (const wrong of [
      { code_verifier: "another" },
      { redirect_uri: `${redirectUri}/` },
      { client_id: "another" },
    ])
      expect(await codeOf(code, wrong)).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(await codeOf(code)).toMatchObject({ status: 200, scope: "one two" });
    expect((await codeOf(code)).status).toBe(400);
  });

  it("gives tokens by each provider's own path, for that provider alone", async () => {
    const path = "/di-oauth2-service/oauth/token";
    const { access, refresh } = await codeOf(await codeFor("g"), {}, path);
    expect((await get("/wellness-api/rest/user/id", access)).status).toBe(200);
    expect((await get(points, access)).status).toBe(401);
    expect((await refreshed(refresh)).status).toBe(400);
  });

  it("takes the client by HTTP Basic too, and grants what the member allows", async () => {
    fake.allow("picky", ["two"]);
    const basic = `Basic ${Buffer.from("singlet:s").toString("base64")}`;
    const form = { grant_type: "authorization_code", code: await codeFor("picky") };
    const proof = { redirect_uri: redirectUri, code_verifier: verifier };
    const given = await token({ ...form, ...proof }, "/token", basic);
    expect(given).toMatchObject({ status: 200, scope: "two" });
    expect((await token({ grant_type: "refresh_token" }, "/token", "")).error).toBe(
      "invalid_client",
    );
  });

  it("rotates refresh tokens: a used one is worth nothing, but once where grace is given", async () => {
    const { refresh } = await linked("rotating");
    const again = await refreshed(refresh);
    expect((await get(points, again.access)).status).toBe(200);
    expect(await refreshed(refresh)).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(fake.refreshes("rotating")).toBe(1);
    fake.habits.graceRefresh = true;
    expect((await refreshed(again.refresh)).status).toBe(200);
    expect((await refreshed(again.refresh)).status).toBe(200);
    expect((await refreshed(again.refresh)).status).toBe(400);
    fake.habits.graceRefresh = false;
    expect(fake.refreshes("rotating")).toBe(3);
  });

  it("loses the answer to a refresh that was done", async () => {
    const { refresh } = await linked("lost");
    fake.faults = { loseRefresh: true, account: "lost", remaining: 1 };
    await expect(refreshed(refresh)).rejects.toThrow();
    expect([fake.refreshes("lost"), fake.faults.remaining]).toEqual([1, 0]);
    expect((await refreshed(refresh)).status).toBe(400);
    fake.faults = {};
  });

  it("gives tokens of the length it is told, and none to come back with unless asked", async () => {
    fake.habits.tokenSeconds = 0;
    const { access, refresh } = await linked("brief");
    fake.habits.tokenSeconds = 3600;
    expect((await get(points, access)).status).toBe(401);
    expect((await refreshed(refresh)).status).toBe(200);
    const online = (await granted({ account: "brief", access_type: "online" })) as URL;
    expect((await codeOf(online.searchParams.get("code") ?? "")).refresh).toBe("");
  });
});

describe("a project's subscribers", () => {
  const assertion = (claims: object) =>
    ["e30", Buffer.from(JSON.stringify(claims)).toString("base64url"), "c2ln"].join(".");
  const app = async () => {
    const grant_type = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    const claims = { iss: "app@project", scope: "https://www.googleapis.com/auth/cloud-platform" };
    return (await token({ grant_type, assertion: assertion(claims) })).access;
  };
  const at = (method: string, path: string, bearer: string, body?: object) =>
    fetch(`${fake.url}/v4/projects/12/subscribers${path}`, {
      method,
      headers: { authorization: `Bearer ${bearer}`, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  const wanted = {
    endpointUri: "https://singlet.test/webhooks/google-health",
    subscriberConfigs: [{ dataTypes: ["exercise"], subscriptionCreatePolicy: "AUTOMATIC" }],
    endpointAuthorization: { secret: "Bearer shared" },
  };

  it("are made and mended by the app, and by nobody's token but the app's", async () => {
    const bearer = await app();
    expect((await at("GET", "", fake.issue("google-health", "a").access)).status).toBe(401);
    expect((await at("POST", "?subscriberId=singlet", bearer, wanted)).status).toBe(200);
    expect((await at("POST", "?subscriberId=singlet", bearer, wanted)).status).toBe(409);
    fake.subscribers.setState("INACTIVE");
    const listed = await (await at("GET", "", bearer)).json();
    const name = "projects/12/subscribers/singlet";
    expect(listed).toMatchObject({ subscribers: [{ name, state: "INACTIVE" }] });
    expect(JSON.stringify(listed)).not.toContain("shared");
    expect((await at("PATCH", "/singlet", bearer, wanted)).status).toBe(200);
    expect(fake.subscribers.list()[0]?.state).toBe("ACTIVE");
    expect((await at("PATCH", "/other", bearer, wanted)).status).toBe(404);
  });

  it("are not made where the endpoint does not greet back", async () => {
    const endpointUri = `${fake.url}/nowhere`;
    const made = await at("POST", "?subscriberId=bad", await app(), { ...wanted, endpointUri });
    expect(made.status).toBe(400);
  });
});
