import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Chunk, type MergedChunks, mergeRecords } from "../../../domain/samples/chunk.ts";
import { decodeChunk, encodeChunk } from "../../../domain/samples/chunk-code.ts";
import { keyedRecord } from "../../../domain/samples/record-key.ts";
import {
  chunkRecordsMax,
  type SampleRecord,
  type SampleValue,
} from "../../../domain/samples/sample.ts";
import { shortHash } from "../../../domain/samples/short-hash.ts";
import type { LocalDate } from "../../../domain/time.ts";
import { Unreadable } from "../../../domain/varints.ts";

const dayMs = Date.UTC(2026, 10, 14);
const hourMs = 3_600_000;
const day = "2026-11-14";

const sample = (fromMs: number, value: number, lengthMs = 0): SampleValue => ({
  ...{ fromMs, toMs: fromMs + lengthMs, value, stage: null },
});
const record = (more: Partial<SampleRecord> = {}): SampleRecord => ({
  ...{ metric: "steps", id: null, revision: null, app: null },
  device: { id: "watch", kind: "watch", model: null },
  samples: [sample(dayMs + hourMs, 100, hourMs)],
  ...more,
});
const gone = (more: Partial<SampleRecord> = {}): SampleRecord => ({ ...record(more), gone: true });
const deviceOf = ({ device }: SampleRecord) => `dev_${device.id}`;

type Held = ReadonlyMap<LocalDate, Chunk>;
const nothing: Held = new Map();
function merged(held: Held, records: readonly SampleRecord[]): MergedChunks & { all: Held } {
  const keyed = records.map((one) => keyedRecord(one, deviceOf(one), shortHash));
  const done = mergeRecords("steps", held, keyed, shortHash);
  return { ...done, all: new Map([...held, ...done.changed]) };
}
/** One call a batch; what all of them came to. */
function mergedInTurn(batches: readonly (readonly SampleRecord[])[]) {
  let held = nothing;
  const outcomes: string[] = [];
  for (const batch of batches) {
    const done = merged(held, batch);
    held = done.all;
    outcomes.push(...done.outcomes);
  }
  return { held, outcomes };
}
const bytesOf = (held: Held) =>
  [...held.values()]
    .sort((a, b) => (a.day < b.day ? -1 : 1))
    .map((chunk) => Buffer.from(encodeChunk(chunk)).toString("hex"));
const valuesIn = (held: Held) =>
  [...held.values()]
    .flatMap(({ records }) => [...records.values()])
    .flatMap(({ samples, gone: isGone }) => (isGone ? [] : samples.map(({ value }) => value)))
    .sort((a, b) => a - b);

