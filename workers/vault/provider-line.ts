/**
 * A member's tokens at one provider: got, renewed, sealed and opened. Part of `connect`, whose every
 * call begins with a line; nothing of it comes out of the vault.
 */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { ProviderReply } from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { type Vault, type VaultEnv, vaultOf } from "./env.ts";
import {
  addressOf,
  type Credentials,
  credentialsOf,
  type Hosts,
  hostsOf,
  postForm,
} from "./provider-call.ts";
import { fetchSealed, openCell } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

const column = "token";
/** What a provider that states no lifetime is taken to mean. */
const lifetimeSecondsDefault = 3_600;

export interface Tokens {
  readonly access: string;
  readonly refresh: string | null;
  readonly expiresAtMs: number;
}
export interface Line {
  readonly vault: Vault;
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly hosts: Hosts;
  readonly credentials: Credentials;
  readonly link: NonNullable<Provider["link"]>;
}
export type Failed = { readonly failed: "reconnect" | "forgotten" };

/** Null when the provider is not one we may call. */
export async function lineOf(
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
export const withoutTokens = (reply: ProviderReply, { access, refresh }: Tokens): ProviderReply =>
  reply.body.includes(access) || (refresh !== null && reply.body.includes(refresh))
    ? { ...reply, body: "", complete: false }
    : reply;

export const isLiving = async ({ vault, member }: Line): Promise<boolean> =>
  (await vault.phi
    .prepare("SELECT 1 FROM member WHERE id = ? AND erased_at IS NULL")
    .bind(member)
    .first()) !== null;

/** A provider's word that this grant is no good (RFC 6749, section 5.2). */
export const isRefusal = ({ status }: ProviderReply): boolean => status === 400 || status === 401;

/** The tokens, or the reply that held none, without its body. */
export async function askForTokens(
  line: Line,
  grant: Readonly<Record<string, string>>,
  refreshBefore: string | null,
): Promise<Tokens | ProviderReply> {
  const reply = await askTokenHost(line, grant);
  const tokens = reply.status === 200 && reply.complete ? parseTokens(reply.body) : null;
  if (tokens === null) return { ...reply, body: "", complete: false };
  return { ...tokens, refresh: tokens.refresh ?? refreshBefore };
}

/** As the provider answers it: it may hold tokens. */
async function askTokenHost(
  { hosts, credentials, link }: Line,
  grant: Readonly<Record<string, string>>,
): Promise<ProviderReply> {
  const address = addressOf(hosts.token, { path: link.tokenPath, query: {} }, [link.tokenPath]);
  return postForm(address, {
    ...grant,
    client_id: credentials.clientId,
    client_secret: credentials.clientSecret,
  });
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

/**
 * 1. the provider gives new tokens     it may have taken the old refresh token away: a crash here
 *                                      leaves a connection that the member must link again
 * 2. they are sealed                   durable
 */
export async function refresh(
  line: Line,
  tokens: Tokens,
): Promise<Tokens | ProviderReply | Failed> {
  if (tokens.refresh === null) return { failed: "reconnect" };
  const grant = { grant_type: "refresh_token", refresh_token: tokens.refresh };
  const answer = await askForTokens(line, grant, tokens.refresh);
  if ("status" in answer) return isRefusal(answer) ? { failed: "reconnect" } : answer;
  return (await sealTokens(line, answer)) ? answer : { failed: "forgotten" };
}

/**
 * Whether the provider says that this very grant is no good, and not that we asked it wrongly: its
 * answer names `invalid_grant` (RFC 6749, section 5.2). What is no answer throws.
 */
export async function isGrantEnded(line: Line, tokens: Tokens): Promise<Tokens | boolean> {
  if (tokens.refresh === null) return false;
  const grant = { grant_type: "refresh_token", refresh_token: tokens.refresh };
  const reply = await askTokenHost(line, grant);
  if (reply.status === 429 || reply.status >= 500) throw new Error("the provider does not answer");
  if (reply.status === 400 || reply.status === 401) return errorIn(reply) === "invalid_grant";
  const renewed = reply.status === 200 && reply.complete ? parseTokens(reply.body) : null;
  if (renewed === null) return false;
  const fresh = { ...renewed, refresh: renewed.refresh ?? tokens.refresh };
  return (await sealTokens(line, fresh)) ? fresh : false;
}

function errorIn({ body, complete }: ProviderReply): unknown {
  if (!complete || body === "") return null;
  try {
    return (JSON.parse(body) as { readonly error?: unknown } | null)?.error;
  } catch {
    return null;
  }
}

export async function sealTokens(
  { vault, member, connection }: Line,
  tokens: Tokens,
): Promise<boolean> {
  const nowMs = Date.now();
  const row = { row: connection, revision: nowMs, columns: { [column]: JSON.stringify(tokens) } };
  return (await sealRows(vault, member, connection, [row], nowMs)) === "sealed";
}

export async function openTokens({ vault, member, connection }: Line): Promise<Tokens | Failed> {
  const want = { column, rows: [connection], take: "first" } as const;
  const fetched = await fetchSealed(vault, { member, wants: [want] }, () => [], Date.now());
  if (fetched === "busy") throw new Error("the token kept changing");
  if (!fetched.living) return { failed: "forgotten" };
  const [cell] = fetched.found[0]?.cells ?? [];
  const text = cell && (await openCell(vault, member, cell)).get(column);
  return text === undefined ? { failed: "reconnect" } : (JSON.parse(text) as Tokens);
}
