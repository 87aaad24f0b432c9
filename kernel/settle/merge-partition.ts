/**
 * The first half of settling: landing objects become a new version of a partition's facts. Landed
 * lines are taken a bounded number of bytes at a time; the version before is read a group at a time
 * and never held. Days whose conclusions may change are marked before the change can be seen.
 */
import type { Partition } from "../../domain/ports.ts";
import type { Span } from "../../domain/stream.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { Instant, LocalDate } from "../../domain/time.ts";
import { commit, named, oversized, straysOf, untilSwapped, versionAfter } from "./commit.ts";
import { union } from "./each-subject.ts";
import { forgottenOf, landedRows, take } from "./landed.ts";
import {
  ArchiveFault,
  type FactsObject,
  type Manifest,
  type ManifestObject,
  manifestFormat,
} from "./manifest.ts";
import { Marks } from "./marks.ts";
import { Merge, type RowChange } from "./merge.ts";
import {
  type FactRow,
  factFields,
  fetchVersion,
  objectBytesMax,
  rowGroups,
  VersionWriter,
} from "./parquet.ts";
import type { SettlePorts } from "./ports.ts";
import { coverOf } from "./resolve-day.ts";

const roundsMax = 100;
/** Names of landing objects that are merged, kept for the index that may still list them. */
const mergedNamesMax = 400;

export interface Merged {
  /** False: everything that landed was there already. */
  readonly changed: boolean;
  /** Null: nothing ever landed that may be kept. */
  readonly manifest: Manifest | null;
  /** Landing objects that were taken in. */
  readonly objects: number;
  /** Days that have to be resolved anew. */
  readonly days: readonly LocalDate[];
  /** More has landed than one call takes in; call again. */
  readonly more: boolean;
}

/**
 * A round, until nothing that landed is left:
 *   1. stored versions are listed, then the manifest is read, then what landed
 *   2. both are merged; rows of forgotten ledgers are dropped
 *   3. days that the changes bear on are marked  a crash here: they are resolved for nothing
 *   4. the version is created                    a crash here: nothing names it; the next one
 *                                                deletes it
 *   5. the manifest is swapped                   a crash here: it names what it merged, so merging
 *                                                that again changes nothing, and marks all around
 *   6. versions that nothing names go            a crash here: the next one deletes them
 *   7. the days are marked again: whoever resolved one between 3 and 5 did so without the change,
 *      and cleared its mark. Whoever was committed meanwhile next to it may bear on other days now:
 *      they are marked too
 *   8. the landing objects go, then their rows   a crash between: the manifest says that they were
 *                                                merged, so they are not missed
 */
export async function mergePartition(
  ports: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  nowMs: Instant,
): Promise<Merged> {
  return rounds(ports, stream, partition, nowMs, false);
}

/**
 * The same over a base that cannot be read: once the ledgers have published everything under that
 * day again, an unreadable manifest, version or landing object gives way to what landed, and goes.
 * One that can be read stays the base, so that a crash between two rounds loses nothing; one from
 * the future is not touched.
 */
export async function rebuildPartition(
  ports: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  nowMs: Instant,
): Promise<Merged> {
  return rounds(ports, stream, partition, nowMs, true);
}

async function rounds(
  ports: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  nowMs: Instant,
  anew: boolean,
): Promise<Merged> {
  let [changed, objects] = [false, 0];
  const days = new Set<LocalDate>();
  for (let n = 0; ; n++) {
    const round = await untilSwapped(() => mergeRound(ports, stream, partition, nowMs, anew));
    changed ||= round.changed;
    objects += round.objects;
    for (const day of round.days) days.add(day);
    if (!round.more || n + 1 === roundsMax)
      return { ...round, changed, objects, days: [...days].sort() };
  }
}

/** What a round builds on. */
interface Base {
  readonly manifest: Manifest | null;
  readonly etag: string | null;
  /** The facts were there, but cannot be read: nothing is built on. */
  readonly lost: boolean;
  /** Facts or conclusions cannot be read: whatever comes of the round is committed. */
  readonly broken: boolean;
}

