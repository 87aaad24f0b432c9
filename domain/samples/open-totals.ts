/** What of a member's day stands in the open: three totals, and no word of which device they are of. */
import type { Aggregate } from "./aggregate.ts";
import type { Metric } from "./metrics.ts";

/** Null: nothing was measured. */
export interface OpenTotals {
  readonly steps: number | null;
  readonly distanceMm: number | null;
  readonly energyMcal: number | null;
}

/** Distance and energy are kept in just these units: metres by 1,000 and kilocalories by 1e6. */
export const openTotalsOf = (
  metrics: Readonly<Partial<Record<Metric, Aggregate>>>,
): OpenTotals => ({
  steps: metrics.steps?.value ?? null,
  distanceMm: metrics.distance?.value ?? null,
  energyMcal: metrics.active_energy?.value ?? null,
});
