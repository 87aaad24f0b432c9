/**
 * What a stream is. Everything that arrives is a source fact on a stream; the kernel knows no
 * domain, only this interface. A new stream is a folder beside `workouts/` and a line in
 * `streams.ts`. No mapping language, no joins, no storage plug-ins, no schema registry.
 */
import type * as z from "zod";
import type { FactId } from "./identity.ts";
import type { SampleWork } from "./samples-ports.ts";
import type { Instant, LocalDate } from "./time.ts";

/** Orders the statements of one identity; a greater one wins. A safe integer. */
export type Revision = number;

/** `at` is on-device time, never the time of arrival. */
export interface Fact {
  readonly id: FactId;
  readonly revision: Revision;
  readonly at: Instant;
  /**
   * Which edition of its provider's reading made it; absent: the first. Of two readings of the same
   * statement the later edition stands.
   */
  readonly edition?: number | undefined;
}

/** A retraction needs no time; it goes to every day that its identity was published under. */
export interface Retraction {
  readonly id: FactId;
  readonly revision: Revision;
  readonly retracted: true;
}

export type Statement<F extends Fact> = F | Retraction;

export const isRetraction = <F extends Fact>(s: Statement<F>): s is Retraction => "retracted" in s;

/**
 * What a person decided about facts of their subject. A fact itself: it is recorded, revised and
 * retracted like any other, and lands in every day that the facts it names are under.
 * `join`: all named facts are one. `split`: facts of different sides are not. `clear`: what was
 * held back on the strength of these facts is held back no more.
 */
export interface Decision extends Fact {
  readonly decision: "join" | "split" | "clear";
  readonly sides: readonly (readonly FactId[])[];
  /** Of the named facts, in their order, when it was made: a clearing holds for these alone. */
  readonly revisions: readonly Revision[];
}

/**
 * Of what its source says is gone and never comes back. One less than what was erased by hand
 * (workers/vault/lift.ts): an erasure still comes after it, and lifting one leaves it alone.
 */
export const neverReturns: Revision = Number.MAX_SAFE_INTEGER - 1;
/** Nothing of an identity comes after such a revision: erased by hand, or never to come back. */
export const isFinal = (revision: Revision): boolean => revision >= neverReturns;

export const isDecision = (s: object): s is Decision => "decision" in s;

/** What holds for the whole subject while its facts are resolved. */
export interface Settings {
  /** Effective-dated, oldest first. */
  readonly zones: readonly { readonly zone: string; readonly fromMs: Instant }[];
  /**
   * What only its owner may see, and what therefore never scores: all that a provider says, by its
   * name, one field of it, as `provider/field`, or what it passes on from a maker, as
   * `provider<maker`.
   */
  readonly ownerOnly: readonly string[];
}

/**
 * sealed: in the vault under the member's key. tokenised: the vault's token stands in its place
 * before anything is written. dropped: never stored.
 */
export type Seal = "sealed" | "tokenised" | "dropped";

export interface Span {
  readonly fromMs: Instant;
  readonly toMs: Instant;
}

/** Where a resolved thing stands in a list: by time, and of those at one time by id. */
export interface Place {
  readonly at: Instant;
  readonly id: string;
}

/** The part of the vault that resolves; it hands back open facts only. */
export type ResolvingVault = Pick<SampleWork, "resolveSamples">;

/** Days of one subject, to be resolved there. */
export interface Asking {
  readonly subject: string;
  readonly days: readonly LocalDate[];
  readonly settings: Settings;
}

/** How facts of one subject become what counts. Pure, and the same whatever the order. */
export interface Resolve<F extends Fact, R> {
  /**
   * vault: facts only tell of what lies there. What counts of a day is what the vault says when it is
   * asked, so the ledger keeps no conclusions, and settlement asks anew.
   */
  readonly where: "ledger" | "vault";
  /**
   * Only there: each subject's facts of these days as the vault resolves them now, in their order; of
   * the erased none. Of many subjects in few calls.
   */
  ask?(vault: ResolvingVault, asks: readonly Asking[]): Promise<readonly (readonly F[])[]>;
  /** Of the rule: with a greater one, everything is resolved anew from the facts. */
  readonly version: number;
  /**
   * Facts that bear on each other, directly or through others, decide together. Where such a chain
   * is longer than this, it is cut at fixed multiples of it (`pieces.ts`).
   */
  readonly reachDays: number;
  /** What is joined by hand lies within this; well below the reach, so that no cut parts it. */
  readonly joinDays: number;
  /** The time a fact covers. */
  span(fact: F): Span;
  /** Two facts that bear on each other lie no further apart than this. */
  readonly nearMs: number;
  /** Absent: none ever does, each stands for itself. */
  bears?(a: F, b: F): boolean;
  of(facts: readonly F[], settings: Settings, decisions: readonly Decision[]): R[];
  id(resolved: R): string;
  /** What the ids of things anchored at this fact begin with, and the other way round. */
  readonly idOf: (fact: FactId) => string;
  factPrefixOf(id: string): string;
  factsOf(resolved: R): readonly FactId[];
  /**
   * When it counts, and on which day: what boards, totals and the archive's partitions go by. The
   * time is that of one of its facts, the offset what one of them states, so that whoever looks
   * around a day finds it. Where others see anything of it, both are out of what they see.
   */
  at(resolved: R): Instant;
  day(resolved: R): LocalDate;
  /** Where its owner finds it. */
  ownPlace(resolved: R): Place;
  /** Where others find it, told by what they may see alone; null: to them it is not there. */
  othersPlace(resolved: R): Place | null;
  spanOf(resolved: R): Span;
  /** What counts of it was recorded by a device, and nothing was entered by hand; absent: of none. */
  isVerified?(resolved: R): boolean;
}

