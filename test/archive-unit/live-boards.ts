/** Live boards that say what a test has them say, over as many shards as it likes. */
import { byRank, firstTopology, shardOf } from "../../domain/boards.ts";
import type {
  BoardPort,
  BoardRootPort,
  Moved,
  Ranking,
  Score,
  ScoreRow,
  Topology,
} from "../../domain/ports.ts";
import { bucketOf } from "../../domain/ports.ts";

type Answers = <T>(work: () => T | Promise<T>) => Promise<T>;

export interface LiveBoards {
  readonly rows: Map<string, ScoreRow>;
  topology: Topology;
}

export function liveBoards(answers: Answers) {
  const boards: LiveBoards = { rows: new Map(), topology: firstTopology };
  /** By what its name says: stream, generation, number. */
  const shardAt = (name: string) => {
    const [, generation = "", number = ""] = name.split("/");
    const moved = (): Moved | null =>
      Number(generation) === boards.topology.generation ? null : { moved: boards.topology };
    const here = (): ScoreRow[] =>
      [...boards.rows.values()]
        .filter(({ member }) => shardOf(member, boards.topology) === Number(number))
        .sort((a, b) => (a.member < b.member ? -1 : 1));
    const ranked = (ranking: Ranking): Score[] =>
      here()
        .flatMap(({ member, periods }) => {
          const numbers = periods[ranking.period]?.[ranking.key] ?? [];
          const score = numbers[ranking.measure] ?? 0;
          return score > 0 ? [{ member, score, atMs: numbers.at(-1) ?? 0 }] : [];
        })
        .sort(byRank);
    const shard: Pick<BoardPort, "rows" | "scores" | "ahead"> = {
      rows: (bucket, after, limit) =>
        answers(
          () =>
            moved() ?? {
              rows: here()
                .filter(({ member }) => bucketOf(member, bucket.of) === bucket.number)
                .filter(({ member }) => member > (after ?? ""))
                .slice(0, limit),
            },
        ),
      scores: (ranking, members) =>
        answers(
          () =>
            moved() ?? {
              scores: members.map((m) => ranked(ranking).find((s) => s.member === m) ?? null),
            },
        ),
      ahead: (ranking, scores) =>
        answers(
          () =>
            moved() ?? {
              counts: scores.map(
                (than) => ranked(ranking).filter((s) => byRank(s, than) < 0).length,
              ),
            },
        ),
    };
    return shard;
  };
  const root: Pick<BoardRootPort, "topology"> = { topology: () => answers(() => boards.topology) };
  return { boards, BOARD: { getByName: shardAt }, BOARD_ROOT: { getByName: () => root } };
}
