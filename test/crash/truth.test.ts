/** The judge of `npm run crash`, over made-up ledgers: what it is there to find, it finds. */
import { describe, expect, it } from "vitest";
import type { HeldFact } from "./held.ts";
import { ClientRecord, type Saying } from "./record.ts";
import { saleContent, saleFact } from "./sales-door.ts";
import { countsOf, judge } from "./truth.ts";

const day = "2026-11-20";
const lines = [{ sku: "SKU-1", quantity: 1, amountMinor: 500 }];
const saying = (id: string, rank: number, isGone = false): Saying => ({
  ...{ stream: "sales", fact: saleFact(id), rank, day },
  content: isGone ? null : saleContent(rank, day, "store 1", lines),
  counts: isGone ? [] : [{ measure: "sales", key: "all", n: 1 }],
});
const held = (id: string, revision: number, under = id): HeldFact => ({
  ...{ id: under, revision, days: [day] },
  body: { references: [id], revision, businessDay: day, store: "store 1", lines },
});

/** What was answered, and what was cut. */
function judged(answered: readonly Saying[], cut: readonly Saying[], facts: readonly HeldFact[]) {
  const record = new ClientRecord();
  for (const said of [...answered, ...cut]) record.say(said);
  for (const said of answered) record.acknowledge(said);
  const { lost, doubled, invented, standing } = judge(record, "sales", facts);
  return {
    found: [lost.length, doubled.length, invented.length],
    sales: countsOf(standing).totals.get("all all sales") ?? 0,
  };
}

describe("the judge of crash runs", () => {
  it("finds what was answered and is not there, or stands as it was before", () => {
    expect(judged([saying("a", 1)], [], []).found).toEqual([1, 0, 0]);
    expect(judged([saying("a", 1), saying("a", 2)], [], [held("a", 1)]).found).toEqual([1, 0, 0]);
    expect(judged([saying("a", 1), saying("a", 2, true)], [], [held("a", 1)]).found).toEqual([
      1, 0, 0,
    ]);
  });

  it("finds what is there twice, or was never said", () => {
    const twice = [held("a", 1), held("a", 1, "another")];
    expect(judged([saying("a", 1)], [], twice).found).toEqual([0, 1, 0]);
    expect(judged([], [], [held("b", 1)]).found).toEqual([0, 0, 1]);
    expect(judged([saying("a", 1)], [], [held("a", 3)]).found).toEqual([1, 0, 1]);
  });

  it("takes what was cut for whole or for nothing, and counts what stands", () => {
    const cut = [saying("a", 2)];
    expect(judged([saying("a", 1)], cut, [held("a", 1)])).toEqual({ found: [0, 0, 0], sales: 1 });
    expect(judged([saying("a", 1)], cut, [held("a", 2)])).toEqual({ found: [0, 0, 0], sales: 1 });
    expect(judged([], [saying("b", 1)], [])).toEqual({ found: [0, 0, 0], sales: 0 });
    const gone = [saying("a", 2, true)];
    expect(judged([saying("a", 1)], gone, [])).toEqual({ found: [0, 0, 0], sales: 0 });
  });
});
