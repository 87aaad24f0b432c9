/**
 * Local days made anew from chunks: those metrics of those days whose stamp is not the one that would
 * be made now. So whatever a crash, a changed zone, another order of devices or an erased connection
 * left behind is mended by whoever comes next, and what is as it was costs no chunk its opening.
 */
import type { Devices, OpenFact, Zones } from "../../domain/ports.ts";
import type { Chunk } from "../../domain/samples/chunk.ts";
import {
  type ChunkVersion,
  type DayEntry,
  type DayRow,
  dayText,
  entriesOf,
  type HoursEntry,
  hoursText,
  rankedBy,
  stampOf,
  type Totals,
} from "../../domain/samples/day-code.ts";
import { chunkDaysOf, type Hours, hoursOf } from "../../domain/samples/days.ts";
import { type Metric, openMetrics } from "../../domain/samples/metrics.ts";
import { openTotalsOf } from "../../domain/samples/open-totals.ts";
import { rankOf } from "../../domain/samples/priority.ts";
import { type Measured, resolveMetric } from "../../domain/samples/resolve.ts";
import type { DeviceId } from "../../domain/samples/sample.ts";
import { shortHash } from "../../domain/samples/short-hash.ts";
import type { LocalDate } from "../../domain/time.ts";
import { ownConnection, utf8 } from "./cell.ts";
import { dayColumn, hoursColumn } from "./groups.ts";
import type { Looked, SampleLook } from "./sample-look.ts";
import { dayRow, type SampleNames } from "./sample-rows.ts";
import type { Write } from "./sealed-write.ts";

/** A chunk as this turn leaves it. */
export interface StagedChunk extends ChunkVersion {
  readonly metric: Metric;
  readonly day: LocalDate;
  readonly chunk: Chunk;
}
export interface Resolving {
  readonly look: SampleLook;
  readonly zones: Zones;
  readonly devices: Devices;
  /** By row. */
  readonly staged: ReadonlyMap<string, StagedChunk>;
  readonly nowMs: number;
}
/** What a local day is kept as after this turn. */
export interface ResolvedDate {
  readonly date: LocalDate;
  readonly row: DayRow;
  readonly hours: ReadonlyMap<Metric, HoursEntry>;
  /** Something of it was made anew. */
  readonly isChanged: boolean;
  /** It was kept before. */
  readonly isKept: boolean;
}

/** Which metrics of which local days are asked for, and which chunks they rest on. */
export class Needs {
  readonly #zones: Zones;
  readonly #metrics = new Map<LocalDate, Set<Metric>>();
  readonly #days = new Map<Metric, Set<LocalDate>>();

  constructor(zones: Zones) {
    this.#zones = zones;
  }

