/** Closed boards whose making is cut off anywhere, or done by two at once. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { goOnWithRuns } from "../../workers/archive/run.ts";
import { archiveWorld, rides, together, type World } from "./archive-world.ts";
import { expectedBoards, shownBoards, versionOf } from "./boards-oracle.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = "", cleo = ""] = together;
const dayMs = 86_400_000;
const week = "2026-W44";

/**
 * A board of one week to be made anew, and a challenge to be settled for good. What comes before boards
 * in a run is done, and tried elsewhere (settle-run.test.ts).
 */
async function due(): Promise<World> {
  const world = archiveWorld();
  await rides(world, ada, [
    ["a1", "2026-10-30", 1000],
    ["a2", "2026-11-01", 2000],
  ]);
  await rides(world, ben, [["b1", "2026-10-31", 4000]]);
  await world.begin("r0", "settle", {});
  await world.goOn();
  world.warehouse.raw.exec("CREATE TABLE held AS SELECT * FROM closed_board");
  const boards = world.closed.snapshot();
  world.pass(dayMs);
  await rides(world, cleo, [["c1", "2026-10-31", 3000]]);
  await world.begin("late", "settle", {});
  await world.goOn();
  world.closed.restore(boards);
  world.warehouse.raw.exec(
    `DELETE FROM closed_board; INSERT INTO closed_board SELECT * FROM held; DROP TABLE held;
     INSERT INTO closing_due VALUES ('workouts', '${week}', 0, 0, 0);
     INSERT INTO challenge (id, name, measure, families, from_day, to_day, verified_only, joining,
       made_at) VALUES ('x', 'X', 'distance', '[]', '2026-10-30', '2026-11-01', 0, 'everybody', 0);
     INSERT INTO challenge_member (challenge, member, joined_at) VALUES ('x', '${ada}', 0);`,
  );
  await beginAtBoards(world, "r1");
  return world;
}

async function beginAtBoards(world: World, run: string): Promise<void> {
  await world.begin(run, "settle", {});
  world.warehouse.raw.exec(`UPDATE run SET stage = 'closing' WHERE id = '${run}'`);
}

let turns = 0;
async function stepOf(world: World): Promise<void> {
  const body = [world.queue.shift()];
  await goOnWithRuns(world.batchOf(body), world.env, world.now, () => `s${++turns}`);
}

/** What it came to: names and bytes of the boards' objects, and what the rows say. */
const outcome = (world: World) => ({
  files: [...world.closed.objects].map(([name, { etag }]) => `${name} ${etag}`).sort(),
  rows: world
    .rows("SELECT stream, period, version, body FROM closed_board ORDER BY period")
    .map(({ period, version, body }) => {
      return { period, version, body: String(body).replace(/"atMs":\d+/, "") };
    }),
  left: [
    ...world.rows("SELECT * FROM closing_due"),
    ...[...world.bucket.objects.keys()].filter((name) => name.startsWith("closing/")),
  ],
});

describe("making closed boards", () => {
  test("cut off at any call, before or after its effect, comes to the same bytes", async () => {
    const world = await due();
    const [rows, archive, boards] = [
      world.warehouse.snapshot(),
      world.bucket.snapshot(),
      world.closed.snapshot(),
    ];
    const begin = () => {
      world.warehouse.restore(rows);
      world.bucket.restore(archive);
      world.closed.restore(boards);
      world.queue.splice(0, world.queue.length, { run: "r1" });
      world.crashAt(null);
    };
    begin();
    await world.goOn();
    const calls = world.calls.made;
    const whole = outcome(world);
    expect(whole.rows.map(({ period, version }) => [period, version])).toEqual([
      ["2026-W44", 2],
      ["challenge/x", 1],
    ]);
    expect(whole.left).toEqual([]);
    expect(calls).toBeGreaterThan(60);
    for (let nth = 1; nth <= calls; nth++) {
      const when = nth % 2 === 0 ? "before" : "after";
      begin();
      world.crashAt({ nth, when });
      await world.goOn().catch(() => {});
      world.crashAt(null);
      world.queue.length = 0;
      await world.goOn();
      expect(outcome(world), `${when} call ${nth}`).toEqual(whole);
    }
  });

  test("by two runs at once brings in one version, and all that it names is there", async () => {
    const world = await due();
    await beginAtBoards(world, "r2");
    world.queue.splice(0, world.queue.length, { run: "r1" }, { run: "r2" });
    await world.goOn();
    expect(versionOf(world, week)).toBe(2);
    expect(await shownBoards(world, week)).toEqual(expectedBoards(world, week));
    expect(world.rows("SELECT outcome FROM run")).toEqual([
      ...Array.from({ length: 4 }, () => ({ outcome: "done" })),
    ]);
  });

  test("whose put aside was deleted begins anew", async () => {
    const world = await due();
    world.queue.splice(0, world.queue.length, { run: "r1" });
    let deleted = 0;
    for (let steps = 0; steps < 60 && world.queue.length > 0; steps++) {
      await stepOf(world);
      for (const name of [...world.bucket.objects.keys()].filter((n) => n.startsWith("closing/")))
        if (deleted < 3 && world.bucket.objects.delete(name)) deleted++;
    }
    expect(deleted).toBeGreaterThan(0);
    await world.goOn();
    expect(await shownBoards(world, week)).toEqual(expectedBoards(world, week));
    expect(outcome(world).left).toEqual([]);
  });
});
