/** What a merchant's stores sell as it happens, and what of their articles runs short. */
import * as z from "zod";
import { findCardNumbers } from "../../../domain/cards/find.ts";
import { textMax } from "../../../domain/sales/schema.ts";
import { merchantWatch, sales, storeWatch } from "../../../domain/sales/stream.ts";
import { piecesMax } from "../../../domain/stock.ts";
import { formatMoment, type Instant, parseMoment } from "../../../domain/time.ts";
import type { Stock } from "../../../durable-objects/live-stock.ts";
import { windowMs } from "../../../durable-objects/live-things.ts";
import { eventStream, eventStreamType } from "../event-stream.ts";
import { afterCursor, badCursor, pageOf } from "../key-cursor.ts";
import { liveEvents } from "../live-events.ts";
import { lastMinutes, liveQuery, merchantLive, shownMerchant } from "../live-shape.ts";
import { isErased } from "../members.ts";
import { mayRead } from "../readers.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const role = "merchandiser";
/** A till's or a hand's clock may run ahead so far. */
const aheadMsMax = 300_000;
const pageMax = 200;

/** Of a store or an article: kept as it is asked for, so it is held to what sales are held to. */
const name = z
  .string()
  .min(1)
  .max(textMax)
  .refine((text) => findCardNumbers(text).length === 0, "no card number");
const params = z.object({ merchant: z.string().min(1).max(64) });
const article = params.extend({ store: name, sku: name });
const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const pieces = z.int().min(-piecesMax).max(piecesMax);

const counting = z.object({
  counted: pieces.describe("What was there."),
  threshold: z.int().min(0).max(piecesMax).describe("At or below it the article runs short."),
  countedAt: moment.describe("Of the last two days. What is sold later comes off."),
});
const stock = z
  .object({
    ...{ merchant: z.string(), store: z.string(), sku: z.string() },
    ...{ counted: pieces, threshold: z.int(), countedAt: z.iso.datetime() },
    sold: z.int().describe("Since it was counted, less what came back."),
    level: z.int().describe("What was counted, less what was sold since."),
    low: z.boolean(),
  })
  .meta({ id: "Stock" });
const fallen = z
  .object({
    ...{ store: z.string(), sku: z.string(), at: z.iso.datetime() },
    ...{ level: z.int().describe("What was left then."), threshold: z.int() },
  })
  .meta({ id: "LowStock" });
const page = pageQuery(pageMax);

const seen = {
  tag: "live",
  access: { role },
  audit: { deed: "see-stores", by: "edge", of: "merchant" },
  problems: ["invalid-request", "forbidden", "not-found", "unavailable"],
} as const;

export const storeRoutes: readonly Route[] = [
  route({
    ...seen,
    method: "get",
    path: "/v1/merchants/:merchant/live",
    summary: "What a merchant's stores sell now, by region and store, minute by minute",
    params,
    query: liveQuery,
    answers: { 200: { description: "As of now; each look is in the log.", schema: merchantLive } },
    handle: (call) =>
      readers(call, async () => {
        const found = await look(call, null);
        return found === null ? call.fail("unavailable") : json(found.shown);
      }),
  }),
  route({
    ...seen,
    method: "get",
    path: "/v1/merchants/:merchant/live/stream",
    summary: "The same as it happens, as server-sent events",
    params,
    query: liveQuery,
    answers: {
      200: {
        description:
          "`event: live` with a MerchantLive at once and whenever it changed, within seconds. Ends " +
          "by itself after fifteen minutes, and within one of being taken away: come back. One " +
          "entry in the log.",
        type: eventStreamType,
      },
    },
    handle: (call) =>
      readers(call, () =>
        eventStream({
          ...{ request: call.request, requestId: call.requestId, event: "stores-live" },
          events: (clock) =>
            liveEvents(
              { look: (mark) => look(call, mark, clock.now()), mayStill: () => may(call) },
              clock,
            ),
        }),
      ),
  }),
  route({
    ...seen,
    method: "put",
    path: "/v1/merchants/:merchant/stores/:store/stock/:sku",
    audit: { deed: "set-stock", by: "edge", of: "merchant" },
    summary: "What was counted of an article, and below what it runs short",
    params: article,
    body: counting,
    answers: { 200: { description: "What there is of it now.", schema: stock } },
    problems: [...seen.problems, "not-json", "too-large", "full"],
    handle: (call) => readers(call, () => count(call)),
  }),
  route({
    ...seen,
    method: "get",
    path: "/v1/merchants/:merchant/stores/:store/stock/:sku",
    summary: "What there is of an article in a store",
    params: article,
    answers: { 200: { description: "As of now.", schema: stock } },
    handle: (call) =>
      readers(call, async () => {
        const { merchant, store, sku } = call.params;
        const found = await call.ports.live(sales.name, storeWatch(merchant, store)).stock(sku);
        return found === null ? call.fail("not-found") : json(shownStock(call.params, found));
      }),
  }),
  route({
    ...seen,
    method: "get",
    path: "/v1/merchants/:merchant/low-stock",
    summary: "Articles that fell to their threshold, once each time they did",
    params,
    query: page,
    answers: {
      200: {
        description: "Of the last 90 days, the newest first.",
        schema: z.object({ items: z.array(fallen), next: z.string().nullable() }),
      },
    },
    handle: (call) => readers(call, () => listFallen(call)),
  }),
];

