/**
 * A provider on loopback that gives one account's tokens, each refresh token good once, and serves
 * one page to whoever has the newest access token. What it does with the next requests is a test's
 * to say: it may answer otherwise, answer late, or give tokens and hang up.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { Vault } from "../../workers/vault/env.ts";
import { type Door, type Line, sealTokens } from "../../workers/vault/provider-line.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  readonly query: string;
  readonly authorization: string;
  readonly headers: IncomingMessage["headers"];
  readonly form: URLSearchParams;
  readonly body: string;
}
export type Fault = (response: ServerResponse, asked: Asked) => void;
interface Next {
  /** Does it do what it is asked before it misbehaves? */
  readonly done: boolean;
  readonly fault: Fault;
}

export interface TokenHost {
  readonly url: string;
  readonly asked: readonly Asked[];
  /** Refresh tokens that were taken. */
  readonly refreshes: number;
  /** Every token that was ever given. */
  readonly given: readonly string[];
  /** The refresh token that is good now; null: the grant ended. */
  refresh: string | null;
  /** The one before it is good once more. */
  grace: boolean;
  expiresIn: number | undefined;
  /** What is added to the next answers with tokens. */
  extra: Record<string, unknown>;
  /** For requests of this path, one after the other. */
  readonly token: Next[];
  readonly page: Next[];
  /** Access tokens given so far open nothing any more. */
  expire(): void;
  close(): Promise<void>;
}

export const tokenPath = "/oauth/token";
export const pagePath = "/api/page";
export const pageRequest = { path: pagePath, query: {} } as const;

export const status =
  (code: number, body: unknown = {}, headers: Record<string, string> = {}): Fault =>
  (response) => {
    const type = { "content-type": "application/json" };
    response.writeHead(code, { ...type, ...headers }).end(JSON.stringify(body));
  };
export const hangUp: Fault = (response) => response.destroy();
/** Given, but the answer is lost on the wire. */
export const lost = (fault: Fault = hangUp): Next => ({ done: true, fault });
/** Neither given nor taken. */
export const instead = (fault: Fault): Next => ({ done: false, fault });

export async function startTokenHost(): Promise<TokenHost> {
  const asked: Asked[] = [];
  const given: string[] = [];
  let before: string | null = null;
  let refreshes = 0;
  let access = "access-0";

  function newTokens() {
    const n = given.length;
    before = host.refresh;
    access = `access-${n}-${"x".repeat(20)}`;
    host.refresh = `refresh-${n}-${"y".repeat(20)}`;
    given.push(access, host.refresh);
    return {
      access_token: access,
      refresh_token: host.refresh,
      token_type: "Bearer",
      ...(host.expiresIn === undefined ? {} : { expires_in: host.expiresIn }),
      ...host.extra,
    };
  }

  function tokens({ form }: Asked): Fault {
    if (form.get("grant_type") === "authorization_code")
      return form.get("code") === "good"
        ? status(200, newTokens())
        : status(400, { error: "invalid_grant" });
    const token = form.get("refresh_token");
    const isGrace = host.grace && token === before;
    if (host.refresh === null || token === null || (token !== host.refresh && !isGrace))
      return status(400, { error: "invalid_grant", error_description: `${token} is used up` });
    refreshes++;
    return status(200, newTokens());
  }

  const page = ({ authorization }: Asked): Fault =>
    authorization === `Bearer ${access}`
      ? status(200, { page: 1 })
      : status(401, { error: "invalid_token" });

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://host");
    let body = "";
    for await (const chunk of request) body += String(chunk);
    const one: Asked = {
      method: request.method ?? "",
      path: url.pathname,
      query: url.search,
      authorization: request.headers.authorization ?? "",
      headers: request.headers,
      form: new URLSearchParams(body),
      body,
    };
    asked.push(one);
    const isToken = url.pathname === tokenPath;
    const next = (isToken ? host.token : host.page).shift();
    const answer = next?.done === false ? next.fault : (isToken ? tokens : page)(one);
    (next?.fault ?? answer)(response, one);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host: TokenHost = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    given,
    get refreshes() {
      return refreshes;
    },
    refresh: "refresh-first-yyyyyyyyyyyy",
    grace: false,
    expiresIn: 3600,
    extra: {},
    token: [],
    page: [],
    expire: () => {
      access = "none";
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return host;
}

/** As a provider file would say it. */
export const doorTo = (url: string, link: Partial<Door["link"]> = {}): Door => ({
  provider: "google-health",
  hosts: { api: url, token: url, authorise: `${url}/grant?prompt=always` },
  credentials: { clientId: "client-1", clientSecret: "secret of the client" },
  keep: [],
  pull: undefined,
  link: {
    tokenPath,
    authorise: {},
    scopes: [],
    client: "form",
    paths: ["/api/"],
    identity: pageRequest,
    accountOf: (said) => ((said as { page?: number }).page === 1 ? "account-1" : null),
    ...link,
  },
});

export const lineTo = (
  door: Door,
  of: { vault: Vault; member: MemberId; connection: ConnectionId },
): Line => ({ ...door, ...of });

const hourMs = 3_600_000;

/** Tokens that have to be renewed before anything can be asked; or that live. */
export async function withTokens(line: Line, host: TokenHost, live = false): Promise<void> {
  const access = live ? "access-0" : "access-old";
  const expiresAtMs = Date.now() + (live ? hourMs : -hourMs);
  await sealTokens(line, { access, refresh: host.refresh, expiresAtMs }, Date.now());
}
