/** Landing and parking: a batch is one object, and a message is done when all of it is. */
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { type Change, ledgerName } from "../../domain/ports.ts";
import { parkDeadLetters } from "../../workers/archive/dead-letters.ts";
import { land } from "../../workers/archive/landing.ts";
import { retracts } from "../kernel/statements.ts";
import { archiveWorld, ride, together, totalsOf, type World } from "./archive-world.ts";

beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const [ada = "", ben = ""] = together;
const ledgerOf = (world: World, member: string) => world.ledgerAt(ledgerName("workouts", member));
const change = (world: World, member: string, id: string, day: string): Change =>
  ledgerOf(world, member).publish(day, ride(member, id, day, 1000));

async function deliver(
  world: World,
  bodies: readonly unknown[],
  to: typeof land | typeof parkDeadLetters = land,
): Promise<readonly (string | undefined)[]> {
  const outcomes: (string | undefined)[] = bodies.map(() => undefined);
  const batch = world.batchOf(bodies, (what, nth) => {
    outcomes[nth] = outcomes[nth] === undefined ? what : "said twice";
  });
  await to(batch, world.env, world.now);
  return outcomes;
}
const landed = (world: World) => [...world.bucket.objects.keys()];
const rowsOf = (world: World) =>
  world.rows("SELECT object, stream, day, bucket, facts, holds FROM landed");
const settle = async (world: World) => {
  await world.begin("r1", "settle", {});
  await world.goOn();
};

describe("a batch", () => {
  test("is one object and one row, and each ledger hears once of all of it", async () => {
    const world = archiveWorld();
    const [first, second] = [
      change(world, ada, "a1", "2026-10-31"),
      change(world, ada, "a2", "2026-11-01"),
    ];
    const third = change(world, ada, "a3", "2026-11-02");
    const other = change(world, ben, "b1", "2026-11-01");
    expect(await deliver(world, [[first, second], other, [third]])).toEqual(["ack", "ack", "ack"]);
    const [object] = landed(world);
    expect(landed(world)).toEqual([object]);
    expect(rowsOf(world)).toEqual([
      {
        ...{ object, stream: "workouts", day: null, bucket: null, facts: 4 },
        holds: '["2026-10-31/03","2026-11-01/03","2026-11-02/03"]',
      },
    ]);
    expect(world.rows("SELECT day, bucket FROM dirty")).toEqual(
      ["2026-10-31", "2026-11-01", "2026-11-02"].map((day) => ({ day, bucket: 3 })),
    );
    expect(ledgerOf(world, ada).heard).toEqual([{ how: "landed", seqs: [1, 2, 3] }]);
    expect(ledgerOf(world, ben).heard).toEqual([{ how: "landed", seqs: [1] }]);
  });

  test("of two streams is an object of each", async () => {
    const world = archiveWorld();
    const sample = world
      .ledgerAt(ledgerName("samples", ada))
      .publish("2026-11-01", retracts("s1", 1));
    const outcomes = await deliver(world, [change(world, ada, "a1", "2026-11-01"), [sample]]);
    expect(outcomes).toEqual(["ack", "ack"]);
    expect(rowsOf(world).map(({ stream }) => stream)).toEqual(["samples", "workouts"]);
  });

  test("comes again whole when it could not be stored, and counts once", async () => {
    for (const nth of [1, 2, 3, 4])
      for (const when of ["before", "after"] as const) {
        const world = archiveWorld();
        const message = [
          change(world, ada, "a1", "2026-10-31"),
          change(world, ada, "a2", "2026-11-01"),
        ];
        world.crashAt({ nth, when });
        const outcomes = await deliver(world, [message]);
        world.crashAt(null);
        const isDone = outcomes[0] === "ack";
        expect(ledgerOf(world, ada).heard.length > 0 || !isDone, `${when} ${nth}`).toBe(true);
        if (!isDone) expect(await deliver(world, [message])).toEqual(["ack"]);
        world.pass(11 * 60_000);
        await settle(world);
        expect(totalsOf(world)["count all all"], `${when} ${nth}`).toBe(2);
        expect(landed(world).filter((name) => name.startsWith("land/"))).toEqual([]);
        world.warehouse.raw.close();
      }
  });
});

describe("a message", () => {
  test("is done when its ledger was told, whatever becomes of others", async () => {
    const world = archiveWorld();
    const mine = [change(world, ada, "a1", "2026-10-31"), change(world, ben, "b1", "2026-11-01")];
    ledgerOf(world, ada).isDeaf = true;
    expect(await deliver(world, mine)).toEqual(["retry", "ack"]);
  });

  test("of which one is no change comes again whole, and nothing of it lands", async () => {
    const world = archiveWorld();
    const [good, other] = [
      change(world, ada, "a1", "2026-10-31"),
      change(world, ben, "b1", "2026-11-01"),
    ];
    const bad = { ...change(world, ada, "a2", "2026-10-31"), bucket: "none" };
    expect(await deliver(world, [[good, bad], other, []])).toEqual(["retry", "ack", "retry"]);
    expect(rowsOf(world).map(({ facts }) => facts)).toEqual([1]);
    expect(ledgerOf(world, ada).heard).toEqual([]);
  });
});

describe("a dead letter", () => {
  const parked = (world: World) =>
    world.rows("SELECT ledger, seq, day, reason FROM parked_change ORDER BY ledger, seq");

  test("parks each of its changes, and its ledger hears once", async () => {
    const world = archiveWorld();
    const name = `workouts/${ada}`;
    const good = change(world, ada, "a1", "2026-10-31");
    const bad = { ...change(world, ada, "a2", "2026-11-01"), bucket: "none" };
    for (let n = 0; n < 2; n++)
      expect(await deliver(world, [[good, bad, "nothing"]], parkDeadLetters)).toEqual(["ack"]);
    expect(parked(world)).toEqual([
      { ledger: "?", seq: expect.any(Number), day: null, reason: "malformed" },
      { ledger: name, seq: 1, day: "2026-10-31", reason: "kept-failing" },
      { ledger: name, seq: 2, day: null, reason: "malformed" },
    ]);
    const once = { how: "parked", seqs: [1, 2] };
    expect(ledgerOf(world, ada).heard).toEqual([once, once]);
  });

  test("of several that nobody can read keeps each of them", async () => {
    const world = archiveWorld();
    await deliver(world, [["x", "y"], "z", [], null], parkDeadLetters);
    expect(world.rows("SELECT body FROM parked_change ORDER BY body").map((r) => r.body)).toEqual([
      '"x"',
      '"y"',
      '"z"',
      "null",
    ]);
  });

  test("of the forgotten is kept nowhere, and counts as landed", async () => {
    const world = archiveWorld();
    world.warehouse.raw.exec(`INSERT INTO forgotten_ledger VALUES ('workouts/${ada}', 0)`);
    const message = [
      change(world, ada, "a1", "2026-10-31"),
      change(world, ada, "a2", "2026-11-01"),
    ];
    expect(await deliver(world, [message], parkDeadLetters)).toEqual(["ack"]);
    expect(parked(world)).toEqual([]);
    expect(ledgerOf(world, ada).heard).toEqual([{ how: "landed", seqs: [1, 2] }]);
  });
});
