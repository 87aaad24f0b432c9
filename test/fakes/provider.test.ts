import { createRemoteJWKSet } from "jose";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { verifyToken } from "../../kernel/token.ts";
import { audience, type Issuer, issuerName, startIssuer } from "../../local/issuer.ts";
import type { SignatureRecipe } from "../../providers/recipe.ts";
import { parseTinkKeyset, verify } from "../../providers/signature.ts";
import { type FakeProvider, type Faults, startFakeProvider } from "./provider.ts";
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
  };
  const keyset = async () => parseTinkKeyset(await (await fetch(fake.keysetUrl)).text());
  const check = async (text: string, signature: string) => {
    const verdict = await verify(
      recipe,
      undefined,
      {
        headers: new Headers({ authorization: "shared", "google-health-api-signature": signature }),
        pathKey: null,
        body: new TextEncoder().encode(text),
      },
      { authorization: ["shared"] },
      keyset,
      startMs,
    );
    return verdict.is;
  };

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
  it("says who an account is and lists its exercises, newest first, 25 a page", async () => {
    for (let n = 0; n < 30; n++) fake.setExercise("user-1", googleExercise(ride(n)).point);
    const { access } = fake.issue("google-health", "user-1");
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
    const { access } = fake.issue("google-health", "user-1");
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
    const { access } = fake.issue("google-health", "user-1");
    expect((await get(`${points}/7000000001`, access)).status).toBe(200);
    fake.deleteExercise("user-1", "7000000001");
    expect((await get(`${points}/7000000001`, access)).status).toBe(404);
    expect((await get(points, "made-up")).status).toBe(401);
    fake.expireAccessTokens();
    expect((await get(points, access)).status).toBe(401);
  });

  it("gives one page, as a driver asks, its fault", async () => {
    const { access } = fake.issue("google-health", "user-1");
    fake.faults = { status: 500, page: 2, account: "user-1" };
    const first = (await (await get(points, access)).json()) as Listed;
    expect((await get(`${points}?pageToken=${first.nextPageToken}`, access)).status).toBe(500);
    fake.faults = {};
    expect((await get(`${points}?pageToken=${first.nextPageToken}`, access)).status).toBe(200);
    expect(fake.requests.at(-1)).toMatchObject({ account: "user-1", status: 200 });
  });
});

describe("Garmin", () => {
  it("says whose token it is, and opens nothing of the other's", async () => {
    const { access } = fake.issue("garmin", "garmin-1");
    const id = await get("/wellness-api/rest/user/id", access);
    expect(await id.json()).toEqual({ userId: "garmin-1" });
    expect((await get(points, access)).status).toBe(401);
  });

  const rest = "/wellness-api/rest/";
  const local = (entry: object) =>
    String((entry as { callbackURL: string }).callbackURL).replace("https://apis.garmin.com", "");

  it("opens what a ping names to the account it names, for as long as it is there", async () => {
    const { access } = fake.issue("garmin", "garmin-1");
    const other = fake.issue("garmin", "garmin-2");
    const entry = garminActivity({ ...ride(3), account: "garmin-1" });
    const ping = fake.garmin.ping("garmin-1", "activities", [entry], startMs);
    const bytes = new Uint8Array([1, 2, 3]);
    const file = fake.garmin.file("garmin-1", { activityId: "77", startMs, bytes });
    expect(await (await get(local(ping), access)).json()).toEqual([entry]);
    expect((await get(local(ping), other.access)).status).toBe(403);
    expect((await get(local(ping).replace(/token=.*/, "token=x"), access)).status).toBe(404);
    const got = await get(local(file), access);
    expect(got.headers.get("content-type")).toBe("application/octet-stream");
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes);
    fake.garmin.forget("garmin-1");
    expect((await get(local(file), access)).status).toBe(410);
  });

  it("is asked for history once a range, where it is permitted and not too old", async () => {
    const { access } = fake.issue("garmin", "garmin-1");
    const asked = async (type: string, fromMs: number, days = 7) => {
      const from = fromMs / 1000;
      const window = `summaryStartTimeInSeconds=${from}&summaryEndTimeInSeconds=${from + days * 86_400}`;
      return (await get(`${rest}backfill/${type}?${window}`, access)).status;
    };
    expect(await asked("activities", startMs)).toBe(202);
    expect(await asked("activities", startMs)).toBe(409);
    expect(await asked("activities", startMs, 31)).toBe(400);
    expect(await asked("steps", startMs)).toBe(400);
    fake.garmin.minimumMs = startMs;
    expect(await asked("activities", startMs - 86_400_000)).toBe(400);
    fake.garmin.minimumMs = 0;
    expect(fake.garmin.asked).toMatchObject([{ account: "garmin-1", fromMs: startMs }]);
    fake.garmin.setPermissions("garmin-1", ["ACTIVITY_EXPORT"]);
    expect(await asked("activityDetails", startMs)).toBe(412);
    expect(await (await get(`${rest}user/permissions`, access)).json()).toEqual([
      "ACTIVITY_EXPORT",
    ]);
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
    const { access } = fake.issue("google-health", "user-1");
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

  it("are every kind that a caller has to stand", async () => {
    const { access } = fake.issue("google-health", "user-1");
    const faulty = async (faults: Faults) => {
      fake.faults = faults;
      const reply = await fetch(fake.url + points, {
        headers: { authorization: `Bearer ${access}` },
        redirect: "manual",
        signal: AbortSignal.timeout(200),
      });
      return { status: reply.status, headers: reply.headers, body: await reply.text() };
    };
    expect((await faulty({ oversizeBytes: 100_000 })).body.length).toBeGreaterThan(100_000);
    const away = await faulty({ redirect: `${fake.url}/elsewhere` });
    expect([away.status, away.headers.get("location")]).toEqual([302, `${fake.url}/elsewhere`]);
    const html = await faulty({ contentType: "text/html" });
    expect(html.headers.get("content-type")).toBe("text/html");
    expect((await faulty({ status: 429 })).headers.get("retry-after")).toBeNull();
    const dated = await faulty({ status: 429, retryAfterSeconds: 60, retryAfterDate: true });
    expect(Date.parse(dated.headers.get("retry-after") ?? "")).toBeGreaterThan(Date.now());
    await expect(faulty({ hang: true })).rejects.toThrow("timeout");
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
    const redirectUri = "https://singlet.test/oauth/callback";
    const query = `client_id=singlet&redirect_uri=${redirectUri}&response_type=code`;
    const { location } = await control("authorize", {
      url: `${fake.url}/authorize?${query}`,
      account: "user-2",
    });
    const form = {
      client_id: "singlet",
      grant_type: "authorization_code",
      redirect_uri: redirectUri,
    };
    const code = new URL(String(location)).searchParams.get("code") ?? "";
    const exchanged = async () =>
      (
        await fetch(`${fake.url}/token`, {
          method: "POST",
          body: new URLSearchParams({ ...form, code }),
        })
      ).status;
    const deleted = { account: "user-2", operation: "DELETE", fromMs: startMs, toMs: startMs + 1 };
    const notice = await control("notify", { ...deleted, recordId: "7000000001" });
    expect(JSON.parse(String(notice.body)).data.recordId).toBe("7000000001");
    await control("faults", { tokenDown: true });
    expect(await exchanged()).toBe(503);
    await control("faults", {});
    expect(await exchanged()).toBe(200);
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
