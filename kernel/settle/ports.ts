/**
 * What settling needs from outside: objects that are created once, manifests that are swapped, and
 * an index of what waits. Every call may be repeated; one that rejects may have happened.
 */
import type { MemberSettings, Partition } from "../../domain/ports.ts";
import type { ResolvingVault } from "../../domain/stream.ts";
import type { Instant, LocalDate } from "../../domain/time.ts";
import type { Manifest } from "./manifest.ts";

export interface Held<T> {
  readonly value: T;
  /** Of what was read: a swap succeeds only over it. */
  readonly etag: string;
}

/** The archive's bucket. */
export interface Objects {
  /** Null: there is no such object. */
  get(name: string): Promise<Uint8Array | null>;
  /** One that is there already stays: a name tells its content. */
  create(name: string, bytes: Uint8Array): Promise<void>;
  delete(names: readonly string[]): Promise<void>;
  /** Every object under the partition's folders of `facts/` and `resolved/`, named or not. */
  versions(partition: Partition): Promise<readonly string[]>;
  /** Throws `ArchiveFault` for one that cannot be read. Null: never settled. */
  manifest(partition: Partition): Promise<Held<Manifest> | null>;
  /** Of whatever lies in the manifest's place, readable or not; null: nothing does. */
  manifestEtag(partition: Partition): Promise<string | null>;
  /** False when somebody else was first. `etag` null: there must be none yet. */
  swap(next: Manifest, etag: string | null): Promise<boolean>;
}

export interface Landed {
  readonly object: string;
  readonly bytes: number;
}

/** The warehouse's index of the archive. */
export interface Index {
  /** The landing objects of a partition, the oldest first. */
  landed(partition: Partition, limit: number): Promise<readonly Landed[]>;
  /** Forgets landing objects that are merged; clears the dirty mark if none are left. */
  merged(partition: Partition, objects: readonly string[]): Promise<void>;
  /** Of these ledgers, those that are forgotten. */
  forgotten(ledgers: readonly string[]): Promise<ReadonlySet<string>>;
  /** The settings of these subjects; who is unknown has none. */
  zones(subjects: readonly string[]): Promise<ReadonlyMap<string, MemberSettings["zones"]>>;
  /** These days of that bucket have to be resolved anew. */
  markUnresolved(
    stream: string,
    bucket: number,
    days: readonly LocalDate[],
    nowMs: Instant,
  ): Promise<void>;
  /** The mark to be cleared later; null: it need not be resolved. */
  unresolvedMark(partition: Partition): Promise<number | null>;
  /** Which of these days of that bucket have a manifest. */
  settledDays(
    stream: string,
    bucket: number,
    from: LocalDate,
    to: LocalDate,
  ): Promise<readonly LocalDate[]>;
  /**
   * In one transaction: what the partition contributes to each total under one version of the rules
   * is replaced; the totals of the periods it lies in are made anew from all contributions, those
   * of daily measures go; its boards, if it has any, are to be compared; its mirror is written; the
   * mark is cleared if it is still that one.
   */
  counted(counted: Counted): Promise<void>;
}

export interface Counted {
  readonly manifest: Manifest;
  readonly rules: number;
  /** Whether its stream has boards. */
  readonly ranked: boolean;
  readonly parts: readonly PartRow[];
  /** Measures of which only days are counted (`isDaily`). */
  readonly daily: readonly string[];
  /** Null: the mark stays, or there was none. */
  readonly mark: number | null;
  readonly nowMs: Instant;
}
export interface PartRow {
  readonly measure: string;
  readonly fold: "sum" | "min" | "max" | "latest";
  readonly key: string;
  readonly n: number;
  readonly atMs: Instant;
}

/** Zstandard (RFC 8878), from the platform. The same bytes for the same input. */
export interface Zstd {
  compress(bytes: Uint8Array): Uint8Array;
  decompress(bytes: Uint8Array, length: number): Uint8Array;
}

export interface SettlePorts {
  readonly objects: Objects;
  readonly index: Index;
  readonly zstd: Zstd;
  /** For streams that the vault resolves. */
  readonly vault: ResolvingVault;
  /**
   * The ledgers of these subjects were told otherwise than the vault resolves: they are to ask it, and
   * publish that day again. False: not all of them could be told.
   */
  tellAgain(stream: string, subjects: readonly string[], day: LocalDate): Promise<boolean>;
  /** Providers whose values only their owner may see. */
  readonly ownerOnly: readonly string[];
}
