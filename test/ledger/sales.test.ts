/** A ledger of many merchants' sales: one day of it is published again without all the others. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { addDays } from "../../domain/time.ts";
import { timed } from "../../durable-objects/ledger-keys.ts";
import { item, openSale } from "../oracle/sale-facts.ts";
import { type LoneLedger, type LoneLedgers, startLedgers } from "./lone-ledger.ts";

const day = "2026-03-13";
const perDay = 20;
/** `days` before it. */
const sold = (days: number) =>
  Array.from({ length: perDay * (days + 1) }, (_, n) => {
    const businessDay = addDays(day, -Math.floor(n / perDay));
    const lines = [item("mug", 2, 1990), item("cup", 1, 500 + n)];
    return openSale({ id: `sale${n}`, businessDay, at: Date.parse(businessDay) + n, lines });
  });

let ledgers: LoneLedgers;
beforeAll(async () => {
  ledgers = await startLedgers();
});
afterAll(() => ledgers.end());

async function filled(name: string, days: number): Promise<LoneLedger> {
  const ledger = ledgers.named(name, "sales");
  await ledger.fill(sold(days));
  return ledger;
}

test("what is wrong of a day is drawn anew with it", async () => {
  const ledger = await filled("s1", 2);
  const right = (await ledger.shown()).resolved;
  expect(right).toHaveLength(2 * 3 * perDay);
  const text = right.find((one) => one.includes("s_sale3_0001")) ?? "";
  const { at } = JSON.parse(text) as { at: number };
  const wrong = text.replace(/"amountMinor":\d+/, '"amountMinor":7');
  await ledger.ask("spoil", [[timed("c", at, "s_sale3_0001"), `${at} ${wrong}`]]);
  expect((await ledger.shown()).resolved).not.toEqual(right);
  expect((await ledger.run([["publishAgain", [day]]], false)).answers).toEqual([perDay]);
  expect((await ledger.shown()).resolved).toEqual(right);
});

test("writes no more where there are a hundred other days", async () => {
  const [small, large] = [await filled("s2", 1), await filled("s3", 100)];
  const again = async (ledger: LoneLedger) => (await ledger.run([["publishAgain", [day]]])).cost;
  const [few, many] = [await again(small), await again(large)];
  expect(many.live).toBe(few.live);
  expect(many.messages).toBe(few.messages);
  // A few pages that happen to be spilled.
  expect(many.written - few.written).toBeLessThanOrEqual(8);
});
