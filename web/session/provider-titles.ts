/** Of providers, the names by which people know them; until they are known, their own. */
import { useMemo } from "react";
import { useApi } from "../api/queries.ts";
import type { Provider } from "../api/schema.d.ts";
import { type Titles, titleOf } from "./connection-words.ts";

export const titlesOf = (providers: readonly Provider[] | undefined): Titles =>
  new Map(providers?.map(({ name, title }) => [name, title]));

export function useTitles() {
  const query = useApi("GET /v1/providers");
  const titles = useMemo(() => titlesOf(query.data?.items), [query.data]);
  return { query, titles, nameOf: (provider: string) => titleOf(provider, titles) };
}
