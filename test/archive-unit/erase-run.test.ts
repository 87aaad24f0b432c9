/** An erasure's long part: gone from every version and total, and only then does the receipt say so. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { manifestName } from "../../kernel/settle/manifest.ts";
import { type FactRow, rowGroups } from "../../kernel/settle/parquet.ts";
import { parkDeadLetters } from "../../workers/archive/dead-letters.ts";
import { land } from "../../workers/archive/landing.ts";
import { objectsOf } from "../../workers/archive/objects.ts";
import { zstd } from "../../workers/archive/zstd.ts";
import { retracts } from "../kernel/statements.ts";
import { ride, together, totalsOf, type World } from "./archive-world.ts";
import { erase, partitions, receiptOf, settled } from "./erasing-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = "", cas = ""] = together;
const forget = (world: World) => {
  world.warehouse.raw.prepare("INSERT INTO forgotten_ledger VALUES (?, 0)").run(`workouts/${ada}`);
  world.warehouse.raw.exec(`UPDATE member SET erased_at = 1, on_boards = 0 WHERE id = '${ada}'`);
  world.boards.rows.delete(ada);
};

/** Subjects in every version that a manifest names. */
async function subjectsIn(world: World): Promise<string[]> {
  const objects = objectsOf(world.env.ARCHIVE);
  const found = new Set<string>();
  for (const partition of partitions) {
    const manifest = (await objects.manifest(partition))?.value;
    for (const named of [manifest?.facts, manifest?.resolved])
      if (named) {
        const bytes = (await objects.get(named.object)) ?? new Uint8Array();
        for await (const rows of rowGroups<FactRow>(bytes, named, zstd))
          for (const { subject } of rows) found.add(subject);
      }
  }
  return [...found].sort();
}

