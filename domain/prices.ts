/**
 * What the platform charges, in US dollars: Workers Paid, read off the pages on the day that stands
 * beside each. Nothing of what is included each month is taken off a bill here.
 */
export const units = [
  "worker requests",
  "object requests",
  "object rows read",
  "object rows written",
  "object GB-s",
  "D1 rows read",
  "D1 rows written",
  "queue operations",
  "R2 class A",
  "R2 class B",
  "CPU ms",
  "analytics points",
] as const;
export type Unit = (typeof units)[number];

export interface Price {
  readonly dollars: number;
  /** For so many units. */
  readonly per: number;
  /** Each month, for the whole account. */
  readonly included: number;
  readonly page: string;
  readonly readOn: string;
}

const docs = "https://developers.cloudflare.com";
const readOn = "2026-11-22";
const million = 1_000_000;
const perMillion = (dollars: number, included: number, page: string): Price => ({
  dollars,
  per: million,
  included,
  page: `${docs}${page}`,
  readOn,
});

const workers = "/workers/platform/pricing/";
const objects = "/durable-objects/platform/pricing/";
const queues = "/queues/platform/pricing/";
const d1 = "/d1/platform/pricing/";
const r2 = "/r2/pricing/";
const analytics = "/analytics/analytics-engine/pricing/";

export const prices: Readonly<Record<Unit, Price>> = {
  "worker requests": perMillion(0.3, 10 * million, workers),
  "CPU ms": perMillion(0.02, 30 * million, workers),
  "object requests": perMillion(0.15, million, objects),
  "object GB-s": perMillion(12.5, 400_000, objects),
  "object rows read": perMillion(0.001, 25_000 * million, objects),
  "object rows written": perMillion(1, 50 * million, objects),
  "D1 rows read": perMillion(0.001, 25_000 * million, d1),
  "D1 rows written": perMillion(1, 50 * million, d1),
  "queue operations": perMillion(0.4, million, queues),
  "R2 class A": perMillion(4.5, million, r2),
  "R2 class B": perMillion(0.36, 10 * million, r2),
  // Announced; the page says that nobody is billed for it yet.
  "analytics points": perMillion(0.25, 10 * million, analytics),
};

export const dollarsOf = (unit: Unit, n: number): number => {
  const { dollars, per } = prices[unit];
  return (n * dollars) / per;
};

/** Dollars a month for each gigabyte (10⁹ bytes) that is kept; docs/sizing.md names the pages. */
export const storagePrices = { d1: 0.75, r2: 0.015 } as const;
