/**
 * Chunks of one connection while records are merged into them, in memory: what is to be written, what
 * became of each record, and which times were spoken of. Nothing is kept before the write that follows.
 */
import type { ConnectionId, FactId, MemberId } from "../../domain/identity.ts";
import type { OpenFact } from "../../domain/ports.ts";
import { type Chunk, type MergedChunks, mergeRecords } from "../../domain/samples/chunk.ts";
import { encodeChunk } from "../../domain/samples/chunk-code.ts";
import type { Metric } from "../../domain/samples/metrics.ts";
import type { KeyedRecord } from "../../domain/samples/record-key.ts";
import type { SampleOutcome } from "../../domain/samples/sample.ts";
import { shortHash } from "../../domain/samples/short-hash.ts";
import { isFinal } from "../../domain/stream.ts";
import { addDays, type LocalDate } from "../../domain/time.ts";
import { sealedLength } from "./chunked.ts";
import { chunkColumn } from "./groups.ts";
import type { StagedChunk } from "./sample-days.ts";
import type { SampleLook } from "./sample-look.ts";
import { digestIn } from "./sealed-update.ts";
import type { SeenVersion, Write } from "./sealed-write.ts";

/** Row → where it stands; of this connection, of every day that is read. */
export type OwnRows = ReadonlyMap<string, { readonly metric: Metric; readonly day: LocalDate }>;

export interface Touched {
  readonly metric: Metric;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Chunks of one connection while records are merged into them. */
export class Staging {
  readonly staged = new Map<string, StagedChunk>();
  readonly writes: Write[] = [];
  readonly outcomes: SampleOutcome[];
  readonly touched: Touched[] = [];
  readonly #look: SampleLook;
  readonly #connection: ConnectionId;
  readonly #own: OwnRows;
  readonly #rows = new Map<string, string>();
  /** Rows that facts are told of. */
  readonly #told = new Set<string>();

  constructor(look: SampleLook, connection: ConnectionId, own: OwnRows, count: number) {
    this.#look = look;
    this.#connection = connection;
    this.#own = own;
    this.outcomes = Array.from({ length: count }, () => "not-your-device");
    for (const [row, { metric, day }] of own) this.#rows.set(JSON.stringify([metric, day]), row);
  }

  /** False when a chunk is not as it was listed. */
  async merge(
    metric: Metric,
    places: readonly number[],
    said: readonly (KeyedRecord | null)[],
  ): Promise<boolean> {
    const taken = places.flatMap((place, i) => {
      const record = said[i] ?? null;
      if (record === null) return [];
      if (!this.#isForgotten(metric, record)) return [{ place, record }];
      this.outcomes[place] = "forgotten";
      return [];
    });
    const records = taken.map(({ record }) => record);
    const held = await this.#held(metric, records);
    if (held === null) return false;
    const merged = mergeRecords(metric, held, records, shortHash);
    this.#note(metric, taken, merged);
    for (const chunk of merged.changed.values()) await this.#stage(chunk);
    return true;
  }

  /** Erased for good, be it lifted one day: nothing up to that comes back. */
  #isForgotten(metric: Metric, { day }: KeyedRecord): boolean {
    const row = day === null ? undefined : this.#rowOf(metric, day);
    return row !== undefined && isFinal(this.#look.retracted.get(row) ?? 0);
  }

  #rowOf(metric: Metric, day: LocalDate): string | undefined {
    return this.#rows.get(JSON.stringify([metric, day]));
  }

  async #held(
    metric: Metric,
    records: readonly KeyedRecord[],
  ): Promise<ReadonlyMap<LocalDate, Chunk> | null> {
    const days = new Set<LocalDate>();
    for (const { id, day } of records)
      if (day !== null)
        for (const near of id === null ? [0] : [-1, 0, 1]) days.add(addDays(day, near));
    const rows = new Map([...days].map((day) => [day, this.#rowOf(metric, day) ?? ""]));
    if (!(await this.#look.openChunks(rows.values()))) return null;
    return new Map(
      [...rows].flatMap(([day, row]): [LocalDate, Chunk][] => {
        const chunk = this.#look.chunk(row);
        return chunk === null ? [] : [[day, chunk]];
      }),
    );
  }

  #note(
    metric: Metric,
    taken: readonly { readonly place: number; readonly record: KeyedRecord }[],
    { outcomes, touched }: MergedChunks,
  ): void {
    taken.forEach(({ place, record }, i) => {
      const outcome = outcomes[i] ?? "gone";
      this.outcomes[place] = outcome;
      if (outcome === "too-many-in-a-day") return;
      for (const span of touched[i] ?? []) this.touched.push({ metric, ...span });
      const row = record.day === null ? undefined : this.#rowOf(metric, record.day);
      if (row !== undefined) this.#told.add(row);
    });
  }

  async #stage(chunk: Chunk): Promise<void> {
    const { metric, day } = chunk;
    const row = this.#rowOf(metric, day);
    if (row === undefined) throw new Error("a chunk was not looked at");
    const over = this.#look.versionOf(row, chunkColumn);
    const bytes = encodeChunk(chunk);
    const write = await this.#look.turn.write(row, chunkColumn, this.#connection, over, bytes);
    const digest = digestIn(write);
    this.writes.push(write);
    this.#told.add(row);
    this.staged.set(row, { row, version: write.version, digest, metric, day, chunk });
  }

  /** Chunks as they are after this turn. */
  facts(member: MemberId): OpenFact[] {
    return [...this.#told].flatMap((row): OpenFact[] => {
      const place = this.#own.get(row);
      if (place === undefined) return [];
      const held = this.#look.chunksOf(place.metric, place.day).find((ref) => ref.row === row);
      const { version, digest } = this.staged.get(row) ?? held ?? {};
      if (version === undefined) return [];
      const plaintext = this.writes.find((write) => write.row === row)?.plaintext;
      const bytes = plaintext == null ? (held?.bytes ?? 0) : sealedLength(plaintext.length);
      return [
        {
          ...{ id: row as FactId, revision: version, at: Date.parse(place.day), member },
          ...{ connection: this.#connection, kind: "chunk", bytes, digest },
        },
      ];
    });
  }

  /** Own chunks that were only looked at: a record that moved must not have moved once more. */
  seen(writes: readonly Write[]): SeenVersion[] {
    const written = new Set(writes.map(({ row }) => row));
    if (written.size === 0) return [];
    return [...this.#own.keys()]
      .filter((row) => !written.has(row))
      .map((row) => ({ row, group: chunkColumn, version: this.#look.versionOf(row, chunkColumn) }));
  }
}
