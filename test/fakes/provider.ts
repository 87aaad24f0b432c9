/**
 * Providers to talk to: a real HTTP server on 127.0.0.1 that plays all of those that are called. It
 * grants access and rotates tokens, serves what members recorded, publishes and rotates its signing
 * keys, and misbehaves on request (`faults`, or POST /control/faults from another process).
 */
import { sign as signBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Answer, type Asked, answer, formOf, refused } from "./provider-answer.ts";
import { consentPage } from "./provider-consent.ts";
import { control } from "./provider-control.ts";
import { corosBearer } from "./provider-coros.ts";
import {
  type ExercisePoint,
  type FakedProvider,
  type HeartRateSample,
  ProviderData,
} from "./provider-data.ts";
import { type Faults, insteadOf, send, strike } from "./provider-faults.ts";
import { GarminSide, garminPaths } from "./provider-garmin.ts";
import { googleHealth, googlePaths, projectPaths, Subscribers } from "./provider-google.ts";
import { keysetOf, signingKeyOf } from "./provider-keys.ts";
import { Grants, type TokenHabits } from "./provider-oauth.ts";
import { Sides, sideOf } from "./provider-sides.ts";
import { isTokenPath } from "./provider-tokens.ts";
import type { Served, WorkoutProvider } from "./provider-workouts.ts";

export type { ExercisePoint, FakedProvider, Faults, HeartRateSample, Served, WorkoutProvider };
export type Operation = "UPSERT" | "DELETE";

/** A request that was answered, or is being; of what was dropped or hangs, `status` is 0. */
export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  /** Of a form that says what it asks for. */
  readonly action: string | null;
  /** Whose token came with it. */
  readonly account: string | null;
  readonly atMs: number;
  status: number;
}

export interface FakeProvider {
  readonly url: string;
  readonly keysetUrl: string;
  /** Base64 PKCS8 of the key that signs now; given back as `seed`, it survives a restart. */
  readonly signingKey: string;
  readonly keyId: number;
  close(): Promise<void>;
  /** Consents as this account at the address where members grant: where the browser is sent. */
  authorise(url: string, account: string): string | null;
  /** Tokens as if somebody had linked. */
  issue(provider: FakedProvider, account: string): { access: string; refresh: string };
  /** From the next consent on, at most these scopes are granted. */
  allow(account: string, scopes: readonly string[]): void;
  setExercise(account: string, point: ExercisePoint): void;
  deleteExercise(account: string, id: string): void;
  exercises(account: string): ExercisePoint[];
  setHeartRate(account: string, samples: readonly HeartRateSample[]): void;
  /** As the provider serves it, under the id that it bears; replaces the one of that id. */
  setWorkout(provider: WorkoutProvider, account: string, record: Served): void;
  deleteWorkout(provider: WorkoutProvider, account: string, id: string): void;
  /** The newest first. */
  workouts(provider: WorkoutProvider, account: string): Served[];
  notification(
    account: string,
    operation: Operation,
    fromMs: number,
    toMs: number,
    recordId?: string,
  ): { data: Record<string, unknown> };
  sign(body: Uint8Array | string): Promise<string>;
  rotate(): Promise<void>;
  /** Every access token issued so far stops working; refresh tokens go on. */
  expireAccessTokens(): void;
  /** How often this account's tokens were renewed; answers that were lost count. */
  refreshes(account: string): number;
  /** The account's owner withdrew their consent: no token of theirs works any more. */
  endGrant(provider: FakedProvider, account: string): void;
  hasGrant(provider: FakedProvider, account: string): boolean;
  faults: Faults;
  readonly habits: TokenHabits;
  readonly garmin: GarminSide;
  readonly subscribers: Subscribers;
  readonly polar: Sides["polar"];
  readonly oura: Sides["oura"];
  readonly strava: Sides["strava"];
  readonly withings: Sides["withings"];
  readonly sessions: Sides["sessions"];
  readonly requests: readonly SeenRequest[];
  /** Every access and refresh token that was ever issued, spent ones included. */
  readonly tokens: readonly string[];
}

