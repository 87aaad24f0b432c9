/**
 * Sales in their ledgers: whatever order they come in, however often, in calls of any size, they come
 * to the same bytes; and what changed of a sale goes to every day that it was ever published under.
 */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { FactId, MemberId } from "../../domain/identity.ts";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import type { ResolvedLine } from "../../domain/sales/resolved.ts";
import type { SaleLine } from "../../domain/sales/schema.ts";
import { merchantWatch, sales } from "../../domain/sales/stream.ts";
import { noSettings } from "../../domain/settings.ts";
import { shardOf } from "../../domain/shards.ts";
import { isRetraction } from "../../domain/stream.ts";
import { record } from "../../kernel/record.ts";
import { chanceOf } from "../oracle/chance.ts";
import { item, openSale } from "../oracle/sale-facts.ts";
import { MemoryStore } from "./memory-store.ts";
import { retracts } from "./statements.ts";

function told(batches: readonly (readonly OpenStatement[])[]): MemoryStore {
  const store = new MemoryStore();
  for (const batch of batches) record(store, sales, noSettings, batch);
  return store;
}
const linesOf = (store: MemoryStore) =>
  store.resolvedBytes().map((bytes) => JSON.parse(bytes) as ResolvedLine);
const sumOf = (store: MemoryStore) =>
  linesOf(store).reduce((sum, { amountMinor }) => sum + amountMinor, 0);

