/**
 * Local days made anew for whoever counts in the open: settlement, a changed zone or order of devices,
 * an erasure. Only what is open of a day is looked at; the rest mends itself when somebody reads it.
 */
import type { Digest, FactId, MemberId } from "../../domain/identity.ts";
import type { OpenFact, Zones } from "../../domain/ports.ts";
import { datesOf } from "../../domain/samples/days.ts";
import { openMetrics } from "../../domain/samples/metrics.ts";
import { addDays, type LocalDate, msPerDay } from "../../domain/time.ts";
import { ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { dayFact, dayWrites, Needs, resolveDates } from "./sample-days.ts";
import { lookAtSamples } from "./sample-look.ts";
import {
  belowChunkRows,
  belowDayRows,
  chunkRows,
  dayRow,
  dayRows,
  SampleNames,
} from "./sample-rows.ts";
import { isStanding } from "./sealed-read.ts";
import { again, updateSealed } from "./sealed-update.ts";

const datesPerStepMax = 16;
const noneStaged = new Map();

/**
 * Step by step; each is one write of all of its days, or of none. Said again, it is the same. Nothing
 * for a member who is unknown or erased.
 */
export async function resolveSamples(
  vault: Vault,
  digest: Digest,
  { member, zones }: { readonly member: MemberId; readonly zones: Zones },
  dates: readonly LocalDate[],
  nowMs: () => number,
): Promise<{ readonly facts: readonly OpenFact[] }> {
  const names = new SampleNames(digest, member);
  const each = [...new Set(dates)];
  const facts: OpenFact[] = [];
  for (let at = 0; at < each.length; at += datesPerStepMax) {
    const some = each.slice(at, at + datesPerStepMax);
    const resolved = await resolveStep(vault, names, some, zones, nowMs());
    if (resolved === "forgotten") return { facts: [] };
    facts.push(...resolved);
  }
  return { facts };
}

function resolveStep(
  vault: Vault,
  names: SampleNames,
  dates: readonly LocalDate[],
  zones: Zones,
  nowMs: number,
): Promise<OpenFact[] | "forgotten"> {
  const needs = new Needs(zones);
  for (const date of dates) for (const metric of openMetrics) needs.add(metric, date);
  return updateSealed(vault, names.member, ownConnection, nowMs, async (turn) => {
    const look = await lookAtSamples(turn, names, needs.looked([]));
    if (look === null) return "forgotten";
    const resolving = { look, zones, devices: look.devices(), staged: noneStaged, nowMs };
    const days = await resolveDates(resolving, needs.metrics);
    if (days === null) return again;
    const changed = days.filter(({ isChanged, isKept }) => isChanged || !isKept);
    const writes = await dayWrites({ look }, changed);
    const value = await Promise.all(days.map((day) => dayFact(names, day, zones)));
    return { writes, seen: [], value };
  });
}

/** A chunk may hold what began on the local day before it or after. */
const nearDays = 2;
/** Beyond a page: chunks whose days all lie before it. */
const chunkDaysBeside = 8;

/**
 * Told by chunks that are there and days that are kept, none of them opened: so a neighbour may be
 * among them on which nothing is.
 */
export async function sampleDays(
  { phi }: Vault,
  { member, zones }: { readonly member: MemberId; readonly zones: Zones },
  from: LocalDate,
  limit: number,
): Promise<readonly LocalDate[]> {
  const [chunks, kept] = await phi.batch<{ day: LocalDate }>([
    phi
      .prepare(
        `SELECT DISTINCT substr(s.row_id, ${chunkRows.length + 1}, 10) AS day FROM sealed AS s
         WHERE s.member = ?1 AND s.row_id >= ?2 AND s.row_id < ?3 AND ${isStanding}
           AND EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
         ORDER BY day LIMIT ?4`,
      )
      .bind(...[member, `${chunkRows}${dayBefore(from)}`, belowChunkRows, limit + chunkDaysBeside]),
    phi
      .prepare(
        `SELECT DISTINCT substr(s.row_id, ${dayRows.length + 1}) AS day FROM sealed AS s
         WHERE s.member = ?1 AND s.row_id >= ?2 AND s.row_id < ?3
           AND EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
         ORDER BY day LIMIT ?4`,
      )
      .bind(member, dayRow(from), belowDayRows, limit),
  ]);
  const dates = new Set((kept?.results ?? []).map(({ day }) => day));
  for (const { day } of chunks?.results ?? []) {
    const atMs = Date.parse(day);
    for (const date of datesOf("steps", atMs, atMs + msPerDay, zones)) dates.add(date);
  }
  return [...dates]
    .filter((date) => date >= from)
    .sort()
    .slice(0, limit);
}

/** As text: years before the first have no days before them. */
const dayBefore = (from: LocalDate): string => (from < "0001" ? "" : addDays(from, -nearDays));

/** Those that stand, none of them opened. */
export async function sampleChunks(
  { phi }: Vault,
  member: MemberId,
  { from, to }: { readonly from: LocalDate; readonly to: LocalDate },
  limit: number,
): Promise<readonly FactId[]> {
  const { results } = await phi
    .prepare(
      `SELECT s.row_id AS id FROM sealed AS s
       WHERE s.member = ?1 AND s.row_id >= ?2 AND s.row_id < ?3 AND ${isStanding}
         AND EXISTS (SELECT 1 FROM member WHERE id = ?1 AND erased_at IS NULL)
       ORDER BY s.row_id LIMIT ?4`,
    )
    .bind(member, `${chunkRows}${from}/`, `${chunkRows}${to}/`, limit)
    .all<{ id: FactId }>();
  return results.map(({ id }) => id);
}
