/**
 * Members and what they have, from a seed: a row is a function of the member, a number of its own and
 * a version, so that any of them can be said again. Beside it the oracle: flat arrays of who has what
 * in each ranking, which know no order and are counted through for every rank.
 */
import type { Numbers, Ranking, Score, ScoreRow } from "../../../domain/board-ports.ts";
import { byRank } from "../../../domain/boards.ts";
import { chanceOf } from "../../oracle/chance.ts";

const week = "2026-W47";
const challenge = "challenge/1";
export const rankings: readonly Ranking[] = [
  { period: week, key: "all", measure: 0 },
  { period: week, key: "all", measure: 1 },
  { period: "all", key: "ride", measure: 0 },
  { period: challenge, key: "all", measure: 0 },
];
const beganMs = 1_763_700_000_000;

/** What a member has besides scores. */
export type Kind = "shown" | "hidden" | "nothing";
/** Of a hundred numbers so many are of members who are in teams only, and who left. */
const hiddenIn100 = 4;
const nothingIn100 = 4;

export const memberOf = (i: number): string => {
  const scattered = Math.imul(i + 1, 0x9e3779b1) >>> 0;
  const letter = i % 50 === 0 ? "é" : i % 77 === 0 ? "\u{1f6b4}" : "";
  return `m_${letter}${scattered.toString(36).padStart(7, "0")}${i.toString(36).padStart(13, "0")}`;
};

export function kindOf(own: number): Kind {
  const share = own % 100;
  if (share < hiddenIn100) return "hidden";
  return share < hiddenIn100 + nothingIn100 ? "nothing" : "shown";
}

/** Half of the scores are few different ones, and times too, so that ties go down to the id. */
export function rowOf(i: number, own: number, version: number): ScoreRow {
  const member = memberOf(i);
  const kind = kindOf(own);
  if (kind === "nothing") return { member, version, periods: {}, unshown: {} };
  const chance = chanceOf(own);
  const numbers = (): number[] => {
    const isTied = chance.in100(50);
    const most = isTied ? 300 : 50_000_000;
    const atMs = beganMs + chance.whole(0, isTied ? 3 : 600_000_000);
    return [chance.whole(0, most), chance.whole(1, most), atMs];
  };
  if (kind === "hidden")
    return { member, version, periods: {}, unshown: { [week]: { all: numbers() } } };
  const periods: Record<string, Numbers> = {
    [week]: { all: numbers() },
    all: { all: numbers(), ride: numbers() },
  };
  if (chance.in100(20)) periods[challenge] = { all: numbers() };
  return { member, version, periods, unshown: {} };
}

/** One ranking: who has which score, 0 being none, and when they had it. */
class Column {
  readonly scores: Float64Array;
  readonly times: Float64Array;
  count = 0;

  constructor(members: number) {
    this.scores = new Float64Array(members);
    this.times = new Float64Array(members);
  }
}

export class Oracle {
  readonly members: number;
  readonly indexOf = new Map<string, number>();
  /** Newest version and number of each; version 0: never put. */
  readonly versions: Uint32Array;
  readonly owns: Uint32Array;
  readonly #columns: Column[];

  constructor(members: number) {
    this.members = members;
    this.versions = new Uint32Array(members);
    this.owns = new Uint32Array(members);
    this.#columns = rankings.map(() => new Column(members));
    for (let i = 0; i < members; i++) this.indexOf.set(memberOf(i), i);
  }

  put(i: number, own: number, row: ScoreRow): void {
    if (row.version <= (this.versions[i] as number)) return;
    this.versions[i] = row.version;
    this.owns[i] = own;
    for (const [n, { period, key, measure }] of rankings.entries()) {
      const column = this.#column(n);
      const numbers = row.periods[period]?.[key] ?? [];
      const score = numbers[measure] ?? 0;
      column.count += Number(score > 0) - Number(column.scores[i] !== 0);
      column.scores[i] = score;
      column.times[i] = score > 0 ? (numbers.at(-1) ?? 0) : 0;
    }
  }

  total(ranking: number): number {
    return this.#column(ranking).count;
  }

  score(ranking: number, i: number): Score | null {
    const { scores, times } = this.#column(ranking);
    const score = scores[i] as number;
    return score === 0 ? null : { member: memberOf(i), score, atMs: times[i] as number };
  }

  /** How many rank above, by looking at everybody. */
  above(ranking: number, than: Score): number {
    const { scores, times } = this.#column(ranking);
    let above = 0;
    for (let i = 0; i < scores.length; i++) {
      const score = scores[i] as number;
      if (score < than.score || score === 0) continue;
      if (score > than.score) above++;
      else if ((times[i] as number) < than.atMs) above++;
      else if (times[i] === than.atMs && memberOf(i) < than.member) above++;
    }
    return above;
  }

  /** Everybody, sorted. */
  sorted(ranking: number): Score[] {
    const all: Score[] = [];
    for (let i = 0; i < this.members; i++) {
      const score = this.score(ranking, i);
      if (score !== null) all.push(score);
    }
    return all.sort(byRank);
  }

  #column(ranking: number): Column {
    const column = this.#columns[ranking];
    if (column === undefined) throw new Error("no such ranking");
    return column;
  }
}
