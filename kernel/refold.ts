/**
 * Folding anew what facts bear on. What counts is `resolve` of the set; but a fact only bears on
 * those near it, they on those near them, and there it ends. So this walks from the facts that
 * changed to everything that decides together with them, and costs what that holds, not what the
 * ledger holds. A chain without end is walked as far as its cuts need (`domain/pieces.ts`).
 */
import { rulings } from "../domain/decisions.ts";
import type { FactId } from "../domain/identity.ts";
import { blockOf } from "../domain/pieces.ts";
import type { OpenFact } from "../domain/ports.ts";
import {
  type Decision,
  type Place,
  type Resolve,
  rulesAt,
  type Settings,
  type Span,
} from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import { type Instant, type LocalDate, msPerDay, type Period, periodsOf } from "../domain/time.ts";
import type { Held } from "./statement.ts";

/** In a chain without end: blocks on either side that are walked, and those that are then whole. */
const blocksWalked = 4;
const blocksWhole = 2;
/**
 * Read around a fact beyond what it may bear on, so that its fellows' surroundings are there too: so
 * many times as far again, and no more than this.
 */
const aroundTimes = 4;
const aroundMsMax = 4 * 3_600_000;

/** What one thing counts: key → one number a measure of the stream. */
export type Tally = Map<string, number[]>;

/** When a resolved thing counts, and where who finds it, as `Resolve` has it. */
export interface Places {
  readonly day: LocalDate;
  readonly at: Instant;
  readonly own: Place;
  readonly others: Place | null;
}

export interface FoldStore {
  held(id: string): Held | null;
  /** Live facts that share time with `span` (both ends included), begun at most `reachMs` before. */
  factsIn(span: Span, reachMs: number): OpenFact[];
  /** Standing decisions that name any of these facts. */
  decisionsOn(ids: readonly string[]): (Decision & OpenFact)[];
  /** What was resolved before and shares time with `span`. */
  resolvedIn(span: Span, reachMs: number): unknown[];
  dropResolved(id: string): void;
  putResolved(id: string, span: Span, at: Places, keys: readonly string[], body: unknown): void;
  /** A fact that is gone leaves its place to another, for whoever still asks by its id. */
  leaveTo(gone: FactId, heir: FactId): void;
  /** Adds to a period's sums (or takes from them); marks it as to be published. */
  addToTotal(period: Period, tally: Tally): void;
  /** What is watched there has to be told what this adds now, or that it adds nothing any more. */
  enqueueLive(id: string, at: Instant, watches: readonly string[]): void;
}

/** What a walk asks of a store. */
export type WalkStore = Pick<FoldStore, "held" | "factsIn" | "decisionsOn" | "resolvedIn">;

export const spanOf = (stream: AnyStream, fact: OpenFact): Span =>
  stream.resolve?.span(fact) ?? { fromMs: fact.at, toMs: fact.at };

/**
 * Resolves again what the touched versions bear on, unless that is the vault's; a fact that changed
 * is touched twice, as it was and as it is. What was resolved is dropped before any of it is put anew: what moved from one
 * group to another keeps its id, and must not be taken for the old one.
 */
export function refold(
  store: FoldStore,
  stream: AnyStream,
  settings: Settings,
  touched: readonly OpenFact[],
): void {
  const { resolve } = stream;
  if (resolve === undefined || resolve.where === "vault" || touched.length === 0) return;
  const walk = new Walk(store, resolve);
  const [now, old]: [Resolved, Resolved] = [new Map(), new Map()];
  const put = (to: Resolved, body: unknown) =>
    to.set(resolve.id(body), { body, text: JSON.stringify(body) });
  const seen = new Map<string, OpenFact[]>();
  const see = (f: OpenFact) => seen.set(f.id, [...(seen.get(f.id) ?? []), f]);
  touched.forEach(see);
  for (const piece of walk.from(touched)) {
    piece.whole.forEach(see);
    const ids = new Set<string>(piece.whole.map((f) => f.id));
    for (const body of resolve.of(piece.facts, settings, walk.decisions(piece.facts)))
      if (resolve.factsOf(body).every((id) => ids.has(id))) put(now, body);
  }
  for (const body of walk.resolvedBefore([...seen.values()].flat()))
    if (resolve.factsOf(body).some((id) => seen.has(id))) put(old, body);
  bequeath(store, resolve, old, touched);
  replace(store, stream, resolve, old, now);
}

type Resolved = Map<string, { readonly body: unknown; readonly text: string }>;