/** A stream's rules by the day from which they hold: the past keeps the ones it was counted by. */
export interface Rules {
  /** Of the whole history: with a greater one everything is counted anew, under that number. */
  readonly version: number;
  /** Oldest first; the first one holds since ever. */
  readonly history: readonly {
    readonly from: LocalDate;
    readonly values: Readonly<Record<string, number>>;
  }[];
}
export type RulesAt = (day: LocalDate) => Readonly<Record<string, number>>;

/** The rules in force on a day. */
export const rulesAt =
  ({ history }: Rules): RulesAt =>
  (day) =>
    (history.findLast(({ from }) => from <= day) ?? history[0])?.values ?? {};

/** One definition serves the live value and the exact total. Integers; an average is two sums. */
export interface Measure<R> {
  readonly name: string;
  /** Open measures may be shown and archived; others never leave the vault. */
  readonly open: boolean;
  readonly fold: "sum" | "min" | "max" | "latest";
  /** Its totals are its days': no week, no month and no all time of it is made or asked for. */
  readonly isDaily?: boolean;
  of(resolved: R, rules: RulesAt): Iterable<readonly [key: string, n: number]>;
  /**
   * The same over the archive's columns: gives rows (subject, id, day, at, key, n) out of the views
   * `resolved` (subject, id, day, at and the stream's columns) and `rules` (from_day, until_day
   * exclusive, a column a value). Standard SQL: DuckDB, Spark and R2 SQL all run it.
   */
  readonly sql: string;
}

/** What the archive shows of a resolved thing, beside its subject, id, day and time: open only. */
export interface Column<R> {
  readonly name: string;
  readonly type: "text" | "integer" | "boolean";
  of(resolved: R): string | number | boolean | null;
}

/** What somebody watches from minute to minute, and what one thing adds to it. */
export interface LiveEntry {
  /** What is watched: the name of one live object, internal names only. */
  readonly watch: string;
  readonly key: string;
  /** Sums, as many as the stream's other entries have. */
  readonly n: readonly number[];
}

/** What may be watched as it happens: a little late and bounded, where the totals are exact. */
export interface Live<R> {
  /** Of what the ledger resolves. What happened before so many days is told no more: it has totals. */
  readonly days: number;
  of(resolved: R): Iterable<LiveEntry>;
}

export interface Stream<F extends Fact = Fact, R = F> {
  readonly name: string;
  readonly schema: z.ZodType<F>;
  /**
   * Which ledger serialises a fact. member: its member's own, which goes with them. A number: there
   * are so many, and a hash of the fact's identity says which (`shards.ts`).
   */
  readonly shards: "member" | number;
  /** Decided once, per field. What is not named here is open. */
  readonly seal: { readonly [K in keyof F]?: Seal };
  /**
   * What is kept of the body as it came: a member's own slice of it only, always sealed. sanitised:
   * of what may hold card numbers, and holds none once it is kept.
   */
  readonly raw: "sealed" | "sanitised" | "dropped";
  /** The archive's partition: when it happened, never when it arrived. */
  day(fact: F, settings: Settings): LocalDate;
  readonly buckets: number;
  /** Its days, or what it resolves to, go by where its member lived then. */
  readonly followsZones: boolean;
  /** Has boards. Of what has none no sums are kept live: its totals are the archive's. */
  readonly ranked: boolean;
  readonly resolve?: Resolve<F, R>;
  readonly rules: Rules;
  readonly columns: readonly Column<R>[];
  readonly measures: readonly Measure<R>[];
  readonly live?: Live<R>;
  readonly keep: { readonly days: number };
}
