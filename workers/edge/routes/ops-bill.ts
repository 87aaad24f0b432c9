/** For operators: what this deployment's traffic comes to in dollars, reckoned and not invoiced. */
import * as z from "zod";
import { aMillionOf, billMeasured, clockADay, reckon } from "../../../domain/bill.ts";
import { formatMoment } from "../../../domain/time.ts";
import { billCountsOf, readBillRows } from "../bill-counts.ts";
import { readFigures } from "../provider-figures.ts";
import { type Call, json, type Route, route } from "../route.ts";

const count = z.number().int();
const moment = z.string().nullable();
const dollars = z.number().describe("US dollars.");
const because = z.string();

const bill = z
  .object({
    from: moment.describe("When the first member came: what is counted is counted since ever."),
    to: z.string(),
    members: count,
    ledgers: count,
    reported: count.describe("Ledgers that ever reported: facts of the others are not in it."),
    oldestReport: moment.describe("Some ledger's count is as old as that."),
    items: z
      .array(
        z.object({
          part: z.string(),
          unit: z.string().nullable().describe("Null: too little for a line of its own."),
          units: z.number().nullable(),
          dollars,
          because,
        }),
      )
      .describe("By part and unit, the dearest first."),
    causes: z
      .array(z.object({ of: z.string(), n: z.number(), dollars, because }))
      .describe("The same money by what it is paid for."),
    dollars,
    reckoned: z.literal(true),
    aMillion: z
      .object({
        ...{ facts: dollars, large: dollars, samples: dollars },
        ...{ listens: dollars, sales: dollars, polls: dollars },
      })
      .describe("What a million came to when it was measured; large: facts with a large stream."),
    aDay: dollars.describe("What a day comes to in which nothing comes, with the ledgers of now."),
    notCounted: z.array(z.string()),
  })
  .meta({ id: "Bill" });

export const opsBillRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/ops/bill",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "see-archive", by: "edge" },
    summary: "What the traffic so far comes to in dollars, part by part: reckoned, no invoice",
    answers: { 200: { description: "Since the first member came.", schema: bill } },
    problems: ["unauthenticated", "forbidden", "unavailable"],
    handle: billed,
  }),
];

async function billed(call: Call<undefined, undefined, undefined>): Promise<Response> {
  const { env, ports, nowMs } = call;
  const [rows, figures] = await Promise.all([
    ports.sql(readBillRows),
    ports.sql((WAREHOUSE) => readFigures({ GATE: env.GATE, WAREHOUSE }, nowMs)),
  ]);
  const { facts, large, samples, listens, sales, polls } = billMeasured;
  const { members, ledgers, reported, fromMs, oldestMs } = rows;
  return json({
    from: fromMs === null ? null : formatMoment(fromMs),
    to: formatMoment(nowMs),
    ...{ members, ledgers, reported },
    oldestReport: oldestMs === null ? null : formatMoment(oldestMs),
    ...reckon(billCountsOf(rows, figures, nowMs)),
    reckoned: true,
    aMillion: {
      facts: aMillionOf(facts),
      large: aMillionOf(large),
      samples: aMillionOf(samples),
      listens: aMillionOf(listens),
      sales: aMillionOf(sales),
      polls: aMillionOf(polls),
    },
    aDay: clockADay(ledgers),
  });
}