/** What the archive would hold: of each day and identity what was published last. */
function published(store: MemoryStore): Record<string, OpenStatement> {
  const entries = store.changes.map(({ day, statement }) => [`${day} ${statement.id}`, statement]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

const line = fc
  .tuple(fc.constantFrom("mug", "cup", "POST"), fc.integer({ min: -3, max: 3 }), fc.nat(500))
  .map(([sku, n, price]) => item(sku, n, n * price));
/** Of one identity and revision there is one content. */
const statements = fc
  .uniqueArray(
    fc.record({
      id: fc.constantFrom(..."abcdef"),
      revision: fc.integer({ min: 1, max: 5 }),
      isGone: fc.constantFrom(false, false, false, true),
      businessDay: fc.constantFrom("2026-03-12", "2026-03-13", "2026-03-16"),
      hour: fc.integer({ min: -80, max: 80 }),
      lines: fc.array(line, { maxLength: 4 }),
    }),
    { selector: ({ id, revision }) => `${id} ${revision}`, minLength: 1, maxLength: 18 },
  )
  .map((list) =>
    list.map(({ id, revision, isGone, businessDay, hour, lines }): OpenStatement => {
      const at = Date.UTC(2026, 2, 13) + hour * 3_600_000;
      return isGone ? retracts(id, revision) : openSale({ id, revision, businessDay, at, lines });
    }),
  );

describe("a ledger of sales", () => {
  test("holds the same bytes in any order, any repetition, any cut", () => {
    fc.assert(
      fc.property(statements, fc.integer(), (list, seed) => {
        const chance = chanceOf(seed);
        const mixed = chance.shuffled([...list, ...list.filter(() => chance.in100(50))]);
        const batches: OpenStatement[][] = [];
        while (mixed.length > 0) batches.push(mixed.splice(0, chance.whole(1, 5)));
        const [one, other] = [told([list]), told(batches)];
        expect(other.resolvedBytes()).toEqual(one.resolvedBytes());
        const standing = (store: MemoryStore) =>
          Object.entries(published(store)).filter(([, s]) => !isRetraction(s));
        expect(standing(other)).toEqual(standing(one));
        for (const [place, statement] of standing(one))
          expect(place.startsWith(String((statement as OpenFact).businessDay))).toBe(true);
      }),
    );
  });

  test("counts each line, also those that say the same, and a sale without any", () => {
    const twice = openSale({ id: "a", lines: [item("mug", 1, 500), item("mug", 1, 500)] });
    const store = told([[twice, openSale({ id: "b", lines: [] })]]);
    expect(linesOf(store)).toHaveLength(3);
    expect(sumOf(store)).toBe(1000);
    expect(linesOf(store).map(({ fact, sales }) => [fact, sales])).toEqual([
      ["a", 1],
      ["a", 0],
      ["b", 0],
    ]);
  });

  test("takes a refund and a cancellation as what the whole sale is now", () => {
    const bought = openSale({ id: "a", lines: [item("mug", 2, 1990), item("cup", 1, 700)] });
    const back = item("cup", -1, -700);
    const refunded = { ...bought, revision: 2, lines: [...(bought.lines as object[]), back] };
    for (const batches of [
      [[bought], [refunded]],
      [[refunded], [bought]],
      [[refunded, bought, refunded]],
    ])
      expect(sumOf(told(batches))).toBe(1990);
    const none = { ...bought, revision: 3, lines: [item("mug", 0, 0)] };
    expect(sumOf(told([[none], [refunded, bought]]))).toBe(0);
    expect(linesOf(told([[none], [bought]]))).toHaveLength(1);
  });

  test("leaves the old business day when an order moves to another", () => {
    const first = openSale({ id: "a" });
    const moved = { ...first, revision: 2, businessDay: "2026-03-16" };
    const store = told([[first], [moved]]);
    expect(published(store)).toEqual({
      "2026-03-13 a": retracts("a", 2),
      "2026-03-16 a": moved,
    });
    expect(told([[moved], [first]]).changes).toEqual([{ day: "2026-03-16", statement: moved }]);
  });

  test("keeps no boards and folds no two sales, whatever they share", () => {
    const store = told([[openSale({ id: "a" }), openSale({ id: "b" })]]);
    expect(linesOf(store)).toHaveLength(2);
    expect(store.totals()).toEqual({});
  });
});

describe("a sale", () => {
  const paid = (amountMinor: number): SaleLine => ({
    ...{ kind: "payment", sku: null, quantity: 0, amountMinor },
  });
  const post: SaleLine = { kind: "shipping", sku: null, quantity: 1, amountMinor: 495 };
  const back = ({ quantity, amountMinor, ...of }: SaleLine): SaleLine => ({
    ...{ ...of, quantity: -quantity, amountMinor: -amountMinor },
  });
  const mugs = item("mug", 2, 1990);
  const cases: Readonly<Record<string, readonly [number, readonly SaleLine[]]>> = {
    "of an article": [1, [mugs]],
    "of an article for nothing": [1, [item("mug", 1, 0)]],
    "without lines": [0, []],
    "of nothing": [0, [item("mug", 0, 0)]],
    "cancelled, its lines and their opposites": [0, [mugs, post, back(mugs), back(post)]],
    "cancelled, and paid back": [0, [paid(1990), mugs, back(mugs), paid(-1990)]],
    "that came back in part": [1, [mugs, post, back(mugs)]],
    "that came back for less": [1, [mugs, item("mug", -2, -1500)]],
    "exchanged for the same money": [1, [item("mug", -1, -995), item("cup", 1, 995)]],
    "whose shipping is worth what an article is less": [1, [item("mug", 1, -495), post]],
    "whose first line is a payment": [1, [paid(1990), mugs]],
    "that is a payment alone": [0, [paid(1990)]],
  };

  test.each(Object.entries(cases))("%s counts as often", (_, [count, lines]) => {
    const resolved = linesOf(told([[openSale({ id: "a", lines: [...lines] })]]));
    const isFirst = (l: ResolvedLine) => (l.line === 0 ? count : 0);
    expect(resolved.map(({ sales }) => sales)).toEqual(resolved.map(isFirst));
    const counted = sales.measures.find(({ name }) => name === "sales");
    const settled = resolved.flatMap((l) => [...(counted?.of(l, () => ({})) ?? [])]);
    expect(settled.map(([, n]) => n)).toEqual(count === 0 ? [] : [1]);
    const shown = resolved.flatMap((l) => [...(sales.live?.of(l) ?? [])]);
    const merchants = shown.filter(({ watch }) => watch === merchantWatch("mem_shop"));
    const sums = [0, 1, 2].map((i) => merchants.reduce((sum, { n }) => sum + (n[i] ?? 0), 0));
    const sold = lines.filter(({ kind }) => kind !== "payment");
    const all = (of: "quantity" | "amountMinor") => sold.reduce((sum, l) => sum + l[of], 0);
    expect(sums).toEqual([all("quantity"), all("amountMinor"), count]);
  });

  test("that is followed by its opposite never counts, in whatever order its lines are", () => {
    const some = fc.array(
      line.chain((one) => fc.constantFrom(one, post, paid(one.amountMinor))),
      { maxLength: 5 },
    );
    fc.assert(
      fc.property(some, fc.integer(), (lines, seed) => {
        const both = chanceOf(seed).shuffled([...lines, ...lines.map(back)]);
        const taken = linesOf(told([[openSale({ id: "a", lines: both })]]));
        expect(taken.every((l) => l.sales === 0)).toBe(true);
        const more = chanceOf(seed).shuffled([...both, item("jug", 1, 0)]);
        const left = linesOf(told([[openSale({ id: "a", lines: more })]]));
        expect(left.map((l) => l.sales)).toEqual(left.map((l) => (l.line === 0 ? 1 : 0)));
      }),
    );
  });
});

describe("recording a sale", () => {
  class Alone extends MemoryStore {
    override factsIn(): never {
      throw new Error("a sale asked for its neighbours");
    }
  }

  test("reads no other sale, however many there are at that time", () => {
    const store = new Alone();
    const all = ["a", "b", "c"].map((id) => openSale({ id }));
    record(store, sales, noSettings, [...all, { ...(all[0] as OpenFact), revision: 2 }]);
    record(store, sales, noSettings, [retracts("b", 2)]);
    expect(linesOf(store).map(({ fact }) => fact)).toEqual(["a", "c"]);
  });
});

describe("the sixteen ledgers", () => {
  const ids = Array.from({ length: 4000 }, (_, n) => `sale-${n}` as FactId);

  test("each take their part of a shop's sales, by the identity alone", () => {
    const counts = new Map<string, number>();
    for (const id of ids) {
      const shard = shardOf(sales, "mem_a" as MemberId, id);
      expect(shardOf(sales, "mem_b" as MemberId, id)).toBe(shard);
      counts.set(shard, (counts.get(shard) ?? 0) + 1);
    }
    expect(counts.size).toBe(16);
    for (const count of counts.values()) expect(count).toBeGreaterThan(ids.length / 32);
  });
});