type OfMerchant = Pick<Call<z.output<typeof params>>, "ports" | "member" | "params" | "fail">;

const may = ({ ports, member, params: { merchant } }: OfMerchant): Promise<boolean> =>
  mayRead(ports, member, role, merchant);

/** What nobody lets them read is not there. */
async function readers(call: OfMerchant, act: () => Promise<Response>): Promise<Response> {
  return (await may(call)) ? act() : call.fail("not-found");
}

async function look(
  call: Call<z.output<typeof params>, z.output<typeof liveQuery>, undefined>,
  mark: string | null,
  atMs: Instant = call.nowMs,
) {
  const { merchant } = call.params;
  const { minutes } = call.query;
  const watched = call.ports.live(sales.name, merchantWatch(merchant));
  const counts = await watched.counts(lastMinutes(minutes, true, atMs), mark);
  return counts && { mark: counts.mark, shown: shownMerchant(merchant, counts, minutes, atMs) };
}

async function count({
  ports,
  params: of,
  body,
  nowMs,
  fail,
}: Call<z.output<typeof article>, undefined, z.output<typeof counting>>): Promise<Response> {
  const parsed = parseMoment(body.countedAt);
  const countedAtMs = parsed.ok ? parsed.value.atMs : Number.NaN;
  // What was sold before is forgotten: it could not be taken off.
  if (!(countedAtMs >= nowMs - windowMs && countedAtMs <= nowMs + aheadMsMax))
    return fail("invalid-request", { fields: [{ field: "body.countedAt", rule: "recent" }] });
  const { counted, threshold } = body;
  await ports.sql((db) =>
    db
      .prepare(
        `INSERT INTO counted_store (merchant, store) SELECT ?1, ?2 WHERE NOT ${isErased("?1")}
         ON CONFLICT DO NOTHING`,
      )
      .bind(of.merchant, of.store)
      .run(),
  );
  const watched = ports.live(sales.name, storeWatch(of.merchant, of.store));
  const found = await watched.count(of.sku, { counted, threshold, countedAtMs });
  return found === null ? fail("full") : json(shownStock(of, found));
}

const shownStock = (of: z.output<typeof article>, found: Stock): z.input<typeof stock> => {
  const { counted, threshold, countedAtMs, sold, level, isLow: low } = found;
  return { ...of, counted, threshold, countedAt: formatMoment(countedAtMs), sold, level, low };
};

interface Row {
  readonly store: string;
  readonly sku: string;
  readonly at: number;
  readonly level: number;
  readonly threshold: number;
}

async function listFallen({
  ports,
  params: { merchant },
  query: { cursor, limit },
  fail,
}: Call<z.output<typeof params>, z.output<typeof page>, undefined>): Promise<Response> {
  const after = afterCursor(cursor, [Number.MAX_SAFE_INTEGER, "", ""]);
  if (after === null) return fail("invalid-request", badCursor);
  const { results } = await ports.sql((db) =>
    db
      .prepare(
        `SELECT store, sku, at, level, threshold FROM low_stock
         WHERE merchant = ?1 AND (at < ?2 OR (at = ?2 AND (store, sku) > (?3, ?4)))
         ORDER BY at DESC, store, sku LIMIT ?5`,
      )
      .bind(merchant, ...after, limit + 1)
      .all<Row>(),
  );
  return json(
    pageOf(
      results,
      limit,
      ({ at, store, sku }) => [at, store, sku],
      (row) => ({ ...row, at: formatMoment(row.at) }),
    ),
  );
}
