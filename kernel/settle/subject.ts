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
import type { DayRow, KnownDay, Window } from "./window.ts";

interface Live {
  readonly row: DayRow;
  fact: OpenFact | null;
}

export class SubjectStore implements WalkStore {
  readonly #window: Window;
  readonly #loaded: ReadonlySet<LocalDate>;
  readonly #reachMs: number;
  readonly #live = new Map<string, Live>();
  readonly #naming = new Map<string, (Decision & OpenFact)[]>();
  /** All time that was asked about and is not there. */
  beyond: Span | null = null;

  constructor(
    window: Window,
    loaded: readonly KnownDay[],
    rows: readonly DayRow[],
    reachMs: number,
  ) {
    this.#window = window;
    this.#loaded = new Set(loaded.map((d) => d.day));
    this.#reachMs = reachMs;
    for (const row of rows) {
      const held = this.#live.get(row.id)?.row;
      // Where a fact that moved is still on two days, what was published last is where it is.
      if (row.body !== null && (held === undefined || held.seq < row.seq))
        this.#live.set(row.id, { row, fact: null });
    }
    for (const live of this.#live.values())
      if (live.row.kind === "decision") this.#name(factOf(live) as Decision & OpenFact);
  }

  #name(decision: Decision & OpenFact): void {
    for (const id of decision.sides.flat())
      this.#naming.set(id, [...(this.#naming.get(id) ?? []), decision]);
  }

  held(id: string): Held | null {
    const live = this.#live.get(id);
    if (live !== undefined)
      return { revision: live.row.revision, fact: factOf(live), days: [live.row.day] };
    this.#lookFor(id);
    return null;
  }

  /** What is joined by hand to a fact that is here lies no further away than the reach. */
  #lookFor(id: string): void {
    for (const decision of this.#naming.get(id) ?? [])
      for (const other of decision.sides.flat()) {
        const row = this.#live.get(other)?.row;
        if (row?.at == null || row.until === null) continue;
        this.#need({ fromMs: row.at - this.#reachMs, toMs: row.until + this.#reachMs }, 0);
      }
  }

  factsIn(span: Span, reachMs: number): OpenFact[] {
    this.#need(span, reachMs);
    const found: OpenFact[] = [];
    for (const live of this.#live.values()) {
      const { kind, at, until } = live.row;
      if (kind !== "fact" || at === null || until === null) continue;
      if (at >= span.fromMs - reachMs && at <= span.toMs && until >= span.fromMs)
        found.push(factOf(live));
    }
    return found.sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  #need(span: Span, reachMs: number): void {
    const isThere =
      this.#window.isKnown(span, reachMs) &&
      this.#window.concerning(span).every(({ day }) => this.#loaded.has(day));
    if (isThere) return;
    const { fromMs, toMs } = this.beyond ?? span;
    this.beyond = {
      fromMs: Math.min(fromMs, span.fromMs),
      toMs: Math.max(toMs, span.toMs),
    };
  }

  decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    return [...new Set(ids.flatMap((id) => this.#naming.get(id) ?? []))];
  }

  resolvedIn(): unknown[] {
    return [];
  }

  /** Live facts that began from one instant to another. */
  begun({ fromMs, toMs }: Span): OpenFact[] {
    return this.factsIn({ fromMs, toMs }, 0).filter((f) => f.at >= fromMs);
  }
}

function factOf(live: Live): OpenFact {
  live.fact ??= JSON.parse(live.row.body ?? "null") as OpenFact;
  return live.fact;
}
