/** A member's workouts, each once, with the records it was folded from and why. */
import { z } from "zod";
import { streams } from "../../../domain/streams.ts";
import { formatMoment } from "../../../domain/time.ts";
import type { Reason, ResolvedWorkout } from "../../../domain/workouts/resolved.ts";
import { type Call, json, pageQuery, type Route, route } from "../route.ts";

const chosen = z.object({ value: z.number().int(), from: z.string() });
const reason = z.object({
  records: z.tuple([z.string(), z.string()]),
  rule: z.string(),
  overlap: z.number().describe("Share of the shorter record's time, 0 to 1."),
  because: z.string(),
});
const workout = z
  .object({
    id: z.string(),
    type: z.string(),
    family: z.string(),
    start: z.string(),
    end: z.string(),
    offsetFrom: z.enum(["source", "zone"]),
    day: z.string(),
    elapsedMs: z.number().int(),
    movingMs: chosen,
    distanceMm: chosen.nullable(),
    energyMcal: chosen.nullable(),
    elevationGainMm: chosen.nullable(),
    sources: z.array(
      z.object({
        record: z.string(),
        provider: z.string(),
        type: z.string(),
        start: z.string(),
        elapsedMs: z.number().int(),
        distanceMm: z.number().int().nullable(),
        deviceModel: z.string().nullable(),
        app: z.string().nullable(),
      }),
    ),
    joined: z.array(reason).describe("What made its records one."),
    apart: z.array(reason).describe("Records nearby that are another workout, and why."),
  })
  .meta({ id: "Workout" });

const params = z.object({ id: z.string().max(64) });
const query = pageQuery(200);

export const workoutRoutes: readonly Route[] = [
  route({
    method: "get",
    path: "/v1/workouts",
    tag: "workouts",
    access: "member",
    summary: "My workouts, newest first",
    query,
    answers: {
      200: {
        description: "A page.",
        schema: z.object({ items: z.array(workout), next: z.string().nullable() }),
      },
    },
    problems: ["invalid-request", "unauthenticated", "not-a-member", "unavailable"],
    handle: list,
  }),
  route({
    method: "get",
    path: "/v1/workouts/:id",
    tag: "workouts",
    access: "member",
    summary: "One workout, with its sources and reasons",
    params,
    answers: { 200: { description: "The workout.", schema: workout } },
    problems: ["unauthenticated", "not-a-member", "not-found", "unavailable"],
    handle: show,
  }),
];

async function list(call: Call<undefined, z.output<typeof query>, undefined>): Promise<Response> {
  const { cursor, limit } = call.query;
  const before = cursor === undefined ? null : parseCursor(cursor);
  if (before === undefined) return call.fail("invalid-request");
  const ledger = call.ports.ledger(streams.workouts, call.member);
  const found = await ledger.list(before, limit);
  return json({
    items: found.items.map((w) => shown(w as ResolvedWorkout)),
    next: found.next === null ? null : btoa(found.next),
  });
}

function parseCursor(text: string): string | undefined {
  try {
    const decoded = atob(text);
    const [at, id] = JSON.parse(decoded);
    return Number.isSafeInteger(at) && typeof id === "string" ? decoded : undefined;
  } catch {
    return undefined;
  }
}

async function show(call: Call<z.output<typeof params>, undefined, undefined>): Promise<Response> {
  const ledger = call.ports.ledger(streams.workouts, call.member);
  const found = (await ledger.find(call.params.id)) as ResolvedWorkout | null;
  return found === null ? call.fail("not-found") : json(shown(found));
}

const reasonOf = ({ a, b, rule, overlapPermille, because }: Reason) => ({
  records: [a, b] as [string, string],
  rule,
  overlap: overlapPermille / 1000,
  because,
});

const shown = (w: ResolvedWorkout): z.output<typeof workout> => ({
  id: w.id,
  type: w.type,
  family: w.family,
  start: formatMoment(w.at, w.offsetMin),
  end: formatMoment(w.toMs, w.offsetMin),
  offsetFrom: w.offsetFrom,
  day: w.day,
  elapsedMs: w.elapsedMs,
  movingMs: w.moving,
  distanceMm: w.distance,
  energyMcal: w.energy,
  elevationGainMm: w.elevationGain,
  sources: w.sources.map((s) => ({
    record: s.fact,
    provider: s.provider,
    type: s.type,
    start: formatMoment(s.at, w.offsetMin),
    elapsedMs: s.elapsedMs,
    distanceMm: s.distanceMm,
    deviceModel: s.deviceModel,
    app: s.app,
  })),
  joined: w.joined.map(reasonOf),
  apart: w.apart.map(reasonOf),
});
