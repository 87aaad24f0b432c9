/**
 * The second half of settling: what a day's facts come to becomes a new version of its conclusions,
 * and what they count becomes its part of the totals.
 */
import type { Partition } from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import type { Instant } from "../../domain/time.ts";
import type { Asked } from "./asked-day.ts";
import { commit, named, oversized, straysOf, untilSwapped, versionAfter } from "./commit.ts";
import { resolvedRow } from "./concluded.ts";
import { type Manifest, manifestFormat } from "./manifest.ts";
import {
  factFields,
  objectBytesMax,
  type ResolvedRow,
  resolvedFields,
  sha256Of,
  VersionWriter,
} from "./parquet.ts";
import type { Held, PartRow, SettlePorts } from "./ports.ts";
import { resolveDay } from "./resolve-day.ts";
import { Parts } from "./totals.ts";
import { Window } from "./window.ts";

export interface Resolved {
  /** False: it came to what it had come to before. */
  readonly changed: boolean;
  /** Null: there is nothing, and nothing was asked. */
  readonly manifest: Manifest | null;
  readonly parts: number;
  /** Whose ledgers told otherwise than the vault resolves: drift. */
  readonly differs: number;
}

/**
 *   1. the mark is read, then the manifest  what is marked from here on stays marked
 *   2. the day is resolved out of the facts around it, a slice of subjects at a time; where the vault
 *      resolves, it is asked for each of them
 *   3. the version is created               a crash here: nothing names it; the next one deletes it
 *   4. the manifest is swapped              a crash here: still marked; it is done again, and comes
 *                                           to the same version
 *   5. versions that nothing names go       a crash here: likewise, and the next one deletes them
 *   6. ledgers that told otherwise than the vault are asked to publish that day again
 *                                           a crash here: they are asked again; if any could not be
 *                                           asked, the mark stays, and a later run does
 *   7. parts, totals and mirror are written, and the mark is cleared, in one transaction
 * What is not marked, and was resolved by this rule, is left alone.
 */
export async function resolvePartition(
  ports: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  nowMs: Instant,
): Promise<Resolved> {
  return untilSwapped(async () => {
    const mark = await ports.index.unresolvedMark(partition);
    const listed = await ports.objects.versions(partition);
    const held = await ports.objects.manifest(partition);
    const rule = ruleOf(stream);
    if (mark === null && (held === null || held.value.resolved?.rule === rule))
      return { changed: false, manifest: held?.value ?? null, parts: 0, differs: 0 };
    const base = held ?? (await emptyPartition(ports, partition, listed));
    if (base === null) return null;
    const drawn = await draw(ports, stream, partition);
    const { bytes, rows } = drawn;
    const { resolved: before } = base.value;
    const version = versionAfter(base.value, listed);
    const object = await named("resolved", partition, version, bytes, rows, before);
    const isOther = before?.sha256 !== object.sha256;
    const isSame = !isOther && before?.rule === rule;
    let manifest = base.value;
    if (!isSame || straysOf(listed, manifest).length > 0) {
      manifest = { ...base.value, version, resolved: { ...object, rule } };
      const written = isOther ? { object: object.object, bytes } : null;
      if (!(await commit(ports, written, manifest, base.etag, listed))) return null;
    }
    const { day } = partition;
    const { parts, differs, behind } = drawn;
    const areTold = behind.length === 0 || (await ports.tellAgain(stream.name, behind, day));
    await count(ports, stream, manifest, parts, areTold ? mark : null, nowMs);
    return { changed: !isSame, manifest, parts: parts.length, differs };
  });
}

/**
 * Counts again by the rules of today, without touching an object. Null when what it counts is not
 * what the manifest names: then it has to be resolved first.
 */
export async function recountPartition(
  ports: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  nowMs: Instant,
): Promise<Resolved | null> {
  const mark = await ports.index.unresolvedMark(partition);
  const manifest = (await ports.objects.manifest(partition))?.value;
  if (mark !== null || manifest?.resolved?.rule !== ruleOf(stream)) return null;
  const drawn = await draw(ports, stream, partition);
  if ((await sha256Of(drawn.bytes)) !== manifest.resolved.sha256) return null;
  const { parts, differs } = drawn;
  await count(ports, stream, manifest, parts, null, nowMs);
  return { changed: false, manifest, parts: parts.length, differs };
}

const count = (
  { index }: SettlePorts,
  { rules, ranked, measures }: AnyStream,
  manifest: Manifest,
  parts: readonly PartRow[],
  mark: number | null,
  nowMs: Instant,
): Promise<void> => {
  const daily = measures.flatMap(({ name, isDaily }) => (isDaily ? [name] : []));
  return index.counted({ manifest, rules: rules.version, ranked, parts, daily, mark, nowMs });
};

const ruleOf = ({ resolve }: AnyStream): number => resolve?.version ?? 0;

/** Steps 2 and, but for the bytes being stored, 3. */
async function draw(ports: SettlePorts, stream: AnyStream, partition: Partition) {
  const { day, bucket } = partition;
  const window = new Window(ports, partition.stream, bucket);
  const ground = { ports, stream, window };
  const writer = new VersionWriter<ResolvedRow>(resolvedFields(stream), ports.zstd);
  const parts = new Parts(stream);
  const behind: string[] = [];
  let differs = 0;
  const judge = (asked: Asked) => {
    if (asked.differs) differs++;
    if (asked.isBehind) behind.push(asked.subject);
  };
  for await (const slice of resolveDay(ground, day, judge))
    for (const one of slice) {
      writer.add(resolvedRow(stream, day, one));
      parts.add(one);
      if (!writer.fits) throw oversized("resolved", partition);
    }
  const bytes = writer.finish();
  if (bytes.length > objectBytesMax) throw oversized("resolved", partition);
  return { bytes, rows: writer.rows, parts: parts.rows(), differs, behind };
}

/** A day that nothing happened on may still have conclusions: an offset can move one there. */
async function emptyPartition(
  ports: SettlePorts,
  partition: Partition,
  listed: readonly string[],
): Promise<Held<Manifest> | null> {
  const bytes = new VersionWriter(factFields, ports.zstd).finish();
  const version = versionAfter(null, listed);
  const object = await named("facts", partition, version, bytes, 0, null);
  const facts = { ...object, covers: null };
  const { stream, day, bucket } = partition;
  await ports.objects.create(facts.object, bytes);
  const manifest: Manifest = {
    format: manifestFormat,
    ...{ stream, day, bucket, version, facts, resolved: null, merged: [] },
  };
  await ports.objects.swap(manifest, null);
  return ports.objects.manifest(partition);
}
