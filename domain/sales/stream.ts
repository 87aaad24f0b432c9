/** Sales: what tills and shops sold, once, on the business day that the till says. */
import type { LiveEntry, Stream } from "../stream.ts";
import { saleColumns, saleMeasures, saleRules } from "./measures.ts";
import { factPrefixOf, idPrefix, type ResolvedLine, resolveSales } from "./resolved.ts";
import { type SaleFact, saleSchema, saleSeal } from "./schema.ts";

const span = ({ at }: { readonly at: number }) => ({ fromMs: at, toMs: at });

/** What a merchant watches: all of their stores; and one store's articles. */
export const merchantWatch = (merchant: string): string => `merchant/${merchant}`;
export const storeWatch = (merchant: string, store: string): string => `store/${merchant}/${store}`;

/** A payment moves nothing, but its line may be the one that counts the sale. */
function* liveOf(l: ResolvedLine): Iterable<LiveEntry> {
  const sold = l.kind === "payment" ? [0, 0] : [l.quantity, l.amountMinor];
  const key = JSON.stringify([l.region ?? "", l.store, l.currency]);
  if (l.kind !== "payment" || l.sales === 1)
    yield { watch: merchantWatch(l.merchant), key, n: [...sold, l.sales] };
  if (l.kind !== "payment" && l.sku !== null)
    yield { watch: storeWatch(l.merchant, l.store), key: l.sku, n: [...sold, 0] };
}

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
    version: 2,
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
    of: liveOf,
  },
  keep: { days: 36_500 },
};
