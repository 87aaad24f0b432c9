/** Boards beside the oracle: what differs is told, and counted. */
import { isDeepStrictEqual } from "node:util";
import type { BoardReader, Ranking, Score } from "../../../domain/board-ports.ts";
import { shardOf } from "../../../domain/boards.ts";
import { spread } from "../../../domain/identity.ts";
import { forTeams, liveReader } from "../../../kernel/boards/read.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { Shards } from "./shards.ts";
import { kindOf, memberOf, type Oracle, rankings, rowOf } from "./world.ts";

const around = 4;
/** Entries of a page, when a whole board is walked through. */
const pageMax = 2_000;
/** At a checkpoint so many members are asked for, each by themselves, and so many at once. */
const placesAtOnce = 300;
const friends = 100;
const buckets = 64;
const toldMax = 20;

export class Check {
  readonly #boards: Shards;
  readonly #oracle: Oracle;
  readonly #chance: Chance;
  readonly #reader: BoardReader;
  readonly wrong: string[] = [];
  differences = 0;
  ranks = 0;
  entries = 0;
  rows = 0;
  whileGrowing = 0;

  constructor(boards: Shards, oracle: Oracle, chance: Chance) {
    this.#boards = boards;
    this.#oracle = oracle;
    this.#chance = chance;
    this.#reader = liveReader(boards);
  }

  /** One member's rank and who stands beside them, each rank of it counted out. */
  async sample(n: number): Promise<void> {
    const i = this.#chance.whole(0, this.#oracle.members - 1);
    const mine = this.#oracle.score(n, i);
    if (this.#boards.isGrowing) this.whileGrowing++;
    const place = await this.#reader.place(this.#rankingOf(n), memberOf(i), around);
    this.ranks++;
    if (place === null || mine === null) {
      this.#same("who is ranked", place, mine);
      return;
    }
    const { items, total } = place;
    const [first, last] = [items[0], items.at(-1)];
    if (first === undefined || last === undefined) {
      this.#same("who stands beside", items, mine);
      return;
    }
    const rank = 1 + this.#oracle.above(n, mine);
    const best = 1 + this.#oracle.above(n, first);
    this.#same("a total", total, this.#oracle.total(n));
    this.#same("the first beside", best, Math.max(1, rank - around));
    this.#same("the last beside", last.rank, Math.min(total, rank + around));
    this.#same("a last rank", 1 + this.#oracle.above(n, last), last.rank);
    this.#same("a rank", items.find((s) => s.member === mine.member)?.rank, rank);
    for (const [at, { member, score, atMs, rank: theirs }] of items.entries()) {
      const other = this.#oracle.indexOf.get(member) ?? -1;
      this.#same("a rank beside", theirs, best + at);
      this.#same("a score", { member, score, atMs }, this.#oracle.score(n, other));
    }
    this.#same("twice", new Set(items.map((s) => s.member)).size, items.length);
  }

  /** Every entry of every ranking, many members of each, and some rows as they are stored. */
  async everything(): Promise<void> {
    for (const [n, ranking] of rankings.entries()) {
      const sorted = this.#oracle.sorted(n);
      await this.#walk(ranking, sorted);
      await this.#places(ranking, sorted);
    }
    await this.#teams();
    await this.#stored(this.#chance.whole(0, buckets - 1));
  }

  async #walk(ranking: Ranking, sorted: readonly Score[]): Promise<void> {
    let [after, at] = [null as Score | null, 0];
    for (;;) {
      const { scores, ahead, total } = await this.#reader.top(ranking, after, pageMax);
      this.#same("how many above a page", ahead, at);
      this.#same("a total", total, sorted.length);
      for (const score of scores) this.#sameScore(score, sorted[at++]);
      after = scores.at(-1) ?? null;
      if (scores.length < pageMax) break;
    }
    this.#same("entries", at, sorted.length);
    this.entries += at;
  }

