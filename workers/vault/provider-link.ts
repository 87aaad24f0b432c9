/** Linking an account: the member granted, now the provider says whose account it is. */
import type { Grant, LinkOutcome, ProviderReply } from "../../domain/ports.ts";
import { exchangeCode } from "./oauth.ts";
import { ask, isLiving, type Line, sealTokens, type Tokens } from "./provider-line.ts";
import { nextRevision } from "./token-refresh.ts";

/**
 * 1. the code is exchanged            a code is spent: the member links again
 * 2. the provider says who it is, and what was granted
 * 3. the tokens are sealed            durable; the account is told to the caller. If nobody hears of
 *                                     it any more, they are a connection's that nobody knows of:
 *                                     nothing asks with them, and they go with the member
 */
export async function linkAccount(
  line: Line,
  grant: Grant,
  verifier: string,
): Promise<LinkOutcome> {
  if (!(await isLiving(line))) return { failed: "forgotten" };
  const exchanged = await exchangeCode(line, grant, verifier);
  if (exchanged.kind === "refused") return { failed: "code" };
  if (exchanged.kind === "reply") return { failed: "provider" };
  const { tokens, scope } = exchanged;
  const identity = identityIn(await ask(line, line.link.identity, tokens));
  const account = identity === null ? null : line.link.accountOf(identity.said);
  if (identity === null || account === null) return { failed: "provider" };
  const formerly = line.link.formerly?.(identity.said) ?? null;
  const scopes = (await permissionsOf(line, tokens)) ?? scopesIn(scope);
  const isSealed = await sealTokens(line, tokens, await nextRevision(line));
  return isSealed ? { account, formerly, scopes } : { failed: "forgotten" };
}

const identityIn = ({
  status,
  complete,
  body,
}: ProviderReply): { readonly said: unknown } | null =>
  status === 200 && complete && body !== "" ? { said: JSON.parse(body) } : null;

async function permissionsOf(line: Line, tokens: Tokens): Promise<readonly string[] | null> {
  const { permissions } = line.link;
  return permissions === undefined
    ? null
    : permissions.granted(await ask(line, permissions.request, tokens));
}

const scopesIn = (scope: string | null): readonly string[] | null =>
  scope === null ? null : [...new Set(scope.split(" ").filter((one) => one !== ""))];
