/**
 * Copies that a wrong time zone moved: a device whose day is a better device's day some quarters of
 * an hour later or earlier, number by number. Such a device counts nothing that its original has,
 * and nothing that, moved back, would belong to a neighbouring day; what else it measured counts.
 * Numbers that hardly vary prove nothing, and what lies in its place is covered anyway. Each day is
 * judged by itself, so the end of a copy that was pushed over midnight is known for one only where
 * that day shows it too.
 */
import { type Instant, offsetMinutesMax } from "../time.ts";
import { grouped } from "./grouped.ts";
import type { Measured, Places } from "./measured.ts";
import { textOrder } from "./record-key.ts";
import type { DeviceId } from "./sample.ts";
import type { Tallies } from "./tally.ts";

const minuteMs = 60_000;
/** Every distance in use between two zones is a multiple of it. */
export const shiftStepMs = 15 * minuteMs;
const shiftMsMax = offsetMinutesMax * minuteMs;
/** So many samples have to be found again, of so many different values. */
export const copySamplesMin = 10;
export const copyValuesMin = 5;
/** Of ten samples whose place in the original's day is known, one may differ. */
const samplesPerMiss = 10;
/** Nobody wears more that count the same thing; a device is held against no more than these. */
const originalsMax = 8;

/** So many of a day's samples, evenly parted, tell as much as all of them. */
const tellingMax = 500;

/** What one device measured that day: of each value, length and stage when it began. */
type DeviceDay = ReadonlyMap<string, ReadonlySet<Instant>>;

/** `measured`: all that touches the day. What of it counts nothing. */
export function shiftedCopies(
  measured: readonly Measured[],
  places: Places,
  day: Tallies,
): ReadonlySet<Measured> {
  const byDevice = grouped(measured, (m) => m.device);
  if (byDevice.size < 2) return new Set();
  const devices = [...byDevice.keys()].sort((a, b) => placeOf(a, places) - placeOf(b, places));
  const originals: DeviceDay[] = [];
  const copies = new Set<Measured>();
  for (const device of devices) {
    const all = byDevice.get(device) ?? [];
    const found = copiedFrom(all, originals, day);
    if (found === null && originals.length < originalsMax) originals.push(deviceDay(all));
    if (found === null) continue;
    for (const m of all) {
      const movedMs = m.fromMs - found.shiftMs;
      const isThere = found.original.get(shapeOf(m))?.has(movedMs) ?? false;
      if (day.at(movedMs) === null || isThere) copies.add(m);
    }
  }
  return copies;
}

const placeOf = (device: DeviceId, places: Places): number => places.get(device) ?? places.size;

function deviceDay(samples: readonly Measured[]): DeviceDay {
  const byShape = grouped(samples, shapeOf);
  return new Map([...byShape].map(([shape, of]) => [shape, new Set(of.map((m) => m.fromMs))]));
}

const shapeOf = (m: Measured): string => `${m.value} ${m.toMs - m.fromMs} ${m.stage}`;

/** What is looked for in an original's day. */
interface Telling {
  readonly fromMs: Instant;
  readonly value: number;
  readonly shape: string;
}

function tellingOf(samples: readonly Measured[]): Telling[] {
  const some = samples.filter((m) => m.value > 0);
  const inOrder =
    some.length <= tellingMax
      ? some
      : some.toSorted((a, b) => a.fromMs - b.fromMs || textOrder(a.key, b.key));
  const step = Math.ceil(inOrder.length / tellingMax);
  return inOrder
    .filter((_, i) => i % step === 0)
    .map((m) => ({ fromMs: m.fromMs, value: m.value, shape: shapeOf(m) }));
}

function copiedFrom(
  samples: readonly Measured[],
  originals: readonly DeviceDay[],
  day: Tallies,
): { original: DeviceDay; shiftMs: number } | null {
  const telling = tellingOf(samples);
  if (new Set(telling.map((m) => m.value)).size < copyValuesMin) return null;
  for (const original of originals) {
    if (telling.filter((m) => original.has(m.shape)).length < copySamplesMin) continue;
    const shiftMs = shiftOf(telling, original, day);
    if (shiftMs !== null && shiftMs !== 0) return { original, shiftMs };
  }
  return null;
}

/** By how much it lies later than the original: the least that fits. */
function shiftOf(telling: readonly Telling[], original: DeviceDay, day: Tallies): number | null {
  for (let shiftMs = 0; shiftMs <= shiftMsMax; shiftMs += shiftStepMs) {
    if (isShifted(telling, shiftMs, original, day)) return shiftMs;
    if (isShifted(telling, -shiftMs, original, day)) return -shiftMs;
  }
  return null;
}

function isShifted(
  telling: readonly Telling[],
  shiftMs: number,
  original: DeviceDay,
  day: Tallies,
): boolean {
  const missesMax = telling.length / samplesPerMiss;
  const values = new Set<number>();
  let [found, missed] = [0, 0];
  for (const { fromMs, value, shape } of telling) {
    const movedMs = fromMs - shiftMs;
    if (original.get(shape)?.has(movedMs)) {
      found++;
      values.add(value);
    } else if (day.at(movedMs) !== null) {
      missed++;
      if (missed > missesMax) return false;
    }
  }
  const isMost = missed * samplesPerMiss <= found + missed;
  return isMost && found >= copySamplesMin && values.size >= copyValuesMin;
}
