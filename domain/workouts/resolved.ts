/** A resolved workout: what really happened, once, with the reasons anyone can read. */
import type { FactId } from "../identity.ts";
import type { Instant, LocalDate } from "../time.ts";
import type { ActivityFamily, ActivityType } from "./activity.ts";

/** A value, the records that it was taken from (several when it is a sum of parts), and why. */
export interface Chosen<T> {
  readonly value: T;
  readonly from: readonly FactId[];
  readonly because: string;
}

/** What made two records one workout, or kept them apart. */
export type Rule =
  | "by-hand"
  | "copy"
  | "twin"
  | "overlap"
  | "part"
  | "relabelled"
  | "shifted"
  | "apart-in-time"
  | "other-activity"
  | "same-source"
  | "all-day"
  | "vague"
  | "several"
  | "taken"
  | "ambiguous";

export interface Reason {
  readonly a: FactId;
  readonly b: FactId;
  readonly rule: Rule;
  /** Shared time of the two relative to the shorter, in thousandths. */
  readonly overlapPermille: number;
  /** The same in a sentence. */
  readonly because: string;
}

/** Why a workout is held back from boards. It stays in its owner's list. */
export interface Hold {
  readonly rule: "too-fast" | "too-far" | "too-long" | "speed-disagrees" | "counted-elsewhere";
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

/** What others may see and boards may count: merged anew from the countable sources only. */
export interface Scored {
  /** Of the countable source that is trusted most; leads to the same workout. */
  readonly id: string;
  readonly at: Instant;
  readonly offsetMin: number;
  /** By which it counts: for a period, under its rules, in its partition. */
  readonly day: LocalDate;
  readonly type: ActivityType;
  readonly elapsedMs: number;
  readonly movingMs: number;
  readonly distanceMm: number | null;
  readonly energyMcal: number | null;
  readonly elevationGainMm: number | null;
  /** A watch, a bike computer or a phone recorded all that counts: when, how long, how far, what. */
  readonly verified: boolean;
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
  /** Whose readings to show, best first; the readings themselves stay sealed. */
  readonly heartRate: readonly FactId[];
  readonly track: readonly FactId[];
  /** Null when no source of it may be counted. */
  readonly scored: Scored | null;
  /** Empty when nothing is held against it. */
  readonly held: readonly Hold[];
  /** The records it was folded from, most trusted first; the first one is its anchor. */
  readonly sources: readonly Source[];
  /** What made its sources one. */
  readonly joined: readonly Reason[];
  /** Records nearby that are another workout, and why; the strongest only where they are many. */
  readonly apart: readonly Reason[];
}
