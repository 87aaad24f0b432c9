/** What one round takes of what has landed: so many objects and bytes, and the lines that stand. */
import { ledgerName, type Partition } from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { landingBytesMax, parseLanding, winners } from "./lines.ts";
import { ArchiveFault } from "./manifest.ts";
import type { FactRow } from "./parquet.ts";
import type { Index, Landed, SettlePorts } from "./ports.ts";

/** One object is never more than a round. */
const roundObjectsMax = 200;
const roundBytesMax = landingBytesMax;

/** The oldest first, at least one; `more` when the next round has something to take too. */
export async function take(
  { index }: SettlePorts,
  partition: Partition,
): Promise<{ readonly taken: readonly Landed[]; readonly more: boolean }> {
  const landed = await index.landed(partition, roundObjectsMax + 1);
  let bytes = 0;
  let count = 0;
  for (const { object, bytes: size } of landed) {
    if (size > landingBytesMax) throw new ArchiveFault("oversized-landing", object);
    bytes += size;
    if (count === roundObjectsMax || (count > 0 && bytes > roundBytesMax)) break;
    count++;
  }
  return { taken: landed.slice(0, count), more: count < landed.length };
}

/** Sorted, each identity once, without the forgotten. `known`: names that may be gone already. */
export async function landedRows(
  { objects, index }: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  taken: readonly Landed[],
  known: (object: string) => boolean,
): Promise<FactRow[]> {
  const rows: FactRow[] = [];
  for (const { object } of taken) {
    const bytes = await objects.get(object);
    if (bytes === null) {
      if (known(object)) continue;
      throw new ArchiveFault("missing-landing", object);
    }
    if (bytes.length > landingBytesMax) throw new ArchiveFault("oversized-landing", object);
    for (const row of parseLanding(stream, partition, object, bytes)) rows.push(row);
  }
  const forgotten = await forgottenOf(index, partition.stream, rows);
  return winners(rows.filter((row) => !forgotten.has(row.subject)));
}

/** Of the subjects of these rows, those whose ledgers are forgotten. */
export async function forgottenOf(
  index: Index,
  stream: string,
  rows: readonly FactRow[],
): Promise<ReadonlySet<string>> {
  const ledgers = new Set(rows.map((row) => ledgerName(stream, row.subject)));
  if (ledgers.size === 0) return new Set();
  const forgotten = await index.forgotten([...ledgers]);
  return new Set([...forgotten].map((ledger) => ledger.slice(stream.length + 1)));
}
