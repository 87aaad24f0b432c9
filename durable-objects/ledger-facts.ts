/**
 * A ledger's facts, each identity once, and what finds them: by time, by the decisions that name
 * them, by who had them erased. Synchronous; called inside the object's transaction.
 */
import type { FactId } from "../domain/identity.ts";
import type { OpenFact } from "../domain/ports.ts";
import { type Decision, isDecision, type Span } from "../domain/stream.ts";
import type { Instant, LocalDate } from "../domain/time.ts";
import { receiptOf, type Told } from "../kernel/receipt.ts";
import type { Held } from "../kernel/statement.ts";
import type { LedgerCounts } from "./ledger-counts.ts";
import { after, endOf, paired, timed } from "./ledger-keys.ts";
import type { LedgerState } from "./ledger-state.ts";

/** Nearly everything is shorter; the few long ones have an index of their own. */
export const longMs = 86_400_000;

/** Of an identity. `at` is null while it covers no time: a decision, or one that is retracted. */
type Identity = readonly [
  revision: number,
  days: readonly LocalDate[],
  at: Instant | null,
  erasedBy: string | null,
  body?: OpenFact,
];

export class LedgerFacts {
  readonly #state: LedgerState;
  readonly #counts: LedgerCounts;

  constructor(state: LedgerState, counts: LedgerCounts) {
    this.#state = state;
    this.#counts = counts;
  }

