/** Linking an account: the member granted, now the provider says whose account it is. */
import type { Grant, LinkOutcome, ProviderReply } from "../../domain/ports.ts";
import { logLine } from "../../kernel/wide-event.ts";
import { exchangeCode } from "./oauth.ts";
import { ask, askAt } from "./provider-ask.ts";
import { addressOf } from "./provider-call.ts";
import { isLiving, type Line, sealTokens, type Tokens } from "./provider-line.ts";
import { nextRevision } from "./token-refresh.ts";

/** Made of a key that never leaves the vault, so that a retry says the same and nothing is kept. */
export interface LinkWords {
  /** The proof key of RFC 7636. */
  readonly verifier: string;
  /** What the connection is called where the provider wants a word for it. */
  readonly enrol: string;
}

/**
 * 1. the code is exchanged            a code is spent: the member links again
 * 2. the provider says who it is: then, or when it is asked
 * 3. it is told to send what the account has, where it wants to be told; told again, it says so
 * 4. it says what was granted
 * 5. the tokens are sealed            durable; the account is told to the caller. If nobody hears of
 *                                     it any more, they are a connection's that nobody knows of:
 *                                     nothing asks with them, and they go with the member
 */
export async function linkAccount(
  line: Line,
  grant: Grant,
  words: LinkWords,
): Promise<LinkOutcome> {
  if (!(await isLiving(line))) return { failed: "forgotten" };
  const exchanged = await exchangeCode(line, grant, words.verifier);
  if (exchanged.kind === "refused") return unlinked(line, "code", "tokens: invalid_grant");
  if (exchanged.kind === "reply") return unheard(line, "tokens", exchanged.heard);
  const { tokens, scope, said } = exchanged;
  const named = await namedBy(line, tokens, said);
  if ("failed" in named) return named;
  const { account, formerly } = named;
  const theirs = { ...tokens, account };
  const refused = await enrolled(line, theirs, words.enrol);
  if (refused !== null) return unheard(line, "enrolment", refused);
  const scopes = (await permissionsOf(line, theirs)) ?? scopesIn(line, scope);
  const isSealed = await sealTokens(line, theirs, await nextRevision(line));
  return isSealed ? { account, formerly, scopes } : { failed: "forgotten" };
}

type Failed = Extract<LinkOutcome, { failed: unknown }>;
type Named = Pick<Exclude<LinkOutcome, Failed>, "account" | "formerly">;

/** To the member it is all the same; whoever runs the deployment has to see at which step, and why. */
function unlinked(
  { provider }: Line,
  failed: Failed["failed"],
  reason: string,
  status: number | null = null,
): Failed {
  logLine({ worker: "vault", event: "link", provider, outcome: "failed", status, reason });
  return { failed };
}

function unheard(
  line: Line,
  at: string,
  { status, fault }: Pick<ProviderReply, "status" | "fault">,
): Failed {
  const why = fault ?? (status < 300 ? "not usable" : "refused");
  return unlinked(line, "provider", `${at}: ${why}`, status);
}

/** Where the answer with the tokens names the account, nobody else is asked. */
async function namedBy(line: Line, tokens: Tokens, given: unknown): Promise<Named | Failed> {
  const { link } = line;
  const nameIn = (account: string | null, said: unknown): Named | Failed =>
    account === null
      ? unlinked(line, "provider", "identity: no account")
      : { account, formerly: link.formerly?.(said) ?? null };
  if (link.accountIn !== undefined) return nameIn(link.accountIn(given), given);
  const reply = await ask(line, link.identity, tokens);
  const identity = identityIn(reply);
  if (identity === null) return unheard(line, "identity", reply);
  return nameIn(link.accountOf(identity.said), identity.said);
}

const identityIn = ({
  status,
  complete,
  body,
}: ProviderReply): { readonly said: unknown } | null =>
  status === 200 && complete && body !== "" ? { said: JSON.parse(body) } : null;

/** Null: it is. Its status says it all: some answer in no JSON. */
async function enrolled(line: Line, tokens: Tokens, word: string): Promise<ProviderReply | null> {
  const { enrol } = line.link;
  if (enrol === undefined) return null;
  const address = addressOf(line.hosts.api, { path: enrol.path, query: {} }, [enrol.path]);
  const reply = await askAt(line, address, { method: "POST", json: enrol.json(word) }, tokens);
  const { status } = reply;
  return (status >= 200 && status < 300) || enrol.already.includes(status) ? null : reply;
}

async function permissionsOf(line: Line, tokens: Tokens): Promise<readonly string[] | null> {
  const { permissions } = line.link;
  return permissions === undefined
    ? null
    : permissions.granted(await ask(line, permissions.request, tokens));
}

function scopesIn({ link }: Line, scope: string | null): readonly string[] | null {
  if (scope === null) return null;
  const said = link.scopesBy === undefined ? scope : scope.replaceAll(link.scopesBy, " ");
  return [...new Set(said.split(" ").filter((one) => one !== ""))];
}
