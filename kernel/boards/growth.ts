/**
 * How a stream's boards are spread over more shards while they are written and read. A generation
 * with twice the shards is filled beside the one that serves; then it serves. In order:
 *
 *   1. The root keeps that it grows to T'. A crash after it: the root's alarm goes on from there.
 *   2. Every old shard keeps that it is growing: it hands each put on to T' and applies it only
 *      after that, so what T' holds is never older. A crash after it: puts cost two writes for
 *      longer; a put that was only handed on is said again by whoever waits for its answer.
 *   3. Every old shard copies its rows page by page, also of those who have nothing any more (an
 *      older row must not bring them back), and keeps how far it is. A crash after it: at most one
 *      page is copied again, and an older version changes nothing.
 *   4. When all is in T', every old shard keeps that it has moved: it answers reads with where to,
 *      hands puts on for ever, and drops its rows later by itself. From the first of them on nobody
 *      reads a whole board from the old generation. A crash after it: reads and puts go by way of
 *      the old shards for longer.
 *   5. The root keeps that T' serves and that nothing grows; only then may the next growth begin. It
 *      is the last to say so, because whoever hears it of the root puts straight to T', and that
 *      must not be missing from what the old shards still answer.
 *
 * Every step may run again. Nobody is read from two generations: a read that is told `moved` by any
 * shard begins again (read.ts).
 */
import type { BoardPort, ScoreRow, Topology } from "../../domain/board-ports.ts";
import { shardOf } from "../../domain/boards.ts";

/** One read asks every shard, so there are not more than one read may ask. */
export const shardsMax = 256;
/** Of so many shards at once the copying is asked for. */
const shardsAtOnce = 8;
/** One call copies no more than this, then answers. */
const rowsAPage = 500;
const pagesACall = 8;
/** Many more than a shard can hold; then the alarm comes again. */
const callsAShardMax = 1_000;

export type Phase =
  | { readonly phase: "serving" }
  /** `copiedTo`: the last member copied; null: none. */
  | {
      readonly phase: "growing";
      readonly next: Topology;
      readonly copiedTo: string | null;
      readonly isCopied: boolean;
    }
  | { readonly phase: "moved"; readonly next: Topology };

/** What a growing root says to a shard, beside what everybody does. */
export interface GrowingPort extends BoardPort {
  /** Kept once it returns: from now on every put is handed on. */
  grow(next: Topology): Promise<void>;
  /** Copies some more; true when everything is copied. */
  copy(next: Topology): Promise<boolean>;
  /** Kept once it returns: from now on reads are answered with where to. */
  moved(next: Topology): Promise<void>;
}

/** What one shard keeps; each of these is durable before the call that made it is answered. */
export interface ShardKeeping {
  readonly phase: Phase;
  keep(phase: Phase): void;
  /** A newer version takes the place of an older one, anything else changes nothing. */
  apply(row: ScoreRow): void;
  /** By id after `after`, also of those who have nothing any more. */
  page(after: string | null, limit: number): readonly ScoreRow[];
}

export type ShardsOf = (topology: Topology, number: number) => GrowingPort;

/** A shard's part in it. */
export class GrowingShard {
  readonly #keeping: ShardKeeping;
  readonly #shards: ShardsOf;

  constructor(keeping: ShardKeeping, shards: ShardsOf) {
    this.#keeping = keeping;
    this.#shards = shards;
  }

  /** Where reads go; null: here. */
  get movedTo(): Topology | null {
    const { phase } = this.#keeping;
    return phase.phase === "moved" ? phase.next : null;
  }

  async put(row: ScoreRow): Promise<Topology | null> {
    const { phase } = this.#keeping;
    if (phase.phase === "serving") {
      this.#keeping.apply(row);
      return null;
    }
    const further = await this.#next(phase.next, row.member).put(row);
    // It may have moved while it waited; then its rows are nobody's any more.
    if (this.movedTo === null) this.#keeping.apply(row);
    return further ?? this.movedTo;
  }

