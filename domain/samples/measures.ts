/** What a day of samples counts: the open totals, once as a function and once as SQL. */
import type { FactId } from "../identity.ts";
import type { Measure, Rules } from "../stream.ts";
import type { Instant, LocalDate } from "../time.ts";

/** A local day on which something open was measured. */
export interface ResolvedDay {
  readonly id: string;
  readonly fact: FactId;
  readonly at: Instant;
  readonly day: LocalDate;
  readonly steps: number | null;
  readonly distanceMm: number | null;
  readonly energyMcal: number | null;
}

export const sampleRules: Rules = { version: 1, history: [{ from: "0001-01-01", values: {} }] };

const measure = (
  name: string,
  value: (day: ResolvedDay) => number | null,
  column: string,
): Measure<ResolvedDay> => ({
  name,
  open: true,
  fold: "sum",
  of(day) {
    const n = value(day);
    return n === null ? [] : [["all", n]];
  },
  sql: `
SELECT r.subject, r.id, r.day, r.at, 'all' AS key, r.${column} AS n
FROM resolved r
WHERE r.${column} IS NOT NULL`,
});

export const sampleMeasures: readonly Measure<ResolvedDay>[] = [
  measure("steps", ({ steps }) => steps, "steps"),
  measure("distance", ({ distanceMm }) => distanceMm, "distance_mm"),
  measure("active_energy", ({ energyMcal }) => energyMcal, "energy_mcal"),
];
