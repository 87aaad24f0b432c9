/**
 * The edge's own routes for linking over the real tables, with a vault that exchanges codes and
 * connections that remember what they were told. A browser is a cookie jar for one cookie. Providers
 * deliver by the edge's own doors, with secrets of this world.
 */
import { expect } from "vitest";
import { accountHash } from "../../domain/identity.ts";
import type {
  ConnectionLink,
  ConnectionStatus,
  LeaseAnswer,
  LeaseAsk,
  LeaseReport,
  LinkOutcome,
  RevokeOutcome,
} from "../../domain/ports.ts";
import type { SampleRecord } from "../../domain/samples/sample.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { problem } from "../../workers/edge/problem.ts";
import { gates } from "../fakes/gates.ts";
import { sqliteD1 } from "../fakes/sqlite-d1.ts";

// By address: the workers are checked against the platform's types, these tests against Node's.
const load = (path: string) =>
  import(/* @vite-ignore */ new URL(`../../workers/edge/${path}`, import.meta.url).href);
// biome-ignore lint/suspicious/noExplicitAny: the route's own types are the platform's.
type AnyRoute = any;
const routes: AnyRoute[] = [
  ...(await load("routes/connections.ts")).connectionRoutes,
  ...(await load("routes/links.ts")).linkRoutes,
  ...(await load("routes/oauth.ts")).oauthRoutes,
  ...(await load("routes/webhooks.ts")).webhookRoutes,
];
export const warehouse = new URL("../../migrations/warehouse", import.meta.url).pathname;

/** What each provider shares with this deployment. */
export const secrets = {
  terra: { signing: [{ kid: "terra-new", secret: "terra-secret-2" }, "terra-secret-1"] },
  polar: { signing: ["polar-secret"] },
  fitbit: { signing: ["fitbit-secret"], verification: ["fitbit-word"] },
  oura: { signing: ["oura-secret"], verification: ["oura-word"] },
  garmin: { pathKeys: [{ kid: "garmin-path", secret: "garmin-key" }] },
  "google-health": { authorization: ["Bearer google"] },
};

export const provider = "google-health";
export const origin = "https://edge.example";
export const app = "https://app.example";
const accountsAt = "https://accounts.example";
export const ada = `m_${"a".repeat(32)}`;
export const ben = `m_${"b".repeat(32)}`;

const digest = hmacDigest(btoa("i".repeat(32)));
const forgottenDigest = hmacDigest(btoa("f".repeat(32)));
/** What an account's hash is remembered by once it is forgotten. */
export const remembered = (account: string) => forgottenDigest(["account", account]);
export const hashed = (name: string, account: string) => accountHash(digest, name, account);

export interface Said {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: callers know the documented shape.
  readonly body: any;
}

export const blank: ConnectionStatus = {
  state: "connected",
  why: null,
  pending: 0,
  behindSinceMs: null,
  backfill: null,
  lastReceivedMs: null,
  lastCheckedMs: null,
  nextMs: null,
  unconfirmed: [],
  scopes: null,
  have: null,
  ending: false,
};

