/**
 * Accounts that name their member by a word that was given here: the member's app carries it to the
 * provider, which says it back in a delivery that it signs. The word is random, kept as SHA-256 only,
 * good for a day, for one account, and once. It proves whose word it is, not who carried it: whoever
 * lets their own account in under another's word gives it to that other, so no app shows one around.
 */
import { accountHash, type ConnectionId, type MemberId } from "../../domain/identity.ts";
import { sessionCallsMax } from "../../domain/ports.ts";
import { formatMoment, type Instant } from "../../domain/time.ts";
import { randomName } from "../../durable-objects/erasing.ts";
import { errorClass, logLine } from "../../kernel/wide-event.ts";
import type { ReferenceLink } from "../../providers/link.ts";
import type { AccountLink, Provider } from "../../providers/provider.ts";
import { type Claim, livingConnection, wasLetGo } from "./accounts.ts";
import { entered } from "./audit.ts";
import { dropReference, keepReference, newSecret, sayReference } from "./authorisation.ts";
import { type Bound, bindAccount, openAgain } from "./binding.ts";
import { turnMsMax } from "./linking.ts";
import { connectionsOf } from "./members.ts";
import type { Ports } from "./ports.ts";
import { problem, problemNameOf } from "./problem.ts";
import { holdCalls } from "./provider-calls.ts";
import { json } from "./route.ts";

export interface GivenReference {
  readonly reference: string;
  readonly expires: string;
  readonly how: string;
  /** The provider's own page for it; null: it has none, or it cannot be had just now. */
  readonly authorise: string | null;
}

/**
 * Nothing is linked yet, and without the provider's page the word is as good. `waitMs`: the member
 * has had enough of them for now, and nothing was asked of the provider.
 */
export async function giveReference(
  ports: Ports,
  member: MemberId,
  { name, reference: link }: Provider & { readonly reference: ReferenceLink },
  returnTo: string | null,
  nowMs: Instant,
): Promise<GivenReference | { readonly waitMs: number }> {
  const reference = newSecret();
  const of = { member, provider: name, returnTo, word: reference };
  const kept = await keepReference(ports, of, nowMs);
  if ("waitMs" in kept) return kept;
  const expires = formatMoment(kept.expiresMs);
  const authorise =
    link.session === undefined ? null : await pageFor(ports, name, reference, returnTo);
  return { reference, expires, how: link.how, authorise };
}

async function pageFor(
  ports: Ports,
  provider: string,
  reference: string,
  returnTo: string | null,
): Promise<string | null> {
  try {
    const ask = { want: sessionCallsMax, least: sessionCallsMax };
    const held = await holdCalls(ports, provider, ask, Date.now() + turnMsMax);
    if ("waitMs" in held) return null;
    const page = await ports.connect.session(provider, reference, returnTo);
    // How many calls one that failed took only the vault knows: then all of them stay spent.
    if (page !== null) await held.end(sessionCallsMax);
    return page;
  } catch (error) {
    const outcome = "unavailable";
    logLine({ worker: "edge", event: "session", provider, outcome, error: errorClass(error) });
    return null;
  }
}

/** What a delivery says with proof of whose accounts are, and where it is said. */
export interface Saying {
  readonly ports: Ports;
  readonly requestId: string;
  readonly nowMs: Instant;
  readonly provider: Provider;
}

/**
 * One after another, each as if it came alone. How many are linked by it now; "unavailable": not all
 * of it could be done, and to say it again is safe.
 */
export async function takeLinks(
  saying: Saying,
  links: readonly AccountLink[],
): Promise<number | "unavailable"> {
  let linked = 0;
  for (const link of new Map(links.map((each) => [JSON.stringify(each), each])).values()) {
    const { account, by } = link;
    const bound =
      "reference" in by
        ? await linkByReference(saying, account, by.reference)
        : await linkByFormer(saying, account, by.formerly);
    if (bound === "unavailable") return bound;
    if (bound === "linked") linked++;
  }
  return linked;
}

type Outcome = "linked" | "not-linked" | "unavailable";

