/** The rows of a snapshot: a day's lines of one merchant, out of the archive's settled versions. */
import { snapshotColumns } from "../../domain/finance/snapshot.ts";
import type { MemberId } from "../../domain/identity.ts";
import { sales } from "../../domain/sales/stream.ts";
import type { LocalDate } from "../../domain/time.ts";
import {
  fetchVersion,
  type ResolvedRow,
  resolvedFields,
  rowGroups,
  sha256Of,
  VersionWriter,
} from "../../kernel/settle/parquet.ts";
import type { SettlePorts, Zstd } from "../../kernel/settle/ports.ts";

export type SnapshotRow = Readonly<Record<string, string | number | boolean | null>>;

const fields = snapshotColumns.map((name) => {
  const field = resolvedFields(sales).find((one) => one.name === name);
  if (field === undefined) throw new Error("a snapshot has columns of the archive only");
  return field;
});

export const snapshotWriter = (zstd: Zstd) => new VersionWriter<SnapshotRow>(fields, zstd);

/** More than one object may hold: the day cannot be copied. */
export class DayTooLarge extends Error {
  override readonly name = "DayTooLarge";
}

export interface CopiedDay {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly rows: number;
  readonly sha256: string;
  readonly versions: readonly (readonly [bucket: number, version: number])[];
}
type Forgotten = (persons: readonly string[]) => Promise<ReadonlySet<string>>;

/**
 * By bucket, and in each as the archive has them: the same versions are the same bytes. Who was
 * forgotten is not named. Throws where a version is replaced while it is read, or is damaged.
 */
export async function copiedDay(
  { objects, zstd }: SettlePorts,
  merchant: MemberId,
  day: LocalDate,
  forgotten: Forgotten,
): Promise<CopiedDay> {
  const writer = snapshotWriter(zstd);
  const versions: [number, number][] = [];
  for (let bucket = 0; bucket < sales.buckets; bucket++) {
    const manifest = (await objects.manifest({ stream: sales.name, day, bucket }))?.value;
    if (!manifest?.resolved) continue;
    const { version, resolved } = manifest;
    const before = writer.rows;
    const bytes = await fetchVersion(objects, resolved);
    for await (const group of rowGroups<ResolvedRow>(bytes, resolved, zstd)) {
      const own = group.filter((row) => row.merchant === merchant);
      const gone = await forgotten(personsOf(own));
      for (const row of own) {
        if (!writer.fits) throw new DayTooLarge();
        const named = row.person !== null && gone.has(String(row.person));
        writer.add(named ? { ...row, person: null } : row);
      }
    }
    if (writer.rows > before) versions.push([bucket, version]);
  }
  return { ...(await finished(writer)), versions };
}

const personsOf = (rows: readonly ResolvedRow[]): string[] => [
  ...new Set(rows.flatMap(({ person }) => (person === null ? [] : [String(person)]))),
];

export async function finished(writer: VersionWriter<SnapshotRow>) {
  const bytes = writer.finish().slice() as Uint8Array<ArrayBuffer>;
  return { bytes, rows: writer.rows, sha256: await sha256Of(bytes) };
}
