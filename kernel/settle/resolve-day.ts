/**
 * What facts come to, by the same walk as in the ledger: all conclusions that are anchored on a day,
 * and all days whose conclusions some changed facts bear on. A conclusion begins when one of its
 * facts does, at whatever offset any of them states: so a day's are found from the facts that began
 * within its hours anywhere on Earth, and from those that were published under it, whatever their
 * clock said.
 */
import type { OpenFact } from "../../domain/ports.ts";
import { type Decision, isDecision, type Settings, type Span } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { type LocalDate, msPerDay, offsetMinutesMax, parseMoment } from "../../domain/time.ts";
import { type Piece, Walk } from "../refold.ts";
import { type Asked, askedDay } from "./asked-day.ts";
import type { Concluded } from "./concluded.ts";
import { eachSubject, type Ground, reachMsOf, type Studied, union } from "./each-subject.ts";
import type { RowChange } from "./merge.ts";
import type { FactRow } from "./parquet.ts";
import { factOf, type ReadFacts, SubjectStore } from "./subject.ts";
import type { DayRow, KnownDay } from "./window.ts";

const offsetMsMax = offsetMinutesMax * 60_000;
/** Read at once around what is asked: more than a walk looks beyond the usual fact. */
const aroundMs = 12 * 3_600_000;

function hoursOf(day: LocalDate): Span {
  const start = parseMoment(`${day}T00:00:00Z`);
  if (!start.ok) throw new Error("a partition's day exists");
  const { atMs } = start.value;
  return { fromMs: atMs - offsetMsMax, toMs: atMs + msPerDay + offsetMsMax };
}

const wider = ({ fromMs, toMs }: Span, byMs: number): Span => ({
  fromMs: fromMs - byMs,
  toMs: toMs + byMs,
});
const nearMsOf = ({ resolve }: AnyStream): number => (resolve?.nearMs ?? 0) + aroundMs;

/**
 * All that is anchored on that day, slice by slice, by subject, then time, then id. `judge` is shown
 * everyone of whom the vault was asked.
 */
export async function* resolveDay(
  ground: Ground,
  day: LocalDate,
  judge: (asked: Asked) => void = () => {},
): AsyncGenerator<readonly Concluded[]> {
  const { stream } = ground;
  const ask = stream.resolve?.ask;
  if (ask !== undefined)
    for await (const slice of askedDay(ground, ask, day)) {
      slice.forEach(judge);
      yield slice.flatMap(({ concluded }) => concluded);
    }
  else yield* walkedDay(ground, day);
}

async function* walkedDay(ground: Ground, day: LocalDate): AsyncGenerator<readonly Concluded[]> {
  const { stream } = ground;
  const hours = hoursOf(day);
  const study = (
    subject: string,
    rows: readonly DayRow[],
    loaded: readonly KnownDay[],
    settings: Settings,
  ): Studied<Concluded[]> => {
    const store = new SubjectStore(ground.window, loaded, rows, reachMsOf(stream));
    const value = conclusions(stream, store, store.begun(hours, day), settings, day)
      .map(({ id, at, body }) => ({ subject, id, at, body }))
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    return { value, beyond: store.beyond };
  };
  const near = wider(hours, nearMsOf(stream));
  for await (const slice of eachSubject(ground, near, null, study, day))
    yield slice.flatMap(([, concluded]) => concluded);
}

function conclusions(
  stream: AnyStream,
  store: SubjectStore,
  seeds: readonly OpenFact[],
  settings: Settings,
  day: LocalDate,
): Omit<Concluded, "subject">[] {
  const { resolve } = stream;
  const isHere = (f: OpenFact) => stream.day(f, settings) === day;
  if (resolve === undefined)
    return seeds.filter(isHere).map((f) => ({ id: f.id, at: f.at, body: f }));
  const found = new Map<string, Omit<Concluded, "subject">>();
  const walk = new Walk(store, resolve);
  for (const piece of walk.from(seeds)) {
    if (anchorDays(stream, piece, settings)?.has(day) === false) continue;
    for (const body of wholeOnes(stream, walk, piece, settings)) {
      const id = resolve.id(body);
      if (resolve.day(body) === day) found.set(id, { id, at: resolve.at(body), body });
    }
  }
  return [...found.values()];
}

/** Of so many facts every pair is looked at; of more it is cheaper to resolve them. */
const anchoredFactsMax = 12;

/**
 * Every day that a conclusion of these may be anchored on, without drawing it: it begins when one
 * of them does, at the offset that the same or another one states. Null: they are too many to say.
 */
function anchorDays(
  stream: AnyStream,
  { facts }: Piece,
  settings: Settings,
): ReadonlySet<LocalDate> | null {
  if (facts.length > anchoredFactsMax) return null;
  const days = new Set<LocalDate>();
  for (const fact of facts)
    for (const { at } of facts)
      days.add(stream.day(at === fact.at ? fact : { ...fact, at }, settings));
  return days;
}