export function world() {
  const db = sqliteD1(warehouse);
  const clock = { nowMs: Date.UTC(2026, 10, 21) };
  /** By code: whose account it opens. A code is exchanged once. */
  const codes = new Map<string, LinkOutcome>();
  const opened = new Map<string, ConnectionLink[]>();
  /** Who left something to whom. */
  const leftTo = new Map<string, string[]>();
  const statuses = new Map<string, Partial<ConnectionStatus>>();
  const forgotten: string[] = [];
  const retracted: string[] = [];
  const revoked: string[] = [];
  const entries: { member: string; outcome: string; ground: string }[] = [];
  const faults = { log: false, open: false, status: false, session: false, drop: false };
  /** What connections were told, each in its order. */
  const heard: { readonly id: string; readonly what: string; readonly said: unknown }[] = [];
  const recorded: unknown[] = [];
  /** Records of samples, and the connections that they came by. */
  const merged: { readonly id: string; readonly record: SampleRecord }[] = [];
  const sessions: { readonly provider: string; readonly returnTo: string | null }[] = [];
  const door = gates();
  const going: Promise<unknown>[] = [];
  /** What the gate says; undefined: as many as are asked for. What it was asked and told. */
  const gate = {
    says: (_ask: LeaseAsk): LeaseAnswer | undefined => undefined,
    asks: [] as LeaseAsk[],
    reports: [] as LeaseReport[],
  };
  let revokes: RevokeOutcome = "revoked";
  let shared: object = secrets;
  /** What goes on elsewhere while the next connection is being opened. */
  const meanwhile: (() => Promise<unknown>)[] = [];
  const unavailable = () => Object.assign(new Error("down"), { name: "Unavailable" });

  const begin = (member: string) => {
    if (faults.log) throw unavailable();
    entries.push({ member, outcome: "intended", ground: "" });
    return { log: 0, index: entries.length - 1 };
  };
  const ports = {
    digest,
    forgotten: forgottenDigest,
    sql: (run: (database: typeof db) => unknown) =>
      run(faults.drop ? droppingNothing(db, unavailable) : db),
    connect: {
      session: async (name: string, reference: string, returnTo: string | null) => {
        if (faults.session) throw unavailable();
        sessions.push({ provider: name, returnTo });
        return `https://pages.example/${reference}`;
      },
      begin: async (name: string, state: string, redirectUri: string) => {
        const address = new URL(`${accountsAt}/authorize`);
        const said = { client_id: `client-${name}`, state, redirect_uri: redirectUri };
        for (const [key, value] of Object.entries(said)) address.searchParams.set(key, value);
        return address.href;
      },
      link: async (_member: string, _id: string, _provider: string, { code }: { code: string }) => {
        const outcome = codes.get(code);
        codes.delete(code);
        return outcome ?? { failed: "code" };
      },
      revoke: async (_member: string, id: string) => {
        revoked.push(id);
        return revokes;
      },
    },
    vault: {
      retract: async (_member: string, rows: readonly { id: string }[]) => {
        retracted.push(...rows.map(({ id }) => id));
      },
      seal: async () => "sealed",
      park: async (items: readonly object[]) => void recorded.push(...items),
    },
    work: {
      mergeSamples: async (_: string, id: string, records: readonly SampleRecord[]) => {
        merged.push(...records.map((record) => ({ id, record })));
        return { outcomes: records.map(() => "new"), facts: [] };
      },
    },
    open: { erase: async () => ({ steps: [] }) },
    ledger: () => ({
      erase: async () => [],
      ofConnections: async () => [],
      nudge: async () => ({ last: 0, least: null }),
      lift: async () => [],
      number: async (contents: readonly string[]) => contents.map((_, i) => i + 1),
      record: async (statements: readonly object[]) => {
        recorded.push(...statements);
        return statements.map(() => "new");
      },
    }),
    runs: { send: async () => {} },
    gate: () => ({
      lease: async (ask: LeaseAsk): Promise<LeaseAnswer> => {
        gate.asks.push(ask);
        const lease = `lease-${gate.asks.length}`;
        const granted = { lease, granted: ask.want, untilMs: clock.nowMs + 120_000 };
        return gate.says(ask) ?? granted;
      },
      report: async (report: LeaseReport) => void gate.reports.push(report),
    }),
    log: {
      begin: async (token: string) => begin(token),
      beginLink: async (member: string) => begin(member),
      end: async ({ index }: { index: number }, outcome: { outcome: string; ground: string }) => {
        Object.assign(entries[index] ?? {}, { outcome: outcome.outcome, ground: outcome.ground });
      },
    },
    connection: (id: string) => ({
      handOver: async () => ({ waiting: [], spent: {}, by: id }),
      open: async (link: ConnectionLink, handed: readonly { readonly by: string }[] = []) => {
        if (faults.open) throw unavailable();
        await meanwhile.shift()?.();
        leftTo.set(id, [...(leftTo.get(id) ?? []), ...handed.map(({ by }) => by)]);
        opened.set(id, [...(opened.get(id) ?? []), link]);
      },
      status: async () => {
        if (faults.status) throw unavailable();
        return { ...blank, ...statuses.get(id) };
      },
      forget: async () => {
        forgotten.push(id);
        statuses.delete(id);
      },
      readNow: async () => ({ nextMs: clock.nowMs + 30_000 }),
      notice: async (notices: readonly object[]) =>
        void heard.push({ id, what: "notice", said: notices }),
      ended: async (why: string, saidMs: number | null) =>
        void heard.push({ id, what: "ended", said: [why, saidMs] }),
      granted: async (saidMs: number | null) =>
        void heard.push({ id, what: "granted", said: saidMs }),
      unconfirmed: async (claim: string) =>
        void heard.push({ id, what: "unconfirmed", said: claim }),
    }),
  };

  async function ask(
    method: string,
    path: string,
    given: {
      readonly member?: string;
      readonly params: Record<string, string>;
      readonly body?: unknown;
      readonly query?: unknown;
      readonly url?: string;
      readonly cookie?: string | null;
      readonly headers?: Readonly<Record<string, string>>;
      readonly raw?: string;
    },
  ): Promise<Said> {
    const route = routes.find(
      (r) => r.method === (method === "head" ? "get" : method) && r.path === path,
    );
    const { member = "", params, cookie } = given;
    const request = new Request(given.url ?? `${origin}/v1/connections/${provider}`, {
      method: method.toUpperCase(),
      headers: { ...given.headers, ...(cookie ? { cookie } : {}) },
      ...(given.raw === undefined ? {} : { body: given.raw }),
    });
    const parsed: Record<string, unknown> = { params };
    for (const part of ["query", "body"] as const) {
      const shaped = route[part]?.safeParse(given[part] ?? {});
      if (shaped?.success === false) return read(problem("invalid-request", "r"));
      parsed[part] = shaped?.data;
    }
    const env = { ...deployment, PROVIDER_SECRETS: JSON.stringify(shared), GATE: door.GATE };
    const later = (work: Promise<unknown>) => void going.push(work);
    const fail = (name: Parameters<typeof problem>[0], extra = {}) => problem(name, "r", extra);
    const call = { request, env, ports, member, nowMs: clock.nowMs, token: member, requestId: "r" };
    const said = await read(await route.handle({ ...call, fail, later, ...parsed }));
    const schema = route.answers[said.status]?.schema;
    if (schema !== undefined && said.text !== "")
      expect(schema.safeParse(said.body).error).toBeUndefined();
    return said;
  }

  /** With a member's token. */
  const post = (member: string, body: unknown, name = provider, cookie: string | null = null) => {
    const params = { connection: name };
    return ask("post", "/v1/connections/:connection", { member, params, body, cookie });
  };
  /** A provider that calls; `key`: what stands at the end of the path. */
  const call = (
    method: "get" | "head" | "post",
    name: string,
    given: {
      readonly raw?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly key?: string;
      readonly query?: string;
    } = {},
  ) => {
    const { raw, headers = {}, key, query = "" } = given;
    const path = key === undefined ? "/webhooks/:provider" : "/webhooks/:provider/:key";
    const params = { provider: name, ...(key === undefined ? {} : { key }) };
    const url = `${origin}/webhooks/${name}${query}`;
    return ask(method, path, { params, url, headers, ...(raw === undefined ? {} : { raw }) });
  };
  /** Whatever goes on after the answers are out. */
  const settled = async () => {
    for (let done = -1; done < going.length; ) {
      done = going.length;
      await Promise.all(going);
    }
  };

  /** A browser that comes back. */
  const back = (
    said: Record<string, string>,
    { cookie = null as string | null, name = provider, method = "get" } = {},
  ) =>
    ask(method, "/oauth/:provider/callback", {
      params: { provider: name },
      url: `${origin}/oauth/${name}/callback?${new URLSearchParams(said)}`,
      cookie,
    });
  /** A link that was begun, and a code for that account. */
  async function begun(
    member: string,
    outcome: Partial<Extract<LinkOutcome, { account: string }>> = {},
    more: { readonly returnTo?: string; readonly name?: string; readonly cookie?: string } = {},
  ) {
    const { returnTo, name, cookie: brought = null } = more;
    const said = returnTo ? { returnTo } : {};
    const { status, body, headers } = await post(member, said, name, brought);
    expect(status).toBe(201);
    const code = `code-${Math.random()}`;
    codes.set(code, { account: "account", formerly: null, scopes: null, ...outcome });
    const cookie = (headers.get("set-cookie") ?? "").split(";")[0] ?? "";
    return { state: String(body.state), code, cookie, body, headers };
  }
  /** Linked as an app does it; the connection's id. */
  async function linked(...of: Parameters<typeof begun>): Promise<string> {
    const { code, state } = await begun(...of);
    const { status, body } = await post(of[0], { code, state }, of[2]?.name);
    expect([status, body.type]).toEqual([201, undefined]);
    clock.nowMs += 1_000;
    return body.id;
  }
  const rows = async (sql: string, ...values: unknown[]) =>
    (
      await db
        .prepare(sql)
        .bind(...values)
        .all()
    ).results;
  /** Of everybody; ended ones have a time. */
  const connections = () =>
    rows("SELECT id, member, ended_at, forgotten_to FROM connection ORDER BY made_at, id");
  const told = { opened, forgotten, retracted, revoked, entries };
  return {
    db,
    clock,
    faults,
    gate,
    revokesAs: (outcome: RevokeOutcome) => {
      revokes = outcome;
    },
    secretsAre: (others: object) => {
      shared = others;
    },
    meanwhile,
    statuses,
    codes,
    leftTo,
    ask,
    post,
    back,
    begun,
    linked,
    call,
    settled,
    heard,
    recorded,
    merged,
    sessions,
    counted: door.counted,
    ...{ rows, connections, ...told },
  };
}

/** A crash just before a word is used up: everything else is written. */
const droppingNothing = <T extends { prepare(sql: string): unknown }>(
  db: T,
  fault: () => Error,
): T =>
  new Proxy(db, {
    get: (of, name) =>
      name !== "prepare"
        ? Reflect.get(of, name)
        : (sql: string) => {
            if (/^DELETE FROM authorisation/.test(sql)) throw fault();
            return of.prepare(sql);
          },
  });

const deployment = {
  PUBLIC_URL: "",
  RETURN_TO: `https://other.example ${app}`,
  PROVIDER_KEYSETS: "{}",
};

async function read(answer: Response): Promise<Said> {
  const text = await answer.text();
  const isJson = answer.headers.get("content-type")?.includes("json") === true;
  return {
    status: answer.status,
    headers: answer.headers,
    text,
    body: isJson ? JSON.parse(text) : text,
  };
}

/** Which problem, or the status of what is none. */
export const saidOf = ({ status, body }: Said): string | number =>
  typeof body?.type === "string" ? body.type.replace("urn:singlet:problem:", "") : status;
