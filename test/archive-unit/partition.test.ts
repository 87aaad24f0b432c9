import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import type { Change } from "../../domain/ports.ts";
import {
  backoff,
  batchName,
  encodeChanges,
  groupByPartition,
  heldBucketText,
  heldText,
  holdsOf,
  objectName,
  parseAddress,
  parseChange,
  parseMessage,
  partitionOf,
  partitionsHeld,
  streamOfBatch,
} from "../../workers/archive/partition.ts";

const change = (over: Partial<Change> = {}): Change => ({
  ledger: "workouts/m1",
  seq: 1,
  stream: "workouts",
  day: "2026-11-14",
  bucket: 3,
  statement: { id: "f1" as FactId, revision: 1, at: 1_794_700_000_000, sport: "run" },
  ...over,
});

const changes = fc.array(
  fc.record({
    member: fc.constantFrom("m1", "m2", "m10", "é"),
    seq: fc.integer({ min: 0, max: 30 }),
    day: fc.constantFrom("2026-11-13", "2026-11-14", "2026-11-15"),
    bucket: fc.integer({ min: 0, max: 99 }),
    revision: fc.integer({ min: 0, max: 2 }),
    retracted: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);
const toChange = (c: typeof changes extends fc.Arbitrary<(infer T)[]> ? T : never): Change => {
  const id = `f${c.seq}` as FactId;
  const { day, bucket, seq, revision } = c;
  const statement = c.retracted
    ? { id, revision, retracted: true as const }
    : { id, revision, at: seq };
  return change({ ledger: `workouts/${c.member}`, seq, day, bucket, statement });
};

/** Name → text of every object that a batch becomes. */
async function objectsOf(batch: readonly Change[]): Promise<Record<string, string>> {
  const objects: Record<string, string> = {};
  for (const group of groupByPartition(batch)) {
    const { bytes } = encodeChanges(group.changes);
    objects[await objectName(group, bytes)] = new TextDecoder().decode(bytes);
  }
  return objects;
}

const linesOf = (text: string): Change[] =>
  text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));

describe("a set of changes is one object a partition", () => {
  test("whatever the order and however often each came", async () => {
    const shuffled = changes.chain((raw) => {
      const twice = [...raw, ...raw];
      return fc.tuple(
        fc.constant(raw),
        fc.shuffledSubarray(twice, { minLength: twice.length, maxLength: twice.length }),
      );
    });
    await fc.assert(
      fc.asyncProperty(shuffled, async ([raw, again]) => {
        expect(await objectsOf(again.map(toChange))).toEqual(await objectsOf(raw.map(toChange)));
      }),
    );
  });

  test("days and buckets are never mixed, and every change is in its own", async () => {
    await fc.assert(
      fc.asyncProperty(changes, async (raw) => {
        const batch = raw.map(toChange);
        const found: string[] = [];
        for (const [name, text] of Object.entries(await objectsOf(batch))) {
          for (const line of linesOf(text)) {
            const bucket = String(line.bucket).padStart(2, "0");
            expect(name.startsWith(`land/${line.stream}/${line.day}/${bucket}/`)).toBe(true);
            found.push(JSON.stringify(line));
          }
        }
        expect(found.sort()).toEqual([...new Set(batch.map((c) => JSON.stringify(c)))].sort());
      }),
    );
  });

  test("every change of a batch is in exactly one group", () => {
    fc.assert(
      fc.property(changes, (raw) => {
        const batch = raw.map(toChange);
        const seen = groupByPartition(batch).flatMap((group) => group.changes);
        expect(new Set(seen)).toEqual(new Set(batch));
        expect(seen.length).toBe(batch.length);
      }),
    );
  });

  test("sequences sort as numbers", () => {
    const { bytes } = encodeChanges([change({ seq: 10 }), change({ seq: 9 })]);
    expect(linesOf(new TextDecoder().decode(bytes)).map((c) => c.seq)).toEqual([9, 10]);
  });

  test("two contents under one number are both kept", () => {
    const other = change({ statement: { id: "f1" as FactId, revision: 2, retracted: true } });
    expect(encodeChanges([change(), other, change()]).facts).toBe(2);
  });

  test("the name is the content's digest, the bucket two digits", async () => {
    const { bytes } = encodeChanges([change()]);
    const name = await objectName(change(), bytes);
    expect(name).toMatch(/^land\/workouts\/2026-11-14\/03\/[0-9a-f]{32}\.ndjson$/);
    const other = encodeChanges([change({ seq: 2 })]);
    expect(await objectName(change(), other.bytes)).not.toBe(name);
  });
});

