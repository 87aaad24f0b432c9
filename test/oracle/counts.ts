/** Scores and totals by name, so that any two ways of counting can be compared number by number. */
export const measures = ["distance", "moving_time", "count"] as const;
export type MeasureName = (typeof measures)[number];

/** "member period key measure" → score; "period key measure" → total. What is zero is not there. */
export class Counts {
  readonly scores = new Map<string, number>();
  readonly totals = new Map<string, number>();

  score(member: string, period: string, key: string, measure: string, n: number): void {
    plus(this.scores, `${member} ${period} ${key} ${measure}`, n);
    this.total(period, key, measure, n);
  }

  total(period: string, key: string, measure: string, n: number): void {
    plus(this.totals, `${period} ${key} ${measure}`, n);
  }
}

function plus(to: Map<string, number>, name: string, n: number): void {
  const sum = (to.get(name) ?? 0) + n;
  if (sum === 0) to.delete(name);
  else to.set(name, sum);
}

const shownMax = 8;

/** What differs, the first few named with both numbers; empty when nothing does. */
export function differences(
  expected: ReadonlyMap<string, number>,
  found: ReadonlyMap<string, number>,
): { readonly count: number; readonly shown: readonly string[] } {
  const names = [...new Set([...expected.keys(), ...found.keys()])].sort();
  const differing = names.filter((name) => (expected.get(name) ?? 0) !== (found.get(name) ?? 0));
  const shown = differing
    .slice(0, shownMax)
    .map((name) => `${name}: expected ${expected.get(name) ?? 0}, found ${found.get(name) ?? 0}`);
  return { count: differing.length, shown };
}
