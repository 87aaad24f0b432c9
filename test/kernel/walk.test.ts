/** What a walk reads and follows, over facts on a line: each begins at its time and lasts an hour. */
import { describe, expect, test } from "vitest";
import type { OpenFact } from "../../domain/ports.ts";
import type { Decision, Resolve, Span } from "../../domain/stream.ts";
import { msPerDay } from "../../domain/time.ts";
import { Walk, type WalkStore } from "../../kernel/refold.ts";
import { decides } from "./statements.ts";

const hour = 3_600_000;
const nearMs = 10;
const fact = (id: string, at: number, lasts = hour): OpenFact =>
  ({ id, at, revision: 1, elapsedMs: lasts }) as unknown as OpenFact;
const spanOf = (f: OpenFact): Span => ({
  fromMs: f.at,
  toMs: f.at + (f as OpenFact & { elapsedMs: number }).elapsedMs,
});
const ids = (facts: readonly OpenFact[]) => facts.map((f) => f.id).sort();

type Asked = readonly [what: string, fromMs: number, toMs: number, reachMs: number];

/** A ledger that remembers what it was asked for. */
class Facts implements WalkStore {
  readonly asked: Asked[] = [];
  readonly #decisions: (Decision & OpenFact)[] = [];
  readonly #facts: readonly OpenFact[];
  readonly #gone = new Set<string>();
  constructor(...facts: OpenFact[]) {
    this.#facts = facts;
  }
  decide(...of: Parameters<typeof decides>): void {
    this.#decisions.push(decides(...of));
  }
  retract(id: string): void {
    this.#gone.add(id);
  }
  get #live() {
    return this.#facts.filter((f) => !this.#gone.has(f.id));
  }
  held(id: string) {
    const known = this.#facts.find((f) => f.id === id);
    const live = this.#live.find((f) => f.id === id) ?? null;
    return known === undefined ? null : ({ revision: 1, fact: live, days: [] } as never);
  }
  factsIn({ fromMs, toMs }: Span, reachMs: number): OpenFact[] {
    this.asked.push(["facts", fromMs, toMs, reachMs]);
    return this.#live.filter((f) => spanOf(f).fromMs <= toMs && spanOf(f).toMs >= fromMs);
  }
  decisionsOn(of: readonly string[]) {
    return this.#decisions.filter((d) => d.sides.flat().some((id) => of.includes(id)));
  }
  resolvedIn({ fromMs, toMs }: Span, reachMs: number): unknown[] {
    this.asked.push(["resolved", fromMs, toMs, reachMs]);
    return [`${fromMs}-${toMs}`];
  }
}

const resolving = (of: Partial<Resolve<OpenFact, unknown>> = {}) =>
  ({ reachDays: 1, nearMs, span: spanOf, bears: () => true, ...of }) as Resolve<OpenFact, unknown>;

const walked = (store: Facts, touched: readonly OpenFact[], of = resolving()) =>
  [...new Walk(store, of).from(touched)].map(({ facts, whole, settled }) => ({
    facts: ids(facts),
    whole: ids(whole),
    settled: ids(settled),
  }));
const same = (...names: string[]) => ({ facts: names, whole: names, settled: names });

describe("what is read around a fact", () => {
  const at = 100 * msPerDay;

  test("goes four times as far beyond what it may bear on as that is", () => {
    const store = new Facts(fact("a", at));
    walked(store, [fact("a", at)]);
    expect(store.asked).toEqual([["facts", at - 5 * nearMs, at + hour + 5 * nearMs, msPerDay]]);
  });

  test("goes no further than four hours beyond it", () => {
    const store = new Facts(fact("a", at));
    walked(store, [fact("a", at)], resolving({ nearMs: 3 * hour }));
    expect(store.asked).toEqual([["facts", at - 7 * hour, at + 8 * hour, msPerDay]]);
  });

  test("serves every fact whose surroundings lie within it, to the millisecond", () => {
    const far = 4 * nearMs;
    const within = [fact("early", at - far), fact("late", at + far)];
    const store = new Facts(fact("a", at), ...within);
    expect(walked(store, [fact("a", at)])).toEqual([same("a", "early", "late")]);
    expect(store.asked).toHaveLength(1);
    for (const by of [-1, 1]) {
      const beyond = new Facts(fact("a", at), fact("b", at + by * (far + 1)));
      expect(walked(beyond, [fact("a", at)])).toEqual([same("a", "b")]);
      expect(beyond.asked).toHaveLength(2);
    }
  });

  test("bears on it to the millisecond of what is near, on either side, and no further", () => {
    const end = at + hour;
    for (const [other, isNear] of [
      [fact("b", end + nearMs), true],
      [fact("b", end + nearMs + 1), false],
      [fact("b", at - hour - nearMs), true],
      [fact("b", at - hour - nearMs - 1), false],
    ] as const)
      expect(walked(new Facts(fact("a", at), other), [fact("a", at)])).toEqual([
        isNear ? same("a", "b") : same("a"),
      ]);
  });

  test("is nothing where none bears on another", () => {
    const { bears: _, ...alone } = resolving();
    const store = new Facts(fact("a", at), fact("b", at));
    expect(walked(store, [fact("a", at)], alone as never)).toEqual([same("a")]);
    expect(store.asked).toEqual([]);
  });
});

