/**
 * A token issuer for development and tests: signs ES256 bearer tokens for whoever is named and
 * serves its public key at /jwks on 127.0.0.1. It checks nobody; it is never deployed.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  SignJWT,
} from "jose";

/** The `iss` of every token; a name, not an address. */
export const issuerName = "https://issuer.singlet.localhost";
/** The `aud` of every token. */
export const audience = "singlet";
const algorithm = "ES256";

export interface TokenTimes {
  readonly issuedAtMs: number;
  readonly expiresInSeconds: number;
  /** Claims added last, so that a test can also break the ones above. */
  readonly extra?: Readonly<Record<string, unknown>>;
}

export interface Issuer {
  readonly url: string;
  readonly jwksUrl: string;
  /** Given back as an option, tokens stay valid over a restart. */
  readonly privateJwk: JsonWebKey;
  token(subject: string, roles: readonly string[], times: TokenTimes): Promise<string>;
  close(): Promise<void>;
}

/** Starts the issuer on a port (0: any free one) with a kept key or a new one. */
export async function startIssuer(
  options: { port?: number; privateJwk?: JsonWebKey } = {},
): Promise<Issuer> {
  const privateJwk = (options.privateJwk ?? (await newKey())) as JWK;
  const key = await importJWK(privateJwk, algorithm);
  const { d: _, key_ops: __, ext: ___, ...publicPart } = privateJwk;
  const kid = await calculateJwkThumbprint(publicPart as JWK);
  const jwks = JSON.stringify({ keys: [{ ...publicPart, kid, use: "sig", alg: algorithm }] });

  const server = createServer((request, response) => {
    const found = request.method === "GET" && request.url === "/jwks";
    response.writeHead(found ? 200 : 404, { "content-type": "application/json" });
    response.end(found ? jwks : "{}");
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    jwksUrl: `${url}/jwks`,
    privateJwk: privateJwk as JsonWebKey,
    token(subject, roles, { issuedAtMs, expiresInSeconds, extra = {} }) {
      const iat = Math.floor(issuedAtMs / 1000);
      const exp = iat + expiresInSeconds;
      const claims = { iss: issuerName, aud: audience, sub: subject, iat, exp, roles, ...extra };
      return new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(key);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

async function newKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair(algorithm, { extractable: true });
  return exportJWK(privateKey);
}