/**
 *   1. the word is this account's from now on       a crash: only a delivery that says it of this
 *      none: it is unknown, over, used or dropped   account finds it again; nothing is linked yet
 *      linked since the word was given, and let     a crash: asked again, it is so still
 *      go of since: the word is used up, no more
 *   2. the intent is in the log of who looked       a crash: shown as unknown, nothing was done
 *   3. the account is the member's, and its         a crash: said again, it finds the connection that
 *      connection reads, see `bindAccount`          was made since the word was given and opens it;
 *      held by another: refused, both are told      said no more, the sweep opens it
 *   4. the word is used up                          a crash: said again, as after 3
 *   5. what came of it is in the log                a crash: shown as unknown; it is linked all the
 *                                                   same
 */
async function linkByReference(saying: Saying, account: string, word: string): Promise<Outcome> {
  const { ports, provider, nowMs } = saying;
  const hash = await accountHash(ports.digest, provider.name, account);
  const said = await sayReference(ports, provider.name, word, hash, nowMs);
  if (said === null) return "not-linked";
  const claim = claimOf(saying, said.member, hash);
  const living = await livingConnection(ports, claim);
  if (living === null && (await wasLetGo(ports, claim, said.madeAtMs))) {
    await dropReference(ports, provider.name, word);
    return "not-linked";
  }
  return inLog(saying, said.member, async () => {
    const bound =
      living !== null && living.madeAtMs >= said.madeAtMs
        ? await openAgain(ports, living)
        : await bindAccount(ports, claim, null, nowMs);
    if (bound !== "unavailable") await dropReference(ports, provider.name, word);
    return bound;
  });
}

/**
 * The same person's at the provider, which vouches for it: whoever holds the former account is given
 * the new one, and both at once.
 *
 *   1. who holds the former account is looked up    nobody: nothing is done, as when it is said again
 *   2. the intent is in the log of who looked       a crash: shown as unknown, nothing was done
 *   3. the account is the member's, the former      a crash: said again, nobody holds the former; the
 *      one is held with it, see `bindAccount`       sweep opens the connection
 *   4. what came of it is in the log                a crash: shown as unknown
 */
async function linkByFormer(saying: Saying, account: string, former: string): Promise<Outcome> {
  const { ports, provider, nowMs } = saying;
  const [hash, formerHash] = await Promise.all(
    [account, former].map((each) => accountHash(ports.digest, provider.name, each)),
  );
  if (hash === undefined || formerHash === undefined || hash === formerHash) return "not-linked";
  const holder = (await connectionsOf(ports, provider.name, [formerHash])).get(formerHash);
  if (holder === undefined) return "not-linked";
  const formerly = { provider: provider.name, account: formerHash };
  const claim = { ...claimOf(saying, holder.member, hash), formerly };
  return inLog(saying, holder.member, () => bindAccount(ports, claim, null, nowMs));
}

const claimOf = ({ provider }: Saying, member: MemberId, account: string): Claim => ({
  id: randomName("c") as ConnectionId,
  member,
  provider: provider.name,
  account,
  formerly: null,
});

/** As for a browser that brings a link back: the member began it, and is not here with their token. */
async function inLog(
  { ports, requestId }: Saying,
  member: MemberId,
  bind: () => Promise<Bound>,
): Promise<Outcome> {
  const fail = (name: Parameters<typeof problem>[0]) => problem(name, requestId);
  const log = { begin: () => ports.log.beginLink(member), end: ports.log.end };
  const asked = { deed: "connect" as const, member, columns: [], purpose: "" };
  const answer = await entered(
    { log, token: "", requestId, asked, ground: "own", fail },
    async () => {
      const bound = await bind();
      return typeof bound === "string" ? fail(bound) : json(null, 201);
    },
  );
  const problemName = problemNameOf(answer);
  if (problemName === null) return "linked";
  // Nobody is this member any more; or another one holds the account, and both were told.
  const isOver = problemName === "not-found" || problemName === "conflict";
  return isOver ? "not-linked" : "unavailable";
}
