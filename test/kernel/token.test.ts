import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import fc from "fast-check";
import {
  base64url,
  createLocalJWKSet,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  type JWTPayload,
  SignJWT,
} from "jose";
import { afterAll, describe, expect, test } from "vitest";
import { bearerOf, remoteKeys, type TokenRules, verifyToken } from "../../kernel/token.ts";

const nowMs = Date.UTC(2026, 10, 21, 12);
const nowS = nowMs / 1000;
const issuer = "https://id.example";
const audience = "singlet";

const pairs = {
  ES256: await generateKeyPair("ES256", { extractable: true }),
  RS256: await generateKeyPair("RS256", { extractable: true }),
};
const jwks = {
  keys: await Promise.all(
    Object.entries(pairs).map(async ([alg, { publicKey }]) => ({
      ...(await exportJWK(publicKey)),
      kid: alg,
    })),
  ),
};
const rules: TokenRules = { issuer, audience, keys: createLocalJWKSet(jwks) };

const good: JWTPayload = {
  iss: issuer,
  aud: audience,
  sub: "person-1",
  iat: nowS - 60,
  exp: nowS + 600,
};
type Claims = { readonly [claim: string]: unknown };
const signed = (claims: Claims = {}, alg: keyof typeof pairs = "ES256", header: object = {}) => {
  const all = Object.entries({ ...good, ...claims }).filter(([, value]) => value !== undefined);
  return new SignJWT(Object.fromEntries(all) as JWTPayload)
    .setProtectedHeader({ alg, kid: alg, ...header })
    .sign(pairs[alg].privateKey);
};
const verdict = (token: string | null, at = nowMs) => verifyToken(token, rules, at);
const part = (value: unknown) => base64url.encode(JSON.stringify(value));

describe("a token of the issuer", () => {
  test.each(["ES256", "RS256"] as const)("signed with %s says who is calling", async (alg) => {
    expect(await verdict(await signed({}, alg))).toEqual({
      issuer,
      subject: "person-1",
      roles: [],
      issuedAtMs: nowMs - 60_000,
    });
  });

  test("gives only roles that exist", async () => {
    const roles = ["coach", "root", "member", 7, null];
    expect(await verdict(await signed({ roles }))).toMatchObject({ roles: ["member", "coach"] });
    expect(await verdict(await signed({ roles: "operator" }))).toMatchObject({ roles: [] });
  });

  test("holds until it expires, with half a minute for clocks that differ", async () => {
    const token = await signed({ exp: nowS });
    expect(await verdict(token, nowMs + 29_000)).toMatchObject({ subject: "person-1" });
    expect(await verdict(token, nowMs + 31_000)).toBe("refused");
  });
});

test.each(["issuer", "audience"] as const)("nobody is let in where no %s is set", async (rule) => {
  for (const unset of ["", undefined]) {
    const lax = { ...rules, [rule]: unset } as TokenRules;
    for (const claims of [{}, { iss: undefined, aud: undefined }, { iss: "", aud: "" }])
      expect(await verifyToken(await signed(claims), lax, nowMs)).toBe("unavailable");
  }
});

