/** Settling what the vault resolves: what counts is its answer of today, whatever a ledger was told. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { MemberId } from "../../../domain/identity.ts";
import type { OpenFact, OpenStatement } from "../../../domain/ports.ts";
import type { DayFact } from "../../../domain/samples/schema.ts";
import { samples } from "../../../domain/samples/stream.ts";
import { addDays, type LocalDate } from "../../../domain/time.ts";
import { resolvePartition } from "../../../kernel/settle/settle.ts";
import { chunkOf, dayOf } from "../../domain/samples/open-facts.ts";
import { changesOf, type MemoryArchive, memoryArchive } from "./memory-archive.ts";
import { nowMs, resolvedIn, settle, totalsOf } from "./settling.ts";

const start = "2026-11-14";
const subjects = ["mem_a", "mem_b", "mem_c"] as const;
const days = Array.from({ length: 4 }, (_, i) => addDays(start, i));

type Totals = Pick<DayFact, "steps" | "distanceMm" | "energyMcal">;
interface Cell extends Totals {
  readonly subject: string;
  readonly day: LocalDate;
  readonly offsetMin: number;
  readonly revision: number;
}
const total = fc.option(fc.nat({ max: 30_000 }), { nil: null });
const totals = { steps: total, distanceMm: total, energyMcal: total };
const place = { subject: fc.constantFrom(...subjects), day: fc.constantFrom(...days) };
/** A traveller's days begin at other times, each at its own. */
const offsetMin = fc.integer({ min: -56, max: 56 }).map((quarters) => quarters * 15);
const cells = fc.uniqueArray(
  fc.record({ ...place, ...totals, offsetMin, revision: fc.integer({ min: 1, max: 5 }) }),
  { selector: ({ subject, day }) => `${subject} ${day}`, maxLength: 10 },
);
/** What ledgers were told: of any of it something, other totals, a retraction, or a chunk alone. */
const said = fc.array(
  fc.record({ ...place, ...totals, kind: fc.constantFrom("day", "chunk", "gone"), seq: fc.nat() }),
  { maxLength: 30 },
);

const factOf = ({ subject, day, offsetMin: east, ...rest }: Cell): OpenFact =>
  dayOf(day, { member: subject as MemberId, ...rest }, east) as unknown as OpenFact;

function statementOf(
  one: Totals & { subject: string; day: LocalDate; kind: string },
): OpenStatement {
  const { subject, day, kind, ...rest } = one;
  const member = subject as MemberId;
  if (kind === "chunk") return chunkOf(day, subject, { member }) as unknown as OpenFact;
  const { steps, distanceMm, energyMcal } = rest;
  const fact = dayOf(day, { member, steps, distanceMm, energyMcal }) as unknown as OpenFact;
  return kind === "gone" ? { id: fact.id, revision: 9, retracted: true } : fact;
}

const resolves = (archive: MemoryArchive, truth: readonly Cell[]) => {
  archive.vault.resolve = (subject, day) =>
    truth.filter((c) => c.subject === subject && c.day === day).map(factOf);
};

/** What the archive must come to: the vault's answer of everyone who has anything under that day. */
const expected = (truth: readonly Cell[], published: ReadonlySet<string>) =>
  truth
    .filter(({ subject, day }) => published.has(`${subject} ${day}`))
    .filter((c) => [c.steps, c.distanceMm, c.energyMcal].some((n) => (n ?? 0) > 0))
    .map((c) => [c.subject, c.day, factOf(c).at, c.steps, c.distanceMm, c.energyMcal].join())
    .sort();

const shown = async (archive: MemoryArchive) =>
  (await resolvedIn(archive))
    .map((r) => [r.subject, r.day, r.at, r.steps, r.distance_mm, r.energy_mcal].join())
    .sort();

const told = (subject: string, list: readonly OpenStatement[], day: LocalDate, firstSeq = 1) =>
  changesOf(
    subject,
    list.map((statement) => ({ day, statement })),
    firstSeq,
    "samples",
  );

