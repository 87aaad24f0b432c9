/** How far an erasure is, for whoever has its receipt: the id is random and says nothing of whose. */
import * as z from "zod";
import { formatMoment } from "../../../domain/time.ts";
import { receipt } from "../erase.ts";
import { type Call, json, type Route, route } from "../route.ts";

const params = z.object({ id: z.string().max(64) });

export const receiptRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/receipts/:id",
    tag: "members",
    access: "public",
    audit: {
      deed: "see-settings",
      by: "nobody",
      why: "a receipt names steps and times, and nobody; whoever was erased has no token any more",
    },
    summary: "What an erasure has done, step by step, and what is still to come",
    params,
    answers: { 200: { description: "The receipt.", schema: receipt } },
    problems: ["not-found", "unavailable"],
    handle: show,
  }),
];

interface ReceiptRow {
  readonly id: string;
  readonly scope: string;
  readonly asked_at: number;
  readonly steps: string;
  readonly pending: string;
  readonly finished_at: number | null;
}

async function show(call: Call<z.output<typeof params>, undefined, undefined>): Promise<Response> {
  const row = await call.ports.sql((db) =>
    db.prepare("SELECT * FROM receipt WHERE id = ?").bind(call.params.id).first<ReceiptRow>(),
  );
  if (row === null) return call.fail("not-found");
  return json({
    id: row.id,
    scope: row.scope,
    asked: formatMoment(row.asked_at),
    steps: JSON.parse(row.steps),
    pending: JSON.parse(row.pending),
    finished: row.finished_at === null ? null : formatMoment(row.finished_at),
  });
}
