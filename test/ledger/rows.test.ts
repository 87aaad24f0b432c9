/**
 * What recording costs: rows read and written, as SQLite counts them and Cloudflare bills them, by
 * the real tables in workerd, until everyone is told and has confirmed.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { OpenStatement } from "../../domain/ports.ts";
import { msPerDay } from "../../domain/time.ts";
import { fromGoogle, hour, minute } from "../domain/workouts/facts.ts";
import type { LedgerCall } from "../fakes/ledger-calls.ts";
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

/** Both do the same; the large one may not pay more for it. */
async function expectNoDearer(...calls: LedgerCall["calls"]): Promise<void> {
  const [cheap, dear] = [await small.run(calls), await large.run(calls)];
  expect(dear.answers).toEqual(cheap.answers);
  const dearer = Object.entries(dear.cost.queries).filter(([query, [, read, written]]) => {
    const [, readMost, writtenMost] = cheap.cost.queries[query] ?? [0, 0, 0];
    return read > readMost || written > writtenMost;
  });
  expect(dearer).toEqual([]);
  expect(dear.cost.read).toBeLessThanOrEqual(cheap.cost.read);
  expect(dear.cost.written).toBeLessThanOrEqual(cheap.cost.written);
}

const copy = { ...evening(0), ...fromGoogle, id: "copy", at: evening(0).at + minute };
const ride = (changed: object) => ({ ...evening(0), ...changed });

describe(`in a ledger of ${many} workouts no row more than in one of ${few} is read or written by`, () => {
  test("the ledgers being what they are said to be", async () => {
    const count = "SELECT count(*) AS n FROM resolved";
    expect(await small.ask("rows", count)).toEqual([{ n: few }]);
    expect(await large.ask("rows", count)).toEqual([{ n: many }]);
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
    expect(lots.read).toBeLessThanOrEqual(some.read);
    expect(lots.written).toBeLessThanOrEqual(some.written);
  });
});
