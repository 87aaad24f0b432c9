/**
 * Landing objects of any size for `settle.ts`: every member rides once a day, told by a watch and by
 * a phone. Rows are counted, not random, so that whoever reads them can be checked.
 */
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Change, ledgerName, type OpenStatement, type Partition } from "../domain/ports.ts";
import { addDays } from "../domain/time.ts";
import { workouts } from "../domain/workouts/stream.ts";
import { partitionKey } from "../test/oracle/file-archive.ts";

/** What one landing object holds: a few of the queue's batches. */
const changesPerObject = 500;
export const tellersPerRide = 2;
const firstDay = "2026-01-05";
const hourMs = 3_600_000;

export interface Size {
  readonly days: number;
  readonly rowsPerPartition: number;
}

export const rowsOf = ({ days, rowsPerPartition }: Size): number =>
  days * workouts.buckets * rowsPerPartition;

/** The nth day's partitions. */
export const partitionsOf = (day: number): Partition[] =>
  Array.from({ length: workouts.buckets }, (_, bucket) => ({
    stream: workouts.name,
    day: addDays(firstDay, day),
    bucket,
  }));

const digest = (...of: readonly (string | number)[]): string =>
  createHash("sha256").update(JSON.stringify(of)).digest("base64url");

/**
 * A wave's statement: 0 the first one; later waves correct nine of ten and retract the rest.
 * `share`: how much of the partition the wave concerns, in thousandths.
 */
export interface Wave {
  readonly number: number;
  readonly share: number;
}

function changeOf(partition: Partition, row: number, wave: number): Change {
  const rider = Math.floor(row / tellersPerRide);
  const isWatch = row % tellersPerRide === 0;
  const member = `mem_${digest("member", partition.bucket, rider).slice(0, 22)}`;
  const id = digest("fact", member, partition.day, row);
  const startMs = Date.parse(`${partition.day}T05:00:00Z`) + (rider % 600) * 60_000;
  const fact = {
    id,
    revision: wave + 1,
    at: startMs + (isWatch ? 0 : 17_000),
    member,
    connection: digest("connection", member, isWatch ? 0 : 1),
    provider: isWatch ? "garmin" : "apple-health",
    originId: digest("origin", id),
    copyOf: null,
    type: "cycling",
    elapsedMs: hourMs + (rider % 977) * 1000,
    movingMs: hourMs,
    distanceMm: 20_000_000 + (rider % 9973) * 1000 + wave * 7,
    energyMcal: 600_000_000,
    elevationGainMm: 120_000,
    offsetMin: 60,
    method: isWatch ? "device" : "phone",
    deviceModel: isWatch ? "Edge 840" : "iPhone",
    app: null,
    speedMmps: null,
    hasTrack: true,
    heartRateBy: null,
  };
  const isGone = wave > 0 && rider % 10 === 9;
  const statement = isGone ? { id, revision: wave + 1, retracted: true } : fact;
  return {
    ledger: ledgerName(workouts.name, member),
    seq: wave * 1_000_000 + row + 1,
    ...partition,
    statement: statement as unknown as OpenStatement,
  };
}

/** Writes a partition's landing objects; returns how many changes they hold. */
export function land(folder: string, partition: Partition, size: Size, wave: Wave): number {
  const path = join(folder, "land", partitionKey(partition));
  mkdirSync(path, { recursive: true });
  const rows = Math.round((size.rowsPerPartition * wave.share) / 1000);
  for (let from = 0; from < rows; from += changesPerObject) {
    const lines: string[] = [];
    for (let row = from; row < Math.min(rows, from + changesPerObject); row++)
      lines.push(`${JSON.stringify(changeOf(partition, row, wave.number))}\n`);
    writeFileSync(
      join(path, `${wave.number}-${String(from).padStart(8, "0")}.ndjson`),
      lines.join(""),
    );
  }
  return rows;
}
