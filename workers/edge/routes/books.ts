/**
 * For a merchant's finance: exact totals of business days, what each article sold, settlement files,
 * and what they come to beside the sales. Everybody else is told that there is nothing here.
 */
import * as z from "zod";
import { outcomes, reasons, settledKinds, sumsOf } from "../../../domain/finance/reconcile.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { textMax } from "../../../domain/sales/schema.ts";
import { addDays } from "../../../domain/time.ts";
import { articleDays, bookDays, bookDaysMax, daysBetween } from "../book-days.ts";
import { reconciled } from "../book-settlements.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { mayRead } from "../readers.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { aRange, day, isRange } from "./ops-runs.ts";

const integer = z.number().int();
const minor = integer.describe("In the currency's smallest unit.");

export const merchantId = z
  .string()
  .regex(/^m_[0-9a-f]{32}$/, "a member's id")
  .transform((id) => id as MemberId);
const ofMerchant = z.object({ merchant: merchantId });
const ofDay = ofMerchant.extend({ day });
const ofArticle = ofMerchant.extend({ sku: z.string().min(1).max(textMax) });

const spanOf = (daysMax: number) =>
  z
    .object({ from: day, to: day.describe(`Both days included, at most ${daysMax}.`) })
    .refine(isRange, aRange)
    .refine(({ from, to }) => to < addDays(from, daysMax), { path: ["to"], error: "too far" });

const bookDay = z
  .object({
    day: z.string(),
    settled: z.boolean().describe("Nothing that landed waits to be counted."),
    versions: z.array(z.object({ bucket: integer, version: integer, settledAt: z.string() })),
    stores: z.array(
      z.object({
        store: z.string(),
        currency: z.string(),
        revenueMinor: minor.describe("All that was sold, returns taken off."),
        sales: integer,
        paymentsMinor: minor.describe("What gateways told of payments."),
      }),
    ),
  })
  .meta({ id: "BookDay" });
const articleDay = z
  .object({
    day: z.string(),
    store: z.string(),
    currency: z.string(),
    units: integer,
    revenueMinor: minor,
  })
  .meta({ id: "ArticleDay" });

const amounts = {
  oursMinor: minor,
  theirsMinor: minor.describe("Before fees."),
  differenceMinor: minor.describe("Ours less theirs."),
  feeMinor: minor.describe("What gateways kept; in none of the others."),
};
const line = z
  .object({
    id: z.string(),
    day: z.string().describe("The earliest among its sales and rows."),
    outcome: z.enum(outcomes),
    why: z.enum(reasons),
    currency: z.string(),
    references: z.array(z.string()),
    ...amounts,
    sales: z.array(z.string()),
    payments: z.array(z.string()).describe("Notices of payments; they count without a sale alone."),
    rows: z.array(
      z.object({
        file: z.string(),
        line: integer,
        kind: z.enum(settledKinds),
        amountMinor: minor,
        day: z.string(),
      }),
    ),
  })
  .meta({ id: "ReconciledLine" });
const sums = z.array(
  z.object({
    currency: z.string(),
    lines: integer,
    ...amounts,
    outcomes: z.partialRecord(z.enum(outcomes), z.object({ lines: integer, ...amounts })),
  }),
);

const reachDaysMax = 62;
const reconciledDaysMax = 31;
const daysQuery = spanOf(bookDaysMax);
const reconciliationQuery = z
  .object({
    ...pageQuery(500).shape,
    ...{ from: day, to: day.describe(`Both days included, at most ${reconciledDaysMax}.`) },
    reach: z.coerce
      .number()
      .int()
      .min(0)
      .max(reachDaysMax)
      .default(31)
      .describe("Days before and after in which the other side of a line is looked for."),
  })
  .refine(isRange, aRange)
  .refine(({ from, to }) => to < addDays(from, reconciledDaysMax), {
    path: ["to"],
    error: "too far",
  });

