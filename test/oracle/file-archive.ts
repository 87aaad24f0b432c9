/**
 * The archive's bucket as a folder and its index in memory: what settling needs, with files that any
 * engine can read beside it. Objects are created once; a manifest is swapped only over the one that
 * was read. Paths are the archive's own names.
 */
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { MemberSettings, Partition } from "../../domain/ports.ts";
import type { LocalDate } from "../../domain/time.ts";
import { periodsOf } from "../../domain/time.ts";
import { manifestName, parseManifest } from "../../kernel/settle/manifest.ts";
import type {
  Counted,
  Index,
  Landed,
  Objects,
  SettlePorts,
  Zstd,
} from "../../kernel/settle/ports.ts";
import { Counts } from "./counts.ts";
import { ownerOnly } from "./tellers.ts";

type Zones = MemberSettings["zones"];

export const partitionKey = ({ stream, day, bucket }: Partition): string =>
  `${stream}/${day}/${String(bucket).padStart(2, "0")}`;

export const nodeZstd: Zstd = {
  compress: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
  decompress: (bytes) => new Uint8Array(zstdDecompressSync(bytes)),
};

class Files implements Objects {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }

  #read(name: string): Uint8Array | null {
    const path = this.#path(name);
    return existsSync(path) ? new Uint8Array(readFileSync(path)) : null;
  }

  #write(name: string, bytes: Uint8Array): void {
    mkdirSync(dirname(this.#path(name)), { recursive: true });
    writeFileSync(this.#path(name), bytes);
  }

  async get(name: string): Promise<Uint8Array | null> {
    return this.#read(name);
  }

  async create(name: string, bytes: Uint8Array): Promise<void> {
    if (!existsSync(this.#path(name))) this.#write(name, bytes);
  }

  async delete(names: readonly string[]): Promise<void> {
    for (const name of names) rmSync(this.#path(name), { force: true });
  }

  async versions(partition: Partition): Promise<string[]> {
    return ["facts", "resolved"].flatMap((part) => {
      const folder = `${part}/${partitionKey(partition)}`;
      const path = this.#path(folder);
      return existsSync(path) ? readdirSync(path).map((file) => `${folder}/${file}`) : [];
    });
  }

  async manifest(partition: Partition): ReturnType<Objects["manifest"]> {
    const bytes = this.#read(manifestName(partition));
    if (bytes === null) return null;
    return {
      value: parseManifest(partition, new TextDecoder().decode(bytes)),
      etag: etagOf(bytes),
    };
  }

  async manifestEtag(partition: Partition): Promise<string | null> {
    const bytes = this.#read(manifestName(partition));
    return bytes === null ? null : etagOf(bytes);
  }

  async swap(next: Parameters<Objects["swap"]>[0], etag: string | null): Promise<boolean> {
    const name = manifestName(next);
    const held = this.#read(name);
    if ((held === null ? null : etagOf(held)) !== etag) return false;
    this.#write(name, new TextEncoder().encode(JSON.stringify(next)));
    return true;
  }
}

const etagOf = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

export class MemoryIndex implements Index {
  readonly #landed = new Map<string, Landed[]>();
  readonly #unresolved = new Map<string, { partition: Partition; mark: number }>();
  readonly #settled = new Map<string, Set<LocalDate>>();
  readonly #counted = new Map<string, Counted>();
  readonly #zones: ReadonlyMap<string, Zones>;
  readonly #forgotten = new Set<string>();
  #marks = 0;

  constructor(zones: ReadonlyMap<string, Zones> = new Map()) {
    this.#zones = zones;
  }

  land(partition: Partition, landed: Landed): void {
    const key = partitionKey(partition);
    this.#landed.set(key, [...(this.#landed.get(key) ?? []), landed]);
  }

  /** Partitions whose conclusions have to be drawn anew. */
  unresolved(): Partition[] {
    return [...this.#unresolved.values()].map((u) => u.partition);
  }

  async landed(partition: Partition, limit: number): Promise<Landed[]> {
    return (this.#landed.get(partitionKey(partition)) ?? []).slice(0, limit);
  }

  async merged(partition: Partition, objects: readonly string[]): Promise<void> {
    const key = partitionKey(partition);
    const left = (this.#landed.get(key) ?? []).filter((l) => !objects.includes(l.object));
    if (left.length === 0) this.#landed.delete(key);
    else this.#landed.set(key, left);
    this.settled(partition);
  }

  /** There is a manifest. */
  settled({ stream, day, bucket }: Partition): void {
    const key = `${stream}/${bucket}`;
    this.#settled.set(key, (this.#settled.get(key) ?? new Set()).add(day));
  }

  forget(ledger: string): void {
    this.#forgotten.add(ledger);
  }

  async forgotten(ledgers: readonly string[]): Promise<ReadonlySet<string>> {
    return new Set(ledgers.filter((ledger) => this.#forgotten.has(ledger)));
  }

  async zones(subjects: readonly string[]): Promise<ReadonlyMap<string, Zones>> {
    return new Map(
      subjects.flatMap((s) => {
        const zones = this.#zones.get(s);
        return zones === undefined ? [] : [[s, zones] as const];
      }),
    );
  }

  async markUnresolved(stream: string, bucket: number, days: readonly LocalDate[]): Promise<void> {
    for (const day of days) {
      const partition = { stream, day, bucket };
      this.#unresolved.set(partitionKey(partition), { partition, mark: ++this.#marks });
    }
  }

  async unresolvedMark(partition: Partition): Promise<number | null> {
    return this.#unresolved.get(partitionKey(partition))?.mark ?? null;
  }

  async settledDays(
    stream: string,
    bucket: number,
    from: LocalDate,
    to: LocalDate,
  ): Promise<LocalDate[]> {
    const days = this.#settled.get(`${stream}/${bucket}`) ?? new Set();
    return [...days].filter((day) => from <= day && day <= to).sort();
  }

  async counted(counted: Counted): Promise<void> {
    const { stream, day, bucket } = counted.manifest;
    const key = partitionKey({ stream, day, bucket });
    this.settled({ stream, day, bucket });
    this.#counted.set(key, counted);
    if (this.#unresolved.get(key)?.mark === counted.mark) this.#unresolved.delete(key);
  }

  /** What each partition contributes, by its day. */
  parts(): { day: LocalDate; measure: string; key: string; n: number; isDaily: boolean }[] {
    return [...this.#counted.values()].flatMap(({ manifest: { day }, parts, daily }) =>
      parts.map(({ measure, key, n }) => ({
        ...{ day, measure, key, n, isDaily: daily.includes(measure) },
      })),
    );
  }

  /** Every total, made of what all partitions contribute; of what is daily there is none. */
  totals(): Counts {
    const counts = new Counts();
    for (const { day, measure, key, n } of this.parts().filter(({ isDaily }) => !isDaily))
      for (const period of periodsOf(day)) counts.total(period, key, measure, n);
    return counts;
  }
}

export interface FileArchive {
  readonly ports: SettlePorts;
  readonly index: MemoryIndex;
}

export function fileArchive(folder: string, zones?: ReadonlyMap<string, Zones>): FileArchive {
  const index = new MemoryIndex(zones);
  return {
    index,
    ports: {
      ...{ objects: new Files(folder), index, zstd: nodeZstd, ownerOnly },
      vault: { resolveSamples: async (asks) => asks.map(() => ({ facts: [] })) },
      tellAgain: async () => true,
    },
  };
}