describe("an erase run", () => {
  test("of a forgotten ledger leaves nothing of it, and the others' totals right", async () => {
    const world = await settled();
    expect(await subjectsIn(world)).toEqual([ada, ben].sort());
    world.warehouse.raw.exec(
      `INSERT INTO parked_change VALUES ('workouts/${ada}', 9, null, null, null, '{}', 'x', 0);
       INSERT INTO part VALUES ('workouts', '2026-10-31', 3, 0, 'distance', 'all', 'sum', 1000, 0);
       INSERT INTO total VALUES ('workouts', 0, 'distance', 'all', 'all', 7000, 0)`,
    );
    forget(world);
    await world.begin("e1", "erase", erase());
    await world.goOn();
    expect(await subjectsIn(world)).toEqual([ben]);
    const totals = totalsOf(world);
    expect(totals["distance all all"]).toBe(4000);
    expect(totals["distance all 2026-10"]).toBeUndefined();
    expect(world.rows("SELECT * FROM total WHERE rules = 0")).toEqual([]);
    expect(world.rows("SELECT * FROM part WHERE rules = 0 OR day = '2026-10-31'")).toEqual([]);
    expect(world.rows("SELECT * FROM parked_change")).toEqual([]);
    expect(world.ledgerAt(`workouts/${ada}`).daysForgotten).toBe(1);
    expect(receiptOf(world)).toEqual({
      steps: [
        ["ledger", 2],
        ["landing", 0],
        ["archive", 2],
      ],
      pending: "[]",
      isFinished: true,
    });
    const objects = [...world.bucket.objects.keys()];
    for (const { day, bucket, stream } of partitions) {
      const named = objects.filter((name) => name.includes(`${stream}/${day}/`));
      expect(named.length, `${day}: a manifest and two versions`).toBe(3);
      expect(named).toContain(manifestName({ stream, day, bucket }));
    }
  });

  test("is not finished while the ledger still has something to send", async () => {
    const world = await settled();
    const ledger = world.ledgerAt(`workouts/${ada}`);
    const gone = ledger.publish("2026-10-31", retracts("a1", 9));
    ledger.sending.add(gone.seq);
    await world.begin("e1", "erase", erase({ forget: false, partitions: partitions.slice(0, 1) }));
    await expect(world.goOn()).rejects.toThrow("do not end");
    expect(receiptOf(world).isFinished).toBe(false);
    await world.arrive([gone]);
    await world.goOn();
    expect(receiptOf(world).isFinished).toBe(true);
    expect(totalsOf(world)["distance all all"]).toBe(6000);
    expect(ledger.daysForgotten).toBe(0);
  });

  test("sends out again what was parked, also what cannot be read, and keeps none of it", async () => {
    const world = await settled();
    const ledger = world.ledgerAt(`workouts/${ada}`);
    const [good, bad, unheld] = ["a2", "a1", "a1"].map((id) => {
      const { day, statement } = ledger.published.get(
        `${id} ${id === "a1" ? "2026-10-31" : "2026-11-01"}`,
      ) ?? { day: "", statement: retracts(id, 1) };
      return ledger.publish(day, statement);
    });
    await world.park(good);
    await world.park({ ...bad, bucket: "none" });
    await world.park({ ...unheld, statement: { id: "nobody", revision: 1, retracted: true } });
    expect(world.rows("SELECT reason FROM parked_change ORDER BY seq")).toEqual([
      { reason: "kept-failing" },
      { reason: "malformed" },
      { reason: "kept-failing" },
    ]);
    const before = ledger.seq;
    await world.begin("e1", "erase", erase({ forget: false }));
    await world.goOn();
    expect(receiptOf(world).isFinished).toBe(true);
    expect(world.rows("SELECT * FROM parked_change")).toEqual([]);
    expect(ledger.asked).toEqual([["2026-10-31"]]);
    expect(ledger.landed.slice(-2)).toEqual([bad?.seq, unheld?.seq]);
    expect(ledger.seq, "one replayed, the day of both said again").toBe(before + 2);
    expect(totalsOf(world)["distance all all"]).toBe(7000);
  });

  test("killed between sending parked changes again and forgetting them loses none", async () => {
    for (let nth = 1; nth <= 12; nth++)
      for (const when of ["before", "after"] as const) {
        const world = await settled();
        const ledger = world.ledgerAt(`workouts/${ada}`);
        const fresh = ledger.publish("2026-11-01", ride(ada, "a2", "2026-11-01", 2500));
        await world.park({ ...fresh, bucket: "none" });
        await world.begin("e1", "erase", erase({ forget: false }));
        world.crashAt({ nth, when });
        await world.goOn().catch(() => {});
        world.crashAt(null);
        world.queue.length = 0;
        // What landed without an index row is adopted once it is old enough.
        world.pass(11 * 60_000);
        await world.goOn();
        expect(world.rows("SELECT * FROM parked_change")).toEqual([]);
        expect(ledger.landed).toContain(fresh.seq);
        expect(totalsOf(world)["distance all all"], `${when} ${nth}`).toBe(7500);
        world.warehouse.raw.close();
      }
  });

  test("takes what older rules counted on the days that a group may have begun on", async () => {
    const world = await settled();
    const on = (day: string, bucket = 3) =>
      `('workouts', '${day}', ${bucket}, 0, 'distance', 'all', 'sum', 1000, 0)`;
    const far = ["2026-10-20", "2026-11-12"];
    const near = ["2026-10-21", "2026-10-30", "2026-11-11"];
    world.warehouse.raw.exec(
      `INSERT INTO part VALUES ${[...near, ...far].map((day) => on(day)).join()},
         ${on("2026-10-30", 4)};
       INSERT INTO total VALUES ('workouts', 0, 'distance', 'all', '2026-W43', 1000, 0)`,
    );
    await world.begin("e1", "erase", erase({ forget: false }));
    await world.goOn();
    expect(world.rows("SELECT day, bucket FROM part WHERE rules = 0 ORDER BY day")).toEqual([
      { day: far[0], bucket: 3 },
      { day: "2026-10-30", bucket: 4 },
      { day: far[1], bucket: 3 },
    ]);
    expect(world.rows("SELECT * FROM total WHERE rules = 0")).toEqual([]);
  });

  test("leaves nothing of what other runs' comparisons have put aside", async () => {
    const world = await settled();
    for (let n = 0; n < 1200; n++) await world.bucket.put(`comparing/r${n}.json`, "{}");
    await world.begin("e1", "erase", erase({ forget: false }));
    await world.goOn();
    expect(receiptOf(world).isFinished).toBe(true);
    expect([...world.bucket.objects.keys()].filter((k) => k.startsWith("comparing/"))).toEqual([]);
  });

  test("is not finished while the vault still has keys to destroy", async () => {
    const world = await settled();
    world.warehouse.raw.exec('UPDATE receipt SET pending = \'["archive","keys"]\'');
    world.erasing.add("vault");
    await world.begin("e1", "erase", erase({ forget: false, partitions: partitions.slice(0, 1) }));
    await expect(world.goOn()).rejects.toThrow("do not end");
    expect(receiptOf(world)).toMatchObject({ pending: '["keys"]', isFinished: false });
    world.erasing.clear();
    await world.goOn();
    expect(receiptOf(world)).toMatchObject({ pending: "[]", isFinished: true });
    expect(receiptOf(world).steps.at(-1)).toEqual(["keys-finished", 0]);
  });

  test("killed at any call goes on to the same end, its receipt written once", async () => {
    const clean = await settled();
    forget(clean);
    await clean.begin("e1", "erase", erase());
    clean.crashAt(null);
    await clean.goOn();
    const callsOfARun = clean.calls.made;
    for (let nth = 1; nth <= callsOfARun; nth += 13) {
      const world = await settled();
      forget(world);
      await world.begin("e1", "erase", erase());
      world.crashAt({ nth, when: nth % 2 === 0 ? "before" : "after" });
      await world.goOn().catch(() => {});
      world.crashAt(null);
      world.queue.length = 0;
      await world.goOn();
      expect(await subjectsIn(world), `call ${nth}`).toEqual([ben]);
      expect(totalsOf(world), `call ${nth}`).toEqual(totalsOf(clean));
      expect(receiptOf(world), `call ${nth}`).toEqual(receiptOf(clean));
      world.warehouse.raw.close();
    }
  });
});

