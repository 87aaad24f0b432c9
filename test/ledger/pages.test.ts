/** Entries in rows, beside the plainest model of them: a map, sorted when it is read. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { ordered } from "../../durable-objects/ledger-keys.ts";
import { LedgerState } from "../../durable-objects/ledger-state.ts";
import { objectStorage } from "../fakes/object-storage.ts";

const tables = readFileSync("migrations/ledger/0005_pages.sql", "utf8");

function opened() {
  const disk = objectStorage();
  disk.storage.sql.exec(tables);
  return { disk, wake: () => new LedgerState(disk.storage) };
}
const pagesOf = ({ disk }: ReturnType<typeof opened>) =>
  disk.raw.prepare("SELECT first, body FROM page ORDER BY first").all() as {
    first: string;
    body: string;
  }[];

const keys = fc
  .tuple(fc.constantFrom("a", "c", "i", "t"), fc.nat({ max: 60 }))
  .map(([kind, n]) => `${kind}${n}`);
/** Some fill a page by themselves, some fill the hot row; most are small. */
const values = fc
  .tuple(fc.nat({ max: 9 }), fc.constantFrom(0, 0, 3, 900, 9_000, 30_000, 70_000))
  .map(([n, length]) => `${n}${"-".repeat(length)}`);
const change = fc.oneof(
  { weight: 4, arbitrary: fc.record({ key: keys, value: values }) },
  fc.record({ key: keys, value: fc.constant(null) }),
);
const act = fc.oneof(
  { weight: 6, arbitrary: fc.record({ write: fc.array(change, { maxLength: 12 }) }) },
  fc.record({ fail: fc.array(change, { minLength: 1, maxLength: 5 }) }),
  fc.record({ purge: keys }),
  fc.constant("evict" as const),
  { weight: 1, arbitrary: fc.constant("clear" as const) },
);
const bounds = fc.tuple(keys, keys);

describe("entries", () => {
  test("are what was put, in order, forwards and back, evicted or not, and as before a failure", () =>
    fc.assert(
      fc.property(fc.array(act, { maxLength: 40 }), bounds, (acts, [from, below]) => {
        const at = opened();
        let state = at.wake();
        let model = new Map<string, string>();
        const known = new Set<string>();
        const apply = (
          to: Map<string, string>,
          changes: readonly { key: string; value: string | null }[],
        ) => {
          for (const { key, value } of changes) {
            if (value === null) {
              state.entries.delete(key);
              to.delete(key);
            } else {
              if (known.has(key)) state.entries.put(key, value);
              else state.entries.add(key, value);
              known.add(key);
              to.set(key, value);
            }
            expect(state.entries.get(key)).toBe(value);
          }
        };
        for (const one of acts) {
          if (one === "evict") state = at.wake();
          else if (one === "clear") {
            state.write(() => state.entries.clear());
            model = new Map();
          } else if ("write" in one) state.write(() => apply(model, one.write));
          else if ("purge" in one)
            state.write(() => {
              apply(model, [{ key: one.purge, value: null }]);
              state.entries.purgeAll();
            });
          else {
            const failing = () =>
              state.write(() => {
                apply(new Map(model), one.fail);
                throw new Error("on purpose");
              });
            expect(failing).toThrow("on purpose");
          }
          const sorted = [...model].sort(([a], [b]) => (a < b ? -1 : 1));
          expect([...state.entries.from("", "~")]).toEqual(sorted);
          const within = sorted.filter(([key]) => from <= key && key < below);
          expect([...state.entries.from(from, below)]).toEqual(within);
          expect([...state.entries.back(from, below)]).toEqual(within.toReversed());
        }
        expect([...at.wake().entries.from("", "~")]).toEqual([...state.entries.from("", "~")]);
        at.disk.raw.close();
      }),
      { numRuns: 300 },
    ));

  test("cost one row a transaction, none where nothing changed, and few pages once they are many", () => {
    const at = opened();
    const state = at.wake();
    const put = (n: number) =>
      state.write(() => state.entries.put(`t${ordered(n)}`, `${n}${"-".repeat(2000)}`));
    put(0);
    expect(at.disk.rowsWritten()).toBe(1);
    put(0);
    expect(at.disk.rowsWritten()).toBe(1);
    for (let n = 1; n < 2000; n++) put(n);
    expect(at.disk.rowsWritten()).toBeLessThan(2000 * 1.15);
    const lengths = pagesOf(at).map(({ body }) => body.length);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(64_000);
    // What comes in order fills its pages.
    expect(lengths.length).toBeLessThan((1.1 * 2000 * 2020) / 64_000 + 2);
  });

  test("that come from all over fill pages by half at least, at less than a row each", () => {
    const at = opened();
    const state = at.wake();
    for (let n = 0; n < 3000; n++)
      state.write(() => state.entries.put(`i${(n * 7919) % 3001}`, "x".repeat(150)));
    expect(at.disk.rowsWritten()).toBeLessThan(3000 * 1.2);
    const bodies = pagesOf(at).map(({ body }) => body.length);
    expect(bodies.length).toBeLessThan((2 * 3000 * 160) / 64_000 + 2);
  });

  test("that are purged are in no row any more, nor is what they were before", () => {
    const at = opened();
    const state = at.wake();
    for (let n = 0; n < 100; n++)
      state.write(() => state.entries.put(`t${ordered(n)}`, `old ${n} ${"-".repeat(2000)}`));
    const rows = () =>
      JSON.stringify([pagesOf(at), at.disk.raw.prepare("SELECT body FROM state").all()]);
    expect(rows()).toContain("old 7 ");
    state.write(() => {
      state.entries.delete(`t${ordered(7)}`);
      state.entries.put(`t${ordered(8)}`, "new");
      state.entries.purgeAll();
    });
    expect(rows()).not.toContain("old 7 ");
    expect(rows()).not.toContain("old 8 ");
    expect(rows()).toContain("old 9 ");
  });

  test("that left their place to others long ago are purged with them", () => {
    const at = opened();
    const state = at.wake();
    for (let n = 0; n < 100; n++)
      state.write(() => state.entries.put(`t${ordered(n)}`, `old ${n} ${"-".repeat(2000)}`));
    state.write(() => {
      state.entries.delete(`t${ordered(7)}`);
      state.entries.put(`t${ordered(1007)}`, "moved");
      state.entries.put(`t${ordered(8)}`, "new");
    });
    const woken = at.wake();
    woken.write(() => {
      woken.entries.delete(`t${ordered(1007)}`);
      woken.entries.purgeAll();
    });
    const left = JSON.stringify([pagesOf(at), at.disk.raw.prepare("SELECT body FROM state").all()]);
    for (const gone of ["old 7 ", "old 8 ", "moved"]) expect(left).not.toContain(gone);
    expect(left).toContain("old 9 ");
    expect(at.wake().entries.get(`t${ordered(8)}`)).toBe("new");
  });

  test("have keys of one line", () => {
    const state = opened().wake();
    for (const key of ["a\tb", "a\nb"])
      expect(() => state.write(() => state.entries.put(key, ""))).toThrow("one line");
  });
});

