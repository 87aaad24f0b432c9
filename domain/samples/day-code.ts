/**
 * What the vault keeps of a local day beside its chunks: per metric what it came to, and a stamp of
 * what that was made from. While the stamp is the one that would be made now, so is the rest. Written
 * as JSON with devices in a table, since hours repeat them.
 */
import type { Aggregate, HourAggregate, MetricDay, Share } from "./aggregate.ts";
import type { Hours } from "./days.ts";
import { isMetric, type Metric, type SleepStage } from "./metrics.ts";
import type { OpenTotals } from "./open-totals.ts";
import type { ShortHash } from "./record-key.ts";
import { samplesVersion } from "./resolve.ts";
import type { DeviceId } from "./sample.ts";

/** One metric of one local day. */
export interface DayEntry {
  readonly stamp: string;
  /** Whoever measured it, counted or not. */
  readonly devices: readonly DeviceId[];
  /** Null: nothing counted. */
  readonly day: Aggregate | null;
}
export interface HoursEntry {
  readonly stamp: string;
  readonly hours: readonly HourAggregate[];
}
/** `revision`: of the totals; grows only when one of them is another. */
export type Totals = OpenTotals & { readonly revision: number };
export interface DayRow {
  readonly totals: Totals;
  readonly metrics: ReadonlyMap<Metric, DayEntry>;
}
export type HoursRow = ReadonlyMap<Metric, HoursEntry>;

/** A chunk in one of its versions. */
export interface ChunkVersion {
  readonly row: string;
  readonly version: number;
  /** Two contents of one version are of two digests. */
  readonly digest: string;
}

/** `ranked`: whoever measured it, the best first. Of nothing at all there is no stamp. */
export function stampOf(
  hours: Hours,
  chunks: readonly ChunkVersion[],
  ranked: readonly DeviceId[],
  hash: ShortHash,
): string | null {
  if (chunks.length === 0) return null;
  const named = chunks.map(({ row, version, digest }) => [row, version, digest]).sort();
  const spans = hours.map(({ fromMs, toMs }) => [fromMs, toMs]);
  return hash(JSON.stringify([samplesVersion, spans, named, ranked]));
}

/** Best first; whoever `rank` holds for equal by their ids. */
export const rankedBy = (
  devices: readonly DeviceId[],
  rank: (device: DeviceId) => number,
): DeviceId[] => [...devices].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : a > b ? 1 : 0));

export const entriesOf = (
  stamp: string,
  devices: readonly DeviceId[],
  resolved: MetricDay | null,
): { readonly day: DayEntry; readonly hours: HoursEntry } => ({
  day: { stamp, devices: [...devices].sort(), day: resolved?.day ?? null },
  hours: { stamp, hours: resolved?.hours ?? [] },
});

type AggregateCode = readonly [
  value: number,
  min: number,
  max: number,
  count: number,
  weighed: readonly [string, number] | 0,
  atMs: number | null,
  stages: Readonly<Partial<Record<SleepStage, number>>> | 0,
  sources: readonly (readonly [device: number, amount: number])[],
];
interface DayCode {
  readonly devices: readonly DeviceId[];
  readonly totals: readonly [
    revision: number,
    steps: number | null,
    distanceMm: number | null,
    energyMcal: number | null,
  ];
  readonly metrics: Readonly<
    Record<string, readonly [stamp: string, devices: readonly number[], AggregateCode | null]>
  >;
}
interface HoursCode {
  readonly devices: readonly DeviceId[];
  readonly metrics: Readonly<
    Record<string, readonly [stamp: string, hours: readonly (readonly [number, AggregateCode])[]]>
  >;
}

/** Devices in the order in which they were asked for. */
class Table {
  readonly devices: DeviceId[] = [];
  readonly #at = new Map<DeviceId, number>();

  readonly indexOf = (device: DeviceId): number => {
    const at = this.#at.get(device) ?? this.devices.push(device) - 1;
    this.#at.set(device, at);
    return at;
  };
}

export function dayText({ totals, metrics }: DayRow): string {
  const table = new Table();
  const written = [...metrics].map(([metric, { stamp, devices, day }]) => [
    metric,
    [stamp, devices.map(table.indexOf), day === null ? null : aggregateCode(day, table)],
  ]);
  const { revision, steps, distanceMm, energyMcal } = totals;
  return JSON.stringify({
    devices: table.devices,
    totals: [revision, steps, distanceMm, energyMcal],
    metrics: Object.fromEntries(written),
  });
}

export function readDay(text: string): DayRow {
  const code = JSON.parse(text) as DayCode;
  const [revision, steps, distanceMm, energyMcal] = code.totals;
  const metrics = new Map<Metric, DayEntry>();
  for (const [metric, [stamp, devices, day]] of Object.entries(code.metrics))
    if (isMetric(metric))
      metrics.set(metric, {
        stamp,
        devices: devices.map((at) => code.devices[at] ?? ""),
        day: day === null ? null : aggregateIn(day, code.devices),
      });
  return { totals: { revision, steps, distanceMm, energyMcal }, metrics };
}

export function hoursText(hours: HoursRow): string {
  const table = new Table();
  const written = [...hours].map(([metric, entry]) => [
    metric,
    [entry.stamp, entry.hours.map((hour) => [hour.fromMs, aggregateCode(hour, table)])],
  ]);
  return JSON.stringify({ devices: table.devices, metrics: Object.fromEntries(written) });
}

export function readHours(text: string): HoursRow {
  const code = JSON.parse(text) as HoursCode;
  const metrics = new Map<Metric, HoursEntry>();
  for (const [metric, [stamp, hours]] of Object.entries(code.metrics))
    if (isMetric(metric))
      metrics.set(metric, {
        stamp,
        hours: hours.map(([fromMs, hour]) => ({ fromMs, ...aggregateIn(hour, code.devices) })),
      });
  return metrics;
}

const aggregateCode = (a: Aggregate, { indexOf }: Table): AggregateCode => [
  ...([a.value, a.min, a.max, a.count] as const),
  a.weighed === null ? 0 : [a.weighed.sum, a.weighed.ms],
  a.atMs,
  a.stages ?? 0,
  a.sources.map(({ device, amount }) => [indexOf(device), amount]),
];

function aggregateIn(code: AggregateCode, devices: readonly DeviceId[]): Aggregate {
  const [value, min, max, count, weighed, atMs, stages, sources] = code;
  return {
    ...{ value, min, max, count, atMs },
    weighed: weighed === 0 ? null : { sum: weighed[0], ms: weighed[1] },
    stages: stages === 0 ? null : stages,
    sources: sources.map(([at, amount]): Share => ({ device: devices[at] ?? "", amount })),
  };
}