/** Objects that are on their way, and whether any of them names her. */
const landing = (world: World) =>
  [...world.bucket.objects].filter(([name]) => name.startsWith("land/"));
const isAdaLanding = (world: World) =>
  landing(world).some(([, { bytes }]) =>
    new TextDecoder().decode(bytes).includes(`"workouts/${ada}"`),
  );

/** Settled, and then one batch of both that nobody has told apart. */
async function withBatch(): Promise<World> {
  const world = await settled();
  const fresh = (member: string, id: string) =>
    world.ledgerAt(`workouts/${member}`).publish("2026-11-01", ride(member, id, "2026-11-01", 500));
  await world.arrive([fresh(ada, "a3"), fresh(cas, "c1")]);
  expect(isAdaLanding(world)).toBe(true);
  return world;
}

describe("a batch that others are in, too", () => {
  test("is told apart before the receipt is finished, and the others lose nothing", async () => {
    const world = await withBatch();
    forget(world);
    const only = { partitions: partitions.slice(1) };
    await world.begin("e1", "erase", erase(only));
    await world.goOn();
    expect(receiptOf(world).isFinished).toBe(true);
    expect(landing(world)).toEqual([]);
    expect(world.rows("SELECT * FROM landed")).toEqual([]);
    expect(totalsOf(world)["distance all 2026-11"]).toBe(4500);
  });

  test("keeps what is of another partition, as landing of that one alone", async () => {
    const world = await settled();
    const late = ride(cas, "c1", "2026-11-09", 500);
    const hers = world
      .ledgerAt(`workouts/${ada}`)
      .publish("2026-11-01", ride(ada, "a3", "2026-11-01", 1));
    await world.arrive([hers, world.ledgerAt(`workouts/${cas}`).publish("2026-11-09", late)]);
    forget(world);
    await world.begin("e1", "erase", erase());
    await world.goOn();
    expect(isAdaLanding(world)).toBe(false);
    expect(landing(world).map(([name]) => name)).toEqual([
      expect.stringMatching(/^land\/workouts\/2026-11-09\/03\//),
    ]);
    await world.begin("r2", "settle", {});
    await world.goOn();
    expect(totalsOf(world)["distance all all"]).toBe(4500);
  });

  test("leaves nothing of her at any call that the run is killed at", async () => {
    const clean = await withBatch();
    forget(clean);
    await clean.begin("e1", "erase", erase());
    clean.crashAt(null);
    await clean.goOn();
    for (let nth = 1; nth <= clean.calls.made; nth += 3) {
      const world = await withBatch();
      forget(world);
      await world.begin("e1", "erase", erase());
      world.crashAt({ nth, when: nth % 2 === 0 ? "before" : "after" });
      await world.goOn().catch(() => {});
      world.crashAt(null);
      world.queue.length = 0;
      await world.goOn();
      expect(receiptOf(world).isFinished, `call ${nth}`).toBe(true);
      expect(landing(world), `call ${nth}`).toEqual([]);
      expect(await subjectsIn(world), `call ${nth}`).toEqual([ben, cas].sort());
      expect(totalsOf(world), `call ${nth}`).toEqual(totalsOf(clean));
      world.warehouse.raw.close();
    }
  });

  test("that nobody wrote down is waited for if it may be hers, and only then", async () => {
    const world = await withBatch();
    world.warehouse.raw.exec("DELETE FROM landed; DELETE FROM dirty");
    const [[hers = ""] = []] = landing(world);
    forget(world);
    await world.begin("e1", "erase", erase());
    const { list } = world.bucket;
    const lists = vi.spyOn(world.bucket, "list");
    lists.mockImplementation(async (asked) => {
      const page = await list(asked);
      // At each look somebody else's batch is between its object and its row.
      const other = `land/workouts/batch/2026-11-20/${String(world.now() + 120_000).padStart(15, "0")}`;
      await world.bucket.put(`${other}-${"0".repeat(32)}.ndjson`, "");
      world.pass(30_000);
      expect(receiptOf(world).isFinished && world.bucket.objects.has(hers)).toBe(false);
      return page;
    });
    await world.goOn();
    expect(receiptOf(world).isFinished).toBe(true);
    expect(world.bucket.objects.has(hers)).toBe(false);
    expect(isAdaLanding(world)).toBe(false);
  });
});

describe("of a forgotten ledger", () => {
  test("changes that still come are confirmed and kept nowhere, landing or parked", async () => {
    const world = await settled();
    forget(world);
    const before = [...world.bucket.objects.keys()];
    const ledger = world.ledgerAt(`workouts/${ada}`);
    const late = [...ledger.published.values()].map((p) => ledger.publish(p.day, p.statement));
    const outcomes: string[] = [];
    await world.arrive(late);
    const letters = world.batchOf(late, (what) => outcomes.push(what));
    await parkDeadLetters(letters, world.env, world.now);
    expect(outcomes).toEqual(["ack", "ack"]);
    expect([...world.bucket.objects.keys()]).toEqual(before);
    expect(world.rows("SELECT object FROM landed UNION ALL SELECT day FROM dirty")).toEqual([]);
    expect(world.rows("SELECT * FROM parked_change")).toEqual([]);
  });

  test("what lands while it is being forgotten is not indexed, and nothing of it stays", async () => {
    const world = await settled();
    const ledger = world.ledgerAt(`workouts/${ada}`);
    const late = [...ledger.published.values()].map((p) => ledger.publish(p.day, p.statement));
    const before = [...world.bucket.objects.keys()];
    const outcomes: string[] = [];
    const put = world.bucket.put.bind(world.bucket);
    // Between the landing's look at who is forgotten and its index row.
    world.bucket.put = (async (...args: Parameters<typeof put>) => {
      forget(world);
      return put(...args);
    }) as typeof put;
    await land(
      world.batchOf(late, (what) => outcomes.push(what)),
      world.env,
      world.now,
    );
    world.bucket.put = put;
    expect(outcomes).toEqual(late.map(() => "retry"));
    expect([...world.bucket.objects.keys()]).toEqual(before);
    expect(world.rows("SELECT object FROM landed UNION ALL SELECT day FROM dirty")).toEqual([]);
    outcomes.length = 0;
    await land(
      world.batchOf(late, (what) => outcomes.push(what)),
      world.env,
      world.now,
    );
    expect(outcomes).toEqual(late.map(() => "ack"));
    expect([...world.bucket.objects.keys()]).toEqual(before);
  });
});
