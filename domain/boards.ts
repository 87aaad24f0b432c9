/**
 * Boards: which exist, how they are ranked, and how one is split over objects. A board is one
 * measure of a stream for one key ("all", or an activity family); its name is "distance" or
 * "distance-ride".
 */
import { spread } from "./identity.ts";
import type { Score } from "./ports.ts";
import type { AnyStream } from "./streams.ts";

export const shardsPerBoard = 2;

export const boardShardOf = (member: string): number => spread(member) % shardsPerBoard;

export interface BoardKey {
  readonly measure: number;
  readonly key: string;
}

/** The board of that name; null when the stream has no such measure or key. */
export function parseBoard(
  stream: AnyStream,
  keys: readonly string[],
  name: string,
): BoardKey | null {
  const cut = name.indexOf("-");
  const measureName = cut < 0 ? name : name.slice(0, cut);
  const key = cut < 0 ? "all" : name.slice(cut + 1);
  const measure = stream.measures.findIndex((m) => m.name === measureName && m.open);
  if (measure < 0 || !(key === "all" ? cut < 0 : keys.includes(key))) return null;
  return { measure, key };
}

/** Higher first; the same score goes to whoever reached it earlier; then by id, for good order. */
export const byRank = (a: Score, b: Score): number =>
  b.score - a.score || a.atMs - b.atMs || (a.member < b.member ? -1 : a.member > b.member ? 1 : 0);
