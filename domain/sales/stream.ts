/** Sales: what tills and shops sold, once, on the business day that the till says. */
import type { Stream } from "../stream.ts";
import { saleColumns, saleMeasures, saleRules } from "./measures.ts";
import { factPrefixOf, idPrefix, type ResolvedLine, resolveSales } from "./resolved.ts";
import { type SaleFact, saleSchema, saleSeal } from "./schema.ts";

const span = ({ at }: { readonly at: number }) => ({ fromMs: at, toMs: at });

/** What a merchant watches: all of their stores; and one store's articles. */
export const merchantWatch = (merchant: string): string => `merchant/${merchant}`;
export const storeWatch = (merchant: string, store: string): string => `store/${merchant}/${store}`;

export const sales: Stream<SaleFact, ResolvedLine> = {
  name: "sales",
  schema: saleSchema,
  shards: 16,
  seal: saleSeal,
  raw: "sanitised",
  day: ({ businessDay }) => businessDay,
  buckets: 16,
  followsZones: false,
  ranked: false,
  resolve: {
    where: "ledger",
    version: 1,
    // Each sale stands for itself: nothing reaches anywhere.
    reachDays: 1,
    joinDays: 0,
    span,
    nearMs: 0,
    of: resolveSales,
    id: (l) => l.id,
    idOf: (fact) => `${idPrefix}${fact}`,
    factPrefixOf,
    factsOf: (l) => [l.fact],
    at: (l) => l.at,
    day: (l) => l.day,
    ownPlace: ({ at, id }) => ({ at, id }),
    othersPlace: () => null,
    spanOf: span,
  },
  rules: saleRules,
  columns: saleColumns,
  measures: saleMeasures,
  live: {
    // A refund that comes within two months still moves the stock.
    days: 60,
    of: (l) =>
      l.kind === "payment"
        ? []
        : [
            {
              watch: merchantWatch(l.merchant),
              key: JSON.stringify([l.region ?? "", l.store, l.currency]),
              n: [l.quantity, l.amountMinor, l.line === 0 ? 1 : 0],
            },
            ...(l.sku === null
              ? []
              : [
                  {
                    watch: storeWatch(l.merchant, l.store),
                    key: l.sku,
                    n: [l.quantity, l.amountMinor, 0],
                  },
                ]),
          ],
  },
  keep: { days: 36_500 },
};