/** What the piece comes to, but for what may rest on facts that it does not hold. */
function wholeOnes(stream: AnyStream, walk: Walk, piece: Piece, settings: Settings): unknown[] {
  const { resolve } = stream;
  if (resolve === undefined) return [];
  const ids = new Set<string>(piece.whole.map((f) => f.id));
  return resolve
    .of([...piece.facts], settings, walk.decisions(piece.facts))
    .filter((body: unknown) => resolve.factsOf(body).every((id) => ids.has(id)));
}

/** Which days' conclusions the changes of one day bear on, as it was and as it is. */
export async function affectedDays(
  ground: Ground,
  day: LocalDate,
  changes: readonly RowChange[],
): Promise<ReadonlySet<LocalDate>> {
  const days = new Set<LocalDate>();
  const bySubject = new Map<string, RowChange[]>();
  for (const change of changes) {
    const known = bySubject.get(change.subject);
    if (known) known.push(change);
    else bySubject.set(change.subject, [change]);
  }
  const near = changedTime(day, changes, ground.stream);
  const study = (
    subject: string,
    rows: readonly DayRow[],
    loaded: readonly KnownDay[],
    settings: Settings,
  ): Studied<Set<LocalDate>> => {
    const changed = bySubject.get(subject) ?? [];
    const ids = new Set(changed.map((c) => c.id));
    const kept = rows.filter((r) => r.day !== day || !ids.has(r.id));
    const read: ReadFacts = new Map();
    const versions = { before: onDay(day, changed, before), after: onDay(day, changed, after) };
    const [was, is] = [versions.before, versions.after].map((put) => {
      const all = [...kept, ...put];
      return new SubjectStore(ground.window, loaded, all, reachMsOf(ground.stream), read);
    }) as [SubjectStore, SubjectStore];
    const touched = [...versions.before, ...versions.after]
      .filter((r) => r.body !== null)
      .map((r) => factOf(r, read))
      .flatMap((v) => (isDecision(v) ? namedBy(v, [was, is]) : [v]));
    const value = new Set<LocalDate>();
    const isPlain = concludedDays(ground.stream, is, touched, settings, value);
    // What only came to be joins what was: nothing was concluded on a day that is not among these.
    const isNew = versions.before.length === 0 && !kept.some((r) => ids.has(r.id));
    const isGrown = isPlain && isNew && !is.hasDecisions;
    if (!isGrown) concludedDays(ground.stream, was, touched, settings, value);
    const beyond = [was, is]
      .flatMap((store) => store.beyond ?? [])
      .reduce<Span | null>((all, span) => union(span, all), null);
    return { value, beyond };
  };
  // The day itself is read even where no fact of it has a time: what was decided may have come first.
  for await (const slice of eachSubject(ground, near, new Set(bySubject.keys()), study, day))
    for (const [, found] of slice) for (const d of found) days.add(d);
  return days;
}

const onDay = (
  day: LocalDate,
  changed: readonly RowChange[],
  pick: (change: RowChange) => FactRow | null,
): DayRow[] =>
  changed.flatMap((c) => {
    const row = pick(c);
    return row === null ? [] : [{ ...row, day }];
  });
const before = (c: RowChange) => c.before;
const after = (c: RowChange) => c.after;

/** Wide, so that what moved from one day to another is seen where it was, and bore on others. */
function changedTime(day: LocalDate, changes: readonly RowChange[], stream: AnyStream): Span {
  let span = hoursOf(day);
  for (const { before, after } of changes)
    for (const row of [before, after]) {
      const cover = row === null ? null : coverOf(row);
      if (cover !== null) span = union(cover, span);
    }
  return wider(span, nearMsOf(stream));
}

/** Of a changed decision: the facts that it names, wherever they are. */
const namedBy = ({ sides }: Decision, worlds: readonly SubjectStore[]): OpenFact[] =>
  worlds.flatMap((store) => sides.flat().flatMap((id) => store.held(id)?.fact ?? []));

/**
 * Adds the days on which the pieces around some facts are concluded. Only a piece that may come to
 * several days, not all of them known, is resolved for it. True when none had to be.
 */
function concludedDays(
  stream: AnyStream,
  store: SubjectStore,
  touched: readonly OpenFact[],
  settings: Settings,
  days: Set<LocalDate>,
): boolean {
  const { resolve } = stream;
  if (resolve === undefined) for (const f of touched) days.add(stream.day(f, settings));
  if (resolve === undefined) return false;
  const walk = new Walk(store, resolve);
  let isPlain = true;
  for (const piece of walk.from(touched)) {
    const isWhole = piece.whole.length === piece.facts.length;
    const anchors = anchorDays(stream, piece, settings);
    const isKnown = anchors !== null && [...anchors].every((d) => days.has(d));
    if (isWhole && anchors !== null && (isKnown || anchors.size === 1)) {
      for (const d of anchors) days.add(d);
      continue;
    }
    isPlain = false;
    if (isKnown) continue;
    for (const body of wholeOnes(stream, walk, piece, settings)) days.add(resolve.day(body));
  }
  return isPlain;
}

/** The time that a live fact covers, for the manifest. */
export const coverOf = (row: FactRow): Span | null =>
  row.kind !== "fact" || row.at === null || row.until === null
    ? null
    : { fromMs: row.at, toMs: row.until };
