/** What was counted, as lines of a bill: units and dollars for a million of something. */
import { dollarsOf, type Unit } from "../../domain/prices.ts";
import { type Counted, Tally } from "./tally.ts";

const million = 1_000_000;

export interface Line {
  readonly part: string;
  readonly unit: Unit;
  /** For a million. */
  readonly units: number;
  readonly dollars: number;
}

/** Counted over something, and so often of it comes to one of what is billed. */
export interface Share {
  readonly counted: readonly Counted[];
  readonly of: number;
  readonly each?: number;
}

/** Details together, the dearest first. */
export function linesOf(shares: readonly Share[]): Line[] {
  const tally = new Tally();
  for (const { counted, of, each = 1 } of shares)
    for (const { part, unit, n } of counted) tally.add(part, unit, (n * each) / of);
  return tally
    .entries()
    .map(({ part, unit, n }) => ({
      part,
      unit,
      units: n * million,
      dollars: dollarsOf(unit, n * million),
    }))
    .sort((a, b) => b.dollars - a.dollars);
}

export const totalOf = (lines: readonly Line[]): number =>
  lines.reduce((sum, { dollars }) => sum + dollars, 0);

/** By part, whatever the unit; the dearest first. */
export function byPart(lines: readonly Line[]): { part: string; dollars: number }[] {
  const sums = new Map<string, number>();
  for (const { part, dollars } of lines) sums.set(part, (sums.get(part) ?? 0) + dollars);
  return [...sums]
    .map(([part, dollars]) => ({ part, dollars }))
    .sort((a, b) => b.dollars - a.dollars);
}
