import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConnectionId, MemberId } from "../../domain/identity.ts";
import { sales } from "../../domain/sales/stream.ts";
import { shardOf } from "../../domain/shards.ts";
import { workoutSeal } from "../../domain/workouts/schema.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import { accept, type BadItem, columnOf, type Origin } from "../../kernel/accept.ts";
import type { Draft } from "../../providers/provider.ts";
import { hour, morning } from "../domain/workouts/facts.ts";
import { type Fault, MemoryWorld } from "./memory-world.ts";

const origin: Origin = {
  member: "mem_1" as MemberId,
  connection: "con_1" as ConnectionId,
  provider: "garmin",
  account: "hash-of-an-account",
};

type FullDraft = Extract<Draft, { raw: object }>;
const fields = {
  at: morning,
  type: "cycling",
  elapsedMs: hour,
  movingMs: null,
  distanceMm: 20_000_000,
  energyMcal: null,
  elevationGainMm: null,
  offsetMin: 60,
  method: "device",
  deviceModel: "Edge 540",
  app: null,
};
const draft = (change: Partial<FullDraft> = {}, more: object = {}): FullDraft => ({
  sourceId: "source-1",
  revision: 1,
  fields: { ...fields, ...more },
  copyOf: null,
  raw: { column: "raw", text: '{"as":"it came"}' },
  ...change,
});
const retraction = (sourceId: string, revision: number): Draft => ({
  sourceId,
  revision,
  retracted: true,
});
const send = (world: MemoryWorld, drafts: readonly Draft[], bad: readonly BadItem[] = []) =>
  accept(world.ports, workouts, origin, drafts, bad, (index) => {
    const draft = drafts[index];
    return draft !== undefined && "raw" in draft ? draft.raw.text : "";
  });
const steps = (world: MemoryWorld) => world.calls.filter((name) => name !== "digest");

describe("accepting", () => {
  test("numbers, seals, parks and only then records", async () => {
    const world = new MemoryWorld();
    const bad = [{ reason: "no-start", body: "{}" }];
    expect(await send(world, [draft({ revision: null })], bad)).toEqual(["new"]);
    expect(steps(world)).toEqual(["number", "seal", "park", "record"]);
    expect(world.calls.indexOf("digest")).toBe(0);
  });

  test("asks for nothing that there is no need for", async () => {
    const world = new MemoryWorld();
    expect(await send(world, [])).toEqual([]);
    expect(world.calls).toEqual([]);
    expect(await send(world, [retraction("source-1", 2)])).toEqual(["retracted"]);
    expect(steps(world)).toEqual(["record"]);
  });

  test("answers one outcome a draft, in their order", async () => {
    const world = new MemoryWorld();
    await send(world, [draft()]);
    const outcomes = await send(world, [
      draft({ sourceId: "source-2" }),
      draft({ sourceId: "source-3" }, { elapsedMs: -1 }),
      draft(),
      draft({ revision: 2 }, { distanceMm: 1 }),
      draft({ revision: 1 }),
      retraction("source-2", 5),
    ]);
    expect(outcomes).toEqual(["new", "unreadable", "duplicate", "corrected", "older", "retracted"]);
  });

  test("records nothing of a member whom the vault has forgotten", async () => {
    const world = new MemoryWorld();
    world.forgotten = true;
    const outcomes = await send(world, [draft({ revision: null }), retraction("source-2", 1)]);
    expect(outcomes).toEqual(["forgotten", "forgotten"]);
    expect(steps(world)).toEqual(["number", "seal"]);
    expect(world.toLedger).toEqual([]);
    expect(world.store.everything()).toEqual(new MemoryWorld().store.everything());
  });
});

