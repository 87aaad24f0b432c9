/**
 * A provider to talk to: a real HTTP server on 127.0.0.1 that plays Garmin and Google Health. It
 * issues and rotates tokens, serves exercises and heart rates, publishes and rotates its signing
 * keys, and misbehaves on request (`faults`, or POST /control/faults from another process).
 * Tokens carry their account under a MAC, so they outlive a restart with the same `seed`.
 */
import { randomUUID, sign as signBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import {
  type Claims,
  type ExercisePoint,
  type FakedProvider,
  type HeartRateSample,
  keysetOf,
  legacyUserId,
  ProviderData,
  seal,
  signingKeyOf,
  unseal,
} from "./provider-data.ts";

export type { ExercisePoint, FakedProvider, HeartRateSample };
export type Operation = "UPSERT" | "DELETE";

/** What goes wrong, for which paths, how many times. An empty object: nothing does. */
export interface Faults {
  status?: number;
  retryAfterSeconds?: number;
  truncate?: boolean;
  /** The answer is what was asked, the authorization it came with included. */
  echo?: boolean;
  hangMs?: number;
  keysetDown?: boolean;
  tokenDown?: boolean;
  /** Only paths that start with this. */
  only?: string;
  /** How many requests are still hit; without it, all are. */
  remaining?: number;
}

export interface FakeProvider {
  readonly url: string;
  readonly keysetUrl: string;
  /** Base64 PKCS8 of the key that signs now; given back as `seed`, it survives a restart. */
  readonly signingKey: string;
  readonly keyId: number;
  close(): Promise<void>;
  code(provider: FakedProvider, account: string): string;
  setExercise(account: string, point: ExercisePoint): void;
  deleteExercise(account: string, id: string): void;
  exercises(account: string): ExercisePoint[];
  setHeartRate(account: string, samples: readonly HeartRateSample[]): void;
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
  /** The account's owner withdrew their consent: no token of theirs works any more. */
  endGrant(provider: FakedProvider, account: string): void;
  hasGrant(provider: FakedProvider, account: string): boolean;
  faults: Faults;
  readonly requests: readonly { method: string; path: string; query: string }[];
  /** Every access and refresh token that was ever issued, spent ones included. */
  readonly tokens: readonly string[];
}

const requestsMax = 1000;
const formBytesMax = 8192;
const controlBytesMax = 4 * 1024 * 1024;
const tokenSeconds = 3600;
const windowMs = 60_000;
const tokenPaths: Record<string, FakedProvider> = {
  "/token": "google-health",
  "/di-oauth2-service/oauth/token": "garmin",
};
const permissions = ["ACTIVITY_EXPORT", "HEALTH_EXPORT"];

interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly headers?: Record<string, string>;
}
const answer = (status: number, body: unknown): Answer => ({ status, body });
/** google.rpc.Status, as every v4 endpoint reports a fault. */
const refused = (code: number, status: string): Answer =>
  answer(code, { error: { code, message: status.toLowerCase(), status } });

