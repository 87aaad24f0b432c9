/** The keyed digest that identities are made with: HMAC-SHA-256 over the JSON array, base64url. */
import type { Digest } from "../domain/identity.ts";

const keyBytesMin = 32;

export function hmacDigest(secretBase64: string): Digest {
  const secret = Uint8Array.from(atob(secretBase64), (c) => c.charCodeAt(0));
  if (secret.length < keyBytesMin) throw new Error(`the key is shorter than ${keyBytesMin} bytes`);
  const algorithm = { name: "HMAC", hash: "SHA-256" };
  // Most requests digest nothing.
  let imported: Promise<CryptoKey> | null = null;
  return async (identity) => {
    imported ??= crypto.subtle.importKey("raw", secret, algorithm, false, ["sign"]);
    const message = new TextEncoder().encode(JSON.stringify(identity));
    return base64Url(new Uint8Array(await crypto.subtle.sign("HMAC", await imported, message)));
  };
}

export const base64Url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
