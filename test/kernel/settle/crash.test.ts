import { setImmediate } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import type { Change } from "../../../domain/ports.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { mergePartition, resolvePartition } from "../../../kernel/settle/settle.ts";
import { fromGarmin, fromGoogle, hour, workout } from "../../domain/workouts/facts.ts";
import { brink, retracts } from "../statements.ts";
import { delivered } from "../worlds.ts";
import { changesOf, type MemoryArchive, memoryArchive } from "./memory-archive.ts";
import { factsIn, nowMs, resolvedIn, settle, totalsOf } from "./settling.ts";

const fact = (id: string, at: number, more: object = {}) =>
  workout({ id, at, distanceMm: 1_000_000, offsetMin: 0, ...more } as object) as never;

/** Two subjects, three days, a correction across midnight and month end, a retraction. */
const first = (): Change[] => [
  ...changesOf("m1", delivered([[fact("a", brink), fact("b", brink + 3 * hour)]]).changes),
  ...changesOf("m2", delivered([[fact("c", brink - 24 * hour)]]).changes),
];
const second = (): Change[] => [
  ...changesOf(
    "m1",
    delivered([
      [fact("a", brink), fact("b", brink + 3 * hour)],
      [fact("a", brink + 2 * hour, { revision: 2 }), retracts("b", 2)],
    ]).changes,
  ),
  ...changesOf("m2", delivered([[fact("c", brink - 24 * hour), fact("d", brink)]]).changes),
];

async function settledOnce() {
  const archive = memoryArchive();
  await archive.land(first());
  await settle(archive);
  await archive.land(second());
  return archive;
}

const writes = ["create", "swap", "delete", "merged", "markUnresolved", "counted"];
const bothOf = (nth: number) => [
  { nth, when: "before" as const },
  { nth, when: "after" as const },
];

/** The same numbers for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

/** One is killed between its objects and their swap: the next one comes to the very same bytes. */
async function leaveStrays(archive: MemoryArchive): Promise<void> {
  const swap = () => Promise.reject(new Error("killed"));
  const ports = { ...archive.ports, objects: { ...archive.ports.objects, swap } };
  const count = archive.objects.size;
  for (const partition of archive.dirty())
    await mergePartition(ports, workouts, partition, nowMs).catch(() => {});
  expect(archive.objects.size).toBeGreaterThan(count);
}

/** Each call to the bucket takes its time, sometimes long; from one on, maybe, none is made. */
function unsteady(archive: MemoryArchive, next: () => number): MemoryArchive["ports"] {
  let left = next() % 3 === 0 ? next() % 40 : Number.POSITIVE_INFINITY;
  const slowly =
    <A extends unknown[], T>(call: (...args: A) => Promise<T>, long = 20) =>
    async (...args: A): Promise<T> => {
      for (let n = next() % (next() % 4 === 0 ? long : 3); n > 0; n--) await setImmediate();
      if (--left < 0) throw new Error("killed");
      return call(...args);
    };
  const {
    get,
    create,
    delete: remove,
    versions,
    manifest,
    manifestEtag,
    swap,
  } = archive.ports.objects;
  const objects = {
    get: slowly(get),
    create: slowly(create),
    delete: slowly(remove, 100),
    versions: slowly(versions),
    manifest: slowly(manifest),
    manifestEtag: slowly(manifestEtag),
    swap: slowly(swap),
  };
  return { ...archive.ports, objects };
}

describe("a settler that is killed", () => {
  it("leaves nothing that the next one does not bring to the same end, at whichever call", async () => {
    const begun = (await settledOnce()).copy();
    const whole = memoryArchive(structuredClone(begun));
    whole.fail(null);
    await settle(whole);
    const { calls } = whole;
    expect(calls.length).toBeGreaterThan(50);
    const faults = calls.flatMap((name, i) => {
      const nth = i + 1;
      const isRead = !writes.includes(name);
      // To lose the answer of a reading is to have failed before it.
      return isRead ? [{ nth, when: "before" as const }] : bothOf(nth);
    });
    for (const fault of faults) {
      const archive = memoryArchive(structuredClone(begun));
      archive.fail(fault);
      await expect(settle(archive)).rejects.toThrow();
      archive.fail(null);
      await settle(archive);
      expect(archive.state()).toEqual(whole.state());
    }
  });
});

