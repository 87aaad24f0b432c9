/** A run over real stores in memory: complete, repeatable, and whole whatever call is the last one. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { VersionWriter } from "../../kernel/settle/parquet.ts";
import { beginNightly } from "../../workers/archive/run.ts";
import { leaseMs, RunStore } from "../../workers/archive/run-store.ts";
import {
  archiveWorld,
  neverSilent,
  ride,
  rides,
  storedIn,
  together,
  totalsOf,
  type World,
} from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = ""] = together;

async function twoMembers(): Promise<World> {
  const world = archiveWorld();
  await rides(world, ada, [
    ["a1", "2026-10-31", 1000],
    ["a2", "2026-11-01", 2000],
  ]);
  await rides(world, ben, [["b1", "2026-11-01", 4000]]);
  return world;
}
/** Odd, so that both kinds of crash come by turns; a run makes nearly two hundred calls. */
const callsBetween = 5;

const settle = async (world: World, id = "r1") => {
  await world.begin(id, "settle", {});
  await world.goOn();
};
const outcomeOf = (world: World, id = "r1") =>
  world.rows(`SELECT stage, outcome, lease FROM run WHERE id = '${id}'`)[0];

describe("a settle run", () => {
  test("counts what landed under when it happened, and finds the boards to agree", async () => {
    const world = await twoMembers();
    await settle(world);
    expect(outcomeOf(world)).toEqual({ stage: "done", outcome: "done", lease: null });
    const totals = totalsOf(world);
    expect(totals["distance all 2026-10"]).toBe(1000);
    expect(totals["distance all 2026-11"]).toBe(6000);
    expect(totals["distance all 2026-W44"]).toBe(7000);
    expect(totals["distance all all"]).toBe(7000);
    expect(totals["count ride all"]).toBe(3);
    for (const table of ["dirty", "landed", "unresolved", "drift_due"])
      expect(world.rows(`SELECT * FROM ${table}`), table).toEqual([]);
    const drift = world.rows("SELECT sum(differing) AS d, sum(live - exact) AS by FROM drift");
    expect(drift).toEqual([{ d: 0, by: 0 }]);
    expect(world.rows("SELECT report FROM ledger WHERE report IS NULL")).toEqual([]);
    expect([...world.bucket.objects.keys()].filter((k) => k.startsWith("land/"))).toEqual([]);
  });

  test("done again changes nothing, also after everything landed once more", async () => {
    const world = await twoMembers();
    await settle(world);
    const [stored, totals] = [storedIn(world), totalsOf(world)];
    await settle(world, "r2");
    expect(storedIn(world)).toEqual(stored);
    const again = await twoMembers();
    for (const ledger of again.ledgers.values())
      await again.arrive(
        [...ledger.published.values()].map((p) => ledger.publish(p.day, p.statement)),
      );
    await settle(again);
    expect(totalsOf(again)).toEqual(totals);
    expect(totalsOf(world)).toEqual(totals);
  });

  test("takes only the days that were asked for", async () => {
    const world = await twoMembers();
    await world.begin("r1", "settle", { from: "2026-11-01", to: "2026-11-30" });
    await world.goOn();
    expect(world.rows("SELECT day FROM dirty")).toEqual([{ day: "2026-10-31" }]);
    expect(totalsOf(world)["distance all all"]).toBe(6000);
  });

  test("of a night begins once, however often the clock says so", async () => {
    const world = await twoMembers();
    await beginNightly(world.env, world.now);
    await beginNightly(world.env, world.now);
    await world.goOn();
    expect(world.rows("SELECT id, outcome FROM run")).toEqual([
      { id: "settle-2026-11-20", outcome: "done" },
    ]);
  });

  test("adopts landing that nobody wrote down, once it is old enough to be lost", async () => {
    const world = await twoMembers();
    world.warehouse.raw.exec("DELETE FROM landed; DELETE FROM dirty");
    await settle(world);
    expect(totalsOf(world)).toEqual({});
    world.pass(11 * 60_000);
    await settle(world, "r2");
    expect(totalsOf(world)["distance all all"]).toBe(7000);
  });

  test("goes on past a damaged version, names it, and has it made anew", async () => {
    const world = await twoMembers();
    await settle(world);
    const totals = totalsOf(world);
    const names = [...world.bucket.objects.keys()];
    for (const kind of ["facts/workouts/2026-10-31", "resolved/workouts/2026-11-01"]) {
      const name = names.find((n) => n.startsWith(kind)) ?? "";
      const object = world.bucket.objects.get(name);
      if (object) object.bytes[40] = (object.bytes[40] ?? 0) ^ 1;
    }
    world.pass(86_400_000);
    await settle(world, "r2");
    expect(outcomeOf(world, "r2")?.outcome).toBe("faults");
    const faults = world.rows("SELECT object, fault FROM run_fault WHERE run = 'r2'");
    expect(faults.map(({ fault }) => fault)).toEqual(["damaged-version", "damaged-version"]);
    const rebuilt = world.rows("SELECT outcome FROM run WHERE kind = 'rebuild'");
    expect(rebuilt).toEqual([{ outcome: "done" }, { outcome: "done" }]);
    expect(world.rows("SELECT * FROM partition WHERE damaged IS NOT NULL")).toEqual([]);
    expect(totalsOf(world)).toEqual(totals);
    world.pass(86_400_000);
    await settle(world, "r3");
    expect(outcomeOf(world, "r3")?.outcome).toBe("done");
  });
});

