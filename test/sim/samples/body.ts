/**
 * What a watch, a phone and a scale measure of one member: seeded, in integers of each metric's scale.
 * The devices count on grids of their own, so that they overlap in part, enclose, touch and leave each
 * other gaps; some stretches go over midnight, some over a day. No two of one device and metric have
 * the same times.
 */
import type { Metric, SleepStage } from "../../../domain/samples/metrics.ts";
import type { Chance } from "../../oracle/chance.ts";
import { dayMs, hourMs, type Life, minuteMs, timesAt } from "./life.ts";

/** Better before worse, by their kinds. */
export const devices = ["watch", "scale", "phone"] as const;
export type DeviceName = (typeof devices)[number];

export interface Reading {
  readonly metric: Metric;
  readonly device: DeviceName;
  readonly fromMs: number;
  readonly toMs: number;
  readonly value: number;
  readonly stage: SleepStage | null;
}

type Stretch = readonly [fromMs: number, toMs: number];

export function readingsOf(life: Life, chance: Chance): Reading[] {
  const nights = timesAt(life, 23 * 60).map((at): Stretch => {
    const fromMs = at + chance.whole(-70, 80) * minuteMs + chance.whole(0, 59_999);
    return [fromMs, fromMs + chance.whole(330, 540) * minuteMs];
  });
  const charging = timesAt(life, 19 * 60).map((at): Stretch => {
    const fromMs = at + (chance.in100(6) ? 260 : chance.whole(20, 170)) * minuteMs;
    return [fromMs, fromMs + chance.whole(35, 75) * minuteMs];
  });
  const world = { life, chance, asleep: within(nights), bare: within(charging) };
  const all = [
    ...counted(world),
    ...hearts(world, nights),
    ...nightly(world, nights),
    ...mornings(world),
    ...slept(world, nights),
  ];
  return distinct(all.filter((r) => r.fromMs >= life.startMs && r.toMs <= life.endMs));
}

interface Body {
  readonly life: Life;
  readonly chance: Chance;
  readonly asleep: (atMs: number) => boolean;
  /** The watch is charging. */
  readonly bare: (atMs: number) => boolean;
}

function within(stretches: readonly Stretch[]): (atMs: number) => boolean {
  const hours = new Map<number, Stretch[]>();
  for (const stretch of stretches)
    for (let h = Math.floor(stretch[0] / hourMs); h <= stretch[1] / hourMs; h++)
      hours.set(h, [...(hours.get(h) ?? []), stretch]);
  return (atMs) =>
    hours.get(Math.floor(atMs / hourMs))?.some(([from, to]) => atMs >= from && atMs < to) === true;
}

function distinct(all: readonly Reading[]): Reading[] {
  const seen = new Map(
    all.map((r) => [`${r.metric} ${r.device} ${r.fromMs} ${r.toMs}`, r] as const),
  );
  return [...seen.values()];
}

interface Counter {
  readonly metric: Metric;
  readonly device: DeviceName;
  /** From the end of one to the start of the next, at most; 0: they touch. */
  readonly gapMaxMs: number;
  readonly lengthMs: readonly [least: number, most: number];
  /** How many hundredths of what could be there are there. */
  readonly share: number;
  readonly perMinute: number;
  readonly atNight: boolean;
  /** Hundredths of them that are as long as a walk, a day. */
  readonly long: readonly [walk: number, day: number];
}

const tenMinutes = [10 * minuteMs, 10 * minuteMs] as const;
const quarter = [15 * minuteMs, 15 * minuteMs] as const;
const bursts = [40_000, 11 * minuteMs] as const;
const counters: readonly Counter[] = [
  {
    ...{ metric: "steps", device: "watch", gapMaxMs: 0, lengthMs: tenMinutes, share: 84 },
    ...{ perMinute: 22, atNight: false, long: [1.2, 0.1] },
  },
  {
    ...{ metric: "steps", device: "phone", gapMaxMs: 14 * minuteMs, lengthMs: bursts, share: 85 },
    ...{ perMinute: 31, atNight: false, long: [1.5, 0.4] },
  },
  {
    ...{ metric: "distance", device: "watch", gapMaxMs: 0, lengthMs: tenMinutes, share: 80 },
    ...{ perMinute: 17_300, atNight: false, long: [1, 0] },
  },
  {
    ...{
      metric: "distance",
      device: "phone",
      gapMaxMs: 20 * minuteMs,
      lengthMs: bursts,
      share: 85,
    },
    ...{ perMinute: 24_000, atNight: false, long: [1.5, 0.3] },
  },
  {
    ...{ metric: "active_energy", device: "watch", gapMaxMs: 0, lengthMs: quarter, share: 97 },
    ...{ perMinute: 1_234_567, atNight: true, long: [0.8, 0] },
  },
  {
    ...{ metric: "active_energy", device: "phone", gapMaxMs: 30 * minuteMs, lengthMs: bursts },
    ...{ share: 80, perMinute: 2_345_678, atNight: false, long: [2, 0.5] },
  },
];

function counted(body: Body): Reading[] {
  return counters.flatMap((counter) => countedBy(counter, body));
}

