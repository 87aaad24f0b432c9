/**
 * Studies subject after subject over the days around, a slice of them at a time. A study that looks
 * beyond the days that are there begins anew with more of them, for those subjects alone.
 */
import { noSettings } from "../../domain/settings.ts";
import type { Settings, Span } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { type LocalDate, msPerDay } from "../../domain/time.ts";
import type { SettlePorts } from "./ports.ts";
import type { DayRow, KnownDay, Slice, Window } from "./window.ts";

/** Each round looks twice as much further; a chain without end is cut long before. */
const roundsMax = 12;

export interface Ground {
  readonly ports: SettlePorts;
  readonly stream: AnyStream;
  readonly window: Window;
}
export interface Studied<T> {
  readonly value: T;
  /** Null: nothing was asked that is not there. */
  readonly beyond: Span | null;
}
export type Study<T> = (
  subject: string,
  rows: readonly DayRow[],
  loaded: readonly KnownDay[],
  settings: Settings,
) => Studied<T>;

export const reachMsOf = ({ resolve }: AnyStream): number => (resolve?.reachDays ?? 0) * msPerDay;

export const union = (a: Span, b: Span | null): Span =>
  b === null ? a : { fromMs: Math.min(a.fromMs, b.fromMs), toMs: Math.max(a.toMs, b.toMs) };

/**
 * Slice after slice: what became of each subject, in order. `only` null: whoever is there. `day`: is
 * read whatever time its facts cover; null: nothing is.
 */
export async function* eachSubject<T>(
  ground: Ground,
  near: Span,
  only: ReadonlySet<string> | null,
  study: Study<T>,
  day: LocalDate | null = null,
): AsyncGenerator<(readonly [string, T])[]> {
  const { window, stream } = ground;
  await window.know(near, reachMsOf(stream));
  let from: string | null = null;
  do {
    const loaded = window.concerning(near, day);
    const slice: Slice = await window.load(loaded, from, only);
    const subjects = within(only ?? slice.subjects.keys(), from, slice.next);
    const settings = await settingsOf(ground.ports, subjects);
    const done = new Map<string, T>();
    const beyond = new Map<string, Span>();
    const take = (part: Slice, days: readonly KnownDay[], names: readonly string[]) => {
      for (const name of names) {
        const rows = part.subjects.get(name) ?? [];
        const result = study(name, rows, days, settings.get(name) ?? noSettings);
        if (result.beyond === null) done.set(name, result.value);
        else beyond.set(name, result.beyond);
      }
    };
    take(slice, loaded, subjects);
    await lookFurther(ground, near, beyond, take, day);
    yield [...done].sort(([a], [b]) => (a < b ? -1 : 1));
    from = slice.next;
  } while (from !== null);
}

async function lookFurther(
  { window, stream }: Ground,
  near: Span,
  beyond: Map<string, Span>,
  take: (part: Slice, days: readonly KnownDay[], names: readonly string[]) => void,
  day: LocalDate | null,
): Promise<void> {
  let span = near;
  for (let round = 0; beyond.size > 0; round++) {
    if (round === roundsMax) throw new Error("a walk does not end");
    const names = [...beyond.keys()].sort();
    for (const wanted of beyond.values()) span = union(span, wanted);
    const moreMs = 2 ** round * msPerDay;
    span = { fromMs: span.fromMs - moreMs, toMs: span.toMs + moreMs };
    beyond.clear();
    await window.know(span, reachMsOf(stream));
    const loaded = window.concerning(span, day);
    let from: string | null = null;
    do {
      const part: Slice = await window.load(loaded, from, new Set(names));
      take(part, loaded, within(names, from, part.next));
      from = part.next;
    } while (from !== null);
  }
}

const within = (names: Iterable<string>, from: string | null, before: string | null): string[] =>
  [...names]
    .filter((name) => (from === null || name >= from) && (before === null || name < before))
    .sort();

export async function settingsOf(
  { index, ownerOnly }: SettlePorts,
  subjects: readonly string[],
): Promise<ReadonlyMap<string, Settings>> {
  const zones = subjects.length === 0 ? new Map() : await index.zones(subjects);
  return new Map(subjects.map((s) => [s, { zones: zones.get(s) ?? [], ownerOnly }]));
}
