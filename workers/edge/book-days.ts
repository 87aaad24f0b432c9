/**
 * Exact totals of a merchant's business days, out of what each settled partition came to. A day is
 * what its till or shop says; it is counted anew whenever something of it comes late.
 */
import type { MemberId } from "../../domain/identity.ts";
import { saleRules } from "../../domain/sales/measures.ts";
import { sales } from "../../domain/sales/stream.ts";
import { addDays, formatMoment, type LocalDate } from "../../domain/time.ts";
import { keyParts, totalKey } from "../../domain/total-key.ts";
import type { Ports } from "./ports.ts";

/** So many days of one answer at most. */
export const bookDaysMax = 92;
const partsMax = 50_000;
const storesMax = 1_000;

const measures = ["revenue", "sales", "payments"] as const;
const buckets = JSON.stringify(Array.from({ length: sales.buckets }, (_, n) => n));

export interface StoreTotals {
  readonly store: string;
  readonly currency: string;
  /** In the currency's smallest unit: all that was sold, returns taken off. */
  readonly revenueMinor: number;
  readonly sales: number;
  /** What gateways told of payments. */
  readonly paymentsMinor: number;
}
export interface BookDay {
  readonly day: LocalDate;
  /** Nothing that landed waits to be counted. */
  readonly settled: boolean;
  /** Of which versions of the archive's partitions this is. */
  readonly versions: readonly {
    readonly bucket: number;
    readonly version: number;
    readonly settledAt: string;
  }[];
  readonly stores: readonly StoreTotals[];
}
export interface ArticleDay {
  readonly day: LocalDate;
  readonly store: string;
  readonly currency: string;
  readonly units: number;
  readonly revenueMinor: number;
}

/** Both days included. */
export function daysBetween(from: LocalDate, to: LocalDate): readonly LocalDate[] {
  const days: LocalDate[] = [];
  for (let day = from; day <= to && days.length <= bookDaysMax; day = addDays(day, 1))
    days.push(day);
  return days;
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const key = keyOf(row);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [row]);
    else group.push(row);
  }
  return groups;
}

interface PartRow {
  readonly day: LocalDate;
  readonly measure: string;
  readonly key: string;
  readonly n: number;
}

/** Keys of one merchant, and of nobody whose id begins alike: U+0020 comes right after U+001F. */
export const keysOf = (merchant: MemberId): readonly [from: string, before: string] => [
  totalKey([merchant, ""]),
  `${merchant}\u0020`,
];

/** By merchant, sought for each day, bucket and measure: nothing of anybody else is read. */
export const partsSql = `SELECT p.day, p.measure, p.key, sum(p.n) AS n
  FROM json_each(?1) AS d CROSS JOIN json_each('${buckets}') AS b CROSS JOIN json_each(?2) AS m
  CROSS JOIN part AS p WHERE p.stream = '${sales.name}' AND p.day = d.value
    AND p.bucket = b.value AND p.rules = ${saleRules.version} AND p.measure = m.value
    AND p.key >= ?3 AND p.key < ?4
  GROUP BY p.day, p.measure, p.key ORDER BY p.day, p.key LIMIT ?5`;

interface PartitionRow {
  readonly day: LocalDate;
  readonly bucket: number;
  readonly version: number;
  readonly rules: number;
  readonly settledAt: number;
  readonly damaged: string | null;
}

