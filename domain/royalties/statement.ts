/**
 * What a month's pool comes to, line by line: a pure function of exact totals, rules and the pool, so
 * that the same totals give the same bytes whenever it is made again. Money is in the currency's
 * smallest unit; what is shared out comes to the pool exactly.
 */
import type { Period } from "../time.ts";
import { keyParts } from "../total-key.ts";
import {
  type RoyaltyRule,
  type RoyaltyRules,
  royaltyRuleOf,
  statementVersion,
  weightOne,
} from "./rules.ts";

/** One key of a month's totals: artist, track and territory (`totalKey`). */
export interface MonthTotal {
  readonly key: string;
  readonly listens: number;
  readonly qualified: number;
}
export interface RoyaltyTotals {
  readonly period: Period;
  /** Under which version of the rules listens were counted. */
  readonly rules: number;
  /** Each key once, in any order. */
  readonly month: readonly MonthTotal[];
  /** Track (`trackOf`) → qualified listens of the months looked at; at least those of the month. */
  readonly looked: ReadonlyMap<string, number>;
}
export interface Pool {
  /** ISO 4217. */
  readonly currency: string;
  readonly amountMinor: number;
}

/** Why a line is paid, or is not. */
export const reasons = ["paid", "none-qualified", "below-minimum", "weighs-nothing"] as const;
export type Reason = (typeof reasons)[number];

export interface RoyaltyLine {
  readonly artistKey: string;
  readonly trackKey: string;
  /** ISO 3166-1 alpha-2; ZZ: nobody said. */
  readonly territory: string;
  readonly listens: number;
  readonly qualified: number;
  /** Qualified listens of the track in the months looked at, wherever they were. */
  readonly looked: number;
  readonly eligible: boolean;
  readonly why: Reason;
  readonly amountMinor: number;
}

export interface StatementHead extends Pool {
  readonly period: Period;
  readonly version: number;
  readonly countingRules: number;
  readonly payingRules: number;
  readonly minimum: number;
  readonly listens: number;
  readonly qualified: number;
  readonly eligible: number;
  readonly paidMinor: number;
  /** Of the pool, because there is nobody to be paid. */
  readonly unpaidMinor: number;
}
export interface RoyaltyStatement extends StatementHead {
  /** By artist, track and territory. */
  readonly lines: readonly RoyaltyLine[];
}

const territoryCells = 3;
/** A total's key without its territory, which is two letters after a separator. */
export const trackOf = (key: string): string => key.slice(0, -territoryCells);

const compare = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);
const sum = (numbers: readonly number[]): number => numbers.reduce((all, n) => all + n, 0);

export function royalty(totals: RoyaltyTotals, rules: RoyaltyRules, pool: Pool): RoyaltyStatement {
  const { period, rules: countingRules } = totals;
  const rule = royaltyRuleOf(rules, period);
  const month = [...totals.month].sort((a, b) => compare(a.key, b.key));
  const judged = month.map((one) => judge(one, totals.looked.get(trackOf(one.key)) ?? 0, rule));
  const amounts = shared(
    pool.amountMinor,
    judged.map(({ weight }) => weight),
  );
  const lines = judged.map(({ line }, i) => ({ ...line, amountMinor: amounts[i] ?? 0 }));
  const paidMinor = sum(amounts);
  return {
    ...{ period, version: statementVersion(countingRules, rules.version) },
    ...{ countingRules, payingRules: rules.version, minimum: rule.minimum },
    ...{ currency: pool.currency, amountMinor: pool.amountMinor },
    listens: sum(lines.map((line) => line.listens)),
    qualified: sum(lines.map((line) => line.qualified)),
    eligible: sum(lines.map((line) => (line.eligible ? line.qualified : 0))),
    ...{ paidMinor, unpaidMinor: pool.amountMinor - paidMinor },
    lines,
  };
}

function judge({ key, listens, qualified }: MonthTotal, looked: number, rule: RoyaltyRule) {
  const [artistKey = "", trackKey = "", territory = ""] = keyParts(key);
  const each = rule.weights[territory] ?? weightOne;
  const why = reasonOf(qualified, looked, each, rule);
  const eligible = why === "paid";
  const line = { artistKey, trackKey, territory, listens, qualified, looked, eligible, why };
  return { line, weight: eligible ? qualified * each : 0 };
}

function reasonOf(qualified: number, looked: number, each: number, rule: RoyaltyRule): Reason {
  if (qualified === 0) return "none-qualified";
  if (looked < rule.minimum) return "below-minimum";
  return each > 0 ? "paid" : "weighs-nothing";
}

/**
 * An amount in proportion to weights, in whole units: each its floor, and what is left one by one to
 * the largest remainders, of equal ones to the earlier. Nothing where nothing weighs.
 */
function shared(amountMinor: number, weights: readonly number[]): number[] {
  const all = BigInt(sum(weights));
  if (all === 0n) return weights.map(() => 0);
  const exact = weights.map((weight) => BigInt(amountMinor) * BigInt(weight));
  const amounts = exact.map((n) => Number(n / all));
  const left = amountMinor - sum(amounts);
  const byRemainder = exact
    .map((n, i) => ({ rest: n % all, i }))
    .sort((a, b) => (a.rest > b.rest ? -1 : a.rest < b.rest ? 1 : a.i - b.i));
  for (const { i } of byRemainder.slice(0, left)) amounts[i] = (amounts[i] ?? 0) + 1;
  return amounts;
}

/** What a statement's hash is of: all of it, in one order. */
export const statementText = (statement: RoyaltyStatement): string => JSON.stringify(statement);
