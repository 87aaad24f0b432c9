/**
 * A gateway's settlement file, put by a merchant's finance under a name of theirs. The same name
 * again takes the place of what it held. What may hold a card number is taken in no part.
 */
import * as z from "zod";
import { findCardNumbers } from "../../../domain/cards/find.ts";
import {
  type FileFault,
  isJson,
  type ReadFile,
  readSettlementFile,
  rowsMax,
} from "../../../domain/finance/settlement-file.ts";
import { personId } from "../../../domain/identity.ts";
import { err, type Result } from "../../../domain/result.ts";
import { holdsBareNumber, sanitise } from "../../../kernel/sanitise.ts";
import { logLine } from "../../../kernel/wide-event.ts";
import { filesOf, putFile } from "../book-settlements.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { readBody } from "../read-body.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";
import { asReader, booksRead, merchantId } from "./books.ts";

const bytesMax = 8 * 1_048_576;
const errorsShownMax = 100;

const holdsCard = (text: string): boolean => findCardNumbers(text).length > 0;

/** Shops number their orders, and some orders' numbers would be a card's of few digits. */
const recordDigitsMax = 14;
const isRecord = (cell: string, column: string): boolean =>
  /reference$/.test(column) && new RegExp(`^\\d{1,${recordDigitsMax}}$`).test(cell.trim());
const cellHoldsCard = (cell: string, column: string): boolean =>
  !isRecord(cell, column) && holdsCard(cell);

const ofMerchant = z.object({ merchant: merchantId });
const ofFile = ofMerchant.extend({
  file: z
    .string()
    .regex(/^[A-Za-z0-9][\w.-]{0,79}$/, "a file's name")
    .refine((name) => !holdsCard(name), "no card number"),
});
const query = pageQuery(200);
const integer = z.number().int();

const put = z
  .object({
    file: z.string(),
    form: z.enum(["singlet", "shopify", "adyen"]),
    rows: integer.describe("That it holds now."),
    passedOver: integer.describe("Marked as tests by the gateway: no money moved."),
    errors: integer,
    errorDetails: z.array(
      z.object({
        line: integer.describe("Of the text, or place in the list, from 1."),
        rule: z.string(),
      }),
    ),
  })
  .meta({ id: "SettlementFile" });
const held = z.object({ file: z.string(), rows: integer, from: z.string(), to: z.string() });

export const settlementRoutes: readonly Route[] = [
  route({
    method: "put",
    path: "/v1/merchants/:merchant/settlements/:file",
    tag: "books",
    access: { role: "finance" },
    audit: { deed: "put-settlement", by: "edge", of: "merchant" },
    summary: "A gateway's settlement file; the same name again is the same file",
    params: ofFile,
    rawBody: {
      description: `CSV in our own form or Adyen's, or Shopify's balance transactions. At most 8 MiB and ${rowsMax} rows.`,
      types: ["text/csv", "application/json"],
    },
    answers: { 200: { description: "What it holds, and an account of the rest.", schema: put } },
    problems: [
      ...(["invalid-request", "unauthenticated", "forbidden", "not-found", "timeout"] as const),
      ...(["too-large", "unsupported-encoding", "not-understood", "unavailable"] as const),
    ],
    handle: (call) => asReader(call, () => putSettlement(call)),
  }),
  route({
    ...booksRead,
    path: "/v1/merchants/:merchant/settlements",
    summary: "Which settlement files there are",
    params: ofMerchant,
    query,
    answers: {
      200: {
        description: "A page, by name.",
        schema: z.object({ items: z.array(held), next: z.string().nullable() }),
      },
    },
    handle: (call) => asReader(call, () => list(call)),
  }),
];

/** Nothing of a file is kept before all of it was looked at. */
async function putSettlement(
  call: Call<z.output<typeof ofFile>, undefined, undefined>,
): Promise<Response> {
  const { merchant, file } = call.params;
  const body = await readBody(call.request, bytesMax);
  if (!body.ok) return call.fail(body.error);
  const read = await readWhole(call, new TextDecoder().decode(body.value));
  if (!read.ok) {
    const isTooLarge = read.error === "too-many";
    if (isTooLarge) return call.fail("too-large");
    return call.fail("invalid-request", { fields: [{ field: "body", rule: read.error }] });
  }
  const { form, rows, errors, passedOver } = read.value;
  const told = { event: "settlement", requestId: call.requestId, items: rows.length };
  logLine({ ...told, parked: errors.length });
  const errorDetails = errors.slice(0, errorsShownMax);
  if (rows.length === 0 && errors.length > 0) {
    const fields = errorDetails.map(({ line, rule }) => ({ field: `body.${line}`, rule }));
    return call.fail("not-understood", { fields });
  }
  await putFile(call.ports, { merchant, file, rows });
  return json({ file, form, rows: rows.length, passedOver, errors: errors.length, errorDetails });
}

/** JSON is looked through like every delivery that may hold a card: none of its fields may. */
async function readWhole(
  { ports, params: { merchant } }: Pick<Call<z.output<typeof ofFile>>, "ports" | "params">,
  text: string,
): Promise<Result<ReadFile, FileFault>> {
  if (!isJson(text)) return readSettlementFile(text, cellHoldsCard);
  if (holdsBareNumber(text)) return err("card-number");
  const nobody = (name: string) => personId(ports.digest, { provider: "", account: "" }, name);
  const looked = await sanitise(ports.cards, nobody, merchant, undefined, jsonIn(text));
  if (!looked.ok) return err(looked.error === "card-number" ? looked.error : "unknown-form");
  return readSettlementFile(text, cellHoldsCard);
}

/** Null: it is none, as whoever reads it says. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text.replace(/^\ufeff/, ""));
  } catch {
    return null;
  }
}

async function list(
  call: Call<z.output<typeof ofMerchant>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const after = afterCursor(call.query.cursor, [""] as const);
  if (after === null) return call.fail("invalid-request", badCursor);
  const { limit } = call.query;
  const rows = await filesOf(call.ports, call.params.merchant, after[0], limit + 1);
  return json(
    pageOf(
      rows,
      limit,
      ({ file }) => [file],
      (row) => row,
    ),
  );
}
