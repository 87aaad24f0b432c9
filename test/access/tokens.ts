/** Tokens that prove nothing, each wrong in one way; and one that proved something once. */
import { createPublicKey, type JsonWebKey } from "node:crypto";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { audience, issuerName } from "../../local/issuer.ts";
import type { Cast } from "./cast.ts";

export interface Unproven {
  readonly what: string;
  /** As it would be sent behind `Bearer`. */
  readonly token: string;
  /** It is good elsewhere: where a member's own app delivers. */
  readonly isKey: boolean;
}

const encoded = (part: object): string => Buffer.from(JSON.stringify(part)).toString("base64url");
const key = "a member's app's key";
const minutes = (n: number): number => n * 60;

/** All but the last two name the owner, who would be an operator by them. */
export async function unprovenTokens({ system, things, erased }: Cast): Promise<Unproven[]> {
  const { issuer, secrets } = system;
  const subject = "subject-owner";
  const nowS = Math.floor(Date.now() / 1000);
  const roles = ["member", "operator", "auditor"];
  const mine = (extra: Record<string, unknown>) =>
    issuer.token(subject, roles, { issuedAtMs: nowS * 1000, expiresInSeconds: 600, extra });
  const right = await mine({});
  const [header = "", claims = "", signature = ""] = right.split(".");
  const payload = {
    iss: issuerName,
    aud: audience,
    sub: subject,
    roles,
    iat: nowS,
    exp: nowS + 600,
  };
  const publicKey = createPublicKey({ key: publicPart(secrets.issuerKey), format: "jwk" });
  const pem = publicKey.export({ type: "spki", format: "pem" });
  const symmetric = (by: Uint8Array) =>
    new SignJWT(payload).setProtectedHeader({ ...headerOf(header), alg: "HS256" }).sign(by);
  const foreign = await generateKeyPair("ES256", { extractable: true });
  const byForeign = (more: object) =>
    new SignJWT(payload)
      .setProtectedHeader({ ...headerOf(header), ...more, alg: "ES256" })
      .sign(foreign.privateKey);
  const made: readonly (readonly [what: string, token: string])[] = [
    ["expired", await mine({ iat: nowS - minutes(15), exp: nowS - minutes(5) })],
    ["not valid yet", await mine({ nbf: nowS + minutes(60) })],
    ["issued in an hour", await mine({ iat: nowS + minutes(60), exp: nowS + minutes(90) })],
    ["for another audience", await mine({ aud: "https://another.example" })],
    ["by another issuer", await mine({ iss: "https://another.example" })],
    ["alg none", `${encoded({ alg: "none" })}.${encoded(payload)}.`],
    ["HS256 with the public key", await symmetric(new TextEncoder().encode(String(pem)))],
    ["a key id that nobody has", await byForeign({ kid: "nobody" })],
    ["our key id, another's key", await byForeign({})],
    ["a key of its own", await byForeign({ jwk: await exportJWK(foreign.publicKey) })],
    [
      "a swapped header",
      `${encoded({ ...headerOf(header), alg: "EdDSA" })}.${claims}.${signature}`,
    ],
    ["of somebody erased", erased.token],
    [key, things.listening ?? ""],
  ];
  return made.map(([what, token]) => ({ what, token, isKey: what === key }));
}

const headerOf = (header: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(header, "base64url").toString());

function publicPart(key: globalThis.JsonWebKey | undefined): JsonWebKey {
  const { d: _, key_ops: __, ext: ___, ...open } = key ?? {};
  return open as JsonWebKey;
}
