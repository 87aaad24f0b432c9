/** Final standings of challenges: out of the archive by the live rules, with the difference shown. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Score } from "../../domain/board-ports.ts";
import type { ChallengeRules } from "../../domain/challenges.ts";
import { closedBoard, closedObjects } from "../../durable-objects/closed-boards.ts";
import { closedReader } from "../../kernel/boards/closed.ts";
import { archiveWorld, rides, together, type World } from "./archive-world.ts";
import { expectedFinal, versionOf } from "./boards-oracle.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = "", cleo = "", dan = ""] = together;
const dayMs = 86_400_000;
const rules: ChallengeRules = {
  ...{ id: "x", measure: "distance", families: ["ride"], from: "2026-11-02", to: "2026-11-08" },
  ...{ dayMax: 50_000, least: 1000, verifiedOnly: false },
};
const period = "challenge/x";
const ranking = { period, key: "all", measure: 0 };

const settle = async (world: World, id: string) => {
  await world.begin(id, "settle", { night: Math.floor(world.now() / dayMs) });
  await world.goOn();
};
/** Whoever joined stands there live with these scores. */
const live = (world: World, scores: Readonly<Record<string, number>>) => {
  for (const [member, score] of Object.entries(scores)) {
    const held = world.boards.rows.get(member);
    const periods = { ...held?.periods, [period]: { all: [score, 1] } };
    world.boards.rows.set(member, { member, version: 99, unshown: {}, periods });
  }
};

async function challenged(over: Partial<ChallengeRules> = {}): Promise<World> {
  const world = archiveWorld();
  const { measure, families, from, to, dayMax, least } = { ...rules, ...over };
  world.warehouse.raw
    .prepare(
      `INSERT INTO challenge (id, name, measure, families, from_day, to_day, day_max, least,
         verified_only, joining, made_at) VALUES ('x', 'X', ?, ?, ?, ?, ?, ?, 0, 'everybody', 0)`,
    )
    .run(measure, JSON.stringify(families), from, to, dayMax, least);
  await rides(world, ada, [
    ["a1", "2026-11-01", 9000],
    ["a2", "2026-11-02", 20_000],
    ["a3", "2026-11-08", 90_000],
    ["a4", "2026-11-09", 9000],
  ]);
  await rides(world, ben, [["b1", "2026-11-05", 30_000]], false);
  await rides(world, cleo, [["c1", "2026-11-05", 999]]);
  await rides(world, dan, [["d1", "2026-11-05", 40_000]]);
  for (const member of [ada, ben, cleo])
    world.warehouse.raw
      .prepare("INSERT INTO challenge_member (challenge, member, joined_at) VALUES ('x', ?, 0)")
      .run(member);
  return world;
}

async function standings(world: World): Promise<readonly Score[]> {
  const closed = await closedBoard(world.env.WAREHOUSE, "workouts", period);
  if (closed === null) return [];
  const reader = closedReader(closedObjects(world.env.BOARDS), closed);
  return (await reader.top(ranking, null, 100)).scores;
}
const differenceOf = async (world: World) =>
  (await closedBoard(world.env.WAREHOUSE, "workouts", period))?.body.final;