describe("what cannot be read", () => {
  test.each([
    ["is no manifest any more", (world: World, name: string) => world.bucket.put(name, "{")],
    ["is gone, manifest and all", (world: World, name: string) => world.bucket.delete(name)],
  ])("since it %s is made anew, and counts from then on", async (_, spoil) => {
    const world = await twoMembers();
    for (const [i, id] of ["a3", "a4"].entries()) {
      await rides(world, ada, [[id, "2026-11-01", 2000]]);
      await settle(world, `r${i}`);
      world.pass(86_400_000);
    }
    await rides(world, together[2] ?? "", [["c1", "2026-11-01", 100]]);
    await spoil(world, "manifest/workouts/2026-11-01/03.json");
    await settle(world, "spoilt");
    const rebuilt = world.rows("SELECT outcome FROM run WHERE kind = 'rebuild'");
    expect(rebuilt).toEqual([{ outcome: "done" }]);
    expect(world.rows("SELECT * FROM partition WHERE damaged IS NOT NULL")).toEqual([]);
    expect(totalsOf(world)["distance all 2026-11"]).toBe(6100);
  });

  test("because it was replaced just then is read again, and is no fault", async () => {
    const world = await twoMembers();
    await settle(world);
    world.pass(86_400_000);
    await rides(world, ben, [["b2", "2026-11-02", 500]]);
    const { bucket } = world;
    const missed = new Set<string>();
    const get = bucket.get.bind(bucket);
    vi.spyOn(bucket, "get").mockImplementation((...args: Parameters<typeof get>) => {
      const [name] = args;
      if (!/^(facts|resolved)/.test(name) || missed.has(name)) return get(...args);
      missed.add(name);
      return Promise.resolve(null);
    });
    await settle(world, "r2");
    expect(missed.size).toBeGreaterThan(2);
    expect(outcomeOf(world, "r2")?.outcome).toBe("done");
    expect(world.rows("SELECT id FROM run WHERE kind = 'rebuild'")).toEqual([]);
    expect(totalsOf(world)["distance all all"]).toBe(7500);
  });

  test("gives a run up, and what it had put aside of members goes", async () => {
    const world = await twoMembers();
    vi.spyOn(world.env.BOARD, "getByName").mockImplementation(() => {
      throw new Error("nobody answers");
    });
    await world.bucket.put("comparing/r1.json", JSON.stringify({ of: "all", sums: { [ada]: {} } }));
    await settle(world);
    expect(outcomeOf(world)?.outcome).toBe("given-up");
    expect([...world.bucket.objects.keys()].filter((k) => k.startsWith("comparing/"))).toEqual([]);
  });
});

describe("a rebuild", () => {
  const partition = { stream: "workouts", day: "2026-11-01", bucket: 3 };
  const rebuild = async (world: World) => {
    await world.bucket.delete("manifest/workouts/2026-11-01/03.json");
    await world.begin("b1", "rebuild", { partition });
    await world.goOn();
  };

  test("has parked changes of its day sent again first", async () => {
    const world = await twoMembers();
    await settle(world);
    const ledger = world.ledgerAt(`workouts/${ada}`);
    await world.park(ledger.publish("2026-11-01", ride(ada, "a2", "2026-11-01", 2500)));
    await world.park(ledger.publish("2026-10-31", ride(ada, "a1", "2026-10-31", 500)));
    await rebuild(world);
    expect(outcomeOf(world, "b1")?.outcome).toBe("done");
    expect(world.rows("SELECT day FROM parked_change")).toEqual([{ day: "2026-10-31" }]);
    expect(totalsOf(world)["distance all 2026-11"]).toBe(6500);
  });

  test("is not made without one that is parked again, which is named", async () => {
    const world = await twoMembers();
    await settle(world);
    const ledger = world.ledgerAt(`workouts/${ada}`);
    ledger.isStuck = true;
    await world.park(ledger.publish("2026-11-01", ride(ada, "a2", "2026-11-01", 2500)));
    await rebuild(world);
    const manifest = "manifest/workouts/2026-11-01/03.json";
    expect(world.rows("SELECT object, fault FROM run_fault WHERE run = 'b1'")).toEqual([
      { object: manifest, fault: "parked-changes" },
    ]);
    expect(outcomeOf(world, "b1")?.outcome).toBe("faults");
    expect(world.bucket.objects.has(manifest)).toBe(false);
    expect(world.rows("SELECT day FROM parked_change")).toEqual([{ day: "2026-11-01" }]);
  });

  test("is made while its ledgers never fall silent, of all that was asked for", async () => {
    const world = await twoMembers();
    await settle(world);
    const { ledger } = neverSilent(world, ada, "2026-11-01", 100);
    const { at, ...others } = ride(ada, "a3", "2026-11-01", 7000);
    const late = ledger.publish("2026-11-01", { ...others, at: at - 5 * 3_600_000 });
    ledger.sending.add(late.seq);
    let looks = 0;
    const { whenNudged } = ledger;
    ledger.whenNudged = async () => {
      await whenNudged();
      if (++looks === 3) await world.arrive([late]);
    };
    const quiet = world.ledgerAt(`workouts/${ben}`);
    let asked = 0;
    quiet.whenNudged = () => void asked++;
    await rebuild(world);
    expect(outcomeOf(world, "b1")?.outcome).toBe("done");
    expect(looks, "the last of what stood landed then").toBe(3);
    expect(asked, "one that is through is not asked again").toBe(1);
    expect(totalsOf(world)["distance all 2026-11"]).toBe(6000 + 7000 + 200);
  });
});

