/**
 * The end of a connection at its provider: we say that it has ended, or ask whether it has. What a
 * provider is said to have said counts for nothing here; only its own answer to the member's own
 * token does.
 */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { ErasureStep, RevokeOutcome } from "../../domain/ports.ts";
import type { VaultEnv } from "./env.ts";
import { eraseScope } from "./erasure.ts";
import { addressOf, bearer, get, postForm } from "./provider-call.ts";
import {
  isGrantEnded,
  type Line,
  lineOf,
  openTokens,
  refresh,
  type Tokens,
} from "./provider-line.ts";

const refreshAheadMs = 60_000;

/**
 * Said while the tokens live. Google takes the token itself, a refresh token with all that came of
 * it; its notices are the project's and end with the grant. Garmin takes a member's access token, and
 * ends what it sends. A provider that says the token is no good has nothing left to end.
 */
export async function revoke(
  env: VaultEnv,
  member: MemberId,
  connection: ConnectionId,
  provider: string,
): Promise<RevokeOutcome> {
  const line = await lineOf(env, member, connection, provider);
  const how = line?.link.revoke;
  if (line === null || how === undefined) return "nothing";
  const tokens = await openTokens(line);
  if ("failed" in tokens) return "nothing";
  const request = { path: how.path, query: {} };
  if (how.form !== undefined) {
    const address = addressOf(line.hosts.token, request, [how.path]);
    const { status } = await postForm(address, { [how.form]: tokens.refresh ?? tokens.access });
    return outcomeOf(status, 400);
  }
  const live = await liveAccess(line, tokens);
  if (live === null) return "nothing";
  if (typeof live !== "string") return "failed";
  const address = addressOf(line.hosts.api, request, [how.path]);
  return outcomeOf((await bearer(address, how.method, live)).status, 401);
}

/** `gone`: with which status this provider says that the token opens nothing any more. */
const outcomeOf = (status: number, gone: number): RevokeOutcome => {
  if (status >= 200 && status < 300) return "revoked";
  return status === gone ? "nothing" : "failed";
};

/** Null: the provider gives none any more. False: it did not answer. */
async function liveAccess(line: Line, tokens: Tokens): Promise<string | null | false> {
  if (tokens.expiresAtMs - refreshAheadMs > Date.now()) return tokens.access;
  const fresh = await refresh(line, tokens);
  if ("failed" in fresh) return null;
  return "status" in fresh ? false : fresh.access;
}

/**
 * Throws when the provider does not answer, or the vault is busy: to be asked again.
 *
 * 1. the provider is asked with the member's token    nothing is changed, but for renewed tokens
 * 2. only if it refuses both the token and the grant  tombstone first, as every erasure; asked
 *    it came of, what came by it is erased            again, it goes on
 */
export async function eraseIfEnded(
  env: VaultEnv,
  member: MemberId,
  connection: ConnectionId,
  provider: string,
): Promise<{ readonly ended: false } | { readonly ended: true; readonly steps: ErasureStep[] }> {
  const line = await lineOf(env, member, connection, provider);
  if (line === null) return { ended: false };
  if (!(await isErased(line)) && !(await hasEnded(line))) return { ended: false };
  const scope = { kind: "connection", connection } as const;
  return { ended: true, steps: await eraseScope(line.vault, member, scope, Date.now()) };
}

/** By an earlier try: its tokens are gone, so the provider cannot be asked any more. */
const isErased = async ({ vault, member, connection }: Line): Promise<boolean> =>
  (await vault.phi
    .prepare("SELECT 1 FROM ended_connection WHERE member = ? AND connection = ?")
    .bind(member, connection)
    .first()) !== null;

/**
 * No when there is no token to ask with. A living access token that is refused is not enough, nor is
 * a refusal that may be our own fault (`invalid_client`): a forged claim must never erase.
 */
async function hasEnded(line: Line): Promise<boolean> {
  const tokens = await openTokens(line);
  if ("failed" in tokens) return false;
  const isLive = tokens.expiresAtMs - refreshAheadMs > Date.now();
  if (isLive && !(await refuses(line, tokens.access))) return false;
  const ended = await isGrantEnded(line, tokens);
  return typeof ended === "boolean" ? ended : refuses(line, ended.access);
}

async function refuses({ hosts, link }: Line, access: string): Promise<boolean> {
  const { status } = await get(addressOf(hosts.api, link.identity, link.paths), access);
  if (status === 429 || status >= 500) throw new Error("the provider does not answer");
  return status === 401;
}
