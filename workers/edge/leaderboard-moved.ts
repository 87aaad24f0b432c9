/**
 * How many places somebody gained since the period before. That period stays open as long as the one
 * that is asked about runs (domain/boards.ts), so its ranks are asked live; they hardly change any
 * more, so an isolate remembers them for a while and a page that is read every second asks its shards
 * once.
 */
import type { BoardReader, Ranked, Ranking } from "../../domain/board-ports.ts";
import { isOpen, periodBefore } from "../../domain/boards.ts";
import type { Instant } from "../../domain/time.ts";

export const rememberedMs = 30_000;
/** Ranks; some 100 bytes each. */
const rememberedMax = 20_000;

type RankOf = ReadonlyMap<string, number | null>;

export class RanksBefore {
  /** By ranking and member; null: not ranked. */
  readonly #ranks = new Map<string, number | null>();
  #sinceMs = Number.NEGATIVE_INFINITY;

  /** Null: nothing can be said of anybody. */
  async movedOf(
    readerOf: (period: string) => BoardReader,
    ranking: Ranking,
    ranked: readonly Ranked[],
    nowMs: Instant,
  ): Promise<(of: Ranked) => number | null> {
    const period = periodBefore(ranking.period);
    if (period === null || !isOpen(period, nowMs)) return () => null;
    const members = ranked.map(({ member }) => member);
    const before = await this.#of(readerOf(period), { ...ranking, period }, members, nowMs);
    return ({ member, rank }) => {
      const then = before.get(member) ?? null;
      return then === null ? null : then - rank;
    };
  }

  async #of(
    reader: BoardReader,
    ranking: Ranking,
    members: readonly string[],
    nowMs: Instant,
  ): Promise<RankOf> {
    if (nowMs - this.#sinceMs >= rememberedMs || this.#ranks.size > rememberedMax) {
      this.#ranks.clear();
      this.#sinceMs = nowMs;
    }
    const keyOf = (member: string) =>
      `${ranking.period} ${ranking.measure} ${ranking.key} ${member}`;
    const found = new Map<string, number | null>();
    for (const member of members) {
      const rank = this.#ranks.get(keyOf(member));
      if (rank !== undefined) found.set(member, rank);
    }
    const unknown = members.filter((member) => !found.has(member));
    if (unknown.length === 0) return found;
    const asked = await reader.among(ranking, unknown);
    const rankOf = new Map(asked.map(({ member, rank }) => [member, rank]));
    for (const member of unknown) {
      const rank = rankOf.get(member) ?? null;
      this.#ranks.set(keyOf(member), rank);
      found.set(member, rank);
    }
    return found;
  }
}
