/** Real boards grow by themselves while they are written, read and put out of memory. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Topology } from "../../domain/ports.ts";
import { everybody, type LoneBoards, nothingOf, scored, startBoards } from "./lone-boards.ts";

const membersMax = 24;
const members = Array.from({ length: 120 }, (_, i) => `mem_${i}`);
/** Enough that none of them holds more than it should. */
const shards = 8;
const patience = 600;
const evictEveryMs = 250;

let boards: LoneBoards;
beforeAll(async () => {
  boards = await startBoards({ membersMax, putsASecondMax: 1_000_000 });
});
afterAll(() => boards.end());

const topologyOf = async (stream: string) =>
  (await boards.ask("root", stream, ["topology"])).answers[0] as Topology;

/** An object that is put out of memory breaks off what it was at; whoever asked asks again. */
async function keptOn<T>(say: () => Promise<T>): Promise<T> {
  for (let attempt = 0; ; attempt++) {
    try {
      return await say();
    } catch (error) {
      if (attempt >= patience) throw error;
      await sleep(20);
    }
  }
}

async function shown(stream: string): Promise<Map<string, number>> {
  const { scores, total } = await keptOn(() => boards.top(stream, everybody, 1_000));
  const seen = new Map(scores.map(({ member, score }) => [member, score]));
  expect(seen.size, "somebody stands twice").toBe(scores.length);
  expect(total).toBe(scores.length);
  return seen;
}

/** Puts keep telling the root that they are full; until it has enough. */
async function grown(stream: string, again: () => Promise<void>): Promise<Topology> {
  for (let attempt = 0; attempt < patience; attempt++) {
    const topology = await keptOn(() => topologyOf(stream));
    if (topology.shards >= shards) return topology;
    await keptOn(again);
    await sleep(50);
  }
  throw new Error("the boards did not grow");
}

/** Writes every member `rounds` times, with readers and evictions meanwhile. */
async function crowd(stream: string, rounds: number, evicting: boolean): Promise<void> {
  const kept = new Map<string, number>();
  let writing = true;
  const writer = async (own: readonly string[]) => {
    for (let version = 1; version <= rounds; version++)
      for (const member of own) {
        await keptOn(() => boards.put(stream, scored(member, version)));
        kept.set(member, version);
      }
  };
  const reader = async () => {
    while (writing) {
      const before = new Map(kept);
      const seen = await shown(stream);
      for (const [member, version] of before)
        expect(seen.get(member), member).toBeGreaterThanOrEqual(version);
      await sleep(10);
    }
  };
  const evictor = async () => {
    while (writing && evicting) {
      await boards.evict("shard", "root");
      await sleep(evictEveryMs);
    }
  };
  const writers = [0, 1, 2, 3].map((w) => writer(members.filter((_, i) => i % 4 === w)));
  const written = Promise.all(writers).finally(() => {
    writing = false;
  });
  await Promise.all([written, reader(), evictor()]);
}

describe("boards that hold more than a shard should", () => {
  test.each([
    ["grow", false],
    ["grow though they are put out of memory all the time", true],
  ])("%s: nobody is missing, nobody stands twice", async (name, evicting) => {
    const stream = `crowd-${name.length}`;
    await crowd(stream, 2, evicting);
    const version = 3;
    const all = members.map((member) => scored(member, version));
    const topology = await grown(stream, async () => {
      await shown(stream);
      await boards.put(stream, ...all);
    });
    expect(topology).toEqual({ generation: 4, shards });
    await boards.put(stream, ...all);
    const expected = new Map(members.map((member) => [member, version]));
    expect(await shown(stream)).toEqual(expected);
    await boards.evict("shard", "root");
    expect(await shown(stream)).toEqual(expected);
  });

  test("keep telling the root while they grow, so that it goes on where it was", async () => {
    const stream = "halfway";
    await boards.ask("shard", `${stream}/1/0`, ["grow", { generation: 2, shards: 2 }]);
    const all = members.map((member) => scored(member, 1));
    const topology = await grown(stream, async () => {
      await boards.put(stream, ...all);
      await shown(stream);
    });
    expect(topology.shards).toBe(shards);
    expect((await shown(stream)).size).toBe(members.length);
  });

  test("keep no rows where they have moved from, but know for ever where to", async () => {
    const stream = "left";
    await boards.put(stream, nothingOf("mem_gone", 9));
    const all = members.map((member) => scored(member, 1));
    const topology = await grown(stream, async () => {
      await boards.put(stream, ...all);
      await shown(stream);
    });
    const first = `${stream}/1/0`;
    const drop = await boards.ask("shard", first, ["tables"], ["alarm"], ["tables"]);
    expect(drop.answers[0]).toContain("score");
    expect(drop.answers[2]).not.toContain("score");
    expect(drop.rowsWritten).toBeLessThan(10);
    await boards.evict("shard");
    const late = [nothingOf("mem_0", 2), scored("mem_gone", 8)];
    const { answers } = await boards.ask(
      "shard",
      first,
      ["alarm"],
      ["put", late[0]],
      ["put", late[1]],
      ["top", everybody, null, 5],
      ["scores", everybody, ["mem_1"]],
    );
    expect(answers.slice(1, 3)).toEqual([topology, topology]);
    const [, , , ...reads] = answers as { moved: Topology }[];
    for (const { moved } of reads) expect(moved.generation).toBe(2);
    const expected = new Map(members.slice(1).map((member) => [member, 1]));
    expect(await shown(stream)).toEqual(expected);
  });
});
