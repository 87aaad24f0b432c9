/**
 * What recording costs: rows read and written, as SQLite counts them and Cloudflare bills them, by
 * the real tables in workerd, until everyone is told and has confirmed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import { fromGoogle, hour, minute } from "../domain/workouts/facts.ts";
import type { LedgerCall, LedgerCost } from "../fakes/ledger-calls.ts";
import { retracts } from "../kernel/statements.ts";
import {
  evening,
  type LoneLedger,
  type LoneLedgers,
  middle,
  mornings,
  startLedgers,
} from "./lone-ledger.ts";

const few = 10;
const many = 10_000;

let ledgers: LoneLedgers;
let small: LoneLedger;
let large: LoneLedger;
beforeAll(async () => {
  ledgers = await startLedgers();
  [small, large] = [ledgers.named("small"), ledgers.named("large")];
  await small.fill(mornings(few));
  await large.fill(mornings(many));
});
afterAll(() => ledgers.end());

/**
 * What one act may read more in the large ledger, where what it needs lies in pages: two rows for
 * each of the pages that are looked into.
 */
const readMore = 50;
/** And write more, when it happens to be the one that spills: a few pages, now and then. */
const spilledMore = 4;
const isOfPages = (query: string) => query.includes(" page ");

/** Both do the same; the large one may not pay more for it. */
async function expectNoDearer(...calls: LedgerCall["calls"]): Promise<void> {
  const [cheap, dear] = [await small.run(calls), await large.run(calls)];
  expect(dear.answers).toEqual(cheap.answers);
  const { read, written, alarms, boards, live, messages, retractions } = dear.cost;
  const { queries: _, read: readFew, written: writtenFew, ...same } = cheap.cost;
  expect({ alarms, boards, live, messages, retractions }).toEqual(same);
  const spilled = rowsOf(dear.cost, isOfPages);
  expect(written - spilled).toBe(writtenFew - rowsOf(cheap.cost, isOfPages));
  expect(spilled).toBeLessThanOrEqual(spilledMore);
  expect(read - readFew).toBeLessThanOrEqual(readMore);
}
const rowsOf = ({ queries }: LedgerCost, which: (query: string) => boolean) =>
  Object.entries(queries).reduce((sum, [query, [, , n]]) => (which(query) ? sum + n : sum), 0);

const copy = {
  ...{ ...evening(0), ...fromGoogle, id: "copy", at: evening(0).at + minute },
} as unknown as OpenFact;
const ride = (changed: object) => ({ ...evening(0), ...changed });

describe(`than a ledger of ${many} workouts one of ${few} is no cheaper, but for pages, for`, () => {
  test("the ledgers being what they are said to be", async () => {
    expect((await small.shown()).resolved).toHaveLength(few);
    expect((await large.shown()).resolved).toHaveLength(many);
  });

  const acts: readonly (readonly [string, unknown])[] = [
    ["recording a new workout", evening(0)],
    ["recording it again", evening(0)],
    ["another source's record of it", copy],
    ["a correction within its day", ride({ revision: 2, elapsedMs: 2 * hour })],
    ["a correction to another day", ride({ revision: 3, at: middle + 2 * msPerDay + 8 * hour })],
    ["a correction to a day nobody knows", ride({ revision: 4, at: middle - 20_000 * msPerDay })],
    ["its return", ride({ revision: 5 })],
    [
      "a workout that lasts for more than a day",
      ride({ id: "long", type: "other", elapsedMs: 30 * hour }),
    ],
    ["that one's retraction", retracts("long", 2)],
    ["a retraction out of a group", retracts(evening(0).id, 9)],
    ["the retraction of a whole workout", retracts("copy", 9)],
    ["the retraction of something unknown", retracts("nobody", 9)],
  ];
  test.each(acts)("%s", (_, statement) => expectNoDearer(["record", [statement]]));

  test("several statements in one batch", async () => {
    const batch: OpenStatement[] = [-2, -1, 1, 2].map(evening);
    await expectNoDearer(["record", batch]);
    await expectNoDearer(["record", batch.map((f) => retracts(f.id, 2))]);
  });

  test("a decision, and taking it back", async () => {
    const sides = [["morning-0"], ["morning-1"]];
    await expectNoDearer(["decide", { id: "decision", decision: "split", sides }]);
    await expectNoDearer(["takeBack", "decision", ["split"]]);
  });

  test("looking one up, by its id and by one that is no more", async () => {
    await expectNoDearer(["find", "w_morning-1"]);
    await expectNoDearer(["find", "w_nobody"]);
    await expectNoDearer(["between", middle, middle + msPerDay]);
  });
});

