/**
 * Signing in as a page does, over the real runtime: asked where, sent to the issuer, back with a code,
 * and let in by what the edge hands over. Nothing that was brought or given stands in any log line.
 */
import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { type Answer, call } from "../../local/people.ts";
import { type OwnSystem, ownSystem } from "./support.ts";

let own: OwnSystem;
const logged: string[] = [];
/** Whatever proves somebody. */
const secrets: string[] = [];
const secret = (text: string): string => {
  secrets.push(text);
  return text;
};

beforeAll(async () => {
  own = await ownSystem({ onLog: (line) => logged.push(line) });
});
afterAll(() => own?.end());

const url = () => own.system.url;
const redirectUri = () => `${url()}/signed-in`;
const post = (body: object): Promise<Answer> => call(url(), "POST", "/v1/sign-in", { body });
const problemOf = ({ body }: Answer): string => body.type?.replace("urn:singlet:problem:", "");

/** At the issuer, as this person: the code that the browser comes back with, and its verifier. */
async function granted(subject: string) {
  const { body } = await call(url(), "GET", "/v1/sign-in");
  const verifier = secret(randomBytes(32).toString("base64url"));
  const state = randomBytes(8).toString("hex");
  const asked = new URLSearchParams({
    ...body.parameters,
    ...{ response_type: "code", client_id: body.clientId, redirect_uri: redirectUri() },
    ...{ scope: body.scope, state, code_challenge_method: "S256" },
    code_challenge: createHash("sha256").update(verifier).digest("base64url"),
  });
  const page = await fetch(`${body.authorizationEndpoint}?${asked}`);
  expect(await page.text()).toContain(`value="${subject}"`);
  asked.set("subject", subject);
  const chosen = { method: "POST", body: asked, redirect: "manual" } as const;
  const back = await fetch(body.authorizationEndpoint, chosen);
  const to = new URL(back.headers.get("location") ?? "");
  expect(to.origin + to.pathname).toBe(redirectUri());
  const { code = "", state: said, iss } = Object.fromEntries(to.searchParams);
  expect([said, iss]).toEqual([state, body.issuer]);
  return { grant: "code", code: secret(code), verifier, redirectUri: redirectUri() };
}

it("lets somebody in who was nobody here, and makes them a member by nothing but their own word", async () => {
  const { status, headers, body } = await post(await granted("ada"));
  expect([status, headers.get("cache-control")]).toEqual([200, "no-store"]);
  const token = secret(body.token);
  secret(body.refreshToken);
  expect(Date.parse(body.expires)).toBeGreaterThan(Date.now());
  expect(problemOf(await call(url(), "GET", "/v1/me", { token }))).toBe("not-a-member");
  const me = await call(url(), "PUT", "/v1/me", { token, body: { displayName: "Ada" } });
  expect(me.status).toBe(200);
});

it("lets staff in by their role", async () => {
  const { token } = (await post(await granted("operator"))).body;
  expect((await call(url(), "GET", "/v1/ops/parked", { token: secret(token) })).status).toBe(200);
});

it("goes on with the refresh token, each of them once", async () => {
  const first = (await post(await granted("ben"))).body;
  const renewal = { grant: "refresh", refreshToken: secret(first.refreshToken) };
  const { status, body } = await post(renewal);
  expect(status).toBe(200);
  expect(secret(body.refreshToken)).not.toBe(first.refreshToken);
  const { status: known } = await call(url(), "PUT", "/v1/me", {
    token: secret(body.token),
    body: { displayName: "Ben" },
  });
  expect(known).toBe(200);
  const again = await post(renewal);
  expect([again.status, problemOf(again)]).toEqual([401, "unauthenticated"]);
  const asToken = await call(url(), "GET", "/v1/me", { token: body.refreshToken });
  expect(asToken.status).toBe(401);
});

it("refuses another's verifier, a code that was used, and another page", async () => {
  const [one, two, three] = [await granted("cleo"), await granted("cleo"), await granted("cleo")];
  expect(problemOf(await post({ ...one, verifier: two.verifier }))).toBe("unauthenticated");
  expect((await post(two)).status).toBe(200);
  expect(problemOf(await post(two))).toBe("unauthenticated");
  const elsewhere = await post({ ...three, redirectUri: "http://127.0.0.1:9/signed-in" });
  expect(problemOf(elsewhere)).toBe("invalid-request");
  expect(elsewhere.body.fields).toEqual([{ field: "body.redirectUri", rule: "not-allowed" }]);
  expect((await post(three)).status).toBe(200);
});

it("is unavailable while the issuer is, to whoever signs in; who is in stays in", async () => {
  const { token, refreshToken } = (await post(await granted("ben"))).body;
  const brought = await granted("ben");
  await own.system.issuer.close();
  for (const body of [brought, { grant: "refresh", refreshToken: secret(refreshToken) }]) {
    const answer = await post(body);
    expect([answer.status, problemOf(answer)]).toEqual([503, "unavailable"]);
    expect(answer.headers.get("retry-after")).not.toBeNull();
  }
  expect((await call(url(), "GET", "/v1/me", { token: secret(token) })).status).toBe(200);
});

it("left nothing that proves anybody in the log, which says why each was refused", () => {
  const text = logged.join("\n");
  expect(secrets.length).toBeGreaterThan(20);
  for (const one of secrets) expect(text.includes(one)).toBe(false);
  const signIns = logged.filter((line) => line.includes('"event":"sign-in"'));
  expect(new Set(signIns.map((line) => JSON.parse(line).reason))).toEqual(
    new Set(["invalid_grant", "no-answer"]),
  );
  expect(text).toContain('"route":"/v1/sign-in"');
});