describe("a draft that cannot be read", () => {
  test.each([
    ["a negative time", { elapsedMs: -1 }],
    ["a year that cannot be", { at: 9e15 }],
    ["half a millimetre", { distanceMm: 0.5 }],
    ["an unheard-of type", { type: "flying" }],
    ["a pulse of a thousand", { heartRate: [{ t: morning, bpm: 1000 }] }],
    ["a clock a day from UTC", { offsetMin: 1440 }],
    ["nothing", { at: undefined }],
  ])("by %s parks as it came and does not sink its batch", async (_name, more) => {
    const world = new MemoryWorld();
    const strange = draft({ sourceId: "s-2", raw: { column: "raw", text: "AS IT CAME" } }, more);
    const outcomes = await send(world, [draft(), strange, draft({ sourceId: "s-3" })]);
    expect(outcomes).toEqual(["new", "unreadable", "new"]);
    expect([...world.parked.values()]).toEqual([
      {
        member: origin.member,
        connection: origin.connection,
        provider: "garmin",
        reason: "out-of-range",
        body: "AS IT CAME",
      },
    ]);
    expect(world.rows.size).toBe(2);
  });

  test("parks as its caller writes it down, by its own place among the drafts", async () => {
    const world = new MemoryWorld();
    const drafts = [draft(), draft({ sourceId: "s-2" }, { at: -1 }), retraction("s-3", 1)];
    const written = (index: number) => `item ${index}`;
    await accept(world.ports, workouts, origin, drafts, [], written);
    expect([...world.parked.values()].map((item) => item.body)).toEqual(["item 1"]);
  });

  test("parks once, however often it is sent", async () => {
    const world = new MemoryWorld();
    for (let i = 0; i < 3; i++)
      await send(world, [draft({}, { at: -1 })], [{ reason: "r", body: "b" }]);
    expect(world.parked.size).toBe(2);
  });
});

describe("restricted fields", () => {
  const canary = "CANARY";
  const secret = fc.string({ maxLength: 8 }).map((s) => `${canary}${s}`);
  const restricted = fc.record(
    {
      originalType: secret,
      title: secret,
      notes: secret,
      deviceName: secret,
      heartRate: fc.constant([{ t: morning, bpm: 199 }]),
      track: fc.constant([{ t: morning, lat: 48.137154, lon: 11.576124 }]),
      [`${canary}field`]: secret,
    },
    { requiredKeys: [] },
  );

  test("never reach the ledger, whichever of them are there", async () => {
    await fc.assert(
      fc.asyncProperty(restricted, secret, secret, async (more, sourceId, text) => {
        const world = new MemoryWorld();
        const copyOf = { provider: "x", sourceId };
        const one = draft({ sourceId, copyOf, raw: { column: "raw", text } }, more);
        expect(await send(world, [one])).toEqual(["new"]);
        const told = world.toLedger.join() + JSON.stringify(world.store.everything());
        expect(told).not.toContain(canary);
        expect(told).not.toMatch(/"bpm"|"lat"|48\.137|hash-of-an-account/);
        for (const statement of JSON.parse(world.toLedger[0] ?? "[]"))
          for (const field of Object.keys(workoutSeal)) expect(statement).not.toHaveProperty(field);
      }),
    );
  });

  test("reach the vault whole, each in its own column, the slice of the body with them", async () => {
    const world = new MemoryWorld();
    const heartRate = [{ t: morning, bpm: 150 }];
    await send(world, [draft({}, { heartRate, title: "Lunch", notes: null })]);
    const [row] = [...world.rows.values()];
    expect(row?.columns).toEqual({
      heart_rate: JSON.stringify(heartRate),
      title: '"Lunch"',
      notes: null,
      source_id: '"source-1"',
      raw: '{"as":"it came"}',
    });
    expect(world.toLedger[0]).toContain(row?.row);
  });

  test("are named by their column", () => {
    expect(["heartRate", "track", "sourceId"].map(columnOf)).toEqual([
      "heart_rate",
      "track",
      "source_id",
    ]);
  });
});

