/**
 * A ledger's tables in memory. Bodies are kept as text, as SQL keeps them, so that nothing is
 * shared by reference and what does not survive JSON is noticed.
 */
import type { FactId } from "../../domain/identity.ts";
import type { OpenFact, OpenStatement } from "../../domain/ports.ts";
import { type Decision, isDecision, type Retraction, type Span } from "../../domain/stream.ts";
import type { Instant, LocalDate, Period } from "../../domain/time.ts";
import type { Counts, LedgerStore } from "../../kernel/record.ts";
import type { Places, Tally } from "../../kernel/refold.ts";
import type { Held } from "../../kernel/statement.ts";

export interface DayChange {
  readonly day: LocalDate;
  readonly statement: OpenStatement;
}

export class MemoryStore implements LedgerStore {
  readonly #facts = new Map<string, { held: string; span: Span | null }>();
  readonly #resolved = new Map<string, { span: Span; day: LocalDate; body: string }>();
  readonly #totals = new Map<Period, Map<string, number[]>>();
  readonly #named = new Map<string, Set<string>>();
  readonly heirs = new Map<FactId, FactId>();
  readonly changes: DayChange[] = [];
  readonly retractions: Retraction[] = [];
  readonly watched = new Map<string, readonly string[]>();
  readonly counts = { received: 0, applied: 0, duplicate: 0, rejected: 0, parked: 0, pending: 0 };

  held(id: string): Held | null {
    const row = this.#facts.get(id);
    return row === undefined ? null : (JSON.parse(row.held) as Held);
  }

  hold(id: string, held: Held, span: Span | null): void {
    this.#facts.set(id, { held: JSON.stringify(held), span });
  }

  factsIn(span: Span, reachMs: number): OpenFact[] {
    return [...this.#facts.values()]
      .filter((row) => row.span !== null && shares(row.span, span, reachMs))
      .map((row) => (JSON.parse(row.held) as Held).fact as OpenFact)
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
  }

  resolvedIn(span: Span, reachMs: number): unknown[] {
    return [...this.#resolved.values()]
      .filter((row) => shares(row.span, span, reachMs))
      .map((row) => JSON.parse(row.body));
  }

  decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    const naming = new Set(ids.flatMap((id) => [...(this.#named.get(id) ?? [])]));
    return [...naming].flatMap((id) => {
      const fact = this.held(id)?.fact ?? null;
      return fact !== null && isDecision(fact) ? [fact] : [];
    });
  }

  nameFacts(decision: FactId, facts: readonly FactId[]): void {
    for (const fact of facts)
      this.#named.set(fact, (this.#named.get(fact) ?? new Set()).add(decision));
  }

  leaveTo(gone: FactId, heir: FactId): void {
    this.heirs.set(gone, heir);
  }

  dropResolved(id: string): void {
    this.#resolved.delete(id);
  }

  putResolved(
    id: string,
    span: Span,
    { day }: Places,
    _keys: readonly string[],
    body: unknown,
  ): void {
    this.#resolved.set(id, { span, day, body: JSON.stringify(body) });
  }

  addToTotal(period: Period, tally: Tally): void {
    const sums = this.#totals.get(period) ?? new Map<string, number[]>();
    for (const [key, numbers] of tally) {
      const held = sums.get(key) ?? numbers.map(() => 0);
      const next = numbers.map((n, i) => (held[i] ?? 0) + n);
      if (next.every((n) => n === 0)) sums.delete(key);
      else sums.set(key, next);
    }
    this.#totals.set(period, sums);
  }

  ofOneStatement(admit: () => void): boolean {
    const before = this.changes.length;
    admit();
    return this.changes.length > before;
  }

  count(more: Partial<Counts>): void {
    for (const [name, n] of Object.entries(more)) this.counts[name as keyof Counts] += n;
  }

  enqueueChange(day: LocalDate, statement: OpenStatement): void {
    this.changes.push({ day, statement: JSON.parse(JSON.stringify(statement)) as OpenStatement });
  }

  enqueueRetraction(retraction: Retraction): void {
    this.retractions.push(retraction);
  }

  enqueueLive(id: string, _at: Instant, watches: readonly string[]): void {
    this.watched.set(id, [...new Set([...(this.watched.get(id) ?? []), ...watches])]);
  }

  /** What counts, as bytes, by id. */
  resolvedBytes(): string[] {
    return [...this.#resolved.values()].map((row) => row.body).sort();
  }

  /** "period key" → sums, of everything that is not zero. */
  totals(): Record<string, number[]> {
    const entries = [...this.#totals].flatMap(([period, sums]) =>
      [...sums].map(([key, n]): [string, number[]] => [`${period} ${key}`, n]),
    );
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** All of it, outbox included, for comparing one world with another. */
  everything(): unknown {
    const facts = [...this.#facts].sort(([a], [b]) => (a < b ? -1 : 1));
    const { changes, retractions } = this;
    return structuredClone({
      facts,
      resolved: this.resolvedBytes(),
      totals: this.totals(),
      changes,
      retractions,
    });
  }
}

/** Both ends included; begun at most `reachMs` before. */
const shares = (row: Span, span: Span, reachMs: number) =>
  row.fromMs >= span.fromMs - reachMs && row.fromMs <= span.toMs && row.toMs >= span.fromMs;