describe("what decides together", () => {
  const at = 100 * msPerDay;
  const [a, b, c] = [fact("a", at), fact("b", at + hour), fact("c", at + 50 * hour)] as const;

  test("is walked once, whichever of them were touched", () => {
    expect(walked(new Facts(a, b), [a, b])).toEqual([same("a", "b")]);
  });

  test("is what lay near one that is gone, piece by piece, without it", () => {
    const [early, late] = [fact("early", at - hour), fact("late", at + 2 * hour)];
    const long = fact("gone", at, 2 * hour);
    const store = new Facts(early, long, late);
    store.retract("gone");
    expect(walked(store, [long])).toEqual([same("early"), same("late")]);
  });

  test("is not what lies there and bears on nothing", () => {
    const apart = fact("apart", at);
    const bears = (one: OpenFact, other: OpenFact) => ![one.id, other.id].includes(apart.id);
    const store = new Facts(a, apart, b);
    expect(walked(store, [a], resolving({ bears }))).toEqual([same("a", "b")]);
    expect(walked(store, [apart], resolving({ bears }))).toEqual([same("apart")]);
  });

  test("is what is now where it was and where it is", () => {
    const was = fact("a", at + 20 * hour);
    const beside = fact("beside", was.at);
    const store = new Facts(a, beside);
    expect(walked(store, [was, a])).toEqual([same("a"), same("beside")]);
  });

  test("is what a standing decision joins, however far, and nothing that it parts", () => {
    const store = new Facts(a, b, c, fact("d", at + 90 * hour));
    store.decide("1", "join", [["a", "c"]], 1);
    store.decide("2", "split", [["a"], ["d"]], 2);
    expect(walked(store, [a])).toEqual([same("a", "b", "c")]);
    expect(walked(store, [c])).toEqual([same("a", "b", "c")]);
    store.retract("c");
    expect(walked(store, [a])).toEqual([same("a", "b")]);
  });

  test("is not what a decision joins besides", () => {
    const [d, e] = [fact("d", at + 90 * hour), fact("e", at + 120 * hour)];
    const store = new Facts(a, c, d, e);
    store.decide("1", "join", [["a", "c"]], 1);
    store.decide("2", "split", [["a"], ["d", "e"]], 2);
    store.decide("3", "join", [["d", "e"]], 3);
    expect(walked(store, [a])).toEqual([same("a", "c")]);
    expect(new Walk(store, resolving()).decisions([a]).map(({ id }) => id)).toEqual(["1", "2"]);
  });
});

describe("a chain without end", () => {
  /** One in each block of a day, each as long as a day; named by its block. */
  const links = Array.from({ length: 21 }, (_, n) =>
    fact(String(n).padStart(2, "0"), n * msPerDay, msPerDay),
  );
  const named = (from: number, to: number) => links.slice(from, to + 1).map((f) => f.id as string);

  test("is walked four blocks to either side, and one more is seen; two are whole, one is settled", () => {
    const [piece, ...more] = walked(new Facts(...links), [links[10] as OpenFact]);
    expect(piece).toEqual({ facts: named(5, 15), whole: named(8, 12), settled: named(9, 11) });
    // Its neighbours lie in the settled ones.
    expect(more).toEqual([]);
  });

  test("that ends within four blocks is whole", () => {
    const few = links.slice(6, 15);
    expect(walked(new Facts(...few), [links[10] as OpenFact])).toEqual([same(...named(6, 14))]);
  });
});

describe("what was resolved before", () => {
  const foundBefore = (of: Resolve<OpenFact, unknown>, ...facts: OpenFact[]) => {
    const store = new Facts();
    return [new Walk(store, of).resolvedBefore(facts), store.asked] as const;
  };

  test("is read once for facts that share time, a single moment too, in any order", () => {
    const [a, b, c] = [fact("a", 0), fact("b", hour), fact("c", 2 * hour + 1)];
    const [found, asked] = foundBefore(resolving(), c, b, a);
    expect(found).toEqual([`0-${2 * hour}`, `${2 * hour + 1}-${3 * hour + 1}`]);
    expect(asked.map(([, , , reachMs]) => reachMs)).toEqual([msPerDay, msPerDay]);
  });

  test("is read to the end of the longest", () => {
    const [found] = foundBefore(resolving(), fact("long", 0, 5 * hour), fact("short", hour));
    expect(found).toEqual([`0-${5 * hour}`]);
  });

  test("begins where its fact does, where each stands for itself", () => {
    const { bears: _, ...alone } = resolving();
    const [, asked] = foundBefore(alone as never, fact("a", 0));
    expect(asked).toEqual([["resolved", 0, hour, 0]]);
  });
});
