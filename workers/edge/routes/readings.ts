/**
 * Restricted readings. The edge only says which sealed rows are meant; the vault verifies the
 * caller's token itself, writes the intent down, decides, and opens. Nothing here is cached.
 */
import * as z from "zod";
import {
  isRecordColumn,
  ownColumns,
  readPurposes,
  recordColumns,
} from "../../../domain/consent.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { isRefusal, type ReadAnswer, type SamplePlace } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { parseMoment } from "../../../domain/time.ts";
import { isOwnersAlone } from "../../../domain/workouts/merge.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import type { WorkoutFact } from "../../../domain/workouts/schema.ts";
import { base64Url } from "../../../kernel/hmac.ts";
import { ownerOnlyProviders } from "../../../providers/index.ts";
import { memberRow } from "../members.ts";
import { nextLink } from "../next-link.ts";
import { type Format, formatReadings, formats, isFormatOf } from "../readings-format.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, type Route, route } from "../route.ts";

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const rangeMsMax = 31 * 86_400_000;
const samplesPerPage = 20_000;
const samplesPerPageMax = 50_000;
const cursorCharsMax = 400;

const params = z.object({
  id: z.string().regex(/^m_[0-9a-f]{32}$/, "a member's id"),
  column: z.string().max(64),
});
const query = z
  .object({
    workout: z.string().max(64).optional(),
    from: moment.optional(),
    to: moment.optional(),
    purpose: z.enum(readPurposes).default("coaching"),
    format: z.enum(formats).default("json"),
    limit: z.coerce.number().int().min(1).max(samplesPerPageMax).default(samplesPerPage),
    cursor: z.string().max(cursorCharsMax).optional(),
  })
  .refine(
    (q) => (q.workout === undefined) !== (q.from === undefined || q.to === undefined),
    "either a workout, or from and to",
  );

const readings = z
  .object({
    member: z.string(),
    column: z.enum([...recordColumns, ...ownColumns]),
    readings: z.array(
      z.object({
        record: z.string().describe("The source record that it was measured by."),
        version: z.number().int().describe("Grows whenever the record's value changes."),
        value: z.unknown().describe("Samples with RFC 3339 times, a text, or a raw slice."),
      }),
    ),
    next: z.string().nullable().describe("The cursor of the next page of samples."),
  })
  .meta({ id: "Readings" });

export const readingRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/members/:id/readings/:column",
    tag: "restricted",
    access: "signed-in",
    audit: { deed: "read-readings", by: "vault" },
    summary: "Heart rate, track and other restricted columns, by the member's leave, on the record",
    params,
    query,
    answers: { 200: { description: "Opened readings, never cached.", schema: readings } },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: read,
  }),
];

type ReadCall = Call<z.output<typeof params>, z.output<typeof query>, undefined>;

async function read(call: ReadCall): Promise<Response> {
  const { id, column } = call.params;
  const { format, limit, purpose, workout, cursor } = call.query;
  if (!isRecordColumn(column)) return call.fail("not-found");
  if (!isFormatOf(format, column)) return invalid(call, "format");
  const after = cursor === undefined ? null : placeIn(cursor);
  if (after === "broken") return invalid(call, "cursor");
  const meant = await rowsMeant(call);
  if (meant === null) return call.fail("invalid-request");
  const answer = await call.ports.open.readings(call.token, {
    member: id as MemberId,
    column,
    purpose,
    ...meant,
    take: workout === undefined ? "all" : "first",
    after,
    limit,
  });
  if (isRefusal(answer)) return call.fail(refusalOf(answer));
  if (answer.readings.length === 0 && answer.next === null) return call.fail("not-found");
  return shown(call, format, answer);
}

const invalid = (call: ReadCall, field: string): Response =>
  call.fail("invalid-request", { fields: [{ field: `query.${field}`, rule: "invalid_value" }] });

/** A page says where the next one begins (RFC 8288) and which entry says so, in every format. */
function shown(call: ReadCall, format: Format, { entry, readings, next }: ReadAnswer): Response {
  const { id: member, column } = call.params;
  const cursor = next === null ? null : cursorOf(next);
  const { body, contentType } = formatReadings(format, { member, column, readings, next: cursor });
  const newest = readings.reduce((version, reading) => Math.max(version, reading.version), 0);
  const headers = new Headers({
    "content-type": contentType,
    "cache-control": "no-store",
    "audit-entry": `${entry.log}/${entry.index}`,
    etag: readings.length === 1 ? `"${newest}"` : `W/"${newest}-${readings.length}"`,
  });
  if (cursor !== null) headers.set("link", nextLink(call.request.url, query.shape, cursor));
  return new Response(body, { headers });
}

const place = z.tuple([z.string().min(1).max(128), z.number().int().min(0)]);

const cursorOf = ({ row, sample }: SamplePlace): string =>
  base64Url(new TextEncoder().encode(JSON.stringify([row, sample])));

function placeIn(cursor: string): SamplePlace | "broken" {
  try {
    const bytes = atob(cursor.replaceAll("-", "+").replaceAll("_", "/"));
    const parsed = place.safeParse(JSON.parse(bytes));
    if (!parsed.success || !Number.isSafeInteger(parsed.data[1])) return "broken";
    return { row: parsed.data[0], sample: parsed.data[1] };
  } catch {
    return "broken";
  }
}

interface Meant {
  readonly rows: readonly string[];
  readonly ownRows: readonly string[];
  readonly span: { readonly fromMs: number; readonly toMs: number } | null;
}

/** Which rows the caller means; a workout that is not there means none, told only by the vault. */
async function rowsMeant(call: ReadCall): Promise<Meant | null> {
  const { workout, from = "", to = "" } = call.query;
  const [start, end] = [parseMoment(from), parseMoment(to)];
  const span = start.ok && end.ok ? { fromMs: start.value.atMs, toMs: end.value.atMs } : null;
  if (workout === undefined) {
    if (span === null || span.toMs < span.fromMs) return null;
    if (span.toMs - span.fromMs > rangeMsMax) return null;
  }
  const known = await memberRow(call.ports, call.params.id as MemberId);
  if (known === null) return { rows: [], ownRows: [], span };
  const ledger = call.ports.ledger(streams.workouts, known.id);
  if (span !== null) {
    const facts = (await ledger.between(span.fromMs, span.toMs)) as readonly WorkoutFact[];
    return { rows: facts.map(({ id }) => id), ownRows: owners(facts), span };
  }
  const found = (await ledger.find(workout ?? "")) as ResolvedWorkout | null;
  if (found === null) return { rows: [], ownRows: [], span };
  const sources = found.sources.map((source) => ({ ...source, id: source.fact }));
  return { rows: bestFirst(found, call.params.column), ownRows: owners(sources), span };
}

/**
 * Of these records, those that only their member may see, by their provider's terms. The vault is
 * asked for all the rows but these when anybody else reads. Whole records only: what a provider
 * keeps to its owner field by field (`provider/field`, `allBut` of its facts) is a display field
 * (`displayFields`), open, and none of those is sealed; so of readings there is nothing more to keep.
 */
const owners = (facts: readonly Pick<WorkoutFact, "id" | "provider" | "app">[]): string[] =>
  facts.filter((fact) => isOwnersAlone(fact, ownerOnlyProviders)).map(({ id }) => id);

/** The merge says whose heart rate and track to show; other columns follow the sources' order. */
function bestFirst(w: ResolvedWorkout, column: string): readonly string[] {
  if (column === "heart_rate") return w.heartRate;
  return column === "track" ? w.track : w.sources.map((s) => s.fact);
}
