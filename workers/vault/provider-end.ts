/**
 * The end of a connection at its provider: we say that it has ended, or ask whether it has. What a
 * provider is said to have said counts for nothing here; only its own answer to the member's own
 * token does.
 */
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import type { EndOutcome, ProviderReply, ReplyFault, RevokeOutcome } from "../../domain/ports.ts";
import type { VaultEnv } from "./env.ts";
import { eraseScope } from "./erasure.ts";
import { ask, askAt, lacksAccount } from "./provider-ask.ts";
import { addressOf, basic, send } from "./provider-call.ts";
import {
  type Door,
  type Held,
  type Line,
  lineOf,
  openTokens,
  type Tokens,
} from "./provider-line.ts";
import { isUsable, usableTokens } from "./token-refresh.ts";

/**
 * Said while the tokens live. Some take the token itself, a refresh token with all that came of it;
 * others a member's access token as the bearer, and end what they send. A provider that says the
 * token is no good has nothing left to end. One call at most is made with a member's token; none
 * where the answer is "nothing".
 */
export async function revoke(
  env: VaultEnv,
  member: MemberId,
  connection: ConnectionId,
  provider: string,
): Promise<RevokeOutcome> {
  const line = await lineOf(env, member, connection, provider);
  return line === null ? "nothing" : revokeAt(line);
}

export async function revokeAt(line: Line): Promise<RevokeOutcome> {
  const how = line.link.revoke;
  if (how === undefined) return "nothing";
  const tokens = await openTokens(line);
  if ("failed" in tokens) return "nothing";
  const path = pathFor(how.path, tokens.account);
  if (path === null) return "nothing";
  const app = how.clientIdAs === undefined ? {} : { [how.clientIdAs]: line.credentials.clientId };
  if (how.form !== undefined) return giveUp(line, path, { ...app, [how.form]: lastOf(tokens) });
  if (lacksAccount(line, tokens)) return "nothing";
  const live = await usableTokens(line);
  if (!isUsable(live))
    return "failed" in live && live.failed !== "refresh-lost" ? "nothing" : "failed";
  const host = how.on === "token" ? line.hosts.token : line.hosts.api;
  const address = addressOf(host, { path, query: app }, [path]);
  return outcomeOf(await askAt(line, address, { method: how.method }, live), 401);
}

const accountPlace = "{account}";
const leadsElsewhere = /^\.{0,2}$/;

/** Null when the path needs an account that was not kept, or that no path can be made of. */
function pathFor(path: string, account: string | undefined): string | null {
  if (!path.includes(accountPlace)) return path;
  if (account === undefined || leadsElsewhere.test(account)) return null;
  return path.replaceAll(accountPlace, () => encodeURIComponent(account));
}

const lastOf = ({ refresh, access }: Tokens): string => refresh ?? access;

/** RFC 7009; the app proves itself only by HTTP Basic, since the token in the form is proof enough. */
async function giveUp(
  { hosts, credentials, link }: Door,
  path: string,
  said: Readonly<Record<string, string>>,
): Promise<RevokeOutcome> {
  const address = addressOf(hosts.token, { path, query: {} }, [path]);
  const form = { "content-type": "application/x-www-form-urlencoded" };
  const client = link.revoke?.client ?? link.client;
  const headers = client === "basic" ? { ...form, authorization: basic(credentials) } : form;
  const body = new URLSearchParams(said).toString();
  return outcomeOf(await send(address, { method: "POST", headers, body }), 400);
}

/**
 * `gone`: with which status this provider says that the token opens nothing any more. Beyond the
 * status the answer is not looked at: some say "ok" in no JSON.
 */
const outcomeOf = ({ status }: ProviderReply, gone: number): RevokeOutcome => {
  if (status >= 200 && status < 300) return "revoked";
  return status === gone ? "gone" : "failed";
};

/** Over that, a refresh token that is refused may only have lapsed, unless the provider said more. */
export const refreshYoungMs = 30 * 86_400_000;

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
): Promise<EndOutcome> {
  const line = await lineOf(env, member, connection, provider);
  if (line === null) return { ended: false };
  const before = await erasedBefore(line);
  // With its member all of it went: there is nothing of it to erase, or to ask with.
  if (before === "member") return { ended: true, steps: [] };
  if (before === null) {
    const said = await hasEnded(line);
    if (!said.ended) return said;
  }
  const scope = { kind: "connection", connection } as const;
  return { ended: true, steps: await eraseScope(line.vault, member, scope, Date.now()) };
}

/** By an earlier try: its tokens are gone, so the provider cannot be asked any more. */
async function erasedBefore({
  vault,
  member,
  connection,
}: Line): Promise<"connection" | "member" | null> {
  const row = await vault.phi
    .prepare(
      `SELECT 'member' AS what FROM member WHERE id = ?1 AND erased_at IS NOT NULL
       UNION ALL
       SELECT 'connection' FROM ended_connection WHERE member = ?1 AND connection = ?2`,
    )
    .bind(member, connection)
    .first<{ what: "connection" | "member" }>();
  return row?.what ?? null;
}

type Said = { readonly ended: true } | Extract<EndOutcome, { readonly ended: false }>;
const no: Said = { ended: false };

/**
 * No when there is no token to ask with. A living access token that is refused is not enough, nor is
 * a refusal that may be our own fault: of the app (`invalid_client`), or of a refresh token whose
 * successor was lost on its way here. RFC 6749 (section 5.2) has one word, `invalid_grant`, for a
 * refresh token that was withdrawn and for one that lapsed: it counts only of one that cannot have
 * lapsed yet. A forged claim must never erase.
 */
async function hasEnded(line: Line): Promise<Said> {
  const tokens = await openTokens(line);
  if ("failed" in tokens || tokens.refresh === null) return no;
  if (Date.now() < tokens.expiresAtMs && !(await refuses(line, tokens))) return no;
  const fresh = await usableTokens(line, tokens.revision);
  // Renewed: whatever is wrong with the provider's API, the grant lives.
  if (isUsable(fresh)) return no;
  if (!("failed" in fresh)) {
    assertAnswered(fresh);
    return no;
  }
  if (fresh.failed !== "grant-ended" && fresh.failed !== "refresh-lost") return no;
  const now = await openTokens(line);
  if ("failed" in now || now.revision !== tokens.revision) return no;
  const isWord = fresh.failed === "grant-ended" && !mayHaveLapsed(tokens);
  return isWord ? { ended: true } : { ended: false, why: fresh.failed };
}

/** A revision is the time at which tokens were asked for, or a little later. */
const mayHaveLapsed = ({ refreshExpiresAtMs, revision }: Held): boolean =>
  Date.now() >= (refreshExpiresAtMs ?? revision + refreshYoungMs);

async function refuses(line: Line, tokens: Tokens): Promise<boolean> {
  const reply = await ask(line, line.link.identity, tokens);
  assertAnswered(reply);
  return reply.status === 401;
}

/** An answer that broke off is none, whatever its status. */
const noAnswer: ReadonlySet<ReplyFault | null> = new Set(["timeout", "network", "cut-short"]);

function assertAnswered({ status, fault }: ProviderReply): void {
  if (status === 429 || status >= 500 || noAnswer.has(fault))
    throw new Error("the provider does not answer");
}
