import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { IdTable } from "../../../domain/boards/id-table.ts";
import { shardOf } from "../../../domain/boards.ts";
import { anyText } from "./any-scores.ts";

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);

describe("a table of ids", () => {
  test("gives each id one number and gives the id back for it", () => {
    fc.assert(
      fc.property(fc.array(anyText, { maxLength: 300 }), (ids) => {
        const table = new IdTable();
        const numbers = new Map(ids.map((id) => [id, table.numberOf(id)]));
        expect(new Set(numbers.values()).size).toBe(numbers.size);
        expect(table.size).toBe(numbers.size);
        for (const [id, number] of numbers) {
          expect(table.numberOf(id)).toBe(number);
          expect(table.idOf(number)).toBe(id);
        }
      }),
    );
  });

  test("orders ids as texts are compared, held or not", () => {
    fc.assert(
      fc.property(anyText, anyText, (a, b) => {
        const table = new IdTable();
        const [one, other] = [table.numberOf(a), table.numberOf(b)];
        expect(Math.sign(table.order(one, other)) + 0).toBe(order(a, b));
        expect(Math.sign(table.orderBeside(one, b)) + 0).toBe(order(a, b));
      }),
      { numRuns: 1000 },
    );
  });

  test("holds ids of any length, and fifty thousand of one shard", () => {
    const table = new IdTable();
    const long = ["", "x".repeat(127), "x".repeat(128), "é".repeat(70_000), "x".repeat(300_000)];
    const topology = { generation: 5, shards: 16 };
    const ids = [...long];
    for (let i = 0; ids.length < 50_000; i++)
      if (shardOf(`m_${i}`, topology) === 3) ids.push(`m_${i}`);
    const numbers = ids.map((id) => table.numberOf(id));
    expect(table.size).toBe(ids.length);
    expect(numbers.map((number) => table.idOf(number))).toEqual(ids);
    expect(ids.map((id) => table.numberOf(id))).toEqual(numbers);
  });
});
