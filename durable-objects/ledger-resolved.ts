/**
 * What a ledger's facts resolve to, found by id, by time, by where it is listed and by when it was
 * counted. Synchronous; called inside the object's transaction.
 */
import type { SeenBy } from "../domain/ports.ts";
import type { Place, Span } from "../domain/stream.ts";
import { type Instant, type LocalDate, msPerDay } from "../domain/time.ts";
import type { Places } from "../kernel/refold.ts";
import { longMs } from "./ledger-facts.ts";
import { after, endOf, ordered, orderedIn, timed } from "./ledger-keys.ts";
import type { LedgerState } from "./ledger-state.ts";

/** All that leads to a resolved thing, so that it can be taken away again. */
interface Traces {
  readonly from: Instant;
  readonly own: Place;
  readonly others: Place | null;
  readonly day: LocalDate;
  readonly at: Instant;
  readonly keys: readonly string[];
}

/** A local day begins no further from midnight UTC than this. */
const offsetMsMax = 14 * 3_600_000;
/** All keys of one kind, in pieces of so many. */
const prefixes = ["b", "c", "G", "o", "p", "k"];

export class LedgerResolved {
  readonly #state: LedgerState;

  constructor(state: LedgerState) {
    this.#state = state;
  }

  get #entries() {
    return this.#state.entries;
  }

  resolvedIn({ fromMs, toMs }: Span, reachMs: number): unknown[] {
    const begin = timed("c", fromMs - Math.min(longMs, 2 * reachMs), "");
    const long = [
      ...this.#entries.from(timed("G", fromMs - 2 * reachMs, ""), `G${begin.slice(1)}`),
    ];
    const texts = long.map(([key]) => this.#entries.get(`c${key.slice(1)}`) ?? "");
    for (const [, text] of this.#entries.from(begin, after(timed("c", toMs, "~"))))
      texts.push(text);
    return texts.filter((text) => Number.parseInt(text, 10) >= fromMs).map(bodyOf);
  }

  /** What covers any of these days, wherever they began and ended. */
  resolvedAround(from: LocalDate, to: LocalDate, reachMs: number): unknown[] {
    const [fromMs, toMs] = [
      Date.parse(from) - offsetMsMax,
      Date.parse(to) + msPerDay + offsetMsMax,
    ];
    return this.resolvedIn({ fromMs, toMs }, reachMs);
  }

  dropResolved(id: string): void {
    const text = this.#entries.get(`b${id}`);
    if (text === null) return;
    const traces = JSON.parse(text) as Traces;
    for (const key of [`b${id}`, ...keysOf(id, traces)]) this.#entries.delete(key);
  }

  putResolved(
    id: string,
    span: Span,
    { day, at, own, others }: Places,
    keys: readonly string[],
    body: unknown,
  ): void {
    this.dropResolved(id);
    const traces: Traces = { from: span.fromMs, own, others, day, at, keys };
    const [text, long, ...indexes] = keysOf(id, traces) as [string, string, ...string[]];
    this.#entries.put(`b${id}`, JSON.stringify(traces));
    this.#entries.put(text, `${span.toMs} ${JSON.stringify(body)}`);
    if (span.toMs - span.fromMs > longMs) this.#entries.put(long, "");
    for (const key of indexes) this.#entries.put(key, id);
  }

  /** Forgets all conclusions; the facts stay. */
  unresolve(): void {
    for (const prefix of prefixes) {
      const keys = [...this.#entries.from(prefix, endOf(prefix))].map(([key]) => key);
      for (const key of keys) this.#entries.delete(key);
    }
  }

  find(id: string): unknown {
    const text = this.#entries.get(`b${id}`);
    if (text === null) return null;
    const { from } = JSON.parse(text) as Traces;
    return bodyOf(this.#entries.get(timed("c", from, id)) ?? "");
  }

  /** Newest first, below a place; for others only what they may see, where they see it. */
  resolvedBefore({ at, id }: Place, limit: number, seenBy: SeenBy): unknown[] {
    const prefix = seenBy === "owner" ? "o" : "p";
    const ids: string[] = [];
    for (const [, found] of this.#entries.back(prefix, timed(prefix, at, id))) {
      if (ids.push(found) >= limit) break;
    }
    return ids.map((found) => this.find(found));
  }

  /** When something was last counted under a key, on one of these days; 0: nothing was. */
  lastCounted(key: string, from: LocalDate, to: LocalDate): Instant {
    const prefix = `k${key} `;
    for (const [found] of this.#entries.back(prefix + from, endOf(prefix + to)))
      return orderedIn(found, prefix + to);
    return 0;
  }

  /** What counts under which key and when, for whoever compares. */
  *counted(): Generator<{ key: string; day: LocalDate; at: Instant }> {
    for (const [found] of this.#entries.from("k", endOf("k"))) {
      const [key = "", rest = ""] = found.slice(1).split(" ");
      yield { key, day: rest.slice(0, 10), at: orderedIn(rest, rest.slice(0, 10)) };
    }
  }
}

/** The body's key, that of a long one, and those of everything that finds it. */
const keysOf = (id: string, { from, own, others, day, at, keys }: Traces): string[] => [
  timed("c", from, id),
  timed("G", from, id),
  timed("o", own.at, own.id),
  ...(others === null ? [] : [timed("p", others.at, others.id)]),
  ...keys.map((key) => `k${key} ${day}${ordered(at)}${id}`),
];

const bodyOf = (text: string): unknown => JSON.parse(text.slice(text.indexOf(" ") + 1));
