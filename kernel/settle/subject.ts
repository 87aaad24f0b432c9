/**
 * One subject's facts of the days that were loaded, as the walk of `refold.ts` asks for them. What
 * it asks beyond them is noted in `beyond`: then its answers are not to be used, more days are
 * loaded, and the walk begins anew.
 */
import type { OpenFact } from "../../domain/ports.ts";
import type { Decision, Span } from "../../domain/stream.ts";
import type { LocalDate } from "../../domain/time.ts";
import type { WalkStore } from "../refold.ts";
import type { Held } from "../statement.ts";
import type { FactRow } from "./parquet.ts";
import type { DayRow, KnownDay, Window } from "./window.ts";

/** Bodies as they were read; two worlds of one subject hold most rows in common. */
export type ReadFacts = Map<FactRow, OpenFact>;

/** A live fact's row: one that states when it was. */
type TimedRow = DayRow & { readonly at: number; readonly until: number };
const isTimed = (row: DayRow): row is TimedRow =>
  row.kind === "fact" && row.at !== null && row.until !== null;

export class SubjectStore implements WalkStore {
  readonly #window: Window;
  readonly #loaded: readonly KnownDay[];
  readonly #reachMs: number;
  readonly #read: ReadFacts;
  readonly #live = new Map<string, DayRow>();
  /** By time, then id. */
  readonly #timed: readonly TimedRow[];
  readonly #naming = new Map<string, (Decision & OpenFact)[]>();
  /** All time that was asked about and is not there. */
  beyond: Span | null = null;

  constructor(
    window: Window,
    loaded: readonly KnownDay[],
    rows: readonly DayRow[],
    reachMs: number,
    read: ReadFacts = new Map(),
  ) {
    this.#window = window;
    this.#loaded = loaded;
    this.#reachMs = reachMs;
    this.#read = read;
    for (const row of rows) {
      const held = this.#live.get(row.id);
      // Where a fact that moved is still on two days, what was published last is where it is.
      if (row.body !== null && (held === undefined || held.seq < row.seq))
        this.#live.set(row.id, row);
    }
    const live = [...this.#live.values()];
    this.#timed = live.filter(isTimed).sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    for (const row of live)
      if (row.kind === "decision") this.#name(factOf(row, read) as Decision & OpenFact);
  }

  #name(decision: Decision & OpenFact): void {
    for (const id of decision.sides.flat())
      this.#naming.set(id, [...(this.#naming.get(id) ?? []), decision]);
  }

  held(id: string): Held | null {
    const row = this.#live.get(id);
    if (row !== undefined)
      return { revision: row.revision, fact: factOf(row, this.#read), days: [row.day] };
    this.#lookFor(id);
    return null;
  }

  /** What is joined by hand to a fact that is here lies no further away than the reach. */
  #lookFor(id: string): void {
    for (const decision of this.#naming.get(id) ?? [])
      for (const other of decision.sides.flat()) {
        const row = this.#live.get(other);
        if (row?.at == null || row.until === null) continue;
        this.#need({ fromMs: row.at - this.#reachMs, toMs: row.until + this.#reachMs }, 0);
      }
  }

  factsIn(span: Span, reachMs: number): OpenFact[] {
    this.#need(span, reachMs);
    const found: OpenFact[] = [];
    for (let i = firstFrom(this.#timed, span.fromMs - reachMs); i < this.#timed.length; i++) {
      const row = this.#timed[i] as TimedRow;
      if (row.at > span.toMs) break;
      if (row.until >= span.fromMs) found.push(factOf(row, this.#read));
    }
    return found;
  }

  #need(span: Span, reachMs: number): void {
    if (this.#window.isKnown(span, reachMs) && this.#window.isLoaded(span, this.#loaded)) return;
    const { fromMs, toMs } = this.beyond ?? span;
    this.beyond = {
      fromMs: Math.min(fromMs, span.fromMs),
      toMs: Math.max(toMs, span.toMs),
    };
  }

  decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    if (this.#naming.size === 0) return [];
    return [...new Set(ids.flatMap((id) => this.#naming.get(id) ?? []))];
  }

  resolvedIn(): unknown[] {
    return [];
  }

  /** Whether anything was ever decided by hand. */
  get hasDecisions(): boolean {
    return this.#naming.size > 0;
  }

  /** Live facts that began from one instant to another, and those that are under that day. */
  begun({ fromMs, toMs }: Span, day: LocalDate): OpenFact[] {
    const began = this.factsIn({ fromMs, toMs }, 0).filter((f) => f.at >= fromMs);
    const isAway = (row: TimedRow) => row.day === day && (row.at < fromMs || row.at > toMs);
    return [...began, ...this.#timed.filter(isAway).map((row) => factOf(row, this.#read))];
  }
}

/** Of rows in order of time: the first one that began then or later. */
function firstFrom(rows: readonly TimedRow[], atMs: number): number {
  let [low, high] = [0, rows.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((rows[middle] as TimedRow).at < atMs) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The row's body, read once. */
export function factOf(row: FactRow, read: ReadFacts): OpenFact {
  const known = read.get(row);
  if (known !== undefined) return known;
  const fact = JSON.parse(row.body ?? "null") as OpenFact;
  read.set(row, fact);
  return fact;
}
