/** What one round takes of what has landed: so many objects and bytes, and the lines that stand. */
import { ledgerName, type Partition } from "../../domain/ports.ts";
import type { AnyStream } from "../../domain/streams.ts";
import { landingBytesMax, parseLanding, winners } from "./lines.ts";
import { ArchiveFault } from "./manifest.ts";
import type { FactRow } from "./parquet.ts";
import type { Index, Landed, SettlePorts } from "./ports.ts";

/** So that little is held at once; a larger object is a round by itself. */
const roundObjectsMax = 200;
const roundBytesMax = 8 * 1024 * 1024;

/**
 * The oldest first, at least one; `more` when the next round has something to take too. `anew`: all
 * of it came again, so one that is too large is taken as well, and not read.
 */
export async function take(
  { index }: SettlePorts,
  partition: Partition,
  anew: boolean,
): Promise<{ readonly taken: readonly Landed[]; readonly more: boolean }> {
  const landed = await index.landed(partition, roundObjectsMax + 1);
  let bytes = 0;
  let count = 0;
  for (const { object, bytes: size } of landed) {
    if (size > landingBytesMax && !anew) throw new ArchiveFault("oversized-landing", object);
    bytes += size;
    if (count === roundObjectsMax || (count > 0 && bytes > roundBytesMax)) break;
    count++;
  }
  return { taken: landed.slice(0, count), more: count < landed.length };
}

/**
 * Sorted, each identity once, without the forgotten. `known`: names that may be gone already.
 * `anew`: what is gone or cannot be read is left out, for all of it came again.
 */
export async function landedRows(
  ports: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  taken: readonly Landed[],
  known: (object: string) => boolean,
  anew: boolean,
): Promise<FactRow[]> {
  const rows: FactRow[] = [];
  for (const landed of taken)
    try {
      for (const row of await rowsOf(ports, stream, partition, landed, known)) rows.push(row);
    } catch (fault) {
      if (!anew || !(fault instanceof ArchiveFault)) throw fault;
    }
  const forgotten = await forgottenOf(ports.index, partition.stream, rows);
  return winners(rows.filter((row) => !forgotten.has(row.subject)));
}

async function rowsOf(
  { objects }: SettlePorts,
  stream: AnyStream,
  partition: Partition,
  { object, bytes: size }: Landed,
  known: (object: string) => boolean,
): Promise<readonly FactRow[]> {
  if (size > landingBytesMax) throw new ArchiveFault("oversized-landing", object);
  const bytes = await objects.get(object);
  if (bytes === null && known(object)) return [];
  if (bytes === null) throw new ArchiveFault("missing-landing", object);
  if (bytes.length > landingBytesMax) throw new ArchiveFault("oversized-landing", object);
  return [...parseLanding(stream, partition, object, bytes)];
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