const requestsMax = 10_000;
const bodyBytesMax = 4 * 1024 * 1024;
const formBytesMax = 8192;
const windowMs = 60_000;
const registration = "/wellness-api/rest/user/registration";
const revokePaths: readonly string[] = ["/revoke", "/oauth2/revoke", "/oauth/revoke"];

function originalOf(path: string): "google-health" | "garmin" | null {
  if (path.startsWith(googlePaths)) return "google-health";
  return path.startsWith(garminPaths) ? "garmin" : null;
}

export interface FakeProviderOptions {
  readonly port?: number;
  readonly seed?: string;
  readonly keyId?: number;
  readonly latencyMs?: number;
  /** Of each account. */
  readonly requestsPerMinute?: number;
}

/** Starts the fake provider; every state it has is in the object it returns. */
export async function startFakeProvider(options: FakeProviderOptions = {}): Promise<FakeProvider> {
  const { latencyMs = 0, requestsPerMinute = 300 } = options;
  const data = new ProviderData();
  const first = signingKeyOf(options.seed, options.keyId);
  const keys = [first];
  const current = () => keys[keys.length - 1] ?? first;
  const grants = new Grants(first.pkcs8, { tokenSeconds: 3600, graceRefresh: false });
  const garmin = new GarminSide();
  const subscribers = new Subscribers();
  const sides = new Sides(grants, options.seed !== undefined);
  const requests: SeenRequest[] = [];
  const spent = new Map<string, { window: number; count: number }>();

  /** Counts the request; past the limit it is refused until the window ends. */
  async function limited(account: string, serve: () => Answer | Promise<Answer>): Promise<Answer> {
    const window = Math.floor(Date.now() / windowMs);
    const before = spent.get(account);
    const count = before?.window === window ? before.count + 1 : 1;
    spent.set(account, { window, count });
    const limits = {
      "x-ratelimit-limit": String(requestsPerMinute),
      "x-ratelimit-remaining": String(Math.max(0, requestsPerMinute - count)),
    };
    if (count <= requestsPerMinute) {
      const served = await serve();
      return { ...served, headers: { ...limits, ...served.headers } };
    }
    const waitMs = (window + 1) * windowMs - Date.now();
    const wait = { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))) };
    return { ...refused(429, "RESOURCE_EXHAUSTED"), headers: { ...limits, ...wait } };
  }

  async function serve(asked: Asked): Promise<Answer> {
    const { method, url, authorization } = asked;
    const path = url.pathname;
    if (method === "GET" && path === "/keyset") return answer(200, keysetOf(keys));
    if (method === "GET" && path === "/authorize")
      return consentPage(asked) ?? grants.authorise(url);
    if (method === "POST" && isTokenPath(path)) return grants.token(asked);
    if (method === "POST" && revokePaths.includes(path)) return grants.revoke(asked);
    if (path.startsWith(projectPaths))
      return grants.isApp(authorization)
        ? subscribers.serve(asked)
        : refused(401, "UNAUTHENTICATED");
    return (await sides.serveApp(asked)) ?? serveMember(asked);
  }

  /** What a member's own token opens, and only at the provider that gave it. */
  async function serveMember(asked: Asked): Promise<Answer> {
    const { method, url, authorization } = asked;
    const path = url.pathname;
    const side = sideOf(path);
    const provider = side ?? originalOf(path);
    const ends = method === "DELETE" && path === registration;
    if (provider === null || (side === null && method !== "GET" && !ends))
      return refused(404, "NOT_FOUND");
    const account = grants.accountOf(authorization, provider);
    const denied = side === null ? undefined : sides.denied(side);
    if (account === null) return denied ?? refused(401, "UNAUTHENTICATED");
    if (side !== null) return limited(account, () => sides.serve(side, account, asked));
    if (ends) {
      grants.end("garmin", account);
      return answer(200, {});
    }
    return limited(account, () =>
      provider === "garmin" ? garmin.serve(account, url) : googleHealth(data, account, url),
    );
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const asked = await askedOf(request);
    const path = asked.url.pathname;
    if (path.startsWith("/control/")) return send(response, await control(fake, asked));
    const { method } = asked;
    const account = grants.about(asked);
    const query = asked.url.search;
    const action = formOf(asked).get("action");
    const seen: SeenRequest = { method, path, query, action, account, atMs: Date.now(), status: 0 };
    requests.push(seen);
    if (requests.length > requestsMax) requests.shift();
    const type = path.includes("/dataTypes/heart-rate/") ? "heart-rate" : "exercise";
    const page = path.endsWith("/dataPoints") ? data.pageAsked(type, asked.url.searchParams) : null;
    const fault = strike(fake.faults, { asked, account, page });
    if (fault.hang) return;
    const waitMs = latencyMs + (fault.hangMs ?? 0);
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
    const reply = insteadOf(fault, asked) ?? (await serve(asked));
    if (!fault.loseRefresh) seen.status = reply.status;
    send(response, reply, fault);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => send(response, answer(400, { error: "bad" })));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  const fake: FakeProvider = {
    url,
    keysetUrl: `${url}/keyset`,
    get signingKey() {
      return current().pkcs8;
    },
    get keyId() {
      return current().id;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
    authorise(address, account) {
      if (!URL.canParse(address)) return null;
      const asked = new URL(address);
      asked.searchParams.set("account", account);
      return grants.authorise(asked).headers?.location ?? null;
    },
    issue: (provider, account) => grants.issue(provider, account),
    allow: (account, scopes) => grants.allow(account, scopes),
    setExercise: (account, point) => data.setExercise(account, point),
    deleteExercise: (account, id) => data.deleteExercise(account, id),
    exercises: (account) => data.exercises(account),
    setHeartRate: (account, samples) => data.setHeartRate(account, samples),
    setWorkout: (provider, account, record) => sides.workouts[provider].set(account, record),
    deleteWorkout: (provider, account, id) => sides.workouts[provider].delete(account, id),
    workouts: (provider, account) => sides.workouts[provider].list(account),
    notification: (...of) => data.notification(...of),
    async sign(body) {
      const { id, key } = current();
      const frame = Buffer.alloc(5, 1);
      frame.writeUInt32BE(id, 1);
      const der = signBytes("sha256", Buffer.from(body), { key, dsaEncoding: "der" });
      return Buffer.concat([frame, der]).toString("base64");
    },
    async rotate() {
      keys.push(signingKeyOf(undefined, undefined));
    },
    expireAccessTokens: () => grants.expireAccessTokens(),
    refreshes: (account) => grants.refreshes(account),
    endGrant: (provider, account) => grants.end(provider, account),
    hasGrant: (provider, account) => grants.has(provider, account),
    faults: {},
    habits: grants.habits,
    garmin,
    subscribers,
    polar: sides.polar,
    oura: sides.oura,
    strava: sides.strava,
    withings: sides.withings,
    sessions: sides.sessions,
    requests,
    tokens: grants.everyToken,
  };
  return fake;
}

async function askedOf(request: IncomingMessage): Promise<Asked> {
  const url = new URL(request.url ?? "/", "http://127.0.0.1");
  const { authorization = corosBearer(url) } = request.headers;
  const isForm = isTokenPath(url.pathname) || revokePaths.includes(url.pathname);
  const body = await bodyOf(request, isForm ? formBytesMax : bodyBytesMax);
  const type = request.headers["content-type"] ?? "";
  const header = (name: string) => String(request.headers[name] ?? "");
  return { method: request.method ?? "", url, authorization, type, header, body };
}

/** The body as text; null when it is larger than the bound. */
async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= bytesMax) chunks.push(chunk);
  }
  return bytes > bytesMax ? null : Buffer.concat(chunks).toString();
}
