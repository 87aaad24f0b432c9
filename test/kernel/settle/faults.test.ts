import { describe, expect, it } from "vitest";
import type { Change, Partition } from "../../../domain/ports.ts";
import type { AnyStream } from "../../../domain/streams.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { landingBytesMax } from "../../../kernel/settle/lines.ts";
import {
  ArchiveFault,
  type FaultKind,
  manifestName,
  versionFolder,
} from "../../../kernel/settle/manifest.ts";
import { objectBytesMax } from "../../../kernel/settle/parquet.ts";
import {
  mergePartition,
  rebuildPartition,
  recountPartition,
  resolvePartition,
} from "../../../kernel/settle/settle.ts";
import { hour, workout } from "../../domain/workouts/facts.ts";
import { brink } from "../statements.ts";
import { delivered } from "../worlds.ts";
import { changesOf, type MemoryArchive, memoryArchive } from "./memory-archive.ts";
import { factsIn, nowMs, settle, totalsOf } from "./settling.ts";

const fact = (id: string, at: number, more: object = {}) =>
  workout({ id, at, distanceMm: 1_000_000, offsetMin: 0, ...more } as object) as never;
const changes = (): Change[] =>
  changesOf("m1", delivered([[fact("a", brink), fact("b", brink - 3 * hour)]]).changes);
const partition: Partition = { stream: "workouts", day: "2026-05-31", bucket: 11 };

async function settled(): Promise<MemoryArchive> {
  const archive = memoryArchive();
  await archive.land(changes());
  await settle(archive);
  expect(archive.settled()).toEqual([partition]);
  return archive;
}
const more = (archive: MemoryArchive) =>
  archive.land(changesOf("m1", delivered([[fact("c", brink - 6 * hour)]]).changes, 50));

const large = new Uint8Array(landingBytesMax + 1);
const versionOf = (archive: MemoryArchive, part: "facts" | "resolved") =>
  archive.held(partition)?.value[part]?.object ?? "";
const merge = (archive: MemoryArchive) => mergePartition(archive.ports, workouts, partition, nowMs);

/** The named fault, and the archive exactly as it was. */
async function expectFault(
  archive: MemoryArchive,
  kind: FaultKind,
  object: string,
  run: () => Promise<unknown> = () => merge(archive),
): Promise<void> {
  const before = structuredClone([...archive.objects]);
  const fault = await run().then(
    () => null,
    (error: unknown) => error,
  );
  expect(fault).toBeInstanceOf(ArchiveFault);
  expect(fault).toMatchObject({ kind, object });
  expect([...archive.objects]).toEqual(before);
}

describe("bad input", () => {
  it("is named when a bit of a version flipped, by whoever reads it", async () => {
    const archive = await settled();
    await more(archive);
    const object = versionOf(archive, "facts");
    const bytes = archive.objects.get(object)?.slice() ?? new Uint8Array();
    bytes[40] = (bytes[40] ?? 0) ^ 1;
    archive.objects.set(object, bytes);
    await expectFault(archive, "damaged-version", object);
    await archive.ports.index.markUnresolved("workouts", 11, [partition.day], nowMs);
    await expectFault(archive, "damaged-version", object, () =>
      resolvePartition(archive.ports, workouts, partition, nowMs),
    );
  });

  it("is named when a version is gone", async () => {
    const archive = await settled();
    await more(archive);
    const object = versionOf(archive, "facts");
    archive.objects.delete(object);
    await expectFault(archive, "missing-version", object);
  });

  it("is named when a version is larger than can be held", async () => {
    const archive = await settled();
    await more(archive);
    const manifest = archive.held(partition)?.value;
    const facts = { ...manifest?.facts, bytes: 1_000_000_000 };
    archive.putManifest(partition, JSON.stringify({ ...manifest, facts }));
    await expectFault(archive, "oversized-version", manifest?.facts.object ?? "");
  });

  it.each([
    ["manifest-from-the-future", (text: string) => text.replace('"format":1', '"format":2')],
    ["malformed-manifest", (text: string) => text.slice(1)],
    ["malformed-manifest", (text: string) => text.replace("2026-05-31", "2026-05-30")],
  ] as const)("is named: %s", async (kind, spoil) => {
    const archive = await settled();
    await more(archive);
    archive.putManifest(partition, spoil(JSON.stringify(archive.held(partition)?.value)));
    await expectFault(archive, kind, manifestName(partition));
  });

  it.each([
    ["no JSON", "{"],
    ["no change", '{"ledger":"workouts/m1"}\n'],
    ["another partition's", `${JSON.stringify({ ...changes()[0], bucket: 3 })}\n`],
    ["another stream's ledger", `${JSON.stringify({ ...changes()[0], ledger: "x/m1" })}\n`],
  ])("is named when a landing line is %s", async (_, text) => {
    const archive = await settled();
    await more(archive);
    const [object = ""] = [...archive.objects.keys()].filter((name) => name.startsWith("land/"));
    archive.objects.set(object, new TextEncoder().encode(text));
    await expectFault(archive, "malformed-landing", object);
  });

  it("is named when its last group makes a version larger than can be read back", async () => {
    const archive = await settled();
    await more(archive);
    const compress = () => new Uint8Array(objectBytesMax);
    const ports = { ...archive.ports, zstd: { ...archive.ports.zstd, compress } };
    const object = `${versionFolder("facts", partition)}new.parquet`;
    await expectFault(archive, "oversized-version", object, () =>
      mergePartition(ports, workouts, partition, nowMs),
    );
  });

  it("is named when a landing object is gone, or larger than can be held", async () => {
    const archive = await settled();
    await more(archive);
    const [object = ""] = [...archive.objects.keys()].filter((name) => name.startsWith("land/"));
    const large = { ...archive.ports.index, landed: async () => [{ object, bytes: 2 ** 30 }] };
    await expectFault(archive, "oversized-landing", object, () =>
      mergePartition({ ...archive.ports, index: large }, workouts, partition, nowMs),
    );
    archive.objects.delete(object);
    await expectFault(archive, "missing-landing", object);
  });
});

