/**
 * One verifier for every recipe. It looks at raw bytes and headers, never at parsed text; it checks
 * the form of every header before any cryptography; it says who signed, and nothing about why it
 * refuses.
 */
import type { Instant } from "../domain/time.ts";
import type {
  BesidesRecipe,
  Greeting,
  Keyset,
  ProviderSecrets,
  SignatureRecipe,
  SignedInput,
  Verdict,
} from "./recipe.ts";
import { greetedByPost } from "./signature/greeting.ts";
import { provenByHmac } from "./signature/hmac.ts";
import { provenByItems } from "./signature/items.ts";
import { isAddressed, isDemanded, provenByPath } from "./signature/path.ts";
import { kidOf, type LiveSecret, secretThatIs } from "./signature/secrets.ts";
import { sharedSecretIn } from "./signature/shared.ts";
import { provenByTink } from "./signature/tink.ts";

export { greet } from "./signature/greeting.ts";
export { toleranceMs } from "./signature/hmac.ts";
export { isAddressed, isDemanded } from "./signature/path.ts";
export { kidOf, newestSecret, overlapMs, secretsMax } from "./signature/secrets.ts";
export { parseTinkKeyset } from "./signature/tink.ts";

/**
 * Is what was POSTed from the provider? `unavailable` when its keys cannot be had just now. Where a
 * deployment states parts of the path, one of them is demanded of everything, of a greeting too, and
 * looked at first: what comes to another address is not worth the work on its body.
 */
export async function verify(
  recipe: SignatureRecipe,
  greeting: Greeting | undefined,
  input: SignedInput,
  secrets: ProviderSecrets,
  keyset: Keyset,
  nowMs: Instant,
): Promise<Verdict> {
  // There the path is the member's own.
  const isOwn = recipe.kind === "member-key";
  const isHere = isOwn || (await isAddressed(input.pathKey, secrets, nowMs));
  if (!isHere || isDemanded(secrets) === null) return { is: "refused" };
  const status = await greetedByPost(greeting, input, secrets, nowMs);
  if (status !== null) return { is: "greeting", status };
  return provenBy(recipe, input, secrets, keyset, nowMs);
}

async function provenBy(
  recipe: SignatureRecipe,
  input: SignedInput,
  secrets: ProviderSecrets,
  keyset: Keyset,
  nowMs: Instant,
): Promise<Verdict> {
  switch (recipe.kind) {
    case "path-secret":
      return provenByPath(recipe.observed, input, secrets, nowMs);
    case "shared":
      return saidBy(await sharedSecretIn(recipe, input, secrets.shared, nowMs));
    case "authorization-and-tink": {
      const given = input.headers.get("authorization");
      if ((await secretThatIs(given, secrets.authorization, nowMs)) === null)
        return { is: "refused" };
      const said = recipe.headers.flatMap((name) => input.headers.get(name) ?? []);
      return provenByTink([...new Set(said)], input.body, keyset);
    }
    case "hmac":
      return provenByHmac(recipe, input, secrets.signing, nowMs);
    // Whose key or token it is, and if it is one, the route knows; here, what is signed besides.
    case "member-key":
      return recipe.besides === undefined
        ? { is: "refused" }
        : provenBesides(recipe.besides, input, secrets.signing, nowMs);
    case "member-token":
      return { is: "refused" };
  }
}

const provenBesides = (
  recipe: BesidesRecipe,
  input: SignedInput,
  signing: unknown,
  nowMs: Instant,
): Promise<Verdict> =>
  recipe.kind === "hmac"
    ? provenByHmac(recipe, input, signing, nowMs)
    : provenByItems(recipe, input, signing, nowMs);

const saidBy = async (secret: LiveSecret | null): Promise<Verdict> =>
  secret === null ? { is: "refused" } : { is: "genuine", kid: await kidOf(secret) };
