/**
 * What `accept` talks to, in memory and whole: a vault that guards rows by revision, a ledger that
 * really records. Every call is counted, so that the Nth one can fail: before its effect, or after
 * it, when only the answer is lost.
 */

import type { Digest, FactId } from "../../domain/identity.ts";
import type {
  LedgerPort,
  OpenStatement,
  ParkedItem,
  RecordOutcome,
  SealedRow,
  SealOutcome,
  SealPort,
} from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import { isByMember } from "../../domain/shards.ts";
import type { Retraction } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { workouts } from "../../domain/workouts/stream.ts";
import type { AcceptPorts } from "../../kernel/accept.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { receiptOf, type Told } from "../../kernel/receipt.ts";
import { record } from "../../kernel/record.ts";
import { MemoryStore } from "./memory-store.ts";

export interface Fault {
  /** Which call fails, counted from one. */
  readonly nth: number;
  readonly when: "before" | "after";
}

const digest = hmacDigest(btoa("a key of thirty-two bytes, no less"));

const own = "its own";

export class MemoryWorld {
  /** The name of every call, in the order in which they were made. */
  readonly calls: string[] = [];
  /** Everything that the ledger was ever handed, as text. */
  readonly toLedger: string[] = [];
  readonly rows = new Map<string, SealedRow>();
  readonly parked = new Map<string, ParkedItem>();
  /** Of every ledger that was ever handed something; of members' own there is one member. */
  readonly stores = new Map<string, MemoryStore>([[own, new MemoryStore()]]);
  forgotten = false;
  fault: Fault | null = null;
  readonly #receipts = new Map<FactId, Map<string, number>>();
  /** What the vault was told is taken back, up to which revision. */
  readonly #retracted = new Map<string, number>();
  readonly #stream: AnyStream;

  constructor(stream: AnyStream = workouts) {
    this.#stream = stream;
  }

  get store(): MemoryStore {
    return this.#storeOf(own);
  }

  #storeOf(shard: string): MemoryStore {
    const key = isByMember(this.#stream) ? own : shard;
    const store = this.stores.get(key) ?? new MemoryStore();
    this.stores.set(key, store);
    return store;
  }

  readonly ports: AcceptPorts = {
    digest: ((identity) => this.#call("digest", () => digest(identity))) satisfies Digest,
    vault: {
      seal: (_member, _connection, rows) => this.#call("seal", () => this.#seal(rows)),
      park: (items) => this.#call("park", () => this.#park(items)),
      retract: (_member, gone) => this.#call("retract", () => this.#retract(gone)),
      isErasing: async () => false,
    } satisfies SealPort,
    ledger: (_stream, shard) => {
      const number: LedgerPort["number"] = (contents, how) =>
        this.#call("number", () => contents.map((c) => this.#receipt(shard, c, how)));
      const recordAll: LedgerPort["record"] = (statements) =>
        this.#call("record", () => this.#record(shard, statements));
      return { number, record: recordAll } as LedgerPort;
    },
  };

  /** All that is kept anywhere. */
  state(): unknown {
    const { rows, parked } = this;
    const stores = [...this.stores].sort(([a], [b]) => (a < b ? -1 : 1));
    const receipts = [...this.#receipts].map(([id, known]) => [id, [...known]]).sort();
    return structuredClone({
      rows,
      parked,
      receipts,
      ledgers: stores.map(([shard, store]) => [shard, store.everything()]),
    });
  }

  async #call<T>(name: string, effect: () => T | Promise<T>): Promise<T> {
    this.calls.push(name);
    const fault = this.fault?.nth === this.calls.length ? this.fault.when : null;
    if (fault === "before") throw new Error(`${name} failed`);
    const answer = await effect();
    if (fault === "after") throw new Error(`${name} answered, and the answer was lost`);
    return answer;
  }

  #seal(rows: readonly SealedRow[]): SealOutcome {
    if (this.forgotten) return "forgotten";
    for (const row of rows)
      if (
        row.revision >= (this.rows.get(row.row)?.revision ?? 0) &&
        row.revision > (this.#retracted.get(row.row) ?? Number.NEGATIVE_INFINITY)
      )
        this.rows.set(row.row, row);
    return "sealed";
  }

  #retract(gone: readonly Retraction[]): void {
    for (const { id, revision } of gone) {
      const last = Math.max(revision, this.#retracted.get(id) ?? revision);
      this.#retracted.set(id, last);
      if ((this.rows.get(id)?.revision ?? Number.POSITIVE_INFINITY) <= last) this.rows.delete(id);
    }
  }

  #park(items: readonly ParkedItem[]): SealOutcome {
    for (const item of items) this.parked.set(JSON.stringify(item), item);
    return "sealed";
  }

  #receipt(
    shard: string,
    { id, content }: { readonly id: FactId; readonly content: string },
    how: Told = "told",
  ): number {
    const numbers = this.#receipts.get(id) ?? new Map<string, number>();
    this.#receipts.set(id, numbers);
    const receipts = {
      known: numbers.get(content) ?? null,
      greatest: Math.max(0, ...numbers.values()),
    };
    const number = receiptOf(receipts, this.#storeOf(shard).held(id), how);
    numbers.set(content, number);
    return number;
  }

  #record(shard: string, statements: readonly OpenStatement[]): RecordOutcome[] {
    this.toLedger.push(JSON.stringify(statements));
    return record(this.#storeOf(shard), this.#stream, noSettings, statements);
  }
}