  get #entries() {
    return this.#state.entries;
  }

  #identity(id: string): Identity | null {
    const text = this.#entries.get(`i${id}`);
    return text === null ? null : (JSON.parse(text) as Identity);
  }

  held(id: string): Held | null {
    const identity = this.#identity(id);
    if (identity === null) return null;
    const [revision, days, at, , body] = identity;
    const fact = at === null ? (body ?? null) : bodyOf(this.#entries.get(timed("t", at, id)) ?? "");
    return { revision, days, fact };
  }

  hold(id: string, { revision, fact, days }: Held, span: Span | null): void {
    const [, known = [], at = null, erasedBy = null] = this.#identity(id) ?? [];
    if (days.length !== known.length) this.#counts.add({ held: days.length - known.length });
    if (erasedBy !== null) this.#entries.delete(paired("E", erasedBy, id));
    if (at !== null && at !== span?.fromMs) this.#entries.delete(timed("t", at, id));
    if (at !== null) this.#entries.delete(timed("L", at, id));
    const identity: Identity = [revision, days, span?.fromMs ?? null, null];
    const isTimeless = span === null && fact !== null;
    this.#entries.put(`i${id}`, JSON.stringify(isTimeless ? [...identity, fact] : identity));
    if (span === null) return;
    this.#entries.put(timed("t", span.fromMs, id), `${span.toMs} ${JSON.stringify(fact)}`);
    if (span.toMs - span.fromMs > longMs) this.#entries.put(timed("L", span.fromMs, id), "");
  }

  factsIn({ fromMs, toMs }: Span, reachMs: number): OpenFact[] {
    const long = [
      ...this.#entries.from(timed("L", fromMs - reachMs, ""), timed("L", fromMs - longMs, "")),
    ];
    const texts = long.map(([key]) => this.#entries.get(`t${key.slice(1)}`) ?? "");
    const end = after(timed("t", toMs, "~"));
    for (const [, text] of this.#entries.from(timed("t", fromMs - longMs, ""), end))
      texts.push(text);
    return texts.filter((text) => Number.parseInt(text, 10) >= fromMs).map(bodyOf);
  }

  /** Live facts after (at, id), for walking through all of them. */
  factsAfter(at: Instant, id: string, limit: number): OpenFact[] {
    const found: OpenFact[] = [];
    for (const [, text] of this.#entries.from(after(timed("t", at, id)), endOf("t"))) {
      if (found.length >= limit) break;
      found.push(bodyOf(text));
    }
    return found;
  }

  factsOfConnections(connections: readonly string[], limit: number): string[] {
    const found: string[] = [];
    for (const [, text] of this.#entries.from("t", endOf("t"))) {
      const { id, connection } = bodyOf(text);
      if (typeof connection === "string" && connections.includes(connection)) found.push(id);
    }
    return found.sort().slice(0, limit);
  }

  /** The fact whose id begins so, live or retracted. */
  factBeginning(prefix: string): FactId | null {
    for (const [key] of this.#entries.from(`i${prefix}`, endOf(`i${prefix}`)))
      return key.slice(1) as FactId;
    return null;
  }

  /** How many there are that cover time. */
  get size(): number {
    return [...this.#entries.from("t", endOf("t"))].length;
  }

  // -- decisions -----------------------------------------------------------------------------

  nameFacts(decision: FactId, facts: readonly FactId[]): void {
    for (const fact of facts) this.#entries.put(paired("N", fact, decision), "");
    this.#entries.put(`D${decision}`, "");
  }

  decisionsOn(ids: readonly string[]): (Decision & OpenFact)[] {
    const naming = new Set<string>();
    for (const id of ids) {
      const prefix = paired("N", id, "");
      for (const [key] of this.#entries.from(prefix, endOf(prefix)))
        naming.add(key.slice(prefix.length));
    }
    return this.#standing(naming);
  }

  /** Standing decisions, the newest first. */
  decisions(limit: number): (Decision & OpenFact)[] {
    const made = [...this.#entries.from("D", endOf("D"))].map(([key]) => key.slice(1));
    return this.#standing(made)
      .sort((a, b) => b.revision - a.revision || (a.id < b.id ? -1 : 1))
      .slice(0, limit);
  }

  #standing(ids: Iterable<string>): (Decision & OpenFact)[] {
    return [...ids].flatMap((id) => {
      const fact = this.held(id)?.fact ?? null;
      return fact !== null && isDecision(fact) ? [fact] : [];
    });
  }

  leaveTo(gone: FactId, heir: FactId): void {
    this.#entries.put(`H${gone}`, heir);
  }

  heirOf(gone: FactId): FactId | null {
    return this.#entries.get(`H${gone}`) as FactId | null;
  }

  // -- days ----------------------------------------------------------------------------------

  /** Identities, live and retracted, that were published under one of these days; null: any. */
  publishedUnder(days: readonly LocalDate[] | null): FactId[] {
    const among = new Set(days);
    return this.#identities()
      .filter(([, [, known]]) => known.some((day) => days === null || among.has(day)))
      .map(([id]) => id);
  }

  /** Every day that these identities were published under; null: that any was. */
  daysOf(ids: readonly FactId[] | null): LocalDate[] {
    const known =
      ids === null
        ? this.#identities().flatMap(([, [, days]]) => days)
        : ids.flatMap((id) => this.#identity(id)?.[1] ?? []);
    return [...new Set(known)].sort();
  }

  #identities(): [FactId, Identity][] {
    return [...this.#entries.from("i", endOf("i"))].map(([key, text]) => [
      key.slice(1) as FactId,
      JSON.parse(text) as Identity,
    ]);
  }

  // -- erased for good -----------------------------------------------------------------------

  erasedBy(by: string): FactId[] {
    const prefix = paired("E", by, "");
    return [...this.#entries.from(prefix, endOf(prefix))].map(
      ([key]) => key.slice(prefix.length) as FactId,
    );
  }

  markErased(ids: readonly FactId[], by: string): void {
    for (const id of ids) {
      const [revision, days, at, before, ...body] = this.#identity(id) ?? [];
      if (revision === undefined) continue;
      if (before != null) this.#entries.delete(paired("E", before, id));
      this.#entries.put(`i${id}`, JSON.stringify([revision, days, at, by, ...body]));
      this.#entries.put(paired("E", by, id), "");
    }
  }

  /**
   * Whatever is said of them next wins; until then they stay retracted, and are named again to
   * whoever asks again.
   */
  lift(by: string): FactId[] {
    const lifted = this.erasedBy(by);
    for (const id of lifted) {
      const [, ...others] = this.#identity(id) ?? [];
      this.#entries.put(`i${id}`, JSON.stringify([Number.MIN_SAFE_INTEGER, ...others]));
    }
    return lifted;
  }

  // -- receipts ------------------------------------------------------------------------------

  /** Of a member who is forgotten nothing is kept: whatever its number, it is refused. */
  receipt(id: string, content: string, how: Told): number {
    if (this.#state.head.isForgotten) return 1;
    const key = paired("r", id, content);
    const known = this.#entries.get(key);
    let greatest = 0;
    const prefix = paired("r", id, "");
    for (const [, number] of this.#entries.from(prefix, endOf(prefix)))
      greatest = Math.max(greatest, Number(number));
    const receipts = { known: known === null ? null : Number(known), greatest };
    const number = receiptOf(receipts, this.held(id), how);
    if (number !== receipts.known) this.#entries.put(key, String(number));
    return number;
  }
}

const bodyOf = (text: string): OpenFact => JSON.parse(text.slice(text.indexOf(" ") + 1));
