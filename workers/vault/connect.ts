/**
 * Sends requests to providers with the member's token attached. The token is opened here, used here
 * and never comes out: not in a result, not in an error, not in a log line.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type {
  ConnectPort,
  LinkOutcome,
  ProviderReply,
  ProviderRequest,
} from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { type Vault, type VaultEnv, vaultOf } from "./env.ts";
import {
  addressOf,
  type Credentials,
  credentialsOf,
  get,
  type Hosts,
  hostsOf,
  postForm,
} from "./provider-call.ts";
import { fetchSealed, openCell } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

const column = "token";
const refreshAheadMs = 60_000;
/** What a provider that states no lifetime is taken to mean. */
const lifetimeSecondsDefault = 3_600;

interface Tokens {
  readonly access: string;
  readonly refresh: string | null;
  readonly expiresAtMs: number;
}
interface Line {
  readonly vault: Vault;
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly hosts: Hosts;
  readonly credentials: Credentials;
  readonly link: NonNullable<Provider["link"]>;
}
type Failed = { readonly failed: "reconnect" | "forgotten" };

export class Connect extends WorkerEntrypoint<VaultEnv> implements ConnectPort {
  /**
   * 1. the code is exchanged            a code is spent: the member links again
   * 2. the provider says who it is
   * 3. the tokens are sealed            durable; the account is told to the caller
   */
  async link(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    code: string,
  ): Promise<LinkOutcome> {
    const line = await lineOf(this.env, member, connection, provider);
    if (line === null) return { failed: "provider" };
    if (!(await isLiving(line))) return { failed: "forgotten" };
    const exchanged = await askForTokens(line, { grant_type: "authorization_code", code }, null);
    if ("status" in exchanged) return { failed: isRefusal(exchanged) ? "code" : "provider" };
    const account = await accountOf(line, exchanged);
    if (account === null) return { failed: "provider" };
    return (await sealTokens(line, exchanged)) ? { account } : { failed: "forgotten" };
  }

  /** Refreshes at most once, ahead of time or after a 401; when it cannot: "reconnect". */
  async request(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    request: ProviderRequest,
  ): Promise<ProviderReply | Failed> {
    const line = await lineOf(this.env, member, connection, provider);
    if (line === null) return { failed: "reconnect" };
    const address = addressOf(line.hosts.api, request, line.link.paths);
    const tokens = await openTokens(line);
    if ("failed" in tokens) return tokens;
    if (tokens.expiresAtMs - refreshAheadMs > Date.now()) {
      const reply = withoutTokens(await get(address, tokens.access), tokens);
      if (reply.status !== 401) return reply;
    }
    const fresh = await refresh(line, tokens);
    if ("failed" in fresh || "status" in fresh) return fresh;
    const reply = withoutTokens(await get(address, fresh.access), fresh);
    return reply.status === 401 ? { failed: "reconnect" } : reply;
  }
}

/** Null when the provider is not one we may call. */
async function lineOf(
  env: VaultEnv,
  member: MemberId,
  connection: ConnectionId,
  provider: string,
): Promise<Line | null> {
  const link = providerNamed(provider)?.link;
  const hosts = hostsOf(env, provider);
  const credentials = credentialsOf(env, provider);
  if (link === undefined || hosts === undefined || credentials === undefined) return null;
  return { vault: await vaultOf(env, member), member, connection, hosts, credentials, link };
}

/** A provider that hands the token back says nothing that may leave here. */
const withoutTokens = (reply: ProviderReply, { access, refresh }: Tokens): ProviderReply =>
  reply.body.includes(access) || (refresh !== null && reply.body.includes(refresh))
    ? { ...reply, body: "", complete: false }
    : reply;

const isLiving = async ({ vault, member }: Line): Promise<boolean> =>
  (await vault.phi
    .prepare("SELECT 1 FROM member WHERE id = ? AND erased_at IS NULL")
    .bind(member)
    .first()) !== null;

/** A provider's word that this grant is no good (RFC 6749, section 5.2). */
const isRefusal = ({ status }: ProviderReply): boolean => status === 400 || status === 401;

/** The tokens, or the reply that held none, without its body. */
async function askForTokens(
  { hosts, credentials, link }: Line,
  grant: Readonly<Record<string, string>>,
  refreshBefore: string | null,
): Promise<Tokens | ProviderReply> {
  const address = addressOf(hosts.token, { path: link.tokenPath, query: {} }, [link.tokenPath]);
  const reply = await postForm(address, {
    ...grant,
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
  const tokens = reply.status === 200 && reply.complete ? parseTokens(reply.body) : null;
  if (tokens === null) return { ...reply, body: "", complete: false };
  return { ...tokens, refresh: tokens.refresh ?? refreshBefore };
}

function parseTokens(body: string): Tokens | null {
  const parsed: unknown = body === "" ? null : JSON.parse(body);
  if (typeof parsed !== "object" || parsed === null) return null;
  const { access_token: access, refresh_token, expires_in } = parsed as Record<string, unknown>;
  if (typeof access !== "string" || access === "") return null;
  const seconds = Number(expires_in ?? lifetimeSecondsDefault);
  return {
    access,
    refresh: typeof refresh_token === "string" ? refresh_token : null,
    expiresAtMs: Date.now() + (Number.isFinite(seconds) ? seconds : lifetimeSecondsDefault) * 1000,
  };
}

async function accountOf({ hosts, link }: Line, tokens: Tokens): Promise<string | null> {
  const address = addressOf(hosts.api, link.identity, link.paths);
  const reply = withoutTokens(await get(address, tokens.access), tokens);
  if (reply.status !== 200 || !reply.complete || reply.body === "") return null;
  return link.accountOf(JSON.parse(reply.body));
}

/**
 * 1. the provider gives new tokens     it may have taken the old refresh token away: a crash here
 *                                      leaves a connection that the member must link again
 * 2. they are sealed                   durable
 */
async function refresh(line: Line, tokens: Tokens): Promise<Tokens | ProviderReply | Failed> {
  if (tokens.refresh === null) return { failed: "reconnect" };
  const grant = { grant_type: "refresh_token", refresh_token: tokens.refresh };
  const answer = await askForTokens(line, grant, tokens.refresh);
  if ("status" in answer) return isRefusal(answer) ? { failed: "reconnect" } : answer;
  return (await sealTokens(line, answer)) ? answer : { failed: "forgotten" };
}

async function sealTokens({ vault, member, connection }: Line, tokens: Tokens): Promise<boolean> {
  const nowMs = Date.now();
  const row = { row: connection, revision: nowMs, columns: { [column]: JSON.stringify(tokens) } };
  return (await sealRows(vault, member, connection, [row], nowMs)) === "sealed";
}

async function openTokens({ vault, member, connection }: Line): Promise<Tokens | Failed> {
  const want = { column, rows: [connection], take: "first" } as const;
  const fetched = await fetchSealed(vault, { member, wants: [want] }, () => [], Date.now());
  if (fetched === "busy") throw new Error("the token kept changing");
  if (!fetched.living) return { failed: "forgotten" };
  const [cell] = fetched.found[0]?.cells ?? [];
  const text = cell && (await openCell(vault, member, cell)).get(column);
  return text === undefined ? { failed: "reconnect" } : (JSON.parse(text) as Tokens);
}