/** Starts the fake provider; every state it has is in the object it returns. */
export async function startFakeProvider(
  options: {
    port?: number;
    seed?: string;
    keyId?: number;
    latencyMs?: number;
    requestsPerMinute?: number;
  } = {},
): Promise<FakeProvider> {
  const { latencyMs = 0, requestsPerMinute = 300 } = options;
  const data = new ProviderData();
  const first = signingKeyOf(options.seed, options.keyId);
  const keys = [first];
  const current = () => keys[keys.length - 1] ?? first;
  const secret = first.pkcs8;
  const requests: { method: string; path: string; query: string }[] = [];
  const everyToken: string[] = [];
  const usedRefresh = new Set<string>();
  const spent = new Map<string, { window: number; count: number }>();
  /** Grants that ended: none of what was issued up to then opens anything. */
  const ended = new Map<string, number>();
  const grantOf = (of: Pick<Claims, "provider" | "account">) =>
    JSON.stringify([of.provider, of.account]);
  const hasEnded = (claims: Claims) =>
    Number.parseInt(claims.id, 10) < (ended.get(grantOf(claims)) ?? 0);
  let expiredUpTo = 0;
  let issued = 0;

  function tokens(url: URL, form: URLSearchParams, basic: string): Answer {
    const hasClient = /^Basic \S+$/i.test(basic) || form.has("client_id");
    if (!hasClient) return answer(401, { error: "invalid_client" });
    const grant = form.get("grant_type");
    if (grant !== "authorization_code" && grant !== "refresh_token")
      return answer(400, { error: "unsupported_grant_type" });
    const given =
      grant === "refresh_token"
        ? unseal(form.get("refresh_token") ?? "", "refresh", secret)
        : unseal(form.get("code") ?? "", "code", secret);
    if (given === null || given.provider !== tokenPaths[url.pathname] || usedRefresh.has(given.id))
      return answer(400, { error: "invalid_grant" });
    if (given.use === "refresh" && hasEnded(given)) return answer(400, { error: "invalid_grant" });
    if (grant === "refresh_token") usedRefresh.add(given.id);
    const { provider, account } = given;
    const make = (use: Claims["use"]) => {
      const id = `${issued++}-${randomUUID()}`;
      const token = seal({ use, provider, account, id, issuedMs: Date.now() }, secret);
      everyToken.push(token);
      return token;
    };
    return answer(200, {
      access_token: make("access"),
      refresh_token: make("refresh"),
      expires_in: tokenSeconds,
      token_type: "Bearer",
    });
  }

  function accountOf(authorization: string, provider: FakedProvider): string | null {
    const claims = unseal(authorization.replace(/^Bearer /i, ""), "access", secret);
    if (claims?.provider !== provider) return null;
    if (Number.parseInt(claims.id, 10) < expiredUpTo || hasEnded(claims)) return null;
    return claims.issuedMs + tokenSeconds * 1000 > Date.now() ? claims.account : null;
  }

  /** As RFC 7009 and Google: the token itself, of whatever use. */
  function revoke(form: URLSearchParams): Answer {
    const token = form.get("token") ?? "";
    const given = unseal(token, "refresh", secret) ?? unseal(token, "access", secret);
    if (given === null || hasEnded(given)) return answer(400, { error: "invalid_token" });
    ended.set(grantOf(given), issued);
    return answer(200, {});
  }

  /** Counts the request; past the limit it is refused until the window ends. */
  function limited(account: string, serve: () => Answer): Answer {
    const window = Math.floor(Date.now() / windowMs);
    const before = spent.get(account);
    const count = before?.window === window ? before.count + 1 : 1;
    spent.set(account, { window, count });
    const headers = {
      "x-ratelimit-limit": String(requestsPerMinute),
      "x-ratelimit-remaining": String(Math.max(0, requestsPerMinute - count)),
    };
    if (count <= requestsPerMinute) return { ...serve(), headers };
    const waitMs = (window + 1) * windowMs - Date.now();
    const wait = { "retry-after": String(Math.max(1, Math.ceil(waitMs / 1000))) };
    return { ...refused(429, "RESOURCE_EXHAUSTED"), headers: { ...headers, ...wait } };
  }

  function googleHealth(account: string, url: URL): Answer {
    const [user = "", ...rest] = url.pathname.split("/").slice(3).map(decodeURIComponent);
    if (user !== "me" && user !== account) return refused(403, "PERMISSION_DENIED");
    const [first, type = "", collection, id] = rest;
    if (first === "identity" && rest.length === 1) {
      const name = `users/${account}/identity`;
      return answer(200, { name, healthUserId: account, legacyUserId: legacyUserId(account) });
    }
    if (first !== "dataTypes" || collection !== "dataPoints") return refused(404, "NOT_FOUND");
    if (id !== undefined) {
      const point = type === "exercise" ? data.exercise(account, id) : undefined;
      return point === undefined ? refused(404, "NOT_FOUND") : answer(200, point);
    }
    if (type !== "exercise" && type !== "heart-rate") return refused(404, "NOT_FOUND");
    const page = data.list(account, type, url.searchParams);
    return page === null ? refused(400, "INVALID_ARGUMENT") : answer(200, page);
  }

  function garmin(account: string, url: URL): Answer {
    if (url.pathname === "/wellness-api/rest/user/id") return answer(200, { userId: account });
    if (url.pathname === "/wellness-api/rest/user/permissions") return answer(200, permissions);
    return answer(404, { errorMessage: "not found" });
  }

  async function serve(request: IncomingMessage, url: URL): Promise<Answer> {
    const method = request.method ?? "";
    if (method === "GET" && url.pathname === "/keyset") return answer(200, keysetOf(keys));
    const authorization = request.headers.authorization ?? "";
    if (method === "POST" && url.pathname in tokenPaths) {
      const form = await bodyOf(request, formBytesMax);
      if (form === null) return answer(413, { error: "invalid_request" });
      return tokens(url, new URLSearchParams(form), authorization);
    }
    if (method === "POST" && url.pathname === "/revoke")
      return revoke(new URLSearchParams((await bodyOf(request, formBytesMax)) ?? ""));
    if (method === "DELETE" && url.pathname === "/wellness-api/rest/user/registration") {
      const account = accountOf(authorization, "garmin");
      if (account === null) return refused(401, "UNAUTHENTICATED");
      ended.set(grantOf({ provider: "garmin", account }), issued);
      return answer(200, {});
    }
    const provider = url.pathname.startsWith("/v4/users/")
      ? "google-health"
      : url.pathname.startsWith("/wellness-api/rest/")
        ? "garmin"
        : null;
    if (method !== "GET" || provider === null) return refused(404, "NOT_FOUND");
    const account = accountOf(authorization, provider);
    if (account === null) return refused(401, "UNAUTHENTICATED");
    return limited(account, () =>
      provider === "garmin" ? garmin(account, url) : googleHealth(account, url),
    );
  }

  /** The faults that hit this path now; spends one of `remaining`. */
  function faultOf(path: string): Faults | null {
    const { faults } = fake;
    if ((faults.remaining ?? 1) <= 0 || !path.startsWith(faults.only ?? "")) return null;
    const down =
      (faults.keysetDown && path === "/keyset") || (faults.tokenDown && path in tokenPaths);
    const { truncate = false, hangMs = 0, echo = false } = faults;
    const status = faults.status ?? (down ? 503 : undefined);
    if (status === undefined && !truncate && !echo && hangMs === 0) return null;
    if (faults.remaining !== undefined) faults.remaining--;
    return { ...faults, ...(status === undefined ? {} : { status }) };
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://127.0.0.1");
    if (url.pathname.startsWith("/control/")) {
      send(response, await control(fake, request, url), false);
      return;
    }
    requests.push({ method: request.method ?? "", path: url.pathname, query: url.search });
    if (requests.length > requestsMax) requests.shift();
    const fault = faultOf(url.pathname);
    const waitMs = latencyMs + (fault?.hangMs ?? 0);
    if (waitMs > 0) await sleep(waitMs, undefined, { ref: false });
    const { status, retryAfterSeconds, truncate = false, echo = false } = fault ?? {};
    if (echo) return send(response, answer(200, { asked: request.headers }), truncate);
    if (status === undefined) return send(response, await serve(request, url), truncate);
    const headers: Record<string, string> = {};
    if (retryAfterSeconds !== undefined) headers["retry-after"] = String(retryAfterSeconds);
    send(response, { ...refused(status, "UNAVAILABLE"), headers }, truncate);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch(() => send(response, answer(400, { error: "bad" }), false));
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
    code: (provider, account) =>
      seal({ use: "code", provider, account, id: "code", issuedMs: 0 }, secret),
    setExercise: (account, point) => data.setExercise(account, point),
    deleteExercise: (account, id) => data.deleteExercise(account, id),
    exercises: (account) => data.exercises(account),
    setHeartRate: (account, samples) => data.setHeartRate(account, samples),
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
    expireAccessTokens() {
      expiredUpTo = issued;
    },
    endGrant(provider, account) {
      ended.set(grantOf({ provider, account }), issued);
    },
    hasGrant: (provider, account) => !ended.has(grantOf({ provider, account })),
    faults: {},
    requests,
    tokens: everyToken,
  };
  return fake;
}

