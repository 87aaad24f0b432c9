/** Where a provider is to send what it has to say to this deployment. */
import { settingOf } from "../domain/by-provider.ts";
import type { Instant } from "../domain/time.ts";
import type { Provider } from "../providers/provider.ts";
import type { ProviderSecrets } from "../providers/recipe.ts";
import { newestSecret } from "../providers/signature.ts";

export interface WebhookEnv {
  readonly PUBLIC_URL: string;
  readonly PROVIDER_SECRETS: string;
}

/**
 * With the newest part of the path that the deployment states, so it is a secret. Null: its own
 * address, or a path that has to be, is not said, or is no address.
 */
export function webhookUrlOf(
  { name, signature }: Pick<Provider, "name" | "signature">,
  { PUBLIC_URL, PROVIDER_SECRETS }: WebhookEnv,
  nowMs: Instant,
): string | null {
  const secrets = settingOf<ProviderSecrets>(PROVIDER_SECRETS, name) ?? {};
  const isOwn = signature.kind === "member-key";
  const pathKey = (isOwn ? null : newestSecret(secrets.pathKeys, nowMs)) ?? "";
  const origin = originOf(PUBLIC_URL);
  if (origin === null || (signature.kind === "path-secret" && pathKey === "")) return null;
  const door = `${origin}/webhooks/${name}`;
  return pathKey === "" ? door : `${door}/${encodeURIComponent(pathKey)}`;
}

/** Null: it is no address that a provider could send anything to. */
function originOf(url: string): string | null {
  const said = URL.parse(url);
  return said?.protocol === "https:" || said?.protocol === "http:" ? said.origin : null;
}
