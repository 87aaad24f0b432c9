/** What an operator filled in, as the API takes it: people say kilometres and hours. */
import type { Api } from "../../api/schema.d.ts";
import type { MeasureName } from "./choice.ts";

export type Draft = Api["POST /v1/challenges"]["body"];
export type Family = NonNullable<Draft["families"]>[number];
export type Joining = Draft["joining"];

export interface Filled {
  readonly name: string;
  readonly measure: MeasureName;
  readonly families: readonly Family[];
  readonly from: string;
  readonly to: string;
  /** In kilometres, hours or workouts, as typed; "": none. */
  readonly dayMax: string;
  readonly least: string;
  readonly verifiedOnly: boolean;
  readonly joining: Joining;
  readonly team: string;
}

export const typedUnit: Readonly<Record<MeasureName, string>> = {
  distance: "km",
  moving_time: "hours",
  count: "workouts",
};
const perTyped: Readonly<Record<MeasureName, number>> = {
  distance: 1_000_000,
  moving_time: 3_600_000,
  count: 1,
};

/** Null: none was said, or nothing that could be one. */
function amountOf(measure: MeasureName, typed: string): number | null {
  const n = Math.round(Number(typed.replace(",", ".")) * perTyped[measure]);
  return typed.trim() === "" || !Number.isFinite(n) || n < 1 ? null : n;
}

export function draftOf(filled: Filled): Draft {
  const { name, measure, families, from, to, verifiedOnly, joining, team } = filled;
  return {
    ...{ name: name.trim(), measure, families: [...families], from, to, verifiedOnly, joining },
    dayMax: amountOf(measure, filled.dayMax),
    least: amountOf(measure, filled.least),
    ...(joining === "team" ? { team } : {}),
  };
}
