/**
 * How far the making of one closed board is: what the run keeps after each unit of work. Members are
 * taken a bucket of the archive at a time.
 */
import type { Instant, LocalDate } from "../../domain/time.ts";
import type { ClosedRanking } from "../../kernel/boards/closed.ts";
import type { IdCode } from "../../kernel/boards/closed-ids.ts";
import { asideFolder, type EntrySection, type Section } from "./closed-aside.ts";
import type { BoardKey, DueBoard } from "./closed-store.ts";

export interface Making extends BoardKey {
  /** It is done, or left: the next one lies behind it. */
  readonly isPast: boolean;
  readonly mark: number;
  /** What settles from here on may not be in it. */
  readonly asOfMs: Instant;
  /** The version that this one is to take the place of; 0: there is none. */
  readonly former: number;
  readonly bucket: number;
  /** Of that bucket: the last day that was put aside, and where all of them are. */
  readonly day: LocalDate | null;
  readonly days: readonly Section[];
  /** Of the buckets before: sorted entries. */
  readonly runs: readonly SortedRun[];
  /** How many were ranked in those. */
  readonly members: number;
  /** Rankings that are written, in their order. */
  readonly made: readonly ClosedRanking[];
  /** Of a challenge's first final standings: what they are beside the live ones. */
  readonly live: LiveBeside | null;
}

/** One object with entries of many rankings, each by itself in rank order. */
export interface SortedRun {
  readonly object: string;
  readonly ids: IdCode;
  readonly sections: readonly (readonly [
    key: string,
    measure: number,
    offset: number,
    count: number,
  ])[];
}

export interface LiveBeside {
  readonly live: number;
  readonly final: number;
  readonly differing: number;
  /** Some who differ; 0: not ranked there. */
  readonly members: readonly (readonly [member: string, live: number, final: number])[];
}

export const beginning = (due: DueBoard, isChallenge: boolean, nowMs: Instant): Making => ({
  ...{ stream: due.stream, period: due.period, mark: due.mark, isPast: false, asOfMs: nowMs },
  former: due.former?.version ?? 0,
  ...{ bucket: 0, day: null, days: [], runs: [], members: 0, made: [] },
  live:
    isChallenge && due.former === null ? { live: 0, final: 0, differing: 0, members: [] } : null,
});

/** Where it was, for whoever looks for the next one. */
export const past = ({ stream, period }: BoardKey): string =>
  JSON.stringify({ stream, period, isPast: true });

export const asideName = (run: string, { stream, period }: BoardKey, part: string): string =>
  `${asideFolder(run)}${stream}/${period}/${part}`;

export interface RankingSections {
  readonly key: string;
  readonly measure: number;
  readonly count: number;
  readonly sections: readonly EntrySection[];
}

/** Every ranking that anybody is on, in one order. */
export function rankingsOf({ runs }: Making): readonly RankingSections[] {
  const found = new Map<string, RankingSections>();
  for (const { object, ids, sections } of runs)
    for (const [key, measure, offset, count] of sections) {
      const name = JSON.stringify([key, measure]);
      const held = found.get(name) ?? { key, measure, count: 0, sections: [] };
      const section = { object, offset, count, ids };
      found.set(name, {
        ...held,
        count: held.count + count,
        sections: [...held.sections, section],
      });
    }
  return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, ranking]) => ranking);
}
