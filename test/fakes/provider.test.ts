import { createRemoteJWKSet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyToken } from "../../kernel/token.ts";
import { audience, type Issuer, issuerName, startIssuer } from "../../local/issuer.ts";
import { parseTinkKeyset, type SignatureRecipe, verify } from "../../providers/signature.ts";
import { type FakeProvider, startFakeProvider } from "./provider.ts";
import {
  garminActivity,
  garminBody,
  garminDetails,
  googleExercise,
  type Ride,
  track,
} from "./rides.ts";

const startMs = Date.parse("2026-11-14T23:30:00Z");
const ride = (n: number): Ride => ({
  account: "user-1",
  id: String(7_000_000_000 + n),
  startMs: startMs + n * 7_200_000,
  elapsedSeconds: 3600,
  distanceM: 30_000,
});

let fake: FakeProvider;
let issuer: Issuer;
beforeAll(async () => {
  fake = await startFakeProvider();
  issuer = await startIssuer();
});
afterAll(async () => {
  await fake.close();
  await issuer.close();
});

async function token(form: Record<string, string>, path = "/token") {
  const body = new URLSearchParams({ client_id: "singlet", client_secret: "s", ...form });
  const reply = await fetch(fake.url + path, { method: "POST", body });
  const {
    access_token = "",
    refresh_token = "",
    error,
  } = (await reply.json()) as Record<string, string>;
  return { status: reply.status, access: access_token, refresh: refresh_token, error };
}
const codeOf = (code: string) => token({ grant_type: "authorization_code", code });
const get = (path: string, access: string) =>
  fetch(fake.url + path, { headers: { authorization: `Bearer ${access}` } });
const points = "/v4/users/me/dataTypes/exercise/dataPoints";
const filtered = (filter: string) => `?filter=${encodeURIComponent(filter)}`;
interface Listed {
  dataPoints: { name: string }[];
  nextPageToken?: string;
}

describe("signatures", () => {
  const recipe: SignatureRecipe = {
    kind: "authorization-and-tink",
    headers: ["google-health-api-signature"],
    handshake: { body: '{"type":"verification"}', status: 201 },
  };
  const keyset = async () => parseTinkKeyset(await (await fetch(fake.keysetUrl)).text());
  const check = (text: string, signature: string) =>
    verify(
      recipe,
      {
        headers: new Headers({ authorization: "shared", "google-health-api-signature": signature }),
        pathKey: null,
        body: new TextEncoder().encode(text),
      },
      { authorization: ["shared"] },
      keyset,
    );

  it("pass the real verifier, before and after the keys rotate", async () => {
    const body = JSON.stringify(fake.notification("user-1", "UPSERT", startMs, startMs + 1000));
    const old = await fake.sign(body);
    expect(await check(body, old)).toBe("genuine");
    expect(await check(`${body} `, old)).toBe("refused");
    await fake.rotate();
    expect(await check(body, await fake.sign(body))).toBe("genuine");
    expect(await check(body, old)).toBe("genuine");
    expect((await keyset()).size).toBe(2);
  });

  it("come from the same key again when the seed is kept", async () => {
    const again = await startFakeProvider({ seed: fake.signingKey });
    expect(again.keyId).toBe(fake.keyId);
    expect(await check("{}", await again.sign("{}"))).toBe("genuine");
    await again.close();
  });
});

describe("Google Health", () => {
  it("links an account and lists its exercises, newest first, 25 a page", async () => {
    for (let n = 0; n < 30; n++) fake.setExercise("user-1", googleExercise(ride(n)).point);
    const { access } = await codeOf(fake.code("google-health", "user-1"));
    const identity = await (await get("/v4/users/me/identity", access)).json();
    expect(identity).toMatchObject({ healthUserId: "user-1" });
    const reply = await get(`${points}?pageSize=100`, access);
    expect(reply.headers.get("x-ratelimit-remaining")).not.toBeNull();
    const first = (await reply.json()) as Listed;
    expect(first.dataPoints).toHaveLength(25);
    expect(first.dataPoints[0]?.name).toMatch(/7000000029$/);
    const rest = await get(`${points}?pageToken=${first.nextPageToken}`, access);
    const second = (await rest.json()) as Listed;
    expect([second.dataPoints.length, second.nextPageToken]).toEqual([5, undefined]);
  });

  it("filters by the clock on the wall and heart rates by the instant", async () => {
    const { access } = await codeOf(fake.code("google-health", "user-1"));
    const { point, heartRate } = googleExercise(ride(0));
    fake.setExercise("user-1", point);
    fake.setHeartRate("user-1", heartRate);
    const civil = "exercise.interval.civil_start_time";
    const day = `${civil} >= "2026-11-15T00:00:00" AND ${civil} < "2026-11-15T01:00:00"`;
    const found = (await (await get(points + filtered(day), access)).json()) as Listed;
    expect(found.dataPoints.map(({ name }) => name)).toEqual([point.name]);
    const physical = "heart_rate.sample_time.physical_time";
    const from = `${physical} >= "${new Date(startMs + 3_590_000).toISOString()}"`;
    const rates = "/v4/users/me/dataTypes/heart-rate/dataPoints";
    const last = await (await get(rates + filtered(from), access)).json();
    expect(last).toMatchObject({
      dataPoints: [
        { heartRate: { sampleTime: { physicalTime: "2026-11-15T00:30:00.000Z" } } },
        { heartRate: { sampleTime: { utcOffset: "3600s" } } },
      ],
    });
    expect((await get(points + filtered('name = "x"'), access)).status).toBe(400);
  });

  it("forgets what is deleted and refuses other tokens", async () => {
    const { access } = await codeOf(fake.code("google-health", "user-1"));
    expect((await get(`${points}/7000000001`, access)).status).toBe(200);
    fake.deleteExercise("user-1", "7000000001");
    expect((await get(`${points}/7000000001`, access)).status).toBe(404);
    expect((await get(points, "made-up")).status).toBe(401);
    fake.expireAccessTokens();
    expect((await get(points, access)).status).toBe(401);
  });

  it("rotates refresh tokens: a used one is worth nothing", async () => {
    const { refresh } = await codeOf(fake.code("google-health", "user-1"));
    const again = await token({ grant_type: "refresh_token", refresh_token: refresh });
    expect((await get(points, again.access)).status).toBe(200);
    const replayed = await token({ grant_type: "refresh_token", refresh_token: refresh });
    expect([replayed.status, replayed.error]).toEqual([400, "invalid_grant"]);
  });
});

