/** What the archive shows of a day of samples: the open totals, null where nothing was measured. */
import type { Column } from "../stream.ts";
import type { ResolvedDay } from "./measures.ts";

const integer = (name: string, of: (day: ResolvedDay) => number | null): Column<ResolvedDay> => ({
  name,
  type: "integer",
  of,
});

export const sampleColumns: readonly Column<ResolvedDay>[] = [
  integer("steps", ({ steps }) => steps),
  integer("distance_mm", ({ distanceMm }) => distanceMm),
  integer("energy_mcal", ({ energyMcal }) => energyMcal),
];
