/** Closed rankings in memory: written by the real writer, each read counted. */
import type { Score } from "../../domain/board-ports.ts";
import { byRank } from "../../domain/boards.ts";
import {
  type ClosedBoard,
  type ClosedObjects,
  type ClosedRanking,
  closedReader,
} from "../../kernel/boards/closed.ts";
import { type ClosedShape, layoutOf } from "../../kernel/boards/closed-code.ts";
import { type IdCode, idCodeFor, idCodeOf } from "../../kernel/boards/closed-ids.ts";
import { closedChunks, type Entries } from "../../kernel/boards/closed-write.ts";

export const ranking = { period: "2026-W44", key: "all", measure: 0 };

export const idsOf = (scores: readonly Score[]): IdCode =>
  scores.map(({ member }) => idCodeOf(member)).reduce(idCodeFor);

/** In batches that are cut anywhere. */
export const inBatches = (scores: readonly Score[], batch = 100): Entries =>
  async function* () {
    for (let from = 0; from < scores.length; from += batch) yield scores.slice(from, from + batch);
  };

export async function bytesOf(shape: ClosedShape, entries: Entries, heldMax?: number) {
  const bytes = new Uint8Array(layoutOf(shape).length);
  let at = 0;
  for await (const chunk of closedChunks(shape, entries, heldMax)) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  if (at !== bytes.length) throw new Error("the layout is not what was written");
  return bytes;
}

export interface Read {
  readonly offset: number;
  readonly length: number;
}

/** A board of one ranking. Scores in any order. */
export async function closedOf(scores: readonly Score[]) {
  const sorted = [...scores].sort(byRank);
  const shape = { count: sorted.length, ids: idsOf(sorted) };
  const bytes = await bytesOf(shape, inBatches(sorted));
  const reads: Read[] = [];
  const objects: ClosedObjects & { bytes: Uint8Array | null } = {
    bytes,
    async read(_, offset, length) {
      reads.push({ offset, length });
      return objects.bytes?.slice(offset, offset + length) ?? null;
    },
  };
  const named: ClosedRanking = { ...shape, key: "all", measure: 0, object: "o", sha256: "" };
  const closed: Pick<ClosedBoard, "body"> = { body: { members: 1, rankings: [named] } };
  /** Another one each time: nothing is remembered from one question to the next. */
  const reader = () => closedReader(objects, closed);
  return { sorted, bytes, reads, objects, reader };
}

/** The same numbers for the same seed. */
export function chance(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

/** Random ids, scores that often tie. */
export function randomScores(count: number, seed: number, tie = 50): Score[] {
  const below = chance(seed);
  return Array.from({ length: count }, (_, i) => {
    const digits = Array.from({ length: 4 }, () =>
      below(2 ** 32)
        .toString(16)
        .padStart(8, "0"),
    );
    const member = `m_${digits.join("").slice(0, 28)}${i.toString(16).padStart(4, "0")}`;
    return { member, score: 1 + below(count / tie + 1), atMs: 1e12 + below(4) };
  });
}