describe("final standings", () => {
  test("are what the rules make of the settled facts of whoever joined, on boards or not", async () => {
    const world = await challenged();
    live(world, { [ada]: 70_000, [ben]: 30_000 });
    await settle(world, "r1");
    expect(await standings(world)).toEqual(expectedFinal(world, rules));
    expect((await standings(world)).map(({ member, score }) => [member, score])).toEqual([
      [ada, 70_000],
      [ben, 30_000],
    ]);
    expect(await differenceOf(world)).toMatchObject({
      live: 2,
      final: 2,
      differing: 0,
      members: [],
    });
    const [row] = world.rows("SELECT closed_at, telling FROM challenge");
    expect(row).toEqual({ closed_at: expect.any(Number), telling: "" });
  });

  test("show who stood otherwise live, with both ranks and scores", async () => {
    const world = await challenged();
    live(world, { [ben]: 80_000, [cleo]: 5000, [ada]: 70_000 });
    await settle(world, "r1");
    expect(await differenceOf(world)).toEqual({
      ...{ atMs: expect.any(Number), live: 3, final: 2, differing: 2 },
      members: [
        { member: ben, live: { rank: 1, score: 80_000 }, final: { rank: 2, score: 30_000 } },
        { member: cleo, live: { rank: 3, score: 5000 }, final: null },
      ],
    });
  });

  test("name those with most at stake, and count the others", async () => {
    const world = await challenged();
    const many = Array.from({ length: 130 }, (_, i) => [`z${i}`, 1000 + i] as const);
    live(world, Object.fromEntries(many));
    await settle(world, "r1");
    const final = await differenceOf(world);
    expect([final?.live, final?.final, final?.differing]).toEqual([130, 2, 132]);
    expect(final?.members.length).toBe(100);
    expect(final?.members[0]).toEqual({
      ...{ member: ada, live: null, final: { rank: 1, score: 70_000 } },
    });
    expect(final?.members[2]).toMatchObject({ member: "z129", live: { rank: 1, score: 1129 } });
  });

  test("wait three days after the last one, until all of it is settled", async () => {
    const world = await challenged({ to: "2026-11-17" });
    await settle(world, "r1");
    expect(versionOf(world, period)).toBeUndefined();
    world.pass(dayMs);
    await rides(world, cleo, [["c2", "2026-11-10", 8000]]);
    await world.begin("r2", "settle", { from: "2026-11-12", to: "2026-11-20" });
    await world.goOn();
    expect(versionOf(world, period)).toBeUndefined();
    world.pass(dayMs);
    await settle(world, "r3");
    expect(versionOf(world, period)).toBe(1);
    expect(await standings(world)).toEqual(expectedFinal(world, { ...rules, to: "2026-11-17" }));
  });

  test("of one that was ended before are none", async () => {
    const world = await challenged();
    world.warehouse.raw.exec("UPDATE challenge SET ended_at = 1");
    await settle(world, "r1");
    expect(versionOf(world, period)).toBeUndefined();
  });

  test("go, with every object and row of them, when the challenge is ended after all", async () => {
    const world = await challenged();
    await settle(world, "r1");
    const files = () => [...world.closed.objects.keys()].filter((name) => name.includes(period));
    expect(files().length).toBe(1);
    world.warehouse.raw.exec("UPDATE challenge SET ended_at = 1");
    world.pass(dayMs);
    await settle(world, "r2");
    expect(files()).toEqual([]);
    expect(versionOf(world, period)).toBeUndefined();
    expect(world.rows("SELECT * FROM closing_due")).toEqual([]);
  });

  test("are made anew of what comes late, and what they were beside the live ones stays", async () => {
    const world = await challenged();
    live(world, { [ada]: 70_000, [ben]: 1000 });
    await settle(world, "r1");
    const before = await differenceOf(world);
    const closedAt = world.rows("SELECT closed_at FROM challenge");
    world.pass(dayMs);
    await rides(world, cleo, [["late", "2026-11-03", 45_000]]);
    await settle(world, "r2");
    expect(versionOf(world, period)).toBe(2);
    expect(await standings(world)).toEqual(expectedFinal(world, rules));
    expect(await differenceOf(world)).toEqual(before);
    expect(world.rows("SELECT closed_at FROM challenge")).toEqual(closedAt);
    world.pass(dayMs);
    await settle(world, "r3");
    expect(versionOf(world, period)).toBe(2);
  });

  test.each([
    ["just settled", 0],
    ["settled long ago, and made anew just now", 400],
  ])("lose whoever is erased the next night, in the difference too: %s", async (_, daysLater) => {
    const world = await challenged();
    live(world, { [ada]: 70_000, [ben]: 1000 });
    await settle(world, "r1");
    world.pass(daysLater * dayMs);
    world.warehouse.raw.exec(`UPDATE closed_board SET as_of = ${world.now()}`);
    world.warehouse.raw.exec(`UPDATE member SET erased_at = 1, on_boards = 0 WHERE id = '${ben}'`);
    world.warehouse.raw.exec(`INSERT INTO forgotten_ledger VALUES ('workouts/${ben}', 0)`);
    world.warehouse.raw.exec(
      "INSERT INTO receipt VALUES ('rc', 'm', 0, '[]', '[\"archive\"]', NULL)",
    );
    world.ledgerAt(`workouts/${ben}`).published.clear();
    await world.begin("e1", "erase", {
      ...{ receipt: "rc", ledger: `workouts/${ben}`, stream: "workouts", forget: true },
      partitions: [{ stream: "workouts", day: "2026-11-05", bucket: 3 }],
    });
    await world.goOn();
    world.pass(dayMs);
    await settle(world, "r2");
    expect((await standings(world)).map(({ member }) => member)).toEqual([ada]);
    expect(await differenceOf(world)).toMatchObject({ differing: 1, members: [] });
  });
});
