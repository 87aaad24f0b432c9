/**
 * A ledger's entries, as the kernel's flows see them. Every method is synchronous and is called
 * inside the object's transaction; none decides anything.
 */
import type { FactId } from "../domain/identity.ts";
import type { OpenFact, OpenStatement } from "../domain/ports.ts";
import type { Decision, Retraction, Span } from "../domain/stream.ts";
import type { Instant, LocalDate, Period } from "../domain/time.ts";
import type { Counts, LedgerStore } from "../kernel/record.ts";
import type { Places, Tally } from "../kernel/refold.ts";
import type { Held } from "../kernel/statement.ts";
import { LedgerCounts } from "./ledger-counts.ts";
import { LedgerFacts } from "./ledger-facts.ts";
import { LedgerLive } from "./ledger-live.ts";
import { LedgerOutbox, type Origin } from "./ledger-outbox.ts";
import { LedgerResolved } from "./ledger-resolved.ts";
import { LedgerScores } from "./ledger-scores.ts";
import type { LedgerState } from "./ledger-state.ts";

export class LedgerTables implements LedgerStore {
  readonly counts: LedgerCounts;
  readonly facts: LedgerFacts;
  readonly resolved: LedgerResolved;
  readonly scores: LedgerScores;
  readonly live: LedgerLive;
  readonly outbox: LedgerOutbox;
  readonly #state: LedgerState;

  constructor(state: LedgerState, origin: Origin) {
    this.#state = state;
    this.counts = new LedgerCounts(state);
    this.facts = new LedgerFacts(state, this.counts);
    this.resolved = new LedgerResolved(state);
    this.scores = new LedgerScores(state, this.resolved, origin.stream, origin.shard);
    this.live = new LedgerLive(state, origin, this.resolved);
    this.outbox = new LedgerOutbox(state, origin, this.counts, this.facts, this.scores, this.live);
  }

  held(id: string): Held | null {
    return this.facts.held(id);
  }

  hold(id: string, held: Held, span: Span | null): void {
    this.facts.hold(id, held, span);
  }

  factsIn(span: Span, reachMs: number): OpenFact[] {
    return this.facts.factsIn(span, reachMs);
  }

  decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    return this.facts.decisionsOn(ids);
  }

  nameFacts(decision: FactId, facts: readonly FactId[]): void {
    this.facts.nameFacts(decision, facts);
  }

  leaveTo(gone: FactId, heir: FactId): void {
    this.facts.leaveTo(gone, heir);
  }

  resolvedIn(span: Span, reachMs: number): unknown[] {
    return this.resolved.resolvedIn(span, reachMs);
  }

  dropResolved(id: string): void {
    this.resolved.dropResolved(id);
  }

  putResolved(id: string, span: Span, at: Places, keys: readonly string[], body: unknown): void {
    this.resolved.putResolved(id, span, at, keys, body);
  }

  addToTotal(period: Period, tally: Tally): void {
    this.scores.addToTotal(period, tally);
  }

  ofOneStatement(admit: () => void): boolean {
    return this.outbox.ofOneStatement(admit);
  }

  count(more: Partial<Counts>): void {
    this.counts.add(more);
  }

  enqueueChange(day: LocalDate, statement: OpenStatement): void {
    this.outbox.enqueueChange(day, statement);
  }

  enqueueRetraction(retraction: Retraction, fact: OpenFact | null): void {
    this.outbox.enqueueRetraction(retraction, fact);
  }

  enqueueLive(id: string, at: Instant, watches: readonly string[]): void {
    this.live.enqueue(id, at, watches);
  }

  /** Forgets all conclusions, to be drawn anew and told again; the facts stay. */
  unresolve(): void {
    this.resolved.unresolve();
    this.scores.empty();
  }

  /**
   * Empties everything but the head; boards, and those who watched what happened of late, are to be
   * told of it. Returns how many facts it held.
   */
  forget(nowMs: Instant): number {
    const facts = this.facts.size;
    const watched = this.live.watched(nowMs);
    this.#state.entries.clear();
    for (const { id, at, watches } of watched) this.live.enqueue(id, at, watches);
    this.counts.forget();
    this.scores.changed();
    return facts;
  }
}
