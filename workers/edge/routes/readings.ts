/**
 * Restricted readings. The edge only says which sealed rows are meant; the vault verifies the
 * caller's token itself, writes the intent down, decides, and opens. Nothing here is cached.
 */
import { z } from "zod";
import { isReadable, purposes, readableColumns } from "../../../domain/consent.ts";
import type { MemberId } from "../../../domain/identity.ts";
import { isRefusal, type Reading } from "../../../domain/ports.ts";
import { streams } from "../../../domain/streams.ts";
import { formatMoment, parseMoment } from "../../../domain/time.ts";
import type { ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { memberRow } from "../members.ts";
import { refusalOf } from "../refusal.ts";
import { type Call, json, type Route, route } from "../route.ts";

const moment = z.string().refine((text) => parseMoment(text).ok, "RFC 3339");
const rangeMsMax = 31 * 86_400_000;

const params = z.object({
  id: z.string().regex(/^m_[0-9a-f]{32}$/, "a member's id"),
  column: z.string().max(64),
});
const query = z
  .object({
    workout: z.string().max(64).optional(),
    from: moment.optional(),
    to: moment.optional(),
    purpose: z.enum(purposes).default("coaching"),
  })
  .refine(
    (q) => (q.workout === undefined) !== (q.from === undefined || q.to === undefined),
    "either a workout, or from and to",
  );

const readings = z
  .object({
    member: z.string(),
    column: z.enum(readableColumns),
    readings: z.array(
      z.object({
        record: z.string().describe("The source record that it was measured by."),
        value: z.unknown().describe("Samples with RFC 3339 times, or a text."),
      }),
    ),
  })
  .meta({ id: "Readings" });

export const readingRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/members/:id/readings/:column",
    tag: "restricted",
    access: "signed-in",
    summary: "Heart rate, track and other restricted columns, by the member's leave, on the record",
    params,
    query,
    answers: { 200: { description: "Opened readings, never cached.", schema: readings } },
    problems: ["invalid-request", "unauthenticated", "forbidden", "not-found", "unavailable"],
    handle: read,
  }),
];

async function read(
  call: Call<z.output<typeof params>, z.output<typeof query>, undefined>,
): Promise<Response> {
  const { id, column } = call.params;
  if (!isReadable(column)) return call.fail("not-found");
  const rows = await rowsMeant(call);
  if (rows === null) return call.fail("invalid-request");
  const answer = await call.ports.open.readings(call.token, {
    member: id as MemberId,
    column,
    purpose: call.query.purpose,
    rows,
    take: call.query.workout === undefined ? "all" : "first",
  });
  if (isRefusal(answer)) return call.fail(refusalOf(answer));
  if (answer.readings.length === 0) return call.fail("not-found");
  return json({ member: id, column, readings: answer.readings.map(shown) });
}

/** Which rows the caller means; a workout that is not there means none, told only by the vault. */
async function rowsMeant(
  call: Call<z.output<typeof params>, z.output<typeof query>, undefined>,
): Promise<readonly string[] | null> {
  const known = await memberRow(call.ports, call.params.id as MemberId);
  if (known === null) return [];
  const ledger = call.ports.ledger(streams.workouts, known.id);
  const { workout, from = "", to = "" } = call.query;
  if (workout !== undefined) {
    const found = (await ledger.find(workout)) as ResolvedWorkout | null;
    return found === null ? [] : bestFirst(found, call.params.column);
  }
  const [start, end] = [parseMoment(from), parseMoment(to)];
  if (!start.ok || !end.ok || end.value.atMs < start.value.atMs) return null;
  if (end.value.atMs - start.value.atMs > rangeMsMax) return null;
  return ledger.between(start.value.atMs, end.value.atMs);
}

/** The merge says whose heart rate and track to show; other columns follow the sources' order. */
function bestFirst(w: ResolvedWorkout, column: string): readonly string[] {
  if (column === "heart_rate") return w.heartRate;
  return column === "track" ? w.track : w.sources.map((s) => s.fact);
}

function shown({ row, value }: Reading) {
  const opened: unknown = JSON.parse(value);
  if (!Array.isArray(opened)) return { record: row, value: opened };
  return {
    record: row,
    value: opened.map((sample) => ({ ...sample, t: formatMoment(Number(sample.t)) })),
  };
}
