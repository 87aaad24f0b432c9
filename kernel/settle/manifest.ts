/**
 * A partition's manifest: which objects are its current version, and what they must be. It is the
 * one thing that is ever overwritten, by compare-and-set, so that two settlers cannot both win.
 * Objects are named by the version that first named them, and by their content: a name is never
 * given twice, so what one settler deletes cannot be what another one has just made current.
 */
import * as z from "zod";
import type { Partition } from "../../domain/ports.ts";

/** Of this form; one that a newer Singlet wrote is refused, not guessed at. */
export const manifestFormat = 1;

const digest = z.string().regex(/^[0-9a-f]{64}$/);
const objectSchema = z.strictObject({
  object: z.string().max(512),
  rows: z.int().nonnegative(),
  bytes: z.int().positive(),
  sha256: digest,
});

const manifestSchema = z.strictObject({
  format: z.literal(manifestFormat),
  stream: z.string(),
  day: z.string(),
  bucket: z.int().nonnegative(),
  /** Counts up with every commit. */
  version: z.int().positive(),
  /** Statements, tombstones too. */
  facts: objectSchema.extend({
    /** The time that its live facts cover, both ends included; null when none lives. */
    covers: z.strictObject({ fromMs: z.int(), toMs: z.int() }).nullable(),
  }),
  /** What counts of them, by the rule of that version; null until it was drawn. */
  resolved: objectSchema.extend({ rule: z.int() }).nullable(),
  /** Landing objects that are in `facts` and may not be deleted yet. */
  merged: z.array(z.string().max(512)),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type ManifestObject = z.infer<typeof objectSchema>;
export type FactsObject = Manifest["facts"];

/** What stands in the way of a partition, and which object it is. Nothing is overwritten. */
export type FaultKind =
  | "malformed-manifest"
  | "manifest-from-the-future"
  | "missing-version"
  | "damaged-version"
  | "oversized-version"
  | "missing-landing"
  | "malformed-landing"
  | "oversized-landing";

export class ArchiveFault extends Error {
  readonly kind: FaultKind;
  readonly object: string;
  constructor(kind: FaultKind, object: string) {
    super(`${kind}: ${object}`);
    this.name = "ArchiveFault";
    this.kind = kind;
    this.object = object;
  }
}

/** `facts/<stream>/<day>/<bucket>/` and `resolved/…` are a partition's folders of versions. */
const folderOf = ({ stream, day, bucket }: Partition): string =>
  `${stream}/${day}/${String(bucket).padStart(2, "0")}`;

/** `manifest/<stream>/<day>/<bucket>.json` */
export const manifestName = (partition: Partition): string =>
  `manifest/${folderOf(partition)}.json`;

/** `facts/<stream>/<day>/<bucket>/`, and `resolved/…` beside it. */
export const versionFolder = (part: "facts" | "resolved", partition: Partition): string =>
  `${part}/${folderOf(partition)}/`;

const versionDigits = 8;

/** `facts/<stream>/<day>/<bucket>/<version, 8 digits>-<sha256>.parquet` */
export const versionName = (
  part: "facts" | "resolved",
  partition: Partition,
  version: number,
  sha256: string,
): string => {
  const label = String(version).padStart(versionDigits, "0");
  return `${versionFolder(part, partition)}${label}-${sha256}.parquet`;
};

/** Which version first named it; 0 for another name. */
export const versionIn = (name: string): number =>
  Number(/\/(\d{8,15})-[0-9a-f]{64}\.parquet$/.exec(name)?.[1] ?? 0);

/** Throws `ArchiveFault`: malformed, from the future, or another partition's. */
export function parseManifest(partition: Partition, text: string): Manifest {
  const object = manifestName(partition);
  let raw: unknown;
  try {
    raw = JSON.parse(text);
  } catch {
    throw new ArchiveFault("malformed-manifest", object);
  }
  const format = (raw as { format?: unknown } | null)?.format;
  if (typeof format === "number" && format > manifestFormat)
    throw new ArchiveFault("manifest-from-the-future", object);
  const parsed = manifestSchema.safeParse(raw);
  if (!parsed.success) throw new ArchiveFault("malformed-manifest", object);
  const { stream, day, bucket } = parsed.data;
  if (stream !== partition.stream || day !== partition.day || bucket !== partition.bucket)
    throw new ArchiveFault("malformed-manifest", object);
  return parsed.data;
}