describe("told, until everyone knows of it and has confirmed", () => {
  const settings = { version: 1, zones: [], onBoards: true };
  const once = { written: 2, alarms: 1, boards: 1, messages: 1, retractions: 0 };
  const opened = async (name: string) => {
    const ledger = ledgers.named(name);
    await ledger.run([["configure", settings]]);
    await ledger.fill(mornings(few));
    return ledger;
  };

  test("a workout costs two rows, an alarm, a row of boards and a message; again, nothing", async () => {
    const ledger = await opened("one");
    expect(await ledger.costOf(evening(0))).toMatchObject(once);
    const nothing = { written: 0, read: 0, alarms: 0, boards: 0, messages: 0, retractions: 0 };
    expect(await ledger.costOf(evening(0))).toMatchObject(nothing);
    const corrected = { ...evening(0), revision: 2, elapsedMs: 2 * hour };
    expect(await ledger.costOf(corrected)).toMatchObject(once);
    // What they score is the same with it and without, and boards are not asked.
    expect(await ledger.costOf(copy)).toMatchObject({ ...once, boards: 0 });
    const gone = await ledger.costOf(retracts(copy.id, 2));
    expect(gone).toMatchObject({ ...once, boards: 0, retractions: 1 });
  });

  test("a batch costs what one does, and the pages that it fills", async () => {
    const ledger = await opened("batch");
    const some = Array.from({ length: 14 }, (_, i) => evening(i));
    const { queries, ...cost } = await ledger.costOf(...some);
    const pages = rowsOf({ ...cost, queries }, isOfPages);
    expect(pages).toBeLessThanOrEqual(4);
    expect(cost).toMatchObject({ ...once, written: 2 + pages });
    const lots = Array.from({ length: 100 }, (_, i) => evening(20 + i));
    const whole = await ledger.costOf(...lots);
    expect(whole).toMatchObject({ ...once, written: expect.any(Number) });
    expect(whole.written).toBeLessThanOrEqual(2 + 12);
  });

  test("workouts that come one by one spill less than a page for every second one", async () => {
    for (const ledger of [await opened("spill"), large]) {
      let pages = 0;
      for (let i = 0; i < 100; i++)
        pages += rowsOf(await ledger.costOf(evening(1000 + i)), isOfPages);
      expect(pages).toBeGreaterThan(0);
      expect(pages).toBeLessThanOrEqual(50);
    }
  });

  test("a number for its content is a row of its own, and none the second time", async () => {
    const ledger = await opened("numbered");
    const ask = ["number", [{ id: "f", content: "c" }]] as const;
    expect((await ledger.run([ask])).cost).toMatchObject({ written: 1, alarms: 0 });
    expect((await ledger.run([ask])).cost).toMatchObject({ written: 0, alarms: 0 });
  });

  test("a ledger that never was is four rows, and none while it is only read", async () => {
    const { cost } = await ledgers.named("never").run([["list", null, 10], ["report"]]);
    expect(cost).toMatchObject({ written: 0, alarms: 0 });
  });
});

describe("in a ledger whose archive is silent", () => {
  const costWith = async (name: string, waiting: number) => {
    const ledger = ledgers.named(name);
    const rides = mornings(waiting);
    for (let i = 0; i < waiting; i += 250)
      await ledger.run([["record", rides.slice(i, i + 250)], ["nudge"]], false);
    const { cost } = await ledger.run([["record", [evening(0)]], ["nudge"]], false);
    return cost;
  };

  test("recording reads no more with 5,000 changes waiting than with 1,000", async () => {
    const [some, lots] = [
      await costWith("waiting-1000", 1000),
      await costWith("waiting-5000", 5000),
    ];
    expect(lots.read).toBeLessThanOrEqual(some.read + readMore);
    expect(lots.written).toBeLessThanOrEqual(some.written + spilledMore);
  });
});