  async #places(ranking: Ranking, sorted: readonly Score[]): Promise<void> {
    if (sorted.length === 0) return;
    const random = () => this.#chance.whole(0, sorted.length - 1);
    for (let k = 0; k < placesAtOnce; k++) {
      const at = random();
      const first = Math.max(0, at - around);
      const place = await this.#reader.place(ranking, sorted[at]?.member ?? "", around);
      const items = sorted
        .slice(first, at + around + 1)
        .map((s, i) => ({ ...s, rank: first + 1 + i }));
      this.#same("a place", place, { items, total: sorted.length });
    }
    const places = [...new Set(Array.from({ length: friends }, random))].sort((a, b) => a - b);
    const members = this.#chance.shuffled(places.map((at) => sorted[at]?.member ?? ""));
    const among = await this.#reader.among(ranking, [...members, "nobody"]);
    this.#same(
      "friends",
      among,
      places.map((at) => ({ ...sorted[at], rank: at + 1 })),
    );
    this.ranks += placesAtOnce + places.length;
  }

  async #teams(): Promise<void> {
    const some = Array.from({ length: friends }, () =>
      this.#chance.whole(0, this.#oracle.members - 1),
    );
    for (const period of ["2026-W47", "challenge/1"]) {
      const numbers = await forTeams(this.#boards, period, some.map(memberOf));
      for (const [k, i] of some.entries()) {
        const { periods, unshown } = this.#rowOf(i);
        const [shown, hidden] = [periods[period], unshown[period]];
        const all = shown ?? hidden;
        const right = all === undefined ? null : { isShown: shown !== undefined, numbers: all };
        this.#same("what counts for a team", numbers[k] ?? null, right);
      }
    }
  }

  /** One bucket of members over all shards, as the archive compares them. */
  async #stored(number: number): Promise<void> {
    const topology = this.#boards.serving;
    const found = new Set<string>();
    for (let shard = 0; shard < topology.shards; shard++)
      for (let after: string | null = null; ; ) {
        const asked = { number, of: buckets };
        const answer = await this.#boards.shard(topology, shard).rows(asked, after, pageMax);
        // It moved while it was asked: the next checkpoint looks at it.
        if ("moved" in answer) return;
        for (const row of answer.rows) {
          const i = this.#oracle.indexOf.get(row.member) ?? -1;
          found.add(row.member);
          this.#same("a row's shard", shardOf(row.member, topology), shard);
          this.#same("a row", row, this.#rowOf(i));
        }
        after = answer.rows.at(-1)?.member ?? null;
        if (answer.rows.length < pageMax) break;
      }
    let right = 0;
    for (const [member, i] of this.#oracle.indexOf)
      if (spread(member) % buckets === number && this.#holds(i)) right++;
    this.#same("rows", found.size, right);
    this.rows += right;
  }

  #holds(i: number): boolean {
    const isPut = this.#oracle.versions[i] !== 0;
    return isPut && kindOf(this.#oracle.owns[i] as number) !== "nothing";
  }

  #rowOf(i: number) {
    const version = this.#oracle.versions[i] as number;
    if (version === 0) return { member: memberOf(i), version, periods: {}, unshown: {} };
    return rowOf(i, this.#oracle.owns[i] as number, version);
  }

  #rankingOf(n: number): Ranking {
    return rankings[n] as Ranking;
  }

  #sameScore(one: Score, right: Score | undefined): void {
    const isSame =
      one.member === right?.member && one.score === right.score && one.atMs === right.atMs;
    if (!isSame) this.#same("an entry", one, right ?? null);
  }

  #same(what: string, found: unknown, right: unknown): void {
    if (isDeepStrictEqual(found, right)) return;
    this.differences++;
    if (this.wrong.length < toldMax)
      this.wrong.push(`${what}: ${JSON.stringify(found)}, and it is ${JSON.stringify(right)}`);
  }
}