describe("a token is refused", () => {
  test.each<[string, Claims]>([
    ["expired", { exp: nowS - 3600 }],
    ["not yet valid", { nbf: nowS + 3600 }],
    ["of another issuer", { iss: "https://evil.example" }],
    ["of an issuer that only begins alike", { iss: `${issuer}.evil.example` }],
    ["without an issuer", { iss: undefined }],
    ["for another audience", { aud: "another-app" }],
    ["without an audience", { aud: undefined }],
    ["without a subject", { sub: undefined }],
    ["with an empty subject", { sub: "" }],
    ["with a subject of null", { sub: null }],
    ["with a number for a subject", { sub: 42 }],
    ["with a list for a subject", { sub: ["person-1"] }],
    ["with a subject beyond 255 characters", { sub: "x".repeat(256) }],
    ["without the time of issue", { iat: undefined }],
    ["with a time of issue in words", { iat: "yesterday" }],
    ["with a time of issue to come", { iat: nowS + 3600 }],
    ["without an end", { exp: undefined }],
    ["with an end in words", { exp: "never" }],
  ])("%s", async (_name, claims) => {
    expect(await verdict(await signed(claims))).toBe("refused");
  });

  test("when it is not there", async () => {
    expect(await verdict(null)).toBe("refused");
    expect(await verdict("")).toBe("refused");
  });

  test("with the algorithm none, in any spelling and with any signature", async () => {
    for (const alg of ["none", "None", "NONE", ""])
      for (const signature of ["", "AAAA"])
        expect(await verdict(`${part({ alg })}.${part(good)}.${signature}`)).toBe("refused");
  });

  test("signed as HMAC with the issuer's public key", async () => {
    const pem = new TextEncoder().encode(await exportSPKI(pairs.RS256.publicKey));
    const jwk = new TextEncoder().encode(JSON.stringify(jwks.keys[1]));
    for (const secret of [pem, jwk])
      for (const kid of ["RS256", "ES256"]) {
        const header = { alg: "HS256", kid };
        const token = await new SignJWT(good).setProtectedHeader(header).sign(secret);
        expect(await verdict(token)).toBe("refused");
      }
  });

  test("signed by a stranger under the issuer's key id, or naming a key of its own", async () => {
    const stranger = await generateKeyPair("ES256", { extractable: true });
    const own = { jwk: await exportJWK(stranger.publicKey), jku: "https://evil.example/keys" };
    for (const header of [{ kid: "ES256" }, { kid: "unknown" }, { kid: "ES256", ...own }]) {
      const token = await new SignJWT(good)
        .setProtectedHeader({ alg: "ES256", ...header })
        .sign(stranger.privateKey);
      expect(await verdict(token)).toBe("refused");
    }
  });

  test("whose signature is of other claims", async () => {
    const [header, , signature] = (await signed()).split(".");
    const forged = `${header}.${part({ ...good, sub: "person-2" })}.${signature}`;
    expect(await verdict(forged)).toBe("refused");
  });

  test("with a key of one kind under another algorithm's name", async () => {
    const [, payload, signature] = (await signed({}, "ES256")).split(".");
    for (const alg of ["RS256", "PS256", "EdDSA", "ES512"])
      expect(await verdict(`${part({ alg, kid: "ES256" })}.${payload}.${signature}`)).toBe(
        "refused",
      );
  });

  test("with an extension it calls critical, or longer than any header may be", async () => {
    const header = part({ alg: "ES256", kid: "ES256", crit: ["x"], x: 1 });
    const [, payload, signature] = (await signed()).split(".");
    expect(await verdict(`${header}.${payload}.${signature}`)).toBe("refused");
    expect(await verdict(await signed({ padding: "x".repeat(9000) }))).toBe("refused");
  });

  test("that is any other text, and nothing is thrown", async () => {
    const piece = fc.oneof(
      fc.string(),
      fc.json().map((text) => base64url.encode(text)),
    );
    const texts = fc.array(piece, { maxLength: 5 }).map((pieces) => pieces.join("."));
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        expect(await verdict(text)).toBe("refused");
      }),
      { numRuns: 300 },
    );
  });
});

describe("the issuer's keys", () => {
  const servers: Server[] = [];
  afterAll(() => {
    for (const server of servers) server.close();
  });
  async function serving(status: number, body: string): Promise<string> {
    const server = createServer((_request, response) => response.writeHead(status).end(body));
    await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
    servers.push(server);
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
  const from = async (url: string) =>
    verifyToken(await signed(), { ...rules, keys: remoteKeys(url) }, nowMs);

  test("are fetched when needed", async () => {
    expect(await from(await serving(200, JSON.stringify(jwks)))).toMatchObject({ issuer });
  });

  test("that cannot be reached make nobody a stranger: it is unavailable", async () => {
    const url = await serving(200, "");
    const server = servers.pop();
    await new Promise((done) => server?.close(done));
    expect(await from(url)).toBe("unavailable");
  });

  test.each([
    ["an error", 500, "{}"],
    ["a page", 200, "<html>"],
    ["something else", 200, '{"hello":1}'],
    ["nothing there", 404, ""],
  ])("answered with %s are unavailable too", async (_name, status, body) => {
    expect(await from(await serving(status, body))).toBe("unavailable");
  });

  test("that lack the token's key refuse it", async () => {
    expect(await from(await serving(200, '{"keys":[]}'))).toBe("refused");
  });
});

describe("the Authorization header", () => {
  test.each([
    ["Bearer abc.def-_~+/=", "abc.def-_~+/="],
    ["bearer abc", "abc"],
    ["Bearer ", null],
    ["Bearer a b", null],
    ["Bearer a\n", null],
    ["Basic abc", null],
    ["abc", null],
    ["", null],
    [null, null],
  ])("%j carries the token %j", (header, token) => {
    expect(bearerOf(header)).toBe(token);
  });
});
