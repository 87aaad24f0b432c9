/**
 * What a member's samples came to, for somebody who is shown it: days are mended first, which is the
 * vault's own work and shows nothing; then one batch on the primary decides, and sees that all of it
 * still is as it was opened.
 */
import type { Digest, MemberId } from "../../domain/identity.ts";
import type { Zones } from "../../domain/ports.ts";
import type { DayAggregates } from "../../domain/samples/aggregate.ts";
import { chunkDaysOf } from "../../domain/samples/days.ts";
import type { Goals } from "../../domain/samples/goals.ts";
import type { Metric } from "../../domain/samples/metrics.ts";
import { samplesVersion } from "../../domain/samples/resolve.ts";
import { addDays, type LocalDate } from "../../domain/time.ts";
import { ownConnection } from "./cell.ts";
import type { Vault } from "./env.ts";
import { dayColumn, devicesColumn, goalsColumn } from "./groups.ts";
import { dayWrites, Needs, resolveDates, type Stale, staleIn } from "./sample-days.ts";
import { askedFor, lookAtSamples, lookIn, type SampleLook } from "./sample-look.ts";
import { chunkRows, dayRow, devicesRow, goalsRow, SampleNames } from "./sample-rows.ts";
import { KeyReplaced } from "./sealed-merge.ts";
import { isStanding } from "./sealed-read.ts";
import { again, SealedTurn, updateSealed } from "./sealed-update.ts";

const attemptsMax = 4;
const datesPerStepMax = 16;
/** Around a date that no clock of the member's ever showed. */
const daysAround = 4;
const versionChars = 22;

export interface DaysAsked {
  readonly metrics: readonly Metric[];
  readonly from: LocalDate;
  readonly to: LocalDate;
  readonly zones: Zones;
  readonly hours?: boolean;
  /** With the member's goals: for nobody's eyes but theirs. */
  readonly goals?: boolean;
}
/** Asked of the same database, and decided on what it said. */
export interface Gate {
  readonly statements: (db: Pick<D1DatabaseSession, "prepare">) => readonly D1PreparedStatement[];
  readonly permits: (results: readonly D1Result[]) => boolean;
}
export interface OpenedDays {
  readonly days: readonly DayAggregates[];
  /** Null where they were not asked for. */
  readonly goals: Goals | null;
  readonly version: string;
}

const open: Gate = { statements: () => [], permits: () => true };

/** Days on which something is, in order. Whether they may be shown, whoever asks decides after. */
export async function readDays(
  vault: Vault,
  digest: Digest,
  member: MemberId,
  asked: DaysAsked,
  nowMs: number,
): Promise<readonly DayAggregates[] | "busy" | "forgotten"> {
  const opened = await openDays(vault, digest, member, asked, open, nowMs);
  if (opened === "refused") throw new Error("an open gate refused");
  return typeof opened === "string" ? opened : opened.days;
}

/**
 * 1. versions, days and what the gate asks are read   refused here, nothing is opened
 * 2. days that are not as they would be made now are  some are mended: whoever comes next mends the
 *    made anew and kept, some at a time               rest
 * 3. one primary batch says the same of the gate,     anything else starts over, a bounded number of
 *    and that nothing changed since 1                 times; then it is "busy"
 */
export async function openDays(
  vault: Vault,
  digest: Digest,
  member: MemberId,
  asked: DaysAsked,
  gate: Gate,
  nowMs: number,
): Promise<OpenedDays | "refused" | "busy" | "forgotten"> {
  const names = new SampleNames(digest, member);
  const needs = new Needs(asked.zones);
  for (let date = asked.from; date <= asked.to; date = addDays(date, 1))
    for (const metric of asked.metrics) needs.add(metric, date);
  for (let attempt = 0; attempt < attemptsMax; attempt++) {
    try {
      const scan = await scanDays(vault, names, needs, asked, gate, nowMs);
      if (scan === "refused" || scan === "forgotten") return scan;
      if (scan.stale.length > 0) {
        if (!(await mend(vault, names, scan.stale, asked.zones, nowMs))) return "forgotten";
        continue;
      }
      const session = vault.phi.withSession("first-primary");
      const [marked, ...results] = await session.batch([
        markOf(session, member, asked),
        ...gate.statements(session),
      ]);
      const mark = markIn(marked);
      if (mark === null) return "forgotten";
      if (!gate.permits(results)) return "refused";
      if (JSON.stringify(mark) !== JSON.stringify(scan.mark)) continue;
      const version = await versionOf(digest, member, asked, mark);
      const goals = asked.goals === true ? scan.look.goals() : null;
      return { days: shownDays(scan.look, asked), goals, version };
    } catch (error) {
      if (!(error instanceof KeyReplaced)) throw error;
    }
  }
  return "busy";
}

interface Scan {
  readonly mark: Mark;
  readonly look: SampleLook;
  readonly stale: readonly Stale[];
}