async function mergeRound(
  ports: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  nowMs: Instant,
  anew: boolean,
): Promise<Merged | null> {
  const { objects, index } = ports;
  const listed = await objects.versions(partition);
  const base = await (anew ? readableBase : plainBase)(ports, partition);
  const { manifest } = base;
  const { taken, more } = await take(ports, partition, anew);
  const names = taken.map((l) => l.object);
  const known = (name: string) => manifest?.merged.includes(name) ?? false;
  const landed = await landedRows(ports, stream, partition, taken, known, anew);
  const version = versionAfter(manifest, listed);
  const next = await mergedFacts(ports, partition, base, version, landed);
  let committed = manifest;
  const { lost, broken } = base;
  const isOther = manifest?.facts.sha256 !== next.facts.sha256;
  // Also where no conclusion changes: how many rows there are is mirrored when it is counted.
  const itself = broken || isOther || committed?.resolved === null;
  const marks = new Marks(ports, stream, { partition, changes: next.changes, lost, itself }, nowMs);
  if (!isThere(base, next.facts, names, listed)) {
    await marks.make();
    committed = nextManifest(partition, base, version, next.facts, names);
    const written = lost || isOther ? { object: next.facts.object, bytes: next.bytes } : null;
    if (!(await commit(ports, written, committed, base.etag, listed))) return null;
    await marks.makeAgain();
  } else if (manifest !== null && names.length > 0) await marks.makeAround();
  if (names.length > 0) await objects.delete(names);
  await index.merged(partition, names);
  const changed = committed?.facts.sha256 !== manifest?.facts.sha256;
  return { changed, manifest: committed, objects: names.length, days: [...marks.days], more };
}

async function plainBase({ objects }: SettlePorts, partition: Partition): Promise<Base> {
  const held = await objects.manifest(partition);
  return { manifest: held?.value ?? null, etag: held?.etag ?? null, lost: false, broken: false };
}

/** Nothing is expected of it: what cannot be read counts as not there. */
async function readableBase(ports: SettlePorts, partition: Partition): Promise<Base> {
  const etag = await ports.objects.manifestEtag(partition);
  try {
    const base = await plainBase(ports, partition);
    const { manifest } = base;
    if (manifest === null) return base;
    if (!(await isReadable(ports, manifest.facts))) return { ...base, lost: true, broken: true };
    const { resolved } = manifest;
    if (resolved === null || (await isReadable(ports, resolved))) return base;
    return { ...base, manifest: { ...manifest, resolved: null }, broken: true };
  } catch (fault) {
    if (!(fault instanceof ArchiveFault) || fault.kind !== "malformed-manifest") throw fault;
    return { manifest: null, etag, lost: true, broken: true };
  }
}

async function isReadable(
  { objects, zstd }: SettlePorts,
  object: ManifestObject,
): Promise<boolean> {
  try {
    const groups = rowGroups(await fetchVersion(objects, object), object, zstd);
    while (!(await groups.next()).done);
    return true;
  } catch (fault) {
    if (fault instanceof ArchiveFault) return false;
    throw fault;
  }
}

/** Nothing that may be kept came to a place where nothing is; or all of it is there already. */
function isThere(
  { manifest, broken }: Base,
  facts: FactsObject,
  names: readonly string[],
  listed: readonly string[],
): boolean {
  if (broken) return false;
  if (manifest === null) return facts.rows === 0 && listed.length === 0;
  return (
    manifest.facts.sha256 === facts.sha256 &&
    names.every((name) => manifest.merged.includes(name)) &&
    straysOf(listed, manifest).length === 0
  );
}

interface Next {
  readonly facts: FactsObject;
  readonly bytes: Uint8Array;
  readonly changes: readonly RowChange[];
}

async function mergedFacts(
  { objects, index, zstd }: SettlePorts,
  partition: Partition,
  { manifest, lost }: Base,
  version: number,
  landed: readonly FactRow[],
): Promise<Next> {
  const writer = new VersionWriter<FactRow>(factFields, zstd);
  let covers: Span | null = null;
  const merge = new Merge(landed, (row) => {
    if (!writer.fits) throw oversized("facts", partition);
    writer.add(row);
    const span = coverOf(row);
    covers = span === null ? covers : union(span, covers);
  });
  if (manifest !== null && !lost) {
    const held = await fetchVersion(objects, manifest.facts);
    for await (const group of rowGroups<FactRow>(held, manifest.facts, zstd))
      merge.group(group, await forgottenOf(index, partition.stream, group));
  }
  merge.finish();
  const bytes = writer.finish();
  // The last group comes on top of what fitted; what nobody could read back is not committed.
  if (bytes.length > objectBytesMax) throw oversized("facts", partition);
  // What could not be read is not built on, nor kept in its place.
  const held = lost ? null : (manifest?.facts ?? null);
  const object = await named("facts", partition, version, bytes, writer.rows, held);
  return { facts: { ...object, covers }, bytes, changes: merge.changes };
}

function nextManifest(
  { stream, day, bucket }: Partition,
  { manifest }: Base,
  version: number,
  facts: FactsObject,
  names: readonly string[],
): Manifest {
  const before = (manifest?.merged ?? []).filter((name) => !names.includes(name));
  return {
    format: manifestFormat,
    ...{ stream, day, bucket },
    version,
    facts,
    resolved: manifest?.resolved ?? null,
    merged: [...before, ...names].slice(-mergedNamesMax),
  };
}
