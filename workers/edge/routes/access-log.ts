/**
 * What the log says about the caller: everyone who looked at, changed or erased anything of theirs,
 * and everyone who tried, each with a sentence to read and a proof to keep.
 */
import * as z from "zod";
import { actions } from "../../../domain/audit.ts";
import { type EntryPlace, isRefusal, type ShownEntry } from "../../../domain/ports.ts";
import { sentenceOf } from "../../../domain/sentences.ts";
import { formatMoment } from "../../../domain/time.ts";
import { accessQueryOf, entryName, logQuery, placeParams } from "../log-query.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const entry = z
  .object({
    entry: z.string().describe("Its log and its index there; a reading names it in a header."),
    at: z.string(),
    sentence: z.string().describe("What happened, in words."),
    who: z.object({
      id: z.string().describe("An internal id, or a pseudonym."),
      name: z.string().nullable(),
      role: z.string(),
    }),
    action: z.enum(actions),
    deed: z.string(),
    columns: z.array(z.string()),
    records: z.number().int(),
    purpose: z.string(),
    outcome: z.string().describe("permitted, unchanged, refused, failed, pending or unknown."),
    ground: z
      .string()
      .describe("Own data, the consent or break-glass that allowed it, or why it was refused."),
    proof: z.string().describe("Where a proof of the entry is."),
    outcomeProof: z
      .string()
      .nullable()
      .describe("Where one of its outcome is; null: the entry says it itself, or none is known."),
  })
  .meta({ id: "AccessEntry" });

export const accessLogRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/access-log",
    tag: "audit",
    access: "member",
    audit: { deed: "query-log", by: "nobody", why: "members see what the log says about them" },
    summary: "Who looked at or changed my data, when, at what and on what ground",
    query: logQuery,
    answers: {
      200: {
        description: "Entries, newest first. A page may be short and have a next one.",
        schema: z.object({ items: z.array(entry), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "get",
    path: "/v1/access-log/:log/:index/proof",
    tag: "audit",
    access: "signed-in",
    audit: { deed: "query-log", by: "nobody", why: "proves what its reader was shown already" },
    summary: "Proof of an entry about me, or of any for auditors; `npm run audit -- proof FILE`",
    params: placeParams,
    answers: {
      200: { description: "A c2sp.org/tlog-proof, to keep.", type: "text/plain; charset=utf-8" },
    },
    problems: ["invalid-request", "unauthenticated", "not-found", "not-witnessed", "unavailable"],
    handle: proof,
  }),
];

async function list(
  call: Call<undefined, z.output<typeof logQuery>, undefined>,
): Promise<Response> {
  const page = await call.ports.log.mine(call.token, accessQueryOf(call.query, null));
  if (isRefusal(page)) return call.fail(refusalOf(page));
  return json({ items: page.items.map((e) => shown(e, call.member)), next: page.next });
}

const proofPath = (place: EntryPlace): string => `/v1/access-log/${entryName(place)}/proof`;

/** The log knows its reader by pseudonym only; readers know themselves by their id. */
function shown(e: ShownEntry, reader: string): z.output<typeof entry> {
  const isOwn = e.actor === reader || (e.member !== "" && e.actor === e.member);
  const { place, closedBy } = e;
  return {
    entry: entryName(place),
    at: formatMoment(e.atMs),
    sentence: sentenceOf(e, isOwn),
    who: { id: isOwn ? reader : e.actor, name: e.actorName, role: e.actorRole },
    action: e.action,
    deed: e.deed,
    columns: [...e.columns],
    records: e.rows,
    purpose: e.purpose,
    outcome: e.outcome,
    ground: e.ground,
    proof: proofPath(place),
    outcomeProof: closedBy === null ? null : proofPath({ ...place, index: closedBy }),
  };
}

async function proof(
  call: Call<z.output<typeof placeParams>, undefined, undefined>,
): Promise<Response> {
  const { log, index } = call.params;
  const found = await call.ports.log.proof(call.token, { log, index });
  if (isRefusal(found)) return call.fail(refusalOf(found));
  return new Response(found.proof, {
    headers: {
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": `attachment; filename="${log}-${index}.tlog-proof"`,
      "cache-control": "no-store",
    },
  });
}
