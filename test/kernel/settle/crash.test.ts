import { describe, expect, it } from "vitest";
import type { Change } from "../../../domain/ports.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { mergePartition, resolvePartition } from "../../../kernel/settle/settle.ts";
import { hour, workout } from "../../domain/workouts/facts.ts";
import { brink, retracts } from "../statements.ts";
import { delivered } from "../worlds.ts";
import { changesOf, memoryArchive } from "./memory-archive.ts";
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
  }, 20_000);
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