describe("what is merged into a chunk", () => {
  test("is new once, and a duplicate ever after, in the same call too", () => {
    const { held, outcomes } = mergedInTurn([[record(), record()], [record()]]);
    expect(outcomes).toEqual(["new", "duplicate", "duplicate"]);
    expect(valuesIn(held)).toEqual([100]);
  });

  test("a duplicate changes nothing, yet says which times it spoke of", () => {
    const first = merged(nothing, [record()]);
    const again = merged(first.all, [record()]);
    expect(again.changed.size).toBe(0);
    expect(again.touched).toEqual([
      [
        { fromMs: dayMs + hourMs, toMs: dayMs + 2 * hourMs },
        { fromMs: dayMs + hourMs, toMs: dayMs + 2 * hourMs },
      ],
    ]);
  });

  test("by a greater revision is a correction, by a lower one older, whole records at a time", () => {
    const two = [sample(dayMs, 1, hourMs), sample(dayMs + hourMs, 2, hourMs)];
    const corrected = record({ id: "a", revision: 5, samples: [sample(dayMs, 7, hourMs)] });
    const { held, outcomes } = mergedInTurn([
      [record({ id: "a", revision: 3, samples: two })],
      [corrected],
      [record({ id: "a", revision: 4, samples: two })],
    ]);
    expect(outcomes).toEqual(["new", "corrected", "older"]);
    expect(valuesIn(held)).toEqual([7]);
  });

  test("unnumbered is numbered as it comes, and an old content never reverts a correction", () => {
    const at = (value: number) => record({ samples: [sample(dayMs, value, hourMs)] });
    const said = [at(1), at(2), at(1), at(3), at(2), at(1), at(3)].map((one) => [one]);
    const { held, outcomes } = mergedInTurn(said);
    expect(outcomes).toEqual([
      ...["new", "corrected", "older", "corrected", "older", "older", "duplicate"],
    ]);
    expect(valuesIn(held)).toEqual([3]);
  });

  test("without an id is what its device measured from when to when", () => {
    const phone = { id: "phone", kind: "phone", model: null } as const;
    const { held, outcomes } = mergedInTurn([
      [record(), record({ device: phone }), record({ samples: [sample(dayMs, 5, hourMs)] })],
    ]);
    expect(outcomes).toEqual(["new", "new", "new"]);
    expect(valuesIn(held)).toEqual([5, 100, 100]);
  });

  test("once gone refuses an older create, also one that comes first after it", () => {
    const one = { id: "a", samples: [sample(dayMs, 5, hourMs)] };
    const { held, outcomes } = mergedInTurn([
      [gone({ ...one, revision: 4 })],
      [record({ ...one, revision: 3 }), record({ ...one, revision: 4 })],
      [gone({ ...one, revision: 4 }), gone({ ...one, revision: 2 })],
      [record({ ...one, revision: 5 })],
      [gone({ ...one, revision: 5 })],
    ]);
    expect(outcomes).toEqual([
      ...["retracted", "gone", "gone", "duplicate", "older", "new", "retracted"],
    ]);
    expect(valuesIn(held)).toEqual([]);
  });

  test("gone before it came refuses what was meant, and what is measured anew after it counts", () => {
    const other = record({ samples: [sample(dayMs + hourMs, 7, hourMs)] });
    const { held, outcomes } = mergedInTurn([[gone()], [record()], [record()], [gone()], [other]]);
    expect(outcomes).toEqual(["retracted", "gone", "gone", "duplicate", "new"]);
    expect(valuesIn(held)).toEqual([7]);
  });

  test("gone without an id is known by its times when it comes again", () => {
    const { held, outcomes } = mergedInTurn([[record()], [gone()], [record()]]);
    expect(outcomes).toEqual(["new", "retracted", "gone"]);
    expect(valuesIn(held)).toEqual([]);
    const read = [...held.values()].map((chunk) => decodeChunk(encodeChunk(chunk)));
    expect(merged(new Map(read.map((one) => [one.day, one])), [record()]).outcomes).toEqual([
      "gone",
    ]);
  });

  test("said again with a greater revision is a duplicate, and refuses what lies between", () => {
    const { outcomes } = mergedInTurn([
      [record({ id: "a", revision: 1 })],
      [record({ id: "a", revision: 9 })],
      [record({ id: "a", revision: 5, samples: [sample(dayMs, 1)] })],
    ]);
    expect(outcomes).toEqual(["new", "duplicate", "older"]);
  });

  test("a night that moves over midnight leaves the day on which it was", () => {
    const night = (fromMs: number, revision: number | null) =>
      record({ id: "n", revision, samples: [sample(fromMs, 1 + (fromMs % 7), 8 * hourMs)] });
    const before = night(dayMs - 600_000, 1);
    const after = night(dayMs + 600_000, 2);
    for (const batches of [[[before], [after]], [[after], [before]], [[before, after, before]]]) {
      const { held } = mergedInTurn(batches);
      expect(valuesIn(held)).toEqual(after.samples.map(({ value }) => value));
    }
    const unnumbered = mergedInTurn([
      [night(dayMs - 600_000, null)],
      [night(dayMs + 600_000, null)],
      [night(dayMs - 600_000, null)],
    ]);
    expect(unnumbered.outcomes).toEqual(["new", "corrected", "older"]);
    expect(valuesIn(unnumbered.held)).toEqual(after.samples.map(({ value }) => value));
  });

  test("beyond what a day holds is refused, and what is there can still be corrected", () => {
    const first = merged(nothing, [record({ id: "a", revision: 1 })]).all.get(day) as Chunk;
    const [[, one] = ["", undefined]] = first.records;
    if (one === undefined) throw new Error("nothing was merged");
    const many = Array.from({ length: chunkRecordsMax - 1 }, (_, n) => [`${n}`, one] as const);
    const full = { ...first, records: new Map([...first.records, ...many]) };
    const { outcomes } = merged(new Map([[day, full]]), [
      record({ id: "b", revision: 1 }),
      record({ id: "a", revision: 2, samples: [sample(dayMs, 7, hourMs)] }),
    ]);
    expect(outcomes).toEqual(["too-many-in-a-day", "corrected"]);
  });

  test("one that is gone under its new time is gone where it lies", () => {
    const at = (fromMs: number) => ({ id: "n", samples: [sample(fromMs, 5, hourMs)] });
    const { held, outcomes } = mergedInTurn([
      [record({ ...at(dayMs - hourMs), revision: 1 })],
      [gone({ ...at(dayMs + hourMs), revision: 2 })],
    ]);
    expect(outcomes).toEqual(["new", "retracted"]);
    expect(valuesIn(held)).toEqual([]);
  });
});

