/** What a settler left behind that was killed is found by the nightly run, by nobody else. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { Partition } from "../../domain/ports.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { versionFolder, versionName } from "../../kernel/settle/manifest.ts";
import type { SettlePorts } from "../../kernel/settle/ports.ts";
import { mergePartition, resolvePartition } from "../../kernel/settle/settle.ts";
import { settlePortsOf } from "../../workers/archive/run.ts";
import { strayAfterMs } from "../../workers/archive/run-strays.ts";
import { sortChunk } from "../../workers/archive/sorting.ts";
import { archiveWorld, rides, storedIn, together, totalsOf, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = ""] = together;
const days = ["2026-10-30", "2026-10-31", "2026-11-01", "2026-11-02"];
const at = (day: string): Partition => ({ stream: "workouts", day, bucket: 3 });

async function run(world: World, id: string, kind: "settle" | "erase" = "settle", args = {}) {
  await world.begin(id, kind, args);
  await world.goOn();
}
async function settled(): Promise<World> {
  const world = archiveWorld();
  for (const member of [ada, ben])
    await rides(
      world,
      member,
      days.map((day, i) => [`${member}-${day}`, day, 1000 * (i + 1)]),
      member === ben,
    );
  await run(world, "first");
  return world;
}
const folder = (world: World, part: "facts" | "resolved", day: string) =>
  [...world.bucket.objects.keys()].filter((k) => k.startsWith(versionFolder(part, at(day))));
const countsOf = (world: World, id: string): Record<string, number> =>
  JSON.parse(String(world.rows(`SELECT state FROM run WHERE id = '${id}'`)[0]?.state)).counts;
const isAnywhere = (world: World, name: string) => world.bucket.objects.has(name);

/** Whoever settles with these is overtaken before its object is there, and killed right after. */
function overtaken(world: World, by: () => Promise<void>): { ports: SettlePorts; left: string[] } {
  const ports = settlePortsOf(world.env);
  const left: string[] = [];
  const create: SettlePorts["objects"]["create"] = async (name, bytes) => {
    await by();
    await ports.objects.create(name, bytes);
    left.push(name);
    throw new Error("killed");
  };
  return { ports: { ...ports, objects: { ...ports.objects, create } }, left };
}
async function erase(world: World): Promise<void> {
  world.warehouse.raw.exec(
    `INSERT INTO forgotten_ledger VALUES ('workouts/${ada}', 1);
     INSERT INTO receipt VALUES ('rc', '{}', 0, '[]', '["archive"]', NULL);
     UPDATE member SET erased_at = 1 WHERE id = '${ada}'`,
  );
  const partitions = days.map(at);
  const whose = { receipt: "rc", ledger: `workouts/${ada}`, stream: "workouts" };
  await run(world, "erasing", "erase", { ...whose, partitions, forget: true });
}

describe("an object of somebody who was erased while its settler was on its way", () => {
  test.each(["facts", "resolved"] as const)("goes from %s with the nightly run", async (part) => {
    const world = await settled();
    const day = "2026-10-31";
    await rides(world, ada, [["late", day, 500]], false);
    await sortChunk(world.env, { stream: null, holding: null }, null, world.now());
    const { ports, left } = overtaken(world, () => erase(world));
    if (part === "facts")
      await expect(mergePartition(ports, workouts, at(day), world.now())).rejects.toThrow("killed");
    else {
      await mergePartition(settlePortsOf(world.env), workouts, at(day), world.now());
      const resolving = resolvePartition(ports, workouts, at(day), world.now());
      await expect(resolving).rejects.toThrow("killed");
    }
    const [stray = ""] = left;
    expect(stray).toContain(versionFolder(part, at(day)));
    expect(world.rows("SELECT finished_at FROM receipt")[0]?.finished_at).not.toBeNull();
    const totals = totalsOf(world);
    await run(world, "at-once");
    expect(isAnywhere(world, stray), "somebody could be about to name it").toBe(true);
    world.pass(strayAfterMs);
    await run(world, "nightly");
    expect(isAnywhere(world, stray)).toBe(false);
    expect(countsOf(world, "nightly").strays).toBe(1);
    expect(totalsOf(world)).toEqual(totals);
    for (const kind of ["facts", "resolved"] as const)
      for (const d of days) expect(folder(world, kind, d).length, `${kind} ${d}`).toBe(1);
  });

  test("goes also where nothing else is, not even a manifest", async () => {
    const world = await settled();
    const day = "2026-12-24";
    const name = versionName("facts", at(day), 1, "a".repeat(64));
    await world.bucket.put(name, "what was drawn before");
    world.pass(strayAfterMs);
    await run(world, "nightly");
    expect(isAnywhere(world, name)).toBe(false);
    expect(countsOf(world, "nightly").strays).toBe(1);
    world.pass(strayAfterMs);
    await run(world, "next");
    expect(countsOf(world, "next").strays).toBe(0);
  });
});

describe("looking for strays", () => {
  test("finds them over every page's edge, and is done after a bounded number", async () => {
    const world = await settled();
    const strays = days.slice(1).flatMap((day, i) =>
      Array.from({ length: i + 1 }, (_, n) => {
        const digest = String(n).padStart(64, "0");
        return versionName(i === 1 ? "resolved" : "facts", at(day), 90 + n, digest);
      }),
    );
    for (const name of strays) await world.bucket.put(name, "left over");
    world.pass(strayAfterMs);
    const list = world.bucket.list.bind(world.bucket);
    const listing = vi
      .spyOn(world.bucket, "list")
      .mockImplementation((asked = {}) => list({ ...asked, limit: Math.min(2, asked.limit ?? 2) }));
    await run(world, "nightly");
    expect(listing.mock.calls.length).toBeGreaterThan(10);
    for (const name of strays) expect(isAnywhere(world, name), name).toBe(false);
    expect(countsOf(world, "nightly").strays).toBe(3);
  });

  test("leaves alone what is named, and an archive that has none", async () => {
    const world = await settled();
    const stored = storedIn(world);
    world.pass(2 * strayAfterMs);
    await run(world, "nightly");
    expect(countsOf(world, "nightly").strays).toBe(0);
    expect(storedIn(world)).toEqual(stored);
  });
});
