/**
 * Recording statements in a ledger: one synchronous transaction over a store, so that a crash
 * leaves either all of it or nothing. What counts is `resolve` of the set of facts in a window, and
 * windows close where nothing covers the time; so recording costs what its window holds, not what
 * the ledger holds.
 */
import type { OpenFact, OpenStatement, RecordOutcome } from "../domain/ports.ts";
import {
  isRetraction,
  type Resolve,
  type Retraction,
  type Settings,
  type Span,
} from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import { type Instant, type LocalDate, msPerDay, type Period, periodsOf } from "../domain/time.ts";
import { type Held, weigh } from "./statement.ts";

/** A stretch of time is widened this often before the window is called endless. */
const wideningMax = 1000;

/** What one thing counts: key → one number a measure of the stream. */
export type Tally = Map<string, number[]>;

export interface LedgerStore {
  held(id: string): Held | null;
  hold(id: string, held: Held, span: Span | null): void;
  /** Live facts that share time with `span` (both ends included), begun at most `reachMs` before. */
  factsIn(span: Span, reachMs: number): OpenFact[];
  /** What was resolved before and shares time with `span`. */
  resolvedIn(span: Span, reachMs: number): unknown[];
  dropResolved(id: string): void;
  putResolved(
    id: string,
    span: Span,
    day: LocalDate,
    at: Instant,
    keys: readonly string[],
    body: unknown,
  ): void;
  /** Adds to (or takes from) a period's sums; marks it as to be published. */
  addToTotal(period: Period, tally: Tally, sign: 1 | -1): void;
  enqueueChange(day: LocalDate, statement: OpenStatement): void;
  enqueueRetraction(retraction: Retraction): void;
}

/** Records statements and folds anew every window that they touch. */
export function record(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  statements: readonly OpenStatement[],
): RecordOutcome[] {
  const touched: Span[] = [];
  const outcomes = statements.map((statement) => {
    const held = store.held(statement.id);
    const { wins, outcome } = weigh(held, statement);
    if (wins) touched.push(...admit(store, stream, settings, held, statement));
    return outcome;
  });
  refold(store, stream, settings, touched);
  return outcomes;
}

/** Keeps a winning statement and queues what it changes elsewhere; returns the times it touches. */
function admit(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  held: Held | null,
  statement: OpenStatement,
): Span[] {
  const before = held?.fact ? [spanOf(stream, held.fact)] : [];
  const days = held?.days ?? [];
  if (!isRetraction(statement)) return [...before, place(store, stream, settings, statement, days)];
  const { id, revision } = statement;
  for (const day of days) store.enqueueChange(day, statement);
  store.enqueueRetraction(statement);
  store.hold(id, { revision, fact: null, days }, null);
  return before;
}

/** Holds a fact under its day and publishes it there; the days it was under before are told. */
function place(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  fact: OpenFact,
  days: readonly LocalDate[],
): Span {
  const { id, revision } = fact;
  const span = spanOf(stream, fact);
  const day = stream.day(fact, settings);
  const others = days.filter((old) => old !== day);
  for (const old of others) store.enqueueChange(old, { id, revision, retracted: true });
  store.enqueueChange(day, fact);
  store.hold(id, { revision, fact, days: [...others, day] }, span);
  return span;
}

const spanOf = (stream: AnyStream, fact: OpenFact): Span =>
  stream.resolve?.span(fact) ?? { fromMs: fact.at, toMs: fact.at };

/** Moves the facts whose day rested on settings that changed, and folds their windows anew. */
export function followSettings(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  facts: readonly OpenFact[],
): void {
  const touched = facts.map((fact) => {
    const days = store.held(fact.id)?.days ?? [];
    const isThere = days.at(-1) === stream.day(fact, settings);
    return isThere ? spanOf(stream, fact) : place(store, stream, settings, fact, days);
  });
  refold(store, stream, settings, touched);
}

/**
 * Resolves again every window that shares time with `touched`. All windows are emptied before any
 * is filled: what moved from one to another keeps its id, and must not be taken for the old one.
 * No two windows share time, or what lies in both would count twice.
 */
export function refold(
  store: LedgerStore,
  stream: AnyStream,
  settings: Settings,
  touched: readonly Span[],
): void {
  const { resolve } = stream;
  if (resolve === undefined) return;
  const reachMs = resolve.reachDays * msPerDay;
  const windows: Span[] = [];
  for (const span of [...touched].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = windows.at(-1);
    if (last !== undefined && last.fromMs <= span.fromMs && span.toMs <= last.toMs) continue;
    windows.push(windowAround(store, resolve, reachMs, span));
    joinLast(windows);
  }
  for (const window of windows)
    for (const old of store.resolvedIn(window, reachMs)) {
      store.dropResolved(resolve.id(old));
      for (const period of periodsOf(resolve.day(old)))
        store.addToTotal(period, tallyOf(stream, old), -1);
    }
  for (const window of windows)
    for (const now of resolve.of(store.factsIn(window, reachMs), settings)) {
      const tally = tallyOf(stream, now);
      const [id, day] = [resolve.id(now), resolve.day(now)];
      store.putResolved(id, resolve.spanOf(now), day, resolve.at(now), [...tally.keys()], now);
      for (const period of periodsOf(day)) store.addToTotal(period, tally, 1);
    }
}

/** A place that a batch itself left again can bridge windows that nothing else connects. */
function joinLast(windows: Span[]): void {
  for (;;) {
    const [before, last] = windows.slice(-2);
    if (before === undefined || last === undefined || last.fromMs > before.toMs) return;
    const fromMs = Math.min(before.fromMs, last.fromMs);
    windows.splice(-2, 2, { fromMs, toMs: Math.max(before.toMs, last.toMs) });
  }
}

const windowAround = (
  store: LedgerStore,
  resolve: Resolve<OpenFact, unknown>,
  reachMs: number,
  span: Span,
): Span =>
  widen(span, (s) => [
    ...store.factsIn(s, reachMs).map((f) => resolve.span(f)),
    ...store.resolvedIn(s, reachMs).map((r) => resolve.spanOf(r)),
  ]);

/** Grows a span over everything that shares time with it, until nothing more does. */
function widen(start: Span, neighbours: (span: Span) => readonly Span[]): Span {
  let window = start;
  for (let i = 0; i < wideningMax; i++) {
    const all = [window, ...neighbours(window)];
    const fromMs = Math.min(...all.map((s) => s.fromMs));
    const toMs = Math.max(...all.map((s) => s.toMs));
    if (fromMs === window.fromMs && toMs === window.toMs) break;
    window = { fromMs, toMs };
  }
  return window;
}

export function tallyOf(stream: AnyStream, resolved: unknown): Tally {
  const tally: Tally = new Map();
  stream.measures.forEach((measure, index) => {
    for (const [key, n] of measure.of(resolved)) {
      const row = tally.get(key) ?? stream.measures.map(() => 0);
      row[index] = (row[index] ?? 0) + n;
      tally.set(key, row);
    }
  });
  return tally;
}