/** The driver's own endpoints: what a script in another process may do to the fake. */
async function control(fake: FakeProvider, request: IncomingMessage, url: URL): Promise<Answer> {
  const text = request.method === "POST" ? await bodyOf(request, controlBytesMax) : null;
  if (text === null) return answer(400, { error: "a JSON body is needed" });
  const body = JSON.parse(text);
  const account = String(body.account ?? "");
  switch (url.pathname) {
    case "/control/google-health":
      for (const point of body.exercises ?? []) fake.setExercise(account, point);
      if (body.heartRate !== undefined) fake.setHeartRate(account, body.heartRate);
      for (const id of body.delete ?? []) fake.deleteExercise(account, id);
      return answer(200, { exercises: fake.exercises(account).length });
    case "/control/notify": {
      const { operation, fromMs, toMs, recordId } = body;
      const notice = JSON.stringify(
        fake.notification(account, operation, fromMs, toMs, recordId ?? undefined),
      );
      return answer(200, { body: notice, signature: await fake.sign(notice) });
    }
    case "/control/code":
      return answer(200, { code: fake.code(body.provider, account) });
    case "/control/faults":
      fake.faults = body;
      return answer(200, fake.faults);
    default:
      return answer(404, { error: "no such control" });
  }
}

/** The body as text; null when it is larger than the bound. */
async function bodyOf(request: IncomingMessage, bytesMax: number): Promise<string | null> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > bytesMax) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** A truncated answer states its full length, sends half and drops the connection. */
function send(
  response: ServerResponse,
  { status, body, headers }: Answer,
  truncate: boolean,
): void {
  const bytes = Buffer.from(JSON.stringify(body));
  const type = { "content-type": "application/json", "content-length": String(bytes.length) };
  if (response.headersSent || response.destroyed) return;
  response.writeHead(status, { ...type, ...headers });
  if (!truncate) response.end(bytes);
  else response.write(bytes.subarray(0, bytes.length >> 1), () => response.destroy());
}
