/** What a shard answers, reckoned anew for every question from the newest row of each member. */
import type { Ranking, Score, ScoreRow } from "../../../domain/board-ports.ts";
import type { MemberScores, ScoreStore, StoredScores } from "../../../domain/boards/shard-state.ts";
import { byRank } from "../../../domain/boards.ts";
import { spread } from "../../../domain/identity.ts";
import { held } from "./any-scores.ts";

const own = <T>(record: Readonly<Record<string, T>>, key: string): T | undefined =>
  Object.hasOwn(record, key) ? record[key] : undefined;

export class ShardOracle {
  readonly rows = new Map<string, ScoreRow>();

  put(row: ScoreRow): void {
    if (row.version > (this.rows.get(row.member)?.version ?? Number.NEGATIVE_INFINITY))
      this.rows.set(row.member, row);
  }

  score({ period, key, measure }: Ranking, member: string): Score | null {
    const numbers = own(own(this.rows.get(member)?.periods ?? {}, period) ?? {}, key) ?? [];
    const score = numbers.slice(0, -1)[measure] ?? 0;
    return score > 0 ? { member, score, atMs: numbers.at(-1) ?? 0 } : null;
  }

  ranked(ranking: Ranking): Score[] {
    return [...this.rows.keys()]
      .map((member) => this.score(ranking, member))
      .filter((score) => score !== null)
      .sort(byRank);
  }

  forTeam(period: string, member: string) {
    const row = this.rows.get(member);
    if (row === undefined) return null;
    const shown = own(held(row.periods), period);
    const numbers = shown ?? own(held(row.unshown), period);
    return numbers === undefined ? null : { isShown: shown !== undefined, numbers };
  }

  inBucket(bucket: { readonly number: number; readonly of: number }): ScoreRow[] {
    return [...this.rows.values()]
      .map((row) => ({ ...row, periods: held(row.periods), unshown: held(row.unshown) }))
      .filter((row) => Object.keys({ ...row.periods, ...row.unshown }).length > 0)
      .filter(({ member }) => spread(member) % bucket.of === bucket.number)
      .sort((a, b) => (a.member < b.member ? -1 : 1));
  }
}

/** Counts what is asked of it. */
export class MapStore implements ScoreStore {
  readonly #rows = new Map<string, StoredScores>();
  scans = 0;
  writes = 0;

  *each(after: string | null): Iterable<MemberScores> {
    this.scans++;
    for (const member of [...this.#rows.keys()].sort())
      if (after === null || member > after)
        yield { member, ...(this.#rows.get(member) as StoredScores) };
  }
  get(member: string): StoredScores | null {
    return this.#rows.get(member) ?? null;
  }
  put(member: string, version: number, body: Uint8Array): void {
    this.writes++;
    this.#rows.set(member, { version, body });
  }
}