function countedBy(counter: Counter, { life, chance, asleep, bare }: Body): Reading[] {
  const { metric, device, gapMaxMs, lengthMs, share, perMinute, atNight } = counter;
  const found: Reading[] = [];
  const say = (fromMs: number, toMs: number) => {
    const minutes = Math.max(1, Math.round((toMs - fromMs) / minuteMs));
    const value = chance.in100(3) ? 0 : chance.whole(0, minutes * perMinute);
    found.push({ metric, device, fromMs, toMs, value, stage: null });
  };
  for (let atMs = life.startMs + chance.whole(0, gapMaxMs); atMs < life.endMs; ) {
    const length = chance.whole(...lengthMs);
    const isWorn = device === "phone" || !bare(atMs);
    const isThere = isWorn && (atNight || !asleep(atMs)) && chance.in100(share);
    if (isThere) say(atMs, atMs + length);
    if (isThere && chance.in100(counter.long[0]))
      say(atMs - chance.whole(0, 20_000), atMs + chance.whole(20, 95) * minuteMs);
    if (isThere && chance.in100(counter.long[1])) say(atMs, atMs + chance.whole(5, 25) * hourMs);
    if (isThere && device === "phone" && chance.in100(1)) say(atMs + 777, atMs + 777);
    atMs += length + chance.whole(0, gapMaxMs);
  }
  return found;
}

const moment = (metric: Metric, device: DeviceName, atMs: number, value: number): Reading => ({
  ...{ metric, device, fromMs: atMs, toMs: atMs, value, stage: null },
});

function hearts({ life, chance, asleep, bare }: Body, nights: readonly Stretch[]): Reading[] {
  const found: Reading[] = [];
  const bpm = (least: number, most: number) => chance.whole(least * 2, most * 2) * 500;
  for (let atMs = life.startMs; atMs < life.endMs; atMs += chance.whole(60_000, 103_000)) {
    if (bare(atMs)) continue;
    found.push(moment("heart_rate", "watch", atMs, asleep(atMs) ? bpm(44, 66) : bpm(52, 171)));
    if (chance.in100(0.05)) {
      const toMs = atMs + chance.whole(20, 80) * minuteMs;
      found.push({ ...moment("heart_rate", "watch", atMs, bpm(90, 170)), toMs });
    }
  }
  for (let atMs = life.startMs; atMs < life.endMs; atMs += chance.whole(3, 19) * hourMs + 4_321)
    found.push(moment("heart_rate", "phone", atMs, bpm(50, 120)));
  for (const [, wokeMs] of nights) {
    found.push(moment("resting_heart_rate", "watch", wokeMs, bpm(46, 61)));
    if (chance.in100(15))
      found.push(moment("resting_heart_rate", "phone", wokeMs - 40 * hourMs, bpm(46, 70)));
    if (chance.in100(10)) {
      const fromMs = wokeMs - chance.whole(2, 20) * hourMs;
      found.push({ ...moment("resting_heart_rate", "phone", fromMs, bpm(46, 70)), toMs: wokeMs });
    }
  }
  return found;
}

function nightly({ chance, life, bare }: Body, nights: readonly Stretch[]): Reading[] {
  const found: Reading[] = [];
  for (const [fromMs, toMs] of nights) {
    for (let at = fromMs; at < toMs; at += chance.whole(40, 90) * minuteMs)
      found.push(moment("hrv_sdnn", "watch", at, chance.whole(12_000, 140_000)));
    for (let at = fromMs + 31_000; at < toMs; at += chance.whole(14, 26) * minuteMs)
      found.push(moment("respiratory_rate", "watch", at, chance.whole(11_000, 19_500)));
  }
  for (let at = life.startMs; at < life.endMs; at += chance.whole(22, 55) * minuteMs + 17)
    if (!bare(at))
      found.push(moment("oxygen_saturation", "watch", at, chance.whole(930, 1000) * 100));
  for (let at = life.startMs; at < life.endMs; at += chance.whole(2, 5) * dayMs + 99_999)
    found.push(moment("oxygen_saturation", "phone", at, chance.whole(930, 990) * 100));
  return found;
}

function mornings({ life, chance }: Body): Reading[] {
  return timesAt(life, 7 * 60).flatMap((at) => {
    const atMs = at + chance.whole(0, 90 * 60) * 1000;
    const kg = chance.whole(70_000, 74_000);
    const found = [
      moment("weight", "scale", atMs, kg),
      moment("body_fat", "scale", atMs, chance.whole(170, 199) * 100),
    ];
    if (chance.in100(15)) found.push(moment("weight", "scale", atMs + 93_000, kg + 100));
    // By hand as well, of the very same moment, or on the evening before midnight.
    if (chance.in100(10)) found.push(moment("weight", "phone", atMs, kg + 450));
    if (chance.in100(10)) found.push(moment("weight", "phone", at + 1019 * minuteMs, kg + 700));
    return found;
  });
}

const stages = ["light", "deep", "rem", "light", "awake", "asleep"] as const;

function slept({ life, chance, bare }: Body, nights: readonly Stretch[]): Reading[] {
  const found: Reading[] = [];
  const say = (device: DeviceName, stage: SleepStage, fromMs: number, toMs: number) =>
    found.push({ metric: "sleep", device, fromMs, toMs, value: toMs - fromMs, stage });
  for (const [fromMs, toMs] of nights) {
    for (let at = fromMs; at < toMs; ) {
      const until = Math.min(toMs, at + chance.whole(180, 2_400) * 1000);
      const stage = chance.pick(stages);
      if (!bare(at)) say("watch", stage, at, until);
      at = until;
    }
    // A phone sees a night as one, begun earlier and ended later, or not all of it.
    if (chance.in100(60))
      say("phone", "asleep", fromMs - 31 * minuteMs, toMs + chance.whole(-90, 40) * minuteMs);
  }
  for (const at of timesAt(life, 17 * 60 + 40))
    if (chance.in100(8)) say("watch", "asleep", at + 1, at + chance.whole(15, 50) * minuteMs);
  for (const at of timesAt(life, 13 * 60))
    if (chance.in100(10)) say("phone", "light", at, at + chance.whole(15, 90) * minuteMs);
  return found;
}
