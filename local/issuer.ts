/**
 * An issuer for development and tests: signs ES256 bearer tokens for whoever is named, serves its
 * public key at /jwks on 127.0.0.1, and lets people at a browser say who they are. It checks nobody;
 * it is never deployed.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  type JWK,
  type JWTPayload,
  jwtVerify,
  SignJWT,
} from "jose";
import { audience, configurationAt, issuerName, paths } from "./issuer-names.ts";
import { type Reply, SignIns, type Signing } from "./issuer-sign-in.ts";

export { audience, issuerName } from "./issuer-names.ts";

const algorithm = "ES256";
const formBytesMax = 32_768;

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

export interface IssuerOptions {
  readonly port?: number;
  readonly privateJwk?: JsonWebKey;
  /** Of signing in at a browser. */
  readonly nowMs?: () => number;
}

/** Starts the issuer on a port (0: any free one) with a kept key or a new one. */
export async function startIssuer(options: IssuerOptions = {}): Promise<Issuer> {
  const privateJwk = (options.privateJwk ?? (await newKey())) as JWK;
  const key = await importJWK(privateJwk, algorithm);
  const { d: _, key_ops: __, ext: ___, ...publicPart } = privateJwk;
  const kid = await calculateJwkThumbprint(publicPart as JWK);
  const jwks = { keys: [{ ...publicPart, kid, use: "sig", alg: algorithm }] };
  const signed = (claims: JWTPayload) =>
    new SignJWT(claims).setProtectedHeader({ alg: algorithm, kid }).sign(key);
  const publicKey = await importJWK(publicPart, algorithm);
  const signIns = new SignIns(signingWith(signed, publicKey, options.nowMs ?? Date.now));

  const server = createServer((request, response) => {
    answer(request, jwks, signIns)
      .catch(() => plain(400, {}))
      .then((reply) => send(response, reply));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(options.port ?? 0, "127.0.0.1", resolve);
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

  return {
    url,
    jwksUrl: url + paths.jwks,
    privateJwk: privateJwk as JsonWebKey,
    token(subject, roles, { issuedAtMs, expiresInSeconds, extra = {} }) {
      const iat = Math.floor(issuedAtMs / 1000);
      const exp = iat + expiresInSeconds;
      return signed({ iss: issuerName, aud: audience, sub: subject, iat, exp, roles, ...extra });
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

function signingWith(
  signed: (claims: JWTPayload) => Promise<string>,
  key: Parameters<typeof jwtVerify>[1],
  nowMs: () => number,
): Signing {
  return {
    nowMs,
    sign(claims, expiresInSeconds) {
      const iat = Math.floor(nowMs() / 1000);
      return signed({ iss: issuerName, ...claims, iat, exp: iat + expiresInSeconds });
    },
    async read(token, of) {
      const held = { issuer: issuerName, audience: of, currentDate: new Date(nowMs()) };
      return jwtVerify(token, key, held).then(
        ({ payload }) => payload,
        () => null,
      );
    },
  };
}

const plain = (status: number, body: object): Reply => ({
  status,
  headers: { "content-type": "application/json" },
  body: JSON.stringify(body),
});

async function answer(request: IncomingMessage, jwks: object, signIns: SignIns): Promise<Reply> {
  const here = `http://${request.headers.host ?? "127.0.0.1"}`;
  const { pathname, searchParams } = new URL(request.url ?? "/", here);
  switch (`${request.method} ${pathname}`) {
    case `GET ${paths.jwks}`:
      return plain(200, jwks);
    case `GET ${paths.configuration}`:
      return plain(200, configurationAt(here, algorithm));
    case `GET ${paths.authorize}`:
      return signIns.authorize(searchParams, false);
    case `POST ${paths.authorize}`:
      return signIns.authorize(await formOf(request), true);
    case `POST ${paths.token}`:
      return signIns.token(await formOf(request));
    case `GET ${paths.endSession}`:
      return signIns.endSession(searchParams);
    default:
      return plain(404, {});
  }
}

/** Throws for one that is larger than any form. */
async function formOf(request: IncomingMessage): Promise<URLSearchParams> {
  const pieces: Buffer[] = [];
  let bytes = 0;
  for await (const piece of request as AsyncIterable<Buffer>) {
    bytes += piece.length;
    if (bytes > formBytesMax) throw new Error("more than a form");
    pieces.push(piece);
  }
  return new URLSearchParams(Buffer.concat(pieces).toString());
}

function send(response: ServerResponse, { status, headers, body }: Reply): void {
  response.writeHead(status, headers);
  response.end(body);
}
