/**
 * What the clients know: everything that they ever said, which of it was answered with a 2xx, and
 * what each of it has to come to. Nothing of it comes from the system.
 */
export const told = ["sales", "listens", "workouts"] as const;
export type ToldStream = (typeof told)[number];

/** A number that it adds to a measure, on its day. */
export interface Count {
  readonly measure: string;
  readonly key: string;
  readonly n: number;
}

/** One thing that was said of one fact; of several the one of the greatest rank stands. */
export interface Saying {
  readonly stream: ToldStream;
  /** The client's own name of it, which follows from what any ledger shows of it in the open. */
  readonly fact: string;
  readonly rank: number;
  /** What the ledger has to hold; null: that it is gone. */
  readonly content: string | null;
  readonly day: string;
  readonly counts: readonly Count[];
  /** What it is a record of, where several may be of one; absent: it is told by itself. */
  readonly outing?: string;
  /** On whose boards it counts; absent: on none. */
  readonly member?: string;
}

interface Kept {
  readonly saying: Saying;
  isAcknowledged: boolean;
}

export class ClientRecord {
  readonly #facts = new Map<string, Kept[]>();
  /** Bad items: said at all, and answered as received. */
  readonly bad = { said: 0, acknowledged: 0 };
  /** What was answered by what, door by door. */
  readonly answers = new Map<string, number>();

  say(saying: Saying): void {
    const kept = this.#facts.get(saying.fact);
    if (kept === undefined) this.#facts.set(saying.fact, [{ saying, isAcknowledged: false }]);
    else if (!kept.some((k) => k.saying === saying)) kept.push({ saying, isAcknowledged: false });
  }

  acknowledge(saying: Saying): void {
    for (const kept of this.#facts.get(saying.fact) ?? [])
      if (kept.saying === saying) kept.isAcknowledged = true;
  }

  answered(door: string, what: string): void {
    const name = `${door} ${what}`;
    this.answers.set(name, (this.answers.get(name) ?? 0) + 1);
  }

  /** Facts that anything was said of. */
  get size(): number {
    return this.#facts.size;
  }

  facts(stream: ToldStream): string[] {
    return [...this.#facts].flatMap(([fact, [first]]) =>
      first?.saying.stream === stream ? [fact] : [],
    );
  }

  /** Facts of which at least one thing was answered, and all things that were. */
  acknowledged(): { facts: number; sayings: number } {
    const answered = [...this.#facts.values()].map(
      (k) => k.filter((one) => one.isAcknowledged).length,
    );
    return {
      facts: answered.filter((n) => n > 0).length,
      sayings: answered.reduce((sum, n) => sum + n, 0),
    };
  }

  /** Everything, to be looked at by a person. */
  all(): object {
    return Object.fromEntries(
      [...this.#facts].map(([fact, kept]) => [
        fact,
        kept.map(({ saying, isAcknowledged }) => ({
          ...{ rank: saying.rank, isAcknowledged, content: saying.content },
        })),
      ]),
    );
  }

  /** All that was ever said of it. */
  sayingsOf(fact: string): readonly Saying[] {
    return (this.#facts.get(fact) ?? []).map(({ saying }) => saying);
  }

  /**
   * What may stand of it: the greatest that was answered, or a greater one that was cut: that one is
   * whole or not at all. Null among them: nothing may be known of it, for nothing was answered.
   */
  mayStand(fact: string): readonly (Saying | null)[] {
    const kept = this.#facts.get(fact) ?? [];
    const answered = kept.filter((k) => k.isAcknowledged).map((k) => k.saying);
    const least = answered.reduce((most, { rank }) => Math.max(most, rank), -1);
    const open = kept.map((k) => k.saying).filter(({ rank }) => rank >= least);
    return answered.length > 0 ? open : [...open, null];
  }
}
