/**
 * The bill does not creep up: a small day through the real system costs no more units a fact than
 * bench/bill-baseline.json says. Who means to change that runs `npm run bench -- bill --baseline`.
 */
import { expect, it } from "vitest";
import { readBaseline, risen, unitsByStream } from "../../bench/bill/check.ts";

it("costs no more a fact than it did", async () => {
  const [kept, now] = [await readBaseline(), await unitsByStream(() => {})];
  expect(risen(kept, now)).toEqual([]);
});
