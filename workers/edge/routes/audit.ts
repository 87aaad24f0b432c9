/** For auditors: the log by member, actor, action and date, to read and to export. Said in the log. */
import * as z from "zod";
import { actions } from "../../../domain/audit.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { isRefusal } from "../../../domain/ports.ts";
import {
  type EntryFormat,
  entryFormats,
  entryRow,
  entryTypes,
  formatEntries,
} from "../entries-format.ts";
import { accessQueryOf, bundleParams, logQuery } from "../log-query.ts";
import { nextLink } from "../next-link.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, type Route, route } from "../route.ts";

const entry = z
  .object({
    entry: z.string(),
    at: z.string(),
    deed: z.string(),
    action: z.enum(actions),
    actor: z.string().describe("An internal id, or a pseudonym."),
    name: z.string().nullable(),
    role: z.string(),
    member: z.string().describe("A pseudonym; empty: nobody's data."),
    columns: z.array(z.string()),
    purpose: z.string(),
    outcome: z.string(),
    ground: z.string(),
    records: z.number().int(),
    closedBy: z.string().nullable().describe("The entry that says what came of it."),
  })
  .meta({ id: "AuditEntry" });

const query = logQuery.extend({
  member: z
    .string()
    .regex(/^m_[0-9a-f]{32}$/, "a member's id")
    .optional()
    .describe("Leads to their entries as long as they are a member."),
  actor: z
    .string()
    .regex(/^[\w-]{1,64}$/, "an actor's id")
    .optional(),
  format: z.enum(entryFormats).default("json").describe("ndjson and csv: a page, to keep."),
});

const access = { role: "auditor" } as const;
const exported: readonly EntryFormat[] = ["ndjson", "csv"];

export const auditRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/audit/entries",
    tag: "audit",
    access,
    audit: { deed: "query-log", by: "vault" },
    summary: "The log by member, actor, action and date",
    query,
    answers: {
      200: {
        description: "Entries, newest first. A page may be short and have a next one: `Link`.",
        schema: z.object({ items: z.array(entry), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "unavailable"],
    handle: list,
  }),
  route({
    method: "get",
    path: "/v1/audit/logs/:log/entries/:n",
    tag: "audit",
    access,
    audit: { deed: "export-log", by: "vault" },
    summary: "Entries as they were hashed: the bundle of the tile with this number",
    params: bundleParams,
    answers: {
      200: { description: "A c2sp.org/tlog-tiles bundle.", type: "application/octet-stream" },
    },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: bundle,
  }),
];

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { member, actor = null, format } = call.query;
  const asked = {
    ...accessQueryOf(call.query, actor),
    member: (member ?? null) as MemberId | null,
  };
  const page = await call.ports.log.entries(call.token, asked);
  if (isRefusal(page)) return call.fail(refusalOf(page));
  const { items, next } = page;
  const headers = new Headers({ "content-type": entryTypes[format], "cache-control": "no-store" });
  if (exported.includes(format))
    headers.set("content-disposition", `attachment; filename="entries.${format}"`);
  if (next !== null) headers.set("link", nextLink(call.request.url, query.shape, next));
  const body =
    format === "json"
      ? JSON.stringify({ items: items.map(entryRow), next })
      : formatEntries(format, items);
  return new Response(body, { headers });
}

async function bundle(
  call: Call<z.output<typeof bundleParams>, undefined, undefined>,
): Promise<Response> {
  const { log, n } = call.params;
  const found = await call.ports.log.bundle(call.token, log, n);
  if (isRefusal(found)) return call.fail(refusalOf(found));
  return new Response(found.bytes as Uint8Array<ArrayBuffer>, {
    headers: { "content-type": "application/octet-stream", "cache-control": "no-store" },
  });
}