describe("only a change is read as one", () => {
  test("a fact with its stream's fields and a retraction pass unchanged", () => {
    const gone = change({ statement: { id: "f1" as FactId, revision: 2, retracted: true } });
    for (const good of [change(), gone]) expect(parseChange(good)).toEqual(good);
  });

  test.each([
    ["nothing", null],
    ["a text", "change"],
    ["a field too many", { ...change(), extra: 1 }],
    ["a stream that leaves its folder", { ...change(), stream: "../x", ledger: "../x/m1" }],
    ["a ledger of another stream", { ...change(), ledger: "sales/m1" }],
    ["a ledger without a shard", { ...change(), ledger: "workouts/" }],
    ["a day that does not exist", { ...change(), day: "2026-02-30" }],
    ["a bucket of three digits", { ...change(), bucket: 100 }],
    ["a fraction of a bucket", { ...change(), bucket: 1.5 }],
    ["a number below zero", { ...change(), seq: -1 }],
    ["a fact without its time", { ...change(), statement: { id: "f1", revision: 1 } }],
    ["both at once", { ...change(), statement: { id: "f", revision: 1, at: 1, retracted: true } }],
    ["half", { ...change(), statement: { id: "f", revision: 1, at: 1, retracted: false } }],
  ])("%s is refused", (_, body) => {
    expect(parseChange(body)).toBeNull();
  });

  test("a broken change still says who sent it, if it names a ledger and a number", () => {
    expect(parseAddress({ ...change(), day: "never" })).toEqual({ ledger: "workouts/m1", seq: 1 });
    expect(parseAddress({ ledger: "workouts/m1" })).toBeNull();
    expect(parseAddress({ ledger: "?", seq: 1 })).toBeNull();
    expect(parseAddress(undefined)).toBeNull();
  });
});

describe("a batch", () => {
  const nowMs = Date.UTC(2026, 10, 20, 2);

  test("is named by when it came and what it is, and is no partition's", async () => {
    const { bytes } = encodeChanges([change()]);
    const name = await batchName("workouts", bytes, nowMs);
    expect(name).toMatch(
      /^land\/workouts\/batch\/2026-11-20\/001795140000000-[0-9a-f]{32}\.ndjson$/,
    );
    expect((await batchName("workouts", bytes, nowMs + 1)) > name).toBe(true);
    expect(streamOfBatch(name)).toBe("workouts");
    expect(partitionOf(name)).toBeNull();
    expect(streamOfBatch(await objectName(change(), bytes))).toBeNull();
  });

  test("says which partitions it holds, and no other is found in that", () => {
    fc.assert(
      fc.property(changes, (raw) => {
        const held = groupByPartition(raw.map(toChange)).map(({ changes: _, ...at }) => at);
        const holds = holdsOf(held);
        const key = (at: object) => JSON.stringify(at);
        expect(partitionsHeld("workouts", holds).map(key).sort()).toEqual(held.map(key).sort());
        for (const day of ["2026-11-13", "2026-11-14"])
          for (let bucket = 0; bucket < 100; bucket++) {
            const isHeld = held.some((at) => at.day === day && at.bucket === bucket);
            expect(holds.includes(heldText({ stream: "workouts", day, bucket }))).toBe(isHeld);
            const isBucket = held.some((at) => at.bucket === bucket);
            expect(holds.includes(heldBucketText(bucket))).toBe(isBucket);
          }
      }),
    );
  });
});

describe("a message", () => {
  const other = change({ seq: 2, day: "2026-11-15" });

  test("is one change, or all that came of one call", () => {
    expect(parseMessage(change())).toEqual([change()]);
    expect(parseMessage([change(), other])).toEqual([change(), other]);
  });

  test.each([
    ["nothing at all", []],
    ["of two ledgers", [change(), change({ ledger: "workouts/m2" })]],
    ["with one that is no change", [change(), { ...other, day: "never" }]],
    ["within another", [[change()]]],
    ["nothing", null],
  ])("%s is refused", (_, body) => {
    expect(parseMessage(body)).toBeNull();
  });
});

test("backoff doubles from one second and is bounded by a minute", () => {
  expect([1, 2, 3, 4, 5, 6, 7, 8].map(backoff)).toEqual([1, 2, 4, 8, 16, 32, 60, 60]);
  fc.assert(
    fc.property(fc.integer({ min: -5, max: 2 ** 31 }), (attempts) => {
      expect(backoff(attempts)).toBeGreaterThanOrEqual(1);
      expect(backoff(attempts)).toBeLessThanOrEqual(60);
    }),
  );
});