describe("two settlers at once", () => {
  it("cannot both win: the second begins again over what the first one made", async () => {
    const alone = await settledOnce();
    await settle(alone);
    const archive = await settledOnce();
    const partitions = archive.dirty();
    await Promise.all(
      [1, 2, 3].map(async () => {
        for (const p of partitions) await mergePartition(archive.ports, workouts, p, nowMs);
      }),
    );
    const unresolved = archive.unresolved();
    await Promise.all(
      [1, 2, 3].map(async () => {
        for (const p of unresolved) await resolvePartition(archive.ports, workouts, p, nowMs);
      }),
    );
    await settle(archive);
    expect(archive.state()).toEqual(alone.state());
  });

  it("merges what landed between another's reading and its swap", async () => {
    const archive = memoryArchive();
    const [a, ...others] = first();
    await archive.land([a as Change]);
    const { objects } = archive.ports;
    let came = false;
    const ports = {
      ...archive.ports,
      objects: {
        ...objects,
        async swap(...args: Parameters<typeof objects.swap>) {
          if (!came) {
            came = true;
            await archive.land(others);
            await settle(archive);
          }
          return objects.swap(...args);
        },
      },
    };
    for (const p of archive.dirty()) await mergePartition(ports, workouts, p, nowMs);
    await settle(archive);
    const plain = memoryArchive();
    await plain.land(first());
    await settle(plain);
    expect(archive.state()).toEqual(plain.state());
  });

  it("leaves no day behind that one resolved while the other was about to change it", async () => {
    const minute = hour / 60;
    const late = fact("a", brink + 50 * minute, { ...fromGarmin, elapsedMs: hour });
    const same = fact("b", brink + 61 * minute, { ...fromGoogle, elapsedMs: 50 * minute });
    const next = fact("z", brink + 10 * hour);
    const landed = async () => {
      const archive = memoryArchive();
      await archive.land(changesOf("m1", delivered([[late, next]]).changes));
      await settle(archive);
      await archive.land(changesOf("m1", delivered([[late, next, same]]).changes).slice(2));
      return archive;
    };
    const alone = await landed();
    await settle(alone);
    const archive = await landed();
    const { objects } = archive.ports;
    const before = { stream: "workouts", day: "2026-05-31", bucket: 11 };
    let came = false;
    const ports = {
      ...archive.ports,
      objects: {
        ...objects,
        async swap(...args: Parameters<typeof objects.swap>) {
          if (!came) {
            came = true;
            expect(archive.unresolved()).toContainEqual(before);
            await resolvePartition(archive.ports, workouts, before, nowMs);
          }
          return objects.swap(...args);
        },
      },
    };
    for (const p of archive.dirty()) await mergePartition(ports, workouts, p, nowMs);
    await settle(archive);
    expect((await resolvedIn(archive)).find((r) => r.id === "w_a")?.sources).toBe(2);
    expect(archive.state()).toEqual(alone.state());
  });

  it("cannot delete what the other one made current, though it was a stray before", async () => {
    const alone = await settledOnce();
    await settle(alone);
    const archive = await settledOnce();
    const [partition] = archive.dirty().filter(({ day }) => day === "2026-05-31");
    if (partition === undefined) throw new Error("something landed");
    const { objects } = archive.ports;
    await leaveStrays(archive);
    const deleting = async (...args: Parameters<typeof objects.delete>) => {
      await mergePartition(archive.ports, workouts, partition, nowMs);
      return objects.delete(...args);
    };
    const ports = { ...archive.ports, objects: { ...objects, delete: deleting } };
    await resolvePartition(ports, workouts, partition, nowMs);
    await settle(archive);
    expect(archive.state()).toEqual(alone.state());
    expect(await factsIn(archive)).toEqual(await factsIn(alone));
  });

  it("never leave a manifest naming what is gone, however they interleave and die", async () => {
    const alone = await settledOnce();
    await settle(alone);
    const settled = await settledOnce();
    await leaveStrays(settled);
    const begun = settled.copy();
    for (let seed = 1; seed <= 30; seed++) {
      const archive = memoryArchive(structuredClone(begun));
      const next = chance(seed);
      const partitions = archive.dirty();
      await Promise.all(
        [1, 2, 3, 4].map(async () => {
          const ports = unsteady(archive, next);
          const work = async () => {
            for (const p of partitions) {
              if (next() % 3 === 0) await mergePartition(ports, workouts, p, nowMs);
              await resolvePartition(ports, workouts, p, nowMs);
            }
          };
          await work().catch(() => {});
        }),
      );
      const held = archive.settled().flatMap((p) => archive.held(p)?.value ?? []);
      for (const { facts, resolved } of held)
        for (const named of [facts, ...(resolved === null ? [] : [resolved])])
          expect(archive.objects.has(named.object), `seed ${seed}: ${named.object}`).toBe(true);
      for (const partition of archive.settled()) archive.markDirty(partition);
      await settle(archive);
      expect(archive.state(), `seed ${seed}`).toEqual(alone.state());
    }
  });

  it("gives up after a bounded number of lost swaps, with nothing written over", async () => {
    const archive = memoryArchive();
    await archive.land(first());
    const objects = { ...archive.ports.objects, swap: async () => false };
    const [partition] = archive.dirty();
    if (partition === undefined) throw new Error("something landed");
    const merging = mergePartition({ ...archive.ports, objects }, workouts, partition, nowMs);
    await expect(merging).rejects.toThrow("all the time");
    expect(archive.settled()).toEqual([]);
    expect(archive.dirty()).toContainEqual(partition);
  });
});

describe("what a fact was", () => {
  it("counts once when it moved across midnight and month end, and stays as a tombstone", async () => {
    const archive = await settledOnce();
    expect(totalsOf(archive)["count all"]).toBe(3);
    await settle(archive);
    expect(totalsOf(archive)["count all"]).toBe(3);
    const resolved = await resolvedIn(archive);
    const [a, ...more] = resolved.filter((r) => r.id === "w_a");
    expect(more).toEqual([]);
    expect(a?.day).toBe("2026-06-01");
    const kinds = (await factsIn(archive)).filter((r) => r.id === "a").map((r) => r.kind);
    expect(kinds.sort()).toEqual(["fact", "retraction"]);
    await archive.land(first());
    const before = archive.state();
    await settle(archive);
    expect((await resolvedIn(archive)).length).toBe(resolved.length);
    expect(archive.state()).not.toEqual(before);
    expect(totalsOf(archive)["count all"]).toBe(3);
  });
});
