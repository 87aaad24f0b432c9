/**
 * A merchant's sales as files of an export, as their sources stated them: of a card what may be shown
 * of it and its token, never its number; of a customer the digest.
 */
import { resolveSales } from "../sales/resolved.ts";
import type { SaleFact } from "../sales/schema.ts";
import { formatMoment } from "../time.ts";
import { columnOver, isValue, type TableColumn, valueLine } from "./part.ts";
import { noColumns, type Takeaway } from "./takeaway.ts";

export const saleLineOf = ({ id, at, ...sale }: SaleFact): string =>
  JSON.stringify({
    ...{ id, at: formatMoment(at), businessDay: sale.businessDay, provider: sale.provider },
    ...{ store: sale.store, region: sale.region, currency: sale.currency },
    ...{ references: sale.references, lines: sale.lines, cards: sale.cards, person: sale.person },
  });

/** A row a line of a sale. */
export function saleTable(sales: readonly SaleFact[]): TableColumn[] {
  const column = columnOver(resolveSales(sales));
  return [
    column("sale", "STRING", (l) => l.fact),
    column("line", "INT64", (l) => l.line),
    column("at_ms", "INT64", (l) => l.at),
    column("business_day", "STRING", (l) => l.day),
    column("provider", "STRING", (l) => l.provider),
    column("store", "STRING", (l) => l.store),
    column("region", "STRING", (l) => l.region),
    column("currency", "STRING", (l) => l.currency),
    column("kind", "STRING", (l) => l.kind),
    column("sku", "STRING", (l) => l.sku),
    column("quantity", "INT64", (l) => l.quantity),
    column("amount_minor", "INT64", (l) => l.amountMinor),
    column("reference", "STRING", (l) => l.reference),
    column("person", "STRING", (l) => l.person),
    column("card", "STRING", (l) => l.card),
  ];
}

export const saleTakeaway: Takeaway<SaleFact> = {
  stream: "sales",
  itemsMax: 100,
  id: (sale) => sale.id,
  facts: (sale) => [sale.id],
  columns: { ...noColumns, ndjson: ["raw", "source_id"] },
  // Its lines may be many, and what follows is of its id alone.
  rest: (sale) => ({ ...sale, lines: [], cards: [], references: [] }),
  files: [
    {
      ...{ stem: "sales", format: "ndjson" },
      write: ({ begun }) => ({ lines: begun.map(saleLineOf) }),
    },
    {
      ...{ stem: "originals", format: "ndjson" },
      write: ({ pieces }) => ({
        lines: pieces.filter(isValue).map((piece) => valueLine("sale", piece)),
      }),
    },
    {
      ...{ stem: "sales", format: "parquet" },
      write: ({ begun }) => ({ table: saleTable(begun) }),
    },
  ],
};
