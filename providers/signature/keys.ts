/**
 * Keys made of secrets, as the recipe says. They cannot be read out again, and are kept for as long
 * as there is room, so that a delivery does not wait for its key to be made.
 */
import type { HmacRecipe } from "../recipe.ts";
import { fromBase64, fromHex } from "./encoding.ts";

/** Of which form a secret is, and what its key is for. */
export type KeyForm = Pick<HmacRecipe, "key" | "hash">;

export interface SigningKey {
  readonly by: "HMAC" | "Ed25519";
  readonly key: CryptoKey;
}

/** More than the secrets of all providers, twice over. */
const keysMax = 128;
const keys = new Map<string, SigningKey | null>();

const symmetricPrefix = "whsec_";
const publicPrefix = "whpk_";
const publicKeyBytes = 32;
const symmetricBytes = { min: 24, max: 64 };

/** Null when the secret is not of the recipe's form: a broken one proves nothing. */
export async function signingKeyOf(recipe: KeyForm, secret: string): Promise<SigningKey | null> {
  const name = JSON.stringify([recipe.key, recipe.hash, secret]);
  const held = keys.get(name);
  if (held !== undefined) return held;
  const made = await newKeyOf(recipe, secret);
  const [oldest] = keys.keys();
  if (keys.size >= keysMax && oldest !== undefined) keys.delete(oldest);
  keys.set(name, made);
  return made;
}

async function newKeyOf(recipe: KeyForm, secret: string): Promise<SigningKey | null> {
  if (secret === "") return null;
  switch (recipe.key) {
    case "text":
      return hmacKey(recipe, Uint8Array.from(new TextEncoder().encode(secret)));
    case "text-and-ampersand":
      return hmacKey(recipe, Uint8Array.from(new TextEncoder().encode(`${secret}&`)));
    case "hex": {
      const bytes = fromHex(secret);
      return bytes === null || bytes.length === 0 ? null : hmacKey(recipe, bytes);
    }
    case "standard-webhooks":
      return secret.startsWith(publicPrefix)
        ? ed25519Key(fromBase64(secret.slice(publicPrefix.length)))
        : symmetricKey(recipe, secret);
  }
}

/** The prefix only tells people what it is: libraries take a secret without it as well. */
async function symmetricKey(recipe: KeyForm, secret: string): Promise<SigningKey | null> {
  const text = secret.startsWith(symmetricPrefix) ? secret.slice(symmetricPrefix.length) : secret;
  const bytes = fromBase64(text);
  const { min, max } = symmetricBytes;
  return bytes === null || bytes.length < min || bytes.length > max ? null : hmacKey(recipe, bytes);
}

async function hmacKey({ hash }: KeyForm, bytes: Uint8Array<ArrayBuffer>): Promise<SigningKey> {
  const algorithm = { name: "HMAC", hash };
  return {
    by: "HMAC",
    key: await crypto.subtle.importKey("raw", bytes, algorithm, false, ["sign"]),
  };
}

async function ed25519Key(bytes: Uint8Array<ArrayBuffer> | null): Promise<SigningKey | null> {
  if (bytes?.length !== publicKeyBytes) return null;
  try {
    const key = await crypto.subtle.importKey("raw", bytes, "Ed25519", false, ["verify"]);
    return { by: "Ed25519", key };
  } catch {
    // Not every 32 bytes are a point.
    return null;
  }
}
