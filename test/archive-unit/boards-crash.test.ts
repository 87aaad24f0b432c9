/** Closed boards whose making is cut off anywhere, or done by two at once. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
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

/** A board of one week to be made anew, and a challenge to be settled for good. */
async function due(): Promise<World> {
  const world = archiveWorld();
  await rides(world, ada, [
    ["a1", "2026-10-30", 1000],
    ["a2", "2026-11-01", 2000],
  ]);
  await rides(world, ben, [["b1", "2026-10-31", 4000]]);
  await world.begin("r0", "settle", {});
  await world.goOn();
  world.warehouse.raw.exec(
    `INSERT INTO challenge (id, name, measure, families, from_day, to_day, verified_only, joining,
       made_at) VALUES ('x', 'X', 'distance', '[]', '2026-10-30', '2026-11-01', 0, 'everybody', 0);
     INSERT INTO challenge_member (challenge, member, joined_at) VALUES ('x', '${ada}', 0);`,
  );
  world.pass(dayMs);
  await rides(world, cleo, [["c1", "2026-10-31", 3000]]);
  await world.begin("r1", "settle", {});
  // Up to where boards begin: what came before them is tried elsewhere (settle-run.test.ts).
  while (world.rows("SELECT stage FROM run WHERE id = 'r1'")[0]?.stage !== "closing") {
    await world.begin("r1", "settle", {});
    if (world.queue.length === 0) world.queue.push({ run: "r1" });
    await stepOf(world);
  }
  return world;
}

let turns = 0;
async function stepOf(world: World): Promise<void> {
  const { goOnWithRuns } = await import("../../workers/archive/run.ts");
  const body = [world.queue.shift()];
  await goOnWithRuns(world.batchOf(body), world.env, world.now, () => `s${++turns}`);
}

/** What it came to: names and bytes of the boards' objects, and what the rows say. */
const outcome = (world: World) => ({
  files: [...world.closed.objects].map(([name, { etag }]) => `${name} ${etag}`).sort(),
  rows: world
    .rows("SELECT stream, period, version, body FROM closed_board ORDER BY period")
    .map(({ body, ...row }) => ({ ...row, body: String(body).replace(/"atMs":\d+/, "") })),
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
      world.warehouse.raw.exec("UPDATE run SET lease = NULL WHERE id = 'r1'");
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
    for (let nth = 1; nth <= calls; nth++)
      for (const when of ["before", "after"] as const) {
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
    world.warehouse.raw.exec("UPDATE run SET lease = NULL");
    await world.begin("r2", "settle", {});
    world.warehouse.raw.exec("UPDATE run SET stage = 'closing' WHERE id = 'r2'");
    world.queue.splice(0, world.queue.length, { run: "r1" }, { run: "r2" });
    await world.goOn();
    expect(versionOf(world, week)).toBe(2);
    expect(await shownBoards(world, week)).toEqual(expectedBoards(world, week));
    expect(world.rows("SELECT outcome FROM run")).toEqual([
      { outcome: "done" },
      { outcome: "done" },
      { outcome: "done" },
    ]);
  });

  test("whose put aside was deleted begins anew", async () => {
    const world = await due();
    world.warehouse.raw.exec("UPDATE run SET lease = NULL");
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
