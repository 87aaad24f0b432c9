/**
 * Boards that grow while they are written and read: nobody who was put is missing, nobody stands
 * twice, nothing older comes back, whichever call fails and whoever is put out of memory.
 */
import { describe, expect, test } from "vitest";
import type { Boards, Ranking, ScoreRow } from "../../domain/board-ports.ts";
import { shardOf } from "../../domain/boards.ts";
import { putScores } from "../../durable-objects/board-shards.ts";
import { shardsMax } from "../../kernel/boards/growth.ts";
import { liveReader } from "../../kernel/boards/read.ts";
import { type Chance, chanceOf } from "../oracle/chance.ts";
import { BoardsWorld } from "./boards-world.ts";

const everybody: Ranking = { period: "all", key: "all", measure: 0 };
const many = 1_000_000;

/** Their score is the version; now and then they leave all boards. */
const rowOf = (member: string, version: number, isEmpty = false): ScoreRow => ({
  member,
  version,
  periods: isEmpty ? {} : { all: { all: [version, version] } },
  unshown: {},
});

/** Whoever is not answered says it again. */
async function keptOn(say: () => Promise<unknown>): Promise<void> {
  for (let attempt = 0; attempt < 1000; attempt++) {
    try {
      await say();
      return;
    } catch {}
  }
  throw new Error("never answered");
}

interface Said {
  sent: number;
  /** The newest that was answered for. */
  kept: number;
  readonly empty: Set<number>;
}

/** Writers and readers, and what must be true of whatever is read. */
class Crowd {
  readonly said = new Map<string, Said>();
  readonly #world: BoardsWorld;
  readonly #chance: Chance;

  constructor(world: BoardsWorld, chance: Chance) {
    this.#world = world;
    this.#chance = chance;
  }

