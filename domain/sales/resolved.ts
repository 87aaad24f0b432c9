/** A sale line by line, which is how it is counted; lines that say the same are two all the same. */
import type { FactId } from "../identity.ts";
import type { Instant, LocalDate } from "../time.ts";
import type { SaleFact, SaleLine } from "./schema.ts";

export interface ResolvedLine extends SaleLine {
  readonly id: string;
  readonly fact: FactId;
  /** Its place in the sale. */
  readonly line: number;
  /** How many sales it counts for: one on the first line of a sale of which something is left. */
  readonly sales: 0 | 1;
  readonly at: Instant;
  readonly day: LocalDate;
  readonly merchant: string;
  readonly store: string;
  readonly region: string | null;
  readonly currency: string;
  readonly provider: string;
  readonly connection: string;
  /** What the sale is reconciled by, any of them; the first one names it. */
  readonly references: readonly string[];
  readonly reference: string | null;
  readonly person: string | null;
  readonly card: string | null;
}

export const idPrefix = "s_";
const lineDigits = 4;

/** A sale without lines is one all the same. */
const nothing: SaleLine = { kind: "item", sku: null, quantity: 0, amountMinor: 0 };

export function resolveSales(facts: readonly SaleFact[]): ResolvedLine[] {
  return [...facts]
    .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1))
    .flatMap((sale) => {
      const { id, at, member, store, region, currency, provider, person } = sale;
      const { connection, references } = sale;
      const lines = sale.lines.length === 0 ? [nothing] : sale.lines;
      const isSale = isLeft(lines);
      return lines.map(
        (said, line): ResolvedLine => ({
          ...said,
          ...{ id: `${idPrefix}${id}_${String(line).padStart(lineDigits, "0")}`, fact: id, line },
          ...{ sales: isSale && line === 0 ? 1 : 0, day: sale.businessDay, merchant: member },
          ...{ at, store, region, currency, provider, connection, person, references },
          ...{ reference: references[0] ?? null, card: sale.cards[0]?.token ?? null },
        }),
      );
    });
}

/** Of what was cancelled, or came back whole, nothing is left; a payment alone is no sale. */
function isLeft(lines: readonly SaleLine[]): boolean {
  const left = new Map<string, { quantity: number; amount: number }>();
  for (const { kind, sku, quantity, amountMinor } of lines) {
    if (kind === "payment") continue;
    const of = JSON.stringify([kind, sku]);
    const held = left.get(of) ?? { quantity: 0, amount: 0 };
    left.set(of, { quantity: held.quantity + quantity, amount: held.amount + amountMinor });
  }
  return [...left.values()].some(({ quantity, amount }) => quantity !== 0 || amount !== 0);
}

export const factPrefixOf = (id: string): string =>
  id.slice(idPrefix.length).replace(/_\d{4}$/, "");
