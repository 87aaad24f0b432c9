/**
 * What the devices say of their readings: each once, some again, some corrected, some taken back, in
 * an order of their own. And what finally stands, which follows from what was planned, not from how
 * it came: the last correction, or nothing.
 */
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import type { Chance } from "../../oracle/chance.ts";
import type { DeviceName, Reading } from "./body.ts";
import { dayMs, hourMs, type Life, minuteMs } from "./life.ts";

/** Who sends: the phone for itself, the watch's app for the watch and the scale. */
export const lanes = ["watch", "phone"] as const;
export type Lane = (typeof lanes)[number];
const laneOf = (device: DeviceName): Lane => (device === "phone" ? "phone" : "watch");

export interface Planned {
  readonly n: number;
  /** Null: it is known by its device and times. */
  readonly uuid: string | null;
  /** Whether its source numbers what it says. */
  readonly isNumbered: boolean;
  /** What it says, one after another; the last one stands. */
  readonly contents: readonly Reading[];
  readonly isGone: boolean;
}

export interface Statement {
  readonly record: Planned;
  /** Which content, from 0; its number of contents: that it is gone. */
  readonly says: number;
  readonly arrivesMs: number;
}

export interface Told {
  readonly records: readonly Planned[];
  readonly lanes: Readonly<Record<Lane, readonly Statement[]>>;
  /** What finally stands. */
  readonly truth: readonly Reading[];
}

/** In hundredths of all readings. */
const share = { uuid: 55, numbered: 50, corrected: 2, gone: 0.5, again: 10, late: 9, early: 20 };

export function tellingOf(life: Life, readings: readonly Reading[], chance: Chance): Told {
  const records = readings.map((reading, n) => planned(reading, n, chance));
  const sessions = {
    watch: sessionsOf(life, chance, 5, 11),
    phone: sessionsOf(life, chance, 3, 9),
  };
  const all = records.flatMap((record) => {
    const [first] = record.contents;
    if (first === undefined) return [];
    return statementsOf(record, sessions[laneOf(first.device)](first.toMs), chance);
  });
  const inOrder = all.sort((a, b) => a.arrivesMs - b.arrivesMs || a.record.n - b.record.n);
  const of = (lane: Lane) =>
    inOrder.filter(({ record }) => laneOf(record.contents[0]?.device ?? "watch") === lane);
  return {
    records,
    lanes: { watch: of("watch"), phone: of("phone") },
    truth: records.flatMap((r) => (r.isGone ? [] : r.contents.slice(-1))),
  };
}

const hex = (chance: Chance, digits: number): string =>
  Array.from({ length: digits }, () => chance.whole(0, 15).toString(16)).join("");

const uuidOf = (chance: Chance): string =>
  [8, 4, 4, 4, 12].map((digits) => hex(chance, digits)).join("-");

function planned(reading: Reading, n: number, chance: Chance): Planned {
  const uuid = chance.in100(share.uuid) ? uuidOf(chance) : null;
  const isNumbered = chance.in100(share.numbered);
  const contents = [reading];
  if (chance.in100(share.corrected)) {
    const times = chance.in100(20) ? 2 : 1;
    for (let i = 0; i < times; i++)
      contents.push(corrected(reading, i + 1, uuid !== null && isNumbered, chance));
  }
  return { n, uuid, isNumbered, contents, isGone: chance.in100(share.gone) };
}

/** Another value; and where an id says what it is, and a number which is later, another time. */
function corrected(reading: Reading, by: number, mayMove: boolean, chance: Chance): Reading {
  const { metric, fromMs, toMs, value, stage } = reading;
  const movedMs = mayMove && chance.in100(30) ? -chance.whole(61_000, 25 * minuteMs) : 0;
  const moved = { ...reading, fromMs: fromMs + movedMs, toMs: toMs + movedMs };
  if (metric === "sleep") {
    const others = (["light", "deep", "rem", "awake"] as const).filter((s) => s !== stage);
    return { ...moved, stage: others[by % others.length] ?? "asleep" };
  }
  // No value leaves its metric's range by it.
  return { ...moved, value: isCount(metric) ? value + 7 * by : value - 500 * by };
}

const isCount = (metric: Metric): boolean => metricOf(metric).fold === "sum";

/** Sessions of a device that now and then is offline for days; then everything comes at once. */
function sessionsOf({ startMs, endMs }: Life, chance: Chance, least: number, most: number) {
  const times: number[] = [];
  for (let at = startMs; at < endMs + 30 * dayMs; ) {
    at += chance.whole(least * 60, most * 60) * minuteMs;
    if (chance.in100(1.5)) at += chance.whole(1, 6) * dayMs;
    times.push(at);
  }
  return (atMs: number): number => {
    let [low, high] = [-1, times.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((times[middle] ?? 0) < atMs) low = middle;
      else high = middle;
    }
    return times[high] ?? atMs;
  };
}

function statementsOf(record: Planned, sessionMs: number, chance: Chance): Statement[] {
  const { contents, isGone, isNumbered, uuid } = record;
  const lateMs = chance.in100(share.late) ? chance.whole(1, 14 * 24) * hourMs : 0;
  const firstMs = sessionMs + lateMs + chance.whole(0, 40 * minuteMs);
  const said = [{ record, says: 0, arrivesMs: firstMs }];
  let lastMs = firstMs;
  for (let says = 1; says < contents.length; says++) {
    const isEarly = isNumbered && chance.in100(share.early);
    const arrivesMs = isEarly
      ? firstMs - chance.whole(1, 9 * hourMs)
      : lastMs + chance.whole(10 * minuteMs, 6 * dayMs);
    lastMs = Math.max(lastMs, arrivesMs);
    said.push({ record, says, arrivesMs });
  }
  if (isGone) {
    const isEarly = (isNumbered || uuid !== null) && chance.in100(share.early);
    const arrivesMs = isEarly
      ? firstMs - chance.whole(1, 5 * hourMs)
      : lastMs + chance.whole(5 * minuteMs, 5 * dayMs);
    said.push({ record, says: contents.length, arrivesMs });
  }
  if (!chance.in100(share.again)) return said;
  const again = chance.pick(said);
  return [...said, { ...again, arrivesMs: again.arrivesMs + chance.whole(hourMs, 10 * dayMs) }];
}
