/**
 * Reads a stream's open boards over their shards: every shard of one generation is asked, and their
 * answers become one. Whoever is told `moved` reads all of it again with the generation that took
 * its place, so that nobody is left out or shown twice. Shards are asked at about the same time, not
 * at the same instant: who overtakes somebody between two questions may stand one place off in that
 * one answer, and never beside themselves.
 */
import type {
  BoardPort,
  BoardReader,
  Boards,
  Moved,
  Ranked,
  Ranking,
  Score,
  TeamNumbers,
  Topology,
} from "../../domain/board-ports.ts";
import { isMoved } from "../../domain/board-ports.ts";
import { byRank, shardOf } from "../../domain/boards.ts";

/** One read follows boards that grow meanwhile so many times; each time they are twice as many. */
const generationsMax = 8;

export function liveReader(boards: Boards): BoardReader {
  return {
    top: (ranking, after, limit) =>
      ofOneGeneration(boards, async (shards) => {
        const pages = await shards.all((shard) => shard.top(ranking, after, limit));
        return {
          scores: merged(pages.flatMap((page) => page.scores)).slice(0, limit),
          ahead: sum(pages.map((page) => page.ahead)),
          total: sum(pages.map((page) => page.total)),
        };
      }),
    place: (ranking, member, around) =>
      ofOneGeneration(boards, (shards) => placeOf(shards, ranking, member, around)),
    among: (ranking, members) =>
      ofOneGeneration(boards, (shards) => amongThem(shards, ranking, members)),
  };
}

/** What each of these members counts for their teams, in their order; null: nothing. */
export function forTeams(
  boards: Boards,
  period: string,
  members: readonly string[],
): Promise<TeamNumbers["numbers"]> {
  return ofOneGeneration(boards, (shards) =>
    shards.each(members, async (shard, theirs) => {
      const answer = await shard.forTeams(period, theirs);
      return isMoved(answer) ? answer : answer.numbers;
    }),
  );
}

async function placeOf(shards: Shards, ranking: Ranking, member: string, around: number) {
  const [mine = null] = await scoresOf(shards, ranking, [member]);
  if (mine === null) return null;
  const beside = await shards.all((shard) => shard.around(ranking, mine, around));
  const others = (scores: readonly Score[]) => merged(scores.filter((s) => s.member !== member));
  const above = others(beside.flatMap((b) => b.above)).slice(around === 0 ? Infinity : -around);
  const below = others(beside.flatMap((b) => b.below)).slice(0, around);
  const best = sum(beside.map((b) => b.ahead)) + 1 - above.length;
  const items = [...above, mine, ...below].map((s, i): Ranked => ({ ...s, rank: best + i }));
  return { items, total: sum(beside.map((b) => b.total)) };
}

async function amongThem(shards: Shards, ranking: Ranking, members: readonly string[]) {
  const found = await scoresOf(shards, ranking, [...new Set(members)]);
  const scores = merged(found.filter((score) => score !== null));
  if (scores.length === 0) return [];
  const ahead = await shards.all((shard) => shard.ahead(ranking, scores));
  return scores.map(
    (s, i): Ranked => ({ ...s, rank: sum(ahead.map((a) => a.counts[i] ?? 0)) + 1 }),
  );
}

const scoresOf = (shards: Shards, ranking: Ranking, members: readonly string[]) =>
  shards.each(members, async (shard, theirs) => {
    const answer = await shard.scores(ranking, theirs);
    return isMoved(answer) ? answer : answer.scores;
  });

/** Reads again from the beginning with what took the generation's place. */
async function ofOneGeneration<T>(
  boards: Boards,
  read: (shards: Shards) => Promise<T>,
): Promise<T> {
  let topology = await boards.topology();
  for (let generation = 0; generation < generationsMax; generation++) {
    try {
      return await read(new Shards(boards, topology));
    } catch (error) {
      if (!(error instanceof MovedOn)) throw error;
      // Shards are told before the root says so.
      topology = later(error.to, await boards.topology(topology));
    }
  }
  throw new Error("boards that grew faster than they were read");
}

/** Thrown and caught in this file only: a read that was begun is of no use any more. */
class MovedOn extends Error {
  readonly to: Topology;

  constructor({ moved }: Moved) {
    super("moved");
    this.to = moved;
  }
}

class Shards {
  readonly #boards: Boards;
  readonly #topology: Topology;

  constructor(boards: Boards, topology: Topology) {
    this.#boards = boards;
    this.#topology = topology;
  }

  /** Each shard's answer, in their order. */
  all<T extends object>(ask: (shard: BoardPort) => Promise<T | Moved>): Promise<T[]> {
    const numbers = Array.from({ length: this.#topology.shards }, (_, number) => number);
    return Promise.all(numbers.map((number) => this.#ask(number, ask)));
  }

  /** Of each member what the shard that holds them says, in the members' order. */
  async each<T>(
    members: readonly string[],
    ask: (shard: BoardPort, theirs: readonly string[]) => Promise<readonly (T | null)[] | Moved>,
  ): Promise<(T | null)[]> {
    const byShard = new Map<number, number[]>();
    members.forEach((member, place) => {
      const number = shardOf(member, this.#topology);
      const places = byShard.get(number);
      if (places === undefined) byShard.set(number, [place]);
      else places.push(place);
    });
    const found: (T | null)[] = members.map(() => null);
    await Promise.all(
      [...byShard].map(async ([number, places]) => {
        const theirs = places.map((i) => members[i] ?? "");
        const answers = await this.#ask(number, (shard) => ask(shard, theirs));
        places.forEach((place, i) => {
          found[place] = answers[i] ?? null;
        });
      }),
    );
    return found;
  }

  async #ask<T extends object>(
    number: number,
    ask: (shard: BoardPort) => Promise<T | Moved>,
  ): Promise<T> {
    const answer = await ask(this.#boards.shard(this.#topology, number));
    if (isMoved(answer)) throw new MovedOn(answer);
    return answer;
  }
}

const later = (a: Topology, b: Topology): Topology => (a.generation > b.generation ? a : b);
const merged = (scores: readonly Score[]): Score[] => [...scores].sort(byRank);
const sum = (numbers: readonly number[]): number => numbers.reduce((n, m) => n + m, 0);