describe("content that its source does not number", () => {
  const revisions = (world: MemoryWorld) =>
    world.toLedger.map((text) => JSON.parse(text)[0]?.revision as number);

  test("gets the same number when it is said again, also after other content", async () => {
    const world = new MemoryWorld();
    const first = draft({ revision: null });
    const second = draft({ revision: null }, { distanceMm: 21_000_000 });
    expect(await send(world, [first])).toEqual(["new"]);
    expect(await send(world, [second])).toEqual(["corrected"]);
    expect(await send(world, [first])).toEqual(["older"]);
    expect(await send(world, [second])).toEqual(["duplicate"]);
    expect(revisions(world)).toEqual([1, 2, 1, 2]);
  });

  test("differs by what is sealed just as by what is open", async () => {
    const world = new MemoryWorld();
    await send(world, [draft({ revision: null }, { title: "Lunch" })]);
    expect(await send(world, [draft({ revision: null }, { title: "Dinner" })])).toEqual([
      "corrected",
    ]);
    expect([...world.rows.values()][0]?.columns.title).toBe('"Dinner"');
  });

  test("keeps its place among drafts that bring a number of their own", async () => {
    const world = new MemoryWorld();
    await send(world, [
      draft({ sourceId: "a", revision: 70 }),
      draft({ sourceId: "b", revision: null }),
      retraction("c", 80),
      draft({ sourceId: "d", revision: null }),
      draft({ sourceId: "e", revision: 90 }),
    ]);
    const told = JSON.parse(world.toLedger[0] ?? "[]") as { revision: number }[];
    expect(told.map((s) => s.revision)).toEqual([70, 1, 80, 1, 90]);
  });
});

describe("a port that fails", () => {
  const drafts: Draft[] = [
    draft({ sourceId: "a", revision: null, copyOf: { provider: "strava", sourceId: "9" } }),
    draft({ sourceId: "b" }, { at: morning + 3 * hour, title: "Lunch" }),
    draft({ sourceId: "c" }, { elapsedMs: 0 }),
    retraction("d", 4),
  ];
  const bad = [{ reason: "no-start", body: '{"strange":true}' }];

  async function untroubled() {
    const world = new MemoryWorld();
    await send(world, drafts, bad);
    return world;
  }

  test("at any call, before or after its effect, rejects; repeating ends in the same state", async () => {
    const { calls, ...calm } = await untroubled();
    const expected = await untroubled().then((world) => world.state());
    expect(calm.rows.size).toBe(2);
    for (const when of ["before", "after"] satisfies Fault["when"][])
      for (let nth = 1; nth <= calls.length; nth++) {
        const world = new MemoryWorld();
        world.fault = { nth, when };
        await expect(send(world, drafts, bad), `call ${nth}, ${when}`).rejects.toThrow();
        world.fault = null;
        const again = await send(world, drafts, bad);
        expect(again).toHaveLength(drafts.length);
        expect(world.state(), `call ${nth}, ${when}`).toEqual(expected);
      }
  });

  test("before the ledger has answered leaves nothing counted", async () => {
    const { calls } = await untroubled();
    const nth = calls.indexOf("record") + 1;
    const world = new MemoryWorld();
    world.fault = { nth, when: "before" };
    await expect(send(world, drafts, bad)).rejects.toThrow();
    expect(world.store.everything()).toEqual(new MemoryWorld().store.everything());
  });
});

describe("what was forgotten", () => {
  const sendTo = (world: MemoryWorld, forgottenToMs: number | null, drafts: readonly Draft[]) =>
    accept(world.ports, workouts, { ...origin, forgottenToMs }, drafts, [], () => "");

  test("is refused before anything of it is numbered, sealed or recorded", async () => {
    const world = new MemoryWorld();
    const drafts = [draft({ revision: null }), draft({ sourceId: "source-2" })];
    expect(await sendTo(world, morning, drafts)).toEqual(["forgotten", "forgotten"]);
    expect(steps(world)).toEqual([]);
    expect(world.calls).toEqual([]);
  });

  test("leaves what happened after it, each outcome in its place", async () => {
    const world = new MemoryWorld();
    const later = draft({ sourceId: "later" }, { at: morning + 1 });
    const drafts = [draft(), later, retraction("source-3", 2)];
    const outcomes = await sendTo(world, morning, drafts);
    expect(outcomes.slice(0, 2)).toEqual(["forgotten", "new"]);
    expect(outcomes[2]).not.toBe("forgotten");
    expect(world.rows.size).toBe(1);
  });

  test("is taken again once it is lifted", async () => {
    expect(await sendTo(new MemoryWorld(), null, [draft()])).toEqual(["new"]);
  });
});

