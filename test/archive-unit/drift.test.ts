/** Live beside exact: what differs is published and mended by its ledger, never by the archive. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { goOnWithRuns } from "../../workers/archive/run.ts";
import { archiveWorld, rides, together, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = "", cleo = ""] = together;

const distanceOfAda = (world: World, mm: number, period = "2026-11") => {
  const shown = world.boards.rows.get(ada)?.periods[period] ?? {};
  for (const numbers of Object.values(shown)) (numbers as number[])[0] = mm;
};
const wrong = (world: World) => distanceOfAda(world, 700);
const mend = (world: World) => distanceOfAda(world, 1000);

async function wronged(): Promise<World> {
  const world = archiveWorld();
  await rides(world, ada, [["a1", "2026-11-01", 1000]]);
  await rides(world, ben, [["b1", "2026-11-01", 4000]]);
  await rides(world, cleo, [["c1", "2026-11-01", 9000]], false);
  wrong(world);
  return world;
}
const settle = async (world: World, id: string) => {
  await world.begin(id, "settle", {});
  await world.goOn();
};
const askedOf = (world: World, member: string) => world.ledgerAt(`workouts/${member}`).asked;
const drift = (world: World, period: string) =>
  world.rows(
    `SELECT measure, live, exact, differing FROM drift
     WHERE period = '${period}' AND key = 'all' ORDER BY measure`,
  );

describe("a comparison", () => {
  test("says by how much a board is off, of those on it alone, and asks that ledger", async () => {
    const world = await wronged();
    await settle(world, "r1");
    expect(drift(world, "2026-11")[1]).toEqual({
      measure: "distance",
      live: 4700,
      exact: 5000,
      differing: 1,
    });
    expect(drift(world, "all")[1]).toMatchObject({ live: 5000, exact: 5000, differing: 0 });
    expect(askedOf(world, ada)).toEqual([["2026-11-01"]]);
    expect([...askedOf(world, ben), ...askedOf(world, cleo)]).toEqual([]);
    expect(world.rows("SELECT period FROM drift_due")).toEqual([{ period: "2026-11" }]);
    mend(world);
    world.pass(86_400_000);
    await settle(world, "r2");
    expect(drift(world, "2026-11")[1]).toMatchObject({ live: 5000, exact: 5000, differing: 0 });
    expect(world.rows("SELECT * FROM drift_due")).toEqual([]);
  });

  test("that lasts has the ledger publish ever more rarely, and stays published", async () => {
    const world = await wronged();
    mend(world);
    distanceOfAda(world, 700, "all");
    const nights: number[] = [];
    for (let night = 0; night < 50; night++) {
      const before = askedOf(world, ada).length;
      await settle(world, `r${night}`);
      if (askedOf(world, ada).length > before) nights.push(night);
      expect(drift(world, "all")[1]).toMatchObject({ live: 4700, exact: 5000, differing: 1 });
      expect(world.rows("SELECT period FROM drift_due")).toEqual([{ period: "all" }]);
      // A night begins when the last one did, or a little earlier.
      world.pass(86_390_000);
    }
    expect(nights).toEqual([0, 2, 6, 14, 30, 46]);
    const counts = world.rows("SELECT state FROM run WHERE id = 'r1'");
    expect(JSON.parse(String(counts[0]?.state)).counts).toMatchObject({
      differing: 1,
      repaired: 0,
      notRepaired: 1,
    });
  });

  test("forgets after a while how often a ledger had to publish again", async () => {
    const world = await wronged();
    await settle(world, "r1");
    mend(world);
    await settle(world, "r2");
    world.warehouse.raw.exec("UPDATE ledger SET repairs = 9 WHERE repairs > 0");
    world.pass(29 * 86_400_000);
    wrong(world);
    await rides(world, cleo, [["c2", "2026-11-02", 1]], false);
    await settle(world, "r3");
    expect(askedOf(world, ada).length).toBe(2);
    expect(world.rows("SELECT repairs FROM ledger WHERE repairs > 0")).toEqual([{ repairs: 1 }]);
  });

  test("of a step asks the database far less often than it may", async () => {
    const world = archiveWorld();
    const days = Array.from({ length: 120 }, (_, i) => {
      const day = new Date(Date.UTC(2026, 8, 1 + i)).toISOString().slice(0, 10);
      return [`a${i}`, day, 1000] as const;
    });
    await rides(world, ada, days);
    const prepare = vi.spyOn(world.env.WAREHOUSE, "prepare");
    await world.begin("r1", "settle", {});
    world.queue.push({ run: "r1" });
    const most = { asked: 0 };
    for (let n = 0; world.queue.length > 0; n++) {
      prepare.mockClear();
      const body = [world.queue.shift()];
      await goOnWithRuns(world.batchOf(body), world.env, world.now, () => `s${n}`);
      most.asked = Math.max(most.asked, prepare.mock.calls.length);
    }
    expect(world.rows("SELECT outcome FROM run")).toEqual([{ outcome: "done" }]);
    expect(most.asked).toBeLessThan(600);
  });

  test("leaves a ledger alone that is only ahead, and compares again next time", async () => {
    const world = await wronged();
    world.ledgerAt(`workouts/${ada}`).pending = 1;
    await settle(world, "r1");
    expect(askedOf(world, ada)).toEqual([]);
    expect(world.rows("SELECT period FROM drift_due")).toEqual([{ period: "2026-11" }]);
    world.ledgerAt(`workouts/${ada}`).pending = 0;
    await settle(world, "r2");
    expect(askedOf(world, ada)).toEqual([["2026-11-01"]]);
  });

  test("of a night reads the whole archive of some buckets only, and each has its night", async () => {
    const world = await wronged();
    mend(world);
    const night = Math.floor(world.now() / 86_400_000);
    for (let n = night; n < night + 28; n++) {
      const left = world.rows("SELECT period FROM drift_due").length;
      await world.begin(`n${n}`, "settle", { night: n });
      await world.goOn();
      const due = world.rows("SELECT period FROM drift_due");
      // The bucket of those members is the third.
      if (n % 28 === 3) expect(due).toEqual([]);
      else if (left > 0) expect(due).toEqual([{ period: "all" }]);
    }
    expect(drift(world, "all")[1]).toMatchObject({ live: 5000, exact: 5000, differing: 0 });
  });

  test("of more days than one step reads goes on where it was", async () => {
    const world = archiveWorld();
    const days = Array.from({ length: 40 }, (_, i) => {
      const day = new Date(Date.UTC(2026, 8, 1 + i)).toISOString().slice(0, 10);
      return [`a${i}`, day, 1000] as const;
    });
    await rides(world, ada, days);
    await settle(world, "r1");
    expect(drift(world, "all")[1]).toMatchObject({ live: 40_000, exact: 40_000, differing: 0 });
    expect([...world.bucket.objects.keys()].filter((k) => k.startsWith("comparing/"))).toEqual([]);
  });

  test("leaves out challenges, and what counts for teams alone", async () => {
    const world = await wronged();
    mend(world);
    const ofAda = world.boards.rows.get(ada);
    const periods = { ...ofAda?.periods, "challenge/x": { all: [5, 1] } };
    if (ofAda !== undefined) world.boards.rows.set(ada, { ...ofAda, periods });
    const unshown = { "2026-11": { all: [9000, 1, 1, 1] } };
    world.boards.rows.set(cleo, { member: cleo, version: 1, periods: {}, unshown });
    await settle(world, "r1");
    expect(drift(world, "2026-11")[1]).toMatchObject({ live: 5000, exact: 5000, differing: 0 });
    expect([...askedOf(world, ada), ...askedOf(world, cleo)]).toEqual([]);
  });

  test("of a period that closed is none: its board is due, and nothing is drift", async () => {
    const world = await wronged();
    distanceOfAda(world, 5, "2026-W44");
    await settle(world, "r1");
    expect(drift(world, "2026-W44")).toEqual([]);
    expect(world.rows("SELECT period, version FROM closed_board")).toEqual([
      { period: "2026-W44", version: 1 },
    ]);
    expect(world.rows("SELECT * FROM closing_due")).toEqual([]);
  });

  test("waits while boards are being spread further, and reads all of their shards", async () => {
    const world = await wronged();
    mend(world);
    await settle(world, "r1");
    world.boards.topology = { generation: 2, shards: 4 };
    wrong(world);
    await settle(world, "r2");
    expect(drift(world, "2026-11")[1]).toMatchObject({ live: 4700, exact: 5000, differing: 1 });
    expect(world.rows("SELECT outcome FROM run WHERE id = 'r2'")).toEqual([{ outcome: "done" }]);
  });
});
