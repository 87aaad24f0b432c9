/**
 * Reads a closed board: the same questions as of an open one, answered out of the objects that the
 * archive made of it. A page reads one range, or two behind a cursor; a member's place three; a small
 * ranking is read whole, once. What is read is checked. Who left since is still in here: whoever
 * shows it leaves them out.
 */
import type { BoardReader, Ranked, Ranking, Score } from "../../domain/board-ports.ts";
import { byRank } from "../../domain/boards.ts";
import { spread } from "../../domain/identity.ts";
import type { Instant } from "../../domain/time.ts";
import type { ClosedShape } from "./closed-code.ts";
import { ClosedFile } from "./closed-file.ts";

/** What the row of table `closed_board` says. */
export interface ClosedBoard {
  readonly stream: string;
  readonly period: string;
  readonly version: number;
  readonly body: ClosedBody;
  readonly madeAtMs: Instant;
}
export interface ClosedBody {
  /** Members on any of its rankings. */
  readonly members: number;
  readonly rankings: readonly ClosedRanking[];
  /** Of a challenge: how far the live standings were from these when they were first made. */
  readonly final?: FinalDifference;
}
/** Nobody is on a ranking that is not here. */
export interface ClosedRanking extends ClosedShape {
  readonly key: string;
  readonly measure: number;
  readonly object: string;
  readonly sha256: string;
}
export interface FinalDifference {
  readonly atMs: Instant;
  /** How many were ranked live, in these standings, and stood otherwise in the two. */
  readonly live: number;
  readonly final: number;
  readonly differing: number;
  /** Those of them with most at stake; not all, where they are many. */
  readonly members: readonly FinalMember[];
}
export interface FinalMember {
  readonly member: string;
  /** Null: not ranked. */
  readonly live: Standing | null;
  readonly final: Standing | null;
}
export interface Standing {
  readonly rank: number;
  readonly score: number;
}

/** Where the objects lie. */
export interface ClosedObjects {
  /** Null: there is no such object any more; a newer version took its place. */
  read(name: string, offset: number, length: number): Promise<Uint8Array | null>;
}

/** Thrown by a reader. gone: the row is to be read again. damaged: not what was written. */
export class ClosedFault extends Error {
  override readonly name = "ClosedFault";
  readonly kind: "gone" | "damaged";
  readonly object: string;

  constructor(kind: "gone" | "damaged", object: string) {
    super(`${kind} closed board: ${object}`);
    this.kind = kind;
    this.object = object;
  }
}

export function closedReader(objects: ClosedObjects, { body }: Pick<ClosedBoard, "body">) {
  const files = new Map<ClosedRanking, ClosedFile>();
  const fileOf = ({ key, measure }: Ranking): ClosedFile | null => {
    const ranking = body.rankings.find((r) => r.key === key && r.measure === measure);
    if (ranking === undefined || ranking.count === 0) return null;
    const file = files.get(ranking) ?? new ClosedFile(objects, ranking);
    files.set(ranking, file);
    return file;
  };
  return {
    async top(ranking, after, limit) {
      const file = fileOf(ranking);
      if (file === null) return { scores: [], ahead: 0, total: 0 };
      return topOf(file, after, limit);
    },
    async place(ranking, member, around) {
      const file = fileOf(ranking);
      return file === null ? null : placeOf(file, member, around);
    },
    async among(ranking, members) {
      const file = fileOf(ranking);
      return file === null ? [] : amongOf(file, members);
    },
  } satisfies BoardReader;
}

async function topOf(file: ClosedFile, after: Score | null, limit: number) {
  const { count: total } = file;
  if (after === null) return { scores: await file.entries(0, limit), ahead: 0, total };
  const from = await file.blockBefore(after);
  const { begun, entries } = await file.blockAnd(from, limit);
  const behind = entries.findIndex((entry) => byRank(entry, after) > 0);
  const nth = behind < 0 ? entries.length : behind;
  return { scores: entries.slice(nth, nth + limit), ahead: begun + nth, total };
}

async function placeOf(file: ClosedFile, member: string, around: number) {
  const found = await file.ranksOf([spread(member)]);
  for (const [, nth] of found) {
    const from = Math.max(0, nth - around);
    const scores = await file.entries(from, nth + around + 1 - from);
    if (scores[nth - from]?.member !== member) continue;
    const items = scores.map((score, i): Ranked => ({ ...score, rank: from + i + 1 }));
    return { items, total: file.count };
  }
  return null;
}

async function amongOf(file: ClosedFile, members: readonly string[]): Promise<readonly Ranked[]> {
  const asked = new Set(members);
  const found = await file.ranksOf([...new Set([...asked].map(spread))]);
  const ranked = await file.entriesAt(found.map(([, nth]) => nth));
  return ranked.filter(({ member }) => asked.has(member));
}
