/**
 * What facts come to, by the same walk as in the ledger: all conclusions that are anchored on a day,
 * and all days whose conclusions some changed facts bear on. A conclusion begins when one of its
 * facts does, at whatever offset any of them states: so a day's are found from the facts that began
 * within its hours anywhere on Earth.
 */
import type { OpenFact } from "../../domain/ports.ts";
import { type Decision, isDecision, type Settings, type Span } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { type LocalDate, msPerDay, offsetMinutesMax, parseMoment } from "../../domain/time.ts";
import { type Piece, Walk } from "../refold.ts";
import { eachSubject, type Ground, reachMsOf, type Studied, union } from "./each-subject.ts";
import type { RowChange } from "./merge.ts";
import type { FactRow, ResolvedRow } from "./parquet.ts";
import { SubjectStore } from "./subject.ts";
import type { DayRow, KnownDay } from "./window.ts";

const offsetMsMax = offsetMinutesMax * 60_000;
/** Read at once around what is asked: more than a walk looks beyond the usual fact. */
const aroundMs = 12 * 3_600_000;

export interface Concluded {
  readonly subject: string;
  readonly id: string;
  readonly at: number;
  readonly body: unknown;
}

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

/** All that is anchored on that day, slice by slice, by subject, then time, then id. */
export async function* resolveDay(
  ground: Ground,
  day: LocalDate,
): AsyncGenerator<readonly Concluded[]> {
  const { stream } = ground;
  const hours = hoursOf(day);
  const study = (
    subject: string,
    rows: readonly DayRow[],
    loaded: readonly KnownDay[],
    settings: Settings,
  ): Studied<Concluded[]> => {
    const store = new SubjectStore(ground.window, loaded, rows, reachMsOf(stream));
    const value = conclusions(stream, store, store.begun(hours), settings, day)
      .map(({ id, at, body }) => ({ subject, id, at, body }))
      .sort((a, b) => a.at - b.at || (a.id < b.id ? -1 : 1));
    return { value, beyond: store.beyond };
  };
  const near = wider(hours, nearMsOf(stream));
  for await (const slice of eachSubject(ground, near, null, study))
    yield slice.flatMap(([, concluded]) => concluded);
}

export const resolvedRow = (
  stream: AnyStream,
  day: LocalDate,
  { subject, id, at, body }: Concluded,
): ResolvedRow => ({
  subject,
  id,
  day,
  at,
  ...Object.fromEntries(stream.columns.map((c) => [c.name, c.of(body)])),
});

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
    const alone = aloneIn(piece);
    if (alone !== null && !isHere(alone)) continue;
    for (const body of wholeOnes(stream, walk, piece, settings)) {
      const id = resolve.id(body);
      if (resolve.day(body) === day) found.set(id, { id, at: resolve.at(body), body });
    }
  }
  return [...found.values()];
}

/** What bears on nothing is concluded by itself, on its own day. */
function aloneIn({ facts }: Piece): OpenFact | null {
  const [only, ...others] = facts;
  return only !== undefined && others.length === 0 ? only : null;
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
    const worlds = [before, after].map((pick) => {
      const kept = rows.filter((r) => r.day !== day || !changed.some((c) => c.id === r.id));
      const put = changed.flatMap((c) => (pick(c) === null ? [] : [{ ...pick(c), day } as DayRow]));
      return new SubjectStore(ground.window, loaded, [...kept, ...put], reachMsOf(ground.stream));
    });
    const versions = changed.flatMap((c) => [c.before, c.after].flatMap((r) => bodyOf(r) ?? []));
    const touched = versions.flatMap((v) => (isDecision(v) ? namedBy(v, worlds) : [v]));
    const value = new Set(
      worlds.flatMap((store) => concludedDays(ground.stream, store, touched, settings)),
    );
    const beyond = worlds
      .flatMap((store) => store.beyond ?? [])
      .reduce<Span | null>((all, span) => union(span, all), null);
    return { value, beyond };
  };
  for await (const slice of eachSubject(ground, near, new Set(bySubject.keys()), study))
    for (const [, found] of slice) for (const d of found) days.add(d);
  return days;
}

const before = (c: RowChange) => c.before;
const after = (c: RowChange) => c.after;

function changedTime(day: LocalDate, changes: readonly RowChange[], stream: AnyStream): Span {
  let span = hoursOf(day);
  for (const { before, after } of changes)
    for (const row of [before, after])
      if (row?.kind === "fact" && row.at !== null && row.until !== null)
        span = union(span, { fromMs: row.at, toMs: row.until });
  return wider(span, nearMsOf(stream));
}

/** Of a changed decision: the facts that it names, wherever they are. */
const namedBy = ({ sides }: Decision, worlds: readonly SubjectStore[]): OpenFact[] =>
  worlds.flatMap((store) => sides.flat().flatMap((id) => store.held(id)?.fact ?? []));

const bodyOf = (row: FactRow | null): OpenFact | null =>
  row?.body == null ? null : (JSON.parse(row.body) as OpenFact);

function concludedDays(
  stream: AnyStream,
  store: SubjectStore,
  touched: readonly OpenFact[],
  settings: Settings,
): LocalDate[] {
  const { resolve } = stream;
  if (resolve === undefined) return touched.map((f) => stream.day(f, settings));
  const walk = new Walk(store, resolve);
  const days: LocalDate[] = [];
  for (const piece of walk.from(touched)) {
    const alone = aloneIn(piece);
    if (alone !== null) days.push(stream.day(alone, settings));
    else for (const body of wholeOnes(stream, walk, piece, settings)) days.push(resolve.day(body));
  }
  return days;
}

/** The time that a live fact covers, for the manifest. */
export const coverOf = (row: FactRow): Span | null =>
  row.kind !== "fact" || row.at === null || row.until === null
    ? null
    : { fromMs: row.at, toMs: row.until };
