/**
 * The vault's merging of samples and the ledger behind it, in memory: a record is known by its id, or
 * else by its device and times, and of two statements the one with the greater revision stands. What it
 * was given is kept, and what it had before is counted.
 */
import type { ConnectionId, FactId, MemberId } from "../../domain/identity.ts";
import type { LedgerPort, MergedSamples, OpenFact, SampleWork } from "../../domain/ports.ts";
import type { SampleOutcome, SampleRecord } from "../../domain/samples/sample.ts";
import { localDate } from "../../domain/time.ts";

interface Given {
  readonly member: MemberId;
  readonly connection: ConnectionId;
  readonly records: readonly SampleRecord[];
  readonly zones: Parameters<SampleWork["mergeSamples"]>[3];
}

const keyOf = ({ metric, id, device, samples }: SampleRecord): string =>
  JSON.stringify([metric, id ?? [device.id, samples.map(({ fromMs, toMs }) => [fromMs, toMs])]]);

/** By metric and day of UTC. */
const chunkOf = ({ metric, samples }: SampleRecord): string =>
  JSON.stringify([metric, localDate(samples[0]?.fromMs ?? 0, 0)]);

export class SampleVault {
  readonly given: Given[] = [];
  /** What it has, by what each is known by. */
  readonly held = new Map<string, SampleRecord>();
  readonly outcomes: SampleOutcome[] = [];
  /** What the ledger was handed, by fact: revision by revision. */
  readonly recorded = new Map<FactId, number[]>();
  forgotten = false;
  readonly #versions = new Map<string, number>();

  get duplicates(): number {
    return this.outcomes.filter((outcome) => outcome === "duplicate").length;
  }

  /** Chunks whose present version the ledger was never told. */
  get unannounced(): number {
    const isTold = ([chunk, version]: [string, number]) =>
      this.recorded.get(chunk as FactId)?.includes(version) === true;
    return [...this.#versions].filter((one) => !isTold(one)).length;
  }

  readonly mergeSamples: SampleWork["mergeSamples"] = async (
    member,
    connection,
    records,
    zones,
  ): Promise<MergedSamples | "forgotten"> => {
    this.given.push({ member, connection, records, zones });
    if (this.forgotten) return "forgotten";
    const outcomes = records.map((record) => this.#merge(record));
    this.outcomes.push(...outcomes);
    const touched = new Set(records.map((record) => chunkOf(record)));
    return { outcomes, facts: [...touched].map((chunk) => this.#factOf(chunk)) };
  };

  readonly record: LedgerPort["record"] = async (statements) =>
    statements.map(({ id, revision }) => {
      const before = this.recorded.get(id) ?? [];
      this.recorded.set(id, [...before, revision]);
      if (before.length === 0) return "new";
      return before.includes(revision) ? "duplicate" : "corrected";
    });

  #merge(record: SampleRecord): SampleOutcome {
    const key = keyOf(record);
    const before = this.held.get(key);
    const [now, then] = [record.revision ?? 0, before?.revision ?? 0];
    if (before !== undefined && now < then) return "older";
    const isSame = JSON.stringify(before) === JSON.stringify(record);
    if (before !== undefined && (isSame || now === then)) return "duplicate";
    this.held.set(key, record);
    const chunk = chunkOf(record);
    this.#versions.set(chunk, (this.#versions.get(chunk) ?? 0) + 1);
    return before === undefined ? "new" : "corrected";
  }

  #factOf(chunk: string): OpenFact {
    const revision = this.#versions.get(chunk) ?? 0;
    return { id: chunk as FactId, revision, at: 0, kind: "chunk" };
  }
}
