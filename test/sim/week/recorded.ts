/**
 * Where what was read ends: the real kernel's recording over a ledger in memory for each member,
 * and a vault that keeps of every row its newest revision. Every outcome is counted, so that
 * "exactly once" can be asked of it, and the first recording of what was said tells its freshness.
 */

import type { ConnectionId, FactId, MemberId } from "../../../domain/identity.ts";
import type { LedgerPort, SealPort } from "../../../domain/ports.ts";
import { noSettings } from "../../../domain/settings.ts";
import { isRetraction } from "../../../domain/stream.ts";
import type { AnyStream } from "../../../domain/streams.ts";
import { workouts } from "../../../domain/workouts/stream.ts";
import type { SamplesHost } from "../../../durable-objects/connection-samples.ts";
import type { AcceptPorts } from "../../../kernel/accept.ts";
import { receiptOf, type Told } from "../../../kernel/receipt.ts";
import { record } from "../../../kernel/record.ts";
import { SampleVault } from "../../fakes/sample-vault.ts";
import { MemoryStore } from "../../kernel/memory-store.ts";
import type { Account } from "./world.ts";
import { digest, distanceOf, type Said, type WeekRecord } from "./world.ts";

/** How long what was said took until it was recorded. */
export type OnRecorded = (account: Account, said: Said) => void;

export class Recorded {
  readonly store = new MemoryStore();
  readonly samples = new SampleVault();
  /** How often each identity was recorded as new. */
  readonly news = new Map<string, number>();
  readonly sealed = new Map<string, { revision: number; heart: boolean }>();
  parked = 0;
  /** When something last came by itself; null: nothing ever did. */
  arrivedMs: number | null = null;
  /** Retracted, though their provider had them all the time. */
  wronged = 0;
  readonly #receipts = new Map<FactId, Map<string, number>>();
  readonly #byFact = new Map<string, WeekRecord>();
  readonly #account: Account;
  readonly #onRecorded: OnRecorded;

  constructor(account: Account, onRecorded: OnRecorded) {
    this.#account = account;
    this.#onRecorded = onRecorded;
  }

  /** `wire` stands between whoever asks and these ports. */
  ports(wire: <T>(effect: () => Promise<T>) => Promise<T>): AcceptPorts {
    const vault: Pick<SealPort, "seal" | "park" | "retract" | "isErasing"> = {
      seal: (_member: MemberId, _connection: ConnectionId, rows) =>
        wire(async () => {
          for (const { row, revision, columns } of rows) {
            const held = this.sealed.get(row);
            if (held !== undefined && held.revision > revision) continue;
            const said = columns.heart_rate;
            const heart = said === undefined ? (held?.heart ?? false) : said !== null;
            this.sealed.set(row, { revision, heart });
          }
          return "sealed" as const;
        }),
      park: (items) =>
        wire(async () => {
          this.parked += items.length;
          return "sealed" as const;
        }),
      retract: async () => {},
      isErasing: async () => false,
    };
    const ledger: Pick<LedgerPort, "number" | "record" | "facts" | "daysOf"> = {
      daysOf: (ids) => wire(async () => ids.flatMap((id) => this.store.held(id)?.days ?? [])),
      number: (contents, how) =>
        wire(async () => contents.map(({ id, content }) => this.#receipt(id, content, how))),
      record: (statements) => wire(async () => this.#record(statements)),
      facts: (fromMs, toMs, _after, limit) =>
        wire(async () => {
          const there = this.store.factsIn({ fromMs, toMs }, 0);
          const began = there.filter(({ at }) => at >= fromMs && at <= toMs);
          return { items: began.slice(0, limit), next: null };
        }),
    };
    const ofSamples: Pick<LedgerPort, "record"> = {
      record: (statements) => wire(() => this.samples.record(statements)),
    };
    const ledgerOf = (stream: AnyStream) => (stream.name === "samples" ? ofSamples : ledger);
    return { digest, vault, ledger: (stream) => ledgerOf(stream) as LedgerPort };
  }

  /** The same of samples. */
  samplePorts(wire: <T>(effect: () => Promise<T>) => Promise<T>): SamplesHost {
    return {
      work: { mergeSamples: (...args) => wire(() => this.samples.mergeSamples(...args)) },
      zones: () => wire(async () => []),
    };
  }

  #receipt(id: FactId, content: string, how: Told = "told"): number {
    const numbers = this.#receipts.get(id) ?? new Map<string, number>();
    this.#receipts.set(id, numbers);
    const receipts = {
      known: numbers.get(content) ?? null,
      greatest: Math.max(0, ...numbers.values()),
    };
    const number = receiptOf(receipts, this.store.held(id), how);
    numbers.set(content, number);
    return number;
  }

  #record(statements: Parameters<LedgerPort["record"]>[0]) {
    const outcomes = record(this.store, workouts, noSettings, statements);
    statements.forEach((statement, i) => {
      if (outcomes[i] === "new")
        this.news.set(statement.id, (this.news.get(statement.id) ?? 0) + 1);
      this.#tell(statement);
    });
    return outcomes;
  }

  /** What was said of a record up to this version has arrived. */
  #tell(statement: Parameters<LedgerPort["record"]>[0][number]): void {
    const found = this.#recordOf(statement.id);
    if (found === undefined) return;
    if (isRetraction(statement) && found.goneVersion === 0) this.wronged++;
    const version = isRetraction(statement)
      ? found.goneVersion
      : (statement.distanceMm as number) - distanceOf({ ...found, version: 0 });
    const rest = found.said.filter((said) => said.version > version);
    for (const said of found.said)
      if (said.version <= version) this.#onRecorded(this.#account, said);
    found.said.splice(0, found.said.length, ...rest);
  }

  #recordOf(id: string): WeekRecord | undefined {
    const { records } = this.#account;
    if (this.#byFact.size < records.size)
      for (const record of records.values()) this.#byFact.set(record.fact, record);
    return this.#byFact.get(id);
  }
}
