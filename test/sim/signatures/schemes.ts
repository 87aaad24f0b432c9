/**
 * What is tried: every provider of the list that proves itself, two schemes of the wider world, and
 * one of each kind that no provider need have.
 */
import { providers } from "../../../providers/index.ts";
import type { Provider } from "../../../providers/provider.ts";
import type { Greeting, SignatureRecipe } from "../../../providers/recipe.ts";
import { github, stripe } from "../../corpus/signature-recipes.ts";

export interface Scheme<R extends SignatureRecipe = SignatureRecipe> {
  readonly name: string;
  readonly recipe: R;
  readonly greeting: Greeting | undefined;
  /** By which kind of key, where the recipe has two. */
  readonly version: "v1" | "v1a";
}

function schemesOf(name: string, recipe: SignatureRecipe, greeting?: Greeting): Scheme[] {
  // What is signed besides a key of the member's own is tried as if it stood alone.
  if (recipe.kind === "member-key" && recipe.besides?.kind === "hmac")
    return schemesOf(name, recipe.besides, greeting);
  if (recipe.kind === "member-token" || recipe.kind === "member-key") return [];
  const scheme: Scheme = { name, recipe, greeting, version: "v1" };
  const hasPairs = recipe.kind === "hmac" && recipe.key === "standard-webhooks";
  return hasPairs ? [scheme, { ...scheme, name: `${name}, v1a`, version: "v1a" }] : [scheme];
}

const others: Readonly<Record<string, SignatureRecipe>> = {
  "as GitHub": github,
  "as Stripe": stripe,
  "a path, Stripe's observed": { kind: "path-secret", observed: stripe },
  "a path, GitHub's observed": { kind: "path-secret", observed: github },
  "shared in a field": { kind: "shared", field: "webhook_token" },
  "shared in a header": { kind: "shared", headers: ["x-shared"] },
  "shared in two headers": { kind: "shared", headers: ["client", "secret"] },
};

export const schemes: readonly Scheme[] = [
  ...Object.values<Provider>(providers).flatMap((p) => schemesOf(p.name, p.signature, p.greeting)),
  ...Object.entries(others).flatMap(([name, recipe]) => schemesOf(name, recipe)),
];