export const booksRead = {
  method: "get",
  tag: "books",
  access: { role: "finance" },
  audit: { deed: "see-books", by: "edge", of: "merchant" },
  problems: [
    ...(["invalid-request", "unauthenticated", "forbidden"] as const),
    ...(["not-found", "unavailable"] as const),
  ],
} as const;

export const bookRoutes: readonly Route[] = [
  route({
    ...booksRead,
    path: "/v1/merchants/:merchant/days",
    summary: "Exact totals of business days, by store and currency",
    params: ofMerchant,
    query: daysQuery,
    answers: { 200: { description: "Day by day.", schema: z.object({ items: z.array(bookDay) }) } },
    handle: (call) =>
      asReader(call, async () => {
        const { from, to } = call.query;
        const { merchant } = call.params;
        return listOf(call, await bookDays(call.ports, merchant, daysBetween(from, to)));
      }),
  }),
  route({
    ...booksRead,
    path: "/v1/merchants/:merchant/days/:day",
    summary: "Exact totals of a business day, by store and currency",
    params: ofDay,
    answers: { 200: { description: "As of these versions.", schema: bookDay } },
    handle: (call) =>
      asReader(call, async () => {
        const { merchant, day: asked } = call.params;
        const days = await bookDays(call.ports, merchant, [asked]);
        return days === null ? tooMuch(call) : json(days[0]);
      }),
  }),
  route({
    ...booksRead,
    path: "/v1/merchants/:merchant/articles/:sku",
    summary: "What an article sold, by business day, store and currency",
    params: ofArticle,
    query: daysQuery,
    answers: {
      200: {
        description: "Days on which it sold or came back.",
        schema: z.object({ items: z.array(articleDay) }),
      },
    },
    handle: (call) =>
      asReader(call, async () => {
        const { merchant, sku } = call.params;
        const days = daysBetween(call.query.from, call.query.to);
        return listOf(call, await articleDays(call.ports, merchant, sku, days));
      }),
  }),
  route({
    ...booksRead,
    path: "/v1/merchants/:merchant/reconciliation",
    summary: "Sales beside settlement files, line by line, and what they come to",
    params: ofMerchant,
    query: reconciliationQuery,
    answers: {
      200: {
        description: "A page of lines; `sums` are of all of them.",
        schema: z.object({ items: z.array(line), sums, next: z.string().nullable() }),
      },
    },
    handle: (call) => asReader(call, () => reconciliation(call)),
  }),
];

/** More than one answer may hold: fewer days are to be asked for. */
const tooMuch = (call: Pick<Call, "fail">): Response =>
  call.fail("invalid-request", { fields: [{ field: "query.to", rule: "too_big" }] });
const listOf = (call: Pick<Call, "fail">, items: readonly unknown[] | null): Response =>
  items === null ? tooMuch(call) : json({ items });

type MerchantCall = Call<{ readonly merchant: MemberId }>;

/** Only who reads this merchant's books; of others they are told nothing. */
export async function asReader(
  call: MerchantCall,
  act: () => Promise<Response>,
): Promise<Response> {
  const { ports, member, params } = call;
  return (await mayRead(ports, member, "finance", params.merchant))
    ? act()
    : call.fail("not-found");
}

async function reconciliation(
  call: Call<z.output<typeof ofMerchant>, z.output<typeof reconciliationQuery>, undefined>,
): Promise<Response> {
  const { from, to, reach, cursor, limit } = call.query;
  const after = afterCursor(cursor, ["", ""] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const { merchant } = call.params;
  const lines = await reconciled(call.ports, { merchant, from, to, reachDays: reach });
  if (lines === null) return tooMuch(call);
  const [afterDay, afterId] = after;
  const rest = lines.filter(
    ({ day: of, id }) => of > afterDay || (of === afterDay && id > afterId),
  );
  const page = pageOf(
    rest.slice(0, limit + 1),
    limit,
    (one) => [one.day, one.id],
    (one) => one,
  );
  return json({ ...page, sums: sumsOf(lines) });
}
