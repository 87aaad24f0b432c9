/**
 * What a call to a provider goes by: its hosts, the app's credentials, and one member's tokens,
 * sealed and opened. Part of `connect`; no token comes out of the vault.
 *
 * Tokens are a row of their connection. Its revision only grows: those that were asked for later
 * have the greater one (token-refresh.ts hands it out), and an older one never lands on a newer.
 */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { NoRequest, ProviderReply, ProviderRequest } from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import type { Provider } from "../../providers/provider.ts";
import { type Vault, type VaultEnv, vaultOf } from "./env.ts";
import { tokenColumn } from "./groups.ts";
import { addressOf, bearing, send, withoutSecrets } from "./provider-call.ts";
import { fetchSealed, openCell } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

/** New tokens cost the old ones: a database that fails for a moment must not lose them. */
const sealTriesMax = 3;
const sealPauseMs = 250;

export interface Hosts {
  readonly api: string;
  readonly token: string;
  /** The whole address of the page where members grant. */
  readonly authorise?: string;
  /** Origins of addresses that the provider names → where they are called. */
  readonly callbacks?: Readonly<Record<string, string>>;
}
export interface ServiceAccount {
  readonly email: string;
  /** PKCS #8 in PEM. */
  readonly privateKey: string;
  readonly scope: string;
  /** Absent: where members' tokens come from. */
  readonly tokenUrl?: string;
}
export interface Credentials {
  readonly clientId: string;
  readonly clientSecret: string;
  readonly serviceAccount?: ServiceAccount;
}

/** A provider that may be called. */
export interface Door {
  readonly hosts: Hosts;
  readonly credentials: Credentials;
  readonly link: NonNullable<Provider["link"]>;
  readonly pull: Provider["pull"];
  /** Headers of its answers that its budget is learned from. */
  readonly keep: readonly string[];
}
export interface Line extends Door {
  readonly vault: Vault;
  readonly member: MemberId;
  readonly connection: ConnectionId;
}

export interface Tokens {
  readonly access: string;
  readonly refresh: string | null;
  readonly expiresAtMs: number;
  /** When new ones are asked for; absent: so long before the end as `isDue` says. */
  readonly renewAtMs?: number;
  /** When the refresh token lapses; absent: the provider does not say. */
  readonly refreshExpiresAtMs?: number | undefined;
}
export interface Held extends Tokens {
  readonly revision: number;
}

/** Undefined when the provider is not in the list: then nothing is called. */
export const hostsOf = (env: VaultEnv, provider: string): Hosts | undefined =>
  entryOf<Hosts>(env.PROVIDER_HOSTS, provider);

export const credentialsOf = (env: VaultEnv, provider: string): Credentials | undefined =>
  entryOf<Credentials>(env.PROVIDER_CREDENTIALS, provider);

function entryOf<T>(json: string, provider: string): T | undefined {
  const list = JSON.parse(json) as Record<string, T>;
  return Object.hasOwn(list, provider) ? list[provider] : undefined;
}

/** Null when the provider is not one we may call. */
export function doorOf(env: VaultEnv, name: string): Door | null {
  const provider = providerNamed(name);
  const hosts = hostsOf(env, name);
  const credentials = credentialsOf(env, name);
  if (provider?.link === undefined || hosts === undefined || credentials === undefined) return null;
  const { link, pull, budget } = provider;
  return { hosts, credentials, link, pull, keep: budget?.headers ?? [] };
}

export async function lineOf(
  env: VaultEnv,
  member: MemberId,
  connection: ConnectionId,
  provider: string,
): Promise<Line | null> {
  const door = doorOf(env, provider);
  return door && { ...door, vault: await vaultOf(env, member), member, connection };
}

export const isLiving = async ({ vault, member }: Line): Promise<boolean> =>
  (await vault.phi
    .prepare("SELECT 1 FROM member WHERE id = ? AND erased_at IS NULL")
    .bind(member)
    .first()) !== null;

export async function openTokens({ vault, member, connection }: Line): Promise<Held | NoRequest> {
  const want = { column: tokenColumn, rows: [connection], take: "first" } as const;
  const revision = (db: D1DatabaseSession) => [
    db
      .prepare("SELECT revision FROM sealed WHERE member = ? AND row_id = ? AND group_name = ?")
      .bind(member, connection, tokenColumn),
  ];
  const fetched = await fetchSealed(vault, { member, wants: [want] }, revision, Date.now());
  if (fetched === "busy") throw new Error("the token kept changing");
  if (!fetched.living) return { failed: "forgotten" };
  const [cell] = fetched.found[0]?.cells ?? [];
  const [row] = (fetched.alongside[0]?.results ?? []) as { revision: number }[];
  const text = cell && (await openCell(vault, member, cell)).get(tokenColumn);
  if (text === undefined || row === undefined) return { failed: "grant-ended" };
  return { ...(JSON.parse(text) as Tokens), revision: row.revision };
}

/** False when nothing may be kept for them any more. Older than what is there, it changes nothing. */
export async function sealTokens(
  { vault, member, connection }: Line,
  { access, refresh, expiresAtMs, renewAtMs, refreshExpiresAtMs }: Tokens,
  revision: number,
): Promise<boolean> {
  const text = JSON.stringify({ access, refresh, expiresAtMs, renewAtMs, refreshExpiresAtMs });
  const row = { row: connection, revision, columns: { [tokenColumn]: text } };
  for (let tries = 1; ; tries++)
    try {
      return (await sealRows(vault, member, connection, [row], Date.now())) === "sealed";
    } catch (error) {
      if (tries === sealTriesMax) throw error;
      await pause(sealPauseMs * tries);
    }
}

export const pause = (ms: number): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, ms);
  });

export const secretsOf = ({ access, refresh }: Tokens): string[] =>
  refresh === null ? [access] : [access, refresh];

/** One call of the provider's own paths, with this token. */
export const ask = (
  { hosts, link, keep }: Door,
  request: ProviderRequest,
  tokens: Tokens,
): Promise<ProviderReply> =>
  askAt(addressOf(hosts.api, request, link.paths), request.as, keep, tokens);

export async function askAt(
  address: URL,
  as: ProviderRequest["as"],
  keep: readonly string[],
  tokens: Tokens,
): Promise<ProviderReply> {
  const sending = {
    method: "GET",
    headers: bearing(tokens.access),
    keep,
    as: as ?? "json",
  } as const;
  return withoutSecrets(await send(address, sending), secretsOf(tokens));
}
