/**
 * What a call to a provider goes by: its hosts, the app's credentials, and one member's tokens,
 * sealed and opened. Part of `connect`; no token comes out of the vault.
 *
 * Tokens are a row of their connection. Its revision only grows: those that were asked for later
 * have the greater one (token-refresh.ts hands it out), and an older one never lands on a newer.
 */
import { settingOf } from "../../domain/by-provider.ts";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { NoRequest } from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import type { Credential } from "../../providers/link.ts";
import type { Provider } from "../../providers/provider.ts";
import { type Vault, type VaultEnv, vaultOf } from "./env.ts";
import { tokenColumn } from "./groups.ts";
import { fetchSealed, openCell } from "./sealed-read.ts";
import { sealRows } from "./sealed-store.ts";

/** New tokens cost the old ones: a database that fails for a moment must not lose them. */
const sealTriesMax = 3;
const sealPauseMs = 250;

export interface Hosts {
  readonly api: string;
  /** Absent: of a provider that gives no tokens. */
  readonly token?: string;
  /** The whole address of the page where members grant. */
  readonly authorise?: string;
  /** Origins of addresses that the provider names → where they are called. */
  readonly callbacks?: Readonly<Record<string, string>>;
  /** Origins of the provider's pages that a member's browser may be sent to when it names one. */
  readonly pages?: readonly string[];
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
  readonly apiKey?: string;
  readonly serviceAccount?: ServiceAccount;
}

/** A provider that may be called in the name of the app. */
export interface AppDoor {
  readonly hosts: Hosts;
  /** A provider that the app proves itself to by a key alone may have no other. */
  readonly credentials: Partial<Credentials>;
  /** Headers of its answers that its budget is learned from. */
  readonly keep: readonly string[];
}
/** A provider that may be called with members' tokens. */
export interface Door extends AppDoor {
  /** The provider's name. */
  readonly provider: string;
  readonly hosts: Hosts & { readonly token: string };
  readonly credentials: Credentials;
  readonly link: NonNullable<Provider["link"]>;
  readonly pull: Provider["pull"];
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
  /** The provider's own name of whose they are; absent: had before it was kept. */
  readonly account?: string | undefined;
}
export interface Held extends Tokens {
  readonly revision: number;
}

/** Undefined when the provider is not in the list: then nothing is called. */
export const hostsOf = (env: VaultEnv, provider: string): Hosts | undefined =>
  settingOf<Hosts>(env.PROVIDER_HOSTS, provider);

export const credentialsOf = (env: VaultEnv, provider: string): Partial<Credentials> | undefined =>
  settingOf<Partial<Credentials>>(env.PROVIDER_CREDENTIALS, provider);

/** Null when the deployment does not know the provider, or nothing of the app there. */
export function appDoorOf(
  env: VaultEnv,
  { name, budget }: Pick<Provider, "name" | "budget">,
): AppDoor | null {
  const hosts = hostsOf(env, name);
  const credentials = credentialsOf(env, name);
  if (hosts === undefined || credentials === undefined) return null;
  return { hosts, credentials, keep: budget?.headers ?? [] };
}

type Linked = Pick<Provider, "name" | "budget" | "link" | "pull">;

/** Null when the provider is not one we may call with a member's token. */
export function doorTo(env: VaultEnv, provider: Linked): Door | null {
  const door = appDoorOf(env, provider);
  const { name, link, pull } = provider;
  if (door === null || link === undefined) return null;
  const { token } = door.hosts;
  const { clientId, clientSecret } = door.credentials;
  if (!isSaid(token) || !isSaid(clientId) || !isSaid(clientSecret)) return null;
  if (carriedFrom(door.credentials, link.headers) === null) return null;
  const credentials = { ...door.credentials, clientId, clientSecret };
  const hosts = { ...door.hosts, token };
  return { ...door, provider: name, hosts, credentials, link, pull };
}

export function doorOf(env: VaultEnv, name: string): Door | null {
  const provider = providerNamed(name);
  return provider === undefined ? null : doorTo(env, provider);
}

const isSaid = (text: string | undefined): text is string => text !== undefined && text !== "";

/** By the names of headers, or of parameters. */
type Carried = Readonly<Record<string, Credential>>;

/** Null when the deployment lacks one that is asked for. */
export function carriedFrom(
  credentials: Partial<Credentials>,
  wanted: Carried = {},
): Readonly<Record<string, string>> | null {
  const carried: Record<string, string> = {};
  for (const [name, credential] of Object.entries(wanted)) {
    const value = credentials[credential];
    if (!isSaid(value)) return null;
    carried[name] = value;
  }
  return carried;
}

/** Of those, what must never be said again; the app's id stands in the open wherever members grant. */
export const carriedSecrets = (credentials: Partial<Credentials>, wanted: Carried = {}): string[] =>
  Object.values(wanted).flatMap((credential) => {
    const value = credentials[credential];
    return credential === "clientId" || !isSaid(value) ? [] : [value];
  });

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
  tokens: Tokens,
  revision: number,
): Promise<boolean> {
  const { access, refresh, expiresAtMs, renewAtMs, refreshExpiresAtMs, account } = tokens;
  const kept = { access, refresh, expiresAtMs, renewAtMs, refreshExpiresAtMs, account };
  const text = JSON.stringify(kept);
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
