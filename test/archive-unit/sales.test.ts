/**
 * Sales in the archive, by its real landing and runs: a business day is settled as itself, wherever
 * the clock stood; what changes of a sale after its day was closed settles that day anew.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { bucketOf, type Change, ledgerName, type OpenStatement } from "../../domain/ports.ts";
import { sales } from "../../domain/sales/stream.ts";
import { noSettings } from "../../domain/settings.ts";
import { keyParts } from "../../domain/total-key.ts";
import { record } from "../../kernel/record.ts";
import { countRows } from "../fakes/units.ts";
import { MemoryStore } from "../kernel/memory-store.ts";
import { retracts } from "../kernel/statements.ts";
import { chanceOf } from "../oracle/chance.ts";
import { item, openSale } from "../oracle/sale-facts.ts";
import { archiveWorld, storedIn, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const friday = "2026-03-13";
const monday = "2026-03-16";

/** Two ledgers of sales, the archive, and the changes that are on their way from one to the other. */
function shop() {
  const world = archiveWorld();
  const stores = new Map(["s0", "s7"].map((shard) => [shard, new MemoryStore()]));
  const sent = new Map<string, number>();
  const due = (shard: string): Change[] => {
    const from = sent.get(shard) ?? 0;
    const changes = stores.get(shard)?.changes ?? [];
    sent.set(shard, changes.length);
    return changes.slice(from).map(({ day, statement }, i) => ({
      ...{ ledger: ledgerName(sales.name, shard), seq: from + i + 1, stream: sales.name },
      ...{ day, bucket: bucketOf(shard, sales.buckets), statement },
    }));
  };
  let runs = 0;
  return {
    world,
    /** Recorded by a ledger, and landed. */
    async tell(shard: string, ...statements: OpenStatement[]) {
      record(stores.get(shard) as MemoryStore, sales, noSettings, statements);
      await world.arrive(due(shard));
    },
    async settle() {
      await world.begin(`r${++runs}`, "settle", {});
      await world.goOn();
    },
  };
}

/** "day measure store or article" → n. */
function partsOf(world: World): Record<string, number> {
  const rows = world.rows(
    `SELECT day, measure, key, sum(n) AS n FROM part WHERE stream = 'sales'
       AND measure IN ('revenue', 'sales', 'article_units') GROUP BY day, measure, key ORDER BY day`,
  );
  const named = rows.map(({ day, measure, key, n }): [string, number] => [
    `${day} ${measure} ${keyParts(String(key)).slice(1).join(" ")}`,
    Number(n),
  ]);
  return Object.fromEntries(named);
}
const totalOf = (world: World, measure: string, period: string) =>
  world
    .rows(
      `SELECT coalesce(sum(n), 0) AS n FROM total WHERE stream = 'sales' AND measure = '${measure}'
         AND period = '${period}'`,
    )
    .map(({ n }) => Number(n))[0];

describe("a business day", () => {
  test("is what a sale settles under, though its clock stood days away from it", async () => {
    const { world, tell, settle } = shop();
    const at = (day: number) => Date.UTC(2026, 2, day, 2);
    await tell("s0", openSale({ id: "a", at: at(16) }), openSale({ id: "b", at: at(13) }));
    await tell("s7", openSale({ id: "c", at: at(10) }), openSale({ id: "d", at: at(13) }));
    await tell("s7", openSale({ id: "e", at: Date.UTC(1970, 0, 1) }));
    await settle();
    expect(partsOf(world)).toEqual({
      [`${friday} revenue 9 EUR`]: 5 * 1990,
      [`${friday} sales 9 EUR`]: 5,
      [`${friday} article_units 9 EUR mug`]: 10,
    });
    expect(totalOf(world, "revenue", "2026-W11")).toBe(5 * 1990);
    expect(totalOf(world, "revenue", "2026-W12")).toBe(0);
  });

  test("is settled anew when a sale with a strange clock comes, changes and goes after it closed", async () => {
    const { world, tell, settle } = shop();
    const strange = openSale({ id: "a", at: Date.UTC(2026, 2, 16, 2) });
    await tell("s0", openSale({ id: "b" }));
    await settle();
    await tell("s0", strange);
    await settle();
    expect(partsOf(world)[`${friday} revenue 9 EUR`]).toBe(3980);
    await tell("s0", { ...strange, revision: 2, lines: [item("mug", 1, 995)] });
    await settle();
    expect(partsOf(world)[`${friday} revenue 9 EUR`]).toBe(2985);
    await tell("s0", retracts("a", 3));
    await settle();
    expect(partsOf(world)).toMatchObject({
      [`${friday} revenue 9 EUR`]: 1990,
      [`${friday} sales 9 EUR`]: 1,
    });
  });
});