async function scanDays(
  vault: Vault,
  names: SampleNames,
  needs: Needs,
  asked: DaysAsked,
  gate: Gate,
  nowMs: number,
): Promise<Scan | "refused" | "forgotten"> {
  const { zones, hours = false } = asked;
  const turn = new SealedTurn(vault, names.member, ownConnection, nowMs);
  const looked = needs.looked([]);
  const groups = hours ? null : [dayColumn, devicesColumn, goalsColumn];
  const { phi } = vault;
  const about = askedFor(looked, groups);
  const seen = await turn.look({
    ...about,
    rows: asked.goals === true ? [...about.rows, goalsRow] : about.rows,
    alongside: [markOf(phi, names.member, asked), ...gate.statements(phi)],
  });
  const mark = markIn(seen?.alongside[0]);
  if (seen === null || mark === null) return "forgotten";
  if (!gate.permits(seen.alongside.slice(1))) return "refused";
  const look = await lookIn(turn, names, looked, seen);
  const resolving = { look, zones, devices: look.devices(), staged: new Map(), nowMs };
  return { mark, look, stale: staleIn(resolving, needs.metrics, hours) };
}

/** False for a member who is gone. */
async function mend(
  vault: Vault,
  names: SampleNames,
  stale: readonly Stale[],
  zones: Zones,
  nowMs: number,
): Promise<boolean> {
  const dates = [...new Set(stale.map(({ date }) => date))];
  for (let at = 0; at < dates.length; at += datesPerStepMax) {
    const some = new Set(dates.slice(at, at + datesPerStepMax));
    const needs = new Needs(zones);
    for (const { date, metric } of stale) if (some.has(date)) needs.add(metric, date);
    const mended = await updateSealed(vault, names.member, ownConnection, nowMs, async (turn) => {
      const look = await lookAtSamples(turn, names, needs.looked([]));
      if (look === null) return "forgotten";
      const resolving = { look, zones, devices: look.devices(), staged: new Map(), nowMs };
      const days = await resolveDates(resolving, needs.metrics);
      if (days === null) return again;
      const changed = days.filter(({ isChanged }) => isChanged);
      return { writes: await dayWrites({ look }, changed), seen: [], value: "mended" };
    });
    if (mended === "forgotten") return false;
  }
  return true;
}

function shownDays(look: SampleLook, { metrics, from, to, hours }: DaysAsked): DayAggregates[] {
  const days: DayAggregates[] = [];
  for (let date = from; date <= to; date = addDays(date, 1)) {
    const held = look.day(date);
    const shown = metrics.flatMap((metric) => {
      const day = held.row?.metrics.get(metric)?.day ?? null;
      return day === null ? [] : [{ metric, day, hours: held.hours.get(metric)?.hours ?? [] }];
    });
    if (shown.length === 0) continue;
    days.push({
      date,
      metrics: Object.fromEntries(shown.map(({ metric, day }) => [metric, day])),
      ...(hours === true
        ? { hours: Object.fromEntries(shown.map((one) => [one.metric, one.hours])) }
        : {}),
    });
  }
  return days;
}

/**
 * In which versions all is that these days rest on, and they themselves; of devices the revision of
 * their order, of goals theirs where they are asked for. No write leaves it as it was: a version
 * never comes again, and what goes is one less.
 */
export interface Mark {
  readonly chunks: string;
  readonly days: string;
  readonly devices: number;
  readonly goals: number;
}

export function markOf(
  db: Pick<D1DatabaseSession, "prepare">,
  member: MemberId,
  { metrics, from, to, zones, goals = false }: DaysAsked,
): D1PreparedStatement {
  const ends = metrics.flatMap((metric) => [
    chunkDaysOf(metric, from, zones)[0] ?? addDays(from, -daysAround),
    chunkDaysOf(metric, to, zones).at(-1) ?? addDays(to, daysAround),
  ]);
  const inOrder = ends.sort();
  const [first, last] = [inOrder[0] ?? from, inOrder.at(-1) ?? to];
  const marked = (range: string): string =>
    `(SELECT count(*) || ' ' || coalesce(sum(s.version), 0) || ' ' || coalesce(max(s.version), 0)
      FROM sealed AS s WHERE s.member = ?1 AND ${range} AND ${isStanding})`;
  const revisionOf = (row: string, group: string): string =>
    `coalesce((SELECT revision FROM sealed
       WHERE member = ?1 AND row_id = ${row} AND group_name = ${group}), 0)`;
  return db
    .prepare(
      `SELECT ${marked("s.row_id >= ?2 AND s.row_id < ?3")} AS chunks,
         ${marked("s.row_id >= ?4 AND s.row_id <= ?5")} AS days,
         ${revisionOf("?6", "?7")} AS devices, ${revisionOf("?8", "?9")} AS goals
       FROM member WHERE id = ?1 AND erased_at IS NULL`,
    )
    .bind(
      ...[member, `${chunkRows}${first}/`, `${chunkRows}${last}0`, dayRow(from), dayRow(to)],
      // A row of no name is not there.
      ...[devicesRow, devicesColumn, goals ? goalsRow : "", goalsColumn],
    );
}

/** Null for a member who is unknown or erased. */
export const markIn = (result: D1Result | undefined): Mark | null =>
  ((result?.results ?? []) as Mark[])[0] ?? null;

/** Of an answer: the same while nothing that it rests on is another. */
export const versionOf = async (
  digest: Digest,
  member: MemberId,
  { metrics, from, to, hours = false, zones, goals = false }: DaysAsked,
  mark: Mark,
): Promise<string> => {
  const asked = JSON.stringify([[...metrics].sort(), from, to, hours, zones, goals]);
  const rests = [mark.chunks, mark.devices, mark.goals];
  const named = ["aggregates", samplesVersion, member, asked, ...rests];
  return (await digest(named)).slice(0, versionChars);
};
