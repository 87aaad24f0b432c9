/** What is read over many shards is what one sorted list would say. */
import { beforeAll, describe, expect, test } from "vitest";
import type { BoardPort, BoardReader, Boards, Ranking, Score } from "../../domain/board-ports.ts";
import { byRank } from "../../domain/boards.ts";
import { putScores } from "../../durable-objects/board-shards.ts";
import { forTeams, liveReader } from "../../kernel/boards/read.ts";
import { chanceOf } from "../oracle/chance.ts";
import { BoardsWorld } from "./boards-world.ts";

const ranking: Ranking = { period: "2026-W46", key: "ride", measure: 1 };
const chance = chanceOf(11);

/** Few different scores and times, so that there are ties of every kind. */
const scores: Score[] = Array.from({ length: 150 }, (_, i) => ({
  member: `mem_${i}`,
  score: chance.whole(1, 12),
  atMs: chance.whole(1, 3),
}));
const ranked = [...scores].sort(byRank).map((score, i) => ({ ...score, rank: i + 1 }));

let boards: Boards;
let reader: BoardReader;
beforeAll(async () => {
  const world = new BoardsWorld(chance);
  for (const generation of [1, 2, 3]) {
    world.full(generation);
    await world.grow();
  }
  boards = world.client();
  reader = liveReader(boards);
  for (const { member, score, atMs } of scores) {
    const periods = { [ranking.period]: { ride: [0, score, atMs], run: [5, 0, 1] } };
    await putScores(boards, { member, version: 1, periods, unshown: {} });
  }
  const unshown = { [ranking.period]: { all: [3, 4, 5] } };
  await putScores(boards, { member: "mem_hidden", version: 1, periods: {}, unshown });
  expect((await boards.topology()).shards).toBe(8);
});

describe("a read over many shards", () => {
  test.each([1, 7, 50, 1000])("shows everybody once, best first, %i at a time", async (limit) => {
    const seen: unknown[] = [];
    for (let after: Score | null = null; ; ) {
      const page = await reader.top(ranking, after, limit);
      expect(page).toMatchObject({ ahead: seen.length, total: ranked.length });
      expect(page.scores.length).toBe(Math.min(limit, ranked.length - seen.length));
      seen.push(...page.scores.map((score, i) => ({ ...score, rank: page.ahead + i + 1 })));
      after = page.scores.at(-1) ?? null;
      if (page.scores.length < limit) break;
    }
    expect(seen).toEqual(ranked);
  });

  test.each([0, 1, 3, 25, 200])("shows a member among the %i beside them", async (around) => {
    for (const at of [0, 1, 2, 74, 148, 149]) {
      const place = await reader.place(ranking, ranked[at]?.member ?? "", around);
      expect(place?.total).toBe(ranked.length);
      expect(place?.items).toEqual(ranked.slice(Math.max(0, at - around), at + around + 1));
    }
  });

  test("knows no place of who has no score there", async () => {
    for (const member of ["mem_none", "mem_hidden", ""])
      expect(await reader.place(ranking, member, 3)).toBeNull();
    expect(await reader.place({ ...ranking, key: "swim" }, "mem_1", 3)).toBeNull();
    expect(await reader.place({ ...ranking, measure: 0 }, "mem_1", 3)).toBeNull();
  });

  test("shows some members with their ranks among all, each once", async () => {
    const asked = ["mem_3", "mem_77", "mem_none", "mem_140", "mem_3", "mem_hidden", "mem_0"];
    const expected = ranked.filter(({ member }) => asked.includes(member));
    expect(expected).toHaveLength(4);
    expect(await reader.among(ranking, asked)).toEqual(expected);
    expect(await reader.among(ranking, [])).toEqual([]);
    expect(await reader.among(ranking, ["mem_none"])).toEqual([]);
  });

  test("says what counts for teams in the order asked, also of who is shown to nobody", async () => {
    const [first] = scores;
    const asked = ["mem_none", "mem_hidden", "mem_0", "mem_hidden"];
    const hidden = { isShown: false, numbers: { all: [3, 4, 5] } };
    expect(await forTeams(boards, ranking.period, asked)).toEqual([
      null,
      hidden,
      { isShown: true, numbers: { ride: [0, first?.score, first?.atMs], run: [5, 0, 1] } },
      hidden,
    ]);
    expect(await forTeams(boards, "2026-W45", asked)).toEqual([null, null, null, null]);
  });

  test("shows nobody beside themselves whose score changes between two questions", async () => {
    const changing: Boards = {
      topology: (stale) => boards.topology(stale),
      shard: (topology, number) => {
        const shard = boards.shard(topology, number);
        const scores: BoardPort["scores"] = async (...asked) => {
          const answer = await shard.scores(...asked);
          const periods = { [ranking.period]: { ride: [0, 99, 1] } };
          await putScores(boards, { member: "mem_9", version: 2, periods, unshown: {} });
          return answer;
        };
        return new Proxy(shard, {
          get: (of, method: keyof BoardPort) => (method === "scores" ? scores : of[method]),
        });
      },
    };
    const before = scores[9]?.score;
    const place = await liveReader(changing).place(ranking, "mem_9", 200);
    const own = place?.items.filter(({ member }) => member === "mem_9") ?? [];
    expect(own).toMatchObject([{ score: before }]);
    expect((await reader.place(ranking, "mem_9", 0))?.items).toMatchObject([{ rank: 1 }]);
  });

  test("gives up on boards that say for ever that they have moved", async () => {
    let generation = 1;
    const asked: number[] = [];
    const moving: Boards = {
      topology: async () => ({ generation, shards: 1 }),
      shard: (topology) =>
        ({
          top: async () => {
            asked.push(topology.generation);
            return { moved: { generation: ++generation, shards: 1 } };
          },
        }) as unknown as BoardPort,
    };
    await expect(liveReader(moving).top(ranking, null, 1)).rejects.toThrow("grew");
    expect(asked).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test("fails when a shard does", async () => {
    const failing: Boards = {
      topology: (stale) => boards.topology(stale),
      shard: (topology, number) =>
        number === 5
          ? ({ top: () => Promise.reject(new Error("away")) } as unknown as BoardPort)
          : boards.shard(topology, number),
    };
    await expect(liveReader(failing).top(ranking, null, 1)).rejects.toThrow("away");
  });
});
