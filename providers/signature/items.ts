/**
 * Bodies of which each item is signed by itself. All of them have to be good: one that is not, an item
 * of another form, or none at all, and nothing of the body is genuine. The body is read before it is
 * proven, so how much of it is looked at has its bounds.
 */
import type { Instant } from "../../domain/time.ts";
import type { ItemsRecipe, SignedInput, Verdict } from "../recipe.ts";
import { isFields, jsonOf } from "../untrusted.ts";
import { fromBase64 } from "./encoding.ts";
import { keysOf } from "./hmac.ts";
import { type Claim, provingOf } from "./proof.ts";
import { kidOf, type LiveSecret } from "./secrets.ts";

/** Of one body: senders put one or a few into it. */
export const itemsMax = 200;
const macBytes = 32;
const signatureCharsMax = 64;

export async function provenByItems(
  recipe: ItemsRecipe,
  { body }: SignedInput,
  secrets: unknown,
  nowMs: Instant,
): Promise<Verdict> {
  const claims = claimsOf(recipe, body);
  if (claims === null) return { is: "refused" };
  const keys = await keysOf(recipe, secrets, nowMs);
  const proving: (LiveSecret | null)[] = [];
  // All of them to the end, so that time does not tell which one is wrong.
  for (const claim of claims) proving.push(await provingOf([claim], keys));
  const [first = null] = proving;
  if (first === null || proving.includes(null)) return { is: "refused" };
  return { is: "genuine", kid: await kidOf(first) };
}

/** Null: there are none, too many, or one of another form. */
function claimsOf(recipe: ItemsRecipe, body: Uint8Array): readonly Claim[] | null {
  const items = valuesAt(jsonIn(body), recipe.items.split("."));
  if (items.length === 0 || items.length > itemsMax) return null;
  const claims = items.flatMap((item) => claimOf(recipe, item) ?? []);
  return claims.length === items.length ? claims : null;
}

function claimOf(recipe: ItemsRecipe, item: unknown): Claim | null {
  const [said, ...more] = valuesAt(item, recipe.signature.split("."));
  if (typeof said !== "string" || more.length > 0 || said.length > signatureCharsMax) return null;
  const bytes = fromBase64(said);
  const parts = recipe.signed.map((path) => partOf(valuesAt(item, path.split("."))[0]));
  if (bytes?.length !== macBytes || parts.includes(null)) return null;
  const message = Uint8Array.from(new TextEncoder().encode(parts.join(":")));
  return { signatures: [{ by: "HMAC", bytes }], message };
}

/** Null: of a type that is never signed. A number beyond 2^53 is no longer the one that was. */
function partOf(value: unknown): string | null {
  if (value === undefined || value === null) return "";
  if (typeof value === "string") return value.replaceAll(/[\\:]/g, "\\$&");
  if (typeof value === "boolean" || Number.isSafeInteger(value)) return String(value);
  return null;
}

/** What lies at the end of each way. */
function valuesAt(value: unknown, path: readonly string[]): readonly unknown[] {
  let found: readonly unknown[] = [value];
  for (const name of path)
    found = found.flatMap((inner): readonly unknown[] => {
      if (name === "*") return Array.isArray(inner) ? inner : [];
      return isFields(inner) && Object.hasOwn(inner, name) ? [inner[name]] : [];
    });
  return found;
}

function jsonIn(body: Uint8Array): unknown {
  try {
    return jsonOf(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body));
  } catch {
    return undefined;
  }
}
