/**
 * The list of providers: adding one is a file and a line here. A name is a part of URLs, of
 * identities and of stored rows, so it never changes. Which stream each feeds stands in the
 * provider itself.
 */
import { appleHealth } from "./apple-health.ts";
import { files } from "./files.ts";
import { garmin } from "./garmin.ts";
import { googleHealth } from "./google-health.ts";
import type { Provider } from "./provider.ts";

export const providers = {
  garmin,
  "google-health": googleHealth,
  "apple-health": appleHealth,
  files,
} as const satisfies Record<string, Provider>;

export type ProviderName = keyof typeof providers;

/** The provider of that name; undefined when there is none. */
export const providerNamed = (name: string): Provider | undefined =>
  Object.hasOwn(providers, name) ? providers[name as ProviderName] : undefined;

/** Those whose values only their owner may see; what only they know never scores. */
export const ownerOnlyProviders: readonly string[] = Object.values<Provider>(providers)
  .filter((provider) => !provider.facts.othersMaySee)
  .map((provider) => provider.name);
