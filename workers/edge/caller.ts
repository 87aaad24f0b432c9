/**
 * Who is calling, as the edge knows them: a verified token, and the member it belongs to. A token
 * issued before its person was forgotten is refused, wherever it is shown.
 */
import { type MemberId, personHash } from "../../domain/identity.ts";
import type { Role } from "../../domain/ports.ts";
import type { Instant } from "../../domain/time.ts";
import { forgottenPerson } from "../../durable-objects/erasing.ts";
import { bearerOf, remoteKeys, type TokenRules, verifyToken } from "../../kernel/token.ts";
import type { EdgeEnv } from "./env.ts";
import { type Ports, Unavailable } from "./ports.ts";

export interface SignedIn {
  readonly token: string;
  readonly person: string;
  /** What the person is remembered by once they are forgotten. */
  readonly forgottenHash: string;
  readonly member: MemberId | null;
  readonly roles: readonly Role[];
}

const rulesByUrl = new Map<string, TokenRules>();

/** What a token is held to, wherever it comes from. */
export function rulesOf(env: EdgeEnv): TokenRules {
  const { TOKEN_JWKS_URL: url, TOKEN_ISSUER: issuer, TOKEN_AUDIENCE: audience } = env;
  const known = rulesByUrl.get(url);
  if (known !== undefined) return known;
  const rules = { issuer, audience, keys: remoteKeys(url) };
  rulesByUrl.set(url, rules);
  return rules;
}

/** Whom a token names, without a look at anything that is kept. */
export interface Named {
  readonly token: string;
  readonly person: string;
  readonly issuedAtMs: Instant;
  readonly roles: readonly Role[];
}

/** Null when the token is missing, wrong or expired. */
export async function namedBy(
  request: Request,
  env: EdgeEnv,
  { digest }: Pick<Ports, "digest">,
  nowMs: Instant,
): Promise<Named | null> {
  const token = bearerOf(request.headers.get("authorization"));
  const caller = await verifyToken(token, rulesOf(env), nowMs);
  if (caller === "unavailable") throw new Unavailable("token keys", null);
  if (caller === "refused" || token === null) return null;
  const person = await personHash(digest, caller.issuer, caller.subject);
  return { token, person, issuedAtMs: caller.issuedAtMs, roles: caller.roles };
}

/** The caller, or null when they were forgotten after the token was issued. */
export async function knownAs(
  { token, person, issuedAtMs, roles }: Named,
  ports: Ports,
): Promise<SignedIn | null> {
  const forgottenHash = await forgottenPerson(ports.forgotten, person);
  const [known, forgotten] = await ports.sql((db) =>
    db.batch<{ member?: string; at?: number }>([
      db.prepare("SELECT member FROM person WHERE hash = ?").bind(person),
      db.prepare("SELECT at FROM forgotten WHERE hash = ? AND kind = 'person'").bind(forgottenHash),
    ]),
  );
  const forgottenAt = forgotten?.results[0]?.at;
  if (forgottenAt !== undefined && issuedAtMs <= forgottenAt) return null;
  const member = (known?.results[0]?.member ?? null) as MemberId | null;
  return { token, person, forgottenHash, member, roles };
}

/** The caller, or null when the token is missing, wrong, expired or of someone forgotten. */
export async function signedIn(
  request: Request,
  env: EdgeEnv,
  ports: Ports,
  nowMs: Instant,
): Promise<SignedIn | null> {
  const named = await namedBy(request, env, ports, nowMs);
  return named === null ? null : knownAs(named, ports);
}
