/** What samples came to as named numbers, so that two ways of counting can be compared one by one. */
import { type Metric, metricOf } from "../../../domain/samples/metrics.ts";
import type { Came } from "./duck.ts";

export type Named = ReadonlyMap<string, number | string>;
type Entries = readonly (readonly [name: string, n: number | string])[];

/** In integers, with all there is to know. */
export const exactly = (figures: ReadonlyMap<string, Came>): Named =>
  named(figures, ({ metric: _, label: __, weighed, stages, sources, atMs, ...plain }) => [
    ...Object.entries({ value: plain.value, min: plain.min, max: plain.max }),
    ...Object.entries({ count: plain.count, days: plain.days }),
    ...(weighed === null ? [] : Object.entries(weighed)),
    ...(atMs === null ? [] : ([["at", atMs]] as const)),
    ...Object.entries(stages ?? {}),
    ...sources.map(({ device, amount }) => [`of ${device}`, amount] as const),
  ]);

const sharePlaces = 10_000;

/** In the metric's unit and in shares of four places, as the API shows it. */
export const asShown = (figures: ReadonlyMap<string, Came>): Named =>
  named(figures, ({ metric, value, min, max, count, days, atMs, stages, sources }) => {
    const { scale } = metricOf(metric as Metric);
    const all = sources.reduce((sum, { amount }) => sum + amount, 0);
    return [
      ...Object.entries({ value: value / scale, min: min / scale, max: max / scale, count, days }),
      ...(atMs === null ? [] : ([["at", atMs]] as const)),
      ...Object.entries(stages ?? {}).map(([stage, ms]) => [stage, ms / scale] as const),
      ...sources.map(({ device, amount }) => {
        const share = all > 0 ? amount / all : 1 / sources.length;
        return [`of ${device}`, Math.round(share * sharePlaces) / sharePlaces] as const;
      }),
    ];
  });

function named<T>(figures: ReadonlyMap<string, T>, of: (came: T) => Entries): Named {
  const numbers = [...figures].flatMap(([name, came]) =>
    of(came).map(([what, n]) => [`${name} ${what}`, n] as const),
  );
  return new Map(numbers);
}

export interface Comparison {
  readonly equal: number;
  readonly different: number;
  /** The first that differ, with both numbers. */
  readonly shown: readonly string[];
}
const shownMax = 12;

export function compared(expected: Named, found: Named): Comparison {
  const names = [...new Set([...expected.keys(), ...found.keys()])];
  const differing = names.filter((name) => expected.get(name) !== found.get(name));
  const say = (n: number | string | undefined) => n ?? "nothing";
  const shown = differing
    .slice(0, shownMax)
    .map((name) => `${name}: DuckDB ${say(expected.get(name))}, found ${say(found.get(name))}`);
  return { equal: names.length - differing.length, different: differing.length, shown };
}