describe("numbers in keys", () => {
  test("are in their order, whatever they are", () => {
    const whole = fc.oneof(fc.maxSafeInteger(), fc.integer({ min: -1000, max: 1000 }));
    fc.assert(
      fc.property(whole, whole, (a, b) => {
        expect(ordered(a) < ordered(b)).toBe(a < b);
        expect(ordered(a).length).toBe(ordered(b).length);
      }),
    );
  });
});

describe("the head", () => {
  test("keeps what a transaction changes, and what was only noted with the next one", () => {
    const at = opened();
    const state = at.wake();
    state.note({ registered: "noted" });
    expect(at.disk.rowsWritten()).toBe(0);
    state.write(() => state.keep({ rules: "kept" }));
    expect(at.wake().head).toMatchObject({ registered: "noted", rules: "kept" });
    state.keep({ rules: "outside" });
    state.write(() => {});
    expect(at.wake().head.rules).toBe("kept");
    state.save();
    expect(at.wake().head.rules).toBe("outside");
    expect(at.disk.rowsWritten()).toBe(2);
    state.save();
    expect(at.disk.rowsWritten()).toBe(2);
  });

  test("gives out no number twice, and none where nobody would write it down", () => {
    const at = opened();
    const state = at.wake();
    expect(state.write(() => [state.nextSeq(), state.nextSeq()])).toEqual([1, 2]);
    const failing = () =>
      state.write(() => {
        state.nextSeq();
        throw new Error("on purpose");
      });
    expect(failing).toThrow("on purpose");
    expect(at.wake().write(() => state.head.seq)).toBe(2);
    expect(() => state.nextSeq()).toThrow("write down");
  });

  test("keeps what it had, and its name, when what it writes fails", () => {
    const { storage } = opened().disk;
    let isFailing = false;
    const exec: typeof storage.sql.exec = (query, ...values) => {
      if (isFailing && query.startsWith("INSERT INTO state")) throw new Error("on purpose");
      return storage.sql.exec(query, ...values);
    };
    const disk = { ...storage, sql: { ...storage.sql, exec } } as typeof storage;
    const state = new LedgerState(disk);
    state.note({ name: "workouts/mem_1" });
    isFailing = true;
    expect(() => state.write(() => state.nextSeq())).toThrow("on purpose");
    expect(state.head).toMatchObject({ name: "workouts/mem_1", seq: 0 });
    isFailing = false;
    const put = (from: number, to: number) => {
      for (let n = from; n < to; n++) state.entries.put(`t${n}`, "-".repeat(8_000));
    };
    state.write(() => put(0, 5));
    put(5, 9);
    isFailing = true;
    expect(() => state.save()).toThrow("on purpose");
    isFailing = false;
    state.write(() => state.nextSeq());
    const left = new LedgerState(disk);
    expect([...left.entries.from("t", "t~")].map(([key]) => key)).toEqual(
      Array.from({ length: 5 }, (_, n) => `t${n}`),
    );
    expect(left.head.name).toBe("workouts/mem_1");
  });
});
