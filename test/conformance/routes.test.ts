/**
 * Every route there is: described, guarded, and answering in one form. The list is the app's own,
 * so a route that is added without a description, a guard or a problem's form fails here.
 */
import { readFile } from "node:fs/promises";
import { SignJWT } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import * as z from "zod";
import { syncPhone } from "../../local/deliveries.ts";
import { audience, issuerName } from "../../local/issuer.ts";
import { enrol, type Person } from "../../local/people.ts";
import { problemNames, problemStatus } from "../../workers/edge/problem.ts";
import { appleWorkout } from "../fakes/rides.ts";
import {
  type Athlete,
  athlete,
  heartRateOf,
  type OwnSystem,
  ownSystem,
  workoutsOf,
} from "../system/support.ts";
import { ask, marker, refusedBody, routes, uniform } from "./support.ts";

const named = routes.map((r) => [`${r.method.toUpperCase()} ${r.path}`, r] as const);
const guarded = named.filter(([, r]) => r.access !== "public");
const forMembers = named.filter(([, r]) => r.access === "member");
const forRoles = named.filter(([, r]) => typeof r.access === "object");
const open = named.filter(([, r]) => r.access === "public" && r.method === "get");
const template = (path: string) => path.replaceAll(/:(\w+)(?:\{[^}]*\})?/g, "{$1}");
const someId = `m_${"0".repeat(32)}`;
const filled = (path: string) => path.replaceAll(/:\w+(?:\{[^}]*\})?/g, someId);

let own: OwnSystem;
let who: Athlete;
let other: Athlete;
let coach: Person;
let workout: string;
// biome-ignore lint/suspicious/noExplicitAny: the OpenAPI document.
let document: any;

beforeAll(async () => {
  own = await ownSystem();
  who = await athlete(own.system, "routes");
  other = await athlete(own.system, "another");
  coach = await enrol(own.system, "coach", "The coach", ["coach"]);
  const ride = appleWorkout({
    account: "self",
    id: "7F3C1E52-4B0C-4C39-9E55-0B0C4F0F0001",
    startMs: Date.UTC(2026, 9, 14, 6),
    elapsedSeconds: 1800,
    distanceM: 9000,
  });
  await syncPhone(own.system, who, "routes", [ride]);
  workout = (await workoutsOf(own.system, who))[0].id;
  document = (await ask(own.system, "GET", "/openapi.json")).body;
});
afterAll(() => own?.end());

describe("/openapi.json", () => {
  it("names every route of the app and no other", () => {
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations as object).map((method) => `${method.toUpperCase()} ${path}`),
    );
    const mounted = routes.map((r) => `${r.method.toUpperCase()} ${template(r.path)}`);
    expect(described.sort()).toEqual(mounted.sort());
  });

  it("is OpenAPI 3.1 whose references all lead somewhere", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/);
    expect(document.info).toMatchObject({ title: "Singlet", version: expect.any(String) });
    expect(document.components.securitySchemes.token).toMatchObject({ scheme: "bearer" });
    const references = [...JSON.stringify(document).matchAll(/"\$ref":"([^"]+)"/g)];
    expect(references.length).toBeGreaterThan(0);
    for (const [, reference = ""] of references) {
      const steps = reference.replace("#/", "").split("/");
      expect(
        steps.reduce((at, step) => at?.[step], document),
        reference,
      ).toBeDefined();
    }
  });

  it("calls its problems by the names that exist", () => {
    const { type } = document.components.schemas.Problem.properties;
    expect(type.enum).toEqual(problemNames.map((name) => `urn:singlet:problem:${name}`));
  });

  it("describes a problem so that a strict client takes each and nothing else", () => {
    const described = document.components.schemas.Problem;
    expect(described.additionalProperties).toBe(false);
    expect(described.required).toEqual(["type", "title", "status", "requestId"]);
    const schema = z.fromJSONSchema(described);
    const type = "urn:singlet:problem:invalid-request";
    const bare = { type, title: "A title.", status: 400, requestId: "id" };
    const place = { index: 0, code: "damaged", message: "A sentence." };
    const fits = (more: object) => schema.safeParse({ ...bare, ...more }).success;
    for (const more of [
      {},
      { fields: [{ field: "body.records", rule: "not-in-workout" }] },
      { errorDetails: [{ ...place, workout: null }] },
      {
        errorDetails: [
          { ...place, workout: 1 },
          { ...place, in: "deleted" },
        ],
      },
    ])
      expect(fits(more), JSON.stringify(more)).toBe(true);
    for (const more of [
      { detail: "x" },
      { type: "about:blank" },
      { fields: [{ field: "body", rule: "x", value: "y" }] },
      { errorDetails: [{ ...place, name: "ride.fit" }] },
    ])
      expect(fits(more), JSON.stringify(more)).toBe(false);
  });

  it.each(named)("%s: parameters, guard, success and every problem", (_, route) => {
    const operation = document.paths[template(route.path)][route.method];
    expect(operation.summary.length).toBeGreaterThan(5);
    expect(operation.security).toEqual(route.access === "public" ? undefined : [{ token: [] }]);
    const inPath = (operation.parameters ?? []).filter((p: { in: string }) => p.in === "path");
    expect(inPath.map((p: { name: string }) => p.name)).toEqual(
      [...route.path.matchAll(/:(\w+)/g)].map((m) => m[1]),
    );
    expect(inPath.every((p: { required: boolean }) => p.required)).toBe(true);
    const said = Object.keys(operation.responses);
    for (const status of Object.keys(route.answers)) expect(said).toContain(status);
    for (const name of route.problems) {
      const { description, content } = operation.responses[problemStatus(name)];
      expect(description).toContain(name);
      expect(content["application/problem+json"].schema.$ref).toBe("#/components/schemas/Problem");
    }
    if (route.access !== "public") expect(said).toEqual(expect.arrayContaining(["401", "503"]));
  });
});