describe("rebuilding", () => {
  const spoilt: readonly (readonly [string, (archive: MemoryArchive) => void])[] = [
    ["damaged facts", (a) => a.objects.set(versionOf(a, "facts"), new Uint8Array(9))],
    ["missing facts", (a) => a.objects.delete(versionOf(a, "facts"))],
    ["damaged conclusions", (a) => a.objects.set(versionOf(a, "resolved"), new Uint8Array(9))],
    ["a malformed manifest", (a) => a.putManifest(partition, "{")],
    ["nothing", () => {}],
  ];
  it.each(spoilt)("heals %s from what its ledgers publish again", async (_, spoil) => {
    const archive = await settled();
    spoil(archive);
    const again = changesOf(
      "m1",
      changes().map(({ day, statement }) => ({ day, statement })),
      100,
    );
    await archive.land(again);
    await rebuildPartition(archive.ports, workouts, partition, nowMs);
    await settle(archive);
    const healthy = memoryArchive();
    await healthy.land(again);
    await settle(healthy);
    expect(archive.state()).toEqual(healthy.state());
  });

  it.each([
    ["is gone", (a: MemoryArchive, name: string) => a.objects.delete(name)],
    ["is no landing", (a: MemoryArchive, name: string) => a.objects.set(name, new Uint8Array(9))],
    ["is too large", (a: MemoryArchive, name: string) => a.objects.set(name, large)],
  ])("does without a landing object that %s, once all of it came again", async (_, spoil) => {
    const archive = await settled();
    await more(archive);
    const [name = ""] = [...archive.objects.keys()].filter((one) => one.startsWith("land/"));
    spoil(archive, name);
    await expect(merge(archive)).rejects.toThrow(name);
    const third = delivered([[fact("c", brink - 6 * hour)]]).changes;
    await archive.land(changesOf("m1", [...changes(), ...third], 100));
    await rebuildPartition(archive.ports, workouts, partition, nowMs);
    await settle(archive);
    expect(archive.dirty()).toEqual([]);
    expect(archive.objects.has(name)).toBe(false);
    expect(totalsOf(archive)["count all"]).toBe(3);
  });

  it("does not touch what a newer Singlet wrote", async () => {
    const archive = await settled();
    archive.putManifest(partition, '{"format":2}');
    await more(archive);
    await expectFault(archive, "manifest-from-the-future", manifestName(partition), () =>
      rebuildPartition(archive.ports, workouts, partition, nowMs),
    );
  });

  it("lets the day next to a damaged one be merged, and marks both", async () => {
    const archive = await settled();
    archive.objects.set(versionOf(archive, "facts"), new Uint8Array(9));
    await archive.land(changesOf("m1", delivered([[fact("d", brink + 3 * hour)]]).changes, 60));
    for (const p of archive.dirty()) await mergePartition(archive.ports, workouts, p, nowMs);
    expect(archive.unresolved()).toEqual([partition, { ...partition, day: "2026-06-01" }]);
  });
});

describe("a changed rule", () => {
  const counting = (version: number, least: number): AnyStream => ({
    ...workouts,
    rules: {
      version,
      history: [
        { from: "0001-01-01", values: { least_elapsed_ms: 0 } },
        { from: "2026-05-31", values: { least_elapsed_ms: least } },
      ],
    },
  });

  it("counts the past again under its own number, and touches no object", async () => {
    const archive = await settled();
    const before = [...archive.objects];
    archive.fail(null);
    const recounted = await recountPartition(archive.ports, counting(2, 1e9), partition, nowMs);
    expect(recounted?.changed).toBe(false);
    expect([...archive.objects]).toEqual(before);
    expect(archive.calls).not.toContain("create");
    expect(totalsOf(archive, 1)["count all"]).toBe(2);
    expect(totalsOf(archive, 2)).toEqual({});
  });

  it("leaves to resolving what is marked, or was concluded by an older rule", async () => {
    const archive = await settled();
    const { resolve } = workouts;
    if (resolve === undefined) throw new Error("workouts are resolved");
    const newer: AnyStream = { ...workouts, resolve: { ...resolve, version: 99 } };
    expect(await recountPartition(archive.ports, newer, partition, nowMs)).toBeNull();
    await resolvePartition(archive.ports, newer, partition, nowMs);
    expect(archive.held(partition)?.value.resolved?.rule).toBe(99);
    await archive.ports.index.markUnresolved("workouts", 11, [partition.day], nowMs);
    expect(await recountPartition(archive.ports, newer, partition, nowMs)).toBeNull();
  });
});

describe("a forgotten ledger", () => {
  it("leaves neither facts nor conclusions nor totals, and comes back by no late line", async () => {
    const archive = await settled();
    archive.forgotten.add("workouts/m1");
    archive.markDirty(partition);
    await more(archive);
    await settle(archive);
    expect(await factsIn(archive)).toEqual([]);
    expect(totalsOf(archive)).toEqual({});
    const everything = [...archive.objects.values()].map((b) => new TextDecoder().decode(b));
    for (const text of everything) expect(text).not.toContain("m1");
  });
});
