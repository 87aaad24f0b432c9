/**
 * What `accept` talks to, for any stream: its ledgers in memory, each over the kernel's own recording,
 * and the changes that they publish to the archive, numbered as they came. The vault takes everything.
 */
import { bucketOf, type Change, type LedgerPort, ledgerName } from "../../domain/ports.ts";
import { noSettings } from "../../domain/settings.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { AcceptPorts } from "../../kernel/accept.ts";
import { hmacDigest } from "../../kernel/hmac.ts";
import { receiptOf, type Told } from "../../kernel/receipt.ts";
import { record } from "../../kernel/record.ts";
import { MemoryStore } from "../kernel/memory-store.ts";

const digest = hmacDigest(btoa("a key of thirty-two bytes, no less"));

export class StreamLedgers {
  readonly stores = new Map<string, MemoryStore>();
  /** Reasons of what was parked. */
  readonly parked: string[] = [];
  readonly #stream: AnyStream;
  readonly #numbers = new Map<string, Map<string, number>>();

  constructor(stream: AnyStream) {
    this.#stream = stream;
  }

  readonly ports: AcceptPorts = {
    digest,
    vault: {
      seal: async () => "sealed",
      park: async (items) => {
        this.parked.push(...items.map(({ reason }) => reason));
        return "sealed";
      },
      retract: async () => {},
      isErasing: async () => false,
    },
    ledger: (_, shard) => this.#ledger(shard) as LedgerPort,
  };

  #store(shard: string): MemoryStore {
    const store = this.stores.get(shard) ?? new MemoryStore();
    this.stores.set(shard, store);
    return store;
  }

  #ledger(shard: string): Pick<LedgerPort, "number" | "record"> {
    const store = this.#store(shard);
    return {
      record: async (statements) => record(store, this.#stream, noSettings, statements),
      number: async (contents, how) =>
        contents.map(({ id, content }) => this.#numberOf(store, id, content, how)),
    };
  }

  #numberOf(store: MemoryStore, id: string, content: string, how: Told = "told"): number {
    const known = this.#numbers.get(id) ?? new Map<string, number>();
    this.#numbers.set(id, known);
    const receipts = {
      known: known.get(content) ?? null,
      greatest: Math.max(0, ...known.values()),
    };
    const number = receiptOf(receipts, store.held(id), how);
    known.set(content, number);
    return number;
  }

  /** All that was ever published, ledger by ledger. */
  changes(): Change[] {
    const { name, buckets } = this.#stream;
    return [...this.stores].flatMap(([shard, store]) =>
      store.changes.map(({ day, statement }, i) => ({
        ...{ ledger: ledgerName(name, shard), seq: i + 1, stream: name },
        ...{ day, bucket: bucketOf(shard, buckets), statement },
      })),
    );
  }

  /** What counts, as bytes, whichever ledger holds it. */
  resolvedBytes(): string[] {
    return [...this.stores.values()].flatMap((store) => store.resolvedBytes()).sort();
  }
}
