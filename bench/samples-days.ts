/**
 * Days of one member as a phone would send them: 1,500 samples each, of ten metrics and three
 * devices, most of them heart rate; a phone's steps lie over a watch's. In order of time, never one
 * twice, every run the same.
 */
import type { Metric } from "../domain/samples/metrics.ts";
import type { DeviceKind } from "../domain/samples/sample.ts";
import { msPerDay } from "../domain/time.ts";

interface Part {
  readonly metric: Metric;
  readonly device: DeviceKind;
  readonly unit: string;
  readonly aDay: number;
  /** From each to the next; where one lasts as long they touch. */
  readonly everyMs: number;
  readonly lengthMs: number;
  readonly value: (i: number) => number | string;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
/** Up and down between two bounds, so that neighbours are alike and none is the same. */
const wave = (least: number, most: number, everySteps: number) => (i: number) =>
  Math.round(least + ((most - least) * (1 + Math.sin(i / everySteps))) / 2);
const stages = ["light", "deep", "rem", "light", "awake"] as const;
const moment = (count: number) => ({ aDay: count, everyMs: msPerDay / count, lengthMs: 0 });
const stretch = (count: number) => ({
  ...{ aDay: count, everyMs: msPerDay / count, lengthMs: msPerDay / count },
});

const parts: readonly Part[] = [
  {
    ...{ metric: "heart_rate", device: "watch", unit: "/min" },
    ...{ ...moment(1_290), value: wave(48, 165, 37) },
  },
  {
    ...{ metric: "steps", device: "watch", unit: "1" },
    ...{ ...stretch(72), value: wave(0, 900, 5) },
  },
  {
    ...{ metric: "steps", device: "phone", unit: "1" },
    ...{ ...stretch(24), value: wave(3, 1_900, 2) },
  },
  {
    ...{ metric: "distance", device: "watch", unit: "m" },
    ...{ ...stretch(48), value: wave(0, 1_200, 4) },
  },
  {
    ...{ metric: "active_energy", device: "watch", unit: "kcal" },
    ...{ ...stretch(24), value: wave(2, 90, 3) },
  },
  {
    ...{ metric: "oxygen_saturation", device: "watch", unit: "%" },
    ...{ ...moment(12), value: wave(93, 100, 2) },
  },
  {
    ...{ metric: "respiratory_rate", device: "watch", unit: "/min" },
    ...{ aDay: 10, everyMs: 40 * minuteMs, lengthMs: 0, value: wave(11, 19, 2) },
  },
  {
    ...{ metric: "sleep", device: "watch", unit: "" },
    ...{ aDay: 10, everyMs: 42 * minuteMs, lengthMs: 42 * minuteMs },
    value: (i) => stages[i % stages.length] ?? "asleep",
  },
  {
    ...{ metric: "hrv_sdnn", device: "watch", unit: "ms" },
    ...{ ...moment(8), value: wave(20, 110, 2) },
  },
  {
    ...{ metric: "resting_heart_rate", device: "watch", unit: "/min" },
    ...{ ...moment(1), value: wave(46, 60, 3) },
  },
  {
    ...{ metric: "weight", device: "scale", unit: "kg" },
    ...{ ...moment(1), value: wave(70, 74, 5) },
  },
];

export const samplesADay = parts.reduce((sum, { aDay }) => sum + aDay, 0);
export const metricsADay = new Set(parts.map(({ metric }) => metric)).size;
export const firstDay = "2025-01-06";
const firstMs = Date.parse(`${firstDay}T00:00:00Z`);
/** Moments do not begin where stretches do. */
const offsetMs = 7 * secondMs;
const idDigits = 12;

interface Sample {
  readonly startDate: string;
  readonly [field: string]: unknown;
}

/** The nth day, of UTC. */
export function dayOf(n: number): readonly Sample[] {
  const day = parts.flatMap(({ metric, device, unit, aDay, everyMs, lengthMs, value }, part) =>
    Array.from({ length: aDay }, (_, i): Sample => {
      const serial = n * aDay + i;
      const shiftMs = lengthMs === 0 ? offsetMs * (1 + part) : 0;
      const fromMs = Math.round(firstMs + n * msPerDay + i * everyMs + shiftMs);
      const id = (part * 10 ** (idDigits - 2) + serial).toString().padStart(idDigits, "0");
      return {
        ...{ type: metric, value: value(serial), unit },
        startDate: new Date(fromMs).toISOString(),
        endDate: new Date(Math.round(fromMs + lengthMs)).toISOString(),
        sourceDevice: { id: `bench-${device}`, kind: device },
        sourceApp: "com.example.health",
        uuid: `5A3B11E0-0000-4000-8000-${id}`,
      };
    }),
  );
  return day.sort((a, b) => (a.startDate < b.startDate ? -1 : 1));
}

/** One member's life, handed out in order, batch by batch. */
export class Life {
  #day = 0;
  #left: readonly Sample[] = [];

  next(count: number): readonly Sample[] {
    const taken: Sample[] = [];
    while (taken.length < count) {
      if (this.#left.length === 0) this.#left = dayOf(this.#day++);
      const more = this.#left.slice(0, count - taken.length);
      taken.push(...more);
      this.#left = this.#left.slice(more.length);
    }
    return taken;
  }
}

export const bodyOf = (samples: readonly Sample[]): string => JSON.stringify({ samples });
