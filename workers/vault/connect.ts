/**
 * Speaks to providers with the app's credentials and the members' tokens. Tokens are opened here,
 * used here and never come out: not in a result, not in an error, not in a log line.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type {
  AppRequest,
  Callback,
  ConnectPort,
  EndOutcome,
  Grant,
  KeptRequest,
  LinkOutcome,
  NoRequest,
  ProviderReply,
  ProviderRequest,
  RecordRequest,
  RevokeOutcome,
} from "../../domain/ports.ts";
import { providerNamed } from "../../providers/index.ts";
import { type VaultEnv, vaultOf } from "./env.ts";
import { drop, keep } from "./kept.ts";
import { authoriseAddress, enrolWordOf, verifierOf } from "./oauth.ts";
import { askAsApp } from "./provider-app.ts";
import { eraseIfEnded, revoke } from "./provider-end.ts";
import { doorOf, lineOf } from "./provider-line.ts";
import { linkAccount } from "./provider-link.ts";
import { requestOf } from "./provider-request.ts";
import { sessionAt } from "./provider-session.ts";

export class Connect extends WorkerEntrypoint<VaultEnv> implements ConnectPort {
  async begin(provider: string, state: string, redirectUri: string): Promise<string | null> {
    const door = doorOf(this.env, provider);
    if (door === null) return null;
    const verifier = await verifierOf(this.env.ROOT_KEY, state);
    return authoriseAddress(door, { state, redirectUri }, verifier);
  }

  async session(
    provider: string,
    reference: string,
    returnTo: string | null,
  ): Promise<string | null> {
    const known = providerNamed(provider);
    return known === undefined ? null : sessionAt(this.env, known, reference, returnTo);
  }

  async link(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    grant: Grant,
  ): Promise<LinkOutcome> {
    const line = await lineOf(this.env, member, connection, provider);
    if (line === null) return { failed: "provider" };
    const verifier = await verifierOf(this.env.ROOT_KEY, grant.state);
    const enrol = await enrolWordOf(this.env.ROOT_KEY, connection);
    return linkAccount(line, grant, { verifier, enrol });
  }

  /** Throws for a provider that the deployment does not know: nothing that a member could mend. */
  async request(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
    request: ProviderRequest | KeptRequest | RecordRequest,
  ): Promise<ProviderReply | NoRequest> {
    const line = await lineOf(this.env, member, connection, provider);
    if (line === null) throw new Error("the provider is not one that may be called");
    return requestOf(line, request);
  }

  async keep(
    member: MemberId,
    connection: ConnectionId,
    row: string,
    callback: Callback,
  ): Promise<"kept" | "forgotten"> {
    return keep(await vaultOf(this.env, member), member, connection, row, callback);
  }

  async drop(member: MemberId, rows: readonly string[]): Promise<void> {
    await drop(await vaultOf(this.env, member), member, rows);
  }

  asApp(provider: string, request: AppRequest): Promise<ProviderReply | null> {
    return askAsApp(this.env, provider, request);
  }

  revoke(member: MemberId, connection: ConnectionId, provider: string): Promise<RevokeOutcome> {
    return revoke(this.env, member, connection, provider);
  }

  eraseIfEnded(member: MemberId, connection: ConnectionId, provider: string): Promise<EndOutcome> {
    return eraseIfEnded(this.env, member, connection, provider);
  }
}
