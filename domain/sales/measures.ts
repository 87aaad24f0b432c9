/**
 * What sales are measured by, over their lines: money in the currency's smallest unit by merchant,
 * store and currency; pieces and money by article; and how many sales there were. What a gateway
 * reports of a payment is kept apart from what was sold.
 */
import type { Column, Measure, Rules } from "../stream.ts";
import { totalKey } from "../total-key.ts";
import type { ResolvedLine } from "./resolved.ts";

export const saleRules: Rules = { version: 1, history: [{ from: "0001-01-01", values: {} }] };

const text = (name: string, of: (l: ResolvedLine) => string | null): Column<ResolvedLine> => ({
  ...{ name, type: "text", of },
});
const integer = (name: string, of: (l: ResolvedLine) => number): Column<ResolvedLine> => ({
  ...{ name, type: "integer", of },
});
const placed = ["merchant", "store", "region", "currency", "provider", "connection"] as const;

/** U+001F is in no name of a store or an article (`saleText`). */
const storeKey = ({ merchant, store, currency }: ResolvedLine) =>
  totalKey([merchant, store, currency]);
const articleKey = (l: ResolvedLine) => totalKey([l.merchant, l.store, l.currency, l.sku ?? ""]);

/** One sale, and all that a gateway may call it; without such a name nobody can reconcile it. */
const referenceKey = (l: ResolvedLine) =>
  totalKey([
    l.merchant,
    l.currency,
    l.kind === "payment" ? "payment" : "sale",
    l.fact,
    ...l.references,
  ]);

export const saleColumns: readonly Column<ResolvedLine>[] = [
  ...placed.map((name) => text(name, (l) => l[name])),
  text("sale", (l) => l.fact),
  integer("line", (l) => l.line),
  integer("sales", (l) => l.sales),
  text("kind", (l) => l.kind),
  text("sku", (l) => l.sku),
  integer("quantity", (l) => l.quantity),
  integer("amount_minor", (l) => l.amountMinor),
  text("reference", (l) => l.reference),
  text("person", (l) => l.person),
  text("card", (l) => l.card),
  text("store_key", storeKey),
  text("article_key", articleKey),
  text("reference_key", referenceKey),
];

type Is = (line: ResolvedLine) => boolean;
const isSold: Is = ({ kind }) => kind !== "payment";
const isArticle: Is = ({ kind, sku }) => kind === "item" && sku !== null;

const measure = (
  name: string,
  [is, where]: readonly [Is, string],
  [key, keyColumn]: readonly [(line: ResolvedLine) => string, string],
  [n, value]: readonly [(line: ResolvedLine) => number, string],
): Measure<ResolvedLine> => ({
  ...{ name, open: true, fold: "sum" },
  of: (line) => (is(line) ? [[key(line), n(line)]] : []),
  sql: `SELECT r.subject, r.id, r.day, r.at, r.${keyColumn} AS key, ${value} AS n
FROM resolved r WHERE ${where}`,
});

const byStore = [storeKey, "store_key"] as const;
const byReference = [referenceKey, "reference_key"] as const;
const byArticle = [articleKey, "article_key"] as const;
const amount = [(l: ResolvedLine) => l.amountMinor, "r.amount_minor"] as const;
const sold = [isSold, "r.kind <> 'payment'"] as const;
const counted = [(l: ResolvedLine) => l.sales === 1, "r.sales = 1"] as const;
const paid = [(l: ResolvedLine) => l.kind === "payment", "r.kind = 'payment'"] as const;
const named = [(l: ResolvedLine) => l.reference !== null, "r.reference IS NOT NULL"] as const;
const article = [isArticle, "r.kind = 'item' AND r.sku IS NOT NULL"] as const;

export const saleMeasures: readonly Measure<ResolvedLine>[] = [
  measure("revenue", sold, byStore, amount),
  measure("sales", counted, byStore, [(l) => l.sales, "r.sales"]),
  measure("payments", paid, byStore, amount),
  measure("article_units", article, byArticle, [(l) => l.quantity, "r.quantity"]),
  measure("article_revenue", article, byArticle, amount),
  { ...measure("by_reference", named, byReference, amount), isDaily: true },
];