describe("settling what the vault resolves", () => {
  test("comes to what the vault says, whatever the ledgers were told and in whatever order", () =>
    fc.assert(
      fc.asyncProperty(cells, said, fc.boolean(), async (truth, list, inTwo) => {
        const archive = memoryArchive();
        resolves(archive, inTwo ? [] : truth);
        for (const [i, one] of list.entries())
          await archive.land(told(one.subject, [statementOf(one)], one.day, one.seq * 100 + i));
        await settle(archive, samples);
        if (inTwo) {
          // The vault changes its mind; only what is told of it is looked at again.
          resolves(archive, truth);
          for (const one of list)
            await archive.land(told(one.subject, [statementOf(one)], one.day, 1_000_000_000));
          await settle(archive, samples);
          for (const partition of archive.settled())
            await archive.ports.index.markUnresolved(
              "samples",
              partition.bucket,
              [partition.day],
              nowMs,
            );
          await settle(archive, samples);
        }
        const published = new Set(list.map(({ subject, day }) => `${subject} ${day}`));
        expect(await shown(archive)).toEqual(expected(truth, published));
        const steps = truth.filter((c) => published.has(`${c.subject} ${c.day}`));
        const sum = steps.reduce((n, c) => n + (c.steps ?? 0), 0);
        expect(totalsOf(archive)["steps all"] ?? 0).toBe(sum);
        expect(archive.unresolved()).toEqual([]);

        const before = archive.state();
        const objects = [...archive.objects.keys()];
        for (const { day, bucket } of archive.settled())
          await archive.ports.index.markUnresolved("samples", bucket, [day], nowMs);
        await settle(archive, samples);
        expect(archive.state()).toEqual(before);
        expect([...archive.objects.keys()]).toEqual(objects);
      }),
      { numRuns: 60 },
    ));

  test("names who was told otherwise, and asks those who could hear something newer", async () => {
    const archive = memoryArchive();
    const of = (subject: string, steps: number, revision: number): Cell => {
      return {
        subject,
        day: start,
        offsetMin: 60,
        revision,
        steps,
        distanceMm: null,
        energyMcal: null,
      };
    };
    const truth = [of("mem_a", 1000, 1), of("mem_b", 700, 2), of("mem_c", 50, 1)];
    resolves(archive, truth);
    const stale = [of("mem_a", 1000, 1), of("mem_b", 600, 1), of("mem_c", 60, 7)];
    for (const one of stale) await archive.land(told(one.subject, [factOf(one)], start));
    const differing: string[] = [];
    const buckets = new Set(archive.dirty().map(({ bucket }) => bucket));
    await settle(archive, samples);
    expect(archive.vault.told).toEqual([`mem_b ${start}`]);
    for (const bucket of buckets) {
      await archive.ports.index.markUnresolved("samples", bucket, [start], nowMs);
      const partition = { stream: "samples", day: start, bucket };
      const { differs, changed } = await resolvePartition(archive.ports, samples, partition, nowMs);
      differing.push(...Array.from({ length: differs }, () => String(bucket)));
      expect(changed).toBe(false);
    }
    expect(differing).toHaveLength(2);
    expect(totalsOf(archive)).toEqual({ "steps all": 1750 });
  });

  test("counts what it can and keeps its mark while a ledger cannot be asked", async () => {
    const archive = memoryArchive();
    resolves(archive, [
      {
        subject: "mem_a",
        day: start,
        offsetMin: 0,
        revision: 2,
        steps: 5,
        distanceMm: 1,
        energyMcal: 0,
      },
    ]);
    archive.vault.areLedgersThere = false;
    await archive.land(told("mem_a", [chunkOf(start, "x") as unknown as OpenFact], start));
    await settle(archive, samples);
    expect(totalsOf(archive)).toMatchObject({ "steps all": 5 });
    expect(archive.unresolved()).toHaveLength(1);
    archive.vault.areLedgersThere = true;
    await settle(archive, samples);
    expect(archive.unresolved()).toEqual([]);
    expect(archive.vault.told).toEqual([`mem_a ${start}`, `mem_a ${start}`]);
  });

  test("of a day that nobody has anything under, and of the erased, counts nothing", async () => {
    const archive = memoryArchive();
    const partition = { stream: "samples", day: start, bucket: 3 };
    await archive.ports.index.markUnresolved("samples", 3, [start], nowMs);
    const nothing = await resolvePartition(archive.ports, samples, partition, nowMs);
    expect([nothing.parts, nothing.differs, archive.unresolved()]).toEqual([0, 0, []]);
    const one = dayOf(start, { member: "mem_a" as MemberId, steps: 900 }) as unknown as OpenFact;
    await archive.land(told("mem_a", [one], start));
    await settle(archive, samples);
    expect([await shown(archive), totalsOf(archive), archive.vault.told]).toEqual([[], {}, []]);
  });

  test("killed at any call comes to the same bytes when it goes on", async () => {
    const truth: Cell[] = subjects.map((subject, i) => ({
      ...{ subject, day: start, offsetMin: 60 * i, revision: 3 },
      ...{ steps: 100 * (i + 1), distanceMm: i === 0 ? null : i, energyMcal: null },
    }));
    const landed = async () => {
      const archive = memoryArchive();
      resolves(archive, truth);
      for (const { subject } of truth)
        await archive.land(
          told(subject, [chunkOf(start, subject, { member: subject as MemberId })] as never, start),
        );
      return archive;
    };
    const clean = await landed();
    clean.fail(null);
    await settle(clean, samples);
    const calls = clean.calls.length;
    expect(clean.calls).toEqual(expect.arrayContaining(["ask", "tellAgain"]));
    const asked = clean.calls.filter((name) => name === "ask");
    expect(asked, "once a bucket").toHaveLength(clean.settled().length);
    for (let nth = 1; nth <= calls; nth++)
      for (const when of ["before", "after"] as const) {
        const archive = await landed();
        archive.fail({ nth, when });
        await settle(archive, samples).catch(() => {});
        archive.fail(null);
        await settle(archive, samples);
        expect(archive.state(), `${when} ${nth}`).toEqual(clean.state());
        expect(await shown(archive), `${when} ${nth}`).toEqual(await shown(clean));
        expect(new Set(archive.vault.told)).toEqual(new Set(clean.vault.told));
      }
  });
});
