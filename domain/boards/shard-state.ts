/**
 * What one shard of a stream's boards does, over a store of rows: which row stands, who ranks where.
 * Everything is synchronous. A ranking is put in order when it is first asked for, by one look at
 * every row, and kept in step with each row that changes; those asked for longest ago go when all
 * together hold more than they may. Whoever throws the state away loses nothing but that work, and
 * whoever takes back what the store was told must throw it away.
 *
 * Who has nothing keeps a row of no bytes, so that an older row that comes late still changes nothing.
 */
import type {
  BoardAround,
  BoardPage,
  Counts,
  Ranking,
  Score,
  ScoreRow,
  ScoreRows,
  Scores,
  TeamNumbers,
} from "../board-ports.ts";
import { spread } from "../identity.ts";
import { IdTable } from "./id-table.ts";
import type { Entry } from "./in-order.ts";
import { RankedList } from "./ranked-list.ts";
import {
  decodeScores,
  encodeScores,
  isSame,
  markFinder,
  nothing,
  periodFinder,
} from "./score-code.ts";

export interface StoredScores {
  readonly version: number;
  /** As `encodeScores` writes it; no bytes: nothing. */
  readonly body: Uint8Array;
}
export interface MemberScores extends StoredScores {
  readonly member: string;
}

/** Where a shard keeps its rows: one a member. */
export interface ScoreStore {
  /** Those after a member in the store's own order of ids, which stays the same; null: all. */
  each(after: string | null): Iterable<MemberScores>;
  get(member: string): StoredScores | null;
  put(member: string, version: number, body: Uint8Array): void;
}

/** All rankings of a shard together hold so many entries, of about 24 bytes, besides the ids. */
export const entriesMax = 500_000;
/** Fewer count as this many, so that there is an end to small rankings too. */
const entriesLeast = 1_000;

interface Loaded {
  readonly list: RankedList;
  readonly find: ReturnType<typeof markFinder>;
}

export class ShardState {
  readonly #store: ScoreStore;
  readonly #entriesMax: number;
  readonly #ids = new IdTable();
  /** By name, asked for longest ago first. */
  readonly #loaded = new Map<string, Loaded>();
  #count: number | null = null;

  constructor(store: ScoreStore, bounds: { readonly entriesMax: number } = { entriesMax }) {
    this.#store = store;
    this.#entriesMax = bounds.entriesMax;
  }

  /**
   * How many members hold anything. Null: not counted yet, because nothing has looked at every row
   * since the state was made; the first ranking that is asked for does.
   */
  get count(): number | null {
    return this.#count;
  }

  /**
   * False: what is kept is as new, and nothing is written. A newer row is written even if only its
   * version differs: what lay between may still be under way, and without the version it would win
   * once it arrives. Senders therefore give the same content the same version.
   */
  put(row: ScoreRow): boolean {
    const held = this.#store.get(row.member);
    if (held !== null && row.version <= held.version) return false;
    const body = encodeScores(row);
    this.#store.put(row.member, row.version, body);
    const before = held?.body ?? nothing;
    if (isSame(before, body)) return true;
    if (this.#count !== null) this.#count += Number(body.length > 0) - Number(before.length > 0);
    for (const { list, find } of this.#loaded.values()) {
      const [was, is] = [find(before), find(body)];
      if (was?.score === is?.score && was?.atMs === is?.atMs) continue;
      if (was !== null) list.remove({ member: row.member, ...was });
      if (is !== null) list.add({ member: row.member, ...is });
    }
    this.#shed();
    return true;
  }

  top(ranking: Ranking, after: Score | null, limit: number): BoardPage {
    const list = this.#ranked(ranking);
    const ahead = after === null ? 0 : list.through(after);
    return { scores: list.slice(ahead, ahead + limit), ahead, total: list.size };
  }

  around(ranking: Ranking, than: Score, limit: number): BoardAround {
    const list = this.#ranked(ranking);
    const [ahead, through] = [list.above(than), list.through(than)];
    return {
      above: list.slice(Math.max(0, ahead - limit), ahead).reverse(),
      below: list.slice(through, through + limit),
      ahead,
      total: list.size,
    };
  }

  /** Read from their rows: nothing is put in order for it. */
  scores(ranking: Ranking, members: readonly string[]): Scores {
    const find = markFinder(ranking);
    const scores = members.map((member) => {
      const held = this.#store.get(member);
      const mark = held === null ? null : find(held.body);
      return mark === null ? null : { member, ...mark };
    });
    return { scores };
  }

  ahead(ranking: Ranking, scores: readonly Score[]): Counts {
    const list = this.#ranked(ranking);
    return { counts: scores.map((score) => list.above(score)) };
  }

  forTeams(period: string, members: readonly string[]): TeamNumbers {
    const find = periodFinder(period);
    const numbers = members.map((member) => {
      const held = this.#store.get(member);
      return held === null ? null : find(held.body);
    });
    return { numbers };
  }

  /** Of those who hold anything. */
  rows(
    bucket: { readonly number: number; readonly of: number },
    after: string | null,
    limit: number,
  ): ScoreRows {
    const rows: ScoreRow[] = [];
    for (const { member, version, body } of this.#store.each(after)) {
      if (rows.length >= limit) break;
      if (body.length > 0 && spread(member) % bucket.of === bucket.number)
        rows.push({ member, version, ...decodeScores(body) });
    }
    return { rows };
  }

  #ranked(ranking: Ranking): RankedList {
    const name = JSON.stringify([ranking.period, ranking.key, ranking.measure]);
    const loaded = this.#loaded.get(name) ?? this.#load(ranking);
    this.#loaded.delete(name);
    this.#loaded.set(name, loaded);
    this.#shed();
    return loaded.list;
  }

  #load(ranking: Ranking): Loaded {
    const find = markFinder(ranking);
    const entries: Entry[] = [];
    let count = 0;
    for (const { member, body } of this.#store.each(null)) {
      if (body.length > 0) count++;
      const mark = find(body);
      if (mark === null) continue;
      const number = this.#ids.numberOf(member);
      entries.push({ number, score: mark.score, atMs: mark.atMs });
    }
    this.#count = count;
    return { list: new RankedList(this.#ids, entries), find };
  }

  /** The one asked for last stays, whatever it holds. */
  #shed(): void {
    let entries = 0;
    for (const { list } of this.#loaded.values()) entries += Math.max(entriesLeast, list.size);
    for (const [name, { list }] of this.#loaded) {
      if (entries <= this.#entriesMax || this.#loaded.size === 1) return;
      this.#loaded.delete(name);
      entries -= Math.max(entriesLeast, list.size);
    }
  }
}
