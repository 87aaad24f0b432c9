/**
 * Finding a ledger's facts by time, and what they resolved to: page by page, by id (also one that is
 * no more), and by the facts it is made of. Reads only.
 */
import type { FactId, MemberId } from "../domain/identity.ts";
import type { OpenFact, Page, SeenBy } from "../domain/ports.ts";
import { isDecision } from "../domain/stream.ts";
import type { AnyStream } from "../domain/streams.ts";
import { type Instant, msPerDay } from "../domain/time.ts";
import type { LedgerTables } from "./ledger-store.ts";

/** A record may have left its place to one that left it to another, and so on. */
const heirsMax = 32;
/** Of all members', for one page of one member's: some megabytes to parse. */
const lookedAtMax = 5_000;

export class LedgerFinder {
  readonly #tables: LedgerTables;
  readonly #stream: AnyStream;

  constructor(tables: LedgerTables, stream: AnyStream) {
    this.#tables = tables;
    this.#stream = stream;
  }

  /** A cursor is the place of the last one shown, as whoever looks sees it: it tells nothing more. */
  list(before: string | null, limit: number, seenBy: SeenBy): Page<unknown> {
    const [at, id] = before === null ? [Number.MAX_SAFE_INTEGER, "~"] : JSON.parse(before);
    const items = this.#tables.resolved.resolvedBefore({ at, id }, limit + 1, seenBy);
    const { resolve } = this.#stream;
    const last = items.length > limit ? items[limit - 1] : undefined;
    const place =
      last === undefined
        ? null
        : seenBy === "owner"
          ? resolve?.ownPlace(last)
          : resolve?.othersPlace(last);
    return {
      items: items.slice(0, limit),
      next: place ? JSON.stringify([place.at, place.id]) : null,
    };
  }

  /** Live facts that cover any of this time, earliest first. */
  between(fromMs: Instant, toMs: Instant, limit: number): OpenFact[] {
    const reachMs = (this.#stream.resolve?.reachDays ?? 0) * msPerDay;
    return this.#tables.factsIn({ fromMs, toMs }, reachMs).slice(0, limit);
  }

  /** Live facts that began in this time, page by page: of one member, or of all. */
  facts(
    fromMs: Instant,
    toMs: Instant,
    after: string | null,
    limit: number,
    of?: MemberId,
  ): Page<OpenFact> {
    const [at, id] = after === null ? [fromMs, ""] : JSON.parse(after);
    const lookedAt = of === undefined ? limit + 1 : lookedAtMax;
    const looked = this.#tables.facts.factsAfter(at, id, lookedAt);
    const items: OpenFact[] = [];
    let last: OpenFact | undefined;
    const pageTo = () => ({ items, next: last ? JSON.stringify([last.at, last.id]) : null });
    for (const fact of looked) {
      if (fact.at > toMs) return { items, next: null };
      if (items.length >= limit) return pageTo();
      if (of === undefined || fact.member === of) items.push(fact);
      last = fact;
    }
    return looked.length < lookedAt ? { items, next: null } : pageTo();
  }

  find(id: string): unknown {
    return this.#tables.resolved.find(id) ?? this.#successorOf(id);
  }

  /** An id that is no more: its anchor is a member of another group, or left its place to one. */
  #successorOf(id: string): unknown {
    const { resolve } = this.#stream;
    let fact = resolve ? this.#tables.facts.factBeginning(resolve.factPrefixOf(id)) : null;
    if (fact !== null && resolve?.idOf(fact) !== id) return null;
    for (let hops = 0; fact !== null && hops < heirsMax; hops++) {
      const [found] = this.resolvedOf([fact]);
      if (found !== undefined) return found;
      fact = this.#tables.facts.heirOf(fact);
    }
    return null;
  }

  /** What live facts resolve to, each once, in order of time. */
  resolvedOf(ids: readonly FactId[]): unknown[] {
    const { resolve } = this.#stream;
    if (resolve === undefined) return [];
    const found = new Map<string, unknown>();
    for (const id of ids) {
      const fact = this.#tables.held(id)?.fact;
      if (fact == null || isDecision(fact)) continue;
      for (const body of this.#tables.resolvedIn(resolve.span(fact), resolve.reachDays * msPerDay))
        if (resolve.factsOf(body).includes(id)) found.set(resolve.id(body), body);
    }
    return [...found.values()].sort((a, b) => resolve.ownPlace(a).at - resolve.ownPlace(b).at);
  }
}
