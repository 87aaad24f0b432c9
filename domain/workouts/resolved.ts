/** A resolved workout: what really happened, once, with the reasons anyone can read. */
import type { FactId } from "../identity.ts";
import type { Instant, LocalDate } from "../time.ts";
import type { ActivityFamily, ActivityType } from "./activity.ts";

/** A value, and the record that it was taken from. */
export interface Chosen<T> {
  readonly value: T;
  readonly from: FactId;
}

export interface Reason {
  readonly a: FactId;
  readonly b: FactId;
  readonly rule: "overlap" | "copy" | "apart-in-time" | "other-activity" | "same-source" | "taken";
  /** Overlap of the two relative to the shorter, in thousandths. */
  readonly overlapPermille: number;
  /** The same in a sentence. */
  readonly because: string;
}

export interface Source {
  readonly fact: FactId;
  readonly provider: string;
  readonly type: ActivityType;
  readonly at: Instant;
  readonly elapsedMs: number;
  readonly distanceMm: number | null;
  readonly deviceModel: string | null;
  readonly app: string | null;
}

export interface ResolvedWorkout {
  readonly id: string;
  readonly at: Instant;
  readonly toMs: Instant;
  readonly offsetMin: number;
  readonly offsetFrom: "source" | "zone";
  readonly day: LocalDate;
  readonly type: ActivityType;
  readonly family: ActivityFamily;
  readonly elapsedMs: number;
  readonly moving: Chosen<number>;
  readonly distance: Chosen<number> | null;
  readonly energy: Chosen<number> | null;
  readonly elevationGain: Chosen<number> | null;
  /** The records it was folded from, most trusted first; the first one is its anchor. */
  readonly sources: readonly Source[];
  /** What made its sources one. */
  readonly joined: readonly Reason[];
  /** Records nearby that are another workout, and why. */
  readonly apart: readonly Reason[];
}
