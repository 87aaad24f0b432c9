/**
 * What a resolved thing counts for, summed by code of its own: nothing here is the streams' measures.
 */
import { activityFamilies } from "../../../domain/workouts/activity.ts";
import type { Scenario } from "./scenario.ts";

export interface Counted {
  readonly measure: string;
  readonly key: string;
  readonly day: string;
  readonly n: number;
}
export type Resolved = Readonly<Record<string, unknown>> & { readonly id: string };

export const countedMeasures = new Set(
  "distance moving_time count listens qualified revenue sales payments".split(" "),
);
/** Of streams without boards keys are left out: what is counted is counted over all of them. */
export const keyFor = ({ stream }: Scenario, key: string): string =>
  stream === "workouts" ? key : "";

const halfAtMostMs = 240_000;
const leastHeardMs = 30_000;

interface ScoredPart {
  readonly type: keyof typeof activityFamilies;
  readonly day: string;
  readonly distanceMm: number | null;
  readonly movingMs: number;
}
interface PlayedPart {
  readonly at: number;
  readonly playedMs: number | null;
  readonly durationMs: number | null;
}
interface SoldPart {
  readonly kind: string;
  readonly day: string;
  readonly amountMinor: number;
  readonly sales: number;
}

function ofWorkout({ scored, held }: Resolved): Counted[] {
  const is = scored as ScoredPart | null;
  if (is === null || (held as readonly unknown[]).length > 0) return [];
  return ["all", activityFamilies[is.type]].flatMap((key) => [
    { measure: "distance", key, day: is.day, n: is.distanceMm ?? 0 },
    { measure: "moving_time", key, day: is.day, n: is.movingMs },
    { measure: "count", key, day: is.day, n: 1 },
  ]);
}

function ofListen(resolved: Resolved): Counted[] {
  const { at, playedMs, durationMs } = resolved as unknown as PlayedPart;
  const day = new Date(at).toISOString().slice(0, 10);
  const unsaid =
    durationMs === null ? leastHeardMs : Math.min(Math.floor(durationMs / 2), halfAtMostMs);
  return [
    { measure: "listens", key: "", day, n: 1 },
    { measure: "qualified", key: "", day, n: (playedMs ?? unsaid) >= leastHeardMs ? 1 : 0 },
  ];
}

function ofLine(resolved: Resolved): Counted[] {
  const { kind, day, amountMinor, sales } = resolved as unknown as SoldPart;
  const measure = kind === "payment" ? "payments" : "revenue";
  return [
    { measure, key: "", day, n: amountMinor },
    { measure: "sales", key: "", day, n: sales },
  ];
}

export const countedOf: Readonly<Record<Scenario["stream"], (of: Resolved) => Counted[]>> = {
  workouts: ofWorkout,
  listens: ofListen,
  sales: ofLine,
};
