/**
 * Sends requests to providers with the member's token attached. The token is opened here, used here
 * and never comes out: not in a result, not in an error, not in a log line.
 */
import { WorkerEntrypoint } from "cloudflare:workers";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type {
  ConnectPort,
  ErasureStep,
  LinkOutcome,
  ProviderReply,
  ProviderRequest,
  RevokeOutcome,
} from "../../domain/ports.ts";
import type { VaultEnv } from "./env.ts";
import { addressOf, get } from "./provider-call.ts";
import { eraseIfEnded, revoke } from "./provider-end.ts";
import {
  askForTokens,
  type Failed,
  isLiving,
  isRefusal,
  type Line,
  lineOf,
  openTokens,
  refresh,
  sealTokens,
  type Tokens,
  withoutTokens,
} from "./provider-line.ts";

const refreshAheadMs = 60_000;

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

  revoke(member: MemberId, connection: ConnectionId, provider: string): Promise<RevokeOutcome> {
    return revoke(this.env, member, connection, provider);
  }

  eraseIfEnded(
    member: MemberId,
    connection: ConnectionId,
    provider: string,
  ): Promise<{ readonly ended: false } | { readonly ended: true; readonly steps: ErasureStep[] }> {
    return eraseIfEnded(this.env, member, connection, provider);
  }
}

async function accountOf({ hosts, link }: Line, tokens: Tokens): Promise<string | null> {
  const address = addressOf(hosts.api, link.identity, link.paths);
  const reply = withoutTokens(await get(address, tokens.access), tokens);
  if (reply.status !== 200 || !reply.complete || reply.body === "") return null;
  return link.accountOf(JSON.parse(reply.body));
}