it("docs/errors.md explains every problem under its status", async () => {
  const text = await readFile(new URL("../../docs/errors.md", import.meta.url), "utf8");
  for (const name of problemNames)
    expect(text).toContain(`| \`${name}\` | ${problemStatus(name)} |`);
});

describe("/docs", () => {
  it("is a page that names every path, runs nothing and asks nobody", async () => {
    const page = await ask(own.system, "GET", "/docs");
    expect(page.status).toBe(200);
    expect(page.headers.get("content-type")).toBe("text/html; charset=utf-8");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(page.text).not.toMatch(/<script|src=|https?:\/\//);
    for (const { path } of routes) expect(page.text).toContain(template(path));
  });
});

const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");

/** Tokens that prove nothing, each wrong in one way. */
async function wrongTokens(): Promise<[string, string | undefined][]> {
  const { issuer } = own.system;
  const nowMs = Date.now();
  const soon = { issuedAtMs: nowMs, expiresInSeconds: 600 };
  const mine = (extra: Record<string, unknown>) =>
    issuer.token("subject-routes", ["member", "operator"], { ...soon, extra });
  const right = await mine({});
  const [header = "", claims = "", signature = ""] = right.split(".");
  const iat = Math.floor(nowMs / 1000);
  const payload = { iss: issuerName, aud: audience, sub: "subject-routes", iat, exp: iat + 600 };
  const hmac = new SignJWT(payload).setProtectedHeader({ alg: "HS256" });
  const wrongHeader = (part: object) => `${encoded(part)}.${claims}.${signature}`;
  return [
    ["none", undefined],
    ["garbage", marker],
    ["three parts of garbage", `${marker}.${marker}.${marker}`],
    ["expired", await mine({ iat: iat - 900, exp: iat - 300 })],
    ["never expiring", await mine({ exp: undefined })],
    ["of an hour to come", await mine({ nbf: iat + 3600 })],
    ["without its time", await mine({ iat: undefined })],
    ["for another audience", await mine({ aud: marker })],
    ["by another issuer", await mine({ iss: `https://${marker}.example` })],
    ["of nobody", await mine({ sub: "" })],
    ["alg none", `${encoded({ alg: "none" })}.${encoded(payload)}.`],
    ["alg none, signed", wrongHeader({ alg: "none" })],
    ["a symmetric key", await hmac.sign(Buffer.from(JSON.stringify(issuer.jwksUrl).repeat(4)))],
    ["a key nobody has", wrongHeader({ alg: "ES256", kid: marker })],
    ["a critical header", wrongHeader({ alg: "ES256", crit: [marker], [marker]: 1 })],
    ["a header that is a list", `${encoded([])}.${claims}.${signature}`],
    ["claims changed", `${header}.${encoded({ ...payload, roles: ["operator"] })}.${signature}`],
    ["no signature", `${header}.${claims}.`],
    ["a signature of three bytes", `${header}.${claims}.AAAA`],
    ["far too long", `${header}.${claims}.${"A".repeat(9000)}`],
  ];
}

describe.each(guarded)("%s", (_, route) => {
  const method = route.method.toUpperCase();

  it("refuses every token that proves nothing, in one body", async () => {
    for (const [what, token] of await wrongTokens()) {
      const asked = token === undefined ? {} : { token };
      const answer = await ask(own.system, method, filled(route.path), asked);
      expect(uniform(answer), what).toBe(refusedBody);
    }
  });
});

describe.each(["Basic abc", "Bearer", "Bearer  ", "bearer a b", marker])("%s", (authorization) => {
  it("is no token", async () => {
    const answer = await ask(own.system, "GET", "/v1/me", { headers: { authorization } });
    expect(uniform(answer)).toBe(refusedBody);
  });
});

describe("a caller who is known", () => {
  it.each(forMembers)("but no member is told so at %s", async (_, route) => {
    const times = { issuedAtMs: Date.now(), expiresInSeconds: 600 };
    const token = await own.system.issuer.token("stranger", ["operator", "coach"], times);
    const answer = await ask(own.system, route.method.toUpperCase(), filled(route.path), { token });
    expect(answer.body.type).toBe("urn:singlet:problem:not-a-member");
    expect(answer.status).toBe(403);
  });

  it.each(forRoles)("but in another role is refused at %s", async (_, route) => {
    for (const { token } of [who, coach]) {
      const path = filled(route.path);
      const answer = await ask(own.system, route.method.toUpperCase(), path, { token });
      expect(answer.body.type).toBe("urn:singlet:problem:forbidden");
    }
  });

  it("gets nothing by another member's ids", async () => {
    expect(await heartRateOf(own.system, who, workout)).not.toBeNull();
    const grant = JSON.stringify({ grantee: { role: "coach" }, columns: ["track"] });
    const granted = await ask(own.system, "POST", "/v1/consents", {
      token: who.token,
      body: grant,
    });
    const readings = `/v1/members/${who.id}/readings`;
    const span = "from=2026-10-14T00:00:00Z&to=2026-10-15T00:00:00Z";
    for (const { token } of [other, coach]) {
      const get = async (path: string) => (await ask(own.system, "GET", path, { token })).status;
      expect(await get(`/v1/workouts/${workout}`)).toBe(404);
      expect(await get(`${readings}/heart_rate?workout=${workout}`)).toBe(403);
      expect(await get(`${readings}/heart_rate?${span}`)).toBe(403);
      const revoke = `/v1/consents/${granted.body.id}`;
      expect((await ask(own.system, "DELETE", revoke, { token })).status).toBe(404);
      const split = { token, body: JSON.stringify({ records: ["any"] }) };
      const path = `/v1/workouts/${workout}/split`;
      expect((await ask(own.system, "POST", path, split)).status).toBe(404);
      const join = { token, body: JSON.stringify({ workouts: [workout, "w_any"] }) };
      expect((await ask(own.system, "POST", "/v1/workouts/join", join)).status).toBe(404);
    }
    const { token } = other;
    const mine = await ask(
      own.system,
      "GET",
      `${readings.replace(who.id, other.id)}/heart_rate?workout=${workout}`,
      { token },
    );
    expect([403, 404]).toContain(mine.status);
    for (const list of ["workouts", "decisions", "consents", "access-log", "roster"])
      expect((await ask(own.system, "GET", `/v1/${list}`, { token })).text).not.toContain(who.id);
    const still = await ask(own.system, "GET", "/v1/consents", { token: who.token });
    expect(still.body.items[0].revoked).toBeNull();
  });
});

describe("an answer", () => {
  it("about a person is kept by nobody", async () => {
    const { token } = who;
    for (const path of [
      "/v1/me",
      "/v1/connections",
      "/v1/workouts",
      `/v1/workouts/${workout}`,
      `/v1/members/${who.id}/readings/heart_rate?workout=${workout}`,
      "/v1/decisions",
      "/v1/consents",
      "/v1/access-log",
      `/v1/members/${who.id}/workouts`,
      "/v1/privacy-zones",
      "/v1/roster",
      "/v1/leaderboards/distance/me",
      "/v1/leaderboards/distance/friends",
    ]) {
      const answer = await ask(own.system, "GET", path, { token });
      expect(answer.status, path).toBe(200);
      expect(answer.headers.get("cache-control"), path).toBe("no-store");
    }
  });

  it.each(open)("to HEAD is the one to GET without its body: %s", async (_, route) => {
    const path = filled(route.path).replace(`leaderboards/${someId}`, "leaderboards/distance");
    const [get, head] = [await ask(own.system, "GET", path), await ask(own.system, "HEAD", path)];
    expect(head.status).toBe(get.status);
    expect(head.text).toBe("");
    for (const name of ["content-type", "cache-control"])
      expect(head.headers.get(name), name).toBe(get.headers.get(name));
  });

  it("to HEAD at a provider's door says only that it is there", async () => {
    for (const path of [
      "/webhooks/garmin",
      `/webhooks/garmin/${marker}`,
      "/webhooks/google-health",
    ])
      expect((await ask(own.system, "HEAD", path)).status).toBe(200);
  });

  it("never has the request id of another", async () => {
    const answers = await Promise.all([1, 2, 3].map(() => ask(own.system, "GET", "/healthz")));
    expect(new Set(answers.map((a) => a.headers.get("x-request-id"))).size).toBe(3);
  });
});
