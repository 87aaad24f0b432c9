/**
 * Asking the vault what days come to that it resolves, so that a ledger which heard too little hears
 * it again. Changes nothing: what it returns is to be recorded.
 */
import type { OpenFact } from "../domain/ports.ts";
import type { ResolvingVault, Settings } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import type { LocalDate } from "../domain/time.ts";
import type { LedgerTables } from "./ledger-store.ts";

/** A month's chunks are opened in one call. */
const daysAtOnce = 31;

/**
 * Facts of these days (null: of any) that are newer than what is held of them. Only of days that
 * something was ever published under: of the others there is nothing to publish again. Throws when
 * the vault cannot be asked.
 */
export async function newerFacts(
  vault: ResolvingVault,
  { resolve }: AnyStream,
  subject: string,
  tables: LedgerTables,
  settings: Settings,
  days: readonly LocalDate[] | null,
): Promise<readonly OpenFact[]> {
  if (resolve?.ask === undefined) return [];
  const known = tables.facts.daysOf(null).filter((day) => days?.includes(day) ?? true);
  const found: OpenFact[] = [];
  for (let i = 0; i < known.length; i += daysAtOnce) {
    const asked = { subject, days: known.slice(i, i + daysAtOnce), settings };
    const [facts = []]: readonly (readonly OpenFact[])[] = await resolve.ask(vault, [asked]);
    for (const fact of facts) {
      const held = tables.held(fact.id);
      // A day that nothing was ever on needs no row.
      const isNew = held === null && resolve.of([fact], settings, []).length > 0;
      if (isNew || (held !== null && fact.revision > held.revision)) found.push(fact);
    }
  }
  return found;
}
