/** By which rules a ledger resolved what it holds, as text: with another text it is done anew. */
import type { AnyStream } from "../domain/streams.ts";
import { ownerOnlyProviders } from "../providers/index.ts";

/** Where no sums are kept, what counts and who may see it are no rules of the ledger's. */
export function ruleTextOf({ resolve, rules, ranked }: AnyStream): string {
  const ofSums = ranked ? [ownerOnlyProviders, rules.version] : [];
  return JSON.stringify([resolve?.version ?? 0, ...ofSums]);
}