/** Puts what is true now in the place of what was; what is the same to the byte costs nothing. */
function replace(
  store: FoldStore,
  stream: AnyStream,
  resolve: Resolve<OpenFact, unknown>,
  old: Resolved,
  now: Resolved,
): void {
  const sums = new Map<Period, Tally>();
  const count = (body: unknown, tally: Tally, sign: 1 | -1) => {
    if (!stream.ranked) return;
    for (const period of periodsOf(resolve.day(body))) {
      const sum = sums.get(period) ?? new Map<string, number[]>();
      for (const [key, row] of tally) {
        const held = sum.get(key) ?? row.map(() => 0);
        sum.set(
          key,
          row.map((n, i) => (held[i] ?? 0) + sign * n),
        );
      }
      sums.set(period, sum);
    }
  };
  const isSame = (id: string) => old.get(id)?.text === now.get(id)?.text;
  for (const id of new Set([...old.keys(), ...now.keys()]))
    if (!isSame(id)) touchLive(store, stream, id, [old.get(id)?.body, now.get(id)?.body]);
  for (const [id, { body }] of old) {
    if (isSame(id)) continue;
    store.dropResolved(id);
    count(body, tallyOf(stream, body), -1);
  }
  for (const [id, { body }] of now) {
    if (isSame(id)) continue;
    const tally = tallyOf(stream, body);
    const at = {
      day: resolve.day(body),
      at: resolve.at(body),
      own: resolve.ownPlace(body),
      others: resolve.othersPlace(body),
    };
    const keys = stream.ranked ? [...tally.keys()] : [];
    store.putResolved(id, resolve.spanOf(body), at, keys, body);
    count(body, tally, 1);
  }
  for (const [period, sum] of sums) store.addToTotal(period, sum);
}

/** Whoever watches any of these versions of one thing, is owed what it is now. */
function touchLive(
  store: Pick<FoldStore, "enqueueLive">,
  { live, resolve }: AnyStream,
  id: string,
  versions: readonly unknown[],
): void {
  const known = versions.filter((body) => body != null);
  if (live === undefined || resolve === undefined || known.length === 0) return;
  const watches = new Set(known.flatMap((body) => [...live.of(body)].map((e) => e.watch)));
  const at = Math.max(...known.map((body) => resolve.at(body)));
  if (watches.size > 0) store.enqueueLive(id, at, [...watches]);
}

/** A retracted member of a group leaves its id to the first one that is still there. */
function bequeath(
  store: FoldStore,
  resolve: Resolve<OpenFact, unknown>,
  old: Resolved,
  touched: readonly OpenFact[],
): void {
  const changed = new Set(touched.map((f) => f.id));
  for (const { body } of old.values()) {
    const members = resolve.factsOf(body);
    const isGone = (id: FactId) => changed.has(id) && store.held(id)?.fact == null;
    const gone = members.filter(isGone);
    const heir = members.find((id) => !gone.includes(id));
    if (heir !== undefined) for (const id of gone) store.leaveTo(id, heir);
  }
}

export interface Piece {
  /** Enough facts to resolve the whole ones among them as if all were there. */
  readonly facts: readonly OpenFact[];
  readonly whole: readonly OpenFact[];
  /** Those of them whose fellows, were they ever one with them, are whole too. */
  readonly settled: readonly OpenFact[];
}

/** Reads a ledger's facts stretch by stretch, each at most once, and follows what bears on what. */
export class Walk {
  readonly #store: WalkStore;
  readonly #resolve: Resolve<OpenFact, unknown>;
  readonly #reachMs: number;
  readonly #reads: { readonly span: Span; readonly facts: readonly OpenFact[] }[] = [];
  /** By version: a seed is asked for its neighbours twice. */
  readonly #near = new Map<OpenFact, readonly OpenFact[]>();

  constructor(store: WalkStore, resolve: Resolve<OpenFact, unknown>) {
    this.#store = store;
    this.#resolve = resolve;
    this.#reachMs = resolve.reachDays * msPerDay;
  }

