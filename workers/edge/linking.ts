/**
 * Linking an account: what the member's browser brought back becomes a connection, whoever brings
 * it, the browser itself or the member's app. It is in the log of who looked before the link that was
 * begun is taken, and the same account is never held twice.
 */
import { accountHash, type ConnectionId, type MemberId } from "../../domain/identity.ts";
import type { AuditPort, LinkOutcome } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { randomName } from "../../durable-objects/erasing.ts";
import type { Provider } from "../../providers/provider.ts";
import type { HeldAccount } from "./accounts.ts";
import { entered } from "./audit.ts";
import { type Ending, takeAuthorisation } from "./authorisation.ts";
import { bindAccount, tokensOf } from "./binding.ts";
import type { EdgeEnv } from "./env.ts";
import type { Ports } from "./ports.ts";
import { type ProblemName, problem, problemNameOf } from "./problem.ts";
import { type Held, holdCalls } from "./provider-calls.ts";
import { json } from "./route.ts";

export interface Linking {
  readonly ports: Ports;
  readonly requestId: string;
  readonly nowMs: Instant;
  readonly member: MemberId;
  readonly provider: Provider;
  readonly code: string;
  readonly state: string;
  readonly redirectUri: string;
}
export type Linked =
  | { readonly id: ConnectionId }
  /** `waitMs`: nothing was taken; the same may be said again then. */
  | { readonly failed: ProblemName; readonly waitMs?: number };

/** A member waits for their turn at the provider so long; then they say it again. */
export const turnMsMax = 3_000;

/** Where this deployment is reached from outside, without a slash at its end. */
export const publicUrlOf = (env: EdgeEnv, request: Request): string =>
  (env.PUBLIC_URL === "" ? new URL(request.url).origin : env.PUBLIC_URL).replace(/\/+$/, "");

/**
 * Whether a page asks that is neither this deployment's nor of an origin that its browsers may be sent
 * on to. Browsers say which page it is (RFC 6455, section 10.2); what is no browser says nothing.
 */
export function isFromElsewhere(env: EdgeEnv, request: Request): boolean {
  const from = request.headers.get("origin");
  const own = [publicUrlOf(env, request), request.url].map((url) => new URL(url).origin);
  return from !== null && ![...own, ...env.RETURN_TO.split(/\s+/)].includes(from);
}

/** Where this provider sends browsers back to: the same when it is asked and when it is answered. */
export const redirectUriOf = (env: EdgeEnv, request: Request, provider: Provider): string =>
  `${publicUrlOf(env, request)}/oauth/${provider.name}/callback`;

/**
 * `begin`: writes the intent, by the member's token or, for a browser that has none, by the link
 * that they began with it.
 *
 *   1. the intent is in the log              a crash: shown as unknown, nothing was done
 *   2. the provider may be called            refused, or a crash: the same may be said again
 *   3. the link that was begun is taken      a crash: it is spent, the member begins anew
 *   4. the account is linked                 see `link`
 *   5. what came of it is in the log         a crash: shown as unknown; it is linked all the same
 */
export async function endLink(
  linking: Linking,
  by: Ending,
  begin: () => ReturnType<AuditPort["begin"]>,
): Promise<Linked> {
  const { ports, requestId, member, provider, state, nowMs } = linking;
  const fail = (name: ProblemName) => problem(name, requestId);
  const asked = { deed: "connect" as const, member, columns: [], purpose: "" };
  const log = { begin, end: ports.log.end };
  let linked: Linked | null = null;
  const answer = await entered(
    { log, token: "", requestId, asked, ground: "own", fail },
    async () => {
      // The vault asks whose account it is and, where it can, what was granted.
      const want = provider.link?.permissions === undefined ? 1 : 2;
      const ask = { want, least: want };
      const held = await holdCalls(ports, provider.name, ask, Date.now() + turnMsMax);
      if ("waitMs" in held) linked = { failed: "unavailable", waitMs: held.waitMs };
      else if (await takeAuthorisation(ports, provider.name, state, by, nowMs))
        linked = await link(linking, held);
      else {
        await held.end(0);
        linked = { failed: "link-expired" };
      }
      return "failed" in linked ? fail(linked.failed) : json(null, 201);
    },
  );
  return linked ?? { failed: problemNameOf(answer) ?? "internal" };
}

/**
 *   1. the vault exchanges the code and seals the tokens    a crash: tokens of a connection that
 *                                                           nobody knows; the member links again
 *   2. the account is the member's, by this connection      see `bindAccount`
 *   3. where it is not, its tokens go                       a crash: nobody knows them; the member
 *                                                           links again
 */
async function link(linking: Linking, held: Held): Promise<Linked> {
  const { ports, member, provider, code, state, redirectUri, nowMs } = linking;
  const id = randomName("c") as ConnectionId;
  const grant = { code, state, redirectUri };
  const granted = await ports.connect.link(member, id, provider.name, grant);
  if ("failed" in granted) {
    // Else only the vault knows how far it came: the calls stay spent.
    if (granted.failed === "code") await held.end(0);
    // The code is spent by now: the same request again would find nothing to end.
    return { failed: granted.failed === "forgotten" ? "unavailable" : "provider-refused" };
  }
  await held.end(held.granted);
  const { account, formerly } = await hashesOf(ports, provider.name, granted);
  const claim = { id, member, provider: provider.name, account, formerly };
  const bound = await bindAccount(ports, claim, granted.scopes, nowMs);
  if (bound !== "conflict" && bound !== "unavailable" && bound.id === id) return bound;
  await ports.vault.retract(member, [tokensOf(id)]);
  return typeof bound === "string" ? { failed: bound } : bound;
}

async function hashesOf(
  ports: Ports,
  provider: string,
  { account, formerly }: Exclude<LinkOutcome, { readonly failed: unknown }>,
): Promise<{ readonly account: string; readonly formerly: HeldAccount | null }> {
  const hash = (of: string, name: string) => accountHash(ports.digest, of, name);
  return {
    account: await hash(provider, account),
    formerly: formerly && {
      provider: formerly.provider,
      account: await hash(formerly.provider, formerly.account),
    },
  };
}
