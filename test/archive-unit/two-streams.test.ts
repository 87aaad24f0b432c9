/** The archive with a stream that the vault resolves beside one that ledgers do. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { MemberId } from "../../domain/identity.ts";
import { bucketOf, type OpenFact, type RunMessage } from "../../domain/ports.ts";
import { sales } from "../../domain/sales/stream.ts";
import { samples } from "../../domain/samples/stream.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { type ErasePorts, issueReceipt, letGoOf } from "../../durable-objects/erasing.ts";
import { chunkOf, dayOf } from "../domain/samples/open-facts.ts";
import { archiveWorld, rides, storedIn, together, totalsOf, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** One that its ledgers resolve, and has boards; one that the vault does, and has none. */
const both = { workouts, samples } as const;
const [ada = "", ben = ""] = together;
const day = "2026-11-01";

const dayFact = (member: string, revision: number, steps: number) =>
  dayOf(day, { member: member as MemberId, revision, steps }) as unknown as OpenFact;
const chunk = (member: string) =>
  chunkOf(day, member, { member: member as MemberId }) as unknown as OpenFact;

/** A member's ledger of samples that was told this, while the vault resolves that. */
async function walked(world: World, member: string, told: OpenFact[], resolved: OpenFact | null) {
  const name = `samples/${member}`;
  world.warehouse.raw
    .prepare("INSERT OR IGNORE INTO ledger (name, swept_at, bucket) VALUES (?, 0, ?)")
    .run(name, bucketOf(member, samples.buckets));
  world.warehouse.raw
    .prepare(`INSERT OR IGNORE INTO member (id, made_at, settings_version, zones, on_boards)
       VALUES (?, 0, 1, '[]', 1)`)
    .run(member);
  if (resolved !== null) world.resolved.set(`${member} ${day}`, resolved);
  const ledger = world.ledgerAt(name);
  await world.arrive(told.map((fact) => ledger.publish(day, fact)));
  return ledger;
}

const countsOf = (world: World, run: string): Record<string, number> => {
  const [row] = world.rows(`SELECT state FROM run WHERE id = '${run}'`);
  return JSON.parse(String(row?.state)).counts;
};
const settled = async (world: World, run: string) => {
  await world.begin(run, "settle", {});
  await world.goOn();
  return countsOf(world, run);
};

describe("a settle run over two streams", () => {
  test("counts both; of the one that has boards, open ones are compared and the closed one is made", async () => {
    const world = archiveWorld();
    await rides(world, ada, [["a1", day, 1000]]);
    await walked(world, ada, [chunk(ada), dayFact(ada, 1, 700)], dayFact(ada, 1, 700));
    await walked(world, ben, [chunk(ben), dayFact(ben, 1, 300)], dayFact(ben, 1, 300));
    const counts = await settled(world, "r1");
    expect(totalsOf(world)).toMatchObject({ "steps all all": 1000, "distance all all": 1000 });
    expect(counts).toMatchObject({ compared: 2, boardsMade: 1 });
    expect(counts).not.toHaveProperty("differs");
    expect(counts).not.toHaveProperty("unknownStreams");
    expect(world.rows("SELECT DISTINCT stream FROM drift")).toEqual([{ stream: "workouts" }]);
    expect(world.rows("SELECT stream FROM drift_due")).toEqual([]);
    const mirrored = world.rows("SELECT stream, rule, rules FROM partition ORDER BY stream");
    expect(mirrored).toEqual(
      Object.values(both)
        .map(({ name, resolve, rules }) => {
          return { stream: name, rule: resolve?.version, rules: rules.version };
        })
        .sort((a, b) => (a.stream < b.stream ? -1 : 1)),
    );
    const before = storedIn(world);
    await settled(world, "r2");
    expect(storedIn(world)).toEqual(before);
  });

  test("follows the vault where a ledger was told otherwise, says so, and has it mended", async () => {
    const world = archiveWorld();
    const stale = await walked(
      world,
      ada,
      [chunk(ada), dayFact(ada, 1, 700)],
      dayFact(ada, 2, 900),
    );
    const right = await walked(world, ben, [dayFact(ben, 4, 300)], dayFact(ben, 4, 300));
    expect(await settled(world, "r1")).toMatchObject({ differs: 1 });
    expect(totalsOf(world)["steps all all"]).toBe(1200);
    expect([stale.asked, right.asked]).toEqual([[[day]], []]);
    expect(await settled(world, "r2")).not.toHaveProperty("differs");
    expect(totalsOf(world)["steps all all"]).toBe(1200);
    expect(stale.asked).toEqual([[day]]);
    expect(world.rows("SELECT * FROM unresolved")).toEqual([]);
  });

  test("goes on past a ledger that is silent, and comes back to it the next night", async () => {
    const world = archiveWorld();
    const stale = await walked(world, ada, [dayFact(ada, 1, 700)], dayFact(ada, 2, 900));
    stale.isSilent = true;
    await settled(world, "r1");
    expect(totalsOf(world)["steps all all"]).toBe(900);
    expect(world.rows("SELECT stream, day FROM unresolved")).toEqual([{ stream: "samples", day }]);
    stale.isSilent = false;
    await settled(world, "r2");
    expect([stale.asked, world.rows("SELECT * FROM unresolved")]).toEqual([[[day]], []]);
  });

  test("makes a damaged partition anew from ledgers that ask the vault", async () => {
    const world = archiveWorld();
    await walked(world, ada, [dayFact(ada, 1, 700)], dayFact(ada, 2, 900));
    await settled(world, "r1");
    const bucket = bucketOf(ada, samples.buckets);
    await world.begin("b1", "rebuild", { partition: { stream: "samples", day, bucket } });
    await world.goOn();
    expect(countsOf(world, "b1")).toMatchObject({ rebuilt: 1, resolved: 1 });
    expect(totalsOf(world)["steps all all"]).toBe(900);
  });

  test("resolves all of it anew when the rule of either stream has changed", async () => {
    const world = archiveWorld();
    await rides(world, ada, [["a1", day, 1000]]);
    await walked(world, ada, [dayFact(ada, 1, 700)], dayFact(ada, 1, 700));
    await settled(world, "r1");
    world.warehouse.raw.exec("UPDATE partition SET rule = rule - 1");
    expect(await settled(world, "r2")).toMatchObject({ outdated: 2, resolved: 2 });
  });
});

