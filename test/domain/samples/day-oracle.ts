/**
 * What a day comes to, the slow way: step by step through its time, asking at each who of all that
 * measured is heard there. Knows no intervals, no sweep and no floating point.
 */
import type { Aggregate, MetricDay } from "../../../domain/samples/aggregate.ts";
import type { Hours } from "../../../domain/samples/days.ts";
import type { Measured } from "../../../domain/samples/resolve.ts";

type Rank = (device: string) => number;
interface Heard {
  readonly sample: Measured;
  readonly hour: number;
  amount: bigint;
  first: boolean;
}

const before = (a: string, b: string) => (a === b ? 0 : a < b ? -1 : 1);
/** Who is asked after all others. */
type Last = (m: Measured) => boolean;
const nobody: Last = () => false;
/** Is `a` asked before `b`, both lasting so long? */
const isBefore = (a: Measured, aMs: number, b: Measured, bMs: number, rank: Rank): boolean =>
  (rank(a.device) - rank(b.device) ||
    before(a.device, b.device) ||
    aMs - bMs ||
    a.fromMs - b.fromMs ||
    before(a.key, b.key)) < 0;

function bestAt(
  samples: readonly Measured[],
  endOf: (m: Measured) => number,
  atMs: number,
  rank: Rank,
  isLast: Last,
): Measured | null {
  let best: Measured | null = null;
  for (const m of samples) {
    if (!(m.fromMs <= atMs && atMs < endOf(m))) continue;
    const isBetter =
      best === null ||
      (isLast(m) === isLast(best)
        ? isBefore(m, endOf(m) - m.fromMs, best, endOf(best) - best.fromMs, rank)
        : isLast(best));
    if (isBetter) best = m;
  }
  return best;
}

/** n/d, a half up. */
const rounded = (n: bigint, d: bigint): bigint => (2n * n + d) / (2n * d);

/** `stepMs` divides every time that is given. */
export function slowSums(
  samples: readonly Measured[],
  rank: Rank,
  hours: Hours,
  stepMs: number,
  isSleep = false,
): MetricDay | null {
  const heard: Heard[] = [];
  const stretches = samples.filter((m) => m.fromMs < m.toMs);
  const isLast: Last = isSleep ? nobody : (m) => m.value === 0;
  const states = new Map<Measured, { part: bigint; ms: bigint; free: bigint; counted: bigint }>();
  for (const m of stretches) {
    const length = BigInt(m.toMs - m.fromMs);
    let [part, ms] = [0n, 0n];
    const total = BigInt(isSleep ? m.toMs - m.fromMs : m.value);
    for (const hour of hours)
      for (let at = hour.fromMs; at < hour.toMs; at += stepMs)
        if (m.fromMs <= at && at < m.toMs) {
          const upTo = (ms: number) => rounded(total * BigInt(ms - m.fromMs), length);
          part += upTo(at + stepMs) - upTo(at);
          ms += BigInt(stepMs);
        }
    states.set(m, { part, ms, free: 0n, counted: 0n });
  }
  hours.forEach(({ fromMs, toMs }, hour) => {
    for (let at = fromMs; at < toMs; at += stepMs) {
      const sample = bestAt(stretches, (m) => m.toMs, at, rank, isLast);
      const state = sample && states.get(sample);
      if (!sample || !state) continue;
      const first = state.free === 0n;
      state.free += BigInt(stepMs);
      const upTo = rounded(state.part * state.free, state.ms);
      heard.push({ sample, hour, amount: upTo - state.counted, first });
      state.counted = upTo;
    }
    for (const m of samples.filter((s) => s.fromMs === s.toMs)) {
      if (m.fromMs < fromMs || m.fromMs >= toMs) continue;
      const over = bestAt(stretches, (s) => s.toMs, m.fromMs, rank, isLast);
      const isFirst = (o: Measured) =>
        isLast(o) === isLast(m) ? isBefore(o, 0, m, 0, rank) : isLast(m);
      const isOwn = over?.device === m.device && isLast(over) === isLast(m);
      const isCovered = over !== null && (isOwn || isFirst(over));
      const isLater = samples.some(
        (o) => o.fromMs === m.fromMs && o.toMs === o.fromMs && isFirst(o),
      );
      if (!isCovered && !isLater)
        heard.push({ sample: m, hour, amount: isSleep ? 0n : BigInt(m.value), first: true });
    }
  });
  return dayOf(heard, hours, (of) => {
    const awake = (h: Heard) => isSleep && h.sample.stage === "awake";
    const stages: Record<string, number> = {};
    if (isSleep)
      for (const h of of.filter((o) => o.sample.fromMs < o.sample.toMs)) {
        const stage = h.sample.stage ?? "asleep";
        stages[stage] = (stages[stage] ?? 0) + Number(h.amount);
      }
    const counts = of.map((h) => ({ ...h, amount: awake(h) ? 0n : h.amount }));
    return {
      value: Number(counts.reduce((sum, h) => sum + h.amount, 0n)),
      weighed: null,
      atMs: null,
      stages: Object.keys(stages).length > 0 ? stages : null,
      sources: sharesOf(counts),
    };
  });
}

