/** Closed boards out of the settled facts: exact, repeatable, and whole whatever call is the last one. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { LocalDate } from "../../domain/time.ts";
import { markClosings } from "../../durable-objects/closed-boards.ts";
import { markClosed } from "../../workers/archive/closed-store.ts";
import { archiveWorld, ride, rides, together, type World } from "./archive-world.ts";
import { expectedBoards, shownBoards, versionOf } from "./boards-oracle.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = "", cleo = "", dan = ""] = together;
const dayMs = 86_400_000;
const week = "2026-W44";

const settle = async (world: World, id: string, args: object = {}) => {
  await world.begin(id, "settle", args);
  await world.goOn();
};
/** Each its own night. */
const night = (world: World) =>
  settle(world, `n${world.now()}`, { night: Math.floor(world.now() / dayMs) });
const countsOf = (world: World, run: string): Record<string, number> =>
  JSON.parse(String(world.rows(`SELECT state FROM run WHERE id = '${run}'`)[0]?.state)).counts;
const filesIn = (world: World) => [...world.closed.objects.keys()].sort();
const aside = (world: World) =>
  [...world.bucket.objects.keys()].filter((name) => name.startsWith("closing/"));

/** Three weeks of rides of members of three buckets; somebody who is on no board. */
async function someWeeks(): Promise<World> {
  const world = archiveWorld();
  const others = ["m0", "m1", "m2", "m3", "m4"];
  let n = 0;
  for (const [i, member] of [ada, ben, cleo, ...others].entries()) {
    const days: [string, LocalDate, number][] = [];
    for (let day = 19 + (i % 3); day <= 31; day += 2 + (i % 2))
      days.push([`r${n++}`, `2026-10-${day}`, 1000 * (1 + (i % 4))]);
    days.push([`r${n++}`, "2026-11-01", 500]);
    await rides(world, member, days, member !== cleo);
  }
  return world;
}

describe("a closed board", () => {
  test("is what the facts come to, of those on boards, tied by time and id", async () => {
    const world = await someWeeks();
    await night(world);
    const closed = world.rows("SELECT period, version FROM closed_board ORDER BY period");
    expect(closed.map(({ period }) => period)).toEqual(["2026-W43", "2026-W44"]);
    for (const { period } of closed) {
      const shown = await shownBoards(world, String(period));
      expect(shown).toEqual(expectedBoards(world, String(period)));
      expect(shown?.["distance all"]?.map(({ member }) => member)).not.toContain(cleo);
    }
    expect(Object.keys((await shownBoards(world, week)) ?? {}).length).toBe(6);
    expect(aside(world)).toEqual([]);
    expect(world.rows("SELECT * FROM closing_due")).toEqual([]);
  });

  test("is made the night before its period closes, and not while it is open", async () => {
    const world = archiveWorld();
    await rides(world, ada, [["a1", "2026-11-09", 1000]]);
    await night(world);
    expect(world.rows("SELECT * FROM closed_board")).toEqual([]);
    // The week after ends on the 22nd, and two days later that of the ride is open no more.
    for (const day of [21, 22, 23, 24]) {
      world.pass(dayMs);
      await night(world);
      expect(versionOf(world, "2026-W46"), `on the ${day}th`).toBe(day < 24 ? undefined : 1);
    }
    expect(await shownBoards(world, "2026-W46")).toEqual(expectedBoards(world, "2026-W46"));
  });

  test("is made anew of what comes late, and not of what changes nothing", async () => {
    const world = await someWeeks();
    await night(world);
    const files = filesIn(world);
    world.pass(dayMs);
    await rides(world, ben, [["late", "2026-10-28", 70_000]]);
    await night(world);
    expect(versionOf(world, week)).toBe(2);
    expect(versionOf(world, "2026-W43")).toBe(1);
    expect(await shownBoards(world, week)).toEqual(expectedBoards(world, week));
    expect(filesIn(world).length).toBeGreaterThan(files.length);
    world.pass(dayMs);
    const again = [...(world.ledgers.get(`workouts/${ben}`)?.published.values() ?? [])];
    const ledger = world.ledgerAt(`workouts/${ben}`);
    await world.arrive(again.map(({ day, statement }) => ledger.publish(day, statement)));
    await settle(world, "again");
    expect(countsOf(world, "again")).toMatchObject({ boardsKept: 2 });
    expect(versionOf(world, week)).toBe(2);
    expect(await shownBoards(world, week)).toEqual(expectedBoards(world, week));
  });

  test("shares with the version before what came to the same; what none names goes later", async () => {
    const world = await someWeeks();
    await night(world);
    const before = filesIn(world);
    world.pass(dayMs);
    // A ride that is only longer: how often somebody rode is as it was.
    const name = `workouts/${ada}`;
    const held = [...world.ledgerAt(name).published.values()].find((p) => p.day === "2026-10-31");
    const fact = { ...ride(ada, "x", "2026-10-31", 90_000), ...held?.statement };
    const longer = { ...fact, revision: 2, distanceMm: 90_000 };
    await world.arrive([world.ledgerAt(name).publish("2026-10-31", longer as never)]);
    await night(world);
    const counts = before.filter((file) => file.includes(`/${week}/`) && file.includes("-2/"));
    expect(counts.length).toBe(2);
    expect(versionOf(world, week)).toBe(2);
    expect(filesIn(world)).toEqual(expect.arrayContaining(before));
    world.pass(dayMs);
    await night(world);
    const after = filesIn(world);
    expect(after).toEqual(expect.arrayContaining(counts));
    expect(after.length).toBe(before.length);
    expect(await shownBoards(world, week)).toEqual(expectedBoards(world, week));
  });

  test("lets nobody read what is deleted: the version before stays for a while", async () => {
    const world = await someWeeks();
    await night(world);
    const files = filesIn(world);
    await rides(world, ben, [["late", "2026-10-28", 70_000]]);
    await settle(world, "soon");
    expect(versionOf(world, week)).toBe(2);
    expect(filesIn(world)).toEqual(expect.arrayContaining(files));
  });
});

