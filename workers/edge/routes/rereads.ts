/**
 * For operators: sealed raw slices read again by what their provider's file says today, a page at a
 * time. A dry run, which it is unless told otherwise, only says what would change. The vault reads
 * and seals; the ledger records the new editions; a page asked again does what is left of it.
 */
import * as z from "zod";
import type { MemberId } from "../../../domain/identity.ts";
import {
  isRefusal,
  ledgerName,
  type OpenFact,
  type RereadFact,
  rereadFactsMax,
} from "../../../domain/ports.ts";
import { isByMember } from "../../../domain/shards.ts";
import { type AnyStream, streams } from "../../../domain/streams.ts";
import { parseMoment } from "../../../domain/time.ts";
import { recordAll } from "../../../kernel/accept.ts";
import { type ProviderName, providers } from "../../../providers/index.ts";
import { memberRow } from "../members.ts";
import type { Ports } from "../ports.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";
import { memberId } from "./consents.ts";

/** Ledgers that one page looks into before it answers without having found anything. */
const ledgersPerPageMax = 20;
const cursorCharsMax = 400;
const shardForm = /^[A-Za-z0-9_]{1,80}$/;
const badCursor = { fields: [{ field: "body.cursor", rule: "custom" }] };

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const names = Object.keys(providers) as [ProviderName, ...ProviderName[]];
const request = z
  .object({
    member: memberId.optional().describe("Absent: every member's, one after the other."),
    provider: z.enum(names),
    from: moment.describe("Of when it happened."),
    to: moment.describe("The last moment of it."),
    dryRun: z.boolean().default(true).describe("False: what reads otherwise is changed."),
    cursor: z.string().max(cursorCharsMax).optional(),
  })
  .strict()
  .refine(({ from, to }) => momentOf(from) <= momentOf(to), { path: ["to"], error: "a range" });
type Asked = z.output<typeof request>;

const answer = z
  .object({
    items: z.array(
      z.object({
        id: z.string().describe("The source record."),
        member: z.string(),
        outcome: z.enum(["same", "changed", "same-edition", "unreadable", "no-raw"]),
        fields: z
          .record(z.string(), z.object({ before: z.unknown(), after: z.unknown() }))
          .describe("Open fields that read otherwise."),
        columns: z.array(z.string()).describe("Names of restricted columns that read otherwise."),
        reason: z.string().nullable(),
      }),
    ),
    recorded: z.number().int().describe("New editions that the ledger took."),
    next: z.string().nullable().describe("A page may be empty and still have a next one."),
  })
  .meta({ id: "Rereading" });

export const rereadRoutes: readonly Route[] = [
  route({
    method: "post",
    path: "/v1/ops/rereads",
    tag: "operations",
    access: { role: "operator" },
    audit: { deed: "reread", by: "vault" },
    summary: "Read sealed records again by a newer edition of their provider's reading",
    body: request,
    answers: { 200: { description: "What differs, by record.", schema: answer } },
    problems: [
      "invalid-request",
      "not-json",
      "unauthenticated",
      "forbidden",
      "not-found",
      "unavailable",
    ],
    handle: reread,
  }),
];

/** Where a page ended: in the ledger of this shard; `after` null: with the last of it. */
interface Place {
  readonly shard: string;
  readonly after: string | null;
}

async function reread(call: Call<undefined, undefined, Asked>): Promise<Response> {
  const { ports, token, body, fail } = call;
  const place = placeOf(body);
  const range = { fromMs: momentOf(body.from), toMs: momentOf(body.to) };
  if (place === null) return fail("invalid-request", badCursor);
  const { member: asked } = body;
  if (asked !== undefined && (await memberRow(ports, asked as MemberId)) === null)
    return fail("not-found");
  const { held, next } = await pageFrom(ports, body, range, place);
  const cursor = next === null ? null : btoa(JSON.stringify([next.shard, next.after]));
  if (held.length === 0) return json({ items: [], recorded: 0, next: cursor });
  const { dryRun } = body;
  const items: ReturnType<typeof shown>[] = [];
  let recorded = 0;
  for (const member of new Set(held.map((fact) => fact.member as MemberId))) {
    const mine = held.filter((fact) => fact.member === member);
    const read = await ports.work.reread(token, { member, held: mine, dryRun });
    if (isRefusal(read)) return fail(refusalOf(read));
    const outcomes = await recordAll(ports, streamOf(body), member, read.statements);
    recorded += outcomes.filter((outcome) => outcome === "corrected").length;
    items.push(...read.facts.map((fact) => shown(fact, member)));
  }
  return json({ items, recorded, next: cursor });
}

const streamOf = ({ provider }: Asked): AnyStream => streams[providers[provider].stream];

const shown = ({ id, outcome, fields, columns, reason }: RereadFact, member: string) => ({
  id,
  member,
  outcome,
  fields: Object.fromEntries(
    Object.entries(fields).map(([name, [before, after]]) => [name, { before, after }]),
  ),
  columns,
  reason,
});

/** The facts of the next ledger that has some, a bounded number of ledgers away. */
async function pageFrom(
  ports: Ports,
  asked: Asked,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  place: Place,
): Promise<{ readonly held: OpenFact[]; readonly next: Place | null }> {
  let { shard, after } = place;
  for (let looked = 0; looked < ledgersPerPageMax; looked++) {
    if (after === null) {
      const following = await shardAfter(ports, asked, shard);
      if (following === null) return { held: [], next: null };
      shard = following;
    }
    const ledger = ports.ledger(streamOf(asked), shard);
    const page = await ledger.facts(fromMs, toMs, after, rereadFactsMax);
    after = page.next;
    const held = page.items.filter(
      ({ provider, member }) => provider === asked.provider && (asked.member ?? member) === member,
    );
    const isLast = after === null && ownLedger(asked) !== null;
    if (held.length > 0) return { held, next: isLast ? null : { shard, after } };
  }
  return { held: [], next: { shard, after } };
}

/** The only one that can hold any; null: there are several. */
const ownLedger = (asked: Asked): string | null =>
  asked.member !== undefined && isByMember(streamOf(asked)) ? asked.member : null;

/** Of every ledger that ever published, in order of its name; null: there is no other. */
async function shardAfter(ports: Ports, asked: Asked, shard: string): Promise<string | null> {
  const own = ownLedger(asked);
  if (own !== null) return shard === "" ? own : null;
  const stream = streamOf(asked).name;
  const from = ledgerName(stream, "");
  const name = await ports.sql((db) =>
    db
      .prepare("SELECT name FROM ledger WHERE name > ? AND name < ? ORDER BY name LIMIT 1")
      .bind(ledgerName(stream, shard), `${from}~`)
      .first<string>("name"),
  );
  return name === null ? null : name.slice(from.length);
}

/** Null for a cursor that is none, or another member's. */
function placeOf(asked: Asked): Place | null {
  const { cursor } = asked;
  const own = ownLedger(asked);
  if (cursor === undefined) return { shard: "", after: null };
  try {
    const [shard, after] = JSON.parse(atob(cursor));
    if (typeof shard !== "string" || !shardForm.test(shard)) return null;
    if (own !== null && own !== shard) return null;
    if (after === null) return { shard, after };
    const [at, id] = JSON.parse(after);
    return Number.isSafeInteger(at) && typeof id === "string" ? { shard, after } : null;
  } catch {
    return null;
  }
}

function momentOf(text: string): number {
  const moment = parseMoment(text);
  return moment.ok ? moment.value.atMs : 0;
}
