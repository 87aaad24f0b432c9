/** What providers are called. A card that names one can do without: their short names say enough. */
import { useApi } from "../../api/queries.ts";
import { words } from "../../design/format.ts";

export function useProviderNames() {
  const providers = useApi("GET /v1/providers");
  const titles = new Map(providers.data?.items.map(({ name, title }) => [name, title]));
  return { providers, nameOf: (provider: string) => titles.get(provider) ?? words(provider) };
}
