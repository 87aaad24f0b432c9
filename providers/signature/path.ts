/**
 * The unguessable part of an address: all the proof that some deliveries have, and one more
 * condition for others where a deployment states such parts for their provider.
 */
import type { Instant } from "../../domain/time.ts";
import type { HmacRecipe, Observed, ProviderSecrets, SignedInput, Verdict } from "../recipe.ts";
import { hasKeys, provenByHmac } from "./hmac.ts";
import { kidOf, secretThatIs } from "./secrets.ts";

/**
 * Whether it came to the address that the provider was told; true of any, where none has a part that
 * nobody guesses. A setting that says nothing readable is one all the same: nothing comes to that.
 */
export async function isAddressed(
  pathKey: string | null,
  { pathKeys }: Pick<ProviderSecrets, "pathKeys">,
  nowMs: Instant,
): Promise<boolean> {
  const stated: unknown = pathKeys ?? [];
  if (Array.isArray(stated) && stated.length === 0) return true;
  return (await secretThatIs(pathKey, stated, nowMs)) !== null;
}

/** All of it is done to the end, whatever was wrong before. */
export async function provenByPath(
  observed: HmacRecipe | undefined,
  input: SignedInput,
  secrets: ProviderSecrets,
  nowMs: Instant,
): Promise<Verdict> {
  const key = await secretThatIs(input.pathKey, secrets.pathKeys, nowMs);
  const seen = observed && (await observedIn(observed, input, secrets.signing, nowMs));
  const isLacking = isDemanded(secrets) !== false && seen !== "matches";
  if (key === null || isLacking) return { is: "refused" };
  const kid = await kidOf(key);
  return seen === undefined ? { is: "genuine", kid } : { is: "genuine", kid, observed: seen };
}

/** Null: the setting is neither yes nor no, and what was meant by it is not guessed at. */
export function isDemanded(secrets: Pick<ProviderSecrets, "signatureDemanded">): boolean | null {
  const stated: unknown = secrets.signatureDemanded ?? false;
  return typeof stated === "boolean" ? stated : null;
}

async function observedIn(
  recipe: HmacRecipe,
  input: SignedInput,
  signing: unknown,
  nowMs: Instant,
): Promise<Observed> {
  if (recipe.headers.every(({ signature }) => input.headers.get(signature) === null))
    return "absent";
  if (!(await hasKeys(recipe, signing, nowMs))) return "unkeyed";
  const verdict = await provenByHmac(recipe, input, signing, nowMs);
  return verdict.is === "genuine" ? "matches" : "differs";
}