export function slowAverages(
  samples: readonly Measured[],
  rank: Rank,
  hours: Hours,
  stepMs: number,
  holdMs: number,
): MetricDay | null {
  const isIn = (at: number) => hours.some((h) => h.fromMs <= at && at < h.toMs);
  const endOf = (m: Measured): number => {
    if (m.toMs > m.fromMs) return m.toMs;
    const isNext = (at: number) =>
      samples.some((o) => o.device === m.device && o.fromMs === at && at > m.fromMs);
    let at = m.fromMs;
    while (at < m.fromMs + holdMs && isIn(at) && !isNext(at)) at += stepMs;
    return at;
  };
  const seen = new Set<Measured>();
  const heard: Heard[] = [];
  const ends = new Map(samples.map((m) => [m, endOf(m)]));
  hours.forEach(({ fromMs, toMs }, hour) => {
    for (let at = fromMs; at < toMs; at += stepMs) {
      const sample = bestAt(samples, (m) => ends.get(m) ?? 0, at, rank, nobody);
      if (sample === null) continue;
      heard.push({ sample, hour, amount: BigInt(stepMs), first: !seen.has(sample) });
      seen.add(sample);
    }
  });
  return dayOf(heard, hours, (of) => {
    const sum = of.reduce((all, h) => all + BigInt(h.sample.value) * h.amount, 0n);
    const ms = of.reduce((all, h) => all + h.amount, 0n);
    return {
      value: Number(rounded(sum, ms)),
      weighed: { sum: String(sum), ms: Number(ms) },
      atMs: null,
      stages: null,
      sources: sharesOf(of),
    };
  });
}

type Core = Pick<Aggregate, "value" | "weighed" | "atMs" | "stages" | "sources">;

function dayOf(
  heard: readonly Heard[],
  hours: Hours,
  coreOf: (of: readonly Heard[]) => Core,
): MetricDay | null {
  const aggregate = (of: readonly Heard[]): Aggregate => ({
    ...coreOf(of),
    min: Math.min(...of.map((h) => h.sample.value)),
    max: Math.max(...of.map((h) => h.sample.value)),
    count: of.filter((h) => h.first).length,
  });
  if (heard.length === 0) return null;
  const byHour = hours.flatMap(({ fromMs }, hour) => {
    const of = heard.filter((h) => h.hour === hour);
    return of.length === 0 ? [] : [{ fromMs, ...aggregate(of) }];
  });
  return { day: aggregate(heard), hours: byHour };
}

function sharesOf(heard: readonly Heard[]): Aggregate["sources"] {
  const devices = [...new Set(heard.map((h) => h.sample.device))].sort();
  return devices.map((device) => ({
    device,
    amount: Number(
      heard.filter((h) => h.sample.device === device).reduce((sum, h) => sum + h.amount, 0n),
    ),
  }));
}