  async write(times: number, members: readonly string[]): Promise<void> {
    const boards = this.#world.client();
    for (let i = 0; i < times; i++) {
      const member = this.#chance.pick(members);
      const said = this.#saidOf(member);
      const version = ++said.sent;
      const isEmpty = this.#chance.in100(10);
      if (isEmpty) said.empty.add(version);
      await keptOn(() => putScores(boards, rowOf(member, version, isEmpty)));
      said.kept = version;
      if (this.#chance.in100(20)) await this.#sayOld(boards, member, said);
    }
  }

  async read(times: number): Promise<void> {
    const boards = this.#world.client();
    for (let i = 0; i < times; i++) {
      const kept = new Map([...this.said].map(([member, said]) => [member, said.kept]));
      await keptOn(async () => this.#check(await shown(boards), kept));
      if (this.#chance.in100(30)) this.#world.evict();
    }
  }

  /** What was on its way for long arrives after what is newer. */
  async #sayOld(boards: Boards, member: string, { kept, empty }: Said): Promise<void> {
    const version = this.#chance.whole(1, kept);
    await keptOn(() => putScores(boards, rowOf(member, version, empty.has(version))));
  }

  #check(seen: ReadonlyMap<string, number>, kept: ReadonlyMap<string, number>): void {
    for (const [member, version] of seen) {
      expect(version).toBeGreaterThanOrEqual(kept.get(member) ?? 0);
      expect(version).toBeLessThanOrEqual(this.#saidOf(member).sent);
    }
    for (const [member, version] of kept) {
      if (version === 0 || seen.has(member)) continue;
      const { empty } = this.#saidOf(member);
      expect([...empty].some((v) => v >= version)).toBe(true);
    }
  }

  #saidOf(member: string): Said {
    const said = this.said.get(member) ?? { sent: 0, kept: 0, empty: new Set<number>() };
    this.said.set(member, said);
    return said;
  }
}

/** Who is seen with what; fails when anybody is seen twice. */
async function shown(boards: Boards): Promise<Map<string, number>> {
  const { scores, total } = await liveReader(boards).top(everybody, null, many);
  const seen = new Map(scores.map(({ member, score }) => [member, score]));
  if (seen.size !== scores.length) throw new Error("somebody stands twice");
  expect(total).toBe(scores.length);
  return seen;
}

const membersOf = (count: number) => Array.from({ length: count }, (_, i) => `mem_${i}`);

describe("boards that grow", () => {
  test.each(Array.from({ length: 30 }, (_, i) => i + 1))(
    "lose and double nobody while calls fail and objects are put out of memory (seed %i)",
    async (seed) => {
      const chance = chanceOf(seed);
      const world = new BoardsWorld(chance);
      const crowd = new Crowd(world, chance);
      const failing = chance.whole(0, 12);
      world.fate = () => (chance.in100(failing) ? (chance.in100(50) ? "before" : "after") : null);
      const members = membersOf(60);
      const growing = async () => {
        for (let generation = 1; generation <= 3; generation++) {
          for (let wait = chance.whole(0, 200); wait > 0; wait--) await Promise.resolve();
          world.full(generation);
          await world.grow();
          world.evict();
        }
      };
      await Promise.all([
        growing(),
        crowd.write(60, members),
        ...[0, 1, 2].map((w) =>
          crowd.write(
            60,
            membersOf(20).map((m) => `${m}-${w}`),
          ),
        ),
        crowd.read(25),
        crowd.read(25),
      ]);
      world.fate = () => null;
      expect(world.root).toEqual({ topology: { generation: 4, shards: 8 }, next: null });
      const last = [...crowd.said].filter(([, said]) => !said.empty.has(said.sent));
      const expected = last.map(([member, said]) => [member, said.sent]);
      expect([...(await shown(world.client()))].sort()).toEqual(expected.sort());
    },
  );

  const members = membersOf(12);
  const filled = async (world: BoardsWorld) => {
    const boards = world.client();
    for (const member of members) await putScores(boards, rowOf(member, 2));
    await putScores(boards, rowOf("mem_gone", 2));
    await putScores(boards, rowOf("mem_gone", 3, true));
    return boards;
  };
  const grownFaultless = async () => {
    const world = new BoardsWorld(chanceOf(1));
    await filled(world);
    const before = world.calls.length;
    world.full(1);
    await world.grow();
    return { before, after: world.calls.length };
  };

  test("come to the same whichever one step fails, and whether or not it took effect", async () => {
    const { before, after } = await grownFaultless();
    expect(after - before).toBeGreaterThan(4);
    for (const when of ["before", "after"] as const)
      for (let failing = before + 1; failing <= after; failing++) {
        const world = new BoardsWorld(chanceOf(1));
        const old = await filled(world);
        world.fate = (nth) => (nth === failing ? when : null);
        world.full(1);
        await world.grow();
        expect(world.root.topology).toEqual({ generation: 2, shards: 2 });
        // Whoever still knows the old generation reaches the new one.
        await putScores(old, rowOf("mem_0", 9));
        await putScores(old, rowOf("mem_gone", 2));
        const expected = new Map(members.map((m) => [m, m === "mem_0" ? 9 : 2]));
        for (const boards of [old, world.client()]) expect(await shown(boards)).toEqual(expected);
      }
  });

  test("go on while the root is stopped between any two calls, for writers and readers alike", async () => {
    const { before, after } = await grownFaultless();
    for (let stopped = before + 1; stopped <= after; stopped++) {
      const world = new BoardsWorld(chanceOf(1));
      const old = await filled(world);
      let calls = 0;
      // From one call on, whatever the root says fails; the others do not.
      world.fate = (_, name) => {
        if (/ (grow|copy|moved)$/.test(name)) calls++;
        return calls > stopped - before && / (grow|copy|moved)$/.test(name) ? "before" : null;
      };
      world.full(1);
      await world.grow(3).catch(() => {});
      const fresh = world.client();
      await putScores(fresh, rowOf("mem_1", 5));
      await putScores(old, rowOf("mem_2", 5));
      const raised = ["mem_1", "mem_2"];
      const expected = new Map(members.map((m) => [m, raised.includes(m) ? 5 : 2]));
      for (const boards of [old, fresh, world.client()])
        expect(await shown(boards)).toEqual(expected);
      world.fate = () => null;
      await world.grow();
      expect(await shown(world.client())).toEqual(expected);
    }
  });

  test("copy more than one page, and what nobody has any more", async () => {
    const world = new BoardsWorld(chanceOf(3));
    const boards = world.client();
    const [topology, crowd] = [await boards.topology(), membersOf(9_000)];
    await boards.shard(topology, 0).adopt(crowd.map((m, i) => rowOf(m, i + 1, i % 3 === 0)));
    world.full(1);
    await world.grow();
    const next = world.root.topology;
    expect(next.shards).toBe(2);
    expect(world.rowsIn(next, 0) + world.rowsIn(next, 1)).toBe(crowd.length);
    expect(world.rowsIn(next, 0)).toBe(crowd.filter((m) => shardOf(m, next) === 0).length);
    expect((await shown(boards)).size).toBe(6_000);
  });

  test("grow once however often they are said to be full, and never beyond what one read asks", async () => {
    const world = new BoardsWorld(chanceOf(4));
    for (let i = 0; i < 20; i++) {
      world.full(1);
      world.full(world.root.topology.generation);
      world.full(world.root.topology.generation);
      world.full(world.root.topology.generation + 1);
      const { shards } = world.root.topology;
      await world.grow();
      expect(world.root.topology.shards).toBe(Math.min(shardsMax, shards * 2));
    }
    expect(world.root.next).toBeNull();
  });

  test("are reached by a writer who was away for many generations, in one call of theirs", async () => {
    const world = new BoardsWorld(chanceOf(5));
    const old = world.client();
    await putScores(old, rowOf("mem_1", 1));
    for (let generation = 1; generation < 5; generation++) {
      world.full(generation);
      await world.grow();
    }
    const first = { generation: 1, shards: 1 };
    const { topology } = world.root;
    expect(await world.shard(first, 0).put(rowOf("mem_1", 7))).toEqual(topology);
    expect(await shown(world.client())).toEqual(new Map([["mem_1", 7]]));
  });
});