describe("Garmin", () => {
  it("links an account by its own token path", async () => {
    const code = fake.code("garmin", "garmin-1");
    const form = { grant_type: "authorization_code", code };
    const { access } = await token(form, "/di-oauth2-service/oauth/token");
    const id = await get("/wellness-api/rest/user/id", access);
    expect(await id.json()).toEqual({ userId: "garmin-1" });
    expect((await get(points, access)).status).toBe(401);
  });

  it("tells one ride as a summary and as details, around its centre", () => {
    const told = { ...ride(1), centre: { lat: -33.123456, lon: 151.2 }, title: "canary" };
    const body = garminBody(garminActivity(told), garminDetails(told));
    expect(Object.keys(body)).toEqual(["activities", "activityDetails"]);
    expect(JSON.stringify(body)).toBe(
      JSON.stringify(garminBody(garminActivity(told), garminDetails(told))),
    );
    for (const { lat, lon } of track(told))
      expect(Math.hypot(lat + 33.123456, lon - 151.2)).toBeLessThan(0.1);
  });
});

describe("faults", () => {
  it("hit the paths and the number of requests they name", async () => {
    const { access } = await codeOf(fake.code("google-health", "user-1"));
    fake.faults = { status: 429, retryAfterSeconds: 7, only: points, remaining: 1 };
    expect((await get("/v4/users/me/identity", access)).status).toBe(200);
    const hit = await get(points, access);
    expect([hit.status, hit.headers.get("retry-after")]).toEqual([429, "7"]);
    expect((await get(points, access)).status).toBe(200);
    fake.faults = { truncate: true };
    await expect(get(points, access).then((reply) => reply.text())).rejects.toThrow();
    fake.faults = { keysetDown: true };
    expect((await fetch(fake.keysetUrl)).status).toBe(503);
    fake.faults = {};
  });

  it("and everything else can be driven from another process", async () => {
    const control = async (path: string, body: object) => {
      const reply = await fetch(`${fake.url}/control/${path}`, {
        method: "POST",
        body: JSON.stringify(body),
      });
      return (await reply.json()) as Record<string, unknown>;
    };
    const { point, heartRate } = googleExercise({ ...ride(1), account: "user-2" });
    const stored = { account: "user-2", exercises: [point], heartRate };
    expect(await control("google-health", stored)).toEqual({ exercises: 1 });
    const { code } = await control("code", { provider: "google-health", account: "user-2" });
    expect((await codeOf(String(code))).status).toBe(200);
    const deleted = { account: "user-2", operation: "DELETE", fromMs: startMs, toMs: startMs + 1 };
    const notice = await control("notify", { ...deleted, recordId: "7000000001" });
    expect(JSON.parse(String(notice.body)).data.recordId).toBe("7000000001");
    await control("faults", { tokenDown: true });
    expect((await codeOf(String(code))).status).toBe(503);
    await control("faults", {});
  });
});

describe("the issuer's tokens", () => {
  it("pass the real verifier until they expire", async () => {
    const rules = {
      issuer: issuerName,
      audience,
      keys: createRemoteJWKSet(new URL(issuer.jwksUrl)),
    };
    const times = { issuedAtMs: startMs, expiresInSeconds: 60 };
    const text = await issuer.token("anna", ["member", "coach", "king"], times);
    expect(await verifyToken(text, rules, startMs)).toEqual({
      issuer: issuerName,
      subject: "anna",
      roles: ["member", "coach"],
      issuedAtMs: startMs,
    });
    expect(await verifyToken(text, rules, startMs + 120_000)).toBe("refused");
    const other = await issuer.token("anna", [], { ...times, extra: { aud: "elsewhere" } });
    expect(await verifyToken(other, rules, startMs)).toBe("refused");
  });
});
