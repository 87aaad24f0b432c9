import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { monthOf } from "../../../domain/time.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import { tallyOf } from "../../../kernel/refold.ts";
import { fromGarmin, hour, workout } from "../../domain/workouts/facts.ts";
import { chain } from "../chain.ts";
import type { MemoryStore } from "../memory-store.ts";
import { brink, decidedDeliveries, decides } from "../statements.ts";
import { delivered, resolvedOf, settings } from "../worlds.ts";
import { changesOf, type MemoryArchive, memoryArchive } from "./memory-archive.ts";
import { factsIn, resolvedIn, settle, totalsOf } from "./settling.ts";

const archiveOf = (): MemoryArchive => {
  const archive = memoryArchive();
  archive.zones.set("m1", settings.zones);
  return archive;
};

/** What the ledger counts, as the archive shows it. */
function shown(store: MemoryStore) {
  const rows = resolvedOf(store).map((w: ResolvedWorkout) => ({
    subject: "m1",
    id: w.id,
    day: w.day,
    at: w.at,
    ...Object.fromEntries(workouts.columns.map((c) => [c.name, c.of(w)])),
  }));
  const totals: Record<string, number> = {};
  for (const w of resolvedOf(store))
    for (const [key, numbers] of tallyOf(workouts, w))
      workouts.measures.forEach(({ name }, i) => {
        totals[`${name} ${key}`] = (totals[`${name} ${key}`] ?? 0) + (numbers[i] ?? 0);
      });
  return { rows: rows.sort((a, b) => (a.id < b.id ? -1 : 1)), totals };
}

const settled = async (archive: MemoryArchive) => ({
  rows: (await resolvedIn(archive)).sort((a, b) => (a.id < b.id ? -1 : 1)),
  totals: totalsOf(archive),
});

/** The same numbers for the same seed. */
function chance(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 8;
  };
}

describe("settling", () => {
  it("comes to what the ledger counts, whatever the order, the cut and the repetition", async () => {
    const landings = fc.tuple(
      fc.nat(1_000_000),
      fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1, maxLength: 6 }),
    );
    await fc.assert(
      fc.asyncProperty(decidedDeliveries, landings, async ({ batches }, [seed, sizes]) => {
        const store = delivered(batches);
        const changes = changesOf("m1", store.changes);
        const plain = archiveOf();
        await plain.land(changes);
        await settle(plain);
        expect(await settled(plain)).toEqual(shown(store));

        const next = chance(seed);
        const twice = [...changes, ...changes.filter(() => next() % 3 === 0)];
        const mixed = twice.map((c) => ({ c, n: next() })).sort((a, b) => a.n - b.n);
        const rough = archiveOf();
        for (let i = 0, n = 0; i < mixed.length; n++) {
          const size = sizes[n % sizes.length] ?? 1;
          await rough.land(mixed.slice(i, i + size).map(({ c }) => c));
          if (next() % 4 === 0) await settle(rough);
          i += size;
        }
        await settle(rough);
        expect(await factsIn(rough)).toEqual(await factsIn(plain));
        expect(await settled(rough)).toEqual(await settled(plain));
        const versions = (a: MemoryArchive) =>
          a
            .settled()
            .map((p) => a.held(p)?.value)
            .filter((m) => m !== undefined && m.facts.rows + (m.resolved?.rows ?? 0) > 0)
            .map((m) => [m?.day, m?.facts.sha256, m?.resolved?.sha256])
            .sort();
        expect(versions(rough)).toEqual(versions(plain));
      }),
      { numRuns: 30 },
    );
  });

  it("follows what bears on what as far as it goes, beyond the days that it began with", async () => {
    const links = chain(21, 20 * hour);
    const store = delivered([links]);
    const archive = archiveOf();
    const changes = changesOf("m1", store.changes);
    for (const [i, change] of changes.entries()) {
      await archive.land([change]);
      if (i === 12) await settle(archive);
    }
    await settle(archive);
    expect(await settled(archive)).toEqual(shown(store));
  });

  it("knows what was decided on a day before any fact of it came", async () => {
    const ride = (id: string, at: number) => workout({ ...fromGarmin, id, originId: id, at });
    const [first, other] = [ride("a", brink - 49 * hour), ride("g", brink + hour)];
    const joined = decides("decision", "join", [["a", "g"]]);
    const changes = changesOf("m1", delivered([[first, other], [joined]]).changes);
    const archive = archiveOf();
    const isFirst = ({ statement }: (typeof changes)[number]) => statement.id === "a";
    for (const late of [false, true]) {
      await archive.land(changes.filter((change) => isFirst(change) === late));
      await settle(archive);
      expect(await resolvedIn(archive)).toMatchObject([{ sources: late ? 2 : 1 }]);
    }
  });

  it("changes nothing when it is run again", async () => {
    await fc.assert(
      fc.asyncProperty(decidedDeliveries, async ({ batches }) => {
        const archive = archiveOf();
        await archive.land(changesOf("m1", delivered(batches).changes));
        await settle(archive);
        const before = archive.settled().map((p) => archive.held(p));
        const objects = [...archive.objects.keys()].sort();
        for (const partition of archive.settled()) archive.markDirty(partition);
        archive.fail(null);
        await settle(archive);
        expect(archive.calls).not.toContain("swap");
        expect(archive.settled().map((p) => archive.held(p))).toEqual(before);
        expect([...archive.objects.keys()].sort()).toEqual(objects);
        expect(archive.dirty()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it("keeps nothing of what it took in but the versions that its manifests name", async () => {
    await fc.assert(
      fc.asyncProperty(decidedDeliveries, async ({ batches }) => {
        const archive = archiveOf();
        await archive.land(changesOf("m1", delivered(batches).changes));
        await settle(archive);
        const named = archive.settled().flatMap((p) => {
          const { facts, resolved } = archive.held(p)?.value ?? {};
          return [facts?.object, resolved?.object];
        });
        const kept = [...archive.objects.keys()].filter((name) => !name.startsWith("manifest/"));
        expect(kept.sort()).toEqual(named.sort());
        for (const row of await resolvedIn(archive)) expect(monthOf(row.day)).toMatch(/^20/);
      }),
      { numRuns: 10 },
    );
  });
});