const numbered = fc.record({
  id: fc.constantFrom("a", "b", "c"),
  revision: fc.integer({ min: 1, max: 4 }),
  minute: fc.integer({ min: 0, max: 3 }),
  value: fc.integer({ min: 0, max: 3 }),
  device: fc.constantFrom("watch", "phone"),
  isGone: fc.boolean(),
});
const saidOf = fc.array(numbered, { maxLength: 12 }).map((all) =>
  all.map(({ id, revision, minute, value, device, isGone }) => {
    const kind = device as "watch" | "phone";
    const samples = [sample(dayMs + minute * 60_000, value, 60_000)];
    const one = record({ id, revision, samples, device: { id: device, kind, model: null } });
    return isGone ? gone(one) : one;
  }),
);

/** The same statements in another order, some of them twice, in batches of another size. */
const otherwise = <T>(all: readonly T[]) =>
  fc
    .tuple(
      fc.shuffledSubarray([...all, ...all], { minLength: 2 * all.length }),
      fc.integer({ min: 1, max: 5 }),
    )
    .map(([shuffled, size]) => {
      const batches: T[][] = [];
      for (let i = 0; i < shuffled.length; i += size) batches.push(shuffled.slice(i, i + size));
      return batches;
    });

describe("whatever the order, the batches and the repetitions", () => {
  test("numbered statements make the same chunk, to the byte", () => {
    fc.assert(
      fc.property(
        saidOf.chain((all) => fc.tuple(fc.constant(all), otherwise(all))),
        ([all, batches]) => {
          expect(bytesOf(mergedInTurn(batches).held)).toEqual(bytesOf(mergedInTurn([all]).held));
        },
      ),
    );
  });

  test("unnumbered ones that do not contradict each other too", () => {
    const minutes = fc.uniqueArray(fc.integer({ min: 0, max: 60 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        minutes
          .map((all) =>
            all.map((n) =>
              record({
                id: n % 3 === 0 ? `id ${n}` : null,
                samples: [sample(dayMs + n * 60_000, n, 60_000)],
              }),
            ),
          )
          .chain((all) => fc.tuple(fc.constant(all), otherwise(all))),
        ([all, batches]) => {
          const { held, outcomes } = mergedInTurn(batches);
          expect(bytesOf(held)).toEqual(bytesOf(mergedInTurn([all]).held));
          expect(outcomes.filter((outcome) => outcome === "new").length).toBe(all.length);
        },
      ),
    );
  });
});

describe("a chunk as bytes", () => {
  const anySample = fc.record({
    fromMs: fc.integer({ min: 0, max: 90_000_000 }).map((ms) => dayMs + ms),
    lengthMs: fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 90_000_000 })),
    value: fc.integer({ min: 0, max: 2 ** 45 }),
    stage: fc.constantFrom(null, "deep" as const, "awake" as const),
  });
  const anyRecord = fc.record({
    id: fc.option(fc.string({ unit: "grapheme", maxLength: 40 })),
    revision: fc.option(fc.constantFrom(1, 2, Date.UTC(2026, 1, 1), Number.MAX_SAFE_INTEGER - 1)),
    device: fc.constantFrom("w", "p", "ü"),
    app: fc.option(fc.string({ unit: "grapheme", maxLength: 8 })),
    samples: fc.array(anySample, { minLength: 1, maxLength: 4 }),
    isGone: fc.boolean(),
  });

  test("is read back as it was", () => {
    fc.assert(
      fc.property(fc.array(anyRecord, { maxLength: 20 }), (all) => {
        const said = all.map(({ device, samples, isGone, ...one }) => ({
          ...record({ ...one, device: { id: device, kind: "watch", model: null } }),
          samples: samples.map(({ fromMs, lengthMs, value, stage }) => ({
            ...{ fromMs, toMs: fromMs + lengthMs, value, stage },
          })),
          ...(isGone ? { gone: true as const } : {}),
        }));
        for (const chunk of merged(nothing, said).all.values()) {
          const read = decodeChunk(encodeChunk(chunk));
          expect({ ...read, records: new Map([...read.records].sort()) }).toEqual({
            ...chunk,
            records: new Map([...chunk.records].sort()),
          });
          expect(encodeChunk(read)).toEqual(encodeChunk(chunk));
        }
      }),
    );
  });

  test("holds a day of heart rate, a reading a minute with an id each, in less than 25 KB", () => {
    const beats = Array.from({ length: 1_440 }, (_, n) =>
      record({
        id: `9D8A6C1E-0000-4000-8000-${String(n).padStart(12, "0")}`,
        app: "com.example.watch",
        samples: [
          sample(dayMs + n * 60_000 + ((n * 7_919) % 60) * 1_000, 60_000 + (n % 40) * 1_000),
        ],
      }),
    );
    const chunk = merged(nothing, beats).all.get(day);
    const bytes = chunk === undefined ? 0 : encodeChunk(chunk).length;
    expect(chunk?.records.size).toBe(1_440);
    expect(bytes).toBeLessThan(25_000);
  });

  test("that is none is told by name, wherever it was spoilt", () => {
    const chunk = merged(nothing, [
      record({ id: "a", app: "x" }),
      record({ samples: [sample(dayMs, 3)] }),
    ]).all.get(day) as Chunk;
    const bytes = encodeChunk(chunk);
    const refused = (spoilt: Uint8Array) => {
      try {
        decodeChunk(spoilt);
        return "read";
      } catch (error) {
        return error instanceof Unreadable ? "unreadable" : error;
      }
    };
    for (let n = 0; n < bytes.length; n++)
      expect(refused(bytes.slice(0, n)), `${n} bytes`).toBe("unreadable");
    expect(refused(Uint8Array.of(...bytes, 0))).toBe("unreadable");
    expect(refused(Uint8Array.of(2, ...bytes.slice(1)))).toBe("unreadable");
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        expect(["read", "unreadable"]).toContain(refused(garbage));
      }),
    );
  });
});

describe("the short hash", () => {
  test("tells ids apart that differ in little", () => {
    const ids = Array.from({ length: 200_000 }, (_, n) => `id-${n}`);
    expect(new Set(ids.map(shortHash)).size).toBe(ids.length);
    expect(new Set(ids.map((id) => shortHash(id).slice(0, 8))).size).toBeGreaterThan(199_900);
    expect(shortHash("")).toMatch(/^[0-9a-f]{16}$/);
  });
});
