/**
 * For operators: what is shared out for a month, and having statements made of what is settled. A
 * statement is overwritten by the next one of its period and version; made of the same totals it is
 * the same, and nothing is written.
 */
import * as z from "zod";
import { royaltyRules } from "../../../domain/royalties/rules.ts";
import { royalty } from "../../../domain/royalties/statement.ts";
import type { Period } from "../../../domain/time.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { putPool, putStatement, readPool } from "../royalty-rows.ts";
import { minor, month } from "../royalty-shape.ts";
import { monthsTo, readMonth } from "../royalty-totals.ts";

/** Months of one call: each looks a year back. */
const periodsMax = 24;
/** Ten trillion of a currency with two digits. */
const poolMinorMax = 1_000_000_000_000_000;

const count = z.number().int();
const params = z.object({ period: month });
const pool = z.strictObject({
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .describe("ISO 4217."),
  amountMinor: z.int().min(0).max(poolMinorMax).describe("In the currency's smallest unit."),
});

/** Both ends included, the earliest first. */
const periodsOf = ({ from, to }: { readonly from: Period; readonly to: Period }): Period[] =>
  monthsTo(to, periodsMax)
    .filter((period) => period >= from)
    .reverse();
const range = z
  .strictObject({ from: month, to: month })
  .refine(({ from, to }) => from <= to && monthsTo(to, periodsMax).includes(from), {
    path: ["to"],
    error: "a range",
  });

const made = z
  .object({
    period: z.string(),
    outcome: z
      .enum(["changed", "same", "no-pool", "too-many-lines"])
      .describe("Of the last two nothing was made."),
    version: count.nullable(),
    sha256: z.string().nullable(),
    lines: count.nullable(),
    paidMinor: minor.nullable(),
    unpaidMinor: minor.nullable(),
    waiting: count
      .nullable()
      .describe("Days of the year looked at, by bucket, that wait to be settled: state it again."),
  })
  .meta({ id: "RoyaltyMade" });
type Made = z.output<typeof made>;

const operator = { tag: "operations", access: { role: "operator" } } as const;
const problems = [
  "invalid-request",
  "not-json",
  "unauthenticated",
  "forbidden",
  "unavailable",
] as const;

export const opsRoyaltyRoutes: readonly Route[] = [
  route({
    ...operator,
    method: "put",
    path: "/v1/ops/royalties/:period/pool",
    audit: { deed: "set-royalty-pool", by: "edge" },
    summary: "What is shared out for a month; statements are made anew only when it is asked for",
    params,
    body: pool,
    answers: {
      200: { description: "As it now is.", schema: pool.extend({ period: z.string() }) },
    },
    problems,
    handle: setPool,
  }),
  route({
    ...operator,
    method: "post",
    path: "/v1/ops/royalties",
    audit: { deed: "state-royalties", by: "edge" },
    summary: "Make the statements of these months, out of the totals and the rules of now",
    body: range,
    answers: {
      200: {
        description: "By month, the earliest first.",
        schema: z.object({ items: z.array(made) }),
      },
    },
    problems,
    handle: state,
  }),
];

async function setPool(
  call: Call<z.output<typeof params>, undefined, z.output<typeof pool>>,
): Promise<Response> {
  const { period } = call.params;
  await call.ports.sql((db) => putPool(db, period, call.body, call.nowMs));
  return json({ period, ...call.body });
}

async function state(call: Call<undefined, undefined, z.output<typeof range>>): Promise<Response> {
  const items: Made[] = [];
  for (const period of periodsOf(call.body)) items.push(await stated(call, period));
  return json({ items });
}

async function stated({ ports, nowMs }: Pick<Call, "ports" | "nowMs">, period: Period) {
  const nothing = { version: null, sha256: null, lines: null, paidMinor: null, unpaidMinor: null };
  const shared = await ports.sql((db) => readPool(db, period));
  if (shared === null) return { period, outcome: "no-pool", ...nothing, waiting: null } as const;
  const read = await ports.sql((db) => readMonth(db, period));
  if (read === null)
    return { period, outcome: "too-many-lines", ...nothing, waiting: null } as const;
  const statement = royalty(read.totals, royaltyRules, shared);
  const { sha256, changed } = await ports.sql((db) => putStatement(db, statement, nowMs));
  const { version, lines, paidMinor, unpaidMinor } = statement;
  const outcome = changed ? ("changed" as const) : ("same" as const);
  const came = { version, sha256, lines: lines.length, paidMinor, unpaidMinor };
  return { period, outcome, ...came, waiting: read.waiting };
}
