/**
 * Pages of a board that may still have somebody on it who left: a closed one until it is made anew, a
 * challenge's until its shards have heard of it. Neither an entry nor a cursor tells of them: a cursor
 * names the last who is shown.
 */
import type { BoardReader, Ranked, Ranking, Score } from "../../domain/board-ports.ts";

/** One page reads on so many times, past some who all left; never so many in a row without others. */
const readsMax = 10;
const readLeast = 100;

export interface ShownTop {
  readonly items: readonly Ranked[];
  /** After whom the next page begins; null: there is none. */
  readonly next: Score | null;
  /** How many are ranked, with those who left. */
  readonly total: number;
}

/** The best after `after` of whom `keep` leaves some, or all; at least one while there are any. */
export async function shownTop(
  reader: BoardReader,
  ranking: Ranking,
  { after, limit }: { readonly after: Score | null; readonly limit: number },
  keep: (ranked: readonly Ranked[]) => Promise<readonly Ranked[]>,
): Promise<ShownTop> {
  let from = after;
  for (let read = 0; ; read++) {
    const wanted = read === 0 ? limit : Math.max(limit, readLeast);
    const { scores, ahead, total } = await reader.top(ranking, from, wanted);
    const kept = await keep(scores.map((score, i): Ranked => ({ ...score, rank: ahead + 1 + i })));
    const items = kept.slice(0, limit);
    const [shown, last] = [items.at(-1), scores.at(-1)];
    const hasMore = kept.length > items.length || ahead + scores.length < total;
    if (last === undefined || !hasMore) return { items, next: null, total };
    if (shown !== undefined) return { items, next: shown, total };
    // Of a thousand in a row who left, a score says nothing about one.
    if (read === readsMax) return { items, next: { ...last, member: "" }, total };
    from = last;
  }
}
