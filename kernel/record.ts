/**
 * Recording statements in a ledger: one synchronous transaction over a store, so that a crash
 * leaves either all of it or nothing. A statement is a fact, a decision about facts, or the
 * retraction of either; whatever it bears on is folded anew (`refold.ts`).
 */
import type { FactId } from "../domain/identity.ts";
import type { LedgerReport, OpenFact, OpenStatement, RecordOutcome } from "../domain/ports.ts";
import {
  type Decision,
  isDecision,
  isRetraction,
  type Retraction,
  type Settings,
  type Span,
} from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import type { LocalDate } from "../domain/time.ts";
import { type FoldStore, refold, spanOf } from "./refold.ts";
import { type Held, weigh } from "./statement.ts";

/** What became of statements: received = applied + duplicate + rejected + parked + pending. */
export type Counts = Omit<LedgerReport, "held" | "atMs">;

export interface LedgerStore extends FoldStore {
  hold(id: string, held: Held, span: Span | null): void;
  /** All changes that `admit` queues come of one statement; false when it queues none. */
  ofOneStatement(admit: () => void): boolean;
  count(more: Partial<Counts>): void;
  enqueueChange(day: LocalDate, statement: OpenStatement): void;
  /** For the vault. `fact`: what it takes back; null: nothing is known of it. */
  enqueueRetraction(retraction: Retraction, fact: OpenFact | null): void;
  /** Remembers which facts a decision names. */
  nameFacts(decision: FactId, facts: readonly FactId[]): void;
}

/**
 * Records statements and folds anew whatever they touch. One that wins is pending until all that
 * comes of it has landed; one of which nothing comes is applied at once.
 */
export function record(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  statements: readonly OpenStatement[],
): RecordOutcome[] {
  const touched: OpenFact[] = [];
  let [applied, duplicate, pending] = [0, 0, 0];
  const outcomes = statements.map((statement) => {
    const held = store.held(statement.id);
    const { wins, outcome } = weigh(held, statement);
    const take = () => touched.push(...admit(store, stream, settings, held, statement));
    if (!wins) duplicate++;
    else if (store.ofOneStatement(take)) pending++;
    else applied++;
    return outcome;
  });
  store.count({ received: statements.length, applied, duplicate, pending });
  refold(store, stream, settings, touched);
  return outcomes;
}

/** Keeps a winning statement, queues what it changes elsewhere; returns the versions it touches. */
function admit(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  held: Held | null,
  statement: OpenStatement,
): OpenFact[] {
  const before = held?.fact ?? null;
  const days = held?.days ?? [];
  if (isRetraction(statement)) {
    const { id, revision } = statement;
    for (const day of days) store.enqueueChange(day, statement);
    store.hold(id, { revision, fact: null, days }, null);
    if (before !== null && isDecision(before)) return named(store, before);
    store.enqueueRetraction(statement, before);
    return before === null ? [] : [before];
  }
  if (isDecision(statement)) return admitDecision(store, statement, days);
  const after = place(store, stream, settings, statement, days);
  return before === null ? [after] : [before, after];
}

/** A decision lands in every day that the facts it names are under, now or later. */
function admitDecision(
  store: LedgerStore,
  decision: Decision & OpenFact,
  days: readonly LocalDate[],
): OpenFact[] {
  const ids = decision.sides.flat();
  store.nameFacts(decision.id, ids);
  landDecision(store, decision, days, ids);
  return named(store, decision);
}

function landDecision(
  store: LedgerStore,
  decision: Decision & OpenFact,
  known: readonly LocalDate[],
  ids: readonly FactId[],
): void {
  const now = ids.flatMap((id) => store.held(id)?.days.at(-1) ?? []);
  const days = [...new Set([...known, ...now])];
  for (const day of days) store.enqueueChange(day, decision);
  store.hold(decision.id, { revision: decision.revision, fact: decision, days }, null);
}

const named = (store: LedgerStore, decision: Decision): OpenFact[] =>
  decision.sides.flat().flatMap((id) => store.held(id)?.fact ?? []);

/** Holds a fact under its day and publishes it there; the days it was under before are told. */
function place(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  fact: OpenFact,
  days: readonly LocalDate[],
): OpenFact {
  const { id, revision } = fact;
  const day = stream.day(fact, settings);
  const others = days.filter((old) => old !== day);
  for (const old of others) store.enqueueChange(old, { id, revision, retracted: true });
  store.enqueueChange(day, fact);
  store.hold(id, { revision, fact, days: [...others, day] }, spanOf(stream, fact));
  if (days.at(-1) !== day)
    for (const decision of store.decisionsOn([id])) {
      const known = store.held(decision.id)?.days ?? [];
      if (!known.includes(day)) landDecision(store, decision, known, decision.sides.flat());
    }
  return fact;
}

/** Moves the facts whose day rested on settings that changed, and folds anew what they bear on. */
export function followSettings(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  facts: readonly OpenFact[],
): void {
  for (const fact of facts) {
    const days = store.held(fact.id)?.days ?? [];
    const isThere = days.at(-1) === stream.day(fact, settings);
    if (!isThere) place(store, stream, settings, fact, days);
  }
  refold(store, stream, settings, facts);
}

/**
 * Draws anew what these identities come to, for there may be too many others. False: nothing is done,
 * because others decide with them, or are in one sum with them.
 */
export function drawAnew(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  ids: readonly FactId[],
): boolean {
  const { ranked, resolve } = stream;
  if (ranked || resolve?.where !== "ledger" || resolve.bears !== undefined) return false;
  const facts = ids.flatMap((id) => store.held(id)?.fact ?? []);
  followSettings(
    store,
    stream,
    settings,
    facts.filter((fact) => !isDecision(fact)),
  );
  return true;
}

export interface DayStatement {
  readonly day: LocalDate;
  readonly statement: OpenStatement;
}

/** What is true of an identity today, under each day that it was ever published under. */
export function standing(id: FactId, held: Held): DayStatement[] {
  const { fact, revision, days } = held;
  const isAt = (day: LocalDate) => fact !== null && (isDecision(fact) || day === days.at(-1));
  return days.map((day) => ({
    day,
    statement: fact !== null && isAt(day) ? fact : { id, revision, retracted: true },
  }));
}

/** Queues what is true of these identities once more; returns how many changes that is. */
export function sendAgain(store: LedgerStore, ids: readonly FactId[]): number {
  let queued = 0;
  for (const id of ids) {
    const held = store.held(id);
    for (const { day, statement } of held === null ? [] : standing(id, held)) {
      store.enqueueChange(day, statement);
      queued++;
    }
  }
  return queued;
}