  /** False when it was there. */
  add(metric: Metric, date: LocalDate): boolean {
    const metrics = this.#metrics.get(date) ?? new Set();
    if (metrics.has(metric)) return false;
    this.#metrics.set(date, metrics.add(metric));
    this.addDays(metric, chunkDaysOf(metric, date, this.#zones));
    return true;
  }

  /** With the metrics whose totals are open: a day's fact tells all of them. */
  addWhole(metric: Metric, date: LocalDate): boolean {
    return [metric, ...openMetrics].map((one) => this.add(one, date)).some((isNew) => isNew);
  }

  addDays(metric: Metric, days: Iterable<LocalDate>): void {
    const known = this.#days.get(metric) ?? new Set();
    for (const day of days) known.add(day);
    this.#days.set(metric, known);
  }

  daysOf(metric: Metric): ReadonlySet<LocalDate> {
    return this.#days.get(metric) ?? new Set();
  }

  get metrics(): ReadonlyMap<LocalDate, ReadonlySet<Metric>> {
    return this.#metrics;
  }

  looked(own: readonly string[]): Looked {
    const days = new Map([...this.#days].map(([metric, some]) => [metric, new Set(some)]));
    return { days, dates: new Set(this.#metrics.keys()), own };
  }
}

/** Null: a chunk is not as it was listed. */
export async function resolveDates(
  resolving: Resolving,
  asked: ReadonlyMap<LocalDate, ReadonlySet<Metric>>,
): Promise<readonly ResolvedDate[] | null> {
  const stale = staleIn(resolving, asked, true);
  const rows = stale.flatMap(({ chunks }) => chunks.map(({ row }) => row));
  const unstaged = rows.filter((row) => !resolving.staged.has(row));
  if (!(await resolving.look.openChunks(unstaged))) return null;
  const byDate = new Map<LocalDate, Stale[]>([...asked.keys()].map((date) => [date, []]));
  for (const one of stale) byDate.get(one.date)?.push(one);
  return [...byDate].map(([date, some]) => resolvedDate(resolving, date, some));
}

/** What is not as it would be made now. `withHours`: they were read too. */
export const staleIn = (
  resolving: Resolving,
  asked: ReadonlyMap<LocalDate, ReadonlySet<Metric>>,
  withHours: boolean,
): Stale[] =>
  [...asked].flatMap(([date, metrics]) => {
    const before = resolving.look.day(date);
    return [...metrics].flatMap((metric) => {
      const chunks = chunksFor(resolving, metric, date);
      const entry = before.row?.metrics.get(metric);
      const stamp = stampAt(resolving, metric, date, chunks, entry?.devices ?? []);
      const isSame =
        stamp === (entry?.stamp ?? null) &&
        (!withHours || stamp === (before.hours.get(metric)?.stamp ?? null));
      return isSame ? [] : [{ date, metric, chunks }];
    });
  });

export interface Stale {
  readonly date: LocalDate;
  readonly metric: Metric;
  readonly chunks: readonly ChunkVersion[];
}

function resolvedDate(
  resolving: Resolving,
  date: LocalDate,
  stale: readonly Stale[],
): ResolvedDate {
  const before = resolving.look.day(date);
  const metrics = new Map<Metric, DayEntry>(before.row?.metrics);
  const hours = new Map<Metric, HoursEntry>(before.hours);
  for (const { metric, chunks } of stale) {
    const within = hoursOf(metric, date, resolving.zones);
    const all = chunks.flatMap(({ row }) => measuredIn(resolving, row));
    const measured = all.filter((one) => touches(one, within));
    const devices = [...new Set(measured.map(({ device }) => device))];
    const stamp = stampAt(resolving, metric, date, chunks, devices);
    metrics.delete(metric);
    hours.delete(metric);
    if (stamp === null) continue;
    const rank = rankOn(resolving, date);
    const entries = entriesOf(stamp, devices, resolveMetric(metric, measured, rank, within));
    metrics.set(metric, entries.day);
    hours.set(metric, entries.hours);
  }
  const totals = totalsAfter(before.row?.totals ?? null, metrics, resolving.nowMs);
  const isKept = before.row !== null;
  return { date, row: { totals, metrics }, hours, isChanged: stale.length > 0, isKept };
}

function touches({ fromMs, toMs }: Measured, hours: Hours): boolean {
  const [first, last] = [hours[0], hours.at(-1)];
  return first !== undefined && last !== undefined && fromMs < last.toMs && toMs >= first.fromMs;
}

/** Of all connections, with what this turn makes of them. */
function chunksFor(
  { look, staged, zones }: Resolving,
  metric: Metric,
  date: LocalDate,
): ChunkVersion[] {
  const days = new Set(chunkDaysOf(metric, date, zones));
  const chunks = new Map<string, ChunkVersion>();
  for (const day of days) for (const ref of look.chunksOf(metric, day)) chunks.set(ref.row, ref);
  for (const one of staged.values())
    if (one.metric === metric && days.has(one.day)) chunks.set(one.row, one);
  return [...chunks.values()].sort((a, b) => (a.row < b.row ? -1 : 1));
}

const rankOn = ({ devices }: Resolving, date: LocalDate) =>
  rankOf(devices.devices, devices.orders, date);

const stampAt = (
  resolving: Resolving,
  metric: Metric,
  date: LocalDate,
  chunks: readonly ChunkVersion[],
  devices: readonly DeviceId[],
): string | null =>
  stampOf(
    hoursOf(metric, date, resolving.zones),
    chunks,
    rankedBy(devices, rankOn(resolving, date)),
    shortHash,
  );

/** A sample's key is one of its own, and the same however it came. */
function measuredIn({ look, staged }: Resolving, row: string): Measured[] {
  const chunk = staged.get(row)?.chunk ?? look.chunk(row);
  return [...(chunk?.records.values() ?? [])].flatMap(({ key, gone, device, samples }) =>
    gone ? [] : samples.map((sample, i) => ({ ...sample, device, key: `${key} ${i} ${row}` })),
  );
}

/** A revision never goes back, not even of a day that was forgotten: the clock is in it. */
function totalsAfter(
  before: Totals | null,
  metrics: ReadonlyMap<Metric, DayEntry>,
  nowMs: number,
): Totals {
  const counted = [...metrics].flatMap(([metric, { day }]) =>
    day === null ? [] : [[metric, day]],
  );
  const open = openTotalsOf(Object.fromEntries(counted));
  // A day on which there is nothing any more says so.
  const totals = counted.length === 0 ? { steps: 0, distanceMm: 0, energyMcal: 0 } : open;
  const isSame =
    before?.steps === totals.steps &&
    before.distanceMm === totals.distanceMm &&
    before.energyMcal === totals.energyMcal;
  const revision = isSame ? before.revision : Math.max((before?.revision ?? 0) + 1, nowMs);
  return { ...totals, revision };
}

/** Both groups of a day are written or none. */
export async function dayWrites(
  { look }: Pick<Resolving, "look">,
  resolved: readonly ResolvedDate[],
): Promise<Write[]> {
  const writes = await Promise.all(
    resolved.map(({ date, row, hours }) => {
      const { dayVersion, hoursVersion } = look.day(date);
      const write = (group: string, over: number, text: string) =>
        look.turn.write(dayRow(date), group, ownConnection, over, utf8(text));
      return Promise.all([
        write(dayColumn, dayVersion, dayText(row)),
        write(hoursColumn, hoursVersion, hoursText(hours)),
      ]);
    }),
  );
  return writes.flat();
}

export async function dayFact(
  names: SampleNames,
  { date, row: { totals } }: ResolvedDate,
  zones: Zones,
): Promise<OpenFact> {
  const { revision, steps, distanceMm, energyMcal } = totals;
  const [first] = hoursOf("steps", date, zones);
  return {
    ...{ id: await names.dayFact(date), revision, at: first?.fromMs ?? Date.parse(date) },
    ...{ member: names.member, connection: null, kind: "day", day: date },
    ...{ steps, distanceMm, energyMcal },
  };
}