describe("a stream whose ledgers many share", () => {
  const bought = (n: number, revision: number | null = 1): FullDraft => ({
    ...{
      sourceId: `order-${n}`,
      revision,
      copyOf: null,
      person: n % 2 === 0 ? "customer-7" : null,
    },
    fields: {
      ...{ at: morning, store: "9", region: null, businessDay: "2026-11-14", currency: "EUR" },
      lines: [{ kind: "item", sku: "mug", quantity: n, amountMinor: 100 * n }],
      ...{ references: [], cards: [] },
    },
    raw: { column: "raw", text: `{"order":${n}}` },
  });
  const till: Origin = { ...origin, provider: "poslog" };
  const sell = (world: MemoryWorld, drafts: readonly Draft[]) =>
    accept(world.ports, sales, till, drafts, [], () => "");
  const many = Array.from({ length: 40 }, (_, n) => bought(n, n % 3 === 0 ? null : 1));
  const heldIn = ({ stores }: MemoryWorld) =>
    [...stores].flatMap(([shard, store]) =>
      store.changes.map(({ statement: { id } }) => [id, shard] as const),
    );

  test("sends each statement to the ledger of its identity, outcomes in their order", async () => {
    const world = new MemoryWorld(sales);
    expect(await sell(world, many)).toEqual(many.map(() => "new"));
    const held = heldIn(world);
    expect(held).toHaveLength(many.length);
    for (const [id, shard] of held) expect(shard).toBe(shardOf(sales, origin.member, id));
    expect(new Set(held.map(([, shard]) => shard)).size).toBeGreaterThan(8);
    const again = [...many, bought(1, 2), retraction("order-2", 9)];
    expect(await sell(world, again)).toEqual([
      ...many.map(() => "duplicate"),
      "corrected",
      "retracted",
    ]);
  });

  test("names a customer by a digest of their account's own, the same in every sale", async () => {
    const world = new MemoryWorld(sales);
    await sell(world, many);
    const persons = [...world.stores.values()].flatMap((store) =>
      store.changes.map(({ statement }) => ("person" in statement ? statement.person : null)),
    );
    expect(new Set(persons).size).toBe(2);
    expect(JSON.stringify([...world.toLedger, ...world.rows.values()])).not.toContain("customer-7");
  });

  test("interrupted at any call, ends in the same state when all of it is said again", async () => {
    const calm = new MemoryWorld(sales);
    const few = [...many.slice(0, 7), retraction("order-2", 9)];
    await sell(calm, few);
    for (const when of ["before", "after"] satisfies Fault["when"][])
      for (let nth = 1; nth <= calm.calls.length; nth++) {
        const world = new MemoryWorld(sales);
        world.fault = { nth, when };
        await expect(sell(world, few), `call ${nth}, ${when}`).rejects.toThrow();
        world.fault = null;
        await sell(world, few);
        expect(world.state(), `call ${nth}, ${when}`).toEqual(calm.state());
      }
  });

  test("takes back what the vault has of a sale, whichever of the two comes first", async () => {
    for (const order of [
      [bought(2, 1), retraction("order-2", 9)],
      [retraction("order-2", 9), bought(2, 1)],
    ]) {
      const world = new MemoryWorld(sales);
      for (const one of order) await sell(world, [one]);
      await sell(world, [bought(4, 1)]);
      expect([...world.rows.values()].map(({ columns }) => columns.raw)).toEqual(['{"order":4}']);
    }
  });

  test("parks a sale that no message to the archive holds, and takes the longest that one does", async () => {
    const world = new MemoryWorld(sales);
    const of = (n: number, sku: string, lines: number): FullDraft => {
      const { fields: said, ...rest } = bought(n);
      const line = { kind: "item", sku, quantity: 1, amountMinor: 100 };
      return { ...rest, fields: { ...said, lines: Array.from({ length: lines }, () => line) } };
    };
    expect(await sell(world, [of(1, "mug", 1_900), of(2, "é".repeat(180), 400)])).toEqual([
      "new",
      "unreadable",
    ]);
    expect([...world.parked.values()].map(({ reason }) => reason)).toEqual(["out-of-range"]);
    expect(world.rows.size).toBe(1);
  });
});