  async adopt(rows: readonly ScoreRow[]): Promise<void> {
    // A page that comes late finds a shard that grows itself: it goes the way of every put.
    for (const row of rows) {
      if (this.#keeping.phase.phase === "serving") this.#keeping.apply(row);
      else await this.put(row);
    }
  }

  grow(next: Topology): void {
    if (this.#keeping.phase.phase !== "serving") return;
    this.#keeping.keep({ phase: "growing", next, copiedTo: null, isCopied: false });
  }

  async copy(next: Topology): Promise<boolean> {
    for (let page = 0; page < pagesACall; page++) {
      const { phase } = this.#keeping;
      if (phase.phase === "moved" || (phase.phase === "growing" && phase.isCopied)) return true;
      if (phase.phase === "serving") throw new Error("copied before it hands puts on");
      const rows = this.#keeping.page(phase.copiedTo, rowsAPage);
      await this.#adoptedBy(next, rows);
      this.#copied(rows.at(-1)?.member ?? null, rows.length < rowsAPage);
    }
    return false;
  }

  moved(next: Topology): void {
    const { phase } = this.#keeping;
    if (phase.phase === "moved") return;
    if (phase.phase === "serving" || !phase.isCopied) throw new Error("moved before it is copied");
    this.#keeping.keep({ phase: "moved", next });
  }

  async #adoptedBy(next: Topology, rows: readonly ScoreRow[]): Promise<void> {
    const byShard = new Map<number, ScoreRow[]>();
    for (const row of rows) {
      const number = shardOf(row.member, next);
      const theirs = byShard.get(number);
      if (theirs === undefined) byShard.set(number, [row]);
      else theirs.push(row);
    }
    await Promise.all(
      [...byShard].map(([number, theirs]) => this.#shards(next, number).adopt(theirs)),
    );
  }

  /** Two calls may copy at once; how far it is never goes back. */
  #copied(to: string | null, isCopied: boolean): void {
    const { phase } = this.#keeping;
    if (phase.phase !== "growing" || phase.isCopied) return;
    const isFurther = to !== null && (phase.copiedTo === null || to > phase.copiedTo);
    if (isFurther || isCopied)
      this.#keeping.keep({ ...phase, copiedTo: isFurther ? to : phase.copiedTo, isCopied });
  }

  #next(next: Topology, member: string): GrowingPort {
    return this.#shards(next, shardOf(member, next));
  }
}

export interface RootState {
  /** What serves. */
  readonly topology: Topology;
  /** What it grows to; null: nothing grows. */
  readonly next: Topology | null;
}

export interface RootKeeping {
  readonly state: RootState;
  keep(state: RootState): void;
}

/** The root's part in it. */
export class GrowingRoot {
  readonly #keeping: RootKeeping;
  readonly #shards: ShardsOf;

  constructor(keeping: RootKeeping, shards: ShardsOf) {
    this.#keeping = keeping;
    this.#shards = shards;
  }

  get topology(): Topology {
    return this.#keeping.state.topology;
  }

  get isGrowing(): boolean {
    return this.#keeping.state.next !== null;
  }

  /** Step 1. Only what serves can be too full; who was told this twice grows once. */
  full(generation: number): void {
    const { topology, next } = this.#keeping.state;
    if (next !== null || generation !== topology.generation) return;
    const shards = topology.shards * 2;
    if (shards <= shardsMax)
      this.#keeping.keep({ topology, next: { generation: generation + 1, shards } });
  }

  /** Steps 2 to 5; whoever calls it calls it again when it throws. */
  async goOn(): Promise<void> {
    const { topology, next } = this.#keeping.state;
    if (next === null) return;
    await this.#each(topology, (shard) => shard.grow(next));
    await this.#each(topology, (shard) => copyAll(shard, next));
    await this.#each(topology, (shard) => shard.moved(next));
    this.#keeping.keep({ topology: next, next: null });
  }

  async #each(of: Topology, say: (shard: GrowingPort) => Promise<void>): Promise<void> {
    for (let first = 0; first < of.shards; first += shardsAtOnce) {
      const length = Math.min(shardsAtOnce, of.shards - first);
      await Promise.all(Array.from({ length }, (_, i) => say(this.#shards(of, first + i))));
    }
  }
}

async function copyAll(shard: GrowingPort, to: Topology): Promise<void> {
  for (let call = 0; call < callsAShardMax; call++) if (await shard.copy(to)) return;
  throw new Error("a shard with more rows than it can hold");
}
