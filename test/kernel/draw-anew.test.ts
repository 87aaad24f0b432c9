/** Drawing some identities anew: where each stands for itself, and nowhere else. */
import { describe, expect, test } from "vitest";
import type { FactId } from "../../domain/identity.ts";
import { listens } from "../../domain/listens/stream.ts";
import { sales } from "../../domain/sales/stream.ts";
import { samples } from "../../domain/samples/stream.ts";
import { noSettings } from "../../domain/settings.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { drawAnew, record } from "../../kernel/record.ts";
import { openSale } from "../oracle/sale-facts.ts";
import { MemoryStore } from "./memory-store.ts";
import { retracts } from "./statements.ts";

const ids = ["a", "b"] as FactId[];
const held = () => {
  const store = new MemoryStore();
  const all = ["a", "b", "c"].map((id) => openSale({ id }));
  record(store, sales, noSettings, all);
  return { store, bytes: store.resolvedBytes(), changes: store.changes.length };
};
const lost = (store: MemoryStore) => {
  for (const bytes of store.resolvedBytes())
    store.dropResolved(sales.resolve?.id(JSON.parse(bytes)) ?? "");
  expect(store.resolvedBytes()).toEqual([]);
};

describe("identities of a stream whose facts stand for themselves", () => {
  test("come to what they came to, they alone, and nothing of them is published", () => {
    const { store, bytes, changes } = held();
    lost(store);
    expect(drawAnew(store, sales, noSettings, ids)).toBe(true);
    expect(store.resolvedBytes()).toEqual(bytes.filter((text) => !text.includes('"fact":"c"')));
    expect(store.changes).toHaveLength(changes);
    expect(drawAnew(store, sales, noSettings, ["c"] as FactId[])).toBe(true);
    expect(store.resolvedBytes()).toEqual(bytes);
  });

  test("that are gone, or were never there, come to nothing", () => {
    const { store } = held();
    record(store, sales, noSettings, [retracts("a", 2), retracts("b", 2)]);
    const left = store.resolvedBytes();
    expect(drawAnew(store, sales, noSettings, [...ids, "nobody" as FactId])).toBe(true);
    expect(store.resolvedBytes()).toEqual(left);
  });

  test("move to the day that the settings say now", () => {
    const { store } = held();
    const dated = { ...sales, day: () => "2026-03-20" } as AnyStream;
    expect(drawAnew(store, dated, noSettings, ["a"] as FactId[])).toBe(true);
    expect(store.held("a")?.days).toEqual(["2026-03-13", "2026-03-20"]);
    expect(store.held("b")?.days).toEqual(["2026-03-13"]);
  });
});

test("where others decide with them, sum with them, or the vault resolves, nothing is done", () => {
  const { store, bytes } = held();
  lost(store);
  const { resolve, ...unresolved } = sales;
  expect(resolve).toBeDefined();
  const streams = [listens, workouts, samples, { ...sales, ranked: true }, unresolved];
  for (const stream of streams as AnyStream[])
    expect(drawAnew(store, stream, noSettings, ids), stream.name).toBe(false);
  expect(store.resolvedBytes()).toEqual([]);
  expect(bytes).not.toEqual([]);
});

describe("what is watched", () => {
  const watching = (at: (id: string, atMs: number) => void) => {
    class Watched extends MemoryStore {
      override enqueueLive(id: string, atMs: number, watches: readonly string[]): void {
        at(id, atMs);
        super.enqueueLive(id, atMs, watches);
      }
    }
    return new Watched();
  };

  test("is told at the later of the times that a thing had and has, once", () => {
    const told: [string, number][] = [];
    const store = watching((id, atMs) => told.push([id, atMs]));
    const first = openSale({ id: "a" });
    record(store, sales, noSettings, [first]);
    const lines = told.length;
    expect(told.every(([, atMs]) => atMs === first.at)).toBe(true);
    record(store, sales, noSettings, [{ ...first, revision: 2, at: first.at - 5000 }]);
    expect(told.slice(lines).map(([, atMs]) => atMs)).toEqual(new Array(lines).fill(first.at));
    record(store, sales, noSettings, [{ ...first, revision: 3, at: first.at + 5000 }]);
    expect(told.slice(2 * lines).map(([, atMs]) => atMs)).toEqual(
      new Array(lines).fill(first.at + 5000),
    );
    record(store, sales, noSettings, [retracts("a", 4)]);
    expect(told.slice(3 * lines).map(([, atMs]) => atMs)).toEqual(
      new Array(lines).fill(first.at + 5000),
    );
  });

  test("is all that it was and all that it is, each once", () => {
    const store = new MemoryStore();
    const first = openSale({ id: "a" });
    const where = { day: "day", other: "other" } as Record<string, string>;
    const watchOf = ({ at }: { at: number }) => (at === first.at ? "day" : "other");
    const live = {
      of: (body: { at: number }) => [
        { watch: where[watchOf(body)], row: {} },
        { watch: "always", row: {} },
      ],
    };
    const watched = { ...sales, live } as unknown as AnyStream;
    const lineIds = () => [...store.watched.keys()];
    record(store, watched, noSettings, [first]);
    const [line = ""] = lineIds();
    expect(store.watched.get(line)).toEqual(["day", "always"]);
    store.watched.clear();
    record(store, watched, noSettings, [{ ...first, revision: 2, at: first.at + 5000 }]);
    expect(store.watched.get(line)).toEqual(["day", "always", "other"]);
  });

  test("is not told of what nobody can watch, nor of what stayed the same", () => {
    let told = 0;
    const store = watching(() => told++);
    const silent = { ...sales, live: { of: () => [] } } as unknown as AnyStream;
    const { live: _, ...unwatched } = sales;
    for (const stream of [silent, unwatched as AnyStream])
      record(store, stream, noSettings, [openSale({ id: stream === silent ? "a" : "b" })]);
    expect(told).toBe(0);
    const sale = openSale({ id: "c" });
    record(store, sales, noSettings, [sale]);
    const first = told;
    expect(first).toBeGreaterThan(0);
    record(store, sales, noSettings, [{ ...sale, revision: 2 }]);
    expect(told).toBe(first);
  });
});