describe("who is on it", () => {
  test.each([
    ["just closed", 0],
    ["long ago, and was made anew just now", 400],
  ])("left out the next night: who was erased, of a board that %s", async (_, daysLater) => {
    const world = await someWeeks();
    await night(world);
    expect(JSON.stringify(await shownBoards(world, week))).toContain(ada);
    world.pass(daysLater * dayMs);
    world.warehouse.raw.exec(`UPDATE closed_board SET as_of = ${world.now()}`);
    const days = [...world.ledgerAt(`workouts/${ada}`).published.values()].map(({ day }) => day);
    world.warehouse.raw.exec(`UPDATE member SET erased_at = 1, on_boards = 0 WHERE id = '${ada}'`);
    world.warehouse.raw.exec(`INSERT INTO forgotten_ledger VALUES ('workouts/${ada}', 0)`);
    world.warehouse.raw.exec(
      `INSERT INTO receipt VALUES ('rc', 'member', 0, '[]', '["archive"]', NULL)`,
    );
    world.boards.rows.delete(ada);
    world.ledgerAt(`workouts/${ada}`).published.clear();
    await world.begin("e1", "erase", {
      ...{ receipt: "rc", ledger: `workouts/${ada}`, stream: "workouts", forget: true },
      partitions: [...new Set(days)].map((day) => ({ stream: "workouts", day, bucket: 3 })),
    });
    await world.goOn();
    expect(world.rows("SELECT period FROM closing_due")).toEqual([
      { period: "2026-W43" },
      { period: week },
    ]);
    world.pass(dayMs);
    await night(world);
    for (const period of ["2026-W43", week]) {
      expect(versionOf(world, period)).toBe(2);
      expect(await shownBoards(world, period)).toEqual(expectedBoards(world, period));
      expect(JSON.stringify(await shownBoards(world, period))).not.toContain(`"${ada}"`);
    }
    world.pass(dayMs);
    await night(world);
    const left = Buffer.concat([...world.closed.objects.values()].map(({ bytes }) => bytes));
    expect(left.includes(ada)).toBe(false);
  });

  test("left out the next night also where the first version was being made meanwhile", async () => {
    const world = await someWeeks();
    const due = () => world.rows("SELECT mark, erased FROM closing_due");
    world.warehouse.raw.exec(`INSERT INTO closing_due VALUES ('workouts', '${week}', 0, 7, 0)`);
    await markClosed(world.env.WAREHOUSE, "workouts", [week, "2026-W40"], 0, "erased").run();
    expect(due()).toEqual([{ mark: 8, erased: 1 }]);
  });

  test("left out, or there again: who left boards or joined them, where they did anything", async () => {
    const world = await someWeeks();
    await rides(world, dan, [["d1", "2026-10-21", 9999]]);
    await night(world);
    const setOn = async (member: string, on: number) => {
      world.warehouse.raw.exec(`UPDATE member SET on_boards = ${on} WHERE id = '${member}'`);
      await markClosings(world.env.WAREHOUSE, member, world.now()).run();
    };
    world.pass(dayMs);
    await setOn(dan, 0);
    await night(world);
    expect([versionOf(world, "2026-W43"), versionOf(world, week)]).toEqual([2, 1]);
    expect(await shownBoards(world, "2026-W43")).toEqual(expectedBoards(world, "2026-W43"));
    world.pass(dayMs);
    await setOn(dan, 1);
    await setOn(cleo, 1);
    await night(world);
    expect(world.rows("SELECT * FROM closing_member")).toEqual([]);
    for (const period of ["2026-W43", week])
      expect(await shownBoards(world, period)).toEqual(expectedBoards(world, period));
  });
});

describe("making them", () => {
  test("is economical: of long ago ever more rarely, and whoever asks gets all", async () => {
    const world = archiveWorld();
    await rides(world, ada, [["a1", "2025-11-05", 1000]]);
    await night(world);
    const made: number[] = [];
    for (let n = 1; n <= 60; n++) {
      world.pass(dayMs);
      await rides(world, ada, [[`b${n}`, "2025-11-06", 1000]]);
      await night(world);
      if (world.rows("SELECT * FROM closing_due").length === 0) made.push(n);
    }
    expect(made).toEqual([28, 56]);
    await settle(world, "asked");
    expect(await shownBoards(world, "2025-W45")).toEqual(expectedBoards(world, "2025-W45"));
  });

  test("asks the database far less often than one step may", async () => {
    const world = await someWeeks();
    const prepare = vi.spyOn(world.env.WAREHOUSE, "prepare");
    const { goOnWithRuns } = await import("../../workers/archive/run.ts");
    await world.begin("r1", "settle", {});
    world.queue.push({ run: "r1" });
    let most = 0;
    for (let n = 0; world.queue.length > 0; n++) {
      prepare.mockClear();
      await goOnWithRuns(world.batchOf([world.queue.shift()]), world.env, world.now, () => `s${n}`);
      most = Math.max(most, prepare.mock.calls.length);
    }
    expect(most).toBeLessThan(600);
    expect(await shownBoards(world, week)).toEqual(expectedBoards(world, week));
  });
});
