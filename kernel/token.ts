/**
 * Who is calling: a bearer JWT (RFC 7519) from the configured issuer, verified against its keys.
 * Only asymmetric algorithms are accepted; the token must name its subject and when it was issued.
 * Nothing of a refused token is told to anyone.
 */
import { createRemoteJWKSet, errors, type JWTVerifyGetKey, jwtVerify } from "jose";
import { type Caller, type Role, roles } from "../domain/ports.ts";
import type { Instant } from "../domain/time.ts";

const algorithms = ["ES256", "EdDSA", "RS256", "PS256"];
const clockToleranceSeconds = 30;
const subjectCharsMax = 255;
const tokenCharsMax = 8192;

export interface TokenRules {
  readonly issuer: string;
  readonly audience: string;
  readonly keys: JWTVerifyGetKey;
}

/** The issuer's keys, fetched when needed and kept; an unknown key id fetches again. */
export const remoteKeys = (url: string): JWTVerifyGetKey =>
  createRemoteJWKSet(new URL(url), { cooldownDuration: 10_000, cacheMaxAge: 600_000 });

export type TokenVerdict = Caller | "refused" | "unavailable";

export async function verifyToken(
  token: string | null,
  rules: TokenRules,
  nowMs: Instant,
): Promise<TokenVerdict> {
  if (token === null || token.length > tokenCharsMax) return "refused";
  // What a deployment does not say would be demanded of nobody.
  if (!rules.issuer || !rules.audience) return "unavailable";
  try {
    const { payload } = await jwtVerify(token, rules.keys, {
      issuer: rules.issuer,
      audience: rules.audience,
      algorithms,
      clockTolerance: clockToleranceSeconds,
      requiredClaims: ["sub", "iat", "exp"],
      currentDate: new Date(nowMs),
    });
    const { sub, iat = 0 } = payload;
    if (typeof sub !== "string" || sub === "" || sub.length > subjectCharsMax) return "refused";
    if (iat * 1000 > nowMs + clockToleranceSeconds * 1000) return "refused";
    return {
      issuer: rules.issuer,
      subject: sub,
      roles: rolesIn(payload.roles),
      issuedAtMs: iat * 1000,
    };
  } catch (error) {
    return isRefused(error) ? "refused" : "unavailable";
  }
}

const rolesIn = (claim: unknown): Role[] =>
  roles.filter((role) => Array.isArray(claim) && claim.includes(role));

/** Faults of the token are refusals; not reaching the issuer's keys is not the caller's fault. */
const isRefused = (error: unknown) =>
  error instanceof errors.JOSEError &&
  !(error instanceof errors.JWKSTimeout) &&
  !(error instanceof errors.JWKSInvalid) &&
  error.code !== "ERR_JOSE_GENERIC";

/** The token of an `Authorization: Bearer …` header (RFC 6750); null when there is none. */
export const bearerOf = (header: string | null): string | null =>
  /^Bearer ([A-Za-z0-9._~+/=-]+)$/i.exec(header ?? "")?.[1] ?? null;
