/**
 * Boards over their bindings. A ranking is one measure for one key over a period or a challenge. All
 * open rankings of a stream live in the same shards: a member is one row there, and a change of any
 * of their scores is one row written. Reads ask every shard of one generation and merge; whoever is
 * told `moved` begins again with the generation that took its place.
 */
import type { Instant } from "./time.ts";

/** `period`: "2026-W46", "2026-11", "all", or a challenge ("challenge/" and its id). */
export interface Ranking {
  readonly period: string;
  /** "all", or one activity family. */
  readonly key: string;
  /** Which of the stream's measures. */
  readonly measure: number;
}

/** Key → one number a measure, then the event time of the last thing counted. */
export type Numbers = Readonly<Record<string, readonly number[]>>;

/** All that a member has on open boards; what is not in it, they do not have. */
export interface ScoreRow {
  readonly member: string;
  /** A greater one takes the place of a smaller one, whatever came first. */
  readonly version: number;
  /** By period or challenge: what everybody sees. Empty: they are on no board. */
  readonly periods: Readonly<Record<string, Numbers>>;
  /** By period: what counts for their teams and is shown by itself to nobody. */
  readonly unshown: Readonly<Record<string, Numbers>>;
}

export interface Score {
  readonly member: string;
  readonly score: number;
  readonly atMs: Instant;
}

/** Over how many shards a stream's boards are spread; another number is another generation. */
export interface Topology {
  readonly generation: number;
  readonly shards: number;
}
export interface Moved {
  readonly moved: Topology;
}
export const isMoved = (answer: object): answer is Moved => "moved" in answer;

/** One shard of a stream's boards. */
export interface BoardPort {
  /** Kept once it returns. Returns where the next is to be put, when that is elsewhere by now. */
  put(row: ScoreRow): Promise<Topology | null>;
  /** From a shard of the generation before; an older version changes nothing. */
  adopt(rows: readonly ScoreRow[]): Promise<void>;
  /** The best after `after`, best first, how many score above them, and how many there are. */
  top(ranking: Ranking, after: Score | null, limit: number): Promise<BoardPage | Moved>;
  /** Who stands beside a score, nearest first, whether it is here or not. */
  around(ranking: Ranking, than: Score, limit: number): Promise<BoardAround | Moved>;
  /** Of these members, in their order; null: not ranked. */
  scores(ranking: Ranking, members: readonly string[]): Promise<Scores | Moved>;
  /** How many here score above each of these. */
  ahead(ranking: Ranking, scores: readonly Score[]): Promise<Counts | Moved>;
  /** Of these members, in their order: what counts for their teams; null: nothing. */
  forTeams(period: string, members: readonly string[]): Promise<TeamNumbers | Moved>;
  /** In order of id after `after`, those in one bucket of the archive, to compare with exact totals. */
  rows(
    bucket: { readonly number: number; readonly of: number },
    after: string | null,
    limit: number,
  ): Promise<ScoreRows | Moved>;
}
export interface BoardPage {
  readonly scores: readonly Score[];
  readonly ahead: number;
  readonly total: number;
}
export interface BoardAround {
  readonly above: readonly Score[];
  readonly below: readonly Score[];
  readonly ahead: number;
  readonly total: number;
}
export interface Scores {
  readonly scores: readonly (Score | null)[];
}
export interface Counts {
  readonly counts: readonly number[];
}
export interface TeamNumbers {
  /** isShown: everybody sees them on the board of that period too. */
  readonly numbers: readonly ({ readonly isShown: boolean; readonly numbers: Numbers } | null)[];
}
export interface ScoreRows {
  readonly rows: readonly ScoreRow[];
}

/** Knows of a stream's boards how they are spread, and spreads them further. */
export interface BoardRootPort {
  topology(): Promise<Topology>;
  /** A shard of this generation holds more, or changes more often, than one should. */
  full(generation: number): Promise<void>;
}

/** How a stream's shards are reached, by whoever reads or writes them. */
export interface Boards {
  /** As it was last known; asked anew when `stale` is what is known. */
  topology(stale?: Topology): Promise<Topology>;
  shard(topology: Topology, number: number): BoardPort;
}

/** A member among all who are ranked. */
export interface Ranked extends Score {
  readonly rank: number;
}
/** The same questions, whether a board is still open or closed for good. */
export interface BoardReader {
  /** Best first; `ahead`: how many stand above the first of them. */
  top(ranking: Ranking, after: Score | null, limit: number): Promise<BoardPage>;
  /** The member and who stands within `around` places, best first; null: not ranked. */
  place(
    ranking: Ranking,
    member: string,
    around: number,
  ): Promise<{ readonly items: readonly Ranked[]; readonly total: number } | null>;
  /** Those of these members that are ranked, best first, each with the rank among all. */
  among(ranking: Ranking, members: readonly string[]): Promise<readonly Ranked[]>;
}

export const boardShardName = (stream: string, { generation }: Topology, shard: number): string =>
  `${stream}/${generation}/${shard}`;
export const boardRootName = (stream: string): string => stream;
export const challengePeriod = (id: string): string => `challenge/${id}`;
