/** Whose totals the caller reads, of those roles that a page is for; one of them is looked at. */
import { useState } from "react";
import type { Answer } from "../api/client.ts";
import { useApi } from "../api/queries.ts";

export type Reads = Answer<"GET /v1/reads">["items"][number];

export function useReads(roles: readonly string[]) {
  const query = useApi("GET /v1/reads");
  const [chosen, choose] = useState<string | null>(null);
  const held = (query.data?.items ?? []).filter(({ role }) => roles.includes(role));
  // In two roles it is one all the same.
  const all = [...new Map(held.map((each) => [each.of, each])).values()];
  const one = all.find(({ of }) => of === chosen) ?? all[0];
  return { query, all, one, choose };
}
