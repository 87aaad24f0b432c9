/**
 * What a ledger knows, in memory while it is awake: its head, which is small and changes always, and
 * its entries. All that one transaction changes is one row written, and the pages that it spills.
 */
import type { LedgerReport, MemberSettings } from "../domain/ports.ts";
import type { Instant, LocalDate } from "../domain/time.ts";
import { LedgerPages } from "./ledger-pages.ts";

export interface Head {
  readonly name: string;
  /** The last number given out; 0 before the first. */
  readonly seq: number;
  readonly counts: Omit<LedgerReport, "atMs">;
  /** Parked changes that have neither landed nor gone out again. */
  readonly parked: number;
  readonly scores: {
    readonly version: number;
    readonly published: number;
    /** Of the row that was published last; empty: of none, or one without anything. */
    readonly content: string;
  };
  readonly settings: MemberSettings | null;
  /** By which everything was resolved. */
  readonly rules: string;
  /** What its registration says; empty: it was never made. */
  readonly registered: string;
  /** Connections whose data was erased: what still comes by them came too late. */
  readonly ended: readonly string[];
  /** By connection: when something new came by it last. */
  readonly arrivals: Readonly<Record<string, Instant>>;
  readonly isForgotten: boolean;
  /** That everything was published under, once it is forgotten. */
  readonly days: readonly LocalDate[];
}

const newHead: Head = {
  name: "",
  seq: 0,
  counts: { received: 0, applied: 0, duplicate: 0, rejected: 0, parked: 0, pending: 0, held: 0 },
  parked: 0,
  scores: { version: 0, published: 0, content: "" },
  settings: null,
  rules: "",
  registered: "",
  ended: [],
  arrivals: {},
  isForgotten: false,
  days: [],
};

interface Known {
  head: Head;
  readonly entries: LedgerPages;
  /** Of the head; entries count their own. */
  changes: number;
  saved: number;
}

export class LedgerState {
  readonly #storage: Pick<DurableObjectStorage, "sql" | "transactionSync">;
  #known: Known | null = null;
  /** What is not forgotten with a transaction that failed. */
  #kept: Partial<Head> = {};
  #isWriting = false;

  constructor(storage: Pick<DurableObjectStorage, "sql" | "transactionSync">) {
    this.#storage = storage;
  }

  get head(): Head {
    return this.#now.head;
  }

  get entries(): LedgerPages {
    return this.#now.entries;
  }

  /** Is written with whatever else the transaction changes; outside of one, by the next or `save`. */
  keep(more: Partial<Head>): void {
    this.note(more);
    this.#now.changes++;
  }

  /** Is written only when something else is, and may be lost. */
  note(more: Partial<Head>): void {
    this.#now.head = { ...this.#now.head, ...more };
  }

  /** A number that is not written down would be given out twice. */
  nextSeq(): number {
    if (!this.#isWriting) throw new Error("a number that nobody would write down");
    const seq = this.head.seq + 1;
    this.keep({ seq });
    return seq;
  }

  /**
   * One transaction, and one row for all that `run` changes; none where it changes nothing. What it
   * had changed when it throws is forgotten, and read again as it was.
   */
  write<T>(run: () => T): T {
    const before = this.#changes;
    return this.#whole(() => {
      const done = run();
      if (this.#changes !== before) this.#save();
      return done;
    });
  }

  /** Writes down what changed outside of transactions. */
  save(): void {
    if (this.#changes !== this.#now.saved) this.#whole(() => this.#save());
  }

  /** What it is called and by which rules it was resolved may not have been written down yet. */
  #whole<T>(run: () => T): T {
    const { name, rules } = this.head;
    this.#isWriting = true;
    try {
      return this.#storage.transactionSync(run);
    } catch (error) {
      this.#known = null;
      this.#kept = { name, rules };
      throw error;
    } finally {
      this.#isWriting = false;
    }
  }

  get #changes(): number {
    return this.#now.changes + this.#now.entries.changes;
  }

  #save(): void {
    const { head, entries } = this.#now;
    entries.trim();
    this.#storage.sql.exec(
      "INSERT INTO state (one, body) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET body = excluded.body",
      [JSON.stringify(head), ...entries.lines()].join("\n"),
    );
    this.#now.saved = this.#changes;
  }

  get #now(): Known {
    this.#known ??= this.#load();
    return this.#known;
  }

  #load(): Known {
    const { sql } = this.#storage;
    const [row] = sql.exec<{ body: string }>("SELECT body FROM state").toArray();
    const [head = "{}", ...hot] = row?.body.split("\n") ?? [];
    const entries = new LedgerPages(sql, hot);
    const known = { ...newHead, ...(JSON.parse(head) as Partial<Head>), ...this.#kept };
    return { head: known, entries, changes: 0, saved: 0 };
  }
}
