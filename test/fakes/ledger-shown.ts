/** Looks into a ledger: all that it holds, by the kernel's own reading of its entries. */
import type { OpenFact } from "../../domain/ports.ts";
import type { LedgerState } from "../../durable-objects/ledger-state.ts";
import type { LedgerTables } from "../../durable-objects/ledger-store.ts";
import type { LedgerShown } from "./ledger-calls.ts";

const all = Number.MAX_SAFE_INTEGER;

export function shown(state: LedgerState, tables: LedgerTables): LedgerShown {
  const of = (prefix: string) => [...state.entries.from(prefix, `${prefix}~`)];
  const ids = of("i").map(([key]) => key.slice(1));
  const facts = ids.map((id) => {
    const held = tables.held(id);
    const [revision, body, days] = [held?.revision ?? 0, held?.fact ?? null, held?.days ?? []];
    return { id, revision, body: body as OpenFact | null, days };
  });
  const totals = [...tables.scores.totals()].flatMap(([period, sums]) =>
    Object.entries(sums).map(([key, n]): [string, number[]] => [`${period} ${key}`, n]),
  );
  return {
    facts,
    receipts: of("r").map(([, number]) => Number(number)),
    resolved: of("c")
      .map(([, text]) => text.slice(text.indexOf(" ") + 1))
      .sort(),
    totals: Object.fromEntries(totals.sort(([a], [b]) => (a < b ? -1 : 1))),
    counted: [...tables.resolved.counted()],
    changes: tables.outbox.changesDue(all, all),
    retractions: tables.outbox.retractions(all).map(({ seq }) => seq),
    isDue: tables.scores.isOwed,
    head: { ...state.head },
    entries: of("").length,
  };
}
