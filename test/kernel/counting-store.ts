/** A ledger in memory that counts what is asked of it, what it hands out and what it is given. */
import type { OpenFact } from "../../domain/ports.ts";
import type { Decision, Span } from "../../domain/stream.ts";
import type { Held } from "../../kernel/statement.ts";
import { MemoryStore } from "./memory-store.ts";

export interface Counts {
  readonly calls: number;
  /** Facts, decisions and resolved things handed out. */
  readonly handed: number;
  /** Resolved things dropped and put, sums and facts written, changes queued. */
  readonly written: number;
}

export class CountingStore extends MemoryStore {
  #calls = 0;
  #handed = 0;
  #written = 0;
  dropped: string[] = [];
  kept: string[] = [];

  /** What `work` costs. */
  costOf(work: () => unknown): Counts {
    [this.#calls, this.#handed, this.#written] = [0, 0, 0];
    [this.dropped, this.kept] = [[], []];
    work();
    return { calls: this.#calls, handed: this.#handed, written: this.#written };
  }

  #hand<T>(list: T[]): T[] {
    this.#calls++;
    this.#handed += list.length;
    return list;
  }

  #write(): void {
    this.#calls++;
    this.#written++;
  }

  override held(id: string): Held | null {
    this.#calls++;
    return super.held(id);
  }

  override factsIn(span: Span, reachMs: number): OpenFact[] {
    return this.#hand(super.factsIn(span, reachMs));
  }

  override resolvedIn(span: Span, reachMs: number): unknown[] {
    return this.#hand(super.resolvedIn(span, reachMs));
  }

  override decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    return this.#hand(super.decisionsOn(ids));
  }

  override hold(...args: Parameters<MemoryStore["hold"]>): void {
    this.#write();
    super.hold(...args);
  }

  override dropResolved(id: string): void {
    this.#write();
    this.dropped.push(id);
    super.dropResolved(id);
  }

  override putResolved(...args: Parameters<MemoryStore["putResolved"]>): void {
    this.#write();
    this.kept.push(args[0]);
    super.putResolved(...args);
  }

  override addToTotal(...args: Parameters<MemoryStore["addToTotal"]>): void {
    this.#write();
    super.addToTotal(...args);
  }

  override enqueueChange(...args: Parameters<MemoryStore["enqueueChange"]>): void {
    this.#write();
    super.enqueueChange(...args);
  }
}