describe("an order", () => {
  test("that is refunded after its day closed settles that day again, and no other", async () => {
    const { world, tell, settle } = shop();
    const bought = openSale({ id: "a", lines: [item("mug", 2, 1990), item("cup", 1, 700)] });
    await tell("s0", bought);
    await tell("s7", openSale({ id: "m", businessDay: monday, at: Date.UTC(2026, 2, 16, 9) }));
    await settle();
    const before = storedIn(world).filter((name) => name.includes(monday));
    expect(before.length).toBeGreaterThan(0);
    await tell("s0", {
      ...{ ...bought, revision: 2 },
      lines: [...(bought.lines as object[]), item("cup", -1, -700)],
    });
    await settle();
    expect(partsOf(world)).toMatchObject({
      [`${friday} revenue 9 EUR`]: 1990,
      [`${friday} sales 9 EUR`]: 1,
      [`${friday} article_units 9 EUR cup`]: 0,
    });
    expect(storedIn(world).filter((name) => name.includes(monday))).toEqual(before);
  });

  test("that moves to another business day leaves the old one without it", async () => {
    const { world, tell, settle } = shop();
    const first = openSale({ id: "a" });
    await tell("s0", first, openSale({ id: "b" }));
    await settle();
    await tell("s0", { ...first, revision: 2, businessDay: monday });
    await settle();
    expect(partsOf(world)).toEqual({
      [`${friday} revenue 9 EUR`]: 1990,
      [`${friday} sales 9 EUR`]: 1,
      [`${friday} article_units 9 EUR mug`]: 2,
      [`${monday} revenue 9 EUR`]: 1990,
      [`${monday} sales 9 EUR`]: 1,
      [`${monday} article_units 9 EUR mug`]: 2,
    });
    await settle();
    expect(totalOf(world, "sales", "2026-03")).toBe(2);
    await tell("s0", { ...first, revision: 3 });
    await settle();
    expect(partsOf(world)).toMatchObject({ [`${friday} sales 9 EUR`]: 2 });
    expect(totalOf(world, "sales", "2026-W12")).toBe(0);
  });
});

describe("how many sales there were", () => {
  test("leaves out what was cancelled or came back whole, until something of it is left again", async () => {
    const { world, tell, settle } = shop();
    const mugs = item("mug", 2, 1990);
    const none = [mugs, item("mug", -2, -1990)];
    await tell("s0", openSale({ id: "a" }), openSale({ id: "b", lines: [] }));
    await tell("s7", openSale({ id: "c", lines: none }));
    await settle();
    expect(totalOf(world, "sales", "all")).toBe(1);
    await tell("s0", openSale({ id: "a", revision: 2, lines: none }));
    await settle();
    expect(totalOf(world, "sales", "all")).toBe(0);
    await tell("s7", openSale({ id: "c", revision: 2, lines: [...none, mugs] }));
    await settle();
    expect(partsOf(world)[`${friday} sales 9 EUR`]).toBe(1);
    expect(totalOf(world, "sales", "all")).toBe(1);
  });
});

describe("a sale that a gateway may name", () => {
  const count = 40;
  const named = (prefix: string, revision = 1) =>
    Array.from({ length: count }, (_, n) =>
      openSale({ id: `${prefix}${n}`, revision, references: [`receipt ${prefix}${n}`] }),
    );

  test("is counted by its days alone: there is no week, month or all time of it", async () => {
    const { world, tell, settle } = shop();
    await tell("s0", ...named("a"));
    await settle();
    const kept = (table: string) =>
      world.rows(`SELECT count(*) AS n FROM ${table} WHERE measure = 'by_reference'`);
    expect(kept("part")).toEqual([{ n: count }]);
    expect(kept("total")).toEqual([{ n: 0 }]);
    expect(totalOf(world, "revenue", "all")).toBe(count * 1990);
  });

  test("costs the warehouse one row each time its day is counted", async () => {
    const rowsOf = async (more: boolean) => {
      const { world, tell, settle } = shop();
      await tell("s0", ...named("a"));
      await settle();
      countRows(world.units, world.warehouse.raw);
      await tell("s0", openSale({ id: "a0", revision: 2 }), ...(more ? named("b") : []));
      await settle();
      return world.units.rows;
    };
    const [few, many] = [await rowsOf(false), await rowsOf(true)];
    const ofStoreAndArticle = ["revenue", "sales", "article_units", "article_revenue"].length;
    expect(few.part).toBe(count + ofStoreAndArticle);
    expect(many).toEqual({ ...few, part: (few.part ?? 0) + count });
  });
});

describe("the archive of a shop", () => {
  test("is the same bytes for whatever order its changes landed in, settled in between or not", async () => {
    const chance = chanceOf(11);
    const days = [friday, monday, "2026-03-14"];
    const told = Array.from({ length: 40 }, (_, n) =>
      openSale({
        ...{ id: `sale-${n % 14}`, revision: n + 1, businessDay: chance.pick(days) },
        at: Date.UTC(2026, 2, chance.whole(9, 20), chance.whole(0, 23)),
        lines: [item(chance.pick(["mug", "cup"]), n, n * 100)],
      }),
    );
    const versionless = (name: string) => name.replace(/\/\d+-/, "/");
    const livedBy = async (seed: number, settlesEvery: number) => {
      const { world, tell, settle } = shop();
      for (const [n, statement] of chanceOf(seed)
        .shuffled([...told, ...told])
        .entries()) {
        await tell("s7", statement);
        if (n % settlesEvery === 0) await settle();
      }
      await settle();
      const resolved = storedIn(world).filter((name) => name.startsWith("resolved/"));
      return { parts: partsOf(world), resolved: resolved.map(versionless) };
    };
    const plain = await livedBy(1, 1000);
    expect(plain.resolved).toHaveLength(3);
    const other = await livedBy(2, 17);
    expect(other.parts).toEqual(plain.parts);
    expect(other.resolved.map((name) => name.split(" ")[1])).toEqual(
      plain.resolved.map((name) => name.split(" ")[1]),
    );
  });
});