describe("a receipt of an erasure that several streams are part of", () => {
  const portsOf = (world: World, woken: string[] = []): ErasePorts => ({
    forgotten: async () => "hash",
    ledger: () => {
      throw new Error("no ledger is asked");
    },
    sql: (run) => run(world.env.WAREHOUSE),
    wake: async ({ run }: RunMessage) => void woken.push(run),
  });

  /** Of both streams, issued as the edge does; the ids of its runs by stream. */
  async function erased() {
    const world = archiveWorld();
    await rides(world, ada, [["a1", day, 1000]]);
    await rides(world, ben, [["b1", day, 4000]]);
    await walked(world, ada, [chunk(ada), dayFact(ada, 1, 700)], null);
    await walked(world, ben, [dayFact(ben, 1, 300)], dayFact(ben, 1, 300));
    await settled(world, "r1");
    for (const stream of Object.keys(both))
      world.warehouse.raw
        .prepare("INSERT INTO forgotten_ledger VALUES (?, 0)")
        .run(`${stream}/${ada}`);
    world.warehouse.raw.exec(`UPDATE member SET erased_at = 1, on_boards = 0 WHERE id = '${ada}'`);
    const letGo = Object.values(both).map((s) => letGoOf(s, ada as MemberId, [day]));
    const erasure = { scope: "member", steps: [], letGo, askedAtMs: world.now() } as const;
    const { id, pending } = await issueReceipt(portsOf(world), erasure);
    expect(pending).toEqual(["archive"]);
    const runs = new Map(
      world
        .rows("SELECT id, args ->> 'stream' AS stream FROM run WHERE kind = 'erase'")
        .map(({ id: run, stream }) => [String(stream), String(run)]),
    );
    expect([...runs.keys()].sort()).toEqual(Object.keys(both).sort());
    return { world, id, runs };
  }
  const receiptOf = (world: World, id: string) => {
    const [row] = world.rows(`SELECT steps, pending, finished_at FROM receipt WHERE id = '${id}'`);
    const steps = JSON.parse(String(row?.steps)) as { step: string; count: number }[];
    const said = steps.map(({ step, count }) => `${step} ${count}`).sort();
    return { said, pending: row?.pending, isFinished: row?.finished_at !== null };
  };
  const whole = {
    said: ["archive-samples 1", "archive-workouts 1", "landing-samples 0", "landing-workouts 0"],
    pending: "[]",
    isFinished: true,
  };
  /** The rest of the runs stand still. */
  const only = (world: World, run: string) =>
    world.warehouse.raw
      .prepare("UPDATE run SET lease = 'x', lease_until = ? WHERE kind = 'erase' AND id <> ?")
      .run(Number.MAX_SAFE_INTEGER, run);
  const release = (world: World) =>
    world.warehouse.raw.exec("UPDATE run SET lease = NULL, lease_until = NULL");

  test.each(Object.keys(both))("waits for the others when that of %s is done", async (first) => {
    const { world, id, runs } = await erased();
    only(world, runs.get(first) ?? "");
    world.queue.push({ run: runs.get(first) });
    await world.goOn().catch(() => {});
    expect(receiptOf(world, id)).toMatchObject({ pending: '["archive"]', isFinished: false });
    expect(receiptOf(world, id).said).toEqual([`archive-${first} 1`, `landing-${first} 0`]);
    release(world);
    await world.goOn();
    expect(receiptOf(world, id)).toEqual(whole);
    expect(totalsOf(world)).toMatchObject({ "distance all all": 4000, "steps all all": 300 });
  });

  test("killed at any call, also between the two, is finished once and by the last", async () => {
    const clean = await erased();
    clean.world.crashAt(null);
    await clean.world.goOn();
    const calls = clean.world.calls.made;
    expect(receiptOf(clean.world, clean.id)).toEqual(whole);
    for (let nth = 1; nth <= calls; nth += 7) {
      const { world, id, runs } = await erased();
      world.crashAt({ nth, when: nth % 2 === 0 ? "before" : "after" });
      await world.goOn().catch(() => {});
      const { isFinished } = receiptOf(world, id);
      const said = receiptOf(world, id).said.filter((one) => one.startsWith("archive-"));
      expect(isFinished, `call ${nth}`).toBe(said.length === runs.size);
      world.crashAt(null);
      world.queue.length = 0;
      await world.goOn();
      expect(receiptOf(world, id), `call ${nth}`).toEqual(whole);
      expect(totalsOf(world), `call ${nth}`).toEqual(totalsOf(clean.world));
      world.warehouse.raw.close();
    }
  });

  test("is finished though two accounts had facts in one ledger that others share", async () => {
    const world = archiveWorld();
    const letGo = [["2026-10-31", day], [day]].map((days) => letGoOf(sales, "s3", days));
    const erasure = { scope: "member", steps: [], letGo, askedAtMs: world.now() } as const;
    const { id } = await issueReceipt(portsOf(world), erasure);
    await world.goOn();
    const said = ["archive 2", "landing 0"];
    expect(receiptOf(world, id)).toEqual({ said, pending: "[]", isFinished: true });
  });
});
