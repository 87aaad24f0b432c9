/**
 * The archive in memory: objects, manifests that are swapped, and the warehouse's index of them.
 * Every call is counted, so that the Nth one can fail: before its effect, or after it, when only
 * its answer is lost.
 */
import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import {
  bucketOf,
  type Change,
  type MemberSettings,
  type OpenFact,
  type Partition,
} from "../../../domain/ports.ts";
import type { LocalDate } from "../../../domain/time.ts";
import { manifestName, parseManifest } from "../../../kernel/settle/manifest.ts";
import type { Counted, Landed, SettlePorts, Zstd } from "../../../kernel/settle/ports.ts";
import { encodeChanges, groupByPartition, objectName } from "../../../workers/archive/partition.ts";
import type { Fault } from "../memory-world.ts";

export const zstd: Zstd = {
  compress: (bytes) => new Uint8Array(zstdCompressSync(bytes)),
  decompress: (bytes) => new Uint8Array(zstdDecompressSync(bytes)),
};

const keyOf = ({ stream, day, bucket }: Partition) => JSON.stringify([stream, day, bucket]);
const partitionOf = (key: string): Partition => {
  const [stream, day, bucket] = JSON.parse(key) as [string, string, number];
  return { stream, day, bucket };
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

const nothing = () => ({
  objects: new Map<string, Uint8Array>(),
  etags: new Map<string, string>(),
  landed: new Map<string, Landed[]>(),
  dirty: new Set<string>(),
  unresolved: new Map<string, number>(),
  counted: new Map<string, Counted>(),
  forgotten: new Set<string>(),
  zones: new Map<string, MemberSettings["zones"]>(),
});

/** Where it is and what it holds: how many versions it took to come there is nobody's promise. */
const withoutVersion = (name: string) => name.replace(/\/\d{8}-(?=[0-9a-f]{64}\.parquet$)/, "/");

/** Over what `copy` gave of another one, or over nothing. */
export function memoryArchive(stored = nothing()) {
  const { objects, etags, landed, dirty, unresolved, counted, forgotten, zones } = stored;
  const vault = {
    resolve: (_subject: string, _day: LocalDate): readonly OpenFact[] => [],
    /** Whose ledgers were asked to publish which day again. */
    told: [] as string[],
    areLedgersThere: true,
  };
  const calls: string[] = [];
  const faults: { next: Fault | null } = { next: null };
  // Past all that was copied: an etag or a mark that came again would let a late one win.
  let clock = Math.max(1000, ...[...etags.values()].map(Number), ...unresolved.values());

  async function call<T>(name: string, effect: () => T): Promise<T> {
    calls.push(name);
    const when = faults.next?.nth === calls.length ? faults.next.when : null;
    if (when === "before") throw new Error(`${name} failed`);
    const answer = effect();
    if (when === "after") throw new Error(`${name} answered, and the answer was lost`);
    return answer;
  }
  const held = (partition: Partition) => {
    const name = manifestName(partition);
    const bytes = objects.get(name);
    if (bytes === undefined) return null;
    return { value: parseManifest(partition, text(bytes)), etag: etags.get(name) ?? "" };
  };
  const putManifest = (name: string, body: string) => {
    objects.set(name, new TextEncoder().encode(body));
    etags.set(name, String(++clock));
  };
  const ports: SettlePorts = {
    zstd,
    ownerOnly: [],
    vault: {
      resolveSamples: (asks) =>
        call("ask", () =>
          asks.map(({ member, days }) => ({
            facts: days.flatMap((day) => vault.resolve(member, day)),
          })),
        ),
    },
    tellAgain: (_, subjects, day) =>
      call("tellAgain", () => {
        vault.told.push(...subjects.map((subject) => `${subject} ${day}`));
        return vault.areLedgersThere;
      }),
    objects: {
      get: (name) => call("get", () => objects.get(name) ?? null),
      create: (name, bytes) =>
        call("create", () => {
          if (!objects.has(name)) objects.set(name, bytes.slice());
        }),
      delete: (names) =>
        call("delete", () => {
          for (const name of names) objects.delete(name);
        }),
      versions: ({ stream, day, bucket }) =>
        call("versions", () => {
          const folder = `/${stream}/${day}/${String(bucket).padStart(2, "0")}/`;
          const isHere = (name: string) =>
            name.startsWith(`facts${folder}`) || name.startsWith(`resolved${folder}`);
          return [...objects.keys()].filter(isHere);
        }),
      manifest: (partition) => call("manifest", () => held(partition)),
      manifestEtag: (partition) =>
        call("manifestEtag", () => etags.get(manifestName(partition)) ?? null),
      swap: (next, etag) =>
        call("swap", () => {
          const name = manifestName(next);
          if ((etags.get(name) ?? null) !== etag) return false;
          putManifest(name, JSON.stringify(next));
          return true;
        }),
    },
    index: {
      landed: (partition, limit) =>
        call("landed", () => (landed.get(keyOf(partition)) ?? []).slice(0, limit)),
      merged: (partition, names) =>
        call("merged", () => {
          const key = keyOf(partition);
          const left = (landed.get(key) ?? []).filter((l) => !names.includes(l.object));
          landed.set(key, left);
          if (left.length === 0) dirty.delete(key);
        }),
      forgotten: (ledgers) =>
        call("forgotten", () => new Set(ledgers.filter((l) => forgotten.has(l)))),
      zones: (subjects) =>
        call("zones", () => new Map([...zones].filter(([s]) => subjects.includes(s)))),
      markUnresolved: (stream, bucket, days) =>
        call("markUnresolved", () => {
          for (const day of days) unresolved.set(keyOf({ stream, day, bucket }), ++clock);
        }),
      unresolvedMark: (partition) =>
        call("unresolvedMark", () => unresolved.get(keyOf(partition)) ?? null),
      settledDays: (stream, bucket, from, to) =>
        call("settledDays", () =>
          [...objects.keys()].flatMap((name): LocalDate[] => {
            const [folder, s, day = "", file = ""] = name.split("/");
            const isHere =
              folder === "manifest" && s === stream && Number.parseInt(file, 10) === bucket;
            return isHere && from <= day && day <= to ? [day] : [];
          }),
        ),
      counted: (row) =>
        call("counted", () => {
          const { stream, day, bucket } = row.manifest;
          const key = keyOf({ stream, day, bucket });
          const one = JSON.stringify([key, row.rules]);
          // What was counted of a newer version stays.
          const { version } = counted.get(one)?.manifest ?? { version: 0 };
          if (version <= row.manifest.version) counted.set(one, row);
          if (row.mark !== null && unresolved.get(key) === row.mark) unresolved.delete(key);
        }),
    },
  };

  return {
    ports,
    objects,
    calls,
    forgotten,
    zones,
    counted,
    vault,
    held,
    /** Bytes in a manifest's place, however they came there. */
    putManifest: (partition: Partition, body: string) => putManifest(manifestName(partition), body),
    copy: () => structuredClone(stored),
    /** The Nth call from now on fails; null: none. */
    fail(next: Fault | null) {
      calls.length = 0;
      faults.next = next;
    },
    /** One object a partition, as sorting writes it. */
    async land(changes: readonly Change[]): Promise<void> {
      for (const group of groupByPartition(changes)) {
        const { bytes } = encodeChanges(group.changes);
        const object = await objectName(group, bytes);
        if (!objects.has(object)) objects.set(object, bytes);
        const known = landed.get(keyOf(group)) ?? [];
        if (!known.some((l) => l.object === object))
          landed.set(keyOf(group), [...known, { object, bytes: bytes.length }]);
        dirty.add(keyOf(group));
      }
    },
    markDirty: (partition: Partition) => void dirty.add(keyOf(partition)),
    dirty: (): Partition[] => [...dirty].sort().map(partitionOf),
    unresolved: (): Partition[] => [...unresolved.keys()].sort().map(partitionOf),
    settled: (): Partition[] =>
      [...objects.keys()]
        .filter((name) => name.startsWith("manifest/"))
        .sort()
        .map((name) => {
          const [, stream = "", day = "", file = ""] = name.split("/");
          return { stream, day, bucket: Number.parseInt(file, 10) };
        }),
    /** What a settled archive is: every object but manifests by digest, and the parts of totals. */
    state(): unknown {
      const names = [...objects.keys()]
        .filter((name) => !name.startsWith("manifest/"))
        .map(withoutVersion)
        .sort();
      const parts = [...counted]
        .map(([key, { parts: rows }]) => [key, rows] as const)
        .filter(([, rows]) => rows.length > 0)
        .sort(([a], [b]) => (a < b ? -1 : 1));
      return { names, parts, dirty: [...dirty], unresolved: [...unresolved.keys()] };
    },
  };
}
export type MemoryArchive = ReturnType<typeof memoryArchive>;

/** Changes as a ledger would number them. */
export const changesOf = (
  subject: string,
  list: readonly { readonly day: LocalDate; readonly statement: Change["statement"] }[],
  firstSeq = 1,
  stream = "workouts",
): Change[] =>
  list.map(({ day, statement }, i) => ({
    ledger: `${stream}/${subject}`,
    seq: firstSeq + i,
    stream,
    day,
    bucket: bucketOf(subject, 16),
    statement,
  }));