  /** The pieces that the touched versions lie in, or lay in. */
  *from(touched: readonly OpenFact[]): Generator<Piece> {
    const done = new Set<string>();
    for (const version of touched) {
      const isLive = this.#store.held(version.id)?.fact != null;
      const seeds = this.#neighbours(version);
      for (const seed of isLive ? [this.#current(version), ...seeds] : seeds) {
        if (done.has(seed.id)) continue;
        const piece = this.#grow(seed);
        for (const f of piece.settled) done.add(f.id);
        yield piece;
      }
    }
  }

  /** Everything connected to a fact; in a chain without end, so many blocks around it. */
  #grow(seed: OpenFact): Piece {
    const home = blockOf(seed, this.#reachMs);
    const away = (f: OpenFact) => Math.abs(blockOf(f, this.#reachMs) - home);
    const found = new Map<string, OpenFact>([[seed.id, seed]]);
    const beyond = new Map<string, OpenFact>();
    for (const fact of found.values())
      for (const next of this.#neighbours(fact)) {
        if (away(next) > blocksWalked) beyond.set(next.id, next);
        else if (!found.has(next.id)) found.set(next.id, next);
      }
    const facts = [...found.values(), ...beyond.values()];
    const within = (blocks: number) =>
      beyond.size === 0 ? facts : facts.filter((f) => away(f) <= blocks);
    return { facts, whole: within(blocksWhole), settled: within(blocksWhole - 1) };
  }

  #current(version: OpenFact): OpenFact {
    return this.#store.held(version.id)?.fact ?? version;
  }

  #neighbours(version: OpenFact): readonly OpenFact[] {
    const known = this.#near.get(version);
    if (known !== undefined) return known;
    const { bears } = this.#resolve;
    const near =
      bears === undefined
        ? []
        : this.#around(version).filter((f) => f.id !== version.id && bears(version, f));
    const all = near.concat(this.#tied(version));
    this.#near.set(version, all);
    return all;
  }

  #tied(version: OpenFact): OpenFact[] {
    const decisions = this.#store.decisionsOn([version.id]);
    if (decisions.length === 0) return [];
    const standing = rulings(decisions);
    const others = [...standing.values()].flatMap(({ a, b, verdict }) => {
      if (verdict !== "join" || (a !== version.id && b !== version.id)) return [];
      return [a === version.id ? b : a];
    });
    return others.flatMap((id) => this.#store.held(id)?.fact ?? []);
  }

  #around(version: OpenFact): OpenFact[] {
    const { fromMs, toMs } = this.#resolve.span(version);
    const { nearMs } = this.#resolve;
    const wanted = { fromMs: fromMs - nearMs, toMs: toMs + nearMs };
    return this.#stretch(wanted).filter((f) => {
      const span = this.#resolve.span(f);
      return span.fromMs <= wanted.toMs && span.toMs >= wanted.fromMs;
    });
  }

  #stretch({ fromMs, toMs }: Span): readonly OpenFact[] {
    const known = this.#reads.findLast(({ span }) => span.fromMs <= fromMs && toMs <= span.toMs);
    if (known !== undefined) return known.facts;
    const aroundMs = Math.min(aroundMsMax, aroundTimes * this.#resolve.nearMs);
    const span = { fromMs: fromMs - aroundMs, toMs: toMs + aroundMs };
    const facts = this.#store.factsIn(span, this.#reachMs);
    this.#reads.push({ span, facts });
    return facts;
  }

  decisions(facts: readonly OpenFact[]): Decision[] {
    return this.#store.decisionsOn(facts.map((f) => f.id));
  }

  /** What was resolved before where these versions lie. */
  resolvedBefore(versions: readonly OpenFact[]): unknown[] {
    const spans = versions.map((f) => this.#resolve.span(f));
    // What stands for itself begins where its fact does.
    const reachMs = this.#resolve.bears === undefined ? 0 : this.#reachMs;
    return joined(spans).flatMap((span) => this.#store.resolvedIn(span, reachMs));
  }
}

/** Spans that share time as one, so that nothing is read twice. */
function joined(spans: readonly Span[]): Span[] {
  const found: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.fromMs - b.fromMs)) {
    const last = found.at(-1);
    if (last === undefined || span.fromMs > last.toMs) found.push(span);
    else found[found.length - 1] = { ...last, toMs: Math.max(last.toMs, span.toMs) };
  }
  return found;
}

export function tallyOf(stream: AnyStream, resolved: unknown): Tally {
  const tally: Tally = new Map();
  const rules = rulesAt(stream.rules);
  stream.measures.forEach((measure, index) => {
    for (const [key, n] of measure.of(resolved, rules)) {
      const row = tally.get(key) ?? stream.measures.map(() => 0);
      row[index] = (row[index] ?? 0) + n;
      tally.set(key, row);
    }
  });
  return tally;
}