describe("a partition that is too large", () => {
  test("is named by every run that meets it, and no rebuild begins", async () => {
    const world = await twoMembers();
    await settle(world);
    await rides(world, ben, [["b2", "2026-11-01", 500]]);
    vi.spyOn(VersionWriter.prototype, "fits", "get").mockReturnValue(false);
    for (const run of ["r2", "r3"]) {
      world.pass(86_400_000);
      await settle(world, run);
      const faults = world.rows(`SELECT fault FROM run_fault WHERE run = '${run}'`);
      expect(faults).toEqual([{ fault: "oversized-version" }]);
      expect(world.rows("SELECT day FROM dirty")).toEqual([{ day: "2026-11-01" }]);
    }
    expect(world.rows("SELECT id FROM run WHERE kind = 'rebuild'")).toEqual([]);
    expect(world.rows("SELECT * FROM partition WHERE damaged IS NOT NULL")).toEqual([]);
  });
});

describe("a run's lease", () => {
  const progress = {
    stage: "merge",
    state: { counted: null, cursor: null, tries: 0, counts: {} },
    done: 1,
    total: 2,
  };

  test("has one holder; what a lost one still writes is not taken", async () => {
    const world = archiveWorld();
    const store = new RunStore(world.env.WAREHOUSE);
    await store.begin("r1", "settle", {}, 0);
    expect(await store.take("r1", null, "first", 0)).not.toBeNull();
    expect(await store.take("r1", null, "second", leaseMs - 1)).toBeNull();
    expect(await store.take("r1", null, "second", leaseMs)).not.toBeNull();
    expect(await store.save("r1", "first", progress, leaseMs + 1)).toBe(false);
    expect(await store.save("r1", "second", progress, leaseMs + 1)).toBe(true);
  });

  test("handed over is for the message of that turn, so that no two chains go on", async () => {
    const world = archiveWorld();
    const store = new RunStore(world.env.WAREHOUSE);
    await store.begin("r1", "settle", {}, 0);
    await store.take("r1", null, "first", 0);
    expect(await store.handOver("r1", "first", progress, "t2", 1000)).toBe(true);
    expect(await store.take("r1", null, "woken", 1)).toBeNull();
    expect(await store.take("r1", "t1", "late", 1)).toBeNull();
    expect(await store.idle(999, 10)).toEqual([]);
    expect(await store.take("r1", "t2", "next", 1)).toMatchObject({ stage: "merge", done: 1 });
  });
});

describe("a run that is killed", () => {
  test("at any call, before or after its effect, goes on to the same end", async () => {
    const clean = await twoMembers();
    clean.crashAt(null);
    await settle(clean);
    const callsOfARun = clean.calls.made;
    const whole = { stored: storedIn(clean), totals: totalsOf(clean) };
    expect(callsOfARun).toBeGreaterThan(60);
    for (let nth = 1; nth <= callsOfARun; nth += callsBetween) {
      const when = nth % 2 === 0 ? "before" : "after";
      const world = await twoMembers();
      await world.begin("r1", "settle", {});
      world.crashAt({ nth, when });
      await world.goOn().catch(() => {});
      world.crashAt(null);
      world.queue.length = 0;
      await world.goOn();
      const told = `${when} call ${nth}`;
      expect(outcomeOf(world)?.outcome, told).toBe("done");
      expect(totalsOf(world), told).toEqual(whole.totals);
      expect(world.rows("SELECT * FROM dirty"), told).toEqual([]);
      // How many versions it took is not what it comes to.
      const versions = (list: string[]) =>
        list
          .filter((s) => !s.startsWith("manifest/"))
          .map((s) => s.replace(/\/\d{8}-/, "/"))
          .sort();
      expect(versions(storedIn(world)), told).toEqual(versions(whole.stored));
      world.warehouse.raw.close();
    }
  });
});