/** One after another, in order. Null: they hold more than one answer may. */
export async function bookDays(
  ports: Ports,
  merchant: MemberId,
  days: readonly LocalDate[],
): Promise<readonly BookDay[] | null> {
  const asked = JSON.stringify(days);
  const [parts, partitions, waiting] = await ports.sql((db) =>
    db.batch<unknown>([
      db.prepare(partsSql).bind(asked, JSON.stringify(measures), ...keysOf(merchant), partsMax + 1),
      db
        .prepare(
          `SELECT day, bucket, version, rules, settled_at AS settledAt, damaged FROM partition
           WHERE stream = ? AND day IN (SELECT value FROM json_each(?)) ORDER BY day, bucket`,
        )
        .bind(sales.name, asked),
      db
        .prepare(
          ["dirty", "unresolved"]
            .map(
              (table) => `SELECT day FROM ${table} WHERE stream = ?1
                AND day IN (SELECT value FROM json_each(?2))`,
            )
            .join(" UNION "),
        )
        .bind(sales.name, asked),
    ]),
  );
  const rows = (parts?.results ?? []) as PartRow[];
  if (rows.length > partsMax) return null;
  const stores = grouped(rows, ({ day }) => day);
  const held = grouped((partitions?.results ?? []) as PartitionRow[], ({ day }) => day);
  const waits = new Set(((waiting?.results ?? []) as { day: LocalDate }[]).map(({ day }) => day));
  return days.map((day) => {
    const of = held.get(day) ?? [];
    return {
      day,
      settled: !waits.has(day) && of.every(isCounted),
      versions: of.map(({ bucket, version, settledAt }) => ({
        ...{ bucket, version, settledAt: formatMoment(settledAt) },
      })),
      stores: storesOf(stores.get(day) ?? []),
    };
  });
}

const isCounted = ({ version, rules, damaged }: PartitionRow): boolean =>
  version > 0 && rules === saleRules.version && damaged === null;

function storesOf(rows: readonly PartRow[]): readonly StoreTotals[] {
  const totals = new Map<string, StoreTotals>();
  for (const { measure, key, n } of rows) {
    const [, store = "", currency = ""] = keyParts(key);
    const none = { store, currency, revenueMinor: 0, sales: 0, paymentsMinor: 0 };
    const before = totals.get(key) ?? none;
    const name =
      measure === "sales" ? measure : measure === "revenue" ? "revenueMinor" : "paymentsMinor";
    totals.set(key, { ...before, [name]: before[name] + n });
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, of]) => of);
}

/**
 * One article over some days: only its own keys are sought, in every store there ever was. Null: they
 * hold more than one answer may.
 */
export async function articleDays(
  ports: Ports,
  merchant: MemberId,
  sku: string,
  days: readonly LocalDate[],
): Promise<readonly ArticleDay[] | null> {
  const { results: known } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT key FROM total WHERE stream = ? AND rules = ? AND measure = 'revenue'
         AND key >= ? AND key < ? AND period = 'all' ORDER BY key LIMIT ?`,
      )
      .bind(sales.name, saleRules.version, ...keysOf(merchant), storesMax + 1)
      .all<{ key: string }>(),
  );
  const keys = known.map(({ key }) => totalKey([key, sku]));
  if (keys.length === 0) return [];
  if (keys.length > storesMax) return null;
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT p.day, p.measure, p.key, sum(p.n) AS n
         FROM json_each(?1) AS d CROSS JOIN json_each('${buckets}') AS b
         CROSS JOIN json_each(?2) AS m CROSS JOIN json_each(?3) AS k CROSS JOIN part AS p
         WHERE p.stream = '${sales.name}' AND p.day = d.value AND p.bucket = b.value
           AND p.rules = ${saleRules.version} AND p.measure = m.value AND p.key = k.value
         GROUP BY p.day, p.measure, p.key ORDER BY p.day, p.key LIMIT ?4`,
      )
      .bind(
        ...[JSON.stringify(days), JSON.stringify(["article_units", "article_revenue"])],
        ...[JSON.stringify(keys), partsMax + 1],
      )
      .all<PartRow & Record<string, unknown>>(),
  );
  if (results.length > partsMax) return null;
  const byPlace = grouped(results, ({ day, key }) => `${day} ${key}`);
  return [...byPlace.values()].map((rows) => {
    const [, store = "", currency = ""] = keyParts(rows[0]?.key ?? "");
    const n = (of: string) => rows.find(({ measure }) => measure === of)?.n ?? 0;
    const revenueMinor = n("article_revenue");
    return { day: rows[0]?.day ?? "", store, currency, units: n("article_units"), revenueMinor };
  });
}
