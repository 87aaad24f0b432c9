/**
 * The days around the one that is settled, of one bucket, a slice of subjects at a time. It knows
 * of every settled day which time its facts cover, and reads only those that a question concerns.
 * Never more than `sliceRowsMax` rows are held, unless one subject alone has more.
 */

import type { Span } from "../../domain/stream.ts";
import { type Instant, type LocalDate, localDate, offsetMinutesMax } from "../../domain/time.ts";
import type { FactsObject } from "./manifest.ts";
import { type FactRow, fetchVersion, type Range, rowGroups } from "./parquet.ts";
import type { SettlePorts } from "./ports.ts";

const sliceRowsMax = 8_000;

export interface KnownDay {
  readonly day: LocalDate;
  readonly version: number;
  readonly facts: FactsObject;
}
export interface DayRow extends FactRow {
  readonly day: LocalDate;
}
/** Subjects in order, with their rows of all loaded days. */
export interface Slice {
  readonly subjects: ReadonlyMap<string, readonly DayRow[]>;
  /** Where the next slice begins; null: this was the last. */
  readonly next: string | null;
}

/** Every day that a time may be on, wherever its clock stood. */
const firstDay = (atMs: Instant) => localDate(atMs, -offsetMinutesMax);
const lastDay = (atMs: Instant) => localDate(atMs, offsetMinutesMax);

const sharesTime = (a: Span, b: Span): boolean => a.fromMs <= b.toMs && b.fromMs <= a.toMs;

export class Window {
  readonly #ports: SettlePorts;
  readonly #stream: string;
  readonly #bucket: number;
  readonly #except: LocalDate | null;
  #from: LocalDate | null = null;
  #to: LocalDate = "";
  #days: readonly KnownDay[] = [];

  /** `except`: a day that cannot be read, and is to be made anew. */
  constructor(ports: SettlePorts, stream: string, bucket: number, except: LocalDate | null = null) {
    this.#ports = ports;
    this.#except = except;
    this.#stream = stream;
    this.#bucket = bucket;
  }

  /** Learns which days are settled where facts may lie that share time with `span`. */
  async know(span: Span, reachMs: number): Promise<void> {
    if (this.isKnown(span, reachMs)) return;
    await this.knowDays(firstDay(span.fromMs - reachMs), lastDay(span.toMs));
  }

  async knowDays(from: LocalDate, to: LocalDate): Promise<void> {
    this.#from = this.#from !== null && this.#from < from ? this.#from : from;
    this.#to = this.#to > to ? this.#to : to;
    const known = new Map(this.#days.map((d) => [d.day, d]));
    const [stream, bucket] = [this.#stream, this.#bucket];
    const { index, objects } = this.#ports;
    const days = await index.settledDays(stream, bucket, this.#from, this.#to);
    const found = await Promise.all(
      [...days].sort().map(async (day): Promise<KnownDay[]> => {
        const held = known.get(day);
        if (day === this.#except) return [];
        if (held !== undefined) return [held];
        const manifest = (await objects.manifest({ stream, day, bucket }))?.value;
        return manifest ? [{ day, version: manifest.version, facts: manifest.facts }] : [];
      }),
    );
    this.#days = found.flat();
  }

  /** From which day to which it knows what is settled. */
  get from(): LocalDate | null {
    return this.#from;
  }
  get to(): LocalDate {
    return this.#to;
  }

  /** Settled days as they were read. */
  get days(): readonly KnownDay[] {
    return this.#days;
  }

  /** Whether everything that may share time with `span` is among the days known. */
  isKnown(span: Span, reachMs: number): boolean {
    if (this.#from === null || this.#from > firstDay(span.fromMs - reachMs)) return false;
    return lastDay(span.toMs) <= this.#to;
  }

  /** Whether every day known that has facts sharing time with `span` is among these. */
  isLoaded(span: Span, loaded: readonly KnownDay[]): boolean {
    for (const { day, facts } of this.#days)
      if (facts.covers && sharesTime(facts.covers, span) && !loaded.some((d) => d.day === day))
        return false;
    return true;
  }

  /**
   * Of the days known: those with facts that share time with `span`; and `always`, wherever the
   * clocks of its facts stood.
   */
  concerning(span: Span, always: LocalDate | null = null): readonly KnownDay[] {
    return this.#days.filter(
      ({ day, facts: { covers } }) => day === always || (covers && sharesTime(covers, span)),
    );
  }

  /**
   * Reads subjects from `from` on (null: the first), only some of them if so asked. When more rows
   * come than may be held, the later half of the subjects is left to the next slice.
   */
  async load(
    days: readonly KnownDay[],
    from: string | null,
    only: ReadonlySet<string> | null,
    rowsMax = sliceRowsMax,
  ): Promise<Slice> {
    const range: { from: string | null; before: string | null } = { from, before: null };
    let rows: DayRow[] = [];
    const isAsked = (subject: string) =>
      (range.from === null || subject >= range.from) &&
      (range.before === null || subject < range.before) &&
      (only === null || only.has(subject));
    for (const known of days)
      for await (const group of this.#groups(known, () => range, isAsked)) {
        for (const row of group) rows.push(Object.assign(row, { day: known.day }));
        if (rows.length <= rowsMax) continue;
        range.before = halfway(rows) ?? range.before;
        rows = rows.filter((row) => isAsked(row.subject));
      }
    const subjects = new Map<string, DayRow[]>();
    for (const row of rows) {
      const known = subjects.get(row.subject);
      if (known) known.push(row);
      else subjects.set(row.subject, [row]);
    }
    const sorted = [...subjects].sort(([a], [b]) => (a < b ? -1 : 1));
    return { subjects: new Map(sorted), next: range.before };
  }

  async *#groups(
    { facts }: KnownDay,
    range: () => Range,
    asked: (subject: string) => boolean,
  ): AsyncGenerator<FactRow[]> {
    const bytes = await fetchVersion(this.#ports.objects, facts);
    yield* rowGroups<FactRow>(bytes, facts, this.#ports.zstd, range, asked);
  }
}

/** The subject in the middle, so that some lie before it; null when there is but one. */
function halfway(rows: readonly DayRow[]): string | null {
  const subjects = rows.map((r) => r.subject).sort();
  const [first, middle] = [subjects[0], subjects[Math.floor(subjects.length / 2)]];
  if (middle !== first) return middle ?? null;
  return subjects.find((s) => s !== first) ?? null;
}
