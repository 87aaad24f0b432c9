/**
 * What the fake provider signs and seals with: its signing keys in Tink's form, and its codes and
 * tokens, which carry what they say under a MAC, so that they outlive a restart with the same seed.
 */
import {
  createHash,
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from "node:crypto";
import type { FakedProvider } from "./provider-data.ts";

/** A P-256 key and how Tink names it. */
export interface SigningKey {
  readonly id: number;
  readonly key: KeyObject;
  readonly pkcs8: string;
  /** The EcdsaPublicKey message: parameters, then x and y with the zero that Tink puts first. */
  readonly message: Buffer;
}

/** The key of a seed, or a new one; its id follows from the key unless it is given. */
export function signingKeyOf(seed: string | undefined, id: number | undefined): SigningKey {
  const key =
    seed === undefined
      ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey
      : createPrivateKey({ key: Buffer.from(seed, "base64"), format: "der", type: "pkcs8" });
  const { x = "", y = "" } = createPublicKey(key).export({ format: "jwk" });
  const field = (number: number, digits: string) => {
    const bytes = Buffer.from(digits, "base64url");
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length + 1, 0]), bytes]);
  };
  const parameters = Buffer.from([0x12, 0x06, 0x08, 0x03, 0x10, 0x02, 0x18, 0x02]);
  const message = Buffer.concat([parameters, field(3, x), field(4, y)]);
  const pkcs8 = key.export({ format: "der", type: "pkcs8" }).toString("base64");
  return {
    id: id ?? createHash("sha256").update(message).digest().readUInt32BE(),
    key,
    pkcs8,
    message,
  };
}

/** The key set as Tink writes it in JSON; every key is live, the last one signs. */
export const keysetOf = (keys: readonly SigningKey[]): object => ({
  primaryKeyId: keys.at(-1)?.id,
  key: keys.map(({ id, message }) => ({
    keyData: {
      typeUrl: "type.googleapis.com/google.crypto.tink.EcdsaPublicKey",
      value: message.toString("base64"),
      keyMaterialType: "ASYMMETRIC_PUBLIC",
    },
    status: "ENABLED",
    keyId: id,
    outputPrefixType: "TINK",
  })),
});

// -- codes and tokens -----------------------------------------------------------------------

/** What a code was asked for with; the token endpoint holds the asker to it. */
export interface CodeTerms {
  readonly redirectUri: string;
  /** S256 (RFC 7636); null: none was sent. */
  readonly challenge: string | null;
  /** Google gives a refresh token only where it was asked for one. */
  readonly offline: boolean;
}

/** What a code or token says; `id` makes two of them differ. */
export interface Claims {
  readonly use: "code" | "access" | "refresh" | "app";
  /** Null: a code, which is bound to a client. */
  readonly provider: FakedProvider | null;
  /** Null: whoever asks. */
  readonly client: string | null;
  readonly account: string;
  readonly id: string;
  readonly untilMs: number;
  readonly scope: string;
  /** Of a code. */
  readonly terms?: CodeTerms;
}

const macOf = (payload: string, secret: string) =>
  createHmac("sha256", secret).update(payload).digest("base64url");

/** Claims and their MAC, as one opaque word. */
export function seal(claims: Claims, secret: string): string {
  const payload = Buffer.from(JSON.stringify(claims)).toString("base64url");
  return `${payload}.${macOf(payload, secret)}`;
}

/** The claims of a genuine word of this use; null otherwise. */
export function unseal(token: string, use: Claims["use"], secret: string): Claims | null {
  const [payload = "", mac] = token.split(".");
  if (mac !== macOf(payload, secret)) return null;
  const claims = JSON.parse(Buffer.from(payload, "base64url").toString()) as Claims;
  return claims.use === use ? claims : null;
}

/** The S256 challenge of a verifier. */
export const challengeOf = (verifier: string): string =>
  createHash("sha256").update(verifier).digest("base64url");
