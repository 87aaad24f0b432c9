/**
 * Listens in the archive, by its real landing and runs: they count in the month in which they were
 * heard, once however often and by whomever they are told, and where a better clock says they were.
 */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import type { ListenFact } from "../../domain/listens/schema.ts";
import { listens } from "../../domain/listens/stream.ts";
import { bucketOf, type Change, ledgerName, type OpenStatement } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { keyParts } from "../../domain/total-key.ts";
import { record } from "../../kernel/record.ts";
import { MemoryStore } from "../kernel/memory-store.ts";
import { listen } from "../oracle/listen-facts.ts";
import { archiveWorld, storedIn, together, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = ""] = together;
const second = 1000;
const march = (day: number, h = 12, m = 0, s = 0) => Date.UTC(2026, 2, day, h, m, s);

/** Listeners, each with a ledger that publishes to the archive. */
function listeners() {
  const world = archiveWorld();
  const stores = new Map<string, MemoryStore>();
  let runs = 0;
  return {
    world,
    /** Recorded by that listener's ledger, and landed. */
    async tell(listener: string, ...facts: readonly (ListenFact | OpenStatement)[]) {
      const store = stores.get(listener) ?? new MemoryStore();
      stores.set(listener, store);
      const from = store.changes.length;
      record(store, listens, noSettings, facts as unknown as OpenStatement[]);
      await world.arrive(
        store.changes.slice(from).map(
          ({ day, statement }, i): Change => ({
            ...{ ledger: ledgerName(listens.name, listener), seq: from + i + 1, day, statement },
            ...{ stream: listens.name, bucket: bucketOf(listener, listens.buckets) },
          }),
        ),
      );
    },
    async settle() {
      await world.begin(`r${++runs}`, "settle", {});
      await world.goOn();
    },
  };
}

/** "period measure artist|track|territory" → n. */
function totalsOf(world: World): Record<string, number> {
  const rows = world.rows(
    "SELECT measure, key, period, n FROM total WHERE stream = 'listens' AND n <> 0 ORDER BY period",
  );
  const named = rows.map(({ measure, key, period, n }): [string, number] => [
    `${period} ${measure} ${keyParts(String(key)).join("|")}`,
    Number(n),
  ]);
  return Object.fromEntries(named);
}
const daysOf = (world: World) =>
  Object.fromEntries(
    world
      .rows("SELECT day, sum(n) AS n FROM part WHERE measure = 'listens' GROUP BY day ORDER BY day")
      .map(({ day, n }) => [String(day), Number(n)]),
  );

describe("listens of March", () => {
  test("that are delivered in April, when March was settled, are March's", async () => {
    const { world, tell, settle } = listeners();
    await tell(ada, listen({ id: "a1", at: march(30), territory: "DE" }));
    await settle();
    await tell(ada, listen({ id: "b1", at: Date.UTC(2026, 3, 2), territory: "DE" }));
    await tell(ada, listen({ id: "a2", at: march(31, 23, 59, 59), territory: "DE" }));
    await tell(ben, listen({ id: "a3", at: march(1, 0, 0, 0), territory: "DE" }));
    await settle();
    expect(totalsOf(world)).toMatchObject({
      "2026-03 listens ada|engine|DE": 3,
      "2026-03 qualified ada|engine|DE": 3,
      "2026-04 listens ada|engine|DE": 1,
    });
  });

  test("are the same to the byte when a client sends everything twice for a week", async () => {
    const { world, tell, settle } = listeners();
    const week = Array.from({ length: 40 }, (_, n) =>
      listen({ id: `a${n}`, at: march(1 + (n % 7), n % 24, n), track: `Track ${n % 5}` }),
    );
    await tell(ada, ...week);
    await settle();
    const before = [totalsOf(world), storedIn(world)];
    for (const fact of week) await tell(ada, fact, fact);
    await tell(ada, ...week, ...week);
    await settle();
    expect([totalsOf(world), storedIn(world)]).toEqual(before);
  });
});

describe("one play that two sources tell", () => {
  const rough = listen({
    ...{ id: "rough", connection: "account", precisionMs: 60 * second },
    ...{ at: march(31, 23, 59, 0), playedMs: 200 * second },
  });
  const exact = listen({ id: "exact", connection: "phone", at: Date.UTC(2026, 3, 1, 0, 0, 20) });

  test("in different nights moves to the day that the finer clock says", async () => {
    const { world, tell, settle } = listeners();
    await tell(ada, rough);
    await settle();
    expect(daysOf(world)).toEqual({ "2026-03-31": 1 });
    await tell(ada, exact);
    await settle();
    expect(daysOf(world)).toEqual({ "2026-04-01": 1 });
    expect(totalsOf(world)).not.toHaveProperty("2026-03 listens ada|engine|ZZ");
    await tell(ada, { id: exact.id, revision: exact.revision + 1, retracted: true });
    await settle();
    expect(daysOf(world)).toEqual({ "2026-03-31": 1 });
  });

  test("comes to the same conclusions in either order, settled in between or not", async () => {
    const [one, other, both] = [listeners(), listeners(), listeners()];
    await one.tell(ada, rough);
    await one.settle();
    await one.tell(ada, exact);
    await other.tell(ada, exact);
    await other.settle();
    await other.tell(ada, rough);
    await both.tell(ada, rough, exact);
    const bytes = [];
    for (const { world, settle } of [one, other, both]) {
      await settle();
      bytes.push(daysOf(world), totalsOf(world));
    }
    expect(bytes.slice(2, 4)).toEqual(bytes.slice(0, 2));
    expect(bytes.slice(4, 6)).toEqual(bytes.slice(0, 2));
  });

  test("of two listeners are two", async () => {
    const { world, tell, settle } = listeners();
    await tell(ada, exact);
    await tell(ben, listen({ id: "bens", connection: "bens", at: exact.at }));
    await settle();
    expect(daysOf(world)).toEqual({ "2026-04-01": 2 });
  });
});

describe("what qualifies", () => {
  test("is thirty seconds, half of a track up to four minutes, or what nobody says otherwise", async () => {
    const { world, tell, settle } = listeners();
    const said = [
      { playedMs: 29_999 },
      { playedMs: 30_000 },
      { durationMs: 59_000 },
      { durationMs: 60_000 },
      { durationMs: 3_000_000 },
      { durationMs: 20_000, playedMs: 30_000 },
      {},
    ];
    const facts = said.map((more, n) =>
      listen({ id: `a${n}`, at: march(3, n), track: `Track ${n}`, ...more }),
    );
    await tell(ada, ...facts);
    await settle();
    const qualified = Object.keys(totalsOf(world)).filter((k) => k.startsWith("all qualified"));
    expect(qualified.map((name) => /track (\d)/.exec(name)?.[1]).sort()).toEqual([..."13456"]);
  });
});
